// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper call: an exchange with a peer. The daemon does it if one runs,
 * because it owns the bundles; otherwise this process does, with the same
 * code, and the state directory sees to it that no T is used twice.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "client.h"
#include "command.h"
#include "fetch.h"
#include "order.h"
#include "output.h"
#include "report.h"
#include "secret.h"

struct arguments {
	const char *config;
	const char *control;
	struct order order;
};

/**
 * struct lone - an exchange without a daemon
 * @base: event loop
 * @exchange: running, or NULL
 * @answer: its result, or NULL if it was interrupted
 */
struct lone {
	struct event_base *base;
	struct exchange *exchange;
	struct json_object *answer;
};

static bool parse_number(const char *text, unsigned long max, unsigned long *number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoul(text, &end, 0);
	return !errno && !*end && *number > 0 && *number <= max;
}

static int take_option(struct arguments *args, int option)
{
	struct order *order = &args->order;
	unsigned long number;

	switch (option) {
	case 'c':
		args->config = optarg;
		return 0;
	case 'C':
		args->control = optarg;
		return 0;
	case 'n':
		order->session_name = optarg;
		return 0;
	case 's':
		if (!parse_number(optarg, UINT32_MAX, &number))
			return report_usage("call", "'%s' is no SSRC", optarg);
		order->has_ssrc = true;
		order->ssrc = number;
		return 0;
	case 't':
		if (!parse_number(optarg, EXCHANGE_TIMEOUT_MAX, &number))
			return report_usage("call", "'%s' is no number of seconds up to %d", optarg,
					    EXCHANGE_TIMEOUT_MAX);
		order->timeout = number;
		return 0;
	case 'V':
		order->no_verify = true;
		return 0;
	}
	return report_usage("call", "unknown option, or one without its argument");
}

static int parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "control", required_argument, NULL, 'C' },
		{ "session-name", required_argument, NULL, 'n' },
		{ "ssrc", required_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ "no-verify", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	int option, ret;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		ret = take_option(args, option);
		if (ret)
			return ret;
	}
	if (argc - optind != 1)
		return report_usage("call", "call takes one peer, or one group");
	args->order.peer = argv[optind];
	return 0;
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct lone *lone = arg;

	(void)number;
	(void)what;
	event_base_loopbreak(lone->base);
}

static void on_done(void *arg, const struct exchange_request *request,
		    const struct exchange_result *result, struct mikey_csb **csb)
{
	struct lone *lone = arg;

	(void)csb;
	lone->exchange = NULL;
	lone->answer = exchange_json(result, request);
	event_base_loopbreak(lone->base);
}

/* An interrupted call leaves nothing in the kernel. */
static int run_loop(struct lone *lone, struct failure *failure)
{
	struct event *interrupt = evsignal_new(lone->base, SIGINT, on_signal, lone);
	struct event *terminate = evsignal_new(lone->base, SIGTERM, on_signal, lone);

	event_add(interrupt, NULL);
	event_add(terminate, NULL);
	event_base_dispatch(lone->base);
	event_free(interrupt);
	event_free(terminate);
	exchange_cancel(lone->exchange);
	if (lone->answer)
		return 0;
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "interrupted", "the call was interrupted");
}

static int exchange_alone(const struct exchange_request *request, struct state *state,
			  struct mikey_crypto *crypto, struct json_object **answer,
			  struct failure *failure)
{
	struct lone lone = { .base = event_base_new() };
	struct exchange_env env = {
		.base = lone.base,
		.mikey = { .crypto = crypto, .random = mikey_random_openssl },
		.state = state,
	};
	struct fetch *fetch = NULL;
	int ret;

	if (!lone.base || !crypto) {
		ret = failure_errno(failure, ENOMEM, "call");
	} else {
		ret = request->peer->cert_urls ?
			      fetch_new(lone.base, request->config, NULL, &fetch, failure) : 0;
		if (!ret)
			ret = exchange_start(&env, request, on_done, &lone, &lone.exchange,
					     failure);
		if (!ret)
			ret = run_loop(&lone, failure);
	}
	*answer = lone.answer;
	fetch_free(fetch);
	if (lone.base)
		event_base_free(lone.base);
	return ret;
}

static int call_with(struct config *config, const struct order *order,
		     struct json_object **answer, struct failure *failure)
{
	struct exchange_request request;
	struct mikey_crypto *crypto;
	struct state *state;
	int ret;

	if (order_request(order, config, geteuid(), &request, failure) ||
	    config_read_keys(config, request.peer, failure) ||
	    state_open(config->state, &state, failure))
		return -1;
	crypto = mikey_crypto_new(NULL, NULL);
	ret = exchange_alone(&request, state, crypto, answer, failure);
	mikey_crypto_free(crypto);
	state_close(state);
	return ret;
}

/* The configuration is needed for its control socket, or to do it ourselves. */
static int call(const struct arguments *args, struct json_object **answer,
		struct failure *failure)
{
	struct config *config = NULL;
	struct failure no_config = { 0 };
	struct json_object *order = order_json(&args->order);
	const char *control = args->control;
	enum client_result asked;
	int ret = -1;

