// SPDX-License-Identifier: GPL-2.0
/*
 * No keystream twice: an index is used for one packet and never for another,
 * whatever fails, repeats, wraps, is deleted or made anew.
 */
#include "srtptest.h"

#include <netinet/udp.h>

#define SIZE	172

static uint8_t packet[PACKET_MAX];

static uint8_t *nth(uint16_t n)
{
	rtp_simple(packet, SIZE, SSRC, n);
	return packet;
}

/* The same header, another payload. */
static uint8_t *another(uint16_t n)
{
	nth(n);
	packet[SIZE - 1] ^= 1;
	return packet;
}

static void refused(struct call *call, const uint8_t *octets)
{
	ERRNO(send_to(call->sock[LEFT], octets, SIZE, &call->at[RIGHT]), EEXIST);
}

/* A call whose left side sends with a stream of its own. */
static uint32_t begin_with(struct call *call, enum family family, struct stream *stream)
{
	call_prepare(call, family, SRTP_ROLE_MUX);
	stream->session = call->session[LEFT];
	stream->direction = SRTP_DIRECTION_TX;
	stream->ssrc = SSRC;
	stream->master = &master_b3;
	stream->fresh = !stream->indexes;
	stream->id = stream_new(LEFT, stream);
	call_attach(call, LEFT);
	return stream->id;
}

static void test_repeated(enum family family)
{
	struct call call;
	int i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < 5; i++)
		call_send(&call, LEFT, nth(1), SIZE);
	wire_check(&call, 5);
	for (i = 1; i < 5; i++)
		SAME(call.wire.datagrams[i].data, call.wire.datagrams[i].len,
		     call.wire.datagrams[0].data, call.wire.datagrams[0].len);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_REPEATED), 4);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	nothing_to_receive(call.sock[RIGHT]);
}

/* A retransmission after many others, as a NACK asks for it. */
static void test_repeated_later(enum family family)
{
	struct call call;
	int i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < 512; i++)
		call_send(&call, LEFT, nth(i), SIZE);
	for (i = 0; i < 512; i += 37)
		call_send(&call, LEFT, nth(i), SIZE);
	wire_check(&call, 512 + 14);
	for (i = 0; i < 14; i++)
		SAME(call.wire.datagrams[512 + i].data, call.wire.datagrams[512 + i].len,
		     call.wire.datagrams[37 * i].data, call.wire.datagrams[37 * i].len);
}

static void test_other_octets(enum family family)
{
	size_t octet;
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	call_send(&call, LEFT, nth(1), SIZE);
	/* whichever differs, the sequence number (2, 3) and SSRC (8 to 11) aside */
	for (octet = 1; octet < SIZE; octet++) {
		if (octet == 2 || octet == 3 || (octet >= 8 && octet <= 11))
			continue;
		nth(1)[octet] ^= 0x40;
		refused(&call, packet);
	}
	ERRNO(send_to(call.sock[LEFT], nth(1), SIZE - 1, &call.at[RIGHT]), EEXIST);
	ERRNO(send_to(call.sock[LEFT], nth(1), SIZE + 1, &call.at[RIGHT]), EEXIST);
	ERRNO(send_to(call.sock[LEFT], nth(1), RTP_HEADER, &call.at[RIGHT]), EEXIST);
	wire_check(&call, 1);
	CHECK(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_INDEX_REUSED) > 160);
	call_send(&call, LEFT, nth(1), SIZE);
	wire_check(&call, 2);
}

