// SPDX-License-Identifier: GPL-2.0
/*
 * Keys without encryption and MAC, as cameras have them in RTSP over TLS: every
 * message is a first message with one TEK for one crypto session, and whose key
 * protects what is one of three models (enum key_model). No message answers
 * another; the carrier is what proves who sent them.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>
#include "calls.h"
#include "changeover.h"
#include "install.h"
#include "proposal.h"
#include "running.h"

/* live555 takes no other length. */
#define PLAIN_MKI_LEN 4

static int out_of_memory(struct failure *failure)
{
	return failure_errno(failure, ENOMEM, "call");
}

/* ONVIF and live555 want an MKI in every packet; GStreamer 1.22 knows none. */
static int make_message(struct call *call, const struct group_order *group,
			struct call_bundle *bundle, struct failure *failure)
{
	const struct exchange_env env = call_env(call->calls);
	struct mikey_cs_offer cs = {
		.ssrc = group->media[0].ssrc ? group->media[0].ssrc : call->peer->local_ssrc,
	};
	struct proposal proposal = {
		.config = call->config,
		.peer = call->peer,
		.cs = &cs,
		.n_cs = 1,
		.plain = true,
	};

	cs.roc = running_roc(call_line_session(call, group->media[0].line), &cs.ssrc);
	if (call->model != MODEL_SENDER) {
		proposal.mki_len = PLAIN_MKI_LEN;
		if (env.mikey.random(env.mikey.arg, proposal.mki, proposal.mki_len))
			return failure_set(failure, MIKEY_EXIT_SYSTEM, "no-random",
					   "no random octets for an MKI");
	}
	if (proposal_make(&env, &proposal, &bundle->pending, failure))
		return -1;
	bundle->csb_id = mikey_pending_id(bundle->pending);
	return 0;
}

/* One message is about one medium; RFC 3830 lets no TEK serve several. */
static struct call_medium *add_medium(struct call *call, const struct group_order *group,
				      struct failure *failure)
{
	struct call_medium *medium = NULL;

	if (group->n_media != 1 || group->media[0].position) {
		failure_set(failure, MIKEY_EXIT_USAGE, "media-level",
			    "keys in clear are at the level of media: --media-level");
		return NULL;
	}
	out_of_memory(failure);
	if (call_add_bundle(call))
		medium = call_add_medium(call, &group->media[0]);
	if (!medium || !medium->shared || call->model == MODEL_CLIENT)
		return medium;
	failure_set(failure, MIKEY_EXIT_UNSUPPORTED, "unsupported-update",
		    "keys in clear are renewed in model b only");
	return NULL;
}

/*
 * ONVIF: the client renews the key, and each MKI says which one it is. Who brings
 * the key cannot know whether it is taken until packets come under it; who takes
 * it sends with it when the client has heard that it was taken.
 */
static int renew(struct call *call, struct call_medium *medium, const struct mikey_csb *csb,
		 bool ours, struct failure *failure)
{
	struct install how = call_install(call, medium);

	how.both_ways = true;
	if (install_keys(csb, &how, medium->session, INSTALL_BOTH | INSTALL_LATER, failure))
		return -1;
	if (!medium->changeover)
		medium->changeover = changeover_new(calls_daemon(call->calls)->base,
						    medium->session);
	if (!medium->changeover)
		return out_of_memory(failure);
	changeover_await(medium->changeover, ours ? CHANGEOVER_PROOF : CHANGEOVER_SOON);
	return 0;
}

static struct call_bundle *last_bundle(struct call *call)
{
	return &call->bundles[call->n_bundles - 1];
}

static void tell(const struct call *call, unsigned int bundle, const struct mikey_csb *csb,
		 struct mikey_view msg, struct json_object *groups)
{
	json_object_array_add(groups, call_group_json(call, bundle, csb, msg));
}

/* The server does not know yet whose key it will be: the session is empty. */
int plain_offer(struct call *call, const struct group_order *group, struct json_object *groups,
		struct failure *failure)
{
	struct call_medium *medium = add_medium(call, group, failure);
	struct call_bundle *bundle;
	struct install how;

	if (!medium)
		return -1;
	bundle = last_bundle(call);
	how = call_install(call, medium);
	if (make_message(call, group, bundle, failure) ||
	    install_bundle(NULL, &how, &medium->session, failure))
		return -1;
	tell(call, medium->bundle, NULL, mikey_pending_message(bundle->pending), groups);
	return 0;
}

/* What the server offered for its direction, and an own message for ours. */
static int answer_sender(struct call *call, const struct mikey_csb *theirs,
			 struct install *how, struct call_medium *medium,
			 struct failure *failure)
{
	const struct mikey_csb *ours = mikey_pending_csb(last_bundle(call)->pending);

