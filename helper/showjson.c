// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of the kernel as JSON.
 */
#include <string.h>
#include <sys/socket.h>
#include "output.h"
#include "showjson.h"

static struct json_object *number_to_json(const struct field *field, const void *object)
{
	uint64_t value = field_uint(field, object);
	const char *word = field->words ? field_word(field->words, value) : NULL;

	if (word)
		return json_object_new_string(word);
	if (field->flags & FIELD_BOOL)
		return json_object_new_boolean(value != 0);
	return json_object_new_uint64(value);
}

static struct json_object *octets_to_json(const struct field *field, const void *object)
{
	const struct kernel_octets *octets = (const void *)((const char *)object + field->offset);

	return output_hex(octets->data, octets->len);
}

static void field_to_json(const struct field *field, const void *object, struct json_object *to)
{
	struct json_object *value = NULL;

	if (!field_has(field, object)) {
		if (field->flags & FIELD_ANY)
			value = json_object_new_string("any");
		else if (!(field->flags & FIELD_NULL))
			return;
	} else if (field->kind == FIELD_UINT || field->kind == FIELD_BE16) {
		value = number_to_json(field, object);
	} else if (field->kind == FIELD_STRING) {
		value = json_object_new_string((const char *)object + field->offset);
	} else if (field->kind == FIELD_OCTETS) {
		value = octets_to_json(field, object);
	} else {
		return;
	}
	json_object_object_add(to, field->name, value);
}

void fields_to_json(const struct field_set *set, const void *object, enum field_flags flag,
		    struct json_object *to)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (set->fields[i].flags & flag)
			field_to_json(&set->fields[i], object, to);
}

static void add_state(const struct field_set *set, const void *object, struct json_object *to)
{
	struct json_object *state = json_object_new_object();

	fields_to_json(set, object, FIELD_STATE, state);
	json_object_object_add(to, "state", state);
}

static void add_stats(const struct kernel_stats *stats, const char *prefix,
		      struct json_object *to)
{
	struct json_object *counters = json_object_new_object();
	unsigned int i;

	for (i = 1; i <= SRTP_A_STATS_MAX; i++) {
		const char *word = field_word(&stats_words, i);

		if (word && !strncmp(word, prefix, strlen(prefix)))
			json_object_object_add(counters, word,
					       json_object_new_uint64(stats->value[i]));
	}
	json_object_object_add(to, "stats", counters);
}

static struct json_object *key_to_json(const struct kernel_key *key)
{
	struct json_object *to = json_object_new_object();

	fields_to_json(&key_fields, key, FIELD_LOAD, to);
	add_state(&key_fields, key, to);
	return to;
}

void stream_peer(const struct kernel_stream *stream, struct address *peer)
{
	*peer = (struct address){ 0 };
	if (KERNEL_HAS(stream, SRTP_A_STREAM_PEER_V4)) {
		peer->family = AF_INET;
		memcpy(peer->octets, stream->peer_v4, sizeof(stream->peer_v4));
	} else if (KERNEL_HAS(stream, SRTP_A_STREAM_PEER_V6)) {
		peer->family = AF_INET6;
		memcpy(peer->octets, stream->peer_v6, sizeof(stream->peer_v6));
	}
	peer->port = stream->peer_port;
}

void socket_addresses(const struct kernel_socket *socket, struct address *local,
		      struct address *remote)
{
	*local = (struct address){ .port = socket->local_port };
	*remote = (struct address){ .port = socket->remote_port };
	if (KERNEL_HAS(socket, SRTP_A_SOCKET_LOCAL_V4)) {
		local->family = AF_INET;
		memcpy(local->octets, socket->local_v4, 4);
	} else if (KERNEL_HAS(socket, SRTP_A_SOCKET_LOCAL_V6)) {
		local->family = AF_INET6;
		memcpy(local->octets, socket->local_v6, 16);
	}
	if (KERNEL_HAS(socket, SRTP_A_SOCKET_REMOTE_V4)) {
		remote->family = AF_INET;
		memcpy(remote->octets, socket->remote_v4, 4);
	} else if (KERNEL_HAS(socket, SRTP_A_SOCKET_REMOTE_V6)) {
		remote->family = AF_INET6;
		memcpy(remote->octets, socket->remote_v6, 16);
	}
}

