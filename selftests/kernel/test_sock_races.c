// SPDX-License-Identifier: GPL-2.0
/*
 * Attach, detach, delete and close while other threads send and packets come
 * in: nothing leaves or enters in clear, nothing crashes.
 *
 * ktap-timeout: 1800
 */
#include "srtptest.h"

#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define SIZE	172
#define THREADS	3

struct worker {
	pthread_t thread;
	struct call *call;
	int fd;
	unsigned int number;
	union address to;
	unsigned int sent;
};

static atomic_bool stop;
static atomic_uint next_seq;

/*
 * Threads that send without an end stay no further ahead of the capture than
 * this: else reading it might have no end, either.
 */
#define AHEAD	1000
static atomic_long all_sent, captured;

/*
 * 200 for the three ways together.  On the debug kernel, where each takes long
 * and threads take turns on one processor, the first ones of those.
 */
static int rounds(enum family family)
{
	const char *kernel = getenv("KERNEL");
	int n = family == IPV4 ? 100 : 50;

	return kernel && !strcmp(kernel, "debug") ? n / 5 : n;
}

static void start(struct worker *workers, size_t count, void *(*run)(void *),
		  const struct worker *model)
{
	size_t i;

	stop = false;
	all_sent = 0;
	captured = 0;
	for (i = 0; i < count; i++) {
		workers[i] = *model;
		workers[i].number = i;
		if (pthread_create(&workers[i].thread, NULL, run, &workers[i]))
			FAIL("no thread");
	}
}

static void join(struct worker *workers, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		pthread_join(workers[i].thread, NULL);
}

/* Plain RTP to the port until told to stop. */
static void *flood(void *data)
{
	struct worker *worker = data;
	uint8_t packet[SIZE];

	while (!stop) {
		rtp_simple(packet, SIZE, SSRC, worker->sent++);
		EQUAL(send_to(worker->fd, packet, SIZE, &worker->to), SIZE);
	}
	return NULL;
}

static void test_attach_under_flood(enum family family)
{
	struct worker worker, model = {};
	uint8_t packet[SIZE + 20];
	struct call call;
	int round, i;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	capture_close(&call.wire);
	close(call.sock[RIGHT]);
	model.fd = udp_socket(LEFT, family);
	model.to = call.at[RIGHT];
	start(&worker, 1, flood, &model);
	for (round = 0; round < rounds(family); round++) {
		call.sock[RIGHT] = bound_socket(RIGHT, family, RIGHT_PORT);
		/* some in each of the socket's queues */
		for (i = 0; i < round % 5; i++)
			receive(call.sock[RIGHT], packet, sizeof(packet));
		if (round & 1)
			MUST(recv(call.sock[RIGHT], packet, sizeof(packet), MSG_PEEK));
		call_attach(&call, RIGHT);
		for (i = 0; i < 20; i++)
			nothing_to_receive(call.sock[RIGHT]);
		WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED) > 10, 10);
		nothing_to_receive(call.sock[RIGHT]);
		close(call.sock[RIGHT]);
	}
	stop = true;
	join(&worker, 1);
}

/* Sends of one's own SSRC until the socket says why not. */
static void *send_until_error(void *data)
{
	struct worker *worker = data;
	uint8_t packet[SIZE];
	ssize_t sent;

	for (;;) {
		rtp_simple(packet, SIZE, SSRC + worker->number, worker->sent);
		sent = send_to(worker->fd, packet, SIZE, &worker->to);
		if (sent < 0)
			break;
		EQUAL(sent, SIZE);
		worker->sent++;
	}
	EQUAL(errno, ENOKEY);
	return NULL;
}

