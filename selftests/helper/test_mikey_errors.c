// SPDX-License-Identifier: GPL-2.0
/*
 * Every Error number that RFC 3830 6.12 and RFC 4738 have, each by one message that
 * deserves it and would be right otherwise: its MAC or signature is made again.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "tamper.h"
#include "variant.h"

static void untaken_counter(struct fixture *f)
{
	f->offer.ts.type = MIKEY_TS_COUNTER;
}

static void only_psk(struct fixture *f)
{
	f->bob.modes = MIKEY_MODE_BIT(MIKEY_PSK_INIT);
}

static void other_prf(struct mikey_msg *msg)
{
	msg->hdr.prf = 77;
}

static void other_encryption(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_alg = 200;
}

/* Its length is known, but nobody should use it any more */
static void md5(struct mikey_msg *msg)
{
	struct mikey_payload *chash = payload_of(msg, MIKEY_PL_CHASH, 0);

	chash->chash.hash = MIKEY_HASH_MD5;
	chash->chash.value.len = 16;
}

static void value_0(struct mikey_msg *msg)
{
	static const uint8_t zero[192];

	payload_of(msg, MIKEY_PL_DH, 0)->dh.value.data = zero;
}

static void other_id_type(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_ID, 0)->id.id_type = 200;
}

static void cert_by_url(struct mikey_msg *msg)
{
	struct mikey_payload *cert = payload_of(msg, MIKEY_PL_CERT, 0);

	cert->cert.cert_type = MIKEY_CERT_URL;
	cert->cert.data = view("http://example.org/alice.cer");
}

static void tesla(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_SP, 0)->sp.prot = 1;
}

/* An SRTP tag of three octets */
static void short_tag(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_SP, 0)->sp.params =
		(struct mikey_view){ (const uint8_t *)"\x0b\1\3", 3 };
}

static void two_times(struct mikey_msg *msg)
{
	struct mikey_payload kemac = msg->payload[--msg->n_payloads];

	mikey_add(msg, payload_of(msg, MIKEY_PL_T, 0));
	mikey_add(msg, &kemac);
}

static void ticket_request(struct mikey_msg *msg)
{
	msg->hdr.data_type = 11;
}

/**
 * struct deserved - a message, and what it gets
 * @err_no: number in RFC 3830 6.12
 * @name: its name there
 * @mode: of the message
 * @set_up: what is different before it is made, or NULL
 * @change: what is changed in it, or NULL
 * @proof: type of the payload that proves the Error, 0 for none
 */
static const struct deserved {
	unsigned int err_no;
	const char *name;
	uint32_t mode;
	void (*set_up)(struct fixture *f);
	tamper_fn change;
	uint32_t proof;
} list[] = {
	{ 0, "Auth failure", MIKEY_PSK_INIT, wrong_psk, NULL, 0 },
	{ 1, "Invalid TS", MIKEY_PSK_INIT, untaken_counter, NULL, 0 },
	{ 2, "Invalid PRF", MIKEY_PSK_INIT, NULL, other_prf, 0 },
	{ 3, "Invalid MAC", MIKEY_PSK_INIT, NULL, tamper_no_mac, 0 },
	{ 4, "Invalid EA", MIKEY_PSK_INIT, NULL, other_encryption, 0 },
	{ 5, "Invalid HA", MIKEY_PK_INIT, NULL, md5, 0 },
	{ 6, "Invalid DH", MIKEY_DHHMAC_INIT, NULL, value_0, MIKEY_PL_KEMAC },
	{ 7, "Invalid ID", MIKEY_PSK_INIT, NULL, other_id_type, 0 },
	{ 8, "Invalid Cert", MIKEY_PK_INIT, NULL, cert_by_url, 0 },
	{ 9, "Invalid SP", MIKEY_PSK_INIT, NULL, tesla, MIKEY_PL_V },
	{ 10, "Invalid SPpar", MIKEY_PSK_INIT, NULL, short_tag, MIKEY_PL_V },
	{ 11, "Invalid DT", MIKEY_PK_INIT, only_psk, NULL, 0 },
	{ 12, "Unspecified error", MIKEY_PSK_INIT, NULL, two_times, 0 },
	{ 13, "Unsupported message type", MIKEY_PSK_INIT, NULL, ticket_request, 0 },
};

static struct mikey_view bad_message(const struct call *c, const struct deserved *d)
{
	struct mikey_view octets = mikey_pending_message(c->pending);

	if (!d->change)
		return octets;
	if (d->mode == MIKEY_PK_INIT)
		return resigned(c, &c->f->init.creds, octets, d->change, NULL, 0);
	return resealed(c, octets, d->change);
}

/* HDR, T, ERR and nothing about the peer: never longer than what caused it */
static void test_error(const struct deserved *d)
{
	struct call *c = call_new(d->mode, NULL);
	struct mikey_view msg;
	uint32_t proof;
	unsigned int got;

	if (d->set_up)
		d->set_up(c->f);
	call_offer(c);
	msg = bad_message(c, d);
	call_respond_to(c, msg);
	got = call_error(c, &proof);
	if (!check(got == d->err_no && proof == d->proof && !c->answer.csb,
		   "Error %u, %s, %s (%s)", d->err_no, d->name,
		   d->proof ? "proved" : "which proves nothing", mikey_reason_token(c->reason))) {
		note("got %u, proved by payload %u", got, proof);
		call_note(c);
	}
	check(proof || c->answer.len <= msg.len, "Error %u is no longer than what caused it",
	      d->err_no);
	/* The PRF is that of the message that bob got, which alice would have sent */
	if (d->change == other_prf)
		c->answer.msg[3] = mikey_pending_message(c->pending).data[3];
	check(call_process(c) == (d->proof ? MIKEY_PEER_ERROR : MIKEY_PEER_HINT) &&
	      c->peer_err.n == 1 && c->peer_err.err_no[0] == d->err_no,
	      "alice reads Error %u%s", d->err_no, d->proof ? "" : ", and goes on waiting");
	call_free(c);
}

int main(void)
{
	size_t i;

	ktap_begin();
	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		check(list[i].err_no == i, "Error number %zu has its message", i);
		test_error(&list[i]);
	}
	pki_free();
	return ktap_end();
}
