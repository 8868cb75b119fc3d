// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options: SRTP_SESSION and SRTP_INFO of every UDP socket, and those of
 * UDP and IPv6 that would undo an attached one.
 */
#include <linux/module.h>
#include <linux/netfilter.h>
#include <net/udp.h>

#include "compat/compat.h"
#include "authority.h"
#include "packet.h"
#include "session.h"
#include "sock.h"

#define SRTP_SO_FIRST	7700
#define SRTP_SO_END	7732

static int srtp_so_detach(struct sock *sk)
{
	struct srtp_caller who = { .net = sock_net(sk) };
	struct srtp_sock *ctx = srtp_sock_get(sk);
	int err = -EALREADY;

	if (ctx) {
		err = srtp_may(&who, ctx->session, SRTP_OP_ATTACH) ? 0 : -EPERM;
		srtp_sock_put(ctx);
	}
	return err ?: srtp_detach(sk);
}

static int srtp_so_attach(struct sock *sk, const struct srtp_attach *at)
{
	struct srtp_caller who = { .net = sock_net(sk) };
	struct srtp_session *ss;
	int err = -EPERM;

	if (at->role < SRTP_ROLE_RTP || at->role > SRTP_ROLE_LAST)
		return -EINVAL;
	ss = srtp_session_get(srtp_net(who.net), at->session);
	if (!ss)
		return -ENOENT;
	if (srtp_may(&who, ss, SRTP_OP_ATTACH))
		err = srtp_attach(sk, ss, at->role, NULL);
	srtp_session_put(ss);
	return err;
}

/* A longer structure of a later version is fine if its new members say nothing. */
static int srtp_so_copy(struct srtp_attach *at, sockptr_t arg, unsigned int len)
{
	unsigned int done, n;
	u8 tail[64];

	if (len < sizeof(*at))
		return -EINVAL;
	if (len > PAGE_SIZE)
		return -E2BIG;
	if (copy_from_sockptr(at, arg, sizeof(*at)))
		return -EFAULT;
	for (done = sizeof(*at); done < len; done += n) {
		n = min_t(unsigned int, len - done, sizeof(tail));
		if (copy_from_sockptr_offset(tail, arg, done, n))
			return -EFAULT;
		if (memchr_inv(tail, 0, n))
			return -E2BIG;
	}
	return 0;
}

static int srtp_so_set(struct sock *sk, int optname, sockptr_t arg, unsigned int len)
{
	struct srtp_attach at;
	int err;

	if (optname != SRTP_SESSION)
		return -ENOPROTOOPT;
	err = srtp_so_copy(&at, arg, len);
	if (err)
		return err;
	if (at.flags || at.reserved)
		return -EINVAL;
	return at.session ? srtp_so_attach(sk, &at) : srtp_so_detach(sk);
}

static void srtp_so_fill(struct srtp_sock *ctx, struct srtp_info *info)
{
	BUILD_BUG_ON(ARRAY_SIZE(info->stats) <= SRTP_A_STATS_MAX);

	memset(info, 0, sizeof(*info));
	info->session = ctx->session->id;
	info->role = READ_ONCE(ctx->role);
	info->flags = READ_ONCE(ctx->session->dead) ? SRTP_INFO_DEAD : 0;
	info->session_cookie = ctx->session->cookie;
	srtp_counters_read(ctx, info->stats);
}

static int srtp_so_get(struct sock *sk, int optname, void __user *user, int *len)
{
	struct srtp_sock *ctx;
	struct srtp_info info;

	if (optname != SRTP_INFO)
		return -ENOPROTOOPT;
	if (*len < 0)
		return -EINVAL;
	if (sk->sk_protocol != IPPROTO_UDP || sk->sk_type != SOCK_DGRAM)
		return -EOPNOTSUPP;
	ctx = srtp_sock_get(sk);
	if (!ctx)
		return -ENOTCONN;
	srtp_so_fill(ctx, &info);
	srtp_sock_put(ctx);
	*len = min_t(int, *len, sizeof(info));
	return copy_to_user(user, &info, *len) ? -EFAULT : 0;
}

static struct nf_sockopt_ops srtp_so_ops[] = {
	{
		.pf		= PF_INET,
		.set_optmin	= SRTP_SO_FIRST,
		.set_optmax	= SRTP_SO_END,
		.set		= srtp_so_set,
		.get_optmin	= SRTP_SO_FIRST,
		.get_optmax	= SRTP_SO_END,
		.get		= srtp_so_get,
		.owner		= THIS_MODULE,
	},
	{
		.pf		= PF_INET6,
		.set_optmin	= SRTP_SO_FIRST,
		.set_optmax	= SRTP_SO_END,
		.set		= srtp_so_set,
		.get_optmin	= SRTP_SO_FIRST,
		.get_optmax	= SRTP_SO_END,
		.get		= srtp_so_get,
		.owner		= THIS_MODULE,
	},
};

/**
 * srtp_sockopt_init() - offer the options at SOL_IP and SOL_IPV6
 */
