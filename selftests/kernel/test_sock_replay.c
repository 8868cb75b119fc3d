// SPDX-License-Identifier: GPL-2.0
/*
 * Replay windows on receive (RFC 3711 3.3.2): each packet is delivered once,
 * late ones within the window too, and nothing else.
 */
#include "srtptest.h"

#include <netinet/udp.h>

#define SIZE	172

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX];

/* Injects the SRTP packet with that index; packet is what it should become. */
static void inject(struct call *call, uint64_t index)
{
	size_t len;

	rtp_simple(packet, SIZE, SSRC, index);
	len = reference_rtp(&call->reference[LEFT], index >> 16, packet, SIZE, wire);
	call_inject(call, RIGHT, wire, len);
}

static void inject_rtcp(struct call *call, uint32_t index)
{
	size_t len;

	rtcp_build(packet, 52, SSRC, index);
	len = reference_rtcp(&call->reference[LEFT], index, packet, 52, wire);
	call_inject(call, RIGHT, wire, len);
}

static void accepted(struct call *call, uint64_t index)
{
	inject(call, index);
	receive_exactly(call->sock[RIGHT], packet, SIZE);
}

static void accepted_rtcp(struct call *call, uint32_t index)
{
	inject_rtcp(call, index);
	receive_exactly(call->sock[RIGHT], packet, 52);
}

static uint64_t stat(const struct call *call, enum srtp_a_stats stat)
{
	return stat_of(call->sock[RIGHT], call->family, stat);
}

/* Counted once more under that reason, and not delivered. */
#define DROPPED(call, what, reason)						\
	do {									\
		uint64_t before_ = stat(call, reason);				\
										\
		what;								\
		WAIT_FOR(stat(call, reason) == before_ + 1, 10);		\
		nothing_to_receive((call)->sock[RIGHT]);			\
	} while (0)

static void test_replayed(enum family family)
{
	struct call call;
	int i;

	call_begin(&call, family, SRTP_ROLE_MUX);
	accepted(&call, 100);
	for (i = 0; i < 5; i++)
		DROPPED(&call, inject(&call, 100), SRTP_A_STATS_RX_REPLAYED);
	accepted(&call, 101);
	DROPPED(&call, inject(&call, 100), SRTP_A_STATS_RX_REPLAYED);
	accepted_rtcp(&call, 0);
	DROPPED(&call, inject_rtcp(&call, 0), SRTP_A_STATS_RX_REPLAYED);
	accepted_rtcp(&call, 5);
	DROPPED(&call, inject_rtcp(&call, 0), SRTP_A_STATS_RX_REPLAYED);
	/* SRTP and SRTCP do not count each other's */
	accepted_rtcp(&call, 100);
}

static void test_late(enum family family)
{
	struct call call;
	int i;

	call_begin(&call, family, SRTP_ROLE_MUX);
	accepted(&call, 30000);
	accepted_rtcp(&call, 500);
	for (i = 1; i < 1024; i += 73) {
		accepted(&call, 30000 - i);
		DROPPED(&call, inject(&call, 30000 - i), SRTP_A_STATS_RX_REPLAYED);
	}
	for (i = 1; i < 128; i += 9) {
		accepted_rtcp(&call, 500 - i);
		DROPPED(&call, inject_rtcp(&call, 500 - i), SRTP_A_STATS_RX_REPLAYED);
	}
	DROPPED(&call, inject(&call, 30000 - 1024), SRTP_A_STATS_RX_TOO_OLD);
	DROPPED(&call, inject_rtcp(&call, 500 - 128), SRTP_A_STATS_RX_TOO_OLD);
}

/* With a receive stream of its own that has those windows. */
static void begin_with(struct call *call, enum family family, uint32_t window,
		       uint32_t srtcp_window)
{
	struct stream stream = {
		.direction = SRTP_DIRECTION_RX, .ssrc = SSRC, .master = &master_b3,
		.window = window, .srtcp_window = srtcp_window,
	};

	call_prepare(call, family, SRTP_ROLE_MUX);
	stream.session = call->session[RIGHT];
	stream_new(RIGHT, &stream);
	call_attach(call, RIGHT);
}

