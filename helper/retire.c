// SPDX-License-Identifier: GPL-2.0
/*
 * The keys of a session while they change over: whether the new ones are in
 * use, whether the old ones still are, and when they can go.
 */
#include <stdlib.h>
#include "install.h"

/* Streams with keys of their own are few; those that a wildcard made have none. */
#define SURVEY_MAX 256

/**
 * struct survey - the keys of a session
 * @n: how many
 * @key: they, in the order in which each stream got them
 */
struct survey {
	size_t n;
	struct surveyed {
		uint32_t stream;
		uint32_t id;
		uint8_t state;
		bool tx;
		uint64_t packets;
	} key[SURVEY_MAX];
};

static int add_key(struct kernel_key *key, void *arg)
{
	struct survey *survey = arg;

	if (survey->n == SURVEY_MAX)
		return 0;
	survey->key[survey->n++] = (struct surveyed){
		.stream = key->stream,
		.id = key->id,
		.state = key->state,
		.packets = key->srtp_packets + key->srtcp_packets,
	};
	return 0;
}

static bool sends(struct kernel *kernel, uint32_t session, uint32_t id)
{
	struct kernel_stream stream;
	bool tx = !kernel_stream_get(kernel, session, id, &stream) &&
		  stream.direction == SRTP_DIRECTION_TX;

	kernel_stream_clear(&stream);
	return tx;
}

/* Opens the connection as well; it is to be closed in any case. */
static int survey_keys(struct kernel **kernel, uint32_t session, struct survey *survey)
{
	int err = kernel_open(kernel);
	size_t i;

	survey->n = 0;
	if (!err)
		err = kernel_key_dump(*kernel, session, add_key, survey);
	for (i = 0; !err && i < survey->n; i++) {
		if (i && survey->key[i].stream == survey->key[i - 1].stream)
			survey->key[i].tx = survey->key[i - 1].tx;
		else
			survey->key[i].tx = sends(*kernel, session, survey->key[i].stream);
	}
	return err;
}

static bool is_retired(const struct surveyed *key)
{
	return key->state == SRTP_KEY_STATE_RETIRED || key->state == SRTP_KEY_STATE_EXPIRED;
}

/* Has the stream a key that came later? */
static bool is_superseded(const struct survey *survey, const struct surveyed *key)
{
	const struct surveyed *other;

	for (other = survey->key; other < survey->key + survey->n; other++)
		if (other->stream == key->stream && other->id > key->id)
			return true;
	return false;
}

/* A key that receives waits until the first packet under it makes it active. */
int install_look(uint32_t session, struct install_view *view)
{
	struct kernel *kernel = NULL;
	struct survey survey;
	int err = survey_keys(&kernel, session, &survey);
	const struct surveyed *key;

	*view = (struct install_view){ 0 };
	for (key = survey.key; !err && key < survey.key + survey.n; key++) {
		if (key->tx)
			continue;
		if (key->state == SRTP_KEY_STATE_INSTALLED)
			view->waiting++;
		else if (is_superseded(&survey, key))
			view->old += key->packets;
	}
	kernel_close(kernel);
	return err;
}

bool install_unfinished(uint32_t session, bool *unsent)
{
	struct kernel *kernel = NULL;
	struct survey survey;
	int err = survey_keys(&kernel, session, &survey);
	const struct surveyed *key;
	bool any = false;

	*unsent = false;
	for (key = survey.key; !err && key < survey.key + survey.n; key++) {
		any |= key->state != SRTP_KEY_STATE_ACTIVE;
		*unsent |= key->tx && key->state == SRTP_KEY_STATE_INSTALLED;
	}
	kernel_close(kernel);
	return any;
}

bool install_superseded(uint32_t session, uint32_t stream, uint32_t key)
{
	const struct surveyed found = { .stream = stream, .id = key };
	struct kernel *kernel = NULL;
	struct survey survey;
	bool superseded = !survey_keys(&kernel, session, &survey) &&
			  is_superseded(&survey, &found);

	kernel_close(kernel);
	return superseded;
}

