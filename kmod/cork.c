// SPDX-License-Identifier: GPL-2.0
/*
 * UDP_CORK, MSG_MORE, sendfile and splice on an attached socket.
 *
 * The pieces of a datagram are gathered here and not in the kernel's UDP, which
 * never learns of the cork: it would hold them in clear.  The datagram is
 * protected when its last piece has come.
 */
#include <linux/bvec.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/udp.h>

#include "compat/compat.h"
#include "sock.h"
#include "tx.h"

/**
 * srtp_cork_free() - forget a datagram that is being put together
 * @cork: where it is
 */
void srtp_cork_free(struct srtp_cork *cork)
{
	kfree(cork->control);
	kvfree(cork->data);
	cork->control = NULL;
	cork->data = NULL;
	cork->controllen = 0;
	cork->len = 0;
	WRITE_ONCE(cork->pending, false);
}

/* As with the kernel's UDP the first piece says where to and how. */
static int srtp_cork_begin(struct srtp_cork *cork, const struct msghdr *msg)
{
	if (!srtp_control_is_kernel(msg) || msg->msg_namelen > sizeof(cork->name))
		return -EINVAL;
	cork->data = kvmalloc(SRTP_CORK_MAX, GFP_KERNEL_ACCOUNT);
	if (!cork->data)
		return -ENOBUFS;
	cork->namelen = msg->msg_name ? msg->msg_namelen : 0;
	memcpy(&cork->name, msg->msg_name, cork->namelen);
	if (msg->msg_controllen) {
		cork->control = kmemdup(msg->msg_control, msg->msg_controllen,
					GFP_KERNEL_ACCOUNT);
		if (!cork->control)
			return -ENOBUFS;
		cork->controllen = msg->msg_controllen;
	}
	WRITE_ONCE(cork->pending, true);
	return 0;
}

static int srtp_cork_append(struct srtp_cork *cork, struct msghdr *msg, size_t len)
{
	int err = 0;

	if (!cork->pending)
		err = srtp_cork_begin(cork, msg);
	if (!err && len > SRTP_CORK_MAX - cork->len)
		err = -EMSGSIZE;
	if (!err && !copy_from_iter_full(cork->data + cork->len, len, &msg->msg_iter))
		err = -EFAULT;
	if (err)
		srtp_cork_free(cork);
	else
		cork->len += len;
	return err;
}

/* Takes the datagram out, so that it can be sent without the socket lock. */
static struct srtp_cork srtp_cork_take(struct srtp_cork *cork)
{
	struct srtp_cork taken = *cork;

	cork->data = NULL;
	cork->control = NULL;
	srtp_cork_free(cork);
	return taken;
}

static int srtp_cork_flush(struct sock *sk, struct srtp_sock *ctx, struct srtp_cork *taken,
			   unsigned int flags)
{
	struct kvec vec = { .iov_base = taken->data, .iov_len = taken->len };
	struct msghdr msg = {
		.msg_name = taken->namelen ? &taken->name : NULL,
		.msg_namelen = taken->namelen,
		.msg_control = taken->control,
		.msg_controllen = taken->controllen,
		.msg_flags = flags & ~SRTP_MSG_OUTER,
	};
	int err;

	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, taken->len);
	err = srtp_send_plain(sk, ctx, &msg, taken->len);
	/* Its pieces were accepted one by one: no length tells which got lost. */
	if (err >= 0 && err < taken->len)
		err = -ENOBUFS;
	srtp_cork_free(taken);
	return err;
}

/**
 * srtp_cork_send() - a piece of a datagram, perhaps the last
 * @sk: an attached socket, unlocked
 * @ctx: its context
 * @msg: the piece
 * @len: its octets
 *
 * Return: @len or a negative error; after an error the datagram is forgotten
 */
int srtp_cork_send(struct sock *sk, struct srtp_sock *ctx, struct msghdr *msg, size_t len)
{
	struct srtp_cork *cork = &ctx->cork;
	struct srtp_cork taken = {};
	int err;

	lock_sock(sk);
	err = srtp_cork_append(cork, msg, len);
	if (!err && !cork->on && !(msg->msg_flags & SRTP_MSG_MORE))
		taken = srtp_cork_take(cork);
	release_sock(sk);
	if (!err && taken.pending)
		err = srtp_cork_flush(sk, ctx, &taken, msg->msg_flags);
	return err < 0 ? err : len;
}

/* Sends what is pending unless the cork is still in. */
static int srtp_cork_push(struct sock *sk, struct srtp_sock *ctx)
{
	struct srtp_cork taken = {};
	int err = 0;

	lock_sock(sk);
	if (ctx->cork.pending && !ctx->cork.on)
		taken = srtp_cork_take(&ctx->cork);
	release_sock(sk);
	if (taken.pending)
		err = srtp_cork_flush(sk, ctx, &taken, 0);
	return err < 0 ? err : 0;
}

/**
 * srtp_cork_set() - the socket option UDP_CORK
 * @sk: an attached socket, unlocked
 * @ctx: its context
 * @on: put the cork in; else pull it and send what is pending
 */
int srtp_cork_set(struct sock *sk, struct srtp_sock *ctx, bool on)
{
	lock_sock(sk);
	WRITE_ONCE(ctx->cork.on, on);
	release_sock(sk);
	return on ? 0 : srtp_cork_push(sk, ctx);
}

/**
 * srtp_splice_eof() - the end of a splice whose last piece promised more
 * @sock: its socket
 */
void srtp_splice_eof(struct socket *sock)
{
	struct srtp_sock *ctx = srtp_sock_get(sock->sk);

	if (!ctx)
		return;
	srtp_cork_push(sock->sk, ctx);
	srtp_sock_put(ctx);
}

#ifdef SRTP_HAVE_SENDPAGE
/**
 * srtp_sendpage() - a page of a datagram (kernels before 6.5)
 * @sk: the socket
 * @page: the page
 * @offset: where in it
 * @size: how many octets
 * @flags: MSG_MORE and MSG_SENDPAGE_NOTLAST say that the datagram goes on
 */
int srtp_sendpage(struct sock *sk, struct page *page, int offset, size_t size, int flags)
{
	struct bio_vec bvec = { .bv_page = page, .bv_offset = offset, .bv_len = size };
	struct msghdr msg = { .msg_flags = flags };

	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bvec, 1, size);
	return srtp_sendmsg(sk, &msg, size);
}
#endif
