// SPDX-License-Identifier: GPL-2.0
/*
 * Public-key mode (RFC 3830 3.2), both roles: what has to work, and what has to
 * fail, each with its own reason.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "mikey/sign.h"
#include "pki.h"

/**
 * struct call - an exchange
 * @f: the two parties
 * @pending: alice's exchange
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
	c->reason = fixture_certify(c->f, MIKEY_PK_INIT, change, &c->err);
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
	c->reason = mikey_pending_process(c->pending, c->answer.msg, c->answer.len, NULL, &c->err);
}

static bool same_keys(const struct mikey_csb *a, const struct mikey_csb *b)
{
	size_t i;

	if (!a || !b || a->n_sessions != b->n_sessions || !a->n_sessions)
		return false;
	for (i = 0; i < a->n_sessions; i++)
		if (a->sessions[i].n_keys != b->sessions[i].n_keys ||
		    memcmp(a->sessions[i].keys->key, b->sessions[i].keys->key, 32) ||
		    memcmp(a->sessions[i].keys->salt, b->sessions[i].keys->salt, 14))
			return false;
	return true;
}

/* A whole call after one change; true if both have the same keys and V was right */
static bool works(void (*change)(struct fixture *f), const struct pki_change *who)
{
	struct call *c = call_new(who);
	bool ok;

	if (change)
		change(c->f);
	if (!c->reason)
		offer(c);
	if (!c->reason)
		respond(c);
	ok = !c->reason && c->answer.authenticated &&
	     same_keys(mikey_pending_csb(c->pending), c->answer.csb);
	if (ok && c->answer.msg)
		process(c);
	if (c->reason)
		printf("# %s: %s\n", mikey_reason_token(c->reason), c->err.text);
	ok = ok && !c->reason;
	call_free(c);
	return ok;
}

/* What bob says of a call with one change */
static enum mikey_reason refused(void (*change)(struct fixture *f), const struct pki_change *who)
{
	struct call *c = call_new(who);
	enum mikey_reason reason;

	if (!c->reason)
		offer(c);
	if (change)
		change(c->f);
	if (!c->reason)
		respond(c);
	reason = c->answer.csb ? MIKEY_OK : c->reason;
	if (reason)
		printf("# %s (%d): %s\n", mikey_reason_token(reason), mikey_reason_exit(reason),
		       c->err.text);
	call_free(c);
	return reason;
}

static void oaep(struct fixture *f)
{
	f->init.creds.oaep = f->bob_creds.oaep = true;
}

static void pss(struct fixture *f)
{
	f->init.creds.sign = MIKEY_PSS_SHA1;
}

static void pss256(struct fixture *f)
{
	f->init.creds.sign = MIKEY_PSS_SHA256;
}

static void sha256(struct fixture *f)
{
	f->init.creds.sign = MIKEY_RSA_SHA256;
}

static void no_v(struct fixture *f)
{
	f->offer.verify = false;
}

static void by_nai(struct fixture *f)
{
	f->init.idi = (struct mikey_id){ MIKEY_ID_NAI, view("alice@example.org") };
	f->init.idr = (struct mikey_id){ MIKEY_ID_NAI, view("bob@example.org") };
	f->bob_ids[0] = f->init.idr;
}

static void test_works(void)
{
	struct pki_change pinned = pki_usual(), other = pki_usual(), listed = pki_usual();

	pinned.cert.issuer = PKI_ALICE;
	pinned.pinned = true;
	other.cert.usage = "digitalSignature,keyEncipherment";
	listed.crl = 999;
	check(works(NULL, NULL), "pk: a call with PKCS#1 v1.5, SHA-1 and V, both have the keys");
	check(works(no_v, NULL), "pk: a call without V");
	check(works(oaep, NULL), "pk: envelope with OAEP");
	check(works(sha256, NULL), "pk: signature with SHA-256");
	check(works(pss, NULL), "pk: signature RSASSA-PSS");
	check(works(pss256, NULL), "pk: signature RSASSA-PSS with SHA-256");
	check(works(by_nai, NULL), "pk: identities that are NAIs");
	check(works(NULL, &pinned), "pk: a self-signed certificate that is configured");
	check(works(NULL, &other), "pk: a certificate with key usage for both");
	check(works(NULL, &listed), "pk: a revocation list that has somebody else");
}

