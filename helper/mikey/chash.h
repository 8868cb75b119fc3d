/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CHASH, RFC 3830 6.8: which certificate an envelope is for. Internal.
 */
#ifndef MIKEY_CHASH_H
#define MIKEY_CHASH_H

#include "certpriv.h"

/**
 * chash_make - CHASH payload
 * @crypto: algorithms
 * @prf: enum mikey_prf: SHA-1 goes with the first, SHA-256 with the second
 * @cert: certificate
 * @hash: MIKEY_HASH_LEN octets that the payload views
 * @payload: filled
 * @err: why not
 */
enum mikey_reason chash_make(const struct mikey_crypto *crypto, uint32_t prf, X509 *cert,
			     uint8_t *hash, struct mikey_payload *payload,
			     struct mikey_error *err);

/**
 * chash_check - is the envelope of a message for our certificate?
 * @crypto: algorithms
 * @msg: message; without CHASH it is
 * @own: our certificate
 * @err: why not
 */
enum mikey_reason chash_check(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
			      const struct mikey_own *own, struct mikey_error *err);

#endif
