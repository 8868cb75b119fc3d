/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace points.  They tell numbers and reasons, never octets of keys or packets.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM srtp

#if !defined(_SRTP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SRTP_TRACE_H

#include <linux/tracepoint.h>

#include "../uapi/linux/srtp.h"
#include "session.h"
#include "sock.h"

#ifndef _SRTP_TRACE_SSRC
#define _SRTP_TRACE_SSRC
u32 srtp_trace_ssrc(const struct srtp_sock *ctx, const struct sk_buff *skb);
#endif

#define srtp_show_drop(reason) __print_symbolic(reason,				\
	{ SRTP_A_STATS_RX_AUTH_FAILED,	"rx-auth-failed" },			\
	{ SRTP_A_STATS_RX_REPLAYED,	"rx-replayed" },			\
	{ SRTP_A_STATS_RX_TOO_OLD,	"rx-too-old" },				\
	{ SRTP_A_STATS_RX_MKI_UNKNOWN,	"rx-mki-unknown" },			\
	{ SRTP_A_STATS_RX_NO_KEY,	"rx-no-key" },				\
	{ SRTP_A_STATS_RX_EXPIRED,	"rx-expired" },				\
	{ SRTP_A_STATS_RX_MALFORMED,	"rx-malformed" },			\
	{ SRTP_A_STATS_RX_NOT_RTP,	"rx-not-rtp" },				\
	{ SRTP_A_STATS_RX_SSRC_CAP,	"rx-ssrc-cap" },			\
	{ SRTP_A_STATS_RX_OWN_SSRC,	"rx-own-ssrc" },			\
	{ SRTP_A_STATS_RX_BUFFER_FULL,	"rx-buffer-full" })

#define srtp_show_event(type) __print_symbolic(type,				\
	{ SRTP_EVENT_KEY_SOFT_LIMIT,	"key-soft-limit" },			\
	{ SRTP_EVENT_KEY_HARD_LIMIT,	"key-hard-limit" },			\
	{ SRTP_EVENT_KEY_EXPIRED,	"key-expired" },			\
	{ SRTP_EVENT_MKI_UNKNOWN,	"mki-unknown" },			\
	{ SRTP_EVENT_SSRC_NEW,		"ssrc-new" },				\
	{ SRTP_EVENT_SSRC_COLLISION,	"ssrc-collision" },			\
	{ SRTP_EVENT_ROC_RESYNC,	"roc-resync" },				\
	{ SRTP_EVENT_SESSION_CLOSED,	"session-closed" })

#define srtp_show_key(what) __print_symbolic(what,				\
	{ SRTP_CMD_KEY_NEW,		"new" },				\
	{ SRTP_CMD_KEY_SET,		"set" },				\
	{ SRTP_CMD_KEY_DEL,		"del" })

/* A received packet that is not delivered. */
TRACE_EVENT(srtp_drop,
	TP_PROTO(const struct srtp_sock *ctx, const struct sk_buff *skb, int reason),
	TP_ARGS(ctx, skb, reason),
	TP_STRUCT__entry(
		__field(u32, session)
		__field(u32, socket)
		__field(u32, ssrc)
		__field(u32, len)
		__field(int, reason)
	),
	TP_fast_assign(
		__entry->session = ctx->session->id;
		__entry->socket = ctx->number;
		__entry->ssrc = srtp_trace_ssrc(ctx, skb);
		__entry->len = skb->len - sizeof(struct udphdr);
		__entry->reason = reason;
	),
	TP_printk("session=%u socket=%u ssrc=%#010x len=%u reason=%s",
		  __entry->session, __entry->socket, __entry->ssrc, __entry->len,
		  srtp_show_drop(__entry->reason))
);

/* A message that is not sent. */
TRACE_EVENT(srtp_refuse,
	TP_PROTO(const struct srtp_sock *ctx, u32 ssrc, u32 len, int err),
	TP_ARGS(ctx, ssrc, len, err),
	TP_STRUCT__entry(
		__field(u32, session)
		__field(u32, socket)
		__field(u32, ssrc)
		__field(u32, len)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->session = ctx->session->id;
		__entry->socket = ctx->number;
		__entry->ssrc = ssrc;
		__entry->len = len;
		__entry->err = err;
	),
	TP_printk("session=%u socket=%u ssrc=%#010x len=%u err=%d",
		  __entry->session, __entry->socket, __entry->ssrc, __entry->len, __entry->err)
);

/* An event, whether anybody listens on the multicast group or not. */
TRACE_EVENT(srtp_event,
	TP_PROTO(const struct srtp_session *ss, u32 type, u32 seq, u32 stream, u32 ssrc),
	TP_ARGS(ss, type, seq, stream, ssrc),
	TP_STRUCT__entry(
		__field(u32, session)
		__field(u32, type)
		__field(u32, seq)
		__field(u32, stream)
		__field(u32, ssrc)
	),
	TP_fast_assign(
		__entry->session = ss->id;
		__entry->type = type;
		__entry->seq = seq;
		__entry->stream = stream;
		__entry->ssrc = ssrc;
	),
	TP_printk("session=%u stream=%u ssrc=%#010x type=%s seq=%u",
		  __entry->session, __entry->stream, __entry->ssrc,
		  srtp_show_event(__entry->type), __entry->seq)
);

/* A key that somebody installed, changed or removed. */
TRACE_EVENT(srtp_key,
	TP_PROTO(const struct srtp_session *ss, u32 stream, u32 key, int what),
	TP_ARGS(ss, stream, key, what),
	TP_STRUCT__entry(
		__field(u32, session)
		__field(u32, stream)
		__field(u32, key)
		__field(int, what)
	),
	TP_fast_assign(
		__entry->session = ss->id;
		__entry->stream = stream;
		__entry->key = key;
		__entry->what = what;
	),
	TP_printk("session=%u stream=%u key=%u %s",
		  __entry->session, __entry->stream, __entry->key,
		  srtp_show_key(__entry->what))
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
