// SPDX-License-Identifier: GPL-2.0
/*
 * Encryption of whole header extensions and of the CSRCs (RFC 9335).
 *
 * CSRCs, extension and payload are encrypted as one, without the four octets
 * that begin the extension.  So that they lie together, those four change
 * places with the CSRCs while a cipher works.
 */
#include <linux/string.h>

#include "packet.h"

/* Values of "defined by profile", in clear and with cryptex. */
static const struct {
	u16 clear;
	u16 marked;
} srtp_profiles[] = {
	{ 0xbede, 0xc0de },	/* one-byte headers, RFC 8285 4.2 */
	{ 0x1000, 0xc2de },	/* two-byte headers, RFC 8285 4.3 */
};

static u8 *srtp_extension(u8 *buf)
{
	return buf + SRTP_RTP_HEADER + srtp_csrcs_len(buf);
}

/**
 * srtp_cryptex_extension() - srtp_cryptex_marked() where there is an extension
 * @buf: the packet; its header is sound
 */
bool srtp_cryptex_extension(const u8 *buf)
{
	u16 profile = get_unaligned_be16(buf + SRTP_RTP_HEADER + srtp_csrcs_len(buf));
	int i;

	for (i = 0; i < ARRAY_SIZE(srtp_profiles); i++)
		if (profile == srtp_profiles[i].marked)
			return true;
	return false;
}

/**
 * srtp_cryptex_may_pass() - whether a received packet is as the policy says
 * @policy: policy of the stream
 * @buf: the packet; its header is sound
 */
bool srtp_cryptex_may_pass(const struct srtp_policy *policy, const u8 *buf)
{
	if (srtp_cryptex_marked(buf))
		return policy->cryptex != SRTP_CRYPTEX_OFF;
	return policy->cryptex != SRTP_CRYPTEX_REQUIRED ||
	       (!srtp_has_extension(buf) && !srtp_csrcs_len(buf));
}

/* CSRCs are encrypted with an extension only: add an empty one. */
static void srtp_cryptex_add_extension(u8 *buf, size_t *len)
{
	u8 *ext = srtp_extension(buf);

	memmove(ext + SRTP_EXT_HEADER, ext, buf + *len - ext);
	put_unaligned_be16(srtp_profiles[0].clear, ext);
	put_unaligned_be16(0, ext + 2);
	buf[0] |= 0x10;
	*len += SRTP_EXT_HEADER;
}

/* The row of an extension in clear; or -1, it is of another form. */
static int srtp_cryptex_row(const u8 *ext)
{
	u16 profile = get_unaligned_be16(ext);
	int i;

	for (i = 0; i < ARRAY_SIZE(srtp_profiles); i++)
		if (profile == srtp_profiles[i].clear)
			return i;
	return -1;
}

/**
 * srtp_cryptex_check() - whether a packet can be sent as the policy says
 * @policy: policy of the stream
 * @buf: the packet, not marked; its header is sound
 *
 * Return: 0; -EINVAL cryptex is required, and the extension of another form
 */
int srtp_cryptex_check(const struct srtp_policy *policy, u8 *buf)
{
	if (policy->cryptex != SRTP_CRYPTEX_REQUIRED || !srtp_has_extension(buf))
		return 0;
	return srtp_cryptex_row(srtp_extension(buf)) < 0 ? -EINVAL : 0;
}

/**
 * srtp_cryptex_mark() - prepare a packet to be sent with cryptex
 * @buf: the packet, with room for an empty extension; its header is sound
 * @len: its octets
 *
 * Return: whether it has something to encrypt, in a form that is known
 */
bool srtp_cryptex_mark(u8 *buf, size_t *len)
{
	u8 *ext = srtp_extension(buf);
	int row;

	if (!srtp_has_extension(buf) && !srtp_csrcs_len(buf))
		return false;
	if (!srtp_has_extension(buf))
		srtp_cryptex_add_extension(buf, len);
	row = srtp_cryptex_row(ext);
	if (row >= 0)
		put_unaligned_be16(srtp_profiles[row].marked, ext);
	return row >= 0;
}

/**
 * srtp_cryptex_unmark() - make a decrypted packet what it was before
 * @buf: the packet, marked
 */
void srtp_cryptex_unmark(u8 *buf)
{
	u8 *ext = srtp_extension(buf);
	u16 profile = get_unaligned_be16(ext);
	int i;

	for (i = 0; i < ARRAY_SIZE(srtp_profiles); i++)
		if (profile == srtp_profiles[i].marked)
			put_unaligned_be16(srtp_profiles[i].clear, ext);
}

/**
 * srtp_cryptex_gather() - bring together what is encrypted
 * @buf: the packet, marked
 *
 * Return: octets before that
 */
size_t srtp_cryptex_gather(u8 *buf)
{
	u8 *csrcs = buf + SRTP_RTP_HEADER;
	u32 first = get_unaligned((u32 *)srtp_extension(buf));

	memmove(csrcs + SRTP_EXT_HEADER, csrcs, srtp_csrcs_len(buf));
	put_unaligned(first, (u32 *)csrcs);
	return SRTP_RTP_HEADER + SRTP_EXT_HEADER;
}

/**
 * srtp_cryptex_scatter() - undo srtp_cryptex_gather()
 * @buf: the packet
 */
void srtp_cryptex_scatter(u8 *buf)
{
	u8 *csrcs = buf + SRTP_RTP_HEADER;
	u32 first = get_unaligned((u32 *)csrcs);

	memmove(csrcs, csrcs + SRTP_EXT_HEADER, srtp_csrcs_len(buf));
	put_unaligned(first, (u32 *)srtp_extension(buf));
}
