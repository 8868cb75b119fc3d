/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_SOCK_H
#define _SRTP_SOCK_H

#include <linux/percpu.h>
#include <linux/refcount.h>
#include <net/sock.h>

#include "../uapi/linux/srtp.h"

struct srtp_session;

/* Counters of one CPU, by enum srtp_a_stats. */
struct srtp_counters {
	u64 n[SRTP_A_STATS_MAX + 1];
};

/**
 * struct srtp_cork - a datagram that is being put together
 * @data: plain octets so far, SRTP_CORK_MAX of room, or NULL
 * @len: how many
 * @pending: @data, @name and @control are in use
 * @on: the socket has UDP_CORK
 * @namelen: octets of @name
 * @name: destination given with the first piece
 * @control: control messages given with the first piece
 * @controllen: octets of @control
 *
 * Guarded by the socket lock.  Lives in this module and not in the core, which
 * would hold it in clear where others can send it.
 */
struct srtp_cork {
	u8 *data;
	size_t len;
	bool pending;
	bool on;
	int namelen;
	struct sockaddr_storage name;
	void *control;
	size_t controllen;
};

/**
 * struct srtp_sock - an attached socket
 * @refs: the socket, and every sender inside
 * @sk: the socket; valid for @refs' holders that have the socket, and under RCU
 * @base: the protocol that the kernel gave the socket
 * @session: what it is attached to
 * @role: enum srtp_role
 * @number: in the namespace's table
 * @cork: the datagram that is being put together
 * @counters: per CPU
 * @rcu: packets in flight use it
 */
struct srtp_sock {
	refcount_t refs;
	struct sock *sk;
	const struct proto *base;
	struct srtp_session *session;
	u8 role;
	u32 number;
	struct srtp_cork cork;
	struct srtp_counters __percpu *counters;
	struct rcu_head rcu;
};

int srtp_attach(struct sock *sk, struct srtp_session *ss, u8 role,
		struct netlink_ext_ack *extack);
int srtp_detach(struct sock *sk);
void srtp_sock_free(struct srtp_sock *ctx);
const struct proto *srtp_base_proto(const struct sock *sk);

void srtp_counters_read(struct srtp_sock *ctx, u64 *totals);

int srtp_sock_init(void);
void srtp_sock_exit(void);

/* tx.c */
int srtp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
int srtp_send_plain(struct sock *sk, struct srtp_sock *ctx, struct msghdr *msg, size_t len);

/**
 * srtp_sock_get() - the context of an attached socket, with a reference
 * @sk: a UDP socket
 *
 * Return: the context, or NULL if the socket is not attached (any more)
 */
static inline struct srtp_sock *srtp_sock_get(struct sock *sk)
{
	struct srtp_sock *ctx = NULL;

	rcu_read_lock();
	if (likely(READ_ONCE(sk->sk_prot)->sendmsg == srtp_sendmsg))
		ctx = rcu_dereference_sk_user_data(sk);
	if (unlikely(ctx && !refcount_inc_not_zero(&ctx->refs)))
		ctx = NULL;
	rcu_read_unlock();
	return ctx;
}

/**
 * srtp_sock_put() - give a reference back
 * @ctx: the context
 */
static inline void srtp_sock_put(struct srtp_sock *ctx)
{
	if (unlikely(refcount_dec_and_test(&ctx->refs)))
		srtp_sock_free(ctx);
}

/**
 * srtp_count() - count something on an attached socket
 * @ctx: the socket's context
 * @counter: enum srtp_a_stats
 * @n: how much
 */
static inline void srtp_count(struct srtp_sock *ctx, int counter, u64 n)
{
	this_cpu_add(ctx->counters->n[counter], n);
}

/**
 * srtp_count_packets() - count packets that were let through
 * @ctx: the socket's context
 * @counter: of packets; the one of their octets follows it
 * @n: packets
 * @octets: octets of those
 */
static inline void srtp_count_packets(struct srtp_sock *ctx, int counter, u64 n, u64 octets)
{
	this_cpu_add(ctx->counters->n[counter], n);
	this_cpu_add(ctx->counters->n[counter + 1], octets);
}

/* cork.c */
#define SRTP_CORK_MAX	65507	/* largest UDP payload over IPv4 */

int srtp_cork_send(struct sock *sk, struct srtp_sock *ctx, struct msghdr *msg, size_t len);
int srtp_cork_set(struct sock *sk, struct srtp_sock *ctx, bool on);
void srtp_cork_free(struct srtp_cork *cork);
void srtp_splice_eof(struct socket *sock);
#ifdef SRTP_HAVE_SENDPAGE
int srtp_sendpage(struct sock *sk, struct page *page, int offset, size_t size, int flags);
#endif

/* rx.c */
int srtp_encap_rcv(struct sock *sk, struct sk_buff *skb);
void srtp_purge(struct sock *sk, struct srtp_sock *ctx);

/* sockopt.c */
int srtp_sk_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		       unsigned int optlen);
int srtp_sk_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
		       int __user *optlen);
int srtp_sockopt_init(void);
void srtp_sockopt_exit(void);

#endif
