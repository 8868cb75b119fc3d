// SPDX-License-Identifier: GPL-2.0
/*
 * Session descriptions (RFC 4566) as lines. What cannot be one is refused;
 * what is merely unknown stays.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sdp.h"

/**
 * struct sdp_line - one line
 * @text: without its end
 * @end: "\r\n", "\n" or "" for a last line without end
 */
struct sdp_line {
	char *text;
	const char *end;
};

/**
 * struct sdp - a description
 * @lines: lines
 * @n: how many
 * @room: for how many there is memory
 * @media: line of each m=
 * @n_media: how many
 */
struct sdp {
	struct sdp_line *lines;
	size_t n;
	size_t room;
	size_t media[SDP_MEDIA_MAX];
	int n_media;
};

static const struct {
	const char *clear;
	const char *secure;
} profiles[] = {
	{ "RTP/AVP", "RTP/SAVP" },
	{ "RTP/AVPF", "RTP/SAVPF" },
};

#define N_PROFILES (sizeof(profiles) / sizeof(profiles[0]))

static int bad_line(struct failure *failure, size_t number, const char *why)
{
	return failure_set(failure, MIKEY_EXIT_MALFORMED, "bad-sdp",
			   "line %zu of the session description %s", number, why);
}

static bool make_room(struct sdp *sdp)
{
	struct sdp_line *more;

	if (sdp->n < sdp->room)
		return true;
	more = realloc(sdp->lines, (2 * sdp->room + 16) * sizeof(*more));
	if (!more)
		return false;
	sdp->lines = more;
	sdp->room = 2 * sdp->room + 16;
	return true;
}

static bool insert_line(struct sdp *sdp, size_t at, char *text, const char *end)
{
	if (!text || !make_room(sdp)) {
		free(text);
		return false;
	}
	memmove(&sdp->lines[at + 1], &sdp->lines[at], (sdp->n - at) * sizeof(sdp->lines[0]));
	sdp->lines[at] = (struct sdp_line){ .text = text, .end = end };
	sdp->n++;
	return true;
}

static void find_media(struct sdp *sdp)
{
	size_t i;

	sdp->n_media = 0;
	for (i = 0; i < sdp->n; i++)
		if (!strncmp(sdp->lines[i].text, "m=", 2) && sdp->n_media < SDP_MEDIA_MAX)
			sdp->media[sdp->n_media++] = i;
}

/* m=<media> <port>[/<number>] <proto> <fmt> ..., RFC 4566 5.14 */
static bool scan_medium(const char *line, struct sdp_medium *medium, int *proto, int *proto_end)
{
	int port = -1, end = -1;

	*proto = *proto_end = -1;
	if (sscanf(line, "m=%31[!-~] %u%n", medium->media, &medium->port, &port) < 2 ||
	    medium->port > UINT16_MAX)
		return false;
	if (line[port] == '/')
		port += 1 + strspn(line + port + 1, "0123456789");
	sscanf(line + port, " %n%*[!-~]%n", proto, &end);
	if (line[port] != ' ' || end < 0)
		return false;
	*proto += port;
	*proto_end = port + end;
	return line[*proto_end] == ' ' && line[*proto_end + 1];
}

static int check_line(const struct sdp *sdp, const char *text, size_t number,
		      struct failure *failure)
{
	struct sdp_medium medium;
	int proto, end;

	if (number == 1 && strcmp(text, "v=0"))
		return bad_line(failure, number, "is not 'v=0'");
	if (text[0] < 'a' || text[0] > 'z' || text[1] != '=')
		return bad_line(failure, number, "does not begin with a letter and '='");
	if (text[0] != 'm')
		return 0;
	if (sdp->n_media == SDP_MEDIA_MAX)
		return bad_line(failure, number, "is an m-line too many");
	if (!scan_medium(text, &medium, &proto, &end))
		return bad_line(failure, number, "is no good m-line");
	return 0;
}

static int add_line(struct sdp *sdp, const char *from, size_t len, const char *end,
		    struct failure *failure)
{
	char *text = strndup(from, len);

