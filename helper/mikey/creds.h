/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What proves this side to a peer, and the peer to this side, in any mode.
 */
#ifndef MIKEY_CREDS_H
#define MIKEY_CREDS_H

#include "cert.h"
#include "msg.h"
#include "urls.h"

/**
 * enum mikey_signature - signature algorithms, RFC 3830 4.2.6
 * @MIKEY_RSA_SHA1: RSA PKCS#1 v1.5 with SHA-1: what everybody must have
 * @MIKEY_RSA_SHA256: the same with SHA-256; no RFC says so, the signature does
 * @MIKEY_PSS_SHA1: RSASSA-PSS with the defaults of RFC 8017
 * @MIKEY_PSS_SHA256: RSASSA-PSS with SHA-256 and a salt of 32 octets
 */
enum mikey_signature {
	MIKEY_RSA_SHA1,
	MIKEY_RSA_SHA256,
	MIKEY_PSS_SHA1,
	MIKEY_PSS_SHA256,
	MIKEY_SIGNATURE_COUNT
};

/**
 * struct mikey_creds - the secrets that two parties use with each other
 * @psk: pre-shared key, empty if there is none
 * @own: own certificates and private key, NULL if there are none
 * @trust: whom to trust to be the peer, NULL for nobody
 * @sign: what to sign with
 * @sign_accept: what to accept of the peer, as bits 1 << enum mikey_signature
 * @oaep: envelopes of both directions are RSAES-OAEP, else PKCS#1 v1.5; no
 *	field of a message says which
 * @cache: enum mikey_cache, for envelopes that are sent
 * @url: where the peer finds our certificate, sent in its place; empty to send it
 * @urls: who has the peer's certificates that come as URLs
 */
struct mikey_creds {
	struct mikey_view psk;
	const struct mikey_own *own;
	const struct mikey_trust *trust;
	enum mikey_signature sign;
	uint32_t sign_accept;
	bool oaep;
	uint32_t cache;
	struct mikey_view url;
	struct mikey_urls urls;
};

#endif
