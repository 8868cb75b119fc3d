// SPDX-License-Identifier: GPL-2.0
/*
 * Signatures and messages that end in one: RFC 3830 4.2.6, 5.2, 6.5.
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
#include "sign.h"
#include "wire.h"

/**
 * struct sign_alg - a signature algorithm
 * @s_type: enum mikey_sign_type
 * @md: OpenSSL's name of the hash, of the mask generation too
 * @padding: OpenSSL's name
 */
struct sign_alg {
	uint32_t s_type;
	const char *md;
	const char *padding;
};

static const struct sign_alg algs[MIKEY_SIGNATURE_COUNT] = {
	[MIKEY_RSA_SHA1] = { MIKEY_SIGN_PKCS1, "SHA1", OSSL_PKEY_RSA_PAD_MODE_PKCSV15 },
	[MIKEY_RSA_SHA256] = { MIKEY_SIGN_PKCS1, "SHA256", OSSL_PKEY_RSA_PAD_MODE_PKCSV15 },
	[MIKEY_PSS_SHA1] = { MIKEY_SIGN_PSS, "SHA1", OSSL_PKEY_RSA_PAD_MODE_PSS },
	[MIKEY_PSS_SHA256] = { MIKEY_SIGN_PSS, "SHA256", OSSL_PKEY_RSA_PAD_MODE_PSS },
};

/* RFC 8017 9.1: the salt is as long as the hash */
static void set_params(const struct sign_alg *alg, OSSL_PARAM params[3])
{
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE,
						     (char *)alg->padding, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (alg->s_type == MIKEY_SIGN_PSS)
		params[1] = OSSL_PARAM_construct_utf8_string(
			OSSL_SIGNATURE_PARAM_PSS_SALTLEN,
			(char *)OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST, 0);
	params[2] = OSSL_PARAM_construct_end();
}

static bool check_signature(const struct mikey_crypto *crypto, EVP_PKEY *key,
			    const struct sign_alg *alg, const struct mikey_view *pieces, size_t n,
			    struct mikey_view signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	OSSL_PARAM params[3];
	bool ok;
	size_t i;

	set_params(alg, params);
	ERR_set_mark();
	ok = ctx && EVP_DigestVerifyInit_ex(ctx, NULL, alg->md, crypto->libctx, crypto->propq, key,
					    params);
	for (i = 0; ok && i < n; i++)
		ok = !pieces[i].len || EVP_DigestVerifyUpdate(ctx, pieces[i].data, pieces[i].len);
	ok = ok && EVP_DigestVerifyFinal(ctx, signature.data, signature.len) == 1;
	ERR_pop_to_mark();
	EVP_MD_CTX_free(ctx);
	return ok;
}

/*
 * The type says the padding, nothing says the hash: those that go with the type
 * are tried. Verifying has no secrets.
 */
enum mikey_reason sign_verify(const struct mikey_crypto *crypto, EVP_PKEY *key,
			      const struct mikey_payload *sign, uint32_t accept,
			      const struct mikey_view *pieces, size_t n,
			      struct mikey_error *err)
{
	size_t i;

	if (sign->sign.s_type > MIKEY_SIGN_PSS)
		return mikey_fail(err, MIKEY_UNSUP_SIGN, sign->offset,
				  "signatures of type %u are not supported", sign->sign.s_type);
	for (i = 0; i < MIKEY_SIGNATURE_COUNT; i++) {
		if (algs[i].s_type != sign->sign.s_type ||
		    !check_signature(crypto, key, &algs[i], pieces, n, sign->sign.signature))
			continue;
		if (accept & 1u << i)
			return MIKEY_OK;
		return mikey_fail(err, MIKEY_SIGN_REFUSED, sign->offset,
				  "a right signature with %s, which is not accepted of this peer",
				  algs[i].md);
	}
	return mikey_fail(err, MIKEY_AUTH_FAILED, sign->offset, "the signature is wrong");
}

