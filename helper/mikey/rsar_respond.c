// SPDX-License-Identifier: GPL-2.0
/*
 * Responder of the reverse RSA mode: RFC 4738 3.2, 3.5, 3.6.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "rsar.h"
#include "wire.h"

#define RAND_LEN 16
/* One session in each direction, as many as an initiator lists at least here */
#define LEAST_CS 2

/**
 * struct reply - an R_MESSAGE in the making
 * @certs: of the initiator
 * @draft: the message
 * @policy: what was chosen
 * @policy_no: its number
 * @csb_id: octets of the extension
 * @ctx: PRF, CSB ID, RAND
 * @envelope: what carries the keys
 * @data: the keys
 * @octets: the message
 * @len: its octets
 */
struct reply {
	struct peer_certs certs;
	struct draft *draft;
	struct mikey_policy policy;
	uint32_t policy_no;
	uint8_t csb_id[RSAR_CSB_ID_LEN];
	struct mikey_label_ctx ctx;
	struct envelope *envelope;
	struct key_data data;
	uint8_t *octets;
	size_t len;
};

void rsar_release(struct mikey_request *rq)
{
	struct reply *reply = rq->scratch;

	certs_clear(&reply->certs);
	OPENSSL_free(reply->draft);
	envelope_free(reply->envelope);
	key_data_clear(&reply->data);
	OPENSSL_free(reply->octets);
	OPENSSL_free(reply);
}

static struct signer initiator_of(const struct mikey_request *rq)
{
	return (struct signer){
		.crypto = rq->cfg->env.crypto,
		.creds = &rq->peer.creds,
		.id = &rq->peer.idi,
		.now = rq->cfg->now,
	};
}

static enum mikey_reason new_reply(struct mikey_request *rq)
{
	struct reply *reply = OPENSSL_zalloc(sizeof(*reply));

	rq->scratch = reply;
	if (reply) {
		reply->draft = OPENSSL_zalloc(sizeof(*reply->draft));
		reply->envelope = envelope_new();
	}
	if (reply && reply->draft && reply->envelope)
		return MIKEY_OK;
	return mikey_fail(rq->err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
}

/* RFC 4738 3.5: a certificate that is trusted is not enough, it must be the peer's */
enum mikey_reason rsar_authenticate(struct mikey_request *rq)
{
	struct signer peer = initiator_of(rq);
	struct reply *reply;
	enum mikey_reason reason;

	if (!rq->peer.creds.own || !rq->peer.creds.trust)
		return mikey_fail(rq->err, MIKEY_MODE_REFUSED, MIKEY_NO_OFFSET,
				  "no certificate is configured for this peer");
	reason = new_reply(rq);
	if (reason)
		return reason;
	reply = rq->scratch;
	reason = signer_check(&peer, &rq->msg, &reply->certs, rq->err);
	if (!reason)
		reason = signer_can_receive(&peer, rq->msg.hdr.prf, &reply->certs, rq->err);
	rq->answer->authenticated = !reason;
	return reason;
}

/* RFC 4738 3.5: the first of the offered policies that is acceptable here */
static enum mikey_reason choose_offered(const struct mikey_request *rq, struct reply *reply)
{
	const struct mikey_accept *accept = rq->peer.accept;
	const struct mikey_suite *suite;
	const struct mikey_payload *sp;
	enum mikey_reason reason = MIKEY_OK;
	size_t i;

	for (i = 0; (sp = mikey_find(&rq->msg, MIKEY_PL_SP, i)); i++) {
		reason = mikey_policy_parse(sp, accept->flags, &reply->policy, rq->err);
		if (!reason)
			reason = mikey_policy_accept(&reply->policy, accept, sp->offset, &suite,
						     rq->err);
		reply->policy_no = sp->sp.policy_no;
		if (!reason)
			return MIKEY_OK;
	}
	return reason;
}

static enum mikey_reason choose_policy(const struct mikey_request *rq, struct reply *reply)
{
	const struct mikey_payload *sp = mikey_find(&rq->msg, MIKEY_PL_SP, 0);
	const struct mikey_accept *accept = rq->peer.accept;
	size_t i = 0;

	if (rq->peer.group && sp)
		return mikey_fail(rq->err, MIKEY_UNEXPECTED, sp->offset,
				  "members do not choose the policy of a group");
	if (rq->peer.group) {
		reply->policy = rq->peer.group->policy;
		return MIKEY_OK;
	}
	if (sp)
		return choose_offered(rq, reply);
	while (i < accept->n_suites && !mikey_accept_has(accept, accept->suites[i]))
		i++;
	if (i == accept->n_suites)
		return mikey_fail(rq->err, MIKEY_SUITE_REFUSED, MIKEY_NO_OFFSET,
				  "nothing is acceptable");
	mikey_suite_policy(accept->suites[i], &reply->policy);
	return MIKEY_OK;
}

/* RFC 4738 3.6: the initiator's sessions, and what it could not know of ours */
static void complete_map(const struct mikey_request *rq, const struct reply *reply,
			 struct mikey_hdr *hdr)
{
	uint32_t i;

