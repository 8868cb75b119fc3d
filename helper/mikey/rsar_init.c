// SPDX-License-Identifier: GPL-2.0
/*
 * Initiator of the reverse RSA mode: RFC 4738 3.4, 3.7. A response that breaks a
 * rule is passed over in silence, and the exchange goes on waiting.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "rsar.h"
#include "wire.h"

/**
 * struct finish - a response being taken
 * @pending: the exchange
 * @msg: R_MESSAGE
 * @ctx: PRF, CSB ID, RAND
 * @idi: own identity
 * @idr: the peer's
 * @envelope: what was opened
 * @data: the keys
 * @err: why not
 */
struct finish {
	struct mikey_pending *pending;
	const struct mikey_msg *msg;
	struct mikey_label_ctx ctx;
	struct mikey_id idi;
	struct mikey_id idr;
	struct envelope *envelope;
	struct key_data data;
	struct mikey_error *err;
};

/* RFC 4738 3.4: HDR, T, [RAND], IDi, CERTi, IDr, {SP}, SIGNi; V is 1 */
enum mikey_reason rsar_offer(struct mikey_pending *pending, const struct mikey_init *init,
			     const struct mikey_offer *offer, struct draft *draft,
			     struct mikey_error *err)
{
	enum mikey_reason reason = signer_ready(&init->creds, offer->prf, err);

	if (!reason && (offer->update || offer->n_keys > 1 || (offer->n_keys &&
							       offer->keys[0].key.len)))
		reason = mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				    "in this mode the responder chooses the keys");
	if (!reason && offer->group && offer->n_policies)
		reason = mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				    "members do not choose the policies of a group");
	if (reason)
		return reason;
	pending->group = offer->group;
	draft->msg.hdr.v = 1;
	draft_add_id(&draft->msg, &init->idi);
	sign_add_certs(&draft->msg, &init->creds);
	draft_add_id(&draft->msg, &init->idr);
	reason = draft_add_policies(draft, offer, err);
	if (!reason)
		reason = sign_emit(pending->env.crypto, &init->creds, NULL, &draft->msg, NULL, 0,
				   &pending->octets, &pending->len, err);
	return reason ? reason : pending_parse(pending, err);
}

/*
 * RFC 4738 3.6, 3.7: who signed. IDi, IDr and T follow the message under the
 * signature; whether the head of SIGN does, the text leaves open.
 */
static enum mikey_reason check_signer(const struct finish *f)
{
	const struct mikey_view tail[3] = {
		f->idi.data, f->idr.data, ts_octets(&f->pending->sent),
	};
	const struct signer signer = {
		.crypto = f->pending->env.crypto,
		.creds = &f->pending->creds,
		.id = &f->idr,
		.now = f->pending->now,
		.tail = tail,
		.n_tail = 3,
		.two_readings = true,
	};
	const struct mikey_payload *named, *none;
	struct mikey_id id;
	struct peer_certs certs = { 0 };
	enum mikey_reason reason;

	mikey_find_ids(f->msg, &none, &named);
	id = id_of(named);
	if (named && !mikey_id_equal(&id, &f->idr))
		return mikey_fail(f->err, MIKEY_BAD_RESPONSE, named->offset,
				  "the response comes from another identity");
	reason = signer_check(&signer, f->msg, &certs, f->err);
	certs_clear(&certs);
	return reason;
}

/* RFC 4738 3.2, 3.4, 3.7: exactly one side sends RAND; of a group it is the responder */
static enum mikey_reason check_rand(const struct finish *f)
{
	bool sent = mikey_find(&f->pending->sent, MIKEY_PL_RAND, 0);
	const struct mikey_payload *got = mikey_find(f->msg, MIKEY_PL_RAND, 0);

	if (sent != !!got && (sent || got->rand.value.len))
		return MIKEY_OK;
	return mikey_fail(f->err, MIKEY_BAD_RAND, got ? got->offset : MIKEY_NO_OFFSET,
			  got ? "a response with RAND, although the request had one" :
				"neither request nor response has a RAND");
}

/* RFC 4738 3.6: the CSB ID of a group comes in an extension, and only there */
static enum mikey_reason read_group_id(struct finish *f)
{
	const struct mikey_payload *ext = rsar_group_id(f->msg);

	f->ctx.csb_id = f->msg->hdr.csb_id;
	if (!ext && !f->pending->group)
		return MIKEY_OK;
	if (!ext || !f->pending->group || ext->ext.data.len != RSAR_CSB_ID_LEN)
		return mikey_fail(f->err, MIKEY_BAD_CSB_ID, ext ? ext->offset : MIKEY_NO_OFFSET,
				  ext ? "an extension CSB_ID that cannot be here" :
					"a response about a group without its CSB ID");
	f->ctx.csb_id = (uint32_t)get_be(ext->ext.data.data, RSAR_CSB_ID_LEN);
	return MIKEY_OK;
}

static const struct mikey_payload *find_sp(const struct mikey_msg *msg, uint32_t policy_no)
{
	const struct mikey_payload *sp;
	size_t i;

	for (i = 0; (sp = mikey_find(msg, MIKEY_PL_SP, i)); i++)
		if (sp->sp.policy_no == policy_no)
			return sp;
	return NULL;
}

