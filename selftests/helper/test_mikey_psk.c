// SPDX-License-Identifier: GPL-2.0
/*
 * Pre-shared key mode, both roles: what has to work, and what has to fail.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

/**
 * struct call - an exchange and everything around it
 * @f: the two parties
 * @pending: alice's exchange
 * @answer: bob's
 * @reason: what the last step said
 * @err: and why
 * @peer_err: what alice read in an Error
 */
struct call {
	struct fixture *f;
	struct mikey_pending *pending;
	struct mikey_answer answer;
	enum mikey_reason reason;
	struct mikey_error err;
	struct mikey_peer_error peer_err;
};

static struct call *call_new(void)
{
	struct call *c = calloc(1, sizeof(*c));

	c->f = fixture_new();
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
	mikey_pending_free(c->pending);
	c->reason = fixture_offer(c->f, &c->pending, &c->err);
}

static void respond_to(struct call *c, struct mikey_view msg)
{
	mikey_answer_clear(&c->answer);
	memset(&c->err, 0, sizeof(c->err));
	c->reason = fixture_respond(c->f, msg, &c->answer, &c->err);
}

static void respond(struct call *c)
{
	respond_to(c, mikey_pending_message(c->pending));
}

static void process(struct call *c)
{
	memset(&c->err, 0, sizeof(c->err));
	c->reason = mikey_pending_process(c->pending, c->answer.msg, c->answer.len, &c->peer_err,
				      &c->err);
}

/* Offer and respond with one thing changed */
static struct call *called_with(void (*change)(struct fixture *f))
{
	struct call *c = call_new();

	if (change)
		change(c->f);
	offer(c);
	if (!c->reason)
		respond(c);
	return c;
}

/* A copy of alice's message, to be tampered with */
static uint8_t *copy_message(const struct call *c, size_t *len)
{
	struct mikey_view msg = mikey_pending_message(c->pending);
	uint8_t *copy = malloc(msg.len);

	memcpy(copy, msg.data, msg.len);
	*len = msg.len;
	return copy;
}

/* What would bob say to this? The message is built with alice's MAC key. */
static struct mikey_msg *parsed_message(const struct call *c)
{
	struct mikey_view msg = mikey_pending_message(c->pending);
	struct mikey_msg *out = malloc(sizeof(*out));

	if (mikey_parse(out, msg.data, msg.len, NULL))
		abort();
	return out;
}

static void sign_with(const struct call *c, const struct mikey_msg *msg, uint8_t *buf, size_t *len)
{
	const struct mikey_payload *rand = mikey_find(msg, MIKEY_PL_RAND, 0);
	struct mikey_label_ctx ctx = { msg->hdr.prf, msg->hdr.csb_id, { NULL, 0 } };
	struct mikey_msg_keys keys;
	struct mikey_view covered = { buf, 0 };

	if (rand)
		ctx.rand = rand->rand.value;
	if (mikey_build(msg, buf, MIKEY_MSG_MAX, len, NULL))
		abort();
	covered.len = *len - 20;
	if (mikey_msg_keys_derive(c->f->crypto, &ctx, c->f->init.creds.psk, MIKEY_ENCR_AES_CM_128,
				  MIKEY_MAC_HMAC_SHA1, &keys))
		return;
	if (mikey_mac(c->f->crypto, &keys, &covered, 1, buf + covered.len))
		abort();
}

/* Alice's message, changed, and with a right MAC all the same */
static void respond_to_changed(struct call *c, void (*change)(struct mikey_msg *msg))
{
	static uint8_t buf[MIKEY_MSG_MAX];
	struct mikey_msg *msg = parsed_message(c);
	size_t len;

	change(msg);
	sign_with(c, msg, buf, &len);
	respond_to(c, (struct mikey_view){ buf, len });
	free(msg);
}

static bool is_error(const struct call *c, unsigned int err_no, bool verified)
{
	struct mikey_msg *msg = malloc(sizeof(*msg));
	const struct mikey_payload *err = NULL;
	bool ok = c->answer.is_error &&
		  !mikey_parse(msg, c->answer.msg, c->answer.len, NULL) &&
		  !mikey_validate(msg, NULL) && msg->hdr.data_type == MIKEY_ERROR &&
		  !msg->hdr.v && !msg->hdr.n_cs;

	if (ok)
		err = mikey_find(msg, MIKEY_PL_ERR, 0);
	ok = err && err->err.err_no == err_no &&
	     !mikey_find(msg, MIKEY_PL_V, 0) == !verified;
	free(msg);
	return ok;
}

static bool silent(const struct call *c)
{
	return !c->answer.msg && !c->answer.len && !c->answer.csb;
}

