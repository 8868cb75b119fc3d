/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a message holds, found out without taking part in the exchange.
 */
#ifndef MIKEY_INSPECT_H
#define MIKEY_INSPECT_H

#include "creds.h"
#include "csb.h"

/**
 * struct mikey_opened - an initiator's message, verified offline
 * @verified: the MAC is there and right
 * @clear: octets of the decrypted Key data, wiped by mikey_opened_clear()
 * @clear_size: how many were allocated
 * @chain: the sub-payloads, views into @clear
 * @csb: the derived bundle, or NULL with @csb_err
 * @csb_err: why there is no bundle
 */
struct mikey_opened {
	bool verified;
	uint8_t *clear;
	size_t clear_size;
	struct mikey_chain chain;
	struct mikey_csb *csb;
	struct mikey_error csb_err;
};

/**
 * mikey_inspect - what a message holds, without taking part
 * @crypto: algorithms
 * @msg: parsed message
 * @creds: keys to try; empty for messages that are not encrypted
 * @accept: for the bundle; NULL derives none
 * @opened: filled; clear with mikey_opened_clear()
 * @err: why it cannot be opened
 *
 * For `mikey-helper decode`: no clock, no replay check.
 */
enum mikey_reason mikey_inspect(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
				const struct mikey_creds *creds, const struct mikey_accept *accept,
				struct mikey_opened *opened, struct mikey_error *err);

/**
 * mikey_opened_clear - wipe and release
 * @opened: filled by mikey_inspect()
 */
void mikey_opened_clear(struct mikey_opened *opened);

#endif
