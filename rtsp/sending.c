// SPDX-License-Identifier: GPL-2.0
/*
 * COMMAND, which sends to one client: its arguments say where to, and its sockets are
 * attached before it has them.
 */
#include <stdio.h>
#include <string.h>
#include "report.h"
#include "server.h"

/* "text" with what is put for "name", in place of "text" */
static char *put(char *text, const char *name, const char *value)
{
	char **parts = g_strsplit(text, name, -1), *joined = g_strjoinv(value, parts);

	g_strfreev(parts);
	g_free(text);
	return joined;
}

static char *put_port(char *text, const char *kind, size_t index, unsigned int port)
{
	char *name = g_strdup_printf("{%s%zu}", kind, index + 1);
	char *value = g_strdup_printf("%u", port);

	text = put(text, name, value);
	g_free(name);
	g_free(value);
	return text;
}

static char *make_argument(const struct visit *visit, const char *argument)
{
	char *text = put(g_strdup(argument), "{host}", visit->host);
	const struct stream *stream;
	size_t i;

	for (i = 0; i < visit->n_streams; i++) {
		stream = &visit->streams[i];
		text = put_port(text, "rtp", i, stream->to);
		text = put_port(text, "rtcp", i, stream->to_rtcp);
		text = put_port(text, "from", i, stream->port);
		text = put_port(text, "fromrtcp", i, stream->port + 1u);
	}
	return text;
}

/* The same for each client but for where it is. */
static char **make_arguments(const struct visit *visit)
{
	char **from = visit->serving->shared.argv, **argv = g_new0(char *, g_strv_length(from) + 1);
	size_t i;

	for (i = 0; from[i]; i++)
		argv[i] = make_argument(visit, from[i]);
	return argv;
}

int sending_start(struct visit *visit)
{
	struct supervisor *sup = &visit->supervisor;
	char **argv;
	int code = sup->kernel ? 0 : kernel_connect(&sup->kernel);

	if (code)
		return code;
	sup->session = visit->streams[0].session;
	sup->role = SRTP_ROLE_MUX;
	sup->clear = visit->serving->shared.clear;
	sigprocmask(SIG_SETMASK, &visit->serving->mask, NULL);
	argv = make_arguments(visit);
	code = child_start(&visit->child, sup, argv);
	g_strfreev(argv);
	if (!code) {
		visit->started = true;
		note("%s: playing", visit->host);
	}
	return code;
}
