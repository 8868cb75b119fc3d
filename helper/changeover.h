/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session whose keys change over: when it sends with the new ones, and when
 * the old ones go.
 */
#ifndef HELPER_CHANGEOVER_H
#define HELPER_CHANGEOVER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

struct changeover;

/**
 * enum changeover_wait - until when the new keys are not sent with
 * @CHANGEOVER_PROOF: until the peer sends with them
 * @CHANGEOVER_SOON: so, but a second at most
 * @CHANGEOVER_LATE: so, or until the peer was silent for five seconds; one that goes
 *	on with the old keys may not have the new ones
 * @CHANGEOVER_GROUP: until one of many peers sends with them, or so long that all have
 *	been asked
 */
enum changeover_wait { CHANGEOVER_PROOF, CHANGEOVER_SOON, CHANGEOVER_LATE, CHANGEOVER_GROUP };

/**
 * changeover_new - a session whose keys will change
 * @base: event loop
 * @session: its number
 * Return: NULL without memory.
 */
struct changeover *changeover_new(struct event_base *base, uint32_t session);

/**
 * changeover_free - look no more
 * @changeover: or NULL
 */
void changeover_free(struct changeover *changeover);

/**
 * changeover_await - send with the new keys when the peer does, or after a while
 * @changeover: of a session whose new sending keys are installed (INSTALL_LATER)
 * @wait: for what
 */
void changeover_await(struct changeover *changeover, enum changeover_wait wait);

/**
 * changeover_retire - let old keys go when they are idle
 * @changeover: of a session that sends with the new ones
 */
void changeover_retire(struct changeover *changeover);

/**
 * changeover_then - wait until the peer uses the new keys, too
 * @changeover: after changeover_retire()
 * @fn: called once: the peer sends with the new keys, or is silent and so has had the
 *	time to change, or goes on with the old ones for half a minute
 * @arg: for @fn
 * Return: false if there is nothing to wait for; then @fn is not called.
 */
bool changeover_then(struct changeover *changeover, void (*fn)(void *arg), void *arg);

/**
 * changeover_old_idle - is it sure that the peer uses the old keys no more?
 * @changeover: or NULL
 *
 * While new ones have not been received with. If not, it may not have the new ones.
 */
bool changeover_old_idle(const struct changeover *changeover);

/**
 * changeover_waiting - what keys that are not sent with wait for, for the next process
 * @changeover: or NULL
 * Return: 1 + enum changeover_wait, or 0 if there are none.
 */
unsigned int changeover_waiting(const struct changeover *changeover);

/**
 * changeover_resume - go on where another process was
 * @changeover: new
 * @waiting: what changeover_waiting() said there
 */
void changeover_resume(struct changeover *changeover, unsigned int waiting);

#endif
