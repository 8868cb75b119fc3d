// SPDX-License-Identifier: GPL-2.0
/*
 * Pre-shared key mode, both roles: what has to work, and what has to fail.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "tamper.h"
#include "variant.h"

static void test_exchange(void)
{
	struct call *c = call_made(MIKEY_PSK_INIT, NULL, NULL);
	const struct mikey_session *s;
	struct mikey_csb *csb;

	check(!c->reason && c->answer.csb && c->answer.authenticated && c->answer.peer &&
	      !c->answer.is_error, "bob takes alice's message");
	call_process(c);
	check(!c->reason, "alice takes bob's verification message");
	csb = mikey_pending_take(c->pending);
	check(same_keys(csb, c->answer.csb), "both have the same sessions and keys");
	check(csb->initiator && !c->answer.csb->initiator, "each side knows its role");
	s = csb->sessions;
	check(csb->n_sessions == 2 && s[0].from_initiator && !s[1].from_initiator &&
	      s[0].cs_id == 1 && s[1].cs_id == 2, "CS 1 runs from alice, CS 2 from bob");
	check(s[0].ssrc == 0x11111111 && s[1].ssrc == 0x22222222,
	      "alice's SSRC is hers, bob filled in his (REQ-056)");
	check(memcmp(s[0].keys->key, s[1].keys->key, 16), "the sessions have different keys");
	check(!strcmp(s[0].suite->name, "AES_CM_128_HMAC_SHA1_80"), "the suite has its name");
	check(!mikey_pending_take(c->pending), "the bundle can be taken once");
	mikey_csb_free(csb);
	call_free(c);
}

static void no_ssrc(struct fixture *f)
{
	f->cs[0].ssrc = 0;
}

static void no_bob_ssrc(struct fixture *f)
{
	f->bob_ssrc = 0;
}

static void test_ssrc(void)
{
	struct call *c = call_made(MIKEY_PSK_INIT, NULL, no_ssrc);

	call_process(c);
	check(!c->reason && !mikey_pending_csb(c->pending)->sessions[0].ssrc &&
	      !c->answer.csb->sessions[0].ssrc,
	      "an SSRC that alice leaves open for her own stream stays open (T-23)");
	call_free(c);
	c = call_made(MIKEY_PSK_INIT, NULL, no_bob_ssrc);
	call_process(c);
	check(!c->reason && !mikey_pending_csb(c->pending)->sessions[1].ssrc,
	      "an SSRC that bob leaves open stays open");
	call_free(c);
}

static void test_no_verification(void)
{
	struct call *c = call_made(MIKEY_PSK_INIT, NULL, without_v);

	check(!c->reason && c->answer.csb && !c->answer.msg, "V=0 is taken without an answer");
	check(!memcmp(mikey_pending_csb(c->pending)->sessions[1].keys,
		      c->answer.csb->sessions[1].keys, sizeof(struct mikey_session_key)),
		      "with V=0 the initiator has the keys at once");
	call_free(c);
}

static void no_psk(struct fixture *f)
{
	f->bob_psk = (struct mikey_view){ NULL, 0 };
}

static void test_authentication(void)
{
	struct call *wrong = call_made(MIKEY_PSK_INIT, NULL, wrong_psk);
	struct call *unknown = call_made(MIKEY_PSK_INIT, NULL, stranger);
	struct call *empty = call_made(MIKEY_PSK_INIT, NULL, no_psk);

	check(wrong->reason == MIKEY_AUTH_FAILED && !wrong->answer.csb &&
	      !wrong->answer.authenticated, "a wrong key is refused");
	check(is_error(wrong, MIKEY_ERR_AUTH_FAILURE, 0),
	      "a wrong key gets an unauthenticated Error 0");
	check(unknown->reason == MIKEY_UNKNOWN_PEER && unknown->f->lookups == 1,
	      "an unknown identity is refused");
	check(unknown->answer.len == wrong->answer.len &&
	      !memcmp(unknown->answer.msg, wrong->answer.msg, wrong->answer.len),
	      "unknown identity and wrong key get the same octets (REQ-039)");
	check(empty->reason == MIKEY_UNKNOWN_PEER && empty->answer.len == wrong->answer.len,
	      "a peer whose key is empty is an unknown peer");
	check(!mikey_replay_count(wrong->f->bob.replay) && !mikey_replay_count(
	      unknown->f->bob.replay),
	      "a message that failed authentication is not remembered (REQ-021)");
	call_process(wrong);
	check(wrong->reason == MIKEY_PEER_HINT && wrong->peer_err.n == 1 &&
	      wrong->peer_err.err_no[0] == MIKEY_ERR_AUTH_FAILURE && !wrong->peer_err.verified,
	      "an Error without V is a hint to the initiator (REQ-037)");
	call_free(wrong);
	call_free(unknown);
	call_free(empty);
}

static void test_every_bit(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);
	size_t len, bit, taken = 0, loud = 0;
	struct mikey_view msg;
	uint8_t *copy;

	call_offer(c);
	msg = mikey_pending_message(c->pending);
	len = msg.len;
	copy = malloc(len);
	memcpy(copy, msg.data, len);
	for (bit = 0; bit < len * 8; bit++) {
		copy[bit / 8] ^= 1 << bit % 8;
		call_respond_to(c, (struct mikey_view){ copy, len });
		taken += !c->reason || c->answer.authenticated;
		loud += c->answer.len > len;
		copy[bit / 8] ^= 1 << bit % 8;
	}
	check(!taken, "no message with one bit changed is taken, of %zu", len * 8);
	check(!loud, "no answer to a message with one bit changed is longer than it (REQ-216)");
	check(!mikey_replay_count(c->f->bob.replay),
	      "no message with one bit changed is remembered");
	call_respond(c);
	check(!c->reason, "the true message is taken after those with one bit changed");
	free(copy);
	call_free(c);
}

static void test_replay(void)
{
	struct call *c = call_made(MIKEY_PSK_INIT, NULL, NULL);

	call_respond(c);
	check(c->reason == MIKEY_REPLAYED && call_silent(c),
	      "a message is not taken twice, silently");
	c->f->now += MIKEY_SECONDS(59);
	call_respond(c);
	check(c->reason == MIKEY_REPLAYED, "a message is not taken twice, until the skew is over");
	c->f->now += MIKEY_SECONDS(2);
	call_respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW,
	      "a message from beyond the skew is refused for its time");
	call_offer(c);
	call_respond(c);
	check(!c->reason, "a new message with a new T is taken");
	call_free(c);
}

static void test_time(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);
	uint64_t start = c->f->now;

	call_offer(c);
	c->f->now = start + MIKEY_SECONDS(60);
	call_respond(c);
	check(!c->reason, "a message as old as the skew allows is taken");
	call_offer(c);
	c->f->now -= MIKEY_SECONDS(60);
	call_respond(c);
	check(!c->reason, "a message as early as the skew allows is taken");
	c->f->now = start + MIKEY_SECONDS(200);
	call_offer(c);
	c->f->now += MIKEY_SECONDS(61);
	call_respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW && !c->answer.csb,
	      "a message older than the skew is refused");
	check(is_error(c, MIKEY_ERR_INVALID_TS, MIKEY_PL_V),
	      "a late message with a right MAC gets Error 1 with a V (REQ-216)");
	call_process(c);
	check(c->reason == MIKEY_PEER_ERROR && c->peer_err.verified &&
	      c->peer_err.err_no[0] == MIKEY_ERR_INVALID_TS,
	      "the initiator believes an Error with a V");
	c->f->bob_psk = view("not the right one");
	call_respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW && call_silent(c),
	      "a late message without a right MAC gets silence");
	call_free(c);
}

static void test_era(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);

	/* Two seconds before 2036-02-07T06:28:16Z */
	c->f->now = 0xfffffffeULL << 32;
	call_offer(c);
	c->f->now += MIKEY_SECONDS(5);
	call_respond(c);
	check(!c->reason, "a message from before the NTP era change is taken after it");
	call_offer(c);
	call_respond(c);
	check(!c->reason, "a message from after the NTP era change is taken");
	call_respond(c);
	check(c->reason == MIKEY_REPLAYED, "replays are seen across the NTP era change");
	call_free(c);
}

