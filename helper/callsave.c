// SPDX-License-Identifier: GPL-2.0
/*
 * Calls whose messages others carry, for the next daemon: what stands, so that later
 * offers find it (RFC 4567 4.1.2). No key is needed for that, since each offer makes
 * its own. What waits for an answer is not among it: nobody could take the answer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "calls.h"
#include "changeover.h"
#include "install.h"
#include "store.h"

static struct mikey_view view_of(const char *text)
{
	return (struct mikey_view){ (const uint8_t *)text, text ? strlen(text) : 0 };
}

/* The places of a first offer stay, since `accept` counts them. */
static bool save_medium(const struct call *call, struct call_medium *medium,
			struct saved_medium *saved)
{
	bool stands = medium->session && call->bundles[medium->bundle].answered;

	if (stands && !medium->cookie)
		medium->cookie = install_cookie(medium->session);
	stands = stands && medium->cookie;
	*saved = (struct saved_medium){
		.position = medium->position,
		.line = medium->line,
		.round = medium->round,
		.session = stands ? medium->session : 0,
		.cookie = stands ? medium->cookie : 0,
		.wait = stands ? changeover_waiting(medium->changeover) : 0,
	};
	return stands || !medium->round;
}

static bool save_call(struct call *call, struct record_writer *writer)
{
	static struct saved_call saved;
	bool any = false;
	size_t i;

	saved.name = view_of(call->name);
	saved.session_name = view_of(call->session_name);
	saved.peer = view_of(call->peer->name);
	saved.user = call->user;
	saved.model = call->model;
	saved.timeout = call->timeout;
	saved.n_media = 0;
	for (i = 0; i < call->n_media && saved.n_media < SAVED_MEDIA_MAX; i++)
		if (save_medium(call, &call->media[i], &saved.media[saved.n_media]))
			any |= saved.media[saved.n_media++].session;
	if (any)
		saved_put_call(writer, &saved);
	return any;
}

size_t calls_save(const struct calls *calls, struct record_writer *writer)
{
	struct call *call;
	size_t n = 0;

	for (call = calls_first(calls); call; call = call->next)
		n += save_call(call, writer);
	return n;
}

static char *text_of(struct mikey_view view)
{
	return view.len ? strndup((const char *)view.data, view.len) : NULL;
}

static struct call *new_call(struct calls *calls, const struct saved_call *saved,
			     struct peer *peer, struct failure *failure)
{
	char *name = text_of(saved->name), *session_name = text_of(saved->session_name);
	const struct call_order order = {
		.call = name,
		.session_name = session_name,
		.timeout = saved->timeout,
		.has_model = true,
		.model = saved->model,
	};
	struct call *call = call_new(calls, &order, peer, saved->user, failure);

	free(session_name);
	free(name);
	return call;
}

static bool resume_medium(struct call *call, struct call_medium *medium,
			  const struct saved_medium *saved)
{
	*medium = (struct call_medium){
		.position = saved->position,
		.line = saved->line,
		.round = saved->round,
	};
	if (saved->round > call->round)
		call->round = saved->round;
	if (!saved->session || install_cookie(saved->session) != saved->cookie)
		return false;
	medium->session = saved->session;
	medium->cookie = saved->cookie;
	medium->changeover = changeover_new(calls_daemon(call->calls)->base, saved->session);
	if (medium->changeover)
		changeover_resume(medium->changeover, saved->wait);
	return true;
}

/* All media are those of one bundle that has been answered: no message is about it. */
static int resume_call(struct call *call, const struct saved_call *saved,
		       struct failure *failure)
{
	struct call_bundle *bundle = call_add_bundle(call);
	bool any = false;
	size_t i;

	call->media = calloc(saved->n_media, sizeof(*call->media));
	if (!bundle || !call->media)
		return failure_errno(failure, ENOMEM, "call");
	bundle->answered = true;
	for (i = 0; i < saved->n_media; i++)
		any |= resume_medium(call, &call->media[call->n_media++], &saved->media[i]);
	return any ? 0 : failure_set(failure, MIKEY_EXIT_SYSTEM, "no-session",
				     "all sessions of a call with peer %s have ended",
				     call->peer->name);
}

bool calls_restore(struct calls *calls, const struct saved_call *saved)
{
	struct peer *peer = store_peer(calls_daemon(calls), saved->peer);
	struct failure failure;
	struct call *call;

	if (!peer) {
		failure_set(&failure, MIKEY_EXIT_USAGE, "unknown-peer-name",
			    "the peer of a call is not in the configuration any more");
		store_lost(&failure);
		return false;
	}
	call = new_call(calls, saved, peer, &failure);
	if (call && !resume_call(call, saved, &failure))
		return true;
	call_drop(call, false);
	store_lost(&failure);
	return false;
}
