// SPDX-License-Identifier: GPL-2.0
/*
 * Reverse RSA mode (RFC 4738), both roles, for calls and for groups.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "mikey/envelope.h"
#include "mikey/sign.h"
#include "tamper.h"
#include "variant.h"

static bool works(void (*change)(struct fixture *f), const struct pki_change *who)
{
	struct call *c = call_made(MIKEY_RSAR_INIT, who, change);
	bool ok = !c->reason && c->answer.authenticated && c->answer.msg &&
		  !mikey_pending_csb(c->pending) && !call_process(c) &&
		  same_keys(mikey_pending_csb(c->pending), c->answer.csb);

	call_note(c);
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
	check(works(group_member, NULL), "rsar: a member gets the keys of a group");
}

static void test_group(void)
{
	struct call *a = call_made(MIKEY_RSAR_INIT, NULL, group_member);
	struct call *b = call_made(MIKEY_RSAR_INIT, NULL, group_member);
	struct mikey_msg *msg = parsed(answer_of(a));
	bool same;

	check(mikey_find(msg, MIKEY_PL_RAND, 0) && mikey_find(msg, MIKEY_PL_SP, 0) &&
	      mikey_find(msg, MIKEY_PL_EXT, 0)->ext.ext_type == MIKEY_EXT_CSB_ID &&
	      msg->payload[0].type == MIKEY_PL_EXT && msg->payload[1].type == MIKEY_PL_T,
	      "rsar: group: CSB_ID, T, RAND and SP are in the response");
	same = !call_process(a) && !call_process(b) && same_keys(mikey_pending_csb(a->pending),
						       mikey_pending_csb(b->pending));
	check(same && mikey_pending_csb(a->pending)->csb_id == 0xabcdef01,
	      "rsar: group: two members have the same keys under its CSB ID");
	check(mikey_pending_csb(a->pending)->sessions[0].roc == 5,
	      "rsar: group: a late member is told the ROC");
	free(msg);
	call_free(a);
	call_free(b);
	a = call_made(MIKEY_RSAR_INIT, NULL, group_member);
	call_free(a);
}

static enum mikey_reason refused(void (*change)(struct fixture *f), const struct pki_change *who)
{
	struct call *c = call_made(MIKEY_RSAR_INIT, who, change);
	enum mikey_reason reason = c->answer.csb ? MIKEY_OK : c->reason;

	call_note(c);
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
	struct mikey_offer offer = f->offer;

	group_member(f);
	f->offer = offer;
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
	struct call *c = call_made(MIKEY_RSAR_INIT, NULL, NULL);

	call_respond(c);
	check(c->reason == MIKEY_REPLAYED && !c->answer.msg, "rsar: a replay is met with silence");
	c->f->now += MIKEY_SECONDS(3600);
	call_offer(c);
	c->f->now += MIKEY_SECONDS(3600);
	call_respond(c);
	check(c->reason == MIKEY_CLOCK_SKEW && !c->answer.msg && !c->answer.authenticated,
	      "rsar: so is a message outside the skew, before any RSA");
	call_free(c);
}

static void test_errors(void)
{
	struct call *c = call_made(MIKEY_RSAR_INIT, NULL, nothing_fits);

	check(c->answer.is_error && call_process(c) == MIKEY_PEER_ERROR && c->peer_err.verified &&
	      c->peer_err.err_no[0] == MIKEY_ERR_INVALID_SPPAR,
	      "rsar: a refusal of somebody who is known is a signed Error 10");
	c->answer.msg[c->answer.len - 9] ^= 1;
	check(call_process(c) == MIKEY_AUTH_FAILED,
	      "rsar: an Error with a wrong signature is none");
	call_free(c);
	c = call_made(MIKEY_RSAR_INIT, NULL, only_psk);
	check(c->answer.is_error && call_process(c) == MIKEY_PEER_HINT,
	      "rsar: an Error that nobody signed is a hint");
	call_free(c);
}

/* What SIGNr covers behind the message: IDi, IDr and T (RFC 4738 3.6) */
static void tail_of(const struct call *c, struct mikey_view tail[3])
{
	struct mikey_msg *req = parsed(mikey_pending_message(c->pending));
	const struct mikey_payload *idi, *idr;

	mikey_find_ids(req, &idi, &idr);
	tail[0] = idi->id.data;
	tail[1] = idr->id.data;
	tail[2] = mikey_find(req, MIKEY_PL_T, 0)->t.value;
	free(req);
}

/* Bob's response, made again by somebody who has keys */
static struct mikey_view remade(const struct call *c, const struct mikey_creds *signer,
				tamper_fn change)
{
	struct mikey_view tail[3];

	tail_of(c, tail);
	return resigned(c, signer, answer_of(c), change, tail, 3);
}

