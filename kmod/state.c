// SPDX-License-Identifier: GPL-2.0
/*
 * Where a stream stands, set from outside: indexes that are raised, a ROC that
 * waits for its first packet, and the state that a frozen stream leaves behind.
 *
 * An index never moves back: below it are packets that were sent, or received.
 */
#include <linux/bitmap.h>

#include "track.h"

static void srtp_track_forget(struct srtp_track *t)
{
	bitmap_fill(t->seen, t->window);
	if (t->done)
		bitmap_zero(t->done, t->window);
}

/**
 * srtp_track_raise() - let a stream go on from a higher index
 * @t: the track
 * @index: highest index so far; everything up to it counts as sent or received
 *
 * Return: 0, or -EEXIST if the stream is past it
 */
int srtp_track_raise(struct srtp_track *t, u64 index)
{
	int err = 0;

	spin_lock_bh(&t->lock);
	if (t->started && index < t->highest) {
		err = -EEXIST;
	} else if (!t->started || index > t->highest) {
		srtp_track_forget(t);
		t->highest = index;
		t->started = true;
		t->pending = false;
	}
	spin_unlock_bh(&t->lock);
	return err;
}

/**
 * srtp_track_raise_next() - let SRTCP be sent from a higher index on
 * @t: the track of a send stream, whose highest index is the next one
 * @index: the next index
 *
 * Return: 0, or -EEXIST if the stream is past it
 */
int srtp_track_raise_next(struct srtp_track *t, u32 index)
{
	int err = 0;

	spin_lock_bh(&t->lock);
	if (index < t->highest)
		err = -EEXIST;
	else
		t->highest = index;
	spin_unlock_bh(&t->lock);
	return err;
}

/**
 * srtp_track_raise_roc() - let a send stream go on with a higher ROC
 * @t: the track, or a wildcard's
 * @roc: roll-over counter of the next packet, whatever its sequence number
 *
 * Return: 0, or -EEXIST if the stream is past it
 */
int srtp_track_raise_roc(struct srtp_track *t, u32 roc)
{
	int err = 0;

	spin_lock_bh(&t->lock);
	if (roc < t->highest >> 16) {
		err = -EEXIST;
	} else if (roc > t->highest >> 16) {
		srtp_track_forget(t);
		t->highest = (u64)roc << 16;
		t->restarted |= t->started;
		t->started = false;
	}
	spin_unlock_bh(&t->lock);
	return err;
}

/**
 * srtp_track_pend() - expect the packets of a receive stream with another ROC
 * @t: the track
 * @roc: roll-over counter
 * @seq: highest sequence number so far, or NULL if it is not known
 *
 * It takes effect with the first packet that authenticates with it.  A ROC below
 * one that did is refused: what was received would be received again.
 *
 * Return: 0 or -EEXIST
 */
int srtp_track_pend(struct srtp_track *t, u32 roc, const u16 *seq)
{
	u64 index = (u64)roc << 16 | (seq ? *seq : 0);
	int err = 0;

	spin_lock_bh(&t->lock);
	if (t->started && (seq ? index < t->highest : roc < t->highest >> 16)) {
		err = -EEXIST;
	} else {
		t->pending = true;
		t->pending_seq = seq;
		t->pending_index = index;
	}
	spin_unlock_bh(&t->lock);
	return err;
}

/**
 * srtp_track_stop() - let a track go no further
 * @t: the track
 */
void srtp_track_stop(struct srtp_track *t)
{
	spin_lock_bh(&t->lock);
	WRITE_ONCE(t->stopped, true);	/* a wildcard's is read without the lock */
	spin_unlock_bh(&t->lock);
}

/**
 * srtp_track_export() - the window of a stopped track
 * @t: the track
 * @bits: result, @t->window / 8 octets: bit i of octet j stands for index
 *	(highest - 8 * j - i)
 */
void srtp_track_export(struct srtp_track *t, u8 *bits)
{
	u32 k;

	memset(bits, 0, t->window / 8);
	spin_lock_bh(&t->lock);
	for (k = 0; k < t->window && k <= t->highest; k++)
		if (test_bit((t->highest - k) & (t->window - 1), t->seen))
			bits[k / 8] |= 1 << k % 8;
	spin_unlock_bh(&t->lock);
}

/**
 * srtp_track_import() - go on where another track stopped
 * @t: the track, not yet in use
 * @index: highest index
 * @bits: what srtp_track_export() gave, of a window of whatever size
 * @len: octets of it
 *
 * What lies below those bits counts as sent or received, and so does @index.
 */
void srtp_track_import(struct srtp_track *t, u64 index, const u8 *bits, size_t len)
{
	u32 k, n = min_t(size_t, 8 * len, t->window);

	srtp_track_set(t, index, true);
	for (k = 1; k < n && k <= index; k++)
		if (!(bits[k / 8] & 1 << k % 8))
			__clear_bit((index - k) & (t->window - 1), t->seen);
}