/* Another socket and another destination are no excuse. */
static void test_other_socket(enum family family)
{
	union address elsewhere;
	struct call call;
	int second;

	call_begin(&call, family, SRTP_ROLE_RTP);
	elsewhere = address_of(RIGHT, family, RIGHT_PORT + 2);
	call_send(&call, LEFT, nth(1), SIZE);
	second = bound_socket(LEFT, family, LEFT_PORT + 2);
	attach(second, family, call.session[LEFT], SRTP_ROLE_MUX);
	ERRNO(send_to(second, another(1), SIZE, &elsewhere), EEXIST);
	EQUAL(send_to(second, nth(1), SIZE, &call.at[RIGHT]), SIZE);
	wire_check(&call, 2);
	SAME(call.wire.datagrams[1].data, call.wire.datagrams[1].len,
	     call.wire.datagrams[0].data, call.wire.datagrams[0].len);
	/* nor is a detour over detaching */
	MUST(try_detach(second, family));
	attach(second, family, call.session[LEFT], SRTP_ROLE_MUX);
	ERRNO(send_to(second, another(1), SIZE, &call.at[RIGHT]), EEXIST);
	wire_check(&call, 2);
}

static void test_reordered(enum family family)
{
	static const int order[] = { 100, 99, 101, 80, 81, 102, 90, 70, 103 };
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		call_pass(&call, LEFT, nth(order[i]), SIZE);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		refused(&call, another(order[i]));
	wire_check(&call, ARRAY_SIZE(order));
}

static void test_window_border(enum family family)
{
	static const uint32_t windows[] = { 0, 64, 128, 512, 4096, 32768 };
	struct stream stream;
	struct call call;
	uint32_t window;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		stream = (struct stream){ .window = windows[i] };
		window = windows[i] ? windows[i] : 512;
		begin_with(&call, family, &stream);
		EQUAL(stream_get(LEFT, stream.session, stream.id).window, window);
		call_send(&call, LEFT, nth(100), SIZE);
		call_send(&call, LEFT, nth(32000), SIZE);
		call_send(&call, LEFT, nth(60000), SIZE);
		refused(&call, nth(60000 - window));
		/* further away it would be ahead, after a wrap */
		if (window < 32768)
			refused(&call, nth(60000 - window - 1));
		call_send(&call, LEFT, nth(60000 - window + 1), SIZE);
		refused(&call, another(60000 - window + 1));
		wire_check(&call, 4);
		close(call.sock[LEFT]);
		close(call.sock[RIGHT]);
		session_del(LEFT, call.session[LEFT]);
		session_del(RIGHT, call.session[RIGHT]);
		capture_close(&call.wire);
	}
}

/* Once the window has moved over a packet, even the packet itself is refused:
 * nobody remembers it any more.
 */
static void test_below_window(enum family family)
{
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	call_send(&call, LEFT, nth(10), SIZE);
	call_send(&call, LEFT, nth(10 + 512), SIZE);
	refused(&call, nth(10));
	refused(&call, another(10));
	call_send(&call, LEFT, nth(10 + 512 + 20000), SIZE);
	refused(&call, nth(10));
	refused(&call, nth(10 + 512));
	wire_check(&call, 3);
}

/* Four times around the 16 bits, and packets of before each wrap after it. */
static void test_wraps(enum family family)
{
	uint64_t index = 65000, last = 4 * 65536 + 5000;
	struct stream stream;
	struct call call;
	size_t n = 0;

	call_begin(&call, family, SRTP_ROLE_RTP);
	while (index < last) {
		call_pass(&call, LEFT, nth(index), SIZE);
		call_pass(&call, LEFT, nth(index - 100), SIZE);
		wire_check(&call, n += 2);
		CHECK(reference_open_rtp(&call.reference[LEFT], index >> 16,
					 call.wire.datagrams[n - 2].data,
					 SIZE + SRTP_TRAILER, packet) == SIZE);
		CHECK(reference_open_rtp(&call.reference[LEFT], (index - 100) >> 16,
					 call.wire.datagrams[n - 1].data,
					 SIZE + SRTP_TRAILER, packet) == SIZE);
		CHECK(stream_find(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, SSRC, &stream));
		EQUAL(stream.roc, index >> 16);
		EQUAL(stream.seq, index & 0xffff);
		CHECK(stream_find(RIGHT, call.session[RIGHT], SRTP_DIRECTION_RX, SSRC, &stream));
		EQUAL(stream.roc, index >> 16);
		EQUAL(stream.seq, index & 0xffff);
		/* slowly around the wrap, in large steps elsewhere */
		index += (uint16_t)index > 65530 || (uint16_t)index < 5 ? 1 :
			 (uint16_t)index > 65000 ? 65531 - (uint16_t)index :
			 (uint16_t)index + 21000 > 65535 ? 65000 + 1 - (uint16_t)index : 21000;
	}
	EQUAL(stream.roc, 4);
}

