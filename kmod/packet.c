// SPDX-License-Identifier: GPL-2.0
/*
 * Protecting and unprotecting one packet: index, keys, replay (RFC 3711 3.3).
 *
 * Knows a buffer, a stream and a key.  Buffers are linear memory, with room for
 * srtp_trailer_len() octets behind the packet when protecting.  Callers are in an
 * RCU read section or otherwise hold stream and key, and have disabled softirqs.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "../uapi/linux/srtp.h"
#include "packet.h"

static int srtp_policy_trailer(const struct srtp_policy *policy, enum srtp_class class)
{
	int len = max(policy->tag_len, policy->roc_tag_len);

	if (class != SRTP_CLASS_RTP)
		return SRTP_WORD_LEN + policy->mki_len + policy->srtcp_tag_len;
	if (policy->rcc_rate)
		len = max(policy->tag_len, policy->roc_tag_len + SRTP_ROC_LEN);
	/* Also where no MAC is sent one is made, with the ROC behind the packet. */
	return max(len + policy->mki_len, SRTP_ROC_LEN) + (policy->cryptex ? SRTP_EXT_HEADER : 0);
}

/**
 * srtp_trailer_len() - octets that protection adds at most
 * @st: the stream
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 */
int srtp_trailer_len(const struct srtp_stream *st, enum srtp_class class)
{
	return srtp_policy_trailer(&st->policy, class);
}

/**
 * srtp_trailer_most() - the same for either class
 * @policy: policy of a stream
 */
int srtp_trailer_most(const struct srtp_policy *policy)
{
	return max(srtp_policy_trailer(policy, SRTP_CLASS_RTP),
		   srtp_policy_trailer(policy, SRTP_CLASS_RTCP));
}

/**
 * srtp_packet_mki() - where the MKI of a received packet lies
 * @st: receive stream of its SSRC, or the wildcard
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @buf: the packet, at least SRTP_RTP_HEADER octets
 * @len: its octets
 *
 * Return: the stream's mki-len octets, or NULL if the packet is too short
 */
const u8 *srtp_packet_mki(const struct srtp_stream *st, enum srtp_class class,
			  const u8 *buf, size_t len)
{
	bool rtp = class == SRTP_CLASS_RTP;
	struct srtp_trailer t;

	if (rtp)
		srtp_trailer_rtp(&st->policy, srtp_rtp_seq(buf), &t);
	else
		srtp_trailer_rtcp(&st->policy, &t);
	if (len < t.len + (rtp ? SRTP_RTP_HEADER : SRTP_RTCP_HEADER))
		return NULL;
	return buf + len - t.len + t.mki;
}

static int srtp_seen_errno(enum srtp_seen seen)
{
	switch (seen) {
	case SRTP_SEEN_NEW:
	case SRTP_SEEN_BEFORE:
		return 0;
	case SRTP_SEEN_NO_INDEX:
		return -EKEYEXPIRED;
	case SRTP_SEEN_STOPPED:
		return -ENOKEY;
	default:
		return -EEXIST;
	}
}

/* The session keys of an index; NULL while those of a new generation are made. */
static inline const struct srtp_transform *
srtp_key_transform(const struct srtp_key *key, enum srtp_class class, u64 index)
{
	if (unlikely(key->kdr))
		return srtp_kdr_find(key->kdr, class, index);
	return class == SRTP_CLASS_RTP ? &key->srtp : &key->srtcp;
}

/* Before an index is taken: whether there are session keys for it. */
static int srtp_key_prepared(const struct srtp_key *key, enum srtp_class class, u64 index)
{
	if (srtp_kdr_find(key->kdr, class, index)) {
		srtp_kdr_follow(key->kdr, class, index);
		return 0;
	}
	srtp_kdr_follow(key->kdr, class, index);
	return -EAGAIN;
}

static int srtp_rtp_prepared(struct srtp_stream *st, const struct srtp_key *key, u16 seq)
{
	u64 index;

	if (likely(!key->kdr) || srtp_track_estimate(&st->srtp, seq, &index) != SRTP_SEEN_NEW)
		return 0;
	return srtp_key_prepared(key, SRTP_CLASS_RTP, index);
}

