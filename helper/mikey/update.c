// SPDX-License-Identifier: GPL-2.0
/*
 * What an update of a bundle may change: RFC 3830 4.5.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "clock.h"
#include "csbpriv.h"
#include "update.h"

static bool later(const struct mikey_ts *a, const struct mikey_ts *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == MIKEY_TS_COUNTER)
		return a->value > b->value;
	return mikey_ntp_diff(mikey_ts_64(a), mikey_ts_64(b)) > 0;
}

/* An envelope key that was cached serves as pre-shared key (RFC 3830 4.5) */
static bool right_type(const struct mikey_csb *csb, uint32_t type)
{
	if (csb->env_key.len)
		return type == MIKEY_PSK_INIT;
	return type == csb->data_type;
}

static enum mikey_reason check_algs(const struct mikey_csb *csb, const struct mikey_msg *msg,
				    struct mikey_error *err)
{
	const struct mikey_payload *kemac = mikey_find(msg, MIKEY_PL_KEMAC, 0);

	if (msg->hdr.prf != csb->prf)
		return mikey_fail(err, MIKEY_ALG_CHANGED, 3,
				  "the update has another PRF than the bundle");
	if (!kemac)
		return MIKEY_OK;
	if (kemac->kemac.mac.len != mikey_mac_len(csb->mac_alg))
		return mikey_fail(err, MIKEY_ALG_CHANGED, kemac->offset,
				  "the update has another MAC than the bundle");
	if (kemac->kemac.encr_data.len && kemac->kemac.encr_alg != csb->encr_alg)
		return mikey_fail(err, MIKEY_ALG_CHANGED, kemac->offset,
				  "the update has another encryption than the bundle");
	return MIKEY_OK;
}

static enum mikey_reason check_id(const struct mikey_payload *id, const struct mikey_id *known,
				  struct mikey_error *err)
{
	struct mikey_id got;

	if (!id || !known->data.len)
		return MIKEY_OK;
	got = (struct mikey_id){ id->id.id_type, id->id.data };
	if (mikey_id_equal(&got, known))
		return MIKEY_OK;
	return mikey_fail(err, MIKEY_WRONG_UPDATER, id->offset,
			  "the bundle is between other identities");
}

/*
 * Without T going up, an old update could bring back a key that was retired,
 * and counter mode would use a keystream twice: all but T goes into it again.
 */
enum mikey_reason mikey_update_check(const struct mikey_csb *csb, const struct mikey_msg *msg,
				     struct mikey_error *err)
{
	const struct mikey_payload *t = mikey_find(msg, MIKEY_PL_T, 0);
	const struct mikey_payload *idi, *idr;
	struct mikey_ts ts;
	enum mikey_reason reason;

	if (csb->initiator)
		return mikey_fail(err, MIKEY_WRONG_UPDATER, 4,
				  "this side made the bundle, so it alone updates it");
	if (!right_type(csb, msg->hdr.data_type))
		return mikey_fail(err, MIKEY_ALG_CHANGED, 1,
				  "the bundle was made by messages of type %u", csb->data_type);
	mikey_ts_read(t, &ts);
	if (!later(&ts, &csb->ts))
		return mikey_fail(err, MIKEY_STALE_UPDATE, t->offset,
				  "T is not later than that of the bundle");
	mikey_find_ids(msg, &idi, &idr);
	reason = check_id(idi, &csb->idi, err);
	if (!reason)
		reason = check_id(idr, &csb->idr, err);
	return reason ? reason : check_algs(csb, msg, err);
}

const struct mikey_session *csb_old_session(const struct mikey_csb_source *src, uint32_t cs_id)
{
	size_t i;

	for (i = 0; src->update && i < src->update->n_sessions; i++)
		if (src->update->sessions[i].cs_id == cs_id)
			return &src->update->sessions[i];
	return NULL;
}

/* Of one TGK, a longer master key begins with the shorter one (RFC 3830 4.1.3) */
static bool same_octets(const struct mikey_session_key *a, const struct mikey_session_key *b)
{
	return !CRYPTO_memcmp(a->key, b->key, a->key_len < b->key_len ? a->key_len : b->key_len);
}

static bool same_name(const struct mikey_session_key *a, const struct mikey_session_key *b)
{
	if (a->mki_len != b->mki_len || a->has_interval != b->has_interval)
		return false;
	if (a->has_interval)
		return a->from == b->from && a->to == b->to;
	return !memcmp(a->mki, b->mki, a->mki_len);
}

/*
 * RFC 3711 9.2: an old key is not used again; one that stays keeps its name.
 * Without MKI and interval a new key takes the place of the old one.
 */
