// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors reach an attached socket as they reach a plain one.
 */
#include "srtptest.h"

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>

#define SIZE	172

static uint8_t packet[PACKET_MAX];

static uint8_t *nth(unsigned int n)
{
	rtp_simple(packet, SIZE, SSRC, n);
	return packet;
}

/* Sending works until the first error is back, and reports it once. */
static void await_error(int fd, int error)
{
	socklen_t len = sizeof(int);
	double until = 0;
	int is = 0;

	do {
		MUST(getsockopt(fd, SOL_SOCKET, SO_ERROR, &is, &len));
	} while (!is && waiting(&until, 10));
	EQUAL(is, error);
}

static void begin(struct call *call, enum family family)
{
	call_begin(call, family, SRTP_ROLE_RTP);
	connect_to(call->sock[LEFT], &call->at[RIGHT]);
	close(call->sock[RIGHT]);
}

static void test_refused(enum family family)
{
	struct call call;

	begin(&call, family);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	await_error(call.sock[LEFT], ECONNREFUSED);
	/* by the send that follows */
	EQUAL(send(call.sock[LEFT], nth(2), SIZE, 0), SIZE);
	capture_flush(&call.wire);
	ERRNO(send(call.sock[LEFT], nth(3), SIZE, 0), ECONNREFUSED);
	/* which was not sent, so its index is still its own */
	EQUAL(send(call.sock[LEFT], nth(3), SIZE, 0), SIZE);
	capture_flush(&call.wire);
	ERRNO(recv(call.sock[LEFT], packet, SIZE, MSG_DONTWAIT), ECONNREFUSED);
	ERRNO(recv(call.sock[LEFT], packet, SIZE, MSG_DONTWAIT), EAGAIN);
	EQUAL(call.wire.count, 3);
}

static void test_poll(enum family family)
{
	struct pollfd wait = { .events = POLLIN };
	struct call call;

	begin(&call, family);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	wait.fd = call.sock[LEFT];
	EQUAL(poll(&wait, 1, 10000), 1);
	CHECK(wait.revents & POLLERR);
	await_error(call.sock[LEFT], ECONNREFUSED);
	EQUAL(poll(&wait, 1, 0), 0);
}

/* Without a connection, nobody knows whom to tell. */
static void test_unconnected(enum family family)
{
	struct call call;
	int i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	close(call.sock[RIGHT]);
	for (i = 0; i < 3; i++) {
		call_send(&call, LEFT, nth(i), SIZE);
		capture_flush(&call.wire);
	}
	wire_check(&call, 3);
}

struct queued {
	struct sock_extended_err error;
	union address offender;
};

static void read_queue(int fd, enum family family, struct queued *queued, const union address *to)
{
	const bool v6 = family != IPV4;
	char control[512], payload[SIZE + 20];
	struct iovec part = { payload, sizeof(payload) };
	union address at = {};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_name = &at, .msg_namelen = sizeof(at),
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	ssize_t len;

	len = MUST(recvmsg(fd, &message, MSG_ERRQUEUE));
	CHECK(message.msg_flags & MSG_ERRQUEUE);
	/* the wire's octets, that is ciphertext */
	CHECK(!has_mark(payload, len));
	EQUAL(port_of(&at), port_of(to));
	for (cmsg = CMSG_FIRSTHDR(&message); cmsg; cmsg = CMSG_NXTHDR(&message, cmsg)) {
		if ((cmsg->cmsg_level == SOL_IP && cmsg->cmsg_type == IP_RECVERR && !v6) ||
		    (cmsg->cmsg_level == SOL_IPV6 && cmsg->cmsg_type == IPV6_RECVERR && v6))
			break;
	}
	CHECK(cmsg);
	memcpy(&queued->error, CMSG_DATA(cmsg), sizeof(queued->error));
	memcpy(&queued->offender, CMSG_DATA(cmsg) + sizeof(queued->error),
	       v6 ? sizeof(queued->offender.v6) : sizeof(queued->offender.v4));
}

