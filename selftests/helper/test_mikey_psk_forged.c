// SPDX-License-Identifier: GPL-2.0
/*
 * Pre-shared key mode: messages with one thing wrong, by somebody who has the
 * key, and what the network may bring before the right answer.
 */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "tamper.h"
#include "variant.h"

static void drop_ids(struct mikey_msg *msg)
{
	drop_all(msg, MIKEY_PL_ID);
}

static void odd_id(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_ID, 0)->id.id_type = 200;
}

static void drop_rand(struct mikey_msg *msg)
{
	drop_all(msg, MIKEY_PL_RAND);
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
	payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_alg = 9;
}

static void no_encr(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_KEMAC, 0)->kemac.encr_alg = 0;
}

static void no_session(struct mikey_msg *msg)
{
	drop_all(msg, MIKEY_PL_SP);
	msg->hdr.map_type = MIKEY_MAP_EMPTY;
	msg->hdr.n_cs = 0;
}

static void tesla(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_SP, 0)->sp.prot = 1;
}

static void odd_param(struct mikey_msg *msg)
{
	payload_of(msg, MIKEY_PL_SP, 0)->sp.params =
		(struct mikey_view){ (const uint8_t *)"\x63\1\1", 3 };
}

static void missing_policy(struct mikey_msg *msg)
{
	drop_all(msg, MIKEY_PL_SP);
}

static void early_sp(struct mikey_msg *msg)
{
	struct mikey_payload sp = *mikey_find(msg, MIKEY_PL_SP, 0);

	drop_all(msg, MIKEY_PL_SP);
	memmove(&msg->payload[1], &msg->payload[0], msg->n_payloads * sizeof(sp));
	msg->payload[0] = sp;
	msg->n_payloads++;
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

/* RFC 3830 6.15: it has a length, so that whoever does not know it can go on */
static void odd_extension(struct mikey_msg *msg)
{
	struct mikey_payload kemac = msg->payload[--msg->n_payloads];
	struct mikey_payload ext = { .type = MIKEY_PL_EXT };

	ext.ext.ext_type = 200;
	ext.ext.data = view("whatever");
	mikey_add(msg, &ext);
	mikey_add(msg, &kemac);
}

/* Every one with a MAC that is right, so that only the change matters */
static const struct {
	const char *what;
	tamper_fn change;
	enum mikey_reason reason;
	int err_no;
	bool verified;
} changes[] = {
	{ "without identities, for the default peer, is taken", drop_ids, MIKEY_OK, -1, false },
	{ "with the SP first is taken (REQ-006)", early_sp, MIKEY_OK, -1, false },
	{ "with an extension of unknown type is taken (REQ-008)", odd_extension, MIKEY_OK, -1,
	  false },
	{ "without SP has SRTP's defaults (REQ-140)", missing_policy, MIKEY_OK, -1, false },
	{ "with an identity of unknown type gets Error 7", odd_id, MIKEY_UNSUP_ID, 7, false },
	{ "without RAND updates nothing, and gets Error 0", drop_rand, MIKEY_UNKNOWN_CSB, 0,
	  false },
	{ "with an unknown PRF gets Error 2", odd_prf, MIKEY_UNSUP_PRF, 2, false },
	{ "that mixes 128 and 256 bits gets Error 4", strong_prf, MIKEY_MIXED_STRENGTH, 4, false },
	{ "with an unknown encryption gets Error 4", odd_encr, MIKEY_UNSUP_ENCR, 4, false },
	{ "with NULL encryption gets an authenticated Error 4", no_encr, MIKEY_NULL_ENCR, 4, true },
	{ "with the empty map names no session, and gets Error 12", no_session, MIKEY_NO_SESSION,
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
		struct call *c = call_new(MIKEY_PSK_INIT, NULL);
		bool answered;

		c->f->bob.modes = MIKEY_MODE_BIT(MIKEY_PSK_INIT);
		call_offer(c);
		call_respond_to(c, resealed(c, mikey_pending_message(c->pending),
					    changes[i].change));
		answered = changes[i].err_no < 0 ?
				   c->reason == MIKEY_OK || call_silent(c) :
				   is_error(c, (unsigned int)changes[i].err_no,
					    changes[i].verified ? MIKEY_PL_V : 0);
		if (!check(c->reason == changes[i].reason && answered, "a message %s",
			   changes[i].what))
			note("%s: %s", mikey_reason_token(c->reason), c->err.text);
		call_free(c);
	}
}

/* What the network may bring before the true response */
static void test_forged_responses(void)
{
	struct call *c = call_made(MIKEY_PSK_INIT, NULL, NULL);
	struct call *other = call_made(MIKEY_PSK_INIT, NULL, NULL);
	uint8_t *forged = malloc(c->answer.len);
	struct mikey_answer truth = c->answer;
	size_t bit, taken = 0, fatal = 0;

	for (bit = 0; bit < truth.len * 8; bit++) {
		memcpy(forged, truth.msg, truth.len);
		forged[bit / 8] ^= 1 << bit % 8;
		call_process_octets(c, (struct mikey_view){ forged, truth.len });
		taken += !c->reason;
		fatal += c->reason == MIKEY_PEER_ERROR;
	}
	check(!taken && !fatal, "no response with one bit changed is taken, of %zu", truth.len * 8);
	call_offer(other);
	call_respond(other);
	call_process_octets(c, answer_of(other));
	check(c->reason == MIKEY_FOREIGN, "the response to another exchange is not for this one");
	call_process_octets(c, mikey_pending_message(c->pending));
	check(c->reason == MIKEY_REFLECTED, "the own message, reflected, is no response");
	check(!mikey_pending_csb(c->pending)->sessions[1].ssrc,
	      "forged and foreign responses do not change the sessions");
	call_process(c);
	check(!c->reason && mikey_pending_csb(c->pending)->sessions[1].ssrc == 0x22222222,
	      "the true response is taken after forged and foreign ones");
	call_process(c);
	check(!c->reason, "a response that comes twice is taken twice");
	free(forged);
	call_free(c);
	call_free(other);
}

static void test_forged_error(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);
	struct mikey_answer error;

	call_offer(c);
	c->f->bob_knows = false;
	call_respond(c);
	error = c->answer;
	memset(&c->answer, 0, sizeof(c->answer));
	c->f->bob_knows = true;
	call_respond(c);
	call_process_octets(c, (struct mikey_view){ error.msg, error.len });
	check(c->reason == MIKEY_PEER_HINT, "a forged Error is a hint and ends nothing");
	call_process(c);
	check(!c->reason, "the true response is taken after a forged Error");
	error.msg[4] ^= 1;
	call_process_octets(c, (struct mikey_view){ error.msg, error.len });
	check(c->reason == MIKEY_FOREIGN, "an Error with another CSB ID is not for this exchange");
	error.msg[4] ^= 1;
	error.msg[15] ^= 1;
	call_process_octets(c, (struct mikey_view){ error.msg, error.len });
	check(c->reason == MIKEY_FOREIGN,
	      "an Error with another T is not for this exchange (REQ-030)");
	mikey_answer_clear(&error);
	call_free(c);
}

