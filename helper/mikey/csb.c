// SPDX-License-Identifier: GPL-2.0
/*
 * From policies, map and keys to a bundle: RFC 3830 4.1.3, 4.4, 6.1.1, 6.13.
 * Initiator and responder both come through here, with the same message.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "clock.h"
#include "csbpriv.h"
#include "keydata.h"
#include "wire.h"

bool mikey_id_equal(const struct mikey_id *a, const struct mikey_id *b)
{
	return a->type == b->type && a->data.len == b->data.len &&
	       (!a->data.len || !memcmp(a->data.data, b->data.data, a->data.len));
}

static void free_keys(struct mikey_session *session)
{
	OPENSSL_secure_clear_free(session->keys, session->n_keys * sizeof(*session->keys));
}

void mikey_csb_free(struct mikey_csb *csb)
{
	size_t i;

	if (!csb)
		return;
	for (i = 0; i < csb->n_sessions; i++)
		free_keys(&csb->sessions[i]);
	OPENSSL_free(csb->sessions);
	OPENSSL_free((void *)csb->idi.data.data);
	OPENSSL_free((void *)csb->idr.data.data);
	OPENSSL_free((void *)csb->rand.data);
	OPENSSL_secure_clear_free((void *)csb->env_key.data, csb->env_key.len);
	if (csb->keys)
		key_data_clear(csb->keys);
	OPENSSL_free(csb->keys);
	OPENSSL_free(csb);
}

bool mikey_csb_cache(struct mikey_csb *csb, struct mikey_view env_key)
{
	uint8_t *copy = OPENSSL_secure_malloc(env_key.len);

	if (!copy)
		return false;
	memcpy(copy, env_key.data, env_key.len);
	csb->env_key = (struct mikey_view){ copy, env_key.len };
	return true;
}

static const struct mikey_payload *find_sp(const struct mikey_msg *msg, uint32_t policy_no)
{
	size_t i;

	for (i = 0; i < msg->n_payloads; i++)
		if (msg->payload[i].type == MIKEY_PL_SP &&
		    msg->payload[i].sp.policy_no == policy_no)
			return &msg->payload[i];
	return NULL;
}

/*
 * RFC 3830 6.10: a policy number without SP has SRTP's defaults in a first
 * message, and stays what it was in an update. The empty map leaves no room for
 * SP (RFC 4563 5): there it is the best suite of those that are allowed.
 */
static enum mikey_reason absent_policy(const struct mikey_csb_source *src,
				       struct mikey_session *s, size_t offset,
				       struct mikey_error *err)
{
	size_t i;

	if (src->msg->hdr.map_type == MIKEY_MAP_EMPTY && !src->update && src->accept->n_suites) {
		mikey_suite_policy(src->accept->suites[0], &s->policy);
		return MIKEY_OK;
	}
	mikey_policy_default(&s->policy);
	if (!src->update)
		return MIKEY_OK;
	for (i = 0; i < src->update->n_sessions; i++) {
		if (src->update->sessions[i].policy_no != s->policy_no)
			continue;
		s->policy = src->update->sessions[i].policy;
		return MIKEY_OK;
	}
	return mikey_fail(err, MIKEY_BAD_UPDATE, offset,
			  "CS %u has policy %u, which nobody has defined", s->cs_id,
			  s->policy_no);
}

static enum mikey_reason session_policy(const struct mikey_csb_source *src,
					struct mikey_session *s, size_t offset,
					struct mikey_error *err)
{
	const struct mikey_payload *sp = find_sp(src->msg, s->policy_no);
	enum mikey_reason reason;

	if (sp)
		reason = mikey_policy_parse(sp, src->accept->flags, &s->policy, err);
	else
		reason = absent_policy(src, s, offset, err);
	if (reason)
		return reason;
	return mikey_policy_accept(&s->policy, src->accept, sp ? sp->offset : offset, &s->suite,
				   err);
}

static enum mikey_reason generic_session(const struct mikey_cs *cs, struct mikey_session *s,
					 struct mikey_error *err)
{
	const uint8_t *data = cs->session_data.data;

