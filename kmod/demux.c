// SPDX-License-Identifier: GPL-2.0
/*
 * Telling protocols apart by the first octets of a datagram.
 */
#include "demux.h"

struct srtp_range {
	u8 first;
	u8 last;
	enum srtp_class class;
};

/* RFC 7983 section 7 without RTP; 4 to 15, 80 to 127 and 192 to 255 have no name. */
static const struct srtp_range srtp_first_octets[] = {
	{ 0, 3, SRTP_CLASS_OTHER },	/* STUN */
	{ 16, 19, SRTP_CLASS_OTHER },	/* ZRTP */
	{ 20, 63, SRTP_CLASS_OTHER },	/* DTLS */
	{ 64, 79, SRTP_CLASS_OTHER },	/* TURN channel */
};

static enum srtp_class srtp_class_of(u8 octet)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(srtp_first_octets); i++)
		if (octet >= srtp_first_octets[i].first && octet <= srtp_first_octets[i].last)
			return srtp_first_octets[i].class;
	return SRTP_CLASS_UNKNOWN;
}

/**
 * srtp_classify_other() - what a datagram is that is neither RTP nor RTCP
 * @data: its first octet
 * @len: octets of the datagram
 */
enum srtp_class srtp_classify_other(const u8 *data, size_t len)
{
	return len ? srtp_class_of(data[0]) : SRTP_CLASS_UNKNOWN;
}

/**
 * srtp_rtp_long_header_len() - srtp_rtp_header_len() of any packet
 * @data: the packet
 * @len: its octets
 *
 * Return: the length, or -EINVAL if the packet ends inside it
 */
int srtp_rtp_long_header_len(const u8 *data, size_t len)
{
	size_t n;

	if (len < SRTP_RTP_HEADER)
		return -EINVAL;
	n = SRTP_RTP_HEADER + srtp_csrcs_len(data);
	if (srtp_has_extension(data)) {
		if (len < n + 4)
			return -EINVAL;
		n += 4 + 4 * get_unaligned_be16(data + n + 2);
	}
	return n <= len ? n : -EINVAL;
}
