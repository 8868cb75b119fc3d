// SPDX-License-Identifier: GPL-2.0
/*
 * The command line of mikey-rtsp serve.
 */
#include <stdio.h>
#include <string.h>
#include "line.h"
#include "number.h"
#include "option.h"
#include "report.h"
#include "server.h"

#define RTSPS_PORT 322
#define TIMEOUT 60
#define CLIENTS 8
#define CLIENTS_MAX 256

static const char help[] =
"usage: mikey-rtsp serve [OPTIONS] --certificate FILE --key FILE --sdp FILE PATH\n"
"                        -- COMMAND [ARGUMENTS]\n"
"\n"
"Is a camera: clients get SRTP at rtsps://HOST/PATH, with keys by MIKEY in RTSP over\n"
"TLS. COMMAND is any program that sends RTP, with no word of SRTP; each client that\n"
"plays has one of its own. In its arguments\n"
"\n"
"  {host}             is the client's address\n"
"  {rtp1} {rtcp1}     its ports for the first medium; {rtp2} ... for the next ones\n"
"  {from1} {fromrtcp1}  ports of this host that COMMAND has to send from\n"
"\n"
"Its sockets are attached before it has them, as mikey-helper run does it.\n"
"\n"
"  --certificate FILE PEM: certificate, with those of its issuers behind it\n"
"  --key FILE         PEM: its key\n"
"  --sdp FILE         session description (RTP/AVP) of what COMMAND sends\n"
"  --user-file FILE   who may play: a line USER:PASSWORD for each; mode 600\n"
"  --listen ADDR:PORT where to listen, all addresses and port 322\n"
"  --model M          whose key protects what: a (each sender's, GStreamer; default)\n"
"                     or b (the client's, ONVIF)\n"
"  --timeout SECONDS  a client that says nothing for so long is gone, 60\n"
"  --clients N        at a time, 8\n"
"  --port N           send from ports from N on\n"
"  --clear-port LIST  ports of COMMAND that stay in clear; see mikey-helper run\n"
"  --peer NAME        section [peer NAME] of the daemon's configuration, camera\n"
"  --config FILE      where the control socket is configured\n"
"  --control PATH     control socket of the daemon\n"
"\n"
"A daemon (mikey-helper daemon) makes the sessions. Where none runs, root needs\n"
"none. It serves until SIGTERM or SIGINT.\n"
"\n"
"Exit status: 0, or 1 usage, 2 malformed, 6 unsupported, 7 kernel or system.\n";

void serve_help(void)
{
	fputs(help, stdout);
}

/* In model c a client sends back what it got, which only live555 does. */
static bool take_model(struct serving *serving)
{
	return option_key_model(optarg, &serving->shared.model) &&
	       serving->shared.model != MODEL_SERVER;
}

static bool take_option(void *arg, int option)
{
	struct serving *serving = arg;

	switch (option) {
	case 'L':
		return address_parse(optarg, &serving->listen);
	case 'm':
		return take_model(serving);
	case 'n':
		return number_parse(optarg, 1, CLIENTS_MAX, &serving->clients);
	}
	return false;
}

/* What needs no escape in a URI (RFC 3986 2.3). */
static bool is_path(const char *text)
{
	return *text && strspn(text, "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-._~") == strlen(text) &&
	       !strstr(text, "//");
}

static int take_path(struct serving *serving, const char *text)
{
	size_t len;

	text += *text == '/';
	if (!is_path(text))
		return report_usage(NULL, "'%s' is no path of letters, digits, and / - . _ ~", text);
	serving->path = g_strconcat("/", text, NULL);
	len = strlen(serving->path);
	if (serving->path[len - 1] == '/')
		serving->path[len - 1] = '\0';
	return 0;
}

static int check(const struct serving *serving)
{
	static const char missing[] = "%s FILE is missing";

	if (!serving->certificate)
		return report_usage(NULL, missing, "--certificate");
	if (!serving->key)
		return report_usage(NULL, missing, "--key");
	if (!serving->sdp_file)
		return report_usage(NULL, missing, "--sdp");
	return 0;
}

static const struct option names[] = {
	{ "certificate", required_argument, NULL, 'e' },
	{ "key", required_argument, NULL, 'k' },
	{ "sdp", required_argument, NULL, 's' },
	{ "user-file", required_argument, NULL, 'u' },
	{ "listen", required_argument, NULL, 'L' },
	{ "model", required_argument, NULL, 'm' },
	{ "clients", required_argument, NULL, 'n' },
	{ NULL, 0, NULL, 0 },
};

int serve_options(int argc, char **argv, struct serving *serving)
{
	const struct line_text texts[] = {
		{ 'e', &serving->certificate },
		{ 'k', &serving->key },
		{ 's', &serving->sdp_file },
		{ 'u', &serving->users },
		{ 0, NULL },
	};
	const struct line line = {
		.what = "PATH",
		.names = names,
		.texts = texts,
		.take = take_option,
		.arg = serving,
	};
	int code;

	*serving = (struct serving){
		.shared = {
			.model = MODEL_SENDER,
			.reach = { .peer = "camera", .config = CONFIG_FILE },
			.timeout = TIMEOUT,
		},
		.clients = CLIENTS,
	};
	code = line_read(argc, argv, &line, &serving->shared);
	if (!serving->listen.port)
		serving->listen.port = RTSPS_PORT;
	code = code ? code : take_path(serving, argv[optind]);
	return code ? code : check(serving);
}
