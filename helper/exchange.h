/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An exchange that this host begins, driven by an event loop: `call` runs one
 * by itself, the daemon any number of them.
 */
#ifndef HELPER_EXCHANGE_H
#define HELPER_EXCHANGE_H

#include <event2/event.h>
#include <json-c/json.h>
#include "config.h"
#include "failure.h"
#include "state.h"

/** EXCHANGE_TIMEOUT - default patience in seconds: messages at 0, 1, 3, 7 */
#define EXCHANGE_TIMEOUT 15
/** EXCHANGE_TIMEOUT_MAX - most patience in seconds */
#define EXCHANGE_TIMEOUT_MAX 3600

/**
 * struct exchange_env - what an exchange needs from outside
 * @base: event loop
 * @mikey: algorithms and randomness
 * @state: state directory, for T
 * @csb_in_use: is this CSB ID live? May be NULL.
 * @sent: told the CSB ID and T of what is about to be sent; may be NULL
 * @arg: for the callbacks
 */
struct exchange_env {
	struct event_base *base;
	struct mikey_env mikey;
	struct state *state;
	bool (*csb_in_use)(void *arg, uint32_t csb_id);
	void (*sent)(void *arg, uint32_t csb_id, const struct mikey_ts *ts);
	void *arg;
};

/**
 * struct exchange_member - keys of a group for one of its members
 * @csb: bundle with the keys
 * @cs: crypto sessions of the group, as they are now
 * @n_cs: how many
 */
struct exchange_member {
	const struct mikey_csb *csb;
	const struct mikey_cs_offer *cs;
	size_t n_cs;
};

/**
 * struct exchange_request - what is wanted
 * @config: configuration, held until the exchange ends
 * @peer: whom to call; its key has been read
 * @session_name: NULL takes the peer's
 * @ssrc: what we send with, 0 for any
 * @owner: user who may attach sockets
 * @timeout: seconds
 * @verify: wait for a verification message
 * @update: the live bundle to renew, or NULL; lives until the exchange ends
 * @session: its session
 * @old_idle: see install_give_way()
 * @member: the peer is a member of a group, whose @session is made elsewhere; what it
 *	points to is read by exchange_start() only
 */
struct exchange_request {
	struct config *config;
	struct peer *peer;
	const char *session_name;
	uint32_t ssrc;
	uid_t owner;
	unsigned int timeout;
	bool verify;
	const struct mikey_csb *update;
	uint32_t session;
	bool old_idle;
	const struct exchange_member *member;
};

/**
 * struct exchange_result - what came of it
 * @failure: code 0 if it worked
 * @session: number of the kernel's session, 0 if it failed
 * @csb_id: of the bundle
 * @verified: the peer has proved itself
 * @suite: registered name
 * @tx_ssrc: what we send with, 0 for any
 * @rx_ssrc: what the peer sends with, 0 for any
 * @sent: how often the message was sent
 * @ignored: datagrams that were no valid response, by enum mikey_reason
 * @n_errors: how many ERR numbers the peer sent
 * @err_no: the numbers
 * @err_verified: an Error message that proved to be the peer's
 */
struct exchange_result {
	struct failure failure;
	uint32_t session;
	uint32_t csb_id;
	bool verified;
	const char *suite;
	uint32_t tx_ssrc;
	uint32_t rx_ssrc;
	unsigned int sent;
	unsigned int ignored[MIKEY_REASON_COUNT];
	size_t n_errors;
	uint8_t err_no[MIKEY_PEER_ERRORS];
	bool err_verified;
};

struct exchange;

/**
 * exchange_done - told the result
 * @arg: as given to exchange_start()
 * @request: as given there
 * @result: what came of it
 * @csb: the verified bundle, or NULL; may be taken by setting it to NULL
 */
typedef void (*exchange_done)(void *arg, const struct exchange_request *request,
			      const struct exchange_result *result, struct mikey_csb **csb);

/**
 * exchange_start - send the message
 * @env: environment, copied
 * @request: request, copied
 * @done: called once from the event loop, unless the exchange is cancelled
 * @arg: for @done
 * @exchange: the exchange, gone after @done
 * @failure: why it cannot begin
 * Return: 0 or -1.
 */
int exchange_start(const struct exchange_env *env, const struct exchange_request *request,
		   exchange_done done, void *arg,
		   struct exchange **exchange, struct failure *failure);

/**
 * exchange_cancel - give up, and remove what was installed
 * @exchange: exchange or NULL
 */
void exchange_cancel(struct exchange *exchange);

/**
 * exchange_json - a result for people and programs
 * @result: result
 * @request: what was wanted
 * Return: {"session":..} or {"error":..}
 */
struct json_object *exchange_json(const struct exchange_result *result,
				  const struct exchange_request *request);

/**
 * failure_json - a failure in the same form
 * @failure: failure
 * Return: {"error":{"exit":..,"reason":..,"message":..}}
 */
struct json_object *failure_json(const struct failure *failure);

#endif
