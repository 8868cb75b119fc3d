// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving on an attached socket: in softirq, in place, before the socket's
 * queue, so that poll wakes for good packets only.
 */
#include <linux/slab.h>
#include <net/udp.h>

#include "compat/compat.h"
#include "event.h"
#include "lifetime.h"
#include "packet.h"
#include "recent.h"
#include "session.h"
#include "sock.h"
#include "trace.h"

/* Payload of a packet whose UDP header is still in front. */
static u8 *srtp_payload(struct sk_buff *skb)
{
	return skb->data + sizeof(struct udphdr);
}

static size_t srtp_payload_len(const struct sk_buff *skb)
{
	return skb->len - sizeof(struct udphdr);
}

/*
 * The core counts a packet that we consume as delivered: take that back, and
 * count it as what it is.
 */
static int srtp_rx_drop(struct sock *sk, struct srtp_sock *ctx, struct sk_buff *skb, int why)
{
	bool v4 = skb->protocol == htons(ETH_P_IP);

	trace_srtp_drop(ctx, skb, why);
	srtp_count(ctx, why, 1);
	SNMP_INC_STATS(__UDPX_MIB(sk, v4), UDP_MIB_INERRORS);
	SNMP_DEC_STATS(__UDPX_MIB(sk, v4), UDP_MIB_INDATAGRAMS);
	if (why == SRTP_A_STATS_RX_BUFFER_FULL)
		SNMP_INC_STATS(__UDPX_MIB(sk, v4), UDP_MIB_RCVBUFERRORS);
	srtp_sk_drops_inc(sk);
	kfree_skb(skb);
	return 0;
}

/* An authentic packet of an SSRC that only the wildcard knew. */
static int srtp_rx_spawn(struct srtp_session *ss, struct srtp_stream **st, u32 ssrc,
			 const struct srtp_peer *peer, const struct srtp_key *key)
{
	int err;

	if (srtp_stream_own_ssrc(ss, ssrc, key)) {
		srtp_event_ssrc_collision(ss, *st, ssrc);
		return SRTP_A_STATS_RX_OWN_SSRC;
	}
	err = srtp_stream_spawn(ss, SRTP_DIRECTION_RX, ssrc, peer, GFP_ATOMIC);
	if (err == -ENOSPC)
		return SRTP_A_STATS_RX_SSRC_CAP;
	*st = err ? NULL : srtp_stream_lookup(ss, SRTP_DIRECTION_RX, ssrc, peer);
	return *st && !(*st)->key.wildcard ? 0 : SRTP_A_STATS_RX_NO_KEY;
}

/*
 * All trials but the last leave the packet as it was.  Keys of one stream differ
 * in whether a packet authenticates and in nothing else.
 */
static int srtp_rx_try(struct srtp_stream *st, struct srtp_trials *trials, enum srtp_class class,
		       u8 *buf, size_t *len, u64 *index)
{
	int drop;

	if (trials->n > 1) {
		drop = srtp_unprotect(st, trials->key[0], class, buf, len, index, true);
		if (drop != SRTP_A_STATS_RX_AUTH_FAILED && drop != SRTP_A_STATS_RX_NO_KEY)
			return drop;
		trials->key[0] = trials->key[1];
	}
	return srtp_unprotect(st, trials->key[0], class, buf, len, index, false);
}

/*
 * An authentic packet: it counts for its key, its stream and its window.
 * @peer: whom it is from; NULL if the stream is no wildcard
 */
static __always_inline int srtp_rx_accept(struct srtp_session *ss, struct srtp_stream *st,
					  const struct srtp_peer *peer, struct srtp_key *key,
					  enum srtp_class class, const u8 *buf, size_t len,
					  u64 index)
{
	struct srtp_keys *keys = st->keys;
	enum srtp_take how = srtp_key_take(keys, key, class);
	int drop = 0;

	if (how == SRTP_TAKE_NONE)
		return SRTP_A_STATS_RX_EXPIRED;
	if (peer && st->key.wildcard)
		drop = srtp_rx_spawn(ss, &st, srtp_ssrc(class, buf), peer, key);
	drop = drop ?: srtp_accept(st, key, class, index, len);
	srtp_key_taken(keys, key, class, how, !drop && !srtp_unproven(&st->policy, class, index));
	if (!drop && srtp_track_resynced(&st->srtp))
		srtp_event_roc_resync(ss, st);
	return drop;
}

