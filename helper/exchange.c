// SPDX-License-Identifier: GPL-2.0
/*
 * An exchange that this host begins, RFC 3830 3.1 over UDP.
 *
 * The session exists before the message leaves, with the streams that receive,
 * and provisionally: if this process dies, the kernel removes it. The streams
 * that send come once the peer has proved itself.
 *
 * Anybody can send datagrams here. None but a verified response or a verified
 * Error ends the exchange; all others are counted, and an Error that nobody
 * vouches for is told if nothing better came.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "exchange.h"
#include "fetch.h"
#include "install.h"
#include "proposal.h"
#include "renewal.h"
#include "udp.h"

/* Datagrams of one turn of the event loop, so that a flood cannot stop it. */
#define TURN_MAX 32
/* Responses that wait for a certificate. */
#define KEPT_MAX 4
/* Seconds by which the kernel's patience exceeds ours. */
#define PROVISIONAL_MARGIN 10

struct exchange {
	struct exchange_env env;
	struct exchange_request request;
	char *session_name;
	exchange_done done;
	void *arg;
	struct mikey_pending *pending;
	struct mikey_peer_error peer_error;
	struct mikey_peer_error said;
	int fd;
	struct udp_flow flow;
	struct event *readable;
	struct event *resend;
	struct event *deadline;
	bool early;
	unsigned int interval;
	unsigned int elapsed;
	struct mikey_view kept[KEPT_MAX];
	size_t n_kept;
	struct fetch_waiter waiter;
	struct exchange_result result;
};

static void forget_kept(struct mikey_view *kept, size_t n)
{
	while (n--)
		free((void *)kept[n].data);
}

static void release(struct exchange *exchange)
{
	if (exchange->readable)
		event_free(exchange->readable);
	if (exchange->resend)
		event_free(exchange->resend);
	if (exchange->deadline)
		event_free(exchange->deadline);
	if (exchange->fd >= 0)
		close(exchange->fd);
	fetch_forget(&exchange->waiter);
	forget_kept(exchange->kept, exchange->n_kept);
	mikey_pending_free(exchange->pending);
	config_put(exchange->request.config);
	free(exchange->session_name);
	free(exchange);
}

/*
 * A session that is only half made goes; one whose keys could not be renewed is
 * what it was, and may receive with the new ones besides.
 */
static void give_up(struct exchange *exchange)
{
	if (!exchange->request.update)
		install_remove(exchange->result.session);
	exchange->result.session = 0;
}

static void finish(struct exchange *exchange, struct mikey_csb **csb)
{
	struct exchange_result *result = &exchange->result;
	struct mikey_csb *none = NULL;

	if (result->failure.code)
		give_up(exchange);
	exchange->done(exchange->arg, &exchange->request, result, csb ? csb : &none);
	release(exchange);
}

void exchange_cancel(struct exchange *exchange)
{
	if (!exchange)
		return;
	give_up(exchange);
	release(exchange);
}

static void note_ssrcs(struct exchange *exchange, const struct mikey_csb *csb)
{
	size_t i;

	for (i = 0; i < csb->n_sessions; i++) {
		if (csb->sessions[i].from_initiator)
			exchange->result.tx_ssrc = csb->sessions[i].ssrc;
		else
			exchange->result.rx_ssrc = csb->sessions[i].ssrc;
	}
}

static struct install how_to_install(const struct exchange *exchange)
{
	return (struct install){
		.peer = exchange->request.peer,
		.name = exchange->session_name,
		.owner = exchange->request.owner,
		.old_idle = exchange->request.old_idle,
	};
}

/* Keys that a Diffie-Hellman exchange gives are not there before the response. */
static void renew(struct exchange *exchange, const struct mikey_csb *csb)
{
	const struct install how = how_to_install(exchange);
	struct exchange_result *result = &exchange->result;
	uint32_t session = exchange->request.session;

	if (renewal_needed(exchange->request.update) &&
	    !renewal_fits(exchange->request.update, csb)) {
		failure_set(&result->failure, MIKEY_EXIT_POLICY, "bad-response",
			    "peer %s answers for other streams than those of the call",
			    exchange->request.peer->name);
		return;
	}
	if (!exchange->early && install_keys(csb, &how, session, INSTALL_RX, &result->failure))
		return;
	if (!install_keys(csb, &how, session, INSTALL_TX, &result->failure))
		result->session = session;
}

