/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's events, as the daemon acts on them.
 */
#ifndef HELPER_WATCH_H
#define HELPER_WATCH_H

#include "daemon.h"

struct watch;

/**
 * watch_new - subscribe
 * @daemon: daemon
 * @watch: the result
 * @failure: why not
 * Return: 0 or -1.
 */
int watch_new(struct daemon *daemon, struct watch **watch, struct failure *failure);

/**
 * watch_free - unsubscribe
 * @watch: subscription or NULL
 */
void watch_free(struct watch *watch);

/**
 * watch_catch_up - do what events were about that came before this daemon
 * @watch: subscription
 */
void watch_catch_up(struct watch *watch);

#endif
