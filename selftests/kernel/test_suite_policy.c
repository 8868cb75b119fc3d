// SPDX-License-Identifier: GPL-2.0
/*
 * The modifiers of a policy: each on the wire against an independent
 * computation, and which combinations are refused.
 */
#include "srtptest.h"

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX];

#define AES_CM	SRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define GCM	SRTP_SUITE_AEAD_AES_128_GCM

/* On the wire against the independent computation */

static void test_tag_lengths(enum family family)
{
	static const uint8_t lengths[][2] = { { 4, 10 }, { 5, 11 }, { 16, 16 }, { 20, 20 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		const struct policy policy = {
			.suite = AES_CM, .srtp_tag_len = lengths[i][0],
			.srtcp_tag_len = lengths[i][1],
		};

		policy_both_ways(family, &policy, true);
	}
}

static void test_mki(enum family family)
{
	static struct policy policies[] = {
		{ .suite = AES_CM, .mki_len = 1 },
		{ .suite = GCM, .mki_len = 4 },
		{ .suite = AES_CM, .mki_len = 255, .rcc_mode = SRTP_RCC_MODE_M2, .rcc_rate = 3 },
		{ .suite = GCM, .mki_len = 7, .rcc_mode = SRTP_RCC_MODE_M3, .rcc_rate = 3 },
	};
	size_t i, n;

	set_mtu(2000);	/* for the longest packets with the longest MKI */
	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		for (n = 0; n < policies[i].mki_len; n++)
			policies[i].mki[n] = 0xa5 ^ n;
		policy_both_ways(family, &policies[i], true);
	}
}

static void test_no_srtp_encryption(enum family family)
{
	const struct policy policy = { .suite = AES_CM, .no_srtp_encryption = true };

	policy_both_ways(family, &policy, true);
}

static void test_no_srtcp_encryption(enum family family)
{
	static const uint16_t ids[] = { AES_CM, GCM, SRTP_SUITE_F8_128_HMAC_SHA1_80 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		const struct policy policy = { .suite = ids[i], .no_srtcp_encryption = true };

		policy_both_ways(family, &policy, true);
	}
}

static void test_no_srtp_authentication(enum family family)
{
	const struct policy policy = { .suite = AES_CM, .no_srtp_authentication = true };

	policy_both_ways(family, &policy, false);
}

static void test_kdr(enum family family)
{
	static const uint32_t rates[] = { 1, 4, 16, 1 << 16 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		const struct policy policy = {
			.suite = i & 1 ? GCM : AES_CM, .kdr = rates[i],
		};

		policy_both_ways(family, &policy, true);
	}
}

static bool arrives(struct call *call, const struct policy *policy, uint16_t seq)
{
	struct stream s = b3_stream(policy, 0, SRTP_DIRECTION_RX, SSRC);
	size_t len;

	rtp_simple(packet, 100, SSRC, seq);
	len = suite_rtp(policy, s.long_master, 0, packet, 100, wire);
	call_inject(call, RIGHT, wire, len);
	return recv(call->sock[RIGHT], wire, sizeof(wire), MSG_DONTWAIT) == 100 &&
	       !memcmp(wire, packet, 100);
}

/*
 * Late packets of the generation before are still received.  The next one is
 * derived beside the packets: one that comes before it is ready is sent again.
 */
static void test_kdr_boundary(enum family family)
{
	const struct policy policy = { .suite = AES_CM, .kdr = 16 };
	static const uint16_t order[] = { 14, 17, 15, 18, 13, 31, 33, 30, 32, 47, 49, 46, 48 };
	struct call call;
	size_t i;

	b3_call(&call, family, &policy, &policy, SSRC);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		WAIT_FOR(arrives(&call, &policy, order[i]), 10);
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED), 0);
}

/* After a gap that nothing was derived for the stream goes on. */
static void test_kdr_gap(enum family family)
{
	const struct policy policy = { .suite = AES_CM, .kdr = 4 };
	uint16_t seq = 1;
	struct call call;

	b3_call(&call, family, &policy, &policy, SSRC);
	WAIT_FOR(arrives(&call, &policy, seq), 10);
	seq += 5000;
	WAIT_FOR(arrives(&call, &policy, seq), 20);
	CHECK(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_NO_KEY));
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED), 0);
}

