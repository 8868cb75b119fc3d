// SPDX-License-Identifier: GPL-2.0
/*
 * Session keys made ready for use with the kernel crypto API.
 *
 * Synchronous algorithms only: packets are protected inside sendmsg and
 * unprotected in softirq, where nothing may complete later.  Up to 6.12 the x86
 * vector implementations of ctr(aes) and gcm(aes) are internal algorithms
 * ("__ctr(aes)") that must not run where the FPU is in use; they are taken when
 * crypto_simd_usable(), the plain synchronous algorithm otherwise.  Both give
 * the same octets.  Later kernels have one algorithm for every context.
 */
#include <crypto/aead.h>
#include <crypto/algapi.h>
#include <crypto/skcipher.h>

#include "compat/compat.h"
#include "crypto.h"

/**
 * srtp_skcipher() - a cipher that is synchronous, and whose requests fit
 * @name: kernel algorithm
 * @internal: one that may run only where vector instructions are usable
 */
struct crypto_skcipher *srtp_skcipher(const char *name, bool internal)
{
	u32 type = internal ? CRYPTO_ALG_INTERNAL : 0;
	struct crypto_skcipher *tfm = crypto_alloc_skcipher(name, type, type | CRYPTO_ALG_ASYNC);

	if (IS_ERR(tfm) || crypto_skcipher_reqsize(tfm) <= SRTP_REQ_MAX)
		return tfm;
	crypto_free_skcipher(tfm);
	return ERR_PTR(-EOPNOTSUPP);
}

static struct crypto_aead *srtp_aead_alloc(const char *name, bool internal, size_t tag_len)
{
	u32 type = internal ? CRYPTO_ALG_INTERNAL : 0;
	struct crypto_aead *tfm = crypto_alloc_aead(name, type, type | CRYPTO_ALG_ASYNC);
	int err = -EOPNOTSUPP;

	if (IS_ERR(tfm))
		return tfm;
	if (crypto_aead_reqsize(tfm) <= SRTP_AEAD_REQ_MAX)
		err = crypto_aead_setauthsize(tfm, tag_len);
	if (!err)
		return tfm;
	crypto_free_aead(tfm);
	return ERR_PTR(err);
}

/*
 * Names whose internal form the kernel does not have.  Asking for one runs
 * modprobe three times over, so it is done once and not for each key.
 */
static const char *srtp_plain_only[16];

static bool srtp_internal_name(char *internal, const char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(srtp_plain_only); i++) {
		const char *plain = READ_ONCE(srtp_plain_only[i]);

		if (plain && !strcmp(plain, name))
			return false;
	}
	snprintf(internal, CRYPTO_MAX_ALG_NAME, "__%s", name);
	return true;
}

/* @name is one of the table of suites, which stays. */
static void *srtp_internal_found(void *tfm, const char *name)
{
	int i;

	if (!IS_ERR(tfm))
		return tfm;
	for (i = 0; tfm == ERR_PTR(-ENOENT) && i < ARRAY_SIZE(srtp_plain_only); i++)
		if (!cmpxchg(&srtp_plain_only[i], NULL, name))
			break;
	return NULL;
}

/* The fast form is NULL where the kernel has none. */
static int srtp_cipher_alloc(struct srtp_cipher *cipher, const char *name)
{
	struct crypto_skcipher *tfm = srtp_skcipher(name, false);
	char internal[CRYPTO_MAX_ALG_NAME];

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	cipher->any = tfm;
	if (srtp_internal_name(internal, name))
		cipher->fast = srtp_internal_found(srtp_skcipher(internal, true), name);
	return 0;
}

static int srtp_transform_alloc_aead(struct srtp_transform *tf, const char *name, size_t tag_len)
{
	struct crypto_aead *tfm = srtp_aead_alloc(name, false, tag_len);
	char internal[CRYPTO_MAX_ALG_NAME];

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	tf->aead = tfm;
	if (srtp_internal_name(internal, name))
		tf->fast_aead = srtp_internal_found(srtp_aead_alloc(internal, true, tag_len),
						    name);
	return 0;
}

static int srtp_transform_alloc_f8(struct srtp_transform *tf, const char *name)
{
	struct crypto_skcipher *tfm = srtp_skcipher(name, false);

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	tf->f8_iv = tfm;
	return srtp_cipher_alloc(&tf->cipher, name);
}

static int srtp_transform_alloc_cipher(struct srtp_transform *tf,
				       const struct srtp_cipher_suite *suite)
{
	switch (suite->kind) {
	case SRTP_KIND_NONE:
		return 0;
	case SRTP_KIND_CTR:
		return srtp_cipher_alloc(&tf->cipher, suite->cipher);
	case SRTP_KIND_F8:
		return srtp_transform_alloc_f8(tf, suite->cipher);
	default:
		return srtp_transform_alloc_aead(tf, suite->cipher, suite->srtp_tag_len);
	}
}

static void srtp_cipher_free(struct srtp_cipher *cipher)
{
	crypto_free_skcipher(cipher->fast);
	crypto_free_skcipher(cipher->any);
}

/**
 * srtp_transform_free() - release a transform, also one half made
 * @tf: the transform
 *
 * The crypto core wipes the expanded keys.
 */
