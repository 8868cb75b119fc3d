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

static s64 srtp_nl_number(const struct nlattr *attr)
{
	switch (nla_len(attr)) {
	case sizeof(u8):
		return nla_get_u8(attr);
	case sizeof(u16):
		return nla_get_u16(attr);
	case sizeof(u32):
		return nla_get_u32(attr);
	default:
		return S64_MAX;
	}
}

/**
 * srtp_nl_refuse_unbuilt() - refuse attributes that would have no effect
 * @attrs: what was given
 * @table: what has no effect
 * @n: rows of @table
 * @extack: gets the sentence and the attribute
 *
 * Return: 0 or -EOPNOTSUPP
 */
int srtp_nl_refuse_unbuilt(struct nlattr **attrs, const struct srtp_unbuilt *table, size_t n,
			   struct netlink_ext_ack *extack)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct nlattr *attr = attrs[table[i].attr];

		if (!attr || (table[i].off >= 0 && srtp_nl_number(attr) == table[i].off))
			continue;
		srtp_extack(extack, table[i].refusal);
		NL_SET_BAD_ATTR(extack, attr);
		return -EOPNOTSUPP;
	}
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
	struct srtp_session *ss;
	int err;

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

#define ID	{ .type = NLA_U32 }
#define BOOL	NLA_POLICY_MAX(NLA_U8, 1)
#define INDEX	NLA_POLICY_FULL_RANGE(NLA_U64, &srtp_index_range)
#define PACKETS	NLA_POLICY_FULL_RANGE(NLA_U64, &srtp_packets_range)
#define SRTCP_PACKETS	NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_srtcp_packets_range)

static struct netlink_range_validation srtp_provisional_range = { .max = 86400 };
static struct netlink_range_validation srtp_cap_range = { .min = 1, .max = 65536 };
static struct netlink_range_validation srtp_window_range = {
	.min = SRTP_WINDOW_MIN, .max = SRTP_WINDOW_MAX,
};
static struct netlink_range_validation srtp_kdr_range = { .max = 1 << 24 };
static struct netlink_range_validation srtp_srtcp_range = { .max = SRTCP_INDEX_MAX };
static struct netlink_range_validation srtp_index_range = { .max = SRTP_INDEX_MAX };
static struct netlink_range_validation srtp_packets_range = { .max = SRTP_INDEX_MAX + 1 };
static struct netlink_range_validation srtp_srtcp_packets_range = {
	.max = SRTCP_INDEX_MAX + 1U,
};

static const struct nla_policy srtp_session_settings_policy[] = {
	[SRTP_A_SESSION_ID]		= ID,
	[SRTP_A_SESSION_OWNER]		= { .type = NLA_U32 },
	[SRTP_A_SESSION_NAME]		= { .type = NLA_NUL_STRING, .len = SRTP_NAME_MAX },
	[SRTP_A_SESSION_PASS_NON_RTP]	= BOOL,
	[SRTP_A_SESSION_FORBID_DETACH]	= BOOL,
	[SRTP_A_SESSION_AUTO_DELETE]	= BOOL,
	[SRTP_A_SESSION_PROVISIONAL]	= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_provisional_range),
	[SRTP_A_SESSION_SSRC_CAP]	= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_cap_range),
	[SRTP_A_SESSION_MAX]		= {},
};

static const struct nla_policy srtp_session_id_policy[] = {
	[SRTP_A_SESSION_ID]		= ID,
	[SRTP_A_SESSION_MAX]		= {},
};