	if (cs->prot != MIKEY_PROT_SRTP)
		return mikey_fail(err, MIKEY_UNSUP_PROT, cs->offset,
				  "security protocol %u is not supported", cs->prot);
	if (cs->policies.len != 1)
		return mikey_fail(err, MIKEY_UNSUP_MAP, cs->offset,
				  "GENERIC-ID map that leaves the policy open");
	s->policy_no = cs->policies.data[0];
	if (cs->session_data.len)
		s->ssrc = (uint32_t)get_be(data, 4);
	if (cs->session_data.len && cs->has_index) {
		s->roc = (uint32_t)get_be(data + 4, 4);
		s->seq = (uint16_t)get_be(data + 8, 2);
		s->has_seq = true;
	}
	return MIKEY_OK;
}

/*
 * A stream that runs keeps its SSRC and its index, whatever the map of an update
 * says: an index that went back would be a keystream used twice.
 */
static enum mikey_reason keep_stream(const struct mikey_session *old, const struct mikey_cs *cs,
				     struct mikey_session *s, struct mikey_error *err)
{
	if (s->ssrc && old->ssrc && s->ssrc != old->ssrc)
		return mikey_fail(err, MIKEY_BAD_UPDATE, cs->offset,
				  "the update gives CS %u another SSRC", s->cs_id);
	if (!s->ssrc)
		s->ssrc = old->ssrc;
	s->roc = old->roc;
	s->seq = old->seq;
	s->has_seq = old->has_seq;
	return MIKEY_OK;
}

/*
 * RFC 3830 6.1.1. No RFC says which of two CS IDs runs which way: odd ones run
 * from initiator to responder here.
 */
static enum mikey_reason map_session(const struct mikey_csb_source *src, const struct mikey_cs *cs,
				     struct mikey_session *s, struct mikey_error *err)
{
	const struct mikey_session *old = csb_old_session(src, cs->id);
	enum mikey_reason reason = MIKEY_OK;

	s->cs_id = (uint8_t)cs->id;
	s->from_initiator = cs->id & 1;
	if (src->msg->hdr.n_cs && src->msg->hdr.map_type == MIKEY_MAP_GENERIC) {
		reason = generic_session(cs, s, err);
	} else {
		s->policy_no = (uint8_t)cs->policy_no;
		s->ssrc = cs->ssrc;
		s->roc = cs->roc;
	}
	if (!reason && old)
		reason = keep_stream(old, cs, s, err);
	return reason ? reason : session_policy(src, s, cs->offset, err);
}

/**
 * struct map - the sessions that a message is about
 * @n: how many
 * @cs: the message's, or @made
 * @made: what a message without map means
 */
struct map {
	size_t n;
	const struct mikey_cs *cs;
	struct mikey_cs *made;
};

/*
 * Without a map an update is about the sessions that there are, and a first
 * message about those that were agreed on elsewhere (RFC 4563 5).
 */
static enum mikey_reason read_map(const struct mikey_csb_source *src, struct map *map,
				  struct mikey_error *err)
{
	const struct mikey_hdr *hdr = &src->msg->hdr;
	bool empty = hdr->map_type == MIKEY_MAP_EMPTY;
	size_t i;

	*map = (struct map){ .n = hdr->n_cs, .cs = hdr->cs };
	if (hdr->n_cs && !empty)
		return MIKEY_OK;
	map->n = src->update ? src->update->n_sessions : empty ? src->accept->empty_map_cs : 0;
	if (!map->n)
		return mikey_fail(err, MIKEY_NO_SESSION, 8,
				  "the message names no crypto session");
	map->cs = map->made = OPENSSL_zalloc(map->n * sizeof(*map->made));
	if (!map->made)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	for (i = 0; i < map->n; i++) {
		map->made[i].offset = 8;
		map->made[i].id = src->update ? src->update->sessions[i].cs_id : (uint32_t)i + 1;
		map->made[i].policy_no = src->update ? src->update->sessions[i].policy_no : 0;
	}
	return MIKEY_OK;
}

