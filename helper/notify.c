// SPDX-License-Identifier: GPL-2.0
/*
 * The notification protocol of systemd, as sd_notify(3) describes it for
 * programs that do without its library: a datagram to the socket that
 * $NOTIFY_SOCKET names. Without a service manager nothing happens.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "notify.h"

/* What descriptors that are passed begin at: SD_LISTEN_FDS_START. */
#define FIRST_FD 3

/* Return: octets of the address, 0 without a service manager. */
static socklen_t address(struct sockaddr_un *addr)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;

	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len < 2 || len >= sizeof(addr->sun_path) || !strchr("/@", *path))
		return 0;
	memcpy(addr->sun_path, path, len);
	/* A name in the abstract namespace begins with a NUL. */
	if (*path == '@')
		addr->sun_path[0] = '\0';
	return offsetof(struct sockaddr_un, sun_path) + len;
}

/** union control - room for a descriptor that goes with a message */
union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static void attach(struct msghdr *msg, union control *control, int passed)
{
	control->header.cmsg_level = SOL_SOCKET;
	control->header.cmsg_type = SCM_RIGHTS;
	control->header.cmsg_len = CMSG_LEN(sizeof(passed));
	memcpy(CMSG_DATA(&control->header), &passed, sizeof(passed));
	msg->msg_control = control;
	msg->msg_controllen = sizeof(*control);
}

/* With a descriptor, unless that is -1. */
static int tell_with(const char *text, int passed, int flags)
{
	union control control = { .room = { 0 } };
	struct sockaddr_un addr;
	struct iovec iov = { .iov_base = (void *)text, .iov_len = strlen(text) };
	struct msghdr msg = {
		.msg_name = &addr,
		.msg_namelen = address(&addr),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	int fd, ret, err;

	errno = ENOENT;
	fd = msg.msg_namelen ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	if (fd < 0)
		return -1;
	if (passed >= 0)
		attach(&msg, &control, passed);
	ret = sendmsg(fd, &msg, MSG_NOSIGNAL | flags) < 0 ? -1 : 0;
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

static void tell(const char *text)
{
	tell_with(text, -1, 0);
}

void notify_ready(void)
{
	tell("READY=1");
}

void notify_reloading(void)
{
	struct timespec now;
	char text[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
		 now.tv_sec * 1000000ULL + now.tv_nsec / 1000);
	tell(text);
}

void notify_stopping(void)
{
	tell("STOPPING=1");
}

bool notify_present(void)
{
	struct sockaddr_un addr;

	return address(&addr);
}

int notify_keep(int fd, const char *name)
{
	char text[64 + NOTIFY_NAME_MAX];

	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s", name);
	return tell_with(text, fd, MSG_DONTWAIT);
}

void notify_drop(const char *name)
{
	char text[64 + NOTIFY_NAME_MAX];

	snprintf(text, sizeof(text), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	tell(text);
}

static bool take(struct notify_fd *fds, size_t n, int fd, const char *name, size_t len)
{
	size_t i;

	if (len >= NOTIFY_NAME_MAX || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return false;
	for (i = 0; i < n; i++)
		if (fds[i].fd == fd)
			return false;
	fds[n].fd = fd;
	memcpy(fds[n].name, name, len);
	fds[n].name[len] = '\0';
	return true;
}

/* sd_listen_fds_with_names(3): descriptors from 3 on, names with ":" between them. */
size_t notify_kept(const char *prefix, struct notify_fd *fds, size_t max)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	const char *names = getenv("LISTEN_FDNAMES");
	int fd, last;
	size_t n = 0, len;

	if (!pid || !count || !names || strtol(pid, NULL, 10) != getpid())
		return 0;
	last = FIRST_FD + (int)strtol(count, NULL, 10);
	for (fd = FIRST_FD; fd < last && n < max; fd++) {
		len = strcspn(names, ":");
		if (!strncmp(names, prefix, strlen(prefix)))
			n += take(fds, n, fd, names, len);
		names += len;
		if (!*names)
			break;
		names++;
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return n;
}
