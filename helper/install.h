/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a MIKEY bundle to a session of the kernel: each crypto session is one
 * stream, which sends or receives.
 */
#ifndef HELPER_INSTALL_H
#define HELPER_INSTALL_H

#include "config.h"
#include "failure.h"
#include "kernel.h"
#include "mikey/mikey.h"

/**
 * struct install - what to make of a bundle
 * @peer: settings of the session
 * @name: name of the session; NULL takes the peer's
 * @owner: user who may attach sockets
 * @provisional: seconds after which the session goes unless it is confirmed,
 *	0 for a session that stays
 * @receive_only: leave out the streams that send
 * @cs_first: first crypto session that belongs to the session, 0 for all
 * @cs_last: last one
 * @both_ways: one crypto session is both directions, as cameras have it
 * @old_idle: see install_give_way()
 */
struct install {
	const struct peer *peer;
	const char *name;
	uid_t owner;
	uint32_t provisional;
	bool receive_only;
	uint8_t cs_first;
	uint8_t cs_last;
	bool both_ways;
	bool old_idle;
};

/**
 * enum install_what - directions of the streams of a bundle
 * @INSTALL_RX: those that receive
 * @INSTALL_TX: those that send
 * @INSTALL_BOTH: all
 * @INSTALL_LATER: with INSTALL_TX, for install_keys(): install_activate() is what
 *	makes the keys be sent with
 */
enum install_what { INSTALL_RX = 1, INSTALL_TX = 2, INSTALL_BOTH = 3, INSTALL_LATER = 4 };

/**
 * install_bundle - create a session with the streams of a bundle
 * @csb: bundle, or NULL for a session that has no streams yet
 * @how: settings
 * @session: its number
 * @failure: why not; nothing is left behind then
 * Return: 0 or -1.
 */
int install_bundle(const struct mikey_csb *csb, const struct install *how, uint32_t *session,
		   struct failure *failure);

/**
 * install_streams - add streams to a session, and let it stay
 * @csb: bundle, as the response completed it
 * @how: @cs_first to @both_ways matter
 * @session: made with @provisional
 * @what: which streams are missing
 * @failure: why not; the session is as it was, or incomplete
 * Return: 0 or -1.
 */
int install_streams(const struct mikey_csb *csb, const struct install *how, uint32_t session,
		    enum install_what what, struct failure *failure);

/**
 * install_roc - let the streams that receive join where the peer's run already
 * @csb: bundle, as the response completed it
 * @how: @cs_first to @both_ways matter
 * @session: its number; its streams that receive were made before the response
 * @failure: why not
 * Return: 0 or -1.
 */
int install_roc(const struct mikey_csb *csb, const struct install *how, uint32_t session,
		struct failure *failure);

/**
 * install_confirm - let a session stay
 * @session: made with @provisional
 * @failure: why not
 * Return: 0 or -1.
 */
int install_confirm(uint32_t session, struct failure *failure);

/**
 * install_cookie - what tells a session from all others of this boot
 * @session: its number
 * Return: its cookie, 0 if there is no such session.
 */
uint64_t install_cookie(uint32_t session);

/**
 * install_remove - delete a session
 * @session: its number
 */
void install_remove(uint32_t session);

/*
 * Renewing keys, make before break: install_keys() of what receives before the
 * message goes out, install_keys() of what sends when the other side is known to
 * receive, and install_retire() until it has nothing left to do.
 */

/**
 * install_keys - add keys to the streams of a session
 * @csb: bundle as updated; its streams are those of the session
 * @how: @peer and @cs_first to @both_ways matter
 * @session: number
 * @what: INSTALL_RX: keys that are accepted beside the old ones; INSTALL_TX: keys
 *	that are sent with from now on
 * @failure: why not; some may have been added
 * Return: 0 or -1.
 */
int install_keys(const struct mikey_csb *csb, const struct install *how, uint32_t session,
		 enum install_what what, struct failure *failure);

/**
 * struct install_view - the keys of the streams that receive
 * @waiting: keys that no packet has come under yet
 * @old: packets of keys after which others came
 */
struct install_view {
	size_t waiting;
	uint64_t old;
};

/**
 * install_look - do packets come with the new keys, or with the old ones?
 * @session: number
 * @view: result
 * Return: 0 or a negative errno.
 */
int install_look(uint32_t session, struct install_view *view);

/**
 * install_unfinished - do keys of a session change over?
 * @session: number
 * @unsent: filled: there are some to send with that have never been
 * Return: true if there are keys that have not been used yet, or are no more.
 */
bool install_unfinished(uint32_t session, bool *unsent);

/**
 * install_superseded - has the stream of a key a later one?
 * @session: number
 * @stream: number of the stream
 * @key: number of the key
 */
bool install_superseded(uint32_t session, uint32_t stream, uint32_t key);

/**
 * install_give_way - delete a key that one more needs the room of
 * @kernel: connection
 * @session: number
 * @stream: number of the stream
 * @old_idle: the peer uses the key before the latest no more; else it does not have
 *	the latest
 * Return: 0 if there is room now.
 */
int install_give_way(struct kernel *kernel, uint32_t session, uint32_t stream, bool old_idle);

/**
 * install_drop_waiting - delete the keys that have not been sent with
 * @kernel: connection
 * @session: number of the session
 * @stream: number of a stream that sends
 */
void install_drop_waiting(struct kernel *kernel, uint32_t session, uint32_t stream);

/**
 * install_activate - send with the keys that wait for it
 * @session: number
 * @failure: why not
 * Return: 0 or -1.
 */
int install_activate(uint32_t session, struct failure *failure);

/**
 * install_retire - delete superseded keys that nothing has used since last time
 * @session: number
 * @seen: packets of all superseded keys; UINT64_MAX at first
 * Return: true while there are some.
 */
bool install_retire(uint32_t session, uint64_t *seen);

#endif