static bool same_keys(const struct mikey_csb *a, const struct mikey_csb *b)
{
	size_t i, k;

	if (a->n_sessions != b->n_sessions || a->csb_id != b->csb_id)
		return false;
	for (i = 0; i < a->n_sessions; i++) {
		const struct mikey_session *x = &a->sessions[i], *y = &b->sessions[i];

		if (x->cs_id != y->cs_id || x->ssrc != y->ssrc || x->suite != y->suite ||
		    x->n_keys != y->n_keys || x->from_initiator != y->from_initiator)
			return false;
		for (k = 0; k < x->n_keys; k++)
			if (memcmp(&x->keys[k], &y->keys[k], sizeof(x->keys[k])))
				return false;
	}
	return true;
}

static void test_exchange(void)
{
	struct call *c = called_with(NULL);
	const struct mikey_session *s;
	struct mikey_csb *csb;

	check(!c->reason && c->answer.csb && c->answer.authenticated && c->answer.peer &&
	      !c->answer.is_error, "bob takes alice's message");
	process(c);
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
	struct call *c = called_with(no_ssrc);

	process(c);
	check(!c->reason && !mikey_pending_csb(c->pending)->sessions[0].ssrc &&
	      !c->answer.csb->sessions[0].ssrc,
	      "an SSRC that alice leaves open for her own stream stays open (T-23)");
	call_free(c);
	c = called_with(no_bob_ssrc);
	process(c);
	check(!c->reason && !mikey_pending_csb(c->pending)->sessions[1].ssrc,
	      "an SSRC that bob leaves open stays open");
	call_free(c);
}

static void no_v(struct fixture *f)
{
	f->offer.verify = false;
}

static void test_no_verification(void)
{
	struct call *c = called_with(no_v);

	check(!c->reason && c->answer.csb && !c->answer.msg, "V=0 is taken without an answer");
	check(!memcmp(mikey_pending_csb(c->pending)->sessions[1].keys, c->answer.csb->sessions[1].keys,
		      sizeof(struct mikey_session_key)),
		      "with V=0 the initiator has the keys at once");
	call_free(c);
}

static void wrong_psk(struct fixture *f)
{
	f->bob_psk = view("0123456789abcdeF");
}

static void nobody(struct fixture *f)
{
	f->bob_knows = false;
}

static void no_psk(struct fixture *f)
{
	f->bob_psk = (struct mikey_view){ NULL, 0 };
}

static void test_authentication(void)
{
	struct call *wrong = called_with(wrong_psk), *unknown = called_with(nobody);
	struct call *empty = called_with(no_psk);

	check(wrong->reason == MIKEY_AUTH_FAILED && !wrong->answer.csb &&
	      !wrong->answer.authenticated, "a wrong key is refused");
	check(is_error(wrong, MIKEY_ERR_AUTH_FAILURE, false),
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
	process(wrong);
	check(wrong->reason == MIKEY_PEER_HINT && wrong->peer_err.n == 1 &&
	      wrong->peer_err.err_no[0] == MIKEY_ERR_AUTH_FAILURE && !wrong->peer_err.verified,
	      "an Error without V is a hint to the initiator (REQ-037)");
	call_free(wrong);
	call_free(unknown);
	call_free(empty);
}

static void test_every_bit(void)
{
	struct call *c = call_new();
	size_t len, bit, taken = 0, loud = 0;
	uint8_t *copy;

	offer(c);
	copy = copy_message(c, &len);
	for (bit = 0; bit < len * 8; bit++) {
		copy[bit / 8] ^= 1 << bit % 8;
		respond_to(c, (struct mikey_view){ copy, len });
		taken += !c->reason || c->answer.authenticated;
		loud += c->answer.len > len;
		copy[bit / 8] ^= 1 << bit % 8;
	}
	check(!taken, "no message with one bit changed is taken, of %zu", len * 8);
	check(!loud, "no answer to a message with one bit changed is longer than it (REQ-216)");
	check(!mikey_replay_count(c->f->bob.replay),
	      "no message with one bit changed is remembered");
	respond(c);
	check(!c->reason, "the true message is taken after those with one bit changed");
	free(copy);
	call_free(c);
}

static void test_replay(void)
{
	struct call *c = called_with(NULL);

	respond(c);
	check(c->reason == MIKEY_REPLAYED && silent(c), "a message is not taken twice, silently");
	c->f->now += MIKEY_SECONDS(59);
	respond(c);
	check(c->reason == MIKEY_REPLAYED, "a message is not taken twice, until the skew is over");
	c->f->now += MIKEY_SECONDS(2);
	respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW,
	      "a message from beyond the skew is refused for its time");
	offer(c);
	respond(c);
	check(!c->reason, "a new message with a new T is taken");
	call_free(c);
}

