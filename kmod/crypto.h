/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_CRYPTO_H
#define _SRTP_CRYPTO_H

#include <linux/crypto.h>
#include <linux/types.h>

#include <crypto/sha1.h>

#include "../uapi/linux/srtp.h"
#include "suite.h"
#include "track.h"

struct crypto_aead;
struct crypto_skcipher;
struct crypto_shash;
struct hmac_sha1_key;

#define SRTP_IV_LEN	16

/*
 * What SHA-1 exports where it is five words, a counter and a block.  After whole blocks,
 * as a key's are, nothing of the last one is used.
 */
#define SRTP_MAC_STATE	sizeof(struct sha1_state)
#define SRTP_MAC_COPIED	offsetof(struct sha1_state, buffer)

/* Largest request contexts: of a cipher; of an AEAD. */
#define SRTP_REQ_MAX		MAX_SYNC_SKCIPHER_REQSIZE
#define SRTP_AEAD_REQ_MAX	1024

/**
 * struct srtp_cipher - a keyed cipher in two forms that give the same octets
 * @fast: with vector instructions, used where they are usable, or NULL
 * @any: for every context
 */
struct srtp_cipher {
	struct crypto_skcipher *fast;
	struct crypto_skcipher *any;
};

/**
 * struct srtp_transform - session keys of SRTP or of SRTCP, ready for use
 * @kind: how it encrypts, enum srtp_kind
 * @cipher: counter mode, or the feedback of F8
 * @f8_iv: turns the IV of F8 into IV' (RFC 3711 4.1.2), or NULL
 * @fast_aead: as struct srtp_cipher.fast
 * @aead: cipher and MAC in one, or NULL
 * @mac: keyed MAC, or NULL with an AEAD; with @mac_states the hash that it is
 *	made of
 * @mac_states: what the hash exports after the key's inner block, and after the
 *	outer one, or NULL
 * @mac_key: key of the kernel's function, or NULL; where it is, @mac has none
 * @mac_copied: what the hash imports is copied as it is, SRTP_MAC_COPIED octets
 * @hdrext: cipher of header extension elements (RFC 6904), if there are any
 * @salt: session salt, padded with zeros on the right
 * @hdrext_salt: the same of @hdrext
 */
struct srtp_transform {
	u8 kind;
	struct srtp_cipher cipher;
	struct crypto_skcipher *f8_iv;
	struct crypto_aead *fast_aead;
	struct crypto_aead *aead;
	struct crypto_shash *mac;
	u8 *mac_states;
	struct hmac_sha1_key *mac_key;
	bool mac_copied;
	struct srtp_cipher hdrext;
	__be64 salt[2];
	__be64 hdrext_salt[2];
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

/**
 * struct srtp_master - a master key, of which session keys are derived
 * @suite: its suite
 * @key: as many octets as the suite says
 * @salt: the same
 * @hdrext: header extension keys are wanted
 */
struct srtp_master {
	const struct srtp_cipher_suite *suite;
	const u8 *key;
	const u8 *salt;
	bool hdrext;
};

/* Names of the kernel drivers that serve a suite; empty where there is none. */
struct srtp_drivers {
	char cipher[CRYPTO_MAX_ALG_NAME];
	char auth[CRYPTO_MAX_ALG_NAME];
};

/* Labels of the key derivation, RFC 3711 4.3.1 and 4.3.2, RFC 6904 section 3. */
enum srtp_label {
	SRTP_LABEL_SRTP = 0,	/* first of encryption, authentication, salt */
	SRTP_LABEL_SRTCP = 3,
	SRTP_LABEL_HDREXT = 6,	/* encryption, salt */
};

/**
 * struct srtp_aead_parts - where the parts of a packet lie
 * @head: authenticated octets
 * @head_len: how many
 * @word: four more of those, in host order, or NULL
 * @text: encrypted octets
 * @len: how many
 * @tag: the tag, as long as the suite says
 *
 * All in the linear mapping.
 */
struct srtp_aead_parts {
	u8 *head;
	size_t head_len;
	const u32 *word;
	u8 *text;
	size_t len;
	u8 *tag;
};

/* crypto.c */
struct crypto_skcipher *srtp_skcipher(const char *name, bool internal);
int srtp_transform_set(struct srtp_transform *tf, const struct srtp_cipher_suite *suite,
		       const struct srtp_session_keys *keys);
int srtp_transform_set_hdrext(struct srtp_transform *tf, const struct srtp_cipher_suite *suite,
			      const struct srtp_session_keys *keys);
void srtp_transform_free(struct srtp_transform *tf);
void srtp_transform_drivers(const struct srtp_transform *tf, struct srtp_drivers *drivers);
const char *srtp_crypto_probe(const struct srtp_cipher_suite *suite, struct srtp_drivers *drivers);

/* hmac.c */
int srtp_hmac_alloc(struct srtp_transform *tf, const char *name);
int srtp_hmac_set(struct srtp_transform *tf, const char *name, const u8 *key, size_t len);
void srtp_hmac_free(struct srtp_transform *tf);
void srtp_hmac_driver(const struct srtp_transform *tf, char name[CRYPTO_MAX_ALG_NAME]);

/* kdf.c */
int srtp_kdf(const struct srtp_master *master, u8 label, u64 r, u8 *out, size_t len);
int srtp_transform_init(struct srtp_transform *tf, const struct srtp_master *master,
			enum srtp_label label, u64 r);

/* cipher.c */
int srtp_cipher_module_init(void);
void srtp_cipher_module_exit(void);
int srtp_run(struct crypto_skcipher *tfm, u8 *iv, u8 *data, size_t len);
int srtp_crypt_rtp(const struct srtp_transform *tf, const u8 *packet, u64 index,
		   u8 *data, size_t len);
int srtp_crypt_rtcp(const struct srtp_transform *tf, const u8 *packet, u32 word,
		    u8 *data, size_t len);
int srtp_crypt_hdrext(const struct srtp_transform *tf, const u8 *packet, u64 index,
		      size_t at, u8 *data, size_t len);
int srtp_aead(const struct srtp_transform *tf, bool seal, u32 ssrc, u64 index,
	      const struct srtp_aead_parts *parts);
int srtp_mac(const struct srtp_transform *tf, const u8 *data, size_t len, u8 mac[SRTP_MAC_LEN]);
int srtp_mac_rtp(const struct srtp_transform *tf, u8 *packet, size_t len, u64 index,
		 u8 mac[SRTP_MAC_LEN]);
int srtp_ctr_seal(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index, u8 mac[SRTP_MAC_LEN]);
int srtp_gcm_seal(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index, u8 mac[SRTP_MAC_LEN]);
int srtp_gcm_open(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index);
int srtp_ctr_open(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index, const u8 *tag, size_t tag_len);

#endif
