// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper attach and detach: the sockets of a program that already runs.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "command.h"
#include "fields.h"
#include "kernel.h"
#include "number.h"
#include "output.h"
#include "report.h"
#include "tracee.h"

/**
 * struct request - what the command line asks for
 * @command: "attach" or "detach"
 * @detach: it is detach
 * @session: number of the session, attach only
 * @pid: process
 * @fd: its descriptor, or -1
 * @port: local port, or 0
 * @role: enum srtp_role, or 0: by the port
 */
struct request {
	const char *command;
	bool detach;
	uint32_t session;
	uint32_t pid;
	long fd;
	uint32_t port;
	unsigned int role;
};

/**
 * struct work - a request while it is carried out
 * @request: what
 * @kernel: connection
 * @pidfd: the process
 * @done: for --json: sockets
 * @count: how many sockets were dealt with
 * @refused: what pidfd_getfd() said, if it refused one
 */
struct work {
	const struct request *request;
	struct kernel *kernel;
	int pidfd;
	struct json_object *done;
	unsigned int count;
	int refused;
};

/* RFC 3550 11: RTP on an even port, its RTCP on the next one. */
static enum srtp_role role_of(const struct request *request, const struct address *local)
{
	if (request->role)
		return (enum srtp_role)request->role;
	return local->port & 1 ? SRTP_ROLE_RTCP : SRTP_ROLE_RTP;
}

static void tell(struct work *work, int fd, const struct address *local, enum srtp_role role)
{
	const struct request *request = work->request;
	char text[ADDRESS_TEXT_MAX];
	struct json_object *object;

	address_format(local, text);
	if (report_json) {
		object = json_object_new_object();
		json_object_object_add(object, "pid", json_object_new_int64(request->pid));
		json_object_object_add(object, "fd", json_object_new_int(fd));
		json_object_object_add(object, "local", json_object_new_string(text));
		if (!request->detach)
			json_object_object_add(object, "role", json_object_new_string(
				field_word(&role_words, role)));
		json_object_array_add(work->done, object);
	} else if (request->detach) {
		printf("detached descriptor %d (%s) of process %u\n", fd, text, request->pid);
	} else {
		printf("attached descriptor %d (%s) of process %u to session %u as %s\n", fd, text,
		       request->pid, request->session, field_word(&role_words, role));
	}
}

static int do_socket(struct work *work, int fd, int copy)
{
	const struct request *request = work->request;
	struct address local;
	enum srtp_role role;
	int err;

	socket_local(copy, &local);
	role = role_of(request, &local);
	if (request->detach)
		err = kernel_socket_del(work->kernel, copy);
	else
		err = kernel_socket_new(work->kernel, copy, request->session, role);
	if (err)
		return kernel_report(work->kernel, err, "cannot %s descriptor %d of process %u",
				     request->command, fd, request->pid);
	work->count++;
	tell(work, fd, &local, role);
	return 0;
}

static int refused(const struct request *request, int err)
{
	if (err == -EPERM)
		return report(MIKEY_EXIT_SYSTEM, "not-permitted",
			      "cannot take a descriptor of process %u: that needs the right to trace it (ptrace(2), /proc/sys/kernel/yama/ptrace_scope)",
			      request->pid);
	return report_errno(-err, "cannot take descriptor of process %u", request->pid);
}

static int by_fd(struct work *work)
{
	int fd = (int)work->request->fd;
	int copy = tracee_fd(work->pidfd, fd);
	int code;

	if (copy == -EBADF)
		return report(MIKEY_EXIT_SYSTEM, "bad-descriptor",
			      "process %u has no descriptor %d", work->request->pid, fd);
	if (copy < 0)
		return refused(work->request, copy);
	code = do_socket(work, fd, copy);
	close(copy);
	return code;
}

/* Descriptors that are copies of each other are one socket. */
static bool is_new(uint64_t **seen, size_t *count, uint64_t cookie)
{
	uint64_t *larger;
	size_t i;

	for (i = 0; i < *count; i++)
		if ((*seen)[i] == cookie)
			return false;
	larger = realloc(*seen, (*count + 1) * sizeof(*larger));
	if (!larger)
		return false;
	*seen = larger;
	larger[(*count)++] = cookie;
	return true;
}

static bool has_port(int copy, uint32_t port)
{
	struct address local;

	if (!socket_is_udp(copy))
		return false;
	socket_local(copy, &local);
	return local.port == port;
}

static int try_fd(struct work *work, int fd, uint64_t **seen, size_t *count)
{
	int copy = tracee_fd(work->pidfd, fd);
	int code = 0;

	if (copy < 0) {
		if (copy != -EBADF)
			work->refused = copy;
		return 0;
	}
	if (has_port(copy, work->request->port) && is_new(seen, count, socket_cookie(copy)))
		code = do_socket(work, fd, copy);
	close(copy);
	return code;
}

