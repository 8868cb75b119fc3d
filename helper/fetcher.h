/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The process mikey-fetch, as seen from this one.
 */
#ifndef HELPER_FETCHER_H
#define HELPER_FETCHER_H

#include <event2/event.h>
#include "failure.h"

struct fetcher;

/**
 * fetcher_start - start it, and see that it has given up its rights
 * @base: event loop
 * @user: whose rights it has
 * @gone: called once if it ends
 * @arg: for @gone
 * @fetcher: the result
 * @failure: why not
 * Return: 0 or -1.
 *
 * Before this process gives up its own.
 */
int fetcher_start(struct event_base *base, const char *user, void (*gone)(void *arg), void *arg,
		  struct fetcher **fetcher, struct failure *failure);

/**
 * fetcher_ask - give it an order
 * @fetcher: process
 * @url: what to fetch
 * @seconds: how long that may take
 * Return: a socket from which a struct fetch_answer comes, or nothing if the process
 * that worked on it died; -1 if it takes no order.
 */
int fetcher_ask(struct fetcher *fetcher, const char *url, unsigned int seconds);

/**
 * fetcher_free - let it end
 * @fetcher: process or NULL
 */
void fetcher_free(struct fetcher *fetcher);

#endif
