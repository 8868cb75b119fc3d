// SPDX-License-Identifier: GPL-2.0
/*
 * Failures as values.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "failure.h"

static void fill(struct failure *failure, enum mikey_exit code, const char *reason)
{
	failure->code = code;
	snprintf(failure->reason, sizeof(failure->reason), "%s", reason);
}

int failure_set(struct failure *failure, enum mikey_exit code, const char *reason,
		const char *fmt, ...)
{
	va_list ap;

	fill(failure, code, reason);
	va_start(ap, fmt);
	vsnprintf(failure->text, sizeof(failure->text), fmt, ap);
	va_end(ap);
	return -1;
}

int failure_errno(struct failure *failure, int err, const char *fmt, ...)
{
	char what[FAILURE_TEXT_MAX - 80];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return failure_set(failure, MIKEY_EXIT_SYSTEM, err == ENOMEM ? "no-memory" : "system",
			   "%s: %s", what, strerror(err));
}

int failure_mikey(struct failure *failure, const struct mikey_error *err)
{
	const char *token = mikey_reason_token(err->reason);
	const char *text = *err->text ? err->text : token;

	if (err->offset == MIKEY_NO_OFFSET)
		return failure_set(failure, mikey_reason_exit(err->reason), token, "%s", text);
	return failure_set(failure, mikey_reason_exit(err->reason), token, "%s, at octet %zu",
			   text, err->offset);
}

/* The suites that the peer would take, for a person */
static void list_suites(const struct mikey_peer_error *said, char *text, size_t room)
{
	const struct mikey_suite *suite;
	size_t i, len = 0;

	*text = 0;
	for (i = 0; i < said->n_policies && len < room; i++) {
		suite = mikey_suite_of(&said->policies[i]);
		if (suite)
			len += snprintf(text + len, room - len, "%s %s", len ? "," : "; it takes",
					suite->name);
	}
}

int failure_peer(struct failure *failure, const char *peer, const struct mikey_peer_error *said)
{
	unsigned int err_no = said->n ? said->err_no[0] : MIKEY_ERR_UNSPECIFIED;
	const char *name = mikey_name(MIKEY_NS_ERR, err_no), *token;
	char suites[FAILURE_TEXT_MAX / 2];

	if (!name)
		name = "unknown";
	if (!said->verified)
		return failure_set(failure, MIKEY_EXIT_PEER, mikey_reason_token(MIKEY_PEER_HINT),
				   "peer %s reports error %u (%s), without proof", peer, err_no,
				   name);
	list_suites(said, suites, sizeof(suites));
	token = err_no == MIKEY_ERR_INVALID_SPPAR ? "peer-refuses-policy" :
		mikey_reason_token(MIKEY_PEER_ERROR);
	return failure_set(failure, MIKEY_EXIT_PEER, token, "peer %s reports error %u (%s)%s",
			   peer, err_no, name, suites);
}
