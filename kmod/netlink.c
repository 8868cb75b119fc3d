// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: its commands, and what they share.
 *
 * Every command has a policy of its own, so that an attribute that it does not
 * take is refused by name.  key-new parses its attributes itself: a message
 * that holds a key is wiped whether or not it parses.
 */
#include <linux/module.h>

#include "compat/compat.h"
#include "netlink.h"

/**
 * srtp_nl_put_u64() - add an attribute of 64 bits
 * @skb: message
 * @attr: its number
 * @value: its value
 * @pad: number of the padding attribute of the set
 */
int srtp_nl_put_u64(struct sk_buff *skb, int attr, u64 value, int pad)
{
	return nla_put_u64_64bit(skb, attr, value, pad);
}

/**
 * srtp_nl_put_drivers() - add the names of the drivers that there are
 * @skb: message
 * @drivers: the names
 * @cipher: attribute of what encrypts
 * @auth: attribute of what authenticates
 */
int srtp_nl_put_drivers(struct sk_buff *skb, const struct srtp_drivers *drivers, int cipher,
			int auth)
{
	if ((drivers->cipher[0] && nla_put_string(skb, cipher, drivers->cipher)) ||
	    (drivers->auth[0] && nla_put_string(skb, auth, drivers->auth)))
		return -EMSGSIZE;
	return 0;
}

/**
 * srtp_nl_dump_put() - begin one object of a dump
 * @skb: message
 * @cb: the dump
 * @cmd: command of the answer
 *
 * Return: the header, or NULL if the message is full
 */
void *srtp_nl_dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &srtp_family,
			   NLM_F_MULTI, cmd);
}

/**
 * srtp_nl_dump_end() - end one object of a dump
 * @skb: message
 * @hdr: the object's header
 * @err: whether something did not fit
 *
 * Return: 0, or -EMSGSIZE if the object is for the next message
 */
int srtp_nl_dump_end(struct sk_buff *skb, void *hdr, int err)
{
	if (err) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * srtp_nl_reply() - begin an answer
 * @info: the request
 * @cmd: command of the answer
 * @hdr: result: its header
 *
 * Return: the message, or NULL
 */
struct sk_buff *srtp_nl_reply(struct genl_info *info, u8 cmd, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &srtp_family, 0, cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/**
 * srtp_nl_send() - end an answer and send it
 * @info: the request
 * @msg: what srtp_nl_reply() gave
 * @hdr: the same
 * @err: 0, or why there is no answer after all
 */
int srtp_nl_send(struct genl_info *info, struct sk_buff *msg, void *hdr, int err)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/**
 * srtp_nl_session() - the session that a request names, if the caller may
 * @skb: the request
 * @info: the same
 * @id: attribute with its number, or NULL
 * @op: what shall be done with it
 *
 * Return: the session with a reference, or ERR_PTR with a sentence
 */
struct srtp_session *srtp_nl_session(struct sk_buff *skb, struct genl_info *info,
				     const struct nlattr *id, enum srtp_operation op)
{
	struct srtp_caller who = { .net = genl_info_net(info), .msg = skb };
	struct srtp_session *ss;

	if (!id) {
		NL_SET_ERR_MSG(info->extack, "the number of the session is missing");
		return ERR_PTR(-EINVAL);
	}
	ss = srtp_session_get(srtp_net(who.net), nla_get_u32(id));
	if (srtp_may(&who, ss, op)) {
		if (ss)
			return ss;
		NL_SET_ERR_MSG_ATTR(info->extack, id, "there is no such session");
		return ERR_PTR(-ENOENT);
	}
	if (!ss && op != SRTP_OP_CONFIGURE) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "there is no such session");
		return ERR_PTR(-ENOENT);
	}
	if (ss)
		srtp_session_put(ss);
	srtp_extack(info->extack, op == SRTP_OP_CONFIGURE ?
		    "this needs CAP_NET_ADMIN in the network namespace" :
		    "the session belongs to another user");
	return ERR_PTR(-EPERM);
}

/**
 * srtp_nl_session_lock() - the same, live and with its mutex held
 * @skb: the request
 * @info: the same
 * @id: attribute with its number, or NULL
 * @op: what shall be done with it
 *
 * Return: the session, for srtp_nl_session_unlock(), or ERR_PTR
 */
