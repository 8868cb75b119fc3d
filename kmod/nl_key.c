// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink commands of keys.
 */
#include "compat/compat.h"
#include "lifetime.h"
#include "netlink.h"
#include "trace.h"

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

/* Where each attribute of a key's limits stands. */
static const struct {
	u16 attr;
	u16 at;
	u16 size;
} srtp_life_attrs[] = {
#define LIFE(_attr, _member) \
	{ SRTP_A_KEY_##_attr, offsetof(struct srtp_lifetime, _member), \
	  sizeof_field(struct srtp_lifetime, _member) }
	LIFE(SOFT_PACKETS, soft_packets),
	LIFE(HARD_PACKETS, hard_packets),
	LIFE(SOFT_SRTCP_PACKETS, soft_srtcp_packets),
	LIFE(HARD_SRTCP_PACKETS, hard_srtcp_packets),
	LIFE(SOFT_SECONDS, soft_seconds),
	LIFE(HARD_SECONDS, hard_seconds),
};

static int srtp_key_refuse_life(const struct srtp_lifetime *life, struct netlink_ext_ack *extack)
{
	if (!life->hard_packets || !life->hard_srtcp_packets) {
		NL_SET_ERR_MSG(extack,
			       "with hard-packets or hard-srtcp-packets 0 the key could not be used");
		return -EINVAL;
	}
	if (life->soft_packets > life->hard_packets ||
	    life->soft_srtcp_packets > life->hard_srtcp_packets ||
	    (life->hard_seconds && life->soft_seconds > life->hard_seconds)) {
		NL_SET_ERR_MSG(extack, "a soft limit of the key lies above its hard limit");
		return -EINVAL;
	}
	return 0;
}

/* What is not given stays, but for a soft limit that a new hard one overtakes. */
static int srtp_key_parse_life(struct srtp_lifetime *life, struct nlattr **attrs,
			       struct netlink_ext_ack *extack)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(srtp_life_attrs); i++) {
		const struct nlattr *a = attrs[srtp_life_attrs[i].attr];
		void *to = (void *)life + srtp_life_attrs[i].at;

		if (a && nla_len(a) == sizeof(u64))
			*(u64 *)to = nla_get_u64(a);
		else if (a && srtp_life_attrs[i].size == sizeof(u64))
			*(u64 *)to = nla_get_u32(a);
		else if (a)
			*(u32 *)to = nla_get_u32(a);
	}
	if (!attrs[SRTP_A_KEY_SOFT_PACKETS] && life->soft_packets >= life->hard_packets)
		life->soft_packets = 0;
	if (!attrs[SRTP_A_KEY_SOFT_SRTCP_PACKETS] &&
	    life->soft_srtcp_packets >= life->hard_srtcp_packets)
		life->soft_srtcp_packets = 0;
	return srtp_key_refuse_life(life, extack);
}

static int srtp_key_check_mki(const struct srtp_stream *st, struct nlattr **attrs,
			      struct netlink_ext_ack *extack)
{
	const struct nlattr *mki = attrs[SRTP_A_KEY_MKI];

	if (!st->policy.mki_len && !mki)
		return 0;
	return srtp_key_octets(mki, st->policy.mki_len,
			       "mki is missing or not as long as mki-len of the stream", extack);
}

/* RFC 3711 8.1.1: <From, To> for one simple stream, in place of an MKI. */
static int srtp_key_check_interval(const struct srtp_stream *st, struct nlattr **attrs,
				   struct netlink_ext_ack *extack)
{
	const struct nlattr *from = attrs[SRTP_A_KEY_FROM], *to = attrs[SRTP_A_KEY_TO];

	if (!from && !to)
		return 0;
	if (st->policy.rcc_rate) {
		NL_SET_ERR_MSG_ATTR(extack, from ?: to,
				    "from and to do not go together with rcc-mode");
		return -EINVAL;
	}
	if (st->policy.mki_len || st->key.wildcard) {
		NL_SET_ERR_MSG_ATTR(extack, from ?: to,
				    "from and to are for streams of one SSRC without mki");
		return -EINVAL;
	}
	if (from && to && nla_get_u64(from) > nla_get_u64(to)) {
		NL_SET_ERR_MSG_ATTR(extack, from, "from lies behind to");
		return -EINVAL;
	}
	return 0;
}

