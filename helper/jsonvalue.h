/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From JSON to the fields of an object, one value at a time.
 */
#ifndef HELPER_JSONVALUE_H
#define HELPER_JSONVALUE_H

#include "fields.h"
#include "jsontext.h"

#define PATH_ROOM 256

/**
 * struct decoder - where the walk is
 * @json: text
 * @path: of the value, for messages
 */
struct decoder {
	const struct json_text *json;
	char path[PATH_ROOM];
};

/**
 * struct value - one value
 * @name: of the member, or NULL for an element
 * @at: its place in the text
 * @tree: its value; NULL is null
 */
struct value {
	const char *name;
	const char *at;
	struct json_object *tree;
};

/** json_refuse - say that a value is not taken, with its path and place; returns -1 */
#define json_refuse(dec, value, reason, fmt, ...) \
	json_text_refuse((dec)->json, (value)->at, reason, "%s" fmt, \
			 *(dec)->path ? (dec)->path : "the value", ##__VA_ARGS__)

/**
 * json_need_type - is a value of this type?
 * @dec: decoder
 * @value: value
 * @type: type
 * @what: its name for the message
 * Return: 0 or -1, which was told.
 */
int json_need_type(struct decoder *dec, const struct value *value, enum json_type type,
		   const char *what);

/**
 * json_read_field - put a value where its field is
 * @dec: decoder
 * @value: value
 * @field: what is expected, and where it goes
 * @object: the object with the field
 * Return: 0 or -1, which was told.
 */
int json_read_field(struct decoder *dec, const struct value *value, const struct field *field,
		    void *object);

#endif
