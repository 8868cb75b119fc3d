// SPDX-License-Identifier: GPL-2.0
/*
 * MIKEY inside other protocols' text: a=key-mgmt in SDP, KeyMgmt in RTSP
 * (RFC 4567 3.1, 3.2).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "source.h"

#define SDP_LINE "a=key-mgmt:"
#define RTSP_LINE "KeyMgmt:"

/**
 * struct line - one line of the input
 * @text: its first character
 * @len: without the line end
 * @number: counted from 1
 */
struct line {
	const char *text;
	size_t len;
	unsigned int number;
};

static bool next_line(const struct input *input, struct line *line)
{
	const char *end = input->data + input->len, *nl;
	const char *from = line->text ? line->text + line->len : input->data;

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

/* A header may go on in lines that begin with white space (RFC 2326 4.2). */
static void unfold(const struct input *input, struct line *line)
{
	struct line more = *line;

	while (next_line(input, &more) && more.len && (*more.text == ' ' || *more.text == '\t'))
		line->len = more.text + more.len - line->text;
}

static bool begins(const struct line *line, const char *word, bool any_case)
{
	size_t len = strlen(word);

	return line->len >= len && !(any_case ? strncasecmp : strncmp)(line->text, word, len);
}

static bool has_line(const struct input *input, const char *word, bool any_case)
{
	struct line line = { 0 };

	while (next_line(input, &line))
		if (begins(&line, word, any_case))
			return true;
	return false;
}

static void say_where(struct source *source, unsigned int line, const char *part)
{
	if (source)
		snprintf(source->where, sizeof(source->where), "line %u, %s", line, part);
}

bool sdp_looks(const struct input *input)
{
	return has_line(input, SDP_LINE, false);
}

/* Another protocol than MIKEY is none of our business. */
static void sdp_line(const struct input *input, const struct line *line, const char *part,
		     struct source_list *list)
{
	const char *text = line->text + strlen(SDP_LINE);
	const char *end = line->text + line->len;

	if (text < end && *text == ' ')
		text++;
	if (end - text < 6 || strncmp(text, "mikey ", 6))
		return;
	text += 6;
	say_where(source_add_base64(list, text, end - text, text - input->data), line->number,
		  part);
}

void sdp_find(const struct input *input, struct source_list *list)
{
	struct line line = { 0 };
	unsigned int media = 0;
	char part[32] = "session";

	while (next_line(input, &line)) {
		if (begins(&line, "m=", false))
			snprintf(part, sizeof(part), "media %u", ++media);
		else if (begins(&line, SDP_LINE, false))
			sdp_line(input, &line, part, list);
	}
}

bool rtsp_looks(const struct input *input)
{
	return has_line(input, RTSP_LINE, true);
}

/**
 * struct param - one parameter of the header
 * @name: its name
 * @name_len: characters
 * @value: without quotes
 * @value_len: characters
 * @last: of its list element
 */
struct param {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
	bool last;
};

static const char *skip_blank(const char *text, const char *end)
{
	while (text < end && strchr(" \t\r\n", *text))
		text++;
	return text;
}

/* What RFC 4567 3.2 should have said: quotes may be missing, blanks are free. */
static const char *next_param(const char *text, const char *end, struct param *param)
{
	const char *stop;

	text = skip_blank(text, end);
	param->name = text;
	while (text < end && !strchr("=;,", *text))
		text++;
	param->name_len = text - param->name;
	param->value = text;
	param->value_len = 0;
	if (text < end && *text == '=') {
		text = skip_blank(text + 1, end);
		if (text < end && *text == '"') {
			param->value = ++text;
			stop = memchr(text, '"', end - text);
			text = stop ? stop : end;
			param->value_len = text - param->value;
			text += !!stop;
		} else {
			param->value = text;
			while (text < end && !strchr(";,", *text))
				text++;
			param->value_len = text - param->value;
		}
	}
	while (text < end && !strchr(";,", *text))
		text++;
	param->last = text >= end || *text == ',';
	return text < end ? text + 1 : end;
}

static bool is(const struct param *param, const char *name)
{
	size_t len = param->name_len;

	while (len && strchr(" \t", param->name[len - 1]))
		len--;
	return len == strlen(name) && !strncasecmp(param->name, name, len);
}

static bool has_value(const struct param *param, const char *value)
{
	size_t len = param->value_len;

	while (len && strchr(" \t", param->value[len - 1]))
		len--;
	return len == strlen(value) && !strncmp(param->value, value, len);
}

static void rtsp_line(const struct input *input, const struct line *line,
		      struct source_list *list)
{
	const char *text = line->text + strlen(RTSP_LINE);
	const char *end = line->text + line->len;
	struct param param, data = { 0 };
	bool mikey = false;

	while (skip_blank(text, end) < end) {
		text = next_param(text, end, &param);
		if (is(&param, "prot"))
			mikey = has_value(&param, "mikey");
		else if (is(&param, "data"))
			data = param;
		if (!param.last)
			continue;
		if (mikey && data.value)
			say_where(source_add_base64(list, data.value, data.value_len,
						    data.value - input->data),
				  line->number, "KeyMgmt");
		mikey = false;
		data.value = NULL;
	}
}

void rtsp_find(const struct input *input, struct source_list *list)
{
	struct line line = { 0 };

	while (next_line(input, &line)) {
		if (!begins(&line, RTSP_LINE, true))
			continue;
		unfold(input, &line);
		rtsp_line(input, &line, list);
	}
}
