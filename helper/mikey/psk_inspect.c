// SPDX-License-Identifier: GPL-2.0
/*
 * Opens a pre-shared key message without taking part in the exchange.
 */
#include "inspect.h"
#include "pskpriv.h"

/*
 * The MAC first, as a responder does: key data that nobody vouches for is not
 * decrypted
 */
static enum mikey_reason open_with(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
				   const struct mikey_msg_keys *keys,
				   struct mikey_opened *opened, struct mikey_error *err)
{
	const struct mikey_payload *kemac = mikey_find(msg, MIKEY_PL_KEMAC, 0);
	struct mikey_view covered = { msg->raw.data, msg->raw.len - kemac->kemac.mac.len };
	struct key_data data;
	struct mikey_ts ts;
	enum mikey_reason reason = MIKEY_OK;

	if (keys->mac_alg != MIKEY_MAC_NULL)
		reason = mikey_mac_verify(crypto, keys, &covered, 1, kemac->kemac.mac);
	if (reason)
		return mikey_fail(err, reason, kemac->offset, "the MAC is wrong");
	opened->verified = keys->mac_alg != MIKEY_MAC_NULL;
	mikey_ts_read(mikey_find(msg, MIKEY_PL_T, 0), &ts);
	reason = key_data_open(crypto, keys, msg->hdr.csb_id, &ts, kemac, MIKEY_PL_KEY, &data, err);
	opened->clear = data.octets;
	opened->clear_size = data.size;
	opened->chain = data.chain;
	return reason;
}

static enum mikey_reason get_keys(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
				  struct mikey_view psk, struct mikey_msg_keys *keys,
				  struct mikey_error *err)
{
	const struct mikey_payload *kemac = mikey_find(msg, MIKEY_PL_KEMAC, 0);
	struct mikey_label_ctx ctx = label_ctx_of(msg, NULL);
	uint32_t encr = kemac->kemac.encr_alg, mac = kemac->kemac.mac_alg;
	enum mikey_reason reason;

	if (encr == MIKEY_ENCR_NULL && !psk.len)
		return MIKEY_OK;
	if (!psk.len)
		return mikey_fail(err, MIKEY_USAGE, kemac->offset,
				  "the keys are encrypted: a pre-shared key is needed");
	if (encr && !ctx.rand.len)
		return mikey_fail(err, MIKEY_UNSUP_UPDATE, msg->raw.len,
				  "no RAND: this updates a bundle, and needs the RAND of its first message");
	reason = mikey_algs_check(ctx.prf, encr, mac, kemac->offset, err);
	if (!reason)
		reason = mikey_msg_keys_derive(crypto, &ctx, psk, encr, mac, keys);
	return reason;
}

enum mikey_reason psk_open(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
			   const struct mikey_creds *creds, const struct mikey_accept *accept,
			   struct mikey_opened *opened, struct mikey_error *err)
{
	const struct mikey_payload *idi, *idr;
	struct mikey_msg_keys keys = { 0 };
	struct mikey_id a, b;
	enum mikey_reason reason = get_keys(crypto, msg, creds->psk, &keys, err);

	if (!reason)
		reason = open_with(crypto, msg, &keys, opened, err);
	mikey_msg_keys_wipe(&keys);
	if (reason || !accept)
		return reason;
	mikey_find_ids(msg, &idi, &idr);
	a = id_of(idi);
	b = id_of(idr);
	make_csb(crypto, msg, &opened->chain, accept, &a, &b, false, NULL, &opened->csb,
		 &opened->csb_err);
	return MIKEY_OK;
}
