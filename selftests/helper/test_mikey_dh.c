// SPDX-License-Identifier: GPL-2.0
/*
 * Signed Diffie-Hellman, RFC 3830 3.3: both roles, and every rule once broken by
 * somebody who can sign. Certificates as such are tested with the public-key mode.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"
#include "mikey/sign.h"
#include "pki.h"

/**
 * struct call - an exchange
 * @f: the two parties, with certificates
 * @pending: alice's
 * @answer: bob's
 * @reason: what the last step said
 * @err: and why
 */
struct call {
	struct fixture *f;
	struct mikey_pending *pending;
	struct mikey_answer answer;
	enum mikey_reason reason;
	struct mikey_error err;
};

static struct call *call_new(const struct pki_change *change)
{
	struct call *c = calloc(1, sizeof(*c));

	c->f = fixture_new();
	if (fixture_certify(c->f, MIKEY_DH_INIT, change, &c->err))
		note("%s", c->err.text);
	return c;
}

static void call_free(struct call *c)
{
	mikey_answer_clear(&c->answer);
	mikey_pending_free(c->pending);
	fixture_free(c->f);
	free(c);
}

static void offer(struct call *c)
{
	c->reason = fixture_offer(c->f, &c->pending, &c->err);
}

static void respond_to(struct call *c, struct mikey_view msg)
{
	mikey_answer_clear(&c->answer);
	c->reason = fixture_respond(c->f, msg, &c->answer, &c->err);
}

static void process(struct call *c, struct mikey_view msg)
{
	c->reason = mikey_pending_process(c->pending, msg.data, msg.len, NULL, &c->err);
}

static void respond(struct call *c)
{
	if (!c->reason)
		respond_to(c, mikey_pending_message(c->pending));
}

static struct mikey_view answer_of(const struct call *c)
{
	return (struct mikey_view){ c->answer.msg, c->answer.len };
}

static bool agree(const struct call *c)
{
	const struct mikey_csb *a = mikey_pending_csb(c->pending), *b = c->answer.csb;

	return !c->reason && a && b && a->n_sessions == 2 && b->n_sessions == 2 &&
	       !memcmp(a->sessions[0].keys, b->sessions[0].keys, sizeof(*a->sessions[0].keys)) &&
	       !memcmp(a->sessions[1].keys, b->sessions[1].keys, sizeof(*a->sessions[1].keys));
}

static void test_signatures(void)
{
	static const char *const names[] = {
		"PKCS #1 v1.5 with SHA-1", "PKCS #1 v1.5 with SHA-256", "PSS with SHA-1",
		"PSS with SHA-256",
	};
	unsigned int sign;

	for (sign = 0; sign < MIKEY_SIGNATURE_COUNT; sign++) {
		struct call *c = call_new(NULL);

		c->f->init.creds.sign = c->f->bob_creds.sign = sign;
		c->f->init.creds.sign_accept = c->f->bob_creds.sign_accept = 1u << sign;
		offer(c);
		check(!c->reason && !mikey_pending_csb(c->pending), "alice offers with %s",
		      names[sign]);
		respond(c);
		check(!c->reason && c->answer.authenticated, "bob takes %s", names[sign]);
		if (!c->reason)
			process(c, answer_of(c));
		check(agree(c), "both have the same keys, with %s", names[sign]);
		if (c->reason)
			note("%s", c->err.text);
		c->f->bob_creds.sign_accept = 1u << (sign ^ 1);
		c->f->now += MIKEY_SECONDS(1);
		mikey_pending_free(c->pending);
		offer(c);
		respond(c);
		check(c->reason == MIKEY_SIGN_REFUSED && !c->answer.csb,
		      "%s is refused where it is not accepted", names[sign]);
		call_free(c);
	}
}