static void late(struct fixture *f)
{
	f->now += MIKEY_SECONDS(3600);
}

static void only_pss(struct fixture *f)
{
	f->bob_creds.sign_accept = 1u << MIKEY_PSS_SHA256;
}

static void only_psk(struct fixture *f)
{
	f->bob_modes = MIKEY_MODE_BIT(MIKEY_PSK_INIT);
}

static void stranger(struct fixture *f)
{
	f->bob_knows = false;
}

static void few_suites(struct fixture *f)
{
	static const struct mikey_suite *one[1];

	one[0] = mikey_suite_by_name("AEAD_AES_256_GCM");
	f->accept.suites = one;
	f->accept.n_suites = 1;
}

static void no_trust(struct fixture *f)
{
	f->bob_creds.trust = NULL;
}

static void other_padding(struct fixture *f)
{
	f->bob_creds.oaep = true;
}

static void test_certificates(void)
{
	struct pki_change c = pki_usual();

	c.anchor = PKI_EVE;
	check(refused(NULL, &c) == MIKEY_CERT_UNTRUSTED, "pk: refused: an issuer nobody trusts");
	c = pki_usual();
	c.cert.from = -20;
	c.cert.days = 10;
	check(refused(NULL, &c) == MIKEY_CERT_EXPIRED, "pk: refused: an expired certificate");
	c = pki_usual();
	c.cert.from = 5;
	check(refused(NULL, &c) == MIKEY_CERT_EXPIRED, "pk: refused: one that is not valid yet");
	c = pki_usual();
	c.crl = c.cert.serial;
	check(refused(NULL, &c) == MIKEY_CERT_REVOKED, "pk: refused: a revoked certificate");
	c = pki_usual();
	c.cert.names = "URI:sip:eve@example.org";
	check(refused(NULL, &c) == MIKEY_CERT_IDENTITY, "pk: refused: another identity in it");
	c.cert.names = NULL;
	check(refused(NULL, &c) == MIKEY_CERT_IDENTITY, "pk: refused: no identity in it");
	c = pki_usual();
	c.cert.usage = "keyEncipherment";
	check(refused(NULL, &c) == MIKEY_CERT_USAGE, "pk: refused: a key that is not for signatures");
	c = pki_usual();
	c.key = PKI_EVE;
	check(refused(NULL, &c) == MIKEY_CERT_KEY,
	      "pk: a certificate that is not that of the key is not loaded");
	c = pki_usual();
	c.key = c.cert.subject = PKI_SMALL;
	check(refused(NULL, &c) == MIKEY_CERT_KEY, "pk: an RSA key of 1024 bits is not loaded");
}

static void test_refused(void)
{
	check(refused(late, NULL) == MIKEY_CLOCK_SKEW, "pk: refused: outside the clock skew");
	check(refused(only_pss, NULL) == MIKEY_SIGN_REFUSED,
	      "pk: refused: a signature weaker than what is accepted");
	check(refused(only_psk, NULL) == MIKEY_MODE_REFUSED,
	      "pk: refused: a peer that may only use a pre-shared key");
	check(refused(stranger, NULL) == MIKEY_UNKNOWN_PEER, "pk: refused: nobody we know");
	check(refused(few_suites, NULL) == MIKEY_SUITE_REFUSED, "pk: refused: a suite not allowed");
	check(refused(no_trust, NULL) == MIKEY_MODE_REFUSED, "pk: refused: nobody is trusted");
	check(refused(other_padding, NULL) == MIKEY_AUTH_FAILED,
	      "pk: refused: an envelope with the other padding");
}

static void test_replay(void)
{
	struct call *c = call_new(NULL);

	offer(c);
	respond(c);
	check(!c->reason && c->answer.csb, "pk: a message is taken once");
	respond(c);
	check(c->reason == MIKEY_REPLAYED && !c->answer.msg, "pk: the second time in silence not");
	call_free(c);
}

