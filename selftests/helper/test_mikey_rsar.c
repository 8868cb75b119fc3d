// SPDX-License-Identifier: GPL-2.0
/*
 * Reverse RSA mode (RFC 4738), both roles, for calls and for groups.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "mikey/envelope.h"
#include "mikey/sign.h"
#include "pki.h"

/**
 * struct call - an exchange
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

static struct call *call_new(const struct pki_change *change)
{
	struct call *c = calloc(1, sizeof(*c));

	c->f = fixture_new();
	c->reason = fixture_certify(c->f, MIKEY_RSAR_INIT, change, &c->err);
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

static enum mikey_reason process_octets(struct call *c, struct mikey_view msg)
{
	memset(&c->err, 0, sizeof(c->err));
	c->reason = mikey_pending_process(c->pending, msg.data, msg.len, &c->peer_err, &c->err);
	return c->reason;
}

static enum mikey_reason process(struct call *c)
{
	return process_octets(c, (struct mikey_view){ c->answer.msg, c->answer.len });
}

static bool same_keys(const struct mikey_csb *a, const struct mikey_csb *b)
{
	size_t i;

	if (!a || !b || a->n_sessions != b->n_sessions || !a->n_sessions ||
	    a->csb_id != b->csb_id || a->data_type != b->data_type)
		return false;
	for (i = 0; i < a->n_sessions; i++)
		if (a->sessions[i].ssrc != b->sessions[i].ssrc ||
		    a->sessions[i].suite != b->sessions[i].suite ||
		    memcmp(a->sessions[i].keys->key, b->sessions[i].keys->key, 32) ||
		    memcmp(a->sessions[i].keys->salt, b->sessions[i].keys->salt, 14))
			return false;
	return true;
}

static void complain(const struct call *c)
{
	if (c->reason)
		printf("# %s (%d): %s\n", mikey_reason_token(c->reason),
		       mikey_reason_exit(c->reason), c->err.text);
}

/* Up to bob's answer, with one change */
static struct call *called(void (*change)(struct fixture *f), const struct pki_change *who)
{
	struct call *c = call_new(who);

	if (change)
		change(c->f);
	if (!c->reason)
		offer(c);
	if (!c->reason)
		respond(c);
	return c;
}

static bool works(void (*change)(struct fixture *f), const struct pki_change *who)
{
	struct call *c = called(change, who);
	bool ok = !c->reason && c->answer.authenticated && c->answer.msg &&
		  !mikey_pending_csb(c->pending) && !process(c) &&
		  same_keys(mikey_pending_csb(c->pending), c->answer.csb);

	complain(c);
	call_free(c);
	return ok;
}

static void no_sp(struct fixture *f)
{
	f->offer.n_policies = 0;
}

static void alternatives(struct fixture *f)
{
	static const struct mikey_suite *one[1];

	one[0] = mikey_suite_by_name("AEAD_AES_128_GCM");
	mikey_suite_policy(mikey_suite_by_name("AEAD_AES_128_GCM"), &f->policies[1]);
	f->offer.n_policies = 2;
	f->accept.suites = one;
	f->accept.n_suites = 1;
}

static void oaep(struct fixture *f)
{
	f->init.creds.oaep = f->bob_creds.oaep = true;
}

static void pss(struct fixture *f)
{
	f->init.creds.sign = f->bob_creds.sign = MIKEY_PSS_SHA256;
}

static void one_session(struct fixture *f)
{
	f->offer.n_cs = 1;
}

static const struct mikey_cs_offer group_cs[1] = { { .ssrc = 0x33333333, .roc = 5 } };

static const struct mikey_group *the_group(void)
{
	static struct mikey_group group = { .csb_id = 0xabcdef01, .cs = group_cs, .n_cs = 1 };

	group.rand = view("sixteen octets..");
	group.key.key = view("a group's TGK...");
	mikey_policy_default(&group.policy);
	return &group;
}

static void in_group(struct fixture *f)
{
	f->group = the_group();
	f->offer.group = true;
	f->offer.n_policies = 0;
	f->offer.n_cs = 0;
}

static void test_works(void)
{
	struct pki_change pinned = pki_usual();

	pinned.cert.issuer = PKI_ALICE;
	pinned.pinned = true;
	check(works(NULL, NULL), "rsar: a call, both have the keys");
	check(works(no_sp, NULL), "rsar: without SP the responder chooses the policy");
	check(works(alternatives, NULL), "rsar: of two policies the acceptable one is taken");
	check(works(oaep, NULL), "rsar: envelope with OAEP");
	check(works(pss, NULL), "rsar: signatures RSASSA-PSS with SHA-256");
	check(works(one_session, NULL), "rsar: the responder adds the session back");
	check(works(NULL, &pinned), "rsar: a self-signed certificate that is configured");
	check(works(in_group, NULL), "rsar: a member gets the keys of a group");
}