static void test_first_number(enum family family)
{
	static const uint16_t first[] = { 0, 1, 32767, 32768, 65535 };
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < ARRAY_SIZE(first); i++) {
		rtp_simple(packet, SIZE, SSRC + i, first[i]);
		call_pass(&call, LEFT, packet, SIZE);
		wire_check(&call, i + 1);
		CHECK(reference_open_rtp(&call.reference[LEFT], 0, call.wire.datagrams[i].data,
					 SIZE + SRTP_TRAILER, packet) == SIZE);
	}
	/* before the first index there is none */
	rtp_simple(packet, SIZE, SSRC, 65535);
	refused(&call, packet);
	rtp_simple(packet, SIZE, SSRC, 65000);
	refused(&call, packet);
}

static void test_explicit_indexes(enum family family)
{
	struct stream stream = { .indexes = true, .roc = 5, .seq = 100, .srtcp_index = 77 };
	struct call call;
	uint32_t index;
	uint8_t plain[SIZE];

	begin_with(&call, family, &stream);
	/* nobody knows which of them were sent */
	refused(&call, nth(100));
	refused(&call, nth(99));
	call_send(&call, LEFT, nth(101), SIZE);
	rtcp_build(packet, 52, SSRC, 1);
	call_send(&call, LEFT, packet, 52);
	capture_flush(&call.wire);
	EQUAL(call.wire.count, 2);
	CHECK(reference_open_rtp(&call.reference[LEFT], 5, call.wire.datagrams[0].data,
				 SIZE + SRTP_TRAILER, plain) == SIZE);
	CHECK(reference_open_rtcp(&call.reference[LEFT], &index, call.wire.datagrams[1].data,
				  52 + SRTCP_TRAILER, plain) == 52);
	EQUAL(index, 77);
	EQUAL(stream_get(LEFT, stream.session, stream.id).srtcp_index, 78);
}

static void test_failed_send(enum family family)
{
	const int discover = family == IPV6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER;
	const int layer = family == IPV6 ? SOL_IPV6 : SOL_IP;
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	set_int(call.sock[LEFT], layer, discover, IP_PMTUDISC_DO);
	rtp_simple(packet, 1470, SSRC, 1);
	/* it would fit without the trailer */
	ERRNO(send_to(call.sock[LEFT], packet, 1470, &call.at[RIGHT]), EMSGSIZE);
	packet[1469] ^= 1;
	ERRNO(send_to(call.sock[LEFT], packet, 1470, &call.at[RIGHT]), EEXIST);
	packet[1469] ^= 1;
	ERRNO(send_to(call.sock[LEFT], packet, 1470, &call.at[RIGHT]), EMSGSIZE);
	wire_check(&call, 0);
	set_mtu(2000);
	call_pass(&call, LEFT, packet, 1470);
	wire_check(&call, 1);
}