/* Alice's message with a change, signed again by whom @creds says */
static struct mikey_view resigned(struct call *c, const struct mikey_creds *creds,
				  void (*change)(struct mikey_msg *msg))
{
	struct mikey_view old = mikey_pending_message(c->pending);
	struct mikey_msg *msg = calloc(1, sizeof(*msg));
	struct mikey_view out = { NULL, 0 };
	uint8_t *octets;

	if (mikey_parse(msg, old.data, old.len, NULL))
		abort();
	msg->n_payloads--;
	change(msg);
	if (!sign_emit(c->f->crypto, creds, NULL, msg, NULL, 0, &octets, &out.len, NULL))
		out.data = octets;
	free(msg);
	return out;
}

static enum mikey_reason tampered(void (*change)(struct mikey_msg *msg), struct call **keep)
{
	struct call *c = call_new(NULL);
	struct mikey_view msg;
	enum mikey_reason reason;

	offer(c);
	msg = resigned(c, &c->f->init.creds, change);
	respond_to(c, msg);
	OPENSSL_free((void *)msg.data);
	reason = c->reason;
	if (c->answer.csb)
		reason = MIKEY_OK;
	if (reason)
		printf("# %s (%d): %s\n", mikey_reason_token(reason), mikey_reason_exit(reason),
		       c->err.text);
	if (keep)
		*keep = c;
	else
		call_free(c);
	return reason;
}

static struct mikey_payload *find(struct mikey_msg *msg, uint32_t type)
{
	return (struct mikey_payload *)mikey_find(msg, type, 0);
}

static uint8_t scratch[4096];

/* A copy that may be changed */
static struct mikey_view copied(struct mikey_view from)
{
	memcpy(scratch, from.data, from.len);
	return (struct mikey_view){ scratch, from.len };
}

static void nothing(struct mikey_msg *msg)
{
	(void)msg;
}

static void wrong_hash(struct mikey_msg *msg)
{
	struct mikey_payload *chash = find(msg, MIKEY_PL_CHASH);

	chash->chash.value = copied(chash->chash.value);
	scratch[3] ^= 1;
}

static void broken_envelope(struct mikey_msg *msg)
{
	struct mikey_payload *pke = find(msg, MIKEY_PL_PKE);

	pke->pke.data = copied(pke->pke.data);
	scratch[100] ^= 1;
}

static void short_envelope(struct mikey_msg *msg)
{
	find(msg, MIKEY_PL_PKE)->pke.data.len = 17;
}

static void broken_mac(struct mikey_msg *msg)
{
	struct mikey_payload *kemac = find(msg, MIKEY_PL_KEMAC);

	kemac->kemac.mac = copied(kemac->kemac.mac);
	scratch[5] ^= 1;
}

static void null_encryption(struct mikey_msg *msg)
{
	find(msg, MIKEY_PL_KEMAC)->kemac.encr_alg = MIKEY_ENCR_NULL;
}

static void null_mac(struct mikey_msg *msg)
{
	struct mikey_payload *kemac = find(msg, MIKEY_PL_KEMAC);

	kemac->kemac.mac_alg = MIKEY_MAC_NULL;
	kemac->kemac.mac.len = 0;
}

static void mixed(struct mikey_msg *msg)
{
	find(msg, MIKEY_PL_KEMAC)->kemac.encr_alg = MIKEY_ENCR_AES_CM_256;
}

static void cache_three(struct mikey_msg *msg)
{
	find(msg, MIKEY_PL_PKE)->pke.cache = 3;
}

static void md5(struct mikey_msg *msg)
{
	struct mikey_payload *chash = find(msg, MIKEY_PL_CHASH);

	chash->chash.hash = MIKEY_HASH_MD5;
	chash->chash.value.len = 16;
}

static void drop(struct mikey_msg *msg, uint32_t type)
{
	struct mikey_payload *p = find(msg, type);
	size_t i = (size_t)(p - msg->payload);

	memmove(p, p + 1, (--msg->n_payloads - i) * sizeof(*p));
}

static void no_rand(struct mikey_msg *msg)
{
	drop(msg, MIKEY_PL_RAND);
}

