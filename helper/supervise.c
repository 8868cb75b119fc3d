// SPDX-License-Identifier: GPL-2.0
/*
 * Answers to a program's calls that stopped in the filter.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "number.h"
#include "report.h"
#include "supervise.h"
#include "tracee.h"

int supervisor_errno(int err)
{
	switch (err) {
	case -ENOENT:
		return -ENOKEY;
	case -EMFILE:
	case -ENFILE:
	case -ENOBUFS:
	case -ENOMEM:
		return err;
	default:
		return -EACCES;
	}
}

/* Once for each reason in a row: a program may try again for ever. */
static int complain(struct supervisor *sup, uint32_t session, int err)
{
	if (err != sup->last_error)
		note("a socket cannot be attached to session %u or detached from it, and is refused: %s (%s)",
		     session, kernel_error(sup->kernel), kernel_reason(err));
	sup->last_error = err;
	return err;
}

static int attach(struct supervisor *sup, int fd, uint32_t session)
{
	enum srtp_role role = session == sup->rtcp_session ? SRTP_ROLE_RTCP : sup->role;
	int err = kernel_socket_new(sup->kernel, fd, session, role);

	return err ? complain(sup, session, err) : 0;
}

static int detach(struct supervisor *sup, int fd, uint32_t session)
{
	int err = kernel_socket_del(sup->kernel, fd);

	return err ? complain(sup, session, err) : 0;
}

struct placement *find_placement(const struct supervisor *sup, uint16_t port)
{
	size_t i;

	for (i = 0; i < sup->n_placements; i++)
		if (sup->placements[i].port == port)
			return &sup->placements[i];
	return NULL;
}

static bool is_ours(const struct supervisor *sup, uint32_t session)
{
	size_t i;

	for (i = 0; i < sup->n_placements; i++)
		if (sup->placements[i].session == session)
			return true;
	return session == sup->session || session == sup->rtcp_session;
}

/* RFC 3550 11: RTCP has the odd port. The peer's port says more than the own one. */
static uint32_t wanted_session(const struct supervisor *sup, uint16_t local, uint16_t peer)
{
	const struct placement *placement = find_placement(sup, local);
	uint16_t port = peer ? peer : local;

	if (placement)
		return placement->session;
	return sup->rtcp_session && (port & 1) ? sup->rtcp_session : sup->session;
}

/*
 * A socket with a port of its own that is not in the list carries media, whatever
 * it sends to. One that is in clear already stays so for a peer in the list.
 */
static bool stays_clear(const struct supervisor *sup, uint32_t now, uint16_t local, uint16_t peer)
{
	if (ports_has(&sup->clear, local))
		return true;
	return ports_has(&sup->clear, peer) && (!local || !now);
}

int place_socket(struct supervisor *sup, int fd, uint16_t local, uint16_t peer, bool *clear)
{
	uint32_t now = socket_session(fd);
	uint32_t wanted = wanted_session(sup, local, peer);
	int err;

	*clear = stays_clear(sup, now, local, peer);
	if (*clear)
		return now ? detach(sup, fd, now) : 0;
	if (now == wanted)
		return 0;
	/* The program attached it itself. */
	if (now && !is_ours(sup, now))
		return 0;
	if (now) {
		err = detach(sup, fd, now);
		if (err)
			return err;
	}
	return attach(sup, fd, wanted);
}

/* The socket is made here, so it must be made in the program's own network namespace. */
static bool same_netns(const struct supervisor *sup, pid_t tid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", tid);
	return !stat(path, &st) && st.st_ino == sup->netns;
}

static int hand_over(struct supervisor *sup, const struct seccomp_notif *req, int fd, int type)
{
	struct seccomp_notif_addfd addfd = {
		.id = req->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (uint32_t)fd,
		.newfd_flags = type & SOCK_CLOEXEC ? O_CLOEXEC : 0,
	};

	return ioctl(sup->notify, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd) < 0 ? -errno : 0;
}

/*
 * socket(2): all of its arguments are in registers.
 *
 * Return: 0 if the call has been answered, CALL_CONTINUE, or a negative errno.
 */
static int give_socket(struct supervisor *sup, const struct seccomp_notif *req)
{
	int domain = (int)req->data.args[0];
	int type = (int)req->data.args[1];
	int protocol = (int)req->data.args[2];
	int fd, err;

	if (protocol == IPPROTO_UDPLITE)
		return -EPROTONOSUPPORT;
	if (protocol && protocol != IPPROTO_UDP)
		return CALL_CONTINUE;
	if (!same_netns(sup, (pid_t)req->pid))
		return -EACCES;
	fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -errno;
	err = attach(sup, fd, sup->session);
	if (err)
		err = supervisor_errno(err);
	else
		err = hand_over(sup, req, fd, type);
	close(fd);
	return err;
}

static int copy_socket(struct supervisor *sup, const struct seccomp_notif *req)
{
	int fd = tracee_thread_fd(&sup->caller, (pid_t)req->pid, (int)req->data.args[0]);

	return fd >= 0 || fd == -EBADF ? fd : -EACCES;
}

static int guard(struct call *call, int64_t *result)
{
	int nr = call->req->data.nr;

	call->session = socket_session(call->socket);
	if (!call->session && !socket_is_udp(call->socket))
		return CALL_CONTINUE;
	if (nr == SCMP_SYS(bind))
		return guard_bind(call);
	if (nr == SCMP_SYS(connect))
		return guard_connect(call);
	return guard_send(call, result);
}

bool supervise_call(struct supervisor *sup, const struct seccomp_notif *req,
		    struct seccomp_notif_resp *resp)
{
	struct call call = { .sup = sup, .req = req };
	int64_t result = 0;
	int ret;

	memset(resp, 0, sizeof(*resp));
	resp->id = req->id;
	if (req->data.nr == SCMP_SYS(socket)) {
		ret = give_socket(sup, req);
		if (!ret)
			return false;
	} else {
		ret = call.socket = copy_socket(sup, req);
		if (ret >= 0) {
			ret = guard(&call, &result);
			close(call.socket);
		}
	}
	if (ret == CALL_CONTINUE)
		resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else if (ret < 0)
		resp->error = ret;
	else
		resp->val = result;
	return true;
}

/* A socket that comes attached already, e.g. to another session, is left as it is. */
static int attach_inherited(struct supervisor *sup, int fd)
{
	struct address local;
	bool clear;
	int err;

	if (fcntl(fd, F_GETFD) & FD_CLOEXEC || !socket_is_udp(fd) || socket_session(fd))
		return 0;
	socket_local(fd, &local);
	err = place_socket(sup, fd, local.port, 0, &clear);
	if (!err)
		return 0;
	return kernel_report(sup->kernel, err, "cannot attach descriptor %d, a UDP socket, which the program would inherit",
			     fd);
}

static int attach_all_inherited(struct supervisor *sup)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");
	int code = 0;

	if (!dir)
		return report_errno(errno, "cannot read /proc/self/fd");
	while (!code && (entry = readdir(dir))) {
		uint32_t fd;

		if (number_parse(entry->d_name, 0, INT32_MAX, &fd))
			code = attach_inherited(sup, (int)fd);
	}
	closedir(dir);
	return code;
}

int supervise_begin(struct supervisor *sup)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st) < 0)
		return report_errno(errno, "cannot read /proc/self/ns/net");
	sup->netns = st.st_ino;
	return attach_all_inherited(sup);
}
