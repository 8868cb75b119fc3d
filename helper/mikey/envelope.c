// SPDX-License-Identifier: GPL-2.0
/*
 * Envelopes: RFC 3830 3.2, 4.2.5, 6.2, 6.3; RFC 4738 3.6.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <string.h>

#include "algs.h"
#include "envelope.h"
#include "wire.h"

/* No RFC says how long an envelope key is: as strong as what is made of it */
#define KEY_LEN 16
#define KEY_LEN_256 32

struct envelope *envelope_new(void)
{
	return OPENSSL_secure_zalloc(sizeof(struct envelope));
}

void envelope_free(struct envelope *env)
{
	OPENSSL_secure_clear_free(env, sizeof(*env));
}

static size_t usual_len(uint32_t prf)
{
	return prf == MIKEY_PRF_HMAC_SHA256 ? KEY_LEN_256 : KEY_LEN;
}

/* RFC 3830 4.2.3: a KEMAC may have no MAC of its own; V always needs one */
static uint32_t mac_for_v(uint32_t mac, uint32_t prf)
{
	if (mac != MIKEY_MAC_NULL)
		return mac;
	return prf == MIKEY_PRF_HMAC_SHA256 ? MIKEY_MAC_HMAC_SHA256 : MIKEY_MAC_HMAC_SHA1;
}

enum mikey_reason kemac_mac(const struct mikey_crypto *crypto, const struct mikey_msg_keys *keys,
			    const uint8_t *msg, const struct mikey_payload *kemac, uint8_t *out)
{
	static const uint8_t last = MIKEY_PL_LAST;
	const struct mikey_view pieces[2] = {
		{ &last, 1 },
		{ msg + kemac->offset + 1, kemac->len - 1 - kemac->kemac.mac.len },
	};
	uint8_t mac[MIKEY_MAC_MAX];
	enum mikey_reason reason = mikey_mac(crypto, keys, pieces, 2, mac);

	memcpy(out, mac, mikey_mac_len(keys->mac_alg));
	OPENSSL_cleanse(mac, sizeof(mac));
	return reason;
}

static enum mikey_reason derive(const struct mikey_crypto *crypto,
				const struct mikey_label_ctx *ctx, uint32_t encr, uint32_t mac,
				struct envelope *envelope, struct mikey_error *err)
{
	enum mikey_reason reason;

	reason = mikey_msg_keys_derive(crypto, ctx,
				       (struct mikey_view){ envelope->key, envelope->key_len },
				       encr, mac_for_v(mac, ctx->prf), &envelope->keys);
	return reason ? mikey_fail(err, reason, MIKEY_NO_OFFSET, "the key derivation failed") :
			MIKEY_OK;
}

enum mikey_reason envelope_make(const struct mikey_env *env, const struct mikey_label_ctx *ctx,
				uint32_t encr, uint32_t mac, struct envelope *envelope,
				struct mikey_error *err)
{
	envelope->key_len = usual_len(ctx->prf);
	if (env->random(env->arg, envelope->key, envelope->key_len))
		return mikey_fail(err, MIKEY_NO_RANDOM, MIKEY_NO_OFFSET,
				  "no random octets for an envelope key");
	return derive(env->crypto, ctx, encr, mac, envelope, err);
}

