// SPDX-License-Identifier: GPL-2.0
/*
 * Whole sessions into the kernel, and out of it.
 */
#include <errno.h>
#include <string.h>
#include "model.h"
#include "netlink.h"

/* How often a dump is begun anew because objects came and went meanwhile. */
#define READ_TRIES 8

static int install_stream(struct kernel *kernel, uint32_t session, struct stream_spec *stream,
			  struct model_place *place)
{
	size_t i;
	int err;

	KERNEL_SET(&stream->attrs, SRTP_A_STREAM_SESSION, session, session);
	err = kernel_stream_new(kernel, &stream->attrs);
	for (i = 0; !err && i < stream->n_keys; i++) {
		struct kernel_key *key = &stream->keys[i];

		place->key = (long)i;
		KERNEL_SET(key, SRTP_A_KEY_SESSION, session, session);
		KERNEL_SET(key, SRTP_A_KEY_STREAM, stream, stream->attrs.id);
		err = kernel_key_new(kernel, key);
	}
	return err;
}

/* Takes a session back without losing the sentence of what failed before. */
static void take_back(struct kernel *kernel, uint32_t id)
{
	char sentence[sizeof(kernel->error)];

	memcpy(sentence, kernel->error, sizeof(sentence));
	kernel_session_del(kernel, id);
	memcpy(kernel->error, sentence, sizeof(sentence));
}

int session_install(struct kernel *kernel, struct session_spec *session,
		    struct model_place *place)
{
	struct model_place ignored;
	size_t i;
	int err;

	if (!place)
		place = &ignored;
	place->stream = -1;
	place->key = -1;
	err = kernel_session_new(kernel, &session->attrs);
	if (err)
		return err;
	for (i = 0; !err && i < session->n_streams; i++) {
		place->stream = (long)i;
		place->key = -1;
		err = install_stream(kernel, session->attrs.id, &session->streams[i], place);
	}
	if (err)
		take_back(kernel, session->attrs.id);
	return err;
}

int model_install(struct kernel *kernel, struct model *model, struct model_place *place)
{
	struct model_place ignored;
	size_t i;
	int err = 0;

	if (!place)
		place = &ignored;
	for (i = 0; i < model->n_sessions; i++) {
		place->session = (long)i;
		err = session_install(kernel, &model->sessions[i], place);
		if (err)
			break;
	}
	while (err && i-- > 0)
		take_back(kernel, model->sessions[i].attrs.id);
	return err;
}

/**
 * struct reader - what model_read() fills
 * @model: model
 * @session: index of the session that was found last
 * @stream: index of the stream that was found last
 *
 * The kernel dumps objects in the order of their numbers, so that the parent of
 * the next object is the last one found or the one after it. Nothing breaks if
 * it does not, it only takes longer.
 */
struct reader {
	struct model *model;
	size_t session;
	size_t stream;
};

static struct session_spec *find_session(struct reader *reader, uint32_t id)
{
	struct model *model = reader->model;
	size_t i, n = model->n_sessions;

	for (i = 0; i < n; i++) {
		size_t at = (reader->session + i) % n;

		if (model->sessions[at].attrs.id != id)
			continue;
		reader->session = at;
		return &model->sessions[at];
	}
	return NULL;
}

static struct stream_spec *find_stream(struct reader *reader, uint32_t session_id, uint32_t id)
{
	struct session_spec *session = find_session(reader, session_id);
	size_t i, n = session ? session->n_streams : 0;

	for (i = 0; i < n; i++) {
		size_t at = (reader->stream + i) % n;

		if (session->streams[at].attrs.id != id)
			continue;
		reader->stream = at;
		return &session->streams[at];
	}
	return NULL;
}

static int add_session(const struct kernel_session *session, void *arg)
{
	struct reader *reader = arg;
	struct session_spec *spec = model_add_session(reader->model);

	if (!spec)
		return -ENOMEM;
	spec->attrs = *session;
	return 0;
}

/* An object whose parent is not in the model was made after the parents were read. */
static int add_stream(struct kernel_stream *stream, void *arg)
{
	struct session_spec *session = find_session(arg, stream->session);
	struct stream_spec *spec;

	if (!session)
		return 0;
	spec = session_add_stream(session);
	if (!spec)
		return -ENOMEM;
	spec->attrs = *stream;
	memset(stream, 0, sizeof(*stream));
	return 0;
}

static int add_key(struct kernel_key *key, void *arg)
{
	struct stream_spec *stream = find_stream(arg, key->session, key->stream);
	struct kernel_key *spec;

	if (!stream)
		return 0;
	spec = stream_add_key(stream);
	if (!spec)
		return -ENOMEM;
	*spec = *key;
	memset(key, 0, sizeof(*key));
	return 0;
}

static int add_socket(const struct kernel_socket *socket, void *arg)
{
	struct session_spec *session = find_session(arg, socket->session);
	struct kernel_socket *spec;

	if (!session)
		return 0;
	spec = session_add_socket(session);
	if (!spec)
		return -ENOMEM;
	*spec = *socket;
	return 0;
}

static int read_once(struct kernel *kernel, uint32_t session, struct model *model)
{
	struct reader reader = { .model = model };
	struct kernel_session one;
	int err;

	if (session) {
		err = kernel_session_get(kernel, session, &one);
		if (!err)
			err = add_session(&one, &reader);
	} else {
		err = kernel_session_dump(kernel, add_session, &reader);
	}
	if (!err)
		err = kernel_stream_dump(kernel, session, add_stream, &reader);
	if (!err)
		err = kernel_key_dump(kernel, session, add_key, &reader);
	if (!err)
		err = kernel_socket_dump(kernel, session, add_socket, &reader);
	return err;
}

int model_read(struct kernel *kernel, uint32_t session, struct model *model)
{
	int err, try;

	for (try = 0; try < READ_TRIES; try++) {
		model_clear(model);
		err = read_once(kernel, session, model);
		if (err != -EAGAIN)
			break;
	}
	return err;
}
