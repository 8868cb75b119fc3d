/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Certificates: one's own, with the private key, and whom to trust. RFC 3830
 * 4.3, 6.7. Everything comes as PEM octets that somebody else has read.
 */
#ifndef MIKEY_CERT_H
#define MIKEY_CERT_H

#include "crypto.h"

/** MIKEY_RSA_MIN - least bits of an RSA key */
#define MIKEY_RSA_MIN 2048
/** MIKEY_RSA_MIN_256 - least bits where transforms of 256 bits are used */
#define MIKEY_RSA_MIN_256 3072
/** MIKEY_RSA_MAX - most bits: a larger key would be an attack on the verifier */
#define MIKEY_RSA_MAX 4096
/** MIKEY_CHAIN_MAX - most certificates of one message */
#define MIKEY_CHAIN_MAX 4

struct mikey_own;
struct mikey_trust;

/**
 * mikey_own_new - one's own certificates and key
 * @crypto: algorithms; must outlive the result
 * @chain: PEM: the certificate, then those between it and its root, if any
 * @key: PEM: the private key, not encrypted
 * @own: the result
 * @err: why not: not PEM, not RSA of 2048 to 4096 bits, or not a pair
 */
enum mikey_reason mikey_own_new(const struct mikey_crypto *crypto, struct mikey_view chain,
				struct mikey_view key, struct mikey_own **own,
				struct mikey_error *err);

/**
 * mikey_own_free - wipe and release
 * @own: result of mikey_own_new() or NULL
 */
void mikey_own_free(struct mikey_own *own);

/**
 * mikey_own_bits - size of the private key
 * @own: own certificates
 */
unsigned int mikey_own_bits(const struct mikey_own *own);

/**
 * struct mikey_trust_source - whom to trust, as PEM; empty for none
 * @anchors: roots, or other certificates that are trusted as such
 * @crls: revocation lists; if there are any, every certificate of a chain must
 *	have a list that is in force
 * @peer: the peer's own certificate, trusted as such, and needed where it is
 *	not in the message: to send an envelope
 */
struct mikey_trust_source {
	struct mikey_view anchors;
	struct mikey_view crls;
	struct mikey_view peer;
};

/**
 * mikey_trust_new - whom to trust
 * @crypto: algorithms; must outlive the result
 * @source: certificates and lists
 * @trust: the result
 * @err: why not
 */
enum mikey_reason mikey_trust_new(const struct mikey_crypto *crypto,
				  const struct mikey_trust_source *source,
				  struct mikey_trust **trust, struct mikey_error *err);

/**
 * mikey_trust_free - release
 * @trust: result of mikey_trust_new() or NULL
 */
void mikey_trust_free(struct mikey_trust *trust);

#endif
