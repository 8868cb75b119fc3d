// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>

#include "codepoint.h"
#include "reason.h"

static const struct {
	const char *token;
	enum mikey_exit exit;
	unsigned int err_no;
} reasons[] = {
#define X(name, token, class, err_no) \
	[MIKEY_##name] = { token, MIKEY_EXIT_##class, MIKEY_ERR_##err_no },
	MIKEY_REASONS(X)
#undef X
};

const char *mikey_reason_token(enum mikey_reason reason)
{
	return (unsigned int)reason < MIKEY_REASON_COUNT ? reasons[reason].token : "unknown";
}

enum mikey_exit mikey_reason_exit(enum mikey_reason reason)
{
	return (unsigned int)reason < MIKEY_REASON_COUNT ? reasons[reason].exit : MIKEY_EXIT_SYSTEM;
}

unsigned int mikey_reason_err_no(enum mikey_reason reason)
{
	return (unsigned int)reason < MIKEY_REASON_COUNT ? reasons[reason].err_no :
							   MIKEY_ERR_UNSPECIFIED;
}

enum mikey_reason mikey_fail(struct mikey_error *err, enum mikey_reason reason, size_t offset,
			     const char *fmt, ...)
{
	va_list args;

	if (!err)
		return reason;
	err->reason = reason;
	err->offset = offset;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return reason;
}