/* From here on packets may leave. */
static void complete(struct exchange *exchange, const struct mikey_csb *csb, bool verified,
		     struct mikey_csb **taken)
{
	struct exchange_result *result = &exchange->result;
	const struct install how = how_to_install(exchange);

	note_ssrcs(exchange, csb);
	result->verified = verified;
	result->suite = csb->sessions[0].suite->name;
	if (exchange->request.member)
		result->session = exchange->request.session;
	else if (exchange->request.update)
		renew(exchange, csb);
	else if (result->session && !install_roc(csb, &how, result->session, &result->failure))
		install_streams(csb, &how, result->session, INSTALL_TX, &result->failure);
	else if (!result->session)
		install_bundle(csb, &how, &result->session, &result->failure);
	finish(exchange, taken);
}

static void keep_peer_error(struct exchange *exchange)
{
	struct exchange_result *result = &exchange->result;

	exchange->said = exchange->peer_error;
	result->n_errors = exchange->said.n;
	memcpy(result->err_no, exchange->said.err_no, sizeof(result->err_no));
	result->err_verified = exchange->said.verified;
}

static void fail_by_peer(struct exchange *exchange)
{
	failure_peer(&exchange->result.failure, exchange->request.peer->name, &exchange->said);
}

static void fail_unanswered(struct exchange *exchange)
{
	struct exchange_result *result = &exchange->result;
	const char *name = exchange->request.peer->name;
	unsigned int i, total = 0, most = 0;

	for (i = 0; i < MIKEY_REASON_COUNT; i++) {
		total += result->ignored[i];
		if (result->ignored[i] > result->ignored[most])
			most = i;
	}
	if (!total)
		failure_set(&result->failure, MIKEY_EXIT_NO_ANSWER, "no-answer",
			    "no answer from peer %s in %u seconds", name,
			    exchange->request.timeout);
	else
		failure_set(&result->failure, MIKEY_EXIT_NO_ANSWER, "no-valid-answer",
			    "no valid answer from peer %s in %u seconds; ignored %u datagram%s "
			    "(%s)", name, exchange->request.timeout, total, total > 1 ? "s" : "",
			    mikey_reason_token(most));
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *exchange = arg;

	(void)fd;
	(void)what;
	if (!exchange->request.verify && mikey_pending_csb(exchange->pending))
		return complete(exchange, mikey_pending_csb(exchange->pending), false,
				NULL);
	if (exchange->result.n_errors)
		fail_by_peer(exchange);
	else
		fail_unanswered(exchange);
	finish(exchange, NULL);
}

static bool is_kept(const struct exchange *exchange, const uint8_t *buf, size_t len)
{
	size_t i;

	for (i = 0; i < exchange->n_kept; i++)
		if (exchange->kept[i].len == len && !memcmp(exchange->kept[i].data, buf, len))
			return true;
	return false;
}

/* A response whose certificate is being fetched; others may come, and be good. */
static void keep(struct exchange *exchange, const uint8_t *buf, size_t len)
{
	uint8_t *copy;

	if (is_kept(exchange, buf, len))
		return;
	copy = exchange->n_kept < KEPT_MAX ? malloc(len) : NULL;
	if (!copy) {
		exchange->result.ignored[MIKEY_CERT_AWAITED]++;
		return;
	}
	memcpy(copy, buf, len);
	exchange->kept[exchange->n_kept++] = (struct mikey_view){ copy, len };
	fetch_wait(exchange->request.peer->fetch, &exchange->waiter);
}

