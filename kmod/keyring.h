/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_KEYRING_H
#define _SRTP_KEYRING_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

#include "demux.h"
#include "key.h"

struct srtp_stream;

/*
 * Keys that a stream holds at once, over time any number.  A rekey needs three
 * (retired, active, next).  The rest is for those who install a schedule ahead,
 * as a MIKEY message with several TGKs does; the MKI of a packet is compared
 * with that many at most, and a key takes a few kilobytes.
 */
#define SRTP_KEYS_MAX	16

/* Keys that one packet is tried with: current and next of an unmarked rekey. */
#define SRTP_TRIALS	2

/**
 * struct srtp_keys - the keys of a stream, shared by what a wildcard creates
 * @refs: streams that use it
 * @owner: the stream that they were given to; it outlives the keys in @list
 * @tx: they send
 * @mki_len: octets of the MKI in each packet
 * @intervals: the packet index chooses the key (RFC 3711 8.1.1)
 * @only: the key of every packet if there is no choice to make, else NULL
 * @lock: guards states, @list and @only; adding and removing needs the
 *	session's mutex as well
 * @list: keys in the order of their numbers
 * @n: how many
 * @next_id: number of the next key
 */
struct srtp_keys {
	refcount_t refs;
	struct srtp_stream *owner;
	bool tx;
	u8 mki_len;
	bool intervals;
	struct srtp_key __rcu *only;
	spinlock_t lock;	/* states and list */
	struct list_head list;
	u32 n;
	u32 next_id;
};

/**
 * struct srtp_trials - keys that a received packet is tried with
 * @key: in this order
 * @n: how many; only the last trial may spoil the packet
 */
struct srtp_trials {
	struct srtp_key *key[SRTP_TRIALS];
	int n;
};

struct srtp_keys *srtp_keys_create(bool tx, u8 mki_len);
struct srtp_keys *srtp_keys_get(struct srtp_keys *keys);
void srtp_keys_put(struct srtp_keys *keys);

int srtp_keys_add(struct srtp_keys *keys, struct srtp_key *key, bool active,
		  struct netlink_ext_ack *extack);
int srtp_keys_activate(struct srtp_keys *keys, struct srtp_key *key,
		       struct netlink_ext_ack *extack);
void srtp_keys_remove(struct srtp_keys *keys, struct srtp_key *key);
void srtp_keys_end(struct srtp_keys *keys);
struct srtp_key *srtp_keys_find(struct srtp_keys *keys, u32 id);
bool srtp_keys_have(const struct srtp_keys *keys, const struct srtp_key *key);

struct srtp_key *srtp_keys_choose(struct srtp_stream *st, enum srtp_class class, const u8 *buf);
int srtp_keys_to_receive(struct srtp_stream *st, enum srtp_class class, const u8 *buf,
			 size_t len, struct srtp_trials *trials);
void srtp_keys_seen_first(struct srtp_keys *keys, struct srtp_key *key);
void srtp_keys_follow(struct srtp_keys *keys, enum srtp_class class);
int srtp_keys_prepare(struct srtp_keys *keys);

/**
 * srtp_keys_only() - the key of every packet, if there is no choice to make
 * @keys: keys of a stream; the caller is in an RCU read section
 *
 * Return: the key, not expired; else NULL
 */
static inline struct srtp_key *srtp_keys_only(const struct srtp_keys *keys)
{
	struct srtp_key *only = rcu_dereference(keys->only);

	return likely(only && READ_ONCE(only->state) < SRTP_KEY_STATE_EXPIRED) ? only : NULL;
}

/**
 * srtp_keys_seen() - an authentic packet came, or one was sent, with a key
 * @keys: its set
 * @key: the key
 *
 * The first one makes the key the active one and retires the one before: the
 * other side, or the index, has moved on to it.
 */
static inline void srtp_keys_seen(struct srtp_keys *keys, struct srtp_key *key)
{
	if (unlikely(READ_ONCE(key->state) == SRTP_KEY_STATE_INSTALLED))
		srtp_keys_seen_first(keys, key);
}

#endif
