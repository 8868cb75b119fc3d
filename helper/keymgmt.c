// SPDX-License-Identifier: GPL-2.0
/*
 * The KeyMgmt header of RTSP. RFC 4567's grammar has no data parameter, its
 * examples have one; quotes may be missing, blanks are free, and the order is.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "keymgmt.h"

/**
 * struct param - one parameter
 * @name: its name
 * @value: without quotes
 * @last: of its element
 */
struct param {
	struct span name;
	struct span value;
	bool last;
};

static const char *skip_blank(const char *text, const char *end)
{
	while (text < end && *text && strchr(" \t\r\n", *text))
		text++;
	return text;
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static const char *take_value(const char *text, const char *end, struct span *value)
{
	const char *stop;

	text = skip_blank(text, end);
	if (text < end && *text == '"') {
		value->text = ++text;
		stop = memchr(text, '"', end - text);
		text = stop ? stop : end;
		value->len = text - value->text;
		return text + !!stop;
	}
	value->text = text;
	while (text < end && !is_one_of(*text, ";,"))
		text++;
	value->len = text - value->text;
	return text;
}

static const char *next_param(const char *text, const char *end, struct param *param)
{
	text = skip_blank(text, end);
	param->name.text = text;
	while (text < end && !is_one_of(*text, "=;,"))
		text++;
	param->name.len = text - param->name.text;
	param->value = (struct span){ .text = text };
	if (text < end && *text == '=')
		text = take_value(text + 1, end, &param->value);
	while (text < end && !is_one_of(*text, ";,"))
		text++;
	param->last = text >= end || *text == ',';
	return text < end ? text + 1 : end;
}

/* Without the blanks behind it. */
static bool is(const struct span *span, const char *word, bool any_case)
{
	size_t len = span->len;

	while (len && is_one_of(span->text[len - 1], " \t"))
		len--;
	return len == strlen(word) && !(any_case ? strncasecmp : strncmp)(span->text, word, len);
}

const char *keymgmt_next(const char *text, const char *end, struct keymgmt *keymgmt)
{
	struct param param = { .last = false };

	memset(keymgmt, 0, sizeof(*keymgmt));
	if (skip_blank(text, end) >= end)
		return NULL;
	while (!param.last) {
		text = next_param(text, end, &param);
		if (is(&param.name, "prot", true))
			keymgmt->mikey = is(&param.value, "mikey", false);
		else if (is(&param.name, "uri", true))
			keymgmt->uri = param.value;
		else if (is(&param.name, "data", true))
			keymgmt->data = param.value;
	}
	return text;
}

char *keymgmt_line(const char *uri, const char *base64)
{
	char *line;
	int ret;

	if (uri)
		ret = asprintf(&line, KEYMGMT_HEADER " prot=mikey;uri=\"%s\";data=\"%s\"", uri,
			       base64);
	else
		ret = asprintf(&line, KEYMGMT_HEADER " prot=mikey;data=\"%s\"", base64);
	return ret < 0 ? NULL : line;
}
