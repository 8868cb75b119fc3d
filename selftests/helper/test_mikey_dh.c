// SPDX-License-Identifier: GPL-2.0
/*
 * Signed Diffie-Hellman, RFC 3830 3.3: both roles, and every rule once broken by
 * somebody who can sign. Certificates as such are tested with the public-key mode.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "tamper.h"
#include "variant.h"

static void test_signatures(void)
{
	static const char *const names[] = {
		"PKCS #1 v1.5 with SHA-1", "PKCS #1 v1.5 with SHA-256", "PSS with SHA-1",
		"PSS with SHA-256",
	};
	unsigned int sign;

	for (sign = 0; sign < MIKEY_SIGNATURE_COUNT; sign++) {
		struct call *c = call_new(MIKEY_DH_INIT, NULL);

		c->f->init.creds.sign = c->f->bob_creds.sign = sign;
		c->f->init.creds.sign_accept = c->f->bob_creds.sign_accept = 1u << sign;
		call_offer(c);
		check(!c->reason && !mikey_pending_csb(c->pending), "alice offers with %s",
		      names[sign]);
		call_respond(c);
		check(!c->reason && c->answer.authenticated, "bob takes %s", names[sign]);
		if (!c->reason)
			call_process(c);
		check(!c->reason && same_keys(mikey_pending_csb(c->pending), c->answer.csb),
		      "both have the same keys, with %s", names[sign]);
		call_note(c);
		c->f->bob_creds.sign_accept = 1u << (sign ^ 1);
		c->f->now += MIKEY_SECONDS(1);
		call_offer(c);
		call_respond(c);
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
	c = call_new(MIKEY_DH_INIT, &eve);
	call_offer(c);
	call_respond(c);
	check(c->reason == MIKEY_CERT_IDENTITY && !c->answer.csb && !c->answer.authenticated,
	      "somebody with a certificate of another name is refused (%s)",
	      mikey_reason_token(c->reason));
	call_free(c);
	c = call_new(MIKEY_DH_INIT, NULL);
	stranger(c->f);
	call_offer(c);
	call_respond(c);
	check(c->reason == MIKEY_UNKNOWN_PEER, "a stranger is refused without a look at it");
	call_free(c);
	c = call_new(MIKEY_DH_INIT, NULL);
	call_offer(c);
	c->f->now += MIKEY_SECONDS(3600);
	call_respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW && !c->answer.msg,
	      "what is late gets silence, and no look at its signature");
	call_free(c);
	c = call_new(MIKEY_DH_INIT, NULL);
	call_offer(c);
	call_respond(c);
	call_respond_to(c, mikey_pending_message(c->pending));
	check(c->reason == MIKEY_REPLAYED && !c->answer.msg, "a replay gets silence");
	call_free(c);
}

static uint8_t scratch[192];

static void value_1(struct mikey_msg *msg)
{
	memset(scratch, 0, sizeof(scratch));
	scratch[191] = 1;
	payload_of(msg, MIKEY_PL_DH, 0)->dh.value.data = scratch;
}

static void other_group(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_DH, 0)->dh.group = MIKEY_OAKLEY_2;
	payload_of(msg, MIKEY_PL_DH, 0)->dh.value.len = 128;
}

static void no_dh(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_DH);
}

static void swapped(struct mikey_msg *msg)
{
	swap_pair(msg, MIKEY_PL_DH);
}

static void echoed(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_DH, 0)->dh.value = payload_of(msg, MIKEY_PL_DH, 1)->dh.value;
}

static void other_idi(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_ID, 1)->id.data =
		view("sip:carol@example.org");
}

static void other_prf(struct mikey_msg *msg)
{
	msg->hdr.prf = 5;
}

static void test_signed_requests(void)
{
	static const struct {
		const char *what;
		tamper_fn change;
		enum mikey_reason reason;
	} cases[] = {
		{ "nothing changed", tamper_nothing, MIKEY_OK },
		{ "the value 1", value_1, MIKEY_WEAK_DH },
		{ "a group of 1024 bits", other_group, MIKEY_DH_REFUSED },
		{ "no DH payload", no_dh, MIKEY_MISSING },
		{ "an unknown PRF", other_prf, MIKEY_UNSUP_PRF },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct call *c = call_new(MIKEY_DH_INIT, NULL);
		struct mikey_view msg;

		call_offer(c);
		msg = resigned(c, &c->f->init.creds, mikey_pending_message(c->pending),
			       cases[i].change, NULL, 0);
		call_respond_to(c, msg);
		check(msg.len && c->reason == cases[i].reason &&
		      !c->answer.csb == !!cases[i].reason,
		      "a request with %s, under a right signature: %s", cases[i].what,
		      mikey_reason_token(cases[i].reason));
		if (c->reason != cases[i].reason)
			call_note(c);
		call_free(c);
	}
}

static void test_signed_responses(void)
{
	static const struct {
		const char *what;
		tamper_fn change;
		enum mikey_reason reason;
	} cases[] = {
		{ "DHi before DHr", swapped, MIKEY_BAD_RESPONSE },
		{ "DHi for DHr", echoed, MIKEY_WEAK_DH },
		{ "DHr = 1", value_1, MIKEY_WEAK_DH },
		{ "DHr of another group", other_group, MIKEY_BAD_RESPONSE },
		{ "a single DH payload", no_dh, MIKEY_MISSING },
		{ "another IDi", other_idi, MIKEY_BAD_RESPONSE },
		{ "nothing changed", tamper_nothing, MIKEY_OK },
	};
	struct call *c = call_new(MIKEY_DH_INIT, NULL);
	size_t i;

	call_offer(c);
	call_respond(c);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mikey_view msg = resigned(c, &c->f->bob_creds, answer_of(c), cases[i].change,
						 NULL, 0);

		call_process_octets(c, msg);
		check(msg.len && c->reason == cases[i].reason,
		      "a response with %s, under a right signature: %s", cases[i].what,
		      mikey_reason_token(cases[i].reason));
		if (c->reason != cases[i].reason)
			call_note(c);
	}
	check(!c->reason && same_keys(mikey_pending_csb(c->pending), c->answer.csb),
	      "in the end, both have the same keys");
	call_free(c);
}

/* One bit of each octet; verification is slow, so every third is tried */
static void test_covered(void)
{
	struct call *c = call_made(MIKEY_DH_INIT, NULL, NULL);

	check(!tampered_requests(c, 0x04, 3),
	      "no request is taken with one of its %zu octets altered",
	      mikey_pending_message(c->pending).len);
	check(c->answer.len && !tampered_answers(c, 0x04, 3),
	      "no response is taken with one of its %zu octets altered", c->answer.len);
	call_free(c);
}

/* RFC 3830 5.1.2: HDR, T, {ERR}, {SP}, SIGNr */
static void test_error(void)
{
	struct call *c = call_new(MIKEY_DH_INIT, NULL);
	struct mikey_msg *msg = malloc(sizeof(*msg));

	mikey_suite_policy(mikey_suite_by_name("NULL_HMAC_SHA1_80"), &c->f->policies[0]);
	call_offer(c);
	c->f->accept.n_suites = 2;
	call_respond(c);
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
