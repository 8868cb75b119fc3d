// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching sockets: a copy of the family's struct proto that sends through
 * this module, and encapsulation hooks that receive through it.
 *
 * A sender may still be inside our sendmsg when detach or close returns, and a
 * softirq inside our encap_rcv: both hold the context by reference or RCU.  The
 * module itself is held from the first attach until the socket's memory is
 * freed, through sk_prot_creator, so that no code of it runs after the put.
 */
#include <linux/module.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "compat/compat.h"
#include "session.h"
#include "sock.h"

/* An encap_type that no protocol has; it only turns the hooks on. */
#define SRTP_ENCAP_TYPE	77

enum {
	SRTP_V4,
	SRTP_V6,
	SRTP_FAMILIES
};

/* The kernel's UDP protocols and ours; base is NULL where IPv6 is off. */
static struct srtp_protos {
	const struct proto *base;
	struct proto ours;
} srtp_protos[SRTP_FAMILIES] __read_mostly;

static struct srtp_protos *srtp_protos_of(const struct sock *sk)
{
	return &srtp_protos[sk->sk_family == AF_INET6 ? SRTP_V6 : SRTP_V4];
}

/**
 * srtp_base_proto() - the protocol that the kernel gave a socket
 * @sk: a UDP socket
 */
const struct proto *srtp_base_proto(const struct sock *sk)
{
	return srtp_protos_of(sk)->base;
}

/* Twice, as where it is two words it may change between them. */
static u64 srtp_counter_read(const struct srtp_counters *c, int counter)
{
	u64 n;

	do {
		n = READ_ONCE(c->n[counter]);
	} while (n != READ_ONCE(c->n[counter]));
	return n;
}

/**
 * srtp_counters_read() - totals over all CPUs
 * @ctx: the socket's context
 * @totals: result, by enum srtp_a_stats
 */
void srtp_counters_read(struct srtp_sock *ctx, u64 *totals)
{
	int cpu, i;

	memset(totals, 0, sizeof(((struct srtp_counters *)0)->n));
	for_each_possible_cpu(cpu)
		for (i = 0; i <= SRTP_A_STATS_MAX; i++)
			totals[i] += srtp_counter_read(per_cpu_ptr(ctx->counters, cpu), i);
}

static void srtp_sock_release(struct srtp_sock *ctx)
{
	srtp_cork_free(&ctx->cork);
	free_percpu(ctx->counters);
	srtp_session_put(ctx->session);
	kfree(ctx);
}

static void srtp_sock_free_rcu(struct rcu_head *rcu)
{
	srtp_sock_release(container_of(rcu, struct srtp_sock, rcu));
}

/**
 * srtp_sock_free() - free a context that nobody has a reference to any more
 * @ctx: the context
 *
 * Softirqs may still have it.
 */
void srtp_sock_free(struct srtp_sock *ctx)
{
	call_rcu(&ctx->rcu, srtp_sock_free_rcu);
}

static struct srtp_sock *srtp_sock_alloc(struct sock *sk, struct srtp_session *ss, u8 role)
{
	struct srtp_sock *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);

	if (!ctx)
		return NULL;
	ctx->counters = alloc_percpu_gfp(struct srtp_counters, GFP_KERNEL_ACCOUNT);
	if (!ctx->counters) {
		kfree(ctx);
		return NULL;
	}
	refcount_set(&ctx->refs, 1);
	refcount_inc(&ss->refs);
	ctx->session = ss;
	ctx->sk = sk;
	ctx->base = srtp_base_proto(sk);
	ctx->role = role;
	return ctx;
}

/* The socket is told nothing, sends nothing and gets nothing from us any more. */
static void srtp_sock_gone(struct srtp_sock *ctx)
{
	struct srtp_session *ss = ctx->session;

	xa_erase(&srtp_net(sock_net(ctx->sk))->sockets, ctx->number);
	refcount_inc(&ss->refs);
	srtp_sock_put(ctx);
	srtp_session_socket_gone(ss);
	srtp_session_put(ss);
}

