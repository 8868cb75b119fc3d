// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper daemon, or listen: one process in the foreground.
 */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include "command.h"
#include "daemon.h"
#include "kernel.h"
#include "privileges.h"
#include "report.h"
#include "sandbox.h"
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
	if (privileges_drop(&failure) || sandbox_enter(&failure))
		ret = failure_report(&failure);
	else
		ret = daemon_run(daemon);
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
	if (config_read_keys(config, NULL, &failure))
		ret = failure_report(&failure);
	else
		ret = check_kernel();
	if (!ret)
		ret = serve(config);
	config_put(config);
	return ret;
}

static int run_daemon(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 }
	};
	const char *path = CONFIG_FILE;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'c')
			return report_usage(argv[0],
					    "unknown option, or one without its argument");
		path = optarg;
	}
	if (optind != argc)
		return report_usage(argv[0], "%s takes no argument", argv[0]);
	secret_heap();
	return load_and_serve(path);
}

static const char help[] =
"Takes the calls of the peers of the configuration on UDP port 2269, installs\n"
"their sessions in the kernel, makes the calls of `mikey-helper call`, and owns\n"
"what is between `offer` and `accept`. It renews the keys of its calls before\n"
"the kernel stops using them. One line of standard output tells each event; the\n"
"one that says \"listening\" tells that it is ready. A service manager is told as\n"
"well (sd_notify(3)).\n"
"\n"
"  --config FILE  instead of " CONFIG_FILE "\n"
"\n"
"SIGHUP reads the configuration again; if it has a mistake the old one stays in\n"
"force. SIGTERM and SIGINT end the daemon. Sessions stay in the kernel however\n"
"it ends, and calls go on; unanswered calls of its own are given up. A service\n"
"manager keeps what the next daemon needs to renew their keys, in memory.\n"
"\n"
"It needs CAP_NET_ADMIN, keeps no other privilege, and forbids itself the system\n"
"calls that it does not need. The state directory must stay: without it a\n"
"recorded call could be replayed.\n";

const struct command command_daemon = {
	.name = "daemon",
	.run = run_daemon,
	.usage = "[--config FILE]",
	.summary = "answers peers, calls them for local users, renews keys",
	.help = help,
};

const struct command command_listen = {
	.name = "listen",
	.run = run_daemon,
	.usage = "[--config FILE]",
	.summary = "the daemon, by its other name",
	.help = help,
};
