// SPDX-License-Identifier: GPL-2.0
/*
 * A bad network: packets are lost, doubled and out of order over several
 * wraps of SEQ. What arrives is known from the capture; which of it must be
 * delivered is told by a model of RFC 3711 3.3.1 and 3.3.2.
 *
 * ktap-timeout: 900
 */
#include <linux/gen_stats.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/socket.h>

#include "srtptest.h"

#define SIZE		40
#define STEP		32	/* of SEQ between two packets */
/*
 * So many packets are in the network at once, however fast the machine sends:
 * eight times the window, and a quarter of the 2^15 indexes that a receiver can
 * tell apart.
 */
#define BURST		256
/* The first burst ends before SEQ wraps: who joins there guesses ROC 0. */
#define FIRST		(65536 - BURST * STEP - STEP / 2)
#define WRAPS		3
#define WINDOW		1024
#define SRTCP_WINDOW	128
#define INDEXES		((WRAPS + 1) << 16)

/* What a receiver knows, for RTP and RTCP. */
struct window {
	bool begun;
	uint64_t highest;
	uint64_t size;
	uint8_t *seen;
	uint64_t replayed, too_old;
};

struct model {
	struct window rtp, rtcp;
	uint64_t *deliver;	/* index, RTCP with the top bit */
	size_t count;
};

#define RTCP_BIT	(1ull << 63)

static uint8_t packet[PACKET_MAX];

/* Every tenth is RTCP. */
static void send_nth(struct call *call, size_t n)
{
	if (n % 10 == 9) {
		rtcp_build(packet, SIZE, SSRC, n);
		call_send(call, LEFT, packet, SIZE);
	} else {
		rtp_simple(packet, SIZE, SSRC, FIRST + n * STEP);
		call_send(call, LEFT, packet, SIZE);
	}
}

/* RFC 3711 3.3.1 */
static uint64_t guess_index(const struct window *window, uint16_t seq)
{
	uint64_t roc = window->highest >> 16;
	uint16_t last = window->highest;

	if (!window->begun)
		return seq;
	if (last < 32768)
		return (seq - last > 32768 ? roc - 1 : roc) << 16 | seq;
	return (last - 32768 > seq ? roc + 1 : roc) << 16 | seq;
}

/* RFC 3711 3.3.2; true if the packet is to be delivered */
static bool check_replay(struct window *window, uint64_t index)
{
	CHECK(index < INDEXES + 65536);
	if (window->begun && index + window->size <= window->highest) {
		window->too_old++;
		return false;
	}
	if (window->seen[index]) {
		window->replayed++;
		return false;
	}
	window->seen[index] = 1;
	if (!window->begun || index > window->highest)
		window->highest = index;
	window->begun = true;
	return true;
}

static void model_packet(struct model *model, struct call *call, const struct datagram *datagram)
{
	uint64_t index;
	uint32_t srtcp_index;

	if (is_rtcp(datagram->data)) {
		CHECK(reference_open_rtcp(&call->reference[LEFT], &srtcp_index, datagram->data,
					  datagram->len, packet) == SIZE);
		if (check_replay(&model->rtcp, srtcp_index))
			model->deliver[model->count++] = srtcp_index | RTCP_BIT;
		return;
	}
	index = guess_index(&model->rtp, seq_of(datagram->data));
	CHECK(reference_open_rtp(&call->reference[LEFT], index >> 16, datagram->data,
				 datagram->len, packet) == SIZE);
	if (check_replay(&model->rtp, index))
		model->deliver[model->count++] = index;
}

static void *zeroed(size_t len)
{
	void *memory = calloc(1, len);

	CHECK(memory);
	return memory;
}

static void model_wire(struct model *model, struct call *call)
{
	size_t i;

	model->rtp.size = WINDOW;
	model->rtp.seen = zeroed(INDEXES + 65536);
	model->rtcp.size = SRTCP_WINDOW;
	model->rtcp.seen = zeroed(INDEXES + 65536);
	model->deliver = zeroed(call->wire.count * sizeof(*model->deliver));
	for (i = 0; i < call->wire.count; i++)
		model_packet(model, call, &call->wire.datagrams[i]);
}

