// SPDX-License-Identifier: GPL-2.0
/*
 * Files with keys and certificates.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "keyfile.h"

int keyfile_wrong(const struct keyfile *file, const char *why, struct failure *failure)
{
	return failure_set(failure, MIKEY_EXIT_USAGE, file->reason, "%s %s %s", file->what,
			   file->path, why);
}

static int check_rights(int fd, const struct keyfile *file, struct failure *failure)
{
	struct stat st;

	if (fstat(fd, &st))
		return failure_errno(failure, errno, "cannot look at %s %s", file->what,
				     file->path);
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return keyfile_wrong(file, "is not a file", failure);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return keyfile_wrong(file, "belongs to somebody else", failure);
	if (file->secret && st.st_mode & 077)
		return keyfile_wrong(file,
				     "can be read or written by others than its owner (chmod 600)",
				     failure);
	if (st.st_mode & 022)
		return keyfile_wrong(file, "can be written by others than its owner", failure);
	return 0;
}

static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		n = read(fd, buf + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += n;
	}
	return len;
}

int keyfile_read(const struct keyfile *file, void *buf, size_t size, size_t *len,
		 struct failure *failure)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = 0;
	int ret;

	if (fd < 0)
		return failure_errno(failure, errno, "cannot open %s %s", file->what, file->path);
	ret = check_rights(fd, file, failure);
	if (!ret) {
		n = read_all(fd, buf, size);
		if (n < 0)
			ret = failure_errno(failure, errno, "cannot read %s %s", file->what,
					    file->path);
	}
	close(fd);
	*len = n < 0 ? 0 : (size_t)n;
	return ret;
}
