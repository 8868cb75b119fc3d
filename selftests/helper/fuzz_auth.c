// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: messages of somebody who has the pre-shared key. The MAC of
 * what the fuzzer makes is put right, and so is T, so that everything behind
 * authentication is reached: policies, maps, keys, Diffie-Hellman values, updates
 * of a live bundle, and responses to an exchange that waits.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * struct world - what lasts from one input to the next
 * @f: the two parties
 * @live: a bundle of each mode that bob has
 * @waiting: alice's exchange of each mode
 */
struct world {
	struct fixture *f;
	struct mikey_csb *live[2];
	struct mikey_pending *waiting[2];
};

static const uint32_t modes[2] = { MIKEY_PSK_INIT, MIKEY_DHHMAC_INIT };

static void make_live(struct world *w, int i)
{
	struct mikey_answer answer;

	w->f->init.mode = modes[i];
	if (fixture_offer(w->f, &w->waiting[i], NULL) ||
	    fixture_respond(w->f, mikey_pending_message(w->waiting[i]), &answer, NULL))
		abort();
	w->live[i] = answer.csb;
	answer.csb = NULL;
	mikey_answer_clear(&answer);
}

static struct world *new_world(void)
{
	struct world *w = calloc(1, sizeof(*w));
	int i;

	w->f = fixture_new();
	for (i = 0; i < 2; i++)
		make_live(w, i);
	w->f->accept.flags = MIKEY_ALLOW_KDR | MIKEY_ALLOW_RCC | MIKEY_ALLOW_SHARED_TEK |
			     MIKEY_ALLOW_CLEAR_SRTP | MIKEY_COMPAT_SPLIT_TEK |
			     MIKEY_COMPAT_DHHMAC_4650;
	w->f->accept.empty_map_cs = 3;
	w->f->bob.counters = true;
	return w;
}

static void fresh_cache(struct fixture *f)
{
	mikey_replay_free(f->bob.replay);
	f->bob.replay = mikey_replay_new(f->crypto, 16, MIKEY_SECONDS(60));
}

/* The view of a parsed message is const, but the octets are this copy's */
static void set_time(struct fixture *f, const struct mikey_msg *msg)
{
	const struct mikey_payload *t = mikey_find(msg, MIKEY_PL_T, 0);
	struct mikey_ts ts;

	f->now += MIKEY_SECONDS(1);
	if (t && t->t.value.len == 8) {
		ts = (struct mikey_ts){ .type = t->t.ts_type, .value = f->now };
		mikey_ts_write(&ts, (uint8_t *)t->t.value.data);
	}
}

static void set_mac(struct fixture *f, const struct mikey_csb *csb, const struct mikey_msg *msg)
{
	const struct mikey_payload *rand = mikey_find(msg, MIKEY_PL_RAND, 0);
	const struct mikey_payload *kemac = mikey_find(msg, MIKEY_PL_KEMAC, 0);
	struct mikey_label_ctx ctx = { msg->hdr.prf, msg->hdr.csb_id, csb->rand };
	struct mikey_view covered = msg->raw;
	struct mikey_msg_keys keys;
	size_t len = kemac ? kemac->kemac.mac.len : 0;
	uint8_t mac[MIKEY_MAC_MAX];

	if (rand)
		ctx.rand = rand->rand.value;
	if (!len || mikey_msg_keys_derive(f->crypto, &ctx, f->init.creds.psk, MIKEY_ENCR_NULL,
					  len == 20 ? MIKEY_MAC_HMAC_SHA1 : MIKEY_MAC_HMAC_SHA256,
					  &keys))
		return;
	covered.len -= len;
	if (!mikey_mac(f->crypto, &keys, &covered, 1, mac))
		memcpy((uint8_t *)covered.data + covered.len, mac, len);
}

/* A bundle that was made has sessions, and keys in each */
static void inspect(const struct mikey_csb *csb)
{
	size_t i;

	for (i = 0; i < csb->n_sessions; i++)
		if (!csb->sessions[i].n_keys || !csb->sessions[i].suite)
			abort();
	if (!csb->n_sessions)
		abort();
}

static void serve(struct world *w, struct mikey_view msg, int mode)
{
	struct mikey_answer answer;

	w->f->bob_live = w->live[mode];
	if (!fixture_respond(w->f, msg, &answer, NULL)) {
		inspect(answer.csb);
		if (answer.updated && answer.updated != w->live[mode])
			abort();
	}
	mikey_answer_clear(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world *w;
	static struct mikey_msg msg;
	static uint8_t copy[MIKEY_MSG_MAX];
	struct mikey_view in = { copy, size };
	int mode;

	if (!w)
		w = new_world();
	if (size < 10 || size > sizeof(copy))
		return 0;
	memcpy(copy, data, size);
	if (mikey_parse(&msg, copy, size, NULL))
		return 0;
	mode = msg.hdr.data_type >= MIKEY_DHHMAC_INIT;
	/* Half of the inputs are about the bundle that there is */
	if (msg.hdr.csb_id & 1)
		for (size_t i = 0; i < 4; i++)
			copy[4 + i] = (uint8_t)(w->live[mode]->csb_id >> (24 - 8 * i));
	if (mikey_parse(&msg, copy, size, NULL))
		return 0;
	fresh_cache(w->f);
	set_time(w->f, &msg);
	set_mac(w->f, w->live[mode], &msg);
	serve(w, in, mode);
	mikey_pending_process(w->waiting[mode], copy, size, NULL, NULL);
	return 0;
}