static enum mikey_reason check_key(const struct mikey_session_key *old,
				   const struct mikey_session_key *new, uint8_t cs_id,
				   struct mikey_error *err)
{
	bool named = new->mki_len || new->has_interval;

	if (old->mki_len != new->mki_len)
		return mikey_fail(err, MIKEY_BAD_UPDATE, MIKEY_NO_OFFSET,
				  "the update gives CS %u MKIs of %u octets after %u", cs_id,
				  new->mki_len, old->mki_len);
	if (same_octets(old, new) && !same_name(old, new))
		return mikey_fail(err, MIKEY_KEY_REUSED, MIKEY_NO_OFFSET,
				  "the update gives CS %u a key that it had", cs_id);
	if (named && same_name(old, new) && !same_octets(old, new))
		return mikey_fail(err, MIKEY_AMBIGUOUS_KEYS, MIKEY_NO_OFFSET,
				  "the update gives CS %u a new key under an old MKI", cs_id);
	return MIKEY_OK;
}

static enum mikey_reason compare_keys(const struct mikey_session *old, struct mikey_session *s,
				      struct mikey_error *err)
{
	enum mikey_reason reason = MIKEY_OK;
	size_t i, j, same = 0;

	for (i = 0; i < s->n_keys; i++)
		for (j = 0; !reason && j < old->n_keys; j++) {
			reason = check_key(&old->keys[j], &s->keys[i], s->cs_id, err);
			same += same_octets(&old->keys[j], &s->keys[i]);
		}
	if (same != s->n_keys || s->n_keys != old->n_keys)
		s->changes |= MIKEY_CS_REKEYED;
	if (same && memcmp(&s->policy, &old->policy, sizeof(s->policy)))
		return mikey_fail(err, MIKEY_BAD_UPDATE, MIKEY_NO_OFFSET,
				  "the update gives CS %u another policy, and no other key",
				  s->cs_id);
	return reason;
}

static enum mikey_reason compare_session(const struct mikey_session *old, struct mikey_session *s,
					 struct mikey_error *err)
{
	if (!old) {
		s->changes = MIKEY_CS_ADDED;
		return MIKEY_OK;
	}
	if (memcmp(&s->policy, &old->policy, sizeof(s->policy)))
		s->changes |= MIKEY_CS_REPOLICED;
	if (s->ssrc != old->ssrc)
		s->changes |= MIKEY_CS_NAMED;
	return compare_keys(old, s, err);
}

/* CS IDs keep their meaning, so an update names all sessions or none */
static enum mikey_reason check_all_named(const struct mikey_csb_source *src,
					 const struct mikey_csb *csb, struct mikey_error *err)
{
	size_t i, known = 0;

	for (i = 0; i < csb->n_sessions; i++)
		known += csb_old_session(src, csb->sessions[i].cs_id) ? 1 : 0;
	if (!src->update || known == src->update->n_sessions)
		return MIKEY_OK;
	return mikey_fail(err, MIKEY_BAD_UPDATE, 8,
			  "the update names %zu of %zu crypto sessions", known,
			  src->update->n_sessions);
}

enum mikey_reason csb_compare(const struct mikey_csb_source *src, struct mikey_csb *csb,
			      struct mikey_error *err)
{
	enum mikey_reason reason = check_all_named(src, csb, err);
	size_t i;

	for (i = 0; !reason && i < csb->n_sessions; i++) {
		struct mikey_session *s = &csb->sessions[i];

		reason = compare_session(csb_old_session(src, s->cs_id), s, err);
	}
	return reason;
}

/* The next number after those in use, in network byte order */
static void increment(uint8_t *mki, size_t len)
{
	while (len-- && !++mki[len])
		;
}

static bool in_use(const struct mikey_csb *csb, const uint8_t *mki, size_t len)
{
	size_t i, j;

	for (i = 0; i < csb->n_sessions; i++)
		for (j = 0; j < csb->sessions[i].n_keys; j++)
			if (csb->sessions[i].keys[j].mki_len == len &&
			    !memcmp(csb->sessions[i].keys[j].mki, mki, len))
				return true;
	return false;
}

size_t mikey_next_mki(const struct mikey_csb *csb, uint8_t *mki)
{
	const struct mikey_session *last = &csb->sessions[0];
	size_t len = csb->n_sessions ? last->keys[last->n_keys - 1].mki_len : 0;

	if (!len)
		return 0;
	memcpy(mki, last->keys[last->n_keys - 1].mki, len);
	do {
		increment(mki, len);
	} while (in_use(csb, mki, len));
	return len;
}
