/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What survives the daemon: its bundles and calls, in sealed memory that the service
 * manager keeps (sd_notify(3), FDSTORE=1). No octet of it is in a file. Without a
 * service manager nothing is kept.
 */
#ifndef HELPER_STORE_H
#define HELPER_STORE_H

#include "daemon.h"

struct store;

/**
 * store_new - take what the service manager has kept, if there is one
 * @daemon: daemon
 * Return: NULL without memory.
 */
struct store *store_new(struct daemon *daemon);

/**
 * store_free - let go; what is kept stays
 * @store: store or NULL
 */
void store_free(struct store *store);

/**
 * store_present - is there somebody to keep anything?
 * @store: store
 */
bool store_present(const struct store *store);

/**
 * store_restore - go on with the bundles and calls of the last daemon
 * @store: of a daemon that has none yet
 */
void store_restore(struct store *store);

/**
 * store_touch - something of what is kept has changed
 * @store: store, or NULL while there is none
 *
 * All changes of one turn of the event loop are written at once.
 */
void store_touch(struct store *store);

/**
 * store_flush - write now what has changed
 * @store: store
 */
void store_flush(struct store *store);

/**
 * store_peer - the peer that a name in a store means
 * @daemon: daemon
 * @name: its octets
 * Return: NULL if the configuration has none any more.
 */
struct peer *store_peer(const struct daemon *daemon, struct mikey_view name);

/**
 * store_lost - tell that a bundle or a call does not live on
 * @failure: why
 */
void store_lost(const struct failure *failure);

#endif
