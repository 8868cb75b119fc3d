// SPDX-License-Identifier: GPL-2.0
/*
 * The types of values: numbers, words, text, octets and keys.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jsonvalue.h"
#include "kernel.h"
#include "report.h"

int json_need_type(struct decoder *dec, const struct value *value, enum json_type type,
		   const char *what)
{
	if (json_object_is_type(value->tree, type))
		return 0;
	return json_refuse(dec, value, "bad-type", " must be %s", what);
}

static int read_uint(struct decoder *dec, const struct value *value, const struct field *field,
		     void *object)
{
	uint64_t max = field->size < 8 ? (UINT64_C(1) << (8 * field->size)) - 1 : INT64_MAX;
	int64_t number;
	int code;

	code = json_need_type(dec, value, json_type_int, "a whole number");
	if (code)
		return code;
	errno = 0;
	number = json_object_get_int64(value->tree);
	if (errno || number < 0 || (uint64_t)number > max || number == INT64_MAX)
		return json_refuse(dec, value, "out-of-range", " must be between 0 and %llu",
			      (unsigned long long)max);
	field_set_uint(field, object, (uint64_t)number);
	return 0;
}

static int read_bool(struct decoder *dec, const struct value *value, const struct field *field,
		     void *object)
{
	int code = json_need_type(dec, value, json_type_boolean, "true or false");

	if (!code)
		field_set_uint(field, object, (uint64_t)json_object_get_boolean(value->tree));
	return code;
}

static int read_word(struct decoder *dec, const struct value *value, const struct field *field,
		     void *object)
{
	const struct field_words *words = field->words;
	unsigned int number, i;
	char list[768] = "";
	size_t len = 0;
	int code;

	code = json_need_type(dec, value, json_type_string, "a string");
	if (code)
		return code;
	if (field_value(words, json_object_get_string(value->tree), &number)) {
		field_set_uint(field, object, number);
		return 0;
	}
	for (i = 0; i < words->count && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
					words->word[i]);
	return json_refuse(dec, value, "bad-value", " must be one of %s", list);
}

static int read_string(struct decoder *dec, const struct value *value, const struct field *field,
		       void *object)
{
	const char *text;
	size_t len;
	int code;

	code = json_need_type(dec, value, json_type_string, "a string");
	if (code)
		return code;
	text = json_object_get_string(value->tree);
	len = (size_t)json_object_get_string_len(value->tree);
	if (strlen(text) != len)
		return json_refuse(dec, value, "bad-value", " has a NUL character");
	if (len >= field->size)
		return json_refuse(dec, value, "too-long", " has %zu octets, at most %u are possible",
			      len, field->size - 1u);
	memcpy((char *)object + field->offset, text, len + 1);
	field_mark(field, object);
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The message says where, and never which, as the digits may be those of a key. */
static int read_hex(struct decoder *dec, const struct value *value, uint8_t *octets, size_t room,
		    size_t *count)
{
	const char *hex;
	size_t len, i;
	int code;

	code = json_need_type(dec, value, json_type_string, "a string of hex digits");
	if (code)
		return code;
	hex = json_object_get_string(value->tree);
	len = (size_t)json_object_get_string_len(value->tree);
	for (i = 0; i < len; i++)
		if (hex_digit(hex[i]) < 0)
			return json_refuse(dec, value, "bad-hex", " has no hex digit at position %zu",
				      i);
	if (len % 2)
		return json_refuse(dec, value, "bad-hex", " has %zu hex digits, an odd number", len);
	if (len / 2 > room)
		return json_refuse(dec, value, "too-long", " has %zu octets, at most %zu are possible",
			      len / 2, room);
	for (i = 0; i < len / 2; i++)
		octets[i] = (uint8_t)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	*count = len / 2;
	return 0;
}

static int read_secret(struct decoder *dec, const struct value *value, const struct field *field,
		       void *object)
{
	size_t count;
	int code;

	code = read_hex(dec, value, (uint8_t *)object + field->offset, field->size, &count);
	if (code)
		return code;
	((uint8_t *)object)[field->len_offset] = (uint8_t)count;
	field_mark(field, object);
	return 0;
}

/* An empty octet string is none. */
static int read_octets(struct decoder *dec, const struct value *value, const struct field *field,
		       void *object)
{
	struct kernel_octets *octets = (void *)((char *)object + field->offset);
	size_t count = 0, room = 4096;
	uint8_t *data = malloc(room);
	int code;

	if (!data)
		return report_errno(ENOMEM, "cannot read %s", dec->json->name);
	code = read_hex(dec, value, data, room, &count);
	if (code) {
		free(data);
		return code;
	}
	octets->data = data;
	octets->len = (uint32_t)count;
	if (count)
		field_mark(field, object);
	return 0;
}

int json_read_field(struct decoder *dec, const struct value *value, const struct field *field,
		    void *object)
{
	if (!value->tree && (field->flags & FIELD_NULL))
		return 0;
	if ((field->flags & FIELD_ANY) && json_object_is_type(value->tree, json_type_string)) {
		if (!strcmp(json_object_get_string(value->tree), "any"))
			return 0;
		return json_refuse(dec, value, "bad-value", " must be a number or \"any\"");
	}
	if (field->flags & FIELD_BOOL)
		return read_bool(dec, value, field, object);
	if (field->words)
		return read_word(dec, value, field, object);
	switch ((enum field_kind)field->kind) {
	case FIELD_STRING:
		return read_string(dec, value, field, object);
	case FIELD_SECRET:
		return read_secret(dec, value, field, object);
	case FIELD_OCTETS:
		return read_octets(dec, value, field, object);
	default:
		return read_uint(dec, value, field, object);
	}
}
