// SPDX-License-Identifier: GPL-2.0
/*
 * Packet indexes: estimation of the roll-over counter, replay window of a
 * receiver, and the sender's memory of what it sent.
 *
 * One ring of bits serves both sides.  Above it a sender keeps the full MAC of
 * each index, so that the same packet can be sent again (a NACK resend, a
 * second destination) while other octets under that index are refused: they
 * would use a keystream twice.
 *
 * What a packet calls does so with softirqs disabled.
 */
#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <crypto/algapi.h>

#include "track.h"

/**
 * srtp_track_init() - set up a track before its first packet
 * @t: the track, zeroed
 * @window: packets that may come late; rounded up to a power of two
 * @with_macs: remember the MACs of what is sent
 * @gfp: how to allocate
 *
 * Return: 0 or -ENOMEM
 */
int srtp_track_init(struct srtp_track *t, u32 window, bool with_macs, gfp_t gfp)
{
	spin_lock_init(&t->lock);
	t->window = roundup_pow_of_two(window);
	t->seen = bitmap_zalloc(t->window, gfp);
	if (!t->seen)
		return -ENOMEM;
	if (!with_macs)
		return 0;
	t->done = bitmap_zalloc(t->window, gfp);
	t->macs = kvcalloc(t->window, SRTP_MAC_LEN, gfp);
	return t->done && t->macs ? 0 : -ENOMEM;
}

/**
 * srtp_track_free() - release what srtp_track_init() took, also half done
 * @t: the track
 */
void srtp_track_free(struct srtp_track *t)
{
	bitmap_free(t->seen);
	bitmap_free(t->done);
	kvfree(t->macs);
}

/**
 * srtp_track_set() - start from a given state instead of the first packet
 * @t: the track, not yet in use
 * @index: highest index so far
 * @assume_seen: everything up to @index counts as sent or received
 */
void srtp_track_set(struct srtp_track *t, u64 index, bool assume_seen)
{
	t->highest = index;
	t->started = true;
	if (assume_seen)
		bitmap_fill(t->seen, t->window);
}

/* Makes room for the indexes (from, to]: what stood there is a window older. */
static void srtp_track_clear(struct srtp_track *t, unsigned long *bits, u64 from, u64 to)
{
	u32 n = min_t(u64, to - from, t->window);
	u32 start = (from + 1) & (t->window - 1);
	u32 first = min(n, t->window - start);

	if (likely(n == 1)) {
		__clear_bit(start, bits);
		return;
	}
	bitmap_clear(bits, start, first);
	bitmap_clear(bits, 0, n - first);
}

static void srtp_track_advance(struct srtp_track *t, u64 index)
{
	/* Before the first packet nothing is set. */
	if (t->started) {
		srtp_track_clear(t, t->seen, t->highest, index);
		if (t->done)
			srtp_track_clear(t, t->done, t->highest, index);
	}
	t->highest = index;
	t->started = true;
}

static enum srtp_seen srtp_track_look(const struct srtp_track *t, u64 index)
{
	if (!t->started || index > t->highest)
		return SRTP_SEEN_NEW;
	if (t->highest - index >= t->window)
		return SRTP_SEEN_TOO_OLD;
	return test_bit(index & (t->window - 1), t->seen) ? SRTP_SEEN_BEFORE : SRTP_SEEN_NEW;
}

static void srtp_track_mark(struct srtp_track *t, u64 index)
{
	if (!t->started || index > t->highest)
		srtp_track_advance(t, index);
	__set_bit(index & (t->window - 1), t->seen);
}

/*
 * RFC 3711 3.3.1 and appendix A: the index of a packet, next to one that is
 * known.  Return: false if it would lie below 0, which is an old packet.
 */
static bool srtp_index_near(u64 highest, u16 seq, u64 *index)
{
	u64 roc = highest >> 16;
	u16 s_l = highest;

	if (s_l < 32768) {
		if ((int)seq - s_l > 32768) {
			if (!roc)
				return false;
			roc--;
		}
	} else if ((int)s_l - 32768 > seq) {
		roc++;
	}
	*index = roc << 16 | seq;
	return true;
}

static bool srtp_track_guess_pending(const struct srtp_track *t, u16 seq, u64 *index)
{
	*index = t->pending_index | seq;
	return !t->pending_seq || srtp_index_near(t->pending_index, seq, index);
}

/* An index above 2^48 - 1 does not exist: the end of the key. */
static enum srtp_seen srtp_track_guess(const struct srtp_track *t, u16 seq, u64 *index)
{
	bool sound = true;

	*index = t->highest | seq;	/* before the first packet: roc << 16 */
	if (t->pending)
		sound = srtp_track_guess_pending(t, seq, index);
	else if (t->started)
		sound = srtp_index_near(t->highest, seq, index);
	if (!sound)
		return SRTP_SEEN_TOO_OLD;
	return *index > SRTP_INDEX_MAX ? SRTP_SEEN_NO_INDEX : srtp_track_look(t, *index);
}

