// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "pki.h"

/* 2026-01-01T00:00:00Z */
#define START ((uint64_t)(1767225600 + 2208988800ULL) << 32)

struct mikey_view view(const char *text)
{
	return (struct mikey_view){ (const uint8_t *)text, strlen(text) };
}

/* Anything but secret: a multiplicative generator */
static int test_random(void *arg, void *buf, size_t len)
{
	struct fixture *f = arg;
	uint8_t *p = buf;
	size_t n = len;

	if (f->random_fails && !--f->random_fails)
		return -1;
	while (len--) {
		f->seed = f->seed * 6364136223846793005ULL + 1442695040888963407ULL;
		*p++ = (uint8_t)(f->seed >> 56);
	}
	if (n == sizeof(f->drawn))
		memcpy(f->drawn, buf, n);
	return 0;
}

static bool test_lookup(void *arg, uint32_t csb_id, struct mikey_peer *peer)
{
	static int alice;
	struct fixture *f = arg;
	struct mikey_id id = f->init.idi;

	(void)csb_id;
	f->lookups++;
	if (!peer->idi.data.len)
		peer->idi = id;
	if (!f->bob_knows || !mikey_id_equal(&peer->idi, &id))
		return false;
	peer->creds = f->bob_creds;
	peer->creds.psk = f->bob_psk;
	peer->group = f->group;
	peer->modes = f->bob_modes;
	peer->accept = &f->accept;
	peer->peer = &alice;
	return true;
}

static bool test_sent(void *arg, uint32_t csb_id, const struct mikey_ts *ts)
{
	struct fixture *f = arg;

	(void)csb_id;
	(void)ts;
	return f->bob_sent;
}

static uint32_t test_ssrc(void *arg, void *peer, uint8_t cs_id)
{
	struct fixture *f = arg;

	(void)peer;
	return f->bob_ssrc ? f->bob_ssrc + cs_id : 0;
}

static const struct mikey_csb *test_live(void *arg, uint32_t csb_id, void *peer)
{
	struct fixture *f = arg;

	return peer && f->bob_live && f->bob_live->csb_id == csb_id ? f->bob_live : NULL;
}

static void set_up_alice(struct fixture *f)
{
	f->init.creds.psk = view("0123456789abcdef");
	f->init.idi = (struct mikey_id){ MIKEY_ID_URI, view("sip:alice@example.org") };
	f->init.idr = (struct mikey_id){ MIKEY_ID_URI, view("sip:bob@example.org") };
	f->init.encr_alg = MIKEY_ENCR_AES_CM_128;
	f->init.mac_alg = MIKEY_MAC_HMAC_SHA1;
	f->cs[0].ssrc = 0x11111111;
	f->offer.verify = true;
	f->offer.cs = f->cs;
	f->offer.n_cs = 2;
	mikey_policy_default(&f->policies[0]);
	f->offer.policies = f->policies;
	f->offer.n_policies = 1;
	f->offer.keys = f->keys;
	f->offer.accept = &f->accept;
}

static void set_up_bob(struct fixture *f)
{
	f->bob_knows = true;
	f->bob_modes = ~0u;
	f->bob_psk = f->init.creds.psk;
	f->bob_ssrc = 0x22222220;
	f->bob_ids[0] = f->init.idr;
	f->bob.env = f->env;
	f->bob.replay = mikey_replay_new(f->crypto, 16, MIKEY_SECONDS(60));
	f->bob.ids = f->bob_ids;
	f->bob.n_ids = 1;
	f->bob.lookup = test_lookup;
	f->bob.sent = test_sent;
	f->bob.choose_ssrc = test_ssrc;
	f->bob.live = test_live;
	f->bob.arg = f;
}

struct fixture *fixture_new(void)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct mikey_suite *all = mikey_suites(&f->accept.n_suites);
	size_t i;

	f->crypto = mikey_crypto_new(NULL, NULL);
	if (!f->crypto)
		abort();
	f->seed = 1;
	f->now = START;
	f->env = (struct mikey_env){ f->crypto, test_random, f };
	for (i = 0; i < f->accept.n_suites; i++)
		f->suites[i] = &all[i];
	f->accept.suites = f->suites;
	set_up_alice(f);
	set_up_bob(f);
	return f;
}