static void test_time(void)
{
	struct call *c = call_new();
	uint64_t start = c->f->now;

	offer(c);
	c->f->now = start + MIKEY_SECONDS(60);
	respond(c);
	check(!c->reason, "a message as old as the skew allows is taken");
	offer(c);
	c->f->now -= MIKEY_SECONDS(60);
	respond(c);
	check(!c->reason, "a message as early as the skew allows is taken");
	c->f->now = start + MIKEY_SECONDS(200);
	offer(c);
	c->f->now += MIKEY_SECONDS(61);
	respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW && !c->answer.csb,
	      "a message older than the skew is refused");
	check(is_error(c, MIKEY_ERR_INVALID_TS, true),
	      "a late message with a right MAC gets Error 1 with a V (REQ-216)");
	process(c);
	check(c->reason == MIKEY_PEER_ERROR && c->peer_err.verified &&
	      c->peer_err.err_no[0] == MIKEY_ERR_INVALID_TS,
	      "the initiator believes an Error with a V");
	c->f->bob_psk = view("not the right one");
	respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW && silent(c),
	      "a late message without a right MAC gets silence");
	call_free(c);
}

static void test_era(void)
{
	struct call *c = call_new();

	/* Two seconds before 2036-02-07T06:28:16Z */
	c->f->now = 0xfffffffeULL << 32;
	offer(c);
	c->f->now += MIKEY_SECONDS(5);
	respond(c);
	check(!c->reason, "a message from before the NTP era change is taken after it");
	offer(c);
	respond(c);
	check(!c->reason, "a message from after the NTP era change is taken");
	respond(c);
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
	struct call *c = called_with(reflected);

	check(c->reason == MIKEY_REFLECTED && silent(c),
	      "a message from one of our own identities is refused, silently (T-59)");
	call_free(c);
	c = called_with(sent);
	check(c->reason == MIKEY_REFLECTED && silent(c),
	      "a message that this host sent is refused, silently");
	call_free(c);
	c = called_with(other_name);
	check(c->reason == MIKEY_NOT_FOR_US && is_error(c, MIKEY_ERR_INVALID_ID, false),
	      "a message for somebody else gets Error 7");
	check(!c->f->lookups, "a message for somebody else leads to no lookup of its sender");
	call_free(c);
}

static void drop_ids(struct mikey_msg *msg)
{
	size_t i, n = 0;

	for (i = 0; i < msg->n_payloads; i++)
		if (msg->payload[i].type != MIKEY_PL_ID)
			msg->payload[n++] = msg->payload[i];
	msg->n_payloads = n;
}

static void odd_id(struct mikey_msg *msg)
{
	((struct mikey_payload *)mikey_find(msg, MIKEY_PL_ID, 0))->id.id_type = 200;
}

static void drop_rand(struct mikey_msg *msg)
{
	size_t i, n = 0;

	for (i = 0; i < msg->n_payloads; i++)
		if (msg->payload[i].type != MIKEY_PL_RAND)
			msg->payload[n++] = msg->payload[i];
	msg->n_payloads = n;
}

static void odd_prf(struct mikey_msg *msg)
{
	msg->hdr.prf = 5;
}

static void strong_prf(struct mikey_msg *msg)
{
	msg->hdr.prf = MIKEY_PRF_HMAC_SHA256;
}

static void odd_encr(struct mikey_msg *msg)
{
	((struct mikey_payload *)mikey_find(msg, MIKEY_PL_KEMAC, 0))->kemac.encr_alg = 9;
}

static void no_encr(struct mikey_msg *msg)
{
	((struct mikey_payload *)mikey_find(msg, MIKEY_PL_KEMAC, 0))->kemac.encr_alg = 0;
}

static void empty_map(struct mikey_msg *msg)
{
	size_t i, n = 0;

	for (i = 0; i < msg->n_payloads; i++)
		if (msg->payload[i].type != MIKEY_PL_SP)
			msg->payload[n++] = msg->payload[i];
	msg->n_payloads = n;
	msg->hdr.map_type = MIKEY_MAP_EMPTY;
	msg->hdr.n_cs = 0;
}

static void tesla(struct mikey_msg *msg)
{
	((struct mikey_payload *)mikey_find(msg, MIKEY_PL_SP, 0))->sp.prot = 1;
}

static void odd_param(struct mikey_msg *msg)
{
	((struct mikey_payload *)mikey_find(msg, MIKEY_PL_SP, 0))->sp.params =
		(struct mikey_view){ (const uint8_t *)"\x63\1\1", 3 };
}

static void missing_policy(struct mikey_msg *msg)
{
	empty_map(msg);
	msg->hdr.map_type = MIKEY_MAP_SRTP;
	msg->hdr.n_cs = 2;
}

