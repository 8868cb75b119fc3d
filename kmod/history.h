/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_HISTORY_H
#define _SRTP_HISTORY_H

#include <linux/rcupdate.h>

#include "key.h"
#include "peer.h"

struct srtp_session;
struct srtp_stream;

/* Deleted keys that are remembered of an SSRC and peer. */
#define SRTP_PRINTS_MAX	256

/**
 * struct srtp_history - how far an SSRC has sent to a peer, and with which keys
 * @next: the same SSRC and another peer
 * @peer: the peer
 * @live: the stream, or NULL if it is deleted
 * @index: highest SRTP index of the deleted stream
 * @srtcp_index: next SRTCP index of it
 * @sent: it has sent at all
 * @forgot: it had more keys than are remembered
 * @n_prints: keys that were deleted
 * @prints: their fingerprints
 * @rcu: packets in flight look at it
 *
 * Lives as long as the session; guarded by the session's lock.
 */
struct srtp_history {
	struct srtp_history *next;
	struct srtp_peer peer;
	struct srtp_stream *live;
	u64 index;
	u32 srtcp_index;
	bool sent;
	bool forgot;
	u16 n_prints;
	struct srtp_fingerprint *prints;
	struct rcu_head rcu;
};

struct srtp_history *srtp_history_find(struct srtp_session *ss, u32 ssrc,
				       const struct srtp_peer *peer);
int srtp_history_add(struct srtp_session *ss, struct srtp_stream *st);
void srtp_history_undo(struct srtp_session *ss, struct srtp_stream *st);
void srtp_history_keep(struct srtp_session *ss, struct srtp_stream *st);
void srtp_history_forget(struct srtp_session *ss, const struct srtp_keys *keys,
			 const struct srtp_key *key);
bool srtp_history_sends_with(struct srtp_session *ss, u32 ssrc, const struct srtp_key *key);
bool srtp_history_sent_with(struct srtp_session *ss, const struct srtp_stream *st,
			    const struct srtp_key *key);
void srtp_history_clear(struct srtp_session *ss);

#endif
