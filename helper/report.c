// SPDX-License-Identifier: GPL-2.0
/*
 * Sentences, tokens and exit codes of failures.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "output.h"
#include "failure.h"
#include "report.h"

/* Long enough for a path of PATH_MAX in a sentence. */
#define SENTENCE_MAX 4608

bool report_json;

static void print_json(int code, const char *reason, const char *sentence)
{
	struct json_object *error = json_object_new_object();
	struct json_object *top = json_object_new_object();

	json_object_object_add(error, "exit", json_object_new_int(code));
	json_object_object_add(error, "reason", json_object_new_string(reason));
	json_object_object_add(error, "message", json_object_new_string(sentence));
	json_object_object_add(top, "error", error);
	output_json_line(top);
}

/* The programs of this package share these sentences. */
static const char *program(void)
{
	return program_invocation_short_name;
}

static void say(int code, const char *reason, const char *sentence)
{
	fprintf(stderr, "%s: %s (%s)\n", program(), sentence, reason);
	if (report_json)
		print_json(code, reason, sentence);
}

int report(enum mikey_exit code, const char *reason, const char *fmt, ...)
{
	char sentence[SENTENCE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	say(code, reason, sentence);
	return code;
}

int report_errno(int err, const char *fmt, ...)
{
	char what[SENTENCE_MAX - 128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return report(MIKEY_EXIT_SYSTEM, err == ENOMEM ? "no-memory" : "system", "%s: %s", what,
		      strerror(err));
}

int report_usage(const char *command, const char *fmt, ...)
{
	char what[SENTENCE_MAX - 128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return report(MIKEY_EXIT_USAGE, "usage", "%s; see %s %s%s", what, program(),
		      command ? "help " : "--help", command ? command : "");
}

void note(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", program());
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int failure_report(const struct failure *failure)
{
	return report(failure->code, failure->reason, "%s", failure->text);
}
