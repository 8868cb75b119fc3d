/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls whose messages others carry: SDP in SIP, RTSP. The daemon owns what is
 * between an offer and its answer; what stands afterwards is the kernel's.
 */
#ifndef HELPER_CALLS_H
#define HELPER_CALLS_H

#include <json-c/json.h>
#include "callorder.h"
#include "daemon.h"
#include "saved.h"

/**
 * struct call_medium - one medium of a call
 * @bundle: index of its bundle
 * @position: its crypto sessions are 2 * @position + 1 and + 2
 * @line: its m-line
 * @round: of which offer it is; see struct call
 * @session: number of its session in the kernel, 0 if it has none any more
 * @cookie: what tells it from others of that number; 0 until it is asked for
 * @shared: the session stood before this offer, which gives it new keys
 * @changeover: looks after these keys
 */
struct call_medium {
	unsigned int bundle;
	unsigned int position;
	unsigned int line;
	unsigned int round;
	uint32_t session;
	uint64_t cookie;
	bool shared;
	struct changeover *changeover;
};

/**
 * struct call_bundle - one crypto session bundle of a call
 * @csb_id: its ID
 * @pending: this side's message and what it waits for; stays as long as the
 *	call, since a forked offer has several answers
 * @early: its sessions could receive before the response; in modes that agree
 *	on keys by it they cannot
 * @answered: a valid response has come, if only to other parts of the same offer
 */
struct call_bundle {
	uint32_t csb_id;
	struct mikey_pending *pending;
	bool early;
	bool answered;
};

/**
 * struct call - a call
 * @next: list
 * @prev: list
 * @name: for its clients
 * @calls: table it is in
 * @user: who made it
 * @config: configuration it began with, held
 * @peer: with whom
 * @session_name: of the kernel's sessions, or NULL
 * @model: whose key protects what, where keys come without encryption and MAC
 * @holder: connection whose end is the end of the call, or NULL
 * @round: counts offers: a later one gives new keys to what stands, and has media
 *	more or less (RFC 4567 4.1.2)
 * @timeout: seconds until it expires without an answer
 * @expiry: when it does
 * @bundles: bundles
 * @n_bundles: how many
 * @media: media
 * @n_media: how many
 */
struct call {
	struct call *next;
	struct call **prev;
	char *name;
	struct calls *calls;
	uid_t user;
	struct config *config;
	struct peer *peer;
	char *session_name;
	enum key_model model;
	const void *holder;
	unsigned int round;
	unsigned int timeout;
	struct event *expiry;
	struct call_bundle *bundles;
	size_t n_bundles;
	struct call_medium *media;
	size_t n_media;
};

struct calls;

/**
 * calls_new - no calls
 * @daemon: daemon that they belong to
 * Return: NULL without memory.
 */
struct calls *calls_new(struct daemon *daemon);

/**
 * calls_free - forget all calls; unanswered ones go from the kernel
 * @calls: table or NULL
 */
void calls_free(struct calls *calls);

/**
 * calls_first - the first one of all calls
 * @calls: table
 */
struct call *calls_first(const struct calls *calls);

/**
 * calls_save - append all that stand to what is left to the next daemon
 * @calls: table
 * @writer: where to
 * Return: how many.
 */
size_t calls_save(const struct calls *calls, struct record_writer *writer);

/**
 * calls_restore - go on with a call of the last daemon
 * @calls: table
 * @saved: what it left
 * Return: true, or false if it does not live any more, which is logged.
 */
bool calls_restore(struct calls *calls, const struct saved_call *saved);

/**
 * call_new - a call without bundles
 * @calls: table
 * @order: what is asked for
 * @peer: with whom
 * @user: who asks
 * @failure: why not: too many
 * Return: the call or NULL.
 */
struct call *call_new(struct calls *calls, const struct call_order *order, struct peer *peer,
		      uid_t user, struct failure *failure);

/**
 * call_find - the call that a message belongs to
 * @calls: table
 * @name: its name; NULL finds it by @csb_id
 * @csb_id: CSB ID
 * @user: who asks; calls of others are not found, but by root
 * Return: the call or NULL.
 */
struct call *call_find(const struct calls *calls, const char *name, uint32_t csb_id,
		       uid_t user);

/**
 * call_add_bundle - append a bundle
 * @call: call
 * Return: zeroed, or NULL without memory.
 */
struct call_bundle *call_add_bundle(struct call *call);

/**
 * call_line_session - the session that a medium has already
 * @call: call
 * @line: its m-line
 * Return: its number, 0 for a medium that is new.
 */
uint32_t call_line_session(const struct call *call, unsigned int line);

