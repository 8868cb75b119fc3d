// SPDX-License-Identifier: GPL-2.0
/*
 * Diffie-Hellman authenticated by a pre-shared key: RFC 4650, both roles.
 *
 * RFC 4650 4.2 gives other numbers to NULL encryption and to the MACs than the
 * registry that RFC 3830 set up, and registers none. The registered ones are
 * sent; the others are understood only where a peer is known to send them, and
 * a number never stands for "no MAC".
 */
#include <openssl/crypto.h>

#include "dhkey.h"
#include "inspect.h"

/* An unknown peer takes the way of a wrong key with this one */
static const uint8_t nobodys_psk[16];
/* HMAC-SHA-1 and NULL encryption in the numbers of RFC 4650 4.2 */
#define OTHER_HMAC 0
#define OTHER_NULL 2
#define OTHER_HMAC_LEN 20

static enum mikey_reason check_init(const struct mikey_init *init,
				    const struct mikey_offer *offer, struct mikey_error *err)
{
	if (init->mac_alg == MIKEY_MAC_NULL)
		return mikey_fail(err, MIKEY_NULL_MAC, MIKEY_NO_OFFSET,
				  "Diffie-Hellman without a MAC proves nothing");
	if (!init->creds.psk.len)
		return mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET, "no pre-shared key");
	return mikey_algs_check(offer->prf, MIKEY_ENCR_NULL, init->mac_alg, MIKEY_NO_OFFSET, err);
}

/* RFC 4650 4.2: a KEMAC without data, for its MAC */
static void add_kemac(struct mikey_msg *msg, uint32_t encr_alg, uint32_t mac_alg, size_t mac_len)
{
	struct mikey_payload kemac = { .type = MIKEY_PL_KEMAC };

	kemac.kemac.encr_alg = encr_alg;
	kemac.kemac.mac_alg = mac_alg;
	kemac.kemac.mac = (struct mikey_view){ mac_room, mac_len };
	mikey_add(msg, &kemac);
}

/* RFC 4650 3: HDR, T, RAND, IDi, IDr, {SP}, DHi, KEMAC */
static enum mikey_reason offer_dhhmac(struct mikey_pending *pending,
				      const struct mikey_init *init,
				      const struct mikey_offer *offer, struct draft *draft,
				      struct mikey_error *err)
{
	struct mikey_label_ctx ctx = label_ctx_of(&draft->msg, offer->update);
	enum mikey_reason reason = check_init(init, offer, err);

	if (!reason)
		reason = mikey_msg_keys_derive(pending->env.crypto, &ctx, init->creds.psk,
					       MIKEY_ENCR_NULL, init->mac_alg, pending->keys);
	draft_add_id(&draft->msg, &init->idi);
	draft_add_id(&draft->msg, &init->idr);
	if (!reason)
		reason = draft_add_policies(draft, offer, err);
	if (!reason)
		reason = dh_offer(pending, init, offer, &draft->msg, err);
	add_kemac(&draft->msg, MIKEY_ENCR_NULL, init->mac_alg, mikey_mac_len(init->mac_alg));
	if (!reason)
		reason = draft_emit(pending->env.crypto, pending->keys, &draft->msg, NULL, 0,
				    &pending->octets, &pending->len, err);
	return reason ? reason : pending_parse(pending, err);
}

/*
 * Which MAC a KEMAC has, by whichever table the peer uses. It is told before
 * anything is proven, so by what the configuration says of the peer alone.
 */
static enum mikey_reason read_mac(const struct mikey_payload *kemac, uint32_t flags, uint32_t *mac,
				  struct mikey_error *err)
{
	uint32_t encr = kemac->kemac.encr_alg;
	bool other = flags & MIKEY_COMPAT_DHHMAC_4650;

	*mac = kemac->kemac.mac_alg;
	if (kemac->kemac.encr_data.len)
		return mikey_fail(err, MIKEY_UNEXPECTED, kemac->offset,
				  "a KEMAC of this mode carries no keys");
	if (encr != MIKEY_ENCR_NULL && !(other && encr == OTHER_NULL))
		return mikey_fail(err, MIKEY_UNSUP_ENCR, kemac->offset,
				  "a KEMAC of this mode is not encrypted");
	if (other && *mac == OTHER_HMAC && kemac->kemac.mac.len == OTHER_HMAC_LEN)
		*mac = MIKEY_MAC_HMAC_SHA1;
	if (*mac == MIKEY_MAC_NULL)
		return mikey_fail(err, MIKEY_NULL_MAC, kemac->offset,
				  "Diffie-Hellman without a MAC proves nothing");
	return MIKEY_OK;
}

/* RFC 4650 4.2: the MAC covers the whole message but itself */
static enum mikey_reason verify(const struct mikey_crypto *crypto,
				const struct mikey_msg_keys *keys, const struct mikey_msg *msg,
				const struct mikey_payload *kemac, struct mikey_error *err)
{
	struct mikey_view covered = { msg->raw.data, msg->raw.len - kemac->kemac.mac.len };
	enum mikey_reason reason = mikey_mac_verify(crypto, keys, &covered, 1, kemac->kemac.mac);

	return reason ? mikey_fail(err, reason, kemac->offset, "the MAC is wrong") : MIKEY_OK;
}