static void end(struct call *call)
{
	close(call->sock[LEFT]);
	close(call->sock[RIGHT]);
	session_del(LEFT, call->session[LEFT]);
	session_del(RIGHT, call->session[RIGHT]);
	capture_close(&call->wire);
}

static void test_borders(enum family family)
{
	static const uint32_t windows[] = { 64, 65, 100, 128, 1024, 4096, 16384, 32768 };
	struct call call;
	uint32_t window;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		for (window = 64; window < windows[i]; window *= 2)
			;
		begin_with(&call, family, windows[i], windows[i]);
		/* the way to 60000 in steps that leave no doubt about the ROC */
		accepted(&call, 20000);
		accepted(&call, 50000);
		accepted(&call, 60000);
		accepted(&call, 60000 - window + 1);
		DROPPED(&call, inject(&call, 60000 - window + 1), SRTP_A_STATS_RX_REPLAYED);
		DROPPED(&call, inject(&call, 60000 - window), SRTP_A_STATS_RX_TOO_OLD);
		accepted(&call, 60001);
		DROPPED(&call, inject(&call, 60000 - window + 1), SRTP_A_STATS_RX_TOO_OLD);
		accepted_rtcp(&call, 100000);
		accepted_rtcp(&call, 100000 - window + 1);
		DROPPED(&call, inject_rtcp(&call, 100000 - window), SRTP_A_STATS_RX_TOO_OLD);
		end(&call);
	}
}

/* Jumps of every size over the ring of bits: what was set must not come back. */
static void test_jumps(enum family family)
{
	static const uint32_t jumps[] = { 1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 30000 };
	uint64_t index = 1000;
	struct call call;
	size_t i;

	begin_with(&call, family, 128, 128);
	for (i = 0; i < ARRAY_SIZE(jumps); i++) {
		accepted(&call, index);
		accepted_rtcp(&call, index);
		index += jumps[i];
		accepted(&call, index);
		accepted_rtcp(&call, index);
		/* not seen, so within the window it is accepted */
		if (jumps[i] > 1) {
			accepted(&call, index - 1);
			accepted_rtcp(&call, index - 1);
		}
		DROPPED(&call, inject(&call, index - 1), SRTP_A_STATS_RX_REPLAYED);
		DROPPED(&call, inject_rtcp(&call, index - 1), SRTP_A_STATS_RX_REPLAYED);
		index++;
	}
}

static void test_over_wrap(enum family family)
{
	struct stream stream;
	struct call call;
	uint64_t index;

	call_begin(&call, family, SRTP_ROLE_MUX);
	for (index = 65536 - 20; index < 65536 + 20; index += 2)
		accepted(&call, index);
	for (index = 65536 - 20; index < 65536 + 20; index += 2)
		DROPPED(&call, inject(&call, index), SRTP_A_STATS_RX_REPLAYED);
	/* the late ones belong to the ROC they were sent under */
	for (index = 65536 - 19; index < 65536 + 20; index += 2)
		accepted(&call, index);
	CHECK(stream_find(RIGHT, call.session[RIGHT], SRTP_DIRECTION_RX, SSRC, &stream));
	EQUAL(stream.roc, 1);
	EQUAL(stream.seq, 19);
}

/* The first packet decides; one before it that belongs to no ROC is dropped. */
static void test_before_first(enum family family)
{
	struct call call;

	call_begin(&call, family, SRTP_ROLE_MUX);
	accepted(&call, 5);
	accepted(&call, 4);
	accepted(&call, 0);
	inject(&call, 65535);
	WAIT_FOR(stat(&call, SRTP_A_STATS_RX_TOO_OLD) +
		 stat(&call, SRTP_A_STATS_RX_AUTH_FAILED) == 1, 10);
	nothing_to_receive(call.sock[RIGHT]);
	accepted(&call, 6);
}

