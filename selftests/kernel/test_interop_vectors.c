// SPDX-License-Identifier: GPL-2.0
/*
 * The key derivation of RFC 3711 B.3, seen from outside: with that master key
 * the kernel's packets must be those that the published session keys give.
 *
 * RFC 3711 B.2 begins with a session key, which nobody can hand to the kernel;
 * the module checks it when it is loaded.
 */
#include "srtptest.h"

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX];

/* The session keys as published; of auth_key HMAC-SHA1 takes 20 octets. */
static const struct reference published = {
	.rtp = {
		.cipher = {
			0xc6, 0x1e, 0x7a, 0x93, 0x74, 0x4f, 0x39, 0xee,
			0x10, 0x73, 0x4a, 0xfe, 0x3f, 0xf7, 0xa0, 0x87,
		},
		.salt = {
			0x30, 0xcb, 0xbc, 0x08, 0x86, 0x3d, 0x8c,
			0x85, 0xd4, 0x9d, 0xb3, 0x4a, 0x9a, 0xe1,
		},
		.auth = {
			0xce, 0xbe, 0x32, 0x1f, 0x6f, 0xf7, 0x71, 0x6b, 0x6f, 0xd4,
			0xab, 0x49, 0xaf, 0x25, 0x6a, 0x15, 0x6d, 0x38, 0xba, 0xa4,
		},
	},
};

static void test_b3_tx(enum family family)
{
	struct call call;
	size_t i, len;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < 20; i++) {
		rtp_simple(packet, 12 + 50 * i, 0xdecafbad, 65520 + i);
		call_send(&call, LEFT, packet, 12 + 50 * i);
	}
	capture_flush(&call.wire);
	EQUAL(call.wire.count, 20);
	for (i = 0; i < 20; i++) {
		rtp_simple(packet, 12 + 50 * i, 0xdecafbad, 65520 + i);
		len = reference_rtp(&published, (65520 + i) >> 16, packet, 12 + 50 * i, wire);
		SAME(call.wire.datagrams[i].data, call.wire.datagrams[i].len, wire, len);
	}
}

static void test_b3_rx(enum family family)
{
	struct call call;
	size_t i, len;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < 20; i++) {
		rtp_simple(packet, 12 + 50 * i, 0xdecafbad, 65520 + i);
		len = reference_rtp(&published, (65520 + i) >> 16, packet, 12 + 50 * i, wire);
		call_inject(&call, RIGHT, wire, len);
		receive_exactly(call.sock[RIGHT], packet, 12 + 50 * i);
	}
}

/* What the other tests compare with derives the same. */
static void test_b3_reference(enum family family)
{
	struct reference derived;

	reference_derive(&derived, &master_b3);
	SAME(&derived.rtp, sizeof(derived.rtp), &published.rtp, sizeof(published.rtp));
}

/* Neither key nor salt may be other by one bit. */
static void test_other_master(enum family family)
{
	struct master master = master_b3;
	struct reference other;
	struct call call;
	size_t bit, len;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (bit = 0; bit < 8 * sizeof(master); bit += 7) {
		((uint8_t *)&master)[bit / 8] ^= 1 << bit % 8;
		reference_derive(&other, &master);
		((uint8_t *)&master)[bit / 8] ^= 1 << bit % 8;
		rtp_simple(packet, 100, 0xdecafbad, 1);
		len = reference_rtp(&other, 0, packet, 100, wire);
		call_inject(&call, RIGHT, wire, len);
	}
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED) ==
		 (8 * sizeof(master) + 6) / 7, 10);
	nothing_to_receive(call.sock[RIGHT]);
}

static const struct test tests[] = {
	{ "RFC 3711 B.3: the kernel sends under the published session keys", test_b3_tx, EVERY },
	{ "RFC 3711 B.3: the kernel receives under the published session keys",
	  test_b3_rx, EVERY },
	{ "RFC 3711 B.3: the tests' own implementation derives them", test_b3_reference, ONCE },
	{ "a master key or salt that differs by a bit opens nothing", test_other_master, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
