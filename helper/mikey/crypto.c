// SPDX-License-Identifier: GPL-2.0
/*
 * The algorithms, fetched once, and what is made of HMAC and SHA-256 alone.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>

#include "algs.h"

void mikey_crypto_free(struct mikey_crypto *crypto)
{
	if (!crypto)
		return;
	OPENSSL_free(crypto->propq);
	EVP_MAC_free(crypto->hmac);
	EVP_MD_free(crypto->sha256);
	EVP_CIPHER_free(crypto->aes128_ctr);
	EVP_CIPHER_free(crypto->aes256_ctr);
	EVP_CIPHER_free(crypto->aes128_wrap);
	OPENSSL_free(crypto);
}

struct mikey_crypto *mikey_crypto_new(OSSL_LIB_CTX *libctx, const char *propq)
{
	struct mikey_crypto *crypto = OPENSSL_zalloc(sizeof(*crypto));

	if (!crypto)
		return NULL;
	crypto->libctx = libctx;
	crypto->propq = propq ? OPENSSL_strdup(propq) : NULL;
	crypto->hmac = EVP_MAC_fetch(libctx, "HMAC", propq);
	crypto->sha256 = EVP_MD_fetch(libctx, "SHA256", propq);
	crypto->aes128_ctr = EVP_CIPHER_fetch(libctx, "AES-128-CTR", propq);
	crypto->aes256_ctr = EVP_CIPHER_fetch(libctx, "AES-256-CTR", propq);
	crypto->aes128_wrap = EVP_CIPHER_fetch(libctx, "AES-128-WRAP", propq);
	if (!crypto->propq == !propq && crypto->hmac && crypto->sha256 && crypto->aes128_ctr &&
	    crypto->aes256_ctr && crypto->aes128_wrap)
		return crypto;
	mikey_crypto_free(crypto);
	return NULL;
}

int mikey_random_openssl(void *arg, void *buf, size_t len)
{
	return RAND_priv_bytes_ex(arg, buf, len, 0) == 1 ? 0 : -1;
}

enum mikey_reason mikey_hmac(const struct mikey_crypto *crypto, const char *md,
			     struct mikey_view key, const struct mikey_view *pieces, size_t n,
			     uint8_t *out)
{
	char name[16];
	OSSL_PARAM params[2] = { OSSL_PARAM_END, OSSL_PARAM_END };
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(crypto->hmac);
	bool ok = ctx;
	size_t i, len;

	OPENSSL_strlcpy(name, md, sizeof(name));
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0);
	ok = ok && EVP_MAC_init(ctx, key.data, key.len, params);
	for (i = 0; ok && i < n; i++)
		if (pieces[i].len)
			ok = EVP_MAC_update(ctx, pieces[i].data, pieces[i].len);
	ok = ok && EVP_MAC_final(ctx, out, &len, MIKEY_MAC_MAX);
	EVP_MAC_CTX_free(ctx);
	return ok ? MIKEY_OK : MIKEY_CRYPTO;
}

enum mikey_reason mikey_mac(const struct mikey_crypto *crypto, const struct mikey_msg_keys *keys,
			    const struct mikey_view *pieces, size_t n, uint8_t *out)
{
	const struct mac_alg *alg = mac_alg(keys->mac_alg);

	if (!alg)
		return MIKEY_UNSUP_MAC;
	if (!alg->len)
		return MIKEY_OK;
	return mikey_hmac(crypto, alg->md, (struct mikey_view){ keys->auth, alg->len }, pieces, n,
			  out);
}

enum mikey_reason mikey_mac_verify(const struct mikey_crypto *crypto,
				   const struct mikey_msg_keys *keys,
				   const struct mikey_view *pieces, size_t n,
				   struct mikey_view mac)
{
	uint8_t right[MIKEY_MAC_MAX];
	size_t len = mikey_mac_len(keys->mac_alg);
	enum mikey_reason reason = mikey_mac(crypto, keys, pieces, n, right);

	if (!reason && (!len || mac.len != len || CRYPTO_memcmp(mac.data, right, len)))
		reason = MIKEY_AUTH_FAILED;
	OPENSSL_cleanse(right, sizeof(right));
	return reason;
}

enum mikey_reason mikey_hash(const struct mikey_crypto *crypto, const struct mikey_view *pieces,
			     size_t n, uint8_t *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex2(ctx, crypto->sha256, NULL);
	size_t i;

	for (i = 0; ok && i < n; i++)
		if (pieces[i].len)
			ok = EVP_DigestUpdate(ctx, pieces[i].data, pieces[i].len);
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
	return ok ? MIKEY_OK : MIKEY_CRYPTO;
}