static void test_strangers(void)
{
	struct pki_change eve = pki_usual();
	struct call *c;

	eve.key = PKI_EVE;
	eve.cert.subject = PKI_EVE;
	eve.cert.names = "URI:sip:eve@example.org";
	c = call_new(&eve);
	offer(c);
	respond(c);
	check(c->reason == MIKEY_CERT_IDENTITY && !c->answer.csb && !c->answer.authenticated,
	      "somebody with a certificate of another name is refused (%s)",
	      mikey_reason_token(c->reason));
	call_free(c);
	c = call_new(NULL);
	c->f->bob_knows = false;
	offer(c);
	respond(c);
	check(c->reason == MIKEY_UNKNOWN_PEER, "a stranger is refused without a look at it");
	call_free(c);
	c = call_new(NULL);
	offer(c);
	c->f->now += MIKEY_SECONDS(3600);
	respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW && !c->answer.msg,
	      "what is late gets silence, and no look at its signature");
	call_free(c);
	c = call_new(NULL);
	offer(c);
	respond(c);
	respond_to(c, mikey_pending_message(c->pending));
	check(c->reason == MIKEY_REPLAYED && !c->answer.msg, "a replay gets silence");
	call_free(c);
}

/* The message with something changed, signed by who signed it before */
static uint8_t *resign(const struct call *c, struct mikey_view octets,
		       const struct mikey_creds *creds, void (*change)(struct mikey_msg *msg),
		       size_t *len)
{
	struct mikey_msg *msg = malloc(sizeof(*msg));
	uint8_t *out = NULL;

	if (mikey_parse(msg, octets.data, octets.len, NULL))
		abort();
	msg->n_payloads--;
	change(msg);
	if (sign_emit(c->f->crypto, creds, NULL, msg, NULL, 0, &out, len, NULL))
		*len = 0;
	free(msg);
	return out;
}

static struct mikey_payload *dh_of(struct mikey_msg *msg, size_t n)
{
	return (struct mikey_payload *)mikey_find(msg, MIKEY_PL_DH, n);
}

static uint8_t scratch[192];

static void value_1(struct mikey_msg *msg)
{
	memset(scratch, 0, sizeof(scratch));
	scratch[191] = 1;
	dh_of(msg, 0)->dh.value.data = scratch;
}

static void weak_group(struct mikey_msg *msg)
{
	dh_of(msg, 0)->dh.group = MIKEY_OAKLEY_2;
	dh_of(msg, 0)->dh.value.len = 128;
}

static void no_dh(struct mikey_msg *msg)
{
	struct mikey_payload *dh = dh_of(msg, 0);

	memmove(dh, dh + 1, (size_t)(msg->payload + --msg->n_payloads - dh) * sizeof(*dh));
}

static void swapped(struct mikey_msg *msg)
{
	struct mikey_payload *dh = dh_of(msg, 0), first = dh[0];

	dh[0] = dh[1];
	dh[1] = first;
}

static void echoed(struct mikey_msg *msg)
{
	dh_of(msg, 0)->dh.value = dh_of(msg, 1)->dh.value;
}

static void other_idi(struct mikey_msg *msg)
{
	((struct mikey_payload *)mikey_find(msg, MIKEY_PL_ID, 1))->id.data =
		view("sip:carol@example.org");
}

static void other_prf(struct mikey_msg *msg)
{
	msg->hdr.prf = 5;
}

static void nothing(struct mikey_msg *msg)
{
	(void)msg;
}

static void test_signed_requests(void)
{
	static const struct {
		const char *what;
		void (*change)(struct mikey_msg *msg);
		enum mikey_reason reason;
	} cases[] = {
		{ "nothing changed", nothing, MIKEY_OK },
		{ "the value 1", value_1, MIKEY_WEAK_DH },
		{ "a group of 1024 bits", weak_group, MIKEY_DH_REFUSED },
		{ "no DH payload", no_dh, MIKEY_MISSING },
		{ "an unknown PRF", other_prf, MIKEY_UNSUP_PRF },
	};
	size_t i, len;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct call *c = call_new(NULL);
		uint8_t *msg;

		offer(c);
		msg = resign(c, mikey_pending_message(c->pending), &c->f->init.creds,
			     cases[i].change, &len);
		respond_to(c, (struct mikey_view){ msg, len });
		check(len && c->reason == cases[i].reason && !c->answer.csb == !!cases[i].reason,
		      "a request with %s, under a right signature: %s", cases[i].what,
		      mikey_reason_token(cases[i].reason));
		if (c->reason != cases[i].reason)
			note("%s", c->err.text);
		free(msg);
		call_free(c);
	}
}

