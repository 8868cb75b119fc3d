// SPDX-License-Identifier: GPL-2.0
/*
 * Keys and SSRCs that must not meet: where they do, two packets share a
 * keystream, or a looped packet is taken for the other side's (RFC 3711 9.1).
 */
#include <linux/rculist.h>

#include "compat/compat.h"
#include "session.h"
#include "stream.h"

static u8 srtp_other_direction(u8 direction)
{
	return direction == SRTP_DIRECTION_TX ? SRTP_DIRECTION_RX : SRTP_DIRECTION_TX;
}

static bool srtp_key_in_other_direction(struct srtp_session *ss, u8 direction, u32 ssrc,
					const struct srtp_key *key)
{
	struct srtp_stream *st;
	bool equal;

	rcu_read_lock();
	st = srtp_stream_lookup(ss, srtp_other_direction(direction), ssrc);
	equal = st && srtp_keys_have(st->keys, key);
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

/* Of a wildcard: also the streams that it made. */
static int srtp_refuse_other_direction(struct srtp_session *ss, const struct srtp_stream *st,
				       const struct srtp_key *key,
				       struct netlink_ext_ack *extack)
{
	const struct srtp_stream *one;
	unsigned long i;

	xa_for_each(&ss->streams, i, one) {
		if (one->keys != st->keys || one->key.wildcard ||
		    !srtp_key_in_other_direction(ss, one->key.direction, one->key.ssrc, key))
			continue;
		NL_SET_ERR_MSG(extack, "the other direction of this SSRC has the same master key");
		return -EKEYREJECTED;
	}
	return 0;
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
		one->events &= ~SRTP_EVENTS_OF_KEYS;
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
	int err = srtp_refuse_other_direction(ss, st, key, extack);

	if (err)
		return err;
	err = key->kdr ? srtp_kdr_prepare(key->kdr, srtp_track_highest(&st->srtp),
					  srtp_track_highest(&st->srtcp)) : 0;
	if (err) {
		NL_SET_ERR_MSG(extack, "the session keys cannot be derived");
		return err;
	}
	err = srtp_keys_add(st->keys, key, active, extack);
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
	bool change = key->state == SRTP_KEY_STATE_INSTALLED;
	int err = srtp_keys_activate(st->keys, key, extack);

	if (!err && change)
		srtp_stream_key_changed(ss, st->keys, true);
	return err;
}
