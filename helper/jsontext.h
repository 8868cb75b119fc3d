/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON from a file: read, parsed by json-c, and wiped, with the place of every
 * member at hand for messages.
 *
 * json-c keeps no places. Functions here step through the text of a value that
 * json-c has accepted, so they need not check it again.
 */
#ifndef HELPER_JSONTEXT_H
#define HELPER_JSONTEXT_H

#include <stddef.h>
#include <json-c/json.h>

/**
 * struct json_text - a file and what it says
 * @name: of the file, for messages
 * @text: its text with a NUL behind it, in secret memory
 * @len: octets without that NUL
 * @room: octets of the memory
 * @root: parsed text
 */
struct json_text {
	const char *name;
	char *text;
	size_t len;
	size_t room;
	struct json_object *root;
};

/**
 * json_text_name - what to call a file in messages
 * @path: file, or "-" for standard input
 */
const char *json_text_name(const char *path);

/**
 * json_text_read - read and parse a file
 * @json: filled; to be cleared also on failure
 * @path: file, or "-" for standard input
 *
 * Return: 0, or the exit code of a failure that has been reported.
 */
int json_text_read(struct json_text *json, const char *path);

/**
 * json_text_clear - wipe and release text and tree
 * @json: text
 */
void json_text_clear(struct json_text *json);

/**
 * json_text_refuse - report that something in the text is not as it must be
 * @json: text
 * @at: place in the text
 * @reason: token
 * @fmt: printf format of a sentence
 *
 * Return: MIKEY_EXIT_MALFORMED
 */
int json_text_refuse(const struct json_text *json, const char *at, const char *reason,
		     const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/**
 * json_place_root - the place of the outermost value
 * @json: text
 */
const char *json_place_root(const struct json_text *json);

/**
 * json_place_first - the first member or element
 * @at: place of an object or array
 *
 * Return: its place, or that of the closing bracket if there is none.
 */
const char *json_place_first(const char *at);

/**
 * json_place_next - the next member or element
 * @at: place of the value of this one
 *
 * Return: its place, or that of the closing bracket if there is none.
 */
const char *json_place_next(const char *at);

/**
 * json_place_value - the value of a member
 * @at: place of a member
 * @name: its name as it is written, not terminated
 * @len: octets of the name
 */
const char *json_place_value(const char *at, const char **name, size_t *len);

#endif
