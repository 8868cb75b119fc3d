/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Live bundles of calls by UDP: what the daemon needs to renew their keys
 * (RFC 3830 4.5). They are in memory only, and go with their sessions; the next
 * daemon gets them by store.h.
 */
#ifndef HELPER_BUNDLES_H
#define HELPER_BUNDLES_H

#include "daemon.h"
#include "exchange.h"
#include "saved.h"

struct bundles;

/**
 * bundles_new - no bundles
 * @daemon: daemon that they belong to
 * Return: NULL without memory.
 */
struct bundles *bundles_new(struct daemon *daemon);

/**
 * bundles_free - forget all; sessions stay
 * @bundles: table or NULL
 */
void bundles_free(struct bundles *bundles);

/**
 * bundles_add - a call stands
 * @bundles: table
 * @csb: bundle, taken
 * @config: configuration that @peer belongs to
 * @peer: with whom
 * @session: session of the kernel
 * @owner: user who may have its keys renewed
 */
void bundles_add(struct bundles *bundles, struct mikey_csb *csb, struct config *config,
		 struct peer *peer, uint32_t session, uid_t owner);

/**
 * bundles_live - find a bundle
 * @bundles: table
 * @csb_id: its ID
 * @peer: its other side, NULL for a stranger
 * Return: NULL if there is none.
 */
const struct mikey_csb *bundles_live(const struct bundles *bundles, uint32_t csb_id,
				     const struct peer *peer);

/**
 * bundles_renewed - find a bundle that a new one is to take the place of
 * @bundles: table
 * @csb_id: what the peer has: the bundle itself, or the one before it
 * @peer: its other side
 * Return: NULL if there is none.
 *
 * The peer has the one before if our answer to its last renewal was lost, or its
 * daemon died meanwhile.
 */
const struct mikey_csb *bundles_renewed(const struct bundles *bundles, uint32_t csb_id,
					const struct peer *peer);

/**
 * bundles_updated - the peer has updated a bundle
 * @bundles: table
 * @old: bundle, which is freed
 * @csb: what takes its place, taken if this does not fail
 * @named: CSB ID that the peer knows it by; see bundles_renewed()
 * @session: its session
 * @failure: why not
 * Return: 0 or -1.
 *
 * The session receives with the new keys at once, and sends with them when the
 * peer does, or after a while.
 */
int bundles_updated(struct bundles *bundles, const struct mikey_csb *old,
		    struct mikey_csb *csb, uint32_t named, uint32_t *session,
		    struct failure *failure);

/**
 * bundles_rekey - renew the keys of a session, once the peer uses those of the last time
 * @bundles: table
 * @session: its number
 * @user: who asks, 0 for the daemon itself
 * @done: told the result, may be NULL
 * @arg: for @done
 * @failure: why not: no such session, not ours to renew
 * Return: 0 or -1.
 */
int bundles_rekey(struct bundles *bundles, uint32_t session, uid_t user, exchange_done done,
		  void *arg, struct failure *failure);

/**
 * bundles_forget - whoever waits for a renewal went away
 * @bundles: table
 * @arg: as given to bundles_rekey()
 */
void bundles_forget(struct bundles *bundles, void *arg);

/**
 * bundles_closed - a session has gone
 * @bundles: table
 * @session: its number
 */
void bundles_closed(struct bundles *bundles, uint32_t session);

/**
 * bundles_each - call back for the session of every bundle
 * @bundles: table
 * @fn: may close the session
 * @arg: passed on
 */
void bundles_each(struct bundles *bundles, void (*fn)(uint32_t session, void *arg), void *arg);

/**
 * bundles_save - append all to what is left to the next daemon
 * @bundles: table
 * @writer: where to
 * Return: how many.
 */
size_t bundles_save(struct bundles *bundles, struct record_writer *writer);

/**
 * bundles_restore - go on with a bundle of the last daemon
 * @bundles: table
 * @saved: what it left
 * @csb: the bundle, taken by setting it to NULL
 * Return: true, or false if it does not live any more, which is logged.
 */
bool bundles_restore(struct bundles *bundles, const struct saved_bundle *saved,
		     struct mikey_csb **csb);

#endif
