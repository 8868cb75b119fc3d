// SPDX-License-Identifier: GPL-2.0
/*
 * The keys of a stream: which are there, which one a packet uses.
 *
 * A send stream uses its active key.  A receive stream uses the key that the
 * packet names by its MKI; without MKI it has two keys at most, current and
 * next, and tries both; and where keys have intervals the packet index decides
 * (RFC 3711 8.1.1).  A stream with one key and no choice finds it with one
 * dereference.
 */
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "event.h"
#include "lifetime.h"
#include "packet.h"
#include "stream.h"

/**
 * srtp_keys_create() - an empty set of keys with one reference
 * @tx: they send
 * @mki_len: octets of the MKI in each packet
 */
struct srtp_keys *srtp_keys_create(bool tx, u8 mki_len)
{
	struct srtp_keys *keys = kzalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);

	if (!keys)
		return NULL;
	refcount_set(&keys->refs, 1);
	keys->tx = tx;
	keys->mki_len = mki_len;
	spin_lock_init(&keys->lock);
	INIT_LIST_HEAD(&keys->list);
	keys->next_id = 1;
	return keys;
}

/**
 * srtp_keys_get() - take a reference for one more stream
 * @keys: the set
 */
struct srtp_keys *srtp_keys_get(struct srtp_keys *keys)
{
	refcount_inc(&keys->refs);
	return keys;
}

/**
 * srtp_keys_put() - give a reference back, after an RCU grace period
 * @keys: the set, or NULL
 */
void srtp_keys_put(struct srtp_keys *keys)
{
	struct srtp_key *key, *next;

	if (!keys || !refcount_dec_and_test(&keys->refs))
		return;
	list_for_each_entry_safe(key, next, &keys->list, node)
		srtp_key_free(key);
	kfree(keys);
}

static struct srtp_key *srtp_keys_in_state(const struct srtp_keys *keys, u8 state)
{
	struct srtp_key *key;

	list_for_each_entry_rcu(key, &keys->list, node, lockdep_is_held(&keys->lock))
		if (READ_ONCE(key->state) == state)
			return key;
	return NULL;
}

/* The common case: no choice.  A send stream with a retired key has one: see resend. */
static void srtp_keys_settle(struct srtp_keys *keys)
{
	struct srtp_key *only = NULL;

	if (keys->intervals)
		only = NULL;
	else if (keys->tx && !srtp_keys_in_state(keys, SRTP_KEY_STATE_RETIRED))
		only = srtp_keys_in_state(keys, SRTP_KEY_STATE_ACTIVE);
	else if (!keys->tx && !keys->mki_len && keys->n == 1)
		only = list_first_entry(&keys->list, struct srtp_key, node);
	rcu_assign_pointer(keys->only, only);
}

/* Return: the key that was active, or NULL */
static struct srtp_key *srtp_keys_switch(struct srtp_keys *keys, struct srtp_key *key)
{
	struct srtp_key *old = srtp_keys_in_state(keys, SRTP_KEY_STATE_ACTIVE);

	if (old)
		WRITE_ONCE(old->state, SRTP_KEY_STATE_RETIRED);
	WRITE_ONCE(key->state, SRTP_KEY_STATE_ACTIVE);
	return old;
}

static int srtp_keys_refuse_twin(struct srtp_keys *keys, const struct srtp_key *key,
				 struct netlink_ext_ack *extack)
{
	const struct srtp_key *other;

	list_for_each_entry(other, &keys->list, node) {
		if (srtp_key_equal(other, key)) {
			NL_SET_ERR_MSG(extack, "the stream has a key with this master-key");
			return -EEXIST;
		}
		if (keys->mki_len && !memcmp(other->mki, key->mki, keys->mki_len)) {
			NL_SET_ERR_MSG(extack, "the stream has a key with this mki");
			return -EEXIST;
		}
		if (key->interval && key->from <= other->to && other->from <= key->to) {
			NL_SET_ERR_MSG(extack,
				       "from and to overlap those of another key of the stream");
			return -EEXIST;
		}
	}
	return 0;
}

