// SPDX-License-Identifier: GPL-2.0
/*
 * MIKEY inside other protocols' text: a=key-mgmt in SDP, KeyMgmt in RTSP
 * (RFC 4567 3.1, 3.2).
 */
#include <stdio.h>
#include <string.h>
#include "keymgmt.h"
#include "lines.h"
#include "source.h"

#define SDP_LINE "a=key-mgmt:"
static bool has_line(const struct input *input, const char *word, bool any_case)
{
	struct line line = { 0 };

	while (line_next(input->data, input->len, &line))
		if (line_begins(&line, word, any_case))
			return true;
	return false;
}

static void say_where(struct source *source, unsigned int line, const char *part)
{
	if (source)
		snprintf(source->where, sizeof(source->where), "line %u, %s", line, part);
}

bool sdp_source_looks(const struct input *input)
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

void sdp_source_find(const struct input *input, struct source_list *list)
{
	struct line line = { 0 };
	unsigned int media = 0;
	char part[32] = "session";

	while (line_next(input->data, input->len, &line)) {
		if (line_begins(&line, "m=", false))
			snprintf(part, sizeof(part), "media %u", ++media);
		else if (line_begins(&line, SDP_LINE, false))
			sdp_line(input, &line, part, list);
	}
}

bool rtsp_source_looks(const struct input *input)
{
	return has_line(input, KEYMGMT_HEADER, true);
}

static void rtsp_line(const struct input *input, const struct line *line,
		      struct source_list *list)
{
	const char *text = line->text + strlen(KEYMGMT_HEADER);
	const char *end = line->text + line->len;
	struct keymgmt keymgmt;

	while ((text = keymgmt_next(text, end, &keymgmt)))
		if (keymgmt.mikey && keymgmt.data.text)
			say_where(source_add_base64(list, keymgmt.data.text, keymgmt.data.len,
						    keymgmt.data.text - input->data),
				  line->number, "KeyMgmt");
}

void rtsp_source_find(const struct input *input, struct source_list *list)
{
	struct line line = { 0 };

	while (line_next(input->data, input->len, &line)) {
		if (!line_begins(&line, KEYMGMT_HEADER, true))
			continue;
		line_unfold(input->data, input->len, &line);
		rtsp_line(input, &line, list);
	}
}
