/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The initiator's side of an exchange, in any mode:
 *
 *	mikey_clock_next(&clock, MIKEY_TS_NTP_UTC, now, &offer.ts);
 *	mikey_initiate(&env, &init, &offer, &pending, &err);
 *	send mikey_pending_message(pending), again after a while if nothing comes;
 *	for each datagram: mikey_pending_process(pending, buf, len, &peer_err, &err):
 *		MIKEY_OK: mikey_pending_take(pending) is the verified bundle;
 *		MIKEY_PEER_ERROR: the peer refused, give up;
 *		MIKEY_PEER_HINT and all others: keep waiting;
 *	mikey_pending_free(pending).
 */
#ifndef MIKEY_INITIATOR_H
#define MIKEY_INITIATOR_H

#include "creds.h"
#include "offer.h"

/**
 * struct mikey_init - what the initiator says besides its offer
 * @mode: enum mikey_data_type of its message, which is the mode
 * @creds: its secrets; what they point to must outlive the exchange
 * @now: NTP time; certificates are checked against it
 * @idi: own identity; sent; may be empty in pre-shared key mode
 *	without MAC
 * @idr: the peer's identity; sent; the same
 * @encr_alg: enum mikey_encr_alg
 * @mac_alg: enum mikey_mac_alg
 * @dh_group: enum mikey_dh_group, in the Diffie-Hellman modes
 */
struct mikey_init {
	uint32_t mode;
	struct mikey_creds creds;
	uint64_t now;
	struct mikey_id idi;
	struct mikey_id idr;
	uint32_t encr_alg;
	uint32_t mac_alg;
	uint32_t dh_group;
};

struct mikey_pending;

/**
 * mikey_initiate - make the initiator's message
 * @env: algorithms and randomness; must outlive the exchange
 * @init: mode, secrets, identities, algorithms; copied
 * @offer: sessions, policies, keys; copied, but for the suites that are
 *	accepted and the bundle to update, which must outlive the exchange
 * @pending: the exchange
 * @err: why not
 */
enum mikey_reason mikey_initiate(const struct mikey_env *env, const struct mikey_init *init,
				 const struct mikey_offer *offer,
				  struct mikey_pending **pending, struct mikey_error *err);

/**
 * mikey_pending_message - the octets to send, and to send again
 * @pending: the exchange
 */
struct mikey_view mikey_pending_message(const struct mikey_pending *pending);

/**
 * mikey_pending_id - the CSB ID of an exchange
 * @pending: the exchange
 */
uint32_t mikey_pending_id(const struct mikey_pending *pending);

/**
 * mikey_pending_csb - the bundle as proposed, before anything came back
 * @pending: the exchange
 * Return: NULL in modes whose keys need the response (mode->always_answers)
 *
 * RFC 3830 3.1, 3.2: the initiator may use the keys at once; that the peer is
 * who it should be is known only after mikey_pending_process().
 */
const struct mikey_csb *mikey_pending_csb(const struct mikey_pending *pending);

/**
 * mikey_pending_process - read what came back
 * @pending: the exchange; changed only by MIKEY_OK
 * @buf: a datagram
 * @len: its octets
 * @peer_err: filled with MIKEY_PEER_ERROR and MIKEY_PEER_HINT
 * @err: why not
 * Return: MIKEY_OK: the peer has proved itself, SSRCs that it chose are in
 * the bundle. MIKEY_PEER_ERROR: an Error message with a right V.
 * MIKEY_PEER_HINT: an Error without, to be believed only if nothing better
 * comes. Everything else: not a response to this exchange, ignore it.
 */
enum mikey_reason mikey_pending_process(struct mikey_pending *pending, const void *buf,
					size_t len, struct mikey_peer_error *peer_err,
				    struct mikey_error *err);

/**
 * mikey_pending_take - take the bundle out of the exchange
 * @pending: the exchange
 * Return: the bundle, to be freed by the caller; NULL the second time.
 */
struct mikey_csb *mikey_pending_take(struct mikey_pending *pending);

/**
 * mikey_pending_free - wipe and release an exchange
 * @pending: exchange or NULL
 */
void mikey_pending_free(struct mikey_pending *pending);

#endif