/* Return: true if the exchange is over, and gone. */
static bool take(struct exchange *exchange, const uint8_t *buf, size_t len)
{
	struct mikey_error err;
	enum mikey_reason reason = mikey_pending_process(exchange->pending, buf, len,
						     &exchange->peer_error, &err);
	struct mikey_csb *csb;

	if (reason == MIKEY_OK) {
		csb = mikey_pending_take(exchange->pending);
		complete(exchange, csb, true, &csb);
		mikey_csb_free(csb);
		return true;
	}
	if (reason == MIKEY_PEER_ERROR) {
		keep_peer_error(exchange);
		fail_by_peer(exchange);
		finish(exchange, NULL);
		return true;
	}
	if (reason == MIKEY_CERT_AWAITED) {
		keep(exchange, buf, len);
		return false;
	}
	exchange->result.ignored[reason]++;
	if (reason == MIKEY_PEER_HINT)
		keep_peer_error(exchange);
	return false;
}

static void on_certificate(void *arg)
{
	struct exchange *exchange = arg;
	struct mikey_view kept[KEPT_MAX];
	size_t i, n = exchange->n_kept;

	memcpy(kept, exchange->kept, sizeof(kept));
	exchange->n_kept = 0;
	for (i = 0; i < n; i++)
		if (take(exchange, kept[i].data, kept[i].len))
			break;
	forget_kept(kept, n);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t buf[UDP_DATAGRAM_MAX];
	struct exchange *exchange = arg;
	struct udp_flow flow;
	ssize_t len;
	int i;

	(void)what;
	for (i = 0; i < TURN_MAX; i++) {
		len = udp_recv(fd, buf, &flow);
		if (len < 0 || take(exchange, buf, len))
			return;
	}
}

static int send_message(struct exchange *exchange)
{
	struct mikey_view msg = mikey_pending_message(exchange->pending);

	exchange->result.sent++;
	return udp_send(exchange->fd, msg.data, msg.len, &exchange->flow);
}

static void arm(struct event *event, unsigned int seconds)
{
	const struct timeval tv = { .tv_sec = seconds };

	event_add(event, &tv);
}

/* Not at the moment of giving up: nobody would hear the answer. */
static void arm_resend(struct exchange *exchange)
{
	exchange->elapsed += exchange->interval;
	if (exchange->elapsed < exchange->request.timeout)
		arm(exchange->resend, exchange->interval);
}

/* The same octets each time (the answer may have been lost), ever less often. */
static void on_resend(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *exchange = arg;

	(void)fd;
	(void)what;
	send_message(exchange);
	exchange->interval *= 2;
	arm_resend(exchange);
}

/* Streams that stand are named as they are, or not at all where a mode can update. */
static void offer_renewal(const struct mikey_csb *csb, struct proposal *proposal,
			  struct mikey_cs_offer *cs)
{
	size_t i;

	if (!renewal_needed(csb)) {
		proposal->update = csb;
		proposal->n_cs = 0;
		proposal->mki_len = mikey_next_mki(csb, proposal->mki);
		return;
	}
	proposal->renews = csb;
	for (i = 0; i < proposal->n_cs && i < csb->n_sessions; i++)
		cs[i].ssrc = csb->sessions[i].ssrc;
}

/* RFC 3830 8.1: what the others have; in an update (4.5), their new keys */
static void offer_membership(const struct exchange_request *request, struct proposal *proposal)
{
	proposal->member = request->member->csb;
	proposal->cs = request->member->cs;
	proposal->n_cs = request->update ? 0 : request->member->n_cs;
	proposal->update = request->update;
	proposal->group = true;
	proposal->group_ssrc = request->peer->remote_ssrc;
}

/*
 * Two crypto sessions, one for each direction, with keys of their own from one
 * TGK. RFC 3830 does not say which CS ID is which: odd ones run from the
 * initiator to the responder. An SSRC of 0 leaves it open, since the program
 * that will send chooses it.
 */
static int make_offer(struct exchange *exchange, struct failure *failure)
{
	const struct peer *peer = exchange->request.peer;
	struct mikey_cs_offer cs[2] = {
		{ .ssrc = exchange->request.ssrc },
		{ .ssrc = peer->remote_ssrc },
	};
	struct proposal proposal = {
		.config = exchange->request.config,
		.peer = peer,
		.cs = cs,
		.n_cs = 2,
		.verify = exchange->request.verify,
	};

	if (exchange->request.member)
		offer_membership(&exchange->request, &proposal);
	else if (exchange->request.update)
		offer_renewal(exchange->request.update, &proposal, cs);
	if (proposal_make(&exchange->env, &proposal, &exchange->pending, failure))
		return -1;
	exchange->result.csb_id = mikey_pending_id(exchange->pending);
	exchange->result.suite = peer->suites[0]->name;
	return 0;
}