	how->receive_only = true;
	if (install_bundle(theirs, how, &medium->session, failure))
		return -1;
	return install_streams(ours, how, medium->session, INSTALL_TX, failure);
}

static int answer_model(struct call *call, const struct group_order *group,
			struct mikey_answer *answer, struct call_medium *medium,
			struct failure *failure)
{
	enum key_model model = call->model;
	struct install how = call_install(call, medium);

	if (model != MODEL_CLIENT && !group->msg)
		return failure_set(failure, MIKEY_EXIT_POLICY, "no-key-management",
				   "the description has no MIKEY message");
	if (model != MODEL_CLIENT && call_take(call, group, true, answer, failure))
		return -1;
	if (model != MODEL_SERVER && make_message(call, group, last_bundle(call), failure))
		return -1;
	if (model == MODEL_SENDER)
		return answer_sender(call, answer->csb, &how, medium, failure);
	if (medium->shared)
		return renew(call, medium, mikey_pending_csb(last_bundle(call)->pending), true,
			     failure);
	how.both_ways = true;
	return install_bundle(model == MODEL_SERVER ? answer->csb :
			      mikey_pending_csb(last_bundle(call)->pending), &how,
			      &medium->session, failure);
}

int plain_answer(struct call *call, const struct group_order *group, struct json_object *groups,
		 struct failure *failure)
{
	struct call_medium *medium = add_medium(call, group, failure);
	struct mikey_answer answer = { 0 };
	struct call_bundle *bundle;
	struct mikey_view msg = { group->msg, group->len };
	int ret;

	if (!medium)
		return -1;
	ret = answer_model(call, group, &answer, medium, failure);
	bundle = last_bundle(call);
	if (!ret) {
		bundle->answered = true;
		if (bundle->pending)
			msg = mikey_pending_message(bundle->pending);
		else
			bundle->csb_id = answer.csb->csb_id;
		tell(call, medium->bundle, bundle->pending ? mikey_pending_csb(bundle->pending) :
		     answer.csb, msg, groups);
	}
	mikey_answer_clear(&answer);
	return ret;
}

/* RFC 4567 has no echo, live555 does. */
static int accept_echo(struct call_bundle *bundle, const struct install *how,
		       struct call_medium *medium, const struct group_order *group,
		       struct failure *failure)
{
	const struct mikey_view sent = mikey_pending_message(bundle->pending);

	if (group->len != sent.len || CRYPTO_memcmp(group->msg, sent.data, sent.len))
		return failure_set(failure, MIKEY_EXIT_AUTH, "foreign-response",
				   "the client did not send back what it was offered");
	return install_streams(mikey_pending_csb(bundle->pending), how, medium->session,
			       INSTALL_BOTH, failure);
}

static int accept_model(struct call *call, struct call_medium *medium,
			const struct group_order *group, struct mikey_answer *answer,
			struct failure *failure)
{
	struct call_bundle *bundle = &call->bundles[medium->bundle];
	enum key_model model = call->model;
	struct install how = call_install(call, medium);

	how.both_ways = model != MODEL_SENDER;
	if (model == MODEL_SERVER)
		return accept_echo(bundle, &how, medium, group, failure);
	if (call_take(call, group, true, answer, failure))
		return -1;
	if (bundle->answered)
		return renew(call, medium, answer->csb, false, failure);
	if (model == MODEL_CLIENT)
		return install_streams(answer->csb, &how, medium->session, INSTALL_BOTH, failure);
	if (install_streams(answer->csb, &how, medium->session, INSTALL_RX, failure))
		return -1;
	return install_streams(mikey_pending_csb(bundle->pending), &how, medium->session,
			       INSTALL_TX, failure);
}

int plain_accept(struct call *call, const struct group_order *group, struct json_object *groups,
		 struct failure *failure)
{
	struct mikey_answer answer = { 0 };
	struct call_medium *medium;
	int ret;

	if (group->index >= call->n_media)
		return failure_set(failure, MIKEY_EXIT_USAGE, "bad-request",
				   "the offer has %zu messages", call->n_media);
	medium = &call->media[group->index];
	if (call->bundles[medium->bundle].answered && call->model != MODEL_CLIENT)
		return failure_set(failure, MIKEY_EXIT_POLICY, "already-answered",
				   "this medium has its keys already");
	ret = accept_model(call, medium, group, &answer, failure);
	if (!ret) {
		call->bundles[medium->bundle].answered = true;
		tell(call, medium->bundle, answer.csb ? answer.csb :
		     mikey_pending_csb(call->bundles[medium->bundle].pending),
		     (struct mikey_view){ NULL, 0 }, groups);
	}
	mikey_answer_clear(&answer);
	return ret;
}
