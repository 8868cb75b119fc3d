// SPDX-License-Identifier: GPL-2.0
/*
 * Many calls at once for long: audio and reports both ways, with loss, new keys
 * all the time and wraps of SEQ.  What arrives is known from a capture: each
 * packet of it must be read, once and as it was, and nothing else.
 *
 * SOAK_SOCKETS is how many sockets there are (20), SOAK_PACKETS how many packets
 * they send together (6000), 65535 each at most.
 *
 * ktap-only: debug
 * ktap-timeout: 3600
 */
#include "srtptest.h"

#include <arpa/inet.h>

#define AUDIO		172
#define REPORT		52
#define ROUND		5	/* packets of a socket in a round, the last is a report */
#define STEP		97	/* of SEQ between two packets */
#define FIRST		(65536 - 10 * STEP)
#define NUMBERS		65536
#define PROBE_PORT	9

enum kind { RTP, RTCP, KINDS };

enum mark { ARRIVED = 1, READ = 2 };

/* One direction of a call. */
struct leg {
	uint32_t ssrc;
	uint32_t roc;		/* of the first packet */
	uint32_t stream[SIDES];
	uint32_t key[SIDES];
	unsigned int keys;	/* so many there were */
	unsigned int sent[KINDS];
	uint8_t *marks[KINDS];
};

struct audio {
	uint32_t session[SIDES];
	int sock[SIDES];
	struct leg leg[SIDES];	/* by sending side */
};

struct soak {
	size_t count;		/* of calls */
	struct audio *calls;
	struct capture wire;
	uint64_t sent, arrived, read;
	int prober[SIDES];
	uint32_t probe, probed[SIDES];
};

/* Which packet has this SEQ, counted from FIRST. */
static uint16_t nth[NUMBERS];

static void number_packets(void)
{
	uint32_t n;

	for (n = 0; n < NUMBERS; n++)
		nth[(uint16_t)(n * STEP)] = n;
}

static uint16_t port_at(enum side side, size_t number)
{
	return 10000 * (side + 1) + number;
}

static void *zeroed(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	CHECK(memory);
	return memory;
}

/* Sessions and streams */

/* Receive first, then send; what the old keys protected has arrived by now. */
static void rekey(struct audio *call, enum side from)
{
	struct leg *leg = &call->leg[from];
	const uint32_t before[SIDES] = { leg->key[LEFT], leg->key[RIGHT] };
	struct master master = master_b3;
	enum side side;

	memcpy(master.key, &leg->ssrc, sizeof(leg->ssrc));
	memcpy(master.salt, &leg->keys, sizeof(leg->keys));
	leg->keys++;
	leg->key[!from] = key_new(!from, call->session[!from], leg->stream[!from], &master);
	leg->key[from] = key_new(from, call->session[from], leg->stream[from], &master);
	for (side = LEFT; side < SIDES; side++)
		if (before[side])
			key_del(side, call->session[side], leg->stream[side], before[side]);
}

static void leg_begin(struct audio *call, enum side from, size_t number, size_t packets)
{
	struct stream stream = {
		.ssrc = SSRC + 2 * number + from,
		.indexes = true, .roc = number, .seq = FIRST - 1,
	};
	struct leg *leg = &call->leg[from];
	enum side side;

	leg->ssrc = stream.ssrc;
	leg->roc = stream.roc;
	leg->marks[RTP] = zeroed(packets, 1);
	leg->marks[RTCP] = zeroed(packets, 1);
	for (side = LEFT; side < SIDES; side++) {
		stream.session = call->session[side];
		stream.direction = side == from ? SRTP_DIRECTION_TX : SRTP_DIRECTION_RX;
		leg->stream[side] = stream_new(side, &stream);
	}
	rekey(call, from);
}

static void audio_begin(struct audio *call, size_t number, size_t packets)
{
	enum side side;

	for (side = LEFT; side < SIDES; side++)
		call->session[side] = session_new(side);
	for (side = LEFT; side < SIDES; side++) {
		leg_begin(call, side, number, packets);
		call->sock[side] = bound_socket(side, IPV4, port_at(side, number));
		set_int(call->sock[side], SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22);
		attach(call->sock[side], IPV4, call->session[side], SRTP_ROLE_MUX);
	}
	for (side = LEFT; side < SIDES; side++) {
		union address to = address_of(!side, IPV4, port_at(!side, number));

		connect_to(call->sock[side], &to);
	}
}

/* Packets on the way: sent, arrived, read */

static size_t build(uint8_t *packet, const struct leg *leg, enum kind kind, uint32_t n)
{
	if (kind == RTCP)
		rtcp_build(packet, REPORT, leg->ssrc, n);
	else
		rtp_simple(packet, AUDIO, leg->ssrc, FIRST + n * STEP);
	return kind == RTCP ? REPORT : AUDIO;
}

