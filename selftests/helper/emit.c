// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "pki.h"
#include "variant.h"

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

static void aes_kw(struct fixture *f)
{
	f->init.encr_alg = MIKEY_ENCR_AES_KW_128;
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

static void refused_suite(struct fixture *f)
{
	mikey_suite_policy(mikey_suite_by_name("NULL_HMAC_SHA1_80"), &f->policies[0]);
}

static void skewed(struct fixture *f)
{
	f->now += MIKEY_SECONDS(3600);
}

/* What a member of a group gets: each SSRC is named, and that of the member again */
static void grouped(struct fixture *f)
{
	static struct mikey_payload ext = { .type = MIKEY_PL_EXT };

	ext.ext.ext_type = MIKEY_EXT_VENDOR_ID;
	ext.ext.data = view("ksrtp-group:22222222");
	f->offer.ext = &ext;
	f->offer.n_ext = 1;
	f->cs[0].ssrc = 0x11111111;
	f->cs[0].roc = 1;
	f->cs[1].ssrc = 0x22222222;
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
	one_mki(f);
}

static void dhhmac_weak(struct fixture *f)
{
	dhhmac(f);
	weak_group(f);
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
	rsar(f);
	group_member(f);
}

static void rsar_refused(struct fixture *f)
{
	rsar(f);
	refused_suite(f);
}

static void dh(struct fixture *f)
{
	fixture_certify(f, MIKEY_DH_INIT, NULL, NULL);
}

static void dh_pss(struct fixture *f)
{
	dh(f);
	one_mki(f);
	f->init.creds.sign = f->bob_creds.sign = MIKEY_PSS_SHA256;
}

static void dh_refused(struct fixture *f)
{
	dh(f);
	refused_suite(f);
}

static const struct kind kinds[] = {
	{ "PSK init", "PSK verification", plain },
	{ "PSK init, V=0", NULL, without_v },
	{ "PSK init, AES-KW", "PSK verification, AES-KW", aes_kw },
	{ "PSK init, 256 bits", "PSK verification, 256 bits", strong_transforms },
	{ "PSK init, NULL", "PSK verification, NULL", bare_keys },
	{ "PSK init, two TGKs with MKI", "PSK verification, MKI", two_mkis },
	{ "PSK init, two TGKs with intervals", "PSK verification, intervals", intervals },
	{ "PSK init, TEK+SALT", "PSK verification, TEK+SALT", one_tek },
	{ "PSK init, eight policies", "PSK verification, eight policies", every_suite },
	{ "PSK init, 255 sessions", "PSK verification, 255 sessions", many_sessions },
	{ "PSK init, SDP IDs", "PSK verification, SDP IDs", extended },
	{ "PSK init, group", "PSK verification, group", grouped },
	{ "PSK init, NTP-UTC-32", "PSK verification, NTP-UTC-32", ntp32 },
	{ "PSK init, COUNTER", "PSK verification, COUNTER", counter_time },
	{ "PSK init, wrong key", "Error, unauthenticated", wrong_psk },
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
	{ "DH init", "DH response", dh },
	{ "DH init, PSS and MKI", "DH response, PSS and MKI", dh_pss },
	{ "DH init, refused suite", "DH Error, signed", dh_refused },
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
	if (strstr(kind->name, "refused suite"))
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
static void emit_updates(const char *const names[4], uint32_t mode, uint32_t cache,
			 struct emitted *out, size_t *n)
{
	struct fixture *f = fixture_new();
	struct mikey_csb *alice = NULL, *bob = NULL;
	struct mikey_pending *pending;
	struct mikey_answer answer;
	int i;

	if (mode == MIKEY_DH_INIT || mode == MIKEY_PK_INIT)
		fixture_certify(f, mode, NULL, NULL);
	f->init.mode = mode;
	f->init.creds.cache = cache;
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
	static const char *const psk_names[] = {
		"PSK update, new TGK", "PSK update verification",
		"PSK update, no key", "PSK update verification, no key",
	};
	static const char *const dhhmac_names[] = {
		"DHHMAC update, new value", "DHHMAC update response",
		"DHHMAC update, no value", "DHHMAC update response, no value",
	};

	static const char *const dh_names[] = {
		"DH update, new value", "DH update response",
		"DH update, no value", "DH update response, no value",
	};
	static const char *const pk_names[] = {
		"PK update under the envelope key", "PK update verification",
		"PK update, no key", "PK update verification, no key",
	};
	static const char *const envelope_names[] = {
		"PK update, another envelope", "PK update verification, another envelope",
		"PK update, another envelope, no key",
		"PK update verification, another envelope, no key",
	};

	emit_updates(psk_names, MIKEY_PSK_INIT, MIKEY_NO_CACHE, out, n);
	emit_updates(dhhmac_names, MIKEY_DHHMAC_INIT, MIKEY_NO_CACHE, out, n);
	emit_updates(dh_names, MIKEY_DH_INIT, MIKEY_NO_CACHE, out, n);
	emit_updates(pk_names, MIKEY_PK_INIT, MIKEY_CACHE_CSB, out, n);
	emit_updates(envelope_names, MIKEY_PK_INIT, MIKEY_NO_CACHE, out, n);
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