static void early_sp(struct mikey_msg *msg)
{
	struct mikey_payload sp = *mikey_find(msg, MIKEY_PL_SP, 0);
	size_t i, n = 1;

	for (i = 0; i < msg->n_payloads; i++)
		if (msg->payload[i].type != MIKEY_PL_SP)
			n++;
	memmove(&msg->payload[1], &msg->payload[0], 4 * sizeof(msg->payload[0]));
	msg->payload[0] = sp;
	msg->n_payloads = n;
}

static void dh_type(struct mikey_msg *msg)
{
	msg->hdr.data_type = MIKEY_PK_INIT;
}

static void resp_type(struct mikey_msg *msg)
{
	msg->hdr.data_type = MIKEY_PSK_RESP;
}

static void error_type(struct mikey_msg *msg)
{
	msg->hdr.data_type = MIKEY_ERROR;
}

static void ticket_type(struct mikey_msg *msg)
{
	msg->hdr.data_type = 11;
}

static void two_kemacs(struct mikey_msg *msg)
{
	mikey_add(msg, mikey_find(msg, MIKEY_PL_KEMAC, 0));
}

/* Every one with a MAC that is right, so that only the change matters */
static const struct {
	const char *what;
	void (*change)(struct mikey_msg *msg);
	enum mikey_reason reason;
	int err_no;
	bool verified;
} changes[] = {
	{ "without identities, for the default peer, is taken", drop_ids, MIKEY_OK, -1, false },
	{ "with the SP first is taken (REQ-006)", early_sp, MIKEY_OK, -1, false },
	{ "without SP has SRTP's defaults (REQ-140)", missing_policy, MIKEY_OK, -1, false },
	{ "with an identity of unknown type gets Error 7", odd_id, MIKEY_UNSUP_ID, 7, false },
	{ "without RAND updates nothing, and gets Error 0", drop_rand, MIKEY_UNKNOWN_CSB, 0,
	  false },
	{ "with an unknown PRF gets Error 2", odd_prf, MIKEY_UNSUP_PRF, 2, false },
	{ "that mixes 128 and 256 bits gets Error 4", strong_prf, MIKEY_MIXED_STRENGTH, 4, false },
	{ "with an unknown encryption gets Error 4", odd_encr, MIKEY_UNSUP_ENCR, 4, false },
	{ "with NULL encryption gets an authenticated Error 4", no_encr, MIKEY_NULL_ENCR, 4, true },
	{ "with the empty map names no session, and gets Error 12", empty_map, MIKEY_NO_SESSION,
	  12, true },
	{ "with a TESLA policy gets an authenticated Error 9", tesla, MIKEY_UNSUP_PROT, 9, true },
	{ "with an unknown SP parameter gets an authenticated Error 10", odd_param,
	  MIKEY_BAD_POLICY, 10, true },
	{ "of a type that nobody may use here gets Error 11", dh_type, MIKEY_UNSUP_MODE, 11,
	  false },
	{ "of a type of RFC 6043 gets Error 13", ticket_type, MIKEY_UNSUP_MSG, 13, false },
	{ "of response type gets silence (REQ-031)", resp_type, MIKEY_UNEXPECTED_MSG, -1, false },
	{ "of Error type gets silence (REQ-038)", error_type, MIKEY_UNEXPECTED_MSG, -1, false },
	{ "with two KEMACs is malformed, and gets Error 12", two_kemacs, MIKEY_BAD_ORDER, 12,
	  false },
};

static void test_changes(void)
{
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct call *c = call_new();
		bool answered;

		c->f->bob.modes = MIKEY_MODE_BIT(MIKEY_PSK_INIT);
		offer(c);
		respond_to_changed(c, changes[i].change);
		answered = changes[i].err_no < 0 ?
				   c->reason == MIKEY_OK || silent(c) :
				   is_error(c, (unsigned int)changes[i].err_no,
					    changes[i].verified);
		if (!check(c->reason == changes[i].reason && answered, "a message %s",
			   changes[i].what))
			note("%s: %s", mikey_reason_token(c->reason), c->err.text);
		call_free(c);
	}
}

static void few_suites(struct fixture *f)
{
	mikey_suite_policy(mikey_suite_by_name("AEAD_AES_128_GCM"), &f->policies[0]);
}

static void test_negotiation(void)
{
	struct call *c = call_new();

	few_suites(c->f);
	offer(c);
	c->f->accept.n_suites = 3;
	respond(c);
	check(c->reason == MIKEY_SUITE_REFUSED && strstr(c->err.text, "AEAD_AES_128_GCM"),
	      "a suite that is not allowed is refused by its name");
	check(is_error(c, MIKEY_ERR_INVALID_SPPAR, true),
	      "a refused suite gets an authenticated Error 10");
	process(c);
	check(c->reason == MIKEY_PEER_ERROR && c->peer_err.n_policies == 3 &&
	      mikey_suite_of(&c->peer_err.policies[1]) == c->f->suites[1],
	      "that Error 10 names the suites that would be taken (REQ-036)");
	c->f->policies[0] = c->peer_err.policies[1];
	offer(c);
	respond(c);
	process(c);
	check(!c->reason, "a suite from that Error, in a new message, is taken");
	call_free(c);
}

