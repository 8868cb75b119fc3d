// SPDX-License-Identifier: GPL-2.0
/*
 * The client's end of the control socket: one line out, one line back. If the
 * client dies, the daemon sees its end closed and gives the exchange up.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
#include "client.h"

static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || !connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -1;
}

static int send_line(int fd, struct json_object *order)
{
	const char *text = json_object_to_json_string_ext(order, JSON_C_TO_STRING_PLAIN);
	struct iovec iov[2] = {
		{ .iov_base = (void *)text, .iov_len = strlen(text) },
		{ .iov_base = "\n", .iov_len = 1 },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	return sendmsg(fd, &msg, MSG_NOSIGNAL) == (ssize_t)iov[0].iov_len + 1 ? 0 : -1;
}

static int converse(FILE *file, struct json_object *order, struct json_object **answer,
		    struct failure *failure)
{
	char *line = NULL;
	size_t size = 0;

	if (send_line(fileno(file), order))
		return failure_errno(failure, errno, "cannot reach the daemon");
	*answer = getline(&line, &size, file) > 0 ? json_tokener_parse(line) : NULL;
	free(line);
	if (*answer && json_object_is_type(*answer, json_type_object))
		return 0;
	json_object_put(*answer);
	*answer = NULL;
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "daemon-gone",
			   "the daemon went away before it answered");
}

enum client_result client_hold(const char *path, struct json_object *order,
			       struct json_object **answer, int *held, struct failure *failure)
{
	int fd = connect_to(path), ret;
	FILE *file;

	if (fd < 0 && (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR))
		return CLIENT_NO_DAEMON;
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file) {
		failure_errno(failure, errno, "control socket %s", path);
		return CLIENT_FAILED;
	}
	ret = converse(file, order, answer, failure);
	if (!ret && held) {
		*held = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (*held < 0)
			ret = failure_errno(failure, errno, "control socket %s", path);
	}
	fclose(file);
	return ret ? CLIENT_FAILED : CLIENT_DONE;
}

enum client_result client_ask(const char *path, struct json_object *order,
			      struct json_object **answer, struct failure *failure)
{
	return client_hold(path, order, answer, NULL, failure);
}

bool client_reaches(const char *path)
{
	int fd = connect_to(path);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int client_refused(struct json_object *error, struct failure *failure)
{
	const char *reason = json_object_get_string(json_object_object_get(error, "reason"));
	const char *text = json_object_get_string(json_object_object_get(error, "message"));
	int code = json_object_get_int(json_object_object_get(error, "exit"));

	return failure_set(failure, code > 0 && code < 256 ? code : MIKEY_EXIT_SYSTEM,
			   reason ? reason : "system", "%s", text ? text : "refused");
}

int client_granted(enum client_result result, struct json_object *answer, struct failure *failure)
{
	struct json_object *error;

	if (result == CLIENT_NO_DAEMON)
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-daemon",
				   "no daemon answers; start one with mikey-helper daemon");
	if (result != CLIENT_DONE)
		return -1;
	error = json_object_object_get(answer, "error");
	return error ? client_refused(error, failure) : 0;
}