struct srtp_session *srtp_nl_session_lock(struct sk_buff *skb, struct genl_info *info,
					  const struct nlattr *id, enum srtp_operation op)
{
	struct srtp_session *ss = srtp_nl_session(skb, info, id, op);

	if (IS_ERR(ss))
		return ss;
	mutex_lock(&ss->mutex);
	if (srtp_session_live(ss))
		return ss;
	srtp_nl_session_unlock(ss);
	NL_SET_ERR_MSG_ATTR(info->extack, id, "there is no such session");
	return ERR_PTR(-ENOENT);
}

/**
 * srtp_nl_session_unlock() - end what srtp_nl_session_lock() began
 * @ss: the session
 */
void srtp_nl_session_unlock(struct srtp_session *ss)
{
	mutex_unlock(&ss->mutex);
	srtp_session_put(ss);
}

/**
 * srtp_nl_stream() - the stream that a request names
 * @info: the request
 * @ss: its session; the caller holds the mutex
 * @id: attribute with its number, or NULL
 *
 * Return: the stream, valid while the mutex is held, or ERR_PTR
 */
struct srtp_stream *srtp_nl_stream(struct genl_info *info, struct srtp_session *ss,
				   const struct nlattr *id)
{
	struct srtp_stream *st;

	if (!id) {
		NL_SET_ERR_MSG(info->extack, "the number of the stream is missing");
		return ERR_PTR(-EINVAL);
	}
	st = xa_load(&ss->streams, nla_get_u32(id));
	if (st)
		return st;
	NL_SET_ERR_MSG_ATTR(info->extack, id, "there is no such stream in the session");
	return ERR_PTR(-ENOENT);
}

/* The one attribute that each dump takes. */
static const u16 srtp_dump_filters[] = {
	[SRTP_CMD_SESSION_GET]	= SRTP_A_SESSION_ID,
	[SRTP_CMD_STREAM_GET]	= SRTP_A_STREAM_SESSION,
	[SRTP_CMD_KEY_GET]	= SRTP_A_KEY_SESSION,
	[SRTP_CMD_SOCKET_GET]	= SRTP_A_SOCKET_SESSION,
	[SRTP_CMD_SUITE_GET]	= 0,
};

/**
 * srtp_nl_dump_check() - refuse what a dump does not take
 * @cb: the dump
 *
 * Get and dump share a policy.  Called by the dump itself: where it starts the
 * older kernels have no room for a sentence.
 *
 * Return: 0 or -EINVAL
 */
int srtp_nl_dump_check(struct netlink_callback *cb)
{
	const struct genl_dumpit_info *info = genl_dumpit_info(cb);
	struct nlattr **attrs = srtp_dump_attrs(cb);
	int i;

	for (i = 1; i <= info->op.maxattr; i++) {
		if (!attrs[i] || i == srtp_dump_filters[info->op.cmd])
			continue;
		NL_SET_ERR_MSG_ATTR(cb->extack, attrs[i], "a dump does not take this attribute");
		return -EINVAL;
	}
	return 0;
}

static struct srtp_session *srtp_next_session(struct srtp_net *sn, unsigned long *id)
{
	struct srtp_session *ss;

	rcu_read_lock();
	while ((ss = xa_find(&sn->sessions, id, ULONG_MAX, XA_PRESENT))) {
		if (refcount_inc_not_zero(&ss->refs))
			break;
		++*id;
	}
	rcu_read_unlock();
	return ss;
}

/**
 * srtp_nl_dump_sessions() - walk the sessions that the caller may see
 * @skb: message to fill
 * @cb: the dump; args[0] is the session to go on with, the rest is for @dump
 * @attr: attribute that asks for one session only
 * @dump: adds what it has of one session; an error means that the message is full
 */
int srtp_nl_dump_sessions(struct sk_buff *skb, struct netlink_callback *cb, u16 attr,
			  srtp_dump_fn dump)
{
	struct srtp_caller who = { .net = sock_net(skb->sk), .msg = cb->skb };
	const struct nlattr *only = srtp_dump_attrs(cb)[attr];
	unsigned long id = max_t(unsigned long, cb->args[0], only ? nla_get_u32(only) : 0);
	int err = srtp_nl_dump_check(cb);
	struct srtp_session *ss;

	if (err)
		return err;
	while ((ss = srtp_next_session(srtp_net(who.net), &id))) {
		if (only && id != nla_get_u32(only)) {
			srtp_session_put(ss);
			break;
		}
		err = srtp_may(&who, ss, SRTP_OP_READ) ? dump(skb, cb, ss) : 0;
		srtp_session_put(ss);
		if (err)
			break;
		cb->args[1] = 0;
		id++;
	}
	cb->args[0] = id;
	return skb->len;
}

