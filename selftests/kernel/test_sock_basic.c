// SPDX-License-Identifier: GPL-2.0
/*
 * An attached socket sends and receives plain RTP and RTCP, and the wire
 * carries SRTP and SRTCP, for all shapes and sizes of packets.
 */
#include "srtptest.h"

#include <netinet/udp.h>

static uint8_t packet[PACKET_MAX];

static void test_sizes_rtp(enum family family)
{
	size_t len, n = 0;
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (len = RTP_HEADER; len <= 1400; len += len < 64 ? 1 : 61) {
		rtp_simple(packet, len, SSRC, n++);
		call_pass(&call, LEFT, packet, len);
	}
	wire_check(&call, n);
}

static void test_sizes_rtcp(enum family family)
{
	size_t len, n = 0;
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTCP);
	for (len = RTCP_HEADER; len <= 1400; len += len < 64 ? 4 : 60) {
		rtcp_build(packet, len, SSRC, n++);
		call_pass(&call, LEFT, packet, len);
	}
	wire_check(&call, n);
}

static void test_wire_equals_reference(enum family family)
{
	static uint8_t wire[PACKET_MAX];
	struct call call;
	size_t len, i;

	call_begin(&call, family, SRTP_ROLE_MUX);
	for (i = 0; i < 10; i++) {
		rtp_simple(packet, 172, SSRC, i);
		call_pass(&call, LEFT, packet, 172);
		rtcp_build(packet, 28 + 24, SSRC, i);
		call_pass(&call, LEFT, packet, 28 + 24);
	}
	wire_check(&call, 20);
	for (i = 0; i < 10; i++) {
		rtp_simple(packet, 172, SSRC, i);
		len = reference_rtp(&call.reference[LEFT], 0, packet, 172, wire);
		EQUAL(len, 182);
		SAME(call.wire.datagrams[2 * i].data, call.wire.datagrams[2 * i].len, wire, len);
		rtcp_build(packet, 52, SSRC, i);
		len = reference_rtcp(&call.reference[LEFT], i, packet, 52, wire);
		EQUAL(len, 66);
		SAME(call.wire.datagrams[2 * i + 1].data, call.wire.datagrams[2 * i + 1].len,
		     wire, len);
	}
}

static void test_from_reference(enum family family)
{
	static uint8_t wire[PACKET_MAX];
	struct call call;
	size_t len, i;

	call_begin(&call, family, SRTP_ROLE_MUX);
	for (i = 0; i < 50; i++) {
		rtp_simple(packet, RTP_HEADER + 23 * i, SSRC, i);
		len = reference_rtp(&call.reference[LEFT], 0, packet, RTP_HEADER + 23 * i, wire);
		call_inject(&call, RIGHT, wire, len);
		receive_exactly(call.sock[RIGHT], packet, RTP_HEADER + 23 * i);
		rtcp_build(packet, RTCP_HEADER + 24 * i, SSRC, i);
		len = reference_rtcp(&call.reference[LEFT], i, packet, RTCP_HEADER + 24 * i, wire);
		call_inject(&call, RIGHT, wire, len);
		receive_exactly(call.sock[RIGHT], packet, RTCP_HEADER + 24 * i);
	}
}

static void test_large(enum family family)
{
	static const size_t sizes[] = { 1462, 8192, 16000, 32768, 65000, 65475 };
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	set_mtu(65535);
	set_int(call.sock[LEFT], SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20);
	set_int(call.sock[RIGHT], SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		rtp_simple(packet, sizes[i], SSRC, i);
		call_pass(&call, LEFT, packet, sizes[i]);
	}
	wire_check(&call, ARRAY_SIZE(sizes));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		rtp_simple(packet, sizes[i], SSRC, i);
		wire_expect(&call, i, packet, sizes[i]);
	}
}

static void test_too_large(enum family family)
{
	const size_t most = 65507 + (family == IPV6 ? 20 : 0);
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	set_mtu(65535);
	set_int(call.sock[LEFT], SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20);
	rtp_simple(packet, most, SSRC, 1);
	/* would be too large with the trailer only; without it too */
	ERRNO(send_to(call.sock[LEFT], packet, most - SRTP_TRAILER + 1, &call.at[RIGHT]), EMSGSIZE);
	rtp_simple(packet, most, SSRC, 2);
	ERRNO(send_to(call.sock[LEFT], packet, most, &call.at[RIGHT]), EMSGSIZE);
	wire_check(&call, 0);
}

