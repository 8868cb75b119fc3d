/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_DEMUX_H
#define _SRTP_DEMUX_H

#include <linux/types.h>

#include "../uapi/linux/srtp.h"
#include "compat/compat.h"

#define SRTP_RTP_HEADER		12	/* fixed header, RFC 3550 5.1 */
#define SRTP_RTCP_HEADER	8	/* what SRTCP leaves clear, RFC 3711 3.4 */

/* What the first octets of a datagram say that it is. */
enum srtp_class {
	SRTP_CLASS_RTP,
	SRTP_CLASS_RTCP,
	SRTP_CLASS_OTHER,	/* a named range of RFC 7983 section 7 */
	SRTP_CLASS_UNKNOWN,
};

enum srtp_class srtp_classify_other(const u8 *data, size_t len);
int srtp_rtp_long_header_len(const u8 *data, size_t len);

/**
 * srtp_classify() - what a datagram is
 * @role: enum srtp_role of its socket
 * @data: first octets, at least the smaller of 2 and @len
 * @len: octets of the datagram
 *
 * RTP and RTCP begin with 128 to 191 (RFC 7983 section 7).  On a muxed socket
 * packet types 192 to 223 are RTCP (RFC 5761 section 4).
 */
static inline enum srtp_class srtp_classify(u8 role, const u8 *data, size_t len)
{
	if (unlikely(!len || data[0] >> 6 != 2))
		return srtp_classify_other(data, len);
	if (role == SRTP_ROLE_RTCP)
		return SRTP_CLASS_RTCP;
	if (role == SRTP_ROLE_MUX && len > 1 && data[1] >> 5 == 192 >> 5)
		return SRTP_CLASS_RTCP;
	return SRTP_CLASS_RTP;
}

static inline bool srtp_has_extension(const u8 *rtp)
{
	return rtp[0] & 0x10;	/* X, RFC 3550 5.1 */
}

static inline size_t srtp_csrcs_len(const u8 *rtp)
{
	return 4 * (rtp[0] & 0x0f);	/* CC, RFC 3550 5.1 */
}

/**
 * srtp_rtp_header_len() - octets of an RTP header with CSRCs and extension
 * @data: the packet
 * @len: its octets
 *
 * RFC 3550 5.1, 5.3.1.
 *
 * Return: the length, or -EINVAL if the packet ends inside it
 */
static inline int srtp_rtp_header_len(const u8 *data, size_t len)
{
	if (likely(len >= SRTP_RTP_HEADER && !(data[0] & 0x1f)))
		return SRTP_RTP_HEADER;
	return srtp_rtp_long_header_len(data, len);
}

static inline bool srtp_rtp_class(enum srtp_class class)
{
	return class == SRTP_CLASS_RTP || class == SRTP_CLASS_RTCP;
}

static inline u16 srtp_rtp_seq(const u8 *data)
{
	return get_unaligned_be16(data + 2);
}

/* SSRC of RTP, or of the sender of the first packet of RTCP. */
static inline u32 srtp_ssrc(enum srtp_class class, const u8 *data)
{
	return get_unaligned_be32(data + (class == SRTP_CLASS_RTP ? 8 : 4));
}

#endif
