/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replay cache and clock skew: RFC 3830 5.3, 5.4.
 *
 * The cache remembers every authenticated message whose T lies above a floor.
 * When it must forget - entry out of the skew window, cache full, state lost -
 * the floor rises to the T of what it forgot, and never falls. So a message
 * that was taken once is not taken again, whatever the clock does.
 */
#ifndef MIKEY_REPLAY_H
#define MIKEY_REPLAY_H

#include "crypto.h"

struct mikey_replay;

/**
 * mikey_replay_new - an empty cache
 * @crypto: for hashing; must outlive the cache
 * @max: entries to keep; when more messages come in one skew window, the
 *       window shrinks from its old end (RFC 3830 5.4)
 * @skew: how far T may be from now, in 1/2^32 seconds (see MIKEY_SECONDS())
 * Return: NULL without memory.
 */
struct mikey_replay *mikey_replay_new(const struct mikey_crypto *crypto, size_t max,
				      uint64_t skew);

/**
 * mikey_replay_free - release a cache
 * @cache: cache or NULL
 */
void mikey_replay_free(struct mikey_replay *cache);

/**
 * mikey_replay_unclean - tracking was lost: reject until it cannot matter
 * @cache: cache
 * @now: NTP time
 *
 * RFC 3830 5.4. From now on everything is refused until @now + skew, and after
 * that every T up to @now + skew: no message taken before the loss fits.
 */
void mikey_replay_unclean(struct mikey_replay *cache, uint64_t now);

/**
 * mikey_replay_check_time - is T close enough to now?
 * @cache: cache
 * @now: NTP time
 * @ts: T of the message; any type but COUNTER
 * @err: how far off
 */
enum mikey_reason mikey_replay_check_time(const struct mikey_replay *cache, uint64_t now,
					  const struct mikey_ts *ts, struct mikey_error *err);

/**
 * mikey_replay_check - was this message taken before?
 * @cache: cache
 * @ts: T of the message; for COUNTER see mikey_replay_check_counter()
 * @msg: the message as it came
 * @err: why not
 */
enum mikey_reason mikey_replay_check(const struct mikey_replay *cache,
				     const struct mikey_ts *ts, struct mikey_view msg,
				     struct mikey_error *err);

/**
 * mikey_replay_add - remember an authenticated message
 * @cache: cache
 * @now: NTP time
 * @ts: its T
 * @msg: the message as it came
 */
enum mikey_reason mikey_replay_add(struct mikey_replay *cache, uint64_t now,
				   const struct mikey_ts *ts, struct mikey_view msg);

/**
 * mikey_replay_check_counter - is a COUNTER above the last one of this peer?
 * @cache: cache
 * @peer: octets that name the peer
 * @value: the counter
 * @err: why not
 */
enum mikey_reason mikey_replay_check_counter(const struct mikey_replay *cache,
					     struct mikey_view peer, uint32_t value,
					     struct mikey_error *err);

/**
 * mikey_replay_add_counter - remember the counter of an authenticated message
 * @cache: cache
 * @peer: octets that name the peer
 * @value: the counter
 * Return: MIKEY_COUNTER_FULL if there are more peers than the cache holds:
 * then the message must not be taken. Counters are never forgotten.
 */
enum mikey_reason mikey_replay_add_counter(struct mikey_replay *cache, struct mikey_view peer,
					   uint32_t value);

/**
 * mikey_replay_count - how many messages it remembers
 * @cache: cache
 */
size_t mikey_replay_count(const struct mikey_replay *cache);

/**
 * mikey_replay_save_size - octets that mikey_replay_save() writes
 * @cache: cache
 */
size_t mikey_replay_save_size(const struct mikey_replay *cache);

/**
 * mikey_replay_save - write hashes, timestamps and counters, no key material
 * @cache: cache
 * @buf: mikey_replay_save_size() octets
 */
enum mikey_reason mikey_replay_save(const struct mikey_replay *cache, uint8_t *buf);

/**
 * mikey_replay_load - read what mikey_replay_save() wrote
 * @cache: a new cache
 * @state: octets of the state file
 * @err: why not; after a failure call mikey_replay_unclean()
 */
enum mikey_reason mikey_replay_load(struct mikey_replay *cache, struct mikey_view state,
				    struct mikey_error *err);

#endif
