// SPDX-License-Identifier: GPL-2.0
/*
 * Options of an attached socket: time stamps of what is sent and received, the
 * MTU without the trailer.
 */
#include "srtptest.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/ip.h>
#include <time.h>

#define SIZE	172

static uint8_t packet[PACKET_MAX];

static uint8_t *nth(unsigned int n)
{
	rtp_simple(packet, SIZE, SSRC, n);
	return packet;
}

struct received {
	uint8_t data[2048];
	size_t len;
	struct scm_timestamping stamp;
	struct timespec stampns;
	struct sock_extended_err error;
	bool has_stamp, has_stampns, has_error;
};

static void take_cmsg(struct received *got, const struct cmsghdr *cmsg)
{
	if (cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_TIMESTAMPING) {
		memcpy(&got->stamp, CMSG_DATA(cmsg), sizeof(got->stamp));
		got->has_stamp = true;
	} else if (cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_TIMESTAMPNS) {
		memcpy(&got->stampns, CMSG_DATA(cmsg), sizeof(got->stampns));
		got->has_stampns = true;
	} else if ((cmsg->cmsg_level == SOL_IP && cmsg->cmsg_type == IP_RECVERR) ||
		   (cmsg->cmsg_level == SOL_IPV6 && cmsg->cmsg_type == IPV6_RECVERR)) {
		memcpy(&got->error, CMSG_DATA(cmsg), sizeof(got->error));
		got->has_error = true;
	}
}

static bool try_receive(int fd, struct received *got, int flags)
{
	char control[512] = {};
	struct iovec part = { got->data, sizeof(got->data) };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	ssize_t len;

	got->has_stamp = false;
	got->has_stampns = false;
	got->has_error = false;
	len = recvmsg(fd, &message, flags | MSG_DONTWAIT);
	if (len < 0 && errno == EAGAIN)
		return false;
	got->len = MUST(len);
	for (cmsg = CMSG_FIRSTHDR(&message); cmsg; cmsg = CMSG_NXTHDR(&message, cmsg))
		take_cmsg(got, cmsg);
	return true;
}

static void test_tx_timestamps(enum family family)
{
	const int wanted = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_SCHED |
			   SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID;
	int kinds[SCM_TSTAMP_ACK + 1] = {};
	static uint8_t wire[SIZE + 20];
	struct received got;
	struct call call;
	size_t len;
	int i, n;

	call_begin(&call, family, SRTP_ROLE_RTP);
	call_connect(&call);
	set_int(call.sock[LEFT], SOL_SOCKET, SO_TIMESTAMPING, wanted);
	for (i = 0; i < 3; i++) {
		EQUAL(send(call.sock[LEFT], nth(i), SIZE, 0), SIZE);
		receive_exactly(call.sock[RIGHT], packet, SIZE);
		len = reference_rtp(&call.reference[LEFT], 0, packet, SIZE, wire);
		for (n = 0; n < 2; n++) {
			WAIT_FOR(try_receive(call.sock[LEFT], &got, MSG_ERRQUEUE), 10);
			CHECK(got.has_stamp && got.has_error);
			CHECK(got.stamp.ts[0].tv_sec);
			EQUAL(got.error.ee_origin, SO_EE_ORIGIN_TIMESTAMPING);
			EQUAL(got.error.ee_data, i);
			CHECK(got.error.ee_info <= SCM_TSTAMP_ACK);
			kinds[got.error.ee_info]++;
			/* the packet as it was sent, behind its headers */
			CHECK(got.len > len);
			SAME(got.data + got.len - len, len, wire, len);
		}
		CHECK(!try_receive(call.sock[LEFT], &got, MSG_ERRQUEUE));
	}
	EQUAL(kinds[SCM_TSTAMP_SCHED], 3);
	EQUAL(kinds[SCM_TSTAMP_SND], 3);
}

/* The kernel begins to take the time a moment after somebody asks for it. */
static bool try_stamped(struct call *call, struct received *got)
{
	static int n;

	call_send(call, LEFT, nth(++n), SIZE);
	WAIT_FOR(try_receive(call->sock[RIGHT], got, 0), 10);
	SAME(got->data, got->len, packet, (size_t)SIZE);
	return got->has_stamp || got->has_stampns;
}

