// SPDX-License-Identifier: GPL-2.0
/*
 * bench [-o PATTERN] [-r ROUNDS] LIBRARY_NAME=SHARED_OBJECT...
 *
 * What protection costs, packet by packet, by the kernel and by each build of
 * libsrtp that is named, beside plain UDP.  Prints a line of JSON for each
 * figure, or only for those whose names the pattern matches.
 */
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <srtp2/srtp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define PORT		5004
#define STREAMS_MAX	10000
#define SOCKETS		1000
#define INSTALL		10000

const struct suite suites[] = {
	{ "AES_CM_128_HMAC_SHA1_80", SRTP_SUITE_AES_CM_128_HMAC_SHA1_80,
	  srtp_profile_aes128_cm_sha1_80, 16, 14, 10 },
	{ "AEAD_AES_128_GCM", SRTP_SUITE_AEAD_AES_128_GCM,
	  srtp_profile_aead_aes_128_gcm, 16, 12, 16 },
};
const size_t n_suites = ARRAY_SIZE(suites);
const uint8_t master[46] = {
	0x1d, 0x5c, 0x92, 0x3e, 0x70, 0xaf, 0x08, 0x41, 0xb3, 0x66, 0xd9, 0x2a, 0x15, 0xc7, 0x84, 0xfb,
	0x39, 0xe0, 0x57, 0x9c, 0x12, 0x6d, 0xa8, 0xf4, 0x03, 0x7e, 0xcb, 0x50, 0x91, 0x2f,
};

static const int sizes[] = { 172, 1212 };
static const char *only = "*";
static int rounds = 41;

void die(const char *format, ...)
{
	va_list list;

	fputs("bench: ", stderr);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}

void *must_alloc(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		die("no memory");
	return memory;
}

void figure(double value, const char *unit, const char *name, ...)
{
	va_list list;

	fputs("{\"name\": \"", stdout);
	va_start(list, name);
	vprintf(name, list);
	va_end(list);
	printf("\", \"value\": %.1f, \"unit\": \"%s\"}\n", value, unit);
	fflush(stdout);
}

/**
 * struct way - who protects
 * @name: what the figures call it; "plain" protects nothing
 * @library: a build of libsrtp, or NULL
 * @kernel: the sockets are attached
 */
struct way {
	const char *name;
	struct library *library;
	bool kernel;
};

/**
 * struct run - one thing that is measured
 * @way: who protects
 * @suite: with what; NULL for plain UDP
 * @size: octets of a plain RTP packet
 * @fd: the sockets that send, or one that sends and the one that receives
 * @n_fd: how many send
 * @session: of the kernel
 * @context: of libsrtp
 * @source: makes the packets that are received
 * @streams: how many SSRCs there are
 * @seq: next sequence number of each
 * @next: packets so far
 * @message: vectors for sendmmsg()
 * @packet: packets, in the last run as they were protected
 * @len: their octets
 */
struct run {
	const struct way *way;
	const struct suite *suite;
	int size;
	int fd[SOCKETS];
	int n_fd;
	uint32_t session;
	struct context *context;
	struct context *source;
	uint32_t streams;
	uint16_t seq[STREAMS_MAX];
	uint32_t next;
	struct mmsghdr message[VECTOR];
	struct iovec vector[VECTOR];
	uint8_t packet[BATCH * ROOM];
	int len[BATCH];
};

static struct library *first_library;	/* makes the packets that are received */

static struct run *run_begin(const struct way *way, const struct suite *suite, int size,
			     uint32_t streams, bool send)
{
	struct run *run = must_alloc(sizeof(*run));

	*run = (struct run){ .way = way, .suite = suite, .size = size, .streams = streams };
	if (way->kernel) {
		run->session = session_new(65536);
		stream_new(run->session, send ? SRTP_DIRECTION_TX : SRTP_DIRECTION_RX, suite);
	} else if (way->library) {
		run->context = context_new(way->library, suite, send);
	}
	return run;
}

static void run_end(struct run *run)
{
	int i;

	for (i = 0; i < run->n_fd; i++)
		close(run->fd[i]);
	if (run->session)
		session_del(run->session);
	context_free(run->context);
	context_free(run->source);
	free(run);
}

/* The senders: all attached to the one session. */
static void open_senders(struct run *run, int count)
{
	for (run->n_fd = 0; run->n_fd < count; run->n_fd++) {
		run->fd[run->n_fd] = sender(PORT + run->n_fd);
		if (run->session)
			attach(run->fd[run->n_fd], run->session);
	}
}

/* The next packet of the next stream; returns its octets on the way down. */
static int make_packet(struct run *run, uint8_t *packet)
{
	uint32_t stream = run->next++ % run->streams;

	rtp_header(packet, SSRC + stream, run->seq[stream]++);
	return run->context ? protect(run->context, packet, run->size) : run->size;
}

static void sent(ssize_t is, ssize_t shall)
{
	if (is != shall)
		die("sent %zd of %zd: %s", is, shall, strerror(errno));
}

