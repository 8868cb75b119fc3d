// SPDX-License-Identifier: GPL-2.0
/*
 * Groups that this host controls. Keys go to all members at once, each in an exchange
 * of its own, and who does not answer holds up nobody. When all exchanges are over, this
 * host sends with the keys: members that have them can hear it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "changeover.h"
#include "groupspriv.h"
#include "install.h"
#include "log.h"
#include "membership.h"
#include "order.h"
#include "store.h"

/* Seconds by which the kernel's patience exceeds ours. */
#define PROVISIONAL_MARGIN 10

struct groups *groups_new(struct daemon *daemon)
{
	struct groups *groups = calloc(1, sizeof(*groups));

	if (groups)
		groups->daemon = daemon;
	return groups;
}

void group_drop(struct live *live)
{
	size_t i;

	for (i = 0; i < live->group->n_members; i++) {
		exchange_cancel(live->members[i].exchange);
		mikey_csb_free(live->members[i].csb);
	}
	if (!live->sending)
		install_remove(live->session);
	changeover_free(live->changeover);
	mikey_csb_free(live->next_csb);
	mikey_csb_free(live->csb);
	*live->prev = live->next;
	if (live->next)
		live->next->prev = live->prev;
	store_touch(live->groups->daemon->store);
	config_put(live->config);
	free(live->session_name);
	free(live);
}

void groups_free(struct groups *groups)
{
	while (groups && groups->list)
		group_drop(groups->list);
	free(groups);
}

static struct live *find_session(const struct groups *groups, uint32_t session)
{
	struct live *live;

	for (live = groups->list; live; live = live->next)
		if (live->session == session)
			break;
	return live;
}

struct live *group_find(const struct groups *groups, const char *name)
{
	struct live *live;

	for (live = groups->list; live; live = live->next)
		if (!strcmp(live->group->common.name, name))
			break;
	return live;
}

bool groups_have(const struct groups *groups, uint32_t session)
{
	return find_session(groups, session);
}

static struct install how_to_install(const struct live *live)
{
	return (struct install){
		.peer = &live->group->common,
		.name = live->session_name,
		.owner = live->owner,
		.old_idle = changeover_old_idle(live->changeover),
	};
}

static const struct mikey_csb *latest(const struct live *live)
{
	return live->next_csb ? live->next_csb : live->csb;
}

/* What is told of one member */
static struct json_object *member_json(const struct member *member)
{
	const struct failure *failure = &member->failure;
	struct json_object *object = failure->code ? failure_json(failure) :
						     json_object_new_object();
	char identity[IDENTITY_TEXT_MAX];

	log_string(object, "peer", member->peer->name);
	log_string(object, "peer_identity", identity_text(&member->peer->identity, identity));
	json_object_object_add(object, "joined", json_object_new_boolean(!!member->csb));
	if (member->peer->remote_ssrc)
		log_number(object, "ssrc", member->peer->remote_ssrc);
	return object;
}

static struct json_object *live_json(const struct live *live)
{
	struct json_object *object = json_object_new_object();
	struct json_object *list = json_object_new_array();
	const char *name = live->group->common.session_name;
	size_t i;

	log_number(object, "session", live->session);
	log_string(object, "name", live->session_name ? live->session_name : name);
	log_string(object, "group", live->group->common.name);
	log_string(object, "suite", live->csb->sessions[0].suite->name);
	if (live->group->common.local_ssrc)
		log_number(object, "tx_ssrc", live->group->common.local_ssrc);
	log_number(object, "owner", live->owner);
	log_number(object, "csb_id", live->csb->csb_id);
	for (i = 0; i < live->group->n_members; i++)
		json_object_array_add(list, member_json(&live->members[i]));
	json_object_object_add(object, "members", list);
	return object;
}

/* The result, and the same in the log. */
static void tell(struct live *live, const char *event, const struct failure *failure)
{
	struct json_object *answer = live_json(live), *error = NULL;
	groups_done done = live->done;

	if (failure) {
		error = failure_json(failure);
		json_object_object_add(json_object_object_get(error, "error"), "members",
				       json_object_get(json_object_object_get(answer, "members")));
		json_object_object_foreach(json_object_object_get(error, "error"), name, value)
			json_object_object_add(answer, name, json_object_get(value));
	}
	live->done = NULL;
	if (done)
		done(live->arg, json_object_get(error ? error : answer));
	json_object_put(error);
	log_event(event, answer);
}

/* Of a round in which nobody got the keys */
static const struct failure *first_failure(const struct live *live)
{
	size_t i = 0;

	while (i + 1 < live->group->n_members && !live->members[i].failure.code)
		i++;
	return &live->members[i].failure;
}

static bool has_members(const struct live *live)
{
	size_t i;

	for (i = 0; i < live->group->n_members; i++)
		if (live->members[i].csb)
			return true;
	return false;
}

