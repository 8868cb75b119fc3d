/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_MODIFIER_H
#define _SRTP_MODIFIER_H

#include <linux/bitmap.h>
#include <net/netlink.h>

#include "suite.h"

/* What is special about a policy; the table of combinations speaks of these. */
enum srtp_feature {
	SRTP_F_AEAD		= 1 << 0,
	SRTP_F_NULL		= 1 << 1,	/* the suite's cipher */
	SRTP_F_F8		= 1 << 2,
	SRTP_F_MUST_AUTH	= 1 << 3,	/* the suite says so */
	SRTP_F_NO_ENCRYPTION	= 1 << 4,	/* of SRTP */
	SRTP_F_NO_RTCP_ENCRYPTION = 1 << 5,
	SRTP_F_NO_AUTH		= 1 << 6,	/* of SRTP */
	SRTP_F_KDR		= 1 << 7,
	SRTP_F_RCC_M1		= 1 << 8,
	SRTP_F_RCC_M2		= 1 << 9,
	SRTP_F_RCC_M3		= 1 << 10,
	SRTP_F_HDREXT		= 1 << 11,
	SRTP_F_CRYPTEX		= 1 << 12,
	SRTP_F_RTCP_ONLY	= 1 << 13,
	SRTP_F_WILDCARD		= 1 << 14,
	SRTP_F_RX		= 1 << 15,
	SRTP_F_RARE_ROC		= 1 << 16,	/* rcc-rate beyond half of SEQ */

	SRTP_F_RCC = SRTP_F_RCC_M1 | SRTP_F_RCC_M2 | SRTP_F_RCC_M3,
};

/**
 * struct srtp_policy - what a stream does to packets, fixed for its life
 * @suite: cipher suite
 * @features: enum srtp_feature, or'ed
 * @window: SRTP packets that may come late
 * @srtcp_window: SRTCP packets that may come late
 * @kdr_shift: log2 of the key derivation rate, if there is one
 * @mki_len: octets of the MKI in each packet
 * @cryptex: enum srtp_cryptex
 * @rcc_rate: packets with SEQ mod this = 0 carry the ROC; 0: none does
 * @tag_len: octets of the SRTP tag in a packet without a ROC
 * @roc_tag_len: the same in a packet with one, without the ROC
 * @srtcp_tag_len: octets of the SRTCP tag
 * @ext_ids: ids of header extension elements that are encrypted
 */
struct srtp_policy {
	const struct srtp_cipher_suite *suite;
	u32 features;
	u32 window;
	u32 srtcp_window;
	u8 kdr_shift;
	u8 mki_len;
	u8 cryptex;
	u16 rcc_rate;
	u8 tag_len;
	u8 roc_tag_len;
	u8 srtcp_tag_len;
	DECLARE_BITMAP(ext_ids, 256);
};

int srtp_policy_parse(struct srtp_policy *policy, u8 direction, bool wildcard,
		      struct nlattr **attrs, struct netlink_ext_ack *extack);
int srtp_policy_put(struct sk_buff *skb, const struct srtp_policy *policy);

#endif