static void recverr(int fd, enum family family)
{
	if (family == IPV4)
		set_int(fd, SOL_IP, IP_RECVERR, 1);
	else
		set_int(fd, SOL_IPV6, IPV6_RECVERR, 1);
	if (family == MAPPED)
		set_int(fd, SOL_IP, IP_RECVERR, 1);
}

static void test_recverr(enum family family)
{
	struct pollfd wait = {};
	struct queued queued;
	struct call call;

	/* not connected: with RECVERR it is told all the same */
	call_begin(&call, family, SRTP_ROLE_RTP);
	close(call.sock[RIGHT]);
	recverr(call.sock[LEFT], family);
	call_send(&call, LEFT, nth(1), SIZE);
	wait.fd = call.sock[LEFT];
	EQUAL(poll(&wait, 1, 10000), 1);
	CHECK(wait.revents & POLLERR);
	read_queue(call.sock[LEFT], family, &queued, &call.at[RIGHT]);
	EQUAL(queued.error.ee_errno, ECONNREFUSED);
	EQUAL(queued.error.ee_origin,
	      family == IPV6 ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP);
	EQUAL(queued.error.ee_type, family == IPV6 ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH);
	EQUAL(queued.error.ee_code,
	      family == IPV6 ? ICMP6_DST_UNREACH_NOPORT : ICMP_PORT_UNREACH);
	if (family != MAPPED)
		CHECK(!memcmp(family == IPV4 ? (void *)&queued.offender.v4.sin_addr :
					       (void *)&queued.offender.v6.sin6_addr,
			      family == IPV4 ? (void *)&call.at[RIGHT].v4.sin_addr :
					       (void *)&call.at[RIGHT].v6.sin6_addr,
			      family == IPV4 ? 4 : 16));
	wire_check(&call, 1);
}

/* Compares every field with what a plain socket is told. */
static void test_recverr_as_plain(enum family family)
{
	union address to = address_of(RIGHT, family, RIGHT_PORT + 4);
	struct queued queued[2];
	struct pollfd wait = {};
	struct call call;
	int fd[2], i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	fd[0] = bound_socket(LEFT, family, LEFT_PORT + 4);
	fd[1] = call.sock[LEFT];
	for (i = 0; i < 2; i++) {
		recverr(fd[i], family);
		connect_to(fd[i], &to);
		rtp_simple(packet, RTP_HEADER + 10, SSRC, 1);
		EQUAL(send(fd[i], packet, RTP_HEADER + 10, 0), RTP_HEADER + 10);
		wait.fd = fd[i];
		EQUAL(poll(&wait, 1, 10000), 1);
		memset(&queued[i], 0, sizeof(queued[i]));
		read_queue(fd[i], family, &queued[i], &to);
	}
	SAME(&queued[1], sizeof(queued[1]), &queued[0], sizeof(queued[0]));
}

