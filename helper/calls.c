// SPDX-License-Identifier: GPL-2.0
/*
 * The table of calls, and the life of each.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "calls.h"
#include "changeover.h"
#include "install.h"
#include "log.h"
#include "order.h"
#include "proposal.h"
#include "store.h"

/* Calls at a time, and of one user other than root; each holds two messages. */
#define CALLS_MAX 4096
#define CALLS_PER_USER 256

/**
 * struct calls - all calls
 * @daemon: daemon
 * @list: calls
 * @n: how many
 */
struct calls {
	struct daemon *daemon;
	struct call *list;
	size_t n;
};

struct calls *calls_new(struct daemon *daemon)
{
	struct calls *calls = calloc(1, sizeof(*calls));

	if (calls)
		calls->daemon = daemon;
	return calls;
}

struct daemon *calls_daemon(const struct calls *calls)
{
	return calls->daemon;
}

struct call *calls_first(const struct calls *calls)
{
	return calls->list;
}

bool call_is_answered(const struct call *call)
{
	size_t i;

	for (i = 0; i < call->n_bundles; i++)
		if (call->bundles[i].answered)
			return true;
	return false;
}

void calls_free(struct calls *calls)
{
	while (calls && calls->list)
		call_drop(calls->list, !call_is_answered(calls->list));
	free(calls);
}

static bool has_room(const struct calls *calls, uid_t user)
{
	const struct call *call;
	size_t n = 0;

	for (call = calls->list; call; call = call->next)
		n += call->user == user;
	return calls->n < CALLS_MAX && (!user || n < CALLS_PER_USER);
}

static bool fill_call(struct call *call, const struct call_order *order)
{
	if (order->call)
		call->name = strdup(order->call);
	if (order->session_name)
		call->session_name = strdup(order->session_name);
	return (call->name || !order->call) && (call->session_name || !order->session_name);
}

static void free_call(struct call *call)
{
	if (call) {
		free(call->session_name);
		free(call->name);
	}
	free(call);
}

struct call *call_new(struct calls *calls, const struct call_order *order, struct peer *peer,
		      uid_t user, struct failure *failure)
{
	struct call *call;

	if (!has_room(calls, user)) {
		failure_set(failure, MIKEY_EXIT_SYSTEM, "too-many-calls",
			    "user %u has too many calls", user);
		return NULL;
	}
	call = calloc(1, sizeof(*call));
	if (!call || !fill_call(call, order)) {
		failure_errno(failure, ENOMEM, "call");
		free_call(call);
		return NULL;
	}
	call->calls = calls;
	call->user = user;
	call->config = config_get(calls->daemon->config);
	call->peer = peer;
	call->model = order->has_model ? order->model : peer->key_model;
	call->holder = order->holder;
	call->timeout = order->timeout ? order->timeout : CALL_TIMEOUT;
	call->next = calls->list;
	call->prev = &calls->list;
	if (call->next)
		call->next->prev = &call->next;
	calls->list = call;
	calls->n++;
	return call;
}

void call_drop(struct call *call, bool sessions)
{
	size_t i;

	if (!call)
		return;
	for (i = 0; sessions && i < call->n_media; i++)
		install_remove(call->media[i].session);
	for (i = 0; i < call->n_media; i++)
		changeover_free(call->media[i].changeover);
	for (i = 0; i < call->n_bundles; i++)
		mikey_pending_free(call->bundles[i].pending);
	if (call->expiry)
		event_free(call->expiry);
	*call->prev = call->next;
	if (call->next)
		call->next->prev = call->prev;
	call->calls->n--;
	store_touch(call->calls->daemon->store);
	config_put(call->config);
	free(call->bundles);
	free(call->media);
	free_call(call);
}

static bool has_csb(const struct call *call, uint32_t csb_id)
{
	size_t i;

	for (i = 0; i < call->n_bundles; i++)
		if (call->bundles[i].pending && call->bundles[i].csb_id == csb_id)
			return true;
	return false;
}

struct call *call_find(const struct calls *calls, const char *name, uint32_t csb_id, uid_t user)
{
	struct call *call;

	for (call = calls->list; call; call = call->next) {
		if (user && call->user != user)
			continue;
		if (name ? call->name && !strcmp(call->name, name) : has_csb(call, csb_id))
			return call;
	}
	return NULL;
}

static void log_call(const struct call *call, const char *event)
{
	struct json_object *fields = json_object_new_object();

	log_string(fields, "peer", call->peer->name);
	if (call->name)
		log_string(fields, "call", call->name);
	log_number(fields, "user", call->user);
	log_event(event, fields);
}

static void forget_pending(struct call *call)
{
	size_t i;

	for (i = 0; i < call->n_bundles; i++) {
		mikey_pending_free(call->bundles[i].pending);
		call->bundles[i].pending = NULL;
	}
}

/*
 * No answer is taken from here on. If none came, the sessions go; the kernel
 * would let go of them by itself, too.
 */
static void on_expiry(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;

	(void)fd;
	(void)what;
	if (call->bundles[call->n_bundles - 1].answered) {
		forget_pending(call);
		return;
	}
	log_call(call, "offer-expired");
	call_undo_round(call);
}

bool call_await(struct call *call)
{
	const struct timeval patience = { .tv_sec = call->timeout };

	if (!call->expiry)
		call->expiry = evtimer_new(call->calls->daemon->base, on_expiry, call);
	return call->expiry && !event_add(call->expiry, &patience);
}

static struct call_medium *find_session(const struct call *call, uint32_t session)
{
	size_t i;

	for (i = 0; i < call->n_media; i++)
		if (call->media[i].session == session)
			return &call->media[i];
	return NULL;
}

