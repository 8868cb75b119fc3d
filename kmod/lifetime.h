/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_LIFETIME_H
#define _SRTP_LIFETIME_H

#include "keyring.h"

/**
 * struct srtp_lifetime - how long a key may be used
 * @soft_packets: SRTP packets until somebody is told, or 0
 * @hard_packets: SRTP packets until it is expired
 * @soft_srtcp_packets: SRTCP packets until somebody is told, or 0
 * @hard_srtcp_packets: SRTCP packets until it is expired
 * @soft_seconds: seconds until somebody is told, or 0
 * @hard_seconds: seconds until it is expired, or 0
 *
 * Seconds are those of CLOCK_BOOTTIME since the key was installed.
 */
struct srtp_lifetime {
	u64 soft_packets;
	u64 hard_packets;
	u64 soft_srtcp_packets;
	u64 hard_srtcp_packets;
	u32 soft_seconds;
	u32 hard_seconds;
};

extern const struct srtp_lifetime srtp_lifetime_default;

int srtp_lifetime_init(struct srtp_key *key);
void srtp_lifetime_free(struct srtp_key *key);
void srtp_lifetime_get(struct srtp_key *key, struct srtp_lifetime *life);
void srtp_lifetime_set(struct srtp_keys *keys, struct srtp_key *key,
		       const struct srtp_lifetime *life);
void srtp_lifetime_end(struct srtp_key *key);

enum srtp_take srtp_key_take_more(struct srtp_keys *keys, struct srtp_key *key,
				  struct srtp_limit *l);
void srtp_key_used(struct srtp_keys *keys, struct srtp_key *key, enum srtp_class class,
		   enum srtp_take how);
void srtp_key_expire(struct srtp_keys *keys, struct srtp_key *key, enum srtp_event event,
		     u64 limit);

static inline struct srtp_limit *srtp_key_limit(struct srtp_key *key, enum srtp_class class)
{
	return class == SRTP_CLASS_RTP ? &key->srtp_limit : &key->srtcp_limit;
}

/**
 * srtp_key_take() - count a packet that a key shall be used for
 * @keys: its set
 * @key: the key
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 *
 * Return: what srtp_key_taken() wants to know, or SRTP_TAKE_NONE: no more
 */
static inline enum srtp_take srtp_key_take(struct srtp_keys *keys, struct srtp_key *key,
					   enum srtp_class class)
{
	struct srtp_limit *l = srtp_key_limit(key, class);

	return likely(srtp_limit_within_budget(l)) ? SRTP_TAKE_OK :
						     srtp_key_take_more(keys, key, l);
}

/**
 * srtp_key_taken() - what became of that packet
 * @keys: its set
 * @key: the key
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @how: what srtp_key_take() said
 * @used: it was protected, and not for the second time, or accepted
 */
static inline void srtp_key_taken(struct srtp_keys *keys, struct srtp_key *key,
				  enum srtp_class class, enum srtp_take how, bool used)
{
	if (unlikely(!used))
		srtp_limit_give_back(srtp_key_limit(key, class), how);
	else if (unlikely(how != SRTP_TAKE_OK || key->kdr ||
			  READ_ONCE(key->state) == SRTP_KEY_STATE_INSTALLED))
		srtp_key_used(keys, key, class, how);
}

#endif
