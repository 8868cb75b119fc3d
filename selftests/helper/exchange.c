// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "ktap.h"

struct call *call_new(uint32_t mode, const struct pki_change *who)
{
	struct call *c = calloc(1, sizeof(*c));

	c->f = fixture_new();
	if (mode == MIKEY_PSK_INIT || mode == MIKEY_DHHMAC_INIT)
		c->f->init.mode = mode;
	else
		c->reason = fixture_certify(c->f, mode, who, &c->err);
	return c;
}

void call_free(struct call *c)
{
	mikey_answer_clear(&c->answer);
	mikey_pending_free(c->pending);
	fixture_free(c->f);
	free(c);
}

enum mikey_reason call_offer(struct call *c)
{
	mikey_pending_free(c->pending);
	memset(&c->err, 0, sizeof(c->err));
	c->reason = fixture_offer(c->f, &c->pending, &c->err);
	return c->reason;
}

enum mikey_reason call_respond_to(struct call *c, struct mikey_view msg)
{
	mikey_answer_clear(&c->answer);
	memset(&c->err, 0, sizeof(c->err));
	c->reason = fixture_respond(c->f, msg, &c->answer, &c->err);
	return c->reason;
}

enum mikey_reason call_respond(struct call *c)
{
	if (!c->pending)
		return c->reason;
	return call_respond_to(c, mikey_pending_message(c->pending));
}

enum mikey_reason call_process_octets(struct call *c, struct mikey_view msg)
{
	memset(&c->err, 0, sizeof(c->err));
	c->reason = mikey_pending_process(c->pending, msg.data, msg.len, &c->peer_err, &c->err);
	return c->reason;
}

enum mikey_reason call_process(struct call *c)
{
	return call_process_octets(c, answer_of(c));
}

struct call *call_made(uint32_t mode, const struct pki_change *who,
		       void (*change)(struct fixture *f))
{
	struct call *c = call_new(mode, who);

	if (change)
		change(c->f);
	if (!c->reason)
		call_offer(c);
	if (!c->reason)
		call_respond(c);
	return c;
}

void call_note(const struct call *c)
{
	if (c->reason)
		note("%s (%d): %s", mikey_reason_token(c->reason), mikey_reason_exit(c->reason),
		     c->err.text);
}

struct mikey_view answer_of(const struct call *c)
{
	return (struct mikey_view){ c->answer.msg, c->answer.len };
}

bool call_silent(const struct call *c)
{
	return !c->answer.msg && !c->answer.len && !c->answer.csb;
}

unsigned int call_error(const struct call *c, uint32_t *proof)
{
	static const uint32_t proofs[] = { MIKEY_PL_V, MIKEY_PL_KEMAC, MIKEY_PL_SIGN };
	struct mikey_msg *msg = malloc(sizeof(*msg));
	const struct mikey_payload *err = NULL;
	unsigned int no = NO_ERROR;
	size_t i;

	*proof = 0;
	if (c->answer.is_error && !mikey_parse(msg, c->answer.msg, c->answer.len, NULL) &&
	    !mikey_validate(msg, NULL) && msg->hdr.data_type == MIKEY_ERROR && !msg->hdr.v &&
	    !msg->hdr.n_cs)
		err = mikey_find(msg, MIKEY_PL_ERR, 0);
	if (err)
		no = err->err.err_no;
	for (i = 0; err && i < sizeof(proofs) / sizeof(proofs[0]); i++)
		if (mikey_find(msg, proofs[i], 0))
			*proof = proofs[i];
	free(msg);
	return no;
}

bool is_error(const struct call *c, unsigned int err_no, uint32_t proof)
{
	uint32_t found;

	return call_error(c, &found) == err_no && found == proof;
}

static bool same_session(const struct mikey_session *a, const struct mikey_session *b)
{
	size_t k;

	if (a->cs_id != b->cs_id || a->ssrc != b->ssrc || a->suite != b->suite ||
	    a->n_keys != b->n_keys || a->from_initiator != b->from_initiator)
		return false;
	for (k = 0; k < a->n_keys; k++)
		if (memcmp(&a->keys[k], &b->keys[k], sizeof(a->keys[k])))
			return false;
	return true;
}

bool same_keys(const struct mikey_csb *a, const struct mikey_csb *b)
{
	size_t i;

	if (!a || !b || a->n_sessions != b->n_sessions || !a->n_sessions ||
	    a->csb_id != b->csb_id || a->data_type != b->data_type)
		return false;
	for (i = 0; i < a->n_sessions; i++)
		if (!same_session(&a->sessions[i], &b->sessions[i]))
			return false;
	return true;
}
