// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's events: keys that are due are renewed, and what has no session
 * any more is forgotten. Events are hints that may be lost; a dump is what is so.
 */
#include <errno.h>
#include <stdlib.h>
#include "bundles.h"
#include "calls.h"
#include "groups.h"
#include "install.h"
#include "kernel.h"
#include "log.h"
#include "watch.h"

/**
 * struct watch - the subscription
 * @daemon: daemon
 * @kernel: connection, for dumps
 * @events: subscription
 * @readable: on its descriptor
 */
struct watch {
	struct daemon *daemon;
	struct kernel *kernel;
	struct kernel_events *events;
	struct event *readable;
};

static void tell(const char *event, uint32_t session, const struct failure *failure)
{
	struct json_object *fields = json_object_new_object();

	if (session)
		log_number(fields, "session", session);
	if (failure) {
		log_string(fields, "reason", failure->reason);
		log_string(fields, "message", failure->text);
	}
	log_event(event, fields);
}

/*
 * A key is due. What others carry they have to fetch: `offer --call` makes the
 * message. Both ends are told of their keys; only the initiator acts.
 */
static void on_soft_limit(struct watch *watch, uint32_t session)
{
	const struct daemon *daemon = watch->daemon;
	struct failure failure;

	if (calls_have(daemon->calls, session))
		tell("rekey-wanted", session, NULL);
	else if (groups_have(daemon->groups, session) ?
		 !groups_rekey(daemon->groups, session, 0, NULL, NULL, &failure) :
		 !bundles_rekey(daemon->bundles, session, 0, NULL, NULL, &failure))
		tell("rekeying", session, NULL);
}

static void on_closed(struct watch *watch, uint32_t session)
{
	bundles_closed(watch->daemon->bundles, session);
	groups_closed(watch->daemon->groups, session);
	calls_closed(watch->daemon->calls, session);
}

static void on_event(const struct kernel_event *event, void *arg)
{
	struct watch *watch = arg;

	switch (event->type) {
	case SRTP_EVENT_KEY_SOFT_LIMIT:
		/* The keys of both directions are due at nearly the same time. */
		if (!install_superseded(event->session, event->stream, event->key))
			on_soft_limit(watch, event->session);
		break;
	case SRTP_EVENT_KEY_HARD_LIMIT:
	case SRTP_EVENT_KEY_EXPIRED:
		tell("key-expired", event->session, NULL);
		break;
	case SRTP_EVENT_SESSION_CLOSED:
		on_closed(watch, event->session);
		break;
	}
}

/* Is it still there? The kernel never gives a number twice while that matters. */
static void check_session(uint32_t session, void *arg)
{
	struct watch *watch = arg;
	struct kernel_session found;

	if (kernel_session_get(watch->kernel, session, &found) == -ENOENT)
		on_closed(watch, session);
}

static int check_stream(struct kernel_stream *stream, void *arg)
{
	if (stream->events & (1u << SRTP_EVENT_KEY_SOFT_LIMIT))
		on_soft_limit(arg, stream->session);
	return 0;
}

void watch_catch_up(struct watch *watch)
{
	bundles_each(watch->daemon->bundles, check_session, watch);
	groups_each(watch->daemon->groups, check_session, watch);
	calls_each(watch->daemon->calls, check_session, watch);
	kernel_stream_dump(watch->kernel, 0, check_stream, watch);
}

/* Events were lost: look at all that they could have been about. */
static void resync(struct watch *watch)
{
	log_event("resync", NULL);
	watch_catch_up(watch);
}

static void forget(uint32_t session, void *arg)
{
	on_closed(arg, session);
}

static void release(struct watch *watch)
{
	if (watch->readable)
		event_free(watch->readable);
	kernel_events_close(watch->events);
	kernel_close(watch->kernel);
	watch->readable = NULL;
	watch->events = NULL;
	watch->kernel = NULL;
}

static int subscribe(struct watch *watch, struct failure *failure);

/* The numbers of sessions begin again with the module, those of its family may be others. */
static void on_module(struct watch *watch, unsigned int module)
{
	struct failure failure;

	if (module & KERNEL_MODULE_GONE) {
		log_event("module-gone", NULL);
		bundles_each(watch->daemon->bundles, forget, watch);
		groups_each(watch->daemon->groups, forget, watch);
		calls_each(watch->daemon->calls, forget, watch);
	}
	if (!(module & KERNEL_MODULE_BACK))
		return;
	release(watch);
	if (subscribe(watch, &failure)) {
		release(watch);
		tell("no-events", 0, &failure);
		return;
	}
	log_event("module-back", NULL);
	resync(watch);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct watch *watch = arg;
	int err = kernel_events_read(watch->events, on_event, watch);
	unsigned int module = kernel_events_module(watch->events);

	(void)fd;
	(void)what;
	if (module)
		on_module(watch, module);
	else if (err == -ENOBUFS)
		resync(watch);
}

static int subscribe(struct watch *watch, struct failure *failure)
{
	int err = kernel_open(&watch->kernel);

	if (!err)
		err = kernel_events_open(watch->kernel, &watch->events);
	if (err)
		return failure_set(failure, kernel_exit(err), kernel_reason(err),
				   "no events of the kernel: %s", kernel_error(watch->kernel));
	watch->readable = event_new(watch->daemon->base, kernel_events_fd(watch->events),
				    EV_READ | EV_PERSIST, on_readable, watch);
	if (!watch->readable || event_add(watch->readable, NULL))
		return failure_errno(failure, ENOMEM, "daemon");
	return 0;
}

int watch_new(struct daemon *daemon, struct watch **result, struct failure *failure)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return failure_errno(failure, ENOMEM, "daemon");
	watch->daemon = daemon;
	*result = watch;
	return subscribe(watch, failure);
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	release(watch);
	free(watch);
}
