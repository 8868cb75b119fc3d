// SPDX-License-Identifier: GPL-2.0
/*
 * Text as lines.
 */
#include <string.h>
#include <strings.h>
#include "lines.h"

bool line_next(const char *data, size_t len, struct line *line)
{
	const char *end = data + len, *nl;
	const char *from = line->text ? line->text + line->len : data;

	if (line->text && from < end && *from == '\r')
		from++;
	if (line->text && from < end && *from == '\n')
		from++;
	if (from >= end)
		return false;
	nl = memchr(from, '\n', end - from);
	line->text = from;
	line->len = (nl ? nl : end) - from;
	if (line->len && from[line->len - 1] == '\r')
		line->len--;
	line->number++;
	return true;
}

void line_unfold(const char *data, size_t len, struct line *line)
{
	struct line more = *line;

	while (line_next(data, len, &more) && more.len &&
	       (*more.text == ' ' || *more.text == '\t'))
		line->len = more.text + more.len - line->text;
}

bool line_begins(const struct line *line, const char *word, bool any_case)
{
	size_t len = strlen(word);

	return line->len >= len && !(any_case ? strncasecmp : strncmp)(line->text, word, len);
}
