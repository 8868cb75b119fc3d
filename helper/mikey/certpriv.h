/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Certificates of messages, and what is done with them. Internal.
 */
#ifndef MIKEY_CERTPRIV_H
#define MIKEY_CERTPRIV_H

#include <openssl/x509.h>

#include "creds.h"
#include "csb.h"

/**
 * struct mikey_own - see mikey_own_new()
 * @n: certificates, the leaf first
 * @der: their octets
 * @key: private key
 */
struct mikey_own {
	size_t n;
	struct mikey_view der[MIKEY_CHAIN_MAX];
	EVP_PKEY *key;
};

/**
 * struct mikey_trust - see mikey_trust_new()
 * @store: anchors and lists
 * @peer: the peer's own certificate, or NULL
 */
struct mikey_trust {
	X509_STORE *store;
	X509 *peer;
};

/**
 * enum cert_use - what the key of a certificate is to do
 * @CERT_SIGNS: its signature is to be verified
 * @CERT_RECEIVES: an envelope is to be sealed for it
 */
enum cert_use { CERT_SIGNS, CERT_RECEIVES };

/**
 * struct peer_certs - the certificates of a peer
 * @leaf: by enum cert_use; NULL if there is none
 * @chain: what lies between
 */
struct peer_certs {
	X509 *leaf[2];
	STACK_OF(X509) *chain;
};

/**
 * struct cert_check - what a certificate must be
 * @crypto: algorithms
 * @trust: whom to trust
 * @id: whose it must be
 * @now: NTP time
 * @bits: least size of its key
 */
struct cert_check {
	const struct mikey_crypto *crypto;
	const struct mikey_trust *trust;
	const struct mikey_id *id;
	uint64_t now;
	unsigned int bits;
};

/**
 * certs_collect - the certificates of a message, or the configured one
 * @crypto: algorithms
 * @creds: with the configured one, and who has those that come as URLs
 * @msg: message; NULL takes the configured one
 * @certs: filled; clear with certs_clear()
 * @err: why not: none, too many, not a certificate, not there yet
 */
enum mikey_reason certs_collect(const struct mikey_crypto *crypto, const struct mikey_creds *creds,
				const struct mikey_msg *msg, struct peer_certs *certs,
				struct mikey_error *err);

/** certs_clear - release */
void certs_clear(struct peer_certs *certs);

/**
 * cert_verify - is it the peer's, and fit for this use?
 * @check: what it must be
 * @certs: certificates
 * @use: what for
 * @err: why not
 */
enum mikey_reason cert_verify(const struct cert_check *check, const struct peer_certs *certs,
			      enum cert_use use, struct mikey_error *err);

/**
 * cert_key_check - RSA of a size that is neither weak nor an attack
 * @key: public or private key
 * @least: bits
 * @err: why not
 */
enum mikey_reason cert_key_check(EVP_PKEY *key, unsigned int least, struct mikey_error *err);

/** cert_least_bits - least size of an RSA key that goes with a PRF function */
unsigned int cert_least_bits(uint32_t prf);

/**
 * cert_names - does the certificate name this identity?
 * @cert: certificate
 * @id: a NAI is an rfc822Name, a URI a uniformResourceIdentifier
 */
bool cert_names(X509 *cert, const struct mikey_id *id);

#endif
