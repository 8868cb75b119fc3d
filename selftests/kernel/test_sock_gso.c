// SPDX-License-Identifier: GPL-2.0
/*
 * UDP_SEGMENT: a batch of packets in one call, each protected by itself.
 */
#include "srtptest.h"

#include <netinet/udp.h>

#define SEGMENT	172
#define WIRE	(SEGMENT + SRTP_TRAILER)

static uint8_t batch[PACKET_MAX];

static void begin(struct call *call, enum family family, int role)
{
	stay_on_one_processor();
	call_begin(call, family, role);
	call_connect(call);
	set_int(call->sock[RIGHT], SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20);
}

/* len octets in segments of that size, with SEQ from first on */
static void fill_batch(size_t len, size_t segment, uint16_t first)
{
	size_t at;

	for (at = 0; at < len; at += segment)
		rtp_simple(batch + at, len - at < segment ? len - at : segment, SSRC, first++);
}

static ssize_t send_batch(int fd, size_t len, uint16_t segment, int flags)
{
	char control[CMSG_SPACE(sizeof(segment))] = {};
	struct iovec part = { batch, len };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);

	cmsg->cmsg_level = SOL_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(segment));
	memcpy(CMSG_DATA(cmsg), &segment, sizeof(segment));
	return sendmsg(fd, &message, flags);
}

static void receive_batch(struct call *call, size_t len, size_t segment)
{
	size_t at;

	for (at = 0; at < len; at += segment)
		receive_exactly(call->sock[RIGHT], batch + at,
				len - at < segment ? len - at : segment);
}

static void test_cmsg(enum family family)
{
	struct call call;
	size_t i;

	begin(&call, family, SRTP_ROLE_RTP);
	fill_batch(40 * SEGMENT, SEGMENT, 100);
	EQUAL(send_batch(call.sock[LEFT], 40 * SEGMENT, SEGMENT, 0), 40 * SEGMENT);
	receive_batch(&call, 40 * SEGMENT, SEGMENT);
	nothing_to_receive(call.sock[RIGHT]);
	wire_check(&call, 40);
	for (i = 0; i < 40; i++) {
		EQUAL(call.wire.datagrams[i].len, WIRE);
		wire_expect(&call, i, batch + i * SEGMENT, SEGMENT);
	}
}

static void test_option(enum family family)
{
	struct call call;

	begin(&call, family, SRTP_ROLE_RTP);
	set_int(call.sock[LEFT], SOL_UDP, UDP_SEGMENT, SEGMENT);
	fill_batch(10 * SEGMENT, SEGMENT, 100);
	EQUAL(send(call.sock[LEFT], batch, 10 * SEGMENT, 0), 10 * SEGMENT);
	receive_batch(&call, 10 * SEGMENT, SEGMENT);
	/* the cmsg goes before the option */
	fill_batch(4 * 500, 500, 200);
	EQUAL(send_batch(call.sock[LEFT], 4 * 500, 500, 0), 4 * 500);
	receive_batch(&call, 4 * 500, 500);
	set_int(call.sock[LEFT], SOL_UDP, UDP_SEGMENT, 0);
	rtp_simple(batch, 600, SSRC, 300);
	EQUAL(send(call.sock[LEFT], batch, 600, 0), 600);
	receive_exactly(call.sock[RIGHT], batch, 600);
	wire_check(&call, 15);
}

static void test_option_before(enum family family)
{
	struct call call;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	set_int(call.sock[LEFT], SOL_UDP, UDP_SEGMENT, SEGMENT);
	call_attach(&call, LEFT);
	call_attach(&call, RIGHT);
	call_connect(&call);
	fill_batch(10 * SEGMENT, SEGMENT, 100);
	EQUAL(send(call.sock[LEFT], batch, 10 * SEGMENT, 0), 10 * SEGMENT);
	receive_batch(&call, 10 * SEGMENT, SEGMENT);
	wire_check(&call, 10);
}