static void bare_alice(struct fixture *f)
{
	f->init.encr_alg = MIKEY_ENCR_NULL;
	f->init.mac_alg = MIKEY_MAC_NULL;
	f->accept.flags |= MIKEY_ALLOW_NULL;
}

static void test_null(void)
{
	struct call *c = call_new();

	bare_alice(c->f);
	c->f->accept.flags = 0;
	offer(c);
	check(c->reason == MIKEY_NULL_MAC, "alice does not offer a NULL MAC unless allowed");
	c->f->init.mac_alg = MIKEY_MAC_HMAC_SHA1;
	offer(c);
	check(c->reason == MIKEY_NULL_ENCR, "alice does not offer NULL encryption unless allowed");
	c->f->init.encr_alg = MIKEY_ENCR_AES_CM_128;
	c->f->init.mac_alg = MIKEY_MAC_NULL;
	c->f->accept.flags = MIKEY_ALLOW_NULL;
	offer(c);
	check(c->reason == MIKEY_NULL_MAC,
	      "alice does not offer encrypted keys without MAC, even if NULL is allowed");
	bare_alice(c->f);
	offer(c);
	c->f->accept.flags = 0;
	respond(c);
	check(c->reason == MIKEY_NULL_MAC && is_error(c, MIKEY_ERR_INVALID_MAC, false),
	      "bob refuses a NULL MAC unless allowed, with Error 3 (REQ-054)");
	c->f->accept.flags = MIKEY_ALLOW_NULL;
	c->f->bob_knows = false;
	respond(c);
	check(c->reason == MIKEY_NULL_MAC && !c->answer.csb,
	      "a NULL MAC from an unknown peer is refused");
	c->f->bob_knows = true;
	respond(c);
	check(!c->reason && c->answer.csb && !c->answer.authenticated,
	      "a NULL MAC is taken where it is allowed");
	process(c);
	check(!c->reason, "a NULL V is taken where NULL was offered");
	respond(c);
	check(c->reason == MIKEY_REPLAYED, "a message with a NULL MAC is not taken twice");
	call_free(c);
}

static void no_mac(struct mikey_msg *msg)
{
	struct mikey_payload *kemac = (struct mikey_payload *)mikey_find(msg, MIKEY_PL_KEMAC, 0);

	kemac->kemac.mac_alg = MIKEY_MAC_NULL;
	kemac->kemac.mac.len = 0;
}

static void test_downgrade(void)
{
	static uint8_t buf[MIKEY_MSG_MAX];
	struct call *c = call_new();
	struct mikey_msg *msg;
	size_t len;

	offer(c);
	msg = parsed_message(c);
	no_mac(msg);
	if (mikey_build(msg, buf, sizeof(buf), &len, NULL))
		abort();
	c->f->accept.flags = MIKEY_ALLOW_NULL;
	respond_to(c, (struct mikey_view){ buf, len });
	check(c->reason == MIKEY_NULL_MAC && !c->answer.csb,
	      "encrypted keys without MAC are refused even from a peer that may use NULL");
	free(msg);
	call_free(c);
}

static void any_time(struct fixture *f)
{
	bare_alice(f);
	f->accept.flags |= MIKEY_COMPAT_ANY_TIME;
}

static void test_compat_time(void)
{
	struct call *c = call_new();

	any_time(c->f);
	offer(c);
	c->f->now += MIKEY_SECONDS(1000000);
	respond(c);
	check(!c->reason, "compat: the clock does not matter in messages without MAC");
	c->f->accept.flags = MIKEY_ALLOW_NULL;
	respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW && silent(c),
	      "strict: the clock matters in messages without MAC");
	c->f->now = c->f->offer.ts.value;
	c->f->init.encr_alg = MIKEY_ENCR_AES_CM_128;
	c->f->init.mac_alg = MIKEY_MAC_HMAC_SHA1;
	c->f->accept.flags = MIKEY_ALLOW_NULL | MIKEY_COMPAT_ANY_TIME;
	offer(c);
	c->f->now += MIKEY_SECONDS(1000);
	respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW, "compat: the clock matters in messages with a MAC");
	call_free(c);
}

