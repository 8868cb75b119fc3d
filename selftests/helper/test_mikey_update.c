// SPDX-License-Identifier: GPL-2.0
/*
 * Updates of a live bundle, RFC 3830 4.5, in every mode that has them: what has
 * to work, and what has to fail, each by its own reason.
 */
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "ktap.h"

/**
 * struct pair - alice and bob, and the bundle that they share
 * @f: the two parties
 * @alice: her bundle
 * @bob: his
 * @pending: her exchange
 * @answer: his answer
 * @reason: what the last step said
 * @err: and why
 */
struct pair {
	struct fixture *f;
	struct mikey_csb *alice;
	struct mikey_csb *bob;
	struct mikey_pending *pending;
	struct mikey_answer answer;
	enum mikey_reason reason;
	struct mikey_error err;
};

static const char *mode_name;
static uint32_t mode;

static void clear_exchange(struct pair *p)
{
	mikey_pending_free(p->pending);
	p->pending = NULL;
	mikey_answer_clear(&p->answer);
	memset(&p->err, 0, sizeof(p->err));
}

static void pair_free(struct pair *p)
{
	clear_exchange(p);
	mikey_csb_free(p->alice);
	mikey_csb_free(p->bob);
	fixture_free(p->f);
	free(p);
}

static void offer(struct pair *p)
{
	clear_exchange(p);
	p->f->now += MIKEY_SECONDS(1);
	p->reason = fixture_offer(p->f, &p->pending, &p->err);
}

static void respond(struct pair *p)
{
	if (!p->reason)
		p->reason = fixture_respond(p->f, mikey_pending_message(p->pending), &p->answer,
					    &p->err);
}

static void finish(struct pair *p)
{
	if (!p->reason)
		p->reason = mikey_pending_process(p->pending, p->answer.msg, p->answer.len, NULL,
						  &p->err);
}

/* Both put the new bundle in the place of the old one */
static void replace(struct pair *p)
{
	if (p->reason)
		return;
	mikey_csb_free(p->alice);
	mikey_csb_free(p->bob);
	p->alice = mikey_pending_take(p->pending);
	p->bob = p->answer.csb;
	p->answer.csb = NULL;
	p->f->bob_live = p->bob;
	p->f->offer.update = p->alice;
}

static void exchange(struct pair *p)
{
	offer(p);
	respond(p);
	finish(p);
	replace(p);
}

static void set_mki(struct pair *p, uint8_t last)
{
	static uint8_t mki[256][4];

	mki[last][3] = last;
	p->f->keys[0].kv = (struct mikey_kv_data){ .kv = MIKEY_KV_SPI, .spi = { mki[last], 4 } };
	p->f->offer.n_keys = 1;
}

static bool mode_signs(void)
{
	return mode == MIKEY_DH_INIT || mode == MIKEY_PK_INIT;
}

/* A bundle of two sessions whose key has the MKI 00000001 */
static struct pair *pair_new(void)
{
	struct pair *p = calloc(1, sizeof(*p));

	p->f = fixture_new();
	p->f->init.mode = mode;
	if (mode_signs() && fixture_certify(p->f, mode, NULL, NULL))
		abort();
	set_mki(p, 1);
	exchange(p);
	check(!p->reason && p->alice && p->bob && !p->answer.updated,
	      "%s: the first exchange", mode_name);
	/* From here on the policies are those of the bundle */
	p->f->offer.n_policies = 0;
	return p;
}

/* The same keys, and both were told the same of what changed */
static bool agree(const struct pair *p)
{
	size_t i;

	if (p->reason || !same_keys(p->alice, p->bob))
		return false;
	for (i = 0; i < p->alice->n_sessions; i++)
		if (p->alice->sessions[i].changes != p->bob->sessions[i].changes)
			return false;
	return true;
}