/* The socket is closed: the last of its users has gone. */
static void srtp_encap_destroy(struct sock *sk)
{
	struct srtp_sock *ctx;

	rcu_read_lock();
	ctx = rcu_dereference_sk_user_data(sk);
	rcu_read_unlock();
	if (!ctx)
		return;
	rcu_assign_sk_user_data(sk, NULL);
	srtp_sock_gone(ctx);
}

static int srtp_attach_check(struct sock *sk, struct netlink_ext_ack *extack)
{
	struct udp_sock *up = udp_sk(sk);

	sock_owned_by_me(sk);
	if (READ_ONCE(sk->sk_prot) == &srtp_protos_of(sk)->ours) {
		NL_SET_ERR_MSG(extack, "the socket is attached already");
		return -EBUSY;
	}
	if (!srtp_base_proto(sk) || READ_ONCE(sk->sk_prot) != srtp_base_proto(sk)) {
		NL_SET_ERR_MSG(extack, "the socket is not UDP, or somebody else has taken it over");
		return -EOPNOTSUPP;
	}
	/* IPV6_ADDRFORM leaves a socket of one family in memory of the other. */
	if (sk->sk_prot_creator != srtp_base_proto(sk) &&
	    sk->sk_prot_creator != &srtp_protos_of(sk)->ours) {
		NL_SET_ERR_MSG(extack, "the socket was converted from IPv6 to IPv4");
		return -EOPNOTSUPP;
	}
	if (READ_ONCE(up->pending) || udp_test_bit(CORK, sk)) {
		NL_SET_ERR_MSG(extack, "the socket is corked");
		return -EBUSY;
	}
	if (READ_ONCE(up->encap_type) || READ_ONCE(up->encap_rcv) ||
	    rcu_access_pointer(__sk_user_data(sk))) {
		NL_SET_ERR_MSG(extack, "the socket has an encapsulation or a kernel user");
		return -EBUSY;
	}
	return 0;
}

/* Receive first and send last, so that no packet finds half of it. */
static void srtp_hook(struct sock *sk, struct srtp_sock *ctx)
{
	struct srtp_protos *p = srtp_protos_of(sk);
	struct udp_sock *up = udp_sk(sk);

	if (sk->sk_prot_creator != &p->ours) {
		__module_get(THIS_MODULE);
		sk->sk_prot_creator = &p->ours;
	}
	write_lock_bh(&sk->sk_callback_lock);
	rcu_assign_sk_user_data(sk, ctx);
	write_unlock_bh(&sk->sk_callback_lock);
	WRITE_ONCE(up->encap_destroy, srtp_encap_destroy);
	WRITE_ONCE(up->encap_err_rcv, srtp_encap_err_rcv);
	WRITE_ONCE(up->encap_rcv, srtp_encap_rcv);
	WRITE_ONCE(up->encap_type, SRTP_ENCAP_TYPE);
	udp_tunnel_encap_enable(sk);
	smp_wmb();	/* a sender that sees our sendmsg sees its context */
	WRITE_ONCE(sk->sk_prot, &p->ours);
}

/*
 * encap_err_rcv stays: the core may look at it twice for one ICMP error, and call
 * it after the second look.  Without an encap_type it begins no such call.
 */
static void srtp_unhook(struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);

	WRITE_ONCE(sk->sk_prot, (struct proto *)srtp_base_proto(sk));
	WRITE_ONCE(up->encap_type, 0);
	WRITE_ONCE(up->encap_rcv, NULL);
	WRITE_ONCE(up->encap_destroy, NULL);
	write_lock_bh(&sk->sk_callback_lock);
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
}

static int srtp_attach_locked(struct sock *sk, struct srtp_sock *ctx,
			      struct netlink_ext_ack *extack)
{
	struct srtp_net *sn = srtp_net(sock_net(sk));
	int err = srtp_attach_check(sk, extack);

