// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink commands of sockets.
 */
#include <linux/file.h>
#include <linux/net.h>
#include <linux/sock_diag.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "compat/compat.h"
#include "netlink.h"
#include "sock.h"

/* A descriptor of the calling task, which is the one that sent the message. */
static struct socket *srtp_nl_fd(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SRTP_A_SOCKET_FD];
	struct socket *sock;
	int err;

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "the descriptor is missing");
		return ERR_PTR(-EINVAL);
	}
	sock = sockfd_lookup(nla_get_u32(attr), &err);
	if (!sock) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "the descriptor is not a socket");
		return ERR_PTR(err);
	}
	if (net_eq(sock_net(sock->sk), genl_info_net(info)))
		return sock;
	sockfd_put(sock);
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "the socket is in another network namespace");
	return ERR_PTR(-EXDEV);
}

static bool srtp_is_udp(const struct sock *sk)
{
	return (sk->sk_family == AF_INET || sk->sk_family == AF_INET6) &&
	       sk->sk_type == SOCK_DGRAM && sk->sk_protocol == IPPROTO_UDP;
}

/* The context of a descriptor's socket, if the caller may do @op with it. */
static struct srtp_sock *srtp_nl_sock(struct sk_buff *skb, struct genl_info *info,
				      struct socket *sock, enum srtp_operation op)
{
	struct srtp_caller who = { .net = genl_info_net(info), .msg = skb };
	struct srtp_sock *ctx = srtp_is_udp(sock->sk) ? srtp_sock_get(sock->sk) : NULL;

	if (!ctx) {
		NL_SET_ERR_MSG(info->extack, "the socket is not attached");
		return ERR_PTR(-EALREADY);
	}
	if (srtp_may(&who, ctx->session, op))
		return ctx;
	srtp_sock_put(ctx);
	NL_SET_ERR_MSG(info->extack, "the session belongs to another user");
	return ERR_PTR(-EPERM);
}

static int srtp_nl_attach(struct sk_buff *skb, struct genl_info *info, struct socket *sock)
{
	struct srtp_session *ss;
	int err;

	ss = srtp_nl_session(skb, info, info->attrs[SRTP_A_SOCKET_SESSION], SRTP_OP_ATTACH);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	err = srtp_attach(sock->sk, ss, nla_get_u8(info->attrs[SRTP_A_SOCKET_ROLE]),
			  info->extack);
	srtp_session_put(ss);
	return err;
}

/**
 * srtp_nl_socket_new() - SRTP_CMD_SOCKET_NEW
 * @skb: the request
 * @info: the same
 */
int srtp_nl_socket_new(struct sk_buff *skb, struct genl_info *info)
{
	struct socket *sock;
	int err;

	if (!info->attrs[SRTP_A_SOCKET_ROLE]) {
		NL_SET_ERR_MSG(info->extack, "the role is missing");
		return -EINVAL;
	}
	sock = srtp_nl_fd(info);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	err = srtp_nl_attach(skb, info, sock);
	sockfd_put(sock);
	return err;
}

/**
 * srtp_nl_socket_set() - SRTP_CMD_SOCKET_SET
 * @skb: the request
 * @info: the same
 */
int srtp_nl_socket_set(struct sk_buff *skb, struct genl_info *info)
{
	struct srtp_sock *ctx;
	struct socket *sock;

	if (!info->attrs[SRTP_A_SOCKET_ROLE]) {
		NL_SET_ERR_MSG(info->extack, "the role is missing");
		return -EINVAL;
	}
	sock = srtp_nl_fd(info);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	ctx = srtp_nl_sock(skb, info, sock, SRTP_OP_ATTACH);
	if (!IS_ERR(ctx)) {
		WRITE_ONCE(ctx->role, nla_get_u8(info->attrs[SRTP_A_SOCKET_ROLE]));
		srtp_sock_put(ctx);
	}
	sockfd_put(sock);
	return PTR_ERR_OR_ZERO(ctx);
}

/**
 * srtp_nl_socket_del() - SRTP_CMD_SOCKET_DEL
 * @skb: the request
 * @info: the same
 */
int srtp_nl_socket_del(struct sk_buff *skb, struct genl_info *info)
{
	struct socket *sock = srtp_nl_fd(info);
	struct srtp_sock *ctx;
	int err;

	if (IS_ERR(sock))
		return PTR_ERR(sock);
	ctx = srtp_nl_sock(skb, info, sock, SRTP_OP_ATTACH);
	err = PTR_ERR_OR_ZERO(ctx);
	if (!err) {
		srtp_sock_put(ctx);
		err = srtp_detach(sock->sk);
		if (err == -EPERM)
			NL_SET_ERR_MSG(info->extack, "the session forbids to detach");
	}
	sockfd_put(sock);
	return err;
}

static int srtp_put_v4(struct sk_buff *skb, int attr, __be32 addr)
{
	return addr ? nla_put_in_addr(skb, attr, addr) : 0;
}

static int srtp_put_v6(struct sk_buff *skb, int attr, const struct in6_addr *addr)
{
	return ipv6_addr_any(addr) ? 0 : nla_put_in6_addr(skb, attr, addr);
}