void fixture_uncertify(struct fixture *f)
{
	mikey_own_free(f->alice_own);
	mikey_own_free(f->bob_own);
	mikey_trust_free(f->alice_trust);
	mikey_trust_free(f->bob_trust);
	f->alice_own = f->bob_own = NULL;
	f->alice_trust = f->bob_trust = NULL;
}

void fixture_free(struct fixture *f)
{
	fixture_uncertify(f);
	mikey_replay_free(f->bob.replay);
	mikey_crypto_free(f->crypto);
	free(f);
}

enum mikey_reason fixture_offer(struct fixture *f, struct mikey_pending **pending,
				struct mikey_error *err)
{
	enum mikey_reason reason = mikey_clock_next(&f->clock, f->offer.ts.type, f->now,
						    &f->offer.ts);

	*pending = NULL;
	return reason ? reason : mikey_initiate(&f->env, &f->init, &f->offer, pending, err);
}

enum mikey_reason fixture_respond(struct fixture *f, struct mikey_view msg,
				  struct mikey_answer *answer, struct mikey_error *err)
{
	f->bob.now = f->now;
	return mikey_respond(&f->bob, msg.data, msg.len, answer, err);
}

static void keep(struct emitted *out, size_t *n, const char *name, struct mikey_view msg)
{
	if (*n == MAX_EMITTED || !msg.len)
		abort();
	out[*n].name = name;
	out[*n].msg = malloc(msg.len);
	out[*n].len = msg.len;
	memcpy(out[(*n)++].msg, msg.data, msg.len);
}

/**
 * struct kind - how an exchange differs from the plain one
 * @name: of the initiator's message
 * @reply: name of what comes back, NULL for nothing
 * @change: what is different
 */
struct kind {
	const char *name;
	const char *reply;
	void (*change)(struct fixture *f);
};

static void plain(struct fixture *f)
{
	(void)f;
}

static void no_answer(struct fixture *f)
{
	f->offer.verify = false;
}

static void aes_kw(struct fixture *f)
{
	f->init.encr_alg = MIKEY_ENCR_AES_KW_128;
}

static void strong(struct fixture *f)
{
	f->offer.prf = MIKEY_PRF_HMAC_SHA256;
	f->init.encr_alg = MIKEY_ENCR_AES_CM_256;
	f->init.mac_alg = MIKEY_MAC_HMAC_SHA256;
	mikey_suite_policy(mikey_suite_by_name("AEAD_AES_256_GCM"), &f->policies[0]);
}

static void bare(struct fixture *f)
{
	f->init.encr_alg = MIKEY_ENCR_NULL;
	f->init.mac_alg = MIKEY_MAC_NULL;
	f->accept.flags |= MIKEY_ALLOW_NULL;
}

static void two_keys(struct fixture *f)
{
	f->keys[0].kv = (struct mikey_kv_data){ .kv = MIKEY_KV_SPI, .spi = view("\1\2\3\4") };
	f->keys[1].kv = (struct mikey_kv_data){ .kv = MIKEY_KV_SPI, .spi = view("\1\2\3\5") };
	f->keys[1].type = MIKEY_KEY_TGK_SALT;
	f->offer.n_keys = 2;
}

static void intervals(struct fixture *f)
{
	static const uint8_t ends[4][6] = {
		{ 0 }, { 0, 0, 0, 255, 255, 255 }, { 0, 0, 1, 0, 0, 0 }, { 255, 255, 255, 0, 0, 0 },
	};

	f->keys[0].kv = (struct mikey_kv_data){ .kv = MIKEY_KV_INTERVAL,
						.from = { ends[0], 6 }, .to = { ends[1], 6 } };
	f->keys[1].kv = (struct mikey_kv_data){ .kv = MIKEY_KV_INTERVAL,
						.from = { ends[2], 6 }, .to = { ends[3], 6 } };
	f->offer.n_keys = 2;
}

