/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_PACKET_H
#define _SRTP_PACKET_H

#include "demux.h"
#include "stream.h"

#define SRTP_TRAILER_MAX	(4 + 20)	/* E || index, tag */
#define SRTCP_E			0x80000000u	/* encrypted, RFC 3711 3.4 */

int srtp_trailer_len(const struct srtp_stream *st, enum srtp_class class);
int srtp_protect(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		 u8 *buf, size_t len, bool *repeated);
int srtp_unprotect(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		   u8 *buf, size_t *len, u64 *index, u8 *scratch);
int srtp_accept(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		u64 index, size_t len);

#endif
