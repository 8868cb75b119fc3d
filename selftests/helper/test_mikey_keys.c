// SPDX-License-Identifier: GPL-2.0
/*
 * The keys that sessions get: from one and several TGKs and TEKs, with MKIs and
 * intervals, and what is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

/**
 * struct keys_case - keys that a message may carry
 * @what: for the name of the test
 * @set: changes the offer
 * @reason: what alice says to it, since she reads it as bob would
 */
struct keys_case {
	const char *what;
	void (*set)(struct fixture *f);
	enum mikey_reason reason;
};

static const uint8_t octets[256] = "a key of the tests, which is not random at all, and a long one";

static struct mikey_key_offer *key(struct fixture *f, uint32_t type, size_t len, size_t salt_len)
{
	struct mikey_key_offer *k = &f->keys[f->offer.n_keys++];

	*k = (struct mikey_key_offer){ .type = type, .key = { octets, len } };
	if (salt_len)
		k->salt = (struct mikey_view){ octets + 100, salt_len };
	return k;
}

static void spi(struct mikey_key_offer *k, const char *text)
{
	k->kv.kv = MIKEY_KV_SPI;
	k->kv.spi = view(text);
}

static void interval(struct mikey_key_offer *k, const char *from, const char *to)
{
	k->kv.kv = MIKEY_KV_INTERVAL;
	k->kv.from = view(from);
	k->kv.to = view(to);
}

static void tgk_short(struct fixture *f)
{
	key(f, MIKEY_KEY_TGK, 15, 0);
}

static void tgk_long(struct fixture *f)
{
	key(f, MIKEY_KEY_TGK, 200, 0);
}

static void tgk_salt(struct fixture *f)
{
	key(f, MIKEY_KEY_TGK_SALT, 16, 14);
}

static void tgk_salt_short(struct fixture *f)
{
	key(f, MIKEY_KEY_TGK_SALT, 16, 12);
}

static void empty_mki(struct fixture *f)
{
	spi(key(f, MIKEY_KEY_TGK, 16, 0), "");
}

static void long_mki(struct fixture *f)
{
	static char mki[256];

	memset(mki, 'x', 255);
	spi(key(f, MIKEY_KEY_TGK, 16, 0), mki);
}

static void two_plain(struct fixture *f)
{
	key(f, MIKEY_KEY_TGK, 16, 0);
	key(f, MIKEY_KEY_TGK, 20, 0);
}

static void two_mkis(struct fixture *f)
{
	spi(key(f, MIKEY_KEY_TGK, 16, 0), "aaaa");
	spi(key(f, MIKEY_KEY_TGK, 20, 0), "aaab");
}

static void same_mki(struct fixture *f)
{
	spi(key(f, MIKEY_KEY_TGK, 16, 0), "aaaa");
	spi(key(f, MIKEY_KEY_TGK, 20, 0), "aaaa");
}

static void uneven_mkis(struct fixture *f)
{
	spi(key(f, MIKEY_KEY_TGK, 16, 0), "aaaa");
	spi(key(f, MIKEY_KEY_TGK, 20, 0), "aaa");
}

static void mixed_kv(struct fixture *f)
{
	spi(key(f, MIKEY_KEY_TGK, 16, 0), "aaaa");
	key(f, MIKEY_KEY_TGK, 20, 0);
}

static void two_intervals(struct fixture *f)
{
	interval(key(f, MIKEY_KEY_TGK, 16, 0), "aaaaaa", "bbbbbb");
	interval(key(f, MIKEY_KEY_TGK, 20, 0), "bbbbbc", "cccccc");
}

static void overlapping(struct fixture *f)
{
	interval(key(f, MIKEY_KEY_TGK, 16, 0), "aaaaaa", "bbbbbb");
	interval(key(f, MIKEY_KEY_TGK, 20, 0), "bbbbbb", "cccccc");
}

static void backwards(struct fixture *f)
{
	interval(key(f, MIKEY_KEY_TGK, 16, 0), "bbbbbb", "aaaaaa");
}

static void short_interval(struct fixture *f)
{
	interval(key(f, MIKEY_KEY_TGK, 16, 0), "aa", "bb");
}

