// SPDX-License-Identifier: GPL-2.0
/*
 * Key derivation (RFC 3711 4.3): session keys from a master key.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include <crypto/algapi.h>
#include <crypto/skcipher.h>

#include "compat/compat.h"
#include "crypto.h"

/**
 * srtp_kdf() - derive one session key
 * @master: the master key and salt
 * @label: which key
 * @r: index DIV key derivation rate, or 0; 48 bits
 * @out: result
 * @len: octets of the result, in the linear mapping
 *
 * x = (label || r) XOR master_salt; the key is the keystream of counter mode
 * under the master key with IV = x * 2^16.  The label stands at octet 7 of 14
 * for SRTCP too: its index counts as 48 bits wide (erratum 3712).  A salt of 12
 * octets is padded on the right (erratum 4938 of RFC 7714).  Sleeps.
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_kdf(const struct srtp_master *master, u8 label, u64 r, u8 *out, size_t len)
{
	struct crypto_skcipher *tfm = srtp_skcipher(master->suite->prf, false);
	u8 rate[8], iv[SRTP_IV_LEN] = {};
	int err;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	memcpy(iv, master->salt, master->suite->salt_len);
	put_unaligned_be64((u64)label << 48 | r, rate);
	crypto_xor(iv + 6, rate, sizeof(rate));
	memset(out, 0, len);
	err = crypto_skcipher_setkey(tfm, master->key, master->suite->key_len) ?:
	      srtp_run(tfm, iv, out, len);
	memzero_explicit(iv, sizeof(iv));
	crypto_free_skcipher(tfm);
	return err;
}

static int srtp_derive(struct srtp_session_keys *keys, const struct srtp_master *master,
		       u8 label, u64 r)
{
	return srtp_kdf(master, label, r, keys->cipher, master->suite->key_len) ?:
	       srtp_kdf(master, label + 1, r, keys->auth, sizeof(keys->auth)) ?:
	       srtp_kdf(master, label + 2, r, keys->salt, master->suite->salt_len);
}

/* RFC 6904 section 3; there is no authentication key. */
static int srtp_derive_hdrext(struct srtp_session_keys *keys, const struct srtp_master *master,
			      u64 r)
{
	return srtp_kdf(master, SRTP_LABEL_HDREXT, r, keys->cipher, master->suite->key_len) ?:
	       srtp_kdf(master, SRTP_LABEL_HDREXT + 1, r, keys->salt, master->suite->salt_len);
}

/**
 * srtp_transform_init() - derive session keys and make them ready for use
 * @tf: result, zeroed
 * @master: the master key and salt
 * @label: SRTP or SRTCP
 * @r: index DIV key derivation rate, or 0
 *
 * Sleeps.  On failure what was made stays for srtp_transform_free().
 *
 * Return: 0 or a negative error
 */
int srtp_transform_init(struct srtp_transform *tf, const struct srtp_master *master,
			enum srtp_label label, u64 r)
{
	struct srtp_session_keys *keys;
	int err;

	/* On the heap: the crypto API wants the linear mapping. */
	keys = kzalloc(sizeof(*keys), GFP_KERNEL);
	if (!keys)
		return -ENOMEM;
	err = srtp_derive(keys, master, label, r) ?:
	      srtp_transform_set(tf, master->suite, keys);
	if (!err && master->hdrext && label == SRTP_LABEL_SRTP)
		err = srtp_derive_hdrext(keys, master, r) ?:
		      srtp_transform_set_hdrext(tf, master->suite, keys);
	kfree_sensitive(keys);
	return err;
}
