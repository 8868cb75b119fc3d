// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets and packets.  What is sent goes to a dummy device, so that no figure
 * of a sender holds the work of a receiver; what is received comes over lo.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/time.h>

#include "bench.h"

#define NOWHERE	"192.0.2.2"

static int udp_socket(const char *address, int port, bool bound)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	/* A softirq may be put off to a thread: wait for what it brings, not for ever. */
	struct timeval patience = { .tv_sec = 5 };
	int room = 1 << 22;

	inet_pton(AF_INET, address, &at.sin_addr);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    (bound ? bind : connect)(fd, (struct sockaddr *)&at, sizeof(at)))
		die("socket: %s", strerror(errno));
	return fd;
}

/**
 * sender - a socket whose packets go nowhere
 * @port: port to send to
 */
int sender(int port)
{
	return udp_socket(NOWHERE, port, false);
}

/**
 * loop - two sockets; what is sent on the first comes in on the second
 * @fds: result
 */
void loop(int fds[2])
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	fds[1] = udp_socket("127.0.0.1", 0, true);
	if (getsockname(fds[1], (struct sockaddr *)&at, &len))
		die("getsockname: %s", strerror(errno));
	fds[0] = udp_socket("127.0.0.1", ntohs(at.sin_port), false);
}

/**
 * rtp_header - the first 12 octets of a packet
 * @packet: result
 * @ssrc: SSRC
 * @seq: sequence number
 */
void rtp_header(uint8_t *packet, uint32_t ssrc, uint16_t seq)
{
	uint16_t n16 = htons(seq);
	uint32_t n32 = htonl(ssrc);

	packet[0] = 0x80;
	packet[1] = 96;
	memcpy(packet + 2, &n16, sizeof(n16));
	memset(packet + 4, 0, 4);
	memcpy(packet + 8, &n32, sizeof(n32));
}

/**
 * send_segments - one message that the kernel cuts into datagrams
 * @fd: connected socket
 * @data: the datagrams, one behind the other
 * @len: octets of all
 * @segment: octets of one
 */
int send_segments(int fd, const void *data, size_t len, uint16_t segment)
{
	struct iovec iov = { (void *)data, len };
	union {
		struct cmsghdr head;
		uint8_t room[CMSG_SPACE(sizeof(uint16_t))];
	} control = { .head = {
		.cmsg_len = CMSG_LEN(sizeof(uint16_t)),
		.cmsg_level = SOL_UDP,
		.cmsg_type = UDP_SEGMENT,
	} };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.head), &segment, sizeof(segment));
	return sendmsg(fd, &msg, 0);
}