/**
 * call_add_medium - append a medium of the last bundle
 * @call: call
 * @order: its position in the message, and its m-line
 * Return: the medium, or NULL without memory. It has a session if an earlier offer
 * made one for the m-line.
 */
struct call_medium *call_add_medium(struct call *call, const struct medium_order *order);

/**
 * call_begin_round - another offer of a call that stands
 * @call: call
 * @order: what is asked for
 */
void call_begin_round(struct call *call, const struct call_order *order);

/**
 * call_end_round - the offer is agreed: what it does not have any more goes
 * @call: call
 */
void call_end_round(struct call *call);

/**
 * call_undo_round - the offer failed: the call is as it was, or forgotten if there
 * was none before
 * @call: call
 */
void call_undo_round(struct call *call);

/**
 * call_is_answered - does it stand?
 * @call: call
 */
bool call_is_answered(const struct call *call);

/**
 * call_drop - forget a call
 * @call: call or NULL
 * @sessions: its sessions go from the kernel, too
 */
void call_drop(struct call *call, bool sessions);

/**
 * call_await - let a call expire unless it is answered
 * @call: call
 * Return: false without memory.
 */
bool call_await(struct call *call);

/**
 * call_install - how its media are to be installed
 * @call: call
 * @medium: medium
 */
struct install call_install(const struct call *call, const struct call_medium *medium);

/**
 * calls_have - is it the session of a call?
 * @calls: table
 * @session: number of a session
 */
bool calls_have(const struct calls *calls, uint32_t session);

/**
 * calls_closed - a session has gone; so does a call with its last one
 * @calls: table
 * @session: its number
 */
void calls_closed(struct calls *calls, uint32_t session);

/**
 * calls_each - call back for every session of every call
 * @calls: table
 * @fn: may close the session
 * @arg: passed on
 */
void calls_each(struct calls *calls, void (*fn)(uint32_t session, void *arg), void *arg);

/**
 * calls_order - do what a client asks for
 * @calls: table
 * @object: the order
 * @user: who asks
 * @client: connection that it came by
 * @failure: why not
 * Return: the answer, or NULL.
 */
struct json_object *calls_order(struct calls *calls, struct json_object *object, uid_t user,
				const void *client, struct failure *failure);

/**
 * calls_held - does a call live as long as a connection?
 * @calls: table
 * @client: connection
 */
bool calls_held(const struct calls *calls, const void *client);

/**
 * calls_let_go - a connection has ended, and with it the call that it holds
 * @calls: table
 * @client: connection
 */
void calls_let_go(struct calls *calls, const void *client);

/**
 * call_take - take an initiator's message
 * @call: call that it is for
 * @group: the message and its media
 * @plain: it may come without encryption and MAC
 * @answer: filled in any case; see mikey_answer_clear()
 * @failure: why not
 * Return: 0 or -1.
 */
int call_take(const struct call *call, const struct group_order *group, bool plain,
	      struct mikey_answer *answer, struct failure *failure);

/*
 * The same verbs for one message where keys come without encryption and MAC,
 * because the carrier is TLS: plainkeys.c. They return 0 or -1.
 */
int plain_offer(struct call *call, const struct group_order *group, struct json_object *groups,
		struct failure *failure);
int plain_answer(struct call *call, const struct group_order *group, struct json_object *groups,
		 struct failure *failure);
int plain_accept(struct call *call, const struct group_order *group, struct json_object *groups,
		 struct failure *failure);

/* The verbs, each in a file of its own: the answer, or NULL with @failure. */
struct json_object *call_offer(struct calls *calls, const struct call_order *order,
			       struct peer *peer, uid_t user, struct failure *failure);
struct json_object *call_answer(struct calls *calls, const struct call_order *order,
				struct peer *peer, uid_t user, struct failure *failure);
struct json_object *call_accept(struct calls *calls, const struct call_order *order,
				struct peer *peer, uid_t user, struct failure *failure);

/**
 * calls_daemon - the daemon that a table belongs to
 * @calls: table
 */
struct daemon *calls_daemon(const struct calls *calls);

/**
 * call_env - what making a message needs
 * @calls: table
 */
struct exchange_env call_env(const struct calls *calls);

/**
 * call_json - what clients are told of a call
 * @call: call
 * @groups: array of call_group_json()
 */
struct json_object *call_json(const struct call *call, struct json_object *groups);

/**
 * call_group_json - what clients are told of one message
 * @call: call
 * @bundle: index of its bundle
 * @csb: keys, or NULL if there are none yet
 * @msg: what is to be sent, empty for nothing
 */
struct json_object *call_group_json(const struct call *call, unsigned int bundle,
				    const struct mikey_csb *csb, struct mikey_view msg);

#endif