static void tek(struct fixture *f)
{
	f->keys[0].type = MIKEY_KEY_TEK_SALT;
	f->offer.n_keys = 1;
	f->offer.n_cs = 1;
}

static void every_suite(struct fixture *f)
{
	size_t i;

	for (i = 0; i < 8; i++) {
		mikey_suite_policy(f->suites[i], &f->policies[i]);
		f->cs[i].policy_no = (uint8_t)i;
		f->cs[i].roc = (uint32_t)i;
	}
	f->policies[0].kdr = 1 << 20;
	f->policies[1].srtcp_encr = 0;
	f->accept.flags |= MIKEY_ALLOW_KDR | MIKEY_ALLOW_CLEAR_SRTCP;
	f->offer.n_cs = f->offer.n_policies = 8;
}

static void many_sessions(struct fixture *f)
{
	f->offer.n_cs = MIKEY_CS_MAX;
}

static void extended(struct fixture *f)
{
	static struct mikey_payload ext = { .type = MIKEY_PL_EXT };

	ext.ext.ext_type = MIKEY_EXT_SDP_IDS;
	ext.ext.data = view("mikey");
	f->offer.ext = &ext;
	f->offer.n_ext = 1;
}

static void ntp32(struct fixture *f)
{
	f->offer.ts.type = MIKEY_TS_NTP_UTC_32;
}

static void counter(struct fixture *f)
{
	f->offer.ts.type = MIKEY_TS_COUNTER;
	f->bob.counters = true;
}

static void wrong_key(struct fixture *f)
{
	f->bob_psk = view("another key here");
}

static void refused_suite(struct fixture *f)
{
	mikey_suite_policy(mikey_suite_by_name("NULL_HMAC_SHA1_80"), &f->policies[0]);
}

static void skewed(struct fixture *f)
{
	f->now += MIKEY_SECONDS(3600);
}

static void dhhmac(struct fixture *f)
{
	f->init.mode = MIKEY_DHHMAC_INIT;
}

static void dhhmac_strong(struct fixture *f)
{
	dhhmac(f);
	f->offer.prf = MIKEY_PRF_HMAC_SHA256;
	f->init.mac_alg = MIKEY_MAC_HMAC_SHA256;
}

static void dhhmac_mki(struct fixture *f)
{
	dhhmac(f);
	f->keys[0].kv = (struct mikey_kv_data){ .kv = MIKEY_KV_SPI, .spi = view("\1\2\3\4") };
	f->offer.n_keys = 1;
}

static void dhhmac_weak(struct fixture *f)
{
	dhhmac(f);
	f->init.dh_group = MIKEY_OAKLEY_2;
	f->accept.flags |= MIKEY_ALLOW_WEAK_DH;
}

static void dhhmac_refused(struct fixture *f)
{
	dhhmac(f);
	refused_suite(f);
}

static void ntp(struct fixture *f)
{
	f->offer.ts.type = MIKEY_TS_NTP;
}

static void generic_map(struct fixture *f)
{
	f->offer.map_type = MIKEY_MAP_GENERIC;
	f->cs[0].has_seq = true;
	f->cs[0].seq = 77;
	f->cs[1].cs_id = 6;
}

static void empty_map(struct fixture *f)
{
	f->offer.map_type = MIKEY_MAP_EMPTY;
	f->offer.n_cs = f->offer.n_policies = 0;
	f->accept.empty_map_cs = 2;
}

static void every_modifier(struct fixture *f)
{
	struct mikey_policy *p = &f->policies[0];

	p->kdr = 1 << 10;
	p->roc_rate = 100;
	p->srtp_auth_alg = MIKEY_SRTP_AUTH_RCCM2;
	p->srtp_tag_len = 14;
	p->srtcp_encr = 0;
	f->accept.flags |= MIKEY_ALLOW_KDR | MIKEY_ALLOW_RCC | MIKEY_ALLOW_CLEAR_SRTCP;
}