void srtp_transform_free(struct srtp_transform *tf)
{
	srtp_cipher_free(&tf->cipher);
	srtp_cipher_free(&tf->hdrext);
	crypto_free_skcipher(tf->f8_iv);
	crypto_free_aead(tf->fast_aead);
	crypto_free_aead(tf->aead);
	srtp_hmac_free(tf);
	memzero_explicit(tf, sizeof(*tf));
}

static int srtp_cipher_setkey(struct srtp_cipher *cipher, const u8 *key, size_t len)
{
	int err = cipher->any ? crypto_skcipher_setkey(cipher->any, key, len) : 0;

	return err || !cipher->fast ? err : crypto_skcipher_setkey(cipher->fast, key, len);
}

static int srtp_aead_setkey(struct srtp_transform *tf, const u8 *key, size_t len)
{
	int err = tf->aead ? crypto_aead_setkey(tf->aead, key, len) : 0;

	return err || !tf->fast_aead ? err : crypto_aead_setkey(tf->fast_aead, key, len);
}

/* The key of IV' is k_e XOR (k_s || 0x55...), RFC 3711 4.1.2.1. */
static int srtp_f8_setkey(struct srtp_transform *tf, const struct srtp_session_keys *keys,
			  size_t len)
{
	u8 mask[SRTP_MASTER_KEY_MAX];
	int err;

	if (!tf->f8_iv)
		return 0;
	memset(mask, 0x55, sizeof(mask));
	memcpy(mask, keys->salt, SRTP_SALT_LEN);
	crypto_xor(mask, keys->cipher, len);
	err = crypto_skcipher_setkey(tf->f8_iv, mask, len);
	memzero_explicit(mask, sizeof(mask));
	return err;
}

/**
 * srtp_transform_set() - make given session keys ready for use
 * @tf: result, zeroed
 * @suite: the suite
 * @keys: the session keys, in the linear mapping
 *
 * Sleeps.  On failure what was made stays for srtp_transform_free().
 *
 * Return: 0 or a negative error
 */
int srtp_transform_set(struct srtp_transform *tf, const struct srtp_cipher_suite *suite,
		       const struct srtp_session_keys *keys)
{
	int err;

	tf->kind = suite->kind;
	memcpy(tf->salt, keys->salt, sizeof(keys->salt));
	err = srtp_transform_alloc_cipher(tf, suite) ?:
	      srtp_cipher_setkey(&tf->cipher, keys->cipher, suite->key_len) ?:
	      srtp_aead_setkey(tf, keys->cipher, suite->key_len) ?:
	      srtp_f8_setkey(tf, keys, suite->key_len);
	if (err || !suite->mac)
		return err;
	return srtp_hmac_set(tf, suite->mac, keys->auth, sizeof(keys->auth));
}

/**
 * srtp_transform_set_hdrext() - add the keys of header extension elements
 * @tf: transform of SRTP
 * @suite: its suite
 * @keys: cipher and salt, in the linear mapping
 *
 * With an AEAD the elements are encrypted in counter mode, by the cipher that
 * the suite derives keys with (RFC 6904 3.2, RFC 7714 8.3).
 *
 * Return: 0 or a negative error
 */
int srtp_transform_set_hdrext(struct srtp_transform *tf, const struct srtp_cipher_suite *suite,
			      const struct srtp_session_keys *keys)
{
	memcpy(tf->hdrext_salt, keys->salt, sizeof(keys->salt));
	return srtp_cipher_alloc(&tf->hdrext, suite->prf) ?:
	       srtp_cipher_setkey(&tf->hdrext, keys->cipher, suite->key_len);
}

static void srtp_driver_name(char *name, struct crypto_tfm *tfm)
{
	strscpy(name, crypto_tfm_alg_driver_name(tfm), CRYPTO_MAX_ALG_NAME);
}

/**
 * srtp_transform_drivers() - which kernel drivers do the work
 * @tf: the transform
 * @drivers: result
 */
void srtp_transform_drivers(const struct srtp_transform *tf, struct srtp_drivers *drivers)
{
	struct crypto_skcipher *cipher = tf->cipher.fast ?: tf->cipher.any;
	struct crypto_aead *aead = tf->fast_aead ?: tf->aead;

	memset(drivers, 0, sizeof(*drivers));
	if (cipher)
		srtp_driver_name(drivers->cipher, crypto_skcipher_tfm(cipher));
	if (aead)
		srtp_driver_name(drivers->cipher, crypto_aead_tfm(aead));
	if (tf->mac)
		srtp_hmac_driver(tf, drivers->auth);
}

/**
 * srtp_crypto_probe() - whether this kernel has what a suite needs
 * @suite: the suite
 * @drivers: result if it has
 *
 * Sleeps.
 *
 * Return: NULL, or the name of the algorithm that is missing
 */
const char *srtp_crypto_probe(const struct srtp_cipher_suite *suite, struct srtp_drivers *drivers)
{
	struct srtp_transform tf = {};
	const char *missing = NULL;

	if (srtp_cipher_alloc(&tf.hdrext, suite->prf))
		missing = suite->prf;
	else if (srtp_transform_alloc_cipher(&tf, suite))
		missing = suite->cipher;
	else if (suite->mac && srtp_hmac_alloc(&tf, suite->mac))
		missing = suite->mac;
	else
		srtp_transform_drivers(&tf, drivers);
	srtp_transform_free(&tf);
	return missing;
}