	if (err)
		return err;
	/* A number first: a session that ends with its last socket must not end here. */
	err = xa_alloc_cyclic(&sn->sockets, &ctx->number, NULL, XA_LIMIT(1, S32_MAX),
			      &sn->next_socket, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err;
	err = srtp_session_socket_add(ctx->session);
	if (err) {
		xa_erase(&sn->sockets, ctx->number);
		NL_SET_ERR_MSG(extack, "the session is being deleted");
		return err;
	}
	srtp_hook(sk, ctx);
	/* in a place that is reserved, which needs no memory */
	xa_store(&sn->sockets, ctx->number, ctx, GFP_KERNEL);
	return 0;
}

/**
 * srtp_attach() - attach a socket to a session
 * @sk: the socket; the caller has a reference to it and no lock
 * @ss: the session, of the same network namespace
 * @role: enum srtp_role
 * @extack: gets the reason of a refusal
 *
 * When it returns, no RTP packet that came before is left to be read.
 *
 * Return: 0, -EOPNOTSUPP, -EBUSY, -ENOENT or -ENOMEM
 */
int srtp_attach(struct sock *sk, struct srtp_session *ss, u8 role,
		struct netlink_ext_ack *extack)
{
	struct srtp_sock *ctx;
	int err;

	if ((sk->sk_family != AF_INET && sk->sk_family != AF_INET6) ||
	    sk->sk_type != SOCK_DGRAM || sk->sk_protocol != IPPROTO_UDP) {
		NL_SET_ERR_MSG(extack, "only UDP sockets can be attached");
		return -EOPNOTSUPP;
	}
	ctx = srtp_sock_alloc(sk, ss, role);
	if (!ctx)
		return -ENOMEM;
	lock_sock(sk);
	err = srtp_attach_locked(sk, ctx, extack);
	release_sock(sk);
	if (err) {
		srtp_sock_release(ctx);
		return err;
	}
	synchronize_net();	/* softirqs that still saw a plain socket */
	srtp_purge(sk, ctx);
	return 0;
}

/**
 * srtp_detach() - make an attached socket a plain one again
 * @sk: the socket; the caller has a reference to it and no lock
 *
 * Return: 0, -EALREADY if it is not attached, -EPERM if its session forbids it
 */
int srtp_detach(struct sock *sk)
{
	struct srtp_sock *ctx;
	int err = 0;

	lock_sock(sk);
	ctx = srtp_sock_get(sk);
	if (!ctx)
		err = -EALREADY;
	else if (READ_ONCE(ctx->session->set.forbid_detach))
		err = -EPERM;
	else
		srtp_unhook(sk);
	release_sock(sk);
	if (!ctx)
		return err;
	if (!err)
		srtp_sock_gone(ctx);
	srtp_sock_put(ctx);
	return err;
}

static void srtp_proto_copy(struct srtp_protos *p, const struct proto *base)
{
	p->base = base;
	p->ours = *base;
	p->ours.owner = THIS_MODULE;
	p->ours.sendmsg = srtp_sendmsg;
	p->ours.setsockopt = srtp_sk_setsockopt;
	p->ours.getsockopt = srtp_sk_getsockopt;
	p->ours.splice_eof = srtp_splice_eof;
#ifdef SRTP_HAVE_SENDPAGE
	p->ours.sendpage = srtp_sendpage;
#endif
#ifdef CONFIG_BPF_SYSCALL
	/* A sockmap would copy our protocol for sockets that are not ours. */
	p->ours.psock_update_sk_prot = NULL;
#endif
}

/* udpv6_prot is not exported: a socket tells it. */
static int srtp_proto_find(int family, struct srtp_protos *p)
{
	struct socket *sock;
	int err = sock_create_kern(&init_net, family, SOCK_DGRAM, IPPROTO_UDP, &sock);

	if (err)
		return err;
	srtp_proto_copy(p, sock->sk->sk_prot);
	sock_release(sock);
	return 0;
}

/**
 * srtp_sock_init() - make the protocols and the socket options
 */
int srtp_sock_init(void)
{
	int err = srtp_proto_find(AF_INET, &srtp_protos[SRTP_V4]);

	if (err)
		return err;
	err = srtp_proto_find(AF_INET6, &srtp_protos[SRTP_V6]);
	if (err && err != -EAFNOSUPPORT)
		return err;	/* with IPv6 off its sockets do not exist */
	return srtp_sockopt_init();
}

/**
 * srtp_sock_exit() - remove the socket options; no socket is attached
 */
void srtp_sock_exit(void)
{
	srtp_sockopt_exit();
}