static void test_fragments(enum family family)
{
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < 10; i++) {
		rtp_simple(packet, 1463 + 500 * i, SSRC, i);
		call_pass(&call, LEFT, packet, 1463 + 500 * i);
	}
	wire_check(&call, 0);
	CHECK(call.wire.fragments >= 20);
}

static void test_headers(enum family family)
{
	static const struct rtp shapes[] = {
		{ .extension = -1, .type = 0 },
		{ .extension = -1, .marker = true, .type = 96 },
		{ .extension = 0 },
		{ .extension = 1, .csrcs = 1 },
		{ .extension = 5, .marker = true, .type = 127, },
		{ .extension = -1, .csrcs = 15 },
		{ .extension = 30, .csrcs = 15, .padding = 4 },
		{ .extension = -1, .padding = 1 },
		{ .extension = 200, .padding = 255 },
	};
	struct call call;
	struct rtp rtp;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		rtp = shapes[i];
		rtp.ssrc = SSRC;
		rtp.seq = i;
		rtp_build(packet, 1200, &rtp);
		call_pass(&call, LEFT, packet, 1200);
	}
	wire_check(&call, ARRAY_SIZE(shapes));
	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		rtp = shapes[i];
		rtp.ssrc = SSRC;
		rtp.seq = i;
		rtp_build(packet, 1200, &rtp);
		wire_expect(&call, i, packet, 1200);
	}
}

/* The header stays in clear, so does nothing after it. */
static void test_extension_stays_clear(enum family family)
{
	const struct rtp rtp = { .ssrc = SSRC, .seq = 7, .extension = 3, .csrcs = 2 };
	const size_t header = RTP_HEADER + 8 + 4 + 12;
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	rtp_build(packet, 200, &rtp);
	call_pass(&call, LEFT, packet, 200);
	wire_check(&call, 1);
	SAME(call.wire.datagrams[0].data, header, packet, header);
	CHECK(memcmp(call.wire.datagrams[0].data + header, packet + header, 16));
	EQUAL(call.wire.datagrams[0].len, 210);
}

static void test_role_mux(enum family family)
{
	struct call call;
	int type;

	call_begin(&call, family, SRTP_ROLE_MUX);
	for (type = 0; type < 256; type++) {
		rtp_simple(packet, 40, SSRC, type);
		rtcp_build(packet + 1000, 40, SSRC, type);
		packet[1] = packet[1001] = type;
		/* RFC 5761 section 4: 192 to 223 are RTCP, with or without "marker" */
		if (type >= 192 && type <= 223)
			call_pass(&call, LEFT, packet + 1000, 40);
		else
			call_pass(&call, LEFT, packet, 40);
	}
	wire_check(&call, 256);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_SRTP_PACKETS), 224);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_SRTCP_PACKETS), 32);
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_SRTP_PACKETS), 224);
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_SRTCP_PACKETS), 32);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_SRTP_BYTES), 224 * 40);
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_SRTCP_BYTES), 32 * 40);
}

/* With the role rtp everything is RTP, whatever the second octet says. */
static void test_role_rtp(enum family family)
{
	struct call call;
	int type;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (type = 190; type < 226; type++) {
		rtp_simple(packet, 40, SSRC, type);
		packet[1] = type;
		call_pass(&call, LEFT, packet, 40);
	}
	wire_check(&call, 36);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_SRTP_PACKETS), 36);
}

static void test_both_ways(enum family family)
{
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_MUX);
	call_connect(&call);
	for (i = 0; i < 100; i++) {
		rtp_simple(packet, 172, SSRC + (i & 1), i);
		call_pass(&call, i & 1, packet, 172);
		rtcp_build(packet, 52, SSRC + (i & 1), i);
		call_pass(&call, !(i & 1), packet, 52);
	}
	wire_check(&call, 200);
}

static void test_many_ssrcs(enum family family)
{
	struct stream stream;
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < 3 * 40; i++) {
		rtp_simple(packet, 172, SSRC + i % 40, 1000 * (i % 40) + i / 40);
		call_pass(&call, LEFT, packet, 172);
	}
	wire_check(&call, 120);
	EQUAL(session_get(LEFT, call.session[LEFT]).streams, 2 + 40);
	EQUAL(session_get(RIGHT, call.session[RIGHT]).streams, 2 + 40);
	CHECK(stream_find(RIGHT, call.session[RIGHT], SRTP_DIRECTION_RX, SSRC + 7, &stream));
	EQUAL(stream.template, call.rx[RIGHT]);
	EQUAL(stream.seq, 7002);
	EQUAL(stream.stats[SRTP_A_STATS_RX_SRTP_PACKETS], 3);
}

