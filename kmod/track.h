/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_TRACK_H
#define _SRTP_TRACK_H

#include <linux/cache.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* Octets of the full MAC that is remembered per index sent: HMAC-SHA1. */
#define SRTP_MAC_LEN	20

#define SRTP_INDEX_MAX	((1ULL << 48) - 1)	/* ROC || SEQ, RFC 3711 3.2.1 */
#define SRTCP_INDEX_MAX	((1U << 31) - 1)	/* RFC 3711 3.4 */

/**
 * struct srtp_track - where the packet index of one stream stands
 * @lock: guards all below; taken in process and softirq context
 * @started: a packet was counted, or the state was given
 * @restarted: it had been, but its next packet has an unknown SEQ again
 * @stopped: its stream is frozen or deleted; nothing is sent or accepted
 * @pending: @pending_index waits for a packet that authenticates with it
 * @pending_seq: its lower 16 bits are given, too
 * @resynced: it did, and nobody was told yet
 * @highest: highest 48-bit index so far, or roc << 16 before the first packet;
 *	31-bit index for SRTCP
 * @window: packets that may come late; power of two
 * @seen: ring of @window bits, bit (index & (window - 1)): sent or received
 * @done: the same: the MAC in @macs is valid (send streams only, else NULL)
 * @macs: ring of the full MACs of what was sent (send streams only, else NULL)
 * @packets: accepted or protected
 * @bytes: octets of those, unprotected
 * @repeated: sent again with the same octets
 * @reused: refused: index used, other octets, or below the window
 * @auth_failed: dropped
 * @replayed: dropped
 * @too_old: dropped
 * @pending_index: where the stream shall stand
 *
 * SRTP and SRTCP of a stream have one each and share no cache line.
 */
struct srtp_track {
	spinlock_t lock;	/* all below */
	bool started;
	bool restarted;
	bool stopped;
	bool pending;
	bool pending_seq;
	bool resynced;
	u64 highest;
	u32 window;
	unsigned long *seen;
	unsigned long *done;
	u8 (*macs)[SRTP_MAC_LEN];
	u64 packets;
	u64 bytes;
	u64 repeated;
	u64 reused;
	u64 auth_failed;
	u64 replayed;
	u64 too_old;
	u64 pending_index;
} ____cacheline_aligned_in_smp;

enum srtp_seen {
	SRTP_SEEN_NEW,		/* not yet, and inside or above the window */
	SRTP_SEEN_BEFORE,	/* counted already */
	SRTP_SEEN_TOO_OLD,	/* below the window */
	SRTP_SEEN_NO_INDEX,	/* outside the index space */
	SRTP_SEEN_STOPPED,	/* nothing more is sent or accepted */
};

int srtp_track_init(struct srtp_track *t, u32 window, bool with_macs, gfp_t gfp);
void srtp_track_free(struct srtp_track *t);
void srtp_track_set(struct srtp_track *t, u64 index, bool assume_seen);

u64 srtp_track_highest(struct srtp_track *t);
u64 srtp_track_goal(struct srtp_track *t);
enum srtp_seen srtp_track_estimate(struct srtp_track *t, u16 seq, u64 *index);
enum srtp_seen srtp_track_check(struct srtp_track *t, u64 index);
bool srtp_track_resynced(struct srtp_track *t);
enum srtp_seen srtp_track_commit(struct srtp_track *t, u64 index, size_t bytes);

enum srtp_seen srtp_track_reserve(struct srtp_track *t, u16 seq, u64 *index);
bool srtp_track_settle(struct srtp_track *t, u64 index, enum srtp_seen how,
		       const u8 *mac, size_t bytes);
enum srtp_seen srtp_track_next(struct srtp_track *t, u32 *index, size_t bytes);

/* state.c */
int srtp_track_raise(struct srtp_track *t, u64 index);
int srtp_track_raise_next(struct srtp_track *t, u32 index);
int srtp_track_raise_roc(struct srtp_track *t, u32 roc);
int srtp_track_pend(struct srtp_track *t, u32 roc, const u16 *seq);
void srtp_track_stop(struct srtp_track *t);
void srtp_track_export(struct srtp_track *t, u8 *bits);
void srtp_track_import(struct srtp_track *t, u64 index, const u8 *bits, size_t len);

#endif