/* Reads, and whatever is read must be plaintext of the call. */
static void *read_all(void *data)
{
	const struct timeval nap = { .tv_usec = 5000 };
	struct worker *worker = data;
	uint8_t packet[SIZE + 20], shall[SIZE];
	ssize_t len;

	MUST(setsockopt(worker->fd, SOL_SOCKET, SO_RCVTIMEO, &nap, sizeof(nap)));
	while (!stop) {
		len = recv(worker->fd, packet, sizeof(packet), 0);
		if (len < 0)
			continue;
		rtp_simple(shall, SIZE, ssrc_of(packet, false), seq_of(packet));
		SAME(packet, (size_t)len, shall, (size_t)SIZE);
		worker->sent++;
	}
	return NULL;
}

static void await_received(const struct call *call, uint64_t count)
{
	WAIT_FOR(stat_of(call->sock[RIGHT], call->family, SRTP_A_STATS_RX_SRTP_PACKETS) >= count,
		 10);
}

/* The session of the senders goes; what they sent by then is SRTP. */
static void test_delete_under_senders(enum family family)
{
	struct worker workers[THREADS], reader, model = {};
	struct call call;
	size_t i, total;
	int round;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	call_attach(&call, RIGHT);
	model.fd = call.sock[RIGHT];
	start(&reader, 1, read_all, &model);
	for (round = 0; round < rounds(family); round++) {
		/* a key that was never used with these SSRCs: a new session each time */
		call.session[LEFT] = session_new(LEFT);
		stream_any(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, &master_b3);
		call_attach(&call, LEFT);
		model.fd = call.sock[LEFT];
		model.to = call.at[RIGHT];
		start(workers, THREADS, send_until_error, &model);
		WAIT_FOR(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_SRTP_PACKETS) >
			 (uint64_t)round % 20, 10);
		session_del(LEFT, call.session[LEFT]);
		join(workers, THREADS);
		for (i = 0, total = 0; i < THREADS; i++)
			total += workers[i].sent;
		wire_check(&call, total);
		wire_forget(&call);
		MUST(try_detach(call.sock[LEFT], family));
	}
	stop = true;
	join(&reader, 1);
}

static void *send_some(void *data)
{
	struct worker *worker = data;
	uint8_t packet[SIZE];
	unsigned int i;

	for (i = 0; i < 100; i++) {
		rtp_simple(packet, SIZE, SSRC + worker->number, worker->sent++);
		EQUAL(send_to(worker->fd, packet, SIZE, &worker->to), SIZE);
	}
	return NULL;
}

/* The session of the receiver goes; what was read before is plaintext. */
static void test_delete_under_receivers(enum family family)
{
	struct worker workers[2], readers[2], model = {};
	struct call call;
	int round;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	call_attach(&call, LEFT);
	for (round = 0; round < rounds(family) / 2; round++) {
		call.session[RIGHT] = session_new(RIGHT);
		stream_any(RIGHT, call.session[RIGHT], SRTP_DIRECTION_RX, &master_b3);
		call_attach(&call, RIGHT);
		model = (struct worker){ .fd = call.sock[RIGHT] };
		start(readers, 2, read_all, &model);
		model = (struct worker){
			.fd = call.sock[LEFT], .to = call.at[RIGHT], .sent = 100 * round,
		};
		start(workers, 2, send_some, &model);
		await_received(&call, round % 30);
		session_del(RIGHT, call.session[RIGHT]);
		join(workers, 2);
		stop = true;
		join(readers, 2);
		wire_check(&call, 200);
		wire_forget(&call);
		while (recv(call.sock[RIGHT], (uint8_t[SIZE]){}, SIZE, MSG_DONTWAIT) > 0)
			;
		MUST(try_detach(call.sock[RIGHT], family));
	}
}

static void wait_for_capture(void)
{
	while (!stop && all_sent - captured > AHEAD)
		sched_yield();
}

static void read_wire(struct call *call)
{
	capture_read(&call->wire);
	captured = call->wire.count;
}

