// SPDX-License-Identifier: GPL-2.0
/*
 * The cache is an array sorted by T, so what to forget is always at its start.
 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "replay.h"
#include "wire.h"

struct entry {
	uint64_t t;
	uint8_t hash[MIKEY_HASH_LEN];
};

struct counter {
	uint8_t peer[MIKEY_HASH_LEN];
	uint32_t value;
};

/**
 * struct mikey_replay - see replay.h
 * @has_floor: @floor holds
 * @floor: nothing with a T up to here is taken
 * @recovering: @until holds
 * @until: nothing at all is taken before
 */
struct mikey_replay {
	const struct mikey_crypto *crypto;
	uint64_t skew;
	size_t max;
	size_t n;
	size_t n_counters;
	struct entry *entries;
	struct counter *counters;
	bool has_floor;
	uint64_t floor;
	bool recovering;
	uint64_t until;
};

struct mikey_replay *mikey_replay_new(const struct mikey_crypto *crypto, size_t max,
				      uint64_t skew)
{
	struct mikey_replay *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->crypto = crypto;
	cache->skew = skew;
	cache->max = max ? max : 1;
	cache->entries = calloc(cache->max, sizeof(*cache->entries));
	cache->counters = calloc(cache->max, sizeof(*cache->counters));
	if (cache->entries && cache->counters)
		return cache;
	mikey_replay_free(cache);
	return NULL;
}

void mikey_replay_free(struct mikey_replay *cache)
{
	if (!cache)
		return;
	free(cache->entries);
	free(cache->counters);
	free(cache);
}

size_t mikey_replay_count(const struct mikey_replay *cache)
{
	return cache->n;
}

static void raise_floor(struct mikey_replay *cache, uint64_t t)
{
	if (cache->has_floor && mikey_ntp_diff(t, cache->floor) <= 0)
		return;
	cache->has_floor = true;
	cache->floor = t;
}

void mikey_replay_unclean(struct mikey_replay *cache, uint64_t now)
{
	cache->recovering = true;
	cache->until = now + cache->skew;
	raise_floor(cache, cache->until);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	int64_t diff = mikey_ntp_diff(a, b);

	return diff < 0 ? 0 - (uint64_t)diff : (uint64_t)diff;
}

enum mikey_reason mikey_replay_check_time(const struct mikey_replay *cache, uint64_t now,
					  const struct mikey_ts *ts, struct mikey_error *err)
{
	uint64_t t = mikey_ts_64(ts);
	uint64_t off = distance(t, now);

	if (cache->recovering && mikey_ntp_diff(now, cache->until) < 0)
		return mikey_fail(err, MIKEY_RECOVERING, MIKEY_NO_OFFSET,
				  "the replay cache was lost; nothing is taken for another %u s",
				  (unsigned int)((cache->until - now) >> 32) + 1);
	if (off > cache->skew)
		return mikey_fail(err, MIKEY_CLOCK_SKEW, MIKEY_NO_OFFSET,
				  "T is %u s %s the clock; %u s are allowed",
				  (unsigned int)(off >> 32),
				  mikey_ntp_diff(t, now) < 0 ? "behind" : "ahead of",
				  (unsigned int)(cache->skew >> 32));
	if (cache->has_floor && mikey_ntp_diff(t, cache->floor) <= 0)
		return mikey_fail(err, MIKEY_TOO_OLD, MIKEY_NO_OFFSET,
				  "T lies where taken messages are no longer remembered");
	return MIKEY_OK;
}