static void test_rekey(void)
{
	struct pair *p = pair_new();
	struct mikey_session_key old = p->alice->sessions[0].keys[0];
	uint32_t ssrc = p->alice->sessions[1].ssrc;
	const struct mikey_msg *msg;
	uint8_t mki[255];
	struct mikey_msg *parsed = malloc(sizeof(*parsed));

	check(mikey_next_mki(p->alice, mki) == 4 && mki[3] == 2, "%s: the next MKI", mode_name);
	p->f->keys[0].kv.spi = (struct mikey_view){ mki, 4 };
	offer(p);
	msg = parsed;
	check(!p->reason && !mikey_parse(parsed, mikey_pending_message(p->pending).data,
					 mikey_pending_message(p->pending).len, NULL) &&
	      msg->hdr.csb_id == p->alice->csb_id && !mikey_find(msg, MIKEY_PL_RAND, 0),
	      "%s: an update has the CSB ID and no RAND", mode_name);
	free(parsed);
	respond(p);
	check(!p->reason && p->answer.updated == p->bob, "%s: bob is told what it updates",
	      mode_name);
	finish(p);
	replace(p);
	check(agree(p), "%s: both have the same sessions and keys after a rekey", mode_name);
	check(!p->reason && memcmp(old.key, p->alice->sessions[0].keys[0].key, 16),
	      "%s: the keys are other ones", mode_name);
	check(!p->reason && p->alice->sessions[0].keys[0].mki[3] == 2 &&
	      p->alice->sessions[0].n_keys == 1, "%s: under the new MKI", mode_name);
	check(!p->reason && p->alice->sessions[0].changes == MIKEY_CS_REKEYED &&
	      p->alice->sessions[1].changes == MIKEY_CS_REKEYED,
	      "%s: the sessions are marked as rekeyed", mode_name);
	check(!p->reason && p->alice->sessions[1].ssrc == ssrc,
	      "%s: SSRCs stay what they were", mode_name);
	set_mki(p, 3);
	exchange(p);
	check(agree(p), "%s: and once again", mode_name);
	pair_free(p);
}

static void test_no_key(void)
{
	struct pair *p = pair_new();
	struct mikey_session_key old[2];

	old[0] = p->alice->sessions[0].keys[0];
	old[1] = p->bob->sessions[1].keys[0];
	p->f->offer.n_keys = 0;
	exchange(p);
	check(agree(p) && !memcmp(&old[0], &p->alice->sessions[0].keys[0], sizeof(old[0])) &&
	      !memcmp(&old[1], &p->bob->sessions[1].keys[0], sizeof(old[1])),
	      "%s: an update without a new TGK leaves the keys", mode_name);
	check(!p->reason && !p->bob->sessions[0].changes, "%s: and marks nothing", mode_name);
	pair_free(p);
}

static void test_more_sessions(void)
{
	struct pair *p = pair_new();
	struct mikey_session_key old = p->alice->sessions[0].keys[0];

	p->f->offer.n_keys = 0;
	p->f->offer.n_cs = 4;
	p->f->cs[2].ssrc = 0x33333333;
	exchange(p);
	check(agree(p) && p->alice->n_sessions == 4, "%s: sessions are added", mode_name);
	check(!p->reason && !memcmp(&old, &p->bob->sessions[0].keys[0], sizeof(old)) &&
	      !p->bob->sessions[0].changes, "%s: those that there were stay as they are",
	      mode_name);
	check(!p->reason && p->bob->sessions[2].changes == MIKEY_CS_ADDED &&
	      p->bob->sessions[2].ssrc == 0x33333333 &&
	      memcmp(old.key, p->bob->sessions[2].keys[0].key, 16) &&
	      p->bob->sessions[2].keys[0].mki[3] == 1,
	      "%s: new ones have keys of their own from the same TGK", mode_name);
	set_mki(p, 2);
	p->f->offer.n_cs = 0;
	exchange(p);
	check(agree(p) && p->bob->sessions[3].changes == MIKEY_CS_REKEYED,
	      "%s: a rekey without sessions is about all", mode_name);
	pair_free(p);
}

