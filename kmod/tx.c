// SPDX-License-Identifier: GPL-2.0
/*
 * Sending on an attached socket.
 *
 * The message is copied once, segment by segment, into private memory with room
 * for the trailers; from then on nobody else can change it.  It is classified,
 * then protected in place, then handed to the kernel's own UDP.  An index is
 * taken only when nothing that can be checked beforehand is wrong.
 */
#include <net/udp.h>

#include "buffer.h"
#include "compat/compat.h"
#include "lifetime.h"
#include "packet.h"
#include "recent.h"
#include "session.h"
#include "trace.h"
#include "tx.h"

/* How often session keys, or a stream, may have gone again before they were used. */
#define SRTP_TX_TRIES	3

/*
 * Octets of a segment up to which it takes less to move it inside the kernel than to
 * go to the application for it.
 */
#define SRTP_TX_SMALL	256

/* Packets that are protected before softirqs get their turn. */
#define SRTP_TX_FEW	8

/* Segment size of a message: the control message counts, else the option. */
static int srtp_tx_gso(struct srtp_tx *tx, struct msghdr *msg)
{
	tx->gso = READ_ONCE(udp_sk(tx->sk)->gso_size);
	if (likely(!msg->msg_controllen))
		return 0;
	tx->asked = srtp_batch_find_cmsg(msg);
	if (!tx->asked)
		return 0;
	if (tx->asked->cmsg_len != CMSG_LEN(sizeof(u16)))
		return -EINVAL;
	tx->gso = *(u16 *)CMSG_DATA(tx->asked);
	return 0;
}

/* Whether UDP is to hear of segments from us. */
static bool srtp_tx_segmented(const struct srtp_tx *tx)
{
	return unlikely(tx->gso || tx->asked);
}

/* A cipher takes a segment that crosses pages in pieces, so few of them do. */
static size_t srtp_tx_room(const struct srtp_tx *tx)
{
	if (tx->stride > PAGE_SIZE)
		return tx->n * tx->stride;
	return DIV_ROUND_UP(tx->n, PAGE_SIZE / tx->stride) * PAGE_SIZE;
}

static u8 *srtp_tx_next(const struct srtp_tx *tx, u8 *data)
{
	data += tx->stride;
	if (offset_in_page(data) + tx->stride > PAGE_SIZE && tx->stride <= PAGE_SIZE)
		data = PTR_ALIGN(data, PAGE_SIZE);
	return data;
}

/* Segments first, as the memory begins on a page; then what describes them. */
static int srtp_tx_layout_segments(struct srtp_tx *tx, const struct msghdr *msg)
{
	size_t seg = tx->gso && tx->gso < tx->len ? tx->gso : tx->len;
	size_t room;

	tx->n = seg ? DIV_ROUND_UP(tx->len, seg) : 1;
	if (tx->n > UDP_MAX_SEGMENTS)
		return -EINVAL;
	tx->stride = ALIGN(seg + tx->trailer, sizeof(long));
	room = srtp_tx_room(tx);
	tx->mem = srtp_buffer_get(room + tx->n * sizeof(*tx->vec) +
				  srtp_batch_control_room(tx, msg), &tx->kept);
	if (!tx->mem)
		return -ENOBUFS;
	tx->vec = tx->mem + room;
	return 0;
}

static int srtp_tx_layout(struct srtp_tx *tx, const struct msghdr *msg)
{
	if (srtp_tx_segmented(tx))
		return srtp_tx_layout_segments(tx, msg);
	tx->n = 1;
	tx->vec = &tx->one;
	tx->mem = srtp_buffer_get(tx->len + tx->trailer, &tx->kept);
	return tx->mem ? 0 : -ENOBUFS;
}

/*
 * Not by copy_from_iter(), which looks up what object the memory is: it is ours,
 * and has room for what is copied.
 */
static int srtp_tx_copy_part(void *to, size_t len, struct iov_iter *from)
{
	return likely(_copy_from_iter(to, len, from) == len) ? 0 : -EFAULT;
}

