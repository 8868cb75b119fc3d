// SPDX-License-Identifier: GPL-2.0
/*
 * Keys and SSRCs that must not meet: where they do, two packets share a
 * keystream, or a looped packet is taken for the other side's (RFC 3711 9.1).
 */
#include <linux/bitops.h>
#include <linux/rculist.h>

#include "compat/compat.h"
#include "session.h"
#include "stream.h"

/* One of the streams, whatever peer it is bound to. */
static bool srtp_ssrc_is_received_with(struct srtp_session *ss, u32 ssrc,
				       const struct srtp_key *key)
{
	const struct srtp_stream *st;
	unsigned long i;

	if (!READ_ONCE(ss->peer_kinds)) {
		st = srtp_stream_lookup(ss, SRTP_DIRECTION_RX, ssrc, &(struct srtp_peer){});
		return st && !st->key.wildcard && srtp_keys_have(st->keys, key);
	}
	xa_for_each(&ss->streams, i, st)
		if (st->key.direction == SRTP_DIRECTION_RX && !st->key.wildcard &&
		    st->key.ssrc == ssrc && srtp_keys_have(st->keys, key))
			return true;
	return false;
}

static bool srtp_key_in_other_direction(struct srtp_session *ss, u8 direction, u32 ssrc,
					const struct srtp_key *key)
{
	bool equal;

	if (direction == SRTP_DIRECTION_RX)
		return srtp_history_sends_with(ss, ssrc, key);
	rcu_read_lock();
	equal = srtp_ssrc_is_received_with(ss, ssrc, key);
	rcu_read_unlock();
	return equal;
}

/**
 * srtp_stream_own_ssrc() - whether a received SSRC and key are ours
 * @ss: session
 * @ssrc: SSRC of the packet
 * @key: key that the packet authenticated with
 *
 * A loop or an SSRC collision; two-time pads start so (RFC 3711 9.1).
 */
bool srtp_stream_own_ssrc(struct srtp_session *ss, u32 ssrc, const struct srtp_key *key)
{
	return srtp_key_in_other_direction(ss, SRTP_DIRECTION_RX, ssrc, key);
}

/**
 * srtp_stream_meets_itself() - whether the other direction of an SSRC has a key
 * @ss: session
 * @direction: enum srtp_direction of the stream
 * @ssrc: its SSRC
 * @keys: its keys; the caller is in an RCU read section
 */
bool srtp_stream_meets_itself(struct srtp_session *ss, u8 direction, u32 ssrc,
			      const struct srtp_keys *keys)
{
	const struct srtp_key *key;

	list_for_each_entry_rcu(key, &keys->list, node)
		if (srtp_key_in_other_direction(ss, direction, ssrc, key))
			return true;
	return false;
}

static const char *srtp_key_meets(struct srtp_session *ss, const struct srtp_stream *st,
				  const struct srtp_key *key)
{
	if (srtp_key_in_other_direction(ss, st->key.direction, st->key.ssrc, key))
		return "the other direction of this SSRC has the same master key";
	if (st->key.direction == SRTP_DIRECTION_TX && srtp_history_sent_with(ss, st, key))
		return "this SSRC was sent to another peer with the same master key";
	return NULL;
}

/* Of a wildcard: also the streams that it made. */
static int srtp_refuse_meeting(struct srtp_session *ss, const struct srtp_stream *st,
			       const struct srtp_key *key, struct netlink_ext_ack *extack)
{
	const struct srtp_stream *one;
	const char *sentence = NULL;
	unsigned long i;

	xa_for_each(&ss->streams, i, one) {
		if (one->keys == st->keys && !one->key.wildcard)
			sentence = srtp_key_meets(ss, one, key);
		if (sentence) {
			srtp_extack(extack, sentence);
			return -EKEYREJECTED;
		}
	}
	return 0;
}

/* No wildcard makes a stream of it between the look and the deed. */
static int srtp_stream_add_locked(struct srtp_session *ss, struct srtp_stream *st,
				  struct srtp_key *key, bool active,
				  struct netlink_ext_ack *extack)
{
	int err;

	rcu_read_lock();
	spin_lock_bh(&ss->lock);
	err = srtp_refuse_meeting(ss, st, key, extack) ?:
	      srtp_keys_add(st->keys, key, active, extack);
	spin_unlock_bh(&ss->lock);
	rcu_read_unlock();
	return err;
}

/* What a change of keys makes out of date. */
#define SRTP_EVENTS_OF_KEYS \
	(BIT(SRTP_EVENT_KEY_SOFT_LIMIT) | BIT(SRTP_EVENT_KEY_HARD_LIMIT) | \
	 BIT(SRTP_EVENT_KEY_EXPIRED) | BIT(SRTP_EVENT_MKI_UNKNOWN))

/* What is sent again from before a switch needs the key that it had. */
static void srtp_stream_key_changed(struct srtp_session *ss, const struct srtp_keys *keys,
				    bool switched)
{
	struct srtp_stream *one;
	unsigned long i;

	xa_for_each(&ss->streams, i, one) {
		if (one->keys != keys)
			continue;
		/* Packets latch other events at the same time. */
		set_mask_bits(&one->events, SRTP_EVENTS_OF_KEYS, 0);
		if (switched)
			WRITE_ONCE(one->switched, srtp_track_highest(&one->srtp));
	}
}

/**
 * srtp_stream_add_key() - give a stream one more key
 * @ss: its session; the caller holds its mutex
 * @st: the stream
 * @key: the key; consumed on success
 * @active: use it from now on
 * @extack: gets the reason of a refusal
 *
 * Return: 0, -EKEYREJECTED, or what srtp_keys_add() says
 */
int srtp_stream_add_key(struct srtp_session *ss, struct srtp_stream *st, struct srtp_key *key,
			bool active, struct netlink_ext_ack *extack)
{
	int err = 0;

	if (key->kdr)
		err = srtp_kdr_prepare(key->kdr, srtp_track_goal(&st->srtp),
				       srtp_track_highest(&st->srtcp));
	if (err) {
		NL_SET_ERR_MSG(extack, "the session keys cannot be derived");
		return err;
	}
	err = srtp_stream_add_locked(ss, st, key, active, extack);
	if (!err)
		srtp_stream_key_changed(ss, st->keys, active);
	return err;
}

/**
 * srtp_stream_activate() - use a key from now on, and retire the one before
 * @ss: its session; the caller holds its mutex
 * @st: the stream
 * @key: a key of it
 * @extack: gets the reason of a refusal
 *
 * Return: 0 or -EKEYREJECTED
 */
int srtp_stream_activate(struct srtp_session *ss, struct srtp_stream *st, struct srtp_key *key,
			 struct netlink_ext_ack *extack)
{
	bool change = READ_ONCE(key->state) == SRTP_KEY_STATE_INSTALLED;
	int err = srtp_keys_activate(st->keys, key, extack);

	if (!err && change)
		srtp_stream_key_changed(ss, st->keys, true);
	return err;
}

/**
 * srtp_stream_remove_key() - take a key from a stream
 * @ss: its session; the caller holds its mutex
 * @st: the stream
 * @key: a key of it; gone afterwards, but for what recognises it
 */
void srtp_stream_remove_key(struct srtp_session *ss, struct srtp_stream *st, struct srtp_key *key)
{
	srtp_history_forget(ss, st->keys, key);
	srtp_keys_remove(st->keys, key);
}
