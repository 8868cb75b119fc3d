// SPDX-License-Identifier: GPL-2.0
/*
 * Events on the multicast group.
 *
 * Multicast can be lost, so events of a stream are latched in it: each is sent
 * once until somebody acknowledges it, and dumps show latch and sequence number.
 */
#include <linux/bitops.h>

#include "compat/compat.h"
#include "event.h"
#include "netlink.h"
#include "trace.h"

/* What an event says besides its session; a member that is 0 is left out. */
struct srtp_notice {
	u32 type;
	u32 seq;
	u32 stream;
	u8 direction;
	bool has_ssrc;
	u32 ssrc;
	u32 reason;
	u32 key;
	u8 mki_len;
	const u8 *mki;
	bool has_index;
	u64 index;
	u64 limit;
};

static int srtp_event_fill_key(struct sk_buff *skb, const struct srtp_notice *ev)
{
	if ((ev->key && nla_put_u32(skb, SRTP_A_EVENT_KEY, ev->key)) ||
	    (ev->mki_len && nla_put(skb, SRTP_A_EVENT_MKI, ev->mki_len, ev->mki)) ||
	    (ev->has_index &&
	     srtp_nl_put_u64(skb, SRTP_A_EVENT_INDEX, ev->index, SRTP_A_EVENT_PAD)) ||
	    (ev->limit &&
	     srtp_nl_put_u64(skb, SRTP_A_EVENT_LIMIT, ev->limit, SRTP_A_EVENT_PAD)))
		return -EMSGSIZE;
	return 0;
}

static int srtp_event_fill(struct sk_buff *skb, const struct srtp_session *ss,
			   const struct srtp_notice *ev)
{
	if (nla_put_u32(skb, SRTP_A_EVENT_TYPE, ev->type) ||
	    nla_put_u32(skb, SRTP_A_EVENT_SEQ, ev->seq) ||
	    nla_put_u32(skb, SRTP_A_EVENT_SESSION, ss->id) ||
	    srtp_nl_put_u64(skb, SRTP_A_EVENT_SESSION_COOKIE, ss->cookie, SRTP_A_EVENT_PAD) ||
	    (ev->stream && nla_put_u32(skb, SRTP_A_EVENT_STREAM, ev->stream)) ||
	    (ev->direction && nla_put_u8(skb, SRTP_A_EVENT_DIRECTION, ev->direction)) ||
	    (ev->has_ssrc && nla_put_u32(skb, SRTP_A_EVENT_SSRC, ev->ssrc)) ||
	    (ev->reason && nla_put_u32(skb, SRTP_A_EVENT_REASON, ev->reason)))
		return -EMSGSIZE;
	return srtp_event_fill_key(skb, ev);
}

/* Runs in softirq too. */
static void srtp_event_send(struct srtp_session *ss, const struct srtp_notice *ev)
{
	struct net *net = ss->sn->net;
	struct sk_buff *skb;
	void *hdr;

	trace_srtp_event(ss, ev->type, ev->seq, ev->stream, ev->ssrc);
	if (!genl_has_listeners(&srtp_family, net, SRTP_GROUP_EVENTS))
		return;
	skb = genlmsg_new(NLMSG_GOODSIZE, GFP_ATOMIC);
	if (!skb)
		return;
	hdr = genlmsg_put(skb, 0, 0, &srtp_family, 0, SRTP_CMD_EVENT_NTF);
	if (!hdr || srtp_event_fill(skb, ss, ev)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&srtp_family, net, skb, 0, SRTP_GROUP_EVENTS, GFP_ATOMIC);
}

static u32 srtp_event_number(struct srtp_session *ss)
{
	u32 seq;

	spin_lock_bh(&ss->lock);
	seq = ++ss->event_seq;
	spin_unlock_bh(&ss->lock);
	return seq;
}

static void srtp_event_latched(struct srtp_session *ss, struct srtp_stream *st,
			       struct srtp_notice *ev)
{
	set_bit(ev->type, &st->events);
	ev->stream = st->id;
	ev->direction = st->key.direction;
	ev->seq = srtp_event_number(ss);
	WRITE_ONCE(st->event_seq, ev->seq);
	srtp_event_send(ss, ev);
}