static void test_signed_responses(void)
{
	static const struct {
		const char *what;
		void (*change)(struct mikey_msg *msg);
		enum mikey_reason reason;
	} cases[] = {
		{ "DHi before DHr", swapped, MIKEY_BAD_RESPONSE },
		{ "DHi for DHr", echoed, MIKEY_WEAK_DH },
		{ "DHr = 1", value_1, MIKEY_WEAK_DH },
		{ "DHr of another group", weak_group, MIKEY_BAD_RESPONSE },
		{ "a single DH payload", no_dh, MIKEY_MISSING },
		{ "another IDi", other_idi, MIKEY_BAD_RESPONSE },
		{ "nothing changed", nothing, MIKEY_OK },
	};
	struct call *c = call_new(NULL);
	size_t i, len;

	offer(c);
	respond(c);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *msg = resign(c, answer_of(c), &c->f->bob_creds, cases[i].change, &len);

		process(c, (struct mikey_view){ msg, len });
		check(len && c->reason == cases[i].reason,
		      "a response with %s, under a right signature: %s", cases[i].what,
		      mikey_reason_token(cases[i].reason));
		if (c->reason != cases[i].reason)
			note("%s", c->err.text);
		free(msg);
	}
	check(agree(c), "in the end, both have the same keys");
	call_free(c);
}

/* One bit of each octet; verification is slow, so every third is tried */
static void test_covered(void)
{
	struct call *c = call_new(NULL);
	struct mikey_answer answer;
	struct mikey_view msg;
	size_t i, taken = 0;
	uint8_t *copy;

	offer(c);
	respond(c);
	msg = mikey_pending_message(c->pending);
	copy = malloc(msg.len);
	for (i = 0; i < msg.len; i += 3) {
		memcpy(copy, msg.data, msg.len);
		copy[i] ^= 0x04;
		taken += !fixture_respond(c->f, (struct mikey_view){ copy, msg.len }, &answer,
					  NULL);
		mikey_answer_clear(&answer);
	}
	check(!taken, "no request is taken with one of its %zu octets altered", msg.len);
	free(copy);
	for (i = 0, taken = 0; i < c->answer.len; i += 3) {
		c->answer.msg[i] ^= 0x04;
		taken += !mikey_pending_process(c->pending, c->answer.msg, c->answer.len, NULL,
						NULL);
		c->answer.msg[i] ^= 0x04;
	}
	check(i && !taken, "no response is taken with one of its %zu octets altered",
	      c->answer.len);
	call_free(c);
}

/* RFC 3830 5.1.2: HDR, T, {ERR}, {SP}, SIGNr */
static void test_error(void)
{
	struct call *c = call_new(NULL);
	struct mikey_msg *msg = malloc(sizeof(*msg));

	mikey_suite_policy(mikey_suite_by_name("NULL_HMAC_SHA1_80"), &c->f->policies[0]);
	offer(c);
	c->f->accept.n_suites = 2;
	respond(c);
	check(c->reason == MIKEY_SUITE_REFUSED && c->answer.is_error &&
	      !mikey_parse(msg, c->answer.msg, c->answer.len, NULL) &&
	      mikey_find(msg, MIKEY_PL_SIGN, 0) && mikey_find(msg, MIKEY_PL_SP, 1),
	      "a refused suite gets a signed Error with those that would do");
	free(msg);
	call_free(c);
}

int main(void)
{
	ktap_begin();
	test_signatures();
	test_strangers();
	test_signed_requests();
	test_signed_responses();
	test_covered();
	test_error();
	pki_free();
	return ktap_end();
}