/*
 * Each segment to its place, with room for its trailer.  Small ones come all at once to
 * the end of the room for all, and are moved from there in turn: none gets behind where
 * it is, as there is no less room from its place on than octets.
 */
static int srtp_tx_copy_segments(struct srtp_tx *tx, struct iov_iter *from)
{
	size_t left = tx->len, seg = tx->gso;
	bool small = seg <= SRTP_TX_SMALL;
	u8 *to = tx->mem, *end = (u8 *)tx->vec;
	int i, err = small ? srtp_tx_copy_part(end - left, left, from) : 0;

	for (i = 0; !err && i < tx->n; i++, to = srtp_tx_next(tx, to)) {
		seg = min(seg, left);
		tx->vec[i] = (struct kvec){ .iov_base = to, .iov_len = seg };
		if (small)
			memmove(to, end - left, seg);
		else
			err = srtp_tx_copy_part(to, seg, from);
		left -= seg;
	}
	return err;
}

static int srtp_tx_copy(struct srtp_tx *tx, struct iov_iter *from)
{
	if (unlikely(tx->n > 1))
		return srtp_tx_copy_segments(tx, from);
	*tx->vec = (struct kvec){ .iov_base = tx->mem, .iov_len = tx->len };
	return srtp_tx_copy_part(tx->mem, tx->len, from);
}

static int srtp_tx_header_ok(enum srtp_class class, const struct kvec *v)
{
	if (class == SRTP_CLASS_RTP)
		return srtp_rtp_header_len(v->iov_base, v->iov_len) >= 0;
	return class == SRTP_CLASS_OTHER || v->iov_len >= SRTP_RTCP_HEADER;
}

/* All segments are of one class, and all headers sound. */
static int srtp_tx_classify(struct srtp_tx *tx)
{
	u8 role = READ_ONCE(tx->ctx->role);
	int i;

	for (i = 0; i < tx->n; i++) {
		const struct kvec *v = &tx->vec[i];
		enum srtp_class class = srtp_classify(role, v->iov_base, v->iov_len);

		if (i && class != tx->class)
			return -EINVAL;
		tx->class = class;
		if (class == SRTP_CLASS_UNKNOWN ||
		    (class == SRTP_CLASS_OTHER &&
		     !READ_ONCE(tx->ctx->session->set.pass_non_rtp)))
			return -EPROTO;
		if (!srtp_tx_header_ok(class, v))
			return -EINVAL;
	}
	return 0;
}

/* A repeat is no second use of the key. */
static int srtp_tx_with_key(struct srtp_stream *st, enum srtp_class class, struct kvec *v,
			    bool *repeated)
{
	struct srtp_key *key = srtp_keys_to_send(st, class, v->iov_base);
	enum srtp_take how;
	int err;

	if (IS_ERR(key))
		return PTR_ERR(key);
	how = srtp_key_take(st->keys, key, class);
	if (how == SRTP_TAKE_NONE)
		return -EKEYEXPIRED;
	err = srtp_protect(st, key, class, v->iov_base, v->iov_len, repeated);
	srtp_key_taken(st->keys, key, class, how, err >= 0 && !*repeated);
	return err;
}

static int srtp_tx_protect_one(struct srtp_tx *tx, struct srtp_stream *st, struct kvec *v)
{
	bool repeated = false;
	int err = srtp_tx_with_key(st, tx->class, v, &repeated);

	if (err < 0)
		return err;
	tx->repeated += repeated;
	v->iov_len = err;
	return 0;
}

/* A stream with a longer trailer may have come after the segments were laid out. */
static struct srtp_stream *srtp_tx_stream(struct srtp_tx *tx, u32 ssrc)
{
	struct srtp_session *ss = tx->ctx->session;
	struct srtp_stream *st = srtp_recent_find(ss, SRTP_DIRECTION_TX, ssrc);

	tx->ssrc = ssrc;
	if (unlikely(!st))
		st = srtp_recent_lookup(ss, SRTP_DIRECTION_TX, ssrc, &tx->peer);
	if (unlikely(!st || st->key.wildcard))
		return ERR_PTR(-ENOENT);
	return likely(st->trailer <= tx->trailer) ? st : ERR_PTR(-ENOBUFS);
}

