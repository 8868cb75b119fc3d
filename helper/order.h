/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a user asks for with `call`, and how it travels to the daemon: one JSON
 * object on a line, answered by one JSON object on a line.
 */
#ifndef HELPER_ORDER_H
#define HELPER_ORDER_H

#include <json-c/json.h>
#include "exchange.h"

/** ORDER_MAX - longest order on the wire, with its newline: messages of many media */
#define ORDER_MAX (512 * 1024)
/** ORDER_NETNS_MAX - room for the name of a network namespace */
#define ORDER_NETNS_MAX 48

/**
 * struct order - call a peer
 * @peer: its name
 * @session_name: NULL takes the peer's
 * @has_ssrc: @ssrc holds
 * @ssrc: what we send with
 * @timeout: seconds, 0 for the default
 * @no_verify: do not ask for a verification message
 */
struct order {
	const char *peer;
	const char *session_name;
	bool has_ssrc;
	uint32_t ssrc;
	unsigned int timeout;
	bool no_verify;
};

/**
 * order_json - write an order
 * @order: order
 */
struct json_object *order_json(const struct order *order);

/**
 * order_parse - read an order
 * @object: what came
 * @order: filled, with strings that belong to @object
 * @failure: why not
 * Return: 0 or -1.
 */
int order_parse(struct json_object *object, struct order *order, struct failure *failure);

/**
 * order_request - what to do for an order
 * @order: order
 * @config: configuration
 * @caller: user who asks
 * @request: filled, with strings that belong to @order
 * @failure: why not: no such peer, not allowed
 * Return: 0 or -1.
 */
int order_request(const struct order *order, struct config *config, uid_t caller,
		  struct exchange_request *request, struct failure *failure);

/**
 * order_begin - an order that says what it wants, and from which network namespace
 * @command: what it wants
 */
struct json_object *order_begin(const char *command);

/**
 * order_netns - is the client in the daemon's network namespace?
 * @netns: what its order says, or NULL
 * @failure: if it is not
 * Return: 0 or -1.
 */
int order_netns(const char *netns, struct failure *failure);

/**
 * order_may - may a user have sessions with this peer?
 * @peer: peer
 * @caller: user
 * @failure: if not
 * Return: 0 or -1.
 */
int order_may(const struct peer *peer, uid_t caller, struct failure *failure);

/**
 * order_session_name - is it a good name for a session?
 * @name: name or NULL
 * @failure: if not
 * Return: 0 or -1.
 */
int order_session_name(const char *name, struct failure *failure);

#endif