static int open_socket(struct exchange *exchange, struct failure *failure)
{
	const struct peer *peer = exchange->request.peer;
	union udp_addr local = { .any.sa_family = peer->address.any.sa_family };

	exchange->flow.remote = peer->address;
	if (peer->has_local)
		local = peer->local;
	exchange->fd = udp_bind(&local);
	if (exchange->fd < 0)
		return failure_errno(failure, errno, "cannot open a socket to call peer %s",
				     peer->name);
	return 0;
}

/* In some modes the response brings the keys: then nothing can be received yet. */
static int receive_first(struct exchange *exchange, struct failure *failure)
{
	const struct mikey_csb *csb = mikey_pending_csb(exchange->pending);
	struct install how = how_to_install(exchange);

	if (exchange->request.member)
		return 0;
	how.provisional = exchange->request.timeout + PROVISIONAL_MARGIN;
	how.receive_only = true;
	exchange->early = csb;
	if (csb && exchange->request.update)
		return install_keys(csb, &how, exchange->request.session, INSTALL_RX, failure);
	return csb ? install_bundle(csb, &how, &exchange->result.session, failure) : 0;
}

static int make_events(struct exchange *exchange, struct failure *failure)
{
	struct event_base *base = exchange->env.base;

	exchange->readable = event_new(base, exchange->fd, EV_READ | EV_PERSIST, on_readable,
				       exchange);
	exchange->resend = evtimer_new(base, on_resend, exchange);
	exchange->deadline = evtimer_new(base, on_deadline, exchange);
	if (!exchange->readable || !exchange->resend || !exchange->deadline)
		return failure_errno(failure, ENOMEM, "exchange");
	return 0;
}

static int begin(struct exchange *exchange, struct failure *failure)
{
	const struct peer *peer = exchange->request.peer;

	if (make_offer(exchange, failure) || open_socket(exchange, failure) ||
	    make_events(exchange, failure) || receive_first(exchange, failure))
		return -1;
	if (send_message(exchange))
		return failure_errno(failure, errno, "cannot send to peer %s", peer->name);
	if (exchange->request.verify || !mikey_pending_csb(exchange->pending)) {
		exchange->interval = 1;
		event_add(exchange->readable, NULL);
		arm_resend(exchange);
		arm(exchange->deadline, exchange->request.timeout);
	} else {
		arm(exchange->deadline, 0);
	}
	return 0;
}

/* What the configuration must allow before anything happens. */
static int check(const struct exchange_request *request, struct failure *failure)
{
	const struct peer *peer = request->peer;

	if (!(peer->direction & PEER_OUT))
		return failure_set(failure, MIKEY_EXIT_POLICY, "direction-refused",
				   "peer %s may call us, but is not to be called", peer->name);
	if (peer->group)
		return failure_set(failure, MIKEY_EXIT_POLICY, "group-refused",
				   "peer %s gives the keys of a group: it calls", peer->name);
	if (!peer->has_address)
		return failure_set(failure, MIKEY_EXIT_USAGE, "bad-config",
				   "peer %s has no address in the configuration", peer->name);
	return 0;
}

int exchange_start(const struct exchange_env *env, const struct exchange_request *request,
		   exchange_done done, void *arg,
		   struct exchange **result, struct failure *failure)
{
	struct exchange *exchange;

	if (check(request, failure))
		return -1;
	exchange = calloc(1, sizeof(*exchange));
	if (!exchange)
		return failure_errno(failure, ENOMEM, "exchange");
	exchange->env = *env;
	exchange->request = *request;
	exchange->fd = -1;
	exchange->done = done;
	exchange->arg = arg;
	exchange->waiter.again = on_certificate;
	exchange->waiter.arg = exchange;
	config_get(request->config);
	if (request->session_name)
		exchange->session_name = strdup(request->session_name);
	exchange->request.session_name = exchange->session_name;
	if (begin(exchange, failure)) {
		exchange_cancel(exchange);
		return -1;
	}
	*result = exchange;
	return 0;
}
