// SPDX-License-Identifier: GPL-2.0
/*
 * Public-key mode (RFC 3830 3.2), both roles: what has to work, and what has to
 * fail, each with its own reason.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "ktap.h"
#include "tamper.h"
#include "variant.h"

/* A whole call after one change; true if both have the same keys and V was right */
static bool works(void (*change)(struct fixture *f), const struct pki_change *who)
{
	struct call *c = call_made(MIKEY_PK_INIT, who, change);
	bool ok = !c->reason && c->answer.authenticated;

	if (ok && c->answer.msg)
		call_process(c);
	call_note(c);
	ok = ok && !c->reason && same_keys(mikey_pending_csb(c->pending), c->answer.csb);
	call_free(c);
	return ok;
}

/* What bob says of a call with one change */
static enum mikey_reason refused(void (*change)(struct fixture *f), const struct pki_change *who)
{
	struct call *c = call_new(MIKEY_PK_INIT, who);
	enum mikey_reason reason;

	if (!c->reason)
		call_offer(c);
	if (change)
		change(c->f);
	if (!c->reason)
		call_respond(c);
	reason = c->answer.csb ? MIKEY_OK : c->reason;
	call_note(c);
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

/* Nobody tells alice of his SSRCs */
static void one_way(struct fixture *f)
{
	without_v(f);
	f->bob_ssrc = 0;
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
	check(works(one_way, NULL), "pk: a call without V");
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
	struct call *c = call_new(MIKEY_PK_INIT, NULL);

	call_offer(c);
	call_respond(c);
	check(!c->reason && c->answer.csb, "pk: a message is taken once");
	call_respond(c);
	check(c->reason == MIKEY_REPLAYED && !c->answer.msg, "pk: the second time in silence not");
	call_free(c);
}

static void test_responses(void)
{
	struct call *c = call_new(MIKEY_PK_INIT, NULL);

	call_offer(c);
	call_respond(c);
	c->answer.msg[c->answer.len - 1] ^= 1;
	call_process(c);
	check(c->reason == MIKEY_AUTH_FAILED, "pk: a response with a wrong V is passed over");
	c->answer.msg[c->answer.len - 1] ^= 1;
	c->answer.msg[4] ^= 1;
	call_process(c);
	check(c->reason == MIKEY_FOREIGN, "pk: a response with another CSB ID is passed over");
	c->answer.msg[4] ^= 1;
	c->answer.msg[1] = MIKEY_PSK_RESP;
	call_process(c);
	check(c->reason == MIKEY_UNEXPECTED_MSG, "pk: a response of another mode is passed over");
	c->answer.msg[1] = MIKEY_PK_RESP;
	call_process_octets(c, (struct mikey_view){ c->answer.msg, c->answer.len - 22 });
	check(c->reason && mikey_reason_exit(c->reason) == MIKEY_EXIT_MALFORMED,
	      "pk: a response without V is passed over");
	call_process(c);
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
		struct call *c = call_new(MIKEY_PK_INIT, NULL);
		const struct mikey_csb *a, *b;
		char name[80];

		c->f->init.creds.cache = cases[i].c;
		call_offer(c);
		call_respond(c);
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
	struct call *c = call_new(MIKEY_PK_INIT, NULL);
	struct mikey_id idr = c->f->init.idr;

	c->f->init.idr.data = view("sip:carol@example.org");
	call_offer(c);
	check(c->reason == MIKEY_CERT_IDENTITY,
	      "pk: no envelope for a certificate of another identity");
	c->f->init.idr = idr;
	c->f->init.now += MIKEY_SECONDS(40ull * 86400);
	call_offer(c);
	check(c->reason == MIKEY_CERT_EXPIRED, "pk: no envelope for an expired certificate");
	c->f->init.now = c->f->now;
	c->f->init.creds.own = NULL;
	call_offer(c);
	check(c->reason == MIKEY_USAGE, "pk: no offer without a certificate of one's own");
	c->f->init.creds.own = c->f->alice_own;
	c->f->init.mac_alg = MIKEY_MAC_NULL;
	call_offer(c);
	check(c->reason == MIKEY_NULL_MAC || c->reason == MIKEY_USAGE,
	      "pk: no offer without a MAC");
	c->f->init.mac_alg = MIKEY_MAC_HMAC_SHA1;
	c->f->offer.prf = MIKEY_PRF_HMAC_SHA256;
	c->f->init.encr_alg = MIKEY_ENCR_AES_CM_256;
	c->f->init.mac_alg = MIKEY_MAC_HMAC_SHA256;
	call_offer(c);
	check(c->reason == MIKEY_CERT_KEY, "pk: RSA-2048 carries no keys of 256 bits");
	call_free(c);
}

static void test_inspect(void)
{
	struct call *c = call_new(MIKEY_PK_INIT, NULL);
	struct mikey_msg *msg;
	struct mikey_opened opened;

	call_offer(c);
	msg = parsed(mikey_pending_message(c->pending));
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

/**
 * struct standing - a call that stands
 * @c: the parties, ready for an update
 * @alice: her bundle
 * @bob: his
 */
struct standing {
	struct call *c;
	struct mikey_csb *alice;
	struct mikey_csb *bob;
};

static struct standing standing_new(uint32_t cache)
{
	struct call *c = call_new(MIKEY_PK_INIT, NULL);
	struct standing s = { c, NULL, NULL };

	c->f->init.creds.cache = cache;
	call_offer(c);
	call_respond(c);
	call_process(c);
	s.alice = mikey_pending_take(c->pending);
	s.bob = c->answer.csb;
	c->answer.csb = NULL;
	c->f->offer.update = s.alice;
	c->f->bob_live = s.bob;
	c->f->bob.modes = c->f->bob_modes = MIKEY_MODE_BIT(MIKEY_PK_INIT);
	c->f->offer.n_keys = 1;
	c->f->now += MIKEY_SECONDS(1);
	call_offer(c);
	return s;
}

static void standing_free(struct standing *s)
{
	mikey_csb_free(s->alice);
	call_free(s->c);
	mikey_csb_free(s->bob);
}

/* RFC 3830 4.5: an update of this bundle, by the key that both keep or by another one */
static void test_update(uint32_t cache)
{
	struct standing s = standing_new(cache);
	struct call *c = s.c;
	uint32_t type = mikey_pending_message(c->pending).data[1];

	call_respond(c);
	check(type == (cache ? MIKEY_PSK_INIT : MIKEY_PK_INIT) && !c->reason,
	      "pk: C = %u: an update is %s", cache,
	      cache ? "a pre-shared key message under the kept key" :
		      "a public key message with another envelope");
	call_process(c);
	check(!c->reason && same_keys(mikey_pending_csb(c->pending), c->answer.csb) &&
	      !same_keys(s.alice, c->answer.csb), "pk: C = %u: and both have the new keys",
	      cache);
	standing_free(&s);
}

/* RFC 3830 4.5: where the key is kept, an update must not be a public key message */
static void test_update_in_vain(void)
{
	struct standing s = standing_new(MIKEY_NO_CACHE);
	uint8_t *kept = OPENSSL_secure_zalloc(16);

	s.bob->env_key = (struct mikey_view){ kept, 16 };
	call_respond(s.c);
	check(s.c->reason == MIKEY_ALG_CHANGED && !s.c->answer.csb,
	      "pk: refused: a public key message that updates a bundle with a kept key");
	standing_free(&s);
}

static void other_idi(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_ID, 0)->id.data = view("sip:eve@example.org");
}

static void without_kemac(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_KEMAC);
}

