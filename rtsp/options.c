// SPDX-License-Identifier: GPL-2.0
/*
 * The command line of mikey-rtsp.
 */
#include <stdio.h>
#include <string.h>
#include "camera.h"
#include "line.h"
#include "number.h"
#include "option.h"
#include "report.h"

#define TIMEOUT 10
#define REKEY_MAX (30 * 86400)

static const char help[] =
"usage: mikey-rtsp [OPTIONS] rtsps://[USER@]HOST[:PORT]/PATH -- COMMAND [ARGUMENTS]\n"
"   or: mikey-rtsp serve --help\n"
"\n"
"Plays a camera that sends SRTP and agrees on keys with MIKEY in RTSP over TLS.\n"
"COMMAND is any program that receives RTP as a session description says, with no\n"
"word of SRTP: {} in its arguments, and $SDP, are the name of the description.\n"
"Its sockets are attached before it has them, as mikey-helper run does it.\n"
"\n"
"  --model M          whose key protects what: a (each sender's, GStreamer), b (the\n"
"                     client's, ONVIF), c (the server's, live555), or auto (default)\n"
"  --media LIST       play only these: e.g. video or video,audio\n"
"  --password-file F  the password of USER is the first line of the file; without\n"
"                     it, it is $MIKEY_RTSP_PASSWORD\n"
"  --ca FILE          PEM: roots of the camera's certificate, not the system's\n"
"  --insecure         take any certificate: anybody may be the camera\n"
"  --rekey SECONDS    age of a key that is renewed (model b), 3600; 0 is never\n"
"  --port N           receive on ports from N on\n"
"  --timeout SECONDS  how long to wait for an answer, 10\n"
"  --clear-port LIST  ports of COMMAND that stay in clear; see mikey-helper run\n"
"  --peer NAME        section [peer NAME] of the daemon's configuration, camera\n"
"  --config FILE      where the control socket is configured\n"
"  --control PATH     control socket of the daemon\n"
"\n"
"A daemon (mikey-helper daemon) makes the sessions. Where none runs, root needs\n"
"none.\n"
"\n"
"Exit status: that of COMMAND, or 1 usage, 2 malformed, 3 authentication failed,\n"
"4 refused by policy, 6 unsupported, 7 kernel or system, 8 the camera refused,\n"
"9 no answer, or the camera went away. 128 + N if signal N ended COMMAND.\n";

void options_help(void)
{
	fputs(help, stdout);
}

static bool take_model(struct options *options)
{
	options->auto_model = !strcmp(optarg, "auto");
	return options->auto_model || option_key_model(optarg, &options->shared.model);
}

static bool take_option(void *arg, int option)
{
	struct options *options = arg;

	switch (option) {
	case 'm':
		return take_model(options);
	case 'r':
		return number_parse(optarg, 0, REKEY_MAX, &options->rekey);
	case 'i':
		options->insecure = true;
		return true;
	}
	return false;
}

/* libgstrtsp wants a colon behind every user. */
static const char *with_colon(const char *text)
{
	const char *host = text + strlen("rtsps://"), *at = strchr(host, '@');

	if (!at || memchr(host, ':', at - host) || memchr(host, '/', at - host))
		return text;
	return g_strdup_printf("%.*s:%s", (int)(at - text), text, at);
}

/* Arguments are everybody's to read. */
static int check_url(struct options *options, const char *text)
{
	GstRTSPUrl *url = NULL;
	int code = 0;

	options->url = text;
	if (!strncmp(text, "rtsp://", 7))
		return report(MIKEY_EXIT_POLICY, "no-tls",
			      "rtsp:// would carry keys in clear; the camera has to speak rtsps://");
	if (!strncmp(text, "rtsps://", 8))
		options->url = with_colon(text);
	if (strncmp(text, "rtsps://", 8) || gst_rtsp_url_parse(options->url, &url) != GST_RTSP_OK)
		return report_usage(NULL, "'%s' is no URL like rtsps://USER@HOST/PATH", text);
	if (url->passwd && *url->passwd)
		code = report_usage(NULL, "the password must not be in the URL, where all users can read it: --password-file");
	gst_rtsp_url_free(url);
	return code;
}

static const struct option names[] = {
	{ "model", required_argument, NULL, 'm' },
	{ "media", required_argument, NULL, 'M' },
	{ "password-file", required_argument, NULL, 'f' },
	{ "ca", required_argument, NULL, 'a' },
	{ "insecure", no_argument, NULL, 'i' },
	{ "rekey", required_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};

int options_parse(int argc, char **argv, struct options *options)
{
	const struct line_text texts[] = {
		{ 'M', &options->media },
		{ 'f', &options->password_file },
		{ 'a', &options->ca_file },
		{ 0, NULL },
	};
	const struct line line = {
		.what = "URL",
		.names = names,
		.texts = texts,
		.take = take_option,
		.arg = options,
	};
	int code;

	*options = (struct options){
		.auto_model = true,
		.shared = {
			.reach = { .peer = "camera", .config = CONFIG_FILE },
			.timeout = TIMEOUT,
		},
		.rekey = REKEY_SECONDS,
	};
	code = line_read(argc, argv, &line, &options->shared);
	return code ? code : check_url(options, argv[optind]);
}
