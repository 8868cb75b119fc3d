// SPDX-License-Identifier: GPL-2.0
/*
 * The socket calls of an attached socket do what they do on a plain one.
 */
#include "srtptest.h"

#include <fcntl.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#define SIZE	172
#define BATCH	32

static uint8_t packet[PACKET_MAX];

static void begin(struct call *call, enum family family)
{
	call_begin(call, family, SRTP_ROLE_RTP);
	call_connect(call);
}

/* The n-th packet of the tests here. */
static uint8_t *nth(unsigned int n)
{
	rtp_simple(packet, SIZE, SSRC, n);
	return packet;
}

static void test_unconnected(enum family family)
{
	union address from = {};
	socklen_t len = sizeof(from);
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	ERRNO(send(call.sock[LEFT], nth(1), SIZE, 0), EDESTADDRREQ);
	call_send(&call, LEFT, nth(1), SIZE);
	EQUAL(recvfrom(call.sock[RIGHT], packet + 1000, SIZE, 0, &from.any, &len), SIZE);
	SAME(packet + 1000, SIZE, packet, SIZE);
	EQUAL(port_of(&from), LEFT_PORT);
	EQUAL(len, address_len(&call.at[LEFT]));
	wire_check(&call, 1);
}

static void test_connected(enum family family)
{
	struct call call;

	begin(&call, family);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	receive_exactly(call.sock[RIGHT], nth(1), SIZE);
	EQUAL(write(call.sock[LEFT], nth(2), SIZE), SIZE);
	EQUAL(read(call.sock[RIGHT], packet + 1000, SIZE + 100), SIZE);
	SAME(packet + 1000, SIZE, nth(2), SIZE);
	wire_check(&call, 2);
}

static void test_reconnected(enum family family)
{
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	struct call call;

	begin(&call, family);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	MUST(connect(call.sock[LEFT], &nowhere, sizeof(nowhere)));
	ERRNO(send(call.sock[LEFT], nth(2), SIZE, 0), EDESTADDRREQ);
	/* what was reserved for the failed send can still be sent */
	call_send(&call, LEFT, nth(2), SIZE);
	connect_to(call.sock[LEFT], &call.at[RIGHT]);
	EQUAL(send(call.sock[LEFT], nth(3), SIZE, 0), SIZE);
	wire_check(&call, 3);
}

static void test_vectors(enum family family)
{
	struct iovec parts[SIZE];
	struct call call;
	size_t i;

	begin(&call, family);
	nth(1);
	for (i = 0; i < SIZE; i++)
		parts[i] = (struct iovec){ packet + i, 1 };
	EQUAL(writev(call.sock[LEFT], parts, SIZE), SIZE);
	memset(packet + 1000, 0, SIZE);
	for (i = 0; i < SIZE; i++)
		parts[i].iov_base = packet + 1000 + i;
	EQUAL(readv(call.sock[RIGHT], parts, SIZE), SIZE);
	SAME(packet + 1000, SIZE, packet, SIZE);
	wire_check(&call, 1);
}

