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

static uint32_t hash(const struct limit *limit, const union udp_addr *addr)
{
	uint8_t in[16 + 8] = { 0 }, out[EVP_MAX_MD_SIZE];
	uint32_t value;

	memcpy(in, limit->secret, 16);
	if (addr->any.sa_family == AF_INET6)
		memcpy(in + 16, &addr->v6.sin6_addr, 8);
	else
		memcpy(in + 16, &addr->v4.sin_addr, 4);
	if (!EVP_Digest(in, sizeof(in), out, NULL, EVP_sha256(), NULL))
		return 0;
	memcpy(&value, out, sizeof(value));
	return value & limit->mask;
}

bool limit_take(struct limit *limit, const union udp_addr *addr, uint64_t now_ms)
{
	struct bucket *bucket = &limit->bucket[addr ? hash(limit, addr) : 0];

	bucket->milli += (now_ms - bucket->at_ms) * limit->per_second;
	bucket->at_ms = now_ms;
	if (bucket->milli > limit->full)
		bucket->milli = limit->full;
	if (bucket->milli < 1000)
		return false;
	bucket->milli -= 1000;
	return true;
}
