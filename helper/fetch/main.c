// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-fetch USER: fetches certificates for mikey-helper, which starts it.
 *
 * It waits for orders at its standard input, see order.h, and makes a process for each:
 * that one has what a stranger's server sends, and neither keys nor rights. It ends when
 * the daemon does.
 */
#include <curl/curl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "confine.h"
#include "get.h"

/* Beyond libcurl's own patience. */
#define MARGIN 2

static int work(int fd, const struct fetch_order *order)
{
	static struct fetched fetched;
	size_t len;

	if (confine_worker(order->seconds + MARGIN))
		return 1;
	get(order, &fetched);
	len = offsetof(struct fetched, data) + fetched.len;
	return send(fd, &fetched, len, 0) != (ssize_t)len;
}

/* Return: the descriptor that came with a message, -1 if none did. */
static int passed_fd(struct msghdr *msg)
{
	const struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	int fd;

	if (!cmsg || cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS ||
	    cmsg->cmsg_len != CMSG_LEN(sizeof(fd)))
		return -1;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

static bool is_good(const struct fetch_order *order, ssize_t len)
{
	return len == sizeof(*order) && order->seconds >= 1 &&
	       order->seconds <= FETCH_SECONDS_MAX &&
	       memchr(order->url, '\0', sizeof(order->url));
}

static void serve(int fd, const struct fetch_order *order)
{
	pid_t pid = fork();

	if (pid)
		return;
	close(STDIN_FILENO);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	_exit(work(fd, order));
}

/* Return: whether another order may come. */
static bool take(void)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct fetch_order order;
	struct iovec iov = { &order, sizeof(order) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(STDIN_FILENO, &msg, MSG_CMSG_CLOEXEC);
	int fd = len > 0 ? passed_fd(&msg) : -1;

	if (fd >= 0 && is_good(&order, len))
		serve(fd, &order);
	if (fd >= 0)
		close(fd);
	return len > 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: mikey-fetch USER, by mikey-helper\n");
		return 1;
	}
	/* Nobody waits for the processes; what they have to say goes to the daemon. */
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (confine_program(argv[1]) || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) ||
	    curl_global_init(CURL_GLOBAL_DEFAULT) || send(STDIN_FILENO, "", 1, 0) != 1)
		return 1;
	while (take())
		;
	return 0;
}
