// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink commands on where a stream stands: stream-set and stream-freeze.
 */
#include "compat/compat.h"
#include "event.h"
#include "netlink.h"

static bool srtp_sets_index(struct nlattr **attrs)
{
	return attrs[SRTP_A_STREAM_ROC] || attrs[SRTP_A_STREAM_SEQ] ||
	       attrs[SRTP_A_STREAM_SRTCP_INDEX];
}

static int srtp_refuse_index(const struct srtp_stream *st, struct nlattr **attrs,
			     struct netlink_ext_ack *extack)
{
	const struct nlattr *seq = attrs[SRTP_A_STREAM_SEQ];
	const struct nlattr *srtcp = attrs[SRTP_A_STREAM_SRTCP_INDEX];

	if (seq && !attrs[SRTP_A_STREAM_ROC]) {
		NL_SET_ERR_MSG_ATTR(extack, seq, "seq needs roc");
		return -EINVAL;
	}
	if (st->key.wildcard && (seq || srtcp)) {
		NL_SET_ERR_MSG_ATTR(extack, seq ?: srtcp,
				    "a wildcard takes neither seq nor srtcp-index: they differ by SSRC");
		return -EINVAL;
	}
	if (!srtp_sets_index(attrs) || !READ_ONCE(st->srtp.stopped))
		return 0;
	NL_SET_ERR_MSG(extack, "the stream is frozen: its roc and indexes are final");
	return -EINVAL;
}

static int srtp_set_roc(struct srtp_stream *st, struct nlattr **attrs)
{
	u32 roc = nla_get_u32(attrs[SRTP_A_STREAM_ROC]);
	const struct nlattr *attr = attrs[SRTP_A_STREAM_SEQ];
	u16 seq = attr ? nla_get_u16(attr) : 0;

	clear_bit(SRTP_EVENT_ROC_RESYNC, &st->events);
	if (st->key.direction == SRTP_DIRECTION_RX && !st->key.wildcard)
		return srtp_track_pend(&st->srtp, roc, attr ? &seq : NULL);
	if (attr)
		return srtp_track_raise(&st->srtp, (u64)roc << 16 | seq);
	return srtp_track_raise_roc(&st->srtp, roc);
}

static int srtp_set_srtcp_index(struct srtp_stream *st, u32 index)
{
	if (st->key.direction == SRTP_DIRECTION_TX)
		return srtp_track_raise_next(&st->srtcp, index);
	return srtp_track_raise(&st->srtcp, index);
}

static int srtp_set_indexes(struct srtp_stream *st, struct nlattr **attrs,
			    struct netlink_ext_ack *extack)
{
	int err = srtp_refuse_index(st, attrs, extack);

	if (err)
		return err;
	if (attrs[SRTP_A_STREAM_ROC])
		err = srtp_set_roc(st, attrs);
	if (!err && attrs[SRTP_A_STREAM_SRTCP_INDEX])
		err = srtp_set_srtcp_index(st, nla_get_u32(attrs[SRTP_A_STREAM_SRTCP_INDEX]));
	if (err)
		NL_SET_ERR_MSG(extack, "the stream is past this roc or index, and none moves back");
	return err;
}

static int srtp_stream_change(struct genl_info *info, struct srtp_session *ss,
			      struct srtp_stream *st)
{
	const struct nlattr *ack = info->attrs[SRTP_A_STREAM_ACK_EVENTS];
	int err = srtp_set_indexes(st, info->attrs, info->extack);

	if (!err && srtp_sets_index(info->attrs) && !st->template)
		err = srtp_keys_prepare(st->keys);
	if (!err && ack)
		srtp_event_rearm(st, nla_get_u32(ack));
	return err;
}

/**
 * srtp_nl_stream_set() - SRTP_CMD_STREAM_SET
 * @skb: the request
 * @info: the same
 */
int srtp_nl_stream_set(struct sk_buff *skb, struct genl_info *info)
{
	return srtp_nl_do_stream(skb, info, SRTP_OP_CONFIGURE, srtp_stream_change);
}

static int srtp_put_window(struct sk_buff *skb, int attr, struct srtp_track *t)
{
	struct nlattr *window = nla_reserve(skb, attr, t->window / 8);

	if (!window)
		return -EMSGSIZE;
	srtp_track_export(t, nla_data(window));
	return 0;
}

/* SRTCP to send is counted up, it has no window. */
static int srtp_frozen_fill(struct sk_buff *skb, const struct srtp_session *ss,
			    struct srtp_stream *st)
{
	bool rx = st->key.direction == SRTP_DIRECTION_RX;

	if (nla_put_u32(skb, SRTP_A_STREAM_SESSION, ss->id) ||
	    nla_put_u32(skb, SRTP_A_STREAM_ID, st->id) ||
	    nla_put_u32(skb, SRTP_A_STREAM_ROC, st->srtp.highest >> 16) ||
	    nla_put_u32(skb, SRTP_A_STREAM_SRTCP_INDEX, st->srtcp.highest))
		return -EMSGSIZE;
	if (st->srtp.started &&
	    (nla_put_u16(skb, SRTP_A_STREAM_SEQ, st->srtp.highest) ||
	     srtp_put_window(skb, SRTP_A_STREAM_REPLAY_STATE, &st->srtp)))
		return -EMSGSIZE;
	if (rx && st->srtcp.started)
		return srtp_put_window(skb, SRTP_A_STREAM_SRTCP_REPLAY_STATE, &st->srtcp);
	return 0;
}

static size_t srtp_frozen_size(const struct srtp_stream *st)
{
	return NLMSG_DEFAULT_SIZE + (st->srtp.window + st->srtcp.window) / 8;
}

/* A wildcard creates nothing more; what it created goes on. */
static int srtp_stream_freeze(struct genl_info *info, struct srtp_session *ss,
			      struct srtp_stream *st)
{
	struct sk_buff *msg = genlmsg_new(srtp_frozen_size(st), GFP_KERNEL);
	void *hdr;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &srtp_family, 0, SRTP_CMD_STREAM_FREEZE);
	if (!hdr) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	srtp_track_stop(&st->srtp);
	srtp_track_stop(&st->srtcp);
	return srtp_nl_send(info, msg, hdr, srtp_frozen_fill(msg, ss, st));
}

/**
 * srtp_nl_stream_freeze() - SRTP_CMD_STREAM_FREEZE
 * @skb: the request
 * @info: the same
 */
int srtp_nl_stream_freeze(struct sk_buff *skb, struct genl_info *info)
{
	return srtp_nl_do_stream(skb, info, SRTP_OP_CONFIGURE, srtp_stream_freeze);
}
