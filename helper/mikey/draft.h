/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages that are being made, with the octets that their payloads view.
 * Internal; shared by the modes.
 */
#ifndef MIKEY_DRAFT_H
#define MIKEY_DRAFT_H

#include "creds.h"
#include "offer.h"

/**
 * struct draft - an initiator's message in the making
 * @msg: the message
 * @ts: octets of T
 * @rand: octets of RAND
 * @map: of each GENERIC-ID entry, the policy number and the session data
 * @params: parameters of the SP payloads
 */
struct draft {
	struct mikey_msg msg;
	uint8_t ts[8];
	uint8_t rand[255];
	uint8_t map[MIKEY_CS_MAX][1 + 10];
	uint8_t params[256][MIKEY_POLICY_MAX];
};

/**
 * draft_start - HDR, T and RAND; in an update HDR and T
 * @env: random source
 * @offer: what to say
 * @data_type: enum mikey_data_type
 * @draft: the message, to be freed with OPENSSL_free()
 * @err: why not
 */
enum mikey_reason draft_start(const struct mikey_env *env, const struct mikey_offer *offer,
			      uint32_t data_type, struct draft **draft, struct mikey_error *err);

/**
 * draft_add_id - an ID payload
 * @msg: message
 * @id: identity; none for the empty one
 */
void draft_add_id(struct mikey_msg *msg, const struct mikey_id *id);

/**
 * draft_add_policies - SP and General Extension payloads
 * @draft: message
 * @offer: what to say
 * @err: why not
 */
enum mikey_reason draft_add_policies(struct draft *draft, const struct mikey_offer *offer,
				     struct mikey_error *err);

/**
 * draft_emit - write a message and its closing MAC
 * @crypto: algorithms
 * @keys: keys for the MAC, or NULL if the message has none
 * @msg: ends in a V or KEMAC payload whose MAC views anything of the right
 *	length, if there are @keys
 * @tail: pieces that the MAC covers after the message
 * @n_tail: how many
 * @out: to be freed with OPENSSL_free()
 * @len: its octets
 * @err: why not
 */
enum mikey_reason draft_emit(const struct mikey_crypto *crypto, const struct mikey_msg_keys *keys,
			     const struct mikey_msg *msg, const struct mikey_view *tail,
			     size_t n_tail, uint8_t **out, size_t *len, struct mikey_error *err);

/**
 * struct error_answer - what an Error message is made of
 * @crypto: algorithms
 * @request: the faulty message, as far as it could be parsed
 * @reason: why it was refused
 * @keys: keys for V, or NULL for an Error that proves nothing
 * @creds: what to sign with, or NULL: instead of V, where there is none
 * @accept: policies to propose instead, or NULL
 */
struct error_answer {
	const struct mikey_crypto *crypto;
	const struct mikey_msg *request;
	enum mikey_reason reason;
	const struct mikey_msg_keys *keys;
	const struct mikey_creds *creds;
	const struct mikey_accept *accept;
};

/**
 * answer_error - an Error message, RFC 3830 5.1.2
 * @from: what from
 * @answer: @msg is set unless the request does not even have a T, or an
 *	Error without V would be longer than the request
 */
void answer_error(const struct error_answer *from, struct mikey_answer *answer);

/**
 * peer_error_read - what an Error message says
 * @msg: Error message
 * @flags: enum mikey_accept_flags
 * @verified: its V was right
 * @out: filled
 */
void peer_error_read(const struct mikey_msg *msg, uint32_t flags, bool verified,
		     struct mikey_peer_error *out);

#endif
