// SPDX-License-Identifier: GPL-2.0
/*
 * Peers: whom a packet is from, and whom it is for.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "compat/compat.h"
#include "peer.h"

/**
 * srtp_peer_narrow() - as much of a peer as a stream may be bound to
 * @peer: the peer
 * @kind: enum srtp_peer_kind
 */
struct srtp_peer srtp_peer_narrow(const struct srtp_peer *peer, u16 kind)
{
	struct srtp_peer narrow = { .kind = kind };

	if (kind & SRTP_PEER_ADDRESS)
		narrow.addr = peer->addr;
	if (kind & SRTP_PEER_PORT)
		narrow.port = peer->port;
	return narrow;
}

/**
 * srtp_peer_of_packet() - whom a received packet is from
 * @skb: the packet, with its headers
 * @peer: result
 */
void srtp_peer_of_packet(const struct sk_buff *skb, struct srtp_peer *peer)
{
	if (skb->protocol == htons(ETH_P_IP))
		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &peer->addr);
	else
		peer->addr = ipv6_hdr(skb)->saddr;
	peer->port = udp_hdr(skb)->source;
	peer->kind = SRTP_PEER_EXACT;
}

/* Both families keep the connected peer where the other one does not look. */
static void srtp_peer_of_socket(const struct sock *sk, struct srtp_peer *peer)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		peer->addr = sk->sk_v6_daddr;
	else
#endif
		ipv6_addr_set_v4mapped(inet_sk(sk)->inet_daddr, &peer->addr);
	peer->port = inet_sk(sk)->inet_dport;
}

/**
 * srtp_peer_of_message() - whom a message is for
 * @sk: the socket that it is sent on
 * @msg: the message
 * @peer: result; of an address that UDP will refuse it says nothing in particular
 */
void srtp_peer_of_message(const struct sock *sk, const struct msghdr *msg,
			  struct srtp_peer *peer)
{
	const struct sockaddr_in6 *sin6 = msg->msg_name;
	const struct sockaddr_in *sin = msg->msg_name;

	peer->kind = SRTP_PEER_EXACT;
	if (!sin) {
		srtp_peer_of_socket(sk, peer);
	} else if (msg->msg_namelen >= SIN6_LEN_RFC2133 && sin6->sin6_family == AF_INET6) {
		peer->addr = sin6->sin6_addr;
		peer->port = sin6->sin6_port;
	} else if (msg->msg_namelen >= (int)sizeof(*sin)) {
		ipv6_addr_set_v4mapped(sin->sin_addr.s_addr, &peer->addr);
		peer->port = sin->sin_port;
	}
}