/* One index, one keystream: whatever the policy. */
static void test_repeated(enum family family)
{
	static const struct policy policies[] = {
		{ .suite = GCM },
		{ .suite = SRTP_SUITE_F8_128_HMAC_SHA1_80 },
		{ .suite = SRTP_SUITE_AES_CM_128_HMAC_SHA1_32 },
		{ .suite = AES_CM, .no_srtp_authentication = true },
		{ .suite = AES_CM, .rcc_mode = SRTP_RCC_MODE_M3 },
		{ .suite = AES_CM, .cryptex = SRTP_CRYPTEX_REQUIRED },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		struct call call;

		b3_call(&call, family, &policies[i], &policies[i], SSRC);
		rtp_simple(packet, 200, SSRC, 5);
		call_send(&call, LEFT, packet, 200);
		call_send(&call, LEFT, packet, 200);
		packet[199] ^= 1;
		ERRNO(send_to(call.sock[LEFT], packet, 200, &call.at[RIGHT]), EEXIST);
		capture_flush(&call.wire);
		EQUAL(call.wire.count, 2);
		SAME(call.wire.datagrams[1].data, call.wire.datagrams[1].len,
		     call.wire.datagrams[0].data, call.wire.datagrams[0].len);
		call_end(&call);
	}
}

static void test_srtcp_only(enum family family)
{
	const struct policy policy = { .suite = AES_CM, .srtcp_only = true };
	struct call call;

	b3_call(&call, family, &policy, &policy, SSRC);
	rtcp_build(packet, 52, SSRC, 1);
	call_pass(&call, LEFT, packet, 52);
	rtp_simple(packet, 100, SSRC, 1);
	ERRNO(send_to(call.sock[LEFT], packet, 100, &call.at[RIGHT]), ENOKEY);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_NO_KEY), 1);
}

/* Every packet of a batch carries the trailer of its policy. */
static void test_long_trailer(enum family family)
{
	const struct policy policy = {
		.suite = AES_CM, .srtp_tag_len = 20, .rcc_mode = SRTP_RCC_MODE_M2,
		.cryptex = SRTP_CRYPTEX_ALLOWED,
	};
	struct rtp rtp = { .ssrc = SSRC, .seq = 4, .extension = -1, .csrcs = 15 };
	struct call call;

	b3_call(&call, family, &policy, &policy, SSRC);
	rtp_build(packet, 1200, &rtp);
	call_send(&call, LEFT, packet, 1200);
	capture_flush(&call.wire);
	EQUAL(call.wire.datagrams[0].len, 1224);
}

/* Combinations */

struct combination {
	const char *what;
	struct policy policy;
	bool any, tx;
	int error;
};

static const struct combination combinations[] = {
	{ "no-srtp-encryption", { GCM, .no_srtp_encryption = true }, .error = EINVAL },
	{ "no-srtp-authentication", { GCM, .no_srtp_authentication = true }, .error = EINVAL },
	{ "srtp-tag-len", { GCM, .srtp_tag_len = 12 }, .error = EINVAL },
	{ "srtcp-tag-len", { GCM, .srtcp_tag_len = 12 }, .error = EINVAL },
	{ "srtp-tag-len", { AES_CM, .srtp_tag_len = 3 }, .error = EINVAL },
	{ "srtcp-tag-len", { AES_CM, .srtcp_tag_len = 4 }, .error = EINVAL },
	{ "no-srtp-authentication",
	  { AES_CM, .no_srtp_authentication = true, .no_srtp_encryption = true }, .error = EINVAL },
	{ "no-srtp-authentication",
	  { SRTP_SUITE_NULL_HMAC_SHA1_80, .no_srtp_authentication = true }, .error = EINVAL },
	{ "srtp-tag-len", { AES_CM, .no_srtp_authentication = true, .srtp_tag_len = 10 },
	  .error = EINVAL },
	{ "no-srtp-authentication", { AES_CM, .no_srtp_authentication = true }, .any = true,
	  .error = EINVAL },
	{ "", { AES_CM, .no_srtp_authentication = true }, .any = true, .tx = true },
	{ "rcc-mode", { GCM, .rcc_mode = SRTP_RCC_MODE_M1 }, .error = EOPNOTSUPP },
	{ "rcc-mode", { GCM, .rcc_mode = SRTP_RCC_MODE_M2 }, .error = EOPNOTSUPP },
	{ "", { GCM, .rcc_mode = SRTP_RCC_MODE_M3 }, .any = true },
	{ "rcc-mode", { AES_CM, .rcc_mode = SRTP_RCC_MODE_M3 }, .any = true, .error = EINVAL },
	{ "rcc-mode", { AES_CM, .rcc_mode = SRTP_RCC_MODE_M1, .no_srtp_authentication = true },
	  .error = EINVAL },
	{ "rcc-mode", { AES_CM, .rcc_rate = 4 }, .error = EINVAL },
	{ "rcc-rate", { AES_CM, .rcc_mode = SRTP_RCC_MODE_M1, .rcc_rate = 40000 },
	  .error = EINVAL },
	{ "", { AES_CM, .rcc_mode = SRTP_RCC_MODE_M2, .rcc_rate = 40000 } },
	{ "srtp-tag-len", { AES_CM, .rcc_mode = SRTP_RCC_MODE_M2, .srtp_tag_len = 7 },
	  .error = EINVAL },
	{ "srtp-tag-len", { AES_CM, .rcc_mode = SRTP_RCC_MODE_M3, .srtp_tag_len = 14 },
	  .error = EINVAL },
	{ "kdr", { AES_CM, .kdr = 3 }, .error = EINVAL },
	{ "kdr", { AES_CM, .kdr = 16 }, .any = true, .error = EOPNOTSUPP },
	{ "kdr", { AES_CM, .kdr = 16, .rcc_mode = SRTP_RCC_MODE_M2 }, .error = EOPNOTSUPP },
	{ "encrypted-ext-ids", { AES_CM, .ext_ids_len = 2, .ext_ids = { 1, 0 } }, .error = EINVAL },
	{ "encrypted-ext-ids",
	  { SRTP_SUITE_NULL_HMAC_SHA1_80, .ext_ids_len = 1, .ext_ids = { 1 } }, .error = EINVAL },
	{ "encrypted-ext-ids",
	  { SRTP_SUITE_F8_128_HMAC_SHA1_80, .ext_ids_len = 1, .ext_ids = { 1 } },
	  .error = EOPNOTSUPP },
	{ "cryptex", { AES_CM, .cryptex = SRTP_CRYPTEX_ALLOWED, .ext_ids_len = 1, .ext_ids = { 1 } },
	  .error = EINVAL },
	{ "cryptex", { SRTP_SUITE_NULL_HMAC_SHA1_32, .cryptex = SRTP_CRYPTEX_ALLOWED },
	  .error = EINVAL },
	{ "srtcp-only", { AES_CM, .srtcp_only = true, .cryptex = SRTP_CRYPTEX_ALLOWED },
	  .error = EINVAL },
	{ "", { SRTP_SUITE_AEAD_AES_256_GCM, .srtcp_only = true, .no_srtcp_encryption = true } },
};

