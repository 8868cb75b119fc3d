// SPDX-License-Identifier: GPL-2.0
/*
 * The modifiers of a policy: each on the wire against an independent
 * computation, the published packets of RFC 6904 and RFC 9335, what RFC 4771
 * does for a receiver that joins late, and which combinations are refused.
 */
#include "srtptest.h"

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX];

#define AES_CM	SRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define GCM	SRTP_SUITE_AEAD_AES_128_GCM

/* A stream under RFC 3711 B.3's master key. */
static struct stream b3_stream(const struct policy *policy, uint32_t session, int direction,
			       uint32_t ssrc)
{
	static struct long_master master;
	struct stream stream = {
		.session = session, .direction = direction, .ssrc = ssrc, .policy = policy,
		.long_master = &master, .fresh = direction == SRTP_DIRECTION_TX,
	};

	memcpy(master.key, master_b3.key, sizeof(master_b3.key));
	memcpy(master.salt, master_b3.salt, sizeof(master_b3.salt));
	return stream;
}

static void b3_call(struct call *call, enum family family, const struct policy *tx,
		    const struct policy *rx, uint32_t ssrc)
{
	struct stream stream;

	call_prepare(call, family, SRTP_ROLE_MUX);
	stream = b3_stream(tx, call->session[LEFT], SRTP_DIRECTION_TX, ssrc);
	stream_new(LEFT, &stream);
	stream = b3_stream(rx, call->session[RIGHT], SRTP_DIRECTION_RX, ssrc);
	stream_new(RIGHT, &stream);
	call_attach(call, LEFT);
	call_attach(call, RIGHT);
}

static size_t unhex(const char *hex, uint8_t *out)
{
	size_t i, len = strlen(hex) / 2;

	for (i = 0; i < len; i++)
		CHECK(sscanf(hex + 2 * i, "%2hhx", &out[i]) == 1);
	return len;
}

/* Packets of the authors of RFC 9335, AES-CM and HMAC-SHA1-80. */
static const char *const cryptex_packets[][2] = {
	{ "900f1235decafbadcafebabebede000151000200abababababababababababababababab",
	  "900f1235decafbadcafebabec0de0001eb92365251c3e036f8de27e9c27ee3e0b4651d9fbc4218a70244522f34a5" },
	{ "900f1236decafbadcafebabe1000000105020002abababababababababababababababab",
	  "900f1236decafbadcafebabec2de00014ed9cc4e6a712b3096c5ca77339d4204ce0d77396cab69585fbce38194a5" },
	{ "920f1238decafbadcafebabe0001e2400000b26ebede000151000200abababababababababababababababab",
	  "920f1238decafbadcafebabe8bb6e12b5cff16ddc0de000192838c8c09e58393e1de3a9a74734d6745671338c3acf11da2df8423bee0" },
	{ "920f1239decafbadcafebabe0001e2400000b26e1000000105020002abababababababababababababababab",
	  "920f1239decafbadcafebabef70e513eb90b9b25c2de0001bbed4848faa644665f3d7f34125914e9f4d0ae923c6f479b95a0f7b53133" },
	{ "920f123adecafbadcafebabe0001e2400000b26ebede0000abababababababababababababababab",
	  "920f123adecafbadcafebabe7130b6abfe2ab0e3c0de0000e3d9f64b25c9e74cb4cf8e43fb92e3781c2c0ceab6b3a499a14c" },
	{ "920f123bdecafbadcafebabe0001e2400000b26e10000000abababababababababababababababab",
	  "920f123bdecafbadcafebabecbf24c124330e1c8c2de0000599dd45bc9d687b603e8b59d771fd38e88b170e0cd31e125eabe" },
};

