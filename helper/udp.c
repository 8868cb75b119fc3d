// SPDX-License-Identifier: GPL-2.0
/*
 * UDP sockets of both families, RFC 3542 and ip(7).
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "udp.h"

static socklen_t addr_len(const union udp_addr *addr)
{
	return addr->any.sa_family == AF_INET6 ? sizeof(addr->v6) : sizeof(addr->v4);
}

/* Take "host", "host:port" or "[host]:port" apart; a bare IPv6 has no port. */
static bool split(const char *text, char *host, size_t size, const char **port)
{
	const char *end, *begin = text;
	size_t len;

	*port = NULL;
	if (*text == '[') {
		begin = text + 1;
		end = strchr(begin, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		if (end[1])
			*port = end + 2;
	} else {
		end = strchr(text, ':');
		if (end && !strchr(end + 1, ':'))
			*port = end + 1;
		else
			end = text + strlen(text);
	}
	len = end - begin;
	if (!len || len >= size)
		return false;
	memcpy(host, begin, len);
	host[len] = '\0';
	return true;
}

static bool parse_port(const char *text, uint16_t *port)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || value > UINT16_MAX)
		return false;
	*port = value;
	return true;
}

bool udp_addr_parse(const char *text, uint16_t port, union udp_addr *addr)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST,
		.ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *info;
	const char *port_text;
	char host[128];

	if (!split(text, host, sizeof(host), &port_text) ||
	    (port_text && !parse_port(port_text, &port)) ||
	    getaddrinfo(host, NULL, &hints, &info))
		return false;
	memset(addr, 0, sizeof(*addr));
	memcpy(addr, info->ai_addr, info->ai_addrlen);
	freeaddrinfo(info);
	udp_addr_set_port(addr, port);
	return true;
}

void udp_addr_set_port(union udp_addr *addr, uint16_t port)
{
	if (addr->any.sa_family == AF_INET6)
		addr->v6.sin6_port = htons(port);
	else
		addr->v4.sin_port = htons(port);
}

uint16_t udp_addr_port(const union udp_addr *addr)
{
	return ntohs(addr->any.sa_family == AF_INET6 ? addr->v6.sin6_port : addr->v4.sin_port);
}

const char *udp_addr_text(const union udp_addr *addr, char *text)
{
	char host[64];

	if (getnameinfo(&addr->any, addr_len(addr), host, sizeof(host), NULL, 0, NI_NUMERICHOST))
		strcpy(host, "?");
	snprintf(text, UDP_TEXT_MAX, addr->any.sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 host, udp_addr_port(addr));
	return text;
}

bool udp_addr_same_host(const union udp_addr *a, const union udp_addr *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET)
		return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return a->any.sa_family == AF_INET6 &&
	       IN6_ARE_ADDR_EQUAL(&a->v6.sin6_addr, &b->v6.sin6_addr) &&
	       a->v6.sin6_scope_id == b->v6.sin6_scope_id;
}

static int want_local_address(int fd, int family)
{
	const int on = 1;

	if (family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)))
		return -1;
	return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
}

int udp_bind(const union udp_addr *addr)
{
	int family = addr->any.sa_family, saved;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (!want_local_address(fd, family) && !bind(fd, &addr->any, addr_len(addr)))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* The address to answer from: multicast and broadcast cannot be a source. */
static void read_pktinfo(struct msghdr *msg, union udp_addr *local)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(cmsg), sizeof(info));
			local->v4.sin_family = AF_INET;
			local->v4.sin_addr = info.ipi_spec_dst;
		} else if (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(cmsg), sizeof(info));
			if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr))
				continue;
			local->v6.sin6_family = AF_INET6;
			local->v6.sin6_addr = info.ipi6_addr;
			if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
				local->v6.sin6_scope_id = info.ipi6_ifindex;
		}
	}
}

union pktinfo_room {
	struct cmsghdr align;
	char v4[CMSG_SPACE(sizeof(struct in_pktinfo))];
	char v6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

ssize_t udp_recv(int fd, void *buf, struct udp_flow *flow)
{
	struct iovec iov = { .iov_base = buf, .iov_len = UDP_DATAGRAM_MAX };
	union pktinfo_room room;
	struct msghdr msg = {
		.msg_name = &flow->remote,
		.msg_namelen = sizeof(flow->remote),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &room,
		.msg_controllen = sizeof(room),
	};
	ssize_t len;

	memset(flow, 0, sizeof(*flow));
	len = recvmsg(fd, &msg, 0);
	if (len >= 0)
		read_pktinfo(&msg, &flow->local);
	return len;
}

static size_t write_pktinfo(struct cmsghdr *cmsg, const union udp_addr *local)
{
	struct in_pktinfo v4 = { .ipi_spec_dst = local->v4.sin_addr };
	struct in6_pktinfo v6 = {
		.ipi6_addr = local->v6.sin6_addr,
		.ipi6_ifindex = local->v6.sin6_scope_id,
	};
	bool six = local->any.sa_family == AF_INET6;
	size_t len = six ? sizeof(v6) : sizeof(v4);

	cmsg->cmsg_level = six ? IPPROTO_IPV6 : IPPROTO_IP;
	cmsg->cmsg_type = six ? IPV6_PKTINFO : IP_PKTINFO;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), six ? (void *)&v6 : (void *)&v4, len);
	return CMSG_SPACE(len);
}

int udp_send(int fd, const void *buf, size_t len, const struct udp_flow *flow)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	union pktinfo_room room;
	struct msghdr msg = {
		.msg_name = (void *)&flow->remote,
		.msg_namelen = addr_len(&flow->remote),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	memset(&room, 0, sizeof(room));
	if (flow->local.any.sa_family) {
		msg.msg_control = &room;
		msg.msg_controllen = write_pktinfo(&room.align, &flow->local);
	}
	return sendmsg(fd, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static size_t put(uint8_t *key, const void *data, size_t len)
{
	memcpy(key, data, len);
	return len;
}

static size_t put_addr(uint8_t *key, const union udp_addr *addr)
{
	if (addr->any.sa_family == AF_INET6)
		return put(key, &addr->v6.sin6_addr, 16);
	return addr->any.sa_family == AF_INET ? put(key, &addr->v4.sin_addr, 4) : 0;
}

size_t udp_flow_key(const struct udp_flow *flow, uint8_t *key)
{
	uint16_t port = udp_addr_port(&flow->remote);
	size_t len = put(key, &port, sizeof(port));

	len += put_addr(key + len, &flow->remote);
	return len + put_addr(key + len, &flow->local);
}
