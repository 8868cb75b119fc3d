// SPDX-License-Identifier: GPL-2.0
/*
 * What an attached socket does with packets that are no RTP, with malformed
 * ones, and without a key: nothing leaves and nothing enters.
 */
#include "srtptest.h"

#include <netinet/udp.h>

#define SIZE	172

static uint8_t packet[PACKET_MAX];

static uint8_t *nth(unsigned int n)
{
	rtp_simple(packet, SIZE, SSRC, n);
	return packet;
}

static void begin_passing(struct call *call, enum family family)
{
	const struct session passes = { .pass_non_rtp = true };
	enum side side;

	call_prepare(call, family, SRTP_ROLE_MUX);
	for (side = LEFT; side < SIDES; side++) {
		call->session[side] = session_with(side, &passes);
		stream_any(side, call->session[side], SRTP_DIRECTION_TX,
			   side == LEFT ? &master_b3 : &master_other);
		stream_any(side, call->session[side], SRTP_DIRECTION_RX,
			   side == LEFT ? &master_other : &master_b3);
		call_attach(call, side);
	}
}

/* RFC 7983 section 7 */
static bool named(int octet)
{
	return octet <= 3 || (octet >= 16 && octet <= 19) || (octet >= 20 && octet <= 63) ||
	       (octet >= 64 && octet <= 79);
}

static bool is_rtp(int octet)
{
	return octet >= 128 && octet <= 191;
}

static void test_tx_refused(enum family family)
{
	struct call call;
	int octet;

	call_begin(&call, family, SRTP_ROLE_MUX);
	for (octet = 0; octet < 256; octet++) {
		packet[0] = octet;
		fill_payload(packet + 1, SIZE - 1, octet);
		if (!is_rtp(octet))
			ERRNO(send_to(call.sock[LEFT], packet, SIZE, &call.at[RIGHT]), EPROTO);
	}
	ERRNO(send_to(call.sock[LEFT], packet, 0, &call.at[RIGHT]), EPROTO);
	wire_check(&call, 0);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_PASSED), 0);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_MALFORMED), 192 + 1);
}

static void test_rx_refused(enum family family)
{
	struct call call;
	int octet;

	call_begin(&call, family, SRTP_ROLE_MUX);
	for (octet = 0; octet < 256; octet++) {
		packet[0] = octet;
		fill_payload(packet + 1, SIZE - 1, octet);
		if (!is_rtp(octet))
			call_inject(&call, RIGHT, packet, SIZE);
	}
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_NOT_RTP) == 192, 10);
	call_inject(&call, RIGHT, packet, 0);
	call_pass(&call, LEFT, nth(1), SIZE);
	nothing_to_receive(call.sock[RIGHT]);
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_PASSED), 0);
}

static void test_tx_passed(enum family family)
{
	struct call call;
	int octet, passed = 0;

	begin_passing(&call, family);
	for (octet = 0; octet < 256; octet++) {
		memset(packet, octet, 100);
		if (is_rtp(octet))
			continue;
		if (!named(octet)) {
			ERRNO(send_to(call.sock[LEFT], packet, 100, &call.at[RIGHT]), EPROTO);
			continue;
		}
		call_pass(&call, LEFT, packet, 100);
		passed++;
	}
	capture_flush(&call.wire);
	EQUAL(call.wire.count, passed);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_PASSED), passed);
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_PASSED), passed);
	wire_forget(&call);
	/* and RTP is SRTP all the same */
	call_pass(&call, LEFT, nth(1), SIZE);
	wire_check(&call, 1);
}

static void test_rx_passed(enum family family)
{
	int octet, dropped = 0;
	struct call call;

	begin_passing(&call, family);
	for (octet = 0; octet < 256; octet++) {
		memset(packet, octet, 100);
		if (is_rtp(octet))
			continue;
		call_inject(&call, RIGHT, packet, 100);
		if (named(octet))
			receive_exactly(call.sock[RIGHT], packet, 100);
		else
			dropped++;
	}
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_NOT_RTP) ==
		 (uint64_t)dropped, 10);
	call_inject(&call, RIGHT, nth(1), SIZE);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED) == 1, 10);
	nothing_to_receive(call.sock[RIGHT]);
}