static void test_group(void)
{
	struct call *a = called(in_group, NULL), *b = called(in_group, NULL);
	struct mikey_msg *msg = calloc(1, sizeof(*msg));
	bool same;

	mikey_parse(msg, a->answer.msg, a->answer.len, NULL);
	check(mikey_find(msg, MIKEY_PL_RAND, 0) && mikey_find(msg, MIKEY_PL_SP, 0) &&
	      mikey_find(msg, MIKEY_PL_EXT, 0)->ext.ext_type == MIKEY_EXT_CSB_ID &&
	      msg->payload[0].type == MIKEY_PL_EXT && msg->payload[1].type == MIKEY_PL_T,
	      "rsar: group: CSB_ID, T, RAND and SP are in the response");
	same = !process(a) && !process(b) && same_keys(mikey_pending_csb(a->pending),
						       mikey_pending_csb(b->pending));
	check(same && mikey_pending_csb(a->pending)->csb_id == 0xabcdef01,
	      "rsar: group: two members have the same keys under its CSB ID");
	check(mikey_pending_csb(a->pending)->sessions[0].roc == 5,
	      "rsar: group: a late member is told the ROC");
	free(msg);
	call_free(a);
	call_free(b);
	a = called(in_group, NULL);
	call_free(a);
}

static enum mikey_reason refused(void (*change)(struct fixture *f), const struct pki_change *who)
{
	struct call *c = called(change, who);
	enum mikey_reason reason = c->answer.csb ? MIKEY_OK : c->reason;

	complain(c);
	call_free(c);
	return reason;
}

static void only_psk(struct fixture *f)
{
	f->bob_modes = MIKEY_MODE_BIT(MIKEY_PSK_INIT);
}

static void only_pss(struct fixture *f)
{
	f->bob_creds.sign_accept = 1u << MIKEY_PSS_SHA256;
}

static void nothing_fits(struct fixture *f)
{
	f->accept.n_suites = 0;
}

static void sp_in_group(struct fixture *f)
{
	f->group = the_group();
}

static void test_refused(void)
{
	struct pki_change c = pki_usual();

	c.anchor = PKI_EVE;
	check(refused(NULL, &c) == MIKEY_CERT_UNTRUSTED, "rsar: refused: an issuer nobody trusts");
	c = pki_usual();
	c.cert.days = 1;
	c.cert.from = -3;
	check(refused(NULL, &c) == MIKEY_CERT_EXPIRED, "rsar: refused: an expired certificate");
	c = pki_usual();
	c.crl = c.cert.serial;
	check(refused(NULL, &c) == MIKEY_CERT_REVOKED, "rsar: refused: a revoked certificate");
	c = pki_usual();
	c.cert.names = "URI:sip:eve@example.org";
	check(refused(NULL, &c) == MIKEY_CERT_IDENTITY,
	      "rsar: refused: a trusted certificate of somebody else");
	c = pki_usual();
	c.cert.usage = "digitalSignature";
	check(refused(NULL, &c) == MIKEY_CERT_USAGE,
	      "rsar: refused: a certificate that cannot receive an envelope");
	check(refused(only_psk, NULL) == MIKEY_MODE_REFUSED, "rsar: refused: not in this mode");
	check(refused(only_pss, NULL) == MIKEY_SIGN_REFUSED, "rsar: refused: a weaker signature");
	check(refused(nothing_fits, NULL) == MIKEY_SUITE_REFUSED,
	      "rsar: refused: no policy fits");
	check(refused(sp_in_group, NULL) == MIKEY_UNEXPECTED,
	      "rsar: refused: a member that chooses the policy of a group");
}

static void test_replay(void)
{
	struct call *c = called(NULL, NULL);

	respond(c);
	check(c->reason == MIKEY_REPLAYED && !c->answer.msg, "rsar: a replay is met with silence");
	c->f->now += MIKEY_SECONDS(3600);
	offer(c);
	c->f->now += MIKEY_SECONDS(3600);
	respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW && !c->answer.msg && !c->answer.authenticated,
	      "rsar: so is a message outside the skew, before any RSA");
	call_free(c);
}

static void test_errors(void)
{
	struct call *c = called(nothing_fits, NULL);

	check(c->answer.is_error && process(c) == MIKEY_PEER_ERROR && c->peer_err.verified &&
	      c->peer_err.err_no[0] == MIKEY_ERR_INVALID_SPPAR,
	      "rsar: a refusal of somebody who is known is a signed Error 10");
	c->answer.msg[c->answer.len - 9] ^= 1;
	check(process(c) == MIKEY_AUTH_FAILED, "rsar: an Error with a wrong signature is none");
	call_free(c);
	c = called(only_psk, NULL);
	check(c->answer.is_error && process(c) == MIKEY_PEER_HINT,
	      "rsar: an Error that nobody signed is a hint");
	call_free(c);
}