static void test_mmsg(enum family family)
{
	static uint8_t sent[BATCH][SIZE], got[BATCH][SIZE + 20];
	struct mmsghdr messages[BATCH] = {};
	struct iovec parts[BATCH];
	struct call call;
	int i, n;

	begin(&call, family);
	for (i = 0; i < BATCH; i++) {
		rtp_simple(sent[i], SIZE - i, SSRC, i);
		parts[i] = (struct iovec){ sent[i], SIZE - i };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	EQUAL(sendmmsg(call.sock[LEFT], messages, BATCH, 0), BATCH);
	for (i = 0; i < BATCH; i++) {
		EQUAL(messages[i].msg_len, SIZE - i);
		parts[i] = (struct iovec){ got[i], SIZE + 20 };
	}
	for (n = 0; n < BATCH; n += i)
		i = MUST(recvmmsg(call.sock[RIGHT], messages + n, BATCH - n, MSG_WAITFORONE, NULL));
	for (i = 0; i < BATCH; i++)
		SAME(got[i], (size_t)messages[i].msg_len, sent[i], (size_t)SIZE - i);
	wire_check(&call, BATCH);
}

/* The messages before the bad one are sent. */
static void test_mmsg_partly(enum family family)
{
	static uint8_t sent[4][SIZE];
	struct mmsghdr messages[4] = {};
	struct iovec parts[4];
	struct call call;
	int i;

	begin(&call, family);
	for (i = 0; i < 4; i++) {
		rtp_simple(sent[i], SIZE, SSRC, i);
		parts[i] = (struct iovec){ sent[i], i == 2 ? 5 : SIZE };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	EQUAL(sendmmsg(call.sock[LEFT], messages, 4, 0), 2);
	ERRNO(sendmmsg(call.sock[LEFT], messages + 2, 2, 0), EINVAL);
	wire_check(&call, 2);
}

static void test_peek(enum family family)
{
	struct call call;
	int i;

	begin(&call, family);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	for (i = 0; i < 3; i++) {
		memset(packet + 1000, 0, SIZE);
		EQUAL(recv(call.sock[RIGHT], packet + 1000, SIZE + 50, MSG_PEEK), SIZE);
		SAME(packet + 1000, SIZE, packet, SIZE);
	}
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	nothing_to_receive(call.sock[RIGHT]);
}

static void test_truncated(enum family family)
{
	struct iovec part = { packet + 1000, 50 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	struct call call;

	begin(&call, family);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	EQUAL(send(call.sock[LEFT], nth(2), SIZE, 0), SIZE);
	EQUAL(send(call.sock[LEFT], nth(3), SIZE, 0), SIZE);
	EQUAL(recv(call.sock[RIGHT], packet + 1000, 50, MSG_TRUNC), SIZE);
	EQUAL(recv(call.sock[RIGHT], packet + 1000, 50, 0), 50);
	SAME(packet + 1000, 50, nth(2), 50);
	EQUAL(recvmsg(call.sock[RIGHT], &message, 0), 50);
	EQUAL(message.msg_flags, MSG_TRUNC);
}

static void test_fionread(enum family family)
{
	struct call call;
	int len;

	begin(&call, family);
	MUST(ioctl(call.sock[RIGHT], FIONREAD, &len));
	EQUAL(len, 0);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	EQUAL(recv(call.sock[RIGHT], packet + 1000, SIZE, MSG_PEEK), SIZE);
	MUST(ioctl(call.sock[RIGHT], FIONREAD, &len));
	EQUAL(len, SIZE);
}

static void test_poll(enum family family)
{
	struct pollfd wait = { .events = POLLIN | POLLOUT };
	struct call call;

	begin(&call, family);
	MUST(fcntl(call.sock[RIGHT], F_SETFL, O_NONBLOCK));
	wait.fd = call.sock[RIGHT];
	EQUAL(poll(&wait, 1, 0), 1);
	EQUAL(wait.revents, POLLOUT);
	ERRNO(read(call.sock[RIGHT], packet, SIZE), EAGAIN);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	wait.events = POLLIN;
	EQUAL(poll(&wait, 1, 10000), 1);
	EQUAL(wait.revents, POLLIN);
	EQUAL(read(call.sock[RIGHT], packet + 1000, SIZE), SIZE);
	SAME(packet + 1000, SIZE, packet, SIZE);
	EQUAL(poll(&wait, 1, 0), 0);
}

static void test_epoll(enum family family)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	struct call call;
	int epoll;

	begin(&call, family);
	epoll = MUST(epoll_create1(EPOLL_CLOEXEC));
	MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, call.sock[RIGHT], &event));
	EQUAL(epoll_wait(epoll, &event, 1, 0), 0);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	EQUAL(epoll_wait(epoll, &event, 1, 10000), 1);
	EQUAL(event.events, EPOLLIN);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	EQUAL(epoll_wait(epoll, &event, 1, 0), 0);
	EQUAL(send(call.sock[LEFT], nth(2), SIZE, 0), SIZE);
	EQUAL(epoll_wait(epoll, &event, 1, 10000), 1);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
}

/* A packet that is dropped must not wake anybody: poll would report it, and
 * the read that follows would block.
 */
static void test_poll_is_not_woken(enum family family)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	static uint8_t wire[PACKET_MAX];
	struct call call;
	size_t len;
	int epoll;

	begin(&call, family);
	/* so that it takes packets from anywhere */
	close(call.sock[RIGHT]);
	call.sock[RIGHT] = bound_socket(RIGHT, family, RIGHT_PORT);
	call_attach(&call, RIGHT);
	epoll = MUST(epoll_create1(EPOLL_CLOEXEC));
	MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, call.sock[RIGHT], &event));
	len = reference_rtp(&call.reference[LEFT], 0, nth(1), SIZE, wire);
	wire[50] ^= 1;
	call_inject(&call, RIGHT, wire, len);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED) == 1, 10);
	EQUAL(epoll_wait(epoll, &event, 1, 0), 0);
	nothing_to_receive(call.sock[RIGHT]);
}

static int first_cmsg(struct msghdr *message, int level, int type, void *data, size_t len)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(message); cmsg; cmsg = CMSG_NXTHDR(message, cmsg)) {
		if (cmsg->cmsg_level != level || cmsg->cmsg_type != type)
			continue;
		memcpy(data, CMSG_DATA(cmsg), len);
		return 1;
	}
	return 0;
}