static void test_df_border(enum family family)
{
	const size_t most = 1500 - (family == IPV6 ? 48 : 28) - SRTP_TRAILER;
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	set_int(call.sock[LEFT], family == IPV6 ? SOL_IPV6 : SOL_IP,
		family == IPV6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	rtp_simple(packet, most, SSRC, 1);
	call_pass(&call, LEFT, packet, most);
	rtp_simple(packet, most + 1, SSRC, 2);
	ERRNO(send_to(call.sock[LEFT], packet, most + 1, &call.at[RIGHT]), EMSGSIZE);
	wire_check(&call, 1);
}

static void test_srtcp_index(enum family family)
{
	struct stream stream;
	uint8_t plain[52];
	struct call call;
	uint32_t index, i;

	call_begin(&call, family, SRTP_ROLE_MUX);
	rtcp_build(packet, 52, SSRC, 1);
	/* the same octets again are another packet: RTCP has no numbers */
	for (i = 0; i < 50; i++)
		call_pass(&call, LEFT, packet, 52);
	wire_check(&call, 50);
	for (i = 0; i < 50; i++) {
		CHECK(reference_open_rtcp(&call.reference[LEFT], &index,
					  call.wire.datagrams[i].data, 66, plain) == 52);
		EQUAL(index, i);
	}
	CHECK(stream_find(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, SSRC, &stream));
	EQUAL(stream.srtcp_index, 50);
}

static void test_srtp_space_used_up(enum family family)
{
	struct stream stream = { .indexes = true, .roc = UINT32_MAX, .seq = 65533 };
	struct call call;

	begin_with(&call, family, &stream);
	call_send(&call, LEFT, nth(65534), SIZE);
	call_send(&call, LEFT, nth(65535), SIZE);
	ERRNO(send_to(call.sock[LEFT], nth(0), SIZE, &call.at[RIGHT]), EKEYEXPIRED);
	ERRNO(send_to(call.sock[LEFT], nth(1), SIZE, &call.at[RIGHT]), EKEYEXPIRED);
	refused(&call, another(65535));
	capture_flush(&call.wire);
	EQUAL(call.wire.count, 2);
	CHECK(!call.wire.marked);
	EQUAL(stat_of(call.sock[LEFT], family, SRTP_A_STATS_TX_EXPIRED), 2);
}

static void test_srtcp_space_used_up(enum family family)
{
	struct stream stream = { .indexes = true, .srtcp_index = 0x7ffffffe };
	struct call call;

	begin_with(&call, family, &stream);
	rtcp_build(packet, 52, SSRC, 1);
	call_send(&call, LEFT, packet, 52);
	call_send(&call, LEFT, packet, 52);
	ERRNO(send_to(call.sock[LEFT], packet, 52, &call.at[RIGHT]), EKEYEXPIRED);
	ERRNO(send_to(call.sock[LEFT], packet, 52, &call.at[RIGHT]), EKEYEXPIRED);
	wire_check(&call, 2);
}

static void test_tombstone(enum family family)
{
	struct stream stream = {}, again;
	struct call call;

	begin_with(&call, family, &stream);
	call_send(&call, LEFT, nth(1000), SIZE);
	rtcp_build(packet, 52, SSRC, 1);
	call_send(&call, LEFT, packet, 52);
	stream_del(LEFT, stream.session, stream.id);
	EQUAL(try_stream_new(LEFT, &stream), -EEXIST);
	again = stream;
	again.fresh = false;
	again.indexes = true;
	again.seq = 999;
	again.srtcp_index = 1;
	EQUAL(try_stream_new(LEFT, &again), -EEXIST);
	again.seq = 1001;
	again.srtcp_index = 0;
	EQUAL(try_stream_new(LEFT, &again), -EEXIST);
	again.srtcp_index = 2;
	stream_new(LEFT, &again);
	refused(&call, another(1000));
	refused(&call, nth(999));
	refused(&call, nth(1001));
	call_send(&call, LEFT, nth(1002), SIZE);
	wire_check(&call, 3);
}

/* A stream that a wildcard made leaves one, too. */
static void test_tombstone_of_wildcard(enum family family)
{
	struct stream stream;
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	call_send(&call, LEFT, nth(1000), SIZE);
	CHECK(stream_find(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, SSRC, &stream));
	stream_del(LEFT, call.session[LEFT], stream.id);
	CHECK(send_to(call.sock[LEFT], another(1000), SIZE, &call.at[RIGHT]) < 0);
	CHECK(send_to(call.sock[LEFT], nth(500), SIZE, &call.at[RIGHT]) < 0);
	/* and so does the wildcard that made it, with all of its streams */
	rtp_simple(packet, SIZE, SSRC + 1, 2000);
	call_send(&call, LEFT, packet, SIZE);
	stream_del(LEFT, call.session[LEFT], call.tx[LEFT]);
	call.tx[LEFT] = stream_any(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, &master_b3);
	rtp_simple(packet, SIZE, SSRC + 1, 2000);
	packet[SIZE - 1] ^= 1;
	CHECK(send_to(call.sock[LEFT], packet, SIZE, &call.at[RIGHT]) < 0);
	rtp_simple(packet, SIZE, SSRC + 1, 1);
	CHECK(send_to(call.sock[LEFT], packet, SIZE, &call.at[RIGHT]) < 0);
	wire_check(&call, 2);
	/* other SSRCs are free */
	rtp_simple(packet, SIZE, SSRC + 2, 1);
	call_send(&call, LEFT, packet, SIZE);
	wire_check(&call, 3);
}

static void test_key_replaced(enum family family)
{
	struct stream stream = {};
	struct call call;
	uint32_t key;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	stream.session = call.session[LEFT];
	stream.direction = SRTP_DIRECTION_TX;
	stream.ssrc = SSRC;
	stream.fresh = true;
	stream.id = stream_new(LEFT, &stream);
	key = key_new(LEFT, stream.session, stream.id, &master_b3);
	call_attach(&call, LEFT);
	call_send(&call, LEFT, nth(1000), SIZE);
	key_del(LEFT, stream.session, stream.id, key);
	ERRNO(send_to(call.sock[LEFT], nth(1001), SIZE, &call.at[RIGHT]), ENOKEY);
	key_new(LEFT, stream.session, stream.id, &master_b3);
	/* the stream remembers, whatever keys come and go */
	refused(&call, another(1000));
	call_send(&call, LEFT, nth(1001), SIZE);
	wire_check(&call, 2);
}

static const struct test tests[] = {
	{ "the same packet again: same octets on the wire", test_repeated, EVERY },
	{ "the same packet again after 500 others", test_repeated_later, EVERY },
	{ "other octets under a used index: EEXIST, nothing sent", test_other_octets, EVERY },
	{ "other octets from another socket of the session: EEXIST", test_other_socket, EVERY },
	{ "packets out of order within the window", test_reordered, EVERY },
	{ "both sides of the reorder window's border, 64 to 32768",
	  test_window_border, EVERY, 60 },
	{ "below the window even the same packet is refused", test_below_window, EVERY },
	{ "four wraps of SEQ: ROC counts on both sides, late packets go under the old one",
	  test_wraps, EVERY },
	{ "any first SEQ, and none before it", test_first_number, EVERY },
	{ "explicit ROC, SEQ and SRTCP index are used and not repeated",
	  test_explicit_indexes, EVERY },
	{ "a send that failed: the same octets may try again, others may not",
	  test_failed_send, EVERY },
	{ "with DF the largest packet leaves room for the trailer", test_df_border, EVERY },
	{ "SRTCP index begins with 0 and counts every packet", test_srtcp_index, EVERY },
	{ "after 2^48 SRTP indexes: EKEYEXPIRED", test_srtp_space_used_up, EVERY },
	{ "after 2^31 SRTCP indexes: EKEYEXPIRED", test_srtcp_space_used_up, EVERY },
	{ "a deleted stream's SSRC cannot start afresh", test_tombstone, EVERY },
	{ "nor can those that a wildcard made", test_tombstone_of_wildcard, EVERY },
	{ "a key that is replaced does not bring indexes back", test_key_replaced, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
