// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper check-config: would the daemon take this configuration?
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "command.h"
#include "config.h"
#include "output.h"
#include "report.h"

static void print_json(const struct config *config)
{
	struct json_object *top = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *groups = json_object_new_array();
	const struct group *group;
	const struct peer *peer;

	json_object_object_add(top, "config", json_object_new_string(config->path));
	for (peer = config->peers; peer; peer = peer->next)
		json_object_array_add(list, json_object_new_string(peer->name));
	for (group = config->groups; group; group = group->next)
		json_object_array_add(groups, json_object_new_string(group->common.name));
	json_object_object_add(top, "peers", list);
	json_object_object_add(top, "groups", groups);
	output_json_line(top);
}

static void print(const struct config *config)
{
	const struct group *group;
	const struct peer *peer;
	unsigned int n = 0, m = 0;

	for (peer = config->peers; peer; peer = peer->next)
		n++;
	for (group = config->groups; group; group = group->next)
		m++;
	if (report_json)
		print_json(config);
	else if (m)
		printf("%s: ok, %u peer%s, %u group%s\n", config->path, n, n == 1 ? "" : "s", m,
		       m == 1 ? "" : "s");
	else
		printf("%s: ok, %u peer%s\n", config->path, n, n == 1 ? "" : "s");
}

/* The exit status is that of the first mistake */
static void tell(void *arg, const struct failure *mistake)
{
	struct failure *first = arg;

	failure_report(mistake);
	if (!first->code)
		*first = *mistake;
}

/**
 * struct files - the files that a configuration names
 * @config: configuration
 * @first: the first mistake
 * @last: what was told last
 */
struct files {
	const struct config *config;
	struct failure *first;
	struct failure last;
};

/* A file that several peers need is told once */
static void tell_file(struct files *files, const struct peer *peer, const struct failure *why)
{
	struct failure placed;

	if (!strcmp(why->text, files->last.text))
		return;
	failure_set(&placed, why->code, why->reason, "%s:%d: peer %s: %s", files->config->path,
		    peer->line, peer->name, why->text);
	tell(files->first, &placed);
	files->last = *why;
}

static void check_keys(struct config *config, struct failure *first)
{
	struct files files = { .config = config, .first = first };
	struct failure failure;
	struct peer *peer;

	for (peer = config->peers; peer; peer = peer->next) {
		if (config_read_psk(peer, &failure))
			tell_file(&files, peer, &failure);
		if (config_read_certs(config, peer, &failure))
			tell_file(&files, peer, &failure);
	}
}

static int check(const char *path)
{
	struct failure first = { .code = MIKEY_EXIT_OK };
	struct config *config;

	if (!config_read(path, &config, tell, &first))
		check_keys(config, &first);
	if (!first.code)
		print(config);
	config_put(config);
	return first.code ? (int)first.code : output_flush();
}

static int run_check_config(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 }
	};
	const char *path = CONFIG_FILE;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'c')
			return report_usage("check-config",
					    "unknown option, or one without its argument");
		path = optarg;
	}
	if (optind != argc)
		return report_usage("check-config", "check-config takes no argument");
	return check(path);
}

const struct command command_check_config = {
	.name = "check-config",
	.run = run_check_config,
	.usage = "[--config FILE]",
	.summary = "tells whether the configuration and its key files are good",
	.help =
"Reads what the daemon would read, and says all that is wrong with file and line.\n"
"\n"
"  --config FILE  instead of " CONFIG_FILE "\n",
};
