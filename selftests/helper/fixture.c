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

static uint32_t test_running(void *arg, void *peer, uint8_t cs_id, uint32_t *ssrc)
{
	struct fixture *f = arg;

	(void)peer;
	if (f->bob_roc && !*ssrc)
		*ssrc = 0x33333330 + cs_id;
	return f->bob_roc;
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
	f->bob.running = test_running;
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