/* All lengths of the last segment. */
static void test_short_last(enum family family)
{
	size_t last, n = 0;
	struct call call;

	begin(&call, family, SRTP_ROLE_RTP);
	for (last = RTP_HEADER; last <= 60; last++) {
		fill_batch(2 * 60 + last, 60, n);
		EQUAL(send_batch(call.sock[LEFT], 2 * 60 + last, 60, 0), 2 * 60 + last);
		receive_batch(&call, 2 * 60 + last, 60);
		n += 3;
	}
	wire_check(&call, n);
}

/* The last segment alone: less than one whole. */
static void test_one(enum family family)
{
	struct call call;

	begin(&call, family, SRTP_ROLE_RTP);
	rtp_simple(batch, 100, SSRC, 1);
	EQUAL(send_batch(call.sock[LEFT], 100, 100, 0), 100);
	receive_exactly(call.sock[RIGHT], batch, 100);
	rtp_simple(batch, 100, SSRC, 2);
	EQUAL(send_batch(call.sock[LEFT], 100, 172, 0), 100);
	receive_exactly(call.sock[RIGHT], batch, 100);
	wire_check(&call, 2);
}

static void check_next(struct call *call, uint16_t seq)
{
	/* an index that was taken would make this EEXIST */
	memset(batch, 0x55, 200);
	rtp_simple(batch, 100, SSRC, seq);
	EQUAL(send(call->sock[LEFT], batch, 100, 0), 100);
	receive_exactly(call->sock[RIGHT], batch, 100);
}

static void test_malformed_last(enum family family)
{
	struct stream before, after;
	struct call call;

	begin(&call, family, SRTP_ROLE_RTP);
	check_next(&call, 9);
	CHECK(stream_find(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, SSRC, &before));
	fill_batch(3 * SEGMENT, SEGMENT, 10);
	ERRNO(send_batch(call.sock[LEFT], 2 * SEGMENT + RTP_HEADER - 1, SEGMENT, 0), EINVAL);
	/* CSRCs that are not there */
	fill_batch(3 * SEGMENT, SEGMENT, 10);
	batch[2 * SEGMENT] |= 15;
	ERRNO(send_batch(call.sock[LEFT], 2 * SEGMENT + 40, SEGMENT, 0), EINVAL);
	CHECK(stream_find(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, SSRC, &after));
	EQUAL(after.seq, before.seq);
	EQUAL(after.roc, before.roc);
	check_next(&call, 10);
	check_next(&call, 11);
	check_next(&call, 12);
	wire_check(&call, 4);
}

static void test_mixed(enum family family)
{
	struct stream stream;
	struct call call;

	begin(&call, family, SRTP_ROLE_MUX);
	check_next(&call, 9);
	fill_batch(3 * SEGMENT, SEGMENT, 10);
	rtcp_build(batch + SEGMENT, SEGMENT, SSRC, 1);
	ERRNO(send_batch(call.sock[LEFT], 3 * SEGMENT, SEGMENT, 0), EINVAL);
	rtcp_build(batch, SEGMENT, SSRC, 1);
	ERRNO(send_batch(call.sock[LEFT], 3 * SEGMENT, SEGMENT, 0), EINVAL);
	wire_check(&call, 1);
	CHECK(stream_find(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, SSRC, &stream));
	EQUAL(stream.seq, 9);
	EQUAL(stream.srtcp_index, 0);
	check_next(&call, 10);
	check_next(&call, 12);
}

static void test_mixed_with_others(enum family family)
{
	const struct session passes = { .pass_non_rtp = true };
	struct call call;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	call.session[LEFT] = session_with(LEFT, &passes);
	stream_any(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, &master_b3);
	call_attach(&call, LEFT);
	call_attach(&call, RIGHT);
	call_connect(&call);
	fill_batch(3 * SEGMENT, SEGMENT, 10);
	batch[0] = 0;	/* STUN, let through */
	ERRNO(send_batch(call.sock[LEFT], 3 * SEGMENT, SEGMENT, 0), EINVAL);
	fill_batch(3 * SEGMENT, SEGMENT, 10);
	batch[2 * SEGMENT] = 20;	/* DTLS */
	ERRNO(send_batch(call.sock[LEFT], 3 * SEGMENT, SEGMENT, 0), EINVAL);
	wire_check(&call, 0);
	check_next(&call, 10);
	check_next(&call, 11);
	check_next(&call, 12);
}

