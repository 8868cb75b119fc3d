/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_PEER_H
#define _SRTP_PEER_H

#include <linux/in6.h>
#include <linux/types.h>

struct msghdr;
struct sk_buff;
struct sock;

/* What of a peer a stream is bound to, or'ed: the more, the more specific. */
enum srtp_peer_kind {
	SRTP_PEER_ANY = 0,
	SRTP_PEER_PORT = 1,
	SRTP_PEER_ADDRESS = 2,
	SRTP_PEER_EXACT = SRTP_PEER_PORT | SRTP_PEER_ADDRESS,
};

/**
 * struct srtp_peer - the other end of a stream
 * @addr: its address, IPv4 mapped into IPv6; zeros unless @kind has it
 * @port: its UDP port; zero unless @kind has it
 * @kind: enum srtp_peer_kind
 *
 * Without padding: it is hashed and compared as it lies.
 */
struct srtp_peer {
	struct in6_addr addr;
	__be16 port;
	u16 kind;
};

struct srtp_peer srtp_peer_narrow(const struct srtp_peer *peer, u16 kind);
void srtp_peer_of_packet(const struct sk_buff *skb, struct srtp_peer *peer);
void srtp_peer_of_message(const struct sock *sk, const struct msghdr *msg,
			  struct srtp_peer *peer);

#endif
