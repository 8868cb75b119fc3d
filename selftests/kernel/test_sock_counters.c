// SPDX-License-Identifier: GPL-2.0
/*
 * What is counted where: the SNMP counters of UDP, the drops of the socket,
 * the counters of the socket and of the stream.
 */
#include "srtptest.h"

#include <poll.h>

#define SIZE	172

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX];

struct counts {
	uint64_t in, errors, buffer, out, drops;
};

static struct counts counts_of(const struct call *call)
{
	return (struct counts){
		.in = snmp(RIGHT, call->family, "InDatagrams"),
		.errors = snmp(RIGHT, call->family, "InErrors"),
		.buffer = snmp(RIGHT, call->family, "RcvbufErrors"),
		.out = snmp(LEFT, call->family, "OutDatagrams"),
		.drops = drops_of(RIGHT, call->family, RIGHT_PORT),
	};
}

/* Compares with what was counted before. */
static void counted(const struct call *call, struct counts *before, uint64_t in, uint64_t errors,
		    uint64_t drops)
{
	struct counts after = counts_of(call);

	EQUAL(after.in - before->in, in);
	EQUAL(after.errors - before->errors, errors);
	EQUAL(after.drops - before->drops, drops);
	*before = after;
}

static uint64_t stat(const struct call *call, enum side side, enum srtp_a_stats stat)
{
	return stat_of(call->sock[side], call->family, stat);
}

static void test_good(enum family family)
{
	struct counts before;
	struct call call;
	int i;

	call_begin(&call, family, SRTP_ROLE_MUX);
	before = counts_of(&call);
	for (i = 0; i < 7; i++) {
		rtp_simple(packet, SIZE, SSRC, i);
		call_pass(&call, LEFT, packet, SIZE);
	}
	rtcp_build(packet, 52, SSRC, 0);
	call_pass(&call, LEFT, packet, 52);
	EQUAL(counts_of(&call).out - before.out, 8);
	counted(&call, &before, 8, 0, 0);
	EQUAL(stat(&call, LEFT, SRTP_A_STATS_TX_SRTP_PACKETS), 7);
	EQUAL(stat(&call, LEFT, SRTP_A_STATS_TX_SRTP_BYTES), 7 * SIZE);
	EQUAL(stat(&call, LEFT, SRTP_A_STATS_TX_SRTCP_PACKETS), 1);
	EQUAL(stat(&call, LEFT, SRTP_A_STATS_TX_SRTCP_BYTES), 52);
	EQUAL(stat(&call, RIGHT, SRTP_A_STATS_RX_SRTP_PACKETS), 7);
	EQUAL(stat(&call, RIGHT, SRTP_A_STATS_RX_SRTP_BYTES), 7 * SIZE);
	EQUAL(stat(&call, RIGHT, SRTP_A_STATS_RX_SRTCP_PACKETS), 1);
	EQUAL(stat(&call, RIGHT, SRTP_A_STATS_RX_SRTCP_BYTES), 52);
}

static void drop(struct call *call, struct counts *counts, const void *data, size_t len,
		 enum srtp_a_stats reason)
{
	uint64_t before = stat(call, RIGHT, reason);

	call_inject(call, RIGHT, data, len);
	WAIT_FOR(stat(call, RIGHT, reason) == before + 1, 10);
	counted(call, counts, 0, 1, 1);
	nothing_to_receive(call->sock[RIGHT]);
}

/* Each reason, with all counters at each. */
static void test_dropped(enum family family)
{
	struct counts counts;
	struct stream stream;
	struct call call;
	size_t len;

	call_begin(&call, family, SRTP_ROLE_MUX);
	rtp_simple(packet, SIZE, SSRC, 5000);
	call_pass(&call, LEFT, packet, SIZE);
	counts = counts_of(&call);
	len = reference_rtp(&call.reference[LEFT], 0, packet, SIZE, wire);
	drop(&call, &counts, wire, len, SRTP_A_STATS_RX_REPLAYED);
	rtp_simple(packet, SIZE, SSRC, 5001);
	drop(&call, &counts, packet, SIZE, SRTP_A_STATS_RX_AUTH_FAILED);
	rtp_simple(packet, SIZE, SSRC, 1000);
	len = reference_rtp(&call.reference[LEFT], 0, packet, SIZE, wire);
	drop(&call, &counts, wire, len, SRTP_A_STATS_RX_TOO_OLD);
	drop(&call, &counts, wire, 20, SRTP_A_STATS_RX_MALFORMED);
	wire[0] = 0;
	drop(&call, &counts, wire, len, SRTP_A_STATS_RX_NOT_RTP);
	rtcp_build(packet, 52, SSRC, 1);
	len = reference_rtcp(&call.reference[RIGHT], 0, packet, 52, wire);
	drop(&call, &counts, wire, len, SRTP_A_STATS_RX_AUTH_FAILED);
	/* known of the stream where it is known */
	CHECK(stream_find(RIGHT, call.session[RIGHT], SRTP_DIRECTION_RX, SSRC, &stream));
	EQUAL(stream.stats[SRTP_A_STATS_RX_SRTP_PACKETS], 1);
	EQUAL(stream.stats[SRTP_A_STATS_RX_REPLAYED], 1);
	EQUAL(stream.stats[SRTP_A_STATS_RX_AUTH_FAILED], 2);
	EQUAL(stream.stats[SRTP_A_STATS_RX_TOO_OLD], 1);
	session_del(RIGHT, call.session[RIGHT]);
	rtp_simple(packet, SIZE, SSRC, 5002);
	len = reference_rtp(&call.reference[LEFT], 0, packet, SIZE, wire);
	drop(&call, &counts, wire, len, SRTP_A_STATS_RX_NO_KEY);
}

