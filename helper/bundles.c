// SPDX-License-Identifier: GPL-2.0
/*
 * Live bundles, and renewing their keys.
 *
 * Only the initiator of a bundle updates it, so that two hosts cannot do it at
 * once and undo each other's work.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "bundles.h"
#include "changeover.h"
#include "install.h"
#include "log.h"
#include "membership.h"
#include "store.h"

/* Bundles of one daemon; more calls stand, but their keys are not renewed. */
#define BUNDLES_MAX 16384

/**
 * struct bundle - a live bundle
 * @next: list
 * @prev: list
 * @bundles: table it is in
 * @csb: keys
 * @before: CSB ID of the bundle whose place it took, @csb's own if there was none
 * @config: configuration of the call, held
 * @peer: with whom
 * @session: session of the kernel
 * @cookie: what tells it from others of that number; 0 until it is asked for
 * @owner: user who may have its keys renewed
 * @due: a renewal waits until the peer uses the keys of the last one
 * @exchange: a renewal that waits for its answer
 * @done: told its result, or NULL
 * @arg: for @done
 * @changeover: looks after keys that change over
 */
struct bundle {
	struct bundle *next;
	struct bundle **prev;
	struct bundles *bundles;
	struct mikey_csb *csb;
	uint32_t before;
	struct config *config;
	struct peer *peer;
	uint32_t session;
	uint64_t cookie;
	uid_t owner;
	bool due;
	struct exchange *exchange;
	exchange_done done;
	void *arg;
	struct changeover *changeover;
};

/**
 * struct bundles - all bundles
 * @daemon: daemon
 * @list: bundles
 * @n: how many
 */
struct bundles {
	struct daemon *daemon;
	struct bundle *list;
	size_t n;
};

struct bundles *bundles_new(struct daemon *daemon)
{
	struct bundles *bundles = calloc(1, sizeof(*bundles));

	if (bundles)
		bundles->daemon = daemon;
	return bundles;
}

static void drop(struct bundle *bundle)
{
	exchange_cancel(bundle->exchange);
	changeover_free(bundle->changeover);
	*bundle->prev = bundle->next;
	if (bundle->next)
		bundle->next->prev = bundle->prev;
	bundle->bundles->n--;
	store_touch(bundle->bundles->daemon->store);
	mikey_csb_free(bundle->csb);
	config_put(bundle->config);
	free(bundle);
}

void bundles_free(struct bundles *bundles)
{
	while (bundles && bundles->list)
		drop(bundles->list);
	free(bundles);
}

static struct install how_to_install(const struct bundle *bundle)
{
	return (struct install){
		.peer = bundle->peer,
		.owner = bundle->owner,
		.old_idle = changeover_old_idle(bundle->changeover),
	};
}

static void log_bundle(const struct bundle *bundle, const char *event,
		       const struct failure *failure)
{
	struct json_object *fields = json_object_new_object();

	log_string(fields, "peer", bundle->peer->name);
	log_number(fields, "session", bundle->session);
	log_number(fields, "csb_id", bundle->csb->csb_id);
	if (failure) {
		log_number(fields, "exit", failure->code);
		log_string(fields, "reason", failure->reason);
		log_string(fields, "message", failure->text);
	}
	log_event(event, fields);
}

void bundles_add(struct bundles *bundles, struct mikey_csb *csb, struct config *config,
		 struct peer *peer, uint32_t session, uid_t owner)
{
	struct bundle *bundle = bundles->n < BUNDLES_MAX ? calloc(1, sizeof(*bundle)) : NULL;

	if (bundle)
		bundle->changeover = changeover_new(bundles->daemon->base, session);
	if (!bundle || !bundle->changeover) {
		mikey_csb_free(csb);
		free(bundle);
		return;
	}
	bundle->bundles = bundles;
	bundle->csb = csb;
	bundle->before = csb->csb_id;
	bundle->config = config_get(config);
	bundle->peer = peer;
	bundle->session = session;
	bundle->owner = owner;
	bundle->next = bundles->list;
	bundle->prev = &bundles->list;
	if (bundle->next)
		bundle->next->prev = &bundle->next;
	bundles->list = bundle;
	bundles->n++;
	store_touch(bundles->daemon->store);
}

static struct bundle *find_session(const struct bundles *bundles, uint32_t session)
{
	struct bundle *bundle;

	for (bundle = bundles->list; bundle; bundle = bundle->next)
		if (bundle->session == session)
			break;
	return bundle;
}