/* Sends numbers that nobody else sends, attached or not. */
static void *send_on(void *data)
{
	struct worker *worker = data;
	uint8_t packet[SIZE];

	while (!stop) {
		wait_for_capture();
		rtp_simple(packet, SIZE, SSRC + worker->number, worker->sent);
		if (send_to(worker->fd, packet, SIZE, &worker->to) == SIZE) {
			worker->sent++;
			all_sent++;
		}
	}
	return NULL;
}

static bool some_protected(struct call *call)
{
	read_wire(call);
	return stat_of(call->sock[LEFT], call->family, SRTP_A_STATS_TX_SRTP_PACKETS) > 3;
}

static bool plain_or_authentic(struct call *call, const struct datagram *datagram)
{
	uint8_t plain[SIZE + 20];

	if (datagram->len == SIZE && has_mark(datagram->data, SIZE)) {
		rtp_simple(plain, SIZE, ssrc_of(datagram->data, false), seq_of(datagram->data));
		return !memcmp(plain, datagram->data, SIZE);
	}
	return wire_open(call, datagram, plain) == SIZE;
}

/* Between detach and attach it is plain; each datagram is one or the other. */
static void test_detach_under_senders(enum family family)
{
	struct worker workers[THREADS], model = {};
	struct call call;
	size_t i, total = 0;
	int round;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	call_attach(&call, RIGHT);
	model.fd = call.sock[LEFT];
	model.to = call.at[RIGHT];
	start(workers, THREADS, send_on, &model);
	for (round = 0; round < rounds(family); round++) {
		call_attach(&call, LEFT);
		WAIT_FOR(some_protected(&call), 10);
		MUST(try_detach(call.sock[LEFT], family));
		read_wire(&call);
	}
	stop = true;
	join(workers, THREADS);
	capture_flush(&call.wire);
	for (i = 0; i < THREADS; i++)
		total += workers[i].sent;
	EQUAL(call.wire.count, total);
	for (i = 0; i < call.wire.count; i++)
		CHECK(plain_or_authentic(&call, &call.wire.datagrams[i]));
}

/* When attach has returned, no send that begins then is plain. */
static void test_attach_under_senders(enum family family)
{
	struct worker workers[THREADS], model = {};
	struct call call;
	uint8_t packet[SIZE];
	size_t i;
	int round;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	model.fd = call.sock[LEFT];
	model.to = call.at[RIGHT];
	for (round = 0; round < rounds(family); round++) {
		/* the same packets again, for a session that does not know them */
		session_del(LEFT, call.session[LEFT]);
		call.session[LEFT] = session_new(LEFT);
		stream_any(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, &master_b3);
		start(workers, THREADS, send_on, &model);
		call_attach(&call, LEFT);
		rtp_simple(packet, SIZE, SSRC + 100, round);
		call_send(&call, LEFT, packet, SIZE);
		WAIT_FOR(some_protected(&call), 10);
		stop = true;
		join(workers, THREADS);
		/* each thread had at most one send under way when attach began */
		capture_flush(&call.wire);
		for (i = 0; i < call.wire.count; i++) {
			CHECK(plain_or_authentic(&call, &call.wire.datagrams[i]));
			CHECK(ssrc_of(call.wire.datagrams[i].data, false) != SSRC + 100 ||
			      call.wire.datagrams[i].len == SIZE + SRTP_TRAILER);
			free(call.wire.datagrams[i].data);
		}
		call.wire.count = 0;
		MUST(try_detach(call.sock[LEFT], family));
		while (recv(call.sock[RIGHT], packet, SIZE, MSG_DONTWAIT) > 0)
			;
	}
}

static void *send_until_closed(void *data)
{
	struct worker *worker = data;
	uint8_t packet[SIZE];

	while (!stop) {
		rtp_simple(packet, SIZE, SSRC + worker->number, worker->sent);
		if (send_to(worker->fd, packet, SIZE, &worker->to) < 0)
			break;
		worker->sent++;
	}
	if (!stop)
		EQUAL(errno, EBADF);
	return NULL;
}

