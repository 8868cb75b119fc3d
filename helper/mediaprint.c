// SPDX-License-Identifier: GPL-2.0
/*
 * What `offer`, `answer` and `accept` print: what is to be sent, and which
 * session belongs to which m-line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mediate.h"
#include "output.h"
#include "report.h"

static const char *string_of(struct json_object *object, const char *name)
{
	const char *text = json_object_get_string(json_object_object_get(object, name));

	return text ? text : "none";
}

static struct json_object *find_position(struct json_object *group, int64_t position)
{
	struct json_object *media = json_object_object_get(group, "media"), *medium;
	size_t i, n = media ? json_object_array_length(media) : 0;

	for (i = 0; i < n; i++) {
		medium = json_object_array_get_idx(media, i);
		if (json_object_get_int64(json_object_object_get(medium, "position")) == position)
			return medium;
	}
	return NULL;
}

/* What the daemon says of a medium, and what the description does. */
static struct json_object *join(struct json_object *from, const struct sdp *sdp, int index)
{
	struct json_object *to = json_object_new_object();
	struct sdp_medium medium;

	sdp_medium(sdp, index, &medium);
	json_object_object_add(to, "m_line", json_object_new_int64(index + 1));
	json_object_object_add(to, "media", json_object_new_string(medium.media));
	json_object_object_add(to, "direction", json_object_new_string(medium.direction));
	json_object_object_add(to, "rtcp_mux", json_object_new_boolean(medium.rtcp_mux));
	json_object_object_foreach(from, name, value)
		if (strcmp(name, "position"))
			json_object_object_add(to, name, json_object_get(value));
	return to;
}

/* Where no description says what a medium is, its number in the message does. */
static struct json_object *gather(struct json_object *answer)
{
	struct json_object *list = json_object_new_array(), *groups, *media;
	size_t g, i;

	groups = json_object_object_get(answer, "groups");
	for (g = 0; g < json_object_array_length(groups); g++) {
		media = json_object_object_get(json_object_array_get_idx(groups, g), "media");
		for (i = 0; i < json_object_array_length(media); i++)
			json_object_array_add(list, json_object_get(
				json_object_array_get_idx(media, i)));
	}
	return list;
}

static struct json_object *join_all(struct json_object *answer, const struct sdp_groups *groups,
				    const struct sdp *sdp)
{
	struct json_object *list = json_object_new_array(), *group, *medium;
	int g, i;

	for (g = 0; g < groups->n; g++) {
		group = json_object_array_get_idx(json_object_object_get(answer, "groups"), g);
		for (i = 0; i < groups->list[g].n_media; i++) {
			int index = groups->list[g].media[i];

			medium = find_position(group, groups->list[g].part == SDP_SESSION ?
							      index : 0);
			if (medium)
				json_object_array_add(list, join(medium, sdp, index));
		}
	}
	return list;
}

static void print_media(struct json_object *media)
{
	size_t i, n = json_object_array_length(media);

	for (i = 0; i < n; i++) {
		struct json_object *medium = json_object_array_get_idx(media, i);

		if (!json_object_object_get(medium, "m_line")) {
			note("session %s, %s", string_of(medium, "session"),
			     string_of(medium, "suite"));
			continue;
		}
		note("m-line %s (%s): session %s, %s%s", string_of(medium, "m_line"),
		     string_of(medium, "media"), string_of(medium, "session"),
		     string_of(medium, "suite"),
		     json_object_get_boolean(json_object_object_get(medium, "rtcp_mux")) ?
		     ", RTCP on the same port" : "");
	}
}

static void print_json(struct json_object *answer, struct json_object *media, const char *name,
		       const char *text)
{
	struct json_object *top = json_object_new_object();

	if (text)
		json_object_object_add(top, name, json_object_new_string(text));
	json_object_object_foreach(answer, key, value)
		if (strcmp(key, "groups"))
			json_object_object_add(top, key, json_object_get(value));
	json_object_object_add(top, "media", json_object_get(media));
	output_json_line(top);
}

int mediate_print(struct json_object *answer, const struct sdp_groups *groups,
		  const struct sdp *sdp, const char *name, const char *text)
{
	struct json_object *media = groups ? join_all(answer, groups, sdp) : gather(answer);

	if (report_json) {
		print_json(answer, media, name, text);
	} else {
		print_media(media);
		if (text)
			fputs(text, stdout);
	}
	json_object_put(media);
	return output_flush();
}

int mediate_print_sdp(struct json_object *answer, const struct sdp_groups *groups,
		      const struct sdp *sdp)
{
	size_t len;
	char *text = sdp_text(sdp, &len);
	int ret;

	if (!text)
		return report_errno(ENOMEM, "session description");
	ret = mediate_print(answer, groups, sdp, "sdp", text);
	explicit_bzero(text, len);
	free(text);
	return ret;
}
