// SPDX-License-Identifier: GPL-2.0
/*
 * Answering an initiator, RFC 3830 5.3 over UDP.
 *
 * The order is what makes it safe: a message is recorded on disk before it has
 * any effect, the kernel can receive before the answer leaves, and nothing
 * happens twice. A stranger gets less octets than he sent, and not often.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bundles.h"
#include "daemon.h"
#include "install.h"
#include "log.h"
#include "membership.h"
#include "now.h"
#include "parked.h"
#include "renewal.h"
#include "suites.h"
#include "vendor.h"

/**
 * struct inbound - one datagram being answered
 * @daemon: daemon
 * @fd: its socket
 * @msg: the datagram
 * @flow: where it came from, and where to
 * @not_in: peer that may not call us, whatever it proves
 * @throttled: its sender, or all together, cost too much already
 * @again: it waited for a certificate, and was counted when it came
 * @since: when it came, ms
 * @failure: why there is none though the message is good; code 0 if there is
 */
struct inbound {
	struct daemon *daemon;
	int fd;
	struct mikey_view msg;
	const struct udp_flow *flow;
	const struct peer *not_in;
	bool throttled;
	bool again;
	uint64_t since;
	struct failure failure;
};

/* Lines that strangers cause are counted, not written, when there are too many. */
static bool may_log(struct daemon *daemon)
{
	if (!limit_take(daemon->lines, NULL, now_ms())) {
		daemon->silent_lines++;
		return false;
	}
	if (daemon->silent_lines) {
		struct json_object *fields = json_object_new_object();

		log_number(fields, "lines", daemon->silent_lines);
		log_event("suppressed", fields);
		daemon->silent_lines = 0;
	}
	return true;
}

static struct json_object *log_fields(const struct inbound *in)
{
	struct json_object *fields = json_object_new_object();
	char text[UDP_TEXT_MAX];

	log_string(fields, "from", udp_addr_text(&in->flow->remote, text));
	return fields;
}

static void log_refusal(const struct inbound *in, const struct failure *failure,
			const char *peer, bool authenticated, bool answered)
{
	struct json_object *fields;

	if (!authenticated && !may_log(in->daemon))
		return;
	fields = log_fields(in);
	if (peer)
		log_string(fields, "peer", peer);
	log_number(fields, "exit", failure->code);
	log_string(fields, "reason", failure->reason);
	log_string(fields, "message", failure->text);
	json_object_object_add(fields, "authenticated", json_object_new_boolean(authenticated));
	json_object_object_add(fields, "answered", json_object_new_boolean(answered));
	log_event("refused", fields);
}

static void log_session(const struct inbound *in, const char *event,
			const struct mikey_csb *csb, const struct peer *peer, uint32_t session)
{
	struct json_object *fields = log_fields(in);
	char text[IDENTITY_TEXT_MAX];

	log_string(fields, "peer", peer->name);
	log_string(fields, "peer_identity", identity_text(&csb->idi, text));
	log_number(fields, "session", session);
	log_number(fields, "csb_id", csb->csb_id);
	if (csb->n_sessions)
		log_string(fields, "suite", csb->sessions[0].suite->name);
	log_event(event, fields);
}

/*
 * Names are no secret, and a signature takes a thousand times as long to verify
 * as to make up: each source gets so many, and so do all together.
 */
static bool may_verify(struct inbound *in, uint32_t data_type)
{
	const struct mikey_mode *mode = mikey_mode_of(data_type);
	struct daemon *daemon = in->daemon;
	uint64_t now = now_ms();

	in->throttled = mode && mode->costly &&
			(!limit_take(daemon->verifies, &in->flow->remote, now) ||
			 !limit_take(daemon->all_verifies, NULL, now));
	return !in->throttled;
}

/* A peer that may only be called is answered like one that is not known. */
static bool lookup(void *arg, uint32_t csb_id, struct mikey_peer *found)
{
	struct inbound *in = arg;
	const struct config *config = in->daemon->config;
	struct peer *peer = peer_find(config, &found->idi, &in->flow->remote);
	static struct mikey_accept accept;

	(void)csb_id;
	if (!peer)
		return false;
	if (!(peer->direction & PEER_IN)) {
		in->not_in = peer;
		return false;
	}
	if (!in->again && !may_verify(in, found->data_type))
		return false;
	/* UDP protects nothing: no peer may use NULL transforms here. */
	accept = peer_accept(peer, false);
	accept.available = suites_available;
	found->creds = peer_creds(config, peer);
	found->modes = peer->modes;
	found->idi = peer->identity;
	found->idr = config->identity;
	found->accept = &accept;
	found->peer = peer;
	return true;
}

static bool was_sent(void *arg, uint32_t csb_id, const struct mikey_ts *ts)
{
	const struct inbound *in = arg;

	return sent_find(in->daemon, csb_id, ts);
}

static uint32_t choose_ssrc(void *arg, void *peer, uint8_t cs_id)
{
	(void)arg;
	(void)cs_id;
	return ((const struct peer *)peer)->local_ssrc;
}

