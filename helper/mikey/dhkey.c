// SPDX-License-Identifier: GPL-2.0
/*
 * From DH payloads to a bundle: RFC 3830 3.3, 4.2.7, 4.5; RFC 4650 3, 3.1.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "dhkey.h"
#include "sign.h"

/**
 * struct dh_half - this side's half of an exchange
 * @key: exponent and value
 * @secret: the TGK, once it is agreed; GROUP_MAX octets of secure memory
 */
struct dh_half {
	struct group_key key;
	uint8_t *secret;
};

static void free_half(struct dh_half *half)
{
	if (!half)
		return;
	group_key_clear(&half->key);
	OPENSSL_secure_clear_free(half->secret, GROUP_MAX);
	OPENSSL_free(half);
}

void dh_forget(struct mikey_pending *pending)
{
	free_half(pending->scratch);
	pending->scratch = NULL;
}

void dh_release(struct mikey_request *rq)
{
	free_half(rq->scratch);
	rq->scratch = NULL;
}

static enum mikey_reason new_half(const struct mikey_env *env, uint32_t group, void **scratch,
				  struct mikey_error *err)
{
	struct dh_half *half = OPENSSL_zalloc(sizeof(*half));

	*scratch = half;
	if (half)
		half->secret = OPENSSL_secure_zalloc(GROUP_MAX);
	if (!half || !half->secret)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	return group_key_new(env, group, &half->key, err);
}

static void add_value(struct mikey_msg *msg, const struct dh_half *half,
		      const struct mikey_kv_data *kv)
{
	struct mikey_payload dh = { .type = MIKEY_PL_DH };

	dh.dh.group = half->key.group;
	dh.dh.value = (struct mikey_view){ half->key.value, group_len(half->key.group) };
	dh.dh.kv = *kv;
	mikey_add(msg, &dh);
}

/* The TGK comes of the exchange: of a key that is offered, only the validity counts */
static enum mikey_reason check_offer(const struct mikey_init *init,
				     const struct mikey_offer *offer, struct mikey_error *err)
{
	const struct mikey_key_offer *key = offer->n_keys ? &offer->keys[0] : NULL;

	if (offer->member)
		return mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				  "Diffie-Hellman is between two, and makes no groups");
	if (offer->n_keys > 1 || (key && (key->type != MIKEY_KEY_TGK || key->key.len)))
		return mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				  "Diffie-Hellman makes one TGK, and cannot carry any");
	return group_check(init->dh_group, offer->accept->flags, MIKEY_NO_OFFSET, err);
}

enum mikey_reason dh_offer(struct mikey_pending *pending, const struct mikey_init *init,
			   const struct mikey_offer *offer, struct mikey_msg *msg,
			   struct mikey_error *err)
{
	static const struct mikey_kv_data always;
	enum mikey_reason reason = check_offer(init, offer, err);

	if (reason || (offer->update && !offer->n_keys))
		return reason;
	reason = new_half(&pending->env, init->dh_group, &pending->scratch, err);
	if (!reason)
		add_value(msg, pending->scratch, offer->n_keys ? &offer->keys[0].kv : &always);
	return reason;
}

/*
 * The bundle, from the initiator's message and, unless it is an update without
 * one, the secret. RFC 3830 6.4: its validity is what DHi says.
 */
static enum mikey_reason make_bundle(struct mikey_csb_source *src, const struct dh_half *half,
				     struct mikey_csb **csb, struct mikey_error *err)
{
	const struct mikey_payload *dhi = mikey_find(src->msg, MIKEY_PL_DH, 0);
	struct mikey_chain chain = { 0 };
	enum mikey_reason reason;

	if (half) {
		chain.n = 1;
		chain.sub[0].type = MIKEY_PL_KEY;
		chain.sub[0].offset = dhi->offset;
		chain.sub[0].key.key_type = MIKEY_KEY_TGK;
		chain.sub[0].key.data = (struct mikey_view){
			half->secret, group_len(half->key.group),
		};
		chain.sub[0].key.kv = dhi->dh.kv;
		src->transport_bits = group_strength(half->key.group);
	}
	src->keys = &chain;
	reason = mikey_csb_make(src, csb, err);
	src->keys = NULL;
	return reason;
}

