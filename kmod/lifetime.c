// SPDX-License-Identifier: GPL-2.0
/*
 * How long a key may be used: packets and time, each with a soft limit, at
 * which somebody is told, and a hard one, at which the key expires
 * (RFC 3711 9.2).
 */
#include <linux/ktime.h>

#include "compat/compat.h"
#include "event.h"
#include "lifetime.h"

/*
 * RFC 3711 9.2: 2^48 SRTP and 2^31 SRTCP packets, whichever comes first.
 * Somebody hears of it when a sixteenth is left.
 */
const struct srtp_lifetime srtp_lifetime_default = {
	.soft_packets = 15ULL << 44,
	.hard_packets = 1ULL << 48,
	.soft_srtcp_packets = 15ULL << 27,
	.hard_srtcp_packets = 1ULL << 31,
};

/**
 * srtp_key_expire() - protect and accept nothing with a key any more
 * @keys: its set
 * @key: the key
 * @event: what to tell
 * @limit: the limit that was reached, or the end of its interval
 */
void srtp_key_expire(struct srtp_keys *keys, struct srtp_key *key, enum srtp_event event,
		     u64 limit)
{
	spin_lock_bh(&keys->lock);
	if (key->state < SRTP_KEY_STATE_EXPIRED)
		WRITE_ONCE(key->state, SRTP_KEY_STATE_EXPIRED);
	spin_unlock_bh(&keys->lock);
	srtp_event_key(keys, key, event, limit);
}

static ktime_t srtp_seconds_from(ktime_t born, u32 seconds)
{
	return ktime_add(born, ktime_set(seconds, 0));
}

/* In softirq; softirqs do not nest, and removal waits for it. */
static enum hrtimer_restart srtp_lifetime_timer(struct hrtimer *timer)
{
	struct srtp_key *key = container_of(timer, struct srtp_key, timer);
	ktime_t end = srtp_seconds_from(key->born, key->hard_seconds);
	enum hrtimer_restart again = HRTIMER_NORESTART;

	rcu_read_lock();
	if (key->hard_seconds && ktime_compare(ktime_get_boottime(), end) >= 0) {
		srtp_key_expire(key->keys, key, SRTP_EVENT_KEY_EXPIRED, key->hard_seconds);
	} else {
		srtp_event_key(key->keys, key, SRTP_EVENT_KEY_SOFT_LIMIT, key->soft_seconds);
		if (key->hard_seconds) {
			hrtimer_set_expires(timer, end);
			again = HRTIMER_RESTART;
		}
	}
	rcu_read_unlock();
	return again;
}

/**
 * srtp_lifetime_init() - begin to count
 * @key: a new key, zeroed
 *
 * Return: 0 or -ENOMEM
 */
int srtp_lifetime_init(struct srtp_key *key)
{
	key->born = ktime_get_boottime();
	srtp_hrtimer_setup(&key->timer, srtp_lifetime_timer, CLOCK_BOOTTIME,
			   HRTIMER_MODE_ABS_SOFT);
	return srtp_limit_init(&key->srtp_limit, srtp_lifetime_default.hard_packets) ?:
	       srtp_limit_init(&key->srtcp_limit, srtp_lifetime_default.hard_srtcp_packets);
}

/**
 * srtp_lifetime_free() - release what srtp_lifetime_init() took, also half done
 * @key: the key, its timer stopped
 */
void srtp_lifetime_free(struct srtp_key *key)
{
	srtp_limit_free(&key->srtp_limit);
	srtp_limit_free(&key->srtcp_limit);
}

/**
 * srtp_lifetime_get() - what is set of a key
 * @key: the key
 * @life: result
 */
void srtp_lifetime_get(struct srtp_key *key, struct srtp_lifetime *life)
{
	*life = (struct srtp_lifetime){
		.soft_packets = READ_ONCE(key->srtp_limit.soft),
		.hard_packets = READ_ONCE(key->srtp_limit.hard),
		.soft_srtcp_packets = READ_ONCE(key->srtcp_limit.soft),
		.hard_srtcp_packets = READ_ONCE(key->srtcp_limit.hard),
		.soft_seconds = READ_ONCE(key->soft_seconds),
		.hard_seconds = READ_ONCE(key->hard_seconds),
	};
}