static void no_kemac(struct mikey_msg *msg)
{
	drop(msg, MIKEY_PL_KEMAC);
}

static void no_chash(struct mikey_msg *msg)
{
	drop(msg, MIKEY_PL_CHASH);
}

static void no_cert(struct mikey_msg *msg)
{
	drop(msg, MIKEY_PL_CERT);
}

static void url(struct mikey_msg *msg)
{
	struct mikey_payload *cert = find(msg, MIKEY_PL_CERT);

	cert->cert.cert_type = MIKEY_CERT_URL;
	cert->cert.data = view("http://example.org/alice.cer");
}

static void no_der(struct mikey_msg *msg)
{
	find(msg, MIKEY_PL_CERT)->cert.data.len--;
}

static void sign_only(struct mikey_msg *msg)
{
	find(msg, MIKEY_PL_CERT)->cert.cert_type = MIKEY_CERT_SIGN;
}

static void encr_only(struct mikey_msg *msg)
{
	find(msg, MIKEY_PL_CERT)->cert.cert_type = MIKEY_CERT_ENCR;
}

static void five_certs(struct mikey_msg *msg)
{
	struct mikey_payload cert = *find(msg, MIKEY_PL_CERT);
	int i;

	for (i = 0; i < 4; i++)
		mikey_add(msg, &cert);
}

static const struct {
	const char *name;
	void (*change)(struct mikey_msg *msg);
	enum mikey_reason reason;
} tamper[] = {
	{ "signed again and nothing changed: taken", nothing, MIKEY_OK },
	{ "taken: without CHASH", no_chash, MIKEY_OK },
	{ "taken: a certificate for signatures only", sign_only, MIKEY_OK },
	{ "refused: CHASH of another certificate", wrong_hash, MIKEY_WRONG_CHASH },
	{ "refused: CHASH with MD5", md5, MIKEY_UNSUP_HASH },
	{ "refused: an envelope that cannot be opened", broken_envelope, MIKEY_AUTH_FAILED },
	{ "refused: an envelope of a wrong length", short_envelope, MIKEY_AUTH_FAILED },
	{ "refused: a KEMAC with a wrong MAC", broken_mac, MIKEY_AUTH_FAILED },
	{ "refused: keys that are not encrypted", null_encryption, MIKEY_NULL_ENCR },
	{ "refused: a KEMAC without MAC", null_mac, MIKEY_NULL_MAC },
	{ "refused: transforms of 128 and 256 bits", mixed, MIKEY_MIXED_STRENGTH },
	{ "refused: C = 3", cache_three, MIKEY_BAD_VALUE },
	{ "refused: without RAND", no_rand, MIKEY_UNSUP_UPDATE },
	{ "refused: without KEMAC", no_kemac, MIKEY_UNSUP_UPDATE },
	{ "refused: no certificate, sent or configured", no_cert, MIKEY_NO_CERT },
	{ "refused: a certificate by URL", url, MIKEY_UNSUP_CERT },
	{ "refused: a certificate that is cut off", no_der, MIKEY_BAD_CERT },
	{ "refused: a certificate for envelopes only", encr_only, MIKEY_NO_CERT },
	{ "refused: five certificates", five_certs, MIKEY_TOO_MANY },
};

static void test_tampered(void)
{
	size_t i;
	char name[128];

	for (i = 0; i < sizeof(tamper) / sizeof(tamper[0]); i++) {
		snprintf(name, sizeof(name), "pk: %s", tamper[i].name);
		check(tampered(tamper[i].change, NULL) == tamper[i].reason, name);
	}
}

