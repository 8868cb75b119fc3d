/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MIKEY over UDP: sockets that know which of the host's addresses a datagram
 * was sent to, so that the answer can leave from there.
 */
#ifndef HELPER_UDP_H
#define HELPER_UDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** UDP_MIKEY_PORT - registered port of MIKEY */
#define UDP_MIKEY_PORT 2269
/** UDP_DATAGRAM_MAX - longest payload of a datagram */
#define UDP_DATAGRAM_MAX 65535
/** UDP_TEXT_MAX - room for an address as text, with brackets and port */
#define UDP_TEXT_MAX 80

/**
 * union udp_addr - address and port of either family
 * @any: family
 * @v4: AF_INET
 * @v6: AF_INET6
 */
union udp_addr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/**
 * struct udp_flow - both ends of a datagram
 * @remote: the peer
 * @local: address of this host that was addressed; family 0 leaves the choice
 *	to the routing table
 */
struct udp_flow {
	union udp_addr remote;
	union udp_addr local;
};

/**
 * udp_addr_parse - text to address
 * @text: "192.0.2.1", "192.0.2.1:2269", "2001:db8::1", "[2001:db8::1%eth0]:2269"
 * @port: port if the text has none
 * @addr: filled
 * Return: false if it is no numeric address; names are not looked up.
 */
bool udp_addr_parse(const char *text, uint16_t port, union udp_addr *addr);

/**
 * udp_addr_text - address to text
 * @addr: address
 * @text: UDP_TEXT_MAX octets
 * Return: @text
 */
const char *udp_addr_text(const union udp_addr *addr, char *text);

/**
 * udp_addr_port - port of an address
 * @addr: address
 */
uint16_t udp_addr_port(const union udp_addr *addr);

/**
 * udp_addr_set_port - change the port of an address
 * @addr: address
 * @port: port
 */
void udp_addr_set_port(union udp_addr *addr, uint16_t port);

/**
 * udp_addr_same_host - do two addresses differ in the port at most?
 * @a: one
 * @b: the other
 */
bool udp_addr_same_host(const union udp_addr *a, const union udp_addr *b);

/**
 * udp_bind - a socket at a local address
 * @addr: address; port 0 takes any
 * Return: a non-blocking descriptor, or -1 with errno. IPv6 sockets take IPv6
 * only.
 */
int udp_bind(const union udp_addr *addr);

/**
 * udp_recv - next datagram
 * @fd: from udp_bind()
 * @buf: UDP_DATAGRAM_MAX octets
 * @flow: filled
 * Return: octets, or -1 with errno (EAGAIN: none is waiting).
 */
ssize_t udp_recv(int fd, void *buf, struct udp_flow *flow);

/**
 * udp_send - send a datagram
 * @fd: from udp_bind()
 * @buf: octets
 * @len: how many
 * @flow: to whom, and from where
 * Return: 0, or -1 with errno.
 */
int udp_send(int fd, const void *buf, size_t len, const struct udp_flow *flow);

/** UDP_FLOW_KEY_MAX - room for udp_flow_key() */
#define UDP_FLOW_KEY_MAX 40

/**
 * udp_flow_key - octets that name the flow
 * @flow: flow
 * @key: UDP_FLOW_KEY_MAX octets
 * Return: octets used.
 */
size_t udp_flow_key(const struct udp_flow *flow, uint8_t *key);

#endif
