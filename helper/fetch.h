/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Certificates by URL: fetched by another process, kept for a while, and waited for.
 */
#ifndef HELPER_FETCH_H
#define HELPER_FETCH_H

#include <event2/event.h>
#include <json-c/json.h>
#include "config.h"

struct fetch;

/**
 * struct fetch_waiter - somebody who reads a message again when a certificate has come
 * @next: list
 * @prev: list; NULL: waits for nothing
 * @again: called once, when any certificate has come, or will not
 * @arg: for @again
 */
struct fetch_waiter {
	struct fetch_waiter *next;
	struct fetch_waiter **prev;
	void (*again)(void *arg);
	void *arg;
};

/**
 * fetch_wanted - does a configuration allow any URL?
 * @config: configuration
 */
bool fetch_wanted(const struct config *config);

/** fetch_tell_fn - what happens, as log_event() takes it */
typedef void (*fetch_tell_fn)(const char *event, struct json_object *fields);

/**
 * fetch_new - start the process that fetches, if the configuration allows any URL
 * @base: event loop
 * @config: configuration; see fetch_serve()
 * @tell: told what is fetched, and if the process ends; NULL for nobody
 * @fetch: the result, NULL if nothing is allowed
 * @failure: why not
 * Return: 0 or -1.
 */
int fetch_new(struct event_base *base, struct config *config, fetch_tell_fn tell,
	      struct fetch **fetch, struct failure *failure);

/**
 * fetch_serve - fetch for the peers of a configuration
 * @fetch: fetcher or NULL
 * @config: configuration; who holds it must let go before fetch_free()
 */
void fetch_serve(struct fetch *fetch, struct config *config);

/**
 * fetch_free - forget all certificates, and let the process end; nobody may wait
 * @fetch: fetcher or NULL
 */
void fetch_free(struct fetch *fetch);

/**
 * fetch_find - a struct mikey_urls: the certificate of a peer at a URL
 * @arg: the struct peer
 * @url: from a message
 * @der: the octets; they stay until this is called again
 * @err: why not
 *
 * What is not allowed to this peer is refused. What is not there is fetched, if that is
 * not too much.
 */
enum mikey_reason fetch_find(void *arg, struct mikey_view url, struct mikey_view *der,
			     struct mikey_error *err);

/**
 * fetch_wait - be called when a certificate has come, or will not
 * @fetch: fetcher
 * @waiter: @again and @arg are set; nothing happens if it waits already
 */
void fetch_wait(struct fetch *fetch, struct fetch_waiter *waiter);

/**
 * fetch_forget - do not be called
 * @waiter: waiter, which may wait or not
 */
void fetch_forget(struct fetch_waiter *waiter);

#endif
