// SPDX-License-Identifier: GPL-2.0
/*
 * mikey-helper genpsk: a pre-shared key.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "command.h"
#include "output.h"
#include "report.h"

/* As strong as the strongest suite (RFC 3830 4.2.1 asks for no less than the PRF's key). */
#define PSK_LEN 32

static int write_all(const char *text, size_t len)
{
	while (len) {
		ssize_t put = write(STDOUT_FILENO, text, len);

		if (put < 0 && errno != EINTR)
			return report_errno(errno, "cannot write the key");
		if (put > 0) {
			text += put;
			len -= (size_t)put;
		}
	}
	return 0;
}

/* Not through stdio, which keeps what it wrote. */
static int write_psk(const unsigned char *psk)
{
	static const char digits[] = "0123456789abcdef";
	char line[2 * PSK_LEN + 1];
	int i, code;

	for (i = 0; i < PSK_LEN; i++) {
		line[2 * i] = digits[psk[i] >> 4];
		line[2 * i + 1] = digits[psk[i] & 15];
	}
	line[2 * PSK_LEN] = '\n';
	code = write_all(line, sizeof(line));
	explicit_bzero(line, sizeof(line));
	return code;
}

static int genpsk(int argc, char **argv)
{
	unsigned char psk[PSK_LEN];
	struct stat st;
	int code;

	if (argc > 1)
		return report_usage("genpsk", "genpsk takes no argument, not '%s'", argv[1]);
	if (!fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode) && (st.st_mode & 077))
		note("warning: the key goes to a file that others than its owner may read or change; use umask 077");
	if (getrandom(psk, sizeof(psk), 0) != sizeof(psk))
		return report(MIKEY_EXIT_SYSTEM, "no-random", "the kernel gives no random octets");
	code = write_psk(psk);
	explicit_bzero(psk, sizeof(psk));
	return code;
}

const struct command command_genpsk = {
	.name = "genpsk",
	.run = genpsk,
	.usage = "",
	.summary = "prints a new pre-shared key",
	.help =
"32 random octets as one line of hex, as the configuration's psk-file wants them:\n"
"\n"
"  (umask 077; mikey-helper genpsk > /etc/mikey/bob.psk)\n",
};