static void send_round(struct soak *soak, struct audio *call, enum side from)
{
	struct leg *leg = &call->leg[from];
	uint8_t packet[AUDIO];
	enum kind kind;
	size_t i, len;

	for (i = 0; i < ROUND; i++) {
		kind = i == ROUND - 1 ? RTCP : RTP;
		len = build(packet, leg, kind, leg->sent[kind]++);
		EQUAL(send(call->sock[from], packet, len, 0), len);
		soak->sent++;
	}
}

static void mark(struct leg *leg, enum kind kind, uint32_t n, enum mark what)
{
	if (n >= leg->sent[kind])
		FAIL("SSRC %#x: packet %u, of %u that were sent", leg->ssrc, n, leg->sent[kind]);
	if (leg->marks[kind][n] & what)
		FAIL("SSRC %#x: packet %u a second time", leg->ssrc, n);
	leg->marks[kind][n] |= what;
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return ntohl(value);
}

/* The number of a packet on the wire: of SRTCP it is the index, which begins with 0. */
static void saw(struct soak *soak, const struct datagram *datagram)
{
	enum side to = datagram->to / 10000 - 1;
	struct leg *leg;

	if (datagram->to == PROBE_PORT) {
		to = datagram->from == port_at(RIGHT, soak->count) ? LEFT : RIGHT;
		soak->probed[to] = get32(datagram->data);
		return;
	}
	CHECK(to < SIDES && datagram->to % 10000u < soak->count);
	leg = &soak->calls[datagram->to % 10000].leg[!to];
	EQUAL(ssrc_of(datagram->data, is_rtcp(datagram->data)), leg->ssrc);
	if (is_rtcp(datagram->data)) {
		EQUAL(datagram->len, REPORT + SRTCP_TRAILER);
		mark(leg, RTCP, get32(datagram->data + REPORT) & ~(1u << 31), ARRIVED);
	} else {
		EQUAL(datagram->len, AUDIO + SRTP_TRAILER);
		mark(leg, RTP, nth[(uint16_t)(seq_of(datagram->data) - FIRST)], ARRIVED);
	}
	soak->arrived++;
}

static void take_wire(struct soak *soak)
{
	size_t i;

	capture_read(&soak->wire);
	CHECK(!soak->wire.marked);
	for (i = 0; i < soak->wire.count; i++) {
		saw(soak, &soak->wire.datagrams[i]);
		free(soak->wire.datagrams[i].data);
	}
	soak->wire.count = 0;
}

/* Reports carry their number as rtcp_build() writes it behind the mark. */
static uint32_t number_of(const struct leg *leg, const uint8_t *packet, enum kind kind)
{
	uint8_t first[REPORT];

	if (kind == RTP)
		return nth[(uint16_t)(seq_of(packet) - FIRST)];
	rtcp_build(first, REPORT, leg->ssrc, 1);
	return get32(packet + RTCP_HEADER + MARK_LEN) / get32(first + RTCP_HEADER + MARK_LEN);
}

static bool read_one(struct soak *soak, struct audio *call, enum side side)
{
	struct leg *leg = &call->leg[!side];
	uint8_t is[2 * AUDIO], shall[AUDIO];
	enum kind kind;
	ssize_t len;
	uint32_t n;

	len = recv(call->sock[side], is, sizeof(is), MSG_DONTWAIT);
	if (len < 0) {
		EQUAL(errno, EAGAIN);
		return false;
	}
	CHECK(len == AUDIO || len == REPORT);
	kind = is_rtcp(is) ? RTCP : RTP;
	n = number_of(leg, is, kind);
	SAME(is, (size_t)len, shall, build(shall, leg, kind, n));
	mark(leg, kind, n, READ);
	soak->read++;
	return true;
}

static void read_all(struct soak *soak)
{
	enum side side;
	size_t i;

	for (i = 0; i < soak->count; i++)
		for (side = LEFT; side < SIDES; side++)
			while (read_one(soak, &soak->calls[i], side))
				;
}

static bool probe_came(struct soak *soak, enum side from)
{
	union address to = address_of(!from, IPV4, PROBE_PORT);
	uint32_t probe = htonl(soak->probe);

	EQUAL(send_to(soak->prober[from], &probe, sizeof(probe), &to), sizeof(probe));
	take_wire(soak);
	return soak->probed[!from] == soak->probe;
}

static bool caught_up(struct soak *soak)
{
	read_all(soak);
	take_wire(soak);
	return soak->read == soak->arrived;
}

/* Nothing is under way any more where a probe has come through behind it. */
static void settle(struct soak *soak)
{
	soak->probe++;
	WAIT_FOR(probe_came(soak, LEFT), 30);
	WAIT_FOR(probe_came(soak, RIGHT), 30);
	WAIT_FOR(caught_up(soak), 30);
}

