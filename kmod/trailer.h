/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stands behind a protected packet, and where.
 */
#ifndef _SRTP_TRAILER_H
#define _SRTP_TRAILER_H

#include <linux/string.h>

#include "modifier.h"

#define SRTP_WORD_LEN	4	/* E flag and index of SRTCP, RFC 3711 3.4 */
#define SRTP_ROC_LEN	4	/* RFC 4771 section 2 */

#define SRTP_TAG_USUAL	10	/* HMAC-SHA1-80 */

/* Of any policy without an MKI. */
#define SRTP_TRAILER_USUAL	(SRTP_WORD_LEN + SRTP_MAC_LEN)

/**
 * struct srtp_trailer - where the parts of a trailer lie
 * @tag: octets from its beginning to the tag
 * @mki: the same to the MKI
 * @roc: the same to the ROC
 * @word: the same to E flag and index
 * @len: octets of all
 * @tag_len: octets of the tag
 * @has_roc: there is a ROC
 */
struct srtp_trailer {
	u16 tag;
	u16 mki;
	u16 roc;
	u16 word;
	u16 len;
	u8 tag_len;
	bool has_roc;
};

/* Whether the tag follows the ciphertext at once (RFC 7714 8.2 and 9.2). */
static inline bool srtp_tag_first(const struct srtp_policy *policy)
{
	return (policy->features & SRTP_F_AEAD) && !policy->suite->tag_last;
}

/* RFC 3711 3.1: MKI, tag; the ROC is part of the tag (RFC 4771 section 2). */
static inline void srtp_trailer_rtp(const struct srtp_policy *policy, u16 seq,
				    struct srtp_trailer *t)
{
	u16 roc_len;

	t->has_roc = unlikely(policy->rcc_rate) && seq % policy->rcc_rate == 0;
	t->tag_len = t->has_roc ? policy->roc_tag_len : policy->tag_len;
	roc_len = t->has_roc ? SRTP_ROC_LEN : 0;
	t->len = policy->mki_len + roc_len + t->tag_len;
	t->mki = srtp_tag_first(policy) ? t->tag_len : 0;
	t->roc = t->len - roc_len;
	t->tag = srtp_tag_first(policy) ? 0 : policy->mki_len;
	if (!(policy->features & SRTP_F_AEAD)) {
		t->roc = policy->mki_len;
		t->tag = t->roc + roc_len;
	}
}

/* The same without a ROC, of a MAC: writes it, and returns its octets. */
static inline size_t srtp_trailer_put(const struct srtp_policy *policy, u8 *trailer,
				      const u8 *mki, const u8 *mac)
{
	u8 *tag = trailer + policy->mki_len;

	if (unlikely(policy->mki_len))
		memcpy(trailer, mki, policy->mki_len);
	/* The usual length without a call. */
	if (likely(policy->tag_len == SRTP_TAG_USUAL))
		memcpy(tag, mac, SRTP_TAG_USUAL);
	else
		memcpy(tag, mac, policy->tag_len);
	return policy->mki_len + policy->tag_len;
}

/* RFC 3711 3.4: word, MKI, tag. */
static inline void srtp_trailer_rtcp(const struct srtp_policy *policy, struct srtp_trailer *t)
{
	t->has_roc = false;
	t->tag_len = policy->srtcp_tag_len;
	t->len = SRTP_WORD_LEN + policy->mki_len + t->tag_len;
	t->word = srtp_tag_first(policy) ? t->tag_len : 0;
	t->mki = t->word + SRTP_WORD_LEN;
	t->tag = srtp_tag_first(policy) ? 0 : t->mki + policy->mki_len;
}

#endif
