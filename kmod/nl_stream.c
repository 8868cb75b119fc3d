// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink commands of streams.
 */
#include <net/ipv6.h>

#include "compat/compat.h"
#include "netlink.h"

/* What stream-new asks for. */
struct srtp_stream_request {
	u8 direction;
	bool has_ssrc;
	u32 ssrc;
	struct srtp_peer peer;
	struct srtp_policy policy;
	struct srtp_start start;
};

static void srtp_read_start(struct srtp_start *start, struct nlattr **attrs)
{
	if (attrs[SRTP_A_STREAM_FRESH])
		start->fresh = nla_get_u8(attrs[SRTP_A_STREAM_FRESH]);
	if (attrs[SRTP_A_STREAM_ROC])
		start->roc = nla_get_u32(attrs[SRTP_A_STREAM_ROC]);
	start->has_seq = attrs[SRTP_A_STREAM_SEQ];
	if (start->has_seq)
		start->seq = nla_get_u16(attrs[SRTP_A_STREAM_SEQ]);
	if (attrs[SRTP_A_STREAM_SRTCP_INDEX])
		start->srtcp_index = nla_get_u32(attrs[SRTP_A_STREAM_SRTCP_INDEX]);
	start->replay = attrs[SRTP_A_STREAM_REPLAY_STATE];
	start->srtcp_replay = attrs[SRTP_A_STREAM_SRTCP_REPLAY_STATE];
}

static int srtp_refuse_start(const struct srtp_stream_request *req,
			     const struct srtp_start *start, struct netlink_ext_ack *extack)
{
	bool windows = start->replay || start->srtcp_replay;

	if (start->fresh && (start->roc || start->has_seq || start->srtcp_index || windows)) {
		NL_SET_ERR_MSG(extack, "fresh and explicit indexes exclude each other");
		return -EINVAL;
	}
	if (!req->has_ssrc && (start->has_seq || start->srtcp_index || windows)) {
		NL_SET_ERR_MSG(extack,
			       "a wildcard takes neither seq nor srtcp-index: they differ by SSRC");
		return -EINVAL;
	}
	if (start->replay && !start->has_seq) {
		NL_SET_ERR_MSG_ATTR(extack, start->replay,
				    "replay-state needs roc and seq, where it ends");
		return -EINVAL;
	}
	if (start->srtcp_replay && req->direction == SRTP_DIRECTION_TX) {
		NL_SET_ERR_MSG_ATTR(extack, start->srtcp_replay,
				    "a send stream counts SRTCP up and has no srtcp-replay-state");
		return -EINVAL;
	}
	return 0;
}

static int srtp_parse_start(struct srtp_stream_request *req, const struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct srtp_start *start = &req->start;

	srtp_read_start(start, attrs);
	if (start->has_seq && !attrs[SRTP_A_STREAM_ROC]) {
		NL_SET_ERR_MSG(info->extack, "seq needs roc");
		return -EINVAL;
	}
	if (start->srtcp_replay && !attrs[SRTP_A_STREAM_SRTCP_INDEX]) {
		NL_SET_ERR_MSG_ATTR(info->extack, start->srtcp_replay,
				    "srtcp-replay-state needs srtcp-index, where it ends");
		return -EINVAL;
	}
	if (req->direction == SRTP_DIRECTION_TX && !start->fresh && !attrs[SRTP_A_STREAM_ROC]) {
		NL_SET_ERR_MSG(info->extack,
			       "a send stream needs fresh, or roc and the indexes it goes on from");
		return -EINVAL;
	}
	return srtp_refuse_start(req, start, info->extack);
}

static int srtp_parse_peer(struct srtp_peer *peer, struct nlattr **attrs,
			   struct netlink_ext_ack *extack)
{
	const struct nlattr *v4 = attrs[SRTP_A_STREAM_PEER_V4];
	const struct nlattr *v6 = attrs[SRTP_A_STREAM_PEER_V6];
	const struct nlattr *port = attrs[SRTP_A_STREAM_PEER_PORT];

