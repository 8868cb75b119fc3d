/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a daemon leaves to the next one, as octets: the bundles of calls by UDP, and
 * the calls whose messages others carry. Numbers and octets only, no pointers: the
 * reader may be of another version.
 *
 *	8	magic
 *	4	version; another one is refused
 *	8	length of the whole
 *	8	generation: of two stores, the higher one is the later
 *	...	records: 1 and a bundle, 2 and a call, 3 and a group, 4 and a member of the
 *		group before it
 *	1	0, the end of the records
 *	32	SHA-256 of all that
 */
#ifndef HELPER_SAVED_H
#define HELPER_SAVED_H

#include "mikey/mikey.h"

/** SAVED_MAX - octets that are read at most */
#define SAVED_MAX (64u << 20)
/** SAVED_MEDIA_MAX - media of one call: those that stand, and the places of a first offer */
#define SAVED_MEDIA_MAX 512

/**
 * struct saved_bundle - a call by UDP, without its keys
 * @peer: name in the configuration
 * @session: session of the kernel
 * @cookie: that no other session has
 * @owner: user who may have its keys renewed
 * @before: CSB ID of the bundle whose place it took, or its own
 * @wait: see changeover_waiting()
 */
struct saved_bundle {
	struct mikey_view peer;
	uint32_t session;
	uint64_t cookie;
	uint32_t owner;
	uint32_t before;
	uint32_t wait;
};

/**
 * struct saved_medium - a medium of a call; see struct call_medium
 * @position: of its crypto sessions
 * @line: m-line
 * @round: of which offer it is
 * @session: session of the kernel, 0 if it has none any more
 * @cookie: that no other session has
 * @wait: see changeover_waiting()
 */
struct saved_medium {
	uint32_t position;
	uint32_t line;
	uint32_t round;
	uint32_t session;
	uint64_t cookie;
	uint32_t wait;
};

/**
 * struct saved_call - a call whose messages others carry; it has no key
 * @name: for its clients, empty for none
 * @session_name: of the kernel's sessions, empty for the peer's
 * @peer: name in the configuration
 * @user: who made it
 * @model: enum key_model
 * @timeout: seconds that an offer waits
 * @n_media: how many
 * @media: they
 */
struct saved_call {
	struct mikey_view name;
	struct mikey_view session_name;
	struct mikey_view peer;
	uint32_t user;
	uint32_t model;
	uint32_t timeout;
	size_t n_media;
	struct saved_medium media[SAVED_MEDIA_MAX];
};

/**
 * struct saved_group - a group that this host controls, without its keys
 * @name: of its section in the configuration
 * @session_name: of the kernel's session, empty for the group's
 * @session: session of the kernel
 * @cookie: that no other session has
 * @owner: of the session
 * @timeout: seconds that a member has to answer
 * @unfinished: new keys were being given out
 */
struct saved_group {
	struct mikey_view name;
	struct mikey_view session_name;
	uint32_t session;
	uint64_t cookie;
	uint32_t owner;
	uint32_t timeout;
	uint32_t unfinished;
};

/**
 * struct saved_member - a member that has keys of a group
 * @group: name of the group
 * @peer: its name in the configuration
 */
struct saved_member {
	struct mikey_view group;
	struct mikey_view peer;
};

/**
 * saved_begin - begin to write
 * @writer: writer
 * @generation: of this store
 */
void saved_begin(struct record_writer *writer, uint64_t generation);

/** saved_put_bundle - append a bundle */
void saved_put_bundle(struct record_writer *writer, const struct saved_bundle *bundle,
		      const struct mikey_csb *csb);

/** saved_put_group - append a group; its members follow */
void saved_put_group(struct record_writer *writer, const struct saved_group *group,
		     const struct mikey_csb *csb);

/** saved_put_member - append a member */
void saved_put_member(struct record_writer *writer, const struct saved_member *member,
		      const struct mikey_csb *csb);

/** saved_put_call - append a call */
void saved_put_call(struct record_writer *writer, const struct saved_call *call);

/**
 * saved_end - fill in what is known at the end only
 * @writer: writer
 * @crypto: algorithms
 * Return: false if there was too little room, or no hash.
 */
bool saved_end(struct record_writer *writer, const struct mikey_crypto *crypto);

/**
 * saved_generation - of a store that may be none
 * @octets: any octets
 */
uint64_t saved_generation(struct mikey_view octets);

/**
 * struct saved_visitor - told what is there, in the order of writing
 * @bundle: a bundle; takes @csb by setting it to NULL
 * @call: a call
 * @group: a group; takes @csb by setting it to NULL
 * @member: one of its members; the same
 * @arg: passed on
 */
struct saved_visitor {
	void (*bundle)(void *arg, const struct saved_bundle *bundle, struct mikey_csb **csb);
	void (*call)(void *arg, const struct saved_call *call);
	void (*group)(void *arg, const struct saved_group *group, struct mikey_csb **csb);
	void (*member)(void *arg, const struct saved_member *member, struct mikey_csb **csb);
	void *arg;
};

/**
 * saved_read - read all, or nothing
 * @crypto: algorithms
 * @octets: any octets
 * @visitor: told once all was found to be good
 * @err: why not; MIKEY_BAD_VERSION if another version wrote it
 */
enum mikey_reason saved_read(const struct mikey_crypto *crypto, struct mikey_view octets,
			     const struct saved_visitor *visitor, struct mikey_error *err);

#endif
