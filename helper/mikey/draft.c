// SPDX-License-Identifier: GPL-2.0
/*
 * Creating messages: RFC 3830 5.2.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "draft.h"
#include "wire.h"

/* RFC 3830 6.11 recommends at least 16 octets */
#define RAND_LEN 16
/* How often a CSB ID that is taken is drawn again */
#define CSB_ID_TRIES 16

/* RFC 3830 6.1: random, and not that of another bundle of these two */
static enum mikey_reason choose_csb_id(const struct mikey_env *env,
				       const struct mikey_offer *offer, uint32_t *csb_id,
				       struct mikey_error *err)
{
	uint8_t octets[4];
	int tries;

	for (tries = 0; tries < CSB_ID_TRIES; tries++) {
		if (env->random(env->arg, octets, sizeof(octets)))
			return mikey_fail(err, MIKEY_NO_RANDOM, MIKEY_NO_OFFSET,
					  "no random octets for a CSB ID");
		*csb_id = (uint32_t)get_be(octets, sizeof(octets));
		if (!offer->csb_in_use || !offer->csb_in_use(offer->arg, *csb_id))
			return MIKEY_OK;
	}
	return mikey_fail(err, MIKEY_CSB_IN_USE, MIKEY_NO_OFFSET, "no CSB ID is free");
}

/* RFC 6043 6.1.1, 6.1.2: SSRC, or SSRC || ROC || SEQ */
static void fill_generic(const struct mikey_cs_offer *from, uint8_t *octets, struct mikey_cs *cs)
{
	octets[0] = from->policy_no;
	put_be(octets + 1, from->ssrc, 4);
	put_be(octets + 5, from->roc, 4);
	put_be(octets + 9, from->seq, 2);
	cs->prot = MIKEY_PROT_SRTP;
	cs->has_index = from->has_seq;
	cs->policies = (struct mikey_view){ octets, 1 };
	cs->session_data = (struct mikey_view){
		octets + 1, from->has_seq ? 10 : from->ssrc ? 4 : 0,
	};
	cs->spi = from->spi;
}

/* The bundle that a message is about, if it is about one that there is */
static const struct mikey_csb *known_bundle(const struct mikey_offer *offer)
{
	return offer->update ? offer->update : offer->member;
}

static enum mikey_reason fill_cs(const struct mikey_offer *offer, size_t i,
				 const struct mikey_cs_offer *from, struct draft *draft,
				 struct mikey_error *err)
{
	struct mikey_hdr *hdr = &draft->msg.hdr;
	struct mikey_cs *cs = &hdr->cs[i];

	if (offer->n_policies && from->policy_no >= offer->n_policies && !known_bundle(offer))
		return mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				  "CS %zu names policy %u, which is not there", i + 1,
				  from->policy_no);
	cs->id = from->cs_id ? from->cs_id : (uint32_t)i + 1;
	if (hdr->map_type == MIKEY_MAP_GENERIC) {
		fill_generic(from, draft->map[i], cs);
		return MIKEY_OK;
	}
	if (cs->id != i + 1)
		return mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				  "entry %zu of an SRTP-ID map cannot be CS %u", i + 1, cs->id);
	cs->policy_no = from->policy_no;
	cs->ssrc = from->ssrc;
	cs->roc = from->roc;
	return MIKEY_OK;
}

/* A message about a bundle that says nothing of its sessions repeats them */
static void session_offer(const struct mikey_csb *csb, size_t i, struct mikey_cs_offer *cs)
{
	const struct mikey_session *s = &csb->sessions[i];

	*cs = (struct mikey_cs_offer){
		.policy_no = s->policy_no, .cs_id = s->cs_id, .ssrc = s->ssrc, .roc = s->roc,
		.has_seq = s->has_seq, .seq = s->seq,
	};
}

