// SPDX-License-Identifier: GPL-2.0
/*
 * Sealing and opening one SRTCP packet under given keys and index (RFC 3711
 * 3.4, RFC 7714 section 9).
 */
#include <crypto/algapi.h>

#include "packet.h"

/*
 * RFC 7714 9.2 and 9.3: what stays clear is authenticated, then the word with E
 * flag and index.
 */
static int srtp_rtcp_aead(const struct srtp_transform *tf, bool seal, u8 *buf, size_t len,
			  u32 word, u8 *tag)
{
	size_t clear = word & SRTCP_E ? SRTP_RTCP_HEADER : len;
	const struct srtp_aead_parts parts = {
		.head = buf, .head_len = clear, .word = &word,
		.text = buf + clear, .len = len - clear, .tag = tag,
	};

	return srtp_aead(tf, seal, srtp_ssrc(SRTP_CLASS_RTCP, buf), word & ~SRTCP_E, &parts);
}

static int srtp_rtcp_crypt(const struct srtp_transform *tf, u8 *buf, size_t len, u32 word)
{
	if (!(word & SRTCP_E))
		return 0;
	return srtp_crypt_rtcp(tf, buf, word, buf + SRTP_RTCP_HEADER, len - SRTP_RTCP_HEADER);
}

/**
 * srtp_seal_rtcp() - make an SRTCP packet in place
 * @policy: policy of the stream
 * @tf: session keys
 * @buf: the packet, with room for its trailer
 * @len: its octets, at least SRTP_RTCP_HEADER
 * @index: its 31-bit index
 * @mki: the MKI
 *
 * Return: octets of the packet, or an error of the crypto API
 */
int srtp_seal_rtcp(const struct srtp_policy *policy, const struct srtp_transform *tf,
		   u8 *buf, size_t len, u32 index, const u8 *mki)
{
	bool clear = policy->features & (SRTP_F_NULL | SRTP_F_NO_RTCP_ENCRYPTION);
	u32 word = index | (clear ? 0 : SRTCP_E);
	struct srtp_trailer t;
	u8 mac[SRTP_MAC_LEN];
	int err;

	srtp_trailer_rtcp(policy, &t);
	put_unaligned_be32(word, buf + len + t.word);
	if (policy->mki_len)
		memcpy(buf + len + t.mki, mki, policy->mki_len);
	if (tf->aead)
		return srtp_rtcp_aead(tf, true, buf, len, word, buf + len + t.tag) ?:
		       len + t.len;
	err = srtp_rtcp_crypt(tf, buf, len, word) ?:
	      srtp_mac(tf, buf, len + SRTP_WORD_LEN, mac);
	if (err)
		return err;
	memcpy(buf + len + t.tag, mac, t.tag_len);
	return len + t.len;
}

/**
 * srtp_open_rtcp() - check and decrypt an SRTCP packet in place
 * @policy: policy of the stream
 * @tf: session keys
 * @t: its trailer, behind @len
 * @buf: the packet
 * @len: its octets without the trailer
 * @word: E flag and index
 *
 * What is not authentic stays as it is, but for an AEAD.
 *
 * Return: 0; -EBADMSG it is not authentic; or an error of the crypto API
 */
int srtp_open_rtcp(const struct srtp_policy *policy, const struct srtp_transform *tf,
		   const struct srtp_trailer *t, u8 *buf, size_t len, u32 word)
{
	u8 mac[SRTP_MAC_LEN], *tag = buf + len + t->tag;
	int err;

	if (tf->aead)
		return srtp_rtcp_aead(tf, false, buf, len, word, tag);
	err = srtp_mac(tf, buf, len + SRTP_WORD_LEN, mac);
	if (err || crypto_memneq(mac, tag, t->tag_len))
		return err ?: -EBADMSG;
	return srtp_rtcp_crypt(tf, buf, len, word);
}
