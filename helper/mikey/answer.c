// SPDX-License-Identifier: GPL-2.0
/*
 * Error messages, made and read: RFC 3830 5.1.1, 5.1.2, 6.12.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "draft.h"
#include "sign.h"

/* As many policies as an Error proposes */
#define PROPOSED MIKEY_PEER_ERRORS

void mikey_answer_clear(struct mikey_answer *answer)
{
	OPENSSL_free(answer->msg);
	mikey_csb_free(answer->csb);
	memset(answer, 0, sizeof(*answer));
}

/* The header repeats what names the exchange; it is about no session */
static void start_error(const struct error_answer *from, struct mikey_msg *msg)
{
	struct mikey_payload err = { .type = MIKEY_PL_ERR };

	msg->hdr.version = MIKEY_VERSION;
	msg->hdr.data_type = MIKEY_ERROR;
	msg->hdr.prf = from->request->hdr.prf;
	msg->hdr.csb_id = from->request->hdr.csb_id;
	msg->hdr.map_type = MIKEY_MAP_SRTP;
	mikey_add(msg, mikey_find(from->request, MIKEY_PL_T, 0));
	err.err.err_no = mikey_reason_err_no(from->reason);
	mikey_add(msg, &err);
}

/* RFC 3830 5.1.1: tell an authenticated peer what would have been accepted */
static void propose(const struct error_answer *from, struct mikey_msg *msg,
		    uint8_t params[][MIKEY_POLICY_MAX])
{
	size_t i;

	for (i = 0; i < from->accept->n_suites && i < PROPOSED; i++) {
		struct mikey_payload sp = { .type = MIKEY_PL_SP };
		struct mikey_policy policy;

		if (!mikey_accept_has(from->accept, from->accept->suites[i]))
			continue;
		mikey_suite_policy(from->accept->suites[i], &policy);
		sp.sp.policy_no = (uint32_t)i;
		sp.sp.params = (struct mikey_view){
			params[i], mikey_policy_build(&policy, params[i]),
		};
		mikey_add(msg, &sp);
	}
}

/*
 * RFC 3830 5.1.2: V proves an Error. RFC 4650 4.1 has no V, so there it is a
 * KEMAC without data, as in the other messages of that mode.
 */
static void add_proof(const struct error_answer *from, struct mikey_msg *msg)
{
	static const uint8_t room[MIKEY_MAC_MAX];
	struct mikey_view mac = { room, mikey_mac_len(from->keys->mac_alg) };
	struct mikey_payload p = { .type = MIKEY_PL_V };

	if (from->request->hdr.data_type == MIKEY_DHHMAC_INIT) {
		p.type = MIKEY_PL_KEMAC;
		p.kemac.mac_alg = from->keys->mac_alg;
		p.kemac.mac = mac;
	} else {
		p.v.auth_alg = from->keys->mac_alg;
		p.v.ver_data = mac;
	}
	mikey_add(msg, &p);
}

static void emit_error(const struct error_answer *from, struct mikey_msg *msg,
		       struct mikey_answer *answer)
{
	uint8_t params[PROPOSED][MIKEY_POLICY_MAX];

	start_error(from, msg);
	if ((from->keys || from->creds) && from->accept &&
	    mikey_reason_err_no(from->reason) == MIKEY_ERR_INVALID_SPPAR)
		propose(from, msg, params);
	if (from->creds) {
		answer->is_error = !sign_emit(from->crypto, from->creds, NULL, msg, NULL, 0,
					      &answer->msg, &answer->len, NULL);
		return;
	}
	if (from->keys)
		add_proof(from, msg);
	answer->is_error = !draft_emit(from->crypto, from->keys, msg, NULL, 0, &answer->msg,
				       &answer->len, NULL);
}

void answer_error(const struct error_answer *from, struct mikey_answer *answer)
{
	struct mikey_msg *msg;

	if (!mikey_find(from->request, MIKEY_PL_T, 0))
		return;
	msg = OPENSSL_zalloc(sizeof(*msg));
	if (!msg)
		return;
	emit_error(from, msg, answer);
	OPENSSL_free(msg);
	if (from->keys || from->creds || answer->len <= from->request->raw.len)
		return;
	OPENSSL_free(answer->msg);
	answer->msg = NULL;
	answer->len = 0;
	answer->is_error = false;
}

void peer_error_read(const struct mikey_msg *msg, uint32_t flags, bool verified,
		     struct mikey_peer_error *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	out->verified = verified;
	for (i = 0; i < msg->n_payloads; i++) {
		const struct mikey_payload *p = &msg->payload[i];

		if (p->type == MIKEY_PL_ERR && out->n < MIKEY_PEER_ERRORS)
			out->err_no[out->n++] = (uint8_t)p->err.err_no;
		else if (p->type == MIKEY_PL_SP && out->n_policies < MIKEY_PEER_ERRORS &&
			 !mikey_policy_parse(p, flags, &out->policies[out->n_policies], NULL))
			out->n_policies++;
	}
}