/* What the policy cannot send: nothing was taken yet. */
static int srtp_protect_check(const struct srtp_policy *policy, u8 *buf, size_t len)
{
	int hdr = srtp_rtp_header_len(buf, len);

	if (hdr < 0)
		return hdr;
	if (unlikely(policy->features & SRTP_F_RTCP_ONLY))
		return -ENOKEY;
	/* A receiver would take it for encrypted. */
	if (srtp_cryptex_marked(buf))
		return -EINVAL;
	if (likely(!(policy->features & (SRTP_F_HDREXT | SRTP_F_CRYPTEX))))
		return 0;
	return policy->features & SRTP_F_HDREXT ? srtp_hdrext_check(buf) :
						  srtp_cryptex_check(policy, buf);
}

static int srtp_protect_rtp(struct srtp_stream *st, const struct srtp_key *key, u8 *buf,
			    size_t len, bool *repeated)
{
	int sealed, err = srtp_protect_check(&st->policy, buf, len) ?:
			  srtp_rtp_prepared(st, key, srtp_rtp_seq(buf));
	const struct srtp_transform *tf;
	u8 mac[SRTP_MAC_LEN];
	enum srtp_seen seen;
	u64 index;

	if (err)
		return err;
	seen = srtp_track_reserve(&st->srtp, srtp_rtp_seq(buf), &index);
	if (unlikely(seen != SRTP_SEEN_NEW)) {
		err = srtp_seen_errno(seen);
		if (err)
			return err;
	}
	if (unlikely(index < key->from || index > key->to))
		return -EKEYEXPIRED;
	tf = srtp_key_transform(key, SRTP_CLASS_RTP, index);
	if (!tf)
		return -ENOKEY;
	sealed = srtp_seal_rtp(&st->policy, tf, buf, len, index, key->mki, mac);
	if (sealed < 0)
		return sealed;
	if (!srtp_track_settle(&st->srtp, index, seen, mac, len)) {
		/* Other octets under a keystream that was sent: forget them. */
		memzero_explicit(buf, sealed);
		return -EEXIST;
	}
	*repeated = seen == SRTP_SEEN_BEFORE;
	return sealed;
}

static int srtp_protect_rtcp(struct srtp_stream *st, const struct srtp_key *key, u8 *buf,
			     size_t len)
{
	const struct srtp_transform *tf;
	int err = 0;
	u32 index;

	if (len < SRTP_RTCP_HEADER)
		return -EINVAL;
	if (unlikely(key->kdr))
		err = srtp_key_prepared(key, SRTP_CLASS_RTCP, srtp_track_highest(&st->srtcp));
	err = err ?: srtp_seen_errno(srtp_track_next(&st->srtcp, &index, len));
	if (err)
		return err;
	tf = srtp_key_transform(key, SRTP_CLASS_RTCP, index);
	if (!tf)
		return -ENOKEY;
	return srtp_seal_rtcp(&st->policy, tf, buf, len, index, key->mki);
}

/**
 * srtp_protect() - make an SRTP or SRTCP packet in place
 * @st: send stream of the packet's SSRC
 * @key: key of the stream
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @buf: the packet
 * @len: its octets
 * @repeated: set if the index was sent before, with the same octets
 *
 * Takes the packet's index, which is never given back.
 *
 * Return: octets of the protected packet; -EINVAL malformed, -EEXIST the index
 * was used with other octets or is too old, -EKEYEXPIRED no index is left,
 * -ENOKEY the stream was deleted or has no SRTP, -EAGAIN session keys are being
 * derived (srtp_kdr_wait(), try again), or an error of the crypto API
 */
int srtp_protect(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		 u8 *buf, size_t len, bool *repeated)
{
	if (class == SRTP_CLASS_RTP)
		return srtp_protect_rtp(st, key, buf, len, repeated);
	return srtp_protect_rtcp(st, key, buf, len);
}

static int srtp_refuse(struct srtp_track *t, u64 *counter, int drop)
{
	spin_lock(&t->lock);
	(*counter)++;
	spin_unlock(&t->lock);
	return drop;
}

