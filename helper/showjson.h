/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of the kernel as JSON. There is never an octet of a key in it.
 */
#ifndef HELPER_SHOWJSON_H
#define HELPER_SHOWJSON_H

#include <json-c/json.h>
#include "address.h"
#include "fields.h"
#include "model.h"

/**
 * model_to_json - sessions as load reads them, plus state and counters
 * @model: sessions
 */
struct json_object *model_to_json(const struct model *model);

/**
 * fields_to_json - members of an object
 * @set: its fields
 * @object: structure
 * @flag: FIELD_LOAD or FIELD_STATE: which of them
 * @to: object to add them to
 */
void fields_to_json(const struct field_set *set, const void *object, enum field_flags flag,
		    struct json_object *to);

/**
 * stream_peer - the peer's address of a stream
 * @stream: stream
 * @peer: filled; family 0 if it is any
 */
void stream_peer(const struct kernel_stream *stream, struct address *peer);

/**
 * socket_addresses - the addresses of a socket
 * @socket: socket
 * @local: filled
 * @remote: filled; family 0 if it is not connected
 */
void socket_addresses(const struct kernel_socket *socket, struct address *local,
		      struct address *remote);

#endif