static u32 srtp_keys_usable(const struct srtp_keys *keys)
{
	const struct srtp_key *key;
	u32 n = 0;

	list_for_each_entry(key, &keys->list, node)
		n += READ_ONCE(key->state) != SRTP_KEY_STATE_EXPIRED;
	return n;
}

static int srtp_keys_refuse(struct srtp_keys *keys, const struct srtp_key *key,
			    struct netlink_ext_ack *extack)
{
	if (keys->n && keys->intervals != key->interval) {
		NL_SET_ERR_MSG(extack,
			       "either every key of a stream has from and to, or none");
		return -EINVAL;
	}
	if (keys->n >= SRTP_KEYS_MAX) {
		NL_SET_ERR_MSG(extack,
			       "a stream holds 16 keys at once: delete one that is not used any more");
		return -ENOSPC;
	}
	if (!keys->tx && !keys->mki_len && !key->interval &&
	    srtp_keys_usable(keys) >= SRTP_TRIALS) {
		NL_SET_ERR_MSG(extack,
			       "a receive stream without MKI tries two keys: delete the one before");
		return -EBUSY;
	}
	return srtp_keys_refuse_twin(keys, key, extack);
}

/**
 * srtp_keys_add() - give a stream one more key
 * @keys: the set; the caller holds the session's mutex
 * @key: the key; consumed on success
 * @active: use it from now on, and retire the one before
 * @extack: gets the reason of a refusal
 *
 * Return: 0; -EINVAL, -ENOSPC, -EBUSY or -EEXIST
 */
int srtp_keys_add(struct srtp_keys *keys, struct srtp_key *key, bool active,
		  struct netlink_ext_ack *extack)
{
	int err = srtp_keys_refuse(keys, key, extack);

	if (err)
		return err;
	spin_lock_bh(&keys->lock);
	key->id = keys->next_id++;
	key->keys = keys;
	/* Packets read both without the lock. */
	WRITE_ONCE(keys->intervals, key->interval);
	list_add_tail_rcu(&key->node, &keys->list);
	WRITE_ONCE(keys->n, keys->n + 1);
	if (active)
		srtp_keys_switch(keys, key);
	srtp_keys_settle(keys);
	spin_unlock_bh(&keys->lock);
	return 0;
}

/**
 * srtp_keys_activate() - use a key from now on, and retire the one before
 * @keys: the set; the caller holds the session's mutex
 * @key: the key
 * @extack: gets the reason of a refusal
 *
 * A key that was retired or expired never comes back (RFC 3711 9.2).
 *
 * Return: 0 or -EKEYREJECTED
 */
int srtp_keys_activate(struct srtp_keys *keys, struct srtp_key *key,
		       struct netlink_ext_ack *extack)
{
	bool over;

	spin_lock_bh(&keys->lock);
	over = key->state == SRTP_KEY_STATE_RETIRED || key->state == SRTP_KEY_STATE_EXPIRED;
	if (key->state == SRTP_KEY_STATE_INSTALLED) {
		srtp_keys_switch(keys, key);
		srtp_keys_settle(keys);
	}
	spin_unlock_bh(&keys->lock);
	if (!over)
		return 0;
	NL_SET_ERR_MSG(extack, "a key that was retired or is expired is never active again");
	return -EKEYREJECTED;
}

static void srtp_key_free_rcu(struct rcu_head *rcu)
{
	srtp_key_free(container_of(rcu, struct srtp_key, rcu));
}

/**
 * srtp_keys_remove() - take a key away; it is wiped once no packet uses it
 * @keys: the set; the caller holds the session's mutex
 * @key: the key
 */
