/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The client's end of the daemon's control socket.
 */
#ifndef HELPER_CLIENT_H
#define HELPER_CLIENT_H

#include <json-c/json.h>
#include <stdbool.h>
#include "failure.h"

/**
 * enum client_result - what came of client_ask()
 * @CLIENT_DONE: the daemon has answered
 * @CLIENT_NO_DAEMON: none runs there
 * @CLIENT_FAILED: see the failure
 */
enum client_result { CLIENT_DONE, CLIENT_NO_DAEMON, CLIENT_FAILED };

/**
 * client_ask - give the daemon an order, and wait for what comes of it
 * @path: control socket
 * @order: order
 * @answer: to be put, with CLIENT_DONE
 * @failure: why not, with CLIENT_FAILED
 */
enum client_result client_ask(const char *path, struct json_object *order,
			      struct json_object **answer, struct failure *failure);

/**
 * client_hold - the same, and keep the connection
 * @path: control socket
 * @order: order
 * @answer: to be put, with CLIENT_DONE
 * @held: connection, with CLIENT_DONE: what the order makes lives as long as it;
 *	NULL closes it
 * @failure: why not, with CLIENT_FAILED
 */
enum client_result client_hold(const char *path, struct json_object *order,
			       struct json_object **answer, int *held, struct failure *failure);

/**
 * client_refused - what the daemon refuses, as a failure
 * @error: of its answer
 * @failure: filled
 * Return: -1
 */
int client_refused(struct json_object *error, struct failure *failure);

/**
 * client_granted - has the daemon, without which nothing goes, done what was asked?
 * @result: of client_ask() or client_hold()
 * @answer: what they gave, with CLIENT_DONE; stays the caller's
 * @failure: why not; has been filled already with CLIENT_FAILED
 * Return: 0 or -1.
 */
int client_granted(enum client_result result, struct json_object *answer,
		   struct failure *failure);

/**
 * client_reaches - does a daemon answer there?
 * @path: control socket
 */
bool client_reaches(const char *path);

#endif
