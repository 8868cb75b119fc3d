// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors and memory of another process.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <netinet/in.h>
#include <linux/srtp.h>
#include "tracee.h"

int tracee_open(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

int tracee_fd(int pidfd, int fd)
{
	long copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	return copy < 0 ? -errno : (int)copy;
}

pid_t tracee_leader(pid_t tid)
{
	char path[64], line[256];
	pid_t leader = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	status = fopen(path, "re");
	if (!status)
		return -errno;
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "Tgid: %d", &leader) == 1)
			break;
	fclose(status);
	return leader > 0 ? leader : -ESRCH;
}

int tracee_read(pid_t tid, uint64_t from, void *to, size_t len)
{
	struct iovec local = { to, len };
	struct iovec remote = { (void *)(uintptr_t)from, len };

	if (!len)
		return 0;
	return process_vm_readv(tid, &local, 1, &remote, 1, 0) == (ssize_t)len ? 0 : -EFAULT;
}

int tracee_write(pid_t tid, uint64_t to, const void *from, size_t len)
{
	struct iovec local = { (void *)(uintptr_t)from, len };
	struct iovec remote = { (void *)(uintptr_t)to, len };

	return process_vm_writev(tid, &local, 1, &remote, 1, 0) == (ssize_t)len ? 0 : -EFAULT;
}

static int option(int fd, int name)
{
	socklen_t len = sizeof(int);
	int value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) < 0 ? -1 : value;
}

bool socket_is_udp(int fd)
{
	int domain = option(fd, SO_DOMAIN);

	return (domain == AF_INET || domain == AF_INET6) && option(fd, SO_TYPE) == SOCK_DGRAM &&
	       option(fd, SO_PROTOCOL) == IPPROTO_UDP;
}

void socket_local(int fd, struct address *local)
{
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(name);

	*local = (struct address){ 0 };
	if (!getsockname(fd, (struct sockaddr *)&name, &len))
		address_from(&name, len, local);
}

uint64_t socket_cookie(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

uint32_t socket_session(int fd)
{
	int level = option(fd, SO_DOMAIN) == AF_INET6 ? SOL_IPV6 : SOL_IP;
	struct srtp_info info = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, level, SRTP_INFO, &info, &len) < 0 ? 0 : info.session;
}
