// SPDX-License-Identifier: GPL-2.0
/*
 * Diffie-Hellman with HMAC, RFC 4650: both roles, what has to work and what has
 * to fail, and values and secrets with leading zeros.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "mikey/group.h"
#include "tamper.h"
#include "variant.h"

static void test_exchange(void)
{
	struct call *c = call_made(MIKEY_DHHMAC_INIT, NULL, NULL);
	struct mikey_msg *msg;
	const struct mikey_csb *a;

	check(!c->reason && c->answer.csb && c->answer.authenticated, "bob takes alice's message");
	check(!mikey_pending_csb(c->pending), "alice has no bundle before bob's value has come");
	msg = parsed(answer_of(c));
	check(msg->hdr.data_type == MIKEY_DHHMAC_RESP && !mikey_validate(msg, NULL) &&
	      mikey_find(msg, MIKEY_PL_DH, 1) && mikey_find(msg, MIKEY_PL_ID, 1) &&
	      !mikey_find(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_data.len &&
	      mikey_find(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_alg == MIKEY_ENCR_NULL &&
	      mikey_find(msg, MIKEY_PL_KEMAC, 0)->kemac.mac_alg == MIKEY_MAC_HMAC_SHA1,
	      "the response has both values, both identities, and a KEMAC without data "
	      "(REQ-077, REQ-080, REQ-081)");
	call_process(c);
	a = mikey_pending_csb(c->pending);
	check(!c->reason && a, "alice takes the response");
	check(!c->reason && same_keys(a, c->answer.csb), "both have the same keys");
	check(!c->reason && a->sessions[1].ssrc == 0x22222222, "and bob's SSRC");
	free(msg);
	call_free(c);
}

static void strong(struct fixture *f)
{
	f->offer.prf = MIKEY_PRF_HMAC_SHA256;
	f->init.mac_alg = MIKEY_MAC_HMAC_SHA256;
}

static void weakest_allowed(struct fixture *f)
{
	weak_group(f);
	f->init.dh_group = MIKEY_OAKLEY_1;
}

static void test_variants(void)
{
	static const struct {
		const char *what;
		void (*change)(struct fixture *f);
	} variants[] = {
		{ "V=0 changes nothing: there is always a response (REQ-013)", without_v },
		{ "with the algorithms of 256 bits", strong },
		{ "in the group OAKLEY 2, where that is allowed", weak_group },
		{ "in the group OAKLEY 1, where that is allowed", weakest_allowed },
		{ "with an MKI", one_mki },
		{ "with an interval", one_interval },
		{ "with a GENERIC-ID map", generic_map },
		{ "with the empty map (RFC 4563)", empty_map },
		{ "with a COUNTER for T", counter_time },
	};
	size_t i;

	for (i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		struct call *c = call_made(MIKEY_DHHMAC_INIT, NULL, variants[i].change);
		const struct mikey_csb *a = NULL;

		if (!c->reason)
			call_process(c);
		if (!c->reason)
			a = mikey_pending_csb(c->pending);
		check(a && a->n_sessions == 2 && same_keys(a, c->answer.csb), "an exchange %s",
		      variants[i].what);
		call_note(c);
		call_free(c);
	}
}

static void other_modes(struct fixture *f)
{
	f->bob_modes = MIKEY_MODE_BIT(MIKEY_PSK_INIT);
}

static void other_suites(struct fixture *f)
{
	mikey_suite_policy(mikey_suite_by_name("SEED_128_GCM_96"), &f->policies[0]);
	f->accept.n_suites = 4;
}

/* What bob says to a message that alice would not even have made here */
static void test_initiator_refuses(void)
{
	struct call *c = call_new(MIKEY_DHHMAC_INIT, NULL);

	c->f->init.dh_group = MIKEY_OAKLEY_2;
	call_offer(c);
	check(c->reason == MIKEY_DH_REFUSED, "OAKLEY 2 is refused by default (REQ-076)");
	c->f->init.dh_group = MIKEY_OAKLEY_1;
	call_offer(c);
	check(c->reason == MIKEY_DH_REFUSED, "OAKLEY 1 is refused by default");
	c->f->init.dh_group = 14;
	call_offer(c);
	check(c->reason == MIKEY_UNSUP_DH, "a number of IKE is no group of MIKEY (T-28)");
	c->f->init.dh_group = 0;
	c->f->init.mac_alg = MIKEY_MAC_NULL;
	c->f->accept.flags = MIKEY_ALLOW_NULL;
	call_offer(c);
	check(c->reason == MIKEY_NULL_MAC, "without a MAC nothing is sent, whatever is allowed");
	c->f->init.mac_alg = MIKEY_MAC_HMAC_SHA1;
	c->f->offer.n_keys = 2;
	call_offer(c);
	check(c->reason == MIKEY_USAGE, "there is one TGK");
	c->f->offer.n_keys = 1;
	c->f->keys[0].key = view("0123456789abcdef");
	call_offer(c);
	check(c->reason == MIKEY_USAGE, "a TGK cannot be chosen");
	call_free(c);
}