static void mixed_types(struct fixture *f)
{
	f->offer.n_cs = 1;
	spi(key(f, MIKEY_KEY_TGK, 16, 0), "aaaa");
	spi(key(f, MIKEY_KEY_TEK_SALT, 16, 14), "aaab");
}

static void tek_salt(struct fixture *f)
{
	f->offer.n_cs = 1;
	key(f, MIKEY_KEY_TEK_SALT, 16, 14);
}

static void tek_bare(struct fixture *f)
{
	f->offer.n_cs = 1;
	key(f, MIKEY_KEY_TEK, 16, 0);
}

static void tek_zero(struct fixture *f)
{
	tek_bare(f);
	f->accept.flags = MIKEY_COMPAT_ZERO_SALT;
}

static void tek_joined(struct fixture *f)
{
	f->offer.n_cs = 1;
	key(f, MIKEY_KEY_TEK, 30, 0);
}

static void tek_split(struct fixture *f)
{
	tek_joined(f);
	f->accept.flags = MIKEY_COMPAT_SPLIT_TEK;
}

static void tek_29(struct fixture *f)
{
	tek_split(f);
	f->keys[0].key.len = 29;
}

static void tek_shared(struct fixture *f)
{
	key(f, MIKEY_KEY_TEK_SALT, 16, 14);
}

static void tek_shared_open(struct fixture *f)
{
	tek_shared(f);
	f->accept.flags = MIKEY_ALLOW_SHARED_TEK;
}

static void tek_shared_ssrcs(struct fixture *f)
{
	tek_shared_open(f);
	f->cs[1].ssrc = 0x33333333;
}

static void tek_same_ssrcs(struct fixture *f)
{
	tek_shared_open(f);
	f->cs[1].ssrc = f->cs[0].ssrc;
}

static void teks_for_two(struct fixture *f)
{
	spi(key(f, MIKEY_KEY_TEK_SALT, 16, 14), "aaaa");
	spi(key(f, MIKEY_KEY_TEK_SALT, 16, 14), "aaab");
}

static void teks_for_one(struct fixture *f)
{
	teks_for_two(f);
	f->offer.n_cs = 1;
}

static void strong_weak(struct fixture *f)
{
	mikey_suite_policy(mikey_suite_by_name("AES_256_CM_HMAC_SHA1_80"), &f->policies[0]);
	f->accept.flags = MIKEY_MATCH_STRENGTH;
	key(f, MIKEY_KEY_TGK, 32, 0);
}

static void strong_lax(struct fixture *f)
{
	strong_weak(f);
	f->accept.flags = 0;
}

static void strong_strong(struct fixture *f)
{
	strong_weak(f);
	f->offer.prf = MIKEY_PRF_HMAC_SHA256;
	f->init.encr_alg = MIKEY_ENCR_AES_CM_256;
	f->init.mac_alg = MIKEY_MAC_HMAC_SHA256;
}

static void strong_short(struct fixture *f)
{
	strong_strong(f);
	f->keys[0].key.len = 16;
}