static void reflected(struct fixture *f)
{
	f->bob_ids[1] = f->init.idi;
	f->bob.n_ids = 2;
}

static void sent(struct fixture *f)
{
	f->bob_sent = true;
}

static void other_name(struct fixture *f)
{
	f->bob_ids[0].data = view("sip:carol@example.org");
}

static void test_identities(void)
{
	struct call *c = call_made(MIKEY_PSK_INIT, NULL, reflected);

	check(c->reason == MIKEY_REFLECTED && call_silent(c),
	      "a message from one of our own identities is refused, silently (T-59)");
	call_free(c);
	c = call_made(MIKEY_PSK_INIT, NULL, sent);
	check(c->reason == MIKEY_REFLECTED && call_silent(c),
	      "a message that this host sent is refused, silently");
	call_free(c);
	c = call_made(MIKEY_PSK_INIT, NULL, other_name);
	check(c->reason == MIKEY_NOT_FOR_US && is_error(c, MIKEY_ERR_INVALID_ID, 0),
	      "a message for somebody else gets Error 7");
	check(!c->f->lookups, "a message for somebody else leads to no lookup of its sender");
	call_free(c);
}

static void test_negotiation(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);

	gcm_policy(c->f);
	call_offer(c);
	c->f->accept.n_suites = 3;
	call_respond(c);
	check(c->reason == MIKEY_SUITE_REFUSED && strstr(c->err.text, "AEAD_AES_128_GCM"),
	      "a suite that is not allowed is refused by its name");
	check(is_error(c, MIKEY_ERR_INVALID_SPPAR, MIKEY_PL_V),
	      "a refused suite gets an authenticated Error 10");
	call_process(c);
	check(c->reason == MIKEY_PEER_ERROR && c->peer_err.n_policies == 3 &&
	      mikey_suite_of(&c->peer_err.policies[1]) == c->f->suites[1],
	      "that Error 10 names the suites that would be taken (REQ-036)");
	c->f->policies[0] = c->peer_err.policies[1];
	call_offer(c);
	call_respond(c);
	call_process(c);
	check(!c->reason, "a suite from that Error, in a new message, is taken");
	call_free(c);
}