	if (v4 && v6) {
		NL_SET_ERR_MSG_ATTR(extack, v6, "peer-v4 and peer-v6 exclude each other");
		return -EINVAL;
	}
	if (v4)
		ipv6_addr_set_v4mapped(nla_get_in_addr(v4), &peer->addr);
	else if (v6)
		peer->addr = nla_get_in6_addr(v6);
	if (port)
		peer->port = nla_get_be16(port);
	peer->kind = (v4 || v6 ? SRTP_PEER_ADDRESS : 0) | (port ? SRTP_PEER_PORT : 0);
	if ((v4 && !nla_get_in_addr(v4)) || (v6 && ipv6_addr_any(&peer->addr)) ||
	    (port && !peer->port)) {
		NL_SET_ERR_MSG_ATTR(extack, v4 ?: v6 ?: port,
				    "0 is no peer: leave out peer-v4, peer-v6 or peer-port for any");
		return -EINVAL;
	}
	return 0;
}

static int srtp_put_peer(struct sk_buff *skb, const struct srtp_peer *peer)
{
	bool v4 = ipv6_addr_v4mapped(&peer->addr);

	if ((peer->kind & SRTP_PEER_PORT) &&
	    nla_put_be16(skb, SRTP_A_STREAM_PEER_PORT, peer->port))
		return -EMSGSIZE;
	if (!(peer->kind & SRTP_PEER_ADDRESS))
		return 0;
	if (v4)
		return nla_put_in_addr(skb, SRTP_A_STREAM_PEER_V4, peer->addr.s6_addr32[3]);
	return nla_put_in6_addr(skb, SRTP_A_STREAM_PEER_V6, &peer->addr);
}

static int srtp_parse_stream(struct srtp_stream_request *req, const struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;

	if (!attrs[SRTP_A_STREAM_DIRECTION]) {
		NL_SET_ERR_MSG(info->extack, "the direction is missing");
		return -EINVAL;
	}
	req->direction = nla_get_u8(attrs[SRTP_A_STREAM_DIRECTION]);
	req->has_ssrc = attrs[SRTP_A_STREAM_SSRC];
	if (req->has_ssrc)
		req->ssrc = nla_get_u32(attrs[SRTP_A_STREAM_SSRC]);
	return srtp_policy_parse(&req->policy, req->direction, !req->has_ssrc, attrs,
				 info->extack) ?:
	       srtp_parse_peer(&req->peer, attrs, info->extack) ?:
	       srtp_parse_start(req, info);
}

static int srtp_stream_answer(struct genl_info *info, const struct srtp_session *ss,
			      const struct srtp_stream *st)
{
	struct sk_buff *msg;
	void *hdr;
	int err = 0;

	msg = srtp_nl_reply(info, SRTP_CMD_STREAM_NEW, &hdr);
	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, SRTP_A_STREAM_SESSION, ss->id) ||
	    nla_put_u32(msg, SRTP_A_STREAM_ID, st->id))
		err = -EMSGSIZE;
	return srtp_nl_send(info, msg, hdr, err);
}

/**
 * srtp_nl_stream_new() - SRTP_CMD_STREAM_NEW
 * @skb: the request
 * @info: the same
 */
int srtp_nl_stream_new(struct sk_buff *skb, struct genl_info *info)
{
	struct srtp_stream_request req = {};
	struct srtp_session *ss;
	struct srtp_stream *st;
	int err;

	ss = srtp_nl_session_lock(skb, info, info->attrs[SRTP_A_STREAM_SESSION],
				  SRTP_OP_CONFIGURE);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	err = srtp_parse_stream(&req, info);
	if (!err) {
		st = srtp_stream_create(ss, req.direction, req.has_ssrc ? &req.ssrc : NULL,
					&req.peer, &req.policy, &req.start, info->extack);
		err = PTR_ERR_OR_ZERO(st);
	}
	if (!err) {
		err = srtp_stream_answer(info, ss, st);
		if (err)
			srtp_stream_delete(ss, st);
	}
	srtp_nl_session_unlock(ss);
	return err;
}

/* What the wire and the indexes say of a track; a snapshot. */
static struct srtp_track srtp_track_snapshot(struct srtp_track *t)
{
	struct srtp_track copy;

	spin_lock_bh(&t->lock);
	copy = *t;
	spin_unlock_bh(&t->lock);
	return copy;
}

