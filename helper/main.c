// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper: keys the kernel's SRTP sockets with MIKEY (RFC 3830).
 *
 * This file finds the command; every command is a file of its own.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "command.h"
#include "output.h"
#include "report.h"
#include "secret.h"

#ifndef VERSION
#error "VERSION comes from the Makefile"
#endif

static int run_help(int argc, char **argv);
static int run_version(int argc, char **argv);

static const struct command command_help = {
	.name = "help",
	.run = run_help,
	.usage = "[COMMAND]",
	.summary = "explains the commands, or one of them",
};

static const struct command command_version = {
	.name = "version",
	.run = run_version,
	.usage = "",
	.summary = "prints the version",
};

/* In the order in which help prints them; the first one is the default. */
static const struct command *const commands[] = {
	&command_show,
	&command_monitor,
	&command_load,
	&command_unload,
	&command_attach,
	&command_detach,
	&command_run,
	&command_daemon,
	&command_listen,
	&command_call,
	&command_rekey,
	&command_offer,
	&command_answer,
	&command_accept,
	&command_decode,
	&command_genpsk,
	&command_check_config,
	&command_help,
	&command_version,
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < N_COMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static void print_commands(void)
{
	size_t i;

	printf("usage: mikey-helper [--json] [COMMAND [ARGUMENTS]]\n\n");
	for (i = 0; i < N_COMMANDS; i++)
		printf("  %-12s %s\n", commands[i]->name, commands[i]->summary);
	printf("\nWithout a command: %s. With --json results and errors are JSON objects.\n"
	       "mikey-helper help COMMAND explains one.\n"
	       "\n"
	       "Exit status: 0 ok, 1 usage, 2 malformed input, 3 authentication failed,\n"
	       "4 refused by policy, 5 replay or clock skew, 6 unsupported, 7 kernel or system,\n"
	       "8 the peer reported an error, 9 no answer.\n", commands[0]->name);
}

static void print_command(const struct command *command)
{
	printf("usage: mikey-helper %s%s%s\n\n%s: %s.\n", command->name,
	       *command->usage ? " " : "", command->usage, command->name, command->summary);
	if (command->help)
		printf("\n%s", command->help);
}

static int run_help(int argc, char **argv)
{
	const struct command *command;

	if (argc > 2)
		return report_usage(NULL, "help takes one command");
	if (argc < 2) {
		print_commands();
		return output_flush();
	}
	command = find(argv[1]);
	if (!command)
		return report_usage(NULL, "there is no command '%s'", argv[1]);
	print_command(command);
	return output_flush();
}

static int run_version(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return report_usage(NULL, "version takes no argument");
	if (report_json) {
		struct json_object *top = json_object_new_object();

		json_object_object_add(top, "version", json_object_new_string(VERSION));
		output_json_line(top);
	} else {
		printf("mikey-helper %s\n", VERSION);
	}
	return output_flush();
}

/* --json may stand anywhere before a "--", behind which another program's arguments are. */
static int take_json(int argc, char **argv)
{
	int in, out = 1;

	for (in = 1; in < argc && strcmp(argv[in], "--"); in++) {
		if (!strcmp(argv[in], "--json"))
			report_json = true;
		else
			argv[out++] = argv[in];
	}
	while (in < argc)
		argv[out++] = argv[in++];
	argv[out] = NULL;
	return out;
}

static bool wants_help(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

static int run(const struct command *command, int argc, char **argv)
{
	if (wants_help(argc, argv)) {
		print_command(command);
		return output_flush();
	}
	optind = 0;
	opterr = 0;
	return command->run(argc, argv);
}

int main(int argc, char **argv)
{
	static char *default_argv[2];
	const struct command *command;

	secret_process();
	argc = take_json(argc, argv);
	if (argc < 2) {
		default_argv[0] = (char *)commands[0]->name;
		return run(commands[0], 1, default_argv);
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return run_help(1, argv);
	if (!strcmp(argv[1], "--version"))
		return run_version(1, argv);
	command = find(argv[1]);
	if (!command)
		return report_usage(NULL, "there is no command '%s'", argv[1]);
	return run(command, argc - 1, argv + 1);
}
