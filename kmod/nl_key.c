// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink commands of keys.
 */
#include "compat/compat.h"
#include "netlink.h"
#include "trace.h"

#define UNBUILT(_attr, _what) \
	{ .attr = SRTP_A_KEY_##_attr, .off = -1, \
	  .refusal = _what " is not supported by this module" }

static const struct srtp_unbuilt srtp_key_new_unbuilt[] = {
	UNBUILT(MKI, "mki"),
	UNBUILT(FROM, "from"),
	UNBUILT(TO, "to"),
	UNBUILT(SOFT_PACKETS, "soft-packets"),
	UNBUILT(HARD_PACKETS, "hard-packets"),
	UNBUILT(SOFT_SRTCP_PACKETS, "soft-srtcp-packets"),
	UNBUILT(HARD_SRTCP_PACKETS, "hard-srtcp-packets"),
	UNBUILT(SOFT_SECONDS, "soft-seconds"),
	UNBUILT(HARD_SECONDS, "hard-seconds"),
};

static int srtp_key_octets(const struct nlattr *attr, size_t len, const char *sentence,
			   struct netlink_ext_ack *extack)
{
	if (attr && nla_len(attr) == len)
		return 0;
	srtp_extack(extack, sentence);
	if (attr)
		NL_SET_BAD_ATTR(extack, attr);
	return -EINVAL;
}

static struct srtp_key *srtp_key_parse(const struct srtp_stream *st, struct nlattr **attrs,
				       struct netlink_ext_ack *extack)
{
	const struct srtp_cipher_suite *suite = st->policy.suite;
	const struct nlattr *active = attrs[SRTP_A_KEY_ACTIVE];
	struct srtp_key *key;
	int err;

	err = srtp_nl_refuse_unbuilt(attrs, srtp_key_new_unbuilt,
				     ARRAY_SIZE(srtp_key_new_unbuilt), extack) ?:
	      srtp_key_octets(attrs[SRTP_A_KEY_MASTER_KEY], suite->key_len,
			      "master-key is missing or not as long as the suite says", extack) ?:
	      srtp_key_octets(attrs[SRTP_A_KEY_MASTER_SALT], suite->salt_len,
			      "master-salt is missing or not as long as the suite says", extack);
	if (err)
		return ERR_PTR(err);
	if (st->key.direction == SRTP_DIRECTION_TX && (!active || !nla_get_u8(active))) {
		NL_SET_ERR_MSG(extack,
			       "a key of a send stream that is not active is not supported by this module");
		return ERR_PTR(-EOPNOTSUPP);
	}
	key = srtp_key_create(&st->policy, nla_data(attrs[SRTP_A_KEY_MASTER_KEY]),
			      nla_data(attrs[SRTP_A_KEY_MASTER_SALT]));
	if (IS_ERR(key))
		NL_SET_ERR_MSG(extack, "the kernel crypto API refused the key");
	else
		key->active = st->key.direction == SRTP_DIRECTION_TX;
	return key;
}

static int srtp_key_answer(struct genl_info *info, const struct srtp_session *ss,
			   const struct srtp_stream *st, const struct srtp_key *key)
{
	struct sk_buff *msg;
	void *hdr;
	int err = 0;

	msg = srtp_nl_reply(info, SRTP_CMD_KEY_NEW, &hdr);
	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, SRTP_A_KEY_SESSION, ss->id) ||
	    nla_put_u32(msg, SRTP_A_KEY_STREAM, st->id) ||
	    nla_put_u32(msg, SRTP_A_KEY_ID, key->id))
		err = -EMSGSIZE;
	return srtp_nl_send(info, msg, hdr, err);
}

static int srtp_key_install(struct genl_info *info, struct srtp_session *ss,
			    struct srtp_stream *st, struct nlattr **attrs)
{
	struct srtp_key *key = srtp_key_parse(st, attrs, info->extack);
	int err;

