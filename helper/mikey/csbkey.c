// SPDX-License-Identifier: GPL-2.0
/*
 * From the keys of a message to the master keys of its sessions: RFC 3830
 * 4.1.3, 6.13, 6.14.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "csbpriv.h"
#include "wire.h"

/* A key below 128 bits is none (RFC 6043 12.1) */
#define TGK_MIN 16
/* RFC 3830 6.14: SRTP's index has 48 bits */
#define INDEX_LEN 6

static bool is_tek(const struct mikey_payload *key)
{
	return key->key.key_type == MIKEY_KEY_TEK || key->key.key_type == MIKEY_KEY_TEK_SALT;
}

static bool views_equal(struct mikey_view a, struct mikey_view b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static enum mikey_reason check_validity(const struct mikey_payload *key, struct mikey_error *err)
{
	const struct mikey_kv_data *kv = &key->key.kv;

	if (kv->kv == MIKEY_KV_SPI && !kv->spi.len)
		return mikey_fail(err, MIKEY_BAD_KEY, key->offset, "a key with an empty MKI");
	if (kv->kv != MIKEY_KV_INTERVAL)
		return MIKEY_OK;
	if (kv->from.len != INDEX_LEN || kv->to.len != INDEX_LEN)
		return mikey_fail(err, MIKEY_BAD_KEY, key->offset,
				  "an interval of SRTP has 6 octets on each side");
	if (get_be(kv->from.data, INDEX_LEN) > get_be(kv->to.data, INDEX_LEN))
		return mikey_fail(err, MIKEY_BAD_KEY, key->offset, "an interval that ends first");
	return MIKEY_OK;
}

static bool overlap(const struct mikey_kv_data *a, const struct mikey_kv_data *b)
{
	return get_be(a->from.data, INDEX_LEN) <= get_be(b->to.data, INDEX_LEN) &&
	       get_be(b->from.data, INDEX_LEN) <= get_be(a->to.data, INDEX_LEN);
}

/* Several keys must be told apart by MKIs of one length, or by intervals */
static bool distinct(const struct mikey_payload *a, const struct mikey_payload *b)
{
	const struct mikey_kv_data *x = &a->key.kv, *y = &b->key.kv;

	if (x->kv != y->kv || is_tek(a) != is_tek(b))
		return false;
	if (x->kv == MIKEY_KV_SPI)
		return x->spi.len == y->spi.len && !views_equal(x->spi, y->spi);
	return x->kv == MIKEY_KV_INTERVAL && !overlap(x, y);
}

static enum mikey_reason add_key(struct key_set *set, const struct mikey_payload *key,
				 struct mikey_error *err)
{
	enum mikey_reason reason = check_validity(key, err);
	size_t i;

	if (reason)
		return reason;
	if (!is_tek(key) && key->key.data.len < TGK_MIN)
		return mikey_fail(err, MIKEY_BAD_KEY, key->offset, "a TGK below 128 bits");
	for (i = 0; i < set->n; i++)
		if (!distinct(set->key[i], key))
			return mikey_fail(err, MIKEY_AMBIGUOUS_KEYS, key->offset,
					  "several keys that neither MKI nor interval tells apart");
	set->is_tek = is_tek(key);
	set->key[set->n++] = key;
	return MIKEY_OK;
}

enum mikey_reason csb_collect_keys(const struct mikey_chain *chain, struct key_set *set,
				   struct mikey_error *err)
{
	enum mikey_reason reason = MIKEY_OK;
	size_t i;

	memset(set, 0, sizeof(*set));
	for (i = 0; !reason && i < chain->n; i++)
		if (chain->sub[i].type == MIKEY_PL_KEY)
			reason = add_key(set, &chain->sub[i], err);
	if (!reason && !set->n)
		reason = mikey_fail(err, MIKEY_BAD_KEY, MIKEY_NO_OFFSET, "the message has no key");
	return reason;
}

static enum mikey_reason derive_tgk(const struct mikey_csb_source *src,
				    const struct mikey_session *s,
				    const struct mikey_payload *key, struct mikey_session_key *out,
				    struct mikey_error *err)
{
	enum mikey_reason reason;

	if (!src->ctx.rand.len)
		return mikey_fail(err, MIKEY_MISSING, key->offset, "a TGK, and no RAND for it");
	reason = mikey_derive(src->crypto, &src->ctx, key->key.data, MIKEY_LABEL_TEK, s->cs_id,
			      out->key, out->key_len);
	if (!reason && key->key.key_type == MIKEY_KEY_TGK)
		reason = mikey_derive(src->crypto, &src->ctx, key->key.data, MIKEY_LABEL_TEK_SALT,
				      s->cs_id, out->salt, out->salt_len);
	if (reason)
		mikey_fail(err, reason, key->offset, "the key derivation failed");
	return reason;
}

/* RFC 3830 knows no salt for a bare TEK. Cameras put it behind the key. */
static enum mikey_reason take_tek(const struct mikey_csb_source *src,
				  const struct mikey_payload *key, struct mikey_session_key *out,
				  struct mikey_error *err)
{
	size_t len = key->key.data.len, both = (size_t)out->key_len + out->salt_len;
	bool bare = key->key.key_type == MIKEY_KEY_TEK;
	bool split = bare && len == both && src->accept->flags & MIKEY_COMPAT_SPLIT_TEK;

	if (len != out->key_len && !split)
		return mikey_fail(err, MIKEY_BAD_KEY, key->offset,
				  "a TEK of %zu octets for a master key of %u", len, out->key_len);
	if (bare && !split && !(src->accept->flags & MIKEY_COMPAT_ZERO_SALT))
		return mikey_fail(err, MIKEY_TEK_NO_SALT, key->offset, "a TEK without a salt");
	memcpy(out->key, key->key.data.data, out->key_len);
	if (split)
		memcpy(out->salt, key->key.data.data + out->key_len, out->salt_len);
	return MIKEY_OK;
}

/* RFC 3830 4.1.3: a carried salt is the master salt */
static enum mikey_reason take_salt(const struct mikey_payload *key, struct mikey_session_key *out,
				   struct mikey_error *err)
{
	if (key->key.key_type != MIKEY_KEY_TGK_SALT && key->key.key_type != MIKEY_KEY_TEK_SALT)
		return MIKEY_OK;
	if (key->key.salt.len != out->salt_len)
		return mikey_fail(err, MIKEY_BAD_KEY, key->offset,
				  "a salt of %zu octets for a master salt of %u",
				  key->key.salt.len, out->salt_len);
	memcpy(out->salt, key->key.salt.data, out->salt_len);
	return MIKEY_OK;
}

static void take_validity(const struct mikey_kv_data *kv, struct mikey_session_key *out)
{
	if (kv->kv == MIKEY_KV_SPI) {
		memcpy(out->mki, kv->spi.data, kv->spi.len);
		out->mki_len = (uint8_t)kv->spi.len;
	} else if (kv->kv == MIKEY_KV_INTERVAL) {
		out->has_interval = true;
		out->from = get_be(kv->from.data, INDEX_LEN);
		out->to = get_be(kv->to.data, INDEX_LEN);
	}
}

/* RFC 3830 9.1: what carries a key is no weaker than the key */
static enum mikey_reason check_strength(const struct mikey_csb_source *src,
					const struct mikey_session *s,
					const struct mikey_payload *key, struct mikey_error *err)
{
	unsigned int bits = s->policy.key_len * 8;

	if (!(src->accept->flags & MIKEY_MATCH_STRENGTH))
		return MIKEY_OK;
	if (src->transport_bits && src->transport_bits < bits)
		return mikey_fail(err, MIKEY_MIXED_STRENGTH, key->offset,
				  "a key of %u bits behind a transport of %u", bits,
				  src->transport_bits);
	if (key->key.data.len * 8 < bits)
		return mikey_fail(err, MIKEY_MIXED_STRENGTH, key->offset,
				  "a master key of %u bits from a TGK of %zu", bits,
				  key->key.data.len * 8);
	return MIKEY_OK;
}

static enum mikey_reason make_key(const struct mikey_csb_source *src,
				  const struct mikey_session *s, const struct mikey_payload *key,
				  struct mikey_session_key *out, struct mikey_error *err)
{
	enum mikey_reason reason = check_strength(src, s, key, err);

	out->key_len = (uint8_t)s->policy.key_len;
	out->salt_len = (uint8_t)s->policy.salt_len;
	if (!reason)
		reason = is_tek(key) ? take_tek(src, key, out, err) :
				       derive_tgk(src, s, key, out, err);
	if (!reason)
		reason = take_salt(key, out, err);
	if (!reason)
		take_validity(&key->key.kv, out);
	return reason;
}

/*
 * Which keys are this session's? RFC 6043 6.1.1: the SPI of a GENERIC-ID map
 * names the first one to use; of TEKs it is the only one.
 */
static enum mikey_reason pick_keys(const struct mikey_cs *cs, const struct key_set *all,
				   struct key_set *mine, struct mikey_error *err)
{
	size_t i;

	*mine = *all;
	if (!cs->spi.len)
		return MIKEY_OK;
	for (i = 0; i < all->n; i++)
		if (views_equal(all->key[i]->key.kv.spi, cs->spi))
			break;
	if (i == all->n)
		return mikey_fail(err, MIKEY_BAD_KEY, cs->offset,
				  "CS %u names an SPI that no key has", cs->id);
	mine->key[0] = all->key[i];
	mine->key[i] = all->key[0];
	if (all->is_tek)
		mine->n = 1;
	return MIKEY_OK;
}

enum mikey_reason csb_make_keys(const struct mikey_csb_source *src, const struct mikey_cs *cs,
				const struct key_set *all, struct mikey_session *s,
				struct mikey_error *err)
{
	struct key_set mine;
	enum mikey_reason reason = pick_keys(cs, all, &mine, err);
	size_t i;

	if (reason)
		return reason;
	s->keys = OPENSSL_secure_zalloc(mine.n * sizeof(*s->keys));
	if (!s->keys)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory for keys");
	s->n_keys = mine.n;
	for (i = 0; !reason && i < mine.n; i++)
		reason = make_key(src, s, mine.key[i], &s->keys[i], err);
	return reason;
}

static bool same_key(const struct mikey_session *a, const struct mikey_session *b)
{
	return a->keys->key_len == b->keys->key_len &&
	       !CRYPTO_memcmp(a->keys->key, b->keys->key, a->keys->key_len);
}

static enum mikey_reason check_pair(const struct mikey_csb_source *src,
				    const struct mikey_session *a, const struct mikey_session *b,
				    struct mikey_error *err)
{
	if (!same_key(a, b))
		return MIKEY_OK;
	if (!(src->accept->flags & MIKEY_ALLOW_SHARED_TEK))
		return mikey_fail(err, MIKEY_TEK_SHARED, MIKEY_NO_OFFSET,
				  "one TEK for CS %u and CS %u", a->cs_id, b->cs_id);
	if (!a->ssrc || !b->ssrc || a->ssrc == b->ssrc)
		return mikey_fail(err, MIKEY_TEK_SHARED, MIKEY_NO_OFFSET,
				  "one TEK for CS %u and CS %u, and no SSRCs to tell them apart",
				  a->cs_id, b->cs_id);
	return MIKEY_OK;
}

/*
 * RFC 3830 6.13: a TEK is for one session; SRTP may share it among streams of
 * different SSRCs (RFC 3711 9.1: no keystream twice)
 */
enum mikey_reason csb_check_tek_sharing(const struct mikey_csb_source *src,
					const struct mikey_csb *csb, struct mikey_error *err)
{
	enum mikey_reason reason = MIKEY_OK;
	size_t i, j;

	for (i = 0; i < csb->n_sessions && csb->n_sessions > 1; i++)
		if (csb->sessions[i].n_keys > 1)
			return mikey_fail(err, MIKEY_AMBIGUOUS_KEYS, MIKEY_NO_OFFSET,
					  "several TEKs for CS %u, and no map that picks one",
					  csb->sessions[i].cs_id);
	for (i = 0; i < csb->n_sessions; i++)
		for (j = 0; !reason && j < i; j++)
			reason = check_pair(src, &csb->sessions[j], &csb->sessions[i], err);
	return reason;
}

