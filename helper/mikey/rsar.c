// SPDX-License-Identifier: GPL-2.0
/*
 * Reverse RSA mode, RFC 4738: the responder makes the keys and seals them for
 * the initiator. What both roles do.
 */
#include "rsar.h"

const struct mikey_payload *rsar_group_id(const struct mikey_msg *msg)
{
	const struct mikey_payload *ext;
	size_t i;

	for (i = 0; (ext = mikey_find(msg, MIKEY_PL_EXT, i)); i++)
		if (ext->ext.ext_type == MIKEY_EXT_CSB_ID)
			return ext;
	return NULL;
}

struct mikey_view rsar_rand(const struct mikey_msg *i_msg, const struct mikey_msg *r_msg,
			    bool group)
{
	const struct mikey_payload *rand = mikey_find(r_msg, MIKEY_PL_RAND, 0);

	if (!rand && !group)
		rand = mikey_find(i_msg, MIKEY_PL_RAND, 0);
	return rand ? rand->rand.value : (struct mikey_view){ NULL, 0 };
}

/* The bundle bears the CSB ID that its keys were derived with */
enum mikey_reason rsar_make_csb(const struct rsar_bundle *from, struct mikey_csb **csb,
				struct mikey_error *err)
{
	const struct mikey_payload *kemac = mikey_find(from->msg, MIKEY_PL_KEMAC, 0);
	const struct mikey_csb_source src = {
		.crypto = from->crypto,
		.msg = from->msg,
		.ctx = from->ctx,
		.keys = from->keys,
		.accept = from->accept,
		.idi = from->idi,
		.idr = from->idr,
		.encr_alg = kemac->kemac.encr_alg,
		.mac_alg = kemac->kemac.mac_alg,
		.transport_bits = mikey_encr_strength(kemac->kemac.encr_alg),
		.initiator = from->initiator,
	};
	enum mikey_reason reason = mikey_csb_make(&src, csb, err);

	if (reason)
		return reason;
	(*csb)->data_type = MIKEY_RSAR_INIT;
	(*csb)->csb_id = from->ctx.csb_id;
	return MIKEY_OK;
}

const struct mikey_mode mikey_mode_rsar = {
	.name = "rsar",
	.title = "reverse RSA",
	.init_type = MIKEY_RSAR_INIT,
	.resp_type = MIKEY_RSAR_RESP,
	.always_answers = true,
	.costly = true,
	.offer = rsar_offer,
	.finish = rsar_finish,
	.authenticate = rsar_authenticate,
	.take = rsar_take,
	.answer = rsar_answer,
	.release = rsar_release,
};
