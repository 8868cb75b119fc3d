/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message on its way through the responder, as the modes see it. Internal.
 */
#ifndef MIKEY_REQUEST_H
#define MIKEY_REQUEST_H

#include "common.h"
#include "mode.h"
#include "responder.h"

/**
 * struct mikey_request - a message on its way through the responder
 * @cfg: configuration and state
 * @mode: its mode
 * @kemac: its KEMAC, or NULL
 * @ts: its T
 * @late: what the clock says against it; told only to a peer that is proven
 * @timeless: T and replays do not matter: a protected carrier, and a peer
 *	whose clock is known to be wrong
 * @peer: who sent it
 * @known: @peer holds, and may use the mode
 * @refused: @peer holds, and may not use the mode
 * @update: the live bundle that the message updates, or NULL
 * @keys: for V; apart, in secure memory; all 0 as long as there are none
 * @scratch: of the mode
 * @answer: result
 * @err: why not
 * @msg: the message; large, and set by the parser
 */
struct mikey_request {
	const struct mikey_responder *cfg;
	const struct mikey_mode *mode;
	const struct mikey_payload *kemac;
	struct mikey_ts ts;
	struct mikey_error late;
	bool timeless;
	struct mikey_peer peer;
	bool known;
	bool refused;
	const struct mikey_csb *update;
	struct mikey_msg_keys *keys;
	void *scratch;
	struct mikey_answer *answer;
	struct mikey_error *err;
	struct mikey_msg msg;
};

/** request_flags - enum mikey_accept_flags of the peer, 0 for a stranger */
uint32_t request_flags(const struct mikey_request *rq);

/**
 * request_stranger - refuse somebody who is not known, or not in this mode
 * @rq: request
 * @offset: for the error
 */
enum mikey_reason request_stranger(const struct mikey_request *rq, size_t offset);

/**
 * request_fill_in - what this side says of a stream of its own, RFC 3830 6.1.1
 * @rq: request
 * @cs_id: its crypto session
 * @ssrc: filled in, if it was left open
 * @roc: the same
 */
void request_fill_in(const struct mikey_request *rq, uint8_t cs_id, uint32_t *ssrc, uint32_t *roc);

/**
 * request_complete - fill in what this side sends
 * @rq: request
 * @csb: its bundle
 */
void request_complete(const struct mikey_request *rq, struct mikey_csb *csb);

/**
 * request_write_map - the map of the response
 * @csb: complete bundle
 * @hdr: has the map of the request
 */
void request_write_map(const struct mikey_csb *csb, struct mikey_hdr *hdr);

/**
 * request_answer_v - a verification message, RFC 3830 3.1, 3.2: HDR, T, [IDr], V
 * @rq: request with @keys and a bundle
 */
enum mikey_reason request_answer_v(struct mikey_request *rq);

#endif