	if (text && strlen(text) != len) {
		free(text);
		return bad_line(failure, sdp->n + 1, "has a NUL");
	}
	if (text && check_line(sdp, text, sdp->n + 1, failure)) {
		free(text);
		return -1;
	}
	if (!insert_line(sdp, sdp->n, text, end))
		return failure_errno(failure, ENOMEM, "session description");
	if (sdp->lines[sdp->n - 1].text[0] == 'm')
		find_media(sdp);
	return 0;
}

/* Blank lines are borne behind the last line only. */
static bool is_blank(const char *from, const char *end)
{
	while (from < end && strchr("\r\n", *from) && *from)
		from++;
	return from == end;
}

static int read_lines(struct sdp *sdp, const char *from, const char *end,
		      struct failure *failure)
{
	const char *stop, *line_end;

	while (!is_blank(from, end)) {
		stop = memchr(from, '\n', end - from);
		line_end = stop ? "\n" : "";
		if (stop && stop > from && stop[-1] == '\r')
			line_end = "\r\n";
		if (add_line(sdp, from, (stop ? stop + 1 : end) - from - strlen(line_end), line_end,
			     failure))
			return -1;
		from = stop ? stop + 1 : end;
	}
	if (!sdp->n)
		return bad_line(failure, 1, "is not 'v=0'");
	return 0;
}

int sdp_parse(const char *data, size_t len, struct sdp **result, struct failure *failure)
{
	struct sdp *sdp;

	*result = NULL;
	if (len > SDP_MAX)
		return failure_set(failure, MIKEY_EXIT_MALFORMED, "too-long",
				   "a session description of more than %d octets", SDP_MAX);
	sdp = calloc(1, sizeof(*sdp));
	if (!sdp)
		return failure_errno(failure, ENOMEM, "session description");
	if (read_lines(sdp, data, data + len, failure)) {
		sdp_free(sdp);
		return -1;
	}
	*result = sdp;
	return 0;
}

/* Lines may hold keys: those of a carrier that is encrypted itself. */
static void free_text(char *text)
{
	explicit_bzero(text, strlen(text));
	free(text);
}

void sdp_free(struct sdp *sdp)
{
	size_t i;

	if (!sdp)
		return;
	for (i = 0; i < sdp->n; i++)
		free_text(sdp->lines[i].text);
	free(sdp->lines);
	free(sdp);
}

char *sdp_text(const struct sdp *sdp, size_t *len)
{
	size_t i, size = 0;
	char *text, *at;

	for (i = 0; i < sdp->n; i++)
		size += strlen(sdp->lines[i].text) + strlen(sdp->lines[i].end);
	text = malloc(size + 1);
	if (!text)
		return NULL;
	for (at = text, i = 0; i < sdp->n; i++)
		at = stpcpy(stpcpy(at, sdp->lines[i].text), sdp->lines[i].end);
	*at = '\0';
	*len = size;
	return text;
}

int sdp_n_media(const struct sdp *sdp)
{
	return sdp->n_media;
}

static size_t part_begin(const struct sdp *sdp, int part)
{
	return part == SDP_SESSION ? 0 : sdp->media[part];
}

static size_t part_end(const struct sdp *sdp, int part)
{
	return part + 1 < sdp->n_media ? sdp->media[part + 1] : sdp->n;
}

/* The value of an attribute's line, or NULL if it is another line. */
static const char *value_of(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(line, "a=", 2) || strncmp(line + 2, name, len))
		return NULL;
	if (line[2 + len] == ':')
		return line + 3 + len;
	return line[2 + len] ? NULL : line + 2 + len;
}

static size_t find_attribute(const struct sdp *sdp, int part, const char *name, int n)
{
	size_t i, end = part_end(sdp, part);

	for (i = part_begin(sdp, part); i < end; i++)
		if (value_of(sdp->lines[i].text, name) && n-- == 0)
			return i;
	return end;
}

const char *sdp_attribute(const struct sdp *sdp, int part, const char *name, int n)
{
	size_t at = find_attribute(sdp, part, name, n);

	return at < part_end(sdp, part) ? value_of(sdp->lines[at].text, name) : NULL;
}