/* Softirqs wait for a few packets, and not for a whole batch. */
static int srtp_tx_protect_few(struct srtp_tx *tx, struct srtp_stream **st)
{
	int end = min(tx->n, tx->ready + SRTP_TX_FEW);
	int err = 0;

	local_bh_disable();
	for (; tx->ready < end; tx->ready++) {
		struct kvec *v = &tx->vec[tx->ready];
		u32 ssrc = srtp_ssrc(tx->class, v->iov_base);

		if (!*st || ssrc != tx->ssrc)
			*st = srtp_tx_stream(tx, ssrc);
		err = IS_ERR(*st) ? PTR_ERR(*st) : srtp_tx_protect_one(tx, *st, v);
		if (err)
			break;
	}
	local_bh_enable();
	return err;
}

/* As many segments as go without sleeping; most batches are of one stream. */
static int srtp_tx_protect_ready(struct srtp_tx *tx)
{
	struct srtp_stream *st = NULL;
	int err;

	rcu_read_lock();
	do {
		err = srtp_tx_protect_few(tx, &st);
	} while (unlikely(!err && tx->ready < tx->n));
	rcu_read_unlock();
	return err;
}

/* What the first packet of an SSRC or of session keys has to wait for. */
static int srtp_tx_wait(struct srtp_tx *tx, int err)
{
	if (err == -ENOENT)
		return srtp_stream_spawn(tx->ctx->session, SRTP_DIRECTION_TX, tx->ssrc,
					 &tx->peer, GFP_KERNEL);
	if (err != -EAGAIN)
		return err;
	srtp_kdr_wait();
	return 0;
}

static int srtp_tx_protect(struct srtp_tx *tx)
{
	int ready, err, tries = SRTP_TX_TRIES;

	if (tx->class == SRTP_CLASS_OTHER)
		return 0;
	do {
		ready = tx->ready;
		err = srtp_tx_protect_ready(tx);
		if (likely(!err))
			return 0;
		if (tx->ready != ready)
			tries = SRTP_TX_TRIES;
		if (!tries--)
			break;
		err = srtp_tx_wait(tx, err);
	} while (!err);
	return err == -ENOENT || err == -EAGAIN ? -ENOKEY : err;
}

static void srtp_tx_count_error(struct srtp_tx *tx, int err)
{
	static const struct {
		int err;
		int counter;
	} counters[] = {
		{ -EEXIST, SRTP_A_STATS_TX_INDEX_REUSED },
		{ -ENOKEY, SRTP_A_STATS_TX_NO_KEY },
		{ -EKEYEXPIRED, SRTP_A_STATS_TX_EXPIRED },
		{ -EPROTO, SRTP_A_STATS_TX_MALFORMED },
		{ -EINVAL, SRTP_A_STATS_TX_MALFORMED },
	};
	int i;

	trace_srtp_refuse(tx->ctx, tx->ssrc, tx->len, err);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		if (counters[i].err == err)
			srtp_count(tx->ctx, counters[i].counter, 1);
}

/* Plain octets of the segments that were sent. */
static size_t srtp_tx_sent_len(const struct srtp_tx *tx)
{
	return tx->sent < tx->n ? (size_t)tx->sent * tx->gso : tx->len;
}

static void srtp_tx_count(struct srtp_tx *tx)
{
	size_t len = srtp_tx_sent_len(tx);

	if (tx->class == SRTP_CLASS_RTP)
		srtp_count_packets(tx->ctx, SRTP_A_STATS_TX_SRTP_PACKETS, tx->sent, len);
	else if (tx->class == SRTP_CLASS_RTCP)
		srtp_count_packets(tx->ctx, SRTP_A_STATS_TX_SRTCP_PACKETS, tx->sent, len);
	else
		srtp_count(tx->ctx, SRTP_A_STATS_TX_PASSED, tx->sent);
	if (unlikely(tx->repeated))
		srtp_count(tx->ctx, SRTP_A_STATS_TX_REPEATED, tx->repeated);
}

