/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is peculiar to the messages of a group.
 */
#ifndef HELPER_MEMBERSHIP_H
#define HELPER_MEMBERSHIP_H

#include "exchange.h"

/**
 * membership_map - the crypto sessions of a group: one for each host that sends
 * @group: group
 * @session: of the kernel, for how far the stream of this host is; 0 for a new one
 * @cs: room for CONFIG_MEMBERS_MAX + 1
 * Return: how many.
 */
size_t membership_map(const struct group *group, uint32_t session, struct mikey_cs_offer *cs);

/**
 * membership_keys - the first keys of a group, or the next ones
 * @env: environment
 * @config: configuration
 * @group: group
 * @old: bundle of the group, NULL for the first ones
 * @csb: the new one
 * @failure: why not
 * Return: 0 or -1.
 *
 * They are those of a message to nobody: that of a member has the same ones.
 */
int membership_keys(const struct exchange_env *env, struct config *config,
		    const struct group *group, const struct mikey_csb *old,
		    struct mikey_csb **csb, struct failure *failure);

/**
 * membership_check - may these keys be taken of this peer?
 * @msg: message that brought them, or NULL
 * @csb: its bundle
 * @peer: whose it is
 * @failure: why not
 * Return: 0 or -1.
 *
 * Keys that say that they are a group's are taken only where the configuration says
 * so of the peer, and then everything of that peer is a group's.
 */
int membership_check(struct mikey_view msg, const struct mikey_csb *csb,
		     const struct peer *peer, struct failure *failure);

/**
 * membership_same - are two bundles of a group about the same streams?
 * @a: one
 * @b: the other
 * @keys: filled: they have the same keys, too
 */
bool membership_same(const struct mikey_csb *a, const struct mikey_csb *b, bool *keys);

#endif