static const struct mikey_csb *live(void *arg, uint32_t csb_id, void *peer)
{
	const struct inbound *in = arg;

	return bundles_live(in->daemon->bundles, csb_id, peer);
}

static uint32_t all_modes(const struct config *config)
{
	const struct peer *peer;
	uint32_t modes = 0;

	for (peer = config->peers; peer; peer = peer->next)
		modes |= peer->modes;
	return modes;
}

static bool takes_counters(const struct config *config)
{
	const struct peer *peer;

	for (peer = config->peers; peer; peer = peer->next)
		if (peer->ts_type == MIKEY_TS_COUNTER)
			return true;
	return false;
}

static bool send_answer(const struct inbound *in, const uint8_t *buf, size_t len)
{
	return !udp_send(in->fd, buf, len, in->flow);
}

/* Whoever has proved itself gets its answer; others within the limits. */
static bool send_error(const struct inbound *in, const struct mikey_answer *answer)
{
	struct daemon *daemon = in->daemon;
	uint64_t now = now_ms();

	if (!answer->msg || in->throttled)
		return false;
	if (!answer->authenticated &&
	    (answer->len > in->msg.len || !limit_take(daemon->errors, &in->flow->remote, now) ||
	     !limit_take(daemon->all_errors, NULL, now)))
		return false;
	return send_answer(in, answer->msg, answer->len);
}

/* Only for those who have proved themselves: strangers cannot fill this memory. */
static void keep_answer(const struct inbound *in, const struct mikey_view *flow,
			const struct mikey_answer *answer)
{
	const struct mikey_view msg = { .data = answer->msg, .len = answer->len };

	if (answer->msg && answer->authenticated)
		mikey_resend_put(in->daemon->resend, *flow, in->msg, msg, now_ms());
}

/* What was authentic is remembered even if its contents were refused. */
static void remember_refused(const struct inbound *in, const struct mikey_answer *answer)
{
	struct failure failure;

	if (answer->authenticated &&
	    state_save_replay(in->daemon->state, in->daemon->replay, &failure))
		log_refusal(in, &failure, NULL, true, false);
}

static void refuse(const struct inbound *in, const struct mikey_view *flow,
		   struct mikey_answer *answer, const struct mikey_error *err)
{
	const struct peer *peer = answer->authenticated ? answer->peer : NULL;
	struct failure failure;
	bool answered;

	remember_refused(in, answer);
	answered = send_error(in, answer);
	keep_answer(in, flow, answer);
	failure_mikey(&failure, err);
	if (in->not_in)
		failure_set(&failure, MIKEY_EXIT_POLICY, "direction-refused",
			    "somebody called in the name of peer %s, which may only be called",
			    in->not_in->name);
	if (in->throttled)
		failure_set(&failure, MIKEY_EXIT_SYSTEM, "busy",
			    "too many messages whose signature would have to be verified");
	log_refusal(in, &failure, peer ? peer->name : NULL, answer->authenticated, answered);
}

/*
 * A member that the controller takes for one that has not the keys: a daemon that has
 * restarted, an answer that was lost. What it has of the same group is renewed.
 */
static int find_membership(const struct inbound *in, const struct mikey_answer *answer,
			   const struct mikey_csb **old, struct failure *failure)
{
	bool keys;

	*old = bundles_live(in->daemon->bundles, answer->csb->csb_id, answer->peer);
	if (!*old || membership_same(*old, answer->csb, &keys))
		return 0;
	return failure_set(failure, MIKEY_EXIT_POLICY, "bad-group",
			   "the group has other streams than before");
}

/*
 * The bundle that is renewed: one that an update has changed, or whose place the new
 * one takes. What claims to renew and does not fit must not become a call of its own.
 */
static int find_renewed(const struct inbound *in, const struct mikey_answer *answer,
			const struct mikey_csb **old, uint32_t *named, struct failure *failure)
{
	*old = answer->updated;
	*named = answer->csb->csb_id;
	if (!*old && ((const struct peer *)answer->peer)->group)
		return find_membership(in, answer, old, failure);
	if (*old || !renewal_needed(answer->csb) ||
	    !vendor_read(in->msg.data, in->msg.len, VENDOR_RENEWS, named))
		return 0;
	*old = bundles_renewed(in->daemon->bundles, *named, answer->peer);
	if (*old && renewal_fits(*old, answer->csb))
		return 0;
	if (*old)
		return failure_set(failure, MIKEY_EXIT_POLICY, "bad-update",
				   "the new bundle has other streams than bundle %#x", *named);
	return failure_set(failure, MIKEY_EXIT_AUTH, "unknown-bundle",
			   "there is no bundle %#x of this peer to be renewed", *named);
}

static int renew(struct inbound *in, struct mikey_answer *answer, const struct mikey_csb *old,
		 uint32_t named)
{
	struct mikey_csb *csb = answer->csb;
	uint32_t session;

	if (bundles_updated(in->daemon->bundles, old, csb, named, &session, &in->failure))
		return -1;
	answer->csb = NULL;
	log_session(in, "updated", csb, answer->peer, session);
	return 0;
}