/* Which packet this is, told by the number in its payload. */
static void check_delivered(const uint8_t *got, size_t len, uint64_t expected)
{
	if (expected & RTCP_BIT) {
		CHECK(is_rtcp(got));
		rtcp_build(packet, SIZE, SSRC, (expected & ~RTCP_BIT) * 10 + 9);
	} else {
		rtp_simple(packet, SIZE, SSRC, expected);
	}
	SAME(got, len, packet, (size_t)SIZE);
}

static int add_queue(struct nl_msg *msg, void *sum)
{
	struct nlattr *attrs[TCA_MAX + 1], *stats[TCA_STATS_MAX + 1];
	struct gnet_stats_queue queue;

	CHECK(!nlmsg_parse(nlmsg_hdr(msg), sizeof(struct tcmsg), attrs, TCA_MAX, NULL));
	CHECK(attrs[TCA_STATS2]);
	CHECK(!nla_parse_nested(stats, TCA_STATS_MAX, attrs[TCA_STATS2], NULL));
	CHECK(nla_memcpy(&queue, stats[TCA_STATS_QUEUE], sizeof(queue)));
	*(size_t *)sum += queue.qlen;
	return NL_OK;
}

/* Whether no packet is on its way from the left. */
static bool drained(void)
{
	struct nl_sock *route = nl_socket_alloc();
	struct tcmsg all = { .tcm_family = AF_UNSPEC };
	size_t queued = 0;

	CHECK(route);
	CHECK(!nl_connect(route, NETLINK_ROUTE));
	CHECK(!nl_socket_modify_cb(route, NL_CB_VALID, NL_CB_CUSTOM, add_queue, &queued));
	CHECK(nl_send_simple(route, RTM_GETQDISC, NLM_F_DUMP, &all, sizeof(all)) >= 0);
	CHECK(nl_recvmsgs_default(route) >= 0);
	nl_socket_free(route);
	return !queued;
}

static void bad_network(enum family family, const char *netem)
{
	const size_t packets = (WRAPS << 16) / STEP;
	struct model model = {};
	uint8_t got[SIZE + 20];
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_MUX);
	set_int(call.sock[RIGHT], SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20);
	stay_on_one_processor();
	command("tc qdisc replace dev left root netem limit 100000 %s", netem);
	for (i = 0; i < packets; i++) {
		send_nth(&call, i);
		if (i % BURST == BURST - 1) {
			WAIT_FOR(drained(), 20);
			capture_read(&call.wire);
		}
	}
	command("tc qdisc del dev left root");
	capture_flush(&call.wire);
	CHECK(!call.wire.marked);
	CHECK(call.wire.count > packets / 2);
	model_wire(&model, &call);
	printf("# %zu sent, %zu arrived, %zu to deliver, %llu replayed, %llu too old\n",
	       packets, call.wire.count, model.count,
	       (unsigned long long)(model.rtp.replayed + model.rtcp.replayed),
	       (unsigned long long)(model.rtp.too_old + model.rtcp.too_old));
	for (i = 0; i < model.count; i++)
		check_delivered(got, receive(call.sock[RIGHT], got, sizeof(got)),
				model.deliver[i]);
	nothing_to_receive(call.sock[RIGHT]);
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_REPLAYED),
	      model.rtp.replayed + model.rtcp.replayed);
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_TOO_OLD),
	      model.rtp.too_old + model.rtcp.too_old);
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED), 0);
	EQUAL(model.rtp.highest >> 16, WRAPS);
}

static void test_loss(enum family family)
{
	bad_network(family, "loss 15%");
}

static void test_duplicates(enum family family)
{
	bad_network(family, "duplicate 25%");
}

static void test_reorder(enum family family)
{
	bad_network(family, "delay 4ms 4ms");
}

static void test_all(enum family family)
{
	bad_network(family, "delay 3ms 3ms loss 10% duplicate 10%");
}

static const struct test tests[] = {
	{ "loss over three wraps: what arrives is delivered", test_loss, ONCE, 60 },
	{ "duplicates over three wraps are delivered once", test_duplicates, ONCE, 60 },
	{ "reordering over three wraps: what is in the window is delivered once",
	  test_reorder, ONCE, 60 },
	{ "loss, duplicates and reordering together", test_all, IPV4 | IPV6, 60 },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