/* RFC 3830 4.2.5: PKCS#1 v1.5, or OAEP with the defaults of RFC 8017 */
static EVP_PKEY_CTX *rsa_context(const struct mikey_crypto *crypto, EVP_PKEY *key, bool oaep,
				 int (*init)(EVP_PKEY_CTX *ctx, const OSSL_PARAM params[]))
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto->libctx, key, crypto->propq);
	OSSL_PARAM params[3] = { OSSL_PARAM_END, OSSL_PARAM_END, OSSL_PARAM_END };

	params[0] = OSSL_PARAM_construct_utf8_string(
		OSSL_ASYM_CIPHER_PARAM_PAD_MODE,
		(char *)(oaep ? OSSL_PKEY_RSA_PAD_MODE_OAEP : OSSL_PKEY_RSA_PAD_MODE_PKCSV15), 0);
	if (oaep)
		params[1] = OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST,
							     (char *)"SHA1", 0);
	if (ctx && init(ctx, params) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

enum mikey_reason envelope_seal(const struct mikey_env *env, EVP_PKEY *to,
				const struct mikey_creds *creds, const struct envelope *envelope,
				uint8_t *room, struct mikey_payload *pke, struct mikey_error *err)
{
	EVP_PKEY_CTX *ctx = rsa_context(env->crypto, to, creds->oaep, EVP_PKEY_encrypt_init_ex);
	size_t len = MIKEY_RSA_MAX / 8;
	bool ok = ctx && EVP_PKEY_encrypt(ctx, room, &len, envelope->key, envelope->key_len) == 1;

	EVP_PKEY_CTX_free(ctx);
	if (!ok)
		return mikey_fail(err, MIKEY_CRYPTO, MIKEY_NO_OFFSET,
				  "the envelope key cannot be encrypted");
	*pke = (struct mikey_payload){ .type = MIKEY_PL_PKE };
	pke->pke.cache = creds->cache;
	pke->pke.data = (struct mikey_view){ room, len };
	return MIKEY_OK;
}

/* All ones if @a < @b, else 0, without a branch; both are small */
static size_t mask_less(size_t a, size_t b)
{
	return (size_t)0 - ((a - b) >> (sizeof(size_t) * 8 - 1));
}

/*
 * @ok and @len come from the padding, and so are secret: what they decide is
 * decided by masks. What was not decrypted gives way to random octets, and the
 * MAC of the KEMAC will be wrong.
 */
static void choose(const uint8_t *clear, size_t len, int ok, struct envelope *envelope)
{
	size_t good = mask_less(0, (size_t)(ok == 1)) & ~mask_less(len, KEY_LEN) &
		      ~mask_less(ENVELOPE_KEY_MAX, len);
	size_t i;

	for (i = 0; i < ENVELOPE_KEY_MAX; i++)
		envelope->key[i] = (uint8_t)((clear[i] & good) | (envelope->key[i] & ~good));
	envelope->key_len = (len & good) | (envelope->key_len & ~good);
}

static enum mikey_reason decrypt(const struct mikey_env *env, const struct mikey_creds *creds,
				 struct mikey_view in, struct envelope *envelope,
				 struct mikey_error *err)
{
	EVP_PKEY_CTX *ctx = rsa_context(env->crypto, creds->own->key, creds->oaep,
					EVP_PKEY_decrypt_init_ex);
	uint8_t *clear = OPENSSL_secure_zalloc(MIKEY_RSA_MAX / 8);
	size_t len = MIKEY_RSA_MAX / 8;
	int ok;

	if (!ctx || !clear || env->random(env->arg, envelope->key, ENVELOPE_KEY_MAX)) {
		EVP_PKEY_CTX_free(ctx);
		OPENSSL_secure_free(clear);
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	}
	ERR_set_mark();
	ok = EVP_PKEY_decrypt(ctx, clear, &len, in.data, in.len);
	ERR_pop_to_mark();
	choose(clear, len, ok, envelope);
	OPENSSL_secure_clear_free(clear, MIKEY_RSA_MAX / 8);
	EVP_PKEY_CTX_free(ctx);
	return MIKEY_OK;
}

static enum mikey_reason check_mac(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
				   const struct mikey_payload *kemac,
				   const struct envelope *envelope, struct mikey_error *err)
{
	uint8_t mac[MIKEY_MAC_MAX];
	size_t len = mikey_mac_len(kemac->kemac.mac_alg);
	enum mikey_reason reason = kemac_mac(crypto, &envelope->keys, msg->raw.data, kemac, mac);

	if (!reason && len && CRYPTO_memcmp(mac, kemac->kemac.mac.data, len))
		reason = MIKEY_AUTH_FAILED;
	OPENSSL_cleanse(mac, sizeof(mac));
	return reason ? mikey_fail(err, reason, kemac->offset, "the MAC of the KEMAC is wrong") :
			MIKEY_OK;
}

/*
 * RFC 3830 4.2.3: with AES key wrap the KEMAC needs no MAC, since the signature
 * covers it and the wrapping checks itself
 */
static enum mikey_reason check_algs(const struct mikey_payload *kemac, uint32_t prf,
				    struct mikey_error *err)
{
	uint32_t encr = kemac->kemac.encr_alg, mac = kemac->kemac.mac_alg;

	if (encr == MIKEY_ENCR_NULL)
		return mikey_fail(err, MIKEY_NULL_ENCR, kemac->offset,
				  "an envelope, and keys that are not encrypted");
	if (mac == MIKEY_MAC_NULL && encr != MIKEY_ENCR_AES_KW_128)
		return mikey_fail(err, MIKEY_NULL_MAC, kemac->offset,
				  "a KEMAC without MAC, and not with AES key wrap");
	return mikey_algs_check(prf, encr, mac, kemac->offset, err);
}

enum mikey_reason envelope_open(const struct mikey_env *env, const struct mikey_label_ctx *ctx,
				const struct mikey_creds *creds, const struct mikey_msg *msg,
				struct envelope *envelope, struct mikey_error *err)
{
	const struct mikey_payload *kemac = mikey_find(msg, MIKEY_PL_KEMAC, 0);
	const struct mikey_payload *pke = mikey_find(msg, MIKEY_PL_PKE, 0);
	enum mikey_reason reason = check_algs(kemac, ctx->prf, err);

	if (!reason && pke->pke.cache > MIKEY_CACHE_CSB)
		reason = mikey_fail(err, MIKEY_BAD_VALUE, pke->offset, "C = 3 means nothing");
	envelope->key_len = usual_len(ctx->prf);
	if (!reason)
		reason = decrypt(env, creds, pke->pke.data, envelope, err);
	if (!reason)
		reason = derive(env->crypto, ctx, kemac->kemac.encr_alg, kemac->kemac.mac_alg,
				envelope, err);
	if (!reason)
		reason = check_mac(env->crypto, msg, kemac, envelope, err);
	if (reason)
		OPENSSL_cleanse(envelope, sizeof(*envelope));
	return reason;
}

enum mikey_reason envelope_key_data(const struct mikey_id *id, struct key_data *data,
				    struct mikey_error *err)
{
	struct mikey_payload first = { .type = MIKEY_PL_ID };

	if (data->chain.n == MIKEY_SUB_MAX)
		return mikey_fail(err, MIKEY_TOO_MANY, MIKEY_NO_OFFSET, "more than %d keys",
				  MIKEY_SUB_MAX - 1);
	first.id.id_type = id->type;
	first.id.data = id->data;
	memmove(data->chain.sub + 1, data->chain.sub, data->chain.n * sizeof(first));
	data->chain.sub[0] = first;
	data->chain.n++;
	return MIKEY_OK;
}

enum mikey_reason envelope_take(const struct mikey_crypto *crypto, const struct envelope *envelope,
				uint32_t csb_id, const struct mikey_ts *ts,
				const struct mikey_msg *msg, const struct mikey_id *id,
				struct key_data *data, struct mikey_error *err)
{
	const struct mikey_payload *kemac = mikey_find(msg, MIKEY_PL_KEMAC, 0);
	const struct mikey_payload *first = &data->chain.sub[0];
	struct mikey_id inside;
	enum mikey_reason reason = key_data_open(crypto, &envelope->keys, csb_id, ts, kemac,
						 MIKEY_PL_ID, data, err);

	if (reason)
		return reason;
	inside = (struct mikey_id){ first->id.id_type, first->id.data };
	if (first->type != MIKEY_PL_ID || !mikey_id_equal(&inside, id))
		return mikey_fail(err, MIKEY_WRONG_ID_INSIDE, kemac->offset,
				  "the identity that was encrypted with the keys is another one");
	return MIKEY_OK;
}
