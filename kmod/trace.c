// SPDX-License-Identifier: GPL-2.0
/*
 * Trace points: their code, and what only they need to know.
 */
#include <linux/udp.h>

#include "demux.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/**
 * srtp_trace_ssrc() - SSRC of a received packet, which need not be linear
 * @ctx: the socket that it came for
 * @skb: the packet, its UDP header in front
 *
 * Return: the SSRC, or 0 if it has none
 */
u32 srtp_trace_ssrc(const struct srtp_sock *ctx, const struct sk_buff *skb)
{
	size_t n = min_t(size_t, skb->len - sizeof(struct udphdr), SRTP_RTP_HEADER);
	u8 head[SRTP_RTP_HEADER] = {};
	enum srtp_class class;

	if (skb_copy_bits(skb, sizeof(struct udphdr), head, n))
		return 0;
	class = srtp_classify(READ_ONCE(ctx->role), head, n);
	return srtp_rtp_class(class) ? srtp_ssrc(class, head) : 0;
}