static const struct nla_policy srtp_stream_new_policy[] = {
	[SRTP_A_STREAM_SESSION]		= ID,
	[SRTP_A_STREAM_DIRECTION]	= NLA_POLICY_RANGE(NLA_U8, 1, SRTP_DIRECTION_LAST),
	[SRTP_A_STREAM_SSRC]		= { .type = NLA_U32 },
	[SRTP_A_STREAM_PEER_V4]		= NLA_POLICY_EXACT_LEN(4),
	[SRTP_A_STREAM_PEER_V6]		= NLA_POLICY_EXACT_LEN(16),
	[SRTP_A_STREAM_PEER_PORT]	= { .type = NLA_BE16 },
	[SRTP_A_STREAM_SUITE]		= NLA_POLICY_RANGE(NLA_U16, 1, SRTP_SUITE_LAST),
	[SRTP_A_STREAM_NO_SRTP_ENCRYPTION]	= BOOL,
	[SRTP_A_STREAM_NO_SRTCP_ENCRYPTION]	= BOOL,
	[SRTP_A_STREAM_NO_SRTP_AUTHENTICATION]	= BOOL,
	[SRTP_A_STREAM_SRTP_TAG_LEN]	= NLA_POLICY_MAX(NLA_U8, 20),
	[SRTP_A_STREAM_SRTCP_TAG_LEN]	= NLA_POLICY_MAX(NLA_U8, 20),
	[SRTP_A_STREAM_MKI_LEN]		= { .type = NLA_U8 },
	[SRTP_A_STREAM_KDR]		= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_kdr_range),
	[SRTP_A_STREAM_RCC_MODE]	= NLA_POLICY_MAX(NLA_U8, SRTP_RCC_MODE_LAST),
	[SRTP_A_STREAM_RCC_RATE]	= NLA_POLICY_MIN(NLA_U16, 1),
	[SRTP_A_STREAM_ENCRYPTED_EXT_IDS] = { .type = NLA_BINARY, .len = 255 },
	[SRTP_A_STREAM_CRYPTEX]		= NLA_POLICY_MAX(NLA_U8, SRTP_CRYPTEX_LAST),
	[SRTP_A_STREAM_SRTCP_ONLY]	= BOOL,
	[SRTP_A_STREAM_WINDOW]		= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_window_range),
	[SRTP_A_STREAM_SRTCP_WINDOW]	= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_window_range),
	[SRTP_A_STREAM_FRESH]		= BOOL,
	[SRTP_A_STREAM_ROC]		= { .type = NLA_U32 },
	[SRTP_A_STREAM_SEQ]		= { .type = NLA_U16 },
	[SRTP_A_STREAM_SRTCP_INDEX]	= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_srtcp_range),
	[SRTP_A_STREAM_REPLAY_STATE]	= { .type = NLA_BINARY, .len = 4096 },
	[SRTP_A_STREAM_SRTCP_REPLAY_STATE] = { .type = NLA_BINARY, .len = 4096 },
	[SRTP_A_STREAM_MAX]		= {},
};

static const struct nla_policy srtp_stream_set_policy[] = {
	[SRTP_A_STREAM_SESSION]		= ID,
	[SRTP_A_STREAM_ID]		= ID,
	[SRTP_A_STREAM_ROC]		= { .type = NLA_U32 },
	[SRTP_A_STREAM_SEQ]		= { .type = NLA_U16 },
	[SRTP_A_STREAM_SRTCP_INDEX]	= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_srtcp_range),
	[SRTP_A_STREAM_ACK_EVENTS]	= { .type = NLA_U32 },
	[SRTP_A_STREAM_MAX]		= {},
};

/* For get, a dump takes the session only; what it does not use is harmless. */
static const struct nla_policy srtp_stream_id_policy[] = {
	[SRTP_A_STREAM_SESSION]		= ID,
	[SRTP_A_STREAM_ID]		= ID,
	[SRTP_A_STREAM_MAX]		= {},
};

const struct nla_policy srtp_key_new_policy[SRTP_A_KEY_MAX + 1] = {
	[SRTP_A_KEY_SESSION]		= ID,
	[SRTP_A_KEY_STREAM]		= ID,
	[SRTP_A_KEY_MKI]		= { .type = NLA_BINARY, .len = SRTP_MKI_MAX },
	[SRTP_A_KEY_MASTER_KEY]		= { .type = NLA_BINARY, .len = SRTP_MASTER_KEY_MAX },
	[SRTP_A_KEY_MASTER_SALT]	= { .type = NLA_BINARY, .len = SRTP_MASTER_SALT_MAX },
	[SRTP_A_KEY_ACTIVE]		= BOOL,
	[SRTP_A_KEY_FROM]		= INDEX,
	[SRTP_A_KEY_TO]			= INDEX,
	[SRTP_A_KEY_SOFT_PACKETS]	= PACKETS,
	[SRTP_A_KEY_HARD_PACKETS]	= PACKETS,
	[SRTP_A_KEY_SOFT_SRTCP_PACKETS]	= SRTCP_PACKETS,
	[SRTP_A_KEY_HARD_SRTCP_PACKETS]	= SRTCP_PACKETS,
	[SRTP_A_KEY_SOFT_SECONDS]	= { .type = NLA_U32 },
	[SRTP_A_KEY_HARD_SECONDS]	= { .type = NLA_U32 },
};

static const struct nla_policy srtp_key_set_policy[] = {
	[SRTP_A_KEY_SESSION]		= ID,
	[SRTP_A_KEY_STREAM]		= ID,
	[SRTP_A_KEY_ID]			= ID,
	[SRTP_A_KEY_ACTIVE]		= BOOL,
	[SRTP_A_KEY_SOFT_PACKETS]	= PACKETS,
	[SRTP_A_KEY_HARD_PACKETS]	= PACKETS,
	[SRTP_A_KEY_SOFT_SRTCP_PACKETS]	= SRTCP_PACKETS,
	[SRTP_A_KEY_HARD_SRTCP_PACKETS]	= SRTCP_PACKETS,
	[SRTP_A_KEY_SOFT_SECONDS]	= { .type = NLA_U32 },
	[SRTP_A_KEY_HARD_SECONDS]	= { .type = NLA_U32 },
	[SRTP_A_KEY_MAX]		= {},
};