static void test_given_roc(enum family family)
{
	struct stream stream = {
		.direction = SRTP_DIRECTION_RX, .ssrc = SSRC, .master = &master_b3,
		.indexes = true, .roc = 3, .seq = 1000, .srtcp_index = 50,
	};
	struct call call;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	stream.session = call.session[RIGHT];
	stream.id = stream_new(RIGHT, &stream);
	call_attach(&call, RIGHT);
	accepted(&call, 3 * 65536 + 1001);
	accepted_rtcp(&call, 51);
	DROPPED(&call, inject(&call, 1002), SRTP_A_STATS_RX_AUTH_FAILED);
	stream = stream_get(RIGHT, call.session[RIGHT], stream.id);
	EQUAL(stream.roc, 3);
	EQUAL(stream.seq, 1001);
	EQUAL(stream.srtcp_index, 51);
}

/* All sockets of a session are one endpoint with one window. */
static void test_shared_window(enum family family)
{
	union address other;
	struct call call;
	int second;

	call_begin(&call, family, SRTP_ROLE_MUX);
	other = address_of(RIGHT, family, RIGHT_PORT + 2);
	second = bound_socket(RIGHT, family, RIGHT_PORT + 2);
	attach(second, family, call.session[RIGHT], SRTP_ROLE_MUX);
	accepted(&call, 10);
	call.at[RIGHT] = other;
	inject(&call, 10);
	WAIT_FOR(stat_of(second, family, SRTP_A_STATS_RX_REPLAYED) == 1, 10);
	nothing_to_receive(second);
	inject(&call, 11);
	receive_exactly(second, packet, SIZE);
	call.at[RIGHT] = address_of(RIGHT, family, RIGHT_PORT);
	DROPPED(&call, inject(&call, 11), SRTP_A_STATS_RX_REPLAYED);
}

/* Nor does the window begin anew with another socket. */
static void test_window_outlives_socket(enum family family)
{
	struct call call;

	call_begin(&call, family, SRTP_ROLE_MUX);
	accepted(&call, 10);
	MUST(try_detach(call.sock[RIGHT], family));
	call_attach(&call, RIGHT);
	DROPPED(&call, inject(&call, 10), SRTP_A_STATS_RX_REPLAYED);
	close(call.sock[RIGHT]);
	call.sock[RIGHT] = bound_socket(RIGHT, family, RIGHT_PORT);
	call_attach(&call, RIGHT);
	DROPPED(&call, inject(&call, 10), SRTP_A_STATS_RX_REPLAYED);
	accepted(&call, 11);
}

/* Two sessions have nothing in common but the keys. */
static void test_own_window_per_session(enum family family)
{
	struct call call;
	uint32_t session;
	int second;

	call_begin(&call, family, SRTP_ROLE_MUX);
	session = session_new(RIGHT);
	stream_any(RIGHT, session, SRTP_DIRECTION_RX, &master_b3);
	second = bound_socket(RIGHT, family, RIGHT_PORT + 2);
	attach(second, family, session, SRTP_ROLE_MUX);
	accepted(&call, 10);
	call.at[RIGHT] = address_of(RIGHT, family, RIGHT_PORT + 2);
	inject(&call, 10);
	receive_exactly(second, packet, SIZE);
}

static const struct test tests[] = {
	{ "SRTP and SRTCP that were received before are dropped and counted",
	  test_replayed, EVERY },
	{ "late ones within the window are accepted once, older ones are too old",
	  test_late, EVERY },
	{ "both sides of the window's border, 64 to 32768, SRTP and SRTCP",
	  test_borders, EVERY },
	{ "jumps of every size leave no bit standing and none unset", test_jumps, EVERY },
	{ "the window reaches over a wrap of SEQ", test_over_wrap, EVERY },
	{ "before the first packet's ROC there is nothing", test_before_first, EVERY },
	{ "a receive stream begins with the ROC that it was given", test_given_roc, EVERY },
	{ "two sockets of a session share one window", test_shared_window, EVERY },
	{ "the window outlives detach and close", test_window_outlives_socket, EVERY },
	{ "two sessions with one key have a window each", test_own_window_per_session, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
