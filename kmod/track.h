/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_TRACK_H
#define _SRTP_TRACK_H

#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/spinlock.h>
#include <linux/string.h>
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
 * SRTP and SRTCP of a stream have one each and share no cache line.  What a packet
 * calls does so with softirqs disabled.
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
void srtp_track_count(struct srtp_track *t, size_t bytes);
enum srtp_seen srtp_track_check(struct srtp_track *t, u64 index);
enum srtp_seen srtp_track_next(struct srtp_track *t, u32 *index, size_t bytes);

enum srtp_seen srtp_track_estimate_any(struct srtp_track *t, u16 seq, u64 *index);
enum srtp_seen srtp_track_commit_any(struct srtp_track *t, u64 index);
enum srtp_seen srtp_track_reserve_any(struct srtp_track *t, u16 seq, u64 *index);
bool srtp_track_settle_repeat(struct srtp_track *t, u64 index, const u8 *mac);

/*
 * Whether an index that follows the highest one at once has nothing that stands in
 * its way: most packets have one, and are spared the rest of track.c.
 */
static inline bool srtp_track_free_way(const struct srtp_track *t, u64 index)
{
	return likely(index <= SRTP_INDEX_MAX && t->started && !t->stopped && !t->pending);
}

/* What srtp_track_mark() does, for an index that follows. */
static inline void srtp_track_step(struct srtp_track *t, u64 index)
{
	u32 slot = index & (t->window - 1);

	t->highest = index;
	__set_bit(slot, t->seen);
	if (t->done)
		__clear_bit(slot, t->done);
}

/**
 * srtp_track_estimate() - which index a received SRTP packet has
 * @t: track of a receive stream
 * @seq: sequence number of the packet
 * @index: result
 *
 * Changes nothing: the packet is not authenticated yet.
 */
static inline enum srtp_seen srtp_track_estimate(struct srtp_track *t, u16 seq, u64 *index)
{
	enum srtp_seen seen = SRTP_SEEN_NEW;
	u64 next;

	spin_lock(&t->lock);
	next = t->highest + 1;
	/* By its lower 16 bits; none is more than 2^15 from the highest. */
	if (likely((u16)next == seq && srtp_track_free_way(t, next)))
		*index = next;
	else
		seen = srtp_track_estimate_any(t, seq, index);
	spin_unlock(&t->lock);
	return seen;
}

/**
 * srtp_track_commit() - count an authentic packet, once
 * @t: track of a receive stream
 * @index: its index
 * @bytes: its length
 *
 * Return: SRTP_SEEN_NEW if it may be delivered; else another CPU was faster or
 * the window has moved on meanwhile
 */
static inline enum srtp_seen srtp_track_commit(struct srtp_track *t, u64 index, size_t bytes)
{
	enum srtp_seen seen = SRTP_SEEN_NEW;

	spin_lock(&t->lock);
	if (likely(index == t->highest + 1 && srtp_track_free_way(t, index)))
		srtp_track_step(t, index);
	else
		seen = srtp_track_commit_any(t, index);
	if (likely(seen == SRTP_SEEN_NEW)) {
		t->packets++;
		t->bytes += bytes;
	}
	spin_unlock(&t->lock);
	return seen;
}

/**
 * srtp_track_resynced() - whether a pending index took effect
 * @t: track of a receive stream
 *
 * Return: true once each time
 */
static inline bool srtp_track_resynced(struct srtp_track *t)
{
	bool resynced;

	if (likely(!READ_ONCE(t->resynced)))
		return false;
	spin_lock(&t->lock);
	resynced = t->resynced;
	WRITE_ONCE(t->resynced, false);
	spin_unlock(&t->lock);
	return resynced;
}

/**
 * srtp_track_reserve() - take the index of an SRTP packet to send
 * @t: track of a send stream
 * @seq: sequence number that the application chose
 * @index: result
 *
 * Never rolled back: a send that fails afterwards may have left copies.
 *
 * Return: SRTP_SEEN_NEW, or SRTP_SEEN_BEFORE for a repeat whose octets
 * srtp_track_settle() compares; the others are refused
 */
static inline enum srtp_seen srtp_track_reserve(struct srtp_track *t, u16 seq, u64 *index)
{
	enum srtp_seen seen = SRTP_SEEN_NEW;
	u64 next;

	spin_lock(&t->lock);
	next = t->highest + 1;
	if (likely((u16)next == seq && srtp_track_free_way(t, next))) {
		srtp_track_step(t, next);
		*index = next;
	} else {
		seen = srtp_track_reserve_any(t, seq, index);
	}
	spin_unlock(&t->lock);
	return seen;
}

/**
 * srtp_track_settle() - whether a protected SRTP packet may leave
 * @t: track of a send stream
 * @index: its index
 * @how: what srtp_track_reserve() said
 * @mac: its full MAC, SRTP_MAC_LEN octets
 * @bytes: its length before protection
 *
 * A new one is remembered.  A repeat may leave only if it carries the octets
 * that the index carried before, which equal MACs prove.
 */
static inline bool srtp_track_settle(struct srtp_track *t, u64 index, enum srtp_seen how,
				     const u8 *mac, size_t bytes)
{
	u32 slot = index & (t->window - 1);
	bool ok = true;

	spin_lock(&t->lock);
	if (unlikely(how != SRTP_SEEN_NEW)) {
		ok = srtp_track_settle_repeat(t, index, mac);
	} else {
		if (likely(t->highest - index < t->window)) {
			memcpy(t->macs[slot], mac, SRTP_MAC_LEN);
			__set_bit(slot, t->done);
		}
		t->packets++;
		t->bytes += bytes;
	}
	spin_unlock(&t->lock);
	return ok;
}

/* state.c */
int srtp_track_raise(struct srtp_track *t, u64 index);
int srtp_track_raise_next(struct srtp_track *t, u32 index);
int srtp_track_raise_roc(struct srtp_track *t, u32 roc);
int srtp_track_pend(struct srtp_track *t, u32 roc, const u16 *seq);
void srtp_track_stop(struct srtp_track *t);
void srtp_track_export(struct srtp_track *t, u8 *bits);
void srtp_track_import(struct srtp_track *t, u64 index, const u8 *bits, size_t len);

#endif
