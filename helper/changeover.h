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
 * @proof: however long it takes: the peer may not have taken them
 */
void changeover_await(struct changeover *changeover, bool proof);

/**
 * changeover_retire - let old keys go when they are idle
 * @changeover: of a session that sends with the new ones
 */
void changeover_retire(struct changeover *changeover);

#endif