static void with_counter(struct fixture *f)
{
	f->offer.ts.type = MIKEY_TS_COUNTER;
}

static void test_counter(void)
{
	struct call *c = call_made(MIKEY_PSK_INIT, NULL, with_counter), *old;

	check(c->reason == MIKEY_UNSUP_TS && is_error(c, MIKEY_ERR_INVALID_TS, 0),
	      "a COUNTER gets Error 1 where it is not configured (REQ-028)");
	call_free(c);
	c = call_made(MIKEY_PSK_INIT, NULL, counter_time);
	check(!c->reason, "a COUNTER is taken where it is");
	call_process(c);
	check(!c->reason, "a response to a COUNTER message is taken");
	call_respond(c);
	check(c->reason == MIKEY_REPLAYED && call_silent(c), "the same COUNTER is not taken again");
	old = call_new(MIKEY_PSK_INIT, NULL);
	counter_time(old->f);
	call_offer(old);
	c->f->clock.last = 10;
	call_offer(c);
	call_respond(c);
	check(!c->reason, "a larger COUNTER is taken");
	call_respond_to(c, mikey_pending_message(old->pending));
	check(c->reason == MIKEY_REPLAYED, "a smaller COUNTER is not taken (REQ-027)");
	call_free(old);
	call_free(c);
}

static void test_recovery(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);

	mikey_replay_unclean(c->f->bob.replay, c->f->now);
	call_offer(c);
	call_respond(c);
	check(c->reason == MIKEY_RECOVERING && is_error(c, MIKEY_ERR_INVALID_TS, MIKEY_PL_V),
	      "after the cache was lost nothing is taken (REQ-023)");
	c->f->now += MIKEY_SECONDS(61);
	call_offer(c);
	call_respond(c);
	check(!c->reason, "once the skew has passed after a loss, messages are taken");
	call_free(c);
}

static void test_full_cache(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);
	struct call *first = call_new(MIKEY_PSK_INIT, NULL);
	int i, taken = 0;

	call_offer(first);
	call_respond_to(c, mikey_pending_message(first->pending));
	for (i = 0; i < 40; i++) {
		c->f->now += MIKEY_SECONDS(1) / 2;
		call_offer(c);
		call_respond(c);
		taken += !c->reason;
	}
	check(taken == 40, "a full cache goes on taking new messages (REQ-024)");
	check(mikey_replay_count(c->f->bob.replay) == 16, "a full cache does not grow");
	call_respond_to(c, mikey_pending_message(first->pending));
	check(c->reason == MIKEY_TOO_OLD, "what a full cache had to forget is too old, not new");
	call_free(first);
	call_free(c);
}

static void test_random_failure(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);
	int i, made = 0;

	for (i = 1; i <= 3; i++) {
		c->f->random_fails = i;
		call_offer(c);
		made += c->reason != MIKEY_NO_RANDOM || c->pending;
	}
	check(!made, "without random octets there is no message");
	c->f->random_fails = 0;
	c->f->offer.n_cs = 0;
	call_offer(c);
	check(c->reason == MIKEY_USAGE, "without sessions there is no message");
	c->f->offer.n_cs = 2;
	c->f->init.idr.data.len = 0;
	call_offer(c);
	check(c->reason == MIKEY_USAGE, "without identities there is no message");
	call_free(c);
}

static bool taken_ids(void *arg, uint32_t csb_id)
{
	unsigned int *n = arg;

	(void)csb_id;
	return (*n)++ < 3;
}

static void test_csb_id(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);
	unsigned int n = 0;

	c->f->offer.csb_in_use = taken_ids;
	c->f->offer.arg = &n;
	call_offer(c);
	check(!c->reason && n == 4, "a CSB ID that is in use is drawn again (REQ-010)");
	call_free(c);
}

static void kw_16(struct fixture *f)
{
	f->init.encr_alg = MIKEY_ENCR_AES_KW_128;
	f->keys[0].key_len = 16;
	f->offer.n_keys = 1;
}

static void test_key_wrap(void)
{
	struct call *c = call_made(MIKEY_PSK_INIT, NULL, kw_16);

	check(c->reason == MIKEY_BAD_KEY_DATA,
	      "AES key wrap cannot carry a TGK of 16 octets (T-57)");
	c->f->offer.n_keys = 0;
	call_offer(c);
	call_respond(c);
	call_process(c);
	check(!c->reason && same_keys(mikey_pending_csb(c->pending), c->answer.csb),
	      "a TGK that AES key wrap has to carry is made longer");
	call_free(c);
}

int main(void)
{
	ktap_begin();
	test_exchange();
	test_ssrc();
	test_no_verification();
	test_authentication();
	test_every_bit();
	test_replay();
	test_time();
	test_era();
	test_identities();
	test_negotiation();
	test_counter();
	test_recovery();
	test_full_cache();
	test_random_failure();
	test_csb_id();
	test_key_wrap();
	return ktap_end();
}