static void test_rx_timestamps(enum family family)
{
	const int wanted = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
	struct received got = {};
	struct call call;
	time_t begun;

	call_begin(&call, family, SRTP_ROLE_RTP);
	set_int(call.sock[RIGHT], SOL_SOCKET, SO_TIMESTAMPING, wanted);
	begun = time(NULL);
	WAIT_FOR(try_stamped(&call, &got), 10);
	CHECK(got.stamp.ts[0].tv_sec >= begun - 1 && got.stamp.ts[0].tv_sec <= time(NULL) + 1);
	set_int(call.sock[RIGHT], SOL_SOCKET, SO_TIMESTAMPING, 0);
	CHECK(!try_stamped(&call, &got));
	set_int(call.sock[RIGHT], SOL_SOCKET, SO_TIMESTAMPNS, 1);
	WAIT_FOR(try_stamped(&call, &got), 10);
	CHECK(got.stampns.tv_sec >= begun - 1 && got.stampns.tv_sec <= time(NULL) + 1);
}

static int mtu_of(int fd, enum family family)
{
	socklen_t len = sizeof(int);
	int mtu = -1;

	if (on_ipv4(family))
		MUST(getsockopt(fd, SOL_IP, IP_MTU, &mtu, &len));
	else
		MUST(getsockopt(fd, SOL_IPV6, IPV6_MTU, &mtu, &len));
	EQUAL(len, sizeof(int));
	return mtu;
}

/* What the MTU says fits, and not one octet more. */
static void test_mtu(enum family family)
{
	const int headers = family == IPV6 ? 48 : 28;
	struct call call;
	int mtu;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	call_connect(&call);
	EQUAL(mtu_of(call.sock[LEFT], family), 1500);
	call_attach(&call, LEFT);
	call_attach(&call, RIGHT);
	if (on_ipv4(family))
		set_int(call.sock[LEFT], SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	else
		set_int(call.sock[LEFT], SOL_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
	mtu = mtu_of(call.sock[LEFT], family);
	EQUAL(mtu, 1500 - SRTP_TRAILER);
	rtp_simple(packet, mtu - headers, SSRC, 1);
	EQUAL(send(call.sock[LEFT], packet, mtu - headers, 0), mtu - headers);
	receive_exactly(call.sock[RIGHT], packet, mtu - headers);
	rtp_simple(packet, mtu - headers + 1, SSRC, 2);
	ERRNO(send(call.sock[LEFT], packet, mtu - headers + 1, 0), EMSGSIZE);
	wire_check(&call, 1);
	EQUAL(call.wire.fragments, 0);
}

static void test_mtu_roles(enum family family)
{
	struct call call;
	int fd;

	call_prepare(&call, family, SRTP_ROLE_RTCP);
	call_connect(&call);
	call_attach(&call, LEFT);
	EQUAL(mtu_of(call.sock[LEFT], family), 1500 - SRTCP_TRAILER);
	/* both: what fits for either */
	fd = udp_socket(LEFT, family);
	connect_to(fd, &call.at[RIGHT]);
	attach(fd, family, call.session[LEFT], SRTP_ROLE_MUX);
	EQUAL(mtu_of(fd, family), 1500 - SRTCP_TRAILER);
	MUST(try_detach(fd, family));
	EQUAL(mtu_of(fd, family), 1500);
	/* without a send stream nothing is taken */
	attach(fd, family, session_new(LEFT), SRTP_ROLE_MUX);
	EQUAL(mtu_of(fd, family), 1500);
}

static const struct test tests[] = {
	{ "SO_TIMESTAMPING: each packet when it is queued and when it leaves, as ciphertext",
	  test_tx_timestamps, EVERY },
	{ "SO_TIMESTAMPING and SO_TIMESTAMPNS of received packets", test_rx_timestamps, EVERY },
	{ "IP_MTU, IPV6_MTU: less by the trailer; one octet more is EMSGSIZE", test_mtu, EVERY },
	{ "IP_MTU, IPV6_MTU: by role, after detach, without a stream", test_mtu_roles, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