static bool make_signature(const struct mikey_crypto *crypto, const struct mikey_creds *creds,
			   const struct mikey_view *pieces, size_t n, uint8_t *out, size_t len)
{
	const struct sign_alg *alg = &algs[creds->sign];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	OSSL_PARAM params[3];
	size_t i, made = len;
	bool ok;

	set_params(alg, params);
	ok = ctx && EVP_DigestSignInit_ex(ctx, NULL, alg->md, crypto->libctx, crypto->propq,
					  creds->own->key, params);
	for (i = 0; ok && i < n; i++)
		ok = !pieces[i].len || EVP_DigestSignUpdate(ctx, pieces[i].data, pieces[i].len);
	ok = ok && EVP_DigestSignFinal(ctx, out, &made) && made == len;
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* RFC 3830 6.7: a payload for each of the chain; RFC 4738 3.8: one's own may be a URL */
void sign_add_certs(struct mikey_msg *msg, const struct mikey_creds *creds)
{
	struct mikey_payload cert = { .type = MIKEY_PL_CERT };
	size_t i;

	for (i = 0; i < creds->own->n; i++) {
		bool by_url = !i && creds->url.len;

		cert.cert.cert_type = by_url ? MIKEY_CERT_URL : MIKEY_CERT_X509;
		cert.cert.data = by_url ? creds->url : creds->own->der[i];
		mikey_add(msg, &cert);
	}
}

static enum mikey_reason write_mac(const struct mikey_crypto *crypto,
				   const struct mikey_msg_keys *keys, uint8_t *buf, size_t len)
{
	struct mikey_msg *msg = OPENSSL_malloc(sizeof(*msg));
	const struct mikey_payload *kemac;
	enum mikey_reason reason = MIKEY_NO_MEMORY;

	if (msg)
		reason = mikey_parse(msg, buf, len, NULL);
	kemac = reason ? NULL : mikey_find(msg, MIKEY_PL_KEMAC, 0);
	if (kemac && kemac->kemac.mac.len)
		reason = kemac_mac(crypto, keys, buf, kemac,
				   buf + kemac->offset + kemac->len - kemac->kemac.mac.len);
	OPENSSL_free(msg);
	return reason;
}

/* RFC 3830 5.2: the signature covers all octets in front of its own */
static enum mikey_reason close_message(const struct mikey_crypto *crypto,
				       const struct mikey_creds *creds,
				       const struct mikey_view *tail, size_t n_tail, uint8_t *buf,
				       size_t len, size_t sign_len)
{
	struct mikey_view pieces[4] = { { buf, len - sign_len } };
	size_t i;

	if (n_tail > 3)
		return MIKEY_USAGE;
	for (i = 0; i < n_tail; i++)
		pieces[i + 1] = tail[i];
	return make_signature(crypto, creds, pieces, n_tail + 1, buf + len - sign_len, sign_len) ?
		       MIKEY_OK : MIKEY_CRYPTO;
}

enum mikey_reason sign_emit(const struct mikey_crypto *crypto, const struct mikey_creds *creds,
			    const struct mikey_msg_keys *keys, struct mikey_msg *msg,
			    const struct mikey_view *tail, size_t n_tail, uint8_t **out,
			    size_t *len, struct mikey_error *err)
{
	static const uint8_t room[MIKEY_RSA_MAX / 8];
	size_t sign_len = (size_t)EVP_PKEY_get_size(creds->own->key);
	struct mikey_payload sign = { .type = MIKEY_PL_SIGN };
	enum mikey_reason reason;

	sign.sign.s_type = algs[creds->sign].s_type;
	sign.sign.signature = (struct mikey_view){ room, sign_len };
	mikey_add(msg, &sign);
	reason = draft_emit(crypto, NULL, msg, NULL, 0, out, len, err);
	if (reason)
		return reason;
	if (keys)
		reason = write_mac(crypto, keys, *out, *len);
	if (!reason)
		reason = close_message(crypto, creds, tail, n_tail, *out, *len, sign_len);
	if (!reason)
		return MIKEY_OK;
	OPENSSL_clear_free(*out, *len);
	*out = NULL;
	return mikey_fail(err, reason, MIKEY_NO_OFFSET, "the message cannot be signed");
}
