// SPDX-License-Identifier: GPL-2.0
/*
 * Forged packets change nothing: no window, no roll-over counter, no stream,
 * and the true packets pass afterwards.
 */
#include "srtptest.h"

#define SIZE	172

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX], forged[PACKET_MAX];

static void same_state(const struct stream *a, const struct stream *b)
{
	EQUAL(a->id, b->id);
	EQUAL(a->roc, b->roc);
	EQUAL(a->seq, b->seq);
	EQUAL(a->srtcp_index, b->srtcp_index);
	EQUAL(a->stats[SRTP_A_STATS_RX_SRTP_PACKETS], b->stats[SRTP_A_STATS_RX_SRTP_PACKETS]);
	EQUAL(a->stats[SRTP_A_STATS_RX_SRTCP_PACKETS], b->stats[SRTP_A_STATS_RX_SRTCP_PACKETS]);
}

static struct stream state_of(const struct call *call, uint32_t ssrc)
{
	struct stream stream;

	CHECK(stream_find(RIGHT, call->session[RIGHT], SRTP_DIRECTION_RX, ssrc, &stream));
	return stream;
}

static void await_dropped(const struct call *call, uint64_t count)
{
	double until = 0;
	uint64_t is;

	do {
		struct srtp_info info = info_of(call->sock[RIGHT], call->family);

		is = info.stats[SRTP_A_STATS_RX_AUTH_FAILED] +
		     info.stats[SRTP_A_STATS_RX_MALFORMED] +
		     info.stats[SRTP_A_STATS_RX_NOT_RTP] +
		     info.stats[SRTP_A_STATS_RX_TOO_OLD] +
		     info.stats[SRTP_A_STATS_RX_REPLAYED];
		if (is == count)
			return;
	} while (waiting(&until, 10));
	FAIL("%llu packets were dropped, not %llu", (unsigned long long)is,
	     (unsigned long long)count);
}

/* Every bit of a packet with all kinds of fields in it. */
static void flip_all(struct call *call, size_t len)
{
	size_t bit, n = 0;

	for (bit = 0; bit < 8 * len; bit += 3) {
		memcpy(forged, wire, len);
		forged[bit / 8] ^= 1 << bit % 8;
		call_inject(call, RIGHT, forged, len);
		n++;
	}
	await_dropped(call, n);
	nothing_to_receive(call->sock[RIGHT]);
}

static void test_bit_flips_rtp(enum family family)
{
	const struct rtp rtp = { .ssrc = SSRC, .seq = 11, .csrcs = 2, .extension = 2 };
	struct stream before, after;
	struct call call;
	size_t len;

	call_begin(&call, family, SRTP_ROLE_RTP);
	rtp_simple(packet, SIZE, SSRC, 10);
	call_pass(&call, LEFT, packet, SIZE);
	before = state_of(&call, SSRC);
	rtp_build(packet, 100, &rtp);
	len = reference_rtp(&call.reference[LEFT], 0, packet, 100, wire);
	flip_all(&call, len);
	after = state_of(&call, SSRC);
	same_state(&after, &before);
	EQUAL(session_get(RIGHT, call.session[RIGHT]).streams, 3);
	/* and now the true one */
	call_inject(&call, RIGHT, wire, len);
	receive_exactly(call.sock[RIGHT], packet, 100);
}

static void test_bit_flips_rtcp(enum family family)
{
	struct stream before, after;
	struct call call;
	size_t len;

	call_begin(&call, family, SRTP_ROLE_RTCP);
	rtcp_build(packet, 52, SSRC, 10);
	call_pass(&call, LEFT, packet, 52);
	before = state_of(&call, SSRC);
	len = reference_rtcp(&call.reference[LEFT], 1, packet, 52, wire);
	flip_all(&call, len);
	after = state_of(&call, SSRC);
	same_state(&after, &before);
	EQUAL(session_get(RIGHT, call.session[RIGHT]).streams, 3);
	call_inject(&call, RIGHT, wire, len);
	receive_exactly(call.sock[RIGHT], packet, 52);
}

/* Sequence numbers that would move the window or the roll-over counter. */
static void test_far_away(enum family family)
{
	static const uint16_t far[] = { 11, 12, 1000, 32767, 32768, 32779, 40000, 65535, 9, 0 };
	struct stream before, after;
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	rtp_simple(packet, SIZE, SSRC, 10);
	call_pass(&call, LEFT, packet, SIZE);
	before = state_of(&call, SSRC);
	for (i = 0; i < ARRAY_SIZE(far); i++) {
		rtp_simple(packet, SIZE, SSRC, far[i]);
		reference_rtp(&call.reference[RIGHT], 0, packet, SIZE, wire);
		call_inject(&call, RIGHT, wire, SIZE + SRTP_TRAILER);
		await_dropped(&call, i + 1);
		after = state_of(&call, SSRC);
		same_state(&after, &before);
	}
	nothing_to_receive(call.sock[RIGHT]);
	for (i = 0; i < 3; i++) {
		rtp_simple(packet, SIZE, SSRC, far[i]);
		call_pass(&call, LEFT, packet, SIZE);
	}
	/* both of the other side: ahead by less than half, and late */
	rtp_simple(packet, SIZE, SSRC, 500);
	reference_rtp(&call.reference[LEFT], 0, packet, SIZE, wire);
	call_inject(&call, RIGHT, wire, SIZE + SRTP_TRAILER);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
}

