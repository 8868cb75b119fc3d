/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A group that this host controls, as groups.c and groupsave.c see it. Internal.
 */
#ifndef HELPER_GROUPSPRIV_H
#define HELPER_GROUPSPRIV_H

#include "changeover.h"
#include "groups.h"

struct live;

/**
 * struct member - one member of a group that stands
 * @live: the group
 * @peer: who it is
 * @csb: keys that it has, NULL for none
 * @given: it may have seen the keys in use
 * @given_next: it may have seen those that are being given out
 * @exchange: running, or NULL
 * @failure: why it has not the latest keys; code 0 if it has, or was not asked
 */
struct member {
	struct live *live;
	struct peer *peer;
	struct mikey_csb *csb;
	bool given;
	bool given_next;
	struct exchange *exchange;
	struct failure failure;
};

/**
 * struct live - a group that stands, or begins
 * @next: list
 * @prev: list
 * @groups: table it is in
 * @config: configuration it began with, held
 * @group: its section
 * @session_name: of the kernel's session, or NULL
 * @owner: of the session
 * @timeout: seconds that a member has to answer
 * @session: of the kernel
 * @cookie: what tells it from others of that number; 0 until it is asked for
 * @csb: keys in use
 * @next_csb: keys that are being given out, NULL if they are @csb
 * @sending: this host may send
 * @running: exchanges, and one more while they are begun
 * @due: new keys wait until the last ones are in use
 * @unfinished: the last daemon died while it gave out new keys
 * @changeover: looks after keys that change over
 * @done: told the result, or NULL
 * @arg: for @done
 * @members: one for each of the group
 */
struct live {
	struct live *next;
	struct live **prev;
	struct groups *groups;
	struct config *config;
	struct group *group;
	char *session_name;
	uid_t owner;
	unsigned int timeout;
	uint32_t session;
	uint64_t cookie;
	struct mikey_csb *csb;
	struct mikey_csb *next_csb;
	bool sending;
	unsigned int running;
	bool due;
	bool unfinished;
	struct changeover *changeover;
	groups_done done;
	void *arg;
	struct member members[CONFIG_MEMBERS_MAX];
};

/**
 * struct groups - all groups
 * @daemon: daemon
 * @list: groups
 */
struct groups {
	struct daemon *daemon;
	struct live *list;
};

/**
 * group_new - a group without keys
 * @groups: table
 * @order: what is asked for
 * Return: NULL without memory.
 */
struct live *group_new(struct groups *groups, const struct groups_order *order);

/**
 * group_drop - forget a group; a session that sends stays
 * @live: group
 */
void group_drop(struct live *live);

/**
 * group_find - the group that stands under a name
 * @groups: table
 * @name: of its section
 * Return: NULL if there is none.
 */
struct live *group_find(const struct groups *groups, const char *name);

#endif