/* From here on packets may leave. */
static void start_sending(struct live *live)
{
	const struct install how = how_to_install(live);
	struct failure failure;

	if (install_streams(live->csb, &how, live->session, INSTALL_TX, &failure)) {
		tell(live, "call-failed", &failure);
		group_drop(live);
		return;
	}
	live->sending = true;
	store_touch(live->groups->daemon->store);
	tell(live, "called", NULL);
}

/* If no member has them the old keys stay: somebody may be heard who has those. */
static void change_over(struct live *live)
{
	const struct install how = how_to_install(live);
	struct failure failure;
	bool failed = !has_members(live);
	size_t i;

	if (failed)
		failure = *first_failure(live);
	else
		failed = install_keys(live->next_csb, &how, live->session, INSTALL_TX, &failure);
	if (failed) {
		mikey_csb_free(live->next_csb);
		live->next_csb = NULL;
		tell(live, "rekey-failed", &failure);
		return;
	}
	mikey_csb_free(live->csb);
	live->csb = live->next_csb;
	live->next_csb = NULL;
	for (i = 0; i < live->group->n_members; i++)
		live->members[i].given = live->members[i].given_next;
	changeover_retire(live->changeover);
	store_touch(live->groups->daemon->store);
	tell(live, "rekeyed", NULL);
}

/* One exchange less, or none was to be begun; with the last one the round is over. */
static void finish_one(struct live *live)
{
	if (--live->running)
		return;
	if (live->next_csb) {
		change_over(live);
	} else if (live->sending) {
		tell(live, "called", NULL);
	} else if (has_members(live)) {
		start_sending(live);
	} else {
		tell(live, "call-failed", first_failure(live));
		group_drop(live);
	}
}

static void on_done(void *arg, const struct exchange_request *request,
		    const struct exchange_result *result, struct mikey_csb **csb);

/* In time for the others, who change over without us at last: CHANGEOVER_GROUP */
static unsigned int patience(const struct live *live)
{
	if (live->next_csb && live->timeout > EXCHANGE_TIMEOUT)
		return EXCHANGE_TIMEOUT;
	return live->timeout;
}

/* An update if the member has keys, else its first message, RFC 3830 4.5, 8.1 */
static int start_exchange(struct member *member)
{
	struct live *live = member->live;
	const struct exchange_env env = sent_env(live->groups->daemon);
	struct mikey_cs_offer cs[CONFIG_MEMBERS_MAX + 1];
	const struct exchange_member what = {
		.csb = latest(live),
		.cs = cs,
		.n_cs = membership_map(live->group, live->sending ? live->session : 0, cs),
	};
	const struct exchange_request request = {
		.config = live->config,
		.peer = member->peer,
		.owner = live->owner,
		.timeout = patience(live),
		.verify = true,
		.update = member->csb,
		.session = live->session,
		.member = &what,
	};

	if (live->next_csb)
		member->given_next = true;
	else
		member->given = true;
	return exchange_start(&env, &request, on_done, member, &member->exchange,
			      &member->failure);
}

/* Who cannot be updated any more may have lost its keys, and gets them as a new one does. */
static void ask(struct member *member)
{
	int ret = start_exchange(member);

	if (ret && member->csb) {
		mikey_csb_free(member->csb);
		member->csb = NULL;
		ret = start_exchange(member);
	}
	if (ret) {
		finish_one(member->live);
		return;
	}
	member->failure.code = MIKEY_EXIT_OK;
}

static void on_done(void *arg, const struct exchange_request *request,
		    const struct exchange_result *result, struct mikey_csb **csb)
{
	struct member *member = arg;
	bool updated = member->csb;

	(void)request;
	member->exchange = NULL;
	member->failure = result->failure;
	mikey_csb_free(member->csb);
	member->csb = NULL;
	if (!result->failure.code) {
		member->csb = *csb;
		*csb = NULL;
	} else if (updated) {
		ask(member);
		return;
	}
	store_touch(member->live->groups->daemon->store);
	finish_one(member->live);
}

/* All at once; the last one to end ends the round. */
static void ask_all(struct live *live, bool all)
{
	size_t i;

	live->running = 1;
	for (i = 0; i < live->group->n_members; i++) {
		if (live->members[i].csb && !all)
			continue;
		live->running++;
		ask(&live->members[i]);
	}
	finish_one(live);
}

struct live *group_new(struct groups *groups, const struct groups_order *order)
{
	const struct peer *common = &order->group->common;
	struct live *live = calloc(1, sizeof(*live));
	size_t i;

	if (!live)
		return NULL;
	live->groups = groups;
	live->config = config_get(groups->daemon->config);
	live->group = order->group;
	live->owner = common->has_owner ? common->owner : order->user;
	if (order->session_name)
		live->session_name = strdup(order->session_name);
	for (i = 0; i < order->group->n_members; i++)
		live->members[i] = (struct member){
			.live = live, .peer = order->group->members[i],
		};
	live->next = groups->list;
	live->prev = &groups->list;
	if (live->next)
		live->next->prev = &live->next;
	groups->list = live;
	return live;
}

