// SPDX-License-Identifier: GPL-2.0
/*
 * Protecting and unprotecting one packet (RFC 3711 3.1, 3.3, 3.4).
 *
 * Knows a buffer, a stream and a key.  Buffers are linear memory, with room for
 * SRTP_TRAILER_MAX octets behind the packet when protecting.  Callers are in an
 * RCU read section or otherwise hold stream and key.
 */
#include <crypto/algapi.h>

#include "../uapi/linux/srtp.h"
#include "packet.h"

/**
 * srtp_trailer_len() - octets that protection adds
 * @st: the stream
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 */
int srtp_trailer_len(const struct srtp_stream *st, enum srtp_class class)
{
	const struct srtp_cipher_suite *suite = st->policy.suite;

	return class == SRTP_CLASS_RTP ? suite->srtp_tag_len : 4 + suite->srtcp_tag_len;
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

static void srtp_key_count(const struct srtp_key *key, enum srtp_class class)
{
	if (class == SRTP_CLASS_RTP)
		this_cpu_inc(key->use->srtp_packets);
	else
		this_cpu_inc(key->use->srtcp_packets);
}

/* The tag covers header, payload and, unsent, the ROC (RFC 3711 4.2). */
static int srtp_rtp_mac(const struct srtp_transform *tf, const u8 *buf, size_t len, u64 index,
			u8 mac[SRTP_MAC_LEN])
{
	__be32 roc = cpu_to_be32(index >> 16);

	return srtp_mac(tf, buf, len, (u8 *)&roc, sizeof(roc), mac);
}

static int srtp_protect_rtp(struct srtp_stream *st, const struct srtp_key *key, u8 *buf,
			    size_t len, bool *repeated)
{
	const struct srtp_transform *tf = &key->srtp;
	int err, hdr = srtp_rtp_header_len(buf, len);
	u8 mac[SRTP_MAC_LEN];
	enum srtp_seen seen;
	u64 index;

	if (hdr < 0)
		return hdr;
	seen = srtp_track_reserve(&st->srtp, srtp_rtp_seq(buf), &index);
	err = srtp_seen_errno(seen) ?:
	      srtp_crypt(tf, srtp_ssrc(SRTP_CLASS_RTP, buf), index, buf + hdr, len - hdr) ?:
	      srtp_rtp_mac(tf, buf, len, index, mac);
	if (err)
		return err;
	if (!srtp_track_settle(&st->srtp, index, seen, mac, len)) {
		/* Other octets under a keystream that was sent: forget them. */
		memzero_explicit(buf, len);
		return -EEXIST;
	}
	*repeated = seen == SRTP_SEEN_BEFORE;
	if (!*repeated)
		srtp_key_count(key, SRTP_CLASS_RTP);
	memcpy(buf + len, mac, st->policy.suite->srtp_tag_len);
	return len + st->policy.suite->srtp_tag_len;
}

static int srtp_protect_rtcp(struct srtp_stream *st, const struct srtp_key *key, u8 *buf,
			     size_t len)
{
	const struct srtp_transform *tf = &key->srtcp;
	u8 mac[SRTP_MAC_LEN];
	u32 index;
	int err;

	if (len < SRTP_RTCP_HEADER)
		return -EINVAL;
	err = srtp_seen_errno(srtp_track_next(&st->srtcp, &index, len)) ?:
	      srtp_crypt(tf, srtp_ssrc(SRTP_CLASS_RTCP, buf), index, buf + SRTP_RTCP_HEADER,
			 len - SRTP_RTCP_HEADER);
	if (err)
		return err;
	put_unaligned_be32(SRTCP_E | index, buf + len);
	len += 4;
	err = srtp_mac(tf, buf, len, NULL, 0, mac);
	if (err)
		return err;
	srtp_key_count(key, SRTP_CLASS_RTCP);
	memcpy(buf + len, mac, st->policy.suite->srtcp_tag_len);
	return len + st->policy.suite->srtcp_tag_len;
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
 * -ENOKEY the stream was deleted, or an error of the crypto API
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
	spin_lock_bh(&t->lock);
	(*counter)++;
	spin_unlock_bh(&t->lock);
	return drop;
}

static int srtp_refuse_seen(struct srtp_track *t, enum srtp_seen seen)
{
	switch (seen) {
	case SRTP_SEEN_NEW:
		return 0;
	case SRTP_SEEN_BEFORE:
		return srtp_refuse(t, &t->replayed, SRTP_A_STATS_RX_REPLAYED);
	case SRTP_SEEN_TOO_OLD:
		return srtp_refuse(t, &t->too_old, SRTP_A_STATS_RX_TOO_OLD);
	default:
		return SRTP_A_STATS_RX_EXPIRED;
	}
}

/* A trial whose failure is not the last word counts nothing. */
static int srtp_refuse_auth(struct srtp_track *t, const u8 *scratch)
{
	if (scratch)
		return SRTP_A_STATS_RX_AUTH_FAILED;
	return srtp_refuse(t, &t->auth_failed, SRTP_A_STATS_RX_AUTH_FAILED);
}

static int srtp_unprotect_rtp(struct srtp_stream *st, const struct srtp_key *key, u8 *buf,
			      size_t *len, u64 *index, const u8 *scratch)
{
	const struct srtp_transform *tf = &key->srtp;
	size_t tag_len = st->policy.suite->srtp_tag_len;
	struct srtp_track *t = &st->srtp;
	u8 mac[SRTP_MAC_LEN];
	size_t plain;
	int hdr, drop;

	if (*len < SRTP_RTP_HEADER + tag_len)
		return SRTP_A_STATS_RX_MALFORMED;
	plain = *len - tag_len;
	hdr = srtp_rtp_header_len(buf, plain);
	if (hdr < 0)
		return SRTP_A_STATS_RX_MALFORMED;
	drop = srtp_refuse_seen(t, srtp_track_estimate(t, srtp_rtp_seq(buf), index));
	if (drop)
		return drop;
	if (srtp_rtp_mac(tf, buf, plain, *index, mac) ||
	    crypto_memneq(mac, buf + plain, tag_len))
		return srtp_refuse_auth(t, scratch);
	if (srtp_crypt(tf, srtp_ssrc(SRTP_CLASS_RTP, buf), *index, buf + hdr, plain - hdr))
		return srtp_refuse_auth(t, scratch);
	*len = plain;
	return 0;
}

static int srtp_unprotect_rtcp(struct srtp_stream *st, const struct srtp_key *key, u8 *buf,
			       size_t *len, u64 *index, const u8 *scratch)
{
	const struct srtp_transform *tf = &key->srtcp;
	size_t tag_len = st->policy.suite->srtcp_tag_len;
	struct srtp_track *t = &st->srtcp;
	u8 mac[SRTP_MAC_LEN];
	size_t plain;
	int drop;
	u32 word;

	if (*len < SRTP_RTCP_HEADER + 4 + tag_len)
		return SRTP_A_STATS_RX_MALFORMED;
	plain = *len - tag_len - 4;
	word = get_unaligned_be32(buf + plain);
	*index = word & ~SRTCP_E;
	drop = srtp_refuse_seen(t, srtp_track_check(t, *index));
	if (drop)
		return drop;
	if (srtp_mac(tf, buf, plain + 4, NULL, 0, mac) ||
	    crypto_memneq(mac, buf + plain + 4, tag_len))
		return srtp_refuse_auth(t, scratch);
	if ((word & SRTCP_E) &&
	    srtp_crypt(tf, srtp_ssrc(SRTP_CLASS_RTCP, buf), *index, buf + SRTP_RTCP_HEADER,
		       plain - SRTP_RTCP_HEADER))
		return srtp_refuse_auth(t, scratch);
	*len = plain;
	return 0;
}

/**
 * srtp_unprotect() - check and decrypt an SRTP or SRTCP packet in place
 * @st: receive stream of the packet's SSRC, or the wildcard
 * @key: key of the stream
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @buf: the packet
 * @len: its octets; on success those of the plain packet
 * @index: result: the packet's index
 * @scratch: memory of @len octets if this is a trial that another may follow:
 *	one that fails leaves @buf as it was, and is not counted; else NULL
 *
 * Changes no state but counters of what is refused; an authentic packet may be
 * delivered once srtp_accept() agrees.  Costs one MAC at most.
 *
 * Return: 0, or why to drop it: enum srtp_a_stats
 */
int srtp_unprotect(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		   u8 *buf, size_t *len, u64 *index, u8 *scratch)
{
	if (class == SRTP_CLASS_RTP)
		return srtp_unprotect_rtp(st, key, buf, len, index, scratch);
	return srtp_unprotect_rtcp(st, key, buf, len, index, scratch);
}

/**
 * srtp_accept() - count an authentic packet in the replay window
 * @st: receive stream of the packet's SSRC, never a wildcard
 * @key: key that it authenticated with
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @index: what srtp_unprotect() found
 * @len: octets of the plain packet
 *
 * Return: 0, or why to drop it: enum srtp_a_stats
 */
int srtp_accept(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		u64 index, size_t len)
{
	struct srtp_track *t = class == SRTP_CLASS_RTP ? &st->srtp : &st->srtcp;
	int drop = srtp_refuse_seen(t, srtp_track_commit(t, index, len));

	if (!drop)
		srtp_key_count(key, class);
	return drop;
}