static void srtp_key_describe(struct srtp_key *key, struct nlattr **attrs)
{
	if (attrs[SRTP_A_KEY_MKI])
		nla_memcpy(key->mki, attrs[SRTP_A_KEY_MKI], sizeof(key->mki));
	key->interval = attrs[SRTP_A_KEY_FROM] || attrs[SRTP_A_KEY_TO];
	if (attrs[SRTP_A_KEY_FROM])
		key->from = nla_get_u64(attrs[SRTP_A_KEY_FROM]);
	if (attrs[SRTP_A_KEY_TO])
		key->to = nla_get_u64(attrs[SRTP_A_KEY_TO]);
}

static struct srtp_key *srtp_key_parse(const struct srtp_stream *st, struct nlattr **attrs,
				       struct netlink_ext_ack *extack)
{
	const struct srtp_cipher_suite *suite = st->policy.suite;
	struct srtp_key *key;
	int err;

	err = srtp_key_octets(attrs[SRTP_A_KEY_MASTER_KEY], suite->key_len,
			      "master-key is missing or not as long as the suite says", extack) ?:
	      srtp_key_octets(attrs[SRTP_A_KEY_MASTER_SALT], suite->salt_len,
			      "master-salt is missing or not as long as the suite says", extack) ?:
	      srtp_key_check_mki(st, attrs, extack) ?:
	      srtp_key_check_interval(st, attrs, extack);
	if (err)
		return ERR_PTR(err);
	key = srtp_key_create(&st->policy, nla_data(attrs[SRTP_A_KEY_MASTER_KEY]),
			      nla_data(attrs[SRTP_A_KEY_MASTER_SALT]));
	if (IS_ERR(key))
		NL_SET_ERR_MSG(extack, "the kernel crypto API refused the key");
	else
		srtp_key_describe(key, attrs);
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
	const struct nlattr *active = attrs[SRTP_A_KEY_ACTIVE];
	struct srtp_lifetime life = srtp_lifetime_default;
	struct srtp_key *key;
	int err;

	err = srtp_key_parse_life(&life, attrs, info->extack);
	if (err)
		return err;
	key = srtp_key_parse(st, attrs, info->extack);
	if (IS_ERR(key))
		return PTR_ERR(key);
	err = srtp_stream_add_key(ss, st, key, active && nla_get_u8(active), info->extack);
	if (err) {
		srtp_key_free(key);
		return err;
	}
	srtp_lifetime_set(st->keys, key, &life);
	trace_srtp_key(ss, st->id, key->id, SRTP_CMD_KEY_NEW);
	err = srtp_key_answer(info, ss, st, key);
	if (err)
		srtp_stream_remove_key(ss, st, key);
	return err;
}