static int activate(struct kernel *kernel, uint32_t session, const struct surveyed *key)
{
	struct kernel_key set = { 0 };

	KERNEL_SET(&set, SRTP_A_KEY_SESSION, session, session);
	KERNEL_SET(&set, SRTP_A_KEY_STREAM, stream, key->stream);
	KERNEL_SET(&set, SRTP_A_KEY_ID, id, key->id);
	KERNEL_SET(&set, SRTP_A_KEY_ACTIVE, active, 1);
	return kernel_key_set(kernel, &set);
}

int install_activate(uint32_t session, struct failure *failure)
{
	struct kernel *kernel = NULL;
	struct survey survey;
	int err = survey_keys(&kernel, session, &survey);
	const struct surveyed *key;

	for (key = survey.key; !err && key < survey.key + survey.n; key++)
		if (key->tx && key->state == SRTP_KEY_STATE_INSTALLED)
			err = activate(kernel, session, key);
	if (err)
		failure_set(failure, kernel_exit(err), kernel_reason(err),
			    "the new keys cannot be sent with: %s", kernel_error(kernel));
	kernel_close(kernel);
	return err ? -1 : 0;
}

static void delete_retired(struct kernel *kernel, uint32_t session, const struct survey *survey)
{
	const struct surveyed *key;

	for (key = survey->key; key < survey->key + survey->n; key++)
		if (is_retired(key))
			kernel_key_del(kernel, session, key->stream, key->id);
}

bool install_retire(uint32_t session, uint64_t *seen)
{
	struct kernel *kernel = NULL;
	struct survey survey;
	int err = survey_keys(&kernel, session, &survey);
	uint64_t packets = 0;
	const struct surveyed *key;
	bool any = false, idle;

	for (key = survey.key; !err && key < survey.key + survey.n; key++) {
		any |= is_retired(key);
		packets += is_retired(key) ? key->packets : 0;
	}
	idle = packets == *seen;
	*seen = packets;
	if (!err && idle)
		delete_retired(kernel, session, &survey);
	kernel_close(kernel);
	return any && !idle;
}

/**
 * struct crowd - the keys of a stream that has no room for one more
 * @stream: its number
 * @retired: key that was the first to be superseded, 0 for none
 * @active: key that packets come under, 0 for none
 * @waiting: key that none has come under yet, 0 for none
 */
struct crowd {
	uint32_t stream;
	uint32_t retired;
	uint32_t active;
	uint32_t waiting;
};

static int sort_key(struct kernel_key *key, void *arg)
{
	struct crowd *crowd = arg;

	if (key->stream != crowd->stream)
		return 0;
	if (key->state == SRTP_KEY_STATE_ACTIVE)
		crowd->active = key->id;
	else if (key->state == SRTP_KEY_STATE_INSTALLED)
		crowd->waiting = crowd->waiting ? crowd->waiting : key->id;
	else if (!crowd->retired)
		crowd->retired = key->id;
	return 0;
}

int install_give_way(struct kernel *kernel, uint32_t session, uint32_t stream, bool old_idle)
{
	struct crowd crowd = { .stream = stream };
	uint32_t victim;

	if (kernel_key_dump(kernel, session, sort_key, &crowd))
		return -1;
	victim = crowd.retired;
	if (!victim)
		victim = old_idle && crowd.active && crowd.waiting ? crowd.active : crowd.waiting;
	return victim ? kernel_key_del(kernel, session, stream, victim) : -1;
}

void install_drop_waiting(struct kernel *kernel, uint32_t session, uint32_t stream)
{
	struct crowd crowd;

	do
		crowd = (struct crowd){ .stream = stream };
	while (!kernel_key_dump(kernel, session, sort_key, &crowd) && crowd.waiting &&
	       !kernel_key_del(kernel, session, stream, crowd.waiting));
}