/* One thing is wrong with an update that alice makes in earnest */
static void expect(struct pair *p, enum mikey_reason reason, const char *what)
{
	offer(p);
	respond(p);
	check(p->reason == reason && !p->answer.csb && !p->answer.updated, "%s: %s (%s, exit %d)",
	      mode_name, what, mikey_reason_token(reason), mikey_reason_exit(reason));
	if (p->reason != reason)
		note("%s: %s", mikey_reason_token(p->reason), p->err.text);
	pair_free(p);
}

static void test_refused(void)
{
	struct pair *p = pair_new();

	p->f->bob_live = NULL;
	set_mki(p, 2);
	expect(p, MIKEY_UNKNOWN_CSB, "an update of a bundle that bob does not have");

	p = pair_new();
	p->bob->initiator = true;
	set_mki(p, 2);
	expect(p, MIKEY_WRONG_UPDATER, "an update by the responder of the bundle");

	p = pair_new();
	p->bob->ts.value += MIKEY_SECONDS(30);
	set_mki(p, 2);
	expect(p, MIKEY_STALE_UPDATE, "an update with a T before that of the bundle");

	p = pair_new();
	p->bob->data_type = mode == MIKEY_PK_INIT ? MIKEY_DH_INIT : MIKEY_PK_INIT;
	set_mki(p, 2);
	expect(p, MIKEY_ALG_CHANGED, "an update in another mode than the bundle");

	p = pair_new();
	((uint8_t *)p->bob->idi.data.data)[0] ^= 1;
	set_mki(p, 2);
	expect(p, MIKEY_WRONG_UPDATER, "an update by somebody else who is known");

	p = pair_new();
	set_mki(p, 1);
	expect(p, MIKEY_AMBIGUOUS_KEYS, "a new key under the old MKI");

	p = pair_new();
	p->f->keys[0].kv = (struct mikey_kv_data){ 0 };
	p->f->offer.n_keys = 1;
	expect(p, MIKEY_BAD_UPDATE, "a new key without MKI after one that had one");
}

/* Where a MAC protects the update */
static void test_mac_refused(void)
{
	struct pair *p = pair_new();

	p->bob->mac_alg = MIKEY_MAC_HMAC_SHA256;
	set_mki(p, 2);
	expect(p, MIKEY_ALG_CHANGED, "an update with a weaker MAC than the bundle");

	p = pair_new();
	((uint8_t *)p->bob->rand.data)[0] ^= 1;
	set_mki(p, 2);
	expect(p, MIKEY_AUTH_FAILED, "an update from another RAND");

	if (mode_signs())
		return;
	p = pair_new();
	p->f->bob_psk = view("0123456789abcdeF");
	set_mki(p, 2);
	expect(p, MIKEY_AUTH_FAILED, "an update with a wrong key");
}

/* Refusals that alice meets in her own message already */
static void test_initiator(void)
{
	struct pair *p = pair_new();

	p->alice->initiator = false;
	offer(p);
	check(p->reason == MIKEY_WRONG_UPDATER, "%s: a responder makes no update", mode_name);
	pair_free(p);

	p = pair_new();
	p->f->offer.n_cs = 1;
	offer(p);
	respond(p);
	check(p->reason == MIKEY_BAD_UPDATE, "%s: an update that leaves a session out", mode_name);
	pair_free(p);

	p = pair_new();
	p->f->cs[0].ssrc ^= 1;
	offer(p);
	respond(p);
	check(p->reason == MIKEY_BAD_UPDATE, "%s: an update with another SSRC", mode_name);
	pair_free(p);

	p = pair_new();
	mikey_suite_policy(mikey_suite_by_name("AES_256_CM_HMAC_SHA1_80"), &p->f->policies[0]);
	p->f->offer.n_policies = 1;
	p->f->offer.n_keys = 0;
	offer(p);
	respond(p);
	check(p->reason == MIKEY_BAD_UPDATE, "%s: another policy without another key", mode_name);
	p->f->offer.n_keys = 1;
	set_mki(p, 2);
	exchange(p);
	check(agree(p) &&
	      p->bob->sessions[0].changes == (MIKEY_CS_REKEYED | MIKEY_CS_REPOLICED) &&
	      p->bob->sessions[0].keys[0].key_len == 32,
	      "%s: another policy with another key is marked", mode_name);
	pair_free(p);
}

