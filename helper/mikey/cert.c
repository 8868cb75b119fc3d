// SPDX-License-Identifier: GPL-2.0
/*
 * Verification of certificates: RFC 3830 4.3, RFC 5280 6.
 */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "algs.h"
#include "certpriv.h"
#include "clock.h"
#include "wire.h"

/* Of OpenSSL's levels the one of 112 bits: no SHA-1 and no RSA-1024 in a chain */
#define AUTH_LEVEL 2

unsigned int cert_least_bits(uint32_t prf)
{
	return prf == MIKEY_PRF_HMAC_SHA256 ? MIKEY_RSA_MIN_256 : MIKEY_RSA_MIN;
}

/* An exponent of more than 32 bits would make each verification an attack */
static bool small_exponent(EVP_PKEY *key)
{
	BIGNUM *e = NULL;
	bool small = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) &&
		     BN_num_bits(e) <= 32 && BN_num_bits(e) > 1 && BN_is_odd(e);

	BN_free(e);
	return small;
}

enum mikey_reason cert_key_check(EVP_PKEY *key, unsigned int least, struct mikey_error *err)
{
	int bits;

	if (!key || !EVP_PKEY_is_a(key, "RSA"))
		return mikey_fail(err, MIKEY_CERT_KEY, MIKEY_NO_OFFSET, "the key is not RSA");
	bits = EVP_PKEY_get_bits(key);
	if (bits < (int)least || bits > MIKEY_RSA_MAX)
		return mikey_fail(err, MIKEY_CERT_KEY, MIKEY_NO_OFFSET,
				  "an RSA key of %d bits; %u to %d are taken", bits, least,
				  MIKEY_RSA_MAX);
	if (!small_exponent(key))
		return mikey_fail(err, MIKEY_CERT_KEY, MIKEY_NO_OFFSET,
				  "an RSA key with an unusual exponent");
	return MIKEY_OK;
}

static bool has_uri(X509 *cert, struct mikey_view uri)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool found = false;
	int i;

	for (i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_STRING *text;

		if (name->type != GEN_URI)
			continue;
		text = name->d.uniformResourceIdentifier;
		found = (size_t)ASN1_STRING_length(text) == uri.len &&
			!memcmp(ASN1_STRING_get0_data(text), uri.data, uri.len);
	}
	GENERAL_NAMES_free(names);
	return found;
}

bool cert_names(X509 *cert, const struct mikey_id *id)
{
	if (!id->data.len)
		return false;
	if (id->type == MIKEY_ID_NAI)
		return X509_check_email(cert, (const char *)id->data.data, id->data.len,
					X509_CHECK_FLAG_NEVER_CHECK_SUBJECT) == 1;
	return id->type == MIKEY_ID_URI && has_uri(cert, id->data);
}

static enum mikey_reason verify_reason(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return MIKEY_CERT_EXPIRED;
	case X509_V_ERR_CERT_REVOKED:
		return MIKEY_CERT_REVOKED;
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
		return MIKEY_CERT_UNCHECKED;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return MIKEY_CERT_KEY;
	case X509_V_ERR_OUT_OF_MEM:
		return MIKEY_NO_MEMORY;
	default:
		return MIKEY_CERT_UNTRUSTED;
	}
}

static void set_params(X509_VERIFY_PARAM *param, uint64_t now)
{
	struct timespec ts;

	mikey_ntp_to_unix(now, &ts);
	X509_VERIFY_PARAM_set_time(param, ts.tv_sec);
	X509_VERIFY_PARAM_set_depth(param, MIKEY_CHAIN_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY);
	/* A certificate that is configured is trusted without its issuer */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
}

static enum mikey_reason verify_chain(const struct cert_check *check, X509 *leaf,
				      STACK_OF(X509) *chain, struct mikey_error *err)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new_ex(check->crypto->libctx, check->crypto->propq);
	enum mikey_reason reason = MIKEY_NO_MEMORY;
	int error = X509_V_ERR_OUT_OF_MEM;

	ERR_set_mark();
	if (ctx && X509_STORE_CTX_init(ctx, check->trust->store, leaf, chain)) {
		set_params(X509_STORE_CTX_get0_param(ctx), check->now);
		reason = MIKEY_OK;
		if (X509_verify_cert(ctx) != 1) {
			error = X509_STORE_CTX_get_error(ctx);
			reason = verify_reason(error);
		}
	}
	X509_STORE_CTX_free(ctx);
	ERR_pop_to_mark();
	return reason ? mikey_fail(err, reason, MIKEY_NO_OFFSET, "the certificate: %s",
				   X509_verify_cert_error_string(error)) : MIKEY_OK;
}

/* RFC 5280 4.2.1.3: a certificate that says what its key is for means it */
static bool has_usage(X509 *cert, enum cert_use use)
{
	uint32_t wanted = use == CERT_SIGNS ? KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION :
			  KU_KEY_ENCIPHERMENT;

	return X509_get_key_usage(cert) & wanted;
}

enum mikey_reason cert_verify(const struct cert_check *check, const struct peer_certs *certs,
			      enum cert_use use, struct mikey_error *err)
{
	X509 *leaf = certs->leaf[use];
	enum mikey_reason reason;

	if (!leaf)
		return mikey_fail(err, MIKEY_NO_CERT, MIKEY_NO_OFFSET,
				  "no certificate of the peer for %s",
				  use == CERT_SIGNS ? "signatures" : "envelopes");
	reason = cert_key_check(X509_get0_pubkey(leaf), check->bits, err);
	if (!reason)
		reason = verify_chain(check, leaf, certs->chain, err);
	if (!reason && !has_usage(leaf, use))
		reason = mikey_fail(err, MIKEY_CERT_USAGE, MIKEY_NO_OFFSET,
				    "the key of the certificate is not for %s",
				    use == CERT_SIGNS ? "signatures" : "envelopes");
	if (!reason && !cert_names(leaf, check->id))
		reason = mikey_fail(err, MIKEY_CERT_IDENTITY, MIKEY_NO_OFFSET,
				    "the certificate is not of the identity that the peer has");
	return reason;
}
