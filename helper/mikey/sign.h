/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signed messages, RFC 3830 4.2.6, 5.2, 6.5. Internal.
 */
#ifndef MIKEY_SIGN_H
#define MIKEY_SIGN_H

#include "certpriv.h"
#include "creds.h"
#include "draft.h"

/**
 * sign_verify - is a signature right, and of an accepted kind?
 * @crypto: algorithms
 * @key: public key that cert_key_check() passed
 * @sign: SIGN payload
 * @accept: as in struct mikey_creds
 * @pieces: what it covers
 * @n: how many pieces
 * @err: why not; MIKEY_SIGN_REFUSED if it is right but not accepted
 */
enum mikey_reason sign_verify(const struct mikey_crypto *crypto, EVP_PKEY *key,
			      const struct mikey_payload *sign, uint32_t accept,
			      const struct mikey_view *pieces, size_t n,
			      struct mikey_error *err);

/**
 * sign_add_certs - the own certificates as CERT payloads
 * @msg: message
 * @creds: with certificates, and the URL that stands for the first of them, if any
 */
void sign_add_certs(struct mikey_msg *msg, const struct mikey_creds *creds);

/**
 * sign_emit - write a message, the MAC of its KEMAC and its SIGN
 * @crypto: algorithms
 * @creds: key and algorithm
 * @keys: keys for the MAC of the KEMAC, or NULL if there is none to be made
 * @msg: without SIGN, which is added; a KEMAC has room for its MAC
 * @tail: pieces that the signature covers after the message
 * @n_tail: how many, at most 3
 * @out: to be freed with OPENSSL_free()
 * @len: its octets
 * @err: why not
 */
enum mikey_reason sign_emit(const struct mikey_crypto *crypto, const struct mikey_creds *creds,
			    const struct mikey_msg_keys *keys, struct mikey_msg *msg,
			    const struct mikey_view *tail, size_t n_tail, uint8_t **out,
			    size_t *len, struct mikey_error *err);

#endif
