// SPDX-License-Identifier: GPL-2.0
/*
 * MSG_ZEROCOPY: the caller's pages are copied, since they must not be
 * encrypted in place, and the completion says so.
 */
#include "srtptest.h"

#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <poll.h>

#define SIZE	172

static uint8_t packet[PACKET_MAX];

static uint8_t *nth(unsigned int n)
{
	rtp_simple(packet, SIZE, SSRC, n);
	return packet;
}

static void begin(struct call *call, enum family family)
{
	call_begin(call, family, SRTP_ROLE_RTP);
	call_connect(call);
	set_int(call->sock[LEFT], SOL_SOCKET, SO_ZEROCOPY, 1);
}

/* Waits until the completions of all sends from first to last are there. */
static void await_completions(int fd, uint32_t first, uint32_t last)
{
	struct pollfd wait = { .fd = fd };
	struct sock_extended_err error;
	struct cmsghdr *cmsg;
	char control[256];

	while (first <= last) {
		struct msghdr message = {
			.msg_control = control, .msg_controllen = sizeof(control),
		};

		EQUAL(poll(&wait, 1, 10000), 1);
		EQUAL(recvmsg(fd, &message, MSG_ERRQUEUE), 0);
		cmsg = CMSG_FIRSTHDR(&message);
		CHECK(cmsg);
		memcpy(&error, CMSG_DATA(cmsg), sizeof(error));
		EQUAL(error.ee_origin, SO_EE_ORIGIN_ZEROCOPY);
		EQUAL(error.ee_errno, 0);
		EQUAL(error.ee_code, SO_EE_CODE_ZEROCOPY_COPIED);
		EQUAL(error.ee_info, first);
		CHECK(error.ee_data >= first && error.ee_data <= last);
		first = error.ee_data + 1;
	}
}

static void test_completion(enum family family)
{
	struct call call;
	int i;

	begin(&call, family);
	for (i = 0; i < 20; i++) {
		EQUAL(send(call.sock[LEFT], nth(i), SIZE, MSG_ZEROCOPY), SIZE);
		SAME(packet, SIZE, nth(i), SIZE);
		receive_exactly(call.sock[RIGHT], packet, SIZE);
		await_completions(call.sock[LEFT], i, i);
	}
	wire_check(&call, 20);
}

static void test_collected(enum family family)
{
	struct call call;
	int i;

	begin(&call, family);
	for (i = 0; i < 20; i++)
		EQUAL(send(call.sock[LEFT], nth(i), SIZE, MSG_ZEROCOPY), SIZE);
	await_completions(call.sock[LEFT], 0, 19);
	wire_check(&call, 20);
}

/* Without SO_ZEROCOPY the flag means nothing. */
static void test_without_option(enum family family)
{
	struct msghdr message = {};
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	call_connect(&call);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, MSG_ZEROCOPY), SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	ERRNO(recvmsg(call.sock[LEFT], &message, MSG_ERRQUEUE), EAGAIN);
	wire_check(&call, 1);
}

/* Nobody waits for pages that were never used. */
static void test_failed(enum family family)
{
	struct msghdr message = {};
	struct call call;

	begin(&call, family);
	ERRNO(send(call.sock[LEFT], nth(1), 5, MSG_ZEROCOPY), EINVAL);
	ERRNO(recvmsg(call.sock[LEFT], &message, MSG_ERRQUEUE), EAGAIN);
	/* the numbers go on without a gap */
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, MSG_ZEROCOPY), SIZE);
	await_completions(call.sock[LEFT], 0, 0);
	wire_check(&call, 1);
}

static void test_segments(enum family family)
{
	struct call call;
	int i;

	begin(&call, family);
	set_int(call.sock[LEFT], SOL_UDP, UDP_SEGMENT, SIZE);
	for (i = 0; i < 20; i++)
		rtp_simple(packet + i * SIZE, SIZE, SSRC, i);
	EQUAL(send(call.sock[LEFT], packet, 20 * SIZE, MSG_ZEROCOPY), 20 * SIZE);
	await_completions(call.sock[LEFT], 0, 0);
	for (i = 0; i < 20; i++)
		receive_exactly(call.sock[RIGHT], packet + i * SIZE, SIZE);
	wire_check(&call, 20);
}

static void test_large(enum family family)
{
	struct call call;

	begin(&call, family);
	set_mtu(65535);
	set_int(call.sock[LEFT], SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20);
	rtp_simple(packet, 60000, SSRC, 1);
	EQUAL(send(call.sock[LEFT], packet, 60000, MSG_ZEROCOPY), 60000);
	await_completions(call.sock[LEFT], 0, 0);
	receive_exactly(call.sock[RIGHT], packet, 60000);
	wire_check(&call, 1);
}

static const struct test tests[] = {
	{ "MSG_ZEROCOPY: each send is completed as copied", test_completion, EVERY },
	{ "MSG_ZEROCOPY: completions of 20 sends at once", test_collected, EVERY },
	{ "MSG_ZEROCOPY without SO_ZEROCOPY", test_without_option, EVERY },
	{ "MSG_ZEROCOPY: a refused send has no completion", test_failed, EVERY },
	{ "MSG_ZEROCOPY with UDP_SEGMENT", test_segments, EVERY },
	{ "MSG_ZEROCOPY of 60000 octets", test_large, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
