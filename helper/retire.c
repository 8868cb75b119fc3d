// SPDX-License-Identifier: GPL-2.0
/*
 * The keys of a session that have been superseded: whether the new ones are in
 * use, and when the old ones can go.
 */
#include "install.h"

/**
 * struct survey - what the keys of a session are doing
 * @packets: of superseded keys
 * @n: superseded keys
 * @old: the first of them
 */
struct survey {
	uint64_t packets;
	size_t n;
	struct {
		uint32_t stream;
		uint32_t key;
	} old[64];
};

static int look(struct kernel_key *key, void *arg)
{
	struct survey *survey = arg;

	if (key->state != SRTP_KEY_STATE_RETIRED && key->state != SRTP_KEY_STATE_EXPIRED)
		return 0;
	survey->packets += key->srtp_packets + key->srtcp_packets;
	if (survey->n < sizeof(survey->old) / sizeof(survey->old[0])) {
		survey->old[survey->n].stream = key->stream;
		survey->old[survey->n].key = key->id;
		survey->n++;
	}
	return 0;
}

/* A key that waits for its first packet is neither active nor superseded. */
static int look_for_waiting(struct kernel_key *key, void *arg)
{
	size_t *waiting = arg;

	*waiting += key->state == SRTP_KEY_STATE_INSTALLED;
	return 0;
}

bool install_in_use(uint32_t session)
{
	struct kernel *kernel = NULL;
	size_t waiting = 0;
	int err = kernel_open(&kernel);

	if (!err)
		err = kernel_key_dump(kernel, session, look_for_waiting, &waiting);
	kernel_close(kernel);
	return !err && !waiting;
}

bool install_retire(uint32_t session, uint64_t *seen)
{
	struct kernel *kernel = NULL;
	struct survey survey = { 0 };
	bool idle;
	size_t i;

	if (kernel_open(&kernel) || kernel_key_dump(kernel, session, look, &survey)) {
		kernel_close(kernel);
		return false;
	}
	idle = survey.packets == *seen;
	*seen = survey.packets;
	for (i = 0; idle && i < survey.n; i++)
		kernel_key_del(kernel, session, survey.old[i].stream, survey.old[i].key);
	kernel_close(kernel);
	return survey.n && !idle;
}
