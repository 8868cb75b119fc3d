// SPDX-License-Identifier: GPL-2.0
/*
 * Key derivation and packet cryptography on the kernel crypto API.
 *
 * Synchronous algorithms only: packets are protected inside sendmsg and
 * unprotected in softirq, where nothing may complete later.  Up to 6.12 the x86
 * vector implementations of ctr(aes) are internal algorithms ("__ctr(aes)")
 * that must not run where the FPU is in use; they are taken when
 * crypto_simd_usable(), the plain synchronous algorithm otherwise.  Both give
 * the same octets.  Later kernels have one algorithm for every context.
 */
#include <linux/scatterlist.h>

#include <asm/simd.h>
#include <crypto/algapi.h>
#include <crypto/hash.h>
#include <crypto/internal/simd.h>
#include <crypto/skcipher.h>

#include "compat/compat.h"
#include "crypto.h"

#define SRTP_IV_LEN	16
#define SRTP_REQ_MAX	MAX_SYNC_SKCIPHER_REQSIZE

static struct crypto_skcipher *srtp_skcipher(const char *name, u32 type, u32 mask)
{
	struct crypto_skcipher *tfm = crypto_alloc_skcipher(name, type, mask);

	if (IS_ERR(tfm) || crypto_skcipher_reqsize(tfm) <= SRTP_REQ_MAX)
		return tfm;
	crypto_free_skcipher(tfm);
	return ERR_PTR(-EOPNOTSUPP);
}

/* NULL where the kernel has no internal form of the algorithm. */
static struct crypto_skcipher *srtp_skcipher_fast(const char *cipher)
{
	struct crypto_skcipher *tfm;
	char name[CRYPTO_MAX_ALG_NAME];

	snprintf(name, sizeof(name), "__%s", cipher);
	tfm = srtp_skcipher(name, CRYPTO_ALG_INTERNAL, CRYPTO_ALG_INTERNAL | CRYPTO_ALG_ASYNC);
	return IS_ERR(tfm) ? NULL : tfm;
}

static int srtp_transform_alloc(struct srtp_transform *tf, const struct srtp_cipher_suite *suite)
{
	int err;

	tf->cipher = srtp_skcipher(suite->cipher, 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(tf->cipher)) {
		err = PTR_ERR(tf->cipher);
		tf->cipher = NULL;
		return err;
	}
	tf->fast = srtp_skcipher_fast(suite->cipher);
	tf->mac = crypto_alloc_shash(suite->mac, 0, 0);
	if (IS_ERR(tf->mac)) {
		err = PTR_ERR(tf->mac);
		tf->mac = NULL;
		return err;
	}
	return 0;
}

/**
 * srtp_transform_free() - release a transform, also one half made
 * @tf: the transform
 *
 * The crypto core wipes the expanded keys.
 */
void srtp_transform_free(struct srtp_transform *tf)
{
	if (tf->fast)
		crypto_free_skcipher(tf->fast);
	if (tf->cipher)
		crypto_free_skcipher(tf->cipher);
	if (tf->mac)
		crypto_free_shash(tf->mac);
	memzero_explicit(tf, sizeof(*tf));
}

static int srtp_run(struct crypto_skcipher *tfm, u8 *iv, u8 *data, size_t len)
{
	u8 mem[sizeof(struct skcipher_request) + SRTP_REQ_MAX] CRYPTO_MINALIGN_ATTR;
	struct skcipher_request *req = (void *)mem;
	struct scatterlist sg;
	int err;

	skcipher_request_set_tfm(req, tfm);
	skcipher_request_set_callback(req, 0, NULL, NULL);
	sg_init_one(&sg, data, len);
	skcipher_request_set_crypt(req, &sg, &sg, len, iv);
	err = crypto_skcipher_encrypt(req);
	memzero_explicit(mem, sizeof(struct skcipher_request) + crypto_skcipher_reqsize(tfm));
	return err;
}

