// SPDX-License-Identifier: GPL-2.0
/*
 * Answering an offer, RFC 4567 4.1.1: the messages of a description are taken
 * all or none, and the sessions stand before the answer leaves.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base64.h"
#include "calls.h"
#include "changeover.h"
#include "install.h"
#include "suites.h"

/* The peer may be told why: RFC 4567 4.1.2. */
static void keep_error(const struct mikey_answer *answer, struct json_object *groups)
{
	struct json_object *error = json_object_new_object();
	char *text = answer->msg ? base64_encode(answer->msg, answer->len) : NULL;

	if (text)
		json_object_object_add(error, "message", json_object_new_string(text));
	free(text);
	json_object_array_add(groups, error);
}

/* A session that stands gets new keys; it sends with them when the peer does. */
static int renew(struct call *call, struct call_medium *medium, const struct mikey_csb *csb,
		 struct failure *failure)
{
	const struct install how = call_install(call, medium);

	if (install_keys(csb, &how, medium->session, INSTALL_BOTH | INSTALL_LATER, failure))
		return -1;
	medium->changeover = changeover_new(calls_daemon(call->calls)->base, medium->session);
	if (!medium->changeover)
		return failure_errno(failure, ENOMEM, "answer");
	changeover_await(medium->changeover, CHANGEOVER_LATE);
	return 0;
}

static int install_media(struct call *call, const struct group_order *group,
			 const struct mikey_csb *csb, struct failure *failure)
{
	struct call_medium *medium;
	struct install how;
	size_t i;

	for (i = 0; i < group->n_media; i++) {
		medium = call_add_medium(call, &group->media[i]);
		if (!medium)
			return failure_errno(failure, ENOMEM, "answer");
		how = call_install(call, medium);
		if (medium->shared ? renew(call, medium, csb, failure) :
		    install_bundle(csb, &how, &medium->session, failure))
			return -1;
	}
	return 0;
}

static int answer_group(struct call *call, const struct group_order *group,
			struct json_object *groups, struct failure *failure)
{
	struct call_bundle *bundle = call_add_bundle(call);
	struct mikey_answer answer = { 0 };
	int ret;

	if (!bundle)
		return failure_errno(failure, ENOMEM, "answer");
	ret = call_take(call, group, false, &answer, failure);
	if (ret) {
		keep_error(&answer, groups);
	} else {
		bundle->csb_id = answer.csb->csb_id;
		ret = install_media(call, group, answer.csb, failure);
		if (ret && failure->code == MIKEY_EXIT_UNSUPPORTED)
			suites_refused(answer.csb);
	}
	if (!ret)
		json_object_array_add(groups, call_group_json(call, call->n_bundles - 1, answer.csb,
				      (struct mikey_view){ answer.msg, answer.len }));
	call->bundles[call->n_bundles - 1].answered = !ret;
	mikey_answer_clear(&answer);
	return ret;
}

/* One part that fails is all that fails, RFC 4567 4.1.2. */
static int confirm_media(const struct call *call, struct failure *failure)
{
	size_t i;

	for (i = 0; i < call->n_media; i++)
		if (call->media[i].session && install_confirm(call->media[i].session, failure))
			return -1;
	return 0;
}

/* The Error message goes with the refusal, so that the caller can pass it on. */
static struct json_object *refusal(const struct failure *failure, struct json_object *groups)
{
	size_t n = json_object_array_length(groups);
	struct json_object *last = n ? json_object_array_get_idx(groups, n - 1) : NULL;
	struct json_object *message = last ? json_object_object_get(last, "message") : NULL;
	struct json_object *answer = failure_json(failure);

	if (message && !json_object_object_get(last, "media"))
		json_object_object_add(json_object_object_get(answer, "error"), "mikey",
				       json_object_get(message));
	return answer;
}

static bool is_below(const struct mikey_id *a, const struct mikey_id *b)
{
	size_t len = a->data.len < b->data.len ? a->data.len : b->data.len;
	int order = memcmp(a->data.data, b->data.data, len);

	if (a->type != b->type)
		return a->type < b->type;
	return order ? order < 0 : a->data.len < b->data.len;
}

/*
 * Both ends made an offer at once. That of the lower identity stands, so that both
 * come to the same without a word; the other one is as if it had not been made.
 */
static int settle_glare(struct call **call, struct failure *failure)
{
	const struct call_bundle *last = &(*call)->bundles[(*call)->n_bundles - 1];
	bool first = !call_is_answered(*call);

	if (!last->pending || last->answered)
		return 0;
	if (is_below(&(*call)->config->identity, &(*call)->peer->identity))
		return failure_set(failure, MIKEY_EXIT_POLICY, "glare",
				   "an own offer of call '%.40s' waits for its answer, and that of "
				   "peer %s gives way", (*call)->name, (*call)->peer->name);
	call_undo_round(*call);
	if (first)
		*call = NULL;
	return 0;
}

/* A call of that name gets new keys, and media more or less. */
static struct call *open_call(struct calls *calls, const struct call_order *order,
			      struct peer *peer, uid_t user, struct failure *failure)
{
	struct call *call = order->call ? call_find(calls, order->call, 0, user) : NULL;

	if (call && (strcmp(call->peer->name, peer->name) ||
		     (order->plain && !call_is_answered(call)))) {
		failure_set(failure, MIKEY_EXIT_USAGE, "call-exists",
			    "there is a call '%.40s' that this cannot be about", call->name);
		return NULL;
	}
	if (call && !order->plain && settle_glare(&call, failure))
		return NULL;
	if (!call)
		return call_new(calls, order, peer, user, failure);
	call_begin_round(call, order);
	return call;
}

struct json_object *call_answer(struct calls *calls, const struct call_order *order,
				struct peer *peer, uid_t user, struct failure *failure)
{
	struct call *call = open_call(calls, order, peer, user, failure);
	struct json_object *groups, *answer;
	int ret = 0;
	size_t i;

	if (!call)
		return NULL;
	groups = json_object_new_array();
	for (i = 0; !ret && i < order->n_groups; i++)
		ret = (order->plain ? plain_answer : answer_group)(call, &order->groups[i], groups,
								   failure);
	if (!ret)
		ret = confirm_media(call, failure);
	if (!ret) {
		call_end_round(call);
		return call_json(call, groups);
	}
	answer = refusal(failure, groups);
	json_object_put(groups);
	call_undo_round(call);
	return answer;
}
