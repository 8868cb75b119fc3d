// SPDX-License-Identifier: GPL-2.0
/*
 * One initiator and many responders, RFC 3830 8.1: all get the same CSB ID, RAND,
 * sessions and keys, each in a message under its own pre-shared key.
 */
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "ktap.h"
#include "variant.h"

#define MEMBERS 5

/* Each member has a name and a key of its own */
static void become(struct fixture *f, unsigned int member)
{
	static char names[MEMBERS][32], keys[MEMBERS][20];

	snprintf(names[member], sizeof(names[member]), "sip:member%u@example.org", member);
	snprintf(keys[member], sizeof(keys[member]), "key of member %4u", member);
	f->init.idr.data = view(names[member]);
	f->init.creds.psk = view(keys[member]);
	f->bob_psk = f->init.creds.psk;
	f->bob_ids[0] = f->init.idr;
	f->now += MIKEY_SECONDS(1);
}

static bool same(const struct mikey_csb *a, const struct mikey_csb *b)
{
	return same_keys(a, b) && a->rand.len == b->rand.len &&
	       !memcmp(a->rand.data, b->rand.data, a->rand.len);
}

static void test_group(const char *what, void (*change)(struct fixture *f))
{
	struct fixture *f = fixture_new();
	struct mikey_csb *first = NULL;
	unsigned int i, alike = 0;

	f->bob_ssrc = 0;
	f->offer.verify = false;
	change(f);
	for (i = 0; i < MEMBERS; i++) {
		struct mikey_pending *pending;
		struct mikey_answer answer = { 0 };
		struct mikey_error err = { 0 };

		become(f, i);
		if (fixture_offer(f, &pending, &err) ||
		    fixture_respond(f, mikey_pending_message(pending), &answer, &err))
			note("member %u: %s", i, err.text);
		else if (!first)
			first = mikey_pending_take(pending);
		alike += first && answer.csb && same(first, answer.csb);
		mikey_answer_clear(&answer);
		mikey_pending_free(pending);
		f->offer.member = first;
		f->offer.n_cs = f->offer.n_policies = f->offer.n_keys = 0;
	}
	check(alike == MEMBERS, "%u members have the same bundle, %s (REQ-165)", alike, what);
	mikey_csb_free(first);
	fixture_free(f);
}

static void one_tgk(struct fixture *f)
{
	f->cs[0].roc = 7;
}

static void two_policies(struct fixture *f)
{
	mikey_suite_policy(mikey_suite_by_name("AES_CM_128_HMAC_SHA1_32"), &f->policies[1]);
	f->cs[1].policy_no = 1;
	f->offer.n_policies = 2;
}

/**
 * struct both - a bundle at the two ends of a member's exchange
 * @ours: the controller's
 * @theirs: the member's
 */
struct both {
	struct mikey_csb *ours;
	struct mikey_csb *theirs;
};

/* All members get the keys of the first one */
static void join_all(struct fixture *f, struct both *members)
{
	struct mikey_pending *pending;
	unsigned int i;

	for (i = 0; i < MEMBERS; i++) {
		struct mikey_answer answer = { 0 };

		become(f, i);
		if (fixture_offer(f, &pending, NULL) ||
		    fixture_respond(f, mikey_pending_message(pending), &answer, NULL))
			abort();
		members[i].ours = mikey_pending_take(pending);
		members[i].theirs = answer.csb;
		answer.csb = NULL;
		mikey_answer_clear(&answer);
		mikey_pending_free(pending);
		f->offer.member = members[0].ours;
		f->offer.n_cs = f->offer.n_policies = f->offer.n_keys = 0;
	}
	f->offer.member = NULL;
}

/* New keys, in a message that nobody gets */
static struct mikey_csb *next_keys(struct fixture *f, const struct mikey_csb *csb)
{
	struct mikey_pending *pending;
	struct mikey_csb *keys;

	become(f, 0);
	f->offer.update = csb;
	f->offer.n_keys = 1;
	if (fixture_offer(f, &pending, NULL))
		abort();
	keys = mikey_pending_take(pending);
	mikey_pending_free(pending);
	f->offer.n_keys = 0;
	return keys;
}

static bool is_updated(struct fixture *f, const struct both *member, const struct mikey_csb *keys)
{
	struct mikey_pending *pending;
	struct mikey_answer answer = { 0 };
	bool ok;

	f->offer.update = member->ours;
	f->offer.member = keys;
	f->bob_live = member->theirs;
	ok = !fixture_offer(f, &pending, NULL) &&
	     !fixture_respond(f, mikey_pending_message(pending), &answer, NULL) &&
	     answer.updated == member->theirs && same_keys(keys, answer.csb);
	mikey_answer_clear(&answer);
	mikey_pending_free(pending);
	return ok;
}

/* RFC 3830 4.5, 8.1: an update for each member, under its own key, with the same new keys */
static void test_updated(void)
{
	struct both members[MEMBERS] = { { NULL } };
	struct fixture *f = fixture_new();
	struct mikey_csb *keys;
	unsigned int i, good = 0;

	f->bob_ssrc = 0;
	f->offer.verify = false;
	join_all(f, members);
	keys = next_keys(f, members[0].ours);
	check(!same_keys(keys, members[0].ours), "an update to nobody makes other keys");
	for (i = 0; i < MEMBERS; i++) {
		become(f, i);
		good += is_updated(f, &members[i], keys);
		mikey_csb_free(members[i].ours);
		mikey_csb_free(members[i].theirs);
	}
	check(good == MEMBERS, "%u members are updated to the same keys, each by its own", good);
	mikey_csb_free(keys);
	fixture_free(f);
}

static void test_refused(void)
{
	struct fixture *f = fixture_new();
	struct mikey_pending *pending, *second;
	struct mikey_csb *csb;

	if (fixture_offer(f, &pending, NULL))
		abort();
	csb = mikey_pending_take(pending);
	f->offer.member = csb;
	f->offer.n_cs = f->offer.n_policies = 0;
	f->init.mode = MIKEY_DHHMAC_INIT;
	check(fixture_offer(f, &second, NULL) == MIKEY_USAGE,
	      "Diffie-Hellman makes no groups (REQ-078)");
	f->init.mode = MIKEY_PSK_INIT;
	csb->initiator = false;
	check(fixture_offer(f, &second, NULL) == MIKEY_WRONG_UPDATER,
	      "a responder does not hand on what it was given (REQ-070)");
	mikey_csb_free(csb);
	mikey_pending_free(pending);
	fixture_free(f);
}

int main(void)
{
	ktap_begin();
	test_group("from one TGK, with the ROC for late joiners", one_tgk);
	test_group("from two TGKs with MKIs", two_mkis);
	test_group("from a TEK with its salt", one_tek);
	test_group("with two policies", two_policies);
	test_group("with a GENERIC-ID map", generic_map);
	test_group("with the empty map", empty_map);
	test_group("with transforms of 256 bits", strong_transforms);
	test_updated();
	test_refused();
	return ktap_end();
}
