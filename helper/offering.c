// SPDX-License-Identifier: GPL-2.0
/*
 * An offer, RFC 4567 4.1.2: messages for a description, and sessions that
 * receive before it leaves. They are provisional: an offer that nobody answers
 * takes its keys with it, whether or not this daemon lives.
 */
#include <errno.h>
#include <string.h>
#include "calls.h"
#include "install.h"
#include "proposal.h"
#include "running.h"

/* RFC 4567 7.1: crypto sessions 2i+1 (ours) and 2i+2 (the peer's) are medium i. */
static size_t lay_out(const struct call *call, const struct group_order *group,
		      struct mikey_cs_offer *cs)
{
	const struct peer *peer = call->peer;
	const struct medium_order *medium;
	struct mikey_cs_offer *ours;
	size_t i;

	for (i = 0; i < group->n_media; i++)
		cs[2 * group->media[i].position].ssrc = group->media[i].ssrc;
	/* The configuration knows SSRCs of one medium. */
	if (group->positions == 1) {
		if (!cs[0].ssrc)
			cs[0].ssrc = peer->local_ssrc;
		cs[1].ssrc = peer->remote_ssrc;
	}
	for (i = 0; i < group->n_media; i++) {
		medium = &group->media[i];
		ours = &cs[2 * medium->position];
		ours->roc = running_roc(call_line_session(call, medium->line), &ours->ssrc);
	}
	return 2 * group->positions;
}

static int make_message(struct call *call, const struct group_order *group,
			struct call_bundle *bundle, struct failure *failure)
{
	const struct exchange_env env = call_env(call->calls);
	struct mikey_cs_offer cs[2 * CALL_MEDIA_MAX] = { 0 };
	const struct proposal proposal = {
		.config = call->config,
		.peer = call->peer,
		.cs = cs,
		.n_cs = lay_out(call, group, cs),
		.protocols = group->protocols,
		.verify = true,
	};

	if (proposal_make(&env, &proposal, &bundle->pending, failure))
		return -1;
	bundle->csb_id = mikey_pending_id(bundle->pending);
	return 0;
}

static int receive_first(struct call *call, struct call_medium *medium,
			 const struct mikey_csb *csb, struct failure *failure)
{
	struct install how = call_install(call, medium);

	if (medium->shared)
		return csb ? install_keys(csb, &how, medium->session, INSTALL_RX, failure) : 0;
	how.receive_only = true;
	return install_bundle(csb, &how, &medium->session, failure);
}

static struct json_object *offer_group(struct call *call, const struct group_order *group,
				       struct failure *failure)
{
	struct call_bundle *bundle = call_add_bundle(call);
	const struct mikey_csb *csb;
	struct call_medium *medium;
	size_t i;

	if (!bundle) {
		failure_errno(failure, ENOMEM, "offer");
		return NULL;
	}
	if (make_message(call, group, bundle, failure))
		return NULL;
	csb = mikey_pending_csb(bundle->pending);
	bundle->early = csb;
	for (i = 0; i < group->n_media; i++) {
		medium = call_add_medium(call, &group->media[i]);
		if (!medium) {
			failure_errno(failure, ENOMEM, "offer");
			return NULL;
		}
		if (receive_first(call, medium, csb, failure))
			return NULL;
	}
	return call_group_json(call, call->n_bundles - 1, csb,
			       mikey_pending_message(bundle->pending));
}

static int offer_groups(struct call *call, const struct call_order *order,
			struct json_object *groups, struct failure *failure)
{
	struct json_object *group;
	size_t i;

	for (i = 0; i < order->n_groups; i++) {
		if (order->plain) {
			if (plain_offer(call, &order->groups[i], groups, failure))
				return -1;
			continue;
		}
		group = offer_group(call, &order->groups[i], failure);
		if (!group)
			return -1;
		json_object_array_add(groups, group);
	}
	return call_await(call) ? 0 : failure_errno(failure, ENOMEM, "offer");
}

/* RFC 4567 4.1.2: new keys are a new offer; the last one has to be answered. */
static int check_round(const struct call *call, const struct peer *peer,
		       struct failure *failure)
{
	if (strcmp(call->peer->name, peer->name))
		return failure_set(failure, MIKEY_EXIT_USAGE, "call-exists",
				   "there is a call '%.40s' with peer %s", call->name,
				   call->peer->name);
	if (call_is_answered(call) && call->bundles[call->n_bundles - 1].answered)
		return 0;
	return failure_set(failure, MIKEY_EXIT_USAGE, "call-exists",
			   "the last offer of call '%.40s' waits for its answer", call->name);
}

struct json_object *call_offer(struct calls *calls, const struct call_order *order,
			       struct peer *peer, uid_t user, struct failure *failure)
{
	struct json_object *groups;
	struct call *call;

	call = order->call ? call_find(calls, order->call, 0, user) : NULL;
	if (call && check_round(call, peer, failure))
		return NULL;
	if (call)
		call_begin_round(call, order);
	else
		call = call_new(calls, order, peer, user, failure);
	if (!call)
		return NULL;
	groups = json_object_new_array();
	if (offer_groups(call, order, groups, failure)) {
		json_object_put(groups);
		call_undo_round(call);
		return NULL;
	}
	return call_json(call, groups);
}