const struct mikey_csb *bundles_live(const struct bundles *bundles, uint32_t csb_id,
				     const struct peer *peer)
{
	const struct bundle *bundle;
	const struct mikey_csb *csb = NULL;

	/* No early exit: how long it takes does not tell which bundles live. */
	for (bundle = bundles->list; bundle; bundle = bundle->next)
		if (bundle->csb->csb_id == csb_id && peer &&
		    !strcmp(bundle->peer->name, peer->name))
			csb = bundle->csb;
	return csb;
}

const struct mikey_csb *bundles_renewed(const struct bundles *bundles, uint32_t csb_id,
					const struct peer *peer)
{
	const struct mikey_csb *csb = bundles_live(bundles, csb_id, peer);
	const struct bundle *bundle;

	for (bundle = bundles->list; bundle && !csb; bundle = bundle->next)
		if (bundle->before == csb_id && !strcmp(bundle->peer->name, peer->name))
			csb = bundle->csb;
	return csb;
}

int bundles_updated(struct bundles *bundles, const struct mikey_csb *old,
		    struct mikey_csb *csb, uint32_t named, uint32_t *session,
		    struct failure *failure)
{
	struct bundle *bundle;
	struct install how;
	bool again, same;

	for (bundle = bundles->list; bundle && bundle->csb != old; bundle = bundle->next)
		;
	if (!bundle)
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-session",
				   "the bundle that is updated has no session any more");
	how = how_to_install(bundle);
	again = bundle->peer->group && membership_same(old, csb, &same) && same;
	if (!again &&
	    install_keys(csb, &how, bundle->session, INSTALL_BOTH | INSTALL_LATER, failure))
		return -1;
	mikey_csb_free(bundle->csb);
	bundle->csb = csb;
	bundle->before = named;
	*session = bundle->session;
	if (!again)
		changeover_await(bundle->changeover, bundle->peer->group ? CHANGEOVER_GROUP :
									   CHANGEOVER_LATE);
	store_touch(bundles->daemon->store);
	return 0;
}

static void on_done(void *arg, const struct exchange_request *request,
		    const struct exchange_result *result, struct mikey_csb **csb)
{
	struct bundle *bundle = arg;

	bundle->exchange = NULL;
	if (bundle->done)
		bundle->done(bundle->arg, request, result, csb);
	bundle->done = NULL;
	if (result->failure.code) {
		log_bundle(bundle, "rekey-failed", &result->failure);
		return;
	}
	mikey_csb_free(bundle->csb);
	bundle->csb = *csb;
	*csb = NULL;
	log_bundle(bundle, "rekeyed", NULL);
	changeover_retire(bundle->changeover);
	store_touch(bundle->bundles->daemon->store);
}

static struct exchange_request request_of(const struct bundle *bundle)
{
	return (struct exchange_request){
		.config = bundle->config,
		.peer = bundle->peer,
		.owner = bundle->owner,
		.timeout = EXCHANGE_TIMEOUT,
		.verify = true,
		.update = bundle->csb,
		.session = bundle->session,
		.old_idle = changeover_old_idle(bundle->changeover),
	};
}

static int start(struct bundle *bundle, struct exchange_request *request,
		 struct failure *failure)
{
	const struct exchange_env env = sent_env(bundle->bundles->daemon);

	*request = request_of(bundle);
	return exchange_start(&env, request, on_done, bundle, &bundle->exchange, failure);
}

static void start_due(void *arg)
{
	struct exchange_result result = { 0 };
	struct exchange_request request;
	struct bundle *bundle = arg;
	struct mikey_csb *none = NULL;

	bundle->due = false;
	if (start(bundle, &request, &result.failure))
		on_done(bundle, &request, &result, &none);
}

static int check(const struct bundle *bundle, uint32_t session, uid_t user,
		 struct failure *failure)
{
	if (!bundle)
		return failure_set(failure, MIKEY_EXIT_USAGE, "no-bundle",
				   "session %u is no call by UDP that this daemon made or took",
				   session);
	if (user && user != bundle->owner)
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "not-permitted",
				   "user %u does not own session %u", user, session);
	if (!bundle->csb->initiator)
		return failure_set(failure, MIKEY_EXIT_POLICY, "not-initiator",
				   "peer %s made the call, so it alone renews its keys",
				   bundle->peer->name);
	if (bundle->exchange || bundle->due)
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "busy",
				   "the keys of session %u are being renewed", session);
	return 0;
}

int bundles_rekey(struct bundles *bundles, uint32_t session, uid_t user, exchange_done done,
		  void *arg, struct failure *failure)
{
	struct bundle *bundle = find_session(bundles, session);
	struct exchange_request request;

	if (check(bundle, session, user, failure))
		return -1;
	/* Three keys at once, and one of them would be lost with what comes under it. */
	bundle->due = changeover_then(bundle->changeover, start_due, bundle);
	if (!bundle->due && start(bundle, &request, failure))
		return -1;
	bundle->done = done;
	bundle->arg = arg;
	return 0;
}

