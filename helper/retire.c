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

/**
 * struct waiting - keys that are neither active nor superseded
 * @kernel: connection
 * @session: session
 * @n: how many of one direction
 * @key: one of them
 */
struct waiting {
	struct kernel *kernel;
	uint32_t session;
	size_t n;
	struct {
		uint32_t stream;
		uint32_t key;
	} key[64];
};

static int look_for_waiting(struct kernel_key *key, void *arg)
{
	struct waiting *waiting = arg;

	if (key->state != SRTP_KEY_STATE_INSTALLED ||
	    waiting->n == sizeof(waiting->key) / sizeof(waiting->key[0]))
		return 0;
	waiting->key[waiting->n].stream = key->stream;
	waiting->key[waiting->n].key = key->id;
	waiting->n++;
	return 0;
}

static bool sends(const struct waiting *waiting, size_t i)
{
	struct kernel_stream stream;
	bool tx = !kernel_stream_get(waiting->kernel, waiting->session, waiting->key[i].stream,
				     &stream) && stream.direction == SRTP_DIRECTION_TX;

	kernel_stream_clear(&stream);
	return tx;
}

/* A key that receives waits until the first packet under it makes it active. */
bool install_in_use(uint32_t session)
{
	struct waiting waiting = { .session = session };
	int err = kernel_open(&waiting.kernel);
	bool in_use;
	size_t i;

	if (!err)
		err = kernel_key_dump(waiting.kernel, session, look_for_waiting, &waiting);
	in_use = !err;
	for (i = 0; i < waiting.n && in_use; i++)
		in_use = sends(&waiting, i);
	kernel_close(waiting.kernel);
	return in_use;
}

static int activate(const struct waiting *waiting, size_t i)
{
	struct kernel_key set = { 0 };

	KERNEL_SET(&set, SRTP_A_KEY_SESSION, session, waiting->session);
	KERNEL_SET(&set, SRTP_A_KEY_STREAM, stream, waiting->key[i].stream);
	KERNEL_SET(&set, SRTP_A_KEY_ID, id, waiting->key[i].key);
	KERNEL_SET(&set, SRTP_A_KEY_ACTIVE, active, 1);
	return kernel_key_set(waiting->kernel, &set);
}

int install_activate(uint32_t session, struct failure *failure)
{
	struct waiting waiting = { .session = session };
	int err = kernel_open(&waiting.kernel);
	size_t i;

	if (!err)
		err = kernel_key_dump(waiting.kernel, session, look_for_waiting, &waiting);
	for (i = 0; i < waiting.n && !err; i++)
		if (sends(&waiting, i))
			err = activate(&waiting, i);
	if (err)
		failure_set(failure, kernel_exit(err), kernel_reason(err),
			    "the new keys cannot be sent with: %s", kernel_error(waiting.kernel));
	kernel_close(waiting.kernel);
	return err ? -1 : 0;
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
