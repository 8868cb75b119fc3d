// SPDX-License-Identifier: GPL-2.0
/*
 * From JSON to sessions.
 *
 * The tree of json-c and the text are walked side by side: the tree has the
 * values, the text their order and places, and members that are there twice.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "address.h"
#include "fields.h"
#include "jsonvalue.h"
#include "loadjson.h"
#include "report.h"

#define NAME_MAX_SHOWN 32

struct shape;

/**
 * struct special - a member that is no field
 * @name: of the member
 * @read: reads it, or NULL: it is ignored, as show prints it and load does not
 *	need it
 */
struct special {
	const char *name;
	int (*read)(struct decoder *dec, const struct value *value, void *object);
};

/**
 * struct shape - what an object may have
 * @set: its fields, or NULL
 * @special: other members, to a NULL name
 */
struct shape {
	const struct field_set *set;
	const struct special *special;
};

/* Appends to the path and returns where to cut it off again. */
static size_t push(struct decoder *dec, const char *dot, const char *name)
{
	size_t len = strlen(dec->path);

	snprintf(dec->path + len, PATH_ROOM - len, "%s%s", len ? dot : "", name);
	return len;
}

static size_t push_index(struct decoder *dec, size_t index)
{
	size_t len = strlen(dec->path);

	snprintf(dec->path + len, PATH_ROOM - len, "[%zu]", index);
	return len;
}

/* A name is repeated in messages only if no digit of a key can be in it. */
static bool harmless(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalpha((unsigned char)name[i]) && name[i] != '_' && name[i] != '-')
			return false;
	return len && len <= NAME_MAX_SHOWN;
}

static int refuse_member(struct decoder *dec, const char *at, size_t number, const char *name,
			 size_t len)
{
	const char *where = *dec->path ? dec->path : "the outermost object";

	if (harmless(name, len))
		return json_text_refuse(dec->json, at, "unknown-member",
					"%s has an unknown member '%.*s'", where, (int)len, name);
	return json_text_refuse(dec->json, at, "unknown-member",
				"%s has an unknown member, number %zu", where, number);
}

static const struct field *find_field(const struct shape *shape, const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; shape->set && i < shape->set->count; i++) {
		const struct field *field = &shape->set->fields[i];

		if ((field->flags & FIELD_LOAD) && strlen(field->name) == len &&
		    !memcmp(field->name, name, len))
			return field;
	}
	return NULL;
}

static const struct special *find_special(const struct shape *shape, const char *name, size_t len)
{
	const struct special *special;

	for (special = shape->special; special->name; special++)
		if (strlen(special->name) == len && !memcmp(special->name, name, len))
			return special;
	return NULL;
}

/**
 * struct seen - members of an object that were there already
 * @count: how many, the one at hand included
 * @fields: bit of each field's attribute
 * @special: bit of each special member's index
 */
struct seen {
	size_t count;
	uint64_t fields;
	uint64_t special;
};

static bool seen_before(uint64_t *seen, unsigned int bit)
{
	uint64_t before = *seen;

	*seen |= UINT64_C(1) << bit;
	return before == *seen;
}

static int read_known(struct decoder *dec, const struct shape *shape, const struct field *field,
		      const struct special *special, const struct value *value,
		      struct seen *seen, void *object)
{
	bool twice = field ? seen_before(&seen->fields, field->attr) :
			     seen_before(&seen->special, (unsigned int)(special - shape->special));

	if (twice)
		return json_refuse(dec, value, "duplicate-member", " is there twice");
	if (field)
		return json_read_field(dec, value, field, object);
	return special->read ? special->read(dec, value, object) : 0;
}

static int check_needed(struct decoder *dec, const struct value *of, const struct shape *shape,
			const struct seen *seen)
{
	unsigned int i;

	for (i = 0; shape->set && i < shape->set->count; i++) {
		const struct field *field = &shape->set->fields[i];

		if ((field->flags & FIELD_NEEDED) && !(seen->fields & KERNEL_BIT(field->attr)))
			return json_refuse(dec, of, "missing-member", " has no '%s'", field->name);
	}
	return 0;
}

/* Reads the member at @at; @value becomes its value. */
static int read_member(struct decoder *dec, const char *at, const struct shape *shape,
		       struct json_object *tree, struct value *value, struct seen *seen,
		       void *object)
{
	const struct field *field;
	const struct special *special;
	const char *name;
	size_t len, cut;
	int code;

	if (*at != '"')
		return json_text_refuse(dec->json, at, "bad-json",
					"a name must be in double quotes");
	value->at = json_place_value(at, &name, &len);
	field = find_field(shape, name, len);
	special = find_special(shape, name, len);
	if (!field && !special)
		return refuse_member(dec, at, seen->count, name, len);
	value->name = field ? field->name : special->name;
	value->tree = json_object_object_get(tree, value->name);
	cut = push(dec, ".", value->name);
	code = read_known(dec, shape, field, special, value, seen, object);
	if (!code)
		dec->path[cut] = '\0';
	return code;
}