	config_load(args->config, &config, &no_config);
	if (!control)
		control = config ? config->control : CONFIG_CONTROL;
	asked = client_ask(control, order, answer, failure);
	json_object_put(order);
	if (asked == CLIENT_DONE)
		ret = 0;
	else if (asked == CLIENT_NO_DAEMON && config)
		ret = call_with(config, &args->order, answer, failure);
	else if (asked == CLIENT_NO_DAEMON)
		*failure = no_config;
	config_put(config);
	return ret;
}

static const char *member(struct json_object *object, const char *name)
{
	return json_object_get_string(json_object_object_get(object, name));
}

/* What became of each member, where a group was called. */
static void print_members(struct json_object *answer)
{
	struct json_object *list = json_object_object_get(answer, "members"), *one, *error;
	size_t i, n = list ? json_object_array_length(list) : 0;

	for (i = 0; i < n; i++) {
		one = json_object_array_get_idx(list, i);
		error = json_object_object_get(one, "error");
		if (error)
			note("member %s: %s (%s)", member(one, "peer"), member(error, "message"),
			     member(error, "reason"));
	}
}

static int print_error(struct json_object *answer, struct json_object *error)
{
	int code = json_object_get_int(json_object_object_get(error, "exit"));

	note("%s (%s)", member(error, "message"), member(error, "reason"));
	print_members(error);
	if (report_json)
		output_json_line(json_object_get(answer));
	return code > 0 && code < 256 ? code : MIKEY_EXIT_SYSTEM;
}

static int print_group(struct json_object *answer)
{
	struct json_object *list = json_object_object_get(answer, "members"), *one;
	size_t i, n = json_object_array_length(list), joined = 0;

	for (i = 0; i < n; i++) {
		one = json_object_array_get_idx(list, i);
		joined += json_object_get_boolean(json_object_object_get(one, "joined"));
	}
	print_members(answer);
	if (report_json)
		output_json_line(json_object_get(answer));
	else
		printf("session %s: group %s, %zu of %zu members, %s\n",
		       member(answer, "session"), member(answer, "group"), joined, n,
		       member(answer, "suite"));
	return output_flush();
}

static int print_session(struct json_object *answer)
{
	bool verified = json_object_get_boolean(json_object_object_get(answer, "verified"));

	if (report_json)
		output_json_line(json_object_get(answer));
	else
		printf("session %s: peer %s (%s, %s), %s, tx ssrc %s, rx ssrc %s\n",
		       member(answer, "session"), member(answer, "peer"),
		       member(answer, "peer_identity"), verified ? "verified" : "not verified",
		       member(answer, "suite"), member(answer, "tx_ssrc"),
		       member(answer, "rx_ssrc"));
	return output_flush();
}

static int run_call(int argc, char **argv)
{
	struct arguments args = { .config = CONFIG_FILE };
	struct json_object *answer = NULL, *error;
	struct failure failure = { 0 };
	int ret = parse(argc, argv, &args);

	if (ret)
		return ret;
	secret_heap();
	if (call(&args, &answer, &failure))
		return failure_report(&failure);
	error = json_object_object_get(answer, "error");
	if (error)
		ret = print_error(answer, error);
	else if (json_object_object_get(answer, "group"))
		ret = print_group(answer);
	else
		ret = print_session(answer);
	json_object_put(answer);
	return ret;
}

const struct command command_call = {
	.name = "call",
	.run = run_call,
	.usage = "PEER|GROUP [--session-name NAME] [--ssrc N] [--timeout SECONDS] [--no-verify]\n"
		 "       [--config FILE] [--control PATH]",
	.summary = "agrees on keys with a peer and makes a session of them",
	.help =
"PEER is the name of a section [peer NAME] of the configuration. The message\n"
"goes to its address by UDP, and again after 1, 2, 4 ... seconds, until the peer\n"
"has proved that it knows the key. Then the session stands in the kernel, and\n"
"its number is printed. If anything goes wrong nothing is left behind.\n"
"\n"
"  --session-name NAME  name of the session, instead of the configured one\n"
"  --ssrc N             SSRC that this host sends with; otherwise any\n"
"  --timeout SECONDS    how long to wait for an answer (15)\n"
"  --no-verify          do not ask for an answer: the session stands at once\n"
"                       and nobody has proved anything\n"
"  --config FILE        instead of " CONFIG_FILE "\n"
"  --control PATH       control socket of the daemon\n"
"\n"
"GROUP is the name of a section [group NAME]: each of its members gets a message\n"
"of its own with the same keys, and all are one session here. A member that does\n"
"not answer stops nobody else; the same call later asks those again that are\n"
"missing. It needs a daemon, and takes --session-name and --timeout only.\n"
"\n"
"If a daemon (mikey-helper listen) runs, it makes the call; root and the owner\n"
"of the peer may ask for it. Otherwise this process makes it, which needs\n"
"CAP_NET_ADMIN and the state directory.\n",
};
