/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_KEY_H
#define _SRTP_KEY_H

#include <linux/hrtimer.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "../uapi/linux/srtp.h"
#include "crypto.h"
#include "kdr.h"
#include "limit.h"
#include "modifier.h"

/**
 * struct srtp_fingerprint - tells equal master keys without holding them
 * @half: keyed hashes of master key and salt; the hash keys never leave the kernel
 */
struct srtp_fingerprint {
	u64 half[2];
};

struct srtp_keys;

/* One state more than users see: no longer in its set, but a packet may hold it. */
#define SRTP_KEY_STATE_REMOVED	__SRTP_KEY_STATE_END

/**
 * struct srtp_key - what is left of a master key once it is installed
 * @suite: its suite
 * @srtp: session keys of SRTP
 * @srtcp: session keys of SRTCP
 * @kdr: master key and session keys that change, or NULL
 * @print: recognises the master key when it comes again
 * @srtp_limit: SRTP packets protected or accepted, and how many may be
 * @srtcp_limit: the same for SRTCP
 * @id: number in its stream
 * @mki: master key identifier, as many octets as its stream's policy says
 * @state: enum srtp_key_state, or SRTP_KEY_STATE_REMOVED; changes under the lock of its set
 * @interval: it has one: @from and @to were given
 * @from: first packet index that it is valid for
 * @to: last one
 * @told: events sent of it, bit (1 << event)
 * @born: when it was installed, by CLOCK_BOOTTIME
 * @soft_seconds: after which somebody is told, or 0
 * @hard_seconds: after which it is expired, or 0
 * @timer: does both
 * @keys: the set that it is in
 * @node: in the set of keys of its stream
 * @rcu: packets in flight use it
 *
 * With key derivation rate 0 the master key itself is gone: it is used once.
 * With another rate @srtp and @srtcp are the first session keys.
 */
struct srtp_key {
	const struct srtp_cipher_suite *suite;
	struct srtp_transform srtp;
	struct srtp_transform srtcp;
	struct srtp_kdr *kdr;
	struct srtp_fingerprint print;
	struct srtp_limit srtp_limit;
	struct srtp_limit srtcp_limit;
	u32 id;
	u8 mki[SRTP_MKI_MAX];
	u8 state;
	bool interval;
	u64 from;
	u64 to;
	unsigned long told;
	ktime_t born;
	u32 soft_seconds;
	u32 hard_seconds;
	struct hrtimer timer;
	struct srtp_keys *keys;
	struct list_head node;
	struct rcu_head rcu;
};

void srtp_key_module_init(void);

struct srtp_key *srtp_key_create(const struct srtp_policy *policy, const u8 *master_key,
				 const u8 *master_salt);
void srtp_key_free(struct srtp_key *key);
bool srtp_key_equal(const struct srtp_key *a, const struct srtp_key *b);

#endif
