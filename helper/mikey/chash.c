// SPDX-License-Identifier: GPL-2.0
/*
 * CHASH: RFC 3830 6.8, RFC 6043 6.4 (SHA-256).
 */
#include <openssl/evp.h>
#include <string.h>

#include "algs.h"
#include "chash.h"

static const char *hash_name(uint32_t hash)
{
	if (hash == MIKEY_HASH_SHA1)
		return "SHA1";
	return hash == MIKEY_HASH_SHA256 ? "SHA256" : NULL;
}

enum mikey_reason chash_make(const struct mikey_crypto *crypto, uint32_t prf, X509 *cert,
			     uint8_t *hash, struct mikey_payload *payload,
			     struct mikey_error *err)
{
	bool strong = prf == MIKEY_PRF_HMAC_SHA256;
	EVP_MD *md = EVP_MD_fetch(crypto->libctx, strong ? "SHA256" : "SHA1", crypto->propq);
	unsigned int len = 0;
	bool ok = md && X509_digest(cert, md, hash, &len);

	EVP_MD_free(md);
	if (!ok)
		return mikey_fail(err, MIKEY_CRYPTO, MIKEY_NO_OFFSET, "no hash of a certificate");
	*payload = (struct mikey_payload){ .type = MIKEY_PL_CHASH };
	payload->chash.hash = strong ? MIKEY_HASH_SHA256 : MIKEY_HASH_SHA1;
	payload->chash.value = (struct mikey_view){ hash, len };
	return MIKEY_OK;
}

enum mikey_reason chash_check(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
			      const struct mikey_own *own, struct mikey_error *err)
{
	const struct mikey_payload *chash = mikey_find(msg, MIKEY_PL_CHASH, 0);
	const char *name = chash ? hash_name(chash->chash.hash) : NULL;
	uint8_t right[EVP_MAX_MD_SIZE];
	size_t len = 0;

	if (!chash)
		return MIKEY_OK;
	if (!name)
		return mikey_fail(err, MIKEY_UNSUP_HASH, chash->offset,
				  "hash %u of a certificate is not supported", chash->chash.hash);
	if (!EVP_Q_digest(crypto->libctx, name, crypto->propq, own->der[0].data, own->der[0].len,
			  right, &len))
		return mikey_fail(err, MIKEY_CRYPTO, MIKEY_NO_OFFSET, "no hash of a certificate");
	if (len == chash->chash.value.len && !memcmp(right, chash->chash.value.data, len))
		return MIKEY_OK;
	return mikey_fail(err, MIKEY_WRONG_CHASH, chash->offset,
			  "the envelope is for another certificate than ours");
}
