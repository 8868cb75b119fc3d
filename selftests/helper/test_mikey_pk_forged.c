// SPDX-License-Identifier: GPL-2.0
/*
 * Public-key mode (RFC 3830 3.2): every rule once broken by somebody who can sign.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "tamper.h"
#include "variant.h"

/* Alice's message with a change, signed by her */
static struct call *tampered(tamper_fn change)
{
	struct call *c = call_new(MIKEY_PK_INIT, NULL);

	call_offer(c);
	call_respond_to(c, resigned(c, &c->f->init.creds, mikey_pending_message(c->pending), change,
				    NULL, 0));
	call_note(c);
	return c;
}

/* The octets of a payload with one altered */
static void damage(struct mikey_view *octets, size_t at)
{
	*octets = damaged(*octets, at);
}

static void wrong_hash(struct mikey_msg *msg)
{
	damage(&payload_of(msg, MIKEY_PL_CHASH, 0)->chash.value, 3);
}

static void broken_envelope(struct mikey_msg *msg)
{
	damage(&payload_of(msg, MIKEY_PL_PKE, 0)->pke.data, 100);
}

static void short_envelope(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_PKE, 0)->pke.data.len = 17;
}

static void broken_mac(struct mikey_msg *msg)
{
	damage(&payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.mac, 5);
}

static void null_encryption(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_alg = MIKEY_ENCR_NULL;
}

static void mixed(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_alg = MIKEY_ENCR_AES_CM_256;
}

static void cache_three(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_PKE, 0)->pke.cache = 3;
}

static void md5(struct mikey_msg *msg)
{
	struct mikey_payload *chash = payload_of(msg, MIKEY_PL_CHASH, 0);

	chash->chash.hash = MIKEY_HASH_MD5;
	chash->chash.value.len = 16;
}

static void no_rand(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_RAND);
}

static void no_kemac(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_KEMAC);
}

static void no_chash(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_CHASH);
}

static void no_cert(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_CERT);
}

static void url(struct mikey_msg *msg)
{
	struct mikey_payload *cert = payload_of(msg, MIKEY_PL_CERT, 0);

	cert->cert.cert_type = MIKEY_CERT_URL;
	cert->cert.data = view("http://example.org/alice.cer");
}

static void no_der(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_CERT, 0)->cert.data.len--;
}

static void sign_only(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_CERT, 0)->cert.cert_type = MIKEY_CERT_SIGN;
}

static void encr_only(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_CERT, 0)->cert.cert_type = MIKEY_CERT_ENCR;
}

static void five_certs(struct mikey_msg *msg)
{
	struct mikey_payload cert = *payload_of(msg, MIKEY_PL_CERT, 0);
	int i;

	for (i = 0; i < 4; i++)
		mikey_add(msg, &cert);
}

static const struct {
	const char *name;
	tamper_fn change;
	enum mikey_reason reason;
} tamper[] = {
	{ "signed again and nothing changed: taken", tamper_nothing, MIKEY_OK },
	{ "taken: without CHASH", no_chash, MIKEY_OK },
	{ "taken: a certificate for signatures only", sign_only, MIKEY_OK },
	{ "refused: CHASH of another certificate", wrong_hash, MIKEY_WRONG_CHASH },
	{ "refused: CHASH with MD5", md5, MIKEY_UNSUP_HASH },
	{ "refused: an envelope that cannot be opened", broken_envelope, MIKEY_AUTH_FAILED },
	{ "refused: an envelope of a wrong length", short_envelope, MIKEY_AUTH_FAILED },
	{ "refused: a KEMAC with a wrong MAC", broken_mac, MIKEY_AUTH_FAILED },
	{ "refused: keys that are not encrypted", null_encryption, MIKEY_NULL_ENCR },
	{ "refused: a KEMAC without MAC", tamper_no_mac, MIKEY_NULL_MAC },
	{ "refused: transforms of 128 and 256 bits", mixed, MIKEY_MIXED_STRENGTH },
	{ "refused: C = 3", cache_three, MIKEY_BAD_VALUE },
	{ "refused: without RAND, and no bundle to be updated", no_rand, MIKEY_UNKNOWN_CSB },
	{ "refused: without KEMAC", no_kemac, MIKEY_MISSING },
	{ "refused: no certificate, sent or configured", no_cert, MIKEY_NO_CERT },
	{ "refused: a certificate by URL", url, MIKEY_UNSUP_CERT },
	{ "refused: a certificate that is cut off", no_der, MIKEY_BAD_CERT },
	{ "refused: a certificate for envelopes only", encr_only, MIKEY_NO_CERT },
	{ "refused: five certificates", five_certs, MIKEY_TOO_MANY },
};

