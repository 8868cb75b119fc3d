// SPDX-License-Identifier: GPL-2.0
/*
 * Whether the members of a group of the configuration fit together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "option.h"

static const char *check_suite(const struct group *group, const struct peer *peer)
{
	size_t i;

	for (i = 0; i < peer->n_suites; i++)
		if (peer->suites[i] == group->common.suites[0])
			return NULL;
	return "whose suites do not have that of the group";
}

/* Two senders with one SSRC under one key would use a keystream twice */
static const char *check_ssrc(const struct group *group, const struct peer *peer)
{
	size_t i;

	if (!peer->remote_ssrc)
		return NULL;
	if (peer->remote_ssrc == group->common.local_ssrc)
		return "whose remote-ssrc is the local-ssrc of the group";
	for (i = 0; i < group->n_members; i++)
		if (group->members[i]->remote_ssrc == peer->remote_ssrc)
			return "whose remote-ssrc another member has";
	return NULL;
}

static const char *check_member(const struct group *group, const struct peer *peer)
{
	size_t i;

	for (i = 0; i < group->n_members; i++)
		if (group->members[i] == peer)
			return "that stands there twice";
	if (group->n_members == CONFIG_MEMBERS_MAX)
		return "that is one too many";
	if (!(peer->direction & PEER_OUT) || !peer->has_address)
		return "that cannot be called: its direction, or no address";
	if (!(MIKEY_MODE_BIT(peer->mode) & CONFIG_GROUP_MODES) || peer_is_plain(peer))
		return "whose first mode is neither psk nor pk";
	if (peer->group)
		return "that has 'group = yes' itself";
	if (peer->map_type != MIKEY_MAP_SRTP)
		return "whose map is not srtp";
	if (group->n_members && peer->strength != group->members[0]->strength)
		return "that has another strength than the first one";
	if (check_suite(group, peer))
		return check_suite(group, peer);
	return check_ssrc(group, peer);
}

static int add_member(const struct config *config, struct group *group, const char *name,
		      char *text)
{
	struct peer *peer = config_peer(config, name);
	const char *why = peer ? check_member(group, peer) : "that is no peer of this file";

	if (why) {
		snprintf(text, FAILURE_TEXT_MAX, "has a member %.63s %s", name, why);
		return -1;
	}
	group->members[group->n_members++] = peer;
	return 0;
}

static int add_members(const struct config *config, struct group *group, char *text)
{
	char *copy = strdup(group->names), *rest = copy, *name;
	int ret = copy ? 0 : -1;

	if (!copy)
		snprintf(text, FAILURE_TEXT_MAX, "has no memory");
	while (!ret && (name = strsep(&rest, ", \t")))
		if (*name)
			ret = add_member(config, group, name, text);
	free(copy);
	return ret;
}

static bool has_sender(const struct group *group)
{
	size_t i;

	for (i = 0; i < group->n_members; i++)
		if (group->members[i]->remote_ssrc)
			return true;
	return group->common.local_ssrc;
}

int option_check_group(const struct config *config, struct group *group, char *text)
{
	const char *why = NULL;

	group->n_members = 0;
	if (group->names && add_members(config, group, text))
		return -1;
	if (!group->n_members)
		why = "has no members";
	else if (!has_sender(group))
		why = "has nobody who sends: no local-ssrc, and no member with a remote-ssrc";
	else if (config_peer(config, group->common.name))
		why = "has the name of a peer";
	if (!why) {
		group->common.strength = group->members[0]->strength;
		return 0;
	}
	snprintf(text, FAILURE_TEXT_MAX, "%s", why);
	return -1;
}