static void test_close_under_senders(enum family family)
{
	struct worker workers[THREADS], model = {};
	struct call call;
	unsigned int next = 0;
	size_t i, total;
	int round;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	call_attach(&call, RIGHT);
	for (round = 0; round < rounds(family); round++) {
		close(call.sock[LEFT]);
		call.sock[LEFT] = bound_socket(LEFT, family, LEFT_PORT);
		/* a number far from those that other things here get */
		model.fd = MUST(dup2(call.sock[LEFT], 500));
		close(call.sock[LEFT]);
		call.sock[LEFT] = model.fd;
		call_attach(&call, LEFT);
		model.to = call.at[RIGHT];
		start(workers, THREADS, send_until_closed, &model);
		WAIT_FOR(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_SRTP_PACKETS) > 3, 10);
		close(model.fd);
		join(workers, THREADS);
		for (i = 0, total = 0; i < THREADS; i++)
			total += workers[i].sent - model.sent;
		/* no later round sends what one of this round has sent */
		for (i = 0; i < THREADS; i++)
			if (next < workers[i].sent)
				next = workers[i].sent;
		model.sent = next;
		wire_check(&call, total);
		wire_forget(&call);
	}
}

/* The threads want the same indexes for different octets. */
static void *contend(void *data)
{
	struct worker *worker = data;
	uint8_t packet[SIZE];
	unsigned int seq;
	ssize_t sent;

	for (seq = 0; seq < 2000; seq++) {
		rtp_simple(packet, SIZE, SSRC, seq);
		packet[SIZE - 1] = worker->number;
		sent = send_to(worker->fd, packet, SIZE, &worker->to);
		if (sent < 0)
			CHECK(errno == EEXIST);
		else
			worker->sent++;
	}
	return NULL;
}

static void test_same_index(enum family family)
{
	struct worker workers[THREADS], model = {};
	struct call call;
	uint8_t seen[2000] = {};
	size_t i, total = 0;

	call_begin(&call, family, SRTP_ROLE_RTP);
	model.fd = call.sock[LEFT];
	model.to = call.at[RIGHT];
	start(workers, THREADS, contend, &model);
	join(workers, THREADS);
	for (i = 0; i < THREADS; i++)
		total += workers[i].sent;
	wire_check(&call, total);
	for (i = 0; i < call.wire.count; i++)
		CHECK(!seen[seq_of(call.wire.datagrams[i].data)]++);
	CHECK(total >= 2000 - 512);
}

/* One SSRC from several threads, each number once. */
static void *share(void *data)
{
	struct worker *worker = data;
	uint8_t packet[SIZE];
	unsigned int seq;

	while ((seq = next_seq++) < 4000) {
		rtp_simple(packet, SIZE, SSRC, seq);
		EQUAL(send_to(worker->fd, packet, SIZE, &worker->to), SIZE);
		rtcp_build(packet, 52, SSRC, seq);
		EQUAL(send_to(worker->fd, packet, 52, &worker->to), 52);
	}
	return NULL;
}

static void test_shared_stream(enum family family)
{
	struct worker workers[THREADS], model = {};
	struct stream stream;
	uint8_t plain[52], *seen;
	struct call call;
	uint32_t index;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_MUX);
	set_int(call.sock[RIGHT], SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20);
	model.fd = call.sock[LEFT];
	model.to = call.at[RIGHT];
	next_seq = 0;
	start(workers, THREADS, share, &model);
	join(workers, THREADS);
	wire_check(&call, 8000);
	CHECK(seen = calloc(1, 4000));
	for (i = 0; i < call.wire.count; i++) {
		if (!is_rtcp(call.wire.datagrams[i].data))
			continue;
		CHECK(reference_open_rtcp(&call.reference[LEFT], &index,
					  call.wire.datagrams[i].data,
					  call.wire.datagrams[i].len, plain) == 52);
		CHECK(index < 4000 && !seen[index]++);
	}
	CHECK(stream_find(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, SSRC, &stream));
	EQUAL(stream.seq, 3999);
	EQUAL(stream.srtcp_index, 4000);
	EQUAL(stream.stats[SRTP_A_STATS_TX_SRTP_PACKETS], 4000);
	/* a thread that had to wait between index and wire may come after the window */
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_SRTP_PACKETS) +
	      stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_SRTCP_PACKETS) +
	      stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_TOO_OLD), 8000);
}