void bundles_forget(struct bundles *bundles, void *arg)
{
	struct bundle *bundle;

	for (bundle = bundles->list; bundle; bundle = bundle->next)
		if (bundle->arg == arg)
			bundle->done = NULL;
}

/* Whoever waits for new keys of a session that has gone is told so. */
static void tell_closed(const struct bundle *bundle)
{
	const struct exchange_request request = request_of(bundle);
	struct exchange_result result = { .csb_id = bundle->csb->csb_id };
	struct mikey_csb *none = NULL;

	failure_set(&result.failure, MIKEY_EXIT_SYSTEM, "session-closed",
		    "session %u was closed while its keys were being renewed",
		    bundle->session);
	bundle->done(bundle->arg, &request, &result, &none);
}

void bundles_closed(struct bundles *bundles, uint32_t session)
{
	struct bundle *bundle = find_session(bundles, session);

	if (!bundle)
		return;
	if (bundle->done)
		tell_closed(bundle);
	drop(bundle);
}

void bundles_each(struct bundles *bundles, void (*fn)(uint32_t session, void *arg), void *arg)
{
	struct bundle *bundle, *next;

	for (bundle = bundles->list; bundle; bundle = next) {
		next = bundle->next;
		fn(bundle->session, arg);
	}
}

static bool save(struct bundle *bundle, struct record_writer *writer)
{
	const char *peer = bundle->peer->name;
	struct saved_bundle saved = {
		.peer = { (const uint8_t *)peer, strlen(peer) },
		.session = bundle->session,
		.owner = bundle->owner,
		.before = bundle->before,
		.wait = changeover_waiting(bundle->changeover),
	};

	if (!bundle->cookie)
		bundle->cookie = install_cookie(bundle->session);
	saved.cookie = bundle->cookie;
	if (saved.cookie)
		saved_put_bundle(writer, &saved, bundle->csb);
	return saved.cookie;
}

size_t bundles_save(struct bundles *bundles, struct record_writer *writer)
{
	struct bundle *bundle;
	size_t n = 0;

	for (bundle = bundles->list; bundle; bundle = bundle->next)
		n += save(bundle, writer);
	return n;
}

/*
 * The configuration may be another one, and so may be the state directory: where T
 * might be given out again, so might a keystream of the updates.
 */
static int check_saved(const struct bundles *bundles, const struct saved_bundle *saved,
		       const struct mikey_csb *csb, const struct peer *peer,
		       struct failure *failure)
{
	const struct daemon *daemon = bundles->daemon;

	if (!peer)
		return failure_set(failure, MIKEY_EXIT_USAGE, "unknown-peer-name",
				   "the peer of session %u is not in the configuration any more",
				   saved->session);
	if (!mikey_id_equal(csb->initiator ? &csb->idr : &csb->idi, &peer->identity) ||
	    !mikey_id_equal(csb->initiator ? &csb->idi : &csb->idr, &daemon->config->identity))
		return failure_set(failure, MIKEY_EXIT_USAGE, "bad-identity",
				   "the call with peer %s was between other identities", peer->name);
	if (csb->initiator && !state_gave_ts(daemon->state, &csb->ts))
		return failure_set(failure, MIKEY_EXIT_REPLAY, "bad-state-file",
				   "the state directory is not that of the call with peer %s",
				   peer->name);
	if (install_cookie(saved->session) != saved->cookie)
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-session",
				   "session %u with peer %s has ended", saved->session, peer->name);
	return 0;
}

bool bundles_restore(struct bundles *bundles, const struct saved_bundle *saved,
		     struct mikey_csb **csb)
{
	struct daemon *daemon = bundles->daemon;
	struct peer *peer = store_peer(daemon, saved->peer);
	struct failure failure;
	struct bundle *bundle;

	if (check_saved(bundles, saved, *csb, peer, &failure)) {
		store_lost(&failure);
		return false;
	}
	if ((*csb)->initiator)
		sent_add(daemon, (*csb)->csb_id, &(*csb)->ts);
	bundles_add(bundles, *csb, daemon->config, peer, saved->session, saved->owner);
	*csb = NULL;
	bundle = find_session(bundles, saved->session);
	if (!bundle)
		return false;
	bundle->cookie = saved->cookie;
	bundle->before = saved->before;
	changeover_resume(bundle->changeover, saved->wait);
	return true;
}
