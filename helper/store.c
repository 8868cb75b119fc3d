// SPDX-License-Identifier: GPL-2.0
/*
 * What survives the daemon.
 *
 * Each change makes a new store, which the manager has before it lets go of the old
 * one: whenever the daemon is killed, there is one, and of two the later one counts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bundles.h"
#include "calls.h"
#include "groups.h"
#include "log.h"
#include "notify.h"
#include "now.h"
#include "saved.h"
#include "sealed.h"
#include "store.h"

/* Names of what is kept, each with a number of its own behind it. */
#define PREFIX "mikey-bundles-"
/* Stores that are taken at the start: the last one, and one that it replaced. */
#define KEPT_MAX 8
/* Octets that are written in a millisecond at most, so that others have their turn. */
#define PACE 16384
/* Until the manager, who did not take a store, is asked again. */
#define RETRY_MS 1000

/**
 * struct kept - a store that the manager has
 * @name: its name there
 * @sealed: its octets
 */
struct kept {
	char name[NOTIFY_NAME_MAX];
	struct sealed sealed;
};

/**
 * struct store - what is kept
 * @daemon: daemon
 * @present: there is a manager
 * @timer: when changes are written
 * @due: they wait for it
 * @failing: the last attempt failed, and that was told
 * @next_ms: not before
 * @generation: of the last store
 * @kept: stores that the manager has, to be replaced by the next one
 * @n_kept: how many
 */
struct store {
	struct daemon *daemon;
	bool present;
	struct event *timer;
	bool due;
	bool failing;
	uint64_t next_ms;
	uint64_t generation;
	struct kept kept[KEPT_MAX];
	size_t n_kept;
};

static void tell_failure(const char *event, const struct failure *failure)
{
	struct json_object *fields = json_object_new_object();

	log_string(fields, "reason", failure->reason);
	log_string(fields, "message", failure->text);
	log_event(event, fields);
}

/* Return: how many bundles and calls. */
static size_t fill(const struct store *store, struct record_writer *writer, bool *good)
{
	size_t n;

	saved_begin(writer, store->generation + 1);
	n = bundles_save(store->daemon->bundles, writer);
	n += calls_save(store->daemon->calls, writer);
	n += groups_save(store->daemon->groups, writer);
	*good = saved_end(writer, store->daemon->crypto);
	return n;
}

static int make_name(const struct store *store, char *name, struct failure *failure)
{
	const struct mikey_env *env = &store->daemon->env;
	uint32_t number;

	if (env->random(env->arg, &number, sizeof(number)))
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-random",
				   "no random octets for the name of a store");
	snprintf(name, NOTIFY_NAME_MAX, PREFIX "%08x", number);
	return 0;
}

static int hand_over(int fd, const char *name, struct failure *failure)
{
	if (!notify_keep(fd, name))
		return 0;
	return failure_errno(failure, errno, "the service manager does not take the bundles");
}

/* Return: the descriptor of a new store with all that there is, or -1. */
static int make(const struct store *store, size_t len, struct kept *kept,
		struct failure *failure)
{
	struct record_writer writer = { .room = len };
	int fd = sealed_new(len, &writer.data, failure);
	bool good;

	if (fd < 0)
		return -1;
	fill(store, &writer, &good);
	if (sealed_finish(fd, writer.data, len, &kept->sealed, failure) ||
	    (good ? 0 : failure_set(failure, MIKEY_EXIT_SYSTEM, "system",
				    "the store of bundles cannot be written")) ||
	    make_name(store, kept->name, failure) || hand_over(fd, kept->name, failure)) {
		sealed_close(&kept->sealed);
		close(fd);
		return -1;
	}
	return fd;
}

static void drop_kept(struct store *store)
{
	while (store->n_kept) {
		struct kept *kept = &store->kept[--store->n_kept];

		notify_drop(kept->name);
		sealed_close(&kept->sealed);
	}
}

/* The manager keeps keys only as long as there is something that needs them. */
static int replace(struct store *store, struct failure *failure)
{
	struct record_writer count = { 0 };
	struct kept kept = { .sealed.fd = -1 };
	bool good;
	int fd;

	if (!fill(store, &count, &good)) {
		drop_kept(store);
		return 0;
	}
	fd = make(store, count.len, &kept, failure);
	if (fd < 0)
		return -1;
	close(fd);
	drop_kept(store);
	store->generation++;
	store->kept[store->n_kept++] = kept;
	store->next_ms = now_ms() + count.len / PACE;
	return 0;
}

void store_flush(struct store *store)
{
	struct failure failure;

	if (!store->due)
		return;
	store->due = false;
	if (!replace(store, &failure)) {
		store->failing = false;
		return;
	}
	if (!store->failing)
		tell_failure("store-failed", &failure);
	store->failing = true;
	store->next_ms = now_ms() + RETRY_MS;
	store_touch(store);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	store_flush(arg);
}