static void test_cryptex_packets(enum family family)
{
	const struct policy policy = { .suite = AES_CM, .cryptex = SRTP_CRYPTEX_REQUIRED };
	size_t i, len, wire_len;
	struct call call;

	b3_call(&call, family, &policy, &policy, 0xcafebabe);
	for (i = 0; i < ARRAY_SIZE(cryptex_packets); i++) {
		len = unhex(cryptex_packets[i][0], packet);
		wire_len = unhex(cryptex_packets[i][1], wire);
		call_pass(&call, LEFT, packet, len);
		capture_flush(&call.wire);
		SAME(call.wire.datagrams[i].data, call.wire.datagrams[i].len, wire, wire_len);
	}
}

/* The extension of RFC 6904 appendix A: elements 1, 3 and 4 are encrypted. */
static void test_hdrext_packet(enum family family)
{
	const struct policy policy = {
		.suite = AES_CM, .ext_ids_len = 3, .ext_ids = { 1, 3, 4 },
	};
	struct call call;
	size_t len;

	b3_call(&call, family, &policy, &policy, 0xcafebabe);
	len = unhex("900f1234decafbadcafebabebede0006"
		    "17414273a475262748220000c8308e4655996386b395fb00abababab", packet);
	unhex("900f1234decafbadcafebabebede0006"
	      "17588a9270f4e15e1c220000c8309546a994f0bc54789700", wire);
	call_pass(&call, LEFT, packet, len);
	capture_flush(&call.wire);
	SAME(call.wire.datagrams[0].data, (size_t)40, wire, (size_t)40);
}

/* Extensions that are malformed are sent by nobody. */
static void test_hdrext_malformed(enum family family)
{
	const struct policy policy = { .suite = AES_CM, .ext_ids_len = 1, .ext_ids = { 1 } };
	struct call call;
	size_t len;

	b3_call(&call, family, &policy, &policy, SSRC);
	len = unhex("900f000100000000" "12345678" "bede0001" "1f000000" "abababab", packet);
	ERRNO(send_to(call.sock[LEFT], packet, len, &call.at[RIGHT]), EINVAL);
	len = unhex("900f000200000000" "12345678" "10000001" "02010001" "abababab", packet);
	ERRNO(send_to(call.sock[LEFT], packet, len, &call.at[RIGHT]), EINVAL);
	wire_check(&call, 0);
	/* and took no index */
	len = unhex("900f000100000000" "12345678" "bede0001" "10000000" "abababab", packet);
	call_pass(&call, LEFT, packet, len);
}

/* With cryptex required an extension that it cannot encrypt is sent by nobody. */
static void test_cryptex_foreign(enum family family)
{
	const struct policy policy = { .suite = AES_CM, .cryptex = SRTP_CRYPTEX_REQUIRED };
	struct call call;
	size_t len;

	b3_call(&call, family, &policy, &policy, SSRC);
	len = unhex("900f000100000000" "12345678" "12340001" "10000000" "abababab", packet);
	ERRNO(send_to(call.sock[LEFT], packet, len, &call.at[RIGHT]), EINVAL);
	capture_flush(&call.wire);
	EQUAL(call.wire.count, 0);
	len = unhex("900f000100000000" "12345678" "bede0001" "10000000" "abababab", packet);
	call_pass(&call, LEFT, packet, len);
}

static void test_cryptex_required(enum family family)
{
	const struct policy off = { .suite = AES_CM };
	const struct policy required = { .suite = AES_CM, .cryptex = SRTP_CRYPTEX_REQUIRED };
	struct rtp rtp = { .ssrc = SSRC, .seq = 1, .extension = -1 };
	struct call call;

	b3_call(&call, family, &off, &required, SSRC);
	rtp_build(packet, 100, &rtp);
	call_pass(&call, LEFT, packet, 100);
	rtp.seq++;
	rtp.extension = 2;
	rtp_build(packet, 100, &rtp);
	memcpy(packet + RTP_HEADER, "\xbe\xde", 2);
	call_send(&call, LEFT, packet, 100);
	rtp.seq++;
	rtp.extension = -1;
	rtp.csrcs = 1;
	rtp_build(packet, 100, &rtp);
	call_send(&call, LEFT, packet, 100);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED) == 2, 10);
	nothing_to_receive(call.sock[RIGHT]);
}

