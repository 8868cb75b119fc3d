// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink commands of sessions.
 */
#include "compat/compat.h"
#include "netlink.h"

enum {
	SRTP_SSRC_CAP = 64,	/* default of ssrc-cap */
};

static int srtp_settings_owner(struct srtp_settings *set, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SRTP_A_SESSION_OWNER];

	if (!attr)
		return 0;
	set->owner = make_kuid(current_user_ns(), nla_get_u32(attr));
	if (uid_valid(set->owner))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "the owner is not mapped in the user namespace");
	return -EINVAL;
}

static int srtp_settings_name(struct srtp_settings *set, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SRTP_A_SESSION_NAME];
	const char *c;

	if (!attr)
		return 0;
	for (c = nla_data(attr); *c; c++) {
		if (*c >= ' ' && *c <= '~')
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "the name is not printable ASCII");
		return -EINVAL;
	}
	nla_strscpy(set->name, attr, sizeof(set->name));
	return 0;
}

static void srtp_settings_bool(bool *value, const struct nlattr *attr)
{
	if (attr)
		*value = nla_get_u8(attr);
}

static int srtp_settings_parse(struct srtp_settings *set, const struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;

	srtp_settings_bool(&set->pass_non_rtp, attrs[SRTP_A_SESSION_PASS_NON_RTP]);
	srtp_settings_bool(&set->forbid_detach, attrs[SRTP_A_SESSION_FORBID_DETACH]);
	srtp_settings_bool(&set->auto_delete, attrs[SRTP_A_SESSION_AUTO_DELETE]);
	if (attrs[SRTP_A_SESSION_PROVISIONAL])
		set->provisional = nla_get_u32(attrs[SRTP_A_SESSION_PROVISIONAL]);
	if (attrs[SRTP_A_SESSION_SSRC_CAP])
		set->ssrc_cap = nla_get_u32(attrs[SRTP_A_SESSION_SSRC_CAP]);
	return srtp_settings_owner(set, info) ?: srtp_settings_name(set, info);
}

static int srtp_session_answer(struct genl_info *info, const struct srtp_session *ss)
{
	struct sk_buff *msg;
	void *hdr;
	int err = 0;

	msg = srtp_nl_reply(info, SRTP_CMD_SESSION_NEW, &hdr);
	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, SRTP_A_SESSION_ID, ss->id) ||
	    srtp_nl_put_u64(msg, SRTP_A_SESSION_COOKIE, ss->cookie, SRTP_A_SESSION_PAD))
		err = -EMSGSIZE;
	return srtp_nl_send(info, msg, hdr, err);
}

static int srtp_session_number(const struct genl_info *info, u32 *id)
{
	const struct nlattr *attr = info->attrs[SRTP_A_SESSION_ID];

	*id = attr ? nla_get_u32(attr) : 0;
	if (!attr || (*id && *id <= S32_MAX))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "session numbers are 1 to 2147483647");
	return -EINVAL;
}

/**
 * srtp_nl_session_new() - SRTP_CMD_SESSION_NEW
 * @skb: the request
 * @info: the same
 */
int srtp_nl_session_new(struct sk_buff *skb, struct genl_info *info)
{
	struct srtp_settings set = { .owner = current_euid(), .ssrc_cap = SRTP_SSRC_CAP };
	struct srtp_caller who = { .net = genl_info_net(info), .msg = skb };
	struct srtp_session *ss;
	int err;
	u32 id;

	if (!srtp_may(&who, NULL, SRTP_OP_CONFIGURE)) {
		NL_SET_ERR_MSG(info->extack, "this needs CAP_NET_ADMIN in the network namespace");
		return -EPERM;
	}
	err = srtp_session_number(info, &id) ?: srtp_settings_parse(&set, info);
	if (err)
		return err;
	ss = srtp_session_create(srtp_net(who.net), id, &set, info->extack);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	err = srtp_session_answer(info, ss);
	if (err)
		srtp_session_delete(ss, SRTP_CLOSE_REASON_REQUEST);
	srtp_session_put(ss);
	return err;
}

/**
 * srtp_nl_session_set() - SRTP_CMD_SESSION_SET
 * @skb: the request
 * @info: the same
 */
int srtp_nl_session_set(struct sk_buff *skb, struct genl_info *info)
{
	struct srtp_settings set;
	struct srtp_session *ss;
	int err;

	ss = srtp_nl_session_lock(skb, info, info->attrs[SRTP_A_SESSION_ID], SRTP_OP_CONFIGURE);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	set = ss->set;
	err = srtp_settings_parse(&set, info);
	if (!err)
		srtp_session_change(ss, &set, info->attrs[SRTP_A_SESSION_PROVISIONAL]);
	srtp_nl_session_unlock(ss);
	return err;
}