void store_touch(struct store *store)
{
	uint64_t now, wait;
	struct timeval tv;

	if (!store || !store->present || store->due)
		return;
	now = now_ms();
	wait = store->next_ms > now ? store->next_ms - now : 0;
	tv = (struct timeval){ .tv_sec = wait / 1000, .tv_usec = wait % 1000 * 1000 };
	store->due = !event_add(store->timer, &tv);
}

/* What cannot be read is not asked for again. */
static void take_kept(struct store *store)
{
	struct notify_fd fds[KEPT_MAX];
	size_t n = notify_kept(PREFIX, fds, KEPT_MAX), i;
	struct failure failure;
	struct kept *kept;

	for (i = 0; i < n; i++) {
		kept = &store->kept[store->n_kept];
		if (sealed_open(fds[i].fd, SAVED_MAX, &kept->sealed, &failure)) {
			tell_failure("store-refused", &failure);
			notify_drop(fds[i].name);
		} else {
			memcpy(kept->name, fds[i].name, sizeof(kept->name));
			store->n_kept++;
		}
		close(fds[i].fd);
	}
}

struct store *store_new(struct daemon *daemon)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->daemon = daemon;
	store->present = notify_present();
	store->timer = evtimer_new(daemon->base, on_timer, store);
	if (!store->timer) {
		free(store);
		return NULL;
	}
	take_kept(store);
	return store;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	while (store->n_kept)
		sealed_close(&store->kept[--store->n_kept].sealed);
	event_free(store->timer);
	free(store);
}

bool store_present(const struct store *store)
{
	return store->present;
}

struct peer *store_peer(const struct daemon *daemon, struct mikey_view name)
{
	struct peer *peer;

	for (peer = daemon->config->peers; peer; peer = peer->next)
		if (strlen(peer->name) == name.len && !memcmp(peer->name, name.data, name.len))
			break;
	return peer;
}

void store_lost(const struct failure *failure)
{
	tell_failure("not-restored", failure);
}

/**
 * struct tally - what became of a store
 * @daemon: daemon
 * @bundles: bundles that live on
 * @calls: calls that do
 * @groups: groups that do
 */
struct tally {
	struct daemon *daemon;
	size_t bundles;
	size_t calls;
	size_t groups;
};

static void on_bundle(void *arg, const struct saved_bundle *bundle, struct mikey_csb **csb)
{
	struct tally *tally = arg;

	tally->bundles += bundles_restore(tally->daemon->bundles, bundle, csb);
}

static void on_call(void *arg, const struct saved_call *call)
{
	struct tally *tally = arg;

	tally->calls += calls_restore(tally->daemon->calls, call);
}

static void on_group(void *arg, const struct saved_group *group, struct mikey_csb **csb)
{
	struct tally *tally = arg;

	tally->groups += groups_restore(tally->daemon->groups, group, csb);
}

static void on_member(void *arg, const struct saved_member *member, struct mikey_csb **csb)
{
	struct tally *tally = arg;

	groups_restore_member(tally->daemon->groups, member, csb);
}

static int restore(struct store *store, const struct kept *kept, struct failure *failure)
{
	struct tally tally = { .daemon = store->daemon };
	const struct saved_visitor visitor = {
		on_bundle, on_call, on_group, on_member, &tally,
	};
	const struct mikey_view octets = { kept->sealed.octets, kept->sealed.len };
	struct json_object *fields;
	struct mikey_error err = { 0 };
	enum mikey_reason reason = saved_read(store->daemon->crypto, octets, &visitor, &err);

	if (reason)
		return failure_set(failure, MIKEY_EXIT_SYSTEM,
				   reason == MIKEY_BAD_VERSION ? "store-version" : "bad-store",
				   "%s", err.text);
	fields = json_object_new_object();
	log_number(fields, "bundles", tally.bundles);
	log_number(fields, "calls", tally.calls);
	log_number(fields, "groups", tally.groups);
	log_event("restored", fields);
	return 0;
}

static uint64_t generation_of(const struct kept *kept)
{
	return saved_generation((struct mikey_view){ kept->sealed.octets, kept->sealed.len });
}

static int by_generation(const void *a, const void *b)
{
	uint64_t x = generation_of(a), y = generation_of(b);

	return x < y ? 1 : x > y ? -1 : 0;
}

void store_restore(struct store *store)
{
	struct failure failure;
	size_t i;

	qsort(store->kept, store->n_kept, sizeof(store->kept[0]), by_generation);
	for (i = 0; i < store->n_kept; i++) {
		if (!restore(store, &store->kept[i], &failure)) {
			store->generation = generation_of(&store->kept[i]);
			break;
		}
		tell_failure("store-refused", &failure);
	}
	if (!store->n_kept)
		return;
	groups_resume(store->daemon->groups);
	store_touch(store);
}