/* A packet of any stream, tried with any keys; @st: its stream, if it is at hand. */
static noinline int srtp_rx_unprotect_any(struct srtp_session *ss, struct srtp_stream *st,
					  enum srtp_class class, struct sk_buff *skb, size_t *len)
{
	u8 *buf = srtp_payload(skb);
	u32 ssrc = srtp_ssrc(class, buf);
	struct srtp_trials trials;
	struct srtp_peer peer = {};
	u64 index;
	int drop;

	if (unlikely(READ_ONCE(ss->peer_kinds)))
		srtp_peer_of_packet(skb, &peer);
	if (!st)
		st = srtp_recent_lookup(ss, SRTP_DIRECTION_RX, ssrc, &peer);
	if (!st)
		return SRTP_A_STATS_RX_NO_KEY;
	drop = srtp_keys_to_receive(st, class, buf, *len, &trials);
	if (drop == SRTP_A_STATS_RX_MKI_UNKNOWN)
		srtp_event_mki_unknown(ss, st, ssrc);
	drop = drop ?: srtp_rx_try(st, &trials, class, buf, len, &index);
	return drop ?: srtp_rx_accept(ss, st, &peer, trials.key[0], class, buf, *len, index);
}

/* Most packets are of a stream that the CPU has at hand, which has one key. */
static int srtp_rx_unprotect(struct srtp_session *ss, enum srtp_class class, struct sk_buff *skb,
			     size_t *len)
{
	u8 *buf = srtp_payload(skb);
	struct srtp_stream *st = srtp_recent_find(ss, SRTP_DIRECTION_RX, srtp_ssrc(class, buf));
	struct srtp_key *key = st ? srtp_keys_only(st->keys) : NULL;
	u64 index;
	int drop;

	if (unlikely(!key))
		return srtp_rx_unprotect_any(ss, st, class, skb, len);
	drop = srtp_unprotect(st, key, class, buf, len, &index, false);
	return drop ?: srtp_rx_accept(ss, st, NULL, key, class, buf, *len, index);
}

static void srtp_rx_count(struct srtp_sock *ctx, enum srtp_class class, size_t len)
{
	bool rtp = class == SRTP_CLASS_RTP;

	srtp_count_packets(ctx, rtp ? SRTP_A_STATS_RX_SRTP_PACKETS : SRTP_A_STATS_RX_SRTCP_PACKETS,
			   1, len);
}

/* The UDP checksum was verified before; it does not fit the plain packet. */
static int srtp_rx_trim(struct sk_buff *skb, size_t len)
{
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_valid = 1;
	udp_hdr(skb)->len = htons(sizeof(struct udphdr) + len);
	return pskb_trim(skb, sizeof(struct udphdr) + len);
}

static int srtp_rx_rtp(struct sock *sk, struct srtp_sock *ctx, struct sk_buff *skb,
		       enum srtp_class class)
{
	size_t len = srtp_payload_len(skb);
	int drop;

	if (len < SRTP_RTP_HEADER)
		return srtp_rx_drop(sk, ctx, skb, SRTP_A_STATS_RX_MALFORMED);
	/* Others may hold a clone, and fragments may be a sender's file pages. */
	if (skb_linearize_cow(skb))
		return srtp_rx_drop(sk, ctx, skb, SRTP_A_STATS_RX_BUFFER_FULL);
	/* A packet without room must not count as received. */
	if (!srtp_rcvbuf_has_room(sk, skb))
		return srtp_rx_drop(sk, ctx, skb, SRTP_A_STATS_RX_BUFFER_FULL);
	drop = srtp_rx_unprotect(ctx->session, class, skb, &len);
	if (drop)
		return srtp_rx_drop(sk, ctx, skb, drop);
	if (srtp_rx_trim(skb, len))
		return srtp_rx_drop(sk, ctx, skb, SRTP_A_STATS_RX_BUFFER_FULL);
	srtp_rx_count(ctx, class, len);
	return 1;
}

