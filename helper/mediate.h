/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `offer`, `answer` and `accept` have in common: options, files, the
 * daemon, and what they print.
 */
#ifndef HELPER_MEDIATE_H
#define HELPER_MEDIATE_H

#include <json-c/json.h>
#include "sdpkeys.h"

/** MEDIATE_TEXT_MAX - longest input of any kind */
#define MEDIATE_TEXT_MAX SDP_MAX

/**
 * struct mediate - a command on its way
 * @verb: its name
 * @peer: --peer
 * @expect_id: --expect-id
 * @call: --call
 * @session_name: --session-name
 * @timeout: --timeout, 0 if not given
 * @flags: enum sdp_flags
 * @rtsp: --rtsp
 * @tls: --tls
 * @offer: --offer FILE
 * @uri: --uri
 * @medium: --medium, from 1
 * @config: --config
 * @control: --control
 * @file: argument, "-" if not given
 */
struct mediate {
	const char *verb;
	const char *peer;
	const char *expect_id;
	const char *call;
	const char *session_name;
	unsigned int timeout;
	unsigned int flags;
	bool rtsp;
	bool tls;
	const char *offer;
	const char *uri;
	unsigned int medium;
	const char *config;
	const char *control;
	const char *file;
};

/**
 * mediate_parse - read the command line
 * @argc: as given to main()
 * @argv: as given to main()
 * @m: filled
 * Return: 0, or the exit code of a failure that has been reported.
 */
int mediate_parse(int argc, char **argv, struct mediate *m);

/**
 * mediate_read - read a file
 * @path: file, "-" is standard input
 * @len: its octets
 * @failure: why not
 * Return: text with a NUL behind it, to be released by free(), or NULL.
 */
char *mediate_read(const char *path, size_t *len, struct failure *failure);

/**
 * mediate_read_sdp - read a description
 * @path: file, "-" is standard input; a whole RTSP response will do
 * @sdp: the description
 * @failure: why not
 * Return: 0 or -1.
 */
int mediate_read_sdp(const char *path, struct sdp **sdp, struct failure *failure);

/**
 * mediate_order - the order for the daemon, without groups
 * @m: command
 * @groups: the order's, empty
 */
struct json_object *mediate_order(const struct mediate *m, struct json_object **groups);

/**
 * mediate_group - add a message and its media to an order
 * @groups: the order's
 * @sdp: description that the media are of
 * @group: message and media
 * @ours: @sdp is that of this host, and says what it sends with
 */
void mediate_group(struct json_object *groups, const struct sdp *sdp,
		   const struct sdp_group *group, const struct sdp *ours);

/**
 * mediate_ask - give the daemon an order
 * @m: command
 * @order: put here
 * @answer: the daemon's, to be put, also if it is a refusal
 * @failure: no daemon, or its refusal
 * Return: 0 or -1.
 */
int mediate_ask(const struct mediate *m, struct json_object *order,
		struct json_object **answer, struct failure *failure);

/**
 * mediate_fail - report a failure
 * @answer: of the daemon, or NULL
 * @failure: what failed
 * Return: exit code.
 */
int mediate_fail(struct json_object *answer, const struct failure *failure);

/**
 * mediate_message - the message of a group of the daemon's answer
 * @answer: answer
 * @n: index of the group
 * Return: base64 or NULL.
 */
const char *mediate_message(struct json_object *answer, int n);

/**
 * mediate_print - print what came of it
 * @answer: the daemon's
 * @groups: what was asked for, in the same order
 * @sdp: description whose media are told, or NULL without one
 * @name: member for @text in JSON
 * @text: what is to be sent, or NULL
 * Return: exit code.
 */
int mediate_print(struct json_object *answer, const struct sdp_groups *groups,
		  const struct sdp *sdp, const char *name, const char *text);

/**
 * mediate_print_sdp - print a description and its sessions
 * @answer: the daemon's
 * @groups: what was asked for
 * @sdp: description
 * Return: exit code.
 */
int mediate_print_sdp(struct json_object *answer, const struct sdp_groups *groups,
		      const struct sdp *sdp);

/**
 * rtsp_answer - `answer` for a client of RTSP
 * @m: command
 * Return: exit code.
 */
int rtsp_answer(const struct mediate *m);

/**
 * rtsp_accept - `accept` for a server of RTSP
 * @m: command
 * Return: exit code.
 */
int rtsp_accept(const struct mediate *m);

#endif
