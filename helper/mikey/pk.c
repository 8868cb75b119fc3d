// SPDX-License-Identifier: GPL-2.0
/*
 * Public-key mode, RFC 3830 3.2, both roles.
 */
#include <openssl/crypto.h>

#include "algs.h"
#include "chash.h"
#include "clock.h"
#include "envelope.h"
#include "inspect.h"
#include "pending.h"
#include "request.h"
#include "signer.h"

static struct signer peer_of(const struct mikey_crypto *crypto, const struct mikey_creds *creds,
			     const struct mikey_id *id, uint64_t now)
{
	return (struct signer){ .crypto = crypto, .creds = creds, .id = id, .now = now };
}

static enum mikey_reason check_algs(const struct mikey_init *init, const struct mikey_offer *offer,
				    struct mikey_error *err)
{
	enum mikey_reason reason = signer_ready(&init->creds, offer->prf, err);

	if (!reason)
		reason = mikey_algs_check(offer->prf, init->encr_alg, init->mac_alg,
					  MIKEY_NO_OFFSET, err);
	if (!reason && (!init->encr_alg || !init->mac_alg))
		reason = mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				    "keys in an envelope are encrypted and have a MAC");
	return reason;
}

/*
 * RFC 3830 3.2: HDR, T, RAND, IDi, CERTi, IDr, {SP}, KEMAC, CHASH, PKE, SIGN. An
 * update (4.5) is the same without RAND. It need not bring keys, but IDi in the KEMAC
 * it does: else it could be signed again by somebody else who is known.
 */
static enum mikey_reason write_offer(struct mikey_pending *pending, struct draft *draft,
				     const struct mikey_init *init,
				     const struct mikey_offer *offer, const struct envelope *env,
				     const struct key_data *data, struct peer_certs *certs,
				     struct mikey_error *err)
{
	const struct mikey_crypto *crypto = pending->env.crypto;
	struct mikey_payload kemac = { .type = MIKEY_PL_KEMAC }, chash, pke;
	uint8_t hash[MIKEY_HASH_LEN], sealed[MIKEY_RSA_MAX / 8];
	X509 *to = certs->leaf[CERT_RECEIVES];
	enum mikey_reason reason;

	draft_add_id(&draft->msg, &init->idi);
	sign_add_certs(&draft->msg, &init->creds);
	draft_add_id(&draft->msg, &init->idr);
	reason = draft_add_policies(draft, offer, err);
	kemac.kemac.encr_alg = init->encr_alg;
	kemac.kemac.mac_alg = init->mac_alg;
	kemac.kemac.mac = (struct mikey_view){ mac_room, mikey_mac_len(init->mac_alg) };
	if (!reason)
		reason = key_data_seal(crypto, &env->keys, draft->msg.hdr.csb_id, &offer->ts, data,
				       &kemac.kemac.encr_data, err);
	if (!reason)
		reason = chash_make(crypto, offer->prf, to, hash, &chash, err);
	if (!reason)
		reason = envelope_seal(&pending->env, X509_get0_pubkey(to), &init->creds, env,
				       sealed, &pke, err);
	if (!reason) {
		mikey_add(&draft->msg, &kemac);
		mikey_add(&draft->msg, &chash);
		mikey_add(&draft->msg, &pke);
		reason = sign_emit(crypto, &init->creds, &env->keys, &draft->msg, NULL, 0,
				   &pending->octets, &pending->len, err);
	}
	OPENSSL_clear_free((void *)kemac.kemac.encr_data.data, kemac.kemac.encr_data.len);
	return reason;
}

static enum mikey_reason keep(struct mikey_csb *csb, uint32_t cache, const struct envelope *env,
			      struct mikey_error *err)
{
	if (cache == MIKEY_NO_CACHE ||
	    mikey_csb_cache(csb, (struct mikey_view){ env->key, env->key_len }))
		return MIKEY_OK;
	return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory for keys");
}

static enum mikey_reason make_offer(struct mikey_pending *pending, const struct mikey_init *init,
				    const struct mikey_offer *offer, struct draft *draft,
				    struct envelope *env, struct peer_certs *certs,
				    struct mikey_error *err)
{
	struct mikey_label_ctx ctx = label_ctx_of(&draft->msg, offer->update);
	struct key_data data = { 0 };
	enum mikey_reason reason = key_data_make(&pending->env, offer, init->encr_alg, &data, err);

