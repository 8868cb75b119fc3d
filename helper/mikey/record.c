// SPDX-License-Identifier: GPL-2.0
/*
 * Structures as octets, by a table of their fields.
 */
#include <string.h>

#include "record.h"
#include "wire.h"

static void append(struct record_writer *writer, const uint8_t *octets, size_t n)
{
	if (n && writer->len <= writer->room && n <= writer->room - writer->len)
		memcpy(writer->data + writer->len, octets, n);
	writer->len += n;
}

void record_put(struct record_writer *writer, uint64_t value, size_t width)
{
	uint8_t octets[8];

	put_be(octets, value, width);
	append(writer, octets, width);
}

static uint64_t load(const uint8_t *member, size_t size)
{
	uint16_t two;
	uint32_t four;
	uint64_t eight;

	switch (size) {
	case 1:
		return *member;
	case 2:
		memcpy(&two, member, sizeof(two));
		return two;
	case 4:
		memcpy(&four, member, sizeof(four));
		return four;
	default:
		memcpy(&eight, member, sizeof(eight));
		return eight;
	}
}

static void store(uint8_t *member, size_t size, uint64_t value)
{
	const uint8_t one = (uint8_t)value;
	const uint16_t two = (uint16_t)value;
	const uint32_t four = (uint32_t)value;

	switch (size) {
	case 1:
		memcpy(member, &one, sizeof(one));
		break;
	case 2:
		memcpy(member, &two, sizeof(two));
		break;
	case 4:
		memcpy(member, &four, sizeof(four));
		break;
	default:
		memcpy(member, &value, sizeof(value));
	}
}

static void write_field(struct record_writer *writer, const struct record_field *field,
			const uint8_t *object)
{
	const struct mikey_view *view = (const void *)(object + field->at);

	switch (field->kind) {
	case RECORD_UINT:
		record_put(writer, load(object + field->at, field->size), field->width);
		break;
	case RECORD_ARRAY:
		record_put(writer, object[field->by], field->width);
		append(writer, object + field->at, object[field->by]);
		break;
	case RECORD_VIEW:
		record_put(writer, view->len, field->width);
		append(writer, view->data, view->len);
		break;
	case RECORD_END:
		break;
	}
}

void record_write(struct record_writer *writer, const struct record_field *fields,
		  const void *object)
{
	for (; fields->kind != RECORD_END; fields++)
		write_field(writer, fields, object);
}

/* Return: the next octets, NULL if there are fewer. */
static const uint8_t *take(struct record_reader *reader, const char *name, size_t n,
			   struct mikey_error *err)
{
	const uint8_t *octets = reader->data + reader->pos;

	if (n > reader->len - reader->pos) {
		mikey_fail(err, MIKEY_TRUNCATED, reader->pos, "the record ends before %s", name);
		return NULL;
	}
	reader->pos += n;
	return octets;
}

enum mikey_reason record_get(struct record_reader *reader, const char *name, size_t width,
			     uint64_t most, uint64_t *value, struct mikey_error *err)
{
	size_t offset = reader->pos;
	const uint8_t *octets = take(reader, name, width, err);

	if (!octets)
		return MIKEY_TRUNCATED;
	*value = get_be(octets, width);
	if (*value > most)
		return mikey_fail(err, MIKEY_BAD_VALUE, offset, "%s is above %llu", name,
				  (unsigned long long)most);
	return MIKEY_OK;
}

static enum mikey_reason read_field(struct record_reader *reader,
				    const struct record_field *field, uint8_t *object,
				    struct mikey_error *err)
{
	uint64_t value = 0;
	const uint8_t *octets;
	enum mikey_reason reason = record_get(reader, field->name, field->width, field->most,
					      &value, err);

	if (reason)
		return reason;
	if (field->kind == RECORD_UINT) {
		store(object + field->at, field->size, value);
		return MIKEY_OK;
	}
	octets = take(reader, field->name, value, err);
	if (!octets)
		return MIKEY_TRUNCATED;
	if (field->kind == RECORD_ARRAY) {
		object[field->by] = (uint8_t)value;
		memcpy(object + field->at, octets, value);
	} else {
		*(struct mikey_view *)(void *)(object + field->at) =
			(struct mikey_view){ value ? octets : NULL, value };
	}
	return MIKEY_OK;
}

enum mikey_reason record_read(struct record_reader *reader, const struct record_field *fields,
			      void *object, struct mikey_error *err)
{
	enum mikey_reason reason = MIKEY_OK;

	for (; !reason && fields->kind != RECORD_END; fields++)
		reason = read_field(reader, fields, object, err);
	return reason;
}
