// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors and memory of another process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <linux/kcmp.h>
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

/* The process that a thread belongs to, or a negative errno. */
static pid_t leader_of(pid_t tid)
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

static int look_up(struct tracee *tracee, pid_t tid)
{
	pid_t leader = leader_of(tid);
	int pidfd = leader < 0 ? leader : tracee_open(leader);

	if (tracee->tid)
		close(tracee->pidfd);
	*tracee = (struct tracee){ 0 };
	if (pidfd < 0)
		return pidfd;
	*tracee = (struct tracee){ .tid = tid, .leader = leader, .pidfd = pidfd };
	return 0;
}

/*
 * Numbers of threads are used again. Signal 0 tells whether the thread belongs
 * to the process with that number, and the process with that number is the one
 * of the descriptor as long as that one lives, which pidfd_getfd(2) tells.
 */
static bool is_current(const struct tracee *tracee, pid_t tid)
{
	return tracee->tid == tid && !syscall(SYS_tgkill, tracee->leader, tid, 0);
}

static bool shares_files(const struct tracee *tracee)
{
	return tracee->leader == tracee->tid ||
	       !syscall(SYS_kcmp, tracee->leader, tracee->tid, KCMP_FILES, 0, 0);
}

int tracee_thread_fd(struct tracee *tracee, pid_t tid, int fd)
{
	bool known = is_current(tracee, tid);
	int copy, err;

	err = known ? 0 : look_up(tracee, tid);
	if (err)
		return err;
	if (!shares_files(tracee))
		return -EACCES;
	copy = tracee_fd(tracee->pidfd, fd);
	if (copy != -ESRCH || !known)
		return copy;
	err = look_up(tracee, tid);
	return err ? err : tracee_fd(tracee->pidfd, fd);
}

/* Kernels without CONFIG_CROSS_MEMORY_ATTACH. */
static int by_file(pid_t tid, int how, void *local, size_t len, uint64_t remote)
{
	char path[64];
	ssize_t done = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", tid);
	fd = open(path, how | O_CLOEXEC);
	if (fd >= 0 && how == O_RDONLY)
		done = pread(fd, local, len, (off_t)remote);
	else if (fd >= 0)
		done = pwrite(fd, local, len, (off_t)remote);
	if (fd >= 0)
		close(fd);
	return done == (ssize_t)len ? 0 : -EFAULT;
}

int tracee_read(pid_t tid, uint64_t from, void *to, size_t len)
{
	struct iovec local = { to, len };
	struct iovec remote = { (void *)(uintptr_t)from, len };

	if (!len)
		return 0;
	if (process_vm_readv(tid, &local, 1, &remote, 1, 0) == (ssize_t)len)
		return 0;
	return errno == ENOSYS ? by_file(tid, O_RDONLY, to, len, from) : -EFAULT;
}

int tracee_write(pid_t tid, uint64_t to, const void *from, size_t len)
{
	struct iovec local = { (void *)(uintptr_t)from, len };
	struct iovec remote = { (void *)(uintptr_t)to, len };

	if (process_vm_writev(tid, &local, 1, &remote, 1, 0) == (ssize_t)len)
		return 0;
	return errno == ENOSYS ? by_file(tid, O_WRONLY, (void *)from, len, to) : -EFAULT;
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
