// SPDX-License-Identifier: GPL-2.0
/*
 * Pre-shared keys in files.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>
#include "keyfile.h"
#include "pskfile.h"
#include "secret.h"

/* The digits, a line end of either kind, and one octet to see an excess. */
#define TEXT_MAX (2 * PSK_MAX + 3)

static int decode(const struct keyfile *file, char *text, size_t len, struct psk *psk,
		  struct failure *failure)
{
	if (len && text[len - 1] == '\n')
		len--;
	if (len && text[len - 1] == '\r')
		len--;
	text[len] = '\0';
	if (strlen(text) != len || strspn(text, "0123456789abcdefABCDEF") != len || len % 2)
		return keyfile_wrong(file, "is not one line of hexadecimal digits in pairs", failure);
	if (len < 2 * PSK_MIN)
		return keyfile_wrong(file, "holds a key of less than 16 octets", failure);
	if (len > 2 * PSK_MAX)
		return keyfile_wrong(file, "holds a key of more than 1024 octets", failure);
	if (!OPENSSL_hexstr2buf_ex(psk->data, PSK_MAX, &psk->len, text, '\0'))
		return keyfile_wrong(file, "is not hexadecimal", failure);
	return 0;
}

static int read_key(const struct keyfile *file, struct psk *psk, struct failure *failure)
{
	char *text = secret_alloc(TEXT_MAX);
	size_t len;
	int ret;

	if (!text)
		return failure_errno(failure, ENOMEM, "PSK file %s", file->path);
	ret = keyfile_read(file, text, TEXT_MAX - 1, &len, failure);
	if (!ret)
		ret = decode(file, text, len, psk, failure);
	secret_free(text, TEXT_MAX);
	return ret;
}

int psk_read(const char *path, struct psk *psk, struct failure *failure)
{
	const struct keyfile file = {
		.path = path, .what = "PSK file", .reason = "bad-psk-file", .secret = true,
	};
	int ret = -1;

	psk->len = 0;
	psk->data = secret_alloc(PSK_MAX);
	if (psk->data)
		ret = read_key(&file, psk, failure);
	else
		failure_errno(failure, ENOMEM, "PSK file %s", path);
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