	if (hdr->map_type != MIKEY_MAP_SRTP)
		return;
	if (hdr->n_cs < LEAST_CS)
		hdr->n_cs = LEAST_CS;
	for (i = 0; i < hdr->n_cs; i++) {
		hdr->cs[i].id = i + 1;
		hdr->cs[i].policy_no = reply->policy_no;
		if (!(hdr->cs[i].id & 1))
			request_fill_in(rq, (uint8_t)hdr->cs[i].id, &hdr->cs[i].ssrc,
					&hdr->cs[i].roc);
	}
}

/* RFC 4738 3.2: everybody in a group gets the same sessions */
static void group_map(const struct mikey_group *group, struct mikey_hdr *hdr)
{
	uint32_t i;

	hdr->map_type = MIKEY_MAP_SRTP;
	hdr->n_cs = (uint32_t)group->n_cs;
	for (i = 0; i < hdr->n_cs; i++)
		hdr->cs[i] = (struct mikey_cs){
			.id = i + 1, .ssrc = group->cs[i].ssrc, .roc = group->cs[i].roc,
		};
}

static void write_hdr(const struct mikey_request *rq, const struct reply *reply)
{
	struct mikey_hdr *hdr = &reply->draft->msg.hdr;

	*hdr = rq->msg.hdr;
	hdr->data_type = MIKEY_RSAR_RESP;
	hdr->v = 0;
	if (rq->peer.group)
		group_map(rq->peer.group, hdr);
	else
		complete_map(rq, reply, hdr);
}

static enum mikey_reason add_rand(const struct mikey_request *rq, struct reply *reply)
{
	const struct mikey_payload *theirs = mikey_find(&rq->msg, MIKEY_PL_RAND, 0);
	const struct mikey_group *group = rq->peer.group;
	struct mikey_payload rand = { .type = MIKEY_PL_RAND };

	reply->ctx.prf = rq->msg.hdr.prf;
	reply->ctx.csb_id = group ? group->csb_id : rq->msg.hdr.csb_id;
	if (theirs && !group) {
		reply->ctx.rand = theirs->rand.value;
		return MIKEY_OK;
	}
	rand.rand.value = (struct mikey_view){ reply->draft->rand, RAND_LEN };
	if (group)
		rand.rand.value = group->rand;
	else if (rq->cfg->env.random(rq->cfg->env.arg, reply->draft->rand, RAND_LEN))
		return mikey_fail(rq->err, MIKEY_NO_RANDOM, MIKEY_NO_OFFSET,
				  "no random octets for RAND");
	reply->ctx.rand = rand.rand.value;
	mikey_add(&reply->draft->msg, &rand);
	return MIKEY_OK;
}

static void add_group_id(struct reply *reply, uint32_t csb_id)
{
	struct mikey_payload ext = { .type = MIKEY_PL_EXT };

	put_be32(reply->csb_id, csb_id);
	ext.ext.ext_type = MIKEY_EXT_CSB_ID;
	ext.ext.data = (struct mikey_view){ reply->csb_id, RSAR_CSB_ID_LEN };
	mikey_add(&reply->draft->msg, &ext);
}

static void add_policy(struct reply *reply)
{
	struct mikey_payload sp = { .type = MIKEY_PL_SP };

	sp.sp.policy_no = reply->policy_no;
	sp.sp.params.data = reply->draft->params[0];
	sp.sp.params.len = mikey_policy_build(&reply->policy, reply->draft->params[0]);
	mikey_add(&reply->draft->msg, &sp);
}

/* RFC 4738 3.6: HDR, [CSB_ID], T, [RAND], IDr, CERTr, SP; KEMAC, PKE, SIGN follow */
static enum mikey_reason write_head(const struct mikey_request *rq, struct reply *reply)
{
	enum mikey_reason reason;

	write_hdr(rq, reply);
	if (rq->peer.group)
		add_group_id(reply, rq->peer.group->csb_id);
	mikey_add(&reply->draft->msg, mikey_find(&rq->msg, MIKEY_PL_T, 0));
	reason = add_rand(rq, reply);
	draft_add_id(&reply->draft->msg, &rq->peer.idr);
	sign_add_certs(&reply->draft->msg, &rq->peer.creds);
	add_policy(reply);
	return reason;
}

static enum mikey_reason make_keys(const struct mikey_request *rq, struct reply *reply,
				   struct mikey_payload *kemac)
{
	const struct mikey_group *group = rq->peer.group;
	const struct mikey_offer what = {
		.policies = &reply->policy,
		.n_policies = 1,
		.keys = group ? &group->key : NULL,
		.n_keys = group ? 1 : 0,
	};
	bool strong = reply->ctx.prf == MIKEY_PRF_HMAC_SHA256;
	enum mikey_reason reason;