static void srtp_event_stream(struct srtp_session *ss, struct srtp_stream *st, u32 type, u32 ssrc)
{
	struct srtp_notice ev = { .type = type, .has_ssrc = true, .ssrc = ssrc };

	if (!test_and_set_bit(type, &st->events))
		srtp_event_latched(ss, st, &ev);
}

/**
 * srtp_event_session_closed() - tell that a session is deleted
 * @ss: the session, whose namespace is alive
 * @reason: why
 */
void srtp_event_session_closed(struct srtp_session *ss, enum srtp_close_reason reason)
{
	struct srtp_notice ev = {
		.type = SRTP_EVENT_SESSION_CLOSED, .seq = srtp_event_number(ss), .reason = reason,
	};

	srtp_event_send(ss, &ev);
}

/**
 * srtp_event_ssrc_new() - tell that a wildcard created a stream
 * @ss: its session
 * @st: the new stream
 */
void srtp_event_ssrc_new(struct srtp_session *ss, struct srtp_stream *st)
{
	srtp_event_stream(ss, st, SRTP_EVENT_SSRC_NEW, st->key.ssrc);
}

/**
 * srtp_event_ssrc_collision() - tell of an authentic packet with our own SSRC and key
 * @ss: its session
 * @st: the stream that it was received on, where the event is latched
 * @ssrc: the SSRC
 */
void srtp_event_ssrc_collision(struct srtp_session *ss, struct srtp_stream *st, u32 ssrc)
{
	srtp_event_stream(ss, st, SRTP_EVENT_SSRC_COLLISION, ssrc);
}

/**
 * srtp_event_mki_unknown() - tell of a packet that names a key that is not there
 * @ss: its session
 * @st: the stream that it was for, where the event is latched
 * @ssrc: SSRC of the packet
 *
 * The packet is not authentic, so no more is kept of it than that it came.
 */
void srtp_event_mki_unknown(struct srtp_session *ss, struct srtp_stream *st, u32 ssrc)
{
	srtp_event_stream(ss, st, SRTP_EVENT_MKI_UNKNOWN, ssrc);
}

/**
 * srtp_event_roc_resync() - tell that a pending roll-over counter took effect
 * @ss: its session
 * @st: the stream
 */
void srtp_event_roc_resync(struct srtp_session *ss, struct srtp_stream *st)
{
	struct srtp_notice ev = {
		.type = SRTP_EVENT_ROC_RESYNC, .has_ssrc = true, .ssrc = st->key.ssrc,
		.has_index = true, .index = srtp_track_highest(&st->srtp),
	};

	if (!test_and_set_bit(ev.type, &st->events))
		srtp_event_latched(ss, st, &ev);
}

/**
 * srtp_event_key() - tell what became of a key
 * @keys: its set; the caller is in an RCU read section, or holds the mutex
 * @key: the key, where the event is latched
 * @event: what happened
 * @limit: the limit that was reached
 *
 * Shown by the stream that the key was given to; of a wildcard no SSRC is told.
 */
void srtp_event_key(struct srtp_keys *keys, struct srtp_key *key, enum srtp_event event, u64 limit)
{
	struct srtp_stream *st = keys->owner;
	struct srtp_notice ev = {
		.type = event, .has_ssrc = !st->key.wildcard, .ssrc = st->key.ssrc,
		.key = key->id, .mki_len = keys->mki_len, .mki = key->mki, .limit = limit,
		.has_index = !st->key.wildcard,
	};

	if (test_and_set_bit(event, &key->told))
		return;
	ev.index = srtp_track_highest(&st->srtp);
	srtp_event_latched(st->key.session, st, &ev);
}

/**
 * srtp_event_rearm() - let events that were told be told again
 * @st: the stream; the caller holds its session's mutex
 * @events: which, bit (1 << event)
 */
void srtp_event_rearm(struct srtp_stream *st, unsigned long events)
{
	struct srtp_key *key;
	int event;

	for (event = 1; event <= SRTP_EVENT_LAST; event++) {
		if (!(events & BIT(event)))
			continue;
		clear_bit(event, &st->events);
		if (st->template)
			continue;
		list_for_each_entry(key, &st->keys->list, node)
			clear_bit(event, &key->told);
	}
}