static int srtp_sock_fill_addresses(struct sk_buff *skb, const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);
	int err;

#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		err = srtp_put_v6(skb, SRTP_A_SOCKET_LOCAL_V6, &sk->sk_v6_rcv_saddr) ?:
		      srtp_put_v6(skb, SRTP_A_SOCKET_REMOTE_V6, &sk->sk_v6_daddr);
	else
#endif
		err = srtp_put_v4(skb, SRTP_A_SOCKET_LOCAL_V4, inet->inet_rcv_saddr) ?:
		      srtp_put_v4(skb, SRTP_A_SOCKET_REMOTE_V4, inet->inet_daddr);
	return err ?: nla_put_be16(skb, SRTP_A_SOCKET_LOCAL_PORT, inet->inet_sport) ?:
	       nla_put_be16(skb, SRTP_A_SOCKET_REMOTE_PORT, inet->inet_dport);
}

static int srtp_sock_fill_stats(struct sk_buff *skb, struct srtp_sock *ctx)
{
	u64 totals[SRTP_A_STATS_MAX + 1];
	struct nlattr *nest = nla_nest_start(skb, SRTP_A_SOCKET_STATS);
	int i;

	if (!nest)
		return -EMSGSIZE;
	srtp_counters_read(ctx, totals);
	for (i = SRTP_A_STATS_PAD + 1; i <= SRTP_A_STATS_MAX; i++)
		if (srtp_nl_put_u64(skb, i, totals[i], SRTP_A_STATS_PAD))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int srtp_sock_fill(struct sk_buff *skb, struct srtp_sock *ctx)
{
	u32 cookie[2];	/* low half, high half */

	sock_diag_save_cookie(ctx->sk, cookie);
	if (nla_put_u32(skb, SRTP_A_SOCKET_SESSION, ctx->session->id) ||
	    nla_put_u8(skb, SRTP_A_SOCKET_ROLE, READ_ONCE(ctx->role)) ||
	    srtp_nl_put_u64(skb, SRTP_A_SOCKET_COOKIE, (u64)cookie[1] << 32 | cookie[0],
			    SRTP_A_SOCKET_PAD))
		return -EMSGSIZE;
	return srtp_sock_fill_addresses(skb, ctx->sk) ?: srtp_sock_fill_stats(skb, ctx);
}

/**
 * srtp_nl_socket_get() - SRTP_CMD_SOCKET_GET of one socket
 * @skb: the request
 * @info: the same
 */
int srtp_nl_socket_get(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *session = info->attrs[SRTP_A_SOCKET_SESSION];
	struct srtp_sock *ctx;
	struct sk_buff *msg;
	struct socket *sock;
	void *hdr;
	int err;

	if (session) {
		NL_SET_ERR_MSG_ATTR(info->extack, session, "only a dump takes a session");
		return -EINVAL;
	}
	sock = srtp_nl_fd(info);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	ctx = srtp_nl_sock(skb, info, sock, SRTP_OP_READ);
	err = PTR_ERR_OR_ZERO(ctx);
	if (!err) {
		msg = srtp_nl_reply(info, SRTP_CMD_SOCKET_GET, &hdr);
		err = msg ? srtp_nl_send(info, msg, hdr, srtp_sock_fill(msg, ctx)) : -ENOMEM;
		srtp_sock_put(ctx);
	}
	sockfd_put(sock);
	return err;
}

static bool srtp_dump_wants(struct netlink_callback *cb, const struct srtp_caller *who,
			    const struct srtp_sock *ctx)
{
	const struct nlattr *only = srtp_dump_attrs(cb)[SRTP_A_SOCKET_SESSION];

	return (!only || nla_get_u32(only) == ctx->session->id) &&
	       srtp_may(who, ctx->session, SRTP_OP_READ);
}

static int srtp_sock_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			      struct srtp_sock *ctx)
{
	void *hdr = srtp_nl_dump_put(skb, cb, SRTP_CMD_SOCKET_GET);

	return hdr ? srtp_nl_dump_end(skb, hdr, srtp_sock_fill(skb, ctx)) : -EMSGSIZE;
}

/**
 * srtp_nl_socket_dump() - SRTP_CMD_SOCKET_GET of a session or of all
 * @skb: message to fill
 * @cb: the dump; args[0] is the socket to go on with
 */
int srtp_nl_socket_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct srtp_caller who = { .net = sock_net(skb->sk), .msg = cb->skb };
	struct srtp_net *sn = srtp_net(who.net);
	unsigned long number = cb->args[0];
	int err = srtp_nl_dump_check(cb);
	struct srtp_sock *ctx;

	if (err)
		return err;
	/* A socket leaves the table before its memory may go. */
	rcu_read_lock();
	while ((ctx = xa_find(&sn->sockets, &number, ULONG_MAX, XA_PRESENT))) {
		if (srtp_dump_wants(cb, &who, ctx) && srtp_sock_dump_one(skb, cb, ctx))
			break;
		number++;
	}
	rcu_read_unlock();
	cb->args[0] = number;
	return skb->len;
}
