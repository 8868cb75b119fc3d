/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The responder's side of an exchange, in any mode:
 *
 *	if mikey_resend_find() knows the datagram, do what it says, else
 *	reason = mikey_respond(&responder, buf, len, &answer, &err);
 *	if answer.msg, send it and mikey_resend_put() it;
 *	if reason is MIKEY_OK, answer.csb has the sessions; if there is an
 *	answer.updated, put it in the place of that;
 *	mikey_answer_clear(&answer).
 */
#ifndef MIKEY_RESPONDER_H
#define MIKEY_RESPONDER_H

#include "creds.h"
#include "offer.h"

/**
 * struct mikey_group - keys of a group, RFC 4738 3.2: everybody gets the same
 * @csb_id: CSB ID that the keys are derived with
 * @rand: RAND, at least 16 octets
 * @key: TGK, with its octets
 * @policy: policy of all sessions
 * @cs: sessions
 * @n_cs: how many
 */
struct mikey_group {
	uint32_t csb_id;
	struct mikey_view rand;
	struct mikey_key_offer key;
	struct mikey_policy policy;
	const struct mikey_cs_offer *cs;
	size_t n_cs;
};

/**
 * struct mikey_peer - what the responder knows of a peer
 * @data_type: in: of its message
 * @modes: set of MIKEY_MODE_BIT(): what this peer may come with
 * @creds: what they point to must stay until mikey_respond() returns
 * @idi: in: initiator's identity as sent, empty if not; out: as known
 * @idr: in: responder's identity as sent, empty if not; out: as known
 * @accept: what this peer may propose
 * @group: RSA-R: the group that this peer asks about, NULL for a call
 * @peer: passed on in struct mikey_answer
 */
struct mikey_peer {
	uint32_t data_type;
	uint32_t modes;
	struct mikey_creds creds;
	struct mikey_id idi;
	struct mikey_id idr;
	const struct mikey_accept *accept;
	const struct mikey_group *group;
	void *peer;
};

/**
 * struct mikey_responder - a responder, of all modes
 * @env: algorithms and randomness
 * @now: NTP time
 * @replay: cache of the local identity; changed by authenticated messages only
 * @ids: own identities: a message from one of them is a reflection, a message
 *	to another is not for us
 * @n_ids: how many
 * @modes: set of MIKEY_MODE_BIT() that anybody may come with; 0 for all
 * @counters: COUNTER timestamps are taken, but for MIKEY_REFUSE_COUNTER
 * @lookup: find the peer; false if there is none. Must take the same time
 *	either way. There may be no IDi in the message.
 * @sent: did this host send a message with this CSB ID and T itself? May be
 *	NULL if it never is an initiator.
 * @choose_ssrc: the SSRC that this host sends in a crypto session whose SSRC
 *	was left open, 0 to leave it open. May be NULL.
 * @running: the rollover counter of the stream that this host sends in a crypto
 *	session already, 0 if there is none; may fill in an SSRC that is open. May
 *	be NULL.
 * @settle: makes the sessions of @answer, before it is sent; what it takes of the answer
 *	it sets to NULL. If it refuses, an Error takes the place of the answer. May be NULL.
 * @live: the live bundle with this CSB ID whose other side is this peer (as
 *	stored by the lookup, NULL for a stranger); NULL if there is none. May
 *	be NULL: then no bundle is updated.
 * @arg: for the callbacks
 */
struct mikey_responder {
	struct mikey_env env;
	uint64_t now;
	struct mikey_replay *replay;
	const struct mikey_id *ids;
	size_t n_ids;
	uint32_t modes;
	bool counters;
	bool (*lookup)(void *arg, uint32_t csb_id, struct mikey_peer *peer);
	bool (*sent)(void *arg, uint32_t csb_id, const struct mikey_ts *ts);
	uint32_t (*choose_ssrc)(void *arg, void *peer, uint8_t cs_id);
	uint32_t (*running)(void *arg, void *peer, uint8_t cs_id, uint32_t *ssrc);
	const struct mikey_csb *(*live)(void *arg, uint32_t csb_id, void *peer);
	enum mikey_reason (*settle)(void *arg, struct mikey_answer *answer,
				    struct mikey_error *err);
	void *arg;
};

/**
 * mikey_respond - take an initiator's message
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
enum mikey_reason mikey_respond(const struct mikey_responder *responder,
				const void *buf, size_t len, struct mikey_answer *answer,
				    struct mikey_error *err);

#endif
