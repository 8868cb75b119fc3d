// SPDX-License-Identifier: GPL-2.0
/*
 * Encryption of key data: RFC 3830 4.2.3, RFC 6043 6.2 (AES-CM-256).
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "algs.h"
#include "clock.h"
#include "wire.h"

/* RFC 3394 works on 64-bit blocks, at least two, and adds one */
#define KW_BLOCK 8

size_t mikey_kemac_len(uint32_t encr, size_t len)
{
	const struct encr_alg *alg = encr_alg(encr);

	if (!alg || !len)
		return 0;
	if (!alg->wrap)
		return len;
	return len >= 2 * KW_BLOCK && len % KW_BLOCK == 0 ? len + KW_BLOCK : 0;
}

static const EVP_CIPHER *cipher_of(const struct mikey_crypto *crypto, uint32_t encr)
{
	if (encr == MIKEY_ENCR_AES_KW_128)
		return crypto->aes128_wrap;
	return encr == MIKEY_ENCR_AES_CM_256 ? crypto->aes256_ctr : crypto->aes128_ctr;
}

/* IV = (S XOR (0x0000 || CSB ID || T)) || 0x0000; key wrap takes S alone */
static void make_iv(const struct mikey_msg_keys *keys, uint32_t csb_id, const struct mikey_ts *ts,
		    uint8_t iv[16])
{
	uint8_t mask[14] = { 0 };
	size_t i;

	memset(iv, 0, 16);
	if (keys->encr_alg != MIKEY_ENCR_AES_KW_128) {
		put_be32(mask + 2, csb_id);
		put_be64(mask + 6, mikey_ts_64(ts));
	}
	for (i = 0; i < sizeof(mask); i++)
		iv[i] = keys->salt[i] ^ mask[i];
}

static enum mikey_reason crypt(const struct mikey_crypto *crypto,
			       const struct mikey_msg_keys *keys, uint32_t csb_id,
			       const struct mikey_ts *ts, struct mikey_view in, uint8_t *out,
			       bool encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t iv[16];
	int len, tail = 0;
	bool ok = ctx;

	make_iv(keys, csb_id, ts, iv);
	if (ok)
		EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ok = ok && EVP_CipherInit_ex2(ctx, cipher_of(crypto, keys->encr_alg), keys->encr, iv,
				      encrypt, NULL);
	ok = ok && EVP_CipherUpdate(ctx, out, &len, in.data, (int)in.len);
	ok = ok && EVP_CipherFinal_ex(ctx, out + len, &tail);
	EVP_CIPHER_CTX_free(ctx);
	OPENSSL_cleanse(iv, sizeof(iv));
	return ok ? MIKEY_OK : MIKEY_CRYPTO;
}

enum mikey_reason mikey_kemac_encrypt(const struct mikey_crypto *crypto,
				      const struct mikey_msg_keys *keys, uint32_t csb_id,
				      const struct mikey_ts *ts, struct mikey_view in,
				      uint8_t *out)
{
	if (!mikey_kemac_len(keys->encr_alg, in.len))
		return MIKEY_BAD_KEY_DATA;
	if (keys->encr_alg == MIKEY_ENCR_NULL) {
		memcpy(out, in.data, in.len);
		return MIKEY_OK;
	}
	return crypt(crypto, keys, csb_id, ts, in, out, true);
}

enum mikey_reason mikey_kemac_decrypt(const struct mikey_crypto *crypto,
				      const struct mikey_msg_keys *keys, uint32_t csb_id,
				      const struct mikey_ts *ts, struct mikey_view in,
				      uint8_t *out, size_t *len)
{
	const struct encr_alg *alg = encr_alg(keys->encr_alg);
	enum mikey_reason reason;

	*len = alg && alg->wrap && in.len >= KW_BLOCK ? in.len - KW_BLOCK : in.len;
	if (mikey_kemac_len(keys->encr_alg, *len) != in.len || !in.len)
		return MIKEY_BAD_KEY_DATA;
	if (keys->encr_alg == MIKEY_ENCR_NULL) {
		memcpy(out, in.data, in.len);
		return MIKEY_OK;
	}
	reason = crypt(crypto, keys, csb_id, ts, in, out, false);
	if (!reason)
		return MIKEY_OK;
	OPENSSL_cleanse(out, in.len);
	*len = 0;
	return alg->wrap ? MIKEY_AUTH_FAILED : reason;
}