/* The first packets of a wildcard's SSRC, from all threads at once. */
static void *first_packets(void *data)
{
	struct worker *worker = data;
	uint8_t packet[SIZE];
	unsigned int ssrc;

	for (ssrc = 0; ssrc < 60; ssrc++) {
		rtp_simple(packet, SIZE, SSRC + ssrc, worker->number);
		EQUAL(send_to(worker->fd, packet, SIZE, &worker->to), SIZE);
	}
	return NULL;
}

static void test_wildcard(enum family family)
{
	struct worker workers[THREADS], model = {};
	struct call call;
	int round;

	for (round = 0; round < 8; round++) {
		call_begin(&call, family, SRTP_ROLE_MUX);
		set_int(call.sock[RIGHT], SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20);
		model.fd = call.sock[LEFT];
		model.to = call.at[RIGHT];
		start(workers, THREADS, first_packets, &model);
		join(workers, THREADS);
		wire_check(&call, THREADS * 60);
		EQUAL(session_get(LEFT, call.session[LEFT]).streams, 62);
		EQUAL(session_get(RIGHT, call.session[RIGHT]).streams, 62);
		EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_SRTP_PACKETS),
		      THREADS * 60);
		session_del(LEFT, call.session[LEFT]);
		session_del(RIGHT, call.session[RIGHT]);
		capture_close(&call.wire);
		close(call.sock[LEFT]);
		close(call.sock[RIGHT]);
	}
}

/* Copies of the same SRTP packets from several threads. */
static void *inject_all(void *data)
{
	struct worker *worker = data;
	struct reference reference;
	uint8_t packet[SIZE], wire[SIZE + SRTP_TRAILER];
	unsigned int seq;

	reference_derive(&reference, &master_b3);
	for (seq = 0; seq < 1500; seq++) {
		rtp_simple(packet, SIZE, SSRC, seq);
		reference_rtp(&reference, 0, packet, SIZE, wire);
		EQUAL(send_to(worker->fd, wire, sizeof(wire), &worker->to), sizeof(wire));
	}
	return NULL;
}

static void test_copies(enum family family)
{
	struct worker workers[THREADS], model = {};
	uint8_t packet[SIZE + 20], seen[1500] = {};
	struct call call;
	size_t got = 0;

	call_begin(&call, family, SRTP_ROLE_MUX);
	set_int(call.sock[RIGHT], SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20);
	model.fd = udp_socket(LEFT, family);
	model.to = call.at[RIGHT];
	start(workers, THREADS, inject_all, &model);
	join(workers, THREADS);
	wire_check(&call, THREADS * 1500);
	while (recv(call.sock[RIGHT], packet, sizeof(packet), MSG_DONTWAIT) == SIZE) {
		CHECK(!seen[seq_of(packet)]++);
		got++;
	}
	EQUAL(got, 1500);
}

/* Pieces, corks and whole packets in any order. */
static void *cork_wildly(void *data)
{
	struct worker *worker = data;
	uint8_t packet[SIZE];
	unsigned int i;
	int on;

	for (i = 0; i < 1000; i++) {
		rtp_simple(packet, SIZE, SSRC + worker->number, i);
		on = i & 1;
		switch (worker->number) {
		case 0:
			setsockopt(worker->fd, SOL_UDP, UDP_CORK, &on, sizeof(on));
			break;
		case 1:
			send(worker->fd, packet, SIZE / 2, MSG_MORE);
			break;
		default:
			send(worker->fd, packet, SIZE, 0);
		}
	}
	return NULL;
}