static const struct keys_case key_cases[] = {
	{ "a TGK below 128 bits is refused", tgk_short, MIKEY_BAD_KEY },
	{ "a TGK of 200 octets is taken", tgk_long, MIKEY_OK },
	{ "a TGK with salt is taken", tgk_salt, MIKEY_OK },
	{ "a TGK with a salt of the wrong length is refused", tgk_salt_short, MIKEY_BAD_KEY },
	{ "an empty MKI is refused", empty_mki, MIKEY_BAD_KEY },
	{ "an MKI of 255 octets is taken", long_mki, MIKEY_OK },
	{ "two TGKs with nothing to tell them apart are refused (T-53)", two_plain,
	  MIKEY_AMBIGUOUS_KEYS },
	{ "two TGKs with two MKIs are taken", two_mkis, MIKEY_OK },
	{ "two TGKs with one MKI are refused", same_mki, MIKEY_AMBIGUOUS_KEYS },
	{ "two TGKs with MKIs of two lengths are refused", uneven_mkis, MIKEY_AMBIGUOUS_KEYS },
	{ "two TGKs of which one has an MKI are refused", mixed_kv, MIKEY_AMBIGUOUS_KEYS },
	{ "two TGKs with adjacent intervals are taken", two_intervals, MIKEY_OK },
	{ "two TGKs with overlapping intervals are refused", overlapping, MIKEY_AMBIGUOUS_KEYS },
	{ "an interval that ends first is refused", backwards, MIKEY_BAD_KEY },
	{ "an interval of 2 octets is refused", short_interval, MIKEY_BAD_KEY },
	{ "TGK and TEK in one message are refused", mixed_types, MIKEY_AMBIGUOUS_KEYS },
	{ "a TEK with salt is taken", tek_salt, MIKEY_OK },
	{ "strict: a TEK without salt is refused (T-03)", tek_bare, MIKEY_TEK_NO_SALT },
	{ "compat: a TEK without salt has the zero salt", tek_zero, MIKEY_OK },
	{ "strict: a TEK as long as key and salt is refused", tek_joined, MIKEY_BAD_KEY },
	{ "compat: a TEK as long as key and salt is split", tek_split, MIKEY_OK },
	{ "compat: a TEK of another length is refused", tek_29, MIKEY_BAD_KEY },
	{ "one TEK for two sessions is refused (REQ-158)", tek_shared, MIKEY_TEK_SHARED },
	{ "allowed to be shared, it is refused without SSRCs", tek_shared_open, MIKEY_TEK_SHARED },
	{ "allowed to be shared, it is refused with equal SSRCs", tek_same_ssrcs,
	  MIKEY_TEK_SHARED },
	{ "allowed to be shared, it is taken with SSRCs (T-45)", tek_shared_ssrcs, MIKEY_OK },
	{ "two TEKs for two sessions without a pairing are refused", teks_for_two,
	  MIKEY_AMBIGUOUS_KEYS },
	{ "two TEKs with MKIs for one session are taken", teks_for_one, MIKEY_OK },
	{ "strength: 256 bits behind 128 are refused if so configured (REQ-017)", strong_weak,
	  MIKEY_MIXED_STRENGTH },
	{ "strength: 256 bits behind 128 are taken by default", strong_lax, MIKEY_OK },
	{ "strength: 256 bits behind 256 are taken", strong_strong, MIKEY_OK },
	{ "strength: 256 bits from a TGK of 128 are refused if so configured", strong_short,
	  MIKEY_MIXED_STRENGTH },
};

static void test_keys(void)
{
	size_t i;

	for (i = 0; i < sizeof(key_cases) / sizeof(key_cases[0]); i++) {
		struct fixture *f = fixture_new();
		struct mikey_pending *pending;
		struct mikey_answer answer = { 0 };
		struct mikey_error err = { 0 };
		enum mikey_reason reason, bob = MIKEY_OK;

		key_cases[i].set(f);
		reason = fixture_offer(f, &pending, &err);
		if (!reason)
			bob = fixture_respond(f, mikey_pending_message(pending), &answer, &err);
		if (!check(reason == key_cases[i].reason && !bob, "%s", key_cases[i].what))
			note("%s, %s: %s", mikey_reason_token(reason), mikey_reason_token(bob),
			     err.text);
		mikey_answer_clear(&answer);
		mikey_pending_free(pending);
		fixture_free(f);
	}
}

static void offered(void (*set)(struct fixture *f), struct fixture **f,
		    struct mikey_pending **pending)
{
	*f = fixture_new();
	set(*f);
	if (fixture_offer(*f, pending, NULL))
		abort();
}

