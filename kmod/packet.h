/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_PACKET_H
#define _SRTP_PACKET_H

#include "demux.h"
#include "stream.h"
#include "trailer.h"

#define SRTP_EXT_HEADER	4	/* "defined by profile" and length, RFC 3550 5.3.1 */
#define SRTCP_E			0x80000000u	/* encrypted, RFC 3711 3.4 */

/* packet.c */
int srtp_trailer_len(const struct srtp_stream *st, enum srtp_class class);
int srtp_trailer_most(const struct srtp_policy *policy);
const u8 *srtp_packet_mki(const struct srtp_stream *st, enum srtp_class class,
			  const u8 *buf, size_t len);
int srtp_protect(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		 u8 *buf, size_t len, bool *repeated);
int srtp_unprotect(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		   u8 *buf, size_t *len, u64 *index, bool trial);
int srtp_accept_any(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		    u64 index, enum srtp_seen seen);

/* rtp.c */
int srtp_seal_rtp_any(const struct srtp_policy *policy, const struct srtp_transform *tf,
		      u8 *buf, size_t len, u64 index, const u8 *mki, u8 mac[SRTP_MAC_LEN]);
int srtp_open_rtp_any(const struct srtp_policy *policy, const struct srtp_transform *tf,
		      const struct srtp_trailer *t, u8 *buf, size_t len, u64 index);

/* rtcp.c */
int srtp_seal_rtcp(const struct srtp_policy *policy, const struct srtp_transform *tf,
		   u8 *buf, size_t len, u32 index, const u8 *mki);
int srtp_open_rtcp(const struct srtp_policy *policy, const struct srtp_transform *tf,
		   const struct srtp_trailer *t, u8 *buf, size_t len, u32 word);

/* hdrext.c */
int srtp_hdrext_check(u8 *buf);
int srtp_hdrext_crypt(const struct srtp_policy *policy, const struct srtp_transform *tf,
		      u8 *buf, u64 index);

/* cryptex.c */
bool srtp_cryptex_extension(const u8 *buf);
int srtp_cryptex_check(const struct srtp_policy *policy, u8 *buf);
bool srtp_cryptex_mark(u8 *buf, size_t *len);
bool srtp_cryptex_may_pass(const struct srtp_policy *policy, const u8 *buf);
size_t srtp_cryptex_gather(u8 *buf);
void srtp_cryptex_scatter(u8 *buf);
void srtp_cryptex_unmark(u8 *buf);

/**
 * srtp_cryptex_marked() - whether a packet says that it has cryptex
 * @buf: the packet; its header is sound
 */
static inline bool srtp_cryptex_marked(const u8 *buf)
{
	return unlikely(srtp_has_extension(buf)) && srtp_cryptex_extension(buf);
}

/*
 * Counter mode and a MAC of the whole packet, and a trailer of MKI and tag: what
 * most streams are.
 */
static inline bool srtp_rtp_usual(const struct srtp_policy *policy,
				  const struct srtp_transform *tf)
{
	return likely(tf->kind == SRTP_KIND_CTR &&
		      !(policy->features & (SRTP_F_NO_ENCRYPTION | SRTP_F_RCC | SRTP_F_HDREXT |
					    SRTP_F_CRYPTEX)));
}

/* The same with GCM: what is sent is the packet and the tag. */
static inline bool srtp_rtp_usual_gcm(const struct srtp_policy *policy,
				      const struct srtp_transform *tf)
{
	return tf->kind == SRTP_KIND_GCM && !policy->mki_len &&
	       !(policy->features & (SRTP_F_NO_ENCRYPTION | SRTP_F_RCC | SRTP_F_HDREXT |
				     SRTP_F_CRYPTEX));
}

/**
 * srtp_seal_rtp() - make an SRTP packet in place
 * @policy: policy of the stream
 * @tf: session keys
 * @buf: the packet, with room for its trailer, or a ROC, and an empty header
 *	extension
 * @len: its octets; its header is sound
 * @index: its 48-bit index
 * @mki: the MKI
 * @mac: result: what tells it from other packets of that index
 *
 * The MAC is made even where it is not sent.
 *
 * Return: octets of the packet; -EINVAL its header extension cannot be
 * encrypted; or an error of the crypto API
 */
static inline int srtp_seal_rtp(const struct srtp_policy *policy, const struct srtp_transform *tf,
				u8 *buf, size_t len, u64 index, const u8 *mki,
				u8 mac[SRTP_MAC_LEN])
{
	int err;

	if (srtp_rtp_usual_gcm(policy, tf)) {
		err = srtp_gcm_seal(tf, buf, srtp_rtp_header_len(buf, len), len, index, mac);
		return err ?: len + policy->tag_len;
	}
	if (!srtp_rtp_usual(policy, tf))
		return srtp_seal_rtp_any(policy, tf, buf, len, index, mki, mac);
	err = srtp_ctr_seal(tf, buf, srtp_rtp_header_len(buf, len), len, index, mac);
	return err ?: len + srtp_trailer_put(policy, buf + len, mki, mac);
}

/**
 * srtp_open_rtp() - check and decrypt an SRTP packet in place
 * @policy: policy of the stream
 * @tf: session keys
 * @t: its trailer, behind @len
 * @buf: the packet
 * @len: its octets without the trailer; its header is sound
 * @index: its 48-bit index
 *
 * What is not authentic stays as it is, but for an AEAD.
 *
 * Return: 0; -EBADMSG it is not authentic, or not encrypted as the policy
 * says; or an error of the crypto API
 */
static inline int srtp_open_rtp(const struct srtp_policy *policy, const struct srtp_transform *tf,
				const struct srtp_trailer *t, u8 *buf, size_t len, u64 index)
{
	if (srtp_rtp_usual_gcm(policy, tf) && !srtp_cryptex_marked(buf))
		return srtp_gcm_open(tf, buf, srtp_rtp_header_len(buf, len), len, index);
	if (!srtp_rtp_usual(policy, tf) || srtp_cryptex_marked(buf))
		return srtp_open_rtp_any(policy, tf, t, buf, len, index);
	return srtp_ctr_open(tf, buf, srtp_rtp_header_len(buf, len), len, index,
			     buf + len + t->tag, t->tag_len);
}

/**
 * srtp_unproven() - whether a packet that was let in proves nothing
 * @policy: policy of its stream
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @index: its index
 *
 * With RCCm1 that is each SRTP packet without a ROC (RFC 4771 section 2): it
 * must not move a window, and not make a key the active one.
 */
static inline bool srtp_unproven(const struct srtp_policy *policy, enum srtp_class class,
				 u64 index)
{
	return unlikely(policy->features & SRTP_F_RCC_M1) && class == SRTP_CLASS_RTP &&
	       (u16)index % policy->rcc_rate;
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
static __always_inline int srtp_accept(struct srtp_stream *st, const struct srtp_key *key,
				       enum srtp_class class, u64 index, size_t len)
{
	struct srtp_track *t = class == SRTP_CLASS_RTP ? &st->srtp : &st->srtcp;
	enum srtp_seen seen = SRTP_SEEN_NEW;

	if (srtp_unproven(&st->policy, class, index))
		srtp_track_count(t, len);
	else
		seen = srtp_track_commit(t, index, len);
	if (likely(seen == SRTP_SEEN_NEW && !key->kdr))
		return 0;
	return srtp_accept_any(st, key, class, index, seen);
}

#endif
