// SPDX-License-Identifier: GPL-2.0
/*
 * `answer` and `accept` for RTSP (RFC 4567 3.2, 4.2): a server's description is
 * answered by headers, and a client's request is taken.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "keymgmt.h"
#include "lines.h"
#include "mediate.h"
#include "report.h"
#include "rtsp.h"

/* RFC 2326 C.1.1: a=control is absolute, "*", or relative to Content-Base. */
static char *resolve(const char *control, const char *base)
{
	char *uri = NULL;

	if (!control)
		return NULL;
	if (strstr(control, "://"))
		return strdup(control);
	if (!base)
		return NULL;
	if (!strcmp(control, "*"))
		return strdup(base);
	if (asprintf(&uri, "%s%s%s", base, base[strlen(base) - 1] == '/' ? "" : "/", control) < 0)
		return NULL;
	return uri;
}

/* The base of a whole response; a description alone has none. */
static char *find_base(const char *path)
{
	static const char name[] = "Content-Base:";
	struct line line = { 0 };
	struct failure failure;
	size_t len;
	char *text = strcmp(path, "-") ? mediate_read(path, &len, &failure) : NULL;
	char *base = NULL;

	while (text && !strncmp(text, "RTSP/", 5) && line_next(text, len, &line) && line.len) {
		if (!line_begins(&line, name, true))
			continue;
		line.text += sizeof(name) - 1;
		line.len -= sizeof(name) - 1;
		while (line.len && *line.text == ' ') {
			line.text++;
			line.len--;
		}
		base = line.len ? strndup(line.text, line.len) : NULL;
		break;
	}
	free(text);
	return base;
}

static const char *control_of(const struct sdp *sdp, int part)
{
	return sdp_attribute(sdp, part, "control", 0);
}

/* A quote would end the parameter. */
static bool add_header(char **text, const char *uri, const char *message)
{
	char *line = keymgmt_line(uri && !strchr(uri, '"') ? uri : NULL, message), *longer;
	bool good = line && asprintf(&longer, "%s%s\r\n", *text ? *text : "", line) >= 0;

	if (good) {
		free(*text);
		*text = longer;
	}
	free(line);
	return good;
}

static char *make_headers(const struct mediate *m, const struct sdp *sdp,
			  const struct sdp_groups *groups, struct json_object *answer)
{
	char *base = find_base(m->offer), *text = NULL, *uri;
	const char *message;
	bool good = true;
	int i;

	for (i = 0; i < groups->n && good; i++) {
		message = mediate_message(answer, i);
		if (!message)
			continue;
		uri = i == 0 && m->uri ? strdup(m->uri) :
					 resolve(control_of(sdp, groups->list[i].part), base);
		good = add_header(&text, uri, message);
		free(uri);
	}
	free(base);
	if (good && text)
		return text;
	free(text);
	return good ? strdup("") : NULL;
}

static int print_headers(const struct mediate *m, const struct sdp *sdp,
			 const struct sdp_groups *groups, struct json_object *answer)
{
	char *text = make_headers(m, sdp, groups, answer);
	int ret;

	if (!text)
		return report_errno(ENOMEM, "answer");
	ret = mediate_print(answer, groups, sdp, "headers", text);
	explicit_bzero(text, strlen(text));
	free(text);
	return ret;
}

int rtsp_answer(const struct mediate *m)
{
	static struct sdp_groups groups;
	struct json_object *answer = NULL, *list, *order;
	struct sdp *sdp = NULL;
	struct failure failure;
	int i, ret;

	if (mediate_read_sdp(m->offer, &sdp, &failure) ||
	    sdp_keys_find(sdp, m->flags, &groups, &failure)) {
		sdp_free(sdp);
		return failure_report(&failure);
	}
	order = mediate_order(m, &list);
	for (i = 0; i < groups.n; i++)
		mediate_group(list, sdp, &groups.list[i], NULL);
	ret = mediate_ask(m, order, &answer, &failure) ? mediate_fail(answer, &failure) :
	      print_headers(m, sdp, &groups, answer);
	json_object_put(answer);
	sdp_free(sdp);
	return ret;
}

static void add_key(struct json_object *groups, const char *base64, unsigned int index)
{
	struct json_object *group = json_object_new_object();

	while (*base64 == ' ' || *base64 == '\t')
		base64++;
	json_object_object_add(group, "message", json_object_new_string(base64));
	json_object_object_add(group, "index", json_object_new_int64(index));
	json_object_array_add(groups, group);
}

static int ask(const struct mediate *m, const struct rtsp_keys *keys, struct json_object **answer,
	       struct failure *failure)
{
	struct json_object *list, *order = mediate_order(m, &list);
	int i;

	for (i = 0; i < keys->n; i++)
		add_key(list, keys->list[i].base64, m->medium - 1 + i);
	return mediate_ask(m, order, answer, failure);
}

int rtsp_accept(const struct mediate *m)
{
	struct json_object *answer = NULL;
	struct rtsp_keys keys = { .n = 0 };
	struct failure failure;
	size_t len;
	char *text = mediate_read(m->file, &len, &failure);
	int ret;

	if (!text || rtsp_find(text, len, &keys, &failure) || ask(m, &keys, &answer, &failure))
		ret = mediate_fail(answer, &failure);
	else
		ret = mediate_print(answer, NULL, NULL, NULL, NULL);
	json_object_put(answer);
	rtsp_clear(&keys);
	if (text)
		explicit_bzero(text, len);
	free(text);
	return ret;
}
