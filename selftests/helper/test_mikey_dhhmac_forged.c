// SPDX-License-Identifier: GPL-2.0
/*
 * Diffie-Hellman with HMAC, RFC 4650: every rule once broken by somebody who has
 * the key.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "mikey/group.h"
#include "tamper.h"
#include "variant.h"

static uint8_t scratch[GROUP_MAX];

static void set_value(struct mikey_msg *msg, size_t n, int value)
{
	memset(scratch, value < 0 ? 255 : 0, sizeof(scratch));
	if (value >= 0)
		scratch[sizeof(scratch) - 1] = (uint8_t)value;
	payload_of(msg, MIKEY_PL_DH, n)->dh.value.data = scratch;
}

static void value_0(struct mikey_msg *msg)
{
	set_value(msg, 0, 0);
}

static void value_1(struct mikey_msg *msg)
{
	set_value(msg, 0, 1);
}

static void value_above(struct mikey_msg *msg)
{
	set_value(msg, 0, -1);
}

/* OAKLEY 5 in octets, from RFC 3526 2 */
static void prime_minus(struct mikey_msg *msg, unsigned int less)
{
	static const char hex[] =
		"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
		"020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
		"4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
		"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
		"98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
		"9ED529077096966D670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF";

	if (unhex(hex, scratch, sizeof(scratch)) != (long)sizeof(scratch))
		abort();
	scratch[sizeof(scratch) - 1] -= (uint8_t)less;
	payload_of(msg, MIKEY_PL_DH, 0)->dh.value.data = scratch;
}

static void value_p_1(struct mikey_msg *msg)
{
	prime_minus(msg, 1);
}

static void value_p(struct mikey_msg *msg)
{
	prime_minus(msg, 0);
}

/* -2 is no square, as 2 is one: it has order 2q */
static void value_p_2(struct mikey_msg *msg)
{
	prime_minus(msg, 2);
}

static void other_group(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_DH, 0)->dh.group = MIKEY_OAKLEY_2;
	payload_of(msg, MIKEY_PL_DH, 0)->dh.value.len = 128;
}

static void no_dh(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_DH);
}

static void no_rand(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_RAND);
}

static void with_data(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_data = view("0123456789abcdef");
}

static void key_wrap(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_alg = MIKEY_ENCR_AES_KW_128;
}

static void numbers_4650(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_alg = 2;
	payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.mac_alg = 0;
}

static void with_cert(struct mikey_msg *msg)
{
	struct mikey_payload *kemac = payload_of(msg, MIKEY_PL_KEMAC, 0);
	struct mikey_payload cert = { .type = MIKEY_PL_CERT };

	cert.cert.data = view("certificate");
	kemac[1] = kemac[0];
	kemac[0] = cert;
	msg->n_payloads++;
}

static void lone_id(struct mikey_msg *msg)
{
	drop_first(msg, MIKEY_PL_ID);
}

static void swapped_ids(struct mikey_msg *msg)
{
	swap_pair(msg, MIKEY_PL_ID);
}

static void bad_prf(struct mikey_msg *msg)
{
	msg->hdr.prf = 1;
}

static void test_authentic_requests(void)
{
	static const struct {
		const char *what;
		tamper_fn change;
		enum mikey_reason reason;
		unsigned int err_no;
	} cases[] = {
		{ "the value 0", value_0, MIKEY_WEAK_DH, MIKEY_ERR_INVALID_DH },
		{ "the value 1", value_1, MIKEY_WEAK_DH, MIKEY_ERR_INVALID_DH },
		{ "the value p - 1", value_p_1, MIKEY_WEAK_DH, MIKEY_ERR_INVALID_DH },
		{ "the value p", value_p, MIKEY_WEAK_DH, MIKEY_ERR_INVALID_DH },
		{ "a value above p", value_above, MIKEY_WEAK_DH, MIKEY_ERR_INVALID_DH },
		{ "a value outside the subgroup", value_p_2, MIKEY_WEAK_DH, MIKEY_ERR_INVALID_DH },
		{ "a group of 1024 bits", other_group, MIKEY_DH_REFUSED, MIKEY_ERR_INVALID_DH },
		{ "no DH payload", no_dh, MIKEY_MISSING, MIKEY_ERR_UNSPECIFIED },
		{ "no RAND, and so an update", no_rand, MIKEY_UNKNOWN_CSB, MIKEY_ERR_AUTH_FAILURE },
		{ "data in the KEMAC", with_data, MIKEY_UNEXPECTED, MIKEY_ERR_UNSPECIFIED },
		{ "AES key wrap", key_wrap, MIKEY_UNSUP_ENCR, MIKEY_ERR_INVALID_EA },
		{ "no MAC", tamper_no_mac, MIKEY_NULL_MAC, MIKEY_ERR_INVALID_MAC },
		{ "the MAC number of RFC 4650", numbers_4650, MIKEY_UNSUP_ENCR,
		  MIKEY_ERR_INVALID_EA },
		{ "a certificate", with_cert, MIKEY_UNEXPECTED, MIKEY_ERR_UNSPECIFIED },
		{ "the identities swapped", swapped_ids, MIKEY_REFLECTED, 999 },
		{ "a mixture of 128 and 256 bits", bad_prf, MIKEY_MIXED_STRENGTH,
		  MIKEY_ERR_INVALID_EA },
	};
	uint32_t proof;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct call *c = call_new(MIKEY_DHHMAC_INIT, NULL);

		call_offer(c);
		call_respond_to(c, resealed(c, mikey_pending_message(c->pending), cases[i].change));
		check(c->reason == cases[i].reason && !c->answer.csb,
		      "%s, under a right MAC, is refused (%s)", cases[i].what,
		      mikey_reason_token(cases[i].reason));
		if (c->reason != cases[i].reason)
			call_note(c);
		check(call_error(c, &proof) == cases[i].err_no, "%s gets %s %u", cases[i].what,
		      cases[i].err_no == 999 ? "silence, not" : "Error", cases[i].err_no);
		call_free(c);
	}
}

