/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of mikey-helper.
 */
#ifndef HELPER_COMMAND_H
#define HELPER_COMMAND_H

#include <stdbool.h>

/**
 * struct command - one command
 * @name: the word on the command line
 * @run: does it; argv[0] is the command's name, the return value is the exit
 *	code. getopt_long() is ready to use (optind is 0, so that it starts
 *	anew); --json has been taken out of argv, also behind the command.
 * @usage: the arguments, for "usage: mikey-helper NAME USAGE"
 * @summary: what it does, one line without full stop
 * @help: the rest of its help, lines that end with a newline, or NULL
 */
struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;
	const char *summary;
	const char *help;
};

/* Each is defined in the file of its name. */
extern const struct command command_show;
extern const struct command command_monitor;
extern const struct command command_load;
extern const struct command command_unload;
extern const struct command command_attach;
extern const struct command command_detach;
extern const struct command command_run;
extern const struct command command_genpsk;
extern const struct command command_daemon;
extern const struct command command_listen;
extern const struct command command_call;
extern const struct command command_rekey;
extern const struct command command_offer;
extern const struct command command_answer;
extern const struct command command_accept;
extern const struct command command_decode;
extern const struct command command_check_config;

#endif
