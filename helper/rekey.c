// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper rekey: new keys for a call by UDP that stands (RFC 3830 4.5).
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include "client.h"
#include "command.h"
#include "config.h"
#include "order.h"
#include "output.h"
#include "report.h"

struct arguments {
	const char *config;
	const char *control;
	unsigned long session;
};

static bool parse_session(const char *text, unsigned long *session)
{
	char *end;

	errno = 0;
	*session = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !errno && !*end && *session > 0 &&
	       *session <= UINT32_MAX;
}

static int parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "control", required_argument, NULL, 'C' },
		{ NULL, 0, NULL, 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c')
			args->config = optarg;
		else if (option == 'C')
			args->control = optarg;
		else
			return report_usage("rekey", "unknown option, or one without its argument");
	}
	if (argc - optind != 1 || !parse_session(argv[optind], &args->session))
		return report_usage("rekey", "rekey takes the number of a session");
	return 0;
}

static int ask(const struct arguments *args, struct json_object **answer,
	       struct failure *failure)
{
	struct json_object *order = order_begin("rekey");
	const char *control = args->control;
	struct config *config = NULL;
	enum client_result result;

	json_object_object_add(order, "session", json_object_new_int64(args->session));
	if (!control && !config_load(args->config, &config, failure))
		control = config->control;
	result = client_ask(control ? control : CONFIG_CONTROL, order, answer, failure);
	json_object_put(order);
	config_put(config);
	if (result == CLIENT_NO_DAEMON)
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-daemon",
				   "no daemon answers; only the one that made a call renews its "
				   "keys");
	return result == CLIENT_DONE ? 0 : -1;
}

static const char *member(struct json_object *object, const char *name)
{
	return json_object_get_string(json_object_object_get(object, name));
}

static int print(struct json_object *answer)
{
	struct json_object *error = json_object_object_get(answer, "error");
	int code = error ? json_object_get_int(json_object_object_get(error, "exit")) : 0;

	if (report_json)
		output_json_line(json_object_get(answer));
	if (error)
		note("%s (%s)", member(error, "message"), member(error, "reason"));
	else if (!report_json)
		printf("session %s: new keys\n", member(answer, "session"));
	if (!error)
		return output_flush();
	return code > 0 && code < 256 ? code : MIKEY_EXIT_SYSTEM;
}

static int run_rekey(int argc, char **argv)
{
	struct arguments args = { .config = CONFIG_FILE };
	struct json_object *answer = NULL;
	struct failure failure;
	int ret = parse(argc, argv, &args);

	if (ret)
		return ret;
	if (ask(&args, &answer, &failure))
		return failure_report(&failure);
	ret = print(answer);
	json_object_put(answer);
	return ret;
}

const struct command command_rekey = {
	.name = "rekey",
	.run = run_rekey,
	.usage = "SESSION [--config FILE] [--control PATH]",
	.summary = "gives a call new keys while it goes on",
	.help =
"SESSION is the number of a session that this host made with `call`, through the\n"
"daemon. Both ends receive with the new keys before either sends with them, and\n"
"no packet is lost. The daemon does the same by itself when a key is due\n"
"(rekey-packets, rekey-seconds in the configuration, and the kernel's limits).\n"
"\n"
"  --config FILE   where the control socket is configured\n"
"  --control PATH  control socket of the daemon\n"
"\n"
"Only the host that called renews the keys. Keys of a call by `offer` need a new\n"
"offer.\n",
};