/* The session receives, and is provisional, before the first message leaves. */
static int make_session(struct live *live, struct failure *failure)
{
	const struct exchange_env env = sent_env(live->groups->daemon);
	struct install how = how_to_install(live);

	how.provisional = live->timeout + PROVISIONAL_MARGIN;
	how.receive_only = true;
	if (membership_keys(&env, live->config, live->group, NULL, &live->csb, failure) ||
	    install_bundle(live->csb, &how, &live->session, failure))
		return -1;
	live->changeover = changeover_new(env.base, live->session);
	return live->changeover ? 0 : failure_errno(failure, ENOMEM, "group");
}

static int begin(struct groups *groups, const struct groups_order *order, struct live **result,
		 struct failure *failure)
{
	struct live *live = group_new(groups, order);

	if (!live)
		return failure_errno(failure, ENOMEM, "group");
	live->timeout = order->timeout;
	if (make_session(live, failure)) {
		group_drop(live);
		return -1;
	}
	*result = live;
	return 0;
}

static int check_idle(const struct live *live, struct failure *failure)
{
	if (!live->running && !live->due)
		return 0;
	return failure_set(failure, MIKEY_EXIT_SYSTEM, "busy",
			   "the members of group %s are being asked", live->group->common.name);
}

/* What receives has the new keys before the first message leaves. */
static int start_rekey(struct live *live, struct failure *failure)
{
	const struct exchange_env env = sent_env(live->groups->daemon);
	const struct install how = how_to_install(live);
	size_t i;

	for (i = 0; i < live->group->n_members; i++)
		live->members[i].given_next = false;
	if (membership_keys(&env, live->config, live->group, live->csb, &live->next_csb, failure))
		return -1;
	store_touch(live->groups->daemon->store);
	if (!install_keys(live->next_csb, &how, live->session, INSTALL_RX, failure))
		return 0;
	mikey_csb_free(live->next_csb);
	live->next_csb = NULL;
	return -1;
}

static void start_due(void *arg)
{
	struct live *live = arg;
	struct failure failure;

	live->due = false;
	if (start_rekey(live, &failure))
		tell(live, "rekey-failed", &failure);
	else
		ask_all(live, true);
}

static int rekey(struct live *live, groups_done done, void *arg, struct failure *failure)
{
	live->due = changeover_then(live->changeover, start_due, live);
	if (!live->due && start_rekey(live, failure))
		return -1;
	live->done = done;
	live->arg = arg;
	if (!live->due)
		ask_all(live, true);
	return 0;
}

int groups_rekey(struct groups *groups, uint32_t session, uid_t user, groups_done done,
		 void *arg, struct failure *failure)
{
	struct live *live = find_session(groups, session);

	if (!live || !live->sending)
		return failure_set(failure, MIKEY_EXIT_USAGE, "no-bundle",
				   "session %u is no group that stands", session);
	if (user && user != live->owner)
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "not-permitted",
				   "user %u does not own session %u", user, session);
	return check_idle(live, failure) ? -1 : rekey(live, done, arg, failure);
}

/*
 * A member that sends gets no keys a second time in a first message: if it has had them
 * and has restarted, it would begin again at index 0, under a keystream that it has used.
 */
static bool needs_new_keys(const struct live *live)
{
	size_t i;

	for (i = 0; i < live->group->n_members; i++)
		if (!live->members[i].csb && live->members[i].given &&
		    live->members[i].peer->remote_ssrc)
			return true;
	return false;
}

int groups_call(struct groups *groups, const struct groups_order *order, groups_done done,
		void *arg, struct failure *failure)
{
	struct live *live = group_find(groups, order->group->common.name);

	if (live ? check_idle(live, failure) : begin(groups, order, &live, failure))
		return -1;
	live->timeout = order->timeout;
	if (live->sending && needs_new_keys(live))
		return rekey(live, done, arg, failure);
	live->done = done;
	live->arg = arg;
	ask_all(live, false);
	return 0;
}

void groups_forget(struct groups *groups, void *arg)
{
	struct live *live;

	for (live = groups->list; live; live = live->next)
		if (live->arg == arg)
			live->done = NULL;
}

void groups_closed(struct groups *groups, uint32_t session)
{
	struct live *live = find_session(groups, session);
	struct failure failure;

	if (!live)
		return;
	live->sending = true;
	failure_set(&failure, MIKEY_EXIT_SYSTEM, "session-closed", "session %u was closed",
		    session);
	if (live->running || live->due)
		tell(live, "call-failed", &failure);
	group_drop(live);
}

/* Who has the keys that were being given out is told with all others which ones count. */
void groups_resume(struct groups *groups)
{
	struct failure failure;
	struct live *live;

	for (live = groups->list; live; live = live->next) {
		if (!live->unfinished)
			continue;
		live->unfinished = false;
		if (rekey(live, NULL, NULL, &failure))
			tell(live, "rekey-failed", &failure);
	}
}

void groups_each(struct groups *groups, void (*fn)(uint32_t session, void *arg), void *arg)
{
	struct live *live, *next;

	for (live = groups->list; live; live = next) {
		next = live->next;
		fn(live->session, arg);
	}
}
