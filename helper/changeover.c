// SPDX-License-Identifier: GPL-2.0
/*
 * Keys that change over, RFC 3711 3.3.1. What was received decides: who answered
 * sends with the new keys when a packet under them proves that the peer has
 * them; who asked renews them again only when the peer has come along.
 */
#include <stdlib.h>
#include "changeover.h"
#include "install.h"
#include "log.h"

/* How often a session is looked at. */
#define LOOK_MS 250
/* The same for what may never come. */
#define SLOW_MS 1000
/* An old key goes when it was idle for so long: more than any packet travels. */
#define IDLE_MS 5000
/* Looks: CHANGEOVER_SOON; all others; for a peer that does not come along. */
#define SOON_LOOKS 4
#define LATE_LOOKS 20
#define PEER_LOOKS 120
/* That of CHANGEOVER_GROUP: each member is asked for 15 seconds, some of them twice. */
#define GROUP_LOOKS 160

/**
 * enum phase - what is waited for
 * @PHASE_AWAIT: packets under the new keys, or time, to send with them
 * @PHASE_PEER: packets under the new keys, which we send with already
 * @PHASE_RETIRE: old keys that are idle
 */
enum phase { PHASE_RETIRE, PHASE_AWAIT, PHASE_PEER };

/**
 * struct changeover - one session
 * @session: its number
 * @timer: when it is looked at again
 * @phase: what is waited for
 * @wait: in PHASE_AWAIT
 * @looks: how many more there are before they become slow
 * @pause: milliseconds between the last look and the next
 * @quiet: milliseconds without a packet under an old key
 * @waiting: keys that receive and nothing has come under, when the wait began
 * @old: packets under old keys at the last look; UINT64_MAX before the first one
 * @seen: packets of superseded keys
 * @then: called at the end of PHASE_PEER, or NULL
 * @arg: for @then
 */
struct changeover {
	uint32_t session;
	struct event *timer;
	enum phase phase;
	enum changeover_wait wait;
	unsigned int looks;
	unsigned int pause;
	unsigned int quiet;
	size_t waiting;
	uint64_t old;
	uint64_t seen;
	void (*then)(void *arg);
	void *arg;
};

static void look_again(struct changeover *changeover, unsigned int ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	changeover->pause = ms;
	event_add(changeover->timer, &tv);
}

static void begin(struct changeover *changeover, enum phase phase, unsigned int looks)
{
	changeover->phase = phase;
	changeover->looks = looks;
	changeover->quiet = 0;
	changeover->old = UINT64_MAX;
	look_again(changeover, LOOK_MS);
}

static void begin_retirement(struct changeover *changeover)
{
	changeover->phase = PHASE_RETIRE;
	changeover->seen = UINT64_MAX;
	look_again(changeover, IDLE_MS);
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
	begin_retirement(changeover);
}

/* Without an answer of the kernel only time decides. */
static size_t count_waiting(const struct changeover *changeover)
{
	struct install_view view;

	return install_look(changeover->session, &view) ? 0 : view.waiting;
}

/*
 * Return: are all new keys received with, or in a group one? Who controls it changes
 * over when all have them. What the old ones do is noted.
 */
static bool look(struct changeover *changeover)
{
	struct install_view view;

	if (install_look(changeover->session, &view))
		view = (struct install_view){ .waiting = SIZE_MAX, .old = changeover->old };
	changeover->quiet = view.old == changeover->old ?
			    changeover->quiet + changeover->pause : 0;
	changeover->old = view.old;
	if (changeover->looks)
		changeover->looks--;
	if (changeover->phase == PHASE_AWAIT && changeover->wait == CHANGEOVER_GROUP)
		return view.waiting < changeover->waiting;
	return !view.waiting;
}

/* Without a proof, time has to do; but a peer that is heard has a chance to prove it. */
static bool waited_enough(const struct changeover *changeover)
{
	switch (changeover->wait) {
	case CHANGEOVER_SOON:
	case CHANGEOVER_GROUP:
		return !changeover->looks;
	case CHANGEOVER_LATE:
		return changeover->quiet >= IDLE_MS;
	default:
		return false;
	}
}

static void await(struct changeover *changeover)
{
	if (look(changeover) || waited_enough(changeover))
		send_with_new(changeover);
	else
		look_again(changeover, changeover->looks ? LOOK_MS : SLOW_MS);
}

static void await_peer(struct changeover *changeover)
{
	void (*then)(void *arg) = changeover->then;

	if (!(look(changeover) && changeover->quiet) && changeover->looks &&
	    changeover->quiet < 2 * IDLE_MS) {
		look_again(changeover, LOOK_MS);
		return;
	}
	begin_retirement(changeover);
	changeover->then = NULL;
	if (then)
		then(changeover->arg);
}

static void retire(struct changeover *changeover)
{
	if (install_retire(changeover->session, &changeover->seen))
		look_again(changeover, IDLE_MS);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	static void (*const step[])(struct changeover *changeover) = {
		[PHASE_RETIRE] = retire,
		[PHASE_AWAIT] = await,
		[PHASE_PEER] = await_peer,
	};
	struct changeover *changeover = arg;

	(void)fd;
	(void)what;
	step[changeover->phase](changeover);
}

struct changeover *changeover_new(struct event_base *base, uint32_t session)
{
	struct changeover *changeover = calloc(1, sizeof(*changeover));

	if (!changeover)
		return NULL;
	changeover->session = session;
	changeover->old = UINT64_MAX;
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
	static const unsigned int looks[] = {
		[CHANGEOVER_PROOF] = LATE_LOOKS, [CHANGEOVER_SOON] = SOON_LOOKS,
		[CHANGEOVER_LATE] = LATE_LOOKS, [CHANGEOVER_GROUP] = GROUP_LOOKS,
	};

	changeover->wait = wait;
	if (wait == CHANGEOVER_GROUP)
		changeover->waiting = count_waiting(changeover);
	begin(changeover, PHASE_AWAIT, looks[wait]);
}

void changeover_retire(struct changeover *changeover)
{
	begin(changeover, PHASE_PEER, PEER_LOOKS);
}

bool changeover_then(struct changeover *changeover, void (*fn)(void *arg), void *arg)
{
	if (changeover->phase != PHASE_PEER)
		return false;
	changeover->then = fn;
	changeover->arg = arg;
	return true;
}

bool changeover_old_idle(const struct changeover *changeover)
{
	struct install_view view;

	return changeover && changeover->quiet &&
	       !install_look(changeover->session, &view) && view.waiting &&
	       view.old == changeover->old;
}

unsigned int changeover_waiting(const struct changeover *changeover)
{
	return changeover && changeover->phase == PHASE_AWAIT ? 1 + changeover->wait : 0;
}

/* What was waited for may have come meanwhile: the keys tell how far they are. */
void changeover_resume(struct changeover *changeover, unsigned int waiting)
{
	bool unsent;

	if (!install_unfinished(changeover->session, &unsent))
		return;
	if (unsent && waiting)
		changeover_await(changeover, waiting - 1);
	else
		changeover_retire(changeover);
}
