/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a service manager is told: ready, reloading, stopping; and what it keeps for
 * the next start.
 */
#ifndef HELPER_NOTIFY_H
#define HELPER_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>

/** NOTIFY_NAME_MAX - room for the name of a descriptor that is kept */
#define NOTIFY_NAME_MAX 48

/** notify_ready - the daemon serves */
void notify_ready(void);

/** notify_reloading - the configuration is being read again */
void notify_reloading(void);

/** notify_stopping - the daemon ends */
void notify_stopping(void);

/** notify_present - is there a service manager? Whether it keeps descriptors is not known. */
bool notify_present(void);

/**
 * notify_keep - have a descriptor kept
 * @fd: descriptor
 * @name: its name
 * Return: 0, or -1 with errno; EAGAIN: later, perhaps.
 */
int notify_keep(int fd, const char *name);

/**
 * notify_drop - have descriptors kept no more
 * @name: their name
 */
void notify_drop(const char *name);

/**
 * struct notify_fd - a descriptor that was kept
 * @fd: descriptor
 * @name: its name
 */
struct notify_fd {
	int fd;
	char name[NOTIFY_NAME_MAX];
};

/**
 * notify_kept - take what was kept
 * @prefix: what the names begin with; others are left alone
 * @fds: filled
 * @max: room
 * Return: how many. The second time there are none.
 */
size_t notify_kept(const char *prefix, struct notify_fd *fds, size_t max);

#endif