static void batch_send(struct run *run)
{
	int i;

	for (i = 0; i < BATCH; i++) {
		int fd = run->fd[run->next % run->n_fd];
		int len = make_packet(run, run->packet);

		sent(send(fd, run->packet, len, 0), len);
	}
}

static void batch_sendmmsg(struct run *run)
{
	int i, j;

	for (i = 0; i < BATCH; i += VECTOR) {
		for (j = 0; j < VECTOR; j++) {
			run->vector[j].iov_base = run->packet + j * ROOM;
			run->vector[j].iov_len = make_packet(run, run->packet + j * ROOM);
			run->message[j].msg_hdr = (struct msghdr){
				.msg_iov = &run->vector[j], .msg_iovlen = 1,
			};
		}
		sent(sendmmsg(run->fd[0], run->message, VECTOR, 0), VECTOR);
	}
}

static void batch_segment(struct run *run)
{
	int i, j, len = 0;

	for (i = 0; i < BATCH; i += VECTOR) {
		size_t total = 0;

		for (j = 0; j < VECTOR; j++, total += len)
			len = make_packet(run, run->packet + total);
		sent(send_segments(run->fd[0], run->packet, total, len), total);
	}
}

static void batch_receive(struct run *run)
{
	uint8_t packet[ROOM];
	int i, len;

	for (i = 0; i < BATCH; i++) {
		sent(send(run->fd[0], run->packet + i * ROOM, run->len[i], 0), run->len[i]);
		len = recv(run->fd[1], packet, sizeof(packet), 0);
		if (len > 0 && run->context)
			len = unprotect(run->context, packet, len);
		if (len != run->size)
			die("received %d octets, not %d", len, run->size);
	}
}

/* What comes in is made beforehand, and is not part of the figure. */
static void prepare_receive(struct run *run)
{
	int i;

	for (i = 0; i < BATCH; i++) {
		uint32_t stream = run->next++ % run->streams;
		uint8_t *packet = run->packet + i * ROOM;

		rtp_header(packet, SSRC + stream, run->seq[stream]++);
		run->len[i] = run->source ? protect(run->source, packet, run->size) : run->size;
	}
}

static double least_ticks(struct run *run, void (*prepare)(struct run *),
			  void (*batch)(struct run *), int count)
{
	uint64_t least = UINT64_MAX, start;
	int i;

	for (i = 0; i < count; i++) {
		if (prepare)
			prepare(run);
		start = ticks();
		batch(run);
		start = ticks() - start;
		if (start < least)
			least = start;
	}
	return (double)least / BATCH;
}

/* The name operation/octets/suite/way[/more] of a figure, or NULL if it is not wanted. */
static const char *wanted(const struct run *run, const char *operation, const char *more)
{
	static char name[256];

	snprintf(name, sizeof(name), "%s/%d/%s/%s%s", operation, run->size,
		 run->suite ? run->suite->name : "none", run->way->name, more);
	return fnmatch(only, name, FNM_EXTMATCH) ? NULL : name;
}

static void measure(struct run *run, const char *operation, const char *more,
		    void (*prepare)(struct run *), void (*batch)(struct run *))
{
	const char *name = wanted(run, operation, more);
	double least;

	if (!name)
		return;
	mark_figure();
	least = least_ticks(run, prepare, batch, rounds);
	mark_figure();
	figure(least, "instructions/packet", "%s", name);
}

static void measure_sending(const struct way *way, const struct suite *suite, int size)
{
	static const struct {
		const char *name;
		void (*batch)(struct run *run);
	} operations[] = {
		{ "send", batch_send },
		{ "sendmmsg", batch_sendmmsg },
		{ "segment", batch_segment },
	};
	struct run *run = run_begin(way, suite, size, 1, true);
	size_t i;

	open_senders(run, 1);
	for (i = 0; i < ARRAY_SIZE(operations); i++)
		measure(run, operations[i].name, "", NULL, operations[i].batch);
	run_end(run);
}

static void measure_receiving(const struct way *way, const struct suite *suite, int size)
{
	struct run *run = run_begin(way, suite, size, 1, false);

	if (suite)
		run->source = context_new(first_library, suite, true);
	loop(run->fd);
	run->n_fd = 2;
	if (run->session)
		attach(run->fd[1], run->session);
	measure(run, "receive", "", prepare_receive, batch_receive);
	run_end(run);
}

/* Many streams on one socket, or one stream on each of many sockets. */
static void measure_many(const struct way *way, const struct suite *suite, uint32_t streams,
			 int senders)
{
	struct run *run = run_begin(way, suite, sizes[0], streams, true);
	uint32_t passes = (2 * streams + BATCH - 1) / BATCH;
	char more[64];

	snprintf(more, sizeof(more), "/%u streams/%d sockets", streams, senders);
	if (wanted(run, "send", more)) {
		open_senders(run, senders);
		/* The first packet of a stream makes it. */
		least_ticks(run, NULL, batch_send, passes);
		measure(run, "send", more, NULL, batch_send);
	}
	run_end(run);
}