static int srtp_tx_prepare(struct srtp_tx *tx, struct msghdr *msg)
{
	int err;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (!srtp_control_is_kernel(msg))
		return -EINVAL;
	err = srtp_tx_gso(tx, msg) ?: srtp_tx_layout(tx, msg) ?:
	      srtp_tx_copy(tx, &msg->msg_iter);
	if (err)
		return err;
	if (unlikely(READ_ONCE(tx->ctx->session->peer_kinds)))
		srtp_peer_of_message(tx->sk, msg, &tx->peer);
	/* Errors up to here are the caller's; from here they are counted. */
	err = srtp_tx_classify(tx) ?: srtp_tx_protect(tx);
	if (unlikely(err))
		srtp_tx_count_error(tx, err);
	else if (srtp_tx_segmented(tx))
		srtp_batch_control(tx, msg);
	return err;
}

/**
 * srtp_send_plain() - protect a message and send it
 * @sk: an attached socket, unlocked
 * @ctx: its context
 * @msg: the message; its iterator is advanced by what was sent
 * @len: its octets
 *
 * Return: octets sent, or a negative error.  Fewer than @len only of a
 * segmented message that took several sends: those of the segments that were
 * sent before one failed.
 */
int srtp_send_plain(struct sock *sk, struct srtp_sock *ctx, struct msghdr *msg, size_t len)
{
	struct srtp_tx tx = {
		.sk = sk, .ctx = ctx, .len = len,
		.trailer = READ_ONCE(ctx->session->trailer),
	};
	size_t sent = 0, before = iov_iter_count(&msg->msg_iter);
	int err;

	if (len > 0xffff)
		return -EMSGSIZE;
	err = srtp_tx_prepare(&tx, msg) ?: srtp_batch_send(&tx, msg);
	if (!err) {
		sent = srtp_tx_sent_len(&tx);
		srtp_tx_count(&tx);
	}
	if (unlikely(sent < len))
		iov_iter_revert(&msg->msg_iter, before - iov_iter_count(&msg->msg_iter) - sent);
	srtp_buffer_put(tx.mem, tx.kept);
	return err ?: sent;
}

/*
 * The octets were copied, so the pages are the application's again: tell it so
 * in the way that MSG_ZEROCOPY promises.
 */
static int srtp_send_zerocopy(struct sock *sk, struct srtp_sock *ctx, struct msghdr *msg,
			      size_t len)
{
	struct ubuf_info *uarg = srtp_zerocopy_alloc(sk, len);
	int err;

	if (!uarg)
		return -ENOBUFS;
	uarg_to_msgzc(uarg)->zerocopy = 0;
	err = srtp_send_plain(sk, ctx, msg, len);
	if (err < 0)
		net_zcopy_put_abort(uarg, true);
	else
		net_zcopy_put(uarg);
	return err;
}

/**
 * srtp_sendmsg() - sendmsg of an attached socket
 * @sk: the socket
 * @msg: the message
 * @len: its octets
 *
 * Return: as srtp_send_plain()
 */
int srtp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct srtp_sock *ctx = srtp_sock_get(sk);
	int err;

	if (!ctx) {
		/* Detached between the system call and here: a plain socket. */
		if (READ_ONCE(sk->sk_prot) == srtp_base_proto(sk))
			return srtp_base_proto(sk)->sendmsg(sk, msg, len);
		return -ENOKEY;
	}
	if (READ_ONCE(ctx->cork.on) || READ_ONCE(ctx->cork.pending) ||
	    (msg->msg_flags & SRTP_MSG_MORE))
		err = srtp_cork_send(sk, ctx, msg, len);
	else if ((msg->msg_flags & MSG_ZEROCOPY) && !msg->msg_ubuf && len &&
		 sock_flag(sk, SOCK_ZEROCOPY))
		err = srtp_send_zerocopy(sk, ctx, msg, len);
	else
		err = srtp_send_plain(sk, ctx, msg, len);
	srtp_sock_put(ctx);
	return err;
}
