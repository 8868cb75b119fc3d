// SPDX-License-Identifier: GPL-2.0
/*
 * An initiator's message that somebody else's protocol carried: who it is from
 * is known before it is read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "calls.h"
#include "now.h"
#include "proposal.h"
#include "membership.h"
#include "running.h"
#include "suites.h"

/**
 * struct inbound - one message being answered
 * @daemon: daemon
 * @call: the call that it belongs to
 * @peer: who it has to be from
 * @accept: what the peer may propose
 * @group: the message and its media
 */
struct inbound {
	struct daemon *daemon;
	const struct call *call;
	struct peer *peer;
	struct mikey_accept accept;
	const struct group_order *group;
};

/* Whoever else it is, and whatever he proves: it is not the peer that was named. */
static bool lookup(void *arg, uint32_t csb_id, struct mikey_peer *found)
{
	struct inbound *in = arg;
	struct peer *peer = in->peer;

	(void)csb_id;
	if (found->idi.data.len && !mikey_id_equal(&found->idi, &peer->identity))
		return false;
	found->creds = peer_creds(in->daemon->config, peer);
	found->modes = peer->modes;
	found->idi = peer->identity;
	found->idr = in->daemon->config->identity;
	found->accept = &in->accept;
	found->peer = peer;
	return true;
}

static bool was_sent(void *arg, uint32_t csb_id, const struct mikey_ts *ts)
{
	return sent_find(((struct inbound *)arg)->daemon, csb_id, ts);
}

static const struct medium_order *find_medium(const struct inbound *in, uint8_t cs_id)
{
	const struct group_order *group = in->group;
	size_t i;

	for (i = 0; i < group->n_media; i++)
		if (group->media[i].position == (cs_id - 1u) / 2)
			return &group->media[i];
	return NULL;
}

static uint32_t choose_ssrc(void *arg, void *peer, uint8_t cs_id)
{
	const struct inbound *in = arg;
	const struct medium_order *medium = find_medium(in, cs_id);

	if (medium && medium->ssrc)
		return medium->ssrc;
	return in->group->n_media == 1 ? ((const struct peer *)peer)->local_ssrc : 0;
}

static uint32_t running(void *arg, void *peer, uint8_t cs_id, uint32_t *ssrc)
{
	const struct inbound *in = arg;
	const struct medium_order *medium = find_medium(in, cs_id);

	(void)peer;
	return medium ? running_roc(call_line_session(in->call, medium->line), ssrc) : 0;
}

static enum mikey_reason ask_engine(struct inbound *in, struct mikey_answer *answer,
				    struct mikey_error *err)
{
	struct daemon *daemon = in->daemon;
	const struct mikey_responder responder = {
		.env = daemon->env,
		.now = now_ntp(),
		.replay = daemon->replay,
		.ids = &daemon->config->identity,
		.n_ids = 1,
		.modes = in->peer->modes,
		.counters = in->peer->ts_type == MIKEY_TS_COUNTER,
		.lookup = lookup,
		.sent = was_sent,
		.choose_ssrc = choose_ssrc,
		.running = running,
		.arg = in,
	};

	return mikey_respond(&responder, in->group->msg, in->group->len, answer, err);
}

/*
 * RFC 4567 4.1.4: somebody on the way may have taken away the protocol that the
 * peer likes better. Without the list there is nothing to compare, which does
 * not matter where MIKEY was the only choice.
 */
static int check_protocols(const struct group_order *group, struct failure *failure)
{
	struct mikey_msg *msg = malloc(sizeof(*msg));
	struct mikey_view list = { NULL, 0 };
	size_t i;

	if (!msg)
		return failure_errno(failure, ENOMEM, "answer");
	mikey_parse(msg, group->msg, group->len, NULL);
	for (i = 0; i < msg->n_payloads; i++)
		if (msg->payload[i].type == MIKEY_PL_EXT &&
		    msg->payload[i].ext.ext_type == MIKEY_EXT_SDP_IDS)
			list = msg->payload[i].ext.data;
	free(msg);
	if (!group->protocols)
		return 0;
	if (!list.data && !strcmp(group->protocols, "mikey"))
		return 0;
	if (list.data && list.len == strlen(group->protocols) &&
	    !memcmp(list.data, group->protocols, list.len))
		return 0;
	return failure_set(failure, MIKEY_EXIT_POLICY, "bidding-down", list.data ?
			   "the description offers other key management than its sender wrote" :
			   "several key managements are offered, and nothing proves the list");
}

/*
 * What is authentic is on disk before it has an effect, and what is refused as
 * well (RFC 3830 5.4).
 */
int call_take(const struct call *call, const struct group_order *group, bool plain,
	      struct mikey_answer *answer, struct failure *failure)
{
	struct inbound in = {
		.daemon = calls_daemon(call->calls),
		.call = call,
		.peer = call->peer,
		.accept = peer_accept(call->peer, plain),
		.group = group,
	};
	struct mikey_error err;
	enum mikey_reason reason;

	in.accept.available = suites_available;
	reason = ask_engine(&in, answer, &err);
	/* Without a MAC a message is remembered, too, though it proves nothing. */
	if ((answer->authenticated || !reason) &&
	    state_save_replay(in.daemon->state, in.daemon->replay, failure))
		return -1;
	if (reason)
		return failure_mikey(failure, &err);
	if (membership_check((struct mikey_view){ group->msg, group->len }, answer->csb,
			     call->peer, failure))
		return -1;
	return check_protocols(group, failure);
}
