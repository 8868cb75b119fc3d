// SPDX-License-Identifier: GPL-2.0
/*
 * Groups that this host controls, for the next daemon: the keys in use, and what each
 * member has of them. A group that does not send yet is not among them: its session is
 * provisional, and whoever has keys is given other ones.
 */
#include <stdlib.h>
#include <string.h>
#include "groupspriv.h"
#include "install.h"
#include "membership.h"
#include "order.h"
#include "store.h"

static struct mikey_view view_of(const char *text)
{
	return (struct mikey_view){ (const uint8_t *)text, text ? strlen(text) : 0 };
}

static void save_members(const struct live *live, struct record_writer *writer)
{
	size_t i;

	for (i = 0; i < live->group->n_members; i++) {
		const struct member *member = &live->members[i];
		const struct saved_member saved = {
			.group = view_of(live->group->common.name),
			.peer = view_of(member->peer->name),
		};

		if (member->csb)
			saved_put_member(writer, &saved, member->csb);
	}
}

static bool save(struct live *live, struct record_writer *writer)
{
	struct saved_group saved = {
		.name = view_of(live->group->common.name),
		.session_name = view_of(live->session_name),
		.session = live->session,
		.owner = live->owner,
		.timeout = live->timeout,
		.unfinished = live->next_csb || live->due || live->unfinished,
	};

	if (!live->sending)
		return false;
	if (!live->cookie)
		live->cookie = install_cookie(live->session);
	if (!live->cookie)
		return false;
	saved.cookie = live->cookie;
	saved_put_group(writer, &saved, live->csb);
	save_members(live, writer);
	return true;
}

size_t groups_save(const struct groups *groups, struct record_writer *writer)
{
	struct live *live;
	size_t n = 0;

	for (live = groups->list; live; live = live->next)
		n += save(live, writer);
	return n;
}

/* Who sends in it, with which suite: that cannot be another one under the same keys. */
static bool is_same(const struct group *group, const struct mikey_csb *csb)
{
	struct mikey_cs_offer cs[CONFIG_MEMBERS_MAX + 1];
	size_t i, n = membership_map(group, 0, cs);

	for (i = 0; i < n && i < csb->n_sessions; i++)
		if (cs[i].ssrc != csb->sessions[i].ssrc ||
		    csb->sessions[i].suite != group->common.suites[0])
			return false;
	return n == csb->n_sessions;
}

static char *text_of(struct mikey_view view)
{
	return view.len ? strndup((const char *)view.data, view.len) : NULL;
}

static struct group *find_group(const struct config *config, const struct saved_group *saved,
				const struct mikey_csb *csb, struct failure *failure)
{
	char *name = text_of(saved->name);
	struct group *group = name ? config_group(config, name) : NULL;

	free(name);
	if (group && is_same(group, csb))
		return group;
	failure_set(failure, MIKEY_EXIT_USAGE, "unknown-peer-name",
		    "the group of session %u is not in the configuration any more, or another one",
		    saved->session);
	return NULL;
}

/* As for bundles: T must not be given out again, and the session has to be that one. */
static int check_saved(const struct daemon *daemon, const struct saved_group *saved,
		       const struct mikey_csb *csb, const struct group *group,
		       struct failure *failure)
{
	const char *name = group->common.name;

	if (!csb->initiator || !mikey_id_equal(&csb->idi, &daemon->config->identity))
		return failure_set(failure, MIKEY_EXIT_USAGE, "bad-identity",
				   "group %s was that of another identity", name);
	if (!state_gave_ts(daemon->state, &csb->ts))
		return failure_set(failure, MIKEY_EXIT_REPLAY, "bad-state-file",
				   "the state directory is not that of group %s", name);
	if (install_cookie(saved->session) != saved->cookie)
		return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-session",
				   "session %u of group %s has ended", saved->session, name);
	return 0;
}

/*
 * A member whose keys are not told of may have had them: it gets others, lest it begin
 * again under a keystream that it has used.
 */
static struct live *resume(struct groups *groups, const struct saved_group *saved,
			   struct group *group)
{
	char *session_name = text_of(saved->session_name);
	const struct groups_order order = {
		.group = group,
		.session_name = session_name,
		.timeout = saved->timeout,
		.user = saved->owner,
	};
	struct live *live = group_new(groups, &order);
	size_t i;

	free(session_name);
	if (!live)
		return NULL;
	live->session = saved->session;
	live->cookie = saved->cookie;
	live->owner = saved->owner;
	live->timeout = saved->timeout;
	live->sending = true;
	live->unfinished = saved->unfinished;
	for (i = 0; i < group->n_members; i++)
		live->members[i].given = true;
	live->changeover = changeover_new(groups->daemon->base, saved->session);
	if (live->changeover)
		return live;
	group_drop(live);
	return NULL;
}

bool groups_restore(struct groups *groups, const struct saved_group *saved,
		    struct mikey_csb **csb)
{
	struct daemon *daemon = groups->daemon;
	struct failure failure;
	struct group *group = find_group(daemon->config, saved, *csb, &failure);
	struct live *live;

	if (!group || check_saved(daemon, saved, *csb, group, &failure)) {
		store_lost(&failure);
		return false;
	}
	live = resume(groups, saved, group);
	if (!live)
		return false;
	live->csb = *csb;
	*csb = NULL;
	changeover_resume(live->changeover, 0);
	return true;
}

static bool is_called(const char *name, struct mikey_view view)
{
	return strlen(name) == view.len && !memcmp(name, view.data, view.len);
}

static struct member *find_member(const struct groups *groups, const struct saved_member *saved)
{
	char *name = text_of(saved->group);
	struct live *live = name ? group_find(groups, name) : NULL;
	size_t i;

	free(name);
	for (i = 0; live && i < live->group->n_members; i++)
		if (is_called(live->members[i].peer->name, saved->peer))
			return &live->members[i];
	return NULL;
}

void groups_restore_member(struct groups *groups, const struct saved_member *saved,
			   struct mikey_csb **csb)
{
	struct member *member = find_member(groups, saved);

	if (!member || member->csb || !(*csb)->initiator ||
	    !mikey_id_equal(&(*csb)->idr, &member->peer->identity) ||
	    !state_gave_ts(groups->daemon->state, &(*csb)->ts))
		return;
	sent_add(groups->daemon, (*csb)->csb_id, &(*csb)->ts);
	member->csb = *csb;
	*csb = NULL;
}