/* T-01: the other table of numbers, and still a MAC */
static void numbers_4650_bare(struct mikey_msg *msg)
{
	numbers_4650(msg);
	tamper_no_mac(msg);
}

/* REQ-006: a single ID is the responder's here */
static void test_lone_id(void)
{
	struct call *c = call_new(MIKEY_DHHMAC_INIT, NULL);

	call_offer(c);
	call_respond_to(c, resealed(c, mikey_pending_message(c->pending), lone_id));
	check(!c->reason && c->answer.csb &&
	      mikey_id_equal(&c->answer.csb->idi, &c->f->init.idi) &&
	      mikey_id_equal(&c->answer.csb->idr, &c->f->init.idr),
	      "a single ID of this mode is IDr (REQ-006)");
	call_free(c);
}

static void test_compatible(void)
{
	struct call *c = call_new(MIKEY_DHHMAC_INIT, NULL);
	struct mikey_view msg;

	c->f->accept.flags |= MIKEY_COMPAT_DHHMAC_4650;
	call_offer(c);
	msg = resealed(c, mikey_pending_message(c->pending), numbers_4650);
	call_respond_to(c, msg);
	check(!c->reason && c->answer.csb,
	      "the numbers of RFC 4650 are taken where configured (T-01)");
	if (!c->reason)
		call_process(c);
	check(!c->reason, "the answer in the same numbers is taken, too");
	call_respond_to(c, damaged(msg, msg.len - 1));
	check(c->reason == MIKEY_AUTH_FAILED, "but never without a right MAC");
	call_respond_to(c, resealed(c, mikey_pending_message(c->pending), numbers_4650_bare));
	check(c->reason == MIKEY_NULL_MAC, "and never as no MAC at all");
	call_free(c);
}

static void swapped_values(struct mikey_msg *msg)
{
	swap_pair(msg, MIKEY_PL_DH);
}

static void echoed(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_DH, 0)->dh.value = payload_of(msg, MIKEY_PL_DH, 1)->dh.value;
}

static void other_kv(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_DH, 0)->dh.kv = (struct mikey_kv_data){
		.kv = MIKEY_KV_SPI, .spi = view("mki!"),
	};
}

static void other_idi(struct mikey_msg *msg)
{
	struct mikey_payload *id = payload_of(msg, MIKEY_PL_ID, 1);

	id->id.data = view("sip:carol@example.org");
}

static void other_idr(struct mikey_msg *msg)
{
	struct mikey_payload *id = payload_of(msg, MIKEY_PL_ID, 0);

	id->id.data = view("sip:carol@example.org");
}

static void other_csb(struct mikey_msg *msg)
{
	msg->hdr.csb_id ^= 1;
}

static void other_type(struct mikey_msg *msg)
{
	msg->hdr.data_type = MIKEY_DHHMAC_INIT;
}

static void other_ssrc(struct mikey_msg *msg)
{
	msg->hdr.cs[0].ssrc ^= 1;
}

static void test_authentic_responses(void)
{
	static const struct {
		const char *what;
		tamper_fn change;
		enum mikey_reason reason;
	} cases[] = {
		{ "DHi before DHr", swapped_values, MIKEY_BAD_RESPONSE },
		{ "DHi for DHr", echoed, MIKEY_WEAK_DH },
		{ "DHr = 1", value_1, MIKEY_WEAK_DH },
		{ "DHr = p - 1", value_p_1, MIKEY_WEAK_DH },
		{ "DHr outside the subgroup", value_p_2, MIKEY_WEAK_DH },
		{ "DHr of another group", other_group, MIKEY_BAD_RESPONSE },
		{ "DHr with another MKI", other_kv, MIKEY_BAD_RESPONSE },
		{ "a single DH payload", no_dh, MIKEY_MISSING },
		{ "another IDi", other_idi, MIKEY_BAD_RESPONSE },
		{ "another IDr", other_idr, MIKEY_BAD_RESPONSE },
		{ "another CSB ID", other_csb, MIKEY_FOREIGN },
		{ "the type of a request", other_type, MIKEY_DUPLICATE },
		{ "another SSRC of alice", other_ssrc, MIKEY_BAD_RESPONSE },
		{ "data in the KEMAC", with_data, MIKEY_UNEXPECTED },
		{ "no MAC", tamper_no_mac, MIKEY_NULL_MAC },
		{ "the MAC number of RFC 4650", numbers_4650, MIKEY_UNSUP_ENCR },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct call *c = call_made(MIKEY_DHHMAC_INIT, NULL, NULL);

		call_process_octets(c, resealed(c, answer_of(c), cases[i].change));
		check(c->reason == cases[i].reason && !mikey_pending_csb(c->pending),
		      "a response with %s, under a right MAC, is refused (%s)", cases[i].what,
		      mikey_reason_token(cases[i].reason));
		if (c->reason != cases[i].reason)
			call_note(c);
		call_process(c);
		check(!c->reason, "after that, the right response is taken");
		call_free(c);
	}
}

int main(void)
{
	ktap_begin();
	test_authentic_requests();
	test_lone_id();
	test_compatible();
	test_authentic_responses();
	return ktap_end();
}