static void test_refusals(void)
{
	static const struct {
		const char *what;
		void (*change)(struct fixture *f);
		enum mikey_reason reason;
		unsigned int err_no;
		bool verified;
	} cases[] = {
		{ "a wrong key", wrong_psk, MIKEY_AUTH_FAILED, 0, false },
		{ "a stranger", stranger, MIKEY_UNKNOWN_PEER, 0, false },
		{ "a mode that is not this peer's", other_modes, MIKEY_MODE_REFUSED, 0, false },
		{ "a suite that is refused", other_suites, MIKEY_SUITE_REFUSED, 10, true },
	};
	size_t i;
	uint32_t proof;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct call *c = call_new(MIKEY_DHHMAC_INIT, NULL);
		size_t n = c->f->accept.n_suites;

		cases[i].change(c->f);
		c->f->accept.n_suites = n;
		call_offer(c);
		cases[i].change(c->f);
		call_respond(c);
		check(c->reason == cases[i].reason, "%s is refused (%s, exit %d)", cases[i].what,
		      mikey_reason_token(cases[i].reason), mikey_reason_exit(cases[i].reason));
		check((call_error(c, &proof) == cases[i].err_no ||
		       cases[i].reason == MIKEY_MODE_REFUSED) &&
		      proof == (cases[i].verified ? MIKEY_PL_KEMAC : 0),
		      "%s gets an Error %s (REQ-085, RFC 4650 4.1)", cases[i].what,
		      cases[i].verified ? "with a MAC in a KEMAC" : "that proves nothing");
		if (c->answer.msg)
			call_process(c);
		check(c->reason == (proof ? MIKEY_PEER_ERROR : MIKEY_PEER_HINT),
		      "alice takes it for what it is");
		call_free(c);
	}
}

/* Every octet of both messages is covered by the MAC of the message */
static void test_covered(void)
{
	struct call *c = call_made(MIKEY_DHHMAC_INIT, NULL, NULL);

	check(!tampered_requests(c, 0x10, 1),
	      "no request is taken with one of its %zu octets altered",
	      mikey_pending_message(c->pending).len);
	check(c->answer.len && !tampered_answers(c, 0x10, 1),
	      "no response is taken with one of its %zu octets altered", c->answer.len);
	call_free(c);
}

/*
 * T-13: values and secrets that begin with a zero octet, one in 256 of each.
 * The exponents of the fixture are deterministic, so these are found by trying
 * seeds, and both sides must come to the same keys for each.
 */
static void test_leading_zeros(void)
{
	struct fixture *f = fixture_new();
	unsigned int seed, values = 0, secrets = 0, wrong = 0;
	struct group_key a, b;
	uint8_t x[GROUP_MAX], y[GROUP_MAX];

	for (seed = 1; seed < 4000 && (!values || !secrets); seed++) {
		f->seed = seed;
		if (group_key_new(&f->env, MIKEY_OAKLEY_1, &a, NULL) ||
		    group_key_new(&f->env, MIKEY_OAKLEY_1, &b, NULL))
			abort();
		memset(x, 0xaa, sizeof(x));
		memset(y, 0x55, sizeof(y));
		if (group_agree(&a, (struct mikey_view){ b.value, 96 }, x, 0, NULL) ||
		    group_agree(&b, (struct mikey_view){ a.value, 96 }, y, 0, NULL))
			abort();
		wrong += memcmp(x, y, 96) || x[96] != 0xaa;
		values += !a.value[0];
		secrets += !x[0];
		group_key_clear(&a);
		group_key_clear(&b);
	}
	check(values && secrets && !wrong,
	      "values and secrets with leading zeros keep their length (%u seeds, T-13)", seed);
	fixture_free(f);
}

static void no_random(struct fixture *f)
{
	f->random_fails = 3;
}

static void test_no_random(void)
{
	struct call *c = call_made(MIKEY_DHHMAC_INIT, NULL, no_random);

	check(c->reason == MIKEY_NO_RANDOM && !c->pending,
	      "without random octets there is no value");
	call_free(c);
	c = call_new(MIKEY_DHHMAC_INIT, NULL);
	call_offer(c);
	c->f->random_fails = 1;
	call_respond(c);
	check(c->reason == MIKEY_NO_RANDOM && !c->answer.csb && !c->answer.msg,
	      "nor at the responder, which says nothing of it");
	call_free(c);
}

int main(void)
{
	ktap_begin();
	test_exchange();
	test_variants();
	test_initiator_refuses();
	test_refusals();
	test_covered();
	test_leading_zeros();
	test_no_random();
	return ktap_end();
}