static void test_combinations(enum family family)
{
	uint32_t session = session_new(LEFT);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(combinations); i++) {
		const struct combination *c = &combinations[i];
		const struct stream stream = {
			.session = session, .ssrc = i, .any = c->any, .policy = &c->policy,
			.direction = c->tx ? SRTP_DIRECTION_TX : SRTP_DIRECTION_RX,
			.fresh = c->tx,
		};
		int64_t id = try_stream_new(LEFT, &stream);

		if (c->error ? id != -c->error : id <= 0)
			FAIL("combination %zu (%s): %lld (%s)", i, c->what, (long long)id,
			     refusal());
		if (c->error && !strstr(refusal(), c->what))
			FAIL("combination %zu: the sentence says nothing about %s: %s", i,
			     c->what, refusal());
		if (id > 0)
			stream_del(LEFT, session, id);
	}
}

static const struct test tests[] = {
	{ "tags of 4 to 20 octets, of SRTCP 10 to 20", test_tag_lengths, IPV4, 60 },
	{ "an MKI of 1, 4, 7 and 255 octets, AES_CM and AEAD_AES_128_GCM, RCCm2 and RCCm3",
	  test_mki, IPV4, 60 },
	{ "no-srtp-encryption", test_no_srtp_encryption, IPV4 },
	{ "no-srtcp-encryption, AES_CM, AEAD_AES_128_GCM, F8", test_no_srtcp_encryption, IPV4, 60 },
	{ "no-srtp-authentication", test_no_srtp_authentication, IPV4 },
	{ "key derivation rates of 1, 4, 16, 2^16, AES_CM and AEAD_AES_128_GCM", test_kdr, IPV4, 60 },
	{ "key derivation rate of 16: packets late by a boundary are received",
	  test_kdr_boundary, IPV4 },
	{ "key derivation rate of 4: a stream goes on after a long gap", test_kdr_gap, IPV4, 60 },
	{ "the same packet again is the same on the wire, another one is EEXIST, in each policy",
	  test_repeated, IPV4, 60 },
	{ "srtcp-only: RTCP is sent and received, RTP is ENOKEY", test_srtcp_only, IPV4 },
	{ "a long trailer has room behind a packet", test_long_trailer, IPV4 },
	{ "combinations of modifiers are taken, or refused by a sentence that names one",
	  test_combinations, ONCE },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
