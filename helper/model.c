// SPDX-License-Identifier: GPL-2.0
/*
 * Whole sessions in memory.
 */
#include <stdlib.h>
#include <string.h>
#include "model.h"

/*
 * Arrays grow by doubling, which a power of two as count shows. realloc()
 * would leave keys behind in the old place.
 */
static void *grow(void *array, size_t *count, size_t size)
{
	char *larger = array;

	if (!(*count & (*count - 1))) {
		larger = calloc(*count ? 2 * *count : 1, size);
		if (!larger)
			return NULL;
		if (array) {
			memcpy(larger, array, *count * size);
			explicit_bzero(array, *count * size);
			free(array);
		}
	}
	(*count)++;
	return larger;
}

struct session_spec *model_add_session(struct model *model)
{
	struct session_spec *larger;

	larger = grow(model->sessions, &model->n_sessions, sizeof(*larger));
	if (!larger)
		return NULL;
	model->sessions = larger;
	return &larger[model->n_sessions - 1];
}

struct stream_spec *session_add_stream(struct session_spec *session)
{
	struct stream_spec *larger;

	larger = grow(session->streams, &session->n_streams, sizeof(*larger));
	if (!larger)
		return NULL;
	session->streams = larger;
	return &larger[session->n_streams - 1];
}

struct kernel_key *stream_add_key(struct stream_spec *stream)
{
	struct kernel_key *larger;

	larger = grow(stream->keys, &stream->n_keys, sizeof(*larger));
	if (!larger)
		return NULL;
	stream->keys = larger;
	return &larger[stream->n_keys - 1];
}

struct kernel_socket *session_add_socket(struct session_spec *session)
{
	struct kernel_socket *larger;

	larger = grow(session->sockets, &session->n_sockets, sizeof(*larger));
	if (!larger)
		return NULL;
	session->sockets = larger;
	return &larger[session->n_sockets - 1];
}

static void stream_clear(struct stream_spec *stream)
{
	size_t i;

	for (i = 0; i < stream->n_keys; i++)
		kernel_key_clear(&stream->keys[i]);
	free(stream->keys);
	kernel_stream_clear(&stream->attrs);
}

void session_clear(struct session_spec *session)
{
	size_t i;

	for (i = 0; i < session->n_streams; i++)
		stream_clear(&session->streams[i]);
	free(session->streams);
	free(session->sockets);
	*session = (struct session_spec){ 0 };
}

void model_clear(struct model *model)
{
	size_t i;

	for (i = 0; i < model->n_sessions; i++)
		session_clear(&model->sessions[i]);
	free(model->sessions);
	*model = (struct model){ 0 };
}
