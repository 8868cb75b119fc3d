/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What both roles of the reverse RSA mode share, RFC 4738. Internal.
 */
#ifndef MIKEY_RSAR_H
#define MIKEY_RSAR_H

#include "envelope.h"
#include "pending.h"
#include "request.h"
#include "signer.h"

/** RSAR_CSB_ID_LEN - octets of the CSB_ID extension, RFC 4738 3.6 */
#define RSAR_CSB_ID_LEN 4

/**
 * rsar_group_id - the General Extension with the CSB ID of a group
 * @msg: R_MESSAGE
 */
const struct mikey_payload *rsar_group_id(const struct mikey_msg *msg);

/**
 * rsar_rand - RAND of an exchange, RFC 4738 3.4
 * @i_msg: I_MESSAGE
 * @r_msg: R_MESSAGE
 * @group: then it is never the initiator's
 * Return: empty if there is none.
 */
struct mikey_view rsar_rand(const struct mikey_msg *i_msg, const struct mikey_msg *r_msg,
			    bool group);

/**
 * struct rsar_bundle - what a bundle is made from
 * @crypto: algorithms
 * @msg: R_MESSAGE, which has map and policies
 * @ctx: PRF, CSB ID and RAND
 * @keys: sub-payloads
 * @accept: what is allowed
 * @idi: initiator's identity
 * @idr: responder's identity
 * @initiator: this side is the initiator
 */
struct rsar_bundle {
	const struct mikey_crypto *crypto;
	const struct mikey_msg *msg;
	struct mikey_label_ctx ctx;
	const struct mikey_chain *keys;
	const struct mikey_accept *accept;
	struct mikey_id idi;
	struct mikey_id idr;
	bool initiator;
};

/** rsar_make_csb - the bundle of an exchange */
enum mikey_reason rsar_make_csb(const struct rsar_bundle *from, struct mikey_csb **csb,
				struct mikey_error *err);

/** rsar_offer - see struct mikey_mode */
enum mikey_reason rsar_offer(struct mikey_pending *pending, const struct mikey_init *init,
			     const struct mikey_offer *offer, struct draft *draft,
			     struct mikey_error *err);

/** rsar_finish - see struct mikey_mode */
enum mikey_reason rsar_finish(struct mikey_pending *pending, const struct mikey_msg *msg,
			      struct mikey_error *err);

/** rsar_authenticate - see struct mikey_mode */
enum mikey_reason rsar_authenticate(struct mikey_request *rq);

/** rsar_take - see struct mikey_mode */
enum mikey_reason rsar_take(struct mikey_request *rq);

/** rsar_answer - see struct mikey_mode */
enum mikey_reason rsar_answer(struct mikey_request *rq);

/** rsar_release - see struct mikey_mode */
void rsar_release(struct mikey_request *rq);

#endif
