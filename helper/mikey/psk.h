/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pre-shared key mode, RFC 3830 3.1, both roles.
 *
 * Initiator, in short:
 *	mikey_clock_next(&clock, MIKEY_TS_NTP_UTC, now, &offer.ts);
 *	mikey_psk_offer(&env, &init, &offer, &pending, &err);
 *	send mikey_psk_message(pending), again after a while if nothing comes;
 *	for each datagram: mikey_psk_process(pending, buf, len, &peer_err, &err):
 *		MIKEY_OK: mikey_psk_take(pending) is the verified bundle;
 *		MIKEY_PEER_ERROR: the peer refused, give up;
 *		MIKEY_PEER_HINT and all others: keep waiting;
 *	mikey_psk_pending_free(pending).
 *
 * Responder, in short:
 *	if mikey_resend_find() knows the datagram, do what it says, else
 *	reason = mikey_psk_respond(&responder, buf, len, &answer, &err);
 *	if answer.msg, send it and mikey_resend_put() it;
 *	if reason is MIKEY_OK, answer.csb has the sessions;
 *	mikey_answer_clear(&answer).
 */
#ifndef MIKEY_PSK_H
#define MIKEY_PSK_H

#include "offer.h"

/**
 * struct mikey_psk_init - what the initiator of this mode adds to its offer
 * @psk: the pre-shared key
 * @idi: own identity; sent
 * @idr: the peer's identity; sent
 * @encr_alg: enum mikey_encr_alg
 * @mac_alg: enum mikey_mac_alg
 */
struct mikey_psk_init {
	struct mikey_view psk;
	struct mikey_id idi;
	struct mikey_id idr;
	uint32_t encr_alg;
	uint32_t mac_alg;
};

struct mikey_psk_pending;

/**
 * mikey_psk_offer - make the initiator's message
 * @env: algorithms and randomness; must outlive the exchange
 * @init: PSK, identities, algorithms; copied
 * @offer: sessions, policies, keys; copied
 * @pending: the exchange
 * @err: why not
 */
enum mikey_reason mikey_psk_offer(const struct mikey_env *env, const struct mikey_psk_init *init,
				  const struct mikey_offer *offer,
				  struct mikey_psk_pending **pending, struct mikey_error *err);

/**
 * mikey_psk_message - the octets to send, and to send again
 * @pending: the exchange
 */
struct mikey_view mikey_psk_message(const struct mikey_psk_pending *pending);

/**
 * mikey_psk_csb - the bundle as proposed, before anything came back
 * @pending: the exchange
 *
 * RFC 3830 3.1: the initiator may use the keys at once; that the peer is who
 * it should be is known only after mikey_psk_process().
 */
const struct mikey_csb *mikey_psk_csb(const struct mikey_psk_pending *pending);

/**
 * mikey_psk_process - read what came back
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
enum mikey_reason mikey_psk_process(struct mikey_psk_pending *pending, const void *buf,
				    size_t len, struct mikey_peer_error *peer_err,
				    struct mikey_error *err);

/**
 * mikey_psk_take - take the bundle out of the exchange
 * @pending: the exchange
 * Return: the bundle, to be freed by the caller; NULL the second time.
 */
struct mikey_csb *mikey_psk_take(struct mikey_psk_pending *pending);

/**
 * mikey_psk_pending_free - wipe and release an exchange
 * @pending: exchange or NULL
 */
void mikey_psk_pending_free(struct mikey_psk_pending *pending);

/**
 * struct mikey_psk_peer - what the responder knows of a peer
 * @psk: the pre-shared key; must stay until mikey_psk_respond() returns
 * @idi: in: initiator's identity as sent, empty if not; out: as known
 * @idr: in: responder's identity as sent, empty if not; out: as known
 * @accept: what this peer may propose
 * @peer: passed on in struct mikey_answer
 */
struct mikey_psk_peer {
	struct mikey_view psk;
	struct mikey_id idi;
	struct mikey_id idr;
	const struct mikey_accept *accept;
	void *peer;
};

/**
 * struct mikey_psk_responder - a responder of this mode
 * @env: algorithms and randomness
 * @now: NTP time
 * @replay: cache of the local identity; changed by authenticated messages only
 * @ids: own identities: a message from one of them is a reflection, a message
 *	to another is not for us
 * @n_ids: how many
 * @counters: COUNTER timestamps are taken
 * @lookup: find the peer; false if there is none. Must take the same time
 *	either way. There may be no IDi in the message.
 * @sent: did this host send a message with this CSB ID and T itself? May be
 *	NULL if it never is an initiator.
 * @choose_ssrc: the SSRC that this host sends in a crypto session whose SSRC
 *	was left open, 0 to leave it open. May be NULL.
 * @arg: for the callbacks
 */
struct mikey_psk_responder {
	struct mikey_env env;
	uint64_t now;
	struct mikey_replay *replay;
	const struct mikey_id *ids;
	size_t n_ids;
	bool counters;
	bool (*lookup)(void *arg, uint32_t csb_id, struct mikey_psk_peer *peer);
	bool (*sent)(void *arg, uint32_t csb_id, const struct mikey_ts *ts);
	uint32_t (*choose_ssrc)(void *arg, void *peer, uint8_t cs_id);
	void *arg;
};

/**
 * mikey_psk_respond - take an initiator's message
 * @responder: configuration and state
 * @buf: a datagram
 * @len: its octets
 * @answer: filled in any case; see mikey_answer_clear()
 * @err: why not
 * Return: MIKEY_OK and answer->csb, or why not.
 *
 * In the order of RFC 3830 5.3: time, replay, identities, MAC, contents, and
 * then the message is remembered. An unknown peer costs the same work and
 * gets the same answer as a wrong key.
 */
enum mikey_reason mikey_psk_respond(const struct mikey_psk_responder *responder,
				    const void *buf, size_t len, struct mikey_answer *answer,
				    struct mikey_error *err);

/**
 * struct mikey_psk_opened - an initiator's message, verified offline
 * @verified: the MAC is there and right
 * @clear: octets of the decrypted Key data, wiped by mikey_psk_opened_clear()
 * @clear_size: how many were allocated
 * @chain: the sub-payloads, views into @clear
 * @csb: the derived bundle, or NULL with @csb_err
 * @csb_err: why there is no bundle
 */
struct mikey_psk_opened {
	bool verified;
	uint8_t *clear;
	size_t clear_size;
	struct mikey_chain chain;
	struct mikey_csb *csb;
	struct mikey_error csb_err;
};

/**
 * mikey_psk_inspect - what a message holds, without taking part
 * @crypto: algorithms
 * @msg: parsed message of type 0
 * @psk: pre-shared key, or empty for messages that are not encrypted
 * @accept: for the bundle; NULL derives none
 * @opened: filled; clear with mikey_psk_opened_clear()
 * @err: why it cannot be opened
 *
 * For `mikey-helper decode`: no clock, no replay check.
 */
enum mikey_reason mikey_psk_inspect(const struct mikey_crypto *crypto,
				    const struct mikey_msg *msg, struct mikey_view psk,
				    const struct mikey_accept *accept,
				    struct mikey_psk_opened *opened, struct mikey_error *err);

/**
 * mikey_psk_opened_clear - wipe and release
 * @opened: filled by mikey_psk_inspect()
 */
void mikey_psk_opened_clear(struct mikey_psk_opened *opened);

#endif
