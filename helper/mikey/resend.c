// SPDX-License-Identifier: GPL-2.0
/*
 * A ring of answers, found by the hash of 5-tuple and request.
 */
#include <stdlib.h>
#include <string.h>

#include "resend.h"
#include "wire.h"

struct slot {
	uint8_t hash[MIKEY_HASH_LEN];
	uint64_t since;
	unsigned int times;
	uint8_t *answer;
	size_t len;
};

struct mikey_resend {
	const struct mikey_crypto *crypto;
	size_t max;
	size_t next;
	struct slot *slots;
};

struct mikey_resend *mikey_resend_new(const struct mikey_crypto *crypto, size_t max)
{
	struct mikey_resend *mem = calloc(1, sizeof(*mem));

	if (!mem)
		return NULL;
	mem->crypto = crypto;
	mem->max = max ? max : 1;
	mem->slots = calloc(mem->max, sizeof(*mem->slots));
	if (mem->slots)
		return mem;
	free(mem);
	return NULL;
}

static void clear(struct slot *slot)
{
	free(slot->answer);
	memset(slot, 0, sizeof(*slot));
}

void mikey_resend_free(struct mikey_resend *mem)
{
	size_t i;

	if (!mem)
		return;
	for (i = 0; i < mem->max; i++)
		clear(&mem->slots[i]);
	free(mem->slots);
	free(mem);
}

/*
 * The length of the 5-tuple comes first, so that its end is no matter of
 * opinion
 */
static enum mikey_reason key_of(const struct mikey_resend *mem, struct mikey_view flow,
				struct mikey_view msg, uint8_t *hash)
{
	uint8_t len[4];
	struct mikey_view pieces[] = { { len, sizeof(len) }, flow, msg };

	put_be32(len, (uint32_t)flow.len);
	return mikey_hash(mem->crypto, pieces, 3, hash);
}

static struct slot *find(const struct mikey_resend *mem, const uint8_t *hash, uint64_t now_ms)
{
	size_t i;

	for (i = 0; i < mem->max; i++) {
		struct slot *slot = &mem->slots[i];

		if (!slot->answer || memcmp(slot->hash, hash, MIKEY_HASH_LEN))
			continue;
		if (now_ms - slot->since < MIKEY_RESEND_MS)
			return slot;
		clear(slot);
	}
	return NULL;
}

enum mikey_resend_verdict mikey_resend_find(struct mikey_resend *mem, struct mikey_view flow,
					    struct mikey_view msg, uint64_t now_ms,
					    struct mikey_view *answer)
{
	uint8_t hash[MIKEY_HASH_LEN];
	struct slot *slot;

	if (key_of(mem, flow, msg, hash))
		return MIKEY_RESEND_UNKNOWN;
	slot = find(mem, hash, now_ms);
	if (!slot)
		return MIKEY_RESEND_UNKNOWN;
	if (slot->times == MIKEY_RESEND_TIMES)
		return MIKEY_RESEND_SILENT;
	slot->times++;
	*answer = (struct mikey_view){ slot->answer, slot->len };
	return MIKEY_RESEND_ANSWER;
}

enum mikey_reason mikey_resend_put(struct mikey_resend *mem, struct mikey_view flow,
				   struct mikey_view msg, struct mikey_view answer,
				   uint64_t now_ms)
{
	struct slot fresh = { .since = now_ms, .len = answer.len };
	enum mikey_reason reason = key_of(mem, flow, msg, fresh.hash);
	struct slot *slot;

	if (reason)
		return reason;
	fresh.answer = malloc(answer.len ? answer.len : 1);
	if (!fresh.answer)
		return MIKEY_NO_MEMORY;
	if (answer.len)
		memcpy(fresh.answer, answer.data, answer.len);
	slot = find(mem, fresh.hash, now_ms);
	if (!slot) {
		slot = &mem->slots[mem->next];
		mem->next = (mem->next + 1) % mem->max;
	}
	clear(slot);
	*slot = fresh;
	return MIKEY_OK;
}
