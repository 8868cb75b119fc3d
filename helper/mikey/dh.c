// SPDX-License-Identifier: GPL-2.0
/*
 * Signed Diffie-Hellman, RFC 3830 3.3, both roles.
 */
#include <openssl/crypto.h>

#include "dhkey.h"
#include "signer.h"

/* RFC 3830 3.3: HDR, T, RAND, IDi, CERTi, IDr, {SP}, DHi, SIGNi */
static enum mikey_reason offer_dh(struct mikey_pending *pending, const struct mikey_init *init,
				  const struct mikey_offer *offer, struct draft *draft,
				  struct mikey_error *err)
{
	enum mikey_reason reason = signer_ready(&init->creds, offer->prf, err);

	if (!reason)
		reason = mikey_algs_check(offer->prf, MIKEY_ENCR_NULL, MIKEY_MAC_NULL,
					  MIKEY_NO_OFFSET, err);
	if (reason)
		return reason;
	draft_add_id(&draft->msg, &init->idi);
	sign_add_certs(&draft->msg, &init->creds);
	draft_add_id(&draft->msg, &init->idr);
	reason = draft_add_policies(draft, offer, err);
	if (!reason)
		reason = dh_offer(pending, init, offer, &draft->msg, err);
	if (!reason)
		reason = sign_emit(pending->env.crypto, &init->creds, NULL, &draft->msg, NULL, 0,
				   &pending->octets, &pending->len, err);
	return reason ? reason : pending_parse(pending, err);
}

/* RFC 3830 5.2: the signature covers the whole message but itself, and no more */
static enum mikey_reason check(const struct signer *signer, const struct mikey_msg *msg,
			       struct mikey_error *err)
{
	struct peer_certs certs = { 0 };
	enum mikey_reason reason = signer_check(signer, msg, &certs, err);

	certs_clear(&certs);
	return reason;
}

static enum mikey_reason finish_dh(struct mikey_pending *pending, const struct mikey_msg *msg,
				   struct mikey_error *err)
{
	const struct mikey_payload *idi, *idr;
	struct mikey_id id;
	const struct signer signer = {
		.crypto = pending->env.crypto, .creds = &pending->creds, .id = &id,
		.now = pending->now,
	};
	enum mikey_reason reason;

	mikey_find_ids(&pending->sent, &idi, &idr);
	id = id_of(idr);
	reason = check(&signer, msg, err);
	return reason ? reason : dh_finish(pending, msg, err);
}

/* RFC 3830 9.5: nothing is raised to a power for somebody who has not signed */
static enum mikey_reason authenticate_dh(struct mikey_request *rq)
{
	const struct signer signer = {
		.crypto = rq->cfg->env.crypto, .creds = &rq->peer.creds, .id = &rq->peer.idi,
		.now = rq->cfg->now,
	};
	enum mikey_reason reason;

	if (!rq->peer.creds.own || !rq->peer.creds.trust)
		return mikey_fail(rq->err, MIKEY_MODE_REFUSED, MIKEY_NO_OFFSET,
				  "no certificate is configured for this peer");
	reason = mikey_algs_check(rq->msg.hdr.prf, MIKEY_ENCR_NULL, MIKEY_MAC_NULL,
				  MIKEY_NO_OFFSET, rq->err);
	if (!reason)
		reason = check(&signer, &rq->msg, rq->err);
	rq->answer->authenticated = !reason;
	return reason;
}

/* RFC 3830 3.3: HDR, T, IDr, CERTr, IDi, DHr, DHi, SIGNr */
static enum mikey_reason answer_dh(struct mikey_request *rq)
{
	struct mikey_msg *msg;
	enum mikey_reason reason = dh_start_answer(rq, &rq->peer.creds, &msg);

	if (!reason)
		reason = sign_emit(rq->cfg->env.crypto, &rq->peer.creds, NULL, msg, NULL, 0,
				   &rq->answer->msg, &rq->answer->len, rq->err);
	OPENSSL_free(msg);
	return reason;
}

const struct mikey_mode mikey_mode_dh = {
	.name = "dh",
	.title = "Diffie-Hellman",
	.init_type = MIKEY_DH_INIT,
	.resp_type = MIKEY_DH_RESP,
	.always_answers = true,
	.costly = true,
	.updates = true,
	.offer = offer_dh,
	.finish = finish_dh,
	.forget = dh_forget,
	.authenticate = authenticate_dh,
	.take = dh_take,
	.answer = answer_dh,
	.release = dh_release,
};