/* Pieces are judged by the whole, which begins with the first one. */
static void test_more_is_judged_whole(enum family family)
{
	struct call call;

	begin_passing(&call, family);
	connect_to(call.sock[LEFT], &call.at[RIGHT]);
	memset(packet, 0, 100);
	EQUAL(send(call.sock[LEFT], packet, 10, MSG_MORE), 10);
	EQUAL(send(call.sock[LEFT], nth(1), 100, 0), 100);
	EQUAL(receive(call.sock[RIGHT], packet, SIZE), 110);
	/* an empty piece first does not hide that RTP follows */
	EQUAL(send(call.sock[LEFT], packet, 0, MSG_MORE), 0);
	EQUAL(send(call.sock[LEFT], nth(2), SIZE, 0), SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	capture_flush(&call.wire);
	EQUAL(call.wire.count, 2);
	EQUAL(call.wire.datagrams[1].len, SIZE + SRTP_TRAILER);
	CHECK(!has_mark(call.wire.datagrams[1].data, SIZE));
}

static void test_tx_malformed(enum family family)
{
	struct call call;
	size_t len;

	call_begin(&call, family, SRTP_ROLE_MUX);
	for (len = 1; len < RTP_HEADER; len++)
		ERRNO(send_to(call.sock[LEFT], nth(1), len, &call.at[RIGHT]), EINVAL);
	for (len = 2; len < RTCP_HEADER; len++) {
		rtcp_build(packet, 28, SSRC, 1);
		ERRNO(send_to(call.sock[LEFT], packet, len, &call.at[RIGHT]), EINVAL);
	}
	/* CSRCs, then an extension, that are not all there */
	nth(1)[0] |= 3;
	for (len = RTP_HEADER; len < RTP_HEADER + 12; len++)
		ERRNO(send_to(call.sock[LEFT], packet, len, &call.at[RIGHT]), EINVAL);
	nth(1)[0] |= 0x10;
	packet[14] = 0;
	packet[15] = 5;
	for (len = RTP_HEADER; len < RTP_HEADER + 24; len++)
		ERRNO(send_to(call.sock[LEFT], packet, len, &call.at[RIGHT]), EINVAL);
	packet[14] = 0xff;
	ERRNO(send_to(call.sock[LEFT], packet, 1400, &call.at[RIGHT]), EINVAL);
	wire_check(&call, 0);
	call_pass(&call, LEFT, nth(1), SIZE);
	CHECK(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_MALFORMED) > 40);
}

/* Malformed ones that would authenticate, so that only the form is wrong. */
static void test_rx_malformed(enum family family)
{
	static uint8_t wire[PACKET_MAX];
	struct call call;
	size_t len, n = 0;

	call_begin(&call, family, SRTP_ROLE_MUX);
	reference_rtp(&call.reference[LEFT], 0, nth(1), SIZE, wire);
	for (len = 1; len < RTP_HEADER + SRTP_TRAILER; len++, n++)
		call_inject(&call, RIGHT, wire, len);
	rtcp_build(packet, 28, SSRC, 1);
	reference_rtcp(&call.reference[LEFT], 0, packet, 28, wire);
	for (len = 2; len < RTCP_HEADER + SRTCP_TRAILER; len++, n++)
		call_inject(&call, RIGHT, wire, len);
	/* an extension longer than the packet */
	nth(1);
	reference_rtp(&call.reference[LEFT], 0, packet, SIZE, wire);
	wire[0] |= 0x10;
	wire[14] = 0xff;
	call_inject(&call, RIGHT, wire, SIZE + SRTP_TRAILER);
	n++;
	/* CSRCs where the tag is */
	wire[0] = 0x8f;
	call_inject(&call, RIGHT, wire, RTP_HEADER + 4 * 15);
	n++;
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_MALFORMED) == n, 10);
	nothing_to_receive(call.sock[RIGHT]);
	call_pass(&call, LEFT, nth(1), SIZE);
}