/* A last line without an end gets one when something follows it. */
bool sdp_insert(struct sdp *sdp, int part, const char *name, const char *value)
{
	size_t at = find_attribute(sdp, part, name, 0);
	const char *end = sdp->lines[0].end;
	char *text;

	if (!*end)
		end = "\r\n";
	if (at && !*sdp->lines[at - 1].end)
		sdp->lines[at - 1].end = end;
	if (asprintf(&text, "a=%s:%s", name, value) < 0)
		return false;
	if (!insert_line(sdp, at, text, end))
		return false;
	find_media(sdp);
	return true;
}

static void remove_line(struct sdp *sdp, size_t at)
{
	free_text(sdp->lines[at].text);
	sdp->n--;
	memmove(&sdp->lines[at], &sdp->lines[at + 1], (sdp->n - at) * sizeof(sdp->lines[0]));
	find_media(sdp);
}

void sdp_remove(struct sdp *sdp, int part, const char *name, const char *prefix)
{
	const char *value;
	size_t i;

	for (i = part_end(sdp, part); i-- > part_begin(sdp, part);) {
		value = value_of(sdp->lines[i].text, name);
		if (value && !strncmp(value + (*value == ' '), prefix, strlen(prefix)))
			remove_line(sdp, i);
	}
}

static void scan_proto(const char *word, size_t len, struct sdp_medium *medium)
{
	size_t i;

	medium->proto = SDP_OTHER;
	for (i = 0; i < N_PROFILES; i++) {
		const char *clear = profiles[i].clear, *secure = profiles[i].secure;

		if (strlen(clear) == len && !strncmp(word, clear, len))
			medium->proto = SDP_CLEAR;
		else if (strlen(secure) == len && !strncmp(word, secure, len))
			medium->proto = SDP_SECURE;
		else
			continue;
		medium->feedback = i == 1;
	}
}

/* RFC 4566 6: what a medium does not say, the session says for it. */
static const char *scan_direction(const struct sdp *sdp, int index)
{
	static const char *const words[] = { "sendonly", "recvonly", "inactive", "sendrecv" };
	int part, i;

	for (part = index;; part = SDP_SESSION) {
		for (i = 0; i < 4; i++)
			if (sdp_attribute(sdp, part, words[i], 0))
				return words[i];
		if (part == SDP_SESSION)
			return "sendrecv";
	}
}

/* RFC 5576 4.1. Several SSRCs of one medium (RTX, simulcast) are left open. */
static uint32_t scan_ssrc(const struct sdp *sdp, int index)
{
	const char *value;
	uint32_t ssrc = 0;
	char *end;
	int i;

	for (i = 0; (value = sdp_attribute(sdp, index, "ssrc", i)); i++) {
		unsigned long number = strtoul(value, &end, 10);

		if (end == value || (*end && *end != ' ') || number > UINT32_MAX ||
		    (ssrc && ssrc != number))
			return 0;
		ssrc = number;
	}
	return ssrc;
}

void sdp_medium(const struct sdp *sdp, int index, struct sdp_medium *medium)
{
	const char *line = sdp->lines[sdp->media[index]].text;
	int proto, end;

	memset(medium, 0, sizeof(*medium));
	if (scan_medium(line, medium, &proto, &end))
		scan_proto(line + proto, end - proto, medium);
	medium->rtcp_mux = sdp_attribute(sdp, index, "rtcp-mux", 0);
	medium->direction = scan_direction(sdp, index);
	medium->ssrc = scan_ssrc(sdp, index);
	medium->control = sdp_attribute(sdp, index, "control", 0);
}

bool sdp_secure(struct sdp *sdp, int index)
{
	struct sdp_line *line = &sdp->lines[sdp->media[index]];
	struct sdp_medium medium = { 0 };
	int proto, end;
	char *text;

	if (!scan_medium(line->text, &medium, &proto, &end))
		return true;
	scan_proto(line->text + proto, end - proto, &medium);
	if (medium.proto != SDP_CLEAR)
		return true;
	if (asprintf(&text, "%.*s%s%s", proto, line->text, profiles[medium.feedback].secure,
		     line->text + end) < 0)
		return false;
	free(line->text);
	line->text = text;
	return true;
}
