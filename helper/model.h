/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whole sessions: with their streams, and these with their keys.
 */
#ifndef HELPER_MODEL_H
#define HELPER_MODEL_H

#include "kernel.h"

/**
 * struct stream_spec - a stream with its keys
 * @attrs: the stream
 * @keys: its keys
 * @n_keys: how many
 */
struct stream_spec {
	struct kernel_stream attrs;
	struct kernel_key *keys;
	size_t n_keys;
};

/**
 * struct session_spec - a session with its streams and sockets
 * @attrs: the session
 * @streams: its streams
 * @n_streams: how many
 * @sockets: attached sockets; only what the kernel reports, not installed
 * @n_sockets: how many
 */
struct session_spec {
	struct kernel_session attrs;
	struct stream_spec *streams;
	size_t n_streams;
	struct kernel_socket *sockets;
	size_t n_sockets;
};

/**
 * struct model - all sessions of a file, or of the kernel
 * @sessions: sessions
 * @n_sessions: how many
 */
struct model {
	struct session_spec *sessions;
	size_t n_sessions;
};

/*
 * The add functions return a zeroed element at the end, or NULL without
 * memory. They move the elements, so pointers to others of the same array go
 * stale; the old place is wiped.
 */

/**
 * model_add_session - append a session
 * @model: model
 */
struct session_spec *model_add_session(struct model *model);

/**
 * session_add_stream - append a stream
 * @session: session
 */
struct stream_spec *session_add_stream(struct session_spec *session);

/**
 * stream_add_key - append a key
 * @stream: stream
 */
struct kernel_key *stream_add_key(struct stream_spec *stream);

/**
 * session_add_socket - append a socket
 * @session: session
 */
struct kernel_socket *session_add_socket(struct session_spec *session);

/**
 * session_clear - wipe and release what a session holds
 * @session: session; empty afterwards
 */
void session_clear(struct session_spec *session);

/**
 * model_clear - wipe and release what a model holds
 * @model: model; empty afterwards
 */
void model_clear(struct model *model);

/**
 * struct model_place - what could not be installed
 * @session: index of the session
 * @stream: index of the stream, or -1: the session itself
 * @key: index of the key, or -1: the stream itself
 */
struct model_place {
	long session;
	long stream;
	long key;
};

/**
 * session_install - create a session with its streams and keys, or nothing
 * @kernel: connection
 * @session: what to create; the ids (and the cookie) are filled in
 * @place: what failed, may be NULL; its @session is left alone
 *
 * If a part fails, the session is deleted again and kernel_error() still has
 * the sentence of that part.
 *
 * Return: 0 or a negative errno.
 */
int session_install(struct kernel *kernel, struct session_spec *session,
		    struct model_place *place);

/**
 * model_install - create all sessions of a model, or nothing
 * @kernel: connection
 * @model: as in session_install()
 * @place: what failed, may be NULL
 *
 * Return: 0 or a negative errno.
 */
int model_install(struct kernel *kernel, struct model *model, struct model_place *place);

/**
 * model_read - what the kernel holds
 * @kernel: connection
 * @session: number of a session, or 0 for all that the caller may see
 * @model: empty; filled, to be cleared also on failure
 *
 * Return: 0, -ENOENT if there is no such session, or another negative errno.
 */
int model_read(struct kernel *kernel, uint32_t session, struct model *model);

#endif
