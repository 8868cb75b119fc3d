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
		   u8 *buf, size_t *len, u64 *index, u8 *scratch);
bool srtp_unproven(const struct srtp_policy *policy, enum srtp_class class, u64 index);
int srtp_accept(struct srtp_stream *st, const struct srtp_key *key, enum srtp_class class,
		u64 index, size_t len);

/* rtp.c */
int srtp_seal_rtp(const struct srtp_policy *policy, const struct srtp_transform *tf,
		  u8 *buf, size_t len, u64 index, const u8 *mki, u8 mac[SRTP_MAC_LEN]);
int srtp_open_rtp(const struct srtp_policy *policy, const struct srtp_transform *tf,
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
bool srtp_cryptex_marked(const u8 *buf);
int srtp_cryptex_check(const struct srtp_policy *policy, u8 *buf);
bool srtp_cryptex_mark(u8 *buf, size_t *len);
bool srtp_cryptex_may_pass(const struct srtp_policy *policy, const u8 *buf);
size_t srtp_cryptex_gather(u8 *buf);
void srtp_cryptex_scatter(u8 *buf);
void srtp_cryptex_unmark(u8 *buf);

#endif