void srtp_keys_remove(struct srtp_keys *keys, struct srtp_key *key)
{
	srtp_lifetime_end(key);
	spin_lock_bh(&keys->lock);
	WRITE_ONCE(key->state, SRTP_KEY_STATE_REMOVED);
	list_del_rcu(&key->node);
	WRITE_ONCE(keys->n, keys->n - 1);
	srtp_keys_settle(keys);
	spin_unlock_bh(&keys->lock);
	call_rcu(&key->rcu, srtp_key_free_rcu);
}

/**
 * srtp_keys_end() - the stream that the keys were given to is going
 * @keys: the set; the caller holds the session's mutex
 */
void srtp_keys_end(struct srtp_keys *keys)
{
	struct srtp_key *key;

	list_for_each_entry(key, &keys->list, node)
		srtp_lifetime_end(key);
}

/**
 * srtp_keys_find() - a key by its number
 * @keys: the set; the caller holds the session's mutex
 * @id: the number
 */
struct srtp_key *srtp_keys_find(struct srtp_keys *keys, u32 id)
{
	struct srtp_key *key;

	list_for_each_entry(key, &keys->list, node)
		if (key->id == id)
			return key;
	return NULL;
}

/**
 * srtp_keys_have() - whether a set holds this master key
 * @keys: the set; the caller is in an RCU read section
 * @key: a key of whatever set
 */
bool srtp_keys_have(const struct srtp_keys *keys, const struct srtp_key *key)
{
	const struct srtp_key *other;

	list_for_each_entry_rcu(other, &keys->list, node)
		if (srtp_key_equal(other, key))
			return true;
	return false;
}

static struct srtp_key *srtp_keys_by_index(const struct srtp_keys *keys, u64 index)
{
	struct srtp_key *key;

	list_for_each_entry_rcu(key, &keys->list, node)
		if (key->from <= index && index <= key->to)
			return key;
	return NULL;
}

/* The key whose interval comes next, or the one whose interval was last. */
static struct srtp_key *srtp_keys_after(const struct srtp_keys *keys, u64 index)
{
	struct srtp_key *key, *best = NULL;

	list_for_each_entry_rcu(key, &keys->list, node)
		if (key->from > index && (!best || key->from < best->from))
			best = key;
	return best;
}

static struct srtp_key *srtp_keys_before(const struct srtp_keys *keys, u64 index)
{
	struct srtp_key *key, *best = NULL;

	list_for_each_entry_rcu(key, &keys->list, node)
		if (key->to < index && (!best || key->to > best->to))
			best = key;
	return best;
}

/* SRTCP follows the key that SRTP used last (RFC 3711 8.1.1). */
static u64 srtp_interval_index(struct srtp_stream *st, enum srtp_class class, const u8 *buf)
{
	u64 index = 0;

	if (class == SRTP_CLASS_RTCP)
		return srtp_track_highest(&st->srtp);
	srtp_track_estimate(&st->srtp, srtp_rtp_seq(buf), &index);
	return index;
}

static struct srtp_key *srtp_keys_in_interval(struct srtp_stream *st, enum srtp_class class,
					      const u8 *buf)
{
	u64 index = srtp_interval_index(st, class, buf);
	struct srtp_key *key = srtp_keys_by_index(st->keys, index);

	if (!key && class == SRTP_CLASS_RTCP)
		key = srtp_keys_after(st->keys, index);
	if (key)
		return key;
	return srtp_keys_before(st->keys, index) ? ERR_PTR(-EKEYEXPIRED) : ERR_PTR(-ENOKEY);
}

/*
 * A packet that was sent before the latest rekey can only be sent again with
 * the key that it had; with another one its octets would differ.
 */
static struct srtp_key *srtp_keys_to_resend(struct srtp_stream *st, const u8 *buf)
{
	struct srtp_key *key, *last = NULL;
	u64 index;