static int read_object(struct decoder *dec, const struct value *value, const struct shape *shape,
		       void *object)
{
	struct seen seen = { 0 };
	struct value member;
	const char *at;
	int code;

	code = json_need_type(dec, value, json_type_object, "an object");
	if (code)
		return code;
	for (at = json_place_first(value->at); *at != '}'; at = json_place_next(member.at)) {
		seen.count++;
		code = read_member(dec, at, shape, value->tree, &member, &seen, object);
		if (code)
			return code;
	}
	return check_needed(dec, value, shape, &seen);
}

static int read_array(struct decoder *dec, const struct value *value,
		      int (*read)(struct decoder *dec, const struct value *element, void *parent),
		      void *parent)
{
	struct value element = { 0 };
	size_t i, cut;
	int code;

	code = json_need_type(dec, value, json_type_array, "an array");
	if (code)
		return code;
	element.at = json_place_first(value->at);
	for (i = 0; i < json_object_array_length(value->tree); i++) {
		element.tree = json_object_array_get_idx(value->tree, i);
		cut = push_index(dec, i);
		code = read(dec, &element, parent);
		if (code)
			return code;
		dec->path[cut] = '\0';
		element.at = json_place_next(element.at);
	}
	return 0;
}

static int no_memory(struct decoder *dec)
{
	return report_errno(ENOMEM, "cannot read %s", dec->json->name);
}

static int read_key(struct decoder *dec, const struct value *value, void *parent)
{
	static const struct special special[] = { { "state", NULL }, { NULL, NULL } };
	static const struct shape shape = { &key_fields, special };
	struct kernel_key *key = stream_add_key(parent);

	return key ? read_object(dec, value, &shape, key) : no_memory(dec);
}

static int read_keys(struct decoder *dec, const struct value *value, void *object)
{
	return read_array(dec, value, read_key, object);
}

static int read_peer(struct decoder *dec, const struct value *value, void *object)
{
	struct stream_spec *stream = object;
	struct address peer;
	const char *text;
	int code;

	code = json_need_type(dec, value, json_type_string, "a string");
	if (code)
		return code;
	text = json_object_get_string(value->tree);
	if (!strcmp(text, "any"))
		return 0;
	if (!address_parse(text, &peer))
		return json_refuse(dec, value, "bad-value",
			      " must be \"any\", \"address:port\" or \"[address]:port\"");
	if (peer.family == AF_INET) {
		memcpy(stream->attrs.peer_v4, peer.octets, 4);
		stream->attrs.has |= KERNEL_BIT(SRTP_A_STREAM_PEER_V4);
	} else {
		memcpy(stream->attrs.peer_v6, peer.octets, 16);
		stream->attrs.has |= KERNEL_BIT(SRTP_A_STREAM_PEER_V6);
	}
	if (peer.port)
		KERNEL_SET(&stream->attrs, SRTP_A_STREAM_PEER_PORT, peer_port, peer.port);
	return 0;
}

/* A stream_spec begins with its attributes, as does a session_spec. */
_Static_assert(offsetof(struct stream_spec, attrs) == 0, "fields count from the attributes");
_Static_assert(offsetof(struct session_spec, attrs) == 0, "fields count from the attributes");

static int read_stream(struct decoder *dec, const struct value *value, void *parent)
{
	static const struct special special[] = {
		{ "keys", read_keys },
		{ "peer", read_peer },
		{ "state", NULL },
		{ "stats", NULL },
		{ "created", NULL },
		{ NULL, NULL },
	};
	static const struct shape shape = { &stream_fields, special };
	struct stream_spec *stream = session_add_stream(parent);

	return stream ? read_object(dec, value, &shape, stream) : no_memory(dec);
}

static int read_streams(struct decoder *dec, const struct value *value, void *object)
{
	return read_array(dec, value, read_stream, object);
}

static int read_session(struct decoder *dec, const struct value *value, void *parent)
{
	static const struct special special[] = {
		{ "streams", read_streams },
		{ "state", NULL },
		{ "sockets", NULL },
		{ NULL, NULL },
	};
	static const struct shape shape = { &session_fields, special };
	struct session_spec *session = model_add_session(parent);

	return session ? read_object(dec, value, &shape, session) : no_memory(dec);
}

static int read_sessions(struct decoder *dec, const struct value *value, void *object)
{
	return read_array(dec, value, read_session, object);
}

int model_from_json(const struct json_text *json, struct model *model)
{
	static const struct special special[] = {
		{ "sessions", read_sessions },
		{ NULL, NULL },
	};
	static const struct shape shape = { NULL, special };
	struct decoder dec = { .json = json };
	struct value root = { .at = json_place_root(json), .tree = json->root };

	return read_object(&dec, &root, &shape, model);
}

void model_place_text(const struct model_place *place, char *text, size_t size)
{
	int len = snprintf(text, size, "sessions[%ld]", place->session);

	if (place->stream >= 0)
		len += snprintf(text + len, size - (size_t)len, ".streams[%ld]", place->stream);
	if (place->key >= 0)
		snprintf(text + len, size - (size_t)len, ".keys[%ld]", place->key);
}
