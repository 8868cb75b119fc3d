// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates by URL (RFC 3830 6.7, RFC 4738 3.8), sent and taken, in every mode that
 * has certificates: not fetched, awaited and then there, and refused.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "ktap.h"
#include "tamper.h"

#define ALICE_URL "http://certs.example.org/alice.cer"
#define BOB_URL "http://certs.example.org/bob.cer"

/**
 * struct shelf - what is behind the URLs
 * @reason: for all of them; MIKEY_OK: there
 * @alice: certificate, DER
 * @bob: certificate, DER
 * @asked: how often somebody asked
 */
struct shelf {
	enum mikey_reason reason;
	struct mikey_view alice;
	struct mikey_view bob;
	unsigned int asked;
};

static bool is(struct mikey_view a, const char *text)
{
	return a.len == strlen(text) && !memcmp(a.data, text, a.len);
}

static enum mikey_reason find(void *arg, struct mikey_view url, struct mikey_view *der,
			      struct mikey_error *err)
{
	struct shelf *shelf = arg;

	shelf->asked++;
	if (shelf->reason)
		return mikey_fail(err, shelf->reason, MIKEY_NO_OFFSET, "not there");
	*der = is(url, ALICE_URL) ? shelf->alice : shelf->bob;
	return is(url, ALICE_URL) || is(url, BOB_URL) ? MIKEY_OK : MIKEY_URL_REFUSED;
}

static struct mikey_view der_of(struct mikey_view pem)
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	unsigned char *der = NULL;
	char *name = NULL, *header = NULL;
	long len = 0;

	if (!PEM_read_bio(bio, &name, &header, &der, &len))
		abort();
	OPENSSL_free(name);
	OPENSSL_free(header);
	BIO_free(bio);
	return (struct mikey_view){ der, (size_t)len };
}

static void clear_shelf(struct shelf *shelf)
{
	OPENSSL_free((void *)shelf->alice.data);
	OPENSSL_free((void *)shelf->bob.data);
}

/* Both send URLs, and both can look them up */
static struct call *url_call(uint32_t mode, struct shelf *shelf)
{
	struct call *c = call_new(mode, NULL);
	const struct mikey_urls urls = { find, shelf };

	*shelf = (struct shelf){ .alice = der_of(fixture_pki()->alice),
				 .bob = der_of(fixture_pki()->bob) };
	c->f->init.creds.url = view(ALICE_URL);
	c->f->bob_creds.url = view(BOB_URL);
	c->f->init.creds.urls = c->f->bob_creds.urls = urls;
	if (!c->reason)
		call_offer(c);
	return c;
}

/* The only CERT of a message is this URL */
static bool carries(struct mikey_view octets, const char *url)
{
	struct mikey_msg *msg = malloc(sizeof(*msg));
	const struct mikey_payload *cert = NULL;
	bool good = !mikey_parse(msg, octets.data, octets.len, NULL);

	if (good)
		cert = mikey_find(msg, MIKEY_PL_CERT, 0);
	good = cert && cert->cert.cert_type == MIKEY_CERT_URL && is(cert->cert.data, url) &&
	       !mikey_find(msg, MIKEY_PL_CERT, 1);
	free(msg);
	return good;
}

/* In this mode the response has a certificate, too */
static bool answers_with_one(uint32_t mode)
{
	return mode == MIKEY_DH_INIT || mode == MIKEY_RSAR_INIT;
}

static void test_there(uint32_t mode, const char *name)
{
	struct shelf shelf;
	struct call *c = url_call(mode, &shelf);

	check(c->pending && carries(mikey_pending_message(c->pending), ALICE_URL),
	      "%s: the message has the URL and no certificate", name);
	call_respond(c);
	call_note(c);
	check(!c->reason && c->answer.authenticated, "%s: what is at the URL is verified", name);
	if (answers_with_one(mode))
		check(carries(answer_of(c), BOB_URL), "%s: so has the response", name);
	call_process(c);
	call_note(c);
	check(!c->reason && same_keys(mikey_pending_csb(c->pending), c->answer.csb),
	      "%s: both have the same keys", name);
	call_free(c);
	clear_shelf(&shelf);
}

static void test_awaited(uint32_t mode, const char *name)
{
	struct shelf shelf;
	struct call *c = url_call(mode, &shelf);

	shelf.reason = MIKEY_CERT_AWAITED;
	check(call_respond(c) == MIKEY_CERT_AWAITED && call_silent(c) && !c->answer.authenticated,
	      "%s: while the certificate is awaited, silence and nothing proven", name);
	check(call_respond(c) == MIKEY_CERT_AWAITED,
	      "%s: the message was not remembered: it is awaited once more", name);
	shelf.reason = MIKEY_OK;
	check(call_respond(c) == MIKEY_OK, "%s: the same message, once it is there", name);
	if (answers_with_one(mode)) {
		shelf.reason = MIKEY_CERT_AWAITED;
		check(call_process(c) == MIKEY_CERT_AWAITED && !mikey_pending_csb(c->pending),
		      "%s: the response waits, the exchange is as it was", name);
		shelf.reason = MIKEY_OK;
	}
	check(call_process(c) == MIKEY_OK &&
	      same_keys(mikey_pending_csb(c->pending), c->answer.csb),
	      "%s: and both have the same keys", name);
	check(call_respond(c) == MIKEY_REPLAYED, "%s: now it is remembered", name);
	call_free(c);
	clear_shelf(&shelf);
}

