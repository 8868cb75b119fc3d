/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The DH payloads of both Diffie-Hellman modes: RFC 3830 3.3, 4.5, 6.4 and RFC
 * 4650 3. Internal.
 */
#ifndef MIKEY_DHKEY_H
#define MIKEY_DHKEY_H

#include "group.h"
#include "pending.h"
#include "request.h"

/** dh_forget - struct mikey_mode's @forget for both modes */
void dh_forget(struct mikey_pending *pending);

/** dh_release - struct mikey_mode's @release for both modes */
void dh_release(struct mikey_request *rq);

/**
 * dh_offer - the initiator's DHi, RFC 3830 3.3
 * @pending: exchange; its @scratch is set
 * @init: the group
 * @offer: at most one key, of which only the validity counts; in an update
 *	without keys there is no DHi
 * @msg: message to add it to
 * @err: why not
 */
enum mikey_reason dh_offer(struct mikey_pending *pending, const struct mikey_init *init,
			   const struct mikey_offer *offer, struct mikey_msg *msg,
			   struct mikey_error *err);

/**
 * dh_finish - DHr and DHi of an authenticated response to a bundle
 * @pending: exchange; its @csb is set
 * @msg: response
 * @err: why not
 */
enum mikey_reason dh_finish(struct mikey_pending *pending, const struct mikey_msg *msg,
			    struct mikey_error *err);

/**
 * dh_take - DHi of an authenticated request to a bundle
 * @rq: request; its @scratch and its answer's bundle are set
 */
enum mikey_reason dh_take(struct mikey_request *rq);

/**
 * dh_start_answer - the response up to what authenticates it
 * @rq: request
 * @certs: with the certificates to send, or NULL
 * @msg: HDR, T, IDr, CERTr, IDi, DHr, DHi; to be freed with OPENSSL_free()
 */
enum mikey_reason dh_start_answer(struct mikey_request *rq, const struct mikey_creds *certs,
				  struct mikey_msg **msg);

#endif
