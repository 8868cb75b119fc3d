/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Token buckets: how much of something happens for one source, whoever it
 * claims to be. Memory is fixed; sources that hash alike share a bucket.
 */
#ifndef HELPER_LIMIT_H
#define HELPER_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "udp.h"

struct limit;

/**
 * limit_new - buckets
 * @n: buckets, a power of two
 * @per_second: tokens that come back in a second
 * @burst: tokens of a full bucket
 * @secret: 16 octets that make the hash unpredictable
 * Return: NULL without memory.
 */
struct limit *limit_new(uint32_t n, uint32_t per_second, uint32_t burst, const uint8_t *secret);

/**
 * limit_free - release
 * @limit: buckets or NULL
 */
void limit_free(struct limit *limit);

/**
 * limit_take - may it happen once more?
 * @limit: buckets
 * @addr: source: an IPv4 address or an IPv6 /64; NULL for the one bucket 0
 * @now_ms: a clock that never goes back
 */
bool limit_take(struct limit *limit, const union udp_addr *addr, uint64_t now_ms);

/** LIMIT_NAME_MAX - characters of a name that count */
#define LIMIT_NAME_MAX 64

/**
 * limit_take_name - may it happen once more, in somebody's name?
 * @limit: buckets
 * @name: name
 * @now_ms: a clock that never goes back
 */
bool limit_take_name(struct limit *limit, const char *name, uint64_t now_ms);

#endif