static void test_cryptex_off(enum family family)
{
	const struct policy off = { .suite = AES_CM };
	const struct policy allowed = { .suite = AES_CM, .cryptex = SRTP_CRYPTEX_ALLOWED };
	struct call call;
	size_t len;

	b3_call(&call, family, &allowed, &off, 0xcafebabe);
	len = unhex(cryptex_packets[0][0], packet);
	call_send(&call, LEFT, packet, len);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED) == 1, 10);
	nothing_to_receive(call.sock[RIGHT]);
	/* Nor does an application write that mark itself. */
	memcpy(packet + RTP_HEADER, "\xc0\xde", 2);
	ERRNO(send_to(call.sock[LEFT], packet, len, &call.at[RIGHT]), EINVAL);
}

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

static void test_cryptex(enum family family)
{
	static const uint16_t ids[] = {
		AES_CM, SRTP_SUITE_AEAD_AES_256_GCM, SRTP_SUITE_F8_128_HMAC_SHA1_80,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		const struct policy policy = { .suite = ids[i], .cryptex = SRTP_CRYPTEX_ALLOWED };
		struct rtp rtp = { .ssrc = SSRC, .extension = 3, .csrcs = 2 };
		struct call call;
		size_t n, len;

		b3_call(&call, family, &policy, &policy, SSRC);
		for (n = 0; n < 6; n++) {
			struct stream s = b3_stream(&policy, 0, SRTP_DIRECTION_TX, SSRC);

			rtp.seq = 100 + n;
			rtp.csrcs = n * 3;
			rtp.extension = n & 1 ? 4 : 0;
			rtp_build(packet, 300, &rtp);
			memcpy(packet + RTP_HEADER + 4 * rtp.csrcs, n & 2 ? "\x10\0" : "\xbe\xde", 2);
			len = suite_rtp(&policy, s.long_master, 0, packet, 300, wire);
			call_pass(&call, LEFT, packet, 300);
			capture_flush(&call.wire);
			SAME(call.wire.datagrams[n].data, call.wire.datagrams[n].len, wire, len);
		}
		call_end(&call);
	}
}

/* CSRCs without an extension are sent behind an empty one, which stays. */
static void test_cryptex_csrcs(enum family family)
{
	const struct policy policy = { .suite = GCM, .cryptex = SRTP_CRYPTEX_ALLOWED };
	struct rtp rtp = { .ssrc = SSRC, .seq = 1, .extension = -1, .csrcs = 2 };
	uint8_t shall[304];
	struct call call;

	b3_call(&call, family, &policy, &policy, SSRC);
	rtp_build(packet, 300, &rtp);
	call_send(&call, LEFT, packet, 300);
	memcpy(shall, packet, 20);
	shall[0] |= 0x10;
	memcpy(shall + 20, "\xbe\xde\0\0", 4);
	memcpy(shall + 24, packet + 20, 280);
	receive_exactly(call.sock[RIGHT], shall, 304);
}

static void test_hdrext(enum family family)
{
	static const uint16_t ids[] = { AES_CM, GCM, SRTP_SUITE_AEAD_AES_256_GCM };
	size_t i, len, n;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		const struct policy policy = {
			.suite = ids[i], .ext_ids_len = 2, .ext_ids = { 2, 5 },
		};
		struct call call;

		for (n = 0; n < 2; n++) {
			struct stream s = b3_stream(&policy, 0, SRTP_DIRECTION_TX, SSRC);

			b3_call(&call, family, &policy, &policy, SSRC);
			len = unhex(n ? "910f000200000000" "12345678" "00000009" "10000006"
				    "0100" "02020a0b" "00" "050a0102030405060708090a" "0000020101"
				    "abababab" :
				    "910f000100000000" "12345678" "00000009" "bede0003"
				    "1001" "210a0b" "00" "5201" "0203" "f100" "abababab", packet);
			EQUAL(len, n ? 48 : 36);
			len = suite_rtp(&policy, s.long_master, 0, packet, n ? 48 : 36, wire);
			call_pass(&call, LEFT, packet, n ? 48 : 36);
			capture_flush(&call.wire);
			SAME(call.wire.datagrams[0].data, call.wire.datagrams[0].len, wire, len);
			call_end(&call);
		}
	}
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