/* What the network may bring before the true response */
static void test_forged_responses(void)
{
	struct call *c = called_with(NULL), *other = called_with(NULL);
	uint8_t *forged = malloc(c->answer.len);
	struct mikey_answer truth = c->answer;
	size_t bit, taken = 0, fatal = 0;

	for (bit = 0; bit < truth.len * 8; bit++) {
		memcpy(forged, truth.msg, truth.len);
		forged[bit / 8] ^= 1 << bit % 8;
		c->reason = mikey_pending_process(c->pending, forged, truth.len, &c->peer_err, &c->err);
		taken += !c->reason;
		fatal += c->reason == MIKEY_PEER_ERROR;
	}
	check(!taken && !fatal, "no response with one bit changed is taken, of %zu", truth.len * 8);
	offer(other);
	respond(other);
	c->reason = mikey_pending_process(c->pending, other->answer.msg, other->answer.len,
				      &c->peer_err, &c->err);
	check(c->reason == MIKEY_FOREIGN, "the response to another exchange is not for this one");
	c->reason = mikey_pending_process(c->pending, mikey_pending_message(c->pending).data,
				      mikey_pending_message(c->pending).len, &c->peer_err, &c->err);
	check(c->reason == MIKEY_REFLECTED, "the own message, reflected, is no response");
	check(!mikey_pending_csb(c->pending)->sessions[1].ssrc,
	      "forged and foreign responses do not change the sessions");
	process(c);
	check(!c->reason && mikey_pending_csb(c->pending)->sessions[1].ssrc == 0x22222222,
	      "the true response is taken after forged and foreign ones");
	process(c);
	check(!c->reason, "a response that comes twice is taken twice");
	free(forged);
	call_free(c);
	call_free(other);
}

static void test_forged_error(void)
{
	struct call *c = call_new();
	struct mikey_answer error;

	offer(c);
	c->f->bob_knows = false;
	respond(c);
	error = c->answer;
	memset(&c->answer, 0, sizeof(c->answer));
	c->f->bob_knows = true;
	respond(c);
	c->reason = mikey_pending_process(c->pending, error.msg, error.len, &c->peer_err, &c->err);
	check(c->reason == MIKEY_PEER_HINT, "a forged Error is a hint and ends nothing");
	process(c);
	check(!c->reason, "the true response is taken after a forged Error");
	error.msg[4] ^= 1;
	c->reason = mikey_pending_process(c->pending, error.msg, error.len, &c->peer_err, &c->err);
	check(c->reason == MIKEY_FOREIGN, "an Error with another CSB ID is not for this exchange");
	error.msg[4] ^= 1;
	error.msg[15] ^= 1;
	c->reason = mikey_pending_process(c->pending, error.msg, error.len, &c->peer_err, &c->err);
	check(c->reason == MIKEY_FOREIGN,
	      "an Error with another T is not for this exchange (REQ-030)");
	mikey_answer_clear(&error);
	call_free(c);
}

static void test_forged_v_of_error(void)
{
	struct call *c = call_new();

	few_suites(c->f);
	offer(c);
	c->f->accept.n_suites = 3;
	respond(c);
	c->answer.msg[c->answer.len - 1] ^= 1;
	process(c);
	check(c->reason == MIKEY_AUTH_FAILED, "an Error with a wrong V is not even a hint");
	c->answer.msg[c->answer.len - 1] ^= 1;
	process(c);
	check(c->reason == MIKEY_PEER_ERROR, "an Error with its own V counts");
	call_free(c);
}

/* Bob's response, changed and with the V of RFC 3830 5.2 */
static void process_changed(struct call *c, void (*change)(struct mikey_msg *msg), bool with_ids)
{
	static uint8_t buf[MIKEY_MSG_MAX];
	struct mikey_msg *msg = malloc(sizeof(*msg)), *request = parsed_message(c);
	struct mikey_label_ctx ctx = {
		request->hdr.prf, request->hdr.csb_id,
		mikey_find(request, MIKEY_PL_RAND, 0)->rand.value,
	};
	struct mikey_view pieces[4] = {
		{ buf, 0 }, c->f->init.idi.data, c->f->init.idr.data,
		mikey_find(request, MIKEY_PL_T, 0)->t.value,
	};
	struct mikey_msg_keys keys;
	size_t len;

	if (mikey_parse(msg, c->answer.msg, c->answer.len, NULL))
		abort();
	change(msg);
	if (mikey_build(msg, buf, sizeof(buf), &len, NULL) ||
	    mikey_msg_keys_derive(c->f->crypto, &ctx, c->f->init.creds.psk, 1, 1, &keys))
		abort();
	pieces[0].len = len - 20;
	if (!with_ids)
		pieces[1] = pieces[3];
	mikey_mac(c->f->crypto, &keys, pieces, with_ids ? 4 : 2, buf + len - 20);
	c->reason = mikey_pending_process(c->pending, buf, len, &c->peer_err, &c->err);
	free(request);
	free(msg);
}

