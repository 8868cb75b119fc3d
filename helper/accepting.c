// SPDX-License-Identifier: GPL-2.0
/*
 * Responses to an offer, RFC 4567 4.1.1. All of them have to be good before the
 * first one has any effect (RFC 4567 4.1.2); one that is not leaves the offer
 * as it was, since anybody may have sent it.
 */
#include <errno.h>
#include <string.h>
#include "calls.h"
#include "changeover.h"
#include "install.h"
#include "proposal.h"

static struct call_bundle *find_bundle(struct call *call, struct mikey_view msg,
				       struct failure *failure)
{
	uint32_t csb_id = message_csb_id(msg);
	size_t i;

	for (i = 0; i < call->n_bundles; i++)
		if (call->bundles[i].pending && call->bundles[i].csb_id == csb_id)
			return &call->bundles[i];
	failure_set(failure, MIKEY_EXIT_AUTH, "foreign-response",
		    "the message answers no offer of this call");
	return NULL;
}

static int process(struct call *call, const struct group_order *group, struct failure *failure)
{
	const struct mikey_view msg = { group->msg, group->len };
	struct call_bundle *bundle = find_bundle(call, msg, failure);
	struct mikey_peer_error peer_error;
	struct mikey_error err;
	enum mikey_reason reason;

	if (!bundle)
		return -1;
	/* Another answer is another secret there, and would need other sessions. */
	if (bundle->answered && !bundle->early)
		return failure_set(failure, MIKEY_EXIT_POLICY, "already-answered",
				   "this mode gives each answer keys of its own; only the first "
				   "one can be taken");
	reason = mikey_pending_process(bundle->pending, msg.data, msg.len, &peer_error, &err);
	if (reason == MIKEY_PEER_ERROR || reason == MIKEY_PEER_HINT)
		return failure_peer(failure, call->peer->name, &peer_error);
	return reason ? failure_mikey(failure, &err) : 0;
}

/* A carrier that says nothing of media means all. */
static bool is_listed(const struct group_order *group, unsigned int position)
{
	size_t i;

	for (i = 0; i < group->n_media; i++)
		if (group->media[i].position == position)
			return true;
	return !group->n_media;
}

/* New keys of a session that stands, or the streams of a new one. */
static int install_medium(struct call *call, struct call_medium *medium,
			  const struct call_bundle *bundle, const struct mikey_csb *csb,
			  struct failure *failure)
{
	enum install_what what = bundle->early ? INSTALL_TX : INSTALL_BOTH;
	const struct install how = call_install(call, medium);

	if (!medium->shared && bundle->early && install_roc(csb, &how, medium->session, failure))
		return -1;
	if (!medium->shared)
		return install_streams(csb, &how, medium->session, what, failure);
	if (install_keys(csb, &how, medium->session, what, failure))
		return -1;
	medium->changeover = changeover_new(calls_daemon(call->calls)->base, medium->session);
	if (medium->changeover)
		changeover_retire(medium->changeover);
	return 0;
}

/* What the answer rejects goes; the rest may send from here on. */
static int install_group(struct call *call, const struct group_order *group,
			 struct call_bundle *bundle, struct failure *failure)
{
	const struct mikey_csb *csb = mikey_pending_csb(bundle->pending);
	struct call_medium *medium;

	for (medium = call->media; medium < call->media + call->n_media; medium++) {
		if (&call->bundles[medium->bundle] != bundle || !medium->session)
			continue;
		if (!is_listed(group, medium->position)) {
			install_remove(medium->session);
			medium->session = 0;
			continue;
		}
		if (!bundle->answered && install_medium(call, medium, bundle, csb, failure))
			return -1;
	}
	bundle->answered = true;
	return 0;
}

static int install_all(struct call *call, const struct call_order *order,
		       struct json_object *groups, struct failure *failure)
{
	struct call_bundle *bundle;
	size_t i;

	for (i = 0; i < order->n_groups; i++) {
		const struct mikey_view msg = { order->groups[i].msg, order->groups[i].len };

		bundle = find_bundle(call, msg, failure);
		if (!bundle || install_group(call, &order->groups[i], bundle, failure))
			return -1;
		json_object_array_add(groups, call_group_json(call, bundle - call->bundles,
				      mikey_pending_csb(bundle->pending),
				      (struct mikey_view){ NULL, 0 }));
	}
	return 0;
}

/*
 * RFC 4567 4.1.2: a medium whose part is not answered is not keyed. Nothing waits
 * for that answer any more: the offer as a whole has its own.
 */
static void drop_unanswered(struct call *call)
{
	struct call_medium *medium;
	size_t i;

	for (medium = call->media; medium < call->media + call->n_media; medium++) {
		if (call->bundles[medium->bundle].answered || medium->round != call->round)
			continue;
		install_remove(medium->session);
		medium->session = 0;
	}
	for (i = 0; i < call->n_bundles; i++)
		call->bundles[i].answered = true;
}

static struct call *find_call(const struct calls *calls, const struct call_order *order,
			      const struct peer *peer, uid_t user, struct failure *failure)
{
	const struct mikey_view first = { order->groups[0].msg, order->groups[0].len };
	struct call *call = call_find(calls, order->call, message_csb_id(first), user);

	if (!call)
		failure_set(failure, MIKEY_EXIT_AUTH, "foreign-response",
			    "there is no offer that this answers, or it has expired");
	else if (strcmp(call->peer->name, peer->name))
		failure_set(failure, MIKEY_EXIT_AUTH, "foreign-response",
			    "the offer was made to peer %s", call->peer->name);
	else
		return call;
	return NULL;
}

static int accept_plain(struct call *call, const struct call_order *order,
			struct json_object *groups, struct failure *failure)
{
	size_t i;

	for (i = 0; i < order->n_groups; i++)
		if (plain_accept(call, &order->groups[i], groups, failure))
			return -1;
	return 0;
}

static int accept_groups(struct call *call, const struct call_order *order,
			 struct json_object *groups, struct failure *failure)
{
	size_t i;

	for (i = 0; i < order->n_groups; i++)
		if (process(call, &order->groups[i], failure))
			return -1;
	if (!install_all(call, order, groups, failure)) {
		drop_unanswered(call);
		call_end_round(call);
		return 0;
	}
	call_drop(call, true);
	return -1;
}

struct json_object *call_accept(struct calls *calls, const struct call_order *order,
				struct peer *peer, uid_t user, struct failure *failure)
{
	struct call *call = find_call(calls, order, peer, user, failure);
	struct json_object *groups;
	int ret;

	if (!call)
		return NULL;
	groups = json_object_new_array();
	ret = (order->plain ? accept_plain : accept_groups)(call, order, groups, failure);
	if (!ret)
		return call_json(call, groups);
	json_object_put(groups);
	return NULL;
}
