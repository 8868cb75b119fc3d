/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_STREAM_H
#define _SRTP_STREAM_H

#include <linux/rhashtable-types.h>

#include "../uapi/linux/srtp.h"
#include "history.h"
#include "keyring.h"
#include "modifier.h"
#include "track.h"

struct nlattr;
struct srtp_session;

/* How a stream is found; no padding, it is hashed as it lies. */
struct srtp_stream_key {
	struct srtp_session *session;
	u32 ssrc;
	u16 direction;
	u16 wildcard;
	struct srtp_peer peer;
	u32 zero;
};

/**
 * struct srtp_stream - cryptographic context of one SSRC and direction, or the
 *	wildcard that such streams are made from (RFC 3711 3.2)
 * @node: in the table of streams
 * @key: how it is found
 * @policy: what is done to packets
 * @keys: its keys, shared with the streams that it created
 * @trailer: octets that protection adds at most
 * @id: number in its session
 * @template: number of the wildcard that created it, or 0
 * @event_seq: sequence number of its latest event
 * @events: latched events, bit (1 << event)
 * @switched: highest SRTP index before the latest change of the active key
 * @history: of a send stream until it is in the session: what outlives it
 * @memcg: of a receive wildcard: who pays for the streams that it creates
 * @rcu: packets in flight use it
 * @srtp: where SRTP stands; for a wildcard: where its streams start
 * @srtcp: the same for SRTCP
 */
struct srtp_stream {
	struct rhash_head node;
	struct srtp_stream_key key;
	struct srtp_policy policy;
	struct srtp_keys *keys;
	u16 trailer;
	u32 id;
	u32 template;
	u32 event_seq;
	unsigned long events;
	u64 switched;
	struct srtp_history *history;
	struct mem_cgroup *memcg;
	struct rcu_head rcu;
	struct srtp_track srtp;
	struct srtp_track srtcp;
};

/**
 * struct srtp_start - indexes to start from
 * @roc: roll-over counter
 * @seq: highest sequence number so far
 * @srtcp_index: next SRTCP index to send, or highest one received
 * @has_seq: @seq is given
 * @replay: window that ends at @seq, or NULL
 * @srtcp_replay: window that ends at @srtcp_index, or NULL
 * @fresh: the keys were never used with this SSRC
 */
struct srtp_start {
	u32 roc;
	u16 seq;
	u32 srtcp_index;
	bool has_seq;
	bool fresh;
	const struct nlattr *replay;
	const struct nlattr *srtcp_replay;
};

int srtp_stream_module_init(void);
void srtp_stream_module_exit(void);

struct srtp_stream *srtp_stream_create(struct srtp_session *ss, u8 direction, const u32 *ssrc,
				       const struct srtp_peer *peer,
				       const struct srtp_policy *policy,
				       const struct srtp_start *start,
				       struct netlink_ext_ack *extack);
struct srtp_stream *srtp_stream_lookup(struct srtp_session *ss, u8 direction, u32 ssrc,
				       const struct srtp_peer *peer);
int srtp_stream_spawn(struct srtp_session *ss, u8 direction, u32 ssrc,
		      const struct srtp_peer *peer, gfp_t gfp);
void srtp_stream_delete(struct srtp_session *ss, struct srtp_stream *st);

/**
 * srtp_keys_to_send() - the key that a packet is sent with
 * @st: send stream of its SSRC; the caller is in an RCU read section
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @buf: the packet, its header sound
 *
 * Return: the key, or ERR_PTR: -ENOKEY, -EKEYEXPIRED
 */
static inline struct srtp_key *srtp_keys_to_send(struct srtp_stream *st, enum srtp_class class,
						 const u8 *buf)
{
	struct srtp_key *only = srtp_keys_only(st->keys);

	if (likely(only))
		return only;
	return srtp_keys_choose(st, class, buf);
}

/* collision.c */
bool srtp_stream_own_ssrc(struct srtp_session *ss, u32 ssrc, const struct srtp_key *key);
bool srtp_stream_meets_itself(struct srtp_session *ss, u8 direction, u32 ssrc,
			      const struct srtp_keys *keys);
int srtp_stream_add_key(struct srtp_session *ss, struct srtp_stream *st, struct srtp_key *key,
			bool active, struct netlink_ext_ack *extack);
void srtp_stream_remove_key(struct srtp_session *ss, struct srtp_stream *st, struct srtp_key *key);
int srtp_stream_activate(struct srtp_session *ss, struct srtp_stream *st, struct srtp_key *key,
			 struct netlink_ext_ack *extack);

#endif