static const struct nla_policy srtp_key_id_policy[] = {
	[SRTP_A_KEY_SESSION]		= ID,
	[SRTP_A_KEY_STREAM]		= ID,
	[SRTP_A_KEY_ID]			= ID,
	[SRTP_A_KEY_MAX]		= {},
};

static const struct nla_policy srtp_socket_new_policy[] = {
	[SRTP_A_SOCKET_FD]		= { .type = NLA_U32 },
	[SRTP_A_SOCKET_SESSION]		= ID,
	[SRTP_A_SOCKET_ROLE]		= NLA_POLICY_RANGE(NLA_U8, 1, SRTP_ROLE_LAST),
	[SRTP_A_SOCKET_MAX]		= {},
};

static const struct nla_policy srtp_socket_set_policy[] = {
	[SRTP_A_SOCKET_FD]		= { .type = NLA_U32 },
	[SRTP_A_SOCKET_ROLE]		= NLA_POLICY_RANGE(NLA_U8, 1, SRTP_ROLE_LAST),
	[SRTP_A_SOCKET_MAX]		= {},
};

static const struct nla_policy srtp_socket_get_policy[] = {
	[SRTP_A_SOCKET_FD]		= { .type = NLA_U32 },
	[SRTP_A_SOCKET_SESSION]		= ID,
	[SRTP_A_SOCKET_MAX]		= {},
};

static const struct nla_policy srtp_socket_del_policy[] = {
	[SRTP_A_SOCKET_FD]		= { .type = NLA_U32 },
	[SRTP_A_SOCKET_MAX]		= {},
};

static const struct nla_policy srtp_suite_policy[] = {
	[SRTP_A_SUITE_MAX]		= {},
};

#define POLICY(p)	.policy = (p), .maxattr = ARRAY_SIZE(p) - 1

static const struct genl_ops srtp_ops[] = {
	{ .cmd = SRTP_CMD_SESSION_NEW, .doit = srtp_nl_session_new,
	  POLICY(srtp_session_settings_policy) },
	{ .cmd = SRTP_CMD_SESSION_SET, .doit = srtp_nl_session_set,
	  POLICY(srtp_session_settings_policy) },
	{ .cmd = SRTP_CMD_SESSION_GET, .doit = srtp_nl_session_get,
	  .dumpit = srtp_nl_session_dump, POLICY(srtp_session_id_policy) },
	{ .cmd = SRTP_CMD_SESSION_DEL, .doit = srtp_nl_session_del,
	  POLICY(srtp_session_id_policy) },
	{ .cmd = SRTP_CMD_STREAM_NEW, .doit = srtp_nl_stream_new,
	  POLICY(srtp_stream_new_policy) },
	{ .cmd = SRTP_CMD_STREAM_SET, .doit = srtp_nl_stream_set,
	  POLICY(srtp_stream_set_policy) },
	{ .cmd = SRTP_CMD_STREAM_GET, .doit = srtp_nl_stream_get,
	  .dumpit = srtp_nl_stream_dump, POLICY(srtp_stream_id_policy) },
	{ .cmd = SRTP_CMD_STREAM_DEL, .doit = srtp_nl_stream_del,
	  POLICY(srtp_stream_id_policy) },
	{ .cmd = SRTP_CMD_STREAM_FREEZE, .doit = srtp_nl_stream_freeze,
	  POLICY(srtp_stream_id_policy) },
	{ .cmd = SRTP_CMD_KEY_NEW, .doit = srtp_nl_key_new },
	{ .cmd = SRTP_CMD_KEY_SET, .doit = srtp_nl_key_set, POLICY(srtp_key_set_policy) },
	{ .cmd = SRTP_CMD_KEY_GET, .doit = srtp_nl_key_get,
	  .dumpit = srtp_nl_key_dump, POLICY(srtp_key_id_policy) },
	{ .cmd = SRTP_CMD_KEY_DEL, .doit = srtp_nl_key_del, POLICY(srtp_key_id_policy) },
	{ .cmd = SRTP_CMD_SOCKET_NEW, .doit = srtp_nl_socket_new,
	  POLICY(srtp_socket_new_policy) },
	{ .cmd = SRTP_CMD_SOCKET_SET, .doit = srtp_nl_socket_set,
	  POLICY(srtp_socket_set_policy) },
	{ .cmd = SRTP_CMD_SOCKET_GET, .doit = srtp_nl_socket_get,
	  .dumpit = srtp_nl_socket_dump, POLICY(srtp_socket_get_policy) },
	{ .cmd = SRTP_CMD_SOCKET_DEL, .doit = srtp_nl_socket_del,
	  POLICY(srtp_socket_del_policy) },
	{ .cmd = SRTP_CMD_SUITE_GET, .dumpit = srtp_suite_dump, POLICY(srtp_suite_policy) },
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
	.resv_start_op	= SRTP_CMD_MAX + 1,
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