/* A true packet with another roll-over counter in its tag. */
static void test_wrong_roc(enum family family)
{
	struct stream before, after;
	struct call call;
	uint32_t roc;

	call_begin(&call, family, SRTP_ROLE_RTP);
	rtp_simple(packet, SIZE, SSRC, 10);
	call_pass(&call, LEFT, packet, SIZE);
	before = state_of(&call, SSRC);
	rtp_simple(packet, SIZE, SSRC, 11);
	for (roc = 1; roc < 10; roc++) {
		reference_rtp(&call.reference[LEFT], roc == 9 ? UINT32_MAX : roc, packet, SIZE,
			      wire);
		call_inject(&call, RIGHT, wire, SIZE + SRTP_TRAILER);
	}
	await_dropped(&call, 9);
	after = state_of(&call, SSRC);
	same_state(&after, &before);
	call_pass(&call, LEFT, packet, SIZE);
}

static void test_far_srtcp_index(enum family family)
{
	static const uint32_t far[] = { 1, 2, 1000, 0x7fffffff };
	struct stream before, after;
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTCP);
	rtcp_build(packet, 52, SSRC, 10);
	call_pass(&call, LEFT, packet, 52);
	before = state_of(&call, SSRC);
	for (i = 0; i < ARRAY_SIZE(far); i++) {
		reference_rtcp(&call.reference[RIGHT], far[i], packet, 52, wire);
		call_inject(&call, RIGHT, wire, 52 + SRTCP_TRAILER);
	}
	/* the true tag with the E bit cleared */
	reference_rtcp(&call.reference[LEFT], 1, packet, 52, wire);
	wire[52] &= 0x7f;
	call_inject(&call, RIGHT, wire, 52 + SRTCP_TRAILER);
	await_dropped(&call, ARRAY_SIZE(far) + 1);
	after = state_of(&call, SSRC);
	same_state(&after, &before);
	call_pass(&call, LEFT, packet, 52);
}

static void test_no_stream_from_forgery(enum family family)
{
	struct session session;
	struct call call;
	uint32_t ssrc;

	call_begin(&call, family, SRTP_ROLE_MUX);
	for (ssrc = 1; ssrc <= 500; ssrc++) {
		rtp_simple(packet, SIZE, ssrc, ssrc);
		reference_rtp(&call.reference[RIGHT], 0, packet, SIZE, wire);
		call_inject(&call, RIGHT, wire, SIZE + SRTP_TRAILER);
		rtcp_build(packet, 52, ssrc, 1);
		reference_rtcp(&call.reference[RIGHT], ssrc, packet, 52, wire);
		call_inject(&call, RIGHT, wire, 52 + SRTCP_TRAILER);
		if (ssrc % 100 == 0)
			await_dropped(&call, 2 * ssrc);
	}
	session = session_get(RIGHT, call.session[RIGHT]);
	EQUAL(session.streams, 2);
	nothing_to_receive(call.sock[RIGHT]);
	rtp_simple(packet, SIZE, SSRC, 1);
	call_pass(&call, LEFT, packet, SIZE);
	EQUAL(session_get(RIGHT, call.session[RIGHT]).streams, 3);
}

/* Forged and true ones by turns, the forged one always first. */
static void test_by_turns(enum family family)
{
	struct call call;
	size_t i, len;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < 200; i++) {
		rtp_simple(packet, SIZE, SSRC, 65500 + i);
		len = reference_rtp(&call.reference[LEFT], (65500 + i) >> 16, packet, SIZE, wire);
		memcpy(forged, wire, len);
		forged[len - 1 - i % 10] ^= 0x80;
		call_inject(&call, RIGHT, forged, len);
		call_inject(&call, RIGHT, wire, len);
		receive_exactly(call.sock[RIGHT], packet, SIZE);
	}
	await_dropped(&call, 200);
	EQUAL(state_of(&call, SSRC).roc, 1);
	/* the first one came before there was a stream */
	EQUAL(state_of(&call, SSRC).stats[SRTP_A_STATS_RX_AUTH_FAILED], 199);
}

static const struct test tests[] = {
	{ "SRTP with flipped bits is dropped and changes nothing", test_bit_flips_rtp, EVERY, 60 },
	{ "SRTCP with flipped bits is dropped and changes nothing",
	  test_bit_flips_rtcp, EVERY, 60 },
	{ "forged SRTP with far-away sequence numbers changes nothing", test_far_away, EVERY },
	{ "SRTP under other roll-over counters changes nothing", test_wrong_roc, EVERY },
	{ "forged SRTCP with far-away indexes, and without the E bit, changes nothing",
	  test_far_srtcp_index, EVERY },
	{ "1000 forged packets of new SSRCs create no stream",
	  test_no_stream_from_forgery, EVERY },
	{ "forged and true packets by turns over a wrap: all true ones arrive",
	  test_by_turns, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
