// SPDX-License-Identifier: GPL-2.0
/*
 * The camera's password: from a file or the environment, never from an argument.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "camera.h"

#define PASSWORD_VARIABLE "MIKEY_RTSP_PASSWORD"
#define PASSWORD_MAX 1024

static int read_line(struct camera *cam, FILE *file, const char *path, struct failure *failure)
{
	char line[PASSWORD_MAX + 2];
	struct stat st;

	if (fstat(fileno(file), &st))
		return failure_errno(failure, errno, "%s", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return failure_set(failure, MIKEY_EXIT_USAGE, "bad-password-file",
				   "%s is open to others: chmod 600 %s", path, path);
	if (!fgets(line, sizeof(line), file) || strlen(line) > PASSWORD_MAX)
		return failure_set(failure, MIKEY_EXIT_USAGE, "bad-password-file",
				   "%s has no password in its first line", path);
	line[strcspn(line, "\r\n")] = '\0';
	cam->password = strdup(line);
	explicit_bzero(line, sizeof(line));
	return cam->password ? 0 : failure_errno(failure, ENOMEM, "password");
}

static int from_file(struct camera *cam, const char *path, struct failure *failure)
{
	FILE *file = fopen(path, "re");
	int ret;

	if (!file)
		return failure_set(failure, MIKEY_EXIT_USAGE, "bad-password-file",
				   "cannot read %s: %s", path, strerror(errno));
	setbuf(file, NULL);
	ret = read_line(cam, file, path, failure);
	fclose(file);
	return ret;
}

/* COMMAND does not get it. */
int password_read(struct camera *cam, struct failure *failure)
{
	char *text = getenv(PASSWORD_VARIABLE);
	int ret = 0;

	if (cam->options.password_file)
		ret = from_file(cam, cam->options.password_file, failure);
	else if (text && !(cam->password = strdup(text)))
		ret = failure_errno(failure, ENOMEM, "password");
	if (text)
		explicit_bzero(text, strlen(text));
	unsetenv(PASSWORD_VARIABLE);
	return ret;
}
