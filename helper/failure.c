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
