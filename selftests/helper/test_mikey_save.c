// SPDX-License-Identifier: GPL-2.0
/*
 * Bundles as octets: each is the same when it comes back, in every mode, and what
 * comes back from octets that were cut off or altered is refused, or is a bundle
 * that gives the same octets again.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "exchange.h"
#include "ktap.h"
#include "pki.h"
#include "mikey/csbsave.h"

/** struct octets - a saved bundle */
struct octets {
	uint8_t *data;
	size_t len;
};

static struct octets save(const struct mikey_csb *csb)
{
	struct record_writer count = { 0 }, writer = { 0 };

	mikey_csb_save(&count, csb);
	writer.data = malloc(count.len);
	writer.room = count.len;
	mikey_csb_save(&writer, csb);
	return (struct octets){ writer.data, writer.len == count.len ? count.len : 0 };
}

/* From memory of the exact size, so that the sanitizer sees what reads past its end */
static enum mikey_reason load(const uint8_t *data, size_t len, struct mikey_csb **csb,
			      struct mikey_error *err)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct record_reader reader = { .data = copy, .len = len };
	enum mikey_reason reason;

	memcpy(copy, data, len);
	reason = mikey_csb_load(&reader, csb, err);
	if (!reason && reader.pos != len)
		reason = MIKEY_TRAILING;
	free(copy);
	return reason;
}

