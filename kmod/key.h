/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_KEY_H
#define _SRTP_KEY_H

#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "../uapi/linux/srtp.h"
#include "crypto.h"
#include "kdr.h"
#include "modifier.h"

/**
 * struct srtp_fingerprint - tells equal master keys without holding them
 * @half: keyed hashes of master key and salt; the hash keys never leave the kernel
 */
struct srtp_fingerprint {
	u64 half[2];
};

/* What one CPU did with a key. */
struct srtp_key_use {
	u64 srtp_packets;
	u64 srtcp_packets;
};

/**
 * struct srtp_key - what is left of a master key once it is installed
 * @suite: its suite
 * @srtp: session keys of SRTP
 * @srtcp: session keys of SRTCP
 * @kdr: master key and session keys that change, or NULL
 * @print: recognises the master key when it comes again
 * @use: packets protected or accepted, per CPU
 * @id: number in its stream
 * @mki: master key identifier, as many octets as its stream's policy says
 * @active: send with it
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
	struct srtp_key_use __percpu *use;
	u32 id;
	u8 mki[SRTP_MKI_MAX];
	bool active;
	struct rcu_head rcu;
};

/**
 * struct srtp_keys - the keys of a stream, shared by what a wildcard creates
 * @refs: streams that use it
 * @key: the key, or NULL; changed under the session's mutex
 * @next_id: number of the next key
 */
struct srtp_keys {
	refcount_t refs;
	struct srtp_key __rcu *key;
	u32 next_id;
};

void srtp_key_module_init(void);

struct srtp_key *srtp_key_create(const struct srtp_policy *policy, const u8 *master_key,
				 const u8 *master_salt);
void srtp_key_free(struct srtp_key *key);
struct srtp_key_use srtp_key_used(const struct srtp_key *key);
bool srtp_key_equal(const struct srtp_key *a, const struct srtp_key *b);

struct srtp_keys *srtp_keys_create(void);
struct srtp_keys *srtp_keys_get(struct srtp_keys *keys);
void srtp_keys_put(struct srtp_keys *keys);
void srtp_keys_replace(struct srtp_keys *keys, struct srtp_key *key);

#endif
