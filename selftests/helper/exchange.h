/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An exchange between alice and bob of fixture.h, step by step: what a test of
 * any mode does.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "pki.h"

/**
 * struct call - an exchange and everything around it
 * @f: the two parties
 * @pending: alice's exchange
 * @answer: bob's
 * @reason: what the last step said
 * @err: and why
 * @peer_err: what alice read in an Error
 */
struct call {
	struct fixture *f;
	struct mikey_pending *pending;
	struct mikey_answer answer;
	enum mikey_reason reason;
	struct mikey_error err;
	struct mikey_peer_error peer_err;
};

/**
 * call_new - two parties that use a mode
 * @mode: enum mikey_data_type; those with signatures get certificates
 * @who: what is unusual about alice's certificate, NULL for nothing
 *
 * @reason says whether the library takes the certificates.
 */
struct call *call_new(uint32_t mode, const struct pki_change *who);

/** call_free - release */
void call_free(struct call *c);

/** call_offer - alice makes a message, in place of the one before */
enum mikey_reason call_offer(struct call *c);

/** call_respond_to - bob gets octets */
enum mikey_reason call_respond_to(struct call *c, struct mikey_view msg);

/** call_respond - bob gets alice's message, if there is one */
enum mikey_reason call_respond(struct call *c);

/** call_process_octets - alice gets octets */
enum mikey_reason call_process_octets(struct call *c, struct mikey_view msg);

/** call_process - alice gets bob's answer */
enum mikey_reason call_process(struct call *c);

/**
 * call_made - the exchange up to bob's answer
 * @mode: see call_new()
 * @who: the same
 * @change: what is different from the plain one, NULL for nothing
 */
struct call *call_made(uint32_t mode, const struct pki_change *who,
		       void (*change)(struct fixture *f));

/** call_note - remark on why the last step failed, if it did */
void call_note(const struct call *c);

/** answer_of - the octets of bob's answer */
struct mikey_view answer_of(const struct call *c);

/** call_silent - bob said nothing and has nothing */
bool call_silent(const struct call *c);

/** NO_ERROR - call_error() of an answer that is no valid Error, or of silence */
#define NO_ERROR 999

/**
 * call_error - what bob's Error says
 * @c: call
 * @proof: gets the type of the payload that proves it (V, KEMAC, SIGN), 0 for none
 * Return: the error number, or NO_ERROR.
 */
unsigned int call_error(const struct call *c, uint32_t *proof);

/** is_error - bob's answer is Error @err_no, which a payload of type @proof proves */
bool is_error(const struct call *c, unsigned int err_no, uint32_t proof);

/** same_keys - two bundles have the same sessions with the same keys, and some */
bool same_keys(const struct mikey_csb *a, const struct mikey_csb *b);

#endif
