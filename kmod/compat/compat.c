// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors of an attached socket.
 *
 * The core takes a socket with an encapsulation for a tunnel without an
 * application and hands its errors to the encapsulation.  Here there is an
 * application: it gets them as from a plain UDP socket.
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/icmp.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "compat.h"

/**
 * srtp_rcvbuf_has_room() - whether UDP would queue a packet
 * @sk: the socket
 * @skb: the packet
 *
 * As __udp_enqueue_schedule_skb() decides it: up to 6.17 the last packet may go
 * beyond the limit, from 6.18 on only one that finds the queue empty.
 */
bool srtp_rcvbuf_has_room(const struct sock *sk, const struct sk_buff *skb)
{
	unsigned int used = atomic_read(&sk->sk_rmem_alloc);
	unsigned int limit = READ_ONCE(sk->sk_rcvbuf);

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
	return used <= limit;
#else
	used += atomic_read(&udp_sk(sk)->udp_prod_queue[numa_node_id()].rmem_alloc);
	return !used || used + skb->truesize <= limit;
#endif
}

/* Whether the error ends the association, and which errno it is. */
static bool srtp_icmp4_fatal(const struct sock *sk, const struct sk_buff *skb, int *err)
{
	int code = icmp_hdr(skb)->code;

	switch (icmp_hdr(skb)->type) {
	case ICMP_PARAMETERPROB:
		*err = EPROTO;
		return true;
	case ICMP_DEST_UNREACH:
		if (code == ICMP_FRAG_NEEDED) {
			*err = EMSGSIZE;
			return inet_sk(sk)->pmtudisc != IP_PMTUDISC_DONT;
		}
		*err = EHOSTUNREACH;
		if (code > NR_ICMP_UNREACH)
			return false;
		*err = icmp_err_convert[code].errno;
		return icmp_err_convert[code].fatal;
	default:
		*err = EHOSTUNREACH;
		return false;
	}
}

static bool srtp_icmp6_fatal(const struct sock *sk, const struct sk_buff *skb, int *err)
{
	const struct icmp6hdr *icmp = icmp6_hdr(skb);
	bool fatal = icmpv6_err_convert(icmp->icmp6_type, icmp->icmp6_code, err);

	if (icmp->icmp6_type == ICMPV6_PKT_TOOBIG &&
	    inet6_sk(sk)->pmtudisc != IPV6_PMTUDISC_DONT)
		fatal = true;
	return fatal;
}

static void srtp_icmp_report(struct sock *sk, bool queued, bool fatal, int err)
{
	if (!queued && (!fatal || sk->sk_state != TCP_ESTABLISHED))
		return;
	sk->sk_err = err;
	sk_error_report(sk);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)

/* What ip_icmp_error() and ipv6_icmp_error() do, which are not exported here. */
static void srtp_queue_icmp(struct sock *sk, struct sk_buff *skb, bool v6, int err,
			    const struct udphdr *uh, u32 info)
{
	u8 *icmp = v6 ? (u8 *)icmp6_hdr(skb) : (u8 *)icmp_hdr(skb);
	struct sock_exterr_skb *serr;

	skb = skb_clone(skb, GFP_ATOMIC);
	if (!skb)
		return;
	if (v6)
		skb->protocol = htons(ETH_P_IPV6);
	serr = SKB_EXT_ERR(skb);
	memset(&serr->ee, 0, sizeof(serr->ee));
	serr->ee.ee_errno = err;
	serr->ee.ee_origin = v6 ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP;
	serr->ee.ee_type = icmp[0];
	serr->ee.ee_code = icmp[1];
	serr->ee.ee_info = info;
	/* The address that the packet was sent to, in the quoted IP header. */
	serr->addr_offset = icmp + 8 - skb_network_header(skb) +
			    (v6 ? offsetof(struct ipv6hdr, daddr) : offsetof(struct iphdr, daddr));
	serr->port = uh->dest;
	if (skb_pull(skb, (u8 *)(uh + 1) - skb->data)) {
		skb_reset_transport_header(skb);
		if (!sock_queue_err_skb(sk, skb))
			return;
	}
	kfree_skb(skb);
}

void srtp_encap_err_rcv(struct sock *sk, struct sk_buff *skb, unsigned int udp_offset)
{
	const struct udphdr *uh = (struct udphdr *)(skb->data + udp_offset);
	bool v6 = skb->protocol == htons(ETH_P_IPV6);
	bool queue = v6 ? inet6_sk(sk)->recverr : inet_sk(sk)->recverr;
	u32 info = 0;
	bool fatal;
	int err;

	fatal = v6 ? srtp_icmp6_fatal(sk, skb, &err) : srtp_icmp4_fatal(sk, skb, &err);
	if (err == EMSGSIZE)
		info = v6 ? ntohl(icmp6_hdr(skb)->icmp6_mtu) : ntohs(icmp_hdr(skb)->un.frag.mtu);
	if (queue)
		srtp_queue_icmp(sk, skb, v6, err, uh, info);
	srtp_icmp_report(sk, queue, fatal, err);
}

#else

void srtp_encap_err_rcv(struct sock *sk, struct sk_buff *skb, int err,
			__be16 port, u32 info, u8 *payload)
{
	bool v6 = skb->protocol == htons(ETH_P_IPV6);
	bool queue = v6 ? inet6_test_bit(RECVERR6, sk) : inet_test_bit(RECVERR, sk);
	bool fatal;

	fatal = v6 ? srtp_icmp6_fatal(sk, skb, &err) : srtp_icmp4_fatal(sk, skb, &err);
	if (queue && v6)
		ipv6_icmp_error(sk, skb, err, port, info, payload);
	else if (queue)
		ip_icmp_error(sk, skb, err, port, info, payload);
	srtp_icmp_report(sk, queue, fatal, err);
}

#endif