static int by_port(struct work *work)
{
	struct dirent *entry;
	uint64_t *seen = NULL;
	size_t count = 0;
	char path[64];
	int code = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%u/fd", work->request->pid);
	dir = opendir(path);
	if (!dir)
		return report_errno(errno, "cannot read %s", path);
	while (!code && (entry = readdir(dir))) {
		uint32_t fd;

		if (number_parse(entry->d_name, 0, INT32_MAX, &fd))
			code = try_fd(work, (int)fd, &seen, &count);
	}
	closedir(dir);
	free(seen);
	if (code || work->count)
		return code;
	if (work->refused)
		return refused(work->request, work->refused);
	return report(MIKEY_EXIT_SYSTEM, "not-found",
		      "process %u has no UDP socket on port %u", work->request->pid,
		      work->request->port);
}

static void finish(struct work *work)
{
	struct json_object *top = json_object_new_object();

	if (!work->request->detach && work->count)
		note("what these sockets sent and received before went in clear");
	json_object_object_add(top, work->request->detach ? "detached" : "attached", work->done);
	if (report_json && work->count)
		output_json_line(top);
	else
		json_object_put(top);
}

static int carry_out(const struct request *request)
{
	struct work work = { .request = request };
	int code;

	work.pidfd = tracee_open((pid_t)request->pid);
	if (work.pidfd < 0)
		return report(MIKEY_EXIT_SYSTEM, "no-process", "there is no process %u: %s",
			      request->pid, strerror(-work.pidfd));
	code = kernel_connect(&work.kernel);
	if (!code) {
		work.done = json_object_new_array();
		code = request->fd >= 0 ? by_fd(&work) : by_port(&work);
		finish(&work);
		kernel_close(work.kernel);
	}
	close(work.pidfd);
	return code ? code : output_flush();
}

static const struct option options[] = {
	{ "session", required_argument, NULL, 's' },
	{ "pid", required_argument, NULL, 'p' },
	{ "fd", required_argument, NULL, 'f' },
	{ "port", required_argument, NULL, 'o' },
	{ "role", required_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};

static bool take_option(int opt, struct request *request)
{
	uint32_t fd;

	switch (opt) {
	case 's':
		return !request->detach &&
		       number_parse(optarg, 1, SESSION_ID_MAX, &request->session);
	case 'p':
		return number_parse(optarg, 1, INT32_MAX, &request->pid);
	case 'f':
		if (!number_parse(optarg, 0, INT32_MAX, &fd))
			return false;
		request->fd = fd;
		return true;
	case 'o':
		return number_parse(optarg, 1, UINT16_MAX, &request->port);
	case 'r':
		return !request->detach && field_value(&role_words, optarg, &request->role);
	default:
		return false;
	}
}

static int parse(int argc, char **argv, struct request *request)
{
	const char *command = request->command;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take_option(opt, request))
			return report_usage(command, "'%s' is no option, or not with this value",
					    argv[optind - 1]);
	if (optind < argc)
		return report_usage(command, "'%s' is no option", argv[optind]);
	if (!request->pid)
		return report_usage(command, "--pid is missing");
	if (!request->detach && !request->session)
		return report_usage(command, "--session is missing");
	if ((request->fd >= 0) == (request->port > 0))
		return report_usage(command, "either --fd or --port says which socket");
	return 0;
}

static int attach(int argc, char **argv)
{
	struct request request = { .command = "attach", .fd = -1 };
	int code = parse(argc, argv, &request);

	return code ? code : carry_out(&request);
}

static int detach(int argc, char **argv)
{
	struct request request = { .command = "detach", .detach = true, .fd = -1 };
	int code = parse(argc, argv, &request);

	return code ? code : carry_out(&request);
}

const struct command command_attach = {
	.name = "attach",
	.run = attach,
	.usage = "--session SESSION --pid PID {--fd FD | --port PORT} [--role rtp|rtcp|mux]",
	.summary = "attaches a UDP socket of a running program to a session",
	.help =
"--port takes all UDP sockets of the process that are bound to that local port.\n"
"Without --role an odd local port is RTCP and any other RTP; mux is both on one\n"
"port. What was sent and received before went in clear: run is for programs that\n"
"must not do that.\n"
"\n"
"Needs the right to trace the process (ptrace), and to own the session or\n"
"CAP_NET_ADMIN. Session and process must be in the caller's network namespace.\n",
};

const struct command command_detach = {
	.name = "detach",
	.run = detach,
	.usage = "--pid PID {--fd FD | --port PORT}",
	.summary = "detaches a UDP socket of a running program from its session",
	.help =
"From then on the program sends and receives in clear. A session may forbid it.\n",
};
