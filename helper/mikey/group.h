/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Diffie-Hellman in the groups of MIKEY, RFC 3830 4.2.7, 6.4. Internal.
 *
 * All groups are of safe primes, with generator 2. Values and secrets have as
 * many octets as the prime, with zeros in front: a secret that was shorter
 * would be another key to the PRF.
 */
#ifndef MIKEY_GROUP_H
#define MIKEY_GROUP_H

#include "crypto.h"
#include "policy.h"

/** GROUP_MAX - octets of the longest value */
#define GROUP_MAX 192

/** group_len - octets of a value and of the secret; 0 for unknown groups */
size_t group_len(uint32_t group);

/**
 * group_check - may this group be used?
 * @group: enum mikey_dh_group
 * @flags: enum mikey_accept_flags
 * @offset: for the error
 * @err: why not: unknown, or below 1536 bits without MIKEY_ALLOW_WEAK_DH
 */
enum mikey_reason group_check(uint32_t group, uint32_t flags, size_t offset,
			      struct mikey_error *err);

/** group_strength - bits of keys that it may carry, 0 if nothing is known of it */
unsigned int group_strength(uint32_t group);

/**
 * struct group_key - one side's part of an exchange
 * @crypto: algorithms
 * @group: enum mikey_dh_group
 * @pkey: the exponent
 * @value: public value, group_len() octets
 */
struct group_key {
	const struct mikey_crypto *crypto;
	uint32_t group;
	EVP_PKEY *pkey;
	uint8_t value[GROUP_MAX];
};

/**
 * group_key_new - choose an exponent
 * @env: algorithms and randomness
 * @group: enum mikey_dh_group
 * @key: filled; clear with group_key_clear() in any case
 * @err: why not
 */
enum mikey_reason group_key_new(const struct mikey_env *env, uint32_t group,
				struct group_key *key, struct mikey_error *err);

/**
 * group_agree - the secret, RFC 3830 4.2.7
 * @key: own part
 * @value: the peer's value
 * @secret: group_len() octets
 * @offset: for the error
 * @err: why not: MIKEY_WEAK_DH for a value that is not in the subgroup of
 *	prime order, or whose secret everybody knows (0, 1, p - 1 and beyond)
 */
enum mikey_reason group_agree(const struct group_key *key, struct mikey_view value,
			      uint8_t *secret, size_t offset, struct mikey_error *err);

/**
 * group_key_clear - wipe the exponent
 * @key: key
 */
void group_key_clear(struct group_key *key);

#endif
