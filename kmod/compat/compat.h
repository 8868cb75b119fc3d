/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels this module builds for.
 *
 * The only place, with compat.c, that knows kernel versions.
 */
#ifndef _SRTP_COMPAT_H
#define _SRTP_COMPAT_H

#include <linux/version.h>
#include <linux/hrtimer.h>
#include <linux/skbuff.h>
#include <linux/socket.h>
#include <linux/uio.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#include <asm/unaligned.h>
#else
#include <linux/unaligned.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#include <linux/kernel.h>
#else
#include <linux/hex.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#undef ITER_SOURCE
#define ITER_SOURCE	WRITE
#endif

/* struct proto has ->sendpage, and its "more follows" is a message flag. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define SRTP_HAVE_SENDPAGE
#define SRTP_MSG_MORE	(MSG_MORE | MSG_SENDPAGE_NOTLAST)
#else
#define SRTP_MSG_MORE	MSG_MORE
#endif

/* What an outer sendmsg may carry and an inner one must not. */
#define SRTP_MSG_OUTER	(SRTP_MSG_MORE | MSG_ZEROCOPY | MSG_SPLICE_PAGES)

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define srtp_register_sysctl(net, path, table, n) \
	((void)(n), register_net_sysctl(net, path, table))
#else
#define srtp_register_sysctl(net, path, table, n) \
	register_net_sysctl_sz(net, path, table, n)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define srtp_dump_attrs(cb)	(genl_dumpit_info(cb)->attrs)
#else
#define srtp_dump_attrs(cb)	(genl_dumpit_info(cb)->info.attrs)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define srtp_hrtimer_setup(timer, fn, clock, mode) do {	\
	hrtimer_init(timer, clock, mode);		\
	(timer)->function = (fn);			\
} while (0)
#else
#define srtp_hrtimer_setup	hrtimer_setup
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define srtp_sk_drops_inc(sk)	atomic_inc(&(sk)->sk_drops)
#define srtp_zerocopy_alloc(sk, size)	msg_zerocopy_realloc(sk, size, NULL)
#else
#define srtp_sk_drops_inc(sk)	udp_drops_inc(sk)
#define srtp_zerocopy_alloc(sk, size)	msg_zerocopy_realloc(sk, size, NULL, false)
#endif

bool srtp_rcvbuf_has_room(const struct sock *sk, const struct sk_buff *skb);

/* The reason of a refusal, chosen at run time; a literal or a table's string. */
static inline void srtp_extack(struct netlink_ext_ack *extack, const char *sentence)
{
	if (extack)
		extack->_msg = sentence;
}

/* An ICMP error for the socket: as on a socket without encapsulation. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
void srtp_encap_err_rcv(struct sock *sk, struct sk_buff *skb, unsigned int udp_offset);
#else
void srtp_encap_err_rcv(struct sock *sk, struct sk_buff *skb, int err,
			__be16 port, u32 info, u8 *payload);
#endif

#endif
