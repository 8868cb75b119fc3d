// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 4771: packets that carry the ROC, what they do for a receiver that joins
 * late, and what one that proves nothing must not do.
 */
#include "srtptest.h"

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX];

#define AES_CM	SRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define GCM	SRTP_SUITE_AEAD_AES_128_GCM

static void test_rcc(enum family family)
{
	static const struct policy policies[] = {
		{ .suite = AES_CM, .rcc_mode = SRTP_RCC_MODE_M1, .rcc_rate = 1 },
		{ .suite = AES_CM, .rcc_mode = SRTP_RCC_MODE_M2, .rcc_rate = 5 },
		{ .suite = AES_CM, .rcc_mode = SRTP_RCC_MODE_M2, .rcc_rate = 3, .srtp_tag_len = 20 },
		{ .suite = SRTP_SUITE_F8_128_HMAC_SHA1_80, .rcc_mode = SRTP_RCC_MODE_M2 },
		{ .suite = GCM, .rcc_mode = SRTP_RCC_MODE_M3, .rcc_rate = 4 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		policy_both_ways(family, &policies[i], true);
}

static void test_rcc_unproven(enum family family)
{
	static const struct policy policies[] = {
		{ .suite = AES_CM, .rcc_mode = SRTP_RCC_MODE_M1, .rcc_rate = 7 },
		{ .suite = AES_CM, .rcc_mode = SRTP_RCC_MODE_M3, .rcc_rate = 4 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		policy_both_ways(family, &policies[i], false);
}

static void inject_rcc(struct call *call, const struct policy *policy, uint32_t roc, uint16_t seq,
		       uint8_t flip)
{
	struct stream s = b3_stream(policy, 0, SRTP_DIRECTION_RX, SSRC);
	size_t len;

	rtp_simple(packet, 100, SSRC, seq);
	len = suite_rtp(policy, s.long_master, roc, packet, 100, wire);
	wire[20] ^= flip;
	call_inject(call, RIGHT, wire, len);
}

static uint32_t roc_now(struct call *call)
{
	struct stream stream;

	CHECK(stream_find(RIGHT, call->session[RIGHT], SRTP_DIRECTION_RX, SSRC, &stream));
	return stream.roc;
}

/* Who joins at a ROC that it does not know learns it from a packet that proves it. */
static void join_late(enum family family, const struct policy *policy)
{
	struct call call;

	b3_call(&call, family, policy, policy, SSRC);
	inject_rcc(&call, policy, 0x1234, 8, 1);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED) == 1, 10);
	EQUAL(roc_now(&call), 0);
	inject_rcc(&call, policy, 0x1234, 8, 0);
	receive_exactly(call.sock[RIGHT], packet, 100);
	EQUAL(roc_now(&call), 0x1234);
	inject_rcc(&call, policy, 0x1234, 9, 0);
	receive_exactly(call.sock[RIGHT], packet, 100);
	inject_rcc(&call, policy, 0x9999, 12, 1);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED) == 2, 10);
	EQUAL(roc_now(&call), 0x1234);
	inject_rcc(&call, policy, 0x1234, 8, 0);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_REPLAYED) == 1, 10);
	inject_rcc(&call, policy, 0x1233, 8, 0);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_TOO_OLD) == 1, 10);
	nothing_to_receive(call.sock[RIGHT]);
	call_end(&call);
}