bool calls_have(const struct calls *calls, uint32_t session)
{
	const struct call *call;

	for (call = calls->list; call; call = call->next)
		if (find_session(call, session))
			return true;
	return false;
}

static bool has_sessions(const struct call *call)
{
	size_t i;

	for (i = 0; i < call->n_media; i++)
		if (call->media[i].session)
			return true;
	return false;
}

void calls_closed(struct calls *calls, uint32_t session)
{
	struct call *call, *next;
	struct call_medium *medium;
	bool found;

	if (!session)
		return;
	for (call = calls->list; call; call = next) {
		next = call->next;
		found = false;
		while ((medium = find_session(call, session))) {
			medium->session = 0;
			found = true;
			store_touch(calls->daemon->store);
		}
		if (found && !has_sessions(call))
			call_drop(call, false);
	}
}

void calls_each(struct calls *calls, void (*fn)(uint32_t session, void *arg), void *arg)
{
	struct call *call, *next;
	size_t i;

	for (call = calls->list; call; call = next) {
		next = call->next;
		/* The last one that closes takes the call with it. */
		for (i = call->n_media; i-- > 0;)
			if (call->media[i].session)
				fn(call->media[i].session, arg);
	}
}

static bool csb_in_use(void *arg, uint32_t csb_id)
{
	const struct calls *calls = arg;

	return call_find(calls, NULL, csb_id, 0) || sent_find(calls->daemon, csb_id, NULL);
}

static void sent(void *arg, uint32_t csb_id, const struct mikey_ts *ts)
{
	sent_add(((struct calls *)arg)->daemon, csb_id, ts);
}

struct exchange_env call_env(const struct calls *calls)
{
	return (struct exchange_env){
		.base = calls->daemon->base,
		.mikey = calls->daemon->env,
		.state = calls->daemon->state,
		.csb_in_use = csb_in_use,
		.sent = sent,
		.arg = (void *)calls,
	};
}

/* A peer is always named: whatever proves to be somebody else is refused. */
static struct peer *find_peer(const struct config *config, const struct call_order *order,
			      struct failure *failure)
{
	const char *name = order->peer ? order->peer : order->expect_id;
	struct peer *peer = NULL;
	struct mikey_id id = { 0 };

	if (order->peer) {
		peer = config_peer(config, name);
	} else if (!identity_parse(name, &id, failure)) {
		peer = peer_find(config, &id, NULL);
		free((void *)id.data.data);
	} else {
		return NULL;
	}
	if (!peer)
		failure_set(failure, MIKEY_EXIT_USAGE, "unknown-peer-name",
			    "there is no peer '%.63s' in %s", name, config->path);
	return peer;
}

static int check_order(const struct call_order *order, const struct peer *peer, uid_t user,
		       struct failure *failure)
{
	unsigned int need = order->verb == CALL_ANSWER ? PEER_IN : PEER_OUT;

	if (order_may(peer, user, failure) || order_session_name(order->session_name, failure))
		return -1;
	if (peer->group)
		return failure_set(failure, MIKEY_EXIT_POLICY, "group-refused",
				   "peer %s gives the keys of a group, by UDP only", peer->name);
	if (!(peer->direction & need))
		return failure_set(failure, MIKEY_EXIT_POLICY, "direction-refused",
				   need == PEER_IN ? "peer %s may only be called" :
						     "peer %s may call us, but is not to be called",
				   peer->name);
	return 0;
}

static struct call *find_held(const struct calls *calls, const void *client)
{
	struct call *call;

	for (call = calls->list; call; call = call->next)
		if (call->holder == client)
			return call;
	return NULL;
}

bool calls_held(const struct calls *calls, const void *client)
{
	return find_held(calls, client);
}

void calls_let_go(struct calls *calls, const void *client)
{
	struct call *call = find_held(calls, client);

	if (call)
		log_call(call, "hung-up");
	call_drop(call, true);
}

/*
 * The messages of a description are taken all or none, so all certificates are there
 * before the first one is looked at.
 */
static int await_certificates(const struct call_order *order, const struct config *config,
			      const struct peer *peer, struct failure *failure)
{
	const struct mikey_creds creds = peer_creds(config, peer);
	enum mikey_reason reason = MIKEY_OK, one;
	struct mikey_error err;
	size_t i;

	for (i = 0; i < order->n_groups; i++) {
		const struct group_order *group = &order->groups[i];

		one = mikey_urls_await(&creds.urls, group->msg, group->len, &err);
		reason = one ? one : reason;
	}
	return reason ? failure_mikey(failure, &err) : 0;
}

struct json_object *calls_order(struct calls *calls, struct json_object *object, uid_t user,
				const void *client, struct failure *failure)
{
	static struct json_object *(*const verbs[])(struct calls *, const struct call_order *,
						    struct peer *, uid_t, struct failure *) = {
		[CALL_OFFER] = call_offer,
		[CALL_ANSWER] = call_answer,
		[CALL_ACCEPT] = call_accept,
	};
	struct json_object *answer = NULL;
	struct call_order order;
	struct peer *peer;

	if (!call_order_parse(object, &order, failure)) {
		order.holder = order.hold ? client : NULL;
		peer = find_peer(calls->daemon->config, &order, failure);
		order.plain = peer && peer_is_plain(peer) && order.rtsp && order.tls;
		if (peer && !check_order(&order, peer, user, failure) &&
		    !await_certificates(&order, calls->daemon->config, peer, failure))
			answer = verbs[order.verb](calls, &order, peer, user, failure);
	}
	call_order_clear(&order);
	store_touch(calls->daemon->store);
	return answer;
}