static void add_cmsg(struct msghdr *message, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *cmsg;

	cmsg = (struct cmsghdr *)((char *)message->msg_control + message->msg_controllen);
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), data, len);
	message->msg_controllen += CMSG_SPACE(len);
}

/* IPv4, also as an AF_INET6 socket has it: only the address is told by IPv6. */
static void source_v4(struct call *call, struct msghdr *out)
{
	struct in_pktinfo source = { .ipi_spec_dst.s_addr = htonl(0x0a090009) };
	union address address = address_of(LEFT, MAPPED, 0);
	struct in6_pktinfo mapped = {};

	if (call->family == IPV4) {
		add_cmsg(out, SOL_IP, IP_PKTINFO, &source, sizeof(source));
		return;
	}
	address.v6.sin6_addr.s6_addr[15] = 9;
	mapped.ipi6_addr = address.v6.sin6_addr;
	add_cmsg(out, SOL_IPV6, IPV6_PKTINFO, &mapped, sizeof(mapped));
}

static void cmsgs_v4(struct call *call, struct msghdr *out, struct msghdr *in)
{
	int tos = 0xb8, ttl = 33, got_ttl = 0;
	struct in_pktinfo info;
	uint8_t got_tos = 0;

	set_int(call->sock[RIGHT], SOL_IP, IP_PKTINFO, 1);
	set_int(call->sock[RIGHT], SOL_IP, IP_RECVTOS, 1);
	set_int(call->sock[RIGHT], SOL_IP, IP_RECVTTL, 1);
	source_v4(call, out);
	add_cmsg(out, SOL_IP, IP_TOS, &tos, sizeof(tos));
	add_cmsg(out, SOL_IP, IP_TTL, &ttl, sizeof(ttl));
	EQUAL(sendmsg(call->sock[LEFT], out, 0), SIZE);
	EQUAL(recvmsg(call->sock[RIGHT], in, 0), SIZE);
	EQUAL(first_cmsg(in, SOL_IP, IP_PKTINFO, &info, sizeof(info)), 1);
	EQUAL(ntohl(info.ipi_addr.s_addr), 0x0a090002);
	EQUAL(first_cmsg(in, SOL_IP, IP_TOS, &got_tos, 1), 1);
	EQUAL(got_tos, tos);
	EQUAL(first_cmsg(in, SOL_IP, IP_TTL, &got_ttl, sizeof(got_ttl)), 1);
	EQUAL(got_ttl, ttl);
}

static void cmsgs_v6(struct call *call, struct msghdr *out, struct msghdr *in)
{
	union address source = address_of(LEFT, call->family, 0), to = call->at[RIGHT];
	int class = 0xb8, limit = 33, got_class = 0, got_limit = 0;
	struct in6_pktinfo info = {};

	source.v6.sin6_addr.s6_addr[15] = 9;
	info.ipi6_addr = source.v6.sin6_addr;
	set_int(call->sock[RIGHT], SOL_IPV6, IPV6_RECVPKTINFO, 1);
	set_int(call->sock[RIGHT], SOL_IPV6, IPV6_RECVTCLASS, 1);
	set_int(call->sock[RIGHT], SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
	add_cmsg(out, SOL_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	add_cmsg(out, SOL_IPV6, IPV6_TCLASS, &class, sizeof(class));
	add_cmsg(out, SOL_IPV6, IPV6_HOPLIMIT, &limit, sizeof(limit));
	EQUAL(sendmsg(call->sock[LEFT], out, 0), SIZE);
	EQUAL(recvmsg(call->sock[RIGHT], in, 0), SIZE);
	EQUAL(first_cmsg(in, SOL_IPV6, IPV6_PKTINFO, &info, sizeof(info)), 1);
	CHECK(!memcmp(&info.ipi6_addr, &to.v6.sin6_addr, 16));
	EQUAL(first_cmsg(in, SOL_IPV6, IPV6_TCLASS, &got_class, sizeof(got_class)), 1);
	EQUAL(got_class, class);
	EQUAL(first_cmsg(in, SOL_IPV6, IPV6_HOPLIMIT, &got_limit, sizeof(got_limit)), 1);
	EQUAL(got_limit, limit);
}

static void test_cmsgs(enum family family)
{
	char out_control[512] = {}, in_control[512] = {};
	struct iovec out_part = { packet, SIZE }, in_part = { packet + 1000, SIZE };
	struct msghdr out = { .msg_iov = &out_part, .msg_iovlen = 1, .msg_control = out_control };
	struct msghdr in = {
		.msg_iov = &in_part, .msg_iovlen = 1,
		.msg_control = in_control, .msg_controllen = sizeof(in_control),
	};
	union address from = {};
	struct call call;

	command("ip addr replace 10.9.0.9/24 dev left; ip addr replace fd09::9/64 dev left nodad");
	/* not bound to an address: the cmsg chooses it */
	call_begin(&call, family, SRTP_ROLE_RTP);
	close(call.sock[LEFT]);
	call.sock[LEFT] = udp_socket(LEFT, family);
	call_attach(&call, LEFT);
	out.msg_name = &call.at[RIGHT];
	out.msg_namelen = address_len(&call.at[RIGHT]);
	in.msg_name = &from;
	in.msg_namelen = sizeof(from);
	nth(1);
	if (on_ipv4(family))
		cmsgs_v4(&call, &out, &in);
	else
		cmsgs_v6(&call, &out, &in);
	SAME(packet + 1000, SIZE, packet, SIZE);
	EQUAL(family == IPV4 ? ntohl(from.v4.sin_addr.s_addr) & 0xff :
			       from.v6.sin6_addr.s6_addr[15], 9);
	wire_check(&call, 1);
}

static void test_bad_cmsg(enum family family)
{
	char control[CMSG_SPACE(4)] = {};
	struct iovec part = { packet, SIZE };
	struct msghdr out = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control };
	struct call call;
	int odd = 1;

	begin(&call, family);
	nth(1);
	add_cmsg(&out, on_ipv4(family) ? SOL_IP : SOL_IPV6, 999, &odd, sizeof(odd));
	ERRNO(sendmsg(call.sock[LEFT], &out, 0), EINVAL);
	((struct cmsghdr *)control)->cmsg_len = 3;
	ERRNO(sendmsg(call.sock[LEFT], &out, 0), EINVAL);
	EQUAL(send(call.sock[LEFT], packet, SIZE, 0), SIZE);
	wire_check(&call, 1);
}

static void test_flags(enum family family)
{
	struct call call;

	begin(&call, family);
	ERRNO(send(call.sock[LEFT], nth(1), SIZE, MSG_OOB), EOPNOTSUPP);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_CONFIRM), SIZE);
	EQUAL(send(call.sock[LEFT], nth(2), SIZE, MSG_DONTROUTE), SIZE);
	EQUAL(send(call.sock[LEFT], nth(3), SIZE, MSG_EOR), SIZE);
	wire_check(&call, 3);
}