static void test_forged_v_of_error(void)
{
	struct call *c = call_new(MIKEY_PSK_INIT, NULL);

	gcm_policy(c->f);
	call_offer(c);
	c->f->accept.n_suites = 3;
	call_respond(c);
	c->answer.msg[c->answer.len - 1] ^= 1;
	call_process(c);
	check(c->reason == MIKEY_AUTH_FAILED, "an Error with a wrong V is not even a hint");
	c->answer.msg[c->answer.len - 1] ^= 1;
	call_process(c);
	check(c->reason == MIKEY_PEER_ERROR, "an Error with its own V counts");
	call_free(c);
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
	payload_of(msg, MIKEY_PL_ID, 0)->id.data = view("sip:eve@x");
}

static void bob_roc(struct mikey_msg *msg)
{
	msg->hdr.cs[1].roc = 7;
}

static void test_responses(void)
{
	static const struct {
		const char *what;
		tamper_fn change;
		bool with_ids;
		enum mikey_reason reason;
	} list[] = {
		{ "as computed by this test is taken", tamper_nothing, true, MIKEY_OK },
		{ "without IDr is taken", drop_ids, true, MIKEY_OK },
		{ "that names no session leaves all as it was", no_sessions, true, MIKEY_OK },
		{ "that gives the ROC of bob's stream is taken", bob_roc, true, MIKEY_OK },
		{ "whose V leaves out the identities is refused (T-02)", tamper_nothing, false,
		  MIKEY_AUTH_FAILED },
		{ "that alters alice's SSRC is refused", other_ssrc, true, MIKEY_BAD_RESPONSE },
		{ "that alters a policy is refused", other_policy, true, MIKEY_BAD_RESPONSE },
		{ "with fewer sessions is refused", fewer_sessions, true, MIKEY_BAD_RESPONSE },
		{ "from another identity is refused", other_idr, true, MIKEY_BAD_RESPONSE },
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct call *c = call_made(MIKEY_PSK_INIT, NULL, NULL);

		call_process_octets(c, reproved(c, answer_of(c), list[i].change,
						list[i].with_ids));
		if (!check(c->reason == list[i].reason, "a response %s", list[i].what))
			note("%s: %s", mikey_reason_token(c->reason), c->err.text);
		call_free(c);
	}
}

int main(void)
{
	ktap_begin();
	test_changes();
	test_forged_responses();
	test_forged_error();
	test_forged_v_of_error();
	test_responses();
	return ktap_end();
}