static int srtp_stream_fill_indexes(struct sk_buff *skb, const struct srtp_stream *st,
				    const struct srtp_track *srtp, const struct srtp_track *srtcp)
{
	if (nla_put_u32(skb, SRTP_A_STREAM_ROC, srtp->highest >> 16) ||
	    (srtp->started && nla_put_u16(skb, SRTP_A_STREAM_SEQ, srtp->highest)) ||
	    nla_put_u32(skb, SRTP_A_STREAM_SRTCP_INDEX, srtcp->highest) ||
	    (srtp->pending &&
	     nla_put_u32(skb, SRTP_A_STREAM_ROC_PENDING, srtp->pending_index >> 16)) ||
	    nla_put_u8(skb, SRTP_A_STREAM_FROZEN, srtp->stopped) ||
	    nla_put_u32(skb, SRTP_A_STREAM_EVENTS, READ_ONCE(st->events)) ||
	    nla_put_u32(skb, SRTP_A_STREAM_EVENT_SEQ, READ_ONCE(st->event_seq)))
		return -EMSGSIZE;
	return 0;
}

static int srtp_stream_fill_stats(struct sk_buff *skb, bool tx, const struct srtp_track *srtp,
				  const struct srtp_track *srtcp)
{
	const struct {
		u16 attr;
		u64 value;
	} sent[] = {
		{ SRTP_A_STATS_TX_SRTP_PACKETS, srtp->packets },
		{ SRTP_A_STATS_TX_SRTP_BYTES, srtp->bytes },
		{ SRTP_A_STATS_TX_SRTCP_PACKETS, srtcp->packets },
		{ SRTP_A_STATS_TX_SRTCP_BYTES, srtcp->bytes },
		{ SRTP_A_STATS_TX_REPEATED, srtp->repeated },
		{ SRTP_A_STATS_TX_INDEX_REUSED, srtp->reused },
	}, received[] = {
		{ SRTP_A_STATS_RX_SRTP_PACKETS, srtp->packets },
		{ SRTP_A_STATS_RX_SRTP_BYTES, srtp->bytes },
		{ SRTP_A_STATS_RX_SRTCP_PACKETS, srtcp->packets },
		{ SRTP_A_STATS_RX_SRTCP_BYTES, srtcp->bytes },
		{ SRTP_A_STATS_RX_AUTH_FAILED, srtp->auth_failed + srtcp->auth_failed },
		{ SRTP_A_STATS_RX_REPLAYED, srtp->replayed + srtcp->replayed },
		{ SRTP_A_STATS_RX_TOO_OLD, srtp->too_old + srtcp->too_old },
	}, *row = tx ? sent : received;
	size_t n = tx ? ARRAY_SIZE(sent) : ARRAY_SIZE(received);
	struct nlattr *nest = nla_nest_start(skb, SRTP_A_STREAM_STATS);

	if (!nest)
		return -EMSGSIZE;
	for (; n--; row++)
		if (srtp_nl_put_u64(skb, row->attr, row->value, SRTP_A_STATS_PAD))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int srtp_stream_fill(struct sk_buff *skb, const struct srtp_session *ss,
			    struct srtp_stream *st)
{
	struct srtp_track srtp = srtp_track_snapshot(&st->srtp);
	struct srtp_track srtcp = srtp_track_snapshot(&st->srtcp);
	bool tx = st->key.direction == SRTP_DIRECTION_TX;

	if (nla_put_u32(skb, SRTP_A_STREAM_SESSION, ss->id) ||
	    nla_put_u32(skb, SRTP_A_STREAM_ID, st->id) ||
	    nla_put_u8(skb, SRTP_A_STREAM_DIRECTION, st->key.direction) ||
	    (!st->key.wildcard && nla_put_u32(skb, SRTP_A_STREAM_SSRC, st->key.ssrc)) ||
	    srtp_put_peer(skb, &st->key.peer) ||
	    (st->template && nla_put_u32(skb, SRTP_A_STREAM_TEMPLATE, st->template)))
		return -EMSGSIZE;
	return srtp_policy_put(skb, &st->policy) ?:
	       srtp_stream_fill_indexes(skb, st, &srtp, &srtcp) ?:
	       srtp_stream_fill_stats(skb, tx, &srtp, &srtcp);
}

/**
 * srtp_nl_do_stream() - do what a request wants of a stream
 * @skb: the request
 * @info: the same
 * @op: what the caller must have the right to
 * @fn: called under the session's mutex
 *
 * Return: what @fn returns, or -errno if the caller, session or stream is not right
 */
int srtp_nl_do_stream(struct sk_buff *skb, struct genl_info *info, enum srtp_operation op,
		      srtp_stream_fn fn)
{
	struct srtp_session *ss;
	struct srtp_stream *st;
	int err;

	ss = srtp_nl_session_lock(skb, info, info->attrs[SRTP_A_STREAM_SESSION], op);
	if (IS_ERR(ss))
		return PTR_ERR(ss);
	st = srtp_nl_stream(info, ss, info->attrs[SRTP_A_STREAM_ID]);
	err = PTR_ERR_OR_ZERO(st) ?: fn(info, ss, st);
	srtp_nl_session_unlock(ss);
	return err;
}

static int srtp_stream_tell(struct genl_info *info, struct srtp_session *ss,
			    struct srtp_stream *st)
{
	struct sk_buff *msg;
	void *hdr;

	msg = srtp_nl_reply(info, SRTP_CMD_STREAM_GET, &hdr);
	return msg ? srtp_nl_send(info, msg, hdr, srtp_stream_fill(msg, ss, st)) : -ENOMEM;
}

/**
 * srtp_nl_stream_get() - SRTP_CMD_STREAM_GET of one stream
 * @skb: the request
 * @info: the same
 */
int srtp_nl_stream_get(struct sk_buff *skb, struct genl_info *info)
{
	return srtp_nl_do_stream(skb, info, SRTP_OP_READ, srtp_stream_tell);
}

/**
 * srtp_nl_dump_streams() - walk the streams of a session
 * @skb: message to fill
 * @cb: the dump; args[1] is the stream to go on with, the rest is for @dump
 * @ss: the session
 * @dump: adds what it has of one stream; an error means that the message is full
 *
 * Return: 0 or the error
 */
int srtp_nl_dump_streams(struct sk_buff *skb, struct netlink_callback *cb,
			 struct srtp_session *ss, srtp_dump_stream_fn dump)
{
	unsigned long id = cb->args[1];
	struct srtp_stream *st;
	int err = 0;

	rcu_read_lock();
	while ((st = xa_find(&ss->streams, &id, ULONG_MAX, XA_PRESENT))) {
		err = dump(skb, cb, ss, st);
		if (err)
			break;
		id++;
	}
	rcu_read_unlock();
	cb->args[1] = id;
	return err;
}

static int srtp_stream_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
				const struct srtp_session *ss, struct srtp_stream *st)
{
	void *hdr = srtp_nl_dump_put(skb, cb, SRTP_CMD_STREAM_GET);

	return hdr ? srtp_nl_dump_end(skb, hdr, srtp_stream_fill(skb, ss, st)) : -EMSGSIZE;
}

static int srtp_stream_dump(struct sk_buff *skb, struct netlink_callback *cb,
			    struct srtp_session *ss)
{
	return srtp_nl_dump_streams(skb, cb, ss, srtp_stream_dump_one);
}

/**
 * srtp_nl_stream_dump() - SRTP_CMD_STREAM_GET of a session or of all
 * @skb: message to fill
 * @cb: the dump
 */
int srtp_nl_stream_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return srtp_nl_dump_sessions(skb, cb, SRTP_A_STREAM_SESSION, srtp_stream_dump);
}

static int srtp_stream_drop(struct genl_info *info, struct srtp_session *ss,
			    struct srtp_stream *st)
{
	srtp_stream_delete(ss, st);
	return 0;
}

/**
 * srtp_nl_stream_del() - SRTP_CMD_STREAM_DEL
 * @skb: the request
 * @info: the same
 */
int srtp_nl_stream_del(struct sk_buff *skb, struct genl_info *info)
{
	return srtp_nl_do_stream(skb, info, SRTP_OP_CONFIGURE, srtp_stream_drop);
}