static void test_probe(enum family family)
{
	struct call call;

	begin(&call, family);
	/* MSG_PROBE */
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0x10) >= 0, 1);
	wire_check(&call, 0);
}

static void test_bad_memory(enum family family)
{
	struct iovec parts[2] = { { packet, 100 }, { (void *)8, 72 } };
	struct call call;

	begin(&call, family);
	nth(1);
	ERRNO(send(call.sock[LEFT], (void *)8, SIZE, 0), EFAULT);
	ERRNO(writev(call.sock[LEFT], parts, 2), EFAULT);
	EQUAL(send(call.sock[LEFT], packet, SIZE, 0), SIZE);
	wire_check(&call, 1);
}

static void test_shutdown(enum family family)
{
	struct call call;

	begin(&call, family);
	MUST(shutdown(call.sock[LEFT], SHUT_WR));
	ERRNO(send(call.sock[LEFT], nth(1), SIZE, MSG_NOSIGNAL), EPIPE);
	wire_check(&call, 0);
}

static const struct test tests[] = {
	{ "sendto and recvfrom on unconnected sockets", test_unconnected, EVERY },
	{ "send, write and read on connected sockets", test_connected, EVERY },
	{ "connect, AF_UNSPEC and connect again stay SRTP", test_reconnected, EVERY },
	{ "writev and readv with an iovec for each octet", test_vectors, EVERY },
	{ "sendmmsg and recvmmsg of 32 packets", test_mmsg, EVERY },
	{ "sendmmsg stops at a malformed packet and says how many went", test_mmsg_partly, EVERY },
	{ "MSG_PEEK shows the plaintext again and again", test_peek, EVERY },
	{ "MSG_TRUNC tells the plain length", test_truncated, EVERY },
	{ "FIONREAD tells the plain length", test_fionread, EVERY },
	{ "O_NONBLOCK and poll", test_poll, EVERY },
	{ "edge-triggered epoll wakes once for each packet", test_epoll, EVERY },
	{ "poll is not woken by a packet that is dropped", test_poll_is_not_woken, EVERY },
	{ "cmsgs: source address, TOS and TTL out, the same and destination in",
	  test_cmsgs, EVERY },
	{ "cmsgs: malformed ones give EINVAL and cost no index", test_bad_cmsg, EVERY },
	{ "send flags", test_flags, EVERY },
	{ "MSG_PROBE sends nothing", test_probe, EVERY },
	{ "EFAULT in the first or second iovec costs no index", test_bad_memory, EVERY },
	{ "shutdown for writing gives EPIPE", test_shutdown, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