/* A message too long is told with the size that would do. */
static void test_path_mtu(enum family family)
{
	struct queued queued;
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	connect_to(call.sock[LEFT], &call.at[RIGHT]);
	recverr(call.sock[LEFT], family);
	if (family == IPV6)
		set_int(call.sock[LEFT], SOL_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
	else
		set_int(call.sock[LEFT], SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	rtp_simple(packet, 1490, SSRC, 1);
	ERRNO(send(call.sock[LEFT], packet, 1490, 0), EMSGSIZE);
	read_queue(call.sock[LEFT], family, &queued, &call.at[RIGHT]);
	EQUAL(queued.error.ee_errno, EMSGSIZE);
	EQUAL(queued.error.ee_origin, SO_EE_ORIGIN_LOCAL);
	EQUAL(queued.error.ee_info, 1500);
	wire_check(&call, 0);
}

static uint16_t checksum(const void *data, size_t len)
{
	const uint8_t *octets = data;
	uint32_t sum = 0;

	for (; len > 1; len -= 2, octets += 2)
		sum += octets[0] << 8 | octets[1];
	if (len)
		sum += octets[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* An ICMP error about a packet that was sent from the left. */
static void forge_icmp4(const struct call *call, int type, int code, int mtu)
{
	struct {
		struct icmphdr icmp;
		struct iphdr ip;
		uint16_t ports[2], len, sum;
	} error = {
		.icmp.type = type, .icmp.code = code, .icmp.un.frag.mtu = htons(mtu),
		.ip = {
			.version = 4, .ihl = 5, .tot_len = htons(210), .ttl = 60,
			.protocol = IPPROTO_UDP, .saddr = htonl(0x0a090001),
			.daddr = htonl(0x0a090002),
		},
		.ports = { htons(LEFT_PORT), htons(RIGHT_PORT) },
		.len = htons(190),
	};
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a090001) };
	int fd;

	net_enter(RIGHT);
	fd = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	net_enter(LEFT);
	error.ip.check = checksum(&error.ip, sizeof(error.ip));
	error.icmp.checksum = checksum(&error, sizeof(error));
	EQUAL(sendto(fd, &error, sizeof(error), 0, (struct sockaddr *)&to, sizeof(to)),
	      sizeof(error));
	close(fd);
}

static void test_kinds(enum family family)
{
	static const struct {
		int code, error;
	} kinds[] = {
		{ ICMP_NET_UNREACH, ENETUNREACH }, { ICMP_HOST_UNREACH, EHOSTUNREACH },
		{ ICMP_PROT_UNREACH, ENOPROTOOPT }, { ICMP_PORT_UNREACH, ECONNREFUSED },
		{ ICMP_PKT_FILTERED, EHOSTUNREACH },
	};
	struct queued queued;
	struct pollfd wait = {};
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	connect_to(call.sock[LEFT], &call.at[RIGHT]);
	recverr(call.sock[LEFT], family);
	wait.fd = call.sock[LEFT];
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		forge_icmp4(&call, ICMP_DEST_UNREACH, kinds[i].code, 0);
		EQUAL(poll(&wait, 1, 10000), 1);
		read_queue(call.sock[LEFT], family, &queued, &call.at[RIGHT]);
		EQUAL(queued.error.ee_errno, kinds[i].error);
		EQUAL(queued.error.ee_code, kinds[i].code);
	}
	/* nobody's business but the route's, or not an error at all */
	forge_icmp4(&call, ICMP_SOURCE_QUENCH, 0, 0);
	/* the path has shrunk */
	forge_icmp4(&call, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1300);
	EQUAL(poll(&wait, 1, 10000), 1);
	read_queue(call.sock[LEFT], family, &queued, &call.at[RIGHT]);
	EQUAL(queued.error.ee_errno, EMSGSIZE);
	EQUAL(queued.error.ee_info, 1300);
	CHECK(recv(call.sock[LEFT], packet, SIZE, MSG_DONTWAIT) < 0);
	/* what the others were told is gone, the socket works */
	call_send(&call, LEFT, nth(1), SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	command("ip route flush cache");
}

static const struct test tests[] = {
	{ "port unreachable: ECONNREFUSED once, by SO_ERROR, send and recv",
	  test_refused, EVERY },
	{ "port unreachable: poll tells POLLERR", test_poll, EVERY },
	{ "port unreachable on an unconnected socket is ignored", test_unconnected, EVERY },
	{ "IP_RECVERR, IPV6_RECVERR: error, type, code, offender, ciphertext",
	  test_recverr, EVERY },
	{ "IP_RECVERR, IPV6_RECVERR: every field as on a plain socket",
	  test_recverr_as_plain, EVERY },
	{ "IP_RECVERR, IPV6_RECVERR: EMSGSIZE with the MTU", test_path_mtu, EVERY },
	{ "all kinds of unreachable, and fragmentation needed", test_kinds, IPV4 | MAPPED },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