/**
 * struct remake - bob's response, made again by somebody who has his keys
 * @change: what is changed, after everything but MAC and signature
 * @short_form: the signature leaves out the head of SIGN
 * @signer: NULL for bob
 */
struct remake {
	void (*change)(struct mikey_msg *msg);
	bool short_form;
	const struct mikey_creds *signer;
};

static struct mikey_view remade(struct call *c, const struct remake *how)
{
	const struct mikey_creds *creds = how->signer ? how->signer : &c->f->bob_creds;
	struct mikey_view asked = mikey_pending_message(c->pending);
	struct mikey_msg *req = calloc(1, sizeof(*req)), *msg = calloc(1, sizeof(*msg));
	struct mikey_view tail[4], out = { NULL, 0 };
	const struct mikey_payload *idi, *idr;
	uint8_t *octets;

	if (mikey_parse(req, asked.data, asked.len, NULL) ||
	    mikey_parse(msg, c->answer.msg, c->answer.len, NULL))
		abort();
	mikey_find_ids(req, &idi, &idr);
	tail[0] = idi->id.data;
	tail[1] = idr->id.data;
	tail[2] = mikey_find(req, MIKEY_PL_T, 0)->t.value;
	msg->n_payloads--;
	if (how->change)
		how->change(msg);
	if (!sign_emit(c->f->crypto, creds, NULL, msg, tail, 3, &octets, &out.len, NULL))
		out.data = octets;
	if (out.data && how->short_form) {
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();
		size_t n = 256, i;

		EVP_DigestSignInit(ctx, NULL, EVP_sha1(), NULL, creds->own->key);
		EVP_DigestSignUpdate(ctx, octets, out.len - n - 2);
		for (i = 0; i < 3; i++)
			EVP_DigestSignUpdate(ctx, tail[i].data, tail[i].len);
		EVP_DigestSignFinal(ctx, octets + out.len - n, &n);
		EVP_MD_CTX_free(ctx);
	}
	free(req);
	free(msg);
	return out;
}

static struct mikey_payload *find(struct mikey_msg *msg, uint32_t type)
{
	return (struct mikey_payload *)mikey_find(msg, type, 0);
}

static void drop(struct mikey_msg *msg, uint32_t type)
{
	struct mikey_payload *p = find(msg, type);
	size_t i = (size_t)(p - msg->payload);

	memmove(p, p + 1, (--msg->n_payloads - i) * sizeof(*p));
}

static void add_rand(struct mikey_msg *msg)
{
	struct mikey_payload rand = { .type = MIKEY_PL_RAND };

	rand.rand.value = view("sixteen octets!!");
	mikey_add(msg, &rand);
}

static void no_rand(struct mikey_msg *msg)
{
	drop(msg, MIKEY_PL_RAND);
}

static void add_csb_id(struct mikey_msg *msg)
{
	struct mikey_payload ext = { .type = MIKEY_PL_EXT };

	ext.ext.ext_type = MIKEY_EXT_CSB_ID;
	ext.ext.data = view("abcd");
	mikey_add(msg, &ext);
}

static void no_csb_id(struct mikey_msg *msg)
{
	drop(msg, MIKEY_PL_EXT);
}

static void bad_csb_id(struct mikey_msg *msg)
{
	find(msg, MIKEY_PL_EXT)->ext.data = view("abc");
}

static uint8_t params[MIKEY_POLICY_MAX];

static void other_sp(struct mikey_msg *msg)
{
	struct mikey_policy policy;
	struct mikey_payload *sp = find(msg, MIKEY_PL_SP);

	mikey_suite_policy(mikey_suite_by_name("NULL_HMAC_SHA1_80"), &policy);
	sp->sp.params = (struct mikey_view){ params, mikey_policy_build(&policy, params) };
}

static void no_sp_back(struct mikey_msg *msg)
{
	drop(msg, MIKEY_PL_SP);
}

static void other_ssrc(struct mikey_msg *msg)
{
	msg->hdr.cs[0].ssrc ^= 1;
}

static void fewer(struct mikey_msg *msg)
{
	msg->hdr.n_cs = 1;
}

static void other_id(struct mikey_msg *msg)
{
	find(msg, MIKEY_PL_ID)->id.data = view("sip:eve@example.org");
}

static void broken_envelope(struct mikey_msg *msg)
{
	static uint8_t copy[512];
	struct mikey_payload *pke = find(msg, MIKEY_PL_PKE);

	memcpy(copy, pke->pke.data.data, pke->pke.data.len);
	copy[9] ^= 1;
	pke->pke.data.data = copy;
}