/* The whole */

static void soak_begin(struct soak *soak, size_t sockets, size_t each)
{
	static const char *const device[SIDES] = { "left", "right" };
	enum side side;
	size_t i;

	soak->count = sockets / 2;
	soak->calls = zeroed(soak->count, sizeof(*soak->calls));
	number_packets();
	stay_on_one_processor();
	capture_open(&soak->wire, RIGHT, "right");
	for (i = 0; i < soak->count; i++)
		audio_begin(&soak->calls[i], i, each);
	for (side = LEFT; side < SIDES; side++) {
		soak->prober[side] = bound_socket(side, IPV4, port_at(side, soak->count));
		net_enter(side);
		command("tc qdisc replace dev %s root netem limit 100000 loss 5%%", device[side]);
	}
	net_enter(LEFT);
}

/* In each round another direction gets its next key. */
static void soak_round(struct soak *soak, size_t round)
{
	size_t leg = round % (2 * soak->count), i;

	settle(soak);
	rekey(&soak->calls[leg / 2], leg % 2);
	for (i = 0; i < soak->count; i++) {
		send_round(soak, &soak->calls[i], LEFT);
		send_round(soak, &soak->calls[i], RIGHT);
	}
	read_all(soak);
}

static void check_marks(const struct leg *leg)
{
	unsigned int n;
	enum kind kind;

	for (kind = RTP; kind < KINDS; kind++)
		for (n = 0; n < leg->sent[kind]; n++)
			if (leg->marks[kind][n] && leg->marks[kind][n] != (ARRIVED | READ))
				FAIL("SSRC %#x: packet %u %s", leg->ssrc, n,
				     leg->marks[kind][n] == READ ? "was read and never arrived" :
								   "arrived and was not read");
}

static void check_counters(const struct audio *call, enum side side)
{
	const struct srtp_info info = info_of(call->sock[side], IPV4);
	static const enum srtp_a_stats none[] = {
		SRTP_A_STATS_RX_AUTH_FAILED, SRTP_A_STATS_RX_REPLAYED, SRTP_A_STATS_RX_TOO_OLD,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(none); i++)
		EQUAL(info.stats[none[i]], 0);
	EQUAL(info.stats[SRTP_A_STATS_TX_SRTP_PACKETS], call->leg[side].sent[RTP]);
	EQUAL(info.stats[SRTP_A_STATS_TX_SRTCP_PACKETS], call->leg[side].sent[RTCP]);
}

/* Both ends are where the last packet was. */
static void check_stream(const struct audio *call, enum side from)
{
	const struct leg *leg = &call->leg[from];
	const uint64_t last = ((uint64_t)leg->roc << 16) + FIRST +
			      (uint64_t)(leg->sent[RTP] - 1) * STEP;
	struct stream stream = stream_get(from, call->session[from], leg->stream[from]);

	EQUAL((uint64_t)stream.roc << 16 | stream.seq, last);
	CHECK(stream.roc > leg->roc);
	EQUAL(stream.srtcp_index, leg->sent[RTCP]);
}

static void audio_end(struct audio *call)
{
	enum side side;

	for (side = LEFT; side < SIDES; side++) {
		check_counters(call, side);
		check_stream(call, side);
		check_marks(&call->leg[side]);
		EQUAL(session_get(side, call->session[side]).streams, 2);
		close(call->sock[side]);
		EQUAL(session_get(side, call->session[side]).sockets, 0);
		session_del(side, call->session[side]);
	}
}

static void test_soak(enum family family)
{
	const size_t sockets = from_environment("SOAK_SOCKETS", 20);
	const size_t packets = from_environment("SOAK_PACKETS", 6000);
	const size_t rounds = packets / sockets / ROUND;
	struct soak soak = {};
	size_t i;

	CHECK(sockets >= 2 && sockets % 2 == 0 && rounds * ROUND < NUMBERS);
	soak_begin(&soak, sockets, rounds * ROUND);
	for (i = 0; i < rounds; i++)
		soak_round(&soak, i);
	settle(&soak);
	printf("# %zu sockets, %llu packets sent, %llu arrived, %llu read, %zu keys\n", sockets,
	       (unsigned long long)soak.sent, (unsigned long long)soak.arrived,
	       (unsigned long long)soak.read, rounds + sockets);
	CHECK(soak.arrived < soak.sent && soak.arrived > soak.sent / 2);
	for (i = 0; i < soak.count; i++)
		audio_end(&soak.calls[i]);
}

static const struct test tests[] = {
	{ "many calls, lost packets, new keys, wraps of SEQ: what arrives is read once, as it was",
	  test_soak, ONCE, 3500 },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