static void test_ssrc_cap(enum family family)
{
	const struct session few = { .ssrc_cap = 3 };
	static uint8_t wire[PACKET_MAX];
	struct call call;
	size_t i, len;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	call.session[LEFT] = session_with(LEFT, &few);
	call.session[RIGHT] = session_with(RIGHT, &few);
	stream_any(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, &master_b3);
	stream_any(RIGHT, call.session[RIGHT], SRTP_DIRECTION_RX, &master_b3);
	call_attach(&call, LEFT);
	call_attach(&call, RIGHT);
	for (i = 0; i < 3; i++) {
		rtp_simple(packet, 172, SSRC + i, 1);
		call_pass(&call, LEFT, packet, 172);
	}
	rtp_simple(packet, 172, SSRC + 3, 1);
	ERRNO(send_to(call.sock[LEFT], packet, 172, &call.at[RIGHT]), ENOSPC);
	wire_check(&call, 3);
	len = reference_rtp(&call.reference[LEFT], 0, packet, 172, wire);
	call_inject(&call, RIGHT, wire, len);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_SSRC_CAP) == 1, 10);
	nothing_to_receive(call.sock[RIGHT]);
	/* nothing was evicted */
	for (i = 0; i < 3; i++) {
		rtp_simple(packet, 172, SSRC + i, 2);
		call_pass(&call, LEFT, packet, 172);
	}
}

/* Streams made by their SSRC win against the wildcard. */
static void test_specific_stream(enum family family)
{
	struct stream stream = {
		.direction = SRTP_DIRECTION_TX, .ssrc = SSRC, .master = &master_other,
		.fresh = true,
	};
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	stream.session = call.session[LEFT];
	stream.id = stream_new(LEFT, &stream);
	rtp_simple(packet, 172, SSRC, 1);
	call_send(&call, LEFT, packet, 172);
	/* the other side has the other key */
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED) == 1, 10);
	capture_flush(&call.wire);
	EQUAL(call.wire.count, 1);
	CHECK(reference_open_rtp(&call.reference[RIGHT], 0, call.wire.datagrams[0].data,
				 182, packet + 1000) == 172);
	SAME(packet + 1000, 172, packet, 172);
	rtp_simple(packet, 172, SSRC + 1, 1);
	call_pass(&call, LEFT, packet, 172);
}

static const struct test tests[] = {
	{ "rtp: sizes from 12 to 1400 arrive as sent, wire authenticates and hides them",
	  test_sizes_rtp, EVERY },
	{ "rtcp: sizes from 8 to 1400 arrive as sent, wire authenticates and hides them",
	  test_sizes_rtcp, EVERY },
	{ "wire: octets equal those of the independent implementation",
	  test_wire_equals_reference, EVERY },
	{ "rx: packets of the independent implementation are received as their plaintext",
	  test_from_reference, EVERY },
	{ "rtp: large packets up to 65475 octets", test_large, EVERY },
	{ "rtp: a packet that is too large with its trailer gives EMSGSIZE",
	  test_too_large, EVERY },
	{ "rtp: packets above the MTU are fragmented and arrive", test_fragments, EVERY },
	{ "rtp: CSRCs, extensions, padding, marker arrive as sent", test_headers, EVERY },
	{ "rtp: header with CSRCs and extension is clear, everything else is not",
	  test_extension_stays_clear, EVERY },
	{ "role mux: every packet type is told apart as in RFC 5761", test_role_mux, EVERY },
	{ "role rtp: RTCP packet types are payload types there", test_role_rtp, EVERY },
	{ "both ways at once on connected sockets, RTP and RTCP", test_both_ways, EVERY },
	{ "wildcard: 40 SSRCs get streams of their own", test_many_ssrcs, EVERY },
	{ "wildcard: ssrc-cap gives ENOSPC and rx-ssrc-cap, evicts nobody",
	  test_ssrc_cap, EVERY },
	{ "a stream with an SSRC goes before the wildcard", test_specific_stream, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