static enum mikey_reason fill_map(const struct mikey_offer *offer, struct draft *draft,
				  struct mikey_error *err)
{
	struct mikey_hdr *hdr = &draft->msg.hdr;
	const struct mikey_csb *csb = known_bundle(offer);
	bool repeat = csb && !offer->n_cs;
	enum mikey_reason reason = MIKEY_OK;
	struct mikey_cs_offer cs;
	size_t i;

	hdr->map_type = csb ? csb->map_type : offer->map_type;
	if ((hdr->map_type == MIKEY_MAP_EMPTY || offer->group) && !offer->n_cs)
		return MIKEY_OK;
	hdr->n_cs = (uint32_t)(repeat ? csb->n_sessions : offer->n_cs);
	if (!hdr->n_cs || offer->n_cs > MIKEY_CS_MAX || hdr->map_type == MIKEY_MAP_EMPTY)
		return mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				  "%zu crypto sessions; 1 to 255 are possible, or none with the empty map",
				  offer->n_cs);
	for (i = 0; !reason && i < hdr->n_cs; i++) {
		if (repeat)
			session_offer(csb, i, &cs);
		reason = fill_cs(offer, i, repeat ? &cs : &offer->cs[i], draft, err);
	}
	return reason;
}

static enum mikey_reason fill_hdr(const struct mikey_env *env, const struct mikey_offer *offer,
				  struct draft *draft, struct mikey_error *err)
{
	const struct mikey_csb *csb = known_bundle(offer);
	struct mikey_hdr *hdr = &draft->msg.hdr;
	enum mikey_reason reason = fill_map(offer, draft, err);

	if (reason)
		return reason;
	hdr->version = MIKEY_VERSION;
	hdr->v = offer->verify;
	hdr->prf = offer->prf;
	if (!csb)
		return choose_csb_id(env, offer, &hdr->csb_id, err);
	hdr->prf = csb->prf;
	hdr->csb_id = csb->csb_id;
	if (!csb->initiator)
		return mikey_fail(err, MIKEY_WRONG_UPDATER, MIKEY_NO_OFFSET,
				  "only the initiator of a bundle updates it, or gives it to others");
	return MIKEY_OK;
}

static enum mikey_reason add_t_and_rand(const struct mikey_env *env,
					const struct mikey_offer *offer, struct draft *draft,
					struct mikey_error *err)
{
	struct mikey_payload t = { .type = MIKEY_PL_T };
	struct mikey_payload rand = { .type = MIKEY_PL_RAND };
	size_t rand_len = offer->rand_len ? offer->rand_len : RAND_LEN;

	if (!mikey_ts_octets(offer->ts.type) || rand_len > sizeof(draft->rand))
		return mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				  "timestamp type %u, RAND of %zu octets", offer->ts.type,
				  rand_len);
	t.t.ts_type = offer->ts.type;
	t.t.value = (struct mikey_view){ draft->ts, mikey_ts_write(&offer->ts, draft->ts) };
	mikey_add(&draft->msg, &t);
	if (offer->update || offer->group)
		return MIKEY_OK;
	if (offer->member)
		rand.rand.value = offer->member->rand;
	else if (env->random(env->arg, draft->rand, rand_len))
		return mikey_fail(err, MIKEY_NO_RANDOM, MIKEY_NO_OFFSET,
				  "no random octets for RAND");
	else
		rand.rand.value = (struct mikey_view){ draft->rand, rand_len };
	mikey_add(&draft->msg, &rand);
	return MIKEY_OK;
}

enum mikey_reason draft_start(const struct mikey_env *env, const struct mikey_offer *offer,
			      uint32_t data_type, struct draft **draft, struct mikey_error *err)
{
	enum mikey_reason reason;

	*draft = OPENSSL_zalloc(sizeof(**draft));
	if (!*draft)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	(*draft)->msg.hdr.data_type = data_type;
	reason = fill_hdr(env, offer, *draft, err);
	if (!reason)
		reason = add_t_and_rand(env, offer, *draft, err);
	if (reason) {
		OPENSSL_free(*draft);
		*draft = NULL;
	}
	return reason;
}