/* What comes back must not tell what was wrong with an envelope */
static void test_indistinguishable(void)
{
	void (*const changes[])(struct mikey_msg *msg) = {
		broken_mac, broken_envelope, short_envelope,
	};
	struct call *c[3];
	struct mikey_msg *msg = calloc(1, sizeof(*msg));
	bool same = true;
	size_t i;

	for (i = 0; i < 3; i++) {
		tampered(changes[i], &c[i]);
		same = same && c[i]->answer.len == c[0]->answer.len && c[i]->answer.msg &&
		       !memcmp(c[i]->answer.msg, c[0]->answer.msg, c[0]->answer.len) &&
		       !strcmp(c[i]->err.text, c[0]->err.text);
	}
	check(same, "pk: a wrong MAC and envelopes that cannot be opened give the same octets");
	check(!mikey_parse(msg, c[0]->answer.msg, c[0]->answer.len, NULL) &&
	      msg->hdr.data_type == MIKEY_ERROR && !mikey_find(msg, MIKEY_PL_V, 0) &&
	      mikey_find(msg, MIKEY_PL_ERR, 0)->err.err_no == MIKEY_ERR_AUTH_FAILURE,
	      "pk: namely an Error 0 without V");
	for (i = 0; i < 3; i++)
		call_free(c[i]);
	free(msg);
}

/* Bob's own key would sign it; alice's message in eve's name */
static void test_wrong_signer(void)
{
	struct call *c = call_new(NULL);
	struct mikey_view msg;
	size_t len;
	uint8_t *copy;

	offer(c);
	msg = resigned(c, &c->f->bob_creds, nothing);
	respond_to(c, msg);
	OPENSSL_free((void *)msg.data);
	check(c->reason == MIKEY_AUTH_FAILED && !c->answer.authenticated,
	      "pk: refused: signed with another key than that of the certificate");
	msg = mikey_pending_message(c->pending);
	len = msg.len;
	copy = malloc(len);
	memcpy(copy, msg.data, len);
	copy[5] ^= 1;
	respond_to(c, (struct mikey_view){ copy, len });
	check(c->reason == MIKEY_AUTH_FAILED && !c->answer.authenticated,
	      "pk: refused: a message that was changed");
	free(copy);
	call_free(c);
}

static void test_responses(void)
{
	struct call *c = call_new(NULL);

	offer(c);
	respond(c);
	c->answer.msg[c->answer.len - 1] ^= 1;
	process(c);
	check(c->reason == MIKEY_AUTH_FAILED, "pk: a response with a wrong V is passed over");
	c->answer.msg[c->answer.len - 1] ^= 1;
	c->answer.msg[4] ^= 1;
	process(c);
	check(c->reason == MIKEY_FOREIGN, "pk: a response with another CSB ID is passed over");
	c->answer.msg[4] ^= 1;
	c->answer.msg[1] = MIKEY_PSK_RESP;
	process(c);
	check(c->reason == MIKEY_UNEXPECTED_MSG, "pk: a response of another mode is passed over");
	c->answer.msg[1] = MIKEY_PK_RESP;
	c->reason = mikey_pending_process(c->pending, c->answer.msg, c->answer.len - 22, NULL,
					  &c->err);
	check(c->reason && mikey_reason_exit(c->reason) == MIKEY_EXIT_MALFORMED,
	      "pk: a response without V is passed over");
	process(c);
	check(!c->reason, "pk: and the right one is taken after all of them");
	call_free(c);
}

static void test_cache(void)
{
	static const struct { uint32_t c; bool cached; } cases[] = {
		{ MIKEY_NO_CACHE, false }, { MIKEY_CACHE, true }, { MIKEY_CACHE_CSB, true },
	};
	size_t i;

	for (i = 0; i < 3; i++) {
		struct call *c = call_new(NULL);
		const struct mikey_csb *a, *b;
		char name[80];

		c->f->init.creds.cache = cases[i].c;
		offer(c);
		respond(c);
		a = mikey_pending_csb(c->pending);
		b = c->answer.csb;
		snprintf(name, sizeof(name), "pk: C = %u: both %s the envelope key", cases[i].c,
			 cases[i].cached ? "keep" : "forget");
		check(b && !!a->env_key.len == cases[i].cached &&
		      a->env_key.len == b->env_key.len &&
		      (!a->env_key.len || !memcmp(a->env_key.data, b->env_key.data, 16)), name);
		call_free(c);
	}
}

