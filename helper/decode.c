// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper decode: prints MIKEY messages, and opens them with a key.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "command.h"
#include "config.h"
#include "output.h"
#include "report.h"
#include "secret.h"
#include "source.h"
#include "visitjson.h"

/* More than any capture of signalling should have. */
#define INPUT_MAX (256u << 20)

struct arguments {
	const char *file;
	const char *config;
	const char *peer;
	const char *psk_file;
	const char *format;
	uint16_t port;
	bool show_keys;
};

/**
 * struct decoder - what messages are decoded with
 * @crypto: algorithms
 * @psk: of --psk-file, or zeroes
 * @creds: what messages are opened with
 * @accept: what is taken
 * @show_keys: print key material
 * @status: exit status so far
 */
struct decoder {
	struct mikey_crypto *crypto;
	struct psk psk;
	struct mikey_creds creds;
	struct mikey_accept accept;
	bool show_keys;
	int status;
};

/* The first thing that is wrong decides the exit status. */
static void add_failure(struct decoder *decoder, struct json_object *object,
			const char *name, const struct failure *failure, size_t offset)
{
	struct json_object *error = json_object_new_object();

	json_object_object_add(error, "exit", json_object_new_int(failure->code));
	json_object_object_add(error, "reason", json_object_new_string(failure->reason));
	if (offset != MIKEY_NO_OFFSET)
		json_object_object_add(error, "offset", json_object_new_uint64(offset));
	json_object_object_add(error, "message", json_object_new_string(failure->text));
	json_object_object_add(object, name, error);
	if (decoder->status)
		return;
	decoder->status = failure->code;
	note("%s (%s)", failure->text, failure->reason);
}

static void add_error(struct decoder *decoder, struct json_object *object, const char *name,
		      const struct mikey_error *err)
{
	struct failure failure;

	failure_mikey(&failure, err);
	add_failure(decoder, object, name, &failure, err->offset);
}

static bool is_plain(const struct mikey_msg *msg)
{
	const struct mikey_payload *kemac = mikey_find(msg, MIKEY_PL_KEMAC, 0);

	return kemac && kemac->kemac.encr_alg == MIKEY_ENCR_NULL;
}

static void add_bundle(struct decoder *decoder, struct json_object *object,
		       const struct mikey_opened *opened)
{
	struct visit_json build;
	struct json_object *csb;

	if (!opened->csb) {
		/* Of DH-HMAC, only whether it is authentic can be told */
		if (opened->csb_err.reason)
			add_error(decoder, object, "bundle_error", &opened->csb_err);
		return;
	}
	csb = json_object_new_object();
	visit_json_begin(&build, csb, decoder->show_keys);
	mikey_visit_csb(opened->csb, &build.visitor);
	json_object_object_add(object, "bundle", csb);
}

static void add_message(const struct decoder *decoder, struct json_object *object,
			const struct mikey_msg *msg, const struct mikey_chain *clear)
{
	struct visit_json build;

	visit_json_begin(&build, object, decoder->show_keys);
	mikey_visit_msg(msg, clear, &build.visitor);
}

/* Only an initiator's message can be opened, and only with what it is sealed with. */
static void open_message(struct decoder *decoder, struct json_object *object,
			 const struct mikey_msg *msg)
{
	struct mikey_opened opened;
	struct mikey_error err;

	if (mikey_inspect(decoder->crypto, msg, &decoder->creds, &decoder->accept, &opened, &err)) {
		add_message(decoder, object, msg, NULL);
		add_error(decoder, object, "open_error", &err);
	} else {
		add_message(decoder, object, msg, &opened.chain);
		json_object_object_add(object, "verified",
				       json_object_new_boolean(opened.verified));
		add_bundle(decoder, object, &opened);
	}
	mikey_opened_clear(&opened);
}

static bool can_open(const struct decoder *decoder, const struct mikey_msg *msg)
{
	if (msg->hdr.data_type == MIKEY_PSK_INIT)
		return decoder->creds.psk.len || is_plain(msg);
	if (msg->hdr.data_type == MIKEY_DHHMAC_INIT)
		return decoder->creds.psk.len;
	return msg->hdr.data_type == MIKEY_PK_INIT && decoder->creds.own;
}

static void decode_octets(struct decoder *decoder, struct json_object *object,
			  struct mikey_msg *msg, const struct source *source)
{
	struct mikey_error err = { 0 };

	if (mikey_parse(msg, source->octets, source->len, &err)) {
		/* What came before the fault is shown. */
		add_message(decoder, object, msg, NULL);
		add_error(decoder, object, "error", &err);
	} else if (mikey_validate(msg, &err)) {
		add_message(decoder, object, msg, NULL);
		add_error(decoder, object, "error", &err);
	} else if (can_open(decoder, msg)) {
		open_message(decoder, object, msg);
	} else {
		add_message(decoder, object, msg, NULL);
	}
}

