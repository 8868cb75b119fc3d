// SPDX-License-Identifier: GPL-2.0
/*
 * Keys that change over, RFC 3711 3.3.1: who answered sends with the new keys
 * when the first packet under them proves that the peer has them.
 */
#include <stdlib.h>
#include "changeover.h"
#include "install.h"
#include "log.h"

/* How often a session is looked at. */
#define LOOK_MS 250
/* An old key goes when it was idle for so long: more than any packet travels. */
#define IDLE_MS 5000

/**
 * struct changeover - one session
 * @session: its number
 * @timer: when it is looked at again
 * @looks: how often before it sends with the new keys; 0 if it does
 * @proof: it sends with them only when the peer does
 * @seen: packets of superseded keys
 */
struct changeover {
	uint32_t session;
	struct event *timer;
	unsigned int looks;
	bool proof;
	uint64_t seen;
};

static void look_again(struct changeover *changeover, unsigned int ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(changeover->timer, &tv);
}

static void send_with_new(struct changeover *changeover)
{
	struct json_object *fields = json_object_new_object();
	struct failure failure;

	log_number(fields, "session", changeover->session);
	if (install_activate(changeover->session, &failure)) {
		log_string(fields, "reason", failure.reason);
		log_string(fields, "message", failure.text);
		log_event("rekey-failed", fields);
	} else {
		log_event("switched", fields);
	}
	changeover_retire(changeover);
}

static void wait_more(struct changeover *changeover, unsigned int ms)
{
	changeover->looks--;
	look_again(changeover, ms);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct changeover *changeover = arg;

	(void)fd;
	(void)what;
	if (!changeover->looks) {
		if (install_retire(changeover->session, &changeover->seen))
			look_again(changeover, IDLE_MS);
		return;
	}
	if (install_in_use(changeover->session))
		send_with_new(changeover);
	else if (changeover->looks > 1)
		wait_more(changeover, LOOK_MS);
	else if (changeover->proof)
		look_again(changeover, IDLE_MS);
	else
		send_with_new(changeover);
}

struct changeover *changeover_new(struct event_base *base, uint32_t session)
{
	struct changeover *changeover = calloc(1, sizeof(*changeover));

	if (!changeover)
		return NULL;
	changeover->session = session;
	changeover->timer = evtimer_new(base, on_timer, changeover);
	if (changeover->timer)
		return changeover;
	free(changeover);
	return NULL;
}

void changeover_free(struct changeover *changeover)
{
	if (!changeover)
		return;
	event_free(changeover->timer);
	free(changeover);
}

void changeover_await(struct changeover *changeover, enum changeover_wait wait)
{
	changeover->proof = wait == CHANGEOVER_PROOF;
	changeover->looks = changeover->proof ? CHANGEOVER_LATE : wait;
	look_again(changeover, LOOK_MS);
}

void changeover_retire(struct changeover *changeover)
{
	changeover->looks = 0;
	changeover->seen = UINT64_MAX;
	look_again(changeover, IDLE_MS);
}