	*kemac = (struct mikey_payload){ .type = MIKEY_PL_KEMAC };
	kemac->kemac.encr_alg = strong ? MIKEY_ENCR_AES_CM_256 : MIKEY_ENCR_AES_CM_128;
	kemac->kemac.mac_alg = strong ? MIKEY_MAC_HMAC_SHA256 : MIKEY_MAC_HMAC_SHA1;
	kemac->kemac.mac = (struct mikey_view){ mac_room, mikey_mac_len(kemac->kemac.mac_alg) };
	reason = envelope_make(&rq->cfg->env, &reply->ctx, kemac->kemac.encr_alg,
			       kemac->kemac.mac_alg, reply->envelope, rq->err);
	if (!reason)
		reason = key_data_make(&rq->cfg->env, &what, kemac->kemac.encr_alg, &reply->data,
				       rq->err);
	if (!reason)
		reason = envelope_key_data(&rq->peer.idr, &reply->data, rq->err);
	if (!reason)
		reason = key_data_seal(rq->cfg->env.crypto, &reply->envelope->keys,
				       reply->ctx.csb_id, &rq->ts, &reply->data,
				       &kemac->kemac.encr_data, rq->err);
	return reason;
}

/* RFC 4738 3.6: the signature covers IDi, IDr and T of the request, too */
static enum mikey_reason write_keys(const struct mikey_request *rq, struct reply *reply)
{
	const struct mikey_view tail[3] = {
		rq->peer.idi.data, rq->peer.idr.data, ts_octets(&rq->msg),
	};
	EVP_PKEY *to = X509_get0_pubkey(reply->certs.leaf[CERT_RECEIVES]);
	struct mikey_creds creds = rq->peer.creds;
	struct mikey_payload kemac, pke;
	uint8_t sealed[MIKEY_RSA_MAX / 8];
	enum mikey_reason reason = make_keys(rq, reply, &kemac);

	/* Only the initiator of a bundle updates it, and that is not who made this key */
	creds.cache = MIKEY_NO_CACHE;
	if (!reason)
		reason = envelope_seal(&rq->cfg->env, to, &creds, reply->envelope, sealed, &pke,
				       rq->err);
	if (!reason) {
		mikey_add(&reply->draft->msg, &kemac);
		mikey_add(&reply->draft->msg, &pke);
		reason = sign_emit(rq->cfg->env.crypto, &creds, &reply->envelope->keys,
				   &reply->draft->msg, tail, 3, &reply->octets, &reply->len,
				   rq->err);
	}
	OPENSSL_free((void *)kemac.kemac.encr_data.data);
	return reason;
}

/* From the octets that will be sent, as the other side does it */
static enum mikey_reason make_bundle(struct mikey_request *rq, struct reply *reply)
{
	struct mikey_msg *msg = OPENSSL_malloc(sizeof(*msg));
	const struct rsar_bundle from = {
		.crypto = rq->cfg->env.crypto,
		.msg = msg,
		.ctx = reply->ctx,
		.keys = &reply->data.chain,
		.accept = rq->peer.accept,
		.idi = rq->peer.idi,
		.idr = rq->peer.idr,
	};
	enum mikey_reason reason;

	if (!msg)
		return mikey_fail(rq->err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	reason = mikey_parse(msg, reply->octets, reply->len, rq->err);
	if (!reason)
		reason = rsar_make_csb(&from, &rq->answer->csb, rq->err);
	OPENSSL_free(msg);
	return reason;
}

enum mikey_reason rsar_take(struct mikey_request *rq)
{
	struct reply *reply = rq->scratch;
	enum mikey_reason reason;

	if (!mikey_prf_known(rq->msg.hdr.prf))
		return mikey_fail(rq->err, MIKEY_UNSUP_PRF, 3, "PRF function %u is not supported",
				  rq->msg.hdr.prf);
	reason = choose_policy(rq, reply);

	if (!reason)
		reason = write_head(rq, reply);
	if (!reason)
		reason = write_keys(rq, reply);
	return reason ? reason : make_bundle(rq, reply);
}

enum mikey_reason rsar_answer(struct mikey_request *rq)
{
	struct reply *reply = rq->scratch;

	rq->answer->msg = reply->octets;
	rq->answer->len = reply->len;
	reply->octets = NULL;
	return MIKEY_OK;
}
