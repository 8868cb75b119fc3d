/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys of MIKEY: the PRF (RFC 3830 4.1.2), what is derived with it, the KEMAC
 * transforms and the MACs. All of it is OpenSSL 3 EVP, fetched once into a
 * context that the caller owns.
 */
#ifndef MIKEY_CRYPTO_H
#define MIKEY_CRYPTO_H

#include <openssl/types.h>

#include "msg.h"

/** MIKEY_MAC_MAX - longest MAC (HMAC-SHA-256-256) */
#define MIKEY_MAC_MAX 32
/** MIKEY_HASH_LEN - octets of the hash that replay and resend memory use */
#define MIKEY_HASH_LEN 32

struct mikey_crypto;

/**
 * mikey_crypto_new - fetch the algorithms
 * @libctx: OpenSSL library context, NULL for the default one
 * @propq: property query for the fetches, or NULL
 * Return: the handle, or NULL if an algorithm is not available. It holds no
 * key and may be shared by threads.
 */
struct mikey_crypto *mikey_crypto_new(OSSL_LIB_CTX *libctx, const char *propq);

/**
 * mikey_crypto_free - release the algorithms
 * @crypto: handle or NULL
 */
void mikey_crypto_free(struct mikey_crypto *crypto);

/**
 * struct mikey_env - what the library needs from outside
 * @crypto: algorithms
 * @random: fill @len octets with unpredictable ones, 0 or negative on failure
 * @arg: for @random
 */
struct mikey_env {
	const struct mikey_crypto *crypto;
	int (*random)(void *arg, void *buf, size_t len);
	void *arg;
};

/**
 * mikey_random_openssl - a @random for struct mikey_env: RAND_priv_bytes_ex()
 * @arg: OSSL_LIB_CTX or NULL
 * @buf: to fill
 * @len: octets
 */
int mikey_random_openssl(void *arg, void *buf, size_t len);

/**
 * mikey_prf_known - is the PRF function implemented?
 * @prf: value of the HDR
 */
bool mikey_prf_known(uint32_t prf);

/**
 * mikey_prf - the PRF, RFC 3830 4.1.2 and RFC 6043 6.1
 * @crypto: algorithms
 * @prf: enum mikey_prf
 * @inkey: key of any length above 0
 * @label: label
 * @out: filled
 * @len: octets wanted
 */
enum mikey_reason mikey_prf(const struct mikey_crypto *crypto, uint32_t prf,
			    struct mikey_view inkey, struct mikey_view label,
			    void *out, size_t len);

/**
 * enum mikey_label - the constants of RFC 3830 4.1.3 and 4.1.4
 */
enum mikey_label {
	MIKEY_LABEL_TEK = 0x2AD01C64,
	MIKEY_LABEL_TEK_AUTH = 0x1B5C7973,
	MIKEY_LABEL_TEK_ENCR = 0x15798CEF,
	MIKEY_LABEL_TEK_SALT = 0x39A2C14B,
	MIKEY_LABEL_MSG_ENCR = 0x150533E1,
	MIKEY_LABEL_MSG_AUTH = 0x2D22AC75,
	MIKEY_LABEL_MSG_SALT = 0x29B88916,
};

/**
 * struct mikey_label_ctx - what a label is made of besides its constant
 * @prf: enum mikey_prf
 * @csb_id: crypto session bundle ID
 * @rand: octets of the RAND payload
 */
struct mikey_label_ctx {
	uint32_t prf;
	uint32_t csb_id;
	struct mikey_view rand;
};

/**
 * mikey_derive - one key: PRF(inkey, constant || cs_id || csb_id || RAND)
 * @crypto: algorithms
 * @ctx: PRF, CSB and RAND
 * @inkey: TGK (with a CS ID) or PSK / envelope key (with CS ID 0xFF)
 * @label: which key
 * @cs_id: CS ID
 * @out: filled
 * @len: octets wanted
 */
enum mikey_reason mikey_derive(const struct mikey_crypto *crypto,
			       const struct mikey_label_ctx *ctx, struct mikey_view inkey,
			       enum mikey_label label, uint8_t cs_id, void *out, size_t len);

/**
 * struct mikey_ts - a timestamp as a T payload has it, RFC 3830 6.6
 * @type: enum mikey_ts_type
 * @value: NTP: 64 bits; COUNTER and NTP-UTC-32: 32 bits
 */
struct mikey_ts {
	uint32_t type;
	uint64_t value;
};

/**
 * struct mikey_msg_keys - the keys that protect one exchange, RFC 3830 4.1.4
 * @encr_alg: enum mikey_encr_alg that @encr and @salt are for
 * @mac_alg: enum mikey_mac_alg that @auth is for
 * @encr: key of the KEMAC encryption
 * @salt: its salt
 * @auth: key of MAC and V
 */
struct mikey_msg_keys {
	uint32_t encr_alg;
	uint32_t mac_alg;
	uint8_t encr[32];
	uint8_t salt[14];
	uint8_t auth[32];
};