static void test_tx_no_stream(enum family family)
{
	struct call call;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	stream_del(LEFT, call.session[LEFT], call.tx[LEFT]);
	call_attach(&call, LEFT);
	ERRNO(send_to(call.sock[LEFT], nth(1), SIZE, &call.at[RIGHT]), ENOKEY);
	rtcp_build(packet, 52, SSRC, 1);
	ERRNO(send_to(call.sock[LEFT], packet, 52, &call.at[RIGHT]), ENOKEY);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_NO_KEY), 2);
	wire_check(&call, 0);
}

static void test_tx_no_key(enum family family)
{
	struct stream stream = { .direction = SRTP_DIRECTION_TX, .ssrc = SSRC, .fresh = true };
	struct call call;
	uint32_t id, key;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	call_attach(&call, LEFT);
	call_attach(&call, RIGHT);
	/* a stream without a key hides the wildcard that has one */
	stream.session = call.session[LEFT];
	id = stream_new(LEFT, &stream);
	ERRNO(send_to(call.sock[LEFT], nth(1), SIZE, &call.at[RIGHT]), ENOKEY);
	wire_check(&call, 0);
	key = key_new(LEFT, call.session[LEFT], id, &master_b3);
	call_pass(&call, LEFT, nth(1), SIZE);
	key_del(LEFT, call.session[LEFT], id, key);
	ERRNO(send_to(call.sock[LEFT], nth(2), SIZE, &call.at[RIGHT]), ENOKEY);
	wire_check(&call, 1);
}

static void test_rx_no_stream(enum family family)
{
	static uint8_t wire[PACKET_MAX];
	struct call call;
	size_t len;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	stream_del(RIGHT, call.session[RIGHT], call.rx[RIGHT]);
	call_attach(&call, RIGHT);
	len = reference_rtp(&call.reference[LEFT], 0, nth(1), SIZE, wire);
	call_inject(&call, RIGHT, wire, len);
	call_inject(&call, RIGHT, packet, SIZE);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_NO_KEY) == 2, 10);
	nothing_to_receive(call.sock[RIGHT]);
}

static void test_session_deleted(enum family family)
{
	static uint8_t wire[PACKET_MAX];
	struct call call;
	size_t len;

	call_begin(&call, family, SRTP_ROLE_MUX);
	call_pass(&call, LEFT, nth(1), SIZE);
	session_del(LEFT, call.session[LEFT]);
	session_del(RIGHT, call.session[RIGHT]);
	ERRNO(send_to(call.sock[LEFT], nth(2), SIZE, &call.at[RIGHT]), ENOKEY);
	ERRNO(send_to(call.sock[LEFT], nth(1), SIZE, &call.at[RIGHT]), ENOKEY);
	len = reference_rtp(&call.reference[LEFT], 0, nth(2), SIZE, wire);
	call_inject(&call, RIGHT, wire, len);
	call_inject(&call, RIGHT, packet, SIZE);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_NO_KEY) == 2, 10);
	nothing_to_receive(call.sock[RIGHT]);
	EQUAL(info_of(call.sock[LEFT], family).flags, SRTP_INFO_DEAD);
	/* dead sockets can be detached and serve again */
	MUST(try_detach(call.sock[LEFT], family));
	call.session[LEFT] = session_new(LEFT);
	stream_any(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, &master_b3);
	call_attach(&call, LEFT);
	call_send(&call, LEFT, nth(3), SIZE);
	capture_flush(&call.wire);
	/* the two that were injected are the test's own, and one is plain */
	EQUAL(call.wire.count, 4);
}