	if (srtp_track_estimate(&st->srtp, srtp_rtp_seq(buf), &index) != SRTP_SEEN_BEFORE ||
	    index > READ_ONCE(st->switched))
		return NULL;
	list_for_each_entry_rcu(key, &st->keys->list, node)
		if (READ_ONCE(key->state) == SRTP_KEY_STATE_RETIRED)
			last = key;
	return last;
}

/* A receiver's index is that of a packet that is not authentic yet. */
static struct srtp_key *srtp_keys_to_send_in_interval(struct srtp_stream *st,
						      enum srtp_class class, const u8 *buf)
{
	struct srtp_key *key = srtp_keys_in_interval(st, class, buf);
	struct srtp_key *last;

	if (key != ERR_PTR(-EKEYEXPIRED))
		return key;
	last = srtp_keys_before(st->keys, srtp_interval_index(st, class, buf));
	if (last)
		srtp_key_expire(st->keys, last, SRTP_EVENT_KEY_EXPIRED, last->to);
	return key;
}

static struct srtp_key *srtp_keys_pick(struct srtp_stream *st, enum srtp_class class,
				       const u8 *buf)
{
	struct srtp_key *key = NULL;

	if (READ_ONCE(st->keys->intervals))
		return srtp_keys_to_send_in_interval(st, class, buf);
	if (class == SRTP_CLASS_RTP)
		key = srtp_keys_to_resend(st, buf);
	return key ?: srtp_keys_in_state(st->keys, SRTP_KEY_STATE_ACTIVE) ?: ERR_PTR(-ENOKEY);
}

/**
 * srtp_keys_choose() - srtp_keys_to_send() where there is a choice to make
 * @st: send stream of its SSRC; the caller is in an RCU read section
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @buf: the packet, its header sound
 *
 * Return: the key, or ERR_PTR: -ENOKEY, -EKEYEXPIRED
 */
struct srtp_key *srtp_keys_choose(struct srtp_stream *st, enum srtp_class class, const u8 *buf)
{
	struct srtp_key *key = rcu_dereference(st->keys->only);
	u8 state;

	if (!key)
		key = srtp_keys_pick(st, class, buf);
	if (IS_ERR(key))
		return key;
	state = READ_ONCE(key->state);
	if (likely(state < SRTP_KEY_STATE_EXPIRED))
		return key;
	return ERR_PTR(state == SRTP_KEY_STATE_EXPIRED ? -EKEYEXPIRED : -ENOKEY);
}

static void srtp_trials_add(struct srtp_trials *trials, struct srtp_key *key)
{
	if (key && READ_ONCE(key->state) < SRTP_KEY_STATE_EXPIRED && trials->n < SRTP_TRIALS)
		trials->key[trials->n++] = key;
}

static int srtp_trials_by_mki(struct srtp_stream *st, enum srtp_class class, const u8 *buf,
			      size_t len, struct srtp_trials *trials)
{
	const u8 *mki = srtp_packet_mki(st, class, buf, len);
	struct srtp_key *key;

	if (!mki)
		return SRTP_A_STATS_RX_MALFORMED;
	list_for_each_entry_rcu(key, &st->keys->list, node) {
		if (memcmp(key->mki, mki, st->keys->mki_len))
			continue;
		srtp_trials_add(trials, key);
		return trials->n ? 0 : SRTP_A_STATS_RX_EXPIRED;
	}
	return SRTP_A_STATS_RX_MKI_UNKNOWN;
}

/* An SRTCP packet may come before the first SRTP packet of the next interval. */
static int srtp_trials_by_interval(struct srtp_stream *st, enum srtp_class class, const u8 *buf,
				   struct srtp_trials *trials)
{
	struct srtp_key *key = srtp_keys_in_interval(st, class, buf);

	if (IS_ERR(key))
		return PTR_ERR(key) == -ENOKEY ? SRTP_A_STATS_RX_NO_KEY :
						 SRTP_A_STATS_RX_EXPIRED;
	srtp_trials_add(trials, key);
	if (class == SRTP_CLASS_RTCP)
		srtp_trials_add(trials, srtp_keys_after(st->keys, key->to));
	return trials->n ? 0 : SRTP_A_STATS_RX_EXPIRED;
}