/* The same, but the signature leaves out the two octets in front of it */
static struct mikey_view remade_short(const struct call *c)
{
	struct mikey_view msg = remade(c, &c->f->bob_creds, tamper_nothing), tail[3];
	uint8_t *octets = (uint8_t *)msg.data;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 256, i;

	tail_of(c, tail);
	EVP_DigestSignInit(ctx, NULL, EVP_sha1(), NULL, c->f->bob_creds.own->key);
	EVP_DigestSignUpdate(ctx, octets, msg.len - n - 2);
	for (i = 0; i < 3; i++)
		EVP_DigestSignUpdate(ctx, tail[i].data, tail[i].len);
	EVP_DigestSignFinal(ctx, octets + msg.len - n, &n);
	EVP_MD_CTX_free(ctx);
	return msg;
}

static void add_rand(struct mikey_msg *msg)
{
	struct mikey_payload rand = { .type = MIKEY_PL_RAND };

	rand.rand.value = view("sixteen octets!!");
	mikey_add(msg, &rand);
}

static void no_rand(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_RAND);
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
	drop_first(msg, MIKEY_PL_EXT);
}

static void bad_csb_id(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_EXT, 0)->ext.data = view("abc");
}

static uint8_t params[MIKEY_POLICY_MAX];

static void other_sp(struct mikey_msg *msg)
{
	struct mikey_policy policy;
	struct mikey_payload *sp = payload_of(msg, MIKEY_PL_SP, 0);

	mikey_suite_policy(mikey_suite_by_name("NULL_HMAC_SHA1_80"), &policy);
	sp->sp.params = (struct mikey_view){ params, mikey_policy_build(&policy, params) };
}

static void no_sp_back(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_SP);
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
	payload_of(msg, MIKEY_PL_ID, 0)->id.data = view("sip:eve@example.org");
}

static void broken_envelope(struct mikey_msg *msg)
{
	struct mikey_payload *pke = payload_of(msg, MIKEY_PL_PKE, 0);

	pke->pke.data = damaged(pke->pke.data, 9);
}

static void plain(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_alg = MIKEY_ENCR_NULL;
}

/* The certificate is somebody else's, so that it does not go with the signature */
static void other_cert(struct mikey_msg *msg)
{
	struct mikey_payload *cert = payload_of(msg, MIKEY_PL_CERT, 0);

	cert->cert.data = damaged(cert->cert.data, cert->cert.data.len - 3);
}

static void without_cert(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_CERT);
}

static const struct {
	const char *name;
	void (*set_up)(struct fixture *f);
	tamper_fn change;
	enum mikey_reason reason;
} tamper[] = {
	{ "RAND in both messages", NULL, add_rand, MIKEY_BAD_RAND },
	{ "RAND in neither message", group_member, no_rand, MIKEY_BAD_RAND },
	{ "CSB_ID in a call", NULL, add_csb_id, MIKEY_BAD_CSB_ID },
	{ "no CSB_ID in a group", group_member, no_csb_id, MIKEY_BAD_CSB_ID },
	{ "CSB_ID of three octets", group_member, bad_csb_id, MIKEY_BAD_CSB_ID },
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
		struct call *c = call_made(MIKEY_RSAR_INIT, NULL, tamper[i].set_up);
		struct mikey_view msg = remade(c, &c->f->bob_creds, tamper[i].change);
		enum mikey_reason reason = call_process_octets(c, msg);

		call_note(c);
		check(msg.len && reason == tamper[i].reason && !mikey_pending_csb(c->pending) &&
		      !call_process(c) && mikey_pending_csb(c->pending),
		      "rsar: passed over: %s; the exchange goes on", tamper[i].name);
		call_free(c);
	}
}

static void test_signature(void)
{
	struct call *c = call_made(MIKEY_RSAR_INIT, NULL, NULL);

	check(!call_process_octets(c, remade(c, &c->f->bob_creds, tamper_nothing)),
	      "rsar: SIGNr over the head of its own payload");
	check(!call_process_octets(c, remade_short(c)),
	      "rsar: SIGNr without it, as RFC 4738 can be read");
	call_process_octets(c, remade(c, &c->f->init.creds, tamper_nothing));
	check(c->reason == MIKEY_AUTH_FAILED,
	      "rsar: passed over: a certificate that is not of the key that signed");
	check(!call_process_octets(c, remade(c, &c->f->bob_creds, without_cert)),
	      "rsar: without certificate the configured one counts");
	call_free(c);
}

/* What another exchange got is no answer to this one */
static void test_foreign(void)
{
	struct call *a = call_made(MIKEY_RSAR_INIT, NULL, NULL);
	struct call *b = call_new(MIKEY_RSAR_INIT, NULL);

	b->f->seed = 99;
	call_offer(b);
	check(call_process_octets(b, answer_of(a)) ==
	      MIKEY_FOREIGN, "rsar: passed over: the response to somebody else");
	a->answer.msg[1] = MIKEY_PK_RESP;
	call_process(a);
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