static void test_rtcp(enum family family)
{
	struct call call;
	size_t i;

	begin(&call, family, SRTP_ROLE_MUX);
	for (i = 0; i < 8; i++)
		rtcp_build(batch + i * 52, 52, SSRC, i);
	EQUAL(send_batch(call.sock[LEFT], 8 * 52, 52, 0), 8 * 52);
	receive_batch(&call, 8 * 52, 52);
	wire_check(&call, 8);
	for (i = 0; i < 8; i++)
		EQUAL(call.wire.datagrams[i].len, 52 + SRTCP_TRAILER);
}

static void test_many_ssrcs(enum family family)
{
	struct call call;
	size_t i;

	begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < 20; i++)
		rtp_simple(batch + i * SEGMENT, SEGMENT, SSRC + i, 7);
	EQUAL(send_batch(call.sock[LEFT], 20 * SEGMENT, SEGMENT, 0), 20 * SEGMENT);
	receive_batch(&call, 20 * SEGMENT, SEGMENT);
	wire_check(&call, 20);
}

static void add_stream(struct call *call, uint32_t ssrc, const struct policy *policy)
{
	struct stream stream = {
		.session = call->session[LEFT], .direction = SRTP_DIRECTION_TX, .ssrc = ssrc,
		.policy = policy, .long_master = &master_long, .fresh = true,
	};

	stream_new(LEFT, &stream);
	stream.session = call->session[RIGHT];
	stream.direction = SRTP_DIRECTION_RX;
	stream.fresh = false;
	stream_new(RIGHT, &stream);
}

/* Tags of 10 and 4 octets, and one with a ROC in each fourth packet. */
static void test_unequal(enum family family)
{
	static const struct policy policies[] = {
		{ .suite = SRTP_SUITE_AES_CM_128_HMAC_SHA1_80 },
		{ .suite = SRTP_SUITE_AES_CM_128_HMAC_SHA1_32 },
		{ .suite = SRTP_SUITE_AES_CM_128_HMAC_SHA1_80, .rcc_mode = SRTP_RCC_MODE_M2,
		  .rcc_rate = 4 },
	};
	uint8_t wire[SEGMENT + 300];
	struct call call;
	size_t i, len;

	begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < ARRAY_SIZE(policies); i++)
		add_stream(&call, SSRC + 1 + i, &policies[i]);
	for (i = 0; i < 24; i++)
		rtp_simple(batch + i * SEGMENT, SEGMENT, SSRC + 1 + i % 3, i / 3);
	EQUAL(send_batch(call.sock[LEFT], 24 * SEGMENT, SEGMENT, 0), 24 * SEGMENT);
	receive_batch(&call, 24 * SEGMENT, SEGMENT);
	nothing_to_receive(call.sock[RIGHT]);
	capture_flush(&call.wire);
	EQUAL(call.wire.count, 24);
	for (i = 0; i < 24; i++) {
		len = suite_rtp(&policies[i % 3], &master_long, 0, batch + i * SEGMENT, SEGMENT,
				wire);
		SAME(call.wire.datagrams[i].data, call.wire.datagrams[i].len, wire, len);
	}
}

/* One that may not go keeps all of them back. */
static void test_reused_index(enum family family)
{
	struct call call;

	begin(&call, family, SRTP_ROLE_RTP);
	check_next(&call, 12);
	fill_batch(4 * SEGMENT, SEGMENT, 10);
	ERRNO(send_batch(call.sock[LEFT], 4 * SEGMENT, SEGMENT, 0), EEXIST);
	wire_check(&call, 1);
}

