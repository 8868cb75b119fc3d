// SPDX-License-Identifier: GPL-2.0
/*
 * An unmodified program under the seccomp filter: started, supervised, ended.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "child.h"
#include "report.h"
#include "tracee.h"

/* What a shell says of a program that it cannot run. */
#define EXIT_NO_EXEC 126
#define EXIT_NO_COMMAND 127

static const int forwarded[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };

void child_signals(sigset_t *set)
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

static int start(struct child *child, scmp_filter_ctx filter, char **argv)
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
		become(filter, ends[1], &child->before, argv);
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

/* The thread may have been killed meanwhile, then there is nothing to answer. */
static void answer(struct child *child)
{
	memset(child->req, 0, sizeof(*child->req));
	if (seccomp_notify_receive(child->sup->notify, child->req))
		return;
	if (supervise_call(child->sup, child->req, child->resp))
		seccomp_notify_respond(child->sup->notify, child->resp);
}

void child_on_notify(struct child *child, bool call)
{
	if (call)
		answer(child);
	else
		child->unfiltered = true;
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

bool child_on_signal(struct child *child)
{
	struct signalfd_siginfo info;

	if (read(child->signals, &info, sizeof(info)) != sizeof(info))
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

bool child_done(const struct child *child)
{
	return child->gone && child->unfiltered;
}

int child_status(const struct child *child)
{
	if (WIFSIGNALED(child->status))
		return 128 + WTERMSIG(child->status);
	return WEXITSTATUS(child->status);
}

static int supervise_start(struct child *child, const char *name)
{
	int code;

	child->signals = signalfd(-1, &child->set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (child->signals < 0)
		return report_errno(errno, "cannot wait for signals");
	if (seccomp_notify_alloc(&child->req, &child->resp))
		return report_errno(ENOMEM, "cannot supervise");
	code = take_notify(child, child->sup);
	return code ? code : await_exec(child, name);
}

int child_start(struct child *child, struct supervisor *sup, char **argv)
{
	scmp_filter_ctx filter;
	int code;

	*child = (struct child){ .sup = sup, .pid = -1, .signals = -1 };
	code = supervise_begin(sup);
	if (!code)
		code = filter_make(sup, &filter);
	if (code)
		return code;
	child_signals(&child->set);
	sigprocmask(SIG_BLOCK, &child->set, &child->before);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	code = start(child, filter, argv);
	seccomp_release(filter);
	if (code)
		return code;
	signal(SIGPIPE, SIG_IGN);
	code = supervise_start(child, argv[0]);
	close(child->channel);
	if (!code)
		return 0;
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	return code;
}

void child_end(struct child *child)
{
	seccomp_notify_free(child->req, child->resp);
	if (child->signals >= 0)
		close(child->signals);
}
