// SPDX-License-Identifier: GPL-2.0
/*
 * Starting mikey-fetch and giving it orders. The daemon cannot start it again, since it
 * gives up the right to start programs: a URL is refused from then on.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "fetch/order.h"
#include "fetcher.h"

#define NAME "mikey-fetch"
/* Seconds until it has to be ready. */
#define PATIENCE 10

/**
 * struct fetcher - the process
 * @fd: where orders go
 * @end: becomes readable when the process ends
 * @gone: see fetcher_start()
 * @arg: the same
 */
struct fetcher {
	int fd;
	struct event *end;
	void (*gone)(void *arg);
	void *arg;
};

/* Beside this program, where it was built; else where it is installed. */
static bool find_program(char *path, size_t size)
{
	static const char *const places[] = { "", "../libexec/" };
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t i;

	while (len > 0 && self[len - 1] != '/')
		len--;
	for (i = 0; len > 0 && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, size, "%.*s%s%s", (int)len, self, places[i], NAME);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

/* Nothing of this process is left: no descriptor, no environment, no memory. */
static void become(const char *path, const char *user, int fd)
{
	char *const argv[] = { NAME, (char *)user, NULL }, *const env[] = { NULL };
	int nothing = open("/dev/null", O_RDWR);

	if (nothing < 0 || dup2(fd, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, UINT_MAX, 0))
		_exit(1);
	execve(path, argv, env);
	_exit(1);
}

static int start(const char *path, const char *user)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	/* Nobody waits for it: how it ends does not matter. */
	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	if (!pid)
		become(path, user, ends[1]);
	close(ends[1]);
	if (pid > 0)
		return ends[0];
	close(ends[0]);
	return -1;
}

/* Its first word comes when it has given up what it does not need. */
static bool is_ready(int fd)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	char word;

	return !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
	       recv(fd, &word, sizeof(word), 0) == sizeof(word) &&
	       !fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct fetcher *fetcher = arg;

	(void)fd;
	(void)what;
	event_del(fetcher->end);
	close(fetcher->fd);
	fetcher->fd = -1;
	fetcher->gone(fetcher->arg);
}

int fetcher_start(struct event_base *base, const char *user, void (*gone)(void *arg), void *arg,
		  struct fetcher **result, struct failure *failure)
{
	struct fetcher *fetcher = calloc(1, sizeof(*fetcher));
	char path[2 * PATH_MAX];

	if (!fetcher)
		return failure_errno(failure, ENOMEM, NAME);
	*fetcher = (struct fetcher){ .fd = -1, .gone = gone, .arg = arg };
	*result = fetcher;
	if (!find_program(path, sizeof(path)))
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-fetcher",
				   "certificates by URL are allowed, but there is no " NAME
				   " to fetch them");
	fetcher->fd = start(path, user);
	if (fetcher->fd < 0 || !is_ready(fetcher->fd))
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-fetcher",
				   "%.200s does not start as user %.40s", path, user);
	fetcher->end = event_new(base, fetcher->fd, EV_READ | EV_PERSIST, on_end, fetcher);
	if (!fetcher->end || event_add(fetcher->end, NULL))
		return failure_errno(failure, ENOMEM, NAME);
	return 0;
}

static bool send_order(int to, const struct fetch_order *order, int passed)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec iov = { (void *)order, sizeof(*order) };
	const struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(passed));
	memcpy(CMSG_DATA(&control.header), &passed, sizeof(passed));
	return sendmsg(to, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(*order);
}

int fetcher_ask(struct fetcher *fetcher, const char *url, unsigned int seconds)
{
	struct fetch_order order = { .seconds = seconds };
	int ends[2];
	bool sent;

	strncpy(order.url, url, sizeof(order.url) - 1);
	if (fetcher->fd < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends))
		return -1;
	sent = send_order(fetcher->fd, &order, ends[1]);
	close(ends[1]);
	if (sent)
		return ends[0];
	close(ends[0]);
	return -1;
}

void fetcher_free(struct fetcher *fetcher)
{
	if (!fetcher)
		return;
	if (fetcher->end)
		event_free(fetcher->end);
	if (fetcher->fd >= 0)
		close(fetcher->fd);
	free(fetcher);
}
