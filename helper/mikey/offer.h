/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an initiator proposes and what a responder is configured with: the
 * part of an exchange that is the same in every mode.
 */
#ifndef MIKEY_OFFER_H
#define MIKEY_OFFER_H

#include "clock.h"
#include "csb.h"
#include "replay.h"

/**
 * struct mikey_cs_offer - one crypto session to propose
 * @policy_no: index into the policies of the offer
 * @cs_id: its number; 0 stands for its place, counted from 1, which is what
 *	the SRTP-ID map has. Odd ones run from initiator to responder.
 * @ssrc: of the stream, 0 to leave it to the other side
 * @roc: current rollover counter, 0 for a new stream
 * @has_seq: @seq goes with @roc (GENERIC-ID map)
 * @seq: current sequence number
 * @spi: which key it begins with (GENERIC-ID map); empty for any
 */
struct mikey_cs_offer {
	uint8_t policy_no;
	uint8_t cs_id;
	uint32_t ssrc;
	uint32_t roc;
	bool has_seq;
	uint16_t seq;
	struct mikey_view spi;
};

/**
 * struct mikey_key_offer - one key to send
 * @type: enum mikey_key_type; TGK unless there is a reason
 * @key: the key; if empty, @key_len random octets (0: as many as the longest
 *	master key of the policies, and at least 16)
 * @key_len: see @key
 * @salt: for the types with SALT; if empty, @salt_len random octets
 * @salt_len: see @salt (14 if 0)
 * @kv: validity: MKI or interval
 */
struct mikey_key_offer {
	uint32_t type;
	struct mikey_view key;
	size_t key_len;
	struct mikey_view salt;
	size_t salt_len;
	struct mikey_kv_data kv;
};

/**
 * struct mikey_offer - what every initiator says, whatever the mode
 * @prf: enum mikey_prf
 * @verify: ask for a verification message (V flag)
 * @ts: from mikey_clock_next()
 * @rand_len: octets of RAND, 16 if 0
 * @map_type: enum mikey_map_type
 * @cs: crypto sessions
 * @n_cs: how many, at least 1; 0 with the empty map (see @empty_map_cs of
 *	@accept), and in an update that leaves the sessions as they are
 * @policies: the SP payloads; policy_no is the index
 * @n_policies: how many; 0 proposes SRTP's defaults
 * @keys: keys to send; none proposes one random TGK, or in an update no key
 * @n_keys: how many
 * @ext: General Extension payloads to add
 * @n_ext: how many
 * @accept: the same limits that apply to what comes in
 * @csb_in_use: is this CSB ID live with the peer? May be NULL.
 * @arg: for @csb_in_use
 * @group: RSA-R: ask for the keys of a group: no RAND, no SP, no session; the
 *	responder says them all (RFC 4738 3.2)
 * @update: the live bundle to update (see update.h), NULL for a new one. It
 *	gives the PRF, CSB ID, RAND and kind of map; policies that it has need
 *	not be sent again, but keep their numbers.
 * @member: the bundle that the responder becomes a member of, NULL for one of
 *	its own: it gets the CSB ID, RAND, sessions, policies and keys that the
 *	others have (RFC 3830 8.1). With @n_policies and @n_keys 0; @cs may say how
 *	far the streams are by now, else it is as in that bundle. With @update: the
 *	keys of that bundle are what this one gets.
 */
struct mikey_offer {
	uint32_t prf;
	bool verify;
	struct mikey_ts ts;
	size_t rand_len;
	uint32_t map_type;
	const struct mikey_cs_offer *cs;
	size_t n_cs;
	const struct mikey_policy *policies;
	size_t n_policies;
	const struct mikey_key_offer *keys;
	size_t n_keys;
	const struct mikey_payload *ext;
	size_t n_ext;
	const struct mikey_accept *accept;
	bool (*csb_in_use)(void *arg, uint32_t csb_id);
	void *arg;
	bool group;
	const struct mikey_csb *update;
	const struct mikey_csb *member;
};

/** MIKEY_PEER_ERRORS - most ERR and SP payloads that are kept of an Error */
#define MIKEY_PEER_ERRORS 16

/**
 * struct mikey_peer_error - what an Error message said
 * @verified: its V was right, so the peer said it; otherwise it is a hint
 *	that anybody may have sent
 * @n: number of errors
 * @err_no: enum mikey_err_no
 * @n_policies: policies that the peer would take
 * @policies: resolved
 */
struct mikey_peer_error {
	bool verified;
	size_t n;
	uint8_t err_no[MIKEY_PEER_ERRORS];
	size_t n_policies;
	struct mikey_policy policies[MIKEY_PEER_ERRORS];
};

/**
 * struct mikey_answer - what a responder made of a message
 * @msg: to send back to where the request came from; NULL for silence
 * @len: its octets, never more than the request's before authentication
 * @is_error: @msg is an Error message
 * @authenticated: the request's MAC or signature was right; without a MAC it
 *	was not, even where that is allowed
 * @csb: the bundle, if the reason is MIKEY_OK
 * @updated: the live bundle that @csb takes the place of, NULL if @csb is new
 * @peer: what the lookup stored about the peer that the message names; that it
 *	comes from there is only sure if @authenticated
 */
struct mikey_answer {
	uint8_t *msg;
	size_t len;
	bool is_error;
	bool authenticated;
	struct mikey_csb *csb;
	const struct mikey_csb *updated;
	void *peer;
};

/**
 * mikey_answer_clear - wipe and release what an answer holds
 * @answer: answer; take a member out by setting it to NULL
 */
void mikey_answer_clear(struct mikey_answer *answer);

#endif