/* What lives is remembered, so that the peer can renew it. */
static int begin(struct inbound *in, struct mikey_answer *answer)
{
	struct peer *peer = answer->peer;
	const struct install how = {
		.peer = peer,
		.owner = peer->has_owner ? peer->owner : geteuid(),
	};
	uint32_t session;

	if (install_bundle(answer->csb, &how, &session, &in->failure))
		return -1;
	log_session(in, "session", answer->csb, peer, session);
	bundles_add(in->daemon->bundles, answer->csb, in->daemon->config, peer, session, how.owner);
	answer->csb = NULL;
	return 0;
}

static int accept_call(struct inbound *in, struct mikey_answer *answer)
{
	const struct mikey_csb *old;
	uint32_t named;

	if (state_save_replay(in->daemon->state, in->daemon->replay, &in->failure) ||
	    membership_check(in->msg, answer->csb, answer->peer, &in->failure) ||
	    find_renewed(in, answer, &old, &named, &in->failure))
		return -1;
	return old ? renew(in, answer, old, named) : begin(in, answer);
}

/*
 * What the kernel does not have the peer is told, so that it can propose something else
 * (RFC 3830 5.1.1). Other failures of this host are not its business.
 */
static enum mikey_reason settle(void *arg, struct mikey_answer *answer, struct mikey_error *err)
{
	struct inbound *in = arg;

	if (!accept_call(in, answer) || in->failure.code != MIKEY_EXIT_UNSUPPORTED)
		return MIKEY_OK;
	suites_refused(answer->csb);
	return mikey_fail(err, MIKEY_NO_SUITE, MIKEY_NO_OFFSET, "%.190s", in->failure.text);
}

static enum mikey_reason ask_engine(struct inbound *in, struct mikey_answer *answer,
				    struct mikey_error *err)
{
	struct daemon *daemon = in->daemon;
	struct mikey_responder responder = {
		.env = daemon->env,
		.now = now_ntp(),
		.replay = daemon->replay,
		.ids = &daemon->config->identity,
		.n_ids = 1,
		.modes = all_modes(daemon->config),
		.counters = takes_counters(daemon->config),
		.lookup = lookup,
		.sent = was_sent,
		.choose_ssrc = choose_ssrc,
		.live = live,
		.settle = settle,
		.arg = in,
	};

	return mikey_respond(&responder, in->msg.data, in->msg.len, answer, err);
}

static void accepted(const struct inbound *in, const struct mikey_view *flow,
		     struct mikey_answer *answer)
{
	const struct peer *peer = answer->peer;

	if (in->failure.code) {
		log_refusal(in, &in->failure, peer->name, true, false);
		return;
	}
	if (answer->msg) {
		keep_answer(in, flow, answer);
		send_answer(in, answer->msg, answer->len);
	}
}

/* Nothing was made of it, and nothing is said, until its certificate is there. */
static bool park(const struct inbound *in, const struct mikey_answer *answer)
{
	const struct parked_message message = {
		.fd = in->fd, .msg = in->msg, .flow = *in->flow, .since = in->since,
	};
	const struct peer *peer = answer->peer;

	return peer && parked_add(in->daemon->parked, &message, peer->name);
}

static void process(struct inbound *in, const struct mikey_view *flow)
{
	struct mikey_answer answer = { 0 };
	struct mikey_error err = { 0 };
	enum mikey_reason reason = ask_engine(in, &answer, &err);

	if (reason == MIKEY_OK)
		accepted(in, flow, &answer);
	else if (reason != MIKEY_CERT_AWAITED || !park(in, &answer))
		refuse(in, flow, &answer, &err);
	mikey_answer_clear(&answer);
}

void respond_again(struct daemon *daemon, const struct parked_message *message)
{
	struct inbound in = {
		.daemon = daemon,
		.fd = message->fd,
		.msg = message->msg,
		.flow = &message->flow,
		.again = true,
		.since = message->since,
	};
	uint8_t key[UDP_FLOW_KEY_MAX];
	const struct mikey_view name = { .data = key, .len = udp_flow_key(in.flow, key) };

	process(&in, &name);
}

void respond(struct daemon *daemon, int fd, const uint8_t *buf, size_t len,
	     const struct udp_flow *flow)
{
	struct inbound in = {
		.daemon = daemon,
		.fd = fd,
		.msg = { .data = buf, .len = len },
		.flow = flow,
		.since = now_ms(),
	};
	uint8_t key[UDP_FLOW_KEY_MAX];
	const struct mikey_view name = { .data = key, .len = udp_flow_key(flow, key) };
	struct mikey_view answer;

	if (parked_has(daemon->parked, in.msg, flow))
		return;
	switch (mikey_resend_find(daemon->resend, name, in.msg, now_ms(), &answer)) {
	case MIKEY_RESEND_ANSWER:
		send_answer(&in, answer.data, answer.len);
		log_event("resent", log_fields(&in));
		return;
	case MIKEY_RESEND_SILENT:
		return;
	case MIKEY_RESEND_UNKNOWN:
		process(&in, &name);
	}
}
