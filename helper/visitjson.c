// SPDX-License-Identifier: GPL-2.0
/*
 * Messages and bundles as JSON.
 *
 * A number that has a registered name is there twice: "mac_alg":1 and
 * "mac_alg_name":"HMAC-SHA-1-160". Octets are hexadecimal. Octets that are
 * hidden are null, and "key_data_len" tells how many there are. Text from a
 * peer is printable ASCII; other octets, and the backslash, are \xNN.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "output.h"
#include "visitjson.h"

static void put(struct visit_json *build, const char *name, struct json_object *value)
{
	struct json_object *top = build->stack[build->depth - 1];

	if (json_object_is_type(top, json_type_array))
		json_object_array_add(top, value);
	else
		json_object_object_add(top, name ? name : "value", value);
}

static void open_one(struct visit_json *build, const char *name, struct json_object *value)
{
	put(build, name, value);
	if (build->depth < VISIT_DEPTH)
		build->stack[build->depth] = value;
	build->depth++;
}

static void on_object(void *arg, const char *name)
{
	open_one(arg, name, json_object_new_object());
}

static void on_array(void *arg, const char *name)
{
	open_one(arg, name, json_object_new_array());
}

static void on_end(void *arg)
{
	struct visit_json *build = arg;

	build->depth--;
}

static struct json_object *text(const uint8_t *data, size_t len)
{
	char *out = malloc(4 * len + 1);
	struct json_object *string;
	size_t i, at = 0;

	if (!out)
		return NULL;
	for (i = 0; i < len; i++) {
		if (data[i] >= 0x20 && data[i] < 0x7f && data[i] != '\\')
			out[at++] = data[i];
		else
			at += sprintf(out + at, "\\x%02x", data[i]);
	}
	string = json_object_new_string_len(out, at);
	free(out);
	return string;
}

/* A second member beside @name. */
static void put_more(struct visit_json *build, const char *name, const char *suffix,
		     struct json_object *value)
{
	char full[64];

	snprintf(full, sizeof(full), "%s%s", name ? name : "value", suffix);
	if (json_object_is_type(build->stack[build->depth - 1], json_type_object))
		put(build, full, value);
	else
		json_object_put(value);
}

static void put_octets(struct visit_json *build, const char *name,
		       const struct mikey_value *value)
{
	if (value->data || !value->len) {
		put(build, name, value->kind == MIKEY_VALUE_TEXT ?
		    text(value->data, value->len) : output_hex(value->data, value->len));
		return;
	}
	put(build, name, NULL);
	put_more(build, name, "_len", json_object_new_int64(value->len));
}

static void on_field(void *arg, const char *name, const struct mikey_value *value)
{
	struct visit_json *build = arg;

	switch (value->kind) {
	case MIKEY_VALUE_NUMBER:
		put(build, name, json_object_new_uint64(value->number));
		if (value->symbol)
			put_more(build, name, "_name", json_object_new_string(value->symbol));
		break;
	case MIKEY_VALUE_BOOL:
		put(build, name, json_object_new_boolean(!!value->number));
		break;
	case MIKEY_VALUE_NAME:
		put(build, name, value->symbol ? json_object_new_string(value->symbol) : NULL);
		break;
	case MIKEY_VALUE_OCTETS:
	case MIKEY_VALUE_TEXT:
		put_octets(build, name, value);
	}
}

void visit_json_begin(struct visit_json *build, struct json_object *object, bool secrets)
{
	*build = (struct visit_json){
		.visitor = {
			.object = on_object,
			.array = on_array,
			.end = on_end,
			.field = on_field,
			.arg = build,
			.secrets = secrets,
		},
		.stack = { object },
		.depth = 1,
	};
}
