// SPDX-License-Identifier: GPL-2.0
/*
 * Streams that run already, RFC 3830 6.1.1: both sides are told of their rollover
 * counters, in every mode.
 */
#include "exchange.h"
#include "ktap.h"

#define ALICES 5
#define BOBS 7

static const struct {
	const char *name;
	uint32_t mode;
} modes[] = {
	{ "psk", MIKEY_PSK_INIT },	{ "pk", MIKEY_PK_INIT },   { "dh", MIKEY_DH_INIT },
	{ "dhhmac", MIKEY_DHHMAC_INIT }, { "rsar", MIKEY_RSAR_INIT },
};

static struct call *made(uint32_t mode, void (*change)(struct fixture *f))
{
	struct call *c = call_made(mode, NULL, change);

	if (!c->reason)
		call_process(c);
	call_note(c);
	return c;
}

static bool says(const struct mikey_csb *csb, uint32_t alices, uint32_t bobs, uint32_t bobs_ssrc)
{
	return csb && csb->n_sessions == 2 && csb->sessions[0].roc == alices &&
	       csb->sessions[1].roc == bobs && csb->sessions[1].ssrc == bobs_ssrc;
}

static void both_run(struct fixture *f)
{
	f->cs[0].roc = ALICES;
	f->bob_roc = BOBS;
}

static void unnamed(struct fixture *f)
{
	f->bob_roc = BOBS;
	f->bob_ssrc = 0;
}

static void she_knows(struct fixture *f)
{
	f->cs[1].roc = BOBS - 1;
	f->bob_roc = BOBS;
}

int main(void)
{
	struct call *c;
	size_t i;

	ktap_begin();
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		c = made(modes[i].mode, both_run);
		check(!c->reason && says(c->answer.csb, ALICES, BOBS, 0x22222222) &&
		      says(mikey_pending_csb(c->pending), ALICES, BOBS, 0x22222222),
		      "%s: both know the rollover counters of streams that run",
		      modes[i].name);
		call_free(c);
		c = made(modes[i].mode, unnamed);
		check(!c->reason &&
		      says(mikey_pending_csb(c->pending), 0, BOBS, 0x33333332),
		      "%s: a stream that runs names its SSRC", modes[i].name);
		call_free(c);
		c = made(modes[i].mode, NULL);
		check(!c->reason && says(mikey_pending_csb(c->pending), 0, 0, 0x22222222),
		      "%s: streams that have not begun have none", modes[i].name);
		call_free(c);
		c = made(modes[i].mode, she_knows);
		check(!c->reason && c->answer.csb->sessions[1].roc == BOBS - 1,
		      "%s: what the initiator said is not altered", modes[i].name);
		call_free(c);
	}
	pki_free();
	return ktap_end();
}