bool csb_copy_view(struct mikey_view *to, struct mikey_view from)
{
	*to = (struct mikey_view){ NULL, 0 };
	if (!from.len)
		return true;
	to->data = OPENSSL_memdup(from.data, from.len);
	if (to->data)
		to->len = from.len;
	return to->data;
}

/* What updates need later: RAND, the keys, and the algorithms to stay with */
static bool keep_for_updates(const struct mikey_csb_source *src, const struct mikey_chain *keys,
			     struct mikey_csb *csb)
{
	const struct mikey_csb *old = src->update;

	csb->data_type = old ? old->data_type : src->msg->hdr.data_type;
	csb->map_type = old ? old->map_type : src->msg->hdr.map_type;
	csb->encr_alg = old ? old->encr_alg : src->encr_alg;
	csb->mac_alg = old ? old->mac_alg : src->mac_alg;
	csb->keys = OPENSSL_zalloc(sizeof(*csb->keys));
	if (old && old->env_key.len && !mikey_csb_cache(csb, old->env_key))
		return false;
	return csb->keys && csb_copy_view(&csb->rand, src->ctx.rand) &&
	       key_data_copy(keys, csb->keys);
}

static bool start_csb(const struct mikey_csb_source *src, const struct map *map,
		      const struct mikey_chain *keys, struct mikey_csb *csb)
{
	csb->csb_id = src->msg->hdr.csb_id;
	csb->initiator = src->initiator;
	csb->prf = src->msg->hdr.prf;
	mikey_ts_read(mikey_find(src->msg, MIKEY_PL_T, 0), &csb->ts);
	csb->idi.type = src->idi.type;
	csb->idr.type = src->idr.type;
	csb->sessions = OPENSSL_zalloc(map->n * sizeof(*csb->sessions));
	if (!csb->sessions)
		return false;
	csb->n_sessions = map->n;
	return csb_copy_view(&csb->idi.data, src->idi.data) &&
	       csb_copy_view(&csb->idr.data, src->idr.data) &&
	       keep_for_updates(src, keys, csb);
}

static enum mikey_reason fill_csb(const struct mikey_csb_source *src, const struct map *map,
				  const struct mikey_chain *chain, struct mikey_csb *csb,
				  struct mikey_error *err)
{
	struct key_set keys = { 0 };
	enum mikey_reason reason = MIKEY_OK;
	size_t i;

	for (i = 0; !reason && i < csb->n_sessions; i++)
		reason = map_session(src, &map->cs[i], &csb->sessions[i], err);
	if (!reason)
		reason = csb_collect_keys(chain, &keys, err);
	for (i = 0; !reason && i < csb->n_sessions; i++)
		reason = csb_make_keys(src, &map->cs[i], &keys, &csb->sessions[i], err);
	if (!reason && keys.is_tek)
		reason = csb_check_tek_sharing(src, csb, err);
	return reason ? reason : csb_compare(src, csb, err);
}

/* RFC 3830 4.5: an update without keys leaves those that there are */
static const struct mikey_chain *keys_to_use(const struct mikey_csb_source *src)
{
	size_t i;

	for (i = 0; i < src->keys->n; i++)
		if (src->keys->sub[i].type == MIKEY_PL_KEY)
			return src->keys;
	return src->update && src->update->keys ? &src->update->keys->chain : src->keys;
}

enum mikey_reason mikey_csb_make(const struct mikey_csb_source *src, struct mikey_csb **csb,
				 struct mikey_error *err)
{
	const struct mikey_chain *keys = keys_to_use(src);
	struct map map;
	enum mikey_reason reason = read_map(src, &map, err);

	*csb = NULL;
	if (reason)
		return reason;
	*csb = OPENSSL_zalloc(sizeof(**csb));
	if (*csb && start_csb(src, &map, keys, *csb))
		reason = fill_csb(src, &map, keys, *csb, err);
	else
		reason = mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	OPENSSL_free(map.made);
	if (reason) {
		mikey_csb_free(*csb);
		*csb = NULL;
	}
	return reason;
}
