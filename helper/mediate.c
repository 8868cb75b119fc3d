// SPDX-License-Identifier: GPL-2.0
/*
 * What `offer`, `answer` and `accept` have in common.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "client.h"
#include "config.h"
#include "exchange.h"
#include "mediate.h"
#include "order.h"
#include "output.h"
#include "report.h"

/* Options that are a text go where they say. */
static const char **text_option(struct mediate *m, int option)
{
	switch (option) {
	case 'p': return &m->peer;
	case 'i': return &m->expect_id;
	case 'n': return &m->call;
	case 's': return &m->session_name;
	case 'o': return &m->offer;
	case 'u': return &m->uri;
	case 'c': return &m->config;
	case 'C': return &m->control;
	}
	return NULL;
}

static int take_number(const struct mediate *m, const char *text, unsigned int max,
		       unsigned int *number)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || errno || *end || !n || n > max)
		return report_usage(m->verb, "'%s' is no number from 1 to %u", text, max);
	*number = n;
	return 0;
}

/* What would do nothing is a mistake: somebody meant something by it. */
static bool has_option(const struct mediate *m, int option)
{
	static const struct {
		int option;
		const char *verbs;
	} some[] = {
		{ 't', "offer" },
		{ 'm', "offer" },
		{ 's', "offer, answer" },
		{ 'o', "answer" },
		{ 'u', "answer" },
		{ 'a', "answer, accept" },
		{ 'M', "accept" },
	};
	size_t i;

	for (i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		if (some[i].option == option)
			return strstr(some[i].verbs, m->verb);
	return true;
}

static int take_option(struct mediate *m, int option)
{
	const char **text = text_option(m, option);

	if (!has_option(m, option))
		return report_usage(m->verb, "%s has no such option", m->verb);
	if (text)
		*text = optarg;
	else if (option == 't')
		return take_number(m, optarg, EXCHANGE_TIMEOUT_MAX, &m->timeout);
	else if (option == 'M')
		return take_number(m, optarg, SDP_MEDIA_MAX, &m->medium);
	else if (option == 'r')
		m->rtsp = true;
	else if (option == 'T')
		m->tls = true;
	else if (option == 'a')
		m->flags |= SDP_ALLOW_CLEAR;
	else if (option == 'm')
		m->flags |= SDP_MEDIA_LEVEL;
	else
		return report_usage(m->verb, "unknown option, or one without its argument");
	return 0;
}

int mediate_parse(int argc, char **argv, struct mediate *m)
{
	static const struct option options[] = {
		{ "peer", required_argument, NULL, 'p' },
		{ "expect-id", required_argument, NULL, 'i' },
		{ "call", required_argument, NULL, 'n' },
		{ "session-name", required_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ "offer", required_argument, NULL, 'o' },
		{ "uri", required_argument, NULL, 'u' },
		{ "medium", required_argument, NULL, 'M' },
		{ "rtsp", no_argument, NULL, 'r' },
		{ "tls", no_argument, NULL, 'T' },
		{ "allow-clear", no_argument, NULL, 'a' },
		{ "media-level", no_argument, NULL, 'm' },
		{ "config", required_argument, NULL, 'c' },
		{ "control", required_argument, NULL, 'C' },
		{ NULL, 0, NULL, 0 }
	};
	int option, ret;

	*m = (struct mediate){ .verb = argv[0], .config = CONFIG_FILE, .file = "-",
			       .medium = 1 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		ret = take_option(m, option);
		if (ret)
			return ret;
	}
	if (argc - optind > 1)
		return report_usage(m->verb, "%s takes one file", m->verb);
	if (argc > optind)
		m->file = argv[optind];
	if (!m->peer == !m->expect_id)
		return report_usage(m->verb, "say who the peer is: --peer NAME or --expect-id ID");
	if (m->rtsp)
		m->flags |= SDP_ANY_PORT;
	return 0;
}

static char *read_all(FILE *file, size_t *len)
{
	char *text = malloc(MEDIATE_TEXT_MAX + 2);

	if (!text)
		return NULL;
	*len = fread(text, 1, MEDIATE_TEXT_MAX + 1, file);
	text[*len] = '\0';
	return text;
}

char *mediate_read(const char *path, size_t *len, struct failure *failure)
{
	FILE *opened = strcmp(path, "-") ? fopen(path, "re") : NULL;
	FILE *file = strcmp(path, "-") ? opened : stdin;
	char *text = file ? read_all(file, len) : NULL;

	if (!text || ferror(file)) {
		failure_errno(failure, errno, "cannot read %s", path);
		free(text);
		text = NULL;
	} else if (*len > MEDIATE_TEXT_MAX) {
		failure_set(failure, MIKEY_EXIT_MALFORMED, "too-long", "%s has more than %d octets",
			    path, MEDIATE_TEXT_MAX);
		free(text);
		text = NULL;
	}
	if (opened)
		fclose(opened);
	return text;
}

/* In an RTSP response the description is behind an empty line. */
static const char *body_of(const char *text)
{
	const char *crlf = strstr(text, "\r\n\r\n"), *lf = strstr(text, "\n\n");

	if (strncmp(text, "RTSP/", 5))
		return text;
	if (crlf)
		return crlf + 4;
	return lf ? lf + 2 : text;
}

int mediate_read_sdp(const char *path, struct sdp **sdp, struct failure *failure)
{
	size_t len;
	char *text = mediate_read(path, &len, failure);
	const char *body = text ? body_of(text) : NULL;
	int ret = text ? sdp_parse(body, len - (body - text), sdp, failure) : -1;

	if (text)
		explicit_bzero(text, len);
	free(text);
	return ret;
}

static void add_text(struct json_object *object, const char *name, const char *text)
{
	if (text)
		json_object_object_add(object, name, json_object_new_string(text));
}

struct json_object *mediate_order(const struct mediate *m, struct json_object **groups)
{
	struct json_object *order = order_begin(m->verb);

	add_text(order, "peer", m->peer);
	add_text(order, "expect_id", m->expect_id);
	add_text(order, "call", m->call);
	add_text(order, "session_name", m->session_name);
	if (m->timeout)
		json_object_object_add(order, "timeout", json_object_new_int64(m->timeout));
	if (m->tls)
		json_object_object_add(order, "tls", json_object_new_boolean(true));
	if (m->rtsp)
		json_object_object_add(order, "rtsp", json_object_new_boolean(true));
	*groups = json_object_new_array();
	json_object_object_add(order, "groups", *groups);
	return order;
}

/* RFC 4567 7.1: a message of the session counts m-lines, one of a medium has one. */
static unsigned int position_of(const struct sdp_group *group, int index)
{
	return group->part == SDP_SESSION ? index : 0;
}

static struct json_object *media_of(const struct sdp_group *group, const struct sdp *ours)
{
	struct json_object *media = json_object_new_array(), *object;
	struct sdp_medium medium;
	int i;

	for (i = 0; i < group->n_media; i++) {
		object = json_object_new_object();
		json_object_object_add(object, "position", json_object_new_int64(
			position_of(group, group->media[i])));
		json_object_object_add(object, "line", json_object_new_int64(group->media[i]));
		if (ours) {
			sdp_medium(ours, group->media[i], &medium);
			json_object_object_add(object, "ssrc", json_object_new_int64(medium.ssrc));
		}
		json_object_array_add(media, object);
	}
	return media;
}

void mediate_group(struct json_object *groups, const struct sdp *sdp,
		   const struct sdp_group *group, const struct sdp *ours)
{
	struct json_object *object = json_object_new_object();
	int positions = group->part == SDP_SESSION ? sdp_n_media(sdp) : 1;

	add_text(object, "protocols", *group->protocols ? group->protocols : NULL);
	add_text(object, "message", group->message);
	if (!group->message)
		json_object_object_add(object, "positions", json_object_new_int64(positions));
	json_object_object_add(object, "media", media_of(group, ours));
	json_object_array_add(groups, object);
}

/* The configuration is needed for the place of the control socket only. */
static enum client_result ask(const struct mediate *m, struct json_object *order,
			      struct json_object **answer, struct failure *failure)
{
	struct config *config = NULL;
	const char *control = m->control;
	enum client_result result;

	if (!control && !config_load(m->config, &config, failure))
		control = config->control;
	result = client_ask(control ? control : CONFIG_CONTROL, order, answer, failure);
	config_put(config);
	return result;
}

/* A refusal of the daemon may hold an Error message for the peer. */
int mediate_fail(struct json_object *answer, const struct failure *failure)
{
	struct json_object *error = json_object_object_get(answer, "error");
	const char *mikey = json_object_get_string(json_object_object_get(error, "mikey"));

	if (!mikey)
		return failure_report(failure);
	note("%s (%s)", failure->text, failure->reason);
	note("error message for the peer: %s", mikey);
	if (report_json)
		output_json_line(json_object_get(answer));
	return failure->code;
}

int mediate_ask(const struct mediate *m, struct json_object *order,
		struct json_object **answer, struct failure *failure)
{
	enum client_result result = ask(m, order, answer, failure);

	json_object_put(order);
	return client_granted(result, *answer, failure);
}

static struct json_object *group_at(struct json_object *answer, int n)
{
	return json_object_array_get_idx(json_object_object_get(answer, "groups"), n);
}

const char *mediate_message(struct json_object *answer, int n)
{
	return json_object_get_string(json_object_object_get(group_at(answer, n), "message"));
}
