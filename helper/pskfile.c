// SPDX-License-Identifier: GPL-2.0
/*
 * Pre-shared keys in files.
 *
 * What is read goes from the kernel straight into locked memory: stdio would
 * leave a copy in its buffer.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "pskfile.h"
#include "secret.h"

/* The digits, a line end of either kind, and one octet to see an excess. */
#define TEXT_MAX (2 * PSK_MAX + 3)

static int bad_file(struct failure *failure, const char *path, const char *why)
{
	return failure_set(failure, MIKEY_EXIT_USAGE, "bad-psk-file", "PSK file %s %s", path, why);
}

static int check_rights(int fd, const char *path, struct failure *failure)
{
	struct stat st;

	if (fstat(fd, &st))
		return failure_errno(failure, errno, "cannot look at PSK file %s", path);
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return bad_file(failure, path, "is not a file");
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return bad_file(failure, path, "belongs to somebody else");
	if (st.st_mode & 077)
		return bad_file(failure, path,
				"can be read or written by others than its owner (chmod 600)");
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

static int decode(const char *path, char *text, size_t len, struct psk *psk,
		  struct failure *failure)
{
	if (len && text[len - 1] == '\n')
		len--;
	if (len && text[len - 1] == '\r')
		len--;
	text[len] = '\0';
	if (strlen(text) != len || strspn(text, "0123456789abcdefABCDEF") != len || len % 2)
		return bad_file(failure, path, "is not one line of hexadecimal digits in pairs");
	if (len < 2 * PSK_MIN)
		return bad_file(failure, path, "holds a key of less than 16 octets");
	if (len > 2 * PSK_MAX)
		return bad_file(failure, path, "holds a key of more than 1024 octets");
	if (!OPENSSL_hexstr2buf_ex(psk->data, PSK_MAX, &psk->len, text, '\0'))
		return bad_file(failure, path, "is not hexadecimal");
	return 0;
}

static int read_key(int fd, const char *path, struct psk *psk, struct failure *failure)
{
	char *text = secret_alloc(TEXT_MAX);
	ssize_t len;
	int ret;

	if (!text)
		return failure_errno(failure, ENOMEM, "PSK file %s", path);
	len = read_all(fd, text, TEXT_MAX - 1);
	if (len < 0)
		ret = failure_errno(failure, errno, "cannot read PSK file %s", path);
	else
		ret = decode(path, text, len, psk, failure);
	secret_free(text, TEXT_MAX);
	return ret;
}

int psk_read(const char *path, struct psk *psk, struct failure *failure)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int ret = -1;

	psk->len = 0;
	psk->data = NULL;
	if (fd < 0)
		return failure_errno(failure, errno, "cannot open PSK file %s", path);
	if (!check_rights(fd, path, failure)) {
		psk->data = secret_alloc(PSK_MAX);
		if (psk->data)
			ret = read_key(fd, path, psk, failure);
		else
			failure_errno(failure, ENOMEM, "PSK file %s", path);
	}
	close(fd);
	if (ret)
		psk_free(psk);
	return ret;
}

void psk_free(struct psk *psk)
{
	secret_free(psk->data, PSK_MAX);
	psk->data = NULL;
	psk->len = 0;
}
