// SPDX-License-Identifier: GPL-2.0
/*
 * What the command lines of playing a camera and of being one have in common.
 */
#include <string.h>
#include "line.h"
#include "number.h"
#include "report.h"

#define DNS_PORT 53
#define TIMEOUT_MAX 3600
/* Rows of a table, the last one of zeros included. */
#define NAMES_MAX 32

static const struct option shared_names[] = {
	{ "timeout", required_argument, NULL, 't' },
	{ "port", required_argument, NULL, 'o' },
	{ "clear-port", required_argument, NULL, 'l' },
	{ "peer", required_argument, NULL, 'p' },
	{ "config", required_argument, NULL, 'c' },
	{ "control", required_argument, NULL, 'C' },
	{ NULL, 0, NULL, 0 },
};

static bool take_text(const char **text)
{
	*text = optarg;
	return *optarg;
}

static bool take_clear(struct shared *shared)
{
	if (strcmp(optarg, "none"))
		return ports_parse(&shared->clear, optarg);
	shared->clear = (struct ports){ 0 };
	return true;
}

static bool take_shared(struct shared *shared, int option)
{
	switch (option) {
	case 't':
		return number_parse(optarg, 1, TIMEOUT_MAX, &shared->timeout);
	case 'o':
		return number_parse(optarg, 1024, UINT16_MAX - 1, &shared->first_port);
	case 'l':
		return take_clear(shared);
	case 'p':
		return take_text(&shared->reach.peer);
	case 'c':
		return take_text(&shared->reach.config);
	case 'C':
		return take_text(&shared->reach.option);
	}
	return false;
}

static bool take_own(const struct line *line, int option)
{
	for (const struct line_text *text = line->texts; text->option; text++)
		if (text->option == option)
			return take_text(text->to);
	return line->take(line->arg, option);
}

static bool is_shared(int option)
{
	for (const struct option *name = shared_names; name->name; name++)
		if (name->val == option)
			return true;
	return false;
}

static struct option *add_names(struct option *to, const struct option *names)
{
	while (names->name)
		*to++ = *names++;
	return to;
}

int line_read(int argc, char **argv, const struct line *line, struct shared *shared)
{
	struct option names[NAMES_MAX] = { 0 };
	int option;

	add_names(add_names(names, shared_names), line->names);
	ports_add(&shared->clear, DNS_PORT);
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+", names, NULL)) != -1)
		if (is_shared(option) ? !take_shared(shared, option) : !take_own(line, option))
			return report_usage(NULL, "'%s' is no option, or not with this value",
					    argv[optind - 1]);
	if (argc - optind < 3 || strcmp(argv[optind + 1], "--"))
		return report_usage(NULL, "the %s, a -- and the command to run come last",
				    line->what);
	shared->argv = argv + optind + 2;
	return 0;
}
