// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: octets to the parser, the printer, a responder and an
 * initiator. What is parsed must come back octet for octet when written; the
 * responder must take nothing, since nobody can guess the MAC.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "fixture.h"
#include "mikey/sign.h"
#include "pki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static void on_bracket(void *arg, const char *name)
{
	(void)arg;
	(void)name;
}

static void on_end(void *arg)
{
	(void)arg;
}

static void on_field(void *arg, const char *name, const struct mikey_value *value)
{
	uint64_t *sum = arg;
	size_t i;

	(void)name;
	for (i = 0; value->data && i < value->len; i++)
		*sum += value->data[i];
}

static void read_it(const struct fixture *f, struct mikey_view in)
{
	static struct mikey_msg msg;
	static uint8_t again[MIKEY_MSG_MAX];
	static uint64_t sum;
	const struct mikey_visitor visitor = {
		on_bracket, on_bracket, on_end, on_field, &sum, true
	};
	const struct mikey_creds nothing = { 0 };
	struct mikey_opened opened;
	enum mikey_reason reason = mikey_parse(&msg, in.data, in.len, NULL);
	size_t len;

	mikey_visit_msg(&msg, NULL, &visitor);
	if (reason)
		return;
	if (mikey_build(&msg, again, sizeof(again), &len, NULL) || len != in.len ||
	    memcmp(again, in.data, len))
		abort();
	if (mikey_validate(&msg, NULL))
		return;
	mikey_inspect(f->crypto, &msg, &nothing, &f->accept, &opened, NULL);
	mikey_visit_msg(&msg, &opened.chain, &visitor);
	if (opened.csb)
		mikey_visit_csb(opened.csb, &visitor);
	mikey_opened_clear(&opened);
}

/* A second life as the clear text of a KEMAC, and as a state file */
static void read_inner(const struct fixture *f, struct mikey_view in)
{
	struct mikey_replay *cache = mikey_replay_new(f->crypto, 4, 1);
	struct mikey_chain chain;

	mikey_parse_chain(&chain, in, MIKEY_PL_KEY, 0, NULL);
	mikey_parse_chain(&chain, in, MIKEY_PL_ID, 0, NULL);
	mikey_replay_load(cache, in, NULL);
	mikey_replay_free(cache);
}

/* And as a bundle that another process has left: what is taken comes back */
static void read_bundle(struct mikey_view in)
{
	struct record_reader reader = { .data = in.data, .len = in.len };
	struct record_writer writer = { .data = malloc(in.len + 1), .room = in.len };
	struct mikey_csb *csb = NULL;

	if (!mikey_csb_load(&reader, &csb, NULL)) {
		mikey_csb_save(&writer, csb);
		if (writer.len != reader.pos || memcmp(writer.data, in.data, writer.len))
			abort();
	}
	mikey_csb_free(csb);
	free(writer.data);
}

/* What closes the messages that somebody with the right certificate made */
static size_t signed_again(const struct fixture *f, struct mikey_msg *msg,
			   const struct mikey_msg *request, uint8_t **out)
{
	const struct mikey_creds *creds = request ? &f->bob_creds : &f->init.creds;
	const struct mikey_payload *idi, *idr;
	struct mikey_view tail[3];
	size_t len = 0;

	msg->n_payloads--;
	if (request) {
		mikey_find_ids(request, &idi, &idr);
		tail[0] = idi->id.data;
		tail[1] = idr->id.data;
		tail[2] = mikey_find(request, MIKEY_PL_T, 0)->t.value;
	}
	if (sign_emit(f->crypto, creds, NULL, msg, tail, request ? 3 : 0, out, &len, NULL))
		return 0;
	return len;
}

static struct fixture *fixtures[2];
static struct mikey_pending *pendings[2];

/* Making keys takes longer than an input may */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const uint32_t modes[2] = { MIKEY_PK_INIT, MIKEY_RSAR_INIT };
	int i;

	(void)argc;
	(void)argv;
	for (i = 0; i < 2; i++) {
		fixtures[i] = fixture_new();
		fixtures[i]->seed = 78;
		if (fixture_certify(fixtures[i], modes[i], NULL, NULL) ||
		    fixture_offer(fixtures[i], &pendings[i], NULL))
			abort();
	}
	return 0;
}

/* The same octets with authentic keys: what lies behind the signature is reached */
static void with_certificate(uint32_t mode, struct mikey_view in)
{
	static struct mikey_msg msg, sent;
	struct fixture **f = &fixtures[mode == MIKEY_RSAR_INIT];
	struct mikey_pending **pending = &pendings[mode == MIKEY_RSAR_INIT];
	struct mikey_answer answer;
	uint8_t *octets = NULL;
	size_t len;

	if (mikey_parse(&msg, in.data, in.len, NULL) || mikey_validate(&msg, NULL) ||
	    !mikey_find(&msg, MIKEY_PL_SIGN, 0))
		return;
	if (msg.hdr.data_type == mode) {
		len = signed_again(*f, &msg, NULL, &octets);
		mikey_replay_free((*f)->bob.replay);
		(*f)->bob.replay = mikey_replay_new((*f)->crypto, 16, MIKEY_SECONDS(60));
		fixture_respond(*f, (struct mikey_view){ octets, len }, &answer, NULL);
		mikey_answer_clear(&answer);
	} else if (msg.hdr.data_type == MIKEY_RSAR_RESP && mode == MIKEY_RSAR_INIT) {
		struct mikey_view asked = mikey_pending_message(*pending);

		mikey_parse(&sent, asked.data, asked.len, NULL);
		msg.hdr.csb_id = sent.hdr.csb_id;
		len = signed_again(*f, &msg, &sent, &octets);
		mikey_pending_process(*pending, octets, len, NULL, NULL);
	}
	OPENSSL_free(octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fixture *f;
	static struct mikey_pending *pending;
	struct mikey_view in = { data, size };
	struct mikey_answer answer;

	if (!f) {
		f = fixture_new();
		f->seed = 77;
		f->bob_psk = view("nobody has this key");
		if (fixture_offer(f, &pending, NULL))
			abort();
	}
	read_it(f, in);
	read_inner(f, in);
	read_bundle(in);
	with_certificate(MIKEY_PK_INIT, in);
	with_certificate(MIKEY_RSAR_INIT, in);
	if (!fixture_respond(f, in, &answer, NULL) || answer.authenticated || answer.len > size)
		abort();
	mikey_answer_clear(&answer);
	if (!mikey_pending_process(pending, data, size, NULL, NULL))
		abort();
	/* Where no MAC is needed, everything behind it is reached */
	f->accept.flags = MIKEY_ALLOW_NULL | MIKEY_COMPAT_SPLIT_TEK | MIKEY_COMPAT_ANY_TIME |
			  MIKEY_COMPAT_NO_RAND | MIKEY_ALLOW_SHARED_TEK;
	fixture_respond(f, in, &answer, NULL);
	mikey_answer_clear(&answer);
	f->accept.flags = 0;
	return 0;
}
