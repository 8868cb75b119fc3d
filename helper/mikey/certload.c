// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates, keys and revocation lists from PEM.
 */
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "algs.h"
#include "certpriv.h"

static BIO *reader(struct mikey_view pem)
{
	return pem.len ? BIO_new_mem_buf(pem.data, (int)pem.len) : NULL;
}

/* A key that is encrypted is not asked the password for */
static int no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static X509 *next_cert(const struct mikey_crypto *crypto, BIO *bio)
{
	X509 *cert = bio ? X509_new_ex(crypto->libctx, crypto->propq) : NULL;

	if (cert && PEM_read_bio_X509(bio, &cert, no_password, NULL))
		return cert;
	X509_free(cert);
	return NULL;
}

/* Nothing but the end of the file may end a list */
static bool at_end(BIO *bio)
{
	return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE && BIO_eof(bio);
}

static enum mikey_reason add_own(struct mikey_own *own, X509 *cert, struct mikey_error *err)
{
	unsigned char *der = NULL;
	int len;

	if (own->n == MIKEY_CHAIN_MAX)
		return mikey_fail(err, MIKEY_TOO_MANY, MIKEY_NO_OFFSET,
				  "more than %d certificates in the chain", MIKEY_CHAIN_MAX);
	len = i2d_X509(cert, &der);
	if (len <= 0)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	own->der[own->n++] = (struct mikey_view){ der, (size_t)len };
	return MIKEY_OK;
}

/* The first certificate is the one of the key */
static enum mikey_reason check_pair(const struct mikey_own *own, X509 *cert,
				    struct mikey_error *err)
{
	if (EVP_PKEY_eq(X509_get0_pubkey(cert), own->key) != 1)
		return mikey_fail(err, MIKEY_CERT_KEY, MIKEY_NO_OFFSET,
				  "the first certificate is not that of the private key");
	return MIKEY_OK;
}

static enum mikey_reason read_chain(const struct mikey_crypto *crypto, struct mikey_view pem,
				    struct mikey_own *own, struct mikey_error *err)
{
	BIO *bio = reader(pem);
	enum mikey_reason reason = MIKEY_OK;
	X509 *cert;

	while (!reason && (cert = next_cert(crypto, bio))) {
		if (!own->n)
			reason = check_pair(own, cert, err);
		if (!reason)
			reason = add_own(own, cert, err);
		X509_free(cert);
	}
	if (!reason && (!own->n || !at_end(bio)))
		reason = mikey_fail(err, MIKEY_BAD_CERT, MIKEY_NO_OFFSET,
				    "not certificates in PEM");
	BIO_free(bio);
	return reason;
}

static enum mikey_reason read_key(const struct mikey_crypto *crypto, struct mikey_view pem,
				  struct mikey_own *own, struct mikey_error *err)
{
	BIO *bio = reader(pem);

	if (bio)
		own->key = PEM_read_bio_PrivateKey_ex(bio, NULL, no_password, NULL,
						      crypto->libctx, crypto->propq);
	BIO_free(bio);
	if (!own->key)
		return mikey_fail(err, MIKEY_CERT_KEY, MIKEY_NO_OFFSET,
				  "not a private key in PEM without a password");
	return cert_key_check(own->key, MIKEY_RSA_MIN, err);
}

enum mikey_reason mikey_own_new(const struct mikey_crypto *crypto, struct mikey_view chain,
				struct mikey_view key, struct mikey_own **result,
				struct mikey_error *err)
{
	struct mikey_own *own = OPENSSL_zalloc(sizeof(*own));
	enum mikey_reason reason;

	*result = NULL;
	if (!own)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	ERR_set_mark();
	reason = read_key(crypto, key, own, err);
	if (!reason)
		reason = read_chain(crypto, chain, own, err);
	ERR_pop_to_mark();
	if (reason)
		mikey_own_free(own);
	else
		*result = own;
	return reason;
}

void mikey_own_free(struct mikey_own *own)
{
	if (!own)
		return;
	while (own->n)
		OPENSSL_free((void *)own->der[--own->n].data);
	EVP_PKEY_free(own->key);
	OPENSSL_free(own);
}

unsigned int mikey_own_bits(const struct mikey_own *own)
{
	return (unsigned int)EVP_PKEY_get_bits(own->key);
}

static enum mikey_reason read_anchors(const struct mikey_crypto *crypto, struct mikey_view pem,
				      struct mikey_trust *trust, struct mikey_error *err)
{
	BIO *bio = reader(pem);
	bool ok = true, any = false;
	X509 *cert;

	if (!pem.len)
		return MIKEY_OK;
	while (ok && (cert = next_cert(crypto, bio))) {
		ok = X509_STORE_add_cert(trust->store, cert);
		any = true;
		X509_free(cert);
	}
	ok = ok && any && at_end(bio);
	BIO_free(bio);
	return ok ? MIKEY_OK : mikey_fail(err, MIKEY_BAD_CERT, MIKEY_NO_OFFSET,
					  "trust anchors that are not certificates in PEM");
}

static enum mikey_reason read_crls(const struct mikey_crypto *crypto, struct mikey_view pem,
				   struct mikey_trust *trust, struct mikey_error *err)
{
	BIO *bio = reader(pem);
	bool ok = true, any = false;
	X509_CRL *crl;

	(void)crypto;
	if (!pem.len)
		return MIKEY_OK;
	while (ok && bio && (crl = PEM_read_bio_X509_CRL(bio, NULL, no_password, NULL))) {
		ok = X509_STORE_add_crl(trust->store, crl);
		any = true;
		X509_CRL_free(crl);
	}
	ok = ok && any && at_end(bio);
	BIO_free(bio);
	if (!ok)
		return mikey_fail(err, MIKEY_BAD_CERT, MIKEY_NO_OFFSET,
				  "revocation lists that are none in PEM");
	X509_STORE_set_flags(trust->store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return MIKEY_OK;
}

static enum mikey_reason read_peer(const struct mikey_crypto *crypto, struct mikey_view pem,
				   struct mikey_trust *trust, struct mikey_error *err)
{
	BIO *bio = reader(pem);

	if (!pem.len)
		return MIKEY_OK;
	trust->peer = next_cert(crypto, bio);
	BIO_free(bio);
	if (!trust->peer || !X509_STORE_add_cert(trust->store, trust->peer))
		return mikey_fail(err, MIKEY_BAD_CERT, MIKEY_NO_OFFSET,
				  "the peer's certificate is none in PEM");
	return MIKEY_OK;
}

enum mikey_reason mikey_trust_new(const struct mikey_crypto *crypto,
				  const struct mikey_trust_source *source,
				  struct mikey_trust **result, struct mikey_error *err)
{
	struct mikey_trust *trust = OPENSSL_zalloc(sizeof(*trust));
	enum mikey_reason reason;

	*result = NULL;
	if (trust)
		trust->store = X509_STORE_new();
	if (!trust || !trust->store) {
		mikey_trust_free(trust);
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	}
	ERR_set_mark();
	reason = read_anchors(crypto, source->anchors, trust, err);
	if (!reason)
		reason = read_crls(crypto, source->crls, trust, err);
	if (!reason)
		reason = read_peer(crypto, source->peer, trust, err);
	ERR_pop_to_mark();
	if (reason)
		mikey_trust_free(trust);
	else
		*result = trust;
	return reason;
}

void mikey_trust_free(struct mikey_trust *trust)
{
	if (!trust)
		return;
	X509_STORE_free(trust->store);
	X509_free(trust->peer);
	OPENSSL_free(trust);
}
