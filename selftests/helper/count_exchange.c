// SPDX-License-Identifier: GPL-2.0
/*
 * What an exchange costs in each mode, and what a message that proves nothing costs
 * its receiver, for callgrind to count: see test_mikey_cost.py.
 */
#include <stdio.h>
#include <valgrind/callgrind.h>

#include "count.h"
#include "exchange.h"
#include "tamper.h"
#include "variant.h"

static const struct {
	const char *name;
	uint32_t mode;
} modes[] = {
	{ "psk", MIKEY_PSK_INIT },	 { "dhhmac", MIKEY_DHHMAC_INIT },
	{ "dh", MIKEY_DH_INIT },	 { "pk", MIKEY_PK_INIT },
	{ "rsar", MIKEY_RSAR_INIT },
};

static void part(const char *mode, const char *what, const struct call *c)
{
	char name[64];

	snprintf(name, sizeof(name), "%s: %s", mode, what);
	CALLGRIND_DUMP_STATS_AT(name);
	printf("%s\t%s\t%zu\t%zu\n", name, mikey_reason_token(c->reason),
	       mikey_pending_message(c->pending).len, c->answer.len);
}

static void exchange(struct call *c)
{
	call_offer(c);
	call_respond(c);
	call_process(c);
}

/* Bob gets a message whose last octet, of a MAC or a signature, is wrong */
static void forged(struct call *c)
{
	struct mikey_view msg;

	call_offer(c);
	msg = mikey_pending_message(c->pending);
	call_respond_to(c, damaged(msg, msg.len - 1));
}

/* The second time counts: by then what is made once has been made */
static bool count(const char *name, uint32_t mode)
{
	struct call *c = call_new(mode, NULL);

	if (c->reason)
		return false;
	exchange(c);
	CALLGRIND_ZERO_STATS;
	exchange(c);
	part(name, "an exchange", c);
	forged(c);
	CALLGRIND_ZERO_STATS;
	forged(c);
	part(name, "a forged message", c);
	stranger(c->f);
	CALLGRIND_ZERO_STATS;
	forged(c);
	part(name, "a stranger", c);
	call_free(c);
	return true;
}

int count_all(void)
{
	bool ok = true;
	size_t i;

	for (i = 0; ok && i < sizeof(modes) / sizeof(modes[0]); i++)
		ok = count(modes[i].name, modes[i].mode);
	return !ok;
}