/* A policy and the set of attributes that it is of. */
#define POLICY(name, set)	.policy = srtp_##name##_policy, .maxattr = SRTP_A_##set##_MAX

static const struct genl_ops srtp_ops[] = {
	{ .cmd = SRTP_CMD_KEY_NEW, .doit = srtp_nl_key_new },
	{ .cmd = SRTP_CMD_SESSION_NEW, .doit = srtp_nl_session_new,
	  POLICY(session_settings, SESSION) },
	{ .cmd = SRTP_CMD_SESSION_SET, .doit = srtp_nl_session_set,
	  POLICY(session_settings, SESSION) },
	{ .cmd = SRTP_CMD_SESSION_GET, .doit = srtp_nl_session_get,
	  .dumpit = srtp_nl_session_dump,
	  POLICY(session_id, SESSION) },
	{ .cmd = SRTP_CMD_SESSION_DEL, .doit = srtp_nl_session_del,
	  POLICY(session_id, SESSION) },
	{ .cmd = SRTP_CMD_STREAM_NEW, .doit = srtp_nl_stream_new,
	  POLICY(stream_new, STREAM) },
	{ .cmd = SRTP_CMD_STREAM_SET, .doit = srtp_nl_stream_set,
	  POLICY(stream_set, STREAM) },
	{ .cmd = SRTP_CMD_STREAM_GET, .doit = srtp_nl_stream_get,
	  .dumpit = srtp_nl_stream_dump,
	  POLICY(stream_id, STREAM) },
	{ .cmd = SRTP_CMD_STREAM_DEL, .doit = srtp_nl_stream_del,
	  POLICY(stream_id, STREAM) },
	{ .cmd = SRTP_CMD_STREAM_FREEZE, .doit = srtp_nl_stream_freeze,
	  POLICY(stream_id, STREAM) },
	{ .cmd = SRTP_CMD_KEY_SET, .doit = srtp_nl_key_set, POLICY(key_set, KEY) },
	{ .cmd = SRTP_CMD_KEY_GET, .doit = srtp_nl_key_get,
	  .dumpit = srtp_nl_key_dump,
	  POLICY(key_id, KEY) },
	{ .cmd = SRTP_CMD_KEY_DEL, .doit = srtp_nl_key_del, POLICY(key_id, KEY) },
	{ .cmd = SRTP_CMD_SOCKET_NEW, .doit = srtp_nl_socket_new,
	  POLICY(socket_new, SOCKET) },
	{ .cmd = SRTP_CMD_SOCKET_SET, .doit = srtp_nl_socket_set,
	  POLICY(socket_set, SOCKET) },
	{ .cmd = SRTP_CMD_SOCKET_GET, .doit = srtp_nl_socket_get,
	  .dumpit = srtp_nl_socket_dump,
	  POLICY(socket_get, SOCKET) },
	{ .cmd = SRTP_CMD_SOCKET_DEL, .doit = srtp_nl_socket_del,
	  POLICY(socket_del, SOCKET) },
	{ .cmd = SRTP_CMD_SUITE_GET, .dumpit = srtp_suite_dump,
	  POLICY(suite, SUITE) },
};

static const struct genl_multicast_group srtp_groups[] = {
	[SRTP_GROUP_EVENTS] = {
		.name = SRTP_MCGRP_EVENTS,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

struct genl_family srtp_family __ro_after_init = {
	.name		= SRTP_FAMILY_NAME,
	.version	= SRTP_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.parallel_ops	= true,
	.ops		= srtp_ops,
	.n_ops		= ARRAY_SIZE(srtp_ops),
	/* From here on a command without a policy would take no attribute. */
	.resv_start_op	= SRTP_CMD_KEY_NEW + 1,
	.mcgrps		= srtp_groups,
	.n_mcgrps	= ARRAY_SIZE(srtp_groups),
};

/**
 * srtp_netlink_init() - register the family
 */
int __init srtp_netlink_init(void)
{
	return genl_register_family(&srtp_family);
}

/**
 * srtp_netlink_exit() - unregister it; no request runs afterwards
 */
void srtp_netlink_exit(void)
{
	genl_unregister_family(&srtp_family);
}
