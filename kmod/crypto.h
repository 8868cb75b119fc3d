/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_CRYPTO_H
#define _SRTP_CRYPTO_H

#include <linux/crypto.h>
#include <linux/types.h>

#include "../uapi/linux/srtp.h"
#include "suite.h"
#include "track.h"

struct crypto_skcipher;
struct crypto_shash;

/**
 * struct srtp_transform - session keys of SRTP or of SRTCP, ready for use
 * @fast: cipher with vector instructions, used where they are usable, or NULL
 * @cipher: cipher for every context
 * @mac: keyed MAC
 * @salt: session salt, padded with zeros on the right
 */
struct srtp_transform {
	struct crypto_skcipher *fast;
	struct crypto_skcipher *cipher;
	struct crypto_shash *mac;
	u8 salt[SRTP_SALT_LEN];
};

/**
 * struct srtp_session_keys - what is derived from a master key
 * @cipher: encryption key, as many octets as the suite says
 * @auth: authentication key
 * @salt: session salt, padded with zeros on the right
 */
struct srtp_session_keys {
	u8 cipher[SRTP_MASTER_KEY_MAX];
	u8 auth[SRTP_AUTH_KEY_LEN];
	u8 salt[SRTP_SALT_LEN];
};

/* Names of the kernel drivers that serve a suite. */
struct srtp_drivers {
	char cipher[CRYPTO_MAX_ALG_NAME];
	char auth[CRYPTO_MAX_ALG_NAME];
};

/* Labels of the key derivation, RFC 3711 4.3.1 and 4.3.2. */
enum srtp_label {
	SRTP_LABEL_SRTP = 0,	/* first of encryption, authentication, salt */
	SRTP_LABEL_SRTCP = 3,
};

int srtp_transform_set(struct srtp_transform *tf, const struct srtp_cipher_suite *suite,
		       const struct srtp_session_keys *keys);
int srtp_transform_init(struct srtp_transform *tf, const struct srtp_cipher_suite *suite,
			const u8 *master_key, const u8 *master_salt, enum srtp_label label);
void srtp_transform_free(struct srtp_transform *tf);
void srtp_transform_drivers(const struct srtp_transform *tf, struct srtp_drivers *drivers);

int srtp_crypt(const struct srtp_transform *tf, u32 ssrc, u64 index, u8 *data, size_t len);
int srtp_mac(const struct srtp_transform *tf, const u8 *data, size_t len,
	     const u8 *tail, size_t tail_len, u8 mac[SRTP_MAC_LEN]);
int srtp_kdf(const struct srtp_cipher_suite *suite, const u8 *master_key, const u8 *master_salt,
	     u8 label, u8 *out, size_t len);

const char *srtp_crypto_probe(const struct srtp_cipher_suite *suite, struct srtp_drivers *drivers);

#endif