/* Octets of kernel memory that this control group uses. */
static double kernel_memory(void)
{
	FILE *file = fopen("/sys/fs/cgroup/bench/memory.stat", "r");
	char name[64];
	double value, found = -1;

	if (!file)
		die("no memory control group: %s", strerror(errno));
	while (fscanf(file, "%63s %lf", name, &value) == 2)
		if (!strcmp(name, "kernel"))
			found = value;
	fclose(file);
	return found;
}

static void measure_stream_memory(const struct way *way, const struct suite *suite, bool send)
{
	struct run *run = run_begin(way, suite, sizes[0], STREAMS_MAX, send);
	double before;

	if (send) {
		open_senders(run, 1);
	} else {
		run->source = context_new(first_library, suite, true);
		loop(run->fd);
		run->n_fd = 2;
		attach(run->fd[1], run->session);
	}
	before = kernel_memory();
	least_ticks(run, send ? NULL : prepare_receive, send ? batch_send : batch_receive,
		    STREAMS_MAX / BATCH);
	figure((kernel_memory() - before) / (STREAMS_MAX / BATCH * BATCH), "octets",
	       "memory of a stream that %s", send ? "sends" : "receives");
	run_end(run);
}

static void measure_socket_memory(const struct suite *suite)
{
	uint32_t session = session_new(1);
	int fd[SOCKETS], i;
	double before, plain;

	stream_new(session, SRTP_DIRECTION_TX, suite);
	before = kernel_memory();
	for (i = 0; i < SOCKETS; i++)
		fd[i] = sender(PORT);
	plain = kernel_memory();
	for (i = 0; i < SOCKETS; i++)
		attach(fd[i], session);
	figure((plain - before) / SOCKETS, "octets", "memory of a plain socket");
	figure((kernel_memory() - plain) / SOCKETS, "octets", "memory that attaching takes");
	for (i = 0; i < SOCKETS; i++)
		close(fd[i]);
	session_del(session);
}

static void measure_install(const struct suite *suite)
{
	uint32_t *id = must_alloc(INSTALL * sizeof(*id));
	double before = kernel_memory();
	uint64_t start = ticks();
	int i;

	for (i = 0; i < INSTALL; i++) {
		id[i] = session_new(64);
		stream_new(id[i], SRTP_DIRECTION_TX, suite);
		stream_new(id[i], SRTP_DIRECTION_RX, suite);
	}
	figure((double)(ticks() - start) / INSTALL, "instructions",
	       "installing a session of two wildcards, one of %d", INSTALL);
	figure((kernel_memory() - before) / INSTALL, "octets",
	       "memory of a session of two wildcards");
	for (i = 0; i < INSTALL; i++)
		session_del(id[i]);
	free(id);
}

static void measure_packets(const struct way *way, const struct suite *suite)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		measure_sending(way, suite, sizes[i]);
		measure_receiving(way, suite, sizes[i]);
	}
}

static void measure_scale(const struct way *way, const struct suite *suite)
{
	static const struct {
		uint32_t streams;
		int senders;
	} scales[] = { { 1, 1 }, { 100, 1 }, { STREAMS_MAX, 1 }, { SOCKETS, SOCKETS } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scales); i++)
		measure_many(way, suite, scales[i].streams, scales[i].senders);
}

/* What is not a matter of packets, unless packets are all that is wanted. */
static void measure_objects(const struct way *kernel)
{
	if (strcmp(only, "*"))
		return;
	measure_stream_memory(kernel, &suites[0], true);
	measure_stream_memory(kernel, &suites[0], false);
	measure_socket_memory(&suites[0]);
	measure_install(&suites[0]);
}

static struct way *open_libraries(char **names, int count)
{
	struct way *ways = must_alloc(count * sizeof(*ways));
	int i;

	for (i = 0; i < count; i++) {
		char *path = strchr(names[i], '=');

		if (!path)
			die("%s is no NAME=SHARED_OBJECT", names[i]);
		*path++ = '\0';
		ways[i] = (struct way){ .name = names[i], .library = library_open(path) };
	}
	first_library = ways[0].library;
	return ways;
}

int main(int argc, char **argv)
{
	static const struct way plain = { .name = "plain" };
	static const struct way kernel = { .name = "srtp.ko", .kernel = true };
	struct way *libraries;
	int option, i, count;
	size_t s;

	while ((option = getopt(argc, argv, "o:r:")) >= 0)
		if (option == 'o')
			only = optarg;
		else if (option == 'r')
			rounds = atoi(optarg);
		else
			return 1;
	count = argc - optind;
	if (!count || rounds < 1)
		die("usage: bench [-o PATTERN] [-r ROUNDS] NAME=SHARED_OBJECT...");
	control_open();
	libraries = open_libraries(argv + optind, count);
	measure_packets(&plain, NULL);
	measure_scale(&plain, NULL);
	for (s = 0; s < n_suites; s++) {
		measure_packets(&kernel, &suites[s]);
		for (i = 0; i < count; i++)
			measure_packets(&libraries[i], &suites[s]);
	}
	measure_scale(&kernel, &suites[0]);
	if (!fnmatch(only, "flood", FNM_EXTMATCH))
		measure_floods(first_library, rounds);
	measure_objects(&kernel);
	return 0;
}