/* First entry whose T is not before t */
static size_t lower_bound(const struct mikey_replay *cache, uint64_t t)
{
	size_t low = 0, high = cache->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (mikey_ntp_diff(cache->entries[mid].t, t) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool known(const struct mikey_replay *cache, uint64_t t, const uint8_t *hash)
{
	size_t i;

	for (i = lower_bound(cache, t); i < cache->n && cache->entries[i].t == t; i++)
		if (!memcmp(cache->entries[i].hash, hash, MIKEY_HASH_LEN))
			return true;
	return false;
}

enum mikey_reason mikey_replay_check(const struct mikey_replay *cache,
				     const struct mikey_ts *ts, struct mikey_view msg,
				     struct mikey_error *err)
{
	uint8_t hash[MIKEY_HASH_LEN];
	enum mikey_reason reason = mikey_hash(cache->crypto, &msg, 1, hash);

	if (reason)
		return mikey_fail(err, reason, MIKEY_NO_OFFSET, "hashing failed");
	if (known(cache, mikey_ts_64(ts), hash))
		return mikey_fail(err, MIKEY_REPLAYED, MIKEY_NO_OFFSET,
				  "this message was taken before");
	return MIKEY_OK;
}

/* Forget the first n entries; they had the lowest T */
static void forget(struct mikey_replay *cache, size_t n)
{
	if (!n)
		return;
	raise_floor(cache, cache->entries[n - 1].t);
	cache->n -= n;
	memmove(cache->entries, cache->entries + n, cache->n * sizeof(*cache->entries));
}

enum mikey_reason mikey_replay_add(struct mikey_replay *cache, uint64_t now,
				   const struct mikey_ts *ts, struct mikey_view msg)
{
	struct entry entry = { .t = mikey_ts_64(ts) };
	enum mikey_reason reason = mikey_hash(cache->crypto, &msg, 1, entry.hash);
	size_t i;

	if (reason)
		return reason;
	forget(cache, lower_bound(cache, now - cache->skew));
	if (cache->n == cache->max)
		forget(cache, 1);
	i = lower_bound(cache, entry.t);
	memmove(cache->entries + i + 1, cache->entries + i,
		(cache->n - i) * sizeof(*cache->entries));
	cache->entries[i] = entry;
	cache->n++;
	return MIKEY_OK;
}

static size_t find_counter(const struct mikey_replay *cache, const uint8_t *peer, bool *found)
{
	size_t i;

	for (i = 0; i < cache->n_counters; i++)
		if (!memcmp(cache->counters[i].peer, peer, MIKEY_HASH_LEN))
			break;
	*found = i < cache->n_counters;
	return i;
}

enum mikey_reason mikey_replay_check_counter(const struct mikey_replay *cache,
					     struct mikey_view peer, uint32_t value,
					     struct mikey_error *err)
{
	uint8_t hash[MIKEY_HASH_LEN];
	enum mikey_reason reason = mikey_hash(cache->crypto, &peer, 1, hash);
	bool found;
	size_t i;

	if (reason)
		return mikey_fail(err, reason, MIKEY_NO_OFFSET, "hashing failed");
	i = find_counter(cache, hash, &found);
	if (found && value <= cache->counters[i].value)
		return mikey_fail(err, MIKEY_REPLAYED, MIKEY_NO_OFFSET,
				  "counter %u is not above the last one, %u", value,
				  cache->counters[i].value);
	if (!found && i == cache->max)
		return mikey_fail(err, MIKEY_COUNTER_FULL, MIKEY_NO_OFFSET,
				  "no room for the counter of another peer");
	return MIKEY_OK;
}

enum mikey_reason mikey_replay_add_counter(struct mikey_replay *cache, struct mikey_view peer,
					   uint32_t value)
{
	uint8_t hash[MIKEY_HASH_LEN];
	enum mikey_reason reason = mikey_hash(cache->crypto, &peer, 1, hash);
	bool found;
	size_t i;

	if (reason)
		return reason;
	i = find_counter(cache, hash, &found);
	if (!found && i == cache->max)
		return MIKEY_COUNTER_FULL;
	if (!found)
		cache->n_counters++;
	memcpy(cache->counters[i].peer, hash, MIKEY_HASH_LEN);
	cache->counters[i].value = value;
	return MIKEY_OK;
}

/*
 * State file: magic, flags, floor, until, number of entries and of counters,
 * the entries, the counters, SHA-256 over all that (against torn writes).
 */
static const uint8_t magic[8] = { 'M', 'K', 'R', 'C', '0', '0', '0', '1' };

#define HEAD_LEN 36
#define ENTRY_LEN (8 + MIKEY_HASH_LEN)
#define COUNTER_LEN (MIKEY_HASH_LEN + 4)
#define HAS_FLOOR 1
#define RECOVERING 2

static size_t body_len(size_t n, size_t n_counters)
{
	return HEAD_LEN + n * ENTRY_LEN + n_counters * COUNTER_LEN;
}

size_t mikey_replay_save_size(const struct mikey_replay *cache)
{
	return body_len(cache->n, cache->n_counters) + MIKEY_HASH_LEN;
}

enum mikey_reason mikey_replay_save(const struct mikey_replay *cache, uint8_t *buf)
{
	struct mikey_view all = { buf, body_len(cache->n, cache->n_counters) };
	uint8_t *p = buf + HEAD_LEN;
	size_t i;

	memcpy(buf, magic, sizeof(magic));
	memset(buf + 8, 0, 3);
	buf[11] = (cache->has_floor ? HAS_FLOOR : 0) | (cache->recovering ? RECOVERING : 0);
	put_be64(buf + 12, cache->floor);
	put_be64(buf + 20, cache->until);
	put_be32(buf + 28, (uint32_t)cache->n);
	put_be32(buf + 32, (uint32_t)cache->n_counters);
	for (i = 0; i < cache->n; i++, p += ENTRY_LEN) {
		put_be64(p, cache->entries[i].t);
		memcpy(p + 8, cache->entries[i].hash, MIKEY_HASH_LEN);
	}
	for (i = 0; i < cache->n_counters; i++, p += COUNTER_LEN) {
		memcpy(p, cache->counters[i].peer, MIKEY_HASH_LEN);
		put_be32(p + MIKEY_HASH_LEN, cache->counters[i].value);
	}
	return mikey_hash(cache->crypto, &all, 1, p);
}

static enum mikey_reason check_state(const struct mikey_replay *cache, struct mikey_view state,
				     size_t *n, size_t *n_counters, struct mikey_error *err)
{
	struct mikey_view body = state;
	uint8_t hash[MIKEY_HASH_LEN];

	if (state.len < HEAD_LEN + MIKEY_HASH_LEN || memcmp(state.data, magic, sizeof(magic)))
		return mikey_fail(err, MIKEY_BAD_STATE, 0, "this is no replay state");
	*n = get_be(state.data + 28, 4);
	*n_counters = get_be(state.data + 32, 4);
	body.len -= MIKEY_HASH_LEN;
	if (body.len != body_len(*n, *n_counters))
		return mikey_fail(err, MIKEY_BAD_STATE, 28, "the replay state is cut off");
	if (mikey_hash(cache->crypto, &body, 1, hash) ||
	    memcmp(hash, state.data + body.len, MIKEY_HASH_LEN))
		return mikey_fail(err, MIKEY_BAD_STATE, body.len, "the replay state is damaged");
	if (*n_counters > cache->max)
		return mikey_fail(err, MIKEY_COUNTER_FULL, 32,
				  "the replay state has more counters than there is room");
	return MIKEY_OK;
}

/* What does not fit is forgotten as in a full cache: the lowest T first */
enum mikey_reason mikey_replay_load(struct mikey_replay *cache, struct mikey_view state,
				    struct mikey_error *err)
{
	const uint8_t *p = state.data + HEAD_LEN;
	size_t i, n = 0, n_counters = 0;
	enum mikey_reason reason = check_state(cache, state, &n, &n_counters, err);

	if (reason)
		return reason;
	cache->has_floor = state.data[11] & HAS_FLOOR;
	cache->recovering = state.data[11] & RECOVERING;
	cache->floor = get_be(state.data + 12, 8);
	cache->until = get_be(state.data + 20, 8);
	cache->n = 0;
	for (i = 0; i < n; i++, p += ENTRY_LEN) {
		if (n - i > cache->max) {
			raise_floor(cache, get_be(p, 8));
			continue;
		}
		cache->entries[cache->n].t = get_be(p, 8);
		memcpy(cache->entries[cache->n++].hash, p + 8, MIKEY_HASH_LEN);
	}
	cache->n_counters = n_counters;
	for (i = 0; i < n_counters; i++, p += COUNTER_LEN) {
		memcpy(cache->counters[i].peer, p, MIKEY_HASH_LEN);
		cache->counters[i].value = (uint32_t)get_be(p + MIKEY_HASH_LEN, 4);
	}
	return MIKEY_OK;
}