static bool same_view(struct mikey_view a, struct mikey_view b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static bool same_head(const struct mikey_csb *a, const struct mikey_csb *b)
{
	return a->csb_id == b->csb_id && a->initiator == b->initiator &&
	       a->data_type == b->data_type && a->prf == b->prf && a->map_type == b->map_type &&
	       a->encr_alg == b->encr_alg && a->mac_alg == b->mac_alg &&
	       a->ts.type == b->ts.type && a->ts.value == b->ts.value &&
	       mikey_id_equal(&a->idi, &b->idi) && mikey_id_equal(&a->idr, &b->idr) &&
	       same_view(a->rand, b->rand) && same_view(a->env_key, b->env_key);
}

static bool same_stream(const struct mikey_session *a, const struct mikey_session *b)
{
	return a->cs_id == b->cs_id && a->from_initiator == b->from_initiator &&
	       a->ssrc == b->ssrc && a->roc == b->roc && a->has_seq == b->has_seq &&
	       a->seq == b->seq && a->policy_no == b->policy_no && a->suite == b->suite &&
	       !memcmp(&a->policy, &b->policy, sizeof(a->policy)) && a->n_keys == b->n_keys &&
	       !memcmp(a->keys, b->keys, a->n_keys * sizeof(*a->keys));
}

static bool same(const struct mikey_csb *a, const struct mikey_csb *b)
{
	size_t i;

	if (!same_head(a, b) || a->n_sessions != b->n_sessions)
		return false;
	for (i = 0; i < a->n_sessions; i++)
		if (!same_stream(&a->sessions[i], &b->sessions[i]))
			return false;
	return true;
}

static void test_cut(const char *name, const struct octets *saved)
{
	struct mikey_csb *csb;
	size_t i, taken = 0, kept = 0;

	for (i = 0; i < saved->len; i++) {
		taken += !load(saved->data, i, &csb, NULL);
		kept += csb != NULL;
		mikey_csb_free(csb);
	}
	check(i && !taken && !kept, "%s: none of %zu truncations is taken", name, i);
}

/* What an altered octet makes may be another good bundle: then it saves to those octets */
static void test_flipped(const char *name, const struct octets *saved)
{
	size_t i, refused = 0, wrong = 0;
	struct mikey_csb *csb;
	struct octets again;
	unsigned int bit;

	for (i = 0; i < saved->len; i++)
		for (bit = 0; bit < 8; bit++) {
			saved->data[i] ^= 1 << bit;
			if (load(saved->data, saved->len, &csb, NULL)) {
				refused++;
			} else {
				again = save(csb);
				wrong += again.len != saved->len ||
					 memcmp(again.data, saved->data, again.len);
				free(again.data);
			}
			mikey_csb_free(csb);
			saved->data[i] ^= 1 << bit;
		}
	check(refused && !wrong, "%s: of %zu altered bits, %zu are refused, the others come back",
	      name, 8 * saved->len, refused);
}

static void test_bundle(const char *name, const struct mikey_csb *csb)
{
	struct octets saved = save(csb);
	struct mikey_csb *back = NULL;
	struct mikey_error err = { 0 };
	struct octets again;

	check(saved.len && !load(saved.data, saved.len, &back, &err), "%s: it can be read again",
	      name);
	if (!back)
		note("%s: %s", name, err.text);
	check(back && same(csb, back), "%s: it is the same, with all sessions and keys", name);
	again = back ? save(back) : (struct octets){ NULL, 0 };
	check(again.len == saved.len && !memcmp(again.data, saved.data, again.len),
	      "%s: and so are its octets, with the TGKs", name);
	test_cut(name, &saved);
	test_flipped(name, &saved);
	free(again.data);
	free(saved.data);
	mikey_csb_free(back);
}

/* alice updates, from what was saved, what bob has, from what was saved */
static void test_update(const char *name, struct fixture *f, struct mikey_csb **alice,
			struct mikey_csb **bob)
{
	struct octets a = save(*alice), b = save(*bob);
	struct mikey_csb *ours = NULL, *theirs = NULL;
	struct mikey_pending *pending = NULL;
	struct mikey_answer answer = { 0 };
	struct mikey_error err = { 0 };
	enum mikey_reason reason = load(a.data, a.len, &ours, &err);

	if (!reason)
		reason = load(b.data, b.len, &theirs, &err);
	f->now += MIKEY_SECONDS(1);
	f->offer.n_policies = 0;
	f->offer.update = ours;
	f->bob_live = theirs;
	if (!reason)
		reason = fixture_offer(f, &pending, &err);
	if (!reason)
		reason = fixture_respond(f, mikey_pending_message(pending), &answer, &err);
	if (!reason)
		reason = mikey_pending_process(pending, answer.msg, answer.len, NULL, &err);
	check(!reason && answer.updated == theirs && answer.csb &&
	      same_keys(mikey_pending_csb(pending), answer.csb),
	      "%s: both sides go on with an update after a restart of both", name);
	if (reason)
		note("%s: %s", name, err.text);
	mikey_pending_free(pending);
	mikey_answer_clear(&answer);
	mikey_csb_free(ours);
	mikey_csb_free(theirs);
	free(a.data);
	free(b.data);
}

/** struct kind - a way to make a bundle */
struct kind {
	const char *name;
	uint32_t mode;
	bool update;
	void (*vary)(struct fixture *f);
};

static void four_sessions(struct fixture *f)
{
	static const uint8_t mki[2][4] = { { 0, 0, 0, 1 }, { 0, 0, 0, 2 } };

	f->offer.n_cs = 4;
	f->cs[2].ssrc = 0x33333333;
	f->cs[2].roc = 7;
	f->keys[0].kv = (struct mikey_kv_data){ .kv = MIKEY_KV_SPI, .spi = { mki[0], 4 } };
	f->keys[1].kv = (struct mikey_kv_data){ .kv = MIKEY_KV_SPI, .spi = { mki[1], 4 } };
	f->offer.n_keys = 2;
}

static void interval(struct fixture *f)
{
	static const uint8_t from[6], to[6] = { 0, 0, 0, 1, 0, 0 };

	f->keys[0].type = MIKEY_KEY_TGK_SALT;
	f->keys[0].kv = (struct mikey_kv_data){
		.kv = MIKEY_KV_INTERVAL, .from = { from, 6 }, .to = { to, 6 },
	};
	f->offer.n_keys = 1;
}

static void cached(struct fixture *f)
{
	f->init.creds.cache = MIKEY_CACHE;
}

static void test_kind(const struct kind *kind)
{
	struct fixture *f = fixture_new();
	struct mikey_pending *pending = NULL;
	struct mikey_answer answer = { 0 };
	struct mikey_error err = { 0 };
	struct mikey_csb *alice = NULL;
	enum mikey_reason reason;

	f->init.mode = kind->mode;
	if (kind->mode != MIKEY_PSK_INIT && kind->mode != MIKEY_DHHMAC_INIT &&
	    fixture_certify(f, kind->mode, NULL, NULL))
		abort();
	if (kind->vary)
		kind->vary(f);
	reason = fixture_offer(f, &pending, &err);
	if (!reason)
		reason = fixture_respond(f, mikey_pending_message(pending), &answer, &err);
	if (!reason)
		reason = mikey_pending_process(pending, answer.msg, answer.len, NULL, &err);
	if (!reason)
		alice = mikey_pending_take(pending);
	if (check(alice && answer.csb, "%s: an exchange", kind->name)) {
		test_bundle(kind->name, alice);
		test_bundle(kind->name, answer.csb);
		if (kind->update)
			test_update(kind->name, f, &alice, &answer.csb);
	} else {
		note("%s: %s", kind->name, err.text);
	}
	mikey_csb_free(alice);
	mikey_pending_free(pending);
	mikey_answer_clear(&answer);
	fixture_free(f);
}

int main(void)
{
	static const struct kind kinds[] = {
		{ "psk", MIKEY_PSK_INIT, true, NULL },
		{ "psk, four sessions, two keys", MIKEY_PSK_INIT, false, four_sessions },
		{ "psk, interval", MIKEY_PSK_INIT, false, interval },
		{ "dhhmac", MIKEY_DHHMAC_INIT, true, NULL },
		{ "dh", MIKEY_DH_INIT, true, NULL },
		{ "pk", MIKEY_PK_INIT, false, NULL },
		{ "pk, cached envelope key", MIKEY_PK_INIT, true, cached },
		{ "rsar", MIKEY_RSAR_INIT, false, NULL },
	};
	size_t i;

	CRYPTO_secure_malloc_init(1 << 20, 32);
	ktap_begin();
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		test_kind(&kinds[i]);
	pki_free();
	return ktap_end();
}
