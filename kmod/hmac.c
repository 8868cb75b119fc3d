// SPDX-License-Identifier: GPL-2.0
/*
 * HMAC keys made ready for use (RFC 2104).
 *
 * The kernel's template "hmac" does for each message what can be done once for a
 * key, and has a layer of calls of its own.  Where it is what the kernel offers,
 * the hash that it would use is taken itself, with what it exports after the
 * block of the key, inner and outer (RFC 2104 section 4).  Where the driver is a
 * function of the kernel in the dress of the crypto API, the function is called.  Any
 * other driver that is an HMAC of its own is used as it is.
 */
#include <linux/slab.h>

#include <crypto/algapi.h>
#include <crypto/hash.h>
#include <crypto/hmac.h>

#include "compat/hmac.h"
#include "crypto.h"

/* The hash of a driver "hmac(HASH)"; false for any other. */
static bool srtp_hmac_hash_name(const char *driver, char hash[CRYPTO_MAX_ALG_NAME])
{
	size_t len = strlen(driver);

	if (!strstarts(driver, "hmac(") || driver[len - 1] != ')')
		return false;
	strscpy(hash, driver + strlen("hmac("), CRYPTO_MAX_ALG_NAME);
	hash[len - strlen("hmac(") - 1] = '\0';
	return true;
}

/**
 * srtp_hmac_alloc() - find a MAC
 * @tf: gets it; what was found stays for srtp_hmac_free(), also on failure
 * @name: kernel algorithm
 *
 * Return: 0 or a negative error
 */
int srtp_hmac_alloc(struct srtp_transform *tf, const char *name)
{
	struct crypto_shash *tfm = crypto_alloc_shash(name, 0, 0), *hash;
	char hash_name[CRYPTO_MAX_ALG_NAME];

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	tf->mac = tfm;
	if (SRTP_HMAC_FUNCTION &&
	    !strcmp(crypto_shash_driver_name(tfm), SRTP_HMAC_FUNCTION_DRIVER)) {
		tf->mac_key = kzalloc(sizeof(*tf->mac_key), GFP_KERNEL);
		return tf->mac_key ? 0 : -ENOMEM;
	}
	if (!srtp_hmac_hash_name(crypto_shash_driver_name(tfm), hash_name))
		return 0;
	hash = crypto_alloc_shash(hash_name, 0, 0);
	if (IS_ERR(hash))
		return PTR_ERR(hash);
	tf->mac = hash;
	crypto_free_shash(tfm);
	tf->mac_states = kzalloc(2 * crypto_shash_statesize(hash), GFP_KERNEL);
	return tf->mac_states ? 0 : -ENOMEM;
}

/* The state after a block that is the key, padded with zeros, XOR an octet. */
static int srtp_hmac_state(struct shash_desc *desc, const u8 *key, size_t len, u8 pad, u8 *state)
{
	size_t size = crypto_shash_blocksize(desc->tfm), i;
	u8 *block = kmalloc(size, GFP_KERNEL);
	int err;

	if (!block)
		return -ENOMEM;
	for (i = 0; i < size; i++)
		block[i] = pad ^ (i < len ? key[i] : 0);
	err = crypto_shash_init(desc) ?:
	      crypto_shash_update(desc, block, size) ?:
	      crypto_shash_export(desc, state);
	kfree_sensitive(block);
	return err;
}

/* The digest of nothing more, from a state of which only the first octets are given. */
static int srtp_hmac_by_copy(struct shash_desc *desc, const u8 *state, u8 *digest)
{
	memset(shash_desc_ctx(desc), 0x55, SRTP_MAC_STATE);
	memcpy(shash_desc_ctx(desc), state, SRTP_MAC_COPIED);
	return crypto_shash_final(desc, digest);
}

/*
 * Whether all that an import does is to copy, and only the first octets of the state
 * count.  A copy of a length that the compiler knows is a fraction of the calls that
 * lead to it.
 */
static bool srtp_hmac_copies(struct shash_desc *desc, const u8 *state)
{
	u8 digest[2][SRTP_MAC_LEN];
	bool copies;

	if (crypto_shash_statesize(desc->tfm) != SRTP_MAC_STATE ||
	    crypto_shash_descsize(desc->tfm) != SRTP_MAC_STATE ||
	    crypto_shash_digestsize(desc->tfm) != SRTP_MAC_LEN)
		return false;
	copies = !srtp_hmac_by_copy(desc, state, digest[0]) &&
		 !crypto_shash_import(desc, state) &&
		 !crypto_shash_final(desc, digest[1]) &&
		 !crypto_memneq(digest[0], digest[1], SRTP_MAC_LEN);
	memzero_explicit(digest, sizeof(digest));
	return copies;
}

static int srtp_hmac_states(struct srtp_transform *tf, const u8 *key, size_t len)
{
	size_t size = sizeof(struct shash_desc) + crypto_shash_descsize(tf->mac);
	struct shash_desc *desc;
	int err;

	/* A longer key would have to be hashed first: none is. */
	if (len > crypto_shash_blocksize(tf->mac))
		return -EINVAL;
	desc = kmalloc(size, GFP_KERNEL);
	if (!desc)
		return -ENOMEM;
	desc->tfm = tf->mac;
	err = srtp_hmac_state(desc, key, len, HMAC_IPAD_VALUE, tf->mac_states) ?:
	      srtp_hmac_state(desc, key, len, HMAC_OPAD_VALUE,
			      tf->mac_states + crypto_shash_statesize(tf->mac));
	tf->mac_copied = !err && srtp_hmac_copies(desc, tf->mac_states);
	kfree_sensitive(desc);
	return err;
}

/**
 * srtp_hmac_set() - find a MAC and key it
 * @tf: gets it; what was made stays for srtp_hmac_free(), also on failure
 * @name: kernel algorithm
 * @key: the key
 * @len: its octets
 *
 * Return: 0 or a negative error
 */
int srtp_hmac_set(struct srtp_transform *tf, const char *name, const u8 *key, size_t len)
{
	int err = srtp_hmac_alloc(tf, name);

	if (err)
		return err;
	if (SRTP_HMAC_FUNCTION && tf->mac_key) {
		hmac_sha1_preparekey(tf->mac_key, key, len);
		return 0;
	}
	return tf->mac_states ? srtp_hmac_states(tf, key, len) :
				crypto_shash_setkey(tf->mac, key, len);
}

/**
 * srtp_hmac_free() - release what srtp_hmac_alloc() took, or nothing
 * @tf: the transform
 *
 * Who has the states needs no key.
 */
void srtp_hmac_free(struct srtp_transform *tf)
{
	kfree_sensitive(tf->mac_key);
	kfree_sensitive(tf->mac_states);
	crypto_free_shash(tf->mac);
}

/**
 * srtp_hmac_driver() - which kernel driver does the work
 * @tf: the transform, with a MAC
 * @name: result
 */
void srtp_hmac_driver(const struct srtp_transform *tf, char name[CRYPTO_MAX_ALG_NAME])
{
	const char *driver = crypto_shash_driver_name(tf->mac);

	snprintf(name, CRYPTO_MAX_ALG_NAME, tf->mac_states ? "hmac(%s)" : "%s", driver);
}