static int srtp_key_owner(const struct srtp_stream *st, struct netlink_ext_ack *extack)
{
	if (!st->template)
		return 0;
	NL_SET_ERR_MSG(extack, "the stream uses the keys of the wildcard that created it");
	return -EINVAL;
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
	if (!err)
		err = srtp_key_owner(st, info->extack);
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

static int srtp_key_fill_life(struct sk_buff *skb, struct srtp_key *key)
{
	struct srtp_lifetime life;

	srtp_lifetime_get(key, &life);
	if (srtp_nl_put_u64(skb, SRTP_A_KEY_SOFT_PACKETS, life.soft_packets, SRTP_A_KEY_PAD) ||
	    srtp_nl_put_u64(skb, SRTP_A_KEY_HARD_PACKETS, life.hard_packets, SRTP_A_KEY_PAD) ||
	    nla_put_u32(skb, SRTP_A_KEY_SOFT_SRTCP_PACKETS, life.soft_srtcp_packets) ||
	    nla_put_u32(skb, SRTP_A_KEY_HARD_SRTCP_PACKETS, life.hard_srtcp_packets) ||
	    (life.soft_seconds &&
	     nla_put_u32(skb, SRTP_A_KEY_SOFT_SECONDS, life.soft_seconds)) ||
	    (life.hard_seconds &&
	     nla_put_u32(skb, SRTP_A_KEY_HARD_SECONDS, life.hard_seconds)) ||
	    srtp_nl_put_u64(skb, SRTP_A_KEY_SRTP_PACKETS, srtp_limit_used(&key->srtp_limit),
			    SRTP_A_KEY_PAD) ||
	    srtp_nl_put_u64(skb, SRTP_A_KEY_SRTCP_PACKETS, srtp_limit_used(&key->srtcp_limit),
			    SRTP_A_KEY_PAD))
		return -EMSGSIZE;
	return 0;
}

static int srtp_key_fill(struct sk_buff *skb, const struct srtp_session *ss,
			 const struct srtp_stream *st, struct srtp_key *key)
{
	u8 state = READ_ONCE(key->state);
	struct srtp_drivers drivers;

	srtp_transform_drivers(&key->srtp, &drivers);
	if (nla_put_u32(skb, SRTP_A_KEY_SESSION, ss->id) ||
	    nla_put_u32(skb, SRTP_A_KEY_STREAM, st->id) ||
	    nla_put_u32(skb, SRTP_A_KEY_ID, key->id) ||
	    (st->policy.mki_len &&
	     nla_put(skb, SRTP_A_KEY_MKI, st->policy.mki_len, key->mki)) ||
	    (key->interval &&
	     (srtp_nl_put_u64(skb, SRTP_A_KEY_FROM, key->from, SRTP_A_KEY_PAD) ||
	      srtp_nl_put_u64(skb, SRTP_A_KEY_TO, key->to, SRTP_A_KEY_PAD))) ||
	    nla_put_u8(skb, SRTP_A_KEY_ACTIVE, state == SRTP_KEY_STATE_ACTIVE) ||
	    nla_put_u8(skb, SRTP_A_KEY_STATE, state) ||
	    srtp_nl_put_drivers(skb, &drivers, SRTP_A_KEY_CIPHER_DRIVER,
				SRTP_A_KEY_AUTH_DRIVER))
		return -EMSGSIZE;
	return srtp_key_fill_life(skb, key);
}

static struct srtp_key *srtp_key_find(struct genl_info *info, const struct srtp_stream *st)
{
	const struct nlattr *id = info->attrs[SRTP_A_KEY_ID];
	struct srtp_key *key;

	if (!id) {
		NL_SET_ERR_MSG(info->extack, "the number of the key is missing");
		return ERR_PTR(-EINVAL);
	}
	key = srtp_keys_find(st->keys, nla_get_u32(id));
	if (!key) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "there is no such key in the stream");
		return ERR_PTR(-ENOENT);
	}
	return key;
}

/* Does what a request wants of a key, under the session's mutex. */
static int srtp_key_do(struct sk_buff *skb, struct genl_info *info, enum srtp_operation op,
		       int (*fn)(struct genl_info *info, struct srtp_session *ss,
				 struct srtp_stream *st, struct srtp_key *key))
{
	struct srtp_session *ss;
	struct srtp_stream *st;
	struct srtp_key *key;
	int err;

	ss = srtp_nl_session_lock(skb, info, info->attrs[SRTP_A_KEY_SESSION], op);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	st = srtp_nl_stream(info, ss, info->attrs[SRTP_A_KEY_STREAM]);
	key = IS_ERR(st) ? ERR_CAST(st) : srtp_key_find(info, st);
	err = PTR_ERR_OR_ZERO(key) ?: fn(info, ss, st, key);
	srtp_nl_session_unlock(ss);
	return err;
}

static int srtp_key_tell(struct genl_info *info, struct srtp_session *ss,
			 struct srtp_stream *st, struct srtp_key *key)
{
	struct sk_buff *msg;
	void *hdr;

