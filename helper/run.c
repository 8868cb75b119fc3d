// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper run: a program whose UDP sockets are attached from the start.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "command.h"
#include "fields.h"
#include "number.h"
#include "report.h"
#include "supervise.h"
#include "tracee.h"

#define DNS_PORT 53

/* What a shell says of a program that it cannot run. */
#define EXIT_NO_EXEC 126
#define EXIT_NO_COMMAND 127

/**
 * struct child - the program
 * @pid: its process
 * @channel: this end of the socket pair that its process has until it runs the
 *	program
 * @status: of waitpid(), once @gone
 * @gone: it has ended; other processes of it may go on
 */
struct child {
	pid_t pid;
	int channel;
	int status;
	bool gone;
};

static const int forwarded[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };

static void signals_of(sigset_t *set)
{
	size_t i;

	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	for (i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		sigaddset(set, forwarded[i]);
}

/**
 * enum step - what the child tells through the channel, with an errno
 * @STEP_FILTER: the filter could not be loaded
 * @STEP_NOTIFY: the filter is loaded; the number is that of its descriptor
 * @STEP_EXEC: the program could not be run
 */
enum step {
	STEP_FILTER,
	STEP_NOTIFY,
	STEP_EXEC,
};

struct news {
	enum step step;
	int number;
};

/* Not sendmsg() or send(): they may stop in the filter, and nobody would answer yet. */
static void tell(int channel, enum step step, int number)
{
	struct news news = { step, number };

	if (write(channel, &news, sizeof(news)) < 0)
		_exit(EXIT_NO_EXEC);
}

/* The parent takes the filter's descriptor itself, as handing it over would take a sendmsg(). */
static void become(scmp_filter_ctx filter, int channel, const sigset_t *mask, char **argv)
{
	int err;
	char go;

	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	err = seccomp_load(filter);
	if (err) {
		tell(channel, STEP_FILTER, -err);
		_exit(EXIT_NO_EXEC);
	}
	tell(channel, STEP_NOTIFY, seccomp_notify_fd(filter));
	if (read(channel, &go, 1) != 1)
		_exit(EXIT_NO_EXEC);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	tell(channel, STEP_EXEC, errno);
	_exit(EXIT_NO_EXEC);
}

static int start(struct child *child, scmp_filter_ctx filter, const sigset_t *mask, char **argv)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return report_errno(errno, "cannot start %s", argv[0]);
	child->pid = fork();
	if (child->pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return report_errno(errno, "cannot start %s", argv[0]);
	}
	if (!child->pid) {
		close(ends[0]);
		become(filter, ends[1], mask, argv);
	}
	close(ends[1]);
	child->channel = ends[0];
	return 0;
}

static int take_notify(const struct child *child, struct supervisor *sup)
{
	struct news news = { STEP_FILTER, ECHILD };
	int pidfd;

	if (read(child->channel, &news, sizeof(news)) != sizeof(news) || news.step != STEP_NOTIFY)
		return report_errno(news.number, "cannot load a seccomp filter");
	pidfd = tracee_open(child->pid);
	sup->notify = pidfd < 0 ? pidfd : tracee_fd(pidfd, news.number);
	if (pidfd >= 0)
		close(pidfd);
	if (sup->notify < 0)
		return report_errno(-sup->notify, "cannot take the seccomp filter's descriptor");
	return 0;
}

/* The other end closes when the program runs. */
static int await_exec(const struct child *child, const char *name)
{
	struct news news;

	if (write(child->channel, "", 1) != 1)
		return report_errno(errno, "cannot start %s", name);
	if (read(child->channel, &news, sizeof(news)) != sizeof(news))
		return 0;
	report(MIKEY_EXIT_SYSTEM, "no-command", "cannot run %s: %s", name, strerror(news.number));
	return news.number == ENOENT ? EXIT_NO_COMMAND : EXIT_NO_EXEC;
}

static void answer(struct supervisor *sup, struct seccomp_notif *req,
		   struct seccomp_notif_resp *resp)
{
	memset(req, 0, sizeof(*req));
	/* The thread may have been killed meanwhile, then there is nothing to answer. */
	if (seccomp_notify_receive(sup->notify, req))
		return;
	if (supervise_call(sup, req, resp))
		seccomp_notify_respond(sup->notify, resp);
}

/* Also those that the program left behind, as the filter lasts until they are reaped. */
static void reap(struct child *child)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != child->pid)
			continue;
		child->status = status;
		child->gone = true;
	}
}

/*
 * What the terminal sends, it sends to the program as well; what somebody sends
 * to this process alone is for the program.
 *
 * Return: false if this process has to end.
 */
static bool on_signal(int signals, struct child *child)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return true;
	if (info.ssi_signo == SIGCHLD) {
		reap(child);
		return true;
	}
	if (child->gone)
		return info.ssi_signo == SIGWINCH;
	if (info.ssi_code <= 0)
		kill(child->pid, (int)info.ssi_signo);
	return true;
}

/* Until the last process that has the filter is gone. */
static int supervise(struct supervisor *sup, struct child *child, int signals)
{
	struct seccomp_notif_resp *resp = NULL;
	struct seccomp_notif *req = NULL;
	struct pollfd fds[] = {
		{ .fd = sup->notify, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};

	if (seccomp_notify_alloc(&req, &resp))
		return report_errno(ENOMEM, "cannot supervise");
	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents & POLLIN)
			answer(sup, req, resp);
		else if (fds[0].revents)
			fds[0].fd = -1;
		if ((fds[1].revents & POLLIN) && !on_signal(signals, child))
			break;
		if (child->gone && fds[0].fd < 0)
			break;
	}
	seccomp_notify_free(req, resp);
	if (WIFSIGNALED(child->status))
		return 128 + WTERMSIG(child->status);
	return WEXITSTATUS(child->status);
}

static int run_child(struct supervisor *sup, scmp_filter_ctx filter, char **argv)
{
	struct child child = { .pid = -1 };
	sigset_t set, old;
	int signals, code;

	signals_of(&set);
	sigprocmask(SIG_BLOCK, &set, &old);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	code = start(&child, filter, &old, argv);
	seccomp_release(filter);
	if (code)
		return code;
	signal(SIGPIPE, SIG_IGN);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		code = report_errno(errno, "cannot wait for signals");
	if (!code)
		code = take_notify(&child, sup);
	if (!code)
		code = await_exec(&child, argv[0]);
	close(child.channel);
	if (!code)
		return supervise(sup, &child, signals);
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
	return code;
}

static int check_session(struct supervisor *sup, uint32_t id)
{
	struct kernel_session session;
	int err = kernel_session_get(sup->kernel, id, &session);

	return err ? kernel_report(sup->kernel, err, "session %u", id) : 0;
}

static int prepare(struct supervisor *sup, scmp_filter_ctx *filter)
{
	struct stat st;
	int code;

	if (stat("/proc/self/ns/net", &st) < 0)
		return report_errno(errno, "cannot read /proc/self/ns/net");
	sup->netns = st.st_ino;
	code = check_session(sup, sup->session);
	if (!code && sup->rtcp_session)
		code = check_session(sup, sup->rtcp_session);
	if (!code)
		code = supervise_inherited(sup);
	if (!code)
		code = filter_make(sup, filter);
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
	scmp_filter_ctx filter;
	int code;

	code = parse(argc, argv, &sup);
	if (!code)
		code = kernel_connect(&sup.kernel);
	if (code)
		return code;
	code = prepare(&sup, &filter);
	if (!code)
		code = run_child(&sup, filter, argv + optind);
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
