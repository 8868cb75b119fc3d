// SPDX-License-Identifier: GPL-2.0
/*
 * Standard output.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "output.h"
#include "report.h"

static void print(struct json_object *object, int flags)
{
	puts(json_object_to_json_string_ext(object, flags | JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
	json_object_put(object);
}

void output_json_line(struct json_object *object)
{
	print(object, JSON_C_TO_STRING_PLAIN);
}

void output_json(struct json_object *object)
{
	print(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED);
}

struct json_object *output_hex(const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	struct json_object *string;
	char *hex = malloc(2 * len + 1);
	size_t i;

	if (!hex)
		return NULL;
	for (i = 0; i < len; i++) {
		hex[2 * i] = digits[data[i] >> 4];
		hex[2 * i + 1] = digits[data[i] & 15];
	}
	string = json_object_new_string_len(hex, (int)(2 * len));
	free(hex);
	return string;
}

int output_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return report_errno(errno, "cannot write to standard output");
}
