// SPDX-License-Identifier: GPL-2.0
/*
 * The ways that packets take through a receiving host: NAPI in a thread, busy
 * polling, and aggregation (GRO), which is undone before an attached socket.
 */
#include "srtptest.h"

#include <netinet/udp.h>
#include <sched.h>
#include <sys/mount.h>

#define SEGMENT	172
#define WIRE	(SEGMENT + SRTP_TRAILER)
#define COUNT	40

static uint8_t batch[PACKET_MAX];

/* NAPI of the receiving device, and what it may aggregate. */
static void features(const char *wanted)
{
	net_enter(RIGHT);
	command("ethtool -K right gro on rx-gro-list off rx-udp-gro-forwarding off %s >/dev/null",
		wanted);
	net_enter(LEFT);
	command("ethtool -K left tso off >/dev/null");
}

static void send_batch(struct call *call, uint16_t first)
{
	int i;

	for (i = 0; i < COUNT; i++)
		rtp_simple(batch + i * SEGMENT, SEGMENT, SSRC, first + i);
	set_int(call->sock[LEFT], SOL_UDP, UDP_SEGMENT, SEGMENT);
	EQUAL(send(call->sock[LEFT], batch, COUNT * SEGMENT, 0), COUNT * SEGMENT);
}

static void receive_batch(struct call *call)
{
	int i;

	for (i = 0; i < COUNT; i++)
		receive_exactly(call->sock[RIGHT], batch + i * SEGMENT, SEGMENT);
}

static void begin(struct call *call, enum family family, const char *wanted)
{
	call_begin(call, family, SRTP_ROLE_RTP);
	call_connect(call);
	features(wanted);
}

/* All arrive, whole and in order; the device's tap tells if they came as one. */
static void pass_batches(struct call *call, bool aggregated)
{
	int i;

	for (i = 0; i < 3; i++) {
		send_batch(call, i * COUNT);
		receive_batch(call);
	}
	nothing_to_receive(call->sock[RIGHT]);
	capture_read(&call->wire);
	CHECK(!call->wire.marked);
	if (aggregated)
		CHECK(call->wire.count < 3 * COUNT);
	else
		EQUAL(call->wire.count, 3 * COUNT);
}

static void test_gro_list(enum family family)
{
	struct call call;

	begin(&call, family, "rx-gro-list on");
	pass_batches(&call, true);
}

static void test_gro_application(enum family family)
{
	struct call call;

	begin(&call, family, "");
	set_int(call.sock[RIGHT], SOL_UDP, UDP_GRO, 1);
	pass_batches(&call, true);
}

static void test_gro_forwarding(enum family family)
{
	struct call call;

	begin(&call, family, "rx-udp-gro-forwarding on");
	set_int(call.sock[RIGHT], SOL_UDP, UDP_GRO, 1);
	pass_batches(&call, true);
	set_int(call.sock[RIGHT], SOL_UDP, UDP_GRO, 0);
	send_batch(&call, 1000);
	receive_batch(&call);
}

/* Some of a batch that came as one is forged: only that is missing. */
static void test_gro_forged(enum family family)
{
	static uint8_t wire[COUNT * WIRE];
	struct call call;
	int i, plain;

	begin(&call, family, "rx-gro-list on");
	for (i = 0; i < COUNT; i++) {
		rtp_simple(batch + i * SEGMENT, SEGMENT, SSRC, i);
		reference_rtp(&call.reference[LEFT], 0, batch + i * SEGMENT, SEGMENT,
			      wire + i * WIRE);
	}
	wire[7 * WIRE + 50] ^= 1;
	close(call.sock[LEFT]);
	plain = bound_socket(LEFT, family, LEFT_PORT);
	connect_to(plain, &call.at[RIGHT]);
	set_int(plain, SOL_UDP, UDP_SEGMENT, WIRE);
	EQUAL(send(plain, wire, sizeof(wire), 0), sizeof(wire));
	for (i = 0; i < COUNT; i++)
		if (i != 7)
			receive_exactly(call.sock[RIGHT], batch + i * SEGMENT, SEGMENT);
	nothing_to_receive(call.sock[RIGHT]);
	EQUAL(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED), 1);
}

/* /sys shows the namespace that it was mounted in. */
static void set_threaded(int value)
{
	const char *dir = getenv("TMPDIR");

	MUST(unshare(CLONE_NEWNS));
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	net_enter(RIGHT);
	MUST(mount("sysfs", dir, "sysfs", 0, NULL));
	command("echo %d >%s/class/net/right/threaded && grep -qx %d %s/class/net/right/threaded",
		value, dir, value, dir);
	MUST(umount2(dir, MNT_DETACH));
	net_enter(LEFT);
}

static void test_threaded(enum family family)
{
	struct call call;

	begin(&call, family, "rx-gro-list on");
	set_threaded(1);
	pass_batches(&call, true);
	set_threaded(0);
}

static int int_of(int fd, int option)
{
	socklen_t len = sizeof(int);
	int value = -1;

	MUST(getsockopt(fd, SOL_SOCKET, option, &value, &len));
	return value;
}

static void test_busy_poll(enum family family)
{
	struct call call;
	int i;

	begin(&call, family, "");
	set_int(call.sock[RIGHT], SOL_SOCKET, SO_BUSY_POLL, 100);
	set_int(call.sock[RIGHT], SOL_SOCKET, SO_PREFER_BUSY_POLL, 1);
	for (i = 0; i < 3; i++) {
		send_batch(&call, i * COUNT);
		receive_batch(&call);
	}
	/* the queue that it polls is known */
	CHECK(int_of(call.sock[RIGHT], SO_INCOMING_NAPI_ID) > 0);
	nothing_to_receive(call.sock[RIGHT]);
}

static const struct test tests[] = {
	{ "rx-gro-list: packets that came as one are delivered one by one",
	  test_gro_list, EVERY },
	{ "rx-gro-list: a forged packet among those that came as one is dropped alone",
	  test_gro_forged, EVERY },
	{ "UDP_GRO: packets that came as one are delivered one by one",
	  test_gro_application, EVERY },
	{ "rx-udp-gro-forwarding, with UDP_GRO and without", test_gro_forwarding, EVERY },
	{ "NAPI in a thread", test_threaded, EVERY },
	{ "SO_BUSY_POLL and SO_PREFER_BUSY_POLL", test_busy_poll, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
