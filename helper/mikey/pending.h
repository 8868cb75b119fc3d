/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An exchange that waits for its response, as the modes see it. Internal.
 */
#ifndef MIKEY_PENDING_H
#define MIKEY_PENDING_H

#include "common.h"
#include "initiator.h"
#include "mode.h"

/**
 * struct mikey_pending - an exchange that waits for its response
 * @mode: its mode
 * @env: algorithms and randomness
 * @creds: secrets
 * @now: NTP time when it began
 * @octets: the initiator's message
 * @len: its octets
 * @sent: the same, parsed
 * @ts: its T
 * @keys: for V; apart, in secure memory; all 0 if the mode has none
 * @flags: enum mikey_accept_flags
 * @accept: what may be agreed
 * @update: the live bundle that is being updated, or NULL
 * @group: RSA-R: the keys are those of a group
 * @csb: the bundle, until it is taken
 * @scratch: of the mode
 */
struct mikey_pending {
	const struct mikey_mode *mode;
	struct mikey_env env;
	struct mikey_creds creds;
	uint64_t now;
	uint8_t *octets;
	size_t len;
	struct mikey_msg sent;
	struct mikey_ts ts;
	struct mikey_msg_keys *keys;
	uint32_t flags;
	struct mikey_accept accept;
	const struct mikey_csb *update;
	bool group;
	struct mikey_csb *csb;
	void *scratch;
};

/**
 * pending_parse - the message that was written, parsed again
 * @pending: @octets and @len are set; sets @sent
 * @err: why not
 *
 * Both sides make their sessions from the same octets by the same code.
 */
enum mikey_reason pending_parse(struct mikey_pending *pending, struct mikey_error *err);

/**
 * pending_verify_v - is the V of a message the peer's?
 * @pending: exchange with @keys
 * @msg: what came
 * @v: its V
 * @with_ids: V covers IDi, IDr and T besides the message (RFC 3830 5.2)
 * @err: why not
 */
enum mikey_reason pending_verify_v(const struct mikey_pending *pending,
				   const struct mikey_msg *msg, const struct mikey_payload *v,
				   bool with_ids, struct mikey_error *err);

/**
 * pending_take_v - the response that is a verification message
 * @pending: exchange with @keys and @csb
 * @msg: the response
 * @err: why not
 */
enum mikey_reason pending_take_v(struct mikey_pending *pending, const struct mikey_msg *msg,
				 struct mikey_error *err);

/**
 * pending_check_map - the response keeps what was said, RFC 3830 6.1.1
 * @sent: header of the request
 * @got: header of the response
 * @err: why not
 */
enum mikey_reason pending_check_map(const struct mikey_hdr *sent, const struct mikey_hdr *got,
				    struct mikey_error *err);

/**
 * pending_fill_in - take the SSRCs and ROCs that the responder chose for its streams
 * @csb: bundle, or NULL
 * @got: header of the response, checked
 */
void pending_fill_in(struct mikey_csb *csb, const struct mikey_hdr *got);

#endif