int srtp_sockopt_init(void)
{
	int err = nf_register_sockopt(&srtp_so_ops[0]);

	if (err)
		return err;
	err = nf_register_sockopt(&srtp_so_ops[1]);
	if (err)
		nf_unregister_sockopt(&srtp_so_ops[0]);
	return err;
}

/**
 * srtp_sockopt_exit() - withdraw them
 */
void srtp_sockopt_exit(void)
{
	nf_unregister_sockopt(&srtp_so_ops[1]);
	nf_unregister_sockopt(&srtp_so_ops[0]);
}

static int srtp_sk_set_cork(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct srtp_sock *ctx;
	int on, err;

	if (optlen < sizeof(on))
		return -EINVAL;
	if (copy_from_sockptr(&on, optval, sizeof(on)))
		return -EFAULT;
	ctx = srtp_sock_get(sk);
	if (!ctx)
		return -EBUSY;
	err = srtp_cork_set(sk, ctx, on);
	srtp_sock_put(ctx);
	return err;
}

/**
 * srtp_sk_setsockopt() - setsockopt of an attached socket
 * @sk: the socket
 * @level: level
 * @optname: option
 * @optval: value
 * @optlen: octets of the value
 *
 * UDP_ENCAP would take the receive hook away, IPV6_ADDRFORM the send hook.
 */
int srtp_sk_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		       unsigned int optlen)
{
	if (level == SOL_UDP && optname == UDP_CORK)
		return srtp_sk_set_cork(sk, optval, optlen);
	if ((level == SOL_UDP && optname == UDP_ENCAP) ||
	    (level == SOL_IPV6 && optname == IPV6_ADDRFORM))
		return -EBUSY;
	return srtp_base_proto(sk)->setsockopt(sk, level, optname, optval, optlen);
}

/* What the trailers take of a packet: as much as the longest of them. */
static u32 srtp_so_trailer(struct srtp_sock *ctx)
{
	u8 role = READ_ONCE(ctx->role);
	struct srtp_stream *st;
	unsigned long i;
	u32 most = 0;

	rcu_read_lock();
	xa_for_each(&ctx->session->streams, i, st) {
		if (st->key.direction != SRTP_DIRECTION_TX)
			continue;
		if (role != SRTP_ROLE_RTCP)
			most = max_t(u32, most, srtp_trailer_len(st, SRTP_CLASS_RTP));
		if (role != SRTP_ROLE_RTP)
			most = max_t(u32, most, srtp_trailer_len(st, SRTP_CLASS_RTCP));
	}
	rcu_read_unlock();
	return most;
}

/* Options that tell the size of a packet, and where. */
static const struct {
	int level;
	int optname;
	int offset;
} srtp_mtu_options[] = {
	{ SOL_IP, IP_MTU, 0 },
	{ SOL_IPV6, IPV6_MTU, 0 },
	{ SOL_IPV6, IPV6_PATHMTU, offsetof(struct ip6_mtuinfo, ip6m_mtu) },
};

static int srtp_sk_lower_mtu(struct sock *sk, u32 __user *mtu)
{
	struct srtp_sock *ctx = srtp_sock_get(sk);
	u32 value, trailer;

	if (!ctx)
		return 0;
	trailer = srtp_so_trailer(ctx);
	srtp_sock_put(ctx);
	if (get_user(value, mtu))
		return -EFAULT;
	return value > trailer ? put_user(value - trailer, mtu) : 0;
}

static int srtp_sk_get_core(struct sock *sk, int level, int optname, char __user *optval,
			    int __user *optlen)
{
	int i, len, err = srtp_base_proto(sk)->getsockopt(sk, level, optname, optval, optlen);

	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(srtp_mtu_options); i++) {
		if (level != srtp_mtu_options[i].level || optname != srtp_mtu_options[i].optname)
			continue;
		if (get_user(len, optlen))
			return -EFAULT;
		if (len >= srtp_mtu_options[i].offset + (int)sizeof(u32))
			return srtp_sk_lower_mtu(sk, (u32 __user *)
						 (optval + srtp_mtu_options[i].offset));
	}
	return 0;
}

/**
 * srtp_sk_getsockopt() - getsockopt of an attached socket
 * @sk: the socket
 * @level: level
 * @optname: option
 * @optval: where to put the value
 * @optlen: its room, then its length
 *
 * The cork is ours, the encapsulation is nobody's business, and of the MTU the
 * trailer takes its part.
 */
int srtp_sk_getsockopt(struct sock *sk, int level, int optname, char __user *optval,
		       int __user *optlen)
{
	struct srtp_sock *ctx;
	int len, value = 0;

	if (level != SOL_UDP || (optname != UDP_CORK && optname != UDP_ENCAP))
		return srtp_sk_get_core(sk, level, optname, optval, optlen);
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	ctx = srtp_sock_get(sk);
	if (ctx) {
		value = optname == UDP_CORK && READ_ONCE(ctx->cork.on);
		srtp_sock_put(ctx);
	}
	len = min_t(int, len, sizeof(value));
	if (put_user(len, optlen) || copy_to_user(optval, &value, len))
		return -EFAULT;
	return 0;
}
