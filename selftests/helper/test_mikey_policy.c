// SPDX-License-Identifier: GPL-2.0
/*
 * SRTP policies, and the keys that sessions get: defaults, traps, refusals.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

static enum mikey_reason parse(const char *hex, uint32_t flags, struct mikey_policy *policy,
			       struct mikey_error *err)
{
	uint8_t buf[256];
	struct mikey_payload sp = { .type = MIKEY_PL_SP, .offset = 42 };

	sp.sp.params = (struct mikey_view){ buf, (size_t)unhex(hex, buf, sizeof(buf)) };
	return mikey_policy_parse(&sp, flags, policy, err);
}

static const struct {
	const char *what;
	const char *hex;
	uint32_t flags;
	const char *suite;
} good[] = {
	{ "an SP without parameters has SRTP's defaults (REQ-141)", "", 0,
	  "AES_CM_128_HMAC_SHA1_80" },
	{ "AES-CM with a key of 24", "010118", 0, "AES_192_CM_HMAC_SHA1_80" },
	{ "AES-CM with a key of 32", "010120", 0, "AES_256_CM_HMAC_SHA1_80" },
	{ "tag length 4 is the _32 suite, SRTCP keeps 10 (T-18)", "0b0104", 0,
	  "AES_CM_128_HMAC_SHA1_32" },
	{ "types 18 and 19 override type 11 (REQ-144)", "0b010a" "120104" "13010a", 0,
	  "AES_CM_128_HMAC_SHA1_32" },
	{ "F8", "000102", 0, "F8_128_HMAC_SHA1_80" },
	{ "NULL", "000100", 0, "NULL_HMAC_SHA1_80" },
	{ "GCM without type 2 has no HMAC", "000106", 0, "AEAD_AES_128_GCM" },
	{ "GCM as GStreamer writes it", "000106" "010120" "020100" "030100" "070101" "080101"
	  "0a0101", 0, "AEAD_AES_256_GCM" },
	{ "GCM with its tag length", "000106" "140110" "04010c", 0, "AEAD_AES_128_GCM" },
	{ "GCM with type 10 off: there is no separate function", "000106" "0a0100", 0,
	  "AEAD_AES_128_GCM" },
	{ "ARIA-CTR needs its PRF", "000107" "050102", 0, "ARIA_128_CTR_HMAC_SHA1_80" },
	{ "ARIA-GCM", "000108" "010120" "050102", 0, "AEAD_ARIA_256_GCM" },
	{ "SEED-CTR", "000103" "050101", 0, "SEED_CTR_128_HMAC_SHA1_80" },
	{ "SEED-CCM", "000104" "050101", 0, "SEED_128_CCM_80" },
	{ "SEED-GCM", "000105" "050101" "14010c", 0, "SEED_128_GCM_96" },
	{ "the group profile of 3GPP: GCM with RCCm3", "000106" "010110" "020104" "04010c" "050100"
	  "060100" "0d020001" "120104" "130100" "140110", 0, "AEAD_AES_128_GCM" },
	{ "RCCm2 over AES-CM", "0e0103" "0d02000a" "12010e", 0, "AES_CM_128_HMAC_SHA1_80" },
	{ "compat: authentication key length 10 is the tag length", "03010a",
	  MIKEY_COMPAT_AUTH_KEY_LEN, "AES_CM_128_HMAC_SHA1_80" },
	{ "compat: authentication key length 4 is the tag length", "030104",
	  MIKEY_COMPAT_AUTH_KEY_LEN, "AES_CM_128_HMAC_SHA1_32" },
};

static const struct {
	const char *what;
	const char *hex;
	enum mikey_reason reason;
} bad[] = {
	{ "strict: authentication key length 10 fits no suite", "03010a", MIKEY_UNSUP_SUITE },
	{ "GCM with HMAC as well", "000106" "020101", MIKEY_UNSUP_SUITE },
	{ "GCM with a key of 24", "000106" "010118", MIKEY_UNSUP_SUITE },
	{ "GCM with a salt of 14", "000106" "04010e", MIKEY_UNSUP_SUITE },
	{ "AES-CM with a tag of 8", "0b0108" "13010a", MIKEY_UNSUP_SUITE },
	{ "ARIA-CTR with the PRF of AES", "000107", MIKEY_UNSUP_SUITE },
	{ "AES-CM with a key of 20", "010114", MIKEY_UNSUP_SUITE },
	{ "a cipher of unknown number", "000109", MIKEY_BAD_POLICY },
	{ "a key of 8 octets", "010108", MIKEY_BAD_POLICY },
	{ "an authentication of unknown number", "020105", MIKEY_BAD_POLICY },
	{ "a PRF of unknown number", "050103", MIKEY_BAD_POLICY },
	{ "a parameter of unknown type", "150101", MIKEY_BAD_POLICY },
	{ "a parameter of two octets that has one", "00020001", MIKEY_BAD_POLICY },
	{ "a parameter without a value", "0000", MIKEY_BAD_POLICY },
	{ "a parameter twice (T-25)", "000101" "000101", MIKEY_BAD_POLICY },
	{ "a key derivation rate of 3 (REQ-149)", "060103", MIKEY_BAD_POLICY },
	{ "a key derivation rate of 2^25", "060402000000", MIKEY_BAD_POLICY },
	{ "a key derivation rate of 5 octets", "06050000000001", MIKEY_BAD_POLICY },
	{ "encryption neither on nor off", "070102", MIKEY_BAD_POLICY },
	{ "FEC after SRTP", "090101", MIKEY_BAD_POLICY },
	{ "a prefix (REQ-148)", "0c0104", MIKEY_BAD_POLICY },
	{ "GCM without encryption (REQ-145)", "000106" "070100", MIKEY_BAD_POLICY },
	{ "GCM with a tag of 12", "000106" "14010c", MIKEY_BAD_POLICY },
	{ "AES-CM with an AEAD tag", "140110", MIKEY_BAD_POLICY },
	{ "SRTCP without authentication (REQ-146)", "020100", MIKEY_BAD_POLICY },
	{ "an SRTCP tag of 4", "130104", MIKEY_BAD_POLICY },
	{ "RCC for SRTCP (REQ-147)", "0f0102", MIKEY_BAD_POLICY },
	{ "a ROC rate of 0", "0e0103" "0d020000", MIKEY_BAD_POLICY },
	{ "a ROC rate without RCC", "0d020001", MIKEY_BAD_POLICY },
	{ "RCCm3 with a tag of 14", "0e0104" "12010e", MIKEY_BAD_POLICY },
	{ "RCCm1 with a tag of 3", "0e0102" "120103", MIKEY_BAD_POLICY },
};

static void test_parse(void)
{
	struct mikey_policy policy;
	struct mikey_error err;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct mikey_suite *suite = NULL;
		enum mikey_reason reason = parse(good[i].hex, good[i].flags, &policy, &err);

		if (!reason)
			suite = mikey_suite_of(&policy);
		if (!check(suite && !strcmp(suite->name, good[i].suite), "%s: %s", good[i].what,
			   good[i].suite))
			note("%s", reason ? err.text : suite ? suite->name : "no suite");
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		enum mikey_reason reason = parse(bad[i].hex, 0, &policy, &err);

		if (!reason && !mikey_suite_of(&policy))
			reason = MIKEY_UNSUP_SUITE;
		if (!check(reason == bad[i].reason, "refused: %s", bad[i].what))
			note("%s", mikey_reason_token(reason));
	}
}

static void test_values(void)
{
	struct mikey_policy p;

	parse("", 0, &p, NULL);
	check(p.key_len == 16 && p.salt_len == 14 && p.srtp_encr && p.srtcp_encr && p.srtp_auth &&
	      !p.kdr && !p.fec && !p.prefix_len && p.srtp_tag_len == 10 && p.srtcp_tag_len == 10 &&
	      p.srtp_auth_key_len == 20 && p.srtcp_auth_key_len == 20 && !p.aead_tag_len,
	      "the defaults are those of RFC 3711 5 and 8.2");
	parse("0604" "01000000", 0, &p, NULL);
	check(p.kdr == 1 << 24, "a key derivation rate of 4 octets is read (T-19)");
	parse("0602" "0400", 0, &p, NULL);
	check(p.kdr == 1024, "a key derivation rate of 2 octets is read");
	parse("000106" "020104" "0d020005" "120104" "130100", 0, &p, NULL);
	check(p.srtp_auth_alg == MIKEY_SRTP_AUTH_RCCM3 && p.roc_rate == 5 && p.srtp_tag_len == 4 &&
	      p.srtcp_auth_alg == MIKEY_SRTP_AUTH_NULL && !p.srtcp_tag_len,
	      "RCC as general algorithm is for RTP alone");
}

static bool policies_equal(const struct mikey_policy *a, const struct mikey_policy *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void test_build(void)
{
	size_t i, n, wrong = 0;
	const struct mikey_suite *suites = mikey_suites(&n);
	struct mikey_policy policy, back;
	uint8_t buf[MIKEY_POLICY_MAX];
	struct mikey_payload sp = { .type = MIKEY_PL_SP };

	for (i = 0; i < n * 16; i++) {
		mikey_suite_policy(&suites[i / 16], &policy);
		policy.kdr = i & 1 ? 1 << i % 25 : 0;
		policy.srtcp_encr = i >> 1 & 1;
		if (!policy.aead_tag_len) {
			policy.srtp_encr = i >> 2 & 1;
			policy.srtp_auth = i >> 3 & 1;
		}
		sp.sp.params = (struct mikey_view){ buf, mikey_policy_build(&policy, buf) };
		if (mikey_policy_parse(&sp, 0, &back, NULL) || !policies_equal(&policy, &back) ||
		    mikey_suite_of(&back) != &suites[i / 16] ||
		    mikey_suite_by_name(suites[i / 16].name) != &suites[i / 16])
			wrong++;
	}
	check(!wrong && n == 20, "all %zu suites with all switches go to octets and back", n);
	parse("000106" "020104" "0d020005" "120104" "130100", 0, &policy, NULL);
	sp.sp.params = (struct mikey_view){ buf, mikey_policy_build(&policy, buf) };
	check(!mikey_policy_parse(&sp, 0, &back, NULL) && policies_equal(&policy, &back),
	      "a policy with RCC goes to octets and back");
	check(!mikey_suite_by_name("aes_cm_128_hmac_sha1_80"), "names of suites are as registered");
}

static void test_accept(void)
{
	static const struct {
		const char *what;
		const char *hex;
		uint32_t flag;
	} list[] = {
		{ "unencrypted SRTP", "070100", MIKEY_ALLOW_CLEAR_SRTP },
		{ "unencrypted SRTCP", "080100", MIKEY_ALLOW_CLEAR_SRTCP },
		{ "unauthenticated SRTP", "0a0100", MIKEY_ALLOW_UNAUTH_SRTP },
		{ "a key derivation rate", "060110", MIKEY_ALLOW_KDR },
		{ "RCC", "0e0103", MIKEY_ALLOW_RCC },
	};
	struct fixture *f = fixture_new();
	const struct mikey_suite *suite;
	struct mikey_policy policy;
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		bool refused, allowed;

		parse(list[i].hex, 0, &policy, NULL);
		f->accept.flags = ~list[i].flag;
		refused = mikey_policy_accept(&policy, &f->accept, 0, &suite, NULL) ==
			  MIKEY_POLICY_REFUSED;
		f->accept.flags = list[i].flag;
		allowed = !mikey_policy_accept(&policy, &f->accept, 0, &suite, NULL);
		check(refused && allowed, "%s is taken if allowed, and only then", list[i].what);
	}
	f->accept.n_suites = 0;
	check(mikey_policy_accept(&policy, &f->accept, 0, &suite, NULL) == MIKEY_SUITE_REFUSED,
	      "an empty list of suites accepts none");
	fixture_free(f);
}

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
	test_parse();
	test_values();
	test_build();
	test_accept();
	test_keys();
	test_key_values();
	test_generic();
	return ktap_end();
}