	if (IS_ERR(key))
		return PTR_ERR(key);
	err = srtp_stream_add_key(ss, st, key, info->extack);
	if (err) {
		srtp_key_free(key);
		return err;
	}
	trace_srtp_key(ss, st->id, key->id, SRTP_CMD_KEY_NEW);
	err = srtp_key_answer(info, ss, st, key);
	if (err)
		srtp_keys_replace(st->keys, NULL);
	return err;
}

static int srtp_key_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attrs[SRTP_A_KEY_MAX + 1];
	struct srtp_session *ss;
	struct srtp_stream *st;
	int err;

	if (info->genlhdr->reserved) {
		NL_SET_ERR_MSG(info->extack, "genlmsghdr.reserved field is not 0");
		return -EINVAL;
	}
	err = nlmsg_parse(info->nlhdr, GENL_HDRLEN, attrs, SRTP_A_KEY_MAX, srtp_key_new_policy,
			  info->extack);
	if (err)
		return err;
	ss = srtp_nl_session_lock(skb, info, attrs[SRTP_A_KEY_SESSION], SRTP_OP_CONFIGURE);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	st = srtp_nl_stream(info, ss, attrs[SRTP_A_KEY_STREAM]);
	err = PTR_ERR_OR_ZERO(st);
	if (!err && st->template) {
		NL_SET_ERR_MSG(info->extack,
			       "the stream uses the keys of the wildcard that created it");
		err = -EINVAL;
	}
	if (!err)
		err = srtp_key_install(info, ss, st, attrs);
	srtp_nl_session_unlock(ss);
	return err;
}

/**
 * srtp_nl_key_new() - SRTP_CMD_KEY_NEW
 * @skb: the request; its attributes are wiped, whatever they were
 * @info: the same
 *
 * An error message echoes the request: it shows zeros.  The core leaves the
 * checks of this command to it.
 */
int srtp_nl_key_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)info->nlhdr;
	int err = srtp_key_new(skb, info);

	memzero_explicit(nlmsg_data(nlh) + GENL_HDRLEN, nlmsg_len(nlh) - GENL_HDRLEN);
	return err;
}

/**
 * srtp_nl_key_set() - SRTP_CMD_KEY_SET
 * @skb: the request
 * @info: the same
 */
int srtp_nl_key_set(struct sk_buff *skb, struct genl_info *info)
{
	struct srtp_session *ss;

	ss = srtp_nl_session(skb, info, info->attrs[SRTP_A_KEY_SESSION], SRTP_OP_CONFIGURE);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	srtp_session_put(ss);
	NL_SET_ERR_MSG(info->extack, "key-set is not supported by this module");
	return -EOPNOTSUPP;
}

static int srtp_key_fill(struct sk_buff *skb, const struct srtp_session *ss,
			 const struct srtp_stream *st, const struct srtp_key *key)
{
	struct srtp_key_use use = srtp_key_used(key);
	u8 state = SRTP_KEY_STATE_INSTALLED;
	struct srtp_drivers drivers;

	if (key->active)
		state = SRTP_KEY_STATE_ACTIVE;
	srtp_transform_drivers(&key->srtp, &drivers);
	if (nla_put_u32(skb, SRTP_A_KEY_SESSION, ss->id) ||
	    nla_put_u32(skb, SRTP_A_KEY_STREAM, st->id) ||
	    nla_put_u32(skb, SRTP_A_KEY_ID, key->id) ||
	    nla_put_u8(skb, SRTP_A_KEY_ACTIVE, key->active) ||
	    nla_put_u8(skb, SRTP_A_KEY_STATE, state) ||
	    srtp_nl_put_u64(skb, SRTP_A_KEY_SRTP_PACKETS, use.srtp_packets, SRTP_A_KEY_PAD) ||
	    srtp_nl_put_u64(skb, SRTP_A_KEY_SRTCP_PACKETS, use.srtcp_packets, SRTP_A_KEY_PAD) ||
	    srtp_nl_put_drivers(skb, &drivers, SRTP_A_KEY_CIPHER_DRIVER,
				SRTP_A_KEY_AUTH_DRIVER))
		return -EMSGSIZE;
	return 0;
}

