/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Groups that this host controls: it makes the keys, and gives the same ones to each
 * member in a message of its own (RFC 3830 8.1). In memory only, as bundles are; the next
 * daemon gets them by store.h.
 */
#ifndef HELPER_GROUPS_H
#define HELPER_GROUPS_H

#include <json-c/json.h>
#include "daemon.h"
#include "saved.h"

struct groups;

/**
 * struct groups_order - what is asked for
 * @group: group of the configuration in force
 * @session_name: NULL takes the group's
 * @timeout: seconds that a member has to answer
 * @user: who asks
 */
struct groups_order {
	struct group *group;
	const char *session_name;
	unsigned int timeout;
	uid_t user;
};

/**
 * groups_done - told the result
 * @arg: as given
 * @answer: object for the client, to be released
 */
typedef void (*groups_done)(void *arg, struct json_object *answer);

/**
 * groups_new - no groups
 * @daemon: daemon that they belong to
 * Return: NULL without memory.
 */
struct groups *groups_new(struct daemon *daemon);

/**
 * groups_free - forget all; sessions stay
 * @groups: table or NULL
 */
void groups_free(struct groups *groups);

/**
 * groups_call - give the keys to all members that do not have them
 * @groups: table
 * @order: what is asked for
 * @done: called once from here or from the event loop, unless this fails
 * @arg: for @done
 * @failure: why not
 * Return: 0 or -1.
 *
 * The group begins with it, if it does not stand yet.
 */
int groups_call(struct groups *groups, const struct groups_order *order, groups_done done,
		void *arg, struct failure *failure);

/**
 * groups_have - is it the session of a group?
 * @groups: table
 * @session: number of a session
 */
bool groups_have(const struct groups *groups, uint32_t session);

/**
 * groups_rekey - give new keys to all members
 * @groups: table
 * @session: of the group
 * @user: who asks, 0 for the daemon itself
 * @done: as for groups_call(), may be NULL
 * @arg: for @done
 * @failure: why not
 * Return: 0 or -1.
 */
int groups_rekey(struct groups *groups, uint32_t session, uid_t user, groups_done done,
		 void *arg, struct failure *failure);

/**
 * groups_forget - whoever waits for a result went away; what it began goes on
 * @groups: table
 * @arg: as given
 */
void groups_forget(struct groups *groups, void *arg);

/**
 * groups_closed - a session has gone
 * @groups: table
 * @session: its number
 */
void groups_closed(struct groups *groups, uint32_t session);

/**
 * groups_each - call back for the session of every group
 * @groups: table
 * @fn: may close the session
 * @arg: passed on
 */
void groups_each(struct groups *groups, void (*fn)(uint32_t session, void *arg), void *arg);

/**
 * groups_save - append all to what is left to the next daemon
 * @groups: table
 * @writer: where to
 * Return: how many.
 */
size_t groups_save(const struct groups *groups, struct record_writer *writer);

/**
 * groups_restore - go on with a group of the last daemon
 * @groups: table
 * @saved: what it left
 * @csb: its keys, taken by setting it to NULL
 * Return: true, or false if it does not live any more, which is logged.
 */
bool groups_restore(struct groups *groups, const struct saved_group *saved,
		    struct mikey_csb **csb);

/**
 * groups_restore_member - the same for one of its members
 * @groups: table, which has the group by now if that lives on
 * @saved: what the last daemon left
 * @csb: what the member has, taken by setting it to NULL
 *
 * One that cannot be updated any more is given keys as a new one is.
 */
void groups_restore_member(struct groups *groups, const struct saved_member *saved,
			   struct mikey_csb **csb);

/**
 * groups_resume - give new keys where the last daemon died while it did so
 * @groups: table, all of which has been restored
 */
void groups_resume(struct groups *groups);

#endif
