/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages with one thing wrong, by somebody who has the keys: what authenticates
 * them is right, so that only the change matters.
 *
 * The octets that come back stay until the next call of the same function.
 */
#ifndef TAMPER_H
#define TAMPER_H

#include "exchange.h"

/** tamper_fn - changes a message that was parsed */
typedef void (*tamper_fn)(struct mikey_msg *msg);

/** tamper_nothing - a tamper_fn that leaves it as it is */
void tamper_nothing(struct mikey_msg *msg);

/** tamper_no_mac - a tamper_fn that takes the MAC of the KEMAC away */
void tamper_no_mac(struct mikey_msg *msg);

/** parsed - a message, to be freed; the octets must be one */
struct mikey_msg *parsed(struct mikey_view octets);

/** payload_of - the @n-th payload of a type; there must be one for use */
struct mikey_payload *payload_of(struct mikey_msg *msg, uint32_t type, size_t n);

/** drop_first - without the first payload of a type */
void drop_first(struct mikey_msg *msg, uint32_t type);

/** drop_all - without the payloads of a type */
void drop_all(struct mikey_msg *msg, uint32_t type);

/** swap_pair - the first two payloads of a type, the other way round */
void swap_pair(struct mikey_msg *msg, uint32_t type);

/** damaged - a copy of octets with one of them altered */
struct mikey_view damaged(struct mikey_view octets, size_t at);

/** built - the octets as they are in @msg */
struct mikey_view built(const struct mikey_msg *msg);

/**
 * resealed - a message changed, with a right MAC in its last payload, a KEMAC
 * @c: the exchange whose keys are used
 * @octets: message
 * @change: what is changed
 */
struct mikey_view resealed(const struct call *c, struct mikey_view octets, tamper_fn change);

/**
 * reproved - a verification message changed, with a right V (RFC 3830 5.2)
 * @c: the exchange
 * @octets: message
 * @change: what is changed
 * @with_ids: the identities are covered, as they must be
 */
struct mikey_view reproved(const struct call *c, struct mikey_view octets, tamper_fn change,
			   bool with_ids);

/**
 * resigned - a message changed and signed again
 * @c: the exchange
 * @creds: who signs
 * @octets: message
 * @change: what is changed
 * @tail: what the signature covers behind the message, or NULL
 * @n: how many
 */
struct mikey_view resigned(const struct call *c, const struct mikey_creds *creds,
			   struct mikey_view octets, tamper_fn change,
			   const struct mikey_view *tail, size_t n);

/**
 * tampered_taken - how many copies of a message with one bit altered bob takes
 * @c: the exchange, of which nothing changes
 * @mask: the bits that are altered, one after the other, in each octet
 * @step: every so many octets
 */
size_t tampered_requests(struct call *c, uint8_t mask, size_t step);

/** tampered_answers - the same of bob's answer, which alice gets */
size_t tampered_answers(struct call *c, uint8_t mask, size_t step);

#endif
