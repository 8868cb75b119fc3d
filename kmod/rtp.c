// SPDX-License-Identifier: GPL-2.0
/*
 * Sealing and opening one SRTP packet under given keys and index (RFC 3711 3.1
 * and 3.3, RFC 7714 section 8).
 */
#include <crypto/algapi.h>

#include "packet.h"

/* RFC 7714 8.2: what stays clear is authenticated, the rest encrypted. */
static int srtp_rtp_aead(const struct srtp_transform *tf, bool seal, u8 *buf, size_t clear,
			 size_t len, u64 index, u8 *tag)
{
	const struct srtp_aead_parts parts = {
		.head = buf, .head_len = clear, .text = buf + clear, .len = len - clear,
		.tag = tag,
	};

	return srtp_aead(tf, seal, srtp_ssrc(SRTP_CLASS_RTP, buf), index, &parts);
}

static int srtp_rtp_crypt(const struct srtp_policy *policy, const struct srtp_transform *tf,
			  u8 *buf, size_t clear, size_t len, u64 index)
{
	if (policy->features & SRTP_F_NO_ENCRYPTION)
		return 0;
	return srtp_crypt_rtp(tf, buf, index, buf + clear, len - clear);
}

/* Encrypts header extensions; how much of the packet stays clear, or an error. */
static int srtp_seal_header(const struct srtp_policy *policy, const struct srtp_transform *tf,
			    u8 *buf, size_t *len, u64 index, bool *gathered)
{
	int err = 0;

	if (policy->features & SRTP_F_HDREXT)
		err = srtp_hdrext_crypt(policy, tf, buf, index);
	else
		*gathered = srtp_cryptex_mark(buf, len);
	if (err)
		return err;
	return *gathered ? srtp_cryptex_gather(buf) : srtp_rtp_header_len(buf, *len);
}

static void srtp_put_trailer(const struct srtp_policy *policy, const struct srtp_trailer *t,
			     u8 *trailer, u64 index, const u8 *mki)
{
	if (policy->mki_len)
		memcpy(trailer + t->mki, mki, policy->mki_len);
	if (t->has_roc)
		put_unaligned_be32(index >> 16, trailer + t->roc);
}

/**
 * srtp_seal_rtp_any() - srtp_seal_rtp() of any policy
 * @policy: policy of the stream
 * @tf: session keys
 * @buf: the packet, with room for its trailer, or a ROC, and an empty header
 *	extension
 * @len: its octets; its header is sound
 * @index: its 48-bit index
 * @mki: the MKI
 * @mac: result: what tells it from other packets of that index
 *
 * Return: as srtp_seal_rtp()
 */
int srtp_seal_rtp_any(const struct srtp_policy *policy, const struct srtp_transform *tf,
		      u8 *buf, size_t len, u64 index, const u8 *mki, u8 mac[SRTP_MAC_LEN])
{
	int err, clear = srtp_rtp_header_len(buf, len);
	bool gathered = false;
	struct srtp_trailer t;
	u8 *tag;

	srtp_trailer_rtp(policy, index, &t);
	if (unlikely(policy->features & (SRTP_F_HDREXT | SRTP_F_CRYPTEX)))
		clear = srtp_seal_header(policy, tf, buf, &len, index, &gathered);
	if (clear < 0)
		return clear;
	tag = buf + len + t.tag;
	if (tf->aead)
		err = srtp_rtp_aead(tf, true, buf, clear, len, index, tag);
	else
		err = srtp_rtp_crypt(policy, tf, buf, clear, len, index);
	if (unlikely(gathered))
		srtp_cryptex_scatter(buf);
	if (tf->aead) {
		memset(mac, 0, SRTP_MAC_LEN);
		memcpy(mac, tag, t.tag_len);
	} else {
		err = err ?: srtp_mac_rtp(tf, buf, len, index, mac);
		memcpy(tag, mac, t.tag_len);
	}
	srtp_put_trailer(policy, &t, buf + len, index, mki);
	return err ?: len + t.len;
}

static int srtp_open_header(const struct srtp_policy *policy, const struct srtp_transform *tf,
			    u8 *buf, u64 index, bool gathered)
{
	if (gathered) {
		srtp_cryptex_scatter(buf);
		srtp_cryptex_unmark(buf);
	}
	return policy->features & SRTP_F_HDREXT ? srtp_hdrext_crypt(policy, tf, buf, index) : 0;
}

/**
 * srtp_open_rtp_any() - srtp_open_rtp() of any policy
 * @policy: policy of the stream
 * @tf: session keys
 * @t: its trailer, behind @len
 * @buf: the packet
 * @len: its octets without the trailer; its header is sound
 * @index: its 48-bit index
 *
 * Return: as srtp_open_rtp()
 */
int srtp_open_rtp_any(const struct srtp_policy *policy, const struct srtp_transform *tf,
		      const struct srtp_trailer *t, u8 *buf, size_t len, u64 index)
{
	int err, clear = srtp_rtp_header_len(buf, len);
	u8 mac[SRTP_MAC_LEN], *tag = buf + len + t->tag;
	bool gathered;

	if (!tf->aead && t->tag_len) {
		err = srtp_mac_rtp(tf, buf, len, index, mac);
		if (err || crypto_memneq(mac, tag, t->tag_len))
			return err ?: -EBADMSG;
	}
	if (!srtp_cryptex_may_pass(policy, buf))
		return -EBADMSG;
	gathered = unlikely(policy->cryptex) && srtp_cryptex_marked(buf);
	if (unlikely(gathered))
		clear = srtp_cryptex_gather(buf);
	err = tf->aead ? srtp_rtp_aead(tf, false, buf, clear, len, index, tag) :
			 srtp_rtp_crypt(policy, tf, buf, clear, len, index);
	if (err || likely(!(policy->features & (SRTP_F_HDREXT | SRTP_F_CRYPTEX))))
		return err;
	return srtp_open_header(policy, tf, buf, index, gathered);
}