static void add_peer(const struct kernel_stream *stream, struct json_object *to)
{
	char text[ADDRESS_TEXT_MAX];
	struct address peer;

	stream_peer(stream, &peer);
	json_object_object_add(to, "peer", json_object_new_string(
		peer.family ? address_format(&peer, text) : "any"));
}

static struct json_object *stream_to_json(const struct session_spec *session,
					  const struct stream_spec *stream);

/* What a wildcard created stands with it, and is not loaded again. */
static void add_created(const struct session_spec *session, uint32_t template,
			struct json_object *to)
{
	struct json_object *created = json_object_new_array();
	size_t i;

	for (i = 0; i < session->n_streams; i++) {
		const struct kernel_stream *attrs = &session->streams[i].attrs;

		if (KERNEL_HAS(attrs, SRTP_A_STREAM_TEMPLATE) && attrs->template == template)
			json_object_array_add(created,
					      stream_to_json(session, &session->streams[i]));
	}
	if (json_object_array_length(created))
		json_object_object_add(to, "created", created);
	else
		json_object_put(created);
}

static struct json_object *stream_to_json(const struct session_spec *session,
					  const struct stream_spec *stream)
{
	const struct kernel_stream *attrs = &stream->attrs;
	struct json_object *keys = json_object_new_array();
	struct json_object *to = json_object_new_object();
	size_t i;

	fields_to_json(&stream_fields, attrs, FIELD_LOAD, to);
	add_peer(attrs, to);
	for (i = 0; i < stream->n_keys; i++)
		json_object_array_add(keys, key_to_json(&stream->keys[i]));
	json_object_object_add(to, "keys", keys);
	add_state(&stream_fields, attrs, to);
	add_stats(&attrs->stats, attrs->direction == SRTP_DIRECTION_TX ? "tx_" : "rx_", to);
	if (!KERNEL_HAS(attrs, SRTP_A_STREAM_SSRC))
		add_created(session, attrs->id, to);
	return to;
}

static struct json_object *socket_to_json(const struct kernel_socket *socket)
{
	struct json_object *to = json_object_new_object();
	char text[ADDRESS_TEXT_MAX];
	struct address local, remote;

	fields_to_json(&socket_fields, socket, FIELD_STATE, to);
	socket_addresses(socket, &local, &remote);
	json_object_object_add(to, "local", json_object_new_string(address_format(&local, text)));
	json_object_object_add(to, "remote", remote.family ?
			       json_object_new_string(address_format(&remote, text)) : NULL);
	add_stats(&socket->stats, "", to);
	return to;
}

static struct json_object *session_to_json(const struct session_spec *session)
{
	struct json_object *to = json_object_new_object();
	struct json_object *streams = json_object_new_array();
	struct json_object *sockets = json_object_new_array();
	size_t i;

	fields_to_json(&session_fields, &session->attrs, FIELD_LOAD, to);
	for (i = 0; i < session->n_streams; i++)
		if (!KERNEL_HAS(&session->streams[i].attrs, SRTP_A_STREAM_TEMPLATE))
			json_object_array_add(streams,
					      stream_to_json(session, &session->streams[i]));
	json_object_object_add(to, "streams", streams);
	for (i = 0; i < session->n_sockets; i++)
		json_object_array_add(sockets, socket_to_json(&session->sockets[i]));
	json_object_object_add(to, "sockets", sockets);
	add_state(&session_fields, &session->attrs, to);
	return to;
}

struct json_object *model_to_json(const struct model *model)
{
	struct json_object *to = json_object_new_object();
	struct json_object *sessions = json_object_new_array();
	size_t i;

	for (i = 0; i < model->n_sessions; i++)
		json_object_array_add(sessions, session_to_json(&model->sessions[i]));
	json_object_object_add(to, "sessions", sessions);
	return to;
}