static void test_repeated(enum family family)
{
	struct call call;
	size_t i;

	begin(&call, family, SRTP_ROLE_RTP);
	fill_batch(4 * SEGMENT, SEGMENT, 10);
	EQUAL(send_batch(call.sock[LEFT], 4 * SEGMENT, SEGMENT, 0), 4 * SEGMENT);
	EQUAL(send_batch(call.sock[LEFT], 4 * SEGMENT, SEGMENT, 0), 4 * SEGMENT);
	wire_check(&call, 8);
	for (i = 0; i < 4; i++)
		SAME(call.wire.datagrams[4 + i].data, call.wire.datagrams[4 + i].len,
		     call.wire.datagrams[i].data, (size_t)WIRE);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_REPEATED), 4);
	/* the other side drops the second four */
	receive_batch(&call, 4 * SEGMENT, SEGMENT);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_REPLAYED) == 4, 10);
	nothing_to_receive(call.sock[RIGHT]);
}

static void test_limits(enum family family)
{
	const size_t most = 64, header = family == IPV6 ? 48 : 28;
	struct call call;
	size_t fits = 1500 - header - SRTP_TRAILER;

	begin(&call, family, SRTP_ROLE_RTP);
	/* as many segments as any kernel takes */
	fill_batch(most * 100, 100, 0);
	EQUAL(send_batch(call.sock[LEFT], most * 100, 100, 0), most * 100);
	receive_batch(&call, most * 100, 100);
	/* the largest segment */
	fill_batch(40 * fits, fits, 1000);
	EQUAL(send_batch(call.sock[LEFT], 40 * fits, fits, 0), 40 * fits);
	receive_batch(&call, 40 * fits, fits);
	wire_check(&call, most + 40);
	/* and one more octet: refused by UDP itself on plain sockets, too */
	fill_batch(3 * (fits + 1), fits + 1, 2000);
	CHECK(send_batch(call.sock[LEFT], 3 * (fits + 1), fits + 1, 0) < 0);
	CHECK(errno == EMSGSIZE || errno == EINVAL);
	wire_check(&call, most + 40);
}

static void test_too_many(enum family family)
{
	struct call call;

	begin(&call, family, SRTP_ROLE_RTP);
	fill_batch(500 * 12, 12, 0);
	CHECK(send_batch(call.sock[LEFT], 500 * 12, 12, 0) < 0);
	CHECK(errno == EINVAL || errno == EMSGSIZE);
	wire_check(&call, 0);
}

/* Plain octets fit into one datagram, those with trailers do not. */
static void test_too_long(enum family family)
{
	const size_t len = 120 * 545;
	struct call call;
	ssize_t sent;
	size_t i;

	begin(&call, family, SRTP_ROLE_RTP);
	set_int(call.sock[LEFT], SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20);
	fill_batch(len, 545, 0);
	sent = send_batch(call.sock[LEFT], len, 545, 0);
	if (sent < 0) {
		EQUAL(errno, EMSGSIZE);
		wire_check(&call, 0);
		return;
	}
	EQUAL(sent, len);
	for (i = 0; i < 120; i++)
		receive_exactly(call.sock[RIGHT], batch + i * 545, 545);
	wire_check(&call, 120);
}

static void test_no_key(enum family family)
{
	struct call call;

	begin(&call, family, SRTP_ROLE_RTP);
	session_del(LEFT, call.session[LEFT]);
	fill_batch(4 * SEGMENT, SEGMENT, 0);
	ERRNO(send_batch(call.sock[LEFT], 4 * SEGMENT, SEGMENT, 0), ENOKEY);
	wire_check(&call, 0);
}

