/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Answers kept for retransmitted requests. UDP loses answers, and the replay
 * rule forbids to process a request twice: so the same octets from the same
 * place get the stored answer, at most MIKEY_RESEND_TIMES times within
 * MIKEY_RESEND_MS, and nobody else gets it.
 */
#ifndef MIKEY_RESEND_H
#define MIKEY_RESEND_H

#include "crypto.h"

/** MIKEY_RESEND_TIMES - how often one answer is repeated */
#define MIKEY_RESEND_TIMES 5
/** MIKEY_RESEND_MS - for how long, from the first answer */
#define MIKEY_RESEND_MS 32000

struct mikey_resend;

/**
 * enum mikey_resend_verdict - what to do with a datagram
 * @MIKEY_RESEND_UNKNOWN: not seen from there; process it
 * @MIKEY_RESEND_ANSWER: send the stored answer
 * @MIKEY_RESEND_SILENT: seen, and answered often enough: drop it
 */
enum mikey_resend_verdict {
	MIKEY_RESEND_UNKNOWN,
	MIKEY_RESEND_ANSWER,
	MIKEY_RESEND_SILENT,
};

/**
 * mikey_resend_new - an empty memory
 * @crypto: for hashing; must outlive the memory
 * @max: answers to keep; the oldest makes room
 * Return: NULL without memory.
 */
struct mikey_resend *mikey_resend_new(const struct mikey_crypto *crypto, size_t max);

/**
 * mikey_resend_free - release
 * @mem: memory or NULL
 */
void mikey_resend_free(struct mikey_resend *mem);

/**
 * mikey_resend_find - is this a retransmission?
 * @mem: memory
 * @flow: octets that name the 5-tuple
 * @msg: request as it came
 * @now_ms: a clock that never goes back
 * @answer: on MIKEY_RESEND_ANSWER what to send, valid until the next call
 */
enum mikey_resend_verdict mikey_resend_find(struct mikey_resend *mem, struct mikey_view flow,
					    struct mikey_view msg, uint64_t now_ms,
					    struct mikey_view *answer);

/**
 * mikey_resend_put - keep an answer
 * @mem: memory
 * @flow: octets that name the 5-tuple
 * @msg: request as it came
 * @answer: what was sent, copied; must hold no secret
 * @now_ms: a clock that never goes back
 */
enum mikey_reason mikey_resend_put(struct mikey_resend *mem, struct mikey_view flow,
				   struct mikey_view msg, struct mikey_view answer,
				   uint64_t now_ms);

#endif