static void test_refused(uint32_t mode, const char *name)
{
	static const enum mikey_reason reasons[] = {
		MIKEY_URL_REFUSED, MIKEY_CERT_UNAVAILABLE, MIKEY_BUSY,
	};
	struct shelf shelf;
	struct call *c = url_call(mode, &shelf);
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		shelf.reason = reasons[i];
		check(call_respond(c) == reasons[i] && !c->answer.csb && !c->answer.authenticated,
		      "%s: refused: %s", name, mikey_reason_token(reasons[i]));
		check(reasons[i] == MIKEY_BUSY ? call_silent(c) :
		      is_error(c, MIKEY_ERR_INVALID_CERT, 0),
		      "%s: and what the peer hears", name);
	}
	shelf.reason = MIKEY_OK;
	c->f->bob_creds.urls.find = NULL;
	check(call_respond(c) == MIKEY_UNSUP_CERT && is_error(c, MIKEY_ERR_INVALID_CERT, 0),
	      "%s: refused by name where nobody fetches", name);
	call_free(c);
	clear_shelf(&shelf);
}

/* What is at the URL is verified as what is in a message */
static void test_wrong(uint32_t mode, const char *name)
{
	struct shelf shelf;
	struct call *c = url_call(mode, &shelf);
	const struct mikey_view right = shelf.alice;

	shelf.alice = shelf.bob;
	check(call_respond(c) == MIKEY_CERT_IDENTITY, "%s: somebody else's certificate is there",
	      name);
	shelf.alice = view("<html>not found</html>");
	check(call_respond(c) == MIKEY_BAD_CERT, "%s: no certificate is there", name);
	shelf.alice = (struct mikey_view){ right.data, right.len - 1 };
	check(call_respond(c) == MIKEY_BAD_CERT, "%s: a part of one is there", name);
	shelf.alice = (struct mikey_view){ NULL, 0 };
	check(call_respond(c) == MIKEY_BAD_CERT, "%s: nothing is there", name);
	shelf.alice = right;
	check(call_respond(c) == MIKEY_OK, "%s: none of that was held against the right one", name);
	call_free(c);
	clear_shelf(&shelf);
}

/* Nobody is asked for the sake of somebody who is not known, or comes late */
static void test_unasked(uint32_t mode, const char *name)
{
	struct shelf shelf;
	struct call *c = url_call(mode, &shelf);

	c->f->bob_knows = false;
	check(call_respond(c) == MIKEY_UNKNOWN_PEER && !shelf.asked,
	      "%s: nothing is fetched for a stranger", name);
	c->f->bob_knows = true;
	c->f->bob_modes = MIKEY_MODE_BIT(MIKEY_PSK_INIT);
	call_respond(c);
	check(c->reason && !shelf.asked, "%s: nor in a mode that is not the peer's", name);
	c->f->bob_modes = MIKEY_MODE_BIT(mode);
	c->f->now += MIKEY_SECONDS(3600);
	check(call_respond(c) == MIKEY_CLOCK_SKEW && !shelf.asked,
	      "%s: nor for a message of another time", name);
	call_free(c);
	clear_shelf(&shelf);
}

static void four_urls(struct mikey_msg *msg)
{
	struct mikey_payload cert = *payload_of(msg, MIKEY_PL_CERT, 0);
	int i;

	for (i = 0; i < 3; i++)
		mikey_add(msg, &cert);
}

/* All URLs of a message are asked for at once, and asking has no other effect */
static void test_ahead(void)
{
	struct shelf shelf;
	struct call *c = url_call(MIKEY_RSAR_INIT, &shelf);
	struct mikey_view msg = mikey_pending_message(c->pending);
	const struct mikey_urls urls = { find, &shelf }, none = { NULL, NULL };
	struct mikey_error err;

	shelf.reason = MIKEY_CERT_AWAITED;
	check(mikey_urls_await(&urls, msg.data, msg.len, &err) == MIKEY_CERT_AWAITED,
	      "ahead: a certificate is awaited");
	check(!mikey_urls_await(&none, msg.data, msg.len, &err),
	      "ahead: nothing is awaited where nobody fetches");
	shelf.reason = MIKEY_URL_REFUSED;
	check(!mikey_urls_await(&urls, msg.data, msg.len, &err),
	      "ahead: a refusal is for who takes part");
	check(!mikey_urls_await(&urls, "junk", 4, &err), "ahead: so is what is no message");
	shelf.reason = MIKEY_CERT_AWAITED;
	shelf.asked = 0;
	msg = resigned(c, &c->f->init.creds, msg, four_urls, NULL, 0);
	check(mikey_urls_await(&urls, msg.data, msg.len, &err) == MIKEY_CERT_AWAITED &&
	      shelf.asked == 4, "ahead: all of four URLs are asked for");
	call_free(c);
	clear_shelf(&shelf);
}

int main(void)
{
	static const struct {
		uint32_t mode;
		const char *name;
	} modes[] = {
		{ MIKEY_PK_INIT, "pk" }, { MIKEY_DH_INIT, "dh" }, { MIKEY_RSAR_INIT, "rsar" },
	};
	size_t i;

	ktap_begin();
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		test_there(modes[i].mode, modes[i].name);
		test_awaited(modes[i].mode, modes[i].name);
		test_refused(modes[i].mode, modes[i].name);
		test_wrong(modes[i].mode, modes[i].name);
		test_unasked(modes[i].mode, modes[i].name);
	}
	test_ahead();
	pki_free();
	return ktap_end();
}
