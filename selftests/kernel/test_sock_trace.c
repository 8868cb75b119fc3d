// SPDX-License-Identifier: GPL-2.0
/*
 * Trace points: what is dropped and refused and why, events, and keys by number.
 */
#include "srtptest.h"

#include <stdarg.h>
#include <sys/stat.h>

#define SIZE		172
#define INSTANCE	"/sys/kernel/tracing/instances/srtp-test"

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX];
static char trace[1 << 20];

static void begin(struct call *call, enum family family, int role)
{
	if (mkdir(INSTANCE, 0700))
		EQUAL(errno, EEXIST);
	command("echo 0 >" INSTANCE "/events/enable && echo >" INSTANCE "/trace &&"
		"echo 1 >" INSTANCE "/events/srtp/enable");
	call_begin(call, family, role);
}

static void read_trace(void)
{
	FILE *file = fopen(INSTANCE "/trace", "r");
	size_t len;

	CHECK(file);
	len = fread(trace, 1, sizeof(trace) - 1, file);
	trace[len] = 0;
	fclose(file);
}

static bool traced(const char *line)
{
	read_trace();
	return strstr(trace, line);
}

__attribute__((format(printf, 1, 2)))
static void expect(const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (!traced(line))
		FAIL("not traced: %s\n%s", line, trace);
}

static void inject(struct call *call, uint16_t seq, int flip)
{
	size_t len;

	rtp_simple(packet, SIZE, SSRC, seq);
	len = reference_rtp(&call->reference[LEFT], 0, packet, SIZE, wire);
	if (flip >= 0)
		wire[flip] ^= 1;
	call_inject(call, RIGHT, wire, len);
}

static uint64_t drops(struct call *call, enum srtp_a_stats stat)
{
	return stat_of(call->sock[RIGHT], call->family, stat);
}

static void test_drop(enum family family)
{
	struct call call;
	uint32_t session;

	begin(&call, family, SRTP_ROLE_MUX);
	session = call.session[RIGHT];
	inject(&call, 5, 50);
	WAIT_FOR(drops(&call, SRTP_A_STATS_RX_AUTH_FAILED) == 1, 10);
	expect("srtp_drop: session=%u socket=", session);
	expect("ssrc=%#010x len=%d reason=rx-auth-failed\n", SSRC, SIZE + SRTP_TRAILER);
	inject(&call, 5, -1);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	inject(&call, 5, -1);
	WAIT_FOR(drops(&call, SRTP_A_STATS_RX_REPLAYED) == 1, 10);
	expect("ssrc=%#010x len=%d reason=rx-replayed\n", SSRC, SIZE + SRTP_TRAILER);
	inject(&call, 6, 0x0);
	wire[0] = 0;
	call_inject(&call, RIGHT, wire, 20);
	WAIT_FOR(drops(&call, SRTP_A_STATS_RX_NOT_RTP) == 1, 10);
	expect("ssrc=0x00000000 len=20 reason=rx-not-rtp\n");
	call_inject(&call, RIGHT, "\x80", 1);
	WAIT_FOR(drops(&call, SRTP_A_STATS_RX_MALFORMED) == 1, 10);
	expect("len=1 reason=rx-malformed\n");
	session_del(RIGHT, session);
	inject(&call, 7, -1);
	WAIT_FOR(drops(&call, SRTP_A_STATS_RX_NO_KEY) == 1, 10);
	expect("ssrc=%#010x len=%d reason=rx-no-key\n", SSRC, SIZE + SRTP_TRAILER);
}

static void test_refuse(enum family family)
{
	struct call call;

	begin(&call, family, SRTP_ROLE_MUX);
	rtp_simple(packet, SIZE, SSRC, 1);
	packet[0] = 5;
	ERRNO(send_to(call.sock[LEFT], packet, SIZE, &call.at[RIGHT]), EPROTO);
	expect("ssrc=0x00000000 len=%d err=%d\n", SIZE, -EPROTO);
	rtp_simple(packet, SIZE, SSRC, 1);
	call_pass(&call, LEFT, packet, SIZE);
	packet[SIZE - 1] ^= 1;
	ERRNO(send_to(call.sock[LEFT], packet, SIZE, &call.at[RIGHT]), EEXIST);
	expect("ssrc=%#010x len=%d err=%d\n", SSRC, SIZE, -EEXIST);
	session_del(LEFT, call.session[LEFT]);
	ERRNO(send_to(call.sock[LEFT], packet, SIZE, &call.at[RIGHT]), ENOKEY);
	expect("srtp_refuse: session=%u socket=", call.session[LEFT]);
	expect("ssrc=%#010x len=%d err=%d\n", SSRC, SIZE, -ENOKEY);
}

static void test_event(enum family family)
{
	struct stream stream;
	struct call call;

	begin(&call, family, SRTP_ROLE_MUX);
	rtp_simple(packet, SIZE, SSRC, 1);
	call_pass(&call, LEFT, packet, SIZE);
	CHECK(stream_find(RIGHT, call.session[RIGHT], SRTP_DIRECTION_RX, SSRC, &stream));
	expect("srtp_event: session=%u stream=%u ssrc=%#010x type=ssrc-new seq=",
	       call.session[RIGHT], stream.id, SSRC);
	session_del(RIGHT, call.session[RIGHT]);
	expect("srtp_event: session=%u stream=0 ssrc=0x00000000 type=session-closed seq=",
	       call.session[RIGHT]);
}

static void test_key(enum family family)
{
	const struct stream without = { .direction = SRTP_DIRECTION_RX, .ssrc = 1 };
	struct stream stream = without;
	struct call call;
	uint32_t id, key;

	begin(&call, family, SRTP_ROLE_MUX);
	stream.session = call.session[LEFT];
	id = stream_new(LEFT, &stream);
	key = key_new(LEFT, stream.session, id, &master_b3);
	expect("srtp_key: session=%u stream=%u key=%u new\n", stream.session, id, key);
	key_del(LEFT, stream.session, id, key);
	expect("srtp_key: session=%u stream=%u key=%u del\n", stream.session, id, key);
	/* no octet of it, in whatever form */
	CHECK(!memmem(trace, strlen(trace), &master_b3, 4));
	CHECK(!strcasestr(trace, "e1f97a0d"));
	CHECK(!strcasestr(trace, "0d7af9e1"));
}

static const struct test tests[] = {
	{ "trace point srtp_drop: session, SSRC, length and reason", test_drop, EVERY },
	{ "trace point srtp_refuse: session, SSRC, length and errno", test_refuse, EVERY },
	{ "trace point srtp_event", test_event, ONCE },
	{ "trace point srtp_key: numbers, no octet of the key", test_key, ONCE },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