/* What the initiator looks at before it seals anything */
static void test_initiator(void)
{
	struct call *c = call_new(NULL);
	struct mikey_id idr = c->f->init.idr;

	c->f->init.idr.data = view("sip:carol@example.org");
	offer(c);
	check(c->reason == MIKEY_CERT_IDENTITY,
	      "pk: no envelope for a certificate of another identity");
	c->f->init.idr = idr;
	c->f->init.now += MIKEY_SECONDS(40ull * 86400);
	offer(c);
	check(c->reason == MIKEY_CERT_EXPIRED, "pk: no envelope for an expired certificate");
	c->f->init.now = c->f->now;
	c->f->init.creds.own = NULL;
	offer(c);
	check(c->reason == MIKEY_USAGE, "pk: no offer without a certificate of one's own");
	c->f->init.creds.own = c->f->alice_own;
	c->f->init.mac_alg = MIKEY_MAC_NULL;
	offer(c);
	check(c->reason == MIKEY_NULL_MAC || c->reason == MIKEY_USAGE,
	      "pk: no offer without a MAC");
	c->f->init.mac_alg = MIKEY_MAC_HMAC_SHA1;
	c->f->offer.prf = MIKEY_PRF_HMAC_SHA256;
	c->f->init.encr_alg = MIKEY_ENCR_AES_CM_256;
	c->f->init.mac_alg = MIKEY_MAC_HMAC_SHA256;
	offer(c);
	check(c->reason == MIKEY_CERT_KEY, "pk: RSA-2048 carries no keys of 256 bits");
	call_free(c);
}

static void test_inspect(void)
{
	struct call *c = call_new(NULL);
	struct mikey_msg *msg = calloc(1, sizeof(*msg));
	struct mikey_opened opened;
	struct mikey_view octets;

	offer(c);
	octets = mikey_pending_message(c->pending);
	mikey_parse(msg, octets.data, octets.len, NULL);
	c->reason = mikey_inspect(c->f->crypto, msg, &c->f->bob_creds, &c->f->accept, &opened,
				  &c->err);
	check(!c->reason && opened.verified && same_keys(opened.csb, mikey_pending_csb(c->pending)),
	      "pk: offline: opened with the private key, signature verified");
	mikey_opened_clear(&opened);
	c->reason = mikey_inspect(c->f->crypto, msg, &c->f->init.creds, &c->f->accept, &opened,
				  &c->err);
	check(c->reason && !opened.csb, "pk: offline: not with somebody else's key");
	mikey_opened_clear(&opened);
	free(msg);
	call_free(c);
}

/* RFC 3830 4.5: an update of this bundle, by the key that both keep or not at all */
static void test_update(uint32_t cache)
{
	struct call *c = call_new(NULL);
	struct mikey_csb *alice, *bob;

	c->f->init.creds.cache = cache;
	offer(c);
	respond(c);
	process(c);
	alice = mikey_pending_take(c->pending);
	bob = c->answer.csb;
	c->answer.csb = NULL;
	c->f->offer.update = alice;
	c->f->bob_live = bob;
	c->f->bob_modes = MIKEY_MODE_BIT(MIKEY_PK_INIT);
	c->f->offer.n_keys = 1;
	c->f->now += MIKEY_SECONDS(1);
	offer(c);
	if (!cache) {
		check(c->reason == MIKEY_UNSUP_UPDATE,
		      "pk: without a kept envelope key there is no update");
	} else {
		bool psk = mikey_pending_message(c->pending).data[1] == MIKEY_PSK_INIT;

		respond(c);
		check(psk && !c->reason, "pk: an update is a pre-shared key message under it");
		process(c);
		check(!c->reason && same_keys(mikey_pending_csb(c->pending), c->answer.csb) &&
		      !same_keys(alice, c->answer.csb), "pk: and both have the new keys");
	}
	mikey_csb_free(alice);
	call_free(c);
	mikey_csb_free(bob);
}

int main(void)
{
	ktap_begin();
	test_works();
	test_certificates();
	test_refused();
	test_replay();
	test_tampered();
	test_indistinguishable();
	test_wrong_signer();
	test_responses();
	test_cache();
	test_update(MIKEY_CACHE_CSB);
	test_update(MIKEY_NO_CACHE);
	test_initiator();
	test_inspect();
	pki_free();
	return ktap_end();
}