static void plain(struct mikey_msg *msg)
{
	find(msg, MIKEY_PL_KEMAC)->kemac.encr_alg = MIKEY_ENCR_NULL;
}

/* The certificate is somebody else's, so that it does not go with the signature */
static void other_cert(struct mikey_msg *msg)
{
	static uint8_t copy[4096];
	struct mikey_payload *cert = find(msg, MIKEY_PL_CERT);

	memcpy(copy, cert->cert.data.data, cert->cert.data.len);
	copy[cert->cert.data.len - 3] ^= 1;
	cert->cert.data.data = copy;
}

static void without_cert(struct mikey_msg *msg)
{
	drop(msg, MIKEY_PL_CERT);
}

static const struct {
	const char *name;
	void (*set_up)(struct fixture *f);
	void (*change)(struct mikey_msg *msg);
	enum mikey_reason reason;
} tamper[] = {
	{ "RAND in both messages", NULL, add_rand, MIKEY_BAD_RAND },
	{ "RAND in neither message", in_group, no_rand, MIKEY_BAD_RAND },
	{ "CSB_ID in a call", NULL, add_csb_id, MIKEY_BAD_CSB_ID },
	{ "no CSB_ID in a group", in_group, no_csb_id, MIKEY_BAD_CSB_ID },
	{ "CSB_ID of three octets", in_group, bad_csb_id, MIKEY_BAD_CSB_ID },
	{ "a policy that was not offered", NULL, other_sp, MIKEY_SP_NOT_OFFERED },
	{ "no policy although some were offered", NULL, no_sp_back, MIKEY_SP_NOT_OFFERED },
	{ "another SSRC of ours", NULL, other_ssrc, MIKEY_BAD_RESPONSE },
	{ "a session left out", NULL, fewer, MIKEY_BAD_RESPONSE },
	{ "another identity", NULL, other_id, MIKEY_BAD_RESPONSE },
	{ "an envelope that cannot be opened", NULL, broken_envelope, MIKEY_AUTH_FAILED },
	{ "keys that are not encrypted", NULL, plain, MIKEY_NULL_ENCR },
	{ "a certificate that was altered", NULL, other_cert, MIKEY_CERT_UNTRUSTED },
};

/* Silence, whatever is wrong, and the right response is taken after that */
static void test_tampered(void)
{
	size_t i;

	for (i = 0; i < sizeof(tamper) / sizeof(tamper[0]); i++) {
		struct call *c = called(tamper[i].set_up, NULL);
		const struct remake how = { .change = tamper[i].change };
		struct mikey_view msg = remade(c, &how);
		enum mikey_reason reason = process_octets(c, msg);

		complain(c);
		check(msg.len && reason == tamper[i].reason && !mikey_pending_csb(c->pending) &&
		      !process(c) && mikey_pending_csb(c->pending),
		      "rsar: passed over: %s; the exchange goes on", tamper[i].name);
		OPENSSL_free((void *)msg.data);
		call_free(c);
	}
}

static void test_signature(void)
{
	struct call *c = called(NULL, NULL);
	const struct remake both[] = {
		{ 0 }, { .short_form = true }, { .signer = &c->f->init.creds },
		{ .change = without_cert },
	};
	struct mikey_view msg = remade(c, &both[0]);

	check(!process_octets(c, msg), "rsar: SIGNr over the head of its own payload");
	OPENSSL_free((void *)msg.data);
	msg = remade(c, &both[1]);
	check(!process_octets(c, msg), "rsar: SIGNr without it, as RFC 4738 can be read");
	OPENSSL_free((void *)msg.data);
	msg = remade(c, &both[2]);
	check(process_octets(c, msg) == MIKEY_AUTH_FAILED,
	      "rsar: passed over: a certificate that is not of the key that signed");
	OPENSSL_free((void *)msg.data);
	msg = remade(c, &both[3]);
	check(!process_octets(c, msg), "rsar: without certificate the configured one counts");
	OPENSSL_free((void *)msg.data);
	call_free(c);
}

/* What another exchange got is no answer to this one */
static void test_foreign(void)
{
	struct call *a = called(NULL, NULL), *b = call_new(NULL);

	b->f->seed = 99;
	offer(b);
	check(process_octets(b, (struct mikey_view){ a->answer.msg, a->answer.len }) ==
	      MIKEY_FOREIGN, "rsar: passed over: the response to somebody else");
	a->answer.msg[1] = MIKEY_PK_RESP;
	process(a);
	check(a->reason && !mikey_pending_csb(a->pending),
	      "rsar: passed over: a response of another mode");
	call_free(a);
	call_free(b);
}

int main(void)
{
	ktap_begin();
	test_works();
	test_group();
	test_refused();
	test_replay();
	test_errors();
	test_tampered();
	test_signature();
	test_foreign();
	pki_free();
	return ktap_end();
}