/* The packet that shows that the pending index was right, or one of before. */
static void srtp_track_resync(struct srtp_track *t, u64 index)
{
	u64 expected;

	if (!srtp_track_guess_pending(t, index, &expected) || expected != index)
		return;
	t->pending = false;
	WRITE_ONCE(t->resynced, true);
}

/**
 * srtp_track_highest() - highest index so far
 * @t: the track
 */
u64 srtp_track_highest(struct srtp_track *t)
{
	u64 highest;

	spin_lock_bh(&t->lock);
	highest = t->highest;
	spin_unlock_bh(&t->lock);
	return highest;
}

/**
 * srtp_track_goal() - where the next packet is expected
 * @t: the track
 */
u64 srtp_track_goal(struct srtp_track *t)
{
	u64 goal;

	spin_lock_bh(&t->lock);
	goal = t->pending ? t->pending_index : t->highest;
	spin_unlock_bh(&t->lock);
	return goal;
}

/**
 * srtp_track_estimate_any() - srtp_track_estimate() of any packet
 * @t: track of a receive stream; the caller has its lock
 * @seq: sequence number of the packet
 * @index: result
 */
enum srtp_seen srtp_track_estimate_any(struct srtp_track *t, u16 seq, u64 *index)
{
	return t->stopped ? SRTP_SEEN_STOPPED : srtp_track_guess(t, seq, index);
}

/**
 * srtp_track_count() - count a packet that does not move the window
 * @t: track of a receive stream
 * @bytes: its length
 */
void srtp_track_count(struct srtp_track *t, size_t bytes)
{
	spin_lock(&t->lock);
	t->packets++;
	t->bytes += bytes;
	spin_unlock(&t->lock);
}

/**
 * srtp_track_check() - whether a received SRTCP packet is new
 * @t: track of a receive stream
 * @index: index that the packet carries
 */
enum srtp_seen srtp_track_check(struct srtp_track *t, u64 index)
{
	enum srtp_seen seen;

	spin_lock(&t->lock);
	seen = t->stopped ? SRTP_SEEN_STOPPED : srtp_track_look(t, index);
	spin_unlock(&t->lock);
	return seen;
}

/**
 * srtp_track_commit_any() - srtp_track_commit() of any packet
 * @t: track of a receive stream; the caller has its lock
 * @index: its index
 */
enum srtp_seen srtp_track_commit_any(struct srtp_track *t, u64 index)
{
	enum srtp_seen seen = t->stopped ? SRTP_SEEN_STOPPED : srtp_track_look(t, index);

	if (seen != SRTP_SEEN_NEW)
		return seen;
	if (unlikely(t->pending))
		srtp_track_resync(t, index);
	srtp_track_mark(t, index);
	return seen;
}

/**
 * srtp_track_reserve_any() - srtp_track_reserve() of any packet
 * @t: track of a send stream; the caller has its lock
 * @seq: sequence number that the application chose
 * @index: result
 */
enum srtp_seen srtp_track_reserve_any(struct srtp_track *t, u16 seq, u64 *index)
{
	enum srtp_seen seen = t->stopped ? SRTP_SEEN_STOPPED : srtp_track_guess(t, seq, index);

	if (seen == SRTP_SEEN_NEW)
		srtp_track_mark(t, *index);
	else if (seen == SRTP_SEEN_TOO_OLD)
		t->reused++;
	return seen;
}

/**
 * srtp_track_settle_repeat() - srtp_track_settle() of a repeat
 * @t: track of a send stream; the caller has its lock
 * @index: its index
 * @mac: its full MAC, SRTP_MAC_LEN octets
 */
bool srtp_track_settle_repeat(struct srtp_track *t, u64 index, const u8 *mac)
{
	u32 slot = index & (t->window - 1);
	bool ok = t->highest - index < t->window && test_bit(slot, t->done) &&
		  !crypto_memneq(t->macs[slot], mac, SRTP_MAC_LEN);

	t->repeated += ok;
	t->reused += !ok;
	return ok;
}

/**
 * srtp_track_next() - take the next SRTCP index (RFC 3711 3.4)
 * @t: track of a send stream; @highest is the next index to use
 * @index: result
 * @bytes: length of the packet before protection
 *
 * Return: SRTP_SEEN_NEW, SRTP_SEEN_NO_INDEX after 2^31 packets, or
 * SRTP_SEEN_STOPPED
 */
enum srtp_seen srtp_track_next(struct srtp_track *t, u32 *index, size_t bytes)
{
	enum srtp_seen seen = SRTP_SEEN_NO_INDEX;

	spin_lock(&t->lock);
	if (t->stopped) {
		seen = SRTP_SEEN_STOPPED;
	} else if (t->highest <= SRTCP_INDEX_MAX) {
		*index = t->highest++;
		t->started = true;
		t->packets++;
		t->bytes += bytes;
		seen = SRTP_SEEN_NEW;
	}
	spin_unlock(&t->lock);
	return seen;
}
