// SPDX-License-Identifier: GPL-2.0
/*
 * The media of a call, offer by offer: a later one gives new keys to what stands,
 * brings media, and ends others (RFC 4567 4.1.2).
 */
#include <stdlib.h>
#include <string.h>
#include "calls.h"
#include "changeover.h"
#include "install.h"

/* Seconds by which the kernel's patience exceeds ours. */
#define PROVISIONAL_MARGIN 10

struct call_bundle *call_add_bundle(struct call *call)
{
	struct call_bundle *more = realloc(call->bundles,
					   (call->n_bundles + 1) * sizeof(*more));

	if (!more)
		return NULL;
	call->bundles = more;
	memset(&more[call->n_bundles], 0, sizeof(*more));
	return &more[call->n_bundles++];
}

static struct call_medium *find_line(const struct call *call, unsigned int line)
{
	size_t i;

	for (i = 0; i < call->n_media; i++)
		if (call->media[i].line == line && call->media[i].session)
			return &call->media[i];
	return NULL;
}

uint32_t call_line_session(const struct call *call, unsigned int line)
{
	const struct call_medium *medium = find_line(call, line);

	return medium ? medium->session : 0;
}

struct call_medium *call_add_medium(struct call *call, const struct medium_order *order)
{
	struct call_medium *more = realloc(call->media, (call->n_media + 1) * sizeof(*more));
	struct call_medium *old;

	if (!more)
		return NULL;
	call->media = more;
	old = find_line(call, order->line);
	more[call->n_media] = (struct call_medium){
		.bundle = call->n_bundles - 1,
		.position = order->position,
		.line = order->line,
		.round = call->round,
		.session = old ? old->session : 0,
		.shared = old,
	};
	return &more[call->n_media++];
}

void call_begin_round(struct call *call, const struct call_order *order)
{
	call->round++;
	if (order->timeout)
		call->timeout = order->timeout;
}

static bool is_renewed(const struct call *call, uint32_t session)
{
	size_t i;

	for (i = 0; i < call->n_media; i++)
		if (call->media[i].round == call->round && call->media[i].session == session)
			return true;
	return false;
}

/* The media of earlier rounds are those of this one, or have ended. */
void call_end_round(struct call *call)
{
	struct call_medium *medium;

	for (medium = call->media; medium < call->media + call->n_media; medium++) {
		if (medium->round == call->round || !medium->session)
			continue;
		if (!is_renewed(call, medium->session))
			install_remove(medium->session);
		medium->session = 0;
		changeover_free(medium->changeover);
		medium->changeover = NULL;
	}
}

void call_undo_round(struct call *call)
{
	struct call_medium *medium;

	while (call->n_media && call->media[call->n_media - 1].round == call->round) {
		medium = &call->media[--call->n_media];
		if (!medium->shared)
			install_remove(medium->session);
		changeover_free(medium->changeover);
	}
	while (call->n_bundles && !call->bundles[call->n_bundles - 1].answered)
		mikey_pending_free(call->bundles[--call->n_bundles].pending);
	if (!call->round--)
		call_drop(call, false);
}

/* That of the last renewal of a session: it is with the medium of an earlier offer. */
static const struct changeover *last_changeover(const struct call *call, uint32_t session)
{
	size_t i;

	for (i = call->n_media; i--;)
		if (call->media[i].session == session && call->media[i].changeover)
			return call->media[i].changeover;
	return NULL;
}

/* RFC 4567 7.1: two crypto sessions in a row are a medium. */
struct install call_install(const struct call *call, const struct call_medium *medium)
{
	return (struct install){
		.peer = call->peer,
		.name = call->session_name,
		.owner = call->peer->has_owner ? call->peer->owner : call->user,
		.provisional = call->timeout + PROVISIONAL_MARGIN,
		.cs_first = 2 * medium->position + 1,
		.cs_last = 2 * medium->position + 2,
		.old_idle = changeover_old_idle(last_changeover(call, medium->session)),
	};
}
