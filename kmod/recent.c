// SPDX-License-Identifier: GPL-2.0
/*
 * Streams that a CPU has used, so that it need not look for them again.
 */
#include "recent.h"

DEFINE_PER_CPU(struct srtp_recent [SRTP_RECENT], srtp_recents);

/* No entry is of era 0. */
atomic64_t srtp_recent_era __read_mostly = ATOMIC64_INIT(1);

/**
 * srtp_recent_lookup() - srtp_stream_lookup(), and what it finds is at hand from now on
 * @ss: session
 * @direction: enum srtp_direction
 * @ssrc: SSRC of the packet
 * @peer: whom it is from or for, as for srtp_stream_lookup()
 *
 * In an RCU read section, with softirqs disabled.
 *
 * Return: as srtp_stream_lookup()
 */
struct srtp_stream *srtp_recent_lookup(struct srtp_session *ss, u8 direction, u32 ssrc,
				       const struct srtp_peer *peer)
{
	/* The era first: a stream that is found may have been taken out since. */
	u64 era = atomic64_read_acquire(&srtp_recent_era);
	struct srtp_stream *st = srtp_stream_lookup(ss, direction, ssrc, peer);

	if (st && !st->key.wildcard && !st->key.peer.kind)
		*this_cpu_ptr(&srtp_recents[ssrc % SRTP_RECENT]) =
			(struct srtp_recent){ .st = st, .era = era };
	return st;
}

/**
 * srtp_recent_forget() - a stream has been taken out of the table
 *
 * Before a grace period is waited for, or asked for.
 */
void srtp_recent_forget(void)
{
	/* Fully ordered: who sees this era does not find the stream any more. */
	atomic64_inc_return(&srtp_recent_era);
}