/* Late packets of the generation before are still received. */
static void test_kdr_boundary(enum family family)
{
	const struct policy policy = { .suite = AES_CM, .kdr = 16 };
	static const uint16_t order[] = { 14, 17, 15, 18, 13, 31, 33, 30, 32, 47, 49, 46, 48 };
	struct stream s = b3_stream(&policy, 0, SRTP_DIRECTION_RX, SSRC);
	struct call call;
	size_t i, len;

	b3_call(&call, family, &policy, &policy, SSRC);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		rtp_simple(packet, 100, SSRC, order[i]);
		len = suite_rtp(&policy, s.long_master, 0, packet, 100, wire);
		call_inject(&call, RIGHT, wire, len);
		receive_exactly(call.sock[RIGHT], packet, 100);
	}
}

static bool arrives(struct call *call, const struct policy *policy, uint16_t seq)
{
	struct stream s = b3_stream(policy, 0, SRTP_DIRECTION_RX, SSRC);
	size_t len;

	rtp_simple(packet, 100, SSRC, seq);
	len = suite_rtp(policy, s.long_master, 0, packet, 100, wire);
	call_inject(call, RIGHT, wire, len);
	return recv(call->sock[RIGHT], wire, sizeof(wire), MSG_DONTWAIT) == 100;
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

/* RFC 4771 */

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
	{ "RFC 9335, AES_CM_128_HMAC_SHA1_80: the authors' packets, both ways",
	  test_cryptex_packets, EVERY },
	{ "RFC 6904 appendix A, AES_CM_128_HMAC_SHA1_80: the published extension, both ways",
	  test_hdrext_packet, EVERY },
	{ "RFC 6904: a malformed extension is not sent, and takes no index",
	  test_hdrext_malformed, IPV4 },
	{ "RFC 6904: one-byte and two-byte elements, AES_CM and AEAD_AES_GCM", test_hdrext, IPV4, 120 },
	{ "RFC 9335: extensions and CSRCs of all forms, AES_CM, AEAD_AES_256_GCM, F8",
	  test_cryptex, IPV4, 120 },
	{ "RFC 9335: CSRCs without an extension get an empty one", test_cryptex_csrcs, IPV4 },
	{ "RFC 9335: with required, clear extensions and CSRCs are dropped",
	  test_cryptex_required, IPV4 },
	{ "RFC 9335: with required, an extension of another form is not sent, and takes no index",
	  test_cryptex_foreign, IPV4 },
	{ "RFC 9335: with off, a packet with cryptex is neither received nor sent",
	  test_cryptex_off, IPV4 },
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
	{ "RFC 4771: RCCm1, RCCm2, RCCm3 on the wire", test_rcc, IPV4, 60 },
	{ "RFC 4771: RCCm1 and RCCm3 with packets that prove nothing", test_rcc_unproven, IPV4 },
	{ "RFC 4771: a receiver learns the ROC from an authentic packet, and from no other",
	  test_rcc_join, IPV4, 60 },
	{ "RFC 4771: with RCCm1 a packet without a tag moves nothing and makes no stream",
	  test_rcc_m1_unproven, IPV4 },
	{ "RFC 4771: with RCCm1 a packet without a tag ends no rekey", test_rcc_m1_rekey, IPV4 },
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
