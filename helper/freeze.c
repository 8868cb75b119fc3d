// SPDX-License-Identifier: GPL-2.0
/*
 * Freezing whole sessions: their streams stop, and what load needs to go on from
 * there elsewhere is read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "freeze.h"

static bool is_wildcard(const struct stream_spec *stream)
{
	return !KERNEL_HAS(&stream->attrs, SRTP_A_STREAM_SSRC);
}

/* A wildcard that is frozen creates nothing more. */
static int freeze_wildcards(struct kernel *kernel, const struct session_spec *session)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < session->n_streams; i++) {
		struct kernel_stream state = { 0 };

		if (!is_wildcard(&session->streams[i]))
			continue;
		err = kernel_stream_freeze(kernel, session->attrs.id,
					   session->streams[i].attrs.id, &state);
		kernel_stream_clear(&state);
	}
	return err;
}

static void take(uint64_t *has, uint64_t from, unsigned int attr)
{
	*has = (*has & ~KERNEL_BIT(attr)) | (from & KERNEL_BIT(attr));
}

static void take_octets(struct kernel_octets *to, struct kernel_octets *from)
{
	free(to->data);
	*to = *from;
	*from = (struct kernel_octets){ 0 };
}

/* The final state takes the place of what was read before the stream stopped. */
static void take_state(struct kernel_stream *to, struct kernel_stream *from)
{
	static const unsigned int attrs[] = {
		SRTP_A_STREAM_ROC, SRTP_A_STREAM_SEQ, SRTP_A_STREAM_SRTCP_INDEX,
		SRTP_A_STREAM_REPLAY_STATE, SRTP_A_STREAM_SRTCP_REPLAY_STATE,
	};
	size_t i;

	for (i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++)
		take(&to->has, from->has, attrs[i]);
	to->roc = from->roc;
	to->seq = from->seq;
	to->srtcp_index = from->srtcp_index;
	to->frozen = 1;
	take_octets(&to->replay_state, &from->replay_state);
	take_octets(&to->srtcp_replay_state, &from->srtcp_replay_state);
}

static int copy_key(struct stream_spec *to, const struct kernel_key *key)
{
	struct kernel_key *copy = stream_add_key(to);

	if (!copy)
		return -ENOMEM;
	*copy = *key;
	copy->mki.data = malloc(key->mki.len ? key->mki.len : 1);
	if (!copy->mki.data)
		return -ENOMEM;
	memcpy(copy->mki.data, key->mki.data ? key->mki.data : (uint8_t *)"", key->mki.len);
	return 0;
}

static int copy_keys(struct stream_spec *to, const struct session_spec *session)
{
	size_t i, k;
	int err = 0;

	for (i = 0; i < session->n_streams; i++) {
		const struct stream_spec *from = &session->streams[i];

		if (from->attrs.id != to->attrs.template)
			continue;
		for (k = 0; !err && k < from->n_keys; k++)
			err = copy_key(to, &from->keys[k]);
	}
	return err;
}

static int freeze_one(struct kernel *kernel, const struct session_spec *session,
		      struct stream_spec *stream)
{
	struct kernel_stream state = { 0 };
	int err;

	err = kernel_stream_freeze(kernel, session->attrs.id, stream->attrs.id, &state);
	if (!err)
		take_state(&stream->attrs, &state);
	kernel_stream_clear(&state);
	if (err || !KERNEL_HAS(&stream->attrs, SRTP_A_STREAM_TEMPLATE))
		return err;
	stream->attrs.has &= ~KERNEL_BIT(SRTP_A_STREAM_TEMPLATE);
	return copy_keys(stream, session);
}

int session_freeze(struct kernel *kernel, uint32_t id, struct model *model)
{
	struct session_spec *session;
	size_t i;
	int err;

	err = model_read(kernel, id, model);
	if (!err)
		err = freeze_wildcards(kernel, &model->sessions[0]);
	if (err)
		return err;
	/* Once more: until then the wildcards may have created something. */
	model_clear(model);
	err = model_read(kernel, id, model);
	if (err)
		return err;
	session = &model->sessions[0];
	for (i = 0; !err && i < session->n_streams; i++)
		if (!is_wildcard(&session->streams[i]))
			err = freeze_one(kernel, session, &session->streams[i]);
	return err;
}
