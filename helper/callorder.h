/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `offer`, `answer` and `accept` ask of the daemon: one JSON object on a
 * line. Descriptions and headers are read and written by the client, which has
 * no privileges; the daemon sees MIKEY messages and numbers only.
 *
 *	{"command":"offer", "peer":"bob", "call":"17@host", "timeout":60,
 *	 "groups":[{"protocols":"mikey", "positions":2,
 *		    "media":[{"position":0,"line":0,"ssrc":4660}, ...]}]}
 *
 * A group is what one message keys: all media for a message at the session
 * level, one for a message at the level of a medium. `answer` and `accept`
 * have its "message" in base64.
 */
#ifndef HELPER_CALLORDER_H
#define HELPER_CALLORDER_H

#include <json-c/json.h>
#include "config.h"
#include "config.h"

/** CALL_MEDIA_MAX - most media of a call: two of MIKEY's 255 crypto sessions each */
#define CALL_MEDIA_MAX 127
/** CALL_NAME_MAX - longest name of a call */
#define CALL_NAME_MAX 128
/** CALL_TIMEOUT - default seconds that an offer waits for its answer */
#define CALL_TIMEOUT 180

/**
 * enum call_verb - what is asked for
 * @CALL_OFFER: make the initiator's messages
 * @CALL_ANSWER: take an initiator's messages, make the responses
 * @CALL_ACCEPT: take the responses
 */
enum call_verb { CALL_OFFER, CALL_ANSWER, CALL_ACCEPT };

/**
 * struct medium_order - one medium
 * @position: its crypto sessions are 2 * @position + 1 and + 2 (RFC 4567 7.1)
 * @line: m-line, by which a later offer of the call finds the session again
 * @ssrc: what this host sends with, 0 for any
 */
struct medium_order {
	unsigned int position;
	unsigned int line;
	uint32_t ssrc;
};

/**
 * struct group_order - one message and its media
 * @protocols: key management protocols of the description, with ";" between
 *	them (RFC 4567 4.1.4); NULL for a carrier without such a list
 * @msg: message
 * @len: its octets
 * @positions: how many positions the message is to have
 * @index: which message of the offer it belongs to, where it does not say so
 * @media: those that are to be keyed
 * @n_media: how many
 */
struct group_order {
	const char *protocols;
	uint8_t *msg;
	size_t len;
	unsigned int positions;
	unsigned int index;
	struct medium_order media[CALL_MEDIA_MAX];
	size_t n_media;
};

/**
 * struct call_order - what is asked for
 * @verb: see there
 * @peer: name of the peer, or NULL
 * @expect_id: its identity, if the name is not given
 * @call: name of the call, or NULL
 * @session_name: of the kernel's sessions, NULL takes the peer's
 * @timeout: seconds until an offer expires, 0 for the default
 * @tls: the caller says that the carrier is TLS
 * @rtsp: the carrier is RTSP
 * @hold: the call ends with the client's connection
 * @holder: that connection, or NULL
 * @has_model: @model holds, whatever the peer's configuration says
 * @model: whose key protects what, where keys come so
 * @plain: keys come without encryption and MAC: the carrier is RTSP over TLS, and
 *	the peer has no key
 * @groups: messages
 * @n_groups: how many
 */
struct call_order {
	enum call_verb verb;
	const char *peer;
	const char *expect_id;
	const char *call;
	const char *session_name;
	unsigned int timeout;
	bool tls;
	bool rtsp;
	bool hold;
	const void *holder;
	bool has_model;
	enum key_model model;
	bool plain;
	struct group_order *groups;
	size_t n_groups;
};

/**
 * call_order_is - does the command belong here?
 * @command: "offer", "answer", "accept" or another
 */
bool call_order_is(const char *command);

/**
 * call_order_parse - read an order
 * @object: what came
 * @order: filled, with strings that belong to @object; to be cleared in any case
 * @failure: why not
 * Return: 0 or -1.
 */
int call_order_parse(struct json_object *object, struct call_order *order,
		     struct failure *failure);

/**
 * call_order_clear - wipe and release what an order holds
 * @order: order
 */
void call_order_clear(struct call_order *order);

#endif