static bool views_equal(struct mikey_view a, struct mikey_view b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static bool same_kv(const struct mikey_kv_data *a, const struct mikey_kv_data *b)
{
	return a->kv == b->kv && views_equal(a->spi, b->spi) && views_equal(a->from, b->from) &&
	       views_equal(a->to, b->to);
}

/*
 * RFC 3830 3.3: DHr, then DHi as it was sent. The payloads look alike, so a
 * response with them the other way round has the wrong DHi.
 */
static enum mikey_reason check_values(const struct mikey_payload *sent,
				      const struct mikey_msg *msg, struct mikey_error *err)
{
	const struct mikey_payload *dhr = mikey_find(msg, MIKEY_PL_DH, 0);
	const struct mikey_payload *dhi = mikey_find(msg, MIKEY_PL_DH, 1);

	if (!sent && dhr)
		return mikey_fail(err, MIKEY_BAD_RESPONSE, dhr->offset,
				  "the response answers no DHi, and has DH payloads");
	if (!sent)
		return MIKEY_OK;
	if (!dhi)
		return mikey_fail(err, MIKEY_MISSING, msg->raw.len,
				  "the response has not both DHr and DHi");
	if (dhi->dh.group != sent->dh.group || !views_equal(dhi->dh.value, sent->dh.value) ||
	    !same_kv(&dhi->dh.kv, &sent->dh.kv))
		return mikey_fail(err, MIKEY_BAD_RESPONSE, dhi->offset,
				  "the second DH payload is not the DHi that was sent");
	if (dhr->dh.group != sent->dh.group || !same_kv(&dhr->dh.kv, &sent->dh.kv))
		return mikey_fail(err, MIKEY_BAD_RESPONSE, dhr->offset,
				  "DHr has another group or validity than DHi");
	if (views_equal(dhr->dh.value, sent->dh.value))
		return mikey_fail(err, MIKEY_WEAK_DH, dhr->offset, "DHr is DHi");
	return MIKEY_OK;
}

static enum mikey_reason check_id(const struct mikey_payload *got,
				  const struct mikey_payload *ours, struct mikey_error *err)
{
	struct mikey_id a = id_of(got), b = id_of(ours);

	if (!got || mikey_id_equal(&a, &b))
		return MIKEY_OK;
	return mikey_fail(err, MIKEY_BAD_RESPONSE, got->offset,
			  "the response names another identity");
}

static enum mikey_reason check_response(const struct mikey_pending *pending,
					const struct mikey_msg *msg, struct mikey_error *err)
{
	const struct mikey_payload *idi, *idr, *our_idi, *our_idr;
	enum mikey_reason reason;

	mikey_find_ids(msg, &idi, &idr);
	mikey_find_ids(&pending->sent, &our_idi, &our_idr);
	reason = check_id(idi, our_idi, err);
	if (!reason)
		reason = check_id(idr, our_idr, err);
	if (!reason)
		reason = pending_check_map(&pending->sent.hdr, &msg->hdr, err);
	if (!reason)
		reason = check_values(mikey_find(&pending->sent, MIKEY_PL_DH, 0), msg, err);
	return reason;
}

enum mikey_reason dh_finish(struct mikey_pending *pending, const struct mikey_msg *msg,
			    struct mikey_error *err)
{
	const struct mikey_payload *dhr = mikey_find(msg, MIKEY_PL_DH, 0);
	const struct mikey_payload *idi, *idr;
	struct dh_half *half = pending->scratch;
	enum mikey_reason reason = check_response(pending, msg, err);
	struct mikey_csb_source src = {
		.crypto = pending->env.crypto,
		.msg = &pending->sent,
		.ctx = label_ctx_of(&pending->sent, pending->update),
		.accept = &pending->accept,
		.mac_alg = pending->keys->mac_alg,
		.initiator = true,
		.update = pending->update,
	};

	mikey_find_ids(&pending->sent, &idi, &idr);
	src.idi = id_of(idi);
	src.idr = id_of(idr);
	if (!reason && half)
		reason = group_agree(&half->key, dhr->dh.value, half->secret, dhr->offset, err);
	if (!reason)
		reason = make_bundle(&src, half, &pending->csb, err);
	if (!reason)
		pending_fill_in(pending->csb, &msg->hdr);
	return reason;
}

/* RFC 4650 5.3: the MAC has been verified before anything is raised to a power */
static enum mikey_reason agree(struct mikey_request *rq, const struct mikey_payload *dhi)
{
	struct dh_half *half;
	enum mikey_reason reason = group_check(dhi->dh.group, request_flags(rq), dhi->offset,
					       rq->err);

	if (!reason)
		reason = new_half(&rq->cfg->env, dhi->dh.group, &rq->scratch, rq->err);
	half = rq->scratch;
	return reason ? reason : group_agree(&half->key, dhi->dh.value, half->secret,
					     dhi->offset, rq->err);
}

enum mikey_reason dh_take(struct mikey_request *rq)
{
	const struct mikey_payload *dhi = mikey_find(&rq->msg, MIKEY_PL_DH, 0);
	enum mikey_reason reason = MIKEY_OK;
	struct mikey_csb_source src = {
		.crypto = rq->cfg->env.crypto,
		.msg = &rq->msg,
		.ctx = label_ctx_of(&rq->msg, rq->update),
		.accept = rq->peer.accept,
		.idi = rq->peer.idi,
		.idr = rq->peer.idr,
		.mac_alg = rq->keys->mac_alg,
		.update = rq->update,
	};

	if (dhi)
		reason = agree(rq, dhi);
	else if (!rq->update)
		reason = mikey_fail(rq->err, MIKEY_MISSING, rq->msg.raw.len, "no DH payload");
	if (!reason)
		reason = make_bundle(&src, rq->scratch, &rq->answer->csb, rq->err);
	if (!reason)
		request_complete(rq, rq->answer->csb);
	return reason;
}

enum mikey_reason dh_start_answer(struct mikey_request *rq, const struct mikey_creds *certs,
				  struct mikey_msg **out)
{
	const struct mikey_payload *dhi = mikey_find(&rq->msg, MIKEY_PL_DH, 0);
	const struct mikey_csb *csb = rq->answer->csb;
	struct mikey_msg *msg = OPENSSL_zalloc(sizeof(*msg));

	*out = msg;
	if (!msg)
		return mikey_fail(rq->err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	msg->hdr = rq->msg.hdr;
	msg->hdr.data_type = rq->mode->resp_type;
	msg->hdr.v = 0;
	request_write_map(csb, &msg->hdr);
	mikey_add(msg, mikey_find(&rq->msg, MIKEY_PL_T, 0));
	draft_add_id(msg, &csb->idr);
	if (certs)
		sign_add_certs(msg, certs);
	draft_add_id(msg, &csb->idi);
	if (!dhi)
		return MIKEY_OK;
	add_value(msg, rq->scratch, &dhi->dh.kv);
	mikey_add(msg, dhi);
	return MIKEY_OK;
}