	if (!reason)
		reason = envelope_key_data(&init->idi, &data, err);
	if (!reason)
		reason = envelope_make(&pending->env, &ctx, init->encr_alg, init->mac_alg, env,
				       err);
	if (!reason)
		reason = write_offer(pending, draft, init, offer, env, &data, certs, err);
	if (!reason)
		reason = pending_parse(pending, err);
	if (!reason)
		reason = make_csb(pending->env.crypto, &pending->sent, &data.chain, offer->accept,
				  &init->idi, &init->idr, true, offer->update, &pending->csb, err);
	if (!reason)
		reason = keep(pending->csb, init->creds.cache, env, err);
	*pending->keys = env->keys;
	key_data_clear(&data);
	return reason;
}

/* RFC 3830 3.2: the envelope is for the certificate that is configured */
static enum mikey_reason offer_pk(struct mikey_pending *pending, const struct mikey_init *init,
				  const struct mikey_offer *offer, struct draft *draft,
				  struct mikey_error *err)
{
	struct signer peer = peer_of(pending->env.crypto, &init->creds, &init->idr, init->now);
	struct peer_certs certs = { 0 };
	struct envelope *env = envelope_new();
	enum mikey_reason reason = check_algs(init, offer, err);

	if (!env)
		reason = mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory for keys");
	if (!reason)
		reason = certs_collect(peer.crypto, &init->creds, NULL, &certs, err);
	if (!reason)
		reason = signer_can_receive(&peer, offer->prf, &certs, err);
	if (!reason)
		reason = make_offer(pending, init, offer, draft, env, &certs, err);
	certs_clear(&certs);
	envelope_free(env);
	return reason;
}

static void release_pk(struct mikey_request *rq)
{
	envelope_free(rq->scratch);
}

static enum mikey_reason check_usable(const struct mikey_request *rq)
{
	if (!rq->peer.creds.own || !rq->peer.creds.trust)
		return mikey_fail(rq->err, MIKEY_MODE_REFUSED, MIKEY_NO_OFFSET,
				  "no certificate is configured for this peer");
	if (rq->kemac)
		return MIKEY_OK;
	return mikey_fail(rq->err, MIKEY_MISSING, rq->msg.raw.len,
			  "no KEMAC, and so nothing that ties the envelope to its sender");
}

/*
 * RFC 3830 3.2: the signature, then whether the envelope is for us, then what is
 * in it. Only the first makes the sender known; no V before the last.
 */
static enum mikey_reason authenticate_pk(struct mikey_request *rq)
{
	const struct mikey_env *env = &rq->cfg->env;
	struct signer peer = peer_of(env->crypto, &rq->peer.creds, &rq->peer.idi, rq->cfg->now);
	struct mikey_label_ctx ctx = label_ctx_of(&rq->msg, rq->update);
	struct envelope *envelope = envelope_new();
	struct peer_certs certs = { 0 };
	enum mikey_reason reason = check_usable(rq);

	rq->scratch = envelope;
	if (!envelope)
		return mikey_fail(rq->err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory for keys");
	if (!reason)
		reason = signer_check(&peer, &rq->msg, &certs, rq->err);
	rq->answer->authenticated = !reason;
	certs_clear(&certs);
	if (!reason)
		reason = chash_check(env->crypto, &rq->msg, rq->peer.creds.own, rq->err);
	if (!reason)
		reason = envelope_open(env, &ctx, &rq->peer.creds, &rq->msg, envelope, rq->err);
	if (!reason)
		*rq->keys = envelope->keys;
	return reason;
}

static enum mikey_reason take_pk(struct mikey_request *rq)
{
	const struct mikey_crypto *crypto = rq->cfg->env.crypto;
	const struct mikey_payload *pke = mikey_find(&rq->msg, MIKEY_PL_PKE, 0);
	struct key_data data = { 0 };
	enum mikey_reason reason;

