/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session whose keys change over: when it sends with the new ones, and when
 * the old ones go.
 */
#ifndef HELPER_CHANGEOVER_H
#define HELPER_CHANGEOVER_H

#include <event2/event.h>
#include <stdint.h>

struct changeover;

/* How long the new keys wait for the peer: CHANGEOVER_PROOF is until it sends with them. */
enum changeover_wait { CHANGEOVER_PROOF, CHANGEOVER_SOON = 4, CHANGEOVER_LATE = 20 };

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
 * @wait: looks of a quarter of a second
 */
void changeover_await(struct changeover *changeover, enum changeover_wait wait);

/**
 * changeover_retire - let old keys go when they are idle
 * @changeover: of a session that sends with the new ones
 */
void changeover_retire(struct changeover *changeover);

#endif