/* With pass-non-rtp a dead session's socket must stay as silent. */
static void test_session_deleted_passing(enum family family)
{
	struct call call;

	begin_passing(&call, family);
	session_del(LEFT, call.session[LEFT]);
	ERRNO(send_to(call.sock[LEFT], nth(2), SIZE, &call.at[RIGHT]), ENOKEY);
	wire_check(&call, 0);
}

static void test_bound_later(enum family family)
{
	struct call call;

	/* attached before bind and connect */
	call_prepare(&call, family, SRTP_ROLE_RTP);
	close(call.sock[RIGHT]);
	call.sock[RIGHT] = udp_socket(RIGHT, family);
	call_attach(&call, RIGHT);
	bind_to(call.sock[RIGHT], &call.at[RIGHT]);
	connect_to(call.sock[RIGHT], &call.at[LEFT]);
	call_attach(&call, LEFT);
	call_pass(&call, LEFT, nth(1), SIZE);
	call_pass(&call, RIGHT, nth(1), SIZE);
	wire_check(&call, 2);
}

/* Packets that came before the socket was attached are nobody's. */
static void test_purged(enum family family)
{
	struct call call;
	int i;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	for (i = 0; i < 10; i++)
		call_inject(&call, RIGHT, nth(i), SIZE);
	EQUAL(recv(call.sock[RIGHT], packet + 1000, SIZE, MSG_PEEK), SIZE);
	capture_flush(&call.wire);
	call_attach(&call, RIGHT);
	nothing_to_receive(call.sock[RIGHT]);
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_PURGED), 10);
	call_attach(&call, LEFT);
	call_pass(&call, LEFT, nth(1), SIZE);
}

static void test_purged_partly(enum family family)
{
	const struct session passes = { .pass_non_rtp = true };
	struct call call;
	int octet;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	call.session[RIGHT] = session_with(RIGHT, &passes);
	for (octet = 0; octet < 256; octet += 5) {
		memset(packet, octet, 50);
		call_inject(&call, RIGHT, packet, 50);
	}
	capture_flush(&call.wire);
	call_attach(&call, RIGHT);
	for (octet = 0; octet < 256; octet += 5) {
		memset(packet, octet, 50);
		if (named(octet))
			receive_exactly(call.sock[RIGHT], packet, 50);
	}
	nothing_to_receive(call.sock[RIGHT]);
}

static const struct test tests[] = {
	{ "tx: first octets of no RTP and empty datagrams give EPROTO", test_tx_refused, EVERY },
	{ "rx: first octets of no RTP are dropped and counted", test_rx_refused, EVERY },
	{ "tx, pass-non-rtp: the ranges of RFC 7983 pass, unnamed ones do not",
	  test_tx_passed, EVERY },
	{ "rx, pass-non-rtp: the ranges of RFC 7983 pass, unnamed ones and plain RTP do not",
	  test_rx_passed, EVERY },
	{ "tx, pass-non-rtp: MSG_MORE is judged by the whole datagram",
	  test_more_is_judged_whole, EVERY },
	{ "tx: malformed RTP and RTCP give EINVAL", test_tx_malformed, EVERY },
	{ "rx: malformed SRTP and SRTCP are dropped and counted", test_rx_malformed, EVERY },
	{ "tx without a stream: ENOKEY, nothing on the wire", test_tx_no_stream, EVERY },
	{ "tx with a stream without a key: ENOKEY, nothing on the wire",
	  test_tx_no_key, EVERY },
	{ "rx without a stream: SRTP and plain RTP are dropped", test_rx_no_stream, EVERY },
	{ "session deleted: ENOKEY, received packets dropped", test_session_deleted, EVERY },
	{ "session with pass-non-rtp deleted: no RTP leaves",
	  test_session_deleted_passing, EVERY },
	{ "attached before bind and connect", test_bound_later, EVERY },
	{ "attach purges what was queued before", test_purged, EVERY },
	{ "attach with pass-non-rtp purges RTP only", test_purged_partly, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
