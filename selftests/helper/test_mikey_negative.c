// SPDX-License-Identifier: GPL-2.0
/*
 * What may go wrong with the other side, each by the message that does it: no two have
 * the same exit status and reason, nor the same sentence, and nothing is left of any.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "tamper.h"
#include "variant.h"

static struct call *psk_wrong(void)
{
	return call_made(MIKEY_PSK_INIT, NULL, wrong_psk);
}

static struct call *somebody(void)
{
	return call_made(MIKEY_PSK_INIT, NULL, stranger);
}

static struct call *cert_untrusted(void)
{
	struct pki_change who = pki_usual();

	who.anchor = PKI_EVE;
	return call_made(MIKEY_RSAR_INIT, &who, NULL);
}

static struct call *cert_expired(void)
{
	struct pki_change who = pki_usual();

	who.cert.days = 1;
	who.cert.from = -3;
	return call_made(MIKEY_RSAR_INIT, &who, NULL);
}

static struct call *cert_identity(void)
{
	struct pki_change who = pki_usual();

	who.cert.names = "URI:sip:eve@example.org";
	return call_made(MIKEY_RSAR_INIT, &who, NULL);
}

static struct call *replay(void)
{
	struct call *c = call_made(MIKEY_PSK_INIT, NULL, NULL);

	call_respond(c);
	return c;
}

static struct call *skew(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);

	call_offer(c);
	c->f->now += MIKEY_SECONDS(3600);
	call_respond(c);
	return c;
}

static void value_one(struct mikey_msg *msg)
{
	static uint8_t one[192];

	one[191] = 1;
	payload_of(msg, MIKEY_PL_DH, 0)->dh.value.data = one;
}

static void unencrypted(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_alg = MIKEY_ENCR_NULL;
}

static struct call *changed(uint32_t mode, tamper_fn change)
{
	struct call *c = call_new(mode, NULL);

	call_offer(c);
	call_respond_to(c, resealed(c, mikey_pending_message(c->pending), change));
	return c;
}

static struct call *weak_value(void)
{
	return changed(MIKEY_DHHMAC_INIT, value_one);
}

static struct call *null_kemac(void)
{
	return changed(MIKEY_PSK_INIT, unencrypted);
}

static struct call *null_mac(void)
{
	return changed(MIKEY_PSK_INIT, tamper_no_mac);
}

static void weaker(struct fixture *f)
{
	f->bob_creds.sign_accept = 1u << MIKEY_PSS_SHA256;
}

static struct call *downgraded(void)
{
	return call_made(MIKEY_PK_INIT, NULL, weaker);
}

/* What alice says of a response that was changed */
static struct call *answered(void (*spoil)(struct call *c))
{
	struct call *c = call_made(MIKEY_PSK_INIT, NULL, NULL);

	mikey_csb_free(c->answer.csb);
	c->answer.csb = NULL;
	spoil(c);
	return c;
}

static void drop_v(struct call *c)
{
	struct mikey_msg *msg = parsed(answer_of(c));

	drop_all(msg, MIKEY_PL_V);
	call_process_octets(c, built(msg));
	free(msg);
}

static void other_csb(struct call *c)
{
	call_process_octets(c, damaged(answer_of(c), 4));
}

static struct call *v_missing(void)
{
	return answered(drop_v);
}

static struct call *foreign(void)
{
	return answered(other_csb);
}

static const struct {
	const char *what;
	struct call *(*make)(void);
	enum mikey_reason reason;
	enum mikey_exit code;
} list[] = {
	{ "a wrong pre-shared key", psk_wrong, MIKEY_AUTH_FAILED, MIKEY_EXIT_AUTH },
	{ "somebody who is not known", somebody, MIKEY_UNKNOWN_PEER, MIKEY_EXIT_AUTH },
	{ "a certificate of a wrong authority", cert_untrusted, MIKEY_CERT_UNTRUSTED,
	  MIKEY_EXIT_AUTH },
	{ "an expired certificate", cert_expired, MIKEY_CERT_EXPIRED, MIKEY_EXIT_AUTH },
	{ "a certificate of a wrong identity", cert_identity, MIKEY_CERT_IDENTITY,
	  MIKEY_EXIT_AUTH },
	{ "a replay", replay, MIKEY_REPLAYED, MIKEY_EXIT_REPLAY },
	{ "a clock that is wrong", skew, MIKEY_CLOCK_SKEW, MIKEY_EXIT_REPLAY },
	{ "a weak Diffie-Hellman value", weak_value, MIKEY_WEAK_DH, MIKEY_EXIT_POLICY },
	{ "keys that are not encrypted", null_kemac, MIKEY_NULL_ENCR, MIKEY_EXIT_POLICY },
	{ "a message without MAC", null_mac, MIKEY_NULL_MAC, MIKEY_EXIT_POLICY },
	{ "an algorithm weaker than what is taken", downgraded, MIKEY_SIGN_REFUSED,
	  MIKEY_EXIT_POLICY },
	{ "a response without V", v_missing, MIKEY_MISSING, MIKEY_EXIT_MALFORMED },
	{ "a response with another CSB ID", foreign, MIKEY_FOREIGN, MIKEY_EXIT_AUTH },
};

#define N (sizeof(list) / sizeof(list[0]))

int main(void)
{
	static struct mikey_error seen[N];
	size_t i, j, same = 0;

	ktap_begin();
	for (i = 0; i < N; i++) {
		struct call *c = list[i].make();

		if (!check(c->reason == list[i].reason &&
			   mikey_reason_exit(c->reason) == list[i].code && !c->answer.csb &&
			   c->err.text[0], "%s: exit %d, %s, nothing left", list[i].what,
			   list[i].code, mikey_reason_token(list[i].reason)))
			call_note(c);
		seen[i] = c->err;
		for (j = 0; j < i; j++)
			same += seen[j].reason == seen[i].reason ||
				!strcmp(seen[j].text, seen[i].text);
		call_free(c);
	}
	check(!same, "no two of them have the same reason or the same sentence");
	pki_free();
	return ktap_end();
}
