// SPDX-License-Identifier: GPL-2.0
/*
 * Header extensions: RFC 6904 encrypts elements of them, cryptex (RFC 9335)
 * whole ones and CSRCs. The published packets, and every form against an
 * independent computation.
 */
#include "srtptest.h"

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX];

#define AES_CM	SRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define GCM	SRTP_SUITE_AEAD_AES_128_GCM

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
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