/* Packets, closing sockets and session-set change it meanwhile: a snapshot. */
static struct srtp_settings srtp_session_snapshot(struct srtp_session *ss, u32 *sockets,
						  u32 *streams, u32 *event_seq)
{
	struct srtp_settings set;

	spin_lock_bh(&ss->lock);
	set = ss->set;
	*sockets = ss->n_sockets;
	*streams = ss->n_streams;
	*event_seq = ss->event_seq;
	spin_unlock_bh(&ss->lock);
	return set;
}

static int srtp_session_fill(struct sk_buff *skb, struct srtp_session *ss,
			     struct user_namespace *ns)
{
	u32 sockets, streams, event_seq;
	const struct srtp_settings set = srtp_session_snapshot(ss, &sockets, &streams, &event_seq);
	u8 state = set.provisional ? SRTP_SESSION_STATE_PROVISIONAL : SRTP_SESSION_STATE_LIVE;

	if (nla_put_u32(skb, SRTP_A_SESSION_ID, ss->id) ||
	    srtp_nl_put_u64(skb, SRTP_A_SESSION_COOKIE, ss->cookie, SRTP_A_SESSION_PAD) ||
	    nla_put_u32(skb, SRTP_A_SESSION_OWNER, from_kuid_munged(ns, set.owner)) ||
	    nla_put_string(skb, SRTP_A_SESSION_NAME, set.name) ||
	    nla_put_u8(skb, SRTP_A_SESSION_STATE, state) ||
	    nla_put_u8(skb, SRTP_A_SESSION_PASS_NON_RTP, set.pass_non_rtp) ||
	    nla_put_u8(skb, SRTP_A_SESSION_FORBID_DETACH, set.forbid_detach) ||
	    nla_put_u8(skb, SRTP_A_SESSION_AUTO_DELETE, set.auto_delete) ||
	    nla_put_u32(skb, SRTP_A_SESSION_PROVISIONAL, set.provisional) ||
	    nla_put_u32(skb, SRTP_A_SESSION_SSRC_CAP, set.ssrc_cap) ||
	    nla_put_u32(skb, SRTP_A_SESSION_SOCKETS, sockets) ||
	    nla_put_u32(skb, SRTP_A_SESSION_STREAMS, streams) ||
	    nla_put_u32(skb, SRTP_A_SESSION_EVENT_SEQ, event_seq))
		return -EMSGSIZE;
	return 0;
}

/**
 * srtp_nl_session_get() - SRTP_CMD_SESSION_GET of one session
 * @skb: the request
 * @info: the same
 */
int srtp_nl_session_get(struct sk_buff *skb, struct genl_info *info)
{
	struct srtp_session *ss;
	struct sk_buff *msg;
	void *hdr;
	int err;

	ss = srtp_nl_session_lock(skb, info, info->attrs[SRTP_A_SESSION_ID], SRTP_OP_READ);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	msg = srtp_nl_reply(info, SRTP_CMD_SESSION_GET, &hdr);
	err = msg ? srtp_nl_send(info, msg, hdr, srtp_session_fill(msg, ss, current_user_ns())) :
		    -ENOMEM;
	srtp_nl_session_unlock(ss);
	return err;
}

static int srtp_session_dump(struct sk_buff *skb, struct netlink_callback *cb,
			     struct srtp_session *ss)
{
	struct user_namespace *ns = sk_user_ns(NETLINK_CB(cb->skb).sk);
	void *hdr = srtp_nl_dump_put(skb, cb, SRTP_CMD_SESSION_GET);

	return hdr ? srtp_nl_dump_end(skb, hdr, srtp_session_fill(skb, ss, ns)) : -EMSGSIZE;
}

/**
 * srtp_nl_session_dump() - SRTP_CMD_SESSION_GET of all
 * @skb: message to fill
 * @cb: the dump
 */
int srtp_nl_session_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return srtp_nl_dump_sessions(skb, cb, SRTP_A_SESSION_ID, srtp_session_dump);
}

/**
 * srtp_nl_session_del() - SRTP_CMD_SESSION_DEL
 * @skb: the request
 * @info: the same
 */
int srtp_nl_session_del(struct sk_buff *skb, struct genl_info *info)
{
	struct srtp_session *ss;

	ss = srtp_nl_session(skb, info, info->attrs[SRTP_A_SESSION_ID], SRTP_OP_CONFIGURE);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	srtp_session_delete(ss, SRTP_CLOSE_REASON_REQUEST);
	srtp_session_put(ss);
	return 0;
}
