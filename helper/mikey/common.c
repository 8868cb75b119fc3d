// SPDX-License-Identifier: GPL-2.0
/*
 * What the modes do alike: RFC 3830 3, 4.1.4, 4.2.3.
 */
#include "common.h"

const uint8_t mac_room[MIKEY_MAC_MAX];

/* RFC 3830 4.5: an update has no RAND, that of the first message goes on */
struct mikey_label_ctx label_ctx_of(const struct mikey_msg *msg, const struct mikey_csb *update)
{
	const struct mikey_payload *rand = mikey_find(msg, MIKEY_PL_RAND, 0);
	struct mikey_label_ctx ctx = { .prf = msg->hdr.prf, .csb_id = msg->hdr.csb_id };

	if (update)
		ctx.rand = update->rand;
	else if (rand)
		ctx.rand = rand->rand.value;
	return ctx;
}

struct mikey_view ts_octets(const struct mikey_msg *msg)
{
	return mikey_find(msg, MIKEY_PL_T, 0)->t.value;
}

struct mikey_id id_of(const struct mikey_payload *id)
{
	if (!id)
		return (struct mikey_id){ 0 };
	return (struct mikey_id){ id->id.id_type, id->id.data };
}

/*
 * RFC 3830 4.2.3, 4.2.4: NULL only where the carrier is protected, and no MAC
 * only together with no encryption
 */
enum mikey_reason check_null(uint32_t encr, uint32_t mac, uint32_t flags, size_t offset,
			     struct mikey_error *err)
{
	bool allowed = flags & MIKEY_ALLOW_NULL;

	if (mac == MIKEY_MAC_NULL && (!allowed || encr != MIKEY_ENCR_NULL))
		return mikey_fail(err, MIKEY_NULL_MAC, offset,
				  "a KEMAC without MAC is not allowed with this peer");
	if (encr == MIKEY_ENCR_NULL && !allowed)
		return mikey_fail(err, MIKEY_NULL_ENCR, offset,
				  "unencrypted keys are not allowed with this peer");
	return MIKEY_OK;
}

enum mikey_reason make_csb(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
			   const struct mikey_chain *chain, const struct mikey_accept *accept,
			   const struct mikey_id *idi, const struct mikey_id *idr, bool initiator,
			   const struct mikey_csb *update, struct mikey_csb **csb, struct mikey_error *err)
{
	const struct mikey_payload *kemac = mikey_find(msg, MIKEY_PL_KEMAC, 0);
	struct mikey_csb_source src = {
		.crypto = crypto,
		.msg = msg,
		.ctx = label_ctx_of(msg, update),
		.keys = chain,
		.accept = accept,
		.idi = *idi,
		.idr = *idr,
		.encr_alg = kemac->kemac.encr_alg,
		.mac_alg = kemac->kemac.mac_alg,
		.transport_bits = mikey_encr_strength(kemac->kemac.encr_alg),
		.initiator = initiator,
		.update = update,
	};

	return mikey_csb_make(&src, csb, err);
}