void draft_add_id(struct mikey_msg *msg, const struct mikey_id *id)
{
	struct mikey_payload payload = { .type = MIKEY_PL_ID };

	if (!id->data.len)
		return;
	payload.id.id_type = id->type;
	payload.id.data = id->data;
	mikey_add(msg, &payload);
}

static void add_policy(struct draft *draft, uint8_t policy_no, const struct mikey_policy *policy)
{
	struct mikey_payload sp = { .type = MIKEY_PL_SP };

	sp.sp.policy_no = policy_no;
	sp.sp.params.data = draft->params[policy_no];
	sp.sp.params.len = mikey_policy_build(policy, draft->params[policy_no]);
	mikey_add(&draft->msg, &sp);
}

/* RFC 3830 5.1.1: a group has one set of policies, which a member is told */
static void add_member_policies(struct draft *draft, const struct mikey_csb *csb)
{
	bool seen[256] = { false };
	size_t i;

	for (i = 0; csb && i < csb->n_sessions && csb->map_type != MIKEY_MAP_EMPTY; i++) {
		const struct mikey_session *s = &csb->sessions[i];

		if (!seen[s->policy_no])
			add_policy(draft, s->policy_no, &s->policy);
		seen[s->policy_no] = true;
	}
}

enum mikey_reason draft_add_policies(struct draft *draft, const struct mikey_offer *offer,
				     struct mikey_error *err)
{
	size_t i;

	if (offer->n_policies > 256 || offer->n_ext > MIKEY_PAYLOAD_MAX - 256 - 16)
		return mikey_fail(err, MIKEY_TOO_MANY, MIKEY_NO_OFFSET,
				  "too many policies or extensions");
	for (i = 0; i < offer->n_policies; i++)
		add_policy(draft, (uint8_t)i, &offer->policies[i]);
	if (!offer->update)
		add_member_policies(draft, offer->member);
	for (i = 0; i < offer->n_ext; i++)
		mikey_add(&draft->msg, &offer->ext[i]);
	return MIKEY_OK;
}

/* RFC 3830 5.2: the MAC closes the message and covers all of it but itself */
static enum mikey_reason close_message(const struct mikey_crypto *crypto,
				       const struct mikey_msg_keys *keys,
				       const struct mikey_view *tail, size_t n_tail, uint8_t *buf,
				       size_t len)
{
	struct mikey_view pieces[4] = { { buf, len - mikey_mac_len(keys->mac_alg) } };
	size_t i;

	if (n_tail > 3)
		return MIKEY_USAGE;
	for (i = 0; i < n_tail; i++)
		pieces[i + 1] = tail[i];
	return mikey_mac(crypto, keys, pieces, n_tail + 1, buf + pieces[0].len);
}

enum mikey_reason draft_emit(const struct mikey_crypto *crypto, const struct mikey_msg_keys *keys,
			     const struct mikey_msg *msg, const struct mikey_view *tail,
			     size_t n_tail, uint8_t **out, size_t *len, struct mikey_error *err)
{
	uint8_t *buf = OPENSSL_malloc(MIKEY_MSG_MAX);
	enum mikey_reason reason = mikey_validate(msg, err);

	*out = NULL;
	*len = 0;
	if (!buf)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	if (!reason)
		reason = mikey_build(msg, buf, MIKEY_MSG_MAX, len, err);
	if (!reason && keys) {
		reason = close_message(crypto, keys, tail, n_tail, buf, *len);
		if (reason)
			mikey_fail(err, reason, MIKEY_NO_OFFSET, "the MAC cannot be made");
	}
	if (!reason) {
		*out = OPENSSL_memdup(buf, *len);
		if (!*out)
			reason = mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	}
	/* With NULL encryption there are keys in it */
	OPENSSL_clear_free(buf, *len);
	return reason;
}