static void test_refused(enum family family)
{
	struct counts before;
	struct call call;

	call_begin(&call, family, SRTP_ROLE_MUX);
	rtp_simple(packet, SIZE, SSRC, 1);
	call_pass(&call, LEFT, packet, SIZE);
	before = counts_of(&call);
	packet[100] ^= 1;
	ERRNO(send_to(call.sock[LEFT], packet, SIZE, &call.at[RIGHT]), EEXIST);
	ERRNO(send_to(call.sock[LEFT], packet, 5, &call.at[RIGHT]), EINVAL);
	packet[0] = 0;
	ERRNO(send_to(call.sock[LEFT], packet, SIZE, &call.at[RIGHT]), EPROTO);
	session_del(LEFT, call.session[LEFT]);
	rtp_simple(packet, SIZE, SSRC, 2);
	ERRNO(send_to(call.sock[LEFT], packet, SIZE, &call.at[RIGHT]), ENOKEY);
	EQUAL(counts_of(&call).out, before.out);
	EQUAL(stat(&call, LEFT, SRTP_A_STATS_TX_SRTP_PACKETS), 1);
	EQUAL(stat(&call, LEFT, SRTP_A_STATS_TX_INDEX_REUSED), 1);
	EQUAL(stat(&call, LEFT, SRTP_A_STATS_TX_MALFORMED), 2);
	EQUAL(stat(&call, LEFT, SRTP_A_STATS_TX_NO_KEY), 1);
	wire_check(&call, 1);
}

/* With no room left a packet is dropped before it is marked as received. */
static void test_buffer_full(enum family family)
{
	uint16_t seq = 0, first_lost;
	struct counts counts;
	struct call call;
	size_t got = 0;

	call_begin(&call, family, SRTP_ROLE_RTP);
	set_int(call.sock[RIGHT], SOL_SOCKET, SO_RCVBUF, 8192);
	counts = counts_of(&call);
	while (!counts_of(&call).drops && seq < 200) {
		rtp_simple(packet, SIZE, SSRC, ++seq);
		call_send(&call, LEFT, packet, SIZE);
	}
	first_lost = seq;
	capture_flush(&call.wire);
	CHECK(first_lost > 2 && first_lost < 200);
	EQUAL(counts_of(&call).drops - counts.drops, 1);
	EQUAL(counts_of(&call).errors - counts.errors, 1);
	EQUAL(counts_of(&call).buffer - counts.buffer, 1);
	/* what is there is what fitted */
	for (seq = 1; seq < first_lost; seq++, got++) {
		rtp_simple(packet, SIZE, SSRC, seq);
		receive_exactly(call.sock[RIGHT], packet, SIZE);
	}
	nothing_to_receive(call.sock[RIGHT]);
	EQUAL(counts_of(&call).in - counts.in, got);
	/* sent again, as after a NACK, it arrives */
	rtp_simple(packet, SIZE, SSRC, first_lost);
	call_pass(&call, LEFT, packet, SIZE);
	EQUAL(stat(&call, RIGHT, SRTP_A_STATS_RX_REPLAYED), 0);
	EQUAL(stat(&call, RIGHT, SRTP_A_STATS_RX_SRTP_PACKETS), first_lost);
}

static void test_overloaded(enum family family)
{
	struct counts counts;
	uint64_t lost;
	struct call call;
	size_t got = 0;
	int i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	set_int(call.sock[RIGHT], SOL_SOCKET, SO_RCVBUF, 8192);
	counts = counts_of(&call);
	for (i = 0; i < 500; i++) {
		rtp_simple(packet, SIZE, SSRC, i);
		call_send(&call, LEFT, packet, SIZE);
	}
	wire_check(&call, 500);
	while (recv(call.sock[RIGHT], packet, SIZE, MSG_DONTWAIT) == SIZE)
		got++;
	lost = counts_of(&call).drops - counts.drops;
	EQUAL(got + lost, 500);
	EQUAL(counts_of(&call).in - counts.in, got);
	EQUAL(counts_of(&call).errors - counts.errors, lost);
}

static const struct test tests[] = {
	{ "good packets: InDatagrams, OutDatagrams, totals of the socket", test_good, EVERY },
	{ "each dropped packet: its reason, InErrors, drops, no InDatagrams",
	  test_dropped, EVERY },
	{ "refused sends: their reason, no OutDatagrams", test_refused, EVERY },
	{ "receive buffer full: counted, not marked as received, retransmission accepted",
	  test_buffer_full, EVERY },
	{ "overload: what is not delivered is counted as dropped", test_overloaded, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
