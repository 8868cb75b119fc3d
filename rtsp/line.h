/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command lines of mikey-rtsp and of mikey-rtsp serve.
 */
#ifndef RTSP_LINE_H
#define RTSP_LINE_H

#include <getopt.h>
#include "shared.h"

/**
 * struct line_text - an option whose value is taken as it is, unless it is empty
 * @option: its letter, 0 ends a list
 * @to: where it goes
 */
struct line_text {
	int option;
	const char **to;
};

/**
 * struct line - a command line: options, WHAT, "--", and a command
 * @what: as an error calls it
 * @names: options, besides those of all command lines; a row of zeros ends them
 * @texts: those of them that are texts
 * @take: takes one of the others; is its value good?
 * @arg: for @take
 */
struct line {
	const char *what;
	const struct option *names;
	const struct line_text *texts;
	bool (*take)(void *arg, int option);
	void *arg;
};

/**
 * line_read - read one
 * @argc: as that of main()
 * @argv: as that of main(); afterwards WHAT is argv[optind]
 * @line: what may be there
 * @shared: filled, and has what holds where nothing is said
 * Return: 0, or an exit status of which a line was said.
 */
int line_read(int argc, char **argv, const struct line *line, struct shared *shared);

#endif