/**
 * mikey_msg_keys_derive - keys of an exchange from PSK or envelope key
 * @crypto: algorithms
 * @ctx: PRF, CSB and RAND
 * @inkey: PSK or envelope key
 * @encr_alg: enum mikey_encr_alg
 * @mac_alg: enum mikey_mac_alg
 * @keys: filled; wipe with mikey_msg_keys_wipe()
 */
enum mikey_reason mikey_msg_keys_derive(const struct mikey_crypto *crypto,
					const struct mikey_label_ctx *ctx,
					struct mikey_view inkey, uint32_t encr_alg,
					uint32_t mac_alg, struct mikey_msg_keys *keys);

/**
 * mikey_msg_keys_wipe - forget the keys
 * @keys: to wipe
 */
void mikey_msg_keys_wipe(struct mikey_msg_keys *keys);

/**
 * mikey_algs_check - are KEMAC encryption, MAC and PRF known and compatible?
 * @prf: enum mikey_prf
 * @encr_alg: enum mikey_encr_alg
 * @mac_alg: enum mikey_mac_alg
 * @offset: of the payload that named them, for the error
 * @err: why not: unknown, or 256-bit and 128-bit ones mixed (RFC 6043 12.1)
 */
enum mikey_reason mikey_algs_check(uint32_t prf, uint32_t encr_alg, uint32_t mac_alg,
				   size_t offset, struct mikey_error *err);

/**
 * mikey_encr_strength - bits of security of a KEMAC encryption
 * @encr_alg: enum mikey_encr_alg
 * Return: 0 for NULL, 128 or 256.
 */
unsigned int mikey_encr_strength(uint32_t encr_alg);

/**
 * mikey_mac_len - octets of a MAC
 * @mac_alg: enum mikey_mac_alg
 * Return: 0, 20 or 32; 0 also for unknown algorithms.
 */
size_t mikey_mac_len(uint32_t mac_alg);

/**
 * mikey_mac - MAC over several pieces
 * @crypto: algorithms
 * @keys: keys of the exchange
 * @pieces: octets in order
 * @n: number of pieces
 * @out: mikey_mac_len(keys->mac_alg) octets
 */
enum mikey_reason mikey_mac(const struct mikey_crypto *crypto, const struct mikey_msg_keys *keys,
			    const struct mikey_view *pieces, size_t n, uint8_t *out);

/**
 * mikey_mac_verify - compare a MAC in constant time
 * @crypto: algorithms
 * @keys: keys of the exchange
 * @pieces: octets in order
 * @n: number of pieces
 * @mac: the MAC that came
 * Return: MIKEY_OK, MIKEY_AUTH_FAILED or MIKEY_CRYPTO.
 */
enum mikey_reason mikey_mac_verify(const struct mikey_crypto *crypto,
				   const struct mikey_msg_keys *keys,
				   const struct mikey_view *pieces, size_t n,
				   struct mikey_view mac);

/**
 * mikey_kemac_len - length of KEMAC's encrypted data for a clear text
 * @encr_alg: enum mikey_encr_alg
 * @clear_len: octets of clear text
 * Return: octets, or 0 if this algorithm cannot carry that length: AES key
 * wrap takes multiples of 8 from 16 on, and MIKEY has no padding.
 */
size_t mikey_kemac_len(uint32_t encr_alg, size_t clear_len);

/**
 * mikey_kemac_encrypt - RFC 3830 4.2.3
 * @crypto: algorithms
 * @keys: keys of the exchange
 * @csb_id: goes into the IV
 * @ts: goes into the IV
 * @in: clear text
 * @out: mikey_kemac_len() octets
 */
enum mikey_reason mikey_kemac_encrypt(const struct mikey_crypto *crypto,
				      const struct mikey_msg_keys *keys, uint32_t csb_id,
				      const struct mikey_ts *ts, struct mikey_view in,
				      uint8_t *out);

/**
 * mikey_kemac_decrypt - RFC 3830 4.2.3
 * @crypto: algorithms
 * @keys: keys of the exchange
 * @csb_id: goes into the IV
 * @ts: goes into the IV
 * @in: encrypted data of the KEMAC
 * @out: room for in.len octets
 * @len: octets of clear text
 * Return: MIKEY_BAD_KEY_DATA if the length cannot be, MIKEY_AUTH_FAILED if
 * AES key wrap finds the data altered.
 */
enum mikey_reason mikey_kemac_decrypt(const struct mikey_crypto *crypto,
				      const struct mikey_msg_keys *keys, uint32_t csb_id,
				      const struct mikey_ts *ts, struct mikey_view in,
				      uint8_t *out, size_t *len);

/**
 * mikey_hash - SHA-256 over several pieces
 * @crypto: algorithms
 * @pieces: octets in order
 * @n: number of pieces
 * @out: MIKEY_HASH_LEN octets
 */
enum mikey_reason mikey_hash(const struct mikey_crypto *crypto, const struct mikey_view *pieces,
			     size_t n, uint8_t *out);

#endif