/* Current and next; the one that packets came with last is the likelier one. */
static int srtp_trials_of_rekey(struct srtp_keys *keys, struct srtp_trials *trials)
{
	struct srtp_key *key, *active = srtp_keys_in_state(keys, SRTP_KEY_STATE_ACTIVE);
	bool any = false;

	srtp_trials_add(trials, active);
	list_for_each_entry_rcu(key, &keys->list, node) {
		any = true;
		if (key != active)
			srtp_trials_add(trials, key);
	}
	if (trials->n)
		return 0;
	return any ? SRTP_A_STATS_RX_EXPIRED : SRTP_A_STATS_RX_NO_KEY;
}

/**
 * srtp_keys_to_receive() - the keys that a received packet is tried with
 * @st: receive stream of its SSRC, or the wildcard; the caller is in an RCU
 *	read section
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @buf: the packet
 * @len: its octets
 * @trials: result: one key, or two while an unmarked rekey is open
 *
 * Return: 0, or why to drop the packet: enum srtp_a_stats
 */
int srtp_keys_to_receive(struct srtp_stream *st, enum srtp_class class, const u8 *buf,
			 size_t len, struct srtp_trials *trials)
{
	struct srtp_keys *keys = st->keys;
	struct srtp_key *key = rcu_dereference(keys->only);

	trials->n = 0;
	if (key) {
		srtp_trials_add(trials, key);
		return trials->n ? 0 : SRTP_A_STATS_RX_EXPIRED;
	}
	if (keys->mki_len)
		return srtp_trials_by_mki(st, class, buf, len, trials);
	if (READ_ONCE(keys->intervals))
		return srtp_trials_by_interval(st, class, buf, trials);
	return srtp_trials_of_rekey(keys, trials);
}

/**
 * srtp_keys_seen_first() - srtp_keys_seen() of a key that may be a new one
 * @keys: its set
 * @key: the key
 */
void srtp_keys_seen_first(struct srtp_keys *keys, struct srtp_key *key)
{
	struct srtp_key *old = NULL;

	spin_lock_bh(&keys->lock);
	if (key->state == SRTP_KEY_STATE_INSTALLED) {
		old = srtp_keys_switch(keys, key);
		srtp_keys_settle(keys);
	}
	spin_unlock_bh(&keys->lock);
	if (old && old->interval)
		srtp_event_key(keys, old, SRTP_EVENT_KEY_EXPIRED, old->to);
}

/**
 * srtp_keys_follow() - keys with a derivation rate keep up with their stream
 * @keys: the set; the caller is in an RCU read section
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 *
 * Those that are not in use, too: a packet may come with them at any time.
 */
void srtp_keys_follow(struct srtp_keys *keys, enum srtp_class class)
{
	struct srtp_stream *st = keys->owner;
	u64 index = srtp_track_highest(class == SRTP_CLASS_RTP ? &st->srtp : &st->srtcp);
	struct srtp_key *key;

	list_for_each_entry_rcu(key, &keys->list, node)
		if (key->kdr)
			srtp_kdr_follow(key->kdr, class, index);
}

/**
 * srtp_keys_prepare() - the same where the stream was moved, without delay
 * @keys: the set; the caller holds the session's mutex
 *
 * Return: 0 or a negative error
 */
int srtp_keys_prepare(struct srtp_keys *keys)
{
	struct srtp_stream *st = keys->owner;
	struct srtp_key *key;
	int err = 0;

	list_for_each_entry(key, &keys->list, node)
		if (!err && key->kdr)
			err = srtp_kdr_prepare(key->kdr, srtp_track_goal(&st->srtp),
					       srtp_track_highest(&st->srtcp));
	return err;
}