static void test_tampered(void)
{
	size_t i;

	for (i = 0; i < sizeof(tamper) / sizeof(tamper[0]); i++) {
		struct call *c = tampered(tamper[i].change);

		check(c->reason == tamper[i].reason && !c->answer.csb == !!c->reason, "pk: %s",
		      tamper[i].name);
		call_free(c);
	}
}

/* What comes back must not tell what was wrong with an envelope */
static void test_indistinguishable(void)
{
	const tamper_fn changes[] = {
		broken_mac, broken_envelope, short_envelope,
	};
	struct call *c[3];
	bool same = true;
	size_t i;

	for (i = 0; i < 3; i++) {
		c[i] = tampered(changes[i]);
		same = same && c[i]->answer.len == c[0]->answer.len && c[i]->answer.msg &&
		       !memcmp(c[i]->answer.msg, c[0]->answer.msg, c[0]->answer.len) &&
		       !strcmp(c[i]->err.text, c[0]->err.text);
	}
	check(same, "pk: a wrong MAC and envelopes that cannot be opened give the same octets");
	check(is_error(c[0], MIKEY_ERR_AUTH_FAILURE, 0), "pk: namely an Error 0 without V");
	for (i = 0; i < 3; i++)
		call_free(c[i]);
}

/* Bob's own key would sign it; alice's message in eve's name */
static void test_wrong_signer(void)
{
	struct call *c = call_new(MIKEY_PK_INIT, NULL);

	call_offer(c);
	call_respond_to(c, resigned(c, &c->f->bob_creds, mikey_pending_message(c->pending),
				    tamper_nothing, NULL, 0));
	check(c->reason == MIKEY_AUTH_FAILED && !c->answer.authenticated,
	      "pk: refused: signed with another key than that of the certificate");
	call_respond_to(c, damaged(mikey_pending_message(c->pending), 5));
	check(c->reason == MIKEY_AUTH_FAILED && !c->answer.authenticated,
	      "pk: refused: a message that was changed");
	call_free(c);
}

static struct mikey_id truth;

static void true_name(struct mikey_msg *msg)
{
	struct mikey_payload *id = payload_of(msg, MIKEY_PL_ID, 0);

	id->id.id_type = truth.type;
	id->id.data = truth.data;
}

/*
 * RFC 3830 3.2: who signs has to be who encrypted the keys. Otherwise eve could pass on
 * alice's keys, which she cannot read, as her own.
 */
static void test_other_name_inside(void)
{
	struct call *c = call_new(MIKEY_PK_INIT, NULL);

	truth = c->f->init.idi;
	c->f->init.idi = (struct mikey_id){ MIKEY_ID_NAI, view("eve@example.org") };
	call_offer(c);
	c->f->init.idi = truth;
	call_respond_to(c, resigned(c, &c->f->init.creds, mikey_pending_message(c->pending),
				    true_name, NULL, 0));
	if (!check(c->reason == MIKEY_WRONG_ID_INSIDE && !c->answer.csb,
		   "pk: refused: another identity encrypted with the keys than signed (REQ-062)"))
		call_note(c);
	call_free(c);
}

int main(void)
{
	ktap_begin();
	test_tampered();
	test_other_name_inside();
	test_indistinguishable();
	test_wrong_signer();
	pki_free();
	return ktap_end();
}