static void test_key_values(void)
{
	struct mikey_pending *pending;
	const struct mikey_session_key *k;
	struct fixture *f;

	offered(tek_split, &f, &pending);
	k = mikey_pending_csb(pending)->sessions[0].keys;
	check(!memcmp(k->key, octets, 16) && !memcmp(k->salt, octets + 16, 14),
	      "a split TEK is key, then salt");
	mikey_pending_free(pending);
	fixture_free(f);

	offered(tgk_salt, &f, &pending);
	k = mikey_pending_csb(pending)->sessions[1].keys;
	check(!memcmp(k->salt, octets + 100, 14), "a carried salt is the master salt (REQ-150)");
	mikey_pending_free(pending);
	fixture_free(f);

	offered(two_mkis, &f, &pending);
	k = mikey_pending_csb(pending)->sessions[1].keys;
	check(mikey_pending_csb(pending)->sessions[1].n_keys == 2 && k[0].mki_len == 4 &&
	      !memcmp(k[0].mki, "aaaa", 4) && !memcmp(k[1].mki, "aaab", 4) &&
	      memcmp(k[0].key, k[1].key, 16), "every session has a key for each MKI, in order");
	mikey_pending_free(pending);
	fixture_free(f);

	offered(two_intervals, &f, &pending);
	k = mikey_pending_csb(pending)->sessions[0].keys;
	check(k[0].has_interval && k[0].from == 0x616161616161 && k[0].to == 0x626262626262,
	      "intervals are 48-bit indexes");
	mikey_pending_free(pending);
	fixture_free(f);
}

/* A GENERIC-ID map: the offer has none, so the bundle is made by hand */
static enum mikey_reason make_generic(const char *spi0, const char *spi1, struct mikey_csb **csb)
{
	struct fixture *f = fixture_new();
	struct mikey_msg *msg = calloc(1, sizeof(*msg));
	struct mikey_chain *chain = calloc(1, sizeof(*chain));
	struct mikey_payload t = { .type = MIKEY_PL_T, .t.value = { octets, 8 } };
	struct mikey_csb_source src = {
		.crypto = f->crypto, .msg = msg, .keys = chain, .accept = &f->accept,
		.ctx.rand = { octets, 16 },
	};
	enum mikey_reason reason;
	size_t i;

	msg->hdr.n_cs = 2;
	msg->hdr.map_type = MIKEY_MAP_GENERIC;
	for (i = 0; i < 2; i++) {
		msg->hdr.cs[i].id = (uint32_t)i * 2 + 4;
		msg->hdr.cs[i].has_index = 1;
		msg->hdr.cs[i].policies = (struct mikey_view){ (const uint8_t *)"\7", 1 };
		msg->hdr.cs[i].session_data = view("SSRCROCCSQ");
		msg->hdr.cs[i].spi = view(i ? spi1 : spi0);
		chain->sub[i].type = MIKEY_PL_KEY;
		chain->sub[i].key.key_type = MIKEY_KEY_TEK_SALT;
		chain->sub[i].key.data = (struct mikey_view){ octets + i, 16 };
		chain->sub[i].key.salt = (struct mikey_view){ octets + 50, 14 };
		chain->sub[i].key.kv.kv = MIKEY_KV_SPI;
		chain->sub[i].key.kv.spi = view(i ? "two" : "one");
	}
	chain->n = 2;
	mikey_add(msg, &t);
	reason = mikey_csb_make(&src, csb, NULL);
	free(chain);
	free(msg);
	fixture_free(f);
	return reason;
}

static void test_generic(void)
{
	struct mikey_csb *csb = NULL;
	const struct mikey_session *s;
	enum mikey_reason reason = make_generic("two", "one", &csb);

	s = csb ? csb->sessions : NULL;
	check(!reason && s[0].cs_id == 4 && s[1].cs_id == 6 && s[0].ssrc == 0x53535243 &&
	      s[0].roc == 0x524f4343 && s[0].has_seq && s[0].seq == 0x5351 && s[0].n_keys == 1 &&
	      !memcmp(s[0].keys->mki, "two", 3) && !memcmp(s[1].keys->mki, "one", 3),
	      "GENERIC-ID: the SPI pairs sessions and TEKs, SSRC, ROC and SEQ are read");
	mikey_csb_free(csb);
	check(make_generic("two", "ten", &csb) == MIKEY_BAD_KEY && !csb,
	      "GENERIC-ID: an SPI that no key has is refused");
	check(make_generic("two", "two", &csb) == MIKEY_TEK_SHARED && !csb,
	      "GENERIC-ID: one TEK for two sessions is refused");
	check(make_generic("two", "", &csb) == MIKEY_AMBIGUOUS_KEYS && !csb,
	      "GENERIC-ID: a session that names none of several TEKs is refused");
}

int main(void)
{
	ktap_begin();
	test_keys();
	test_key_values();
	test_generic();
	return ktap_end();
}