static void test_update_forged(void)
{
	static const struct {
		const char *what;
		tamper_fn change;
		enum mikey_reason reason;
	} list[] = {
		{ "taken: an update signed again and nothing changed", tamper_nothing, MIKEY_OK },
		{ "refused: an update without KEMAC (REQ-066)", without_kemac, MIKEY_MISSING },
		{ "refused: an update in the name of somebody else", other_idi,
		  MIKEY_UNKNOWN_CSB },
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct standing s = standing_new(MIKEY_NO_CACHE);
		struct call *c = s.c;

		call_respond_to(c, resigned(c, &c->f->init.creds,
					    mikey_pending_message(c->pending), list[i].change,
					    NULL, 0));
		if (!check(c->reason == list[i].reason && !c->answer.csb == !!c->reason, "pk: %s",
			   list[i].what))
			call_note(c);
		standing_free(&s);
	}
}

/*
 * RFC 3830 6.3, C = 2: the envelope key is for this bundle alone. Alice uses it as the
 * pre-shared key of another one; C = 1 is no more than that here.
 */
static void test_other_bundle(uint32_t cache)
{
	struct call *c = call_new(MIKEY_PK_INIT, NULL);
	struct mikey_csb *bob;

	c->f->init.creds.cache = cache;
	call_offer(c);
	call_respond(c);
	call_process(c);
	bob = c->answer.csb;
	c->answer.csb = NULL;
	c->f->bob_live = bob;
	c->f->init.mode = MIKEY_PSK_INIT;
	c->f->init.creds.psk = bob->env_key;
	c->f->bob_psk = view("another key of the two");
	c->f->now += MIKEY_SECONDS(1);
	call_offer(c);
	call_respond(c);
	call_note(c);
	check(bob->env_key.len && c->reason == MIKEY_AUTH_FAILED && !c->answer.csb &&
	      !c->answer.authenticated,
	      "pk: C = %u: refused: the envelope key as that of another bundle", cache);
	call_free(c);
	mikey_csb_free(bob);
}

int main(void)
{
	ktap_begin();
	test_other_bundle(MIKEY_CACHE);
	test_other_bundle(MIKEY_CACHE_CSB);
	test_works();
	test_certificates();
	test_refused();
	test_replay();
	test_responses();
	test_cache();
	test_update(MIKEY_CACHE);
	test_update(MIKEY_CACHE_CSB);
	test_update(MIKEY_NO_CACHE);
	test_update_in_vain();
	test_update_forged();
	test_initiator();
	test_inspect();
	pki_free();
	return ktap_end();
}