/**
 * srtp_encap_rcv() - a packet for an attached socket
 * @sk: the socket
 * @skb: the packet, its UDP header in front and its checksum verified
 *
 * Runs in softirq, in an RCU read section.
 *
 * Return: 1 to deliver it, 0 if it is dropped
 */
int srtp_encap_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct srtp_sock *ctx = rcu_dereference_sk_user_data(sk);
	size_t n = min_t(size_t, skb->len, sizeof(struct udphdr) + 2);
	enum srtp_class class;

	if (!ctx)
		return 1;	/* detached meanwhile: a plain socket */
	if (READ_ONCE(ctx->session->dead))
		return srtp_rx_drop(sk, ctx, skb, SRTP_A_STATS_RX_NO_KEY);
	if (!pskb_may_pull(skb, n))
		return srtp_rx_drop(sk, ctx, skb, SRTP_A_STATS_RX_MALFORMED);
	class = srtp_classify(READ_ONCE(ctx->role), srtp_payload(skb), srtp_payload_len(skb));
	if (srtp_rtp_class(class))
		return srtp_rx_rtp(sk, ctx, skb, class);
	if (class == SRTP_CLASS_OTHER && READ_ONCE(ctx->session->set.pass_non_rtp)) {
		srtp_count(ctx, SRTP_A_STATS_RX_PASSED, 1);
		return 1;
	}
	return srtp_rx_drop(sk, ctx, skb, SRTP_A_STATS_RX_NOT_RTP);
}

/* Packets that stay in the queue: other protocols, where they are let through. */
static bool srtp_purge_keeps(const struct srtp_sock *ctx, const struct sk_buff *skb)
{
	u8 octet;

	if (!READ_ONCE(ctx->session->set.pass_non_rtp) || skb_copy_bits(skb, 0, &octet, 1))
		return false;
	return srtp_classify(SRTP_ROLE_RTP, &octet, 1) == SRTP_CLASS_OTHER;
}

static void srtp_purge_queue(struct sock *sk, struct sk_buff_head *queue,
			     struct sk_buff_head *out, const struct srtp_sock *ctx)
{
	struct sk_buff *skb, *next;

	skb_queue_walk_safe(queue, skb, next) {
		if (srtp_purge_keeps(ctx, skb))
			continue;
		__skb_unlink(skb, queue);
		__skb_queue_tail(out, skb);
	}
}

/**
 * srtp_purge() - drop what was queued before a socket was attached
 * @sk: the socket
 * @ctx: its context
 *
 * Those packets came unauthenticated.  With pass-non-rtp the other protocols
 * of RFC 7983 stay.
 */
void srtp_purge(struct sock *sk, struct srtp_sock *ctx)
{
	struct sk_buff_head *readers = &udp_sk(sk)->reader_queue;
	struct sk_buff_head out;
	struct sk_buff *skb;

	__skb_queue_head_init(&out);
	/* The order of the core: it refills the readers' queue from the other. */
	spin_lock_bh(&readers->lock);
	spin_lock(&sk->sk_receive_queue.lock);
	srtp_purge_queue(sk, readers, &out, ctx);
	srtp_purge_queue(sk, &sk->sk_receive_queue, &out, ctx);
	/* Their memory is the socket's; the next read gives back what is too much. */
	skb_queue_walk(&out, skb) {
		atomic_sub(skb->truesize, &sk->sk_rmem_alloc);
		sk_forward_alloc_add(sk, skb->truesize);
	}
	spin_unlock(&sk->sk_receive_queue.lock);
	spin_unlock_bh(&readers->lock);
	srtp_count(ctx, SRTP_A_STATS_RX_PURGED, skb_queue_len(&out));
	__skb_queue_purge(&out);
}