/**
 * srtp_crypt() - encrypt or decrypt in place, AES in counter mode
 * @tf: the session keys
 * @ssrc: SSRC of the packet
 * @index: packet index, 48 bits for SRTP, 31 bits for SRTCP
 * @data: octets, in the linear mapping
 * @len: how many
 *
 * IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16), RFC 3711 4.1.1.
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_crypt(const struct srtp_transform *tf, u32 ssrc, u64 index, u8 *data, size_t len)
{
	struct crypto_skcipher *tfm = tf->cipher;
	u8 iv[SRTP_IV_LEN] __aligned(8) = {};

	if (!len)
		return 0;
	put_unaligned_be32(ssrc, iv + 4);
	put_unaligned_be32(index >> 16, iv + 8);
	put_unaligned_be16(index, iv + 12);
	crypto_xor(iv, tf->salt, SRTP_SALT_LEN);
	if (tf->fast && crypto_simd_usable())
		tfm = tf->fast;
	return srtp_run(tfm, iv, data, len);
}

/**
 * srtp_mac() - full-length MAC of a packet
 * @tf: the session keys
 * @data: authenticated octets of the packet
 * @len: how many
 * @tail: octets that are authenticated but not sent (the ROC), or NULL
 * @tail_len: how many
 * @mac: result
 *
 * RFC 3711 4.2.
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_mac(const struct srtp_transform *tf, const u8 *data, size_t len,
	     const u8 *tail, size_t tail_len, u8 mac[SRTP_MAC_LEN])
{
	SHASH_DESC_ON_STACK(desc, tf->mac);
	int err;

	desc->tfm = tf->mac;
	err = crypto_shash_init(desc) ?:
	      crypto_shash_update(desc, data, len) ?:
	      crypto_shash_finup(desc, tail, tail_len, mac);
	shash_desc_zero(desc);
	return err;
}

/**
 * srtp_kdf() - derive one session key (RFC 3711 4.3, key derivation rate 0)
 * @suite: the suite
 * @master_key: @suite->key_len octets
 * @master_salt: @suite->salt_len octets
 * @label: which key
 * @out: result
 * @len: octets of the result, in the linear mapping
 *
 * x = label || 0^48 XOR master_salt; the key is the keystream of AES-CM under
 * the master key with IV = x * 2^16.  The label stands at octet 7 of 14 for
 * SRTCP too: its index counts as 48 bits wide (erratum 3712).  Sleeps.
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_kdf(const struct srtp_cipher_suite *suite, const u8 *master_key, const u8 *master_salt,
	     u8 label, u8 *out, size_t len)
{
	struct crypto_skcipher *tfm = srtp_skcipher(suite->cipher, 0, CRYPTO_ALG_ASYNC);
	u8 iv[SRTP_IV_LEN] = {};
	int err;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	memcpy(iv, master_salt, suite->salt_len);
	iv[7] ^= label;
	memset(out, 0, len);
	err = crypto_skcipher_setkey(tfm, master_key, suite->key_len) ?:
	      srtp_run(tfm, iv, out, len);
	memzero_explicit(iv, sizeof(iv));
	crypto_free_skcipher(tfm);
	return err;
}

static int srtp_derive(struct srtp_session_keys *keys, const struct srtp_cipher_suite *suite,
		       const u8 *master_key, const u8 *master_salt, enum srtp_label label)
{
	return srtp_kdf(suite, master_key, master_salt, label, keys->cipher, suite->key_len) ?:
	       srtp_kdf(suite, master_key, master_salt, label + 1, keys->auth,
			sizeof(keys->auth)) ?:
	       srtp_kdf(suite, master_key, master_salt, label + 2, keys->salt, suite->salt_len);
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
	int err = srtp_transform_alloc(tf, suite);

	if (!err)
		err = crypto_skcipher_setkey(tf->cipher, keys->cipher, suite->key_len);
	if (!err && tf->fast)
		err = crypto_skcipher_setkey(tf->fast, keys->cipher, suite->key_len);
	if (!err)
		err = crypto_shash_setkey(tf->mac, keys->auth, sizeof(keys->auth));
	memcpy(tf->salt, keys->salt, sizeof(tf->salt));
	return err;
}

/**
 * srtp_transform_init() - derive session keys and make them ready for use
 * @tf: result, zeroed
 * @suite: the suite
 * @master_key: @suite->key_len octets
 * @master_salt: @suite->salt_len octets
 * @label: SRTP or SRTCP
 *
 * Sleeps.  On failure what was made stays for srtp_transform_free().
 *
 * Return: 0 or a negative error
 */
int srtp_transform_init(struct srtp_transform *tf, const struct srtp_cipher_suite *suite,
			const u8 *master_key, const u8 *master_salt, enum srtp_label label)
{
	struct srtp_session_keys *keys;
	int err;

	/* On the heap: the crypto API wants the linear mapping. */
	keys = kzalloc(sizeof(*keys), GFP_KERNEL);
	if (!keys)
		return -ENOMEM;
	err = srtp_derive(keys, suite, master_key, master_salt, label) ?:
	      srtp_transform_set(tf, suite, keys);
	kfree_sensitive(keys);
	return err;
}

/**
 * srtp_transform_drivers() - which kernel drivers do the work
 * @tf: the transform
 * @drivers: result
 */
void srtp_transform_drivers(const struct srtp_transform *tf, struct srtp_drivers *drivers)
{
	struct crypto_skcipher *tfm = tf->fast ?: tf->cipher;

	strscpy(drivers->cipher, crypto_tfm_alg_driver_name(crypto_skcipher_tfm(tfm)),
		sizeof(drivers->cipher));
	strscpy(drivers->auth, crypto_tfm_alg_driver_name(crypto_shash_tfm(tf->mac)),
		sizeof(drivers->auth));
}

/**
 * srtp_crypto_probe() - whether this kernel has what a suite needs
 * @suite: the suite
 * @drivers: result if it has
 *
 * Return: NULL, or the name of the algorithm that is missing
 */
const char *srtp_crypto_probe(const struct srtp_cipher_suite *suite, struct srtp_drivers *drivers)
{
	struct srtp_transform tf = {};
	const char *missing = NULL;

	if (!srtp_transform_alloc(&tf, suite))
		srtp_transform_drivers(&tf, drivers);
	else
		missing = tf.cipher ? suite->mac : suite->cipher;
	srtp_transform_free(&tf);
	return missing;
}
