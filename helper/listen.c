// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper listen: the daemon in the foreground.
 */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include "command.h"
#include "daemon.h"
#include "kernel.h"
#include "privileges.h"
#include "report.h"
#include "secret.h"

/* Without the module every call would fail: better to fail now. */
static int check_kernel(void)
{
	struct kernel *kernel;
	int ret = kernel_connect(&kernel);

	kernel_close(kernel);
	return ret;
}

static int serve(struct config *config)
{
	struct daemon *daemon = NULL;
	struct failure failure;
	int ret;

	if (daemon_new(config, &daemon, &failure))
		return failure_report(&failure);
	ret = privileges_drop(&failure) ? failure_report(&failure) : daemon_run(daemon);
	daemon_free(daemon);
	return ret;
}

static int load_and_serve(const char *path)
{
	struct config *config;
	struct failure failure;
	int ret;

	if (config_load(path, &config, &failure))
		return failure_report(&failure);
	if (config_read_psks(config, NULL, &failure))
		ret = failure_report(&failure);
	else
		ret = check_kernel();
	if (!ret)
		ret = serve(config);
	config_put(config);
	return ret;
}

static int run_listen(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 }
	};
	const char *path = CONFIG_FILE;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'c')
			return report_usage("listen",
					    "unknown option, or one without its argument");
		path = optarg;
	}
	if (optind != argc)
		return report_usage("listen", "listen takes no argument");
	secret_heap();
	return load_and_serve(path);
}

const struct command command_listen = {
	.name = "listen",
	.run = run_listen,
	.usage = "[--config FILE]",
	.summary = "answers peers, and calls them for local users",
	.help =
"The daemon in the foreground. It takes the calls of the peers of the\n"
"configuration on UDP port 2269, installs their sessions in the kernel, and\n"
"makes the calls of `mikey-helper call`. One line of standard output tells each\n"
"event; the first one is \"listening\".\n"
"\n"
"  --config FILE  instead of " CONFIG_FILE "\n"
"\n"
"SIGHUP reads the configuration again; if it has a mistake the old one stays in\n"
"force. SIGTERM and SIGINT end the daemon. Sessions stay in the kernel however\n"
"it ends, and calls go on; unanswered calls of its own are given up.\n"
"\n"
"It needs CAP_NET_ADMIN, and keeps no other privilege. The state directory must\n"
"stay: without it a recorded call could be replayed.\n",
};
