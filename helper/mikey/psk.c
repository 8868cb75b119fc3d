// SPDX-License-Identifier: GPL-2.0
/*
 * Pre-shared key mode, RFC 3830 3.1, both roles.
 */
#include <openssl/crypto.h>

#include "pending.h"
#include "pskpriv.h"
#include "request.h"

/* An unknown peer takes the way of a wrong key with this one */
static const uint8_t nobodys_psk[16];

/* The envelope key of a bundle is what its updates are made with (RFC 3830 4.5) */
static struct mikey_view key_for(const struct mikey_csb *update, const struct mikey_creds *creds)
{
	return update && update->env_key.len ? update->env_key : creds->psk;
}

static enum mikey_reason check_init(const struct mikey_init *init,
				    const struct mikey_offer *offer, struct mikey_error *err)
{
	enum mikey_reason reason = mikey_algs_check(offer->prf, init->encr_alg, init->mac_alg,
						    MIKEY_NO_OFFSET, err);

	if (!reason)
		reason = check_null(init->encr_alg, init->mac_alg, offer->accept->flags,
				    MIKEY_NO_OFFSET, err);
	if (!reason && !key_for(offer->update, &init->creds).len && init->mac_alg)
		reason = mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET, "no pre-shared key");
	return reason;
}

/* RFC 3830 3.1: HDR, T, RAND, IDi, IDr, {SP}, KEMAC */
static enum mikey_reason write_offer(struct mikey_pending *pending, struct draft *draft,
				     const struct mikey_init *init,
				     const struct mikey_offer *offer, const struct key_data *data,
				     struct mikey_error *err)
{
	struct mikey_payload kemac = { .type = MIKEY_PL_KEMAC };
	enum mikey_reason reason;

	draft_add_id(&draft->msg, &init->idi);
	draft_add_id(&draft->msg, &init->idr);
	reason = draft_add_policies(draft, offer, err);
	if (reason)
		return reason;
	kemac.kemac.encr_alg = init->encr_alg;
	kemac.kemac.mac_alg = init->mac_alg;
	kemac.kemac.mac = (struct mikey_view){ mac_room, mikey_mac_len(init->mac_alg) };
	reason = key_data_seal(pending->env.crypto, pending->keys, draft->msg.hdr.csb_id,
			       &offer->ts, data, &kemac.kemac.encr_data, err);
	mikey_add(&draft->msg, &kemac);
	if (!reason)
		reason = draft_emit(pending->env.crypto, pending->keys, &draft->msg, NULL, 0,
				    &pending->octets, &pending->len, err);
	OPENSSL_clear_free((void *)kemac.kemac.encr_data.data, kemac.kemac.encr_data.len);
	return reason;
}

static enum mikey_reason read_offer(struct mikey_pending *pending,
				    const struct mikey_init *init,
				    const struct mikey_offer *offer, const struct key_data *data,
				    struct mikey_error *err)
{
	enum mikey_reason reason = pending_parse(pending, err);

	if (reason)
		return reason;
	return make_csb(pending->env.crypto, &pending->sent, &data->chain, offer->accept,
			&init->idi, &init->idr, true, offer->update, &pending->csb, err);
}

static enum mikey_reason offer_psk(struct mikey_pending *pending, const struct mikey_init *init,
				   const struct mikey_offer *offer, struct draft *draft,
				   struct mikey_error *err)
{
	struct mikey_label_ctx ctx = label_ctx_of(&draft->msg, offer->update);
	struct mikey_view psk = key_for(offer->update, &init->creds);
	enum mikey_reason reason = check_init(init, offer, err);
	struct key_data data = { 0 };

	if (!reason)
		reason = key_data_make(&pending->env, offer, init->encr_alg, &data, err);
	if (!reason && psk.len)
		reason = mikey_msg_keys_derive(pending->env.crypto, &ctx, psk,
					       init->encr_alg, init->mac_alg, pending->keys);
	if (!reason)
		reason = write_offer(pending, draft, init, offer, &data, err);
	if (!reason)
		reason = read_offer(pending, init, offer, &data, err);
	key_data_clear(&data);
	return reason;
}

/*
 * RFC 3830 5.3, third step; the MAC closes the message and covers all of it.
 * Without a MAC the carrier vouches, if this peer may rely on one.
 */
static enum mikey_reason authenticate_psk(struct mikey_request *rq)
{
	struct mikey_view covered = rq->msg.raw;
	struct mikey_view psk = key_for(rq->update, &rq->peer.creds);
	struct mikey_label_ctx ctx = label_ctx_of(&rq->msg, rq->update);
	uint32_t encr = rq->kemac->kemac.encr_alg, mac = rq->kemac->kemac.mac_alg;
	enum mikey_reason reason = mikey_algs_check(ctx.prf, encr, mac, rq->kemac->offset, rq->err);

	if (reason)
		return reason;
	if (mac == MIKEY_MAC_NULL)
		return check_null(encr, mac, request_flags(rq), rq->kemac->offset, rq->err);
	rq->known = rq->known && psk.len;
	if (!rq->known)
		psk = (struct mikey_view){ nobodys_psk, sizeof(nobodys_psk) };
	reason = mikey_msg_keys_derive(rq->cfg->env.crypto, &ctx, psk, encr, mac, rq->keys);
	if (reason)
		return mikey_fail(rq->err, reason, MIKEY_NO_OFFSET, "the key derivation failed");
	covered.len -= rq->kemac->kemac.mac.len;
	reason = mikey_mac_verify(rq->cfg->env.crypto, rq->keys, &covered, 1,
				  rq->kemac->kemac.mac);
	if (!rq->known)
		return request_stranger(rq, rq->kemac->offset);
	rq->answer->authenticated = !reason;
	return reason ? mikey_fail(rq->err, reason, rq->kemac->offset, "the MAC is wrong") :
			MIKEY_OK;
}

static enum mikey_reason take_psk(struct mikey_request *rq)
{
	const struct mikey_crypto *crypto = rq->cfg->env.crypto;
	enum mikey_reason reason = MIKEY_OK;
	struct key_data data;

	/* An update may carry no key: then nothing needs to be encrypted */
	if (rq->kemac->kemac.encr_data.len)
		reason = check_null(rq->kemac->kemac.encr_alg, rq->kemac->kemac.mac_alg,
				    request_flags(rq), rq->kemac->offset, rq->err);
	if (reason)
		return reason;
	reason = key_data_open(crypto, rq->keys, rq->msg.hdr.csb_id, &rq->ts, rq->kemac,
			       MIKEY_PL_KEY, &data, rq->err);
	if (!reason)
		reason = make_csb(crypto, &rq->msg, &data.chain, rq->peer.accept, &rq->peer.idi,
				  &rq->peer.idr, false, rq->update, &rq->answer->csb, rq->err);
	key_data_clear(&data);
	if (!reason)
		request_complete(rq, rq->answer->csb);
	return reason;
}

const struct mikey_mode mikey_mode_psk = {
	.name = "psk",
	.title = "pre-shared key",
	.init_type = MIKEY_PSK_INIT,
	.resp_type = MIKEY_PSK_RESP,
	.updates = true,
	.offer = offer_psk,
	.finish = pending_take_v,
	.authenticate = authenticate_psk,
	.take = take_psk,
	.answer = request_answer_v,
	.open = psk_open,
};