/* What has passed already is noticed at once, by the timer as well. */
static void srtp_lifetime_arm(struct srtp_key *key)
{
	ktime_t soft = srtp_seconds_from(key->born, key->soft_seconds);
	ktime_t hard = srtp_seconds_from(key->born, key->hard_seconds);
	bool soft_first = key->soft_seconds && !test_bit(SRTP_EVENT_KEY_SOFT_LIMIT, &key->told);

	if (soft_first)
		hrtimer_start(&key->timer, soft, HRTIMER_MODE_ABS_SOFT);
	else if (key->hard_seconds)
		hrtimer_start(&key->timer, hard, HRTIMER_MODE_ABS_SOFT);
}

static void srtp_lifetime_reached(struct srtp_keys *keys, struct srtp_key *key,
				  const struct srtp_limit *l, enum srtp_take how)
{
	if (how == SRTP_TAKE_SOFT)
		srtp_event_key(keys, key, SRTP_EVENT_KEY_SOFT_LIMIT, READ_ONCE(l->soft));
	else if (how == SRTP_TAKE_LAST || how == SRTP_TAKE_NONE)
		srtp_key_expire(keys, key, SRTP_EVENT_KEY_HARD_LIMIT, READ_ONCE(l->hard));
}

/**
 * srtp_lifetime_set() - give a key other limits
 * @keys: its set; the caller holds the session's mutex
 * @key: the key
 * @life: the limits
 */
void srtp_lifetime_set(struct srtp_keys *keys, struct srtp_key *key,
		       const struct srtp_lifetime *life)
{
	enum srtp_take srtp, srtcp;

	hrtimer_cancel(&key->timer);
	WRITE_ONCE(key->soft_seconds, life->soft_seconds);
	WRITE_ONCE(key->hard_seconds, life->hard_seconds);
	srtp = srtp_limit_set(&key->srtp_limit, life->soft_packets, life->hard_packets);
	srtcp = srtp_limit_set(&key->srtcp_limit, life->soft_srtcp_packets,
			       life->hard_srtcp_packets);
	rcu_read_lock();
	srtp_lifetime_reached(keys, key, &key->srtp_limit, srtp);
	srtp_lifetime_reached(keys, key, &key->srtcp_limit, srtcp);
	rcu_read_unlock();
	srtp_lifetime_arm(key);
}

/**
 * srtp_lifetime_end() - stop a key's timer, waiting for it
 * @key: the key, which is being removed; the caller may sleep
 */
void srtp_lifetime_end(struct srtp_key *key)
{
	hrtimer_cancel(&key->timer);
}

/**
 * srtp_key_take_more() - srtp_key_take() where the CPU's budget is used up
 * @keys: its set
 * @key: the key
 * @l: which of its limits
 */
enum srtp_take srtp_key_take_more(struct srtp_keys *keys, struct srtp_key *key,
				  struct srtp_limit *l)
{
	enum srtp_take how = srtp_limit_refill(l);

	if (unlikely(how == SRTP_TAKE_NONE))
		srtp_lifetime_reached(keys, key, l, how);
	return how;
}

/**
 * srtp_key_used() - a packet was protected or accepted that something follows from
 * @keys: its set
 * @key: the key
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @how: what srtp_key_take() said
 */
void srtp_key_used(struct srtp_keys *keys, struct srtp_key *key, enum srtp_class class,
		   enum srtp_take how)
{
	if (unlikely(how != SRTP_TAKE_OK))
		srtp_lifetime_reached(keys, key, srtp_key_limit(key, class), how);
	srtp_keys_seen(keys, key);
	if (unlikely(key->kdr) && !rcu_access_pointer(keys->only))
		srtp_keys_follow(keys, class);
}