static int srtp_refuse_index(struct srtp_track *t, enum srtp_seen seen)
{
	switch (seen) {
	case SRTP_SEEN_BEFORE:
		return srtp_refuse(t, &t->replayed, SRTP_A_STATS_RX_REPLAYED);
	case SRTP_SEEN_TOO_OLD:
		return srtp_refuse(t, &t->too_old, SRTP_A_STATS_RX_TOO_OLD);
	case SRTP_SEEN_STOPPED:
		return SRTP_A_STATS_RX_NO_KEY;
	default:
		return SRTP_A_STATS_RX_EXPIRED;
	}
}

static inline int srtp_refuse_seen(struct srtp_track *t, enum srtp_seen seen)
{
	return likely(seen == SRTP_SEEN_NEW) ? 0 : srtp_refuse_index(t, seen);
}

/* A trial whose failure is not the last word counts nothing. */
static int srtp_refuse_auth(struct srtp_track *t, int err, bool trial)
{
	if (err == -ENOMEM)
		return SRTP_A_STATS_RX_BUFFER_FULL;
	if (trial)
		return SRTP_A_STATS_RX_AUTH_FAILED;
	return srtp_refuse(t, &t->auth_failed, SRTP_A_STATS_RX_AUTH_FAILED);
}

/* Whether a packet proves who sent it; with an AEAD all do. */
static bool srtp_authentic(const struct srtp_trailer *t)
{
	return t->tag_len;
}

/*
 * A ROC in the packet takes the place of ours (RFC 4771 section 2).  Without
 * authentication it may only be the first one: anybody could have written it.
 */
static enum srtp_seen srtp_rtp_index(struct srtp_track *track, const struct srtp_trailer *t,
				     const u8 *trailer, u16 seq, u64 *index)
{
	if (likely(!t->has_roc) || (!srtp_authentic(t) && READ_ONCE(track->started)))
		return srtp_track_estimate(track, seq, index);
	*index = (u64)get_unaligned_be32(trailer + t->roc) << 16 | seq;
	return srtp_track_check(track, *index);
}

/*
 * Session keys to try a received packet with.  If there are none, they are made
 * for where the stream stands, which an unproven packet has no influence on; and
 * now and then for where the packet says that it has got to.
 */
static inline const struct srtp_transform *
srtp_rx_transform(const struct srtp_key *key, enum srtp_class class, u64 index,
		  struct srtp_track *t)
{
	const struct srtp_transform *tf = srtp_key_transform(key, class, index);

	if (likely(tf))
		return tf;
	srtp_kdr_follow(key->kdr, class, srtp_track_highest(t));
	srtp_kdr_seek(key->kdr, class, index);
	return NULL;
}

/* An AEAD decrypts before it compares: what must stay is tried elsewhere. */
static int srtp_try_rtp(const struct srtp_policy *policy, const struct srtp_transform *tf,
			const struct srtp_trailer *t, u8 *buf, size_t len, u64 index, bool trial)
{
	u8 *copy;
	int err;

	if (likely(!trial || !tf->aead))
		return srtp_open_rtp(policy, tf, t, buf, len, index);
	copy = kmemdup(buf, len + t->len, GFP_ATOMIC | __GFP_NOWARN);
	if (!copy)
		return -ENOMEM;
	err = srtp_open_rtp(policy, tf, t, copy, len, index);
	if (!err)
		memcpy(buf, copy, len);
	kfree_sensitive(copy);
	return err;
}

static int srtp_try_rtcp(const struct srtp_policy *policy, const struct srtp_transform *tf,
			 const struct srtp_trailer *t, u8 *buf, size_t len, u32 word, bool trial)
{
	u8 *copy;
	int err;

	if (likely(!trial || !tf->aead))
		return srtp_open_rtcp(policy, tf, t, buf, len, word);
	copy = kmemdup(buf, len + t->len, GFP_ATOMIC | __GFP_NOWARN);
	if (!copy)
		return -ENOMEM;
	err = srtp_open_rtcp(policy, tf, t, copy, len, word);
	if (!err)
		memcpy(buf, copy, len);
	kfree_sensitive(copy);
	return err;
}

