// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper run: a program whose UDP sockets are attached from the start.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include "child.h"
#include "command.h"
#include "fields.h"
#include "number.h"
#include "report.h"

#define DNS_PORT 53

/* Until the last process that has the filter is gone. */
static int supervise(struct child *child)
{
	struct pollfd fds[] = {
		{ .fd = child->sup->notify, .events = POLLIN },
		{ .fd = child->signals, .events = POLLIN },
	};

	while (!child_done(child)) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents)
			child_on_notify(child, fds[0].revents & POLLIN);
		if (child->unfiltered)
			fds[0].fd = -1;
		if ((fds[1].revents & POLLIN) && !child_on_signal(child))
			break;
	}
	return child_status(child);
}

static int run_child(struct supervisor *sup, char **argv)
{
	struct child child;
	int code = child_start(&child, sup, argv);

	if (!code)
		code = supervise(&child);
	child_end(&child);
	return code;
}

static int check_session(struct supervisor *sup, uint32_t id)
{
	struct kernel_session session;
	int err = kernel_session_get(sup->kernel, id, &session);

	return err ? kernel_report(sup->kernel, err, "session %u", id) : 0;
}

static int check_sessions(struct supervisor *sup)
{
	int code = check_session(sup, sup->session);

	if (!code && sup->rtcp_session)
		code = check_session(sup, sup->rtcp_session);
	return code;
}

static const struct option options[] = {
	{ "session", required_argument, NULL, 's' },
	{ "rtcp-session", required_argument, NULL, 'c' },
	{ "role", required_argument, NULL, 'r' },
	{ "clear-port", required_argument, NULL, 'p' },
	{ NULL, 0, NULL, 0 },
};

static bool take_clear(struct supervisor *sup)
{
	if (!strcmp(optarg, "none")) {
		sup->clear = (struct ports){ 0 };
		return true;
	}
	return ports_parse(&sup->clear, optarg);
}

static bool take_option(int opt, struct supervisor *sup, unsigned int *role)
{
	switch (opt) {
	case 's':
		return number_parse(optarg, 1, SESSION_ID_MAX, &sup->session);
	case 'c':
		return number_parse(optarg, 1, SESSION_ID_MAX, &sup->rtcp_session);
	case 'r':
		return field_value(&role_words, optarg, role);
	case 'p':
		return take_clear(sup);
	default:
		return false;
	}
}

static int parse(int argc, char **argv, struct supervisor *sup)
{
	unsigned int role = 0;
	int opt;

	ports_add(&sup->clear, DNS_PORT);
	while ((opt = getopt_long(argc, argv, "+", options, NULL)) != -1)
		if (!take_option(opt, sup, &role))
			return report_usage("run", "'%s' is no option, or not with this value",
					    argv[optind - 1]);
	if (optind >= argc || strcmp(argv[optind - 1], "--"))
		return report_usage("run", "the command to run comes last, behind a --");
	if (!sup->session)
		return report_usage("run", "--session is missing");
	if (sup->rtcp_session == sup->session)
		return report_usage("run", "--rtcp-session is the same as --session");
	if (sup->rtcp_session && role)
		return report_usage("run", "--role and --rtcp-session exclude each other");
	sup->role = role ? (enum srtp_role)role :
		    sup->rtcp_session ? SRTP_ROLE_RTP : SRTP_ROLE_MUX;
	return 0;
}

static int run(int argc, char **argv)
{
	static struct supervisor sup;
	int code;

	code = parse(argc, argv, &sup);
	if (!code)
		code = kernel_connect(&sup.kernel);
	if (code)
		return code;
	code = check_sessions(&sup);
	if (!code)
		code = run_child(&sup, argv + optind);
	kernel_close(sup.kernel);
	return code;
}

const struct command command_run = {
	.name = "run",
	.run = run,
	.usage = "--session SESSION [--rtcp-session SESSION | --role rtp|rtcp|mux] [--clear-port PORTS] -- COMMAND [ARGUMENTS]",
	.summary = "starts a program whose UDP sockets are attached to a session from the start",
	.help =
"The program needs no change. Every UDP socket that it or a child of it makes is\n"
"attached before the program gets it. If that is not possible (no such session,\n"
"somebody else's), the program's socket(2) fails: nothing is sent in clear.\n"
"\n"
"  --session N       the session of all sockets\n"
"  --role R          what a socket carries: mux, both RTP and RTCP, told apart\n"
"                    packet by packet (default), or only rtp or rtcp\n"
"  --rtcp-session N  RTCP has a session of its own: a socket belongs to it if it\n"
"                    sends to an odd port, or is bound to one and has no peer\n"
"  --clear-port L    sockets that the program binds to one of these ports, or that\n"
"                    it has not bound and sends to one of these ports from, stay\n"
"                    in clear: e.g. 53,123,5353 or 6000-6099; may be repeated.\n"
"                    53 (DNS) is in the list unless it begins anew with none.\n"
"                    With none alone the program's packets cost nothing more.\n"
"\n"
"Other protocols than UDP are not touched, except that UDP-Lite and io_uring are\n"
"refused. Programs of another architecture (32 bit) are ended. The program runs\n"
"with no_new_privs, so setuid programs gain nothing. It cannot get sockets in\n"
"other network namespaces. Sockets that other processes hand to it by\n"
"SCM_RIGHTS are attached only when they name a port and some port is in the\n"
"list.\n"
"\n"
"The exit status is that of the program, 128 + N if signal N ended it, 127 if\n"
"there is no such program. Signals are passed on. Needs to own the session, or\n"
"CAP_NET_ADMIN.\n",
};
