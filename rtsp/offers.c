// SPDX-License-Identifier: GPL-2.0
/*
 * Keys for a client (`offer` and `accept` of mikey-helper, RTSP): each stream is a
 * call of its own, so that one that is not set up takes no other with it.
 */
#include <string.h>
#include <unistd.h>
#include "server.h"

static struct json_object *offer_group(size_t index)
{
	struct json_object *group = json_object_new_object(), *media = json_object_new_array();
	struct json_object *medium = json_object_new_object();

	json_object_object_add(medium, "position", json_object_new_int64(0));
	json_object_object_add(medium, "line", json_object_new_int64(index));
	json_object_array_add(media, medium);
	json_object_object_add(group, "positions", json_object_new_int64(1));
	json_object_object_add(group, "media", media);
	return group;
}

static struct json_object *accept_group(const char *message)
{
	struct json_object *group = json_object_new_object();

	json_object_object_add(group, "index", json_object_new_int64(0));
	json_object_object_add(group, "message", json_object_new_string(message));
	return group;
}

static struct json_object *make_order(const struct visit *visit, const struct stream *stream,
				      const char *command, struct json_object *group)
{
	struct json_object *groups = json_object_new_array();

	json_object_array_add(groups, group);
	return reach_order(&visit->serving->shared.reach, command, stream->call, groups);
}

static int take_offer(struct stream *stream, struct json_object *answer, struct failure *failure)
{
	struct json_object *groups = json_object_object_get(answer, "groups");
	struct json_object *group = groups ? json_object_array_get_idx(groups, 0) : NULL;
	struct json_object *media = json_object_object_get(group, "media");
	struct json_object *medium = media ? json_object_array_get_idx(media, 0) : NULL;

	stream->message = g_strdup(json_object_get_string(
		json_object_object_get(group, "message")));
	stream->session = json_object_get_int64(json_object_object_get(medium, "session"));
	if (stream->message && stream->session)
		return 0;
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "daemon-gone",
			   "the daemon's answer is not complete");
}

static int make_offer(struct visit *visit, size_t index, struct failure *failure)
{
	struct stream *stream = &visit->streams[index];
	struct json_object *order, *answer = NULL;
	int ret;

	stream->call = g_strdup_printf("mikey-rtsp-serve-%d-%zu-%08x", getpid(), index,
				       g_random_int());
	order = make_order(visit, stream, "offer", offer_group(index));
	reach_model(order, visit->serving->shared.model, true);
	ret = reach_ask(&visit->serving->shared.reach, order, &answer, &stream->held, failure);
	if (!ret)
		ret = take_offer(stream, answer, failure);
	json_object_put(answer);
	return ret;
}

int offers_make(struct visit *visit, struct failure *failure)
{
	size_t i;

	for (i = 0; i < visit->n_streams; i++)
		if (make_offer(visit, i, failure)) {
			offers_drop(visit);
			return -1;
		}
	return 0;
}

int offers_accept(const struct visit *visit, size_t index, const char *message,
		  struct failure *failure)
{
	const struct stream *stream = &visit->streams[index];
	struct json_object *answer = NULL;
	int ret = reach_ask(&visit->serving->shared.reach,
			    make_order(visit, stream, "accept", accept_group(message)), &answer,
			    NULL, failure);

	json_object_put(answer);
	return ret;
}

void offers_drop(struct visit *visit)
{
	struct stream *stream;

	for (stream = visit->streams; stream < visit->streams + visit->n_streams; stream++) {
		reach_let_go(&stream->held);
		if (stream->message)
			explicit_bzero(stream->message, strlen(stream->message));
		g_clear_pointer(&stream->message, g_free);
		g_clear_pointer(&stream->call, g_free);
	}
}