static void pk(struct fixture *f)
{
	fixture_certify(f, MIKEY_PK_INIT, NULL, NULL);
}

static void pk_pss(struct fixture *f)
{
	pk(f);
	f->init.creds.sign = MIKEY_PSS_SHA256;
	f->init.creds.cache = MIKEY_CACHE;
}

static void pk_refused(struct fixture *f)
{
	pk(f);
	refused_suite(f);
}

static void rsar(struct fixture *f)
{
	fixture_certify(f, MIKEY_RSAR_INIT, NULL, NULL);
}

static void rsar_group(struct fixture *f)
{
	static const struct mikey_cs_offer cs[1] = { { .ssrc = 0x33333333, .roc = 5 } };
	static struct mikey_group group = { .csb_id = 0xabcdef01, .cs = cs, .n_cs = 1 };

	rsar(f);
	group.rand = view("sixteen octets..");
	group.key.key = view("a group's TGK...");
	mikey_policy_default(&group.policy);
	f->group = &group;
	f->offer.group = true;
	f->offer.n_policies = f->offer.n_cs = 0;
}

static void rsar_refused(struct fixture *f)
{
	rsar(f);
	refused_suite(f);
}

static const struct kind kinds[] = {
	{ "PSK init", "PSK verification", plain },
	{ "PSK init, V=0", NULL, no_answer },
	{ "PSK init, AES-KW", "PSK verification, AES-KW", aes_kw },
	{ "PSK init, 256 bits", "PSK verification, 256 bits", strong },
	{ "PSK init, NULL", "PSK verification, NULL", bare },
	{ "PSK init, two TGKs with MKI", "PSK verification, MKI", two_keys },
	{ "PSK init, two TGKs with intervals", "PSK verification, intervals", intervals },
	{ "PSK init, TEK+SALT", "PSK verification, TEK+SALT", tek },
	{ "PSK init, eight policies", "PSK verification, eight policies", every_suite },
	{ "PSK init, 255 sessions", "PSK verification, 255 sessions", many_sessions },
	{ "PSK init, SDP IDs", "PSK verification, SDP IDs", extended },
	{ "PSK init, NTP-UTC-32", "PSK verification, NTP-UTC-32", ntp32 },
	{ "PSK init, COUNTER", "PSK verification, COUNTER", counter },
	{ "PSK init, wrong key", "Error, unauthenticated", wrong_key },
	{ "PSK init, refused suite", "Error, with policies", refused_suite },
	{ "PSK init, late", "Error, late", skewed },
	{ "PSK init, NTP", "PSK verification, NTP", ntp },
	{ "PSK init, GENERIC-ID", "PSK verification, GENERIC-ID", generic_map },
	{ "PSK init, empty map", "PSK verification, empty map", empty_map },
	{ "PSK init, modifiers", "PSK verification, modifiers", every_modifier },
	{ "DHHMAC init", "DHHMAC response", dhhmac },
	{ "DHHMAC init, 256 bits", "DHHMAC response, 256 bits", dhhmac_strong },
	{ "DHHMAC init, MKI", "DHHMAC response, MKI", dhhmac_mki },
	{ "DHHMAC init, OAKLEY 2", "DHHMAC response, OAKLEY 2", dhhmac_weak },
	{ "DHHMAC init, refused suite", "DHHMAC Error, with policies", dhhmac_refused },
	{ "PK init", "PK verification", pk },
	{ "PK init, PSS", "PK verification, PSS", pk_pss },
	{ "PK init, refused suite", "PK Error, with policies", pk_refused },
	{ "RSA-R init", "RSA-R response", rsar },
	{ "RSA-R init, group", "RSA-R response, group", rsar_group },
	{ "RSA-R init, refused suite", "RSA-R Error, signed", rsar_refused },
};