	msg = srtp_nl_reply(info, SRTP_CMD_KEY_GET, &hdr);
	return msg ? srtp_nl_send(info, msg, hdr, srtp_key_fill(msg, ss, st, key)) : -ENOMEM;
}

/**
 * srtp_nl_key_get() - SRTP_CMD_KEY_GET of one key
 * @skb: the request
 * @info: the same
 */
int srtp_nl_key_get(struct sk_buff *skb, struct genl_info *info)
{
	return srtp_key_do(skb, info, SRTP_OP_READ, srtp_key_tell);
}

static int srtp_key_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			     const struct srtp_session *ss, const struct srtp_stream *st,
			     struct srtp_key *key)
{
	void *hdr = srtp_nl_dump_put(skb, cb, SRTP_CMD_KEY_GET);

	return hdr ? srtp_nl_dump_end(skb, hdr, srtp_key_fill(skb, ss, st, key)) : -EMSGSIZE;
}

/* args[2] is the key to go on with. */
static int srtp_key_dump_stream(struct sk_buff *skb, struct netlink_callback *cb,
				const struct srtp_session *ss, struct srtp_stream *st)
{
	struct srtp_key *key;

	if (st->template)	/* the wildcard's keys stand once */
		return 0;
	list_for_each_entry_rcu(key, &st->keys->list, node) {
		if (key->id < cb->args[2])
			continue;
		cb->args[2] = key->id;
		if (srtp_key_dump_one(skb, cb, ss, st, key))
			return -EMSGSIZE;
	}
	cb->args[2] = 0;
	return 0;
}

static int srtp_key_dump(struct sk_buff *skb, struct netlink_callback *cb,
			 struct srtp_session *ss)
{
	return srtp_nl_dump_streams(skb, cb, ss, srtp_key_dump_stream);
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

static int srtp_key_drop(struct genl_info *info, struct srtp_session *ss,
			 struct srtp_stream *st, struct srtp_key *key)
{
	int err = srtp_key_owner(st, info->extack);

	if (err)
		return err;
	trace_srtp_key(ss, st->id, key->id, SRTP_CMD_KEY_DEL);
	srtp_stream_remove_key(ss, st, key);
	return 0;
}

/**
 * srtp_nl_key_del() - SRTP_CMD_KEY_DEL
 * @skb: the request
 * @info: the same
 */
int srtp_nl_key_del(struct sk_buff *skb, struct genl_info *info)
{
	return srtp_key_do(skb, info, SRTP_OP_CONFIGURE, srtp_key_drop);
}

static int srtp_key_change_active(struct genl_info *info, struct srtp_session *ss,
				  struct srtp_stream *st, struct srtp_key *key)
{
	const struct nlattr *active = info->attrs[SRTP_A_KEY_ACTIVE];

	if (active && nla_get_u8(active))
		return srtp_stream_activate(ss, st, key, info->extack);
	if (!active || READ_ONCE(key->state) != SRTP_KEY_STATE_ACTIVE)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, active,
			    "a key ends when another one is made active, or it is deleted");
	return -EINVAL;
}

static int srtp_key_change(struct genl_info *info, struct srtp_session *ss,
			   struct srtp_stream *st, struct srtp_key *key)
{
	struct srtp_lifetime life;
	int err;

	srtp_lifetime_get(key, &life);
	err = srtp_key_owner(st, info->extack) ?:
	      srtp_key_parse_life(&life, info->attrs, info->extack) ?:
	      srtp_key_change_active(info, ss, st, key);
	if (err)
		return err;
	srtp_lifetime_set(st->keys, key, &life);
	trace_srtp_key(ss, st->id, key->id, SRTP_CMD_KEY_SET);
	return 0;
}

/**
 * srtp_nl_key_set() - SRTP_CMD_KEY_SET
 * @skb: the request
 * @info: the same
 */
int srtp_nl_key_set(struct sk_buff *skb, struct genl_info *info)
{
	return srtp_key_do(skb, info, SRTP_OP_CONFIGURE, srtp_key_change);
}