static void test_cork(enum family family)
{
	struct worker workers[THREADS], model = {};
	struct call call;
	int off = 0;

	call_begin(&call, family, SRTP_ROLE_RTP);
	call_connect(&call);
	set_mtu(65535);
	set_int(call.sock[LEFT], SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20);
	model.fd = call.sock[LEFT];
	start(workers, THREADS, cork_wildly, &model);
	join(workers, THREADS);
	setsockopt(call.sock[LEFT], SOL_UDP, UDP_CORK, &off, sizeof(off));
	capture_flush(&call.wire);
	CHECK(call.wire.count);
	wire_check(&call, call.wire.count);
}

/* Streams and keys come and go under the senders. */
static void *send_if_possible(void *data)
{
	struct worker *worker = data;
	uint8_t packet[SIZE];
	ssize_t len;

	while (!stop) {
		wait_for_capture();
		rtp_simple(packet, SIZE, SSRC + worker->number, worker->sent);
		len = send_to(worker->fd, packet, SIZE, &worker->to);
		if (len == SIZE) {
			worker->sent++;
			all_sent++;
		} else if (errno != ENOKEY && errno != EEXIST) {
			FAIL("a send gave %zd: %s", len, strerror(errno));
		}
	}
	return NULL;
}

static void test_keys_under_senders(enum family family)
{
	struct worker workers[THREADS], model = {};
	uint32_t id[THREADS], key[THREADS];
	struct stream stream = { .direction = SRTP_DIRECTION_TX, .fresh = true };
	struct call call;
	size_t i, total = 0;
	int round;

	call_begin(&call, family, SRTP_ROLE_RTP);
	stream.session = call.session[LEFT];
	for (i = 0; i < THREADS; i++) {
		stream.ssrc = SSRC + i;
		id[i] = stream_new(LEFT, &stream);
		key[i] = key_new(LEFT, stream.session, id[i], &master_b3);
	}
	model.fd = call.sock[LEFT];
	model.to = call.at[RIGHT];
	start(workers, THREADS, send_if_possible, &model);
	for (round = 0; round < rounds(family); round++) {
		i = round % THREADS;
		key_del(LEFT, stream.session, id[i], key[i]);
		key[i] = key_new(LEFT, stream.session, id[i], &master_b3);
		read_wire(&call);
	}
	stop = true;
	join(workers, THREADS);
	for (i = 0; i < THREADS; i++)
		total += workers[i].sent;
	CHECK(total);
	wire_check(&call, total);
}

static const struct test tests[] = {
	{ "attach under incoming plain RTP again and again: none is read afterwards",
	  test_attach_under_flood, EVERY, 60 },
	{ "session-del under three senders, again and again: all that left is SRTP",
	  test_delete_under_senders, EVERY, 60 },
	{ "session-del under incoming packets and two readers",
	  test_delete_under_receivers, EVERY, 60 },
	{ "attach and detach under three senders, again and again", test_detach_under_senders, EVERY, 60 },
	{ "attach under three senders, again and again: no later send is plain",
	  test_attach_under_senders, EVERY, 60 },
	{ "close under three senders, again and again", test_close_under_senders, EVERY, 60 },
	{ "three threads want the same indexes: each is used once", test_same_index, EVERY, 60 },
	{ "three threads share one stream: 8000 packets, no index twice",
	  test_shared_stream, EVERY, 60 },
	{ "first packets of 60 SSRCs from three threads: one stream each",
	  test_wildcard, EVERY, 60 },
	{ "copies of 1500 packets from three threads are received once", test_copies, EVERY, 60 },
	{ "MSG_MORE, UDP_CORK and whole packets from three threads", test_cork, EVERY, 60 },
	{ "keys replaced under three senders, again and again", test_keys_under_senders, EVERY, 60 },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
