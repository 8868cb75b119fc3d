// SPDX-License-Identifier: GPL-2.0
/*
 * Pairs of ports that are kept until COMMAND binds them.
 */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "shared.h"

/* Pairs that are tried until one is free. */
#define TRIES 500

/* A socket that keeps others from a port, for both families where there are both. */
static int occupy(uint16_t port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret;

	if (fd >= 0) {
		ret = bind(fd, (struct sockaddr *)&v6, sizeof(v6));
	} else {
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		ret = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&v4, sizeof(v4));
	}
	if (!ret)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool occupy_pair(struct placement *pair, uint16_t port)
{
	pair[0] = (struct placement){ .port = port, .reserved = occupy(port) };
	if (pair[0].reserved < 0)
		return false;
	pair[1] = (struct placement){ .port = port + 1, .reserved = occupy(port + 1) };
	if (pair[1].reserved >= 0)
		return true;
	close(pair[0].reserved);
	return false;
}

/* RFC 3550 11: an even port for RTP, and the next one. */
int pair_reserve(struct placement *pair, unsigned int first, uint32_t session,
		 struct failure *failure)
{
	unsigned int port;
	int i;

	for (i = 0; i < TRIES; i++) {
		port = first ? ((first + 1) & ~1u) + 2 * (unsigned int)i :
			       20000 + 2 * (unsigned int)g_random_int_range(0, 20000);
		if (port >= UINT16_MAX || !occupy_pair(pair, port))
			continue;
		pair[0].session = session;
		pair[1].session = session;
		return 0;
	}
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-port", "there is no free pair of ports");
}