static void test_rcc_join(enum family family)
{
	static const struct policy policies[] = {
		{ .suite = AES_CM, .rcc_mode = SRTP_RCC_MODE_M1, .rcc_rate = 4 },
		{ .suite = AES_CM, .rcc_mode = SRTP_RCC_MODE_M2, .rcc_rate = 4 },
		{ .suite = GCM, .rcc_mode = SRTP_RCC_MODE_M3, .rcc_rate = 4 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		join_late(family, &policies[i]);
}

static const struct long_master master_next = { .key = "the next key", .salt = "and its salt" };

/* A packet with another master key, behind an MKI. */
static void inject_next(struct call *call, const struct policy *policy, uint16_t seq)
{
	size_t len;

	rtp_simple(packet, 100, SSRC, seq);
	len = suite_rtp(policy, &master_next, 0, packet, 100, wire);
	call_inject(call, RIGHT, wire, len);
	receive_exactly(call->sock[RIGHT], packet, 100);
}

/* Nor does it end a rekey: anybody may write the MKI that comes next. */
static void test_rcc_m1_rekey(enum family family)
{
	const struct policy now = {
		.suite = AES_CM, .rcc_mode = SRTP_RCC_MODE_M1, .rcc_rate = 4, .mki_len = 1,
		.mki = { 1 },
	};
	struct policy next = now;
	struct stream with_next, stream;
	struct call call;
	uint32_t key;

	next.mki[0] = 2;
	b3_call(&call, family, &now, &now, SSRC);
	CHECK(stream_find(RIGHT, call.session[RIGHT], SRTP_DIRECTION_RX, SSRC, &stream));
	with_next = b3_stream(&next, call.session[RIGHT], SRTP_DIRECTION_RX, SSRC);
	with_next.long_master = &master_next;
	key = long_key_new(RIGHT, &with_next, stream.id, false);
	inject_next(&call, &next, 5);
	EQUAL(key_state(RIGHT, call.session[RIGHT], stream.id, key), SRTP_KEY_STATE_INSTALLED);
	inject_next(&call, &next, 8);
	EQUAL(key_state(RIGHT, call.session[RIGHT], stream.id, key), SRTP_KEY_STATE_ACTIVE);
}

/* What proves nothing moves nothing, and makes no stream. */
static void test_rcc_m1_unproven(enum family family)
{
	const struct policy policy = {
		.suite = AES_CM, .rcc_mode = SRTP_RCC_MODE_M1, .rcc_rate = 4,
	};
	struct stream stream;
	struct call call;

	b3_call(&call, family, &policy, &policy, SSRC);
	inject_rcc(&call, &policy, 0, 4, 0);
	receive_exactly(call.sock[RIGHT], packet, 100);
	inject_rcc(&call, &policy, 0, 30001, 0);
	receive_exactly(call.sock[RIGHT], packet, 100);
	CHECK(stream_find(RIGHT, call.session[RIGHT], SRTP_DIRECTION_RX, SSRC, &stream));
	EQUAL(stream.seq, 4);
	stream_del(RIGHT, call.session[RIGHT], stream.id);
	stream_del(RIGHT, call.session[RIGHT], call.rx[RIGHT]);
	stream = b3_stream(&policy, call.session[RIGHT], SRTP_DIRECTION_RX, 0);
	stream.any = true;
	stream_new(RIGHT, &stream);
	inject_rcc(&call, &policy, 0, 5, 0);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_NO_KEY) == 1, 10);
	CHECK(!stream_find(RIGHT, call.session[RIGHT], SRTP_DIRECTION_RX, SSRC, NULL));
	inject_rcc(&call, &policy, 3, 8, 0);
	receive_exactly(call.sock[RIGHT], packet, 100);
	EQUAL(roc_now(&call), 3);
}

static const struct test tests[] = {
	{ "RFC 4771: RCCm1, RCCm2, RCCm3 on the wire", test_rcc, IPV4, 60 },
	{ "RFC 4771: RCCm1 and RCCm3 with packets that prove nothing", test_rcc_unproven, IPV4 },
	{ "RFC 4771: a receiver learns the ROC from an authentic packet, and from no other",
	  test_rcc_join, IPV4, 60 },
	{ "RFC 4771: with RCCm1 a packet without a tag moves nothing and makes no stream",
	  test_rcc_m1_unproven, IPV4 },
	{ "RFC 4771: with RCCm1 a packet without a tag ends no rekey", test_rcc_m1_rekey, IPV4 },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