static struct json_object *decode_source(struct decoder *decoder, const struct source *source)
{
	struct json_object *object = json_object_new_object();
	struct mikey_msg *msg = calloc(1, sizeof(*msg));

	if (*source->where)
		json_object_object_add(object, "where", json_object_new_string(source->where));
	json_object_object_add(object, "octets", json_object_new_uint64(source->len));
	if (source->failure.code)
		add_failure(decoder, object, "error", &source->failure, MIKEY_NO_OFFSET);
	else if (msg)
		decode_octets(decoder, object, msg, source);
	free(msg);
	return object;
}

static int no_message(void)
{
	return report(MIKEY_EXIT_MALFORMED, "no-message", "there is no MIKEY message in the input");
}

static int decode_all(struct decoder *decoder, const struct source_list *list)
{
	struct json_object *array = json_object_new_array(), *top;
	size_t i;

	if (list->lost)
		return report_errno(ENOMEM, "decode");
	if (!list->n)
		return no_message();
	for (i = 0; i < list->n; i++)
		json_object_array_add(array, decode_source(decoder, &list->list[i]));
	top = json_object_new_object();
	json_object_object_add(top, "messages", array);
	if (report_json) {
		output_json(top);
	} else {
		visit_text_print(top);
		json_object_put(top);
	}
	return output_flush();
}

static const struct source_format *find_format(const struct arguments *args,
					       const struct input *input)
{
	const struct source_format *format = source_formats;

	while (format->name && (args->format ? strcmp(format->name, args->format) :
				!format->looks(input)))
		format++;
	return format;
}

static int decode_input(struct decoder *decoder, const struct arguments *args,
			const struct input *input)
{
	struct source_list list = { 0 };
	int ret;

	if (!input->len)
		return no_message();
	find_format(args, input)->find(input, &list);
	ret = decode_all(decoder, &list);
	source_clear(&list);
	return ret ? ret : decoder->status;
}

