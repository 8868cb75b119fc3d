// SPDX-License-Identifier: GPL-2.0
/*
 * A suite that bob's configuration allows and his kernel does not have, whether that is
 * known or seen when the session is made: Error 10 that proves itself, RFC 3830 5.1.1,
 * 6.12, and no bundle.
 */
#include <string.h>

#include "ktap.h"
#include "tamper.h"
#include "variant.h"

static const char *asked;
static unsigned int times;

/* What is known of a kernel without ARIA, as Debian's */
static bool no_aria(const struct mikey_suite *suite)
{
	asked = suite->name;
	times++;
	return !strstr(suite->name, "ARIA");
}

static void set_policies(struct fixture *f, const char *first, const char *second)
{
	mikey_suite_policy(mikey_suite_by_name(first), &f->policies[0]);
	f->offer.n_policies = 1;
	if (!second)
		return;
	mikey_suite_policy(mikey_suite_by_name(second), &f->policies[1]);
	f->offer.n_policies = 2;
}

static void aria_only(struct fixture *f)
{
	set_policies(f, "ARIA_128_CTR_HMAC_SHA1_80", NULL);
}

static bool has_aria(const struct mikey_peer_error *said)
{
	size_t i;

	for (i = 0; i < said->n_policies; i++)
		if (strstr(mikey_suite_of(&said->policies[i])->name, "ARIA"))
			return true;
	return false;
}

/* Alice allows all; what bob has is asked of him alone, once her message is made */
static void respond_without_aria(struct call *c)
{
	times = 0;
	c->f->accept.available = no_aria;
	call_respond(c);
	c->f->accept.available = NULL;
}

static void test_mode(uint32_t mode, const char *name, uint32_t proof)
{
	struct call *c = call_new(mode, NULL);

	aria_only(c->f);
	call_offer(c);
	respond_without_aria(c);
	if (!check(c->reason == MIKEY_NO_SUITE && is_error(c, MIKEY_ERR_INVALID_SPPAR, proof) &&
		   !c->answer.csb, "%s: a suite that bob's kernel has not: a proved Error 10", name))
		call_note(c);
	check(strstr(c->err.text, "ARIA_128_CTR_HMAC_SHA1_80"), "%s: bob's sentence names it", name);
	check(call_process(c) == MIKEY_PEER_ERROR && c->peer_err.n_policies &&
	      !has_aria(&c->peer_err), "%s: what bob proposes instead is what his kernel has", name);
	call_free(c);
}

/* RFC 4738 3.5: of several policies one that can be had */
static void test_alternatives(void)
{
	struct call *c = call_new(MIKEY_RSAR_INIT, NULL);

	set_policies(c->f, "ARIA_128_CTR_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32");
	call_offer(c);
	respond_without_aria(c);
	if (!check(!c->reason && !strcmp(c->answer.csb->sessions[0].suite->name,
					 "AES_CM_128_HMAC_SHA1_32"),
		   "rsar: of two offered suites bob takes the one that his kernel has"))
		call_note(c);
	check(call_process(c) == MIKEY_OK, "rsar: alice takes that");
	call_free(c);
}

static unsigned int settled;
static bool complete;

/* The kernel says so only when it is given the session */
static enum mikey_reason refuse(void *arg, struct mikey_answer *answer, struct mikey_error *err)
{
	(void)arg;
	settled++;
	complete = answer->msg && answer->csb && answer->authenticated;
	return mikey_fail(err, MIKEY_NO_SUITE, MIKEY_NO_OFFSET, "there is no such suite");
}

static enum mikey_reason take(void *arg, struct mikey_answer *answer, struct mikey_error *err)
{
	(void)arg;
	(void)err;
	mikey_csb_free(answer->csb);
	answer->csb = NULL;
	return MIKEY_OK;
}

static void test_settle(uint32_t mode, const char *name, uint32_t proof)
{
	struct call *c = call_new(mode, NULL);

	c->f->bob.settle = refuse;
	settled = 0;
	call_offer(c);
	call_respond(c);
	check(settled == 1 && complete, "%s: the session is made when the answer is ready", name);
	if (!check(c->reason == MIKEY_NO_SUITE && is_error(c, MIKEY_ERR_INVALID_SPPAR, proof) &&
		   !c->answer.csb, "%s: if the kernel refuses it, a proved Error 10 is the answer",
		   name))
		call_note(c);
	check(call_process(c) == MIKEY_PEER_ERROR, "%s: which ends the exchange", name);
	call_respond(c);
	check(c->reason == MIKEY_REPLAYED && call_silent(c) && settled == 1,
	      "%s: the message is not taken again", name);
	call_free(c);
	c = call_new(mode, NULL);
	c->f->bob.settle = take;
	call_offer(c);
	call_respond(c);
	check(!c->reason && !c->answer.csb && call_process(c) == MIKEY_OK,
	      "%s: who takes the bundle leaves the answer", name);
	call_free(c);
}

static void test_stranger(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);

	aria_only(c->f);
	call_offer(c);
	wrong_psk(c->f);
	respond_without_aria(c);
	check(c->reason == MIKEY_AUTH_FAILED && !times,
	      "the kernel is asked nothing for somebody who has not proved himself");
	call_free(c);
}

static void test_others(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);

	call_offer(c);
	respond_without_aria(c);
	check(!c->reason && times && !strcmp(asked, "AES_CM_128_HMAC_SHA1_80"),
	      "a suite that the kernel has is taken as before");
	call_free(c);
}

int main(void)
{
	ktap_begin();
	test_mode(MIKEY_PSK_INIT, "psk", MIKEY_PL_V);
	test_mode(MIKEY_PK_INIT, "pk", MIKEY_PL_V);
	test_mode(MIKEY_DH_INIT, "dh", MIKEY_PL_SIGN);
	test_mode(MIKEY_DHHMAC_INIT, "dhhmac", MIKEY_PL_KEMAC);
	test_mode(MIKEY_RSAR_INIT, "rsar", MIKEY_PL_SIGN);
	test_alternatives();
	test_settle(MIKEY_PSK_INIT, "psk", MIKEY_PL_V);
	test_settle(MIKEY_DHHMAC_INIT, "dhhmac", MIKEY_PL_KEMAC);
	test_settle(MIKEY_RSAR_INIT, "rsar", MIKEY_PL_SIGN);
	test_stranger();
	test_others();
	pki_free();
	return ktap_end();
}
