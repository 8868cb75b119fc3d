// SPDX-License-Identifier: GPL-2.0
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "limit.h"

struct bucket {
	uint64_t at_ms;
	uint64_t milli;
};

struct limit {
	uint32_t mask;
	uint32_t per_second;
	uint64_t full;
	uint8_t secret[16];
	struct bucket bucket[];
};

struct limit *limit_new(uint32_t n, uint32_t per_second, uint32_t burst, const uint8_t *secret)
{
	struct limit *limit = calloc(1, sizeof(*limit) + n * sizeof(limit->bucket[0]));
	uint32_t i;

	if (!limit)
		return NULL;
	limit->mask = n - 1;
	limit->per_second = per_second;
	limit->full = (uint64_t)burst * 1000;
	memcpy(limit->secret, secret, sizeof(limit->secret));
	for (i = 0; i < n; i++)
		limit->bucket[i].milli = limit->full;
	return limit;
}

void limit_free(struct limit *limit)
{
	free(limit);
}

static uint32_t hash(const struct limit *limit, const void *key, size_t len)
{
	uint8_t in[16 + LIMIT_NAME_MAX] = { 0 }, out[EVP_MAX_MD_SIZE];
	uint32_t value;

	memcpy(in, limit->secret, 16);
	memcpy(in + 16, key, len < LIMIT_NAME_MAX ? len : LIMIT_NAME_MAX);
	if (!EVP_Digest(in, sizeof(in), out, NULL, EVP_sha256(), NULL))
		return 0;
	memcpy(&value, out, sizeof(value));
	return value & limit->mask;
}

static uint32_t hash_address(const struct limit *limit, const union udp_addr *addr)
{
	if (addr->any.sa_family == AF_INET6)
		return hash(limit, &addr->v6.sin6_addr, 8);
	return hash(limit, &addr->v4.sin_addr, 4);
}

static bool spend(struct limit *limit, uint32_t which, uint64_t now_ms)
{
	struct bucket *bucket = &limit->bucket[which];

	bucket->milli += (now_ms - bucket->at_ms) * limit->per_second;
	bucket->at_ms = now_ms;
	if (bucket->milli > limit->full)
		bucket->milli = limit->full;
	if (bucket->milli < 1000)
		return false;
	bucket->milli -= 1000;
	return true;
}

bool limit_take(struct limit *limit, const union udp_addr *addr, uint64_t now_ms)
{
	return spend(limit, addr ? hash_address(limit, addr) : 0, now_ms);
}

bool limit_take_name(struct limit *limit, const char *name, uint64_t now_ms)
{
	return spend(limit, hash(limit, name, strlen(name)), now_ms);
}