static ssize_t read_some(int fd, char **data, size_t *room, size_t len)
{
	ssize_t n;

	if (*room - len < 2) {
		size_t more = *room ? 2 * *room : 65536;
		char *bigger = more > INPUT_MAX ? NULL : malloc(more);

		if (!bigger) {
			errno = EFBIG;
			return -1;
		}
		if (len)
			memcpy(bigger, *data, len);
		if (*data)
			OPENSSL_cleanse(*data, len);
		free(*data);
		*data = bigger;
		*room = more;
	}
	do {
		n = read(fd, *data + len, *room - len - 1);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* Plain messages hold keys, so what was read is wiped. */
static int decode_fd(struct decoder *decoder, const struct arguments *args, int fd)
{
	struct input input = { .port = args->port };
	char *data = NULL;
	size_t room = 0;
	ssize_t n;
	int ret;

	while ((n = read_some(fd, &data, &room, input.len)) > 0)
		input.len += n;
	if (n < 0) {
		ret = report_errno(errno, "cannot read %s", args->file);
	} else {
		data[input.len] = '\0';
		input.data = data;
		ret = decode_input(decoder, args, &input);
	}
	if (data)
		OPENSSL_cleanse(data, input.len);
	free(data);
	return ret;
}

static int decode_file(struct decoder *decoder, const struct arguments *args)
{
	int fd = STDIN_FILENO, ret;

	if (strcmp(args->file, "-"))
		fd = open(args->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return report_errno(errno, "cannot open %s", args->file);
	ret = decode_fd(decoder, args, fd);
	if (fd != STDIN_FILENO)
		close(fd);
	return ret;
}

/* Without a peer nothing is refused: decode shows what is there. */
static void accept_all(struct decoder *decoder)
{
	static const struct mikey_suite *all[CONFIG_SUITES_MAX];
	size_t n, i;
	const struct mikey_suite *suites = mikey_suites(&n);

	for (i = 0; i < n && i < CONFIG_SUITES_MAX; i++)
		all[i] = &suites[i];
	decoder->accept = (struct mikey_accept){
		.suites = all,
		.n_suites = i,
		.flags = MIKEY_ALLOW_NULL | MIKEY_ALLOW_CLEAR_SRTP | MIKEY_ALLOW_CLEAR_SRTCP |
			 MIKEY_ALLOW_UNAUTH_SRTP | MIKEY_ALLOW_KDR | MIKEY_ALLOW_RCC |
			 MIKEY_ALLOW_SHARED_TEK | MIKEY_COMPAT_SPLIT_TEK |
			 MIKEY_COMPAT_ZERO_SALT | MIKEY_COMPAT_AUTH_KEY_LEN |
			 MIKEY_COMPAT_NO_RAND | MIKEY_COMPAT_ANY_TIME,
	};
}

static int use_peer(struct decoder *decoder, const struct arguments *args, struct config **config)
{
	struct failure failure;
	struct peer *peer;

	if (config_load(args->config, config, &failure))
		return failure_report(&failure);
	peer = config_peer(*config, args->peer);
	if (!peer)
		return report(MIKEY_EXIT_USAGE, "unknown-peer-name", "there is no peer '%s' in %s",
			      args->peer, args->config);
	if (config_read_keys(*config, peer, &failure))
		return failure_report(&failure);
	decoder->creds = peer_creds(*config, peer);
	decoder->accept = peer_accept(peer, true);
	return 0;
}

static int decode_with_keys(struct decoder *decoder, const struct arguments *args)
{
	struct config *config = NULL;
	struct failure failure;
	int ret = 0;

	if (args->peer) {
		ret = use_peer(decoder, args, &config);
	} else if (args->psk_file) {
		if (psk_read(args->psk_file, &decoder->psk, &failure))
			ret = failure_report(&failure);
		decoder->creds.psk = (struct mikey_view){ decoder->psk.data, decoder->psk.len };
	}
	if (!ret)
		ret = decode_file(decoder, args);
	psk_free(&decoder->psk);
	config_put(config);
	return ret;
}

static bool known_format(const char *name)
{
	const struct source_format *format;

	for (format = source_formats; format->name; format++)
		if (!strcmp(format->name, name))
			return true;
	return false;
}

static int take_option(struct arguments *args, int option)
{
	unsigned int port;
	char rest;

	switch (option) {
	case 'k':
		args->psk_file = optarg;
		return 0;
	case 'p':
		args->peer = optarg;
		return 0;
	case 'c':
		args->config = optarg;
		return 0;
	case 's':
		args->show_keys = true;
		return 0;
	case 'f':
		args->format = optarg;
		if (known_format(optarg))
			return 0;
		return report_usage("decode", "there is no format '%s'", optarg);
	case 'P':
		if (sscanf(optarg, "%5u%c", &port, &rest) != 1 || !port || port > UINT16_MAX)
			return report_usage("decode", "'%s' is no port", optarg);
		args->port = port;
		return 0;
	}
	return report_usage("decode", "unknown option, or one without its argument");
}

static int parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{ "psk-file", required_argument, NULL, 'k' },
		{ "peer", required_argument, NULL, 'p' },
		{ "config", required_argument, NULL, 'c' },
		{ "show-keys", no_argument, NULL, 's' },
		{ "format", required_argument, NULL, 'f' },
		{ "port", required_argument, NULL, 'P' },
		{ NULL, 0, NULL, 0 }
	};
	int option, ret;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		ret = take_option(args, option);
		if (ret)
			return ret;
	}
	if (args->peer && args->psk_file)
		return report_usage("decode", "--peer and --psk-file exclude each other");
	if (argc - optind > 1)
		return report_usage("decode", "decode takes one file");
	if (optind < argc)
		args->file = argv[optind];
	return 0;
}

static int run_decode(int argc, char **argv)
{
	struct arguments args = {
		.config = CONFIG_FILE, .port = UDP_MIKEY_PORT, .file = "-",
	};
	struct decoder decoder = { 0 };
	int ret = parse(argc, argv, &args);

	if (ret)
		return ret;
	secret_heap();
	decoder.show_keys = args.show_keys;
	decoder.crypto = mikey_crypto_new(NULL, NULL);
	if (!decoder.crypto)
		return report_errno(ENOMEM, "decode");
	accept_all(&decoder);
	ret = decode_with_keys(&decoder, &args);
	mikey_crypto_free(decoder.crypto);
	return ret;
}

const struct command command_decode = {
	.name = "decode",
	.run = run_decode,
	.usage = "[FILE|-] [--psk-file FILE | --peer NAME [--config FILE]] [--show-keys]\n"
		 "       [--format NAME] [--port N]",
	.summary = "prints MIKEY messages",
	.help =
"Reads FILE, or standard input, and prints every message in it. The input may be\n"
"a message in base64, hexadecimal or raw octets, an SDP document (a=key-mgmt),\n"
"an RTSP message (KeyMgmt header), or a capture (UDP port 2269).\n"
"\n"
"  --psk-file FILE  verify and decrypt with the pre-shared key in FILE\n"
"  --peer NAME      the same with the keys, certificates and policy of a\n"
"                   configured peer\n"
"  --config FILE    instead of " CONFIG_FILE "\n"
"  --show-keys      print keys; otherwise only their lengths\n"
"  --format NAME    pcap, sdp, rtsp, hex, base64 or raw, instead of guessing\n"
"  --port N         UDP port of MIKEY in captures (2269)\n"
"\n"
"What was wrong first, if anything was, is told with its octet, and gives the\n"
"exit status: 2 malformed, 3 not authentic, 4 refused by policy, 6 unsupported.\n",
};