static int srtp_unprotect_rtp(struct srtp_stream *st, const struct srtp_key *key, u8 *buf,
			      size_t *len, u64 *index, bool trial)
{
	const struct srtp_policy *policy = &st->policy;
	struct srtp_track *track = &st->srtp;
	const struct srtp_transform *tf;
	struct srtp_trailer t;
	int drop, err;
	size_t plain;

	if (*len < SRTP_RTP_HEADER)
		return SRTP_A_STATS_RX_MALFORMED;
	srtp_trailer_rtp(policy, srtp_rtp_seq(buf), &t);
	if (*len < SRTP_RTP_HEADER + t.len)
		return SRTP_A_STATS_RX_MALFORMED;
	plain = *len - t.len;
	if (srtp_rtp_header_len(buf, plain) < 0)
		return SRTP_A_STATS_RX_MALFORMED;
	if (unlikely(policy->features & SRTP_F_RTCP_ONLY))
		return SRTP_A_STATS_RX_NO_KEY;
	if (unlikely(!srtp_authentic(&t) && st->key.wildcard))
		return SRTP_A_STATS_RX_NO_KEY;
	drop = srtp_refuse_seen(track, srtp_rtp_index(track, &t, buf + plain, srtp_rtp_seq(buf),
						      index));
	if (drop)
		return drop;
	tf = srtp_rx_transform(key, SRTP_CLASS_RTP, *index, track);
	if (!tf)
		return SRTP_A_STATS_RX_NO_KEY;
	err = srtp_try_rtp(policy, tf, &t, buf, plain, *index, trial);
	if (err)
		return srtp_refuse_auth(track, err, trial);
	*len = plain;
	return 0;
}

static int srtp_unprotect_rtcp(struct srtp_stream *st, const struct srtp_key *key, u8 *buf,
			       size_t *len, u64 *index, bool trial)
{
	struct srtp_track *track = &st->srtcp;
	const struct srtp_transform *tf;
	struct srtp_trailer t;
	int drop, err;
	size_t plain;
	u32 word;

	srtp_trailer_rtcp(&st->policy, &t);
	if (*len < SRTP_RTCP_HEADER + t.len)
		return SRTP_A_STATS_RX_MALFORMED;
	plain = *len - t.len;
	word = get_unaligned_be32(buf + plain + t.word);
	*index = word & ~SRTCP_E;
	drop = srtp_refuse_seen(track, srtp_track_check(track, *index));
	if (drop)
		return drop;
	tf = srtp_rx_transform(key, SRTP_CLASS_RTCP, *index, track);
	if (!tf)
		return SRTP_A_STATS_RX_NO_KEY;
	err = srtp_try_rtcp(&st->policy, tf, &t, buf, plain, word, trial);
	if (err)
		return srtp_refuse_auth(track, err, trial);
	*len = plain;
	return 0;
}

/**
 * srtp_unprotect() - check and decrypt an SRTP or SRTCP packet in place
 * @st: receive stream of the packet's SSRC, or the wildcard
 * @key: key of the stream
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @buf: the packet, at least SRTP_RTP_HEADER octets
 * @len: its octets; on success those of the plain packet
 * @index: result: the packet's index
 * @trial: another may follow: one that fails leaves @buf as it was, and is not
 *	counted
 *
 * Changes no state but counters of what is refused; an authentic packet may be
 * delivered once srtp_accept() agrees.  Costs one MAC at most.
 *
 * Return: 0, or why to drop it: enum srtp_a_stats
 */
int srtp_unprotect(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		   u8 *buf, size_t *len, u64 *index, bool trial)
{
	if (class == SRTP_CLASS_RTP)
		return srtp_unprotect_rtp(st, key, buf, len, index, trial);
	return srtp_unprotect_rtcp(st, key, buf, len, index, trial);
}

/**
 * srtp_accept_any() - srtp_accept() of any packet
 * @st: receive stream of its SSRC, never a wildcard
 * @key: key that it authenticated with
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @index: what srtp_unprotect() found
 * @seen: what its track said of it; SRTP_SEEN_NEW also of one that proves nothing
 *
 * Return: as srtp_accept()
 */
int srtp_accept_any(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		    u64 index, enum srtp_seen seen)
{
	struct srtp_track *t = class == SRTP_CLASS_RTP ? &st->srtp : &st->srtcp;
	int drop = srtp_refuse_seen(t, seen);

	if (!drop && key->kdr)
		srtp_kdr_follow(key->kdr, class, srtp_track_highest(t));
	return drop;
}