static void test_corked(enum family family)
{
	struct call call;

	begin(&call, family, SRTP_ROLE_RTP);
	set_int(call.sock[LEFT], SOL_UDP, UDP_SEGMENT, SEGMENT);
	fill_batch(6 * SEGMENT, SEGMENT, 0);
	EQUAL(send(call.sock[LEFT], batch, 4 * SEGMENT, MSG_MORE), 4 * SEGMENT);
	wire_check(&call, 0);
	EQUAL(send(call.sock[LEFT], batch + 4 * SEGMENT, 2 * SEGMENT, 0), 2 * SEGMENT);
	receive_batch(&call, 6 * SEGMENT, SEGMENT);
	wire_check(&call, 6);
}

/* Segments that were not split before they reach the receiving socket. */
static void test_loopback(enum family family)
{
	union address to = address_of(LEFT, family, RIGHT_PORT);
	struct capture lo;
	uint32_t session;
	struct call call;
	int sock;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	call_attach(&call, LEFT);
	session = session_new(LEFT);
	stream_any(LEFT, session, SRTP_DIRECTION_RX, &master_b3);
	sock = bound_socket(LEFT, family, RIGHT_PORT);
	attach(sock, family, session, SRTP_ROLE_RTP);
	capture_open(&lo, LEFT, "lo");
	lo.split = WIRE;
	connect_to(call.sock[LEFT], &to);
	fill_batch(30 * SEGMENT, SEGMENT, 0);
	EQUAL(send_batch(call.sock[LEFT], 30 * SEGMENT, SEGMENT, 0), 30 * SEGMENT);
	call.sock[RIGHT] = sock;
	receive_batch(&call, 30 * SEGMENT, SEGMENT);
	capture_close(&call.wire);
	call.wire = lo;
	wire_check(&call, 30);
}

static void test_gro_receiver(enum family family)
{
	struct call call;

	begin(&call, family, SRTP_ROLE_RTP);
	set_int(call.sock[RIGHT], SOL_UDP, UDP_GRO, 1);
	fill_batch(20 * SEGMENT, SEGMENT, 0);
	EQUAL(send_batch(call.sock[LEFT], 20 * SEGMENT, SEGMENT, 0), 20 * SEGMENT);
	receive_batch(&call, 20 * SEGMENT, SEGMENT);
	wire_check(&call, 20);
}

static const struct test tests[] = {
	{ "UDP_SEGMENT by cmsg: each of 40 segments is protected", test_cmsg, EVERY },
	{ "UDP_SEGMENT by setsockopt, and by a cmsg that goes before it", test_option, EVERY },
	{ "UDP_SEGMENT set before attach", test_option_before, EVERY },
	{ "last segment of every length", test_short_last, EVERY },
	{ "a single segment, whole and short", test_one, EVERY },
	{ "a malformed last segment: EINVAL, nothing sent, no index taken",
	  test_malformed_last, EVERY },
	{ "RTP mixed with RTCP: EINVAL, nothing sent, no index taken", test_mixed, EVERY },
	{ "RTP mixed with STUN or DTLS: EINVAL, nothing sent", test_mixed_with_others, EVERY },
	{ "a batch of RTCP", test_rtcp, EVERY },
	{ "a batch of 20 SSRCs", test_many_ssrcs, EVERY },
	{ "AES_CM_128_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_32 and RFC 4771 in one batch",
	  test_unequal, EVERY },
	{ "a used index among fresh ones: EEXIST, nothing sent", test_reused_index, EVERY },
	{ "a repeated batch is the same on the wire and dropped by the receiver",
	  test_repeated, EVERY },
	{ "64 segments, largest segments, one octet too large", test_limits, EVERY },
	{ "500 segments are refused", test_too_many, EVERY },
	{ "batch that is too long with its trailers is split or refused", test_too_long, EVERY },
	{ "without a key nothing is sent, ENOKEY", test_no_key, EVERY },
	{ "with MSG_MORE", test_corked, EVERY },
	{ "over lo, where nobody splits the batch before", test_loopback, EVERY },
	{ "receiver with UDP_GRO gets packet by packet", test_gro_receiver, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