	reason = envelope_take(crypto, rq->scratch, rq->msg.hdr.csb_id, &rq->ts, &rq->msg,
			       &rq->peer.idi, &data, rq->err);
	if (!reason)
		reason = make_csb(crypto, &rq->msg, &data.chain, rq->peer.accept, &rq->peer.idi,
				  &rq->peer.idr, false, rq->update, &rq->answer->csb, rq->err);
	key_data_clear(&data);
	if (reason)
		return reason;
	request_complete(rq, rq->answer->csb);
	return keep(rq->answer->csb, pke->pke.cache, rq->scratch, rq->err);
}

static enum mikey_reason open_with(const struct mikey_env *env, const struct mikey_msg *msg,
				   const struct mikey_creds *creds, const struct mikey_id *idi,
				   struct envelope *envelope, struct mikey_opened *opened,
				   struct mikey_error *err)
{
	struct mikey_label_ctx ctx = label_ctx_of(msg, NULL);
	struct key_data data = { 0 };
	struct mikey_ts ts;
	enum mikey_reason reason = envelope_open(env, &ctx, creds, msg, envelope, err);

	if (reason)
		return reason;
	mikey_ts_read(mikey_find(msg, MIKEY_PL_T, 0), &ts);
	reason = envelope_take(env->crypto, envelope, msg->hdr.csb_id, &ts, msg, idi, &data, err);
	opened->clear = data.octets;
	opened->clear_size = data.size;
	opened->chain = data.chain;
	return reason;
}

/* The signature only if there is somebody to trust; certificates as of T */
static enum mikey_reason open_signature(const struct mikey_crypto *crypto,
					const struct mikey_msg *msg,
					const struct mikey_creds *creds,
					const struct mikey_id *idi, bool *verified,
					struct mikey_error *err)
{
	struct mikey_ts ts;
	struct signer peer;
	struct peer_certs certs = { 0 };
	enum mikey_reason reason;

	if (!creds->trust)
		return MIKEY_OK;
	mikey_ts_read(mikey_find(msg, MIKEY_PL_T, 0), &ts);
	peer = peer_of(crypto, creds, idi, mikey_ts_64(&ts));
	reason = signer_check(&peer, msg, &certs, err);
	certs_clear(&certs);
	*verified = !reason;
	return reason;
}

static enum mikey_reason open_pk(const struct mikey_crypto *crypto, const struct mikey_msg *msg,
				 const struct mikey_creds *creds,
				 const struct mikey_accept *accept, struct mikey_opened *opened,
				 struct mikey_error *err)
{
	const struct mikey_env env = { .crypto = crypto, .random = mikey_random_openssl,
				       .arg = crypto->libctx };
	const struct mikey_payload *idi, *idr;
	struct envelope *envelope = envelope_new();
	struct mikey_id a, b;
	enum mikey_reason reason = MIKEY_OK;

	mikey_find_ids(msg, &idi, &idr);
	a = id_of(idi);
	b = id_of(idr);
	if (!envelope)
		reason = mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory for keys");
	else if (!creds->own || !mikey_find(msg, MIKEY_PL_KEMAC, 0))
		reason = mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				    "the keys are in an envelope: a private key is needed");
	else if (!mikey_find(msg, MIKEY_PL_RAND, 0))
		reason = mikey_fail(err, MIKEY_UNSUP_UPDATE, msg->raw.len,
				    "no RAND: this updates a bundle, and needs the RAND of its first message");
	if (!reason)
		reason = open_signature(crypto, msg, creds, &a, &opened->verified, err);
	if (!reason)
		reason = open_with(&env, msg, creds, &a, envelope, opened, err);
	envelope_free(envelope);
	if (reason || !accept)
		return reason;
	make_csb(crypto, msg, &opened->chain, accept, &a, &b, false, NULL, &opened->csb,
		 &opened->csb_err);
	return MIKEY_OK;
}

const struct mikey_mode mikey_mode_pk = {
	.name = "pk",
	.title = "public-key",
	.init_type = MIKEY_PK_INIT,
	.resp_type = MIKEY_PK_RESP,
	.costly = true,
	.updates = true,
	.offer = offer_pk,
	.finish = pending_take_v,
	.authenticate = authenticate_pk,
	.take = take_pk,
	.answer = request_answer_v,
	.release = release_pk,
	.open = open_pk,
};
