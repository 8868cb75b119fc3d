// SPDX-License-Identifier: GPL-2.0
/*
 * JSON from a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jsontext.h"
#include "report.h"
#include "secret.h"

/* 10,000 streams with a key each are 4 MiB. */
#define TEXT_MAX (16u << 20)
#define FIRST_ROOM (64u << 10)

/* Deeper than any member that load knows, and than what show prints. */
#define DEPTH_MAX 16

static const char spaces[] = " \t\r\n";

static const char *skip_spaces(const char *at)
{
	return at + strspn(at, spaces);
}

/* json-c takes names in single quotes even if it is told to be strict. */
static bool opens_string(const char *at)
{
	return *at == '"' || *at == '\'';
}

static const char *skip_string(const char *at)
{
	char quote = *at;

	for (at++; *at && *at != quote; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at + 1 : at;
}

static const char *skip_value(const char *at)
{
	unsigned int depth = 0;

	do {
		if (opens_string(at)) {
			at = skip_string(at);
		} else if (*at == '{' || *at == '[') {
			depth++;
			at++;
		} else if (*at == '}' || *at == ']') {
			depth--;
			at++;
		} else if (depth) {
			at++;
		} else {
			at += strcspn(at, " \t\r\n,]}");
		}
	} while (depth && *at);
	return at;
}

const char *json_place_root(const struct json_text *json)
{
	return skip_spaces(json->text);
}

const char *json_place_first(const char *at)
{
	return skip_spaces(at + 1);
}

const char *json_place_next(const char *at)
{
	at = skip_spaces(skip_value(at));
	return *at == ',' ? skip_spaces(at + 1) : at;
}

const char *json_place_value(const char *at, const char **name, size_t *len)
{
	const char *end = skip_string(at);

	*name = at + 1;
	*len = (size_t)(end - at) - 2;
	at = skip_spaces(end);
	return *at == ':' ? skip_spaces(at + 1) : at;
}

int json_text_refuse(const struct json_text *json, const char *at, const char *reason,
		     const char *fmt, ...)
{
	const char *c, *begin = json->text;
	char sentence[1024];
	size_t line = 1;
	va_list ap;

	for (c = json->text; c < at; c++) {
		if (*c != '\n')
			continue;
		line++;
		begin = c + 1;
	}
	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	return report(MIKEY_EXIT_MALFORMED, reason, "%s:%zu:%zu: offset %zu: %s", json->name, line,
		      (size_t)(at - begin) + 1, (size_t)(at - json->text), sentence);
}

static int enlarge(struct json_text *json, size_t room)
{
	char *larger = secret_alloc(room);

	if (!larger)
		return report_errno(ENOMEM, "cannot read %s", json->name);
	if (json->len)
		memcpy(larger, json->text, json->len);
	secret_free(json->text, json->room);
	json->text = larger;
	json->room = room;
	return 0;
}

/* Reads to the end of the file; the last octet of the room stays NUL. */
static int slurp(struct json_text *json, int fd)
{
	int code;

	for (;;) {
		ssize_t got;

		if (json->len > TEXT_MAX)
			return report(MIKEY_EXIT_MALFORMED, "too-long",
				      "%s: longer than %u octets", json->name, TEXT_MAX);
		if (json->len + 1 >= json->room) {
			code = enlarge(json, 2 * json->room);
			if (code)
				return code;
		}
		got = read(fd, json->text + json->len, json->room - json->len - 1);
		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return report_errno(errno, "cannot read %s", json->name);
		if (got > 0)
			json->len += (size_t)got;
	}
}

const char *json_text_name(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

static int read_file(struct json_text *json, const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	struct stat st;
	int fd, code;

	json->name = json_text_name(path);
	fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return report_errno(errno, "cannot open %s", path);
	if (!is_stdin && !fstat(fd, &st) && S_ISREG(st.st_mode) && (st.st_mode & 077))
		note("warning: %s is for keys, but others than its owner may read or change it",
		     path);
	code = enlarge(json, FIRST_ROOM);
	if (!code)
		code = slurp(json, fd);
	if (!is_stdin)
		close(fd);
	return code;
}

/*
 * json-c collects a string in a buffer that it enlarges as needed and leaves
 * as it is when it is done. A string of zeros as long as the text makes that
 * buffer large enough before there is a key, and wipes it afterwards.
 */
static bool fill_buffer(struct json_tokener *tok, size_t len)
{
	char *zeros = malloc(len + 3);
	struct json_object *string;

	if (!zeros)
		return false;
	memset(zeros, '0', len + 2);
	zeros[0] = '"';
	zeros[len + 1] = '"';
	zeros[len + 2] = '\0';
	json_tokener_reset(tok);
	string = json_tokener_parse_ex(tok, zeros, (int)len + 3);
	free(zeros);
	json_tokener_reset(tok);
	if (!string)
		return false;
	json_object_put(string);
	return true;
}

static int refuse_syntax(const struct json_text *json, struct json_tokener *tok)
{
	enum json_tokener_error err = json_tokener_get_error(tok);
	size_t end = json_tokener_get_parse_end(tok);

	if (end > json->len)
		end = json->len;
	if (err == json_tokener_error_depth)
		return json_text_refuse(json, json->text + end, "too-deep",
					"nested deeper than %d", DEPTH_MAX);
	if (err == json_tokener_continue || err == json_tokener_error_parse_eof || end == json->len)
		return json_text_refuse(json, json->text + json->len, "truncated",
					"the text ends in the middle of a value");
	return json_text_refuse(json, json->text + end, "bad-json", "%s",
				json_tokener_error_desc(err));
}

static int parse(struct json_text *json, struct json_tokener *tok)
{
	const char *nul = memchr(json->text, '\0', json->len);
	const char *rest;

	if (nul)
		return json_text_refuse(json, nul, "bad-json", "a NUL character");
	if (!*json_place_root(json))
		return json_text_refuse(json, json->text + json->len, "truncated",
					"there is no value");
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8 |
			       JSON_TOKENER_ALLOW_TRAILING_CHARS);
	json->root = json_tokener_parse_ex(tok, json->text, (int)json->len + 1);
	if (!json->root && json_tokener_get_error(tok) != json_tokener_success)
		return refuse_syntax(json, tok);
	rest = skip_spaces(skip_value(json_place_root(json)));
	if (*rest)
		return json_text_refuse(json, rest, "trailing-octets",
					"something follows the value");
	return 0;
}

int json_text_read(struct json_text *json, const char *path)
{
	struct json_tokener *tok;
	int code;

	*json = (struct json_text){ 0 };
	code = read_file(json, path);
	if (code)
		return code;
	tok = json_tokener_new_ex(DEPTH_MAX);
	if (!tok || !fill_buffer(tok, json->len))
		code = report_errno(ENOMEM, "cannot read %s", json->name);
	else
		code = parse(json, tok);
	if (tok) {
		fill_buffer(tok, json->len);
		json_tokener_free(tok);
	}
	return code;
}

static void wipe_tree(struct json_object *value)
{
	size_t i;

	switch (json_object_get_type(value)) {
	case json_type_string:
		/* json-c hands out its own memory, and only declares it constant */
		explicit_bzero((char *)json_object_get_string(value),
			       (size_t)json_object_get_string_len(value));
		break;
	case json_type_array:
		for (i = 0; i < json_object_array_length(value); i++)
			wipe_tree(json_object_array_get_idx(value, i));
		break;
	case json_type_object: {
		json_object_object_foreach(value, name, member) {
			(void)name;
			wipe_tree(member);
		}
		break;
	}
	default:
		break;
	}
}

void json_text_clear(struct json_text *json)
{
	wipe_tree(json->root);
	json_object_put(json->root);
	secret_free(json->text, json->room);
	*json = (struct json_text){ 0 };
}
