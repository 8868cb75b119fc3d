/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Structures as octets, by a table of their fields: what a process leaves to the
 * one that comes after it, which may be of another version. Reading is total and
 * bounded, allocates nothing, and never copies what is of any length.
 */
#ifndef MIKEY_RECORD_H
#define MIKEY_RECORD_H

#include "msg.h"

/**
 * enum record_kind - what a field is
 * @RECORD_END: no more fields
 * @RECORD_UINT: a number, in network byte order
 * @RECORD_ARRAY: octets inside the structure, and how many in an uint8_t
 * @RECORD_VIEW: a struct mikey_view; once read, it views the record
 */
enum record_kind { RECORD_END, RECORD_UINT, RECORD_ARRAY, RECORD_VIEW };

/**
 * struct record_field - one field
 * @kind: enum record_kind
 * @name: for errors
 * @at: offset of the member
 * @size: octets of a number in memory
 * @width: octets of a number, or of a length, in the record
 * @by: RECORD_ARRAY: offset of its length
 * @most: largest number, or most octets
 */
struct record_field {
	enum record_kind kind;
	const char *name;
	uint16_t at;
	uint8_t size;
	uint8_t width;
	uint16_t by;
	uint64_t most;
};

#define RECORD_NUMBER(type, member, octets, max) \
	{ .kind = RECORD_UINT, .name = #member, .at = offsetof(type, member), \
	  .size = sizeof(((type *)0)->member), .width = (octets), .most = (max) }
#define RECORD_INSIDE(type, member, len) \
	{ .kind = RECORD_ARRAY, .name = #member, .at = offsetof(type, member), .width = 1, \
	  .by = offsetof(type, len), .most = sizeof(((type *)0)->member) }
#define RECORD_OCTETS(type, member, max) \
	{ .kind = RECORD_VIEW, .name = #member, .at = offsetof(type, member), .width = 2, \
	  .most = (max) }

/**
 * struct record_writer - where records go
 * @data: memory, or NULL to count only
 * @room: its octets
 * @len: octets that were written, or would have been; more than @room if it was
 *	too small
 */
struct record_writer {
	uint8_t *data;
	size_t room;
	size_t len;
};

/**
 * struct record_reader - where records come from
 * @data: octets; what is read may view them
 * @len: how many
 * @pos: how many of them have been read
 */
struct record_reader {
	const uint8_t *data;
	size_t len;
	size_t pos;
};

/**
 * record_put - append a number
 * @writer: writer
 * @value: number
 * @width: octets
 */
void record_put(struct record_writer *writer, uint64_t value, size_t width);

/**
 * record_write - append a structure
 * @writer: writer
 * @fields: its fields, up to RECORD_END
 * @object: structure whose members are within what the fields allow
 */
void record_write(struct record_writer *writer, const struct record_field *fields,
		  const void *object);

/**
 * record_get - read a number
 * @reader: reader
 * @name: for the error
 * @width: octets
 * @most: largest one that is allowed
 * @value: filled
 * @err: why not
 */
enum mikey_reason record_get(struct record_reader *reader, const char *name, size_t width,
			     uint64_t most, uint64_t *value, struct mikey_error *err);

/**
 * record_read - read a structure
 * @reader: reader
 * @fields: its fields, up to RECORD_END
 * @object: their members are filled
 * @err: why not
 */
enum mikey_reason record_read(struct record_reader *reader, const struct record_field *fields,
			      void *object, struct mikey_error *err);

#endif
