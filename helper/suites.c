// SPDX-License-Identifier: GPL-2.0
/*
 * Which suites the kernel of this host has.
 */
#include <string.h>
#include "now.h"
#include "suites.h"

/* As many as there are, and some. */
#define SUITES_MAX 64
/* A module may have come since. */
#define FORGET_MS 60000

/* When it was refused; 0 if it was not. */
static uint64_t refused[SUITES_MAX];

static size_t index_of(const struct mikey_suite *suite)
{
	size_t n;

	return (size_t)(suite - mikey_suites(&n));
}

bool suites_available(const struct mikey_suite *suite)
{
	uint64_t when = refused[index_of(suite)];

	return !when || now_ms() - when > FORGET_MS;
}

/* What has modifiers may be refused for those. */
static bool is_plain(const struct mikey_session *session)
{
	struct mikey_policy plain;

	mikey_suite_policy(session->suite, &plain);
	return !memcmp(&plain, &session->policy, sizeof(plain));
}

void suites_refused(const struct mikey_csb *csb)
{
	size_t i;

	for (i = 0; i < csb->n_sessions; i++)
		if (is_plain(&csb->sessions[i]))
			refused[index_of(csb->sessions[i].suite)] = now_ms();
}
