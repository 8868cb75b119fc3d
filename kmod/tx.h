/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_TX_H
#define _SRTP_TX_H

#include <linux/socket.h>
#include <linux/uio.h>

#include "demux.h"
#include "peer.h"
#include "sock.h"

/**
 * struct srtp_tx - one message on its way out
 * @sk: the socket
 * @ctx: its context
 * @class: what all segments are
 * @gso: octets of a plain segment, or 0 without segmentation
 * @n: segments
 * @peer: whom it is for; zeros if no stream of the session is bound to a peer
 * @ssrc: of the one that is being protected
 * @ready: segments that are protected
 * @repeated: those of them that were sent before
 * @sent: those of them that the kernel's UDP took
 * @len: octets of the plain message
 * @trailer: room for a trailer behind each segment
 * @stride: octets from one segment to the next in memory
 * @one: @vec where there is one segment and no control message of ours
 * @vec: the segments
 * @mem: what the segments, @vec, and @control if it is ours, lie in
 * @kept: of srtp_buffer_get()
 * @asked: the control message that asks for segmentation, or NULL
 * @control: control messages for the kernel's UDP, if it must hear of segments
 * @controllen: octets of those
 * @segment: the segment size in @control, or NULL: the application's will do
 */
struct srtp_tx {
	struct sock *sk;
	struct srtp_sock *ctx;
	enum srtp_class class;
	u16 gso;
	int n;
	struct srtp_peer peer;
	u32 ssrc;
	int ready;
	int repeated;
	int sent;
	size_t len;
	size_t trailer;
	size_t stride;
	struct kvec one;
	struct kvec *vec;
	void *mem;
	bool kept;
	struct cmsghdr *asked;
	void *control;
	size_t controllen;
	u16 *segment;
};

/*
 * System calls bring control messages into the kernel.  6.1 leaves the mark of
 * user memory on those that it converted for a 32-bit caller.
 */
static inline bool srtp_control_is_kernel(const struct msghdr *msg)
{
	return !msg->msg_controllen || !msg->msg_control_is_user ||
	       (msg->msg_flags & MSG_CMSG_COMPAT);
}

/* batch.c */
struct cmsghdr *srtp_batch_find_cmsg(struct msghdr *msg);
size_t srtp_batch_control_room(const struct srtp_tx *tx, const struct msghdr *msg);
void srtp_batch_control(struct srtp_tx *tx, struct msghdr *msg);
int srtp_batch_send(struct srtp_tx *tx, struct msghdr *msg);

#endif