static bool was_offered(const struct finish *f, const struct mikey_payload *sp)
{
	const struct mikey_msg *sent = &f->pending->sent;
	const struct mikey_payload *offered;
	struct mikey_policy a, b;
	size_t i;

	if (mikey_policy_parse(sp, f->pending->flags, &a, NULL))
		return false;
	for (i = 0; (offered = mikey_find(sent, MIKEY_PL_SP, i)); i++)
		if (!mikey_policy_parse(offered, f->pending->flags, &b, NULL) &&
		    !memcmp(&a, &b, sizeof(a)))
			return true;
	return false;
}

/* RFC 4738 3.6, 3.7: of the policies that were offered the responder picks */
static enum mikey_reason check_policies(const struct finish *f)
{
	const struct mikey_payload *sp;
	uint32_t i;

	if (!mikey_find(&f->pending->sent, MIKEY_PL_SP, 0))
		return MIKEY_OK;
	for (i = 0; (sp = mikey_find(f->msg, MIKEY_PL_SP, i)); i++)
		if (!was_offered(f, sp))
			return mikey_fail(f->err, MIKEY_SP_NOT_OFFERED, sp->offset,
					  "policy %u was not offered", sp->sp.policy_no);
	for (i = 0; i < f->msg->hdr.n_cs && f->msg->hdr.map_type == MIKEY_MAP_SRTP; i++)
		if (!find_sp(f->msg, f->msg->hdr.cs[i].policy_no))
			return mikey_fail(f->err, MIKEY_SP_NOT_OFFERED, f->msg->hdr.cs[i].offset,
					  "CS %u has a policy that was not offered",
					  f->msg->hdr.cs[i].id);
	return MIKEY_OK;
}

/* RFC 4738 3.6: the responder completes the map, and changes nothing that was said */
static enum mikey_reason check_map(const struct finish *f)
{
	const struct mikey_hdr *sent = &f->pending->sent.hdr, *got = &f->msg->hdr;
	uint32_t i;

	if (sent->n_cs && (got->n_cs < sent->n_cs || got->map_type != sent->map_type))
		return mikey_fail(f->err, MIKEY_BAD_RESPONSE, 8,
				  "the response leaves crypto sessions out");
	for (i = 0; i < sent->n_cs; i++)
		if ((sent->cs[i].ssrc && sent->cs[i].ssrc != got->cs[i].ssrc) ||
		    (sent->cs[i].roc && sent->cs[i].roc != got->cs[i].roc) ||
		    sent->cs[i].id != got->cs[i].id)
			return mikey_fail(f->err, MIKEY_BAD_RESPONSE, got->cs[i].offset,
					  "the response alters CS %u", sent->cs[i].id);
	return MIKEY_OK;
}

/* RFC 4738 3.6: the keys, and in front of them who sealed them */
static enum mikey_reason open_keys(struct finish *f)
{
	const struct mikey_env *env = &f->pending->env;
	enum mikey_reason reason;

	f->ctx.prf = f->msg->hdr.prf;
	f->ctx.rand = rsar_rand(&f->pending->sent, f->msg, f->pending->group);
	reason = envelope_open(env, &f->ctx, &f->pending->creds, f->msg, f->envelope, f->err);
	if (!reason)
		reason = envelope_take(env->crypto, f->envelope, f->ctx.csb_id, &f->pending->ts,
				       f->msg, &f->idr, &f->data, f->err);
	return reason;
}

static enum mikey_reason make_bundle(struct finish *f)
{
	const struct mikey_payload *pke = mikey_find(f->msg, MIKEY_PL_PKE, 0);
	const struct rsar_bundle from = {
		.crypto = f->pending->env.crypto,
		.msg = f->msg,
		.ctx = f->ctx,
		.keys = &f->data.chain,
		.accept = &f->pending->accept,
		.idi = f->idi,
		.idr = f->idr,
		.initiator = true,
	};
	const struct mikey_view key = { f->envelope->key, f->envelope->key_len };
	struct mikey_csb *csb = NULL;
	enum mikey_reason reason = rsar_make_csb(&from, &csb, f->err);

	if (!reason && pke->pke.cache && !mikey_csb_cache(csb, key))
		reason = mikey_fail(f->err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	if (reason) {
		mikey_csb_free(csb);
		return reason;
	}
	mikey_csb_free(f->pending->csb);
	f->pending->csb = csb;
	return MIKEY_OK;
}

enum mikey_reason rsar_finish(struct mikey_pending *pending, const struct mikey_msg *msg,
			      struct mikey_error *err)
{
	struct finish f = { .pending = pending, .msg = msg, .err = err };
	const struct mikey_payload *idi, *idr;
	enum mikey_reason reason;

	mikey_find_ids(&pending->sent, &idi, &idr);
	f.idi = id_of(idi);
	f.idr = id_of(idr);
	f.envelope = envelope_new();
	reason = f.envelope ? check_rand(&f) :
			      mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	if (!reason)
		reason = read_group_id(&f);
	if (!reason)
		reason = check_signer(&f);
	if (!reason)
		reason = check_policies(&f);
	if (!reason)
		reason = check_map(&f);
	if (!reason)
		reason = open_keys(&f);
	if (!reason)
		reason = make_bundle(&f);
	key_data_clear(&f.data);
	envelope_free(f.envelope);
	return reason;
}