/*
 * The message that gave the first key, and the one that gave the second, come
 * again after the third; with the cache as it was, and after its loss.
 */
static void test_replay(void)
{
	struct pair *p = pair_new();
	struct mikey_answer answer;
	struct mikey_view msg;
	uint8_t *old;

	set_mki(p, 2);
	exchange(p);
	msg = mikey_pending_message(p->pending);
	old = malloc(msg.len);
	memcpy(old, msg.data, msg.len);
	msg.data = old;
	set_mki(p, 3);
	exchange(p);
	check(fixture_respond(p->f, msg, &answer, NULL) == MIKEY_REPLAYED && !answer.msg,
	      "%s: an old update is known to the replay cache", mode_name);
	mikey_answer_clear(&answer);
	mikey_replay_free(p->f->bob.replay);
	p->f->bob.replay = mikey_replay_new(p->f->crypto, 16, MIKEY_SECONDS(60));
	check(fixture_respond(p->f, msg, &answer, NULL) == MIKEY_STALE_UPDATE && !answer.csb,
	      "%s: without the cache, its T is too old for the bundle", mode_name);
	mikey_answer_clear(&answer);
	mikey_replay_free(p->f->bob.replay);
	p->f->bob.replay = mikey_replay_new(p->f->crypto, 16, MIKEY_SECONDS(60));
	p->f->bob_live = NULL;
	check(fixture_respond(p->f, msg, &answer, NULL) == MIKEY_UNKNOWN_CSB && !answer.csb,
	      "%s: after a restart, the bundle is gone", mode_name);
	mikey_answer_clear(&answer);
	free(old);
	pair_free(p);
}

/* Every octet of an update and of its response is covered */
static void test_covered(void)
{
	struct pair *p = pair_new();
	struct mikey_answer answer;
	struct mikey_view msg;
	size_t i, taken = 0;
	uint8_t *copy;

	set_mki(p, 2);
	offer(p);
	msg = mikey_pending_message(p->pending);
	copy = malloc(msg.len);
	for (i = 0; i < msg.len; i++) {
		memcpy(copy, msg.data, msg.len);
		copy[i] ^= 0x01;
		taken += !fixture_respond(p->f, (struct mikey_view){ copy, msg.len }, &answer,
					  NULL);
		mikey_answer_clear(&answer);
	}
	check(!taken, "%s: no update is taken with one of its %zu octets altered", mode_name,
	      msg.len);
	free(copy);
	respond(p);
	for (i = 0, taken = 0; !p->reason && i < p->answer.len; i++) {
		p->answer.msg[i] ^= 0x01;
		taken += !mikey_pending_process(p->pending, p->answer.msg, p->answer.len, NULL,
						NULL);
		p->answer.msg[i] ^= 0x01;
	}
	check(!p->reason && i && !taken, "%s: nor a response to it of %zu octets", mode_name, i);
	finish(p);
	check(!p->reason, "%s: the response as it was is taken", mode_name);
	pair_free(p);
}

static void test_mode(const char *name, uint32_t type)
{
	mode_name = name;
	mode = type;
	test_rekey();
	test_no_key();
	test_more_sessions();
	test_refused();
	if (mode != MIKEY_DH_INIT)
		test_mac_refused();
	test_initiator();
	test_replay();
	test_covered();
}

int main(void)
{
	ktap_begin();
	test_mode("psk", MIKEY_PSK_INIT);
	test_mode("dhhmac", MIKEY_DHHMAC_INIT);
	test_mode("dh", MIKEY_DH_INIT);
	test_mode("pk", MIKEY_PK_INIT);
	pki_free();
	return ktap_end();
}
