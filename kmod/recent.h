/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Streams that a CPU has used, so that it need not look for them again.
 *
 * A stream that is found here was found in the table before, in an era in which no
 * stream has been taken out of the table since: so it is still there, or is taken
 * out only after this read section has begun, and then outlives it.
 */
#ifndef _SRTP_RECENT_H
#define _SRTP_RECENT_H

#include <linux/atomic.h>
#include <linux/percpu-defs.h>
#include <net/netlink.h>

#include "session.h"
#include "stream.h"

#define SRTP_RECENT	16	/* of each CPU */

/**
 * struct srtp_recent - a stream that was found
 * @st: the stream, of one SSRC and bound to no peer
 * @era: when, by srtp_recent_era
 */
struct srtp_recent {
	struct srtp_stream *st;
	u64 era;
};

DECLARE_PER_CPU(struct srtp_recent [SRTP_RECENT], srtp_recents);
extern atomic64_t srtp_recent_era;

struct srtp_stream *srtp_recent_lookup(struct srtp_session *ss, u8 direction, u32 ssrc,
				       const struct srtp_peer *peer);
void srtp_recent_forget(void);

/**
 * srtp_recent_find() - the stream of a packet, if the CPU has it at hand
 * @ss: session
 * @direction: enum srtp_direction
 * @ssrc: SSRC of the packet
 *
 * In an RCU read section, with softirqs disabled.
 *
 * Return: the stream, no wildcard; or NULL: ask srtp_recent_lookup()
 */
static inline struct srtp_stream *srtp_recent_find(struct srtp_session *ss, u8 direction, u32 ssrc)
{
	const struct srtp_recent *r = this_cpu_ptr(&srtp_recents[ssrc % SRTP_RECENT]);
	struct srtp_stream *st = r->st;

	if (likely(r->era == atomic64_read(&srtp_recent_era) && st->key.ssrc == ssrc &&
		   st->key.session == ss && st->key.direction == direction &&
		   !READ_ONCE(ss->peer_kinds)))
		return st;
	return NULL;
}

#endif