static void emit_kind(const struct kind *kind, struct emitted *out, size_t *n)
{
	struct fixture *f = fixture_new();
	struct mikey_pending *pending;
	struct mikey_answer answer;
	uint64_t start = f->now;

	kind->change(f);
	f->bob.now = f->now;
	f->now = start;
	if (fixture_offer(f, &pending, NULL))
		abort();
	keep(out, n, kind->name, mikey_pending_message(pending));
	/* Bob takes few suites, so that one can be refused */
	if (kind->change == refused_suite || kind->change == dhhmac_refused ||
	    kind->change == pk_refused || kind->change == rsar_refused)
		f->accept.n_suites = 4;
	mikey_respond(&f->bob, mikey_pending_message(pending).data,
		      mikey_pending_message(pending).len, &answer, NULL);
	if (kind->reply)
		keep(out, n, kind->reply, (struct mikey_view){ answer.msg, answer.len });
	mikey_answer_clear(&answer);
	mikey_pending_free(pending);
	fixture_free(f);
}

/* A bundle, then an update of it with a key and one without, whose messages are kept */
static void emit_updates(const char *const names[4], uint32_t mode, struct emitted *out, size_t *n)
{
	struct fixture *f = fixture_new();
	struct mikey_csb *alice = NULL, *bob = NULL;
	struct mikey_pending *pending;
	struct mikey_answer answer;
	int i;

	f->init.mode = mode;
	for (i = 0; i < 3; i++) {
		f->now += MIKEY_SECONDS(1);
		f->offer.n_keys = i == 1;
		if (fixture_offer(f, &pending, NULL) ||
		    fixture_respond(f, mikey_pending_message(pending), &answer, NULL) ||
		    mikey_pending_process(pending, answer.msg, answer.len, NULL, NULL))
			abort();
		if (i) {
			keep(out, n, names[2 * i - 2], mikey_pending_message(pending));
			keep(out, n, names[2 * i - 1],
			     (struct mikey_view){ answer.msg, answer.len });
		}
		mikey_csb_free(alice);
		mikey_csb_free(bob);
		f->offer.update = alice = mikey_pending_take(pending);
		f->bob_live = bob = answer.csb;
		answer.csb = NULL;
		mikey_answer_clear(&answer);
		mikey_pending_free(pending);
	}
	mikey_csb_free(alice);
	mikey_csb_free(bob);
	fixture_free(f);
}

static void emit_all_updates(struct emitted *out, size_t *n)
{
	static const char *const psk[] = {
		"PSK update, new TGK", "PSK update verification",
		"PSK update, no key", "PSK update verification, no key",
	};
	static const char *const dh[] = {
		"DHHMAC update, new value", "DHHMAC update response",
		"DHHMAC update, no value", "DHHMAC update response, no value",
	};

	emit_updates(psk, MIKEY_PSK_INIT, out, n);
	emit_updates(dh, MIKEY_DHHMAC_INIT, out, n);
}

size_t emit_all(struct emitted *out)
{
	size_t i, n = 0;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		emit_kind(&kinds[i], out, &n);
	emit_all_updates(out, &n);
	return n;
}

void emitted_free(struct emitted *list, size_t n)
{
	while (n--)
		free(list[n].msg);
}

long unhex(const char *text, uint8_t *out, size_t size)
{
	size_t n = 0;
	unsigned int octet;

	while (isxdigit((unsigned char)text[0])) {
		if (n == size || sscanf(text, "%2x", &octet) != 1 ||
		    !isxdigit((unsigned char)text[1]))
			return -1;
		out[n++] = (uint8_t)octet;
		text += 2;
	}
	return (long)n;
}

long read_sample(const char *path, uint8_t *out, size_t size)
{
	char text[8192];
	FILE *file = fopen(path, "r");
	size_t n = file ? fread(text, 1, sizeof(text), file) : 0;
	long len;

	if (file)
		fclose(file);
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	if (!n || n / 4 * 3 > size)
		return -1;
	len = EVP_DecodeBlock(out, (const unsigned char *)text, (int)n);
	return len < 0 ? -1 : len - (text[n - 1] == '=') - (text[n - 2] == '=');
}

const char *samples_dir(void)
{
	return TEST_SOURCES "/../samples";
}