/* The stream and key that a request names. */
static struct srtp_key *srtp_key_find(struct genl_info *info, struct srtp_session *ss,
				      struct srtp_stream **stream)
{
	const struct nlattr *id = info->attrs[SRTP_A_KEY_ID];
	struct srtp_stream *st = srtp_nl_stream(info, ss, info->attrs[SRTP_A_KEY_STREAM]);
	struct srtp_key *key;

	if (IS_ERR(st))
		return ERR_CAST(st);
	if (!id) {
		NL_SET_ERR_MSG(info->extack, "the number of the key is missing");
		return ERR_PTR(-EINVAL);
	}
	key = rcu_dereference_protected(st->keys->key, lockdep_is_held(&ss->mutex));
	if (!key || key->id != nla_get_u32(id)) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "there is no such key in the stream");
		return ERR_PTR(-ENOENT);
	}
	*stream = st;
	return key;
}

/**
 * srtp_nl_key_get() - SRTP_CMD_KEY_GET of one key
 * @skb: the request
 * @info: the same
 */
int srtp_nl_key_get(struct sk_buff *skb, struct genl_info *info)
{
	struct srtp_session *ss;
	struct srtp_stream *st;
	struct srtp_key *key;
	struct sk_buff *msg;
	void *hdr;
	int err;

	ss = srtp_nl_session_lock(skb, info, info->attrs[SRTP_A_KEY_SESSION], SRTP_OP_READ);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	key = srtp_key_find(info, ss, &st);
	err = PTR_ERR_OR_ZERO(key);
	if (!err) {
		msg = srtp_nl_reply(info, SRTP_CMD_KEY_GET, &hdr);
		err = msg ? srtp_nl_send(info, msg, hdr, srtp_key_fill(msg, ss, st, key)) :
			    -ENOMEM;
	}
	srtp_nl_session_unlock(ss);
	return err;
}

static int srtp_key_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			     const struct srtp_session *ss, const struct srtp_stream *st)
{
	const struct srtp_key *key = rcu_dereference(st->keys->key);
	void *hdr;

	if (!key || st->template)	/* the wildcard's keys stand once */
		return 0;
	hdr = srtp_nl_dump_put(skb, cb, SRTP_CMD_KEY_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (srtp_key_fill(skb, ss, st, key)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* args[1] is the stream to go on with. */
static int srtp_key_dump(struct sk_buff *skb, struct netlink_callback *cb,
			 struct srtp_session *ss)
{
	unsigned long id = cb->args[1];
	struct srtp_stream *st;
	int err = 0;

	rcu_read_lock();
	while ((st = xa_find(&ss->streams, &id, ULONG_MAX, XA_PRESENT))) {
		err = srtp_key_dump_one(skb, cb, ss, st);
		if (err)
			break;
		id++;
	}
	rcu_read_unlock();
	cb->args[1] = id;
	return err;
}

/**
 * srtp_nl_key_dump() - SRTP_CMD_KEY_GET of a session or of all
 * @skb: message to fill
 * @cb: the dump
 */
int srtp_nl_key_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return srtp_nl_dump_sessions(skb, cb, SRTP_A_KEY_SESSION, srtp_key_dump);
}

/**
 * srtp_nl_key_del() - SRTP_CMD_KEY_DEL
 * @skb: the request
 * @info: the same
 */
int srtp_nl_key_del(struct sk_buff *skb, struct genl_info *info)
{
	struct srtp_session *ss;
	struct srtp_stream *st;
	struct srtp_key *key;

	ss = srtp_nl_session_lock(skb, info, info->attrs[SRTP_A_KEY_SESSION], SRTP_OP_CONFIGURE);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	key = srtp_key_find(info, ss, &st);
	if (!IS_ERR(key)) {
		trace_srtp_key(ss, st->id, key->id, SRTP_CMD_KEY_DEL);
		srtp_keys_replace(st->keys, NULL);
	}
	srtp_nl_session_unlock(ss);
	return PTR_ERR_OR_ZERO(key);
}