static void same(struct mikey_msg *msg)
{
	(void)msg;
}

static void other_ssrc(struct mikey_msg *msg)
{
	msg->hdr.cs[0].ssrc++;
}

static void other_policy(struct mikey_msg *msg)
{
	msg->hdr.cs[1].policy_no++;
}

static void fewer_sessions(struct mikey_msg *msg)
{
	msg->hdr.n_cs = 1;
}

static void no_sessions(struct mikey_msg *msg)
{
	msg->hdr.n_cs = 0;
}

static void other_idr(struct mikey_msg *msg)
{
	((struct mikey_payload *)mikey_find(msg, MIKEY_PL_ID, 0))->id.data = view("sip:eve@x");
}

static void no_idr(struct mikey_msg *msg)
{
	drop_ids(msg);
}

static void bob_roc(struct mikey_msg *msg)
{
	msg->hdr.cs[1].roc = 7;
}

static void test_responses(void)
{
	static const struct {
		const char *what;
		void (*change)(struct mikey_msg *msg);
		bool with_ids;
		enum mikey_reason reason;
	} list[] = {
		{ "as computed by this test is taken", same, true, MIKEY_OK },
		{ "without IDr is taken", no_idr, true, MIKEY_OK },
		{ "that names no session leaves all as it was", no_sessions, true, MIKEY_OK },
		{ "that gives the ROC of bob's stream is taken", bob_roc, true, MIKEY_OK },
		{ "whose V leaves out the identities is refused (T-02)", same, false,
		  MIKEY_AUTH_FAILED },
		{ "that alters alice's SSRC is refused", other_ssrc, true, MIKEY_BAD_RESPONSE },
		{ "that alters a policy is refused", other_policy, true, MIKEY_BAD_RESPONSE },
		{ "with fewer sessions is refused", fewer_sessions, true, MIKEY_BAD_RESPONSE },
		{ "from another identity is refused", other_idr, true, MIKEY_BAD_RESPONSE },
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct call *c = called_with(NULL);

		process_changed(c, list[i].change, list[i].with_ids);
		if (!check(c->reason == list[i].reason, "a response %s", list[i].what))
			note("%s: %s", mikey_reason_token(c->reason), c->err.text);
		call_free(c);
	}
}

static void with_counter(struct fixture *f)
{
	f->offer.ts.type = MIKEY_TS_COUNTER;
}

static void with_counters(struct fixture *f)
{
	with_counter(f);
	f->bob.counters = true;
}

static void test_counter(void)
{
	struct call *c = called_with(with_counter), *old;

	check(c->reason == MIKEY_UNSUP_TS && is_error(c, MIKEY_ERR_INVALID_TS, false),
	      "a COUNTER gets Error 1 where it is not configured (REQ-028)");
	call_free(c);
	c = called_with(with_counters);
	check(!c->reason, "a COUNTER is taken where it is");
	process(c);
	check(!c->reason, "a response to a COUNTER message is taken");
	respond(c);
	check(c->reason == MIKEY_REPLAYED && silent(c), "the same COUNTER is not taken again");
	old = call_new();
	with_counters(old->f);
	offer(old);
	c->f->clock.last = 10;
	offer(c);
	respond(c);
	check(!c->reason, "a larger COUNTER is taken");
	respond_to(c, mikey_pending_message(old->pending));
	check(c->reason == MIKEY_REPLAYED, "a smaller COUNTER is not taken (REQ-027)");
	call_free(old);
	call_free(c);
}

static void test_recovery(void)
{
	struct call *c = call_new();

	mikey_replay_unclean(c->f->bob.replay, c->f->now);
	offer(c);
	respond(c);
	check(c->reason == MIKEY_RECOVERING && is_error(c, MIKEY_ERR_INVALID_TS, true),
	      "after the cache was lost nothing is taken (REQ-023)");
	c->f->now += MIKEY_SECONDS(61);
	offer(c);
	respond(c);
	check(!c->reason, "once the skew has passed after a loss, messages are taken");
	call_free(c);
}

static void test_full_cache(void)
{
	struct call *c = call_new();
	struct call *first = call_new();
	int i, taken = 0;

	offer(first);
	respond_to(c, mikey_pending_message(first->pending));
	for (i = 0; i < 40; i++) {
		c->f->now += MIKEY_SECONDS(1) / 2;
		offer(c);
		respond(c);
		taken += !c->reason;
	}
	check(taken == 40, "a full cache goes on taking new messages (REQ-024)");
	check(mikey_replay_count(c->f->bob.replay) == 16, "a full cache does not grow");
	respond_to(c, mikey_pending_message(first->pending));
	check(c->reason == MIKEY_TOO_OLD, "what a full cache had to forget is too old, not new");
	call_free(first);
	call_free(c);
}

