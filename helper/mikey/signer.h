/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is a message from whom it says? Certificates and signature together. Internal.
 */
#ifndef MIKEY_SIGNER_H
#define MIKEY_SIGNER_H

#include "sign.h"

/**
 * struct signer - who must have signed
 * @crypto: algorithms
 * @creds: whom to trust, and which signatures to accept
 * @id: the identity
 * @now: NTP time
 * @tail: pieces that the signature covers after the message
 * @n_tail: how many, at most 3
 * @two_readings: the signature may leave out the head of its payload, too
 */
struct signer {
	const struct mikey_crypto *crypto;
	const struct mikey_creds *creds;
	const struct mikey_id *id;
	uint64_t now;
	const struct mikey_view *tail;
	size_t n_tail;
	bool two_readings;
};

/**
 * signer_check - certificate first, then signature
 * @signer: who must have signed
 * @msg: parsed message with a SIGN
 * @certs: filled; clear with certs_clear() in any case
 * @err: why not
 */
enum mikey_reason signer_check(const struct signer *signer, const struct mikey_msg *msg,
			       struct peer_certs *certs, struct mikey_error *err);

/**
 * signer_can_receive - may an envelope be sealed for this peer?
 * @signer: whose certificates they must be
 * @prf: enum mikey_prf, for the size of the key
 * @certs: of a message, or of the configuration
 * @err: why not
 */
enum mikey_reason signer_can_receive(const struct signer *signer, uint32_t prf,
				     const struct peer_certs *certs, struct mikey_error *err);

/** signer_ready - are there a key to sign with, and somebody to trust? */
enum mikey_reason signer_ready(const struct mikey_creds *creds, uint32_t prf,
			       struct mikey_error *err);

#endif