static enum mikey_reason finish_dhhmac(struct mikey_pending *pending, const struct mikey_msg *msg,
				       struct mikey_error *err)
{
	const struct mikey_payload *kemac = mikey_find(msg, MIKEY_PL_KEMAC, 0);
	uint32_t mac;
	enum mikey_reason reason = read_mac(kemac, pending->flags, &mac, err);

	if (!reason && mac != pending->keys->mac_alg)
		reason = mikey_fail(err, MIKEY_AUTH_FAILED, kemac->offset,
				    "the response has another MAC algorithm than the request");
	if (!reason)
		reason = verify(pending->env.crypto, pending->keys, msg, kemac, err);
	return reason ? reason : dh_finish(pending, msg, err);
}

static enum mikey_reason authenticate_dhhmac(struct mikey_request *rq)
{
	struct mikey_label_ctx ctx = label_ctx_of(&rq->msg, rq->update);
	struct mikey_view psk = rq->peer.creds.psk;
	uint32_t mac;
	enum mikey_reason reason = read_mac(rq->kemac, request_flags(rq), &mac, rq->err);

	if (!reason)
		reason = mikey_algs_check(ctx.prf, MIKEY_ENCR_NULL, mac, rq->kemac->offset, rq->err);
	if (reason)
		return reason;
	rq->known = rq->known && psk.len;
	if (!rq->known)
		psk = (struct mikey_view){ nobodys_psk, sizeof(nobodys_psk) };
	reason = mikey_msg_keys_derive(rq->cfg->env.crypto, &ctx, psk, MIKEY_ENCR_NULL, mac,
				       rq->keys);
	if (reason)
		return mikey_fail(rq->err, reason, MIKEY_NO_OFFSET, "the key derivation failed");
	reason = verify(rq->cfg->env.crypto, rq->keys, &rq->msg, rq->kemac, rq->err);
	if (!rq->known)
		return request_stranger(rq, rq->kemac->offset);
	rq->answer->authenticated = !reason;
	return reason;
}

/* RFC 4650 3: HDR, T, IDr, IDi, DHr, DHi, KEMAC, in the numbers of the request */
static enum mikey_reason answer_dhhmac(struct mikey_request *rq)
{
	struct mikey_msg *msg;
	enum mikey_reason reason = dh_start_answer(rq, NULL, &msg);

	if (!reason) {
		add_kemac(msg, rq->kemac->kemac.encr_alg, rq->kemac->kemac.mac_alg,
			  rq->kemac->kemac.mac.len);
		reason = draft_emit(rq->cfg->env.crypto, rq->keys, msg, NULL, 0, &rq->answer->msg,
				    &rq->answer->len, rq->err);
	}
	OPENSSL_free(msg);
	return reason;
}

/* There are no keys in it; but whether it is authentic can be told */
static enum mikey_reason open_dhhmac(const struct mikey_crypto *crypto,
				     const struct mikey_msg *msg,
				     const struct mikey_creds *creds,
				     const struct mikey_accept *accept,
				     struct mikey_opened *opened, struct mikey_error *err)
{
	const struct mikey_payload *kemac = mikey_find(msg, MIKEY_PL_KEMAC, 0);
	struct mikey_label_ctx ctx = label_ctx_of(msg, NULL);
	struct mikey_msg_keys keys;
	uint32_t mac;
	enum mikey_reason reason = read_mac(kemac, accept ? accept->flags : 0, &mac, err);

	if (!reason && !creds->psk.len)
		reason = mikey_fail(err, MIKEY_USAGE, kemac->offset,
				    "the MAC is verified with a pre-shared key");
	if (!reason && !ctx.rand.len)
		reason = mikey_fail(err, MIKEY_UNSUP_UPDATE, msg->raw.len,
				    "no RAND: this updates a bundle, and needs the RAND of its first message");
	if (!reason)
		reason = mikey_algs_check(ctx.prf, MIKEY_ENCR_NULL, mac, kemac->offset, err);
	if (!reason)
		reason = mikey_msg_keys_derive(crypto, &ctx, creds->psk, MIKEY_ENCR_NULL, mac,
					       &keys);
	if (!reason) {
		reason = verify(crypto, &keys, msg, kemac, err);
		mikey_msg_keys_wipe(&keys);
	}
	opened->verified = !reason;
	return reason;
}

const struct mikey_mode mikey_mode_dhhmac = {
	.name = "dhhmac",
	.title = "Diffie-Hellman with HMAC",
	.init_type = MIKEY_DHHMAC_INIT,
	.resp_type = MIKEY_DHHMAC_RESP,
	.always_answers = true,
	.updates = true,
	.offer = offer_dhhmac,
	.finish = finish_dhhmac,
	.forget = dh_forget,
	.authenticate = authenticate_dhhmac,
	.take = dh_take,
	.answer = answer_dhhmac,
	.release = dh_release,
	.open = open_dhhmac,
};
