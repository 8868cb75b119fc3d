// SPDX-License-Identifier: GPL-2.0
/*
 * Master keys: derived once, then forgotten; recognised by a keyed hash.
 */
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "lifetime.h"
#include "../uapi/linux/srtp.h"

static siphash_key_t srtp_print_keys[2] __read_mostly;

/**
 * srtp_key_module_init() - choose the secrets of the fingerprints
 */
void srtp_key_module_init(void)
{
	get_random_bytes(srtp_print_keys, sizeof(srtp_print_keys));
}

static void srtp_key_print(struct srtp_key *key, const u8 *master_key, const u8 *master_salt)
{
	u8 both[SRTP_MASTER_KEY_MAX + SRTP_MASTER_SALT_MAX] __aligned(SIPHASH_ALIGNMENT) = {};
	int i;

	memcpy(both, master_key, key->suite->key_len);
	memcpy(both + key->suite->key_len, master_salt, key->suite->salt_len);
	for (i = 0; i < ARRAY_SIZE(key->print.half); i++)
		key->print.half[i] = siphash(both, sizeof(both), &srtp_print_keys[i]);
	memzero_explicit(both, sizeof(both));
}

/**
 * srtp_key_create() - derive the session keys of a master key
 * @policy: policy of its stream
 * @master_key: as many octets as the suite says
 * @master_salt: the same
 *
 * Sleeps.  The caller wipes the master key.
 *
 * Return: the key, or ERR_PTR
 */
struct srtp_key *srtp_key_create(const struct srtp_policy *policy, const u8 *master_key,
				 const u8 *master_salt)
{
	const struct srtp_master master = {
		.suite = policy->suite, .key = master_key, .salt = master_salt,
		.hdrext = policy->features & SRTP_F_HDREXT,
	};
	struct srtp_key *key = kzalloc(sizeof(*key), GFP_KERNEL_ACCOUNT);
	int err;

	if (!key)
		return ERR_PTR(-ENOMEM);
	key->suite = policy->suite;
	key->to = SRTP_INDEX_MAX;
	err = srtp_lifetime_init(key) ?:
	      srtp_transform_init(&key->srtp, &master, SRTP_LABEL_SRTP, 0) ?:
	      srtp_transform_init(&key->srtcp, &master, SRTP_LABEL_SRTCP, 0);
	if (!err && (policy->features & SRTP_F_KDR)) {
		key->kdr = srtp_kdr_create(&master, policy->kdr_shift);
		err = key->kdr ? 0 : -ENOMEM;
	}
	if (err) {
		srtp_key_free(key);
		return ERR_PTR(err);
	}
	srtp_key_print(key, master_key, master_salt);
	return key;
}

/**
 * srtp_key_free() - wipe and free a key that no packet can use any more
 * @key: the key
 */
void srtp_key_free(struct srtp_key *key)
{
	srtp_transform_free(&key->srtp);
	srtp_transform_free(&key->srtcp);
	srtp_kdr_put(key->kdr);
	srtp_lifetime_free(key);
	kfree_sensitive(key);
}

/**
 * srtp_key_equal() - whether two keys come from the same master key and salt
 * @a: a key
 * @b: a key
 */
bool srtp_key_equal(const struct srtp_key *a, const struct srtp_key *b)
{
	return a->print.half[0] == b->print.half[0] &&
	       a->print.half[1] == b->print.half[1];
}
