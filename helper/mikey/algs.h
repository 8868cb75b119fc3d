/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MIKEY's own algorithms, and the handles of OpenSSL behind them. Internal.
 */
#ifndef MIKEY_ALGS_H
#define MIKEY_ALGS_H

#include "crypto.h"

/**
 * struct mikey_crypto - see mikey_crypto_new()
 * @libctx: where keys are made, NULL for the default
 * @propq: with which properties, NULL for any
 * @hmac: fetched, as are all that follow
 */
struct mikey_crypto {
	OSSL_LIB_CTX *libctx;
	char *propq;
	EVP_MAC *hmac;
	EVP_MD *sha256;
	EVP_CIPHER *aes128_ctr;
	EVP_CIPHER *aes256_ctr;
	EVP_CIPHER *aes128_wrap;
};

/**
 * struct mac_alg - a PRF hash or MAC
 * @md: OpenSSL's name of the hash
 * @len: octets of its output, and of the authentication key (RFC 3830 4.2.4)
 * @bits: strength that it belongs to (RFC 6043 12.1); 0 goes with both
 */
struct mac_alg {
	const char *md;
	size_t len;
	unsigned int bits;
};

/**
 * struct encr_alg - a KEMAC encryption
 * @key_len: octets
 * @salt_len: octets
 * @bits: as in struct mac_alg
 * @wrap: AES key wrap, else counter mode
 */
struct encr_alg {
	size_t key_len;
	size_t salt_len;
	unsigned int bits;
	bool wrap;
};

/** prf_alg - by enum mikey_prf, NULL if unknown */
const struct mac_alg *prf_alg(uint32_t prf);

/** mac_alg - by enum mikey_mac_alg, NULL if unknown */
const struct mac_alg *mac_alg(uint32_t mac);

/** encr_alg - by enum mikey_encr_alg, NULL if unknown */
const struct encr_alg *encr_alg(uint32_t encr);

/**
 * mikey_hmac - HMAC over several pieces
 * @crypto: algorithms
 * @md: OpenSSL's name of the hash
 * @key: key
 * @pieces: octets in order
 * @n: number of pieces
 * @out: MIKEY_MAC_MAX octets
 */
enum mikey_reason mikey_hmac(const struct mikey_crypto *crypto, const char *md,
			     struct mikey_view key, const struct mikey_view *pieces, size_t n,
			     uint8_t *out);

#endif
