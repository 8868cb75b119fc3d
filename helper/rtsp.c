// SPDX-License-Identifier: GPL-2.0
/*
 * MIKEY in RTSP messages.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "keymgmt.h"
#include "lines.h"
#include "rtsp.h"

static void forget(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void rtsp_clear(struct rtsp_keys *keys)
{
	int i;

	for (i = 0; i < keys->n; i++) {
		free(keys->list[i].uri);
		forget(keys->list[i].base64);
	}
	keys->n = 0;
}

static int add(struct rtsp_keys *keys, const struct span *uri, const struct span *data,
	       struct failure *failure)
{
	struct rtsp_key *key;

	if (keys->n == RTSP_KEYS_MAX)
		return failure_set(failure, MIKEY_EXIT_MALFORMED, "too-long",
				   "more than %d MIKEY messages", RTSP_KEYS_MAX);
	key = &keys->list[keys->n++];
	key->uri = strndup(uri->text ? uri->text : "", uri->len);
	key->base64 = strndup(data->text, data->len);
	return key->uri && key->base64 ? 0 : failure_errno(failure, ENOMEM, "RTSP message");
}

static int read_header(struct rtsp_keys *keys, const char *text, const char *end,
		       struct failure *failure)
{
	struct keymgmt keymgmt;

	while ((text = keymgmt_next(text, end, &keymgmt)))
		if (keymgmt.mikey && keymgmt.data.len &&
		    add(keys, &keymgmt.uri, &keymgmt.data, failure))
			return -1;
	return 0;
}

static int read_line(struct rtsp_keys *keys, const struct line *line, struct failure *failure)
{
	const char *end = line->text + line->len;
	const struct span none = { .text = NULL };
	struct span data;

	if (line_begins(line, KEYMGMT_HEADER, true))
		return read_header(keys, line->text + strlen(KEYMGMT_HEADER), end, failure);
	if (!line_begins(line, KEYMGMT_BODY, true))
		return 0;
	data.text = line->text + strlen(KEYMGMT_BODY);
	data.len = end - data.text;
	return data.len ? add(keys, &none, &data, failure) : 0;
}

int rtsp_find(const char *text, size_t len, struct rtsp_keys *keys, struct failure *failure)
{
	struct line line = { 0 };

	keys->n = 0;
	while (line_next(text, len, &line)) {
		line_unfold(text, len, &line);
		if (read_line(keys, &line, failure))
			return -1;
	}
	if (keys->n)
		return 0;
	return failure_set(failure, MIKEY_EXIT_POLICY, "no-key-management",
			   "the RTSP message has no KeyMgmt header for MIKEY");
}