static void test_random_failure(void)
{
	struct call *c = call_new();
	int i, made = 0;

	for (i = 1; i <= 3; i++) {
		c->f->random_fails = i;
		offer(c);
		made += c->reason != MIKEY_NO_RANDOM || c->pending;
	}
	check(!made, "without random octets there is no message");
	c->f->random_fails = 0;
	c->f->offer.n_cs = 0;
	offer(c);
	check(c->reason == MIKEY_USAGE, "without sessions there is no message");
	c->f->offer.n_cs = 2;
	c->f->init.idr.data.len = 0;
	offer(c);
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
	struct call *c = call_new();
	unsigned int n = 0;

	c->f->offer.csb_in_use = taken_ids;
	c->f->offer.arg = &n;
	offer(c);
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
	struct call *c = called_with(kw_16);

	check(c->reason == MIKEY_BAD_KEY_DATA,
	      "AES key wrap cannot carry a TGK of 16 octets (T-57)");
	c->f->offer.n_keys = 0;
	offer(c);
	respond(c);
	process(c);
	check(!c->reason && same_keys(mikey_pending_csb(c->pending), c->answer.csb),
	      "a TGK that AES key wrap has to carry is made longer");
	call_free(c);
}

/* Bob as a camera's peer: no identity, no MAC, a clock that may be wrong */
static enum mikey_reason respond_to_sample(struct call *c, const char *name, uint32_t flags,
					   uint8_t *key)
{
	static struct mikey_msg msg;
	char path[8192];
	uint8_t buf[8192];
	long len;

	snprintf(path, sizeof(path), "%s/%s.b64", samples_dir(), name);
	len = read_sample(path, buf, sizeof(buf));
	if (len < 0 || mikey_parse(&msg, buf, (size_t)len, NULL))
		abort();
	memcpy(key, mikey_find(&msg, MIKEY_PL_KEMAC, 0)->kemac.encr_data.data + 4, 30);
	c->f->accept.flags = flags;
	respond_to(c, (struct mikey_view){ buf, (size_t)len });
	return c->reason;
}

static void test_sample(const char *name, const char *suite, enum mikey_reason without_gst,
			size_t salt_len)
{
	const uint32_t lax = MIKEY_ALLOW_NULL | MIKEY_COMPAT_ONVIF;
	struct call *c = call_new();
	const struct mikey_session *s;
	uint8_t key[30];

	check(respond_to_sample(c, name, 0, key) && silent(c), "strict: %s is refused", name);
	check(respond_to_sample(c, name, MIKEY_ALLOW_NULL, key) == MIKEY_CLOCK_SKEW,
	      "NULL allowed: %s is refused for its time", name);
	check(respond_to_sample(c, name, lax, key) == without_gst,
	      "compat=onvif: %s: %s", name, mikey_reason_token(without_gst));
	respond_to_sample(c, name, lax | MIKEY_COMPAT_GSTREAMER, key);
	s = c->answer.csb ? c->answer.csb->sessions : NULL;
	check(s && c->answer.csb->n_sessions == 1 && !strcmp(s->suite->name, suite) &&
	      s->n_keys == 1 && !memcmp(s->keys->key, key, 16) &&
	      s->keys->salt_len == salt_len && !memcmp(s->keys->salt, key + 16, salt_len),
	      "compat=onvif,gstreamer: %s is taken: %s, key and salt split", name, suite);
	call_free(c);
}

static void test_samples(void)
{
	const char *cm = "AES_CM_128_HMAC_SHA1_80", *gcm = "AEAD_AES_128_GCM";

	test_sample("gst122-rtspsrc-keymgmt", cm, MIKEY_UNSUP_SUITE, 14);
	test_sample("gst122-savp-0", cm, MIKEY_UNSUP_SUITE, 14);
	test_sample("gst126-client-managed-aes-128-gcm-null-setup", gcm, MIKEY_OK, 12);
	test_sample("gst126-client-managed-aes-128-gcm-null-rekey", gcm, MIKEY_OK, 12);
	test_sample("gst126-client-managed-aes-128-icm-hmac-sha1-80-setup", cm, MIKEY_UNSUP_SUITE,
		    14);
	test_sample("gst126-client-managed-aes-128-icm-hmac-sha1-80-rekey", cm, MIKEY_UNSUP_SUITE,
		    14);
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
	test_changes();
	test_negotiation();
	test_null();
	test_downgrade();
	test_compat_time();
	test_forged_responses();
	test_forged_error();
	test_forged_v_of_error();
	test_responses();
	test_counter();
	test_recovery();
	test_full_cache();
	test_random_failure();
	test_csb_id();
	test_key_wrap();
	test_samples();
	return ktap_end();
}
