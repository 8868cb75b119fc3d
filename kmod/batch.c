// SPDX-License-Identifier: GPL-2.0
/*
 * Handing protected segments to the kernel's UDP.
 *
 * UDP_SEGMENT cuts a message into pieces of one size, of which the last may be
 * smaller.  Segments whose trailers are equal go down together.  Where they
 * differ, as with several streams or ROC-carrying packets, and where the
 * trailers make the message longer than a datagram can be, it goes down in
 * several sends.
 */
#include <net/udp.h>

#include "compat/compat.h"
#include "tx.h"

/* Octets of a batch; leaves room for the headers and options of either family. */
#define SRTP_BATCH_MAX	0xf000

/**
 * srtp_batch_find_cmsg() - the control message that asks for segmentation
 * @msg: the message
 *
 * Return: the first of its kind, or NULL
 */
struct cmsghdr *srtp_batch_find_cmsg(struct msghdr *msg)
{
	struct cmsghdr *cmsg;

	for_each_cmsghdr(cmsg, msg)
		if (CMSG_OK(msg, cmsg) && cmsg->cmsg_level == SOL_UDP &&
		    cmsg->cmsg_type == UDP_SEGMENT)
			return cmsg;
	return NULL;
}

/**
 * srtp_batch_control_room() - octets that srtp_batch_control() needs behind @tx->vec
 * @tx: the message
 * @msg: what the application said
 */
size_t srtp_batch_control_room(const struct srtp_tx *tx, const struct msghdr *msg)
{
	return CMSG_ALIGN(msg->msg_controllen) + CMSG_SPACE(sizeof(u16));
}

/**
 * srtp_batch_control() - control messages for the kernel's UDP
 * @tx: the message
 * @msg: what the application said
 *
 * UDP takes the segment size from the control message, else from the option:
 * where either is set, which is when this is called, it must hear the protected
 * size.
 */
void srtp_batch_control(struct srtp_tx *tx, struct msghdr *msg)
{
	struct cmsghdr *cmsg = tx->asked;

	tx->controllen = msg->msg_controllen;
	tx->control = tx->vec + tx->n;
	memcpy(tx->control, msg->msg_control, tx->controllen);
	if (cmsg) {
		cmsg = tx->control + ((void *)cmsg - msg->msg_control);
	} else {
		cmsg = tx->control + CMSG_ALIGN(tx->controllen);
		memset(cmsg, 0, CMSG_SPACE(sizeof(u16)));
		cmsg->cmsg_level = SOL_UDP;
		cmsg->cmsg_type = UDP_SEGMENT;
		cmsg->cmsg_len = CMSG_LEN(sizeof(u16));
		tx->controllen = CMSG_ALIGN(tx->controllen) + CMSG_SPACE(sizeof(u16));
	}
	tx->segment = (u16 *)CMSG_DATA(cmsg);
}

/* The first segment after those that can go down together with @first. */
static int srtp_batch_end(const struct srtp_tx *tx, int first, size_t *octets)
{
	size_t size = tx->vec[first].iov_len;
	int i;

	*octets = size;
	for (i = first + 1; i < tx->n; i++) {
		size_t len = tx->vec[i].iov_len;

		if (len > size || *octets + len > SRTP_BATCH_MAX)
			break;
		*octets += len;
		if (len < size)
			return i + 1;
	}
	return i;
}

/* A datagram that a thread began in clear before attach must not join ours. */
static __always_inline int srtp_batch_lower(struct srtp_tx *tx, struct msghdr *msg, int n,
					    size_t octets)
{
	struct kvec *vec = &tx->vec[tx->sent];
	struct msghdr lower = {
		.msg_name = msg->msg_name,
		.msg_namelen = msg->msg_namelen,
		.msg_control = tx->segment ? tx->control : msg->msg_control,
		.msg_controllen = tx->segment ? tx->controllen : msg->msg_controllen,
		.msg_flags = msg->msg_flags & ~SRTP_MSG_OUTER,
	};

	if (READ_ONCE(udp_sk(tx->sk)->pending))
		return -EBUSY;
	if (tx->segment)
		*tx->segment = n > 1 ? vec->iov_len : 0;
	iov_iter_kvec(&lower.msg_iter, ITER_SOURCE, vec, n, octets);
	return tx->ctx->base->sendmsg(tx->sk, &lower, octets);
}

/**
 * srtp_batch_send() - send the protected segments in as few batches as can be
 * @tx: the message
 * @msg: what the application said
 *
 * Ends with the first batch that UDP does not take; @tx->sent tells how many
 * segments went before.
 *
 * Return: 0 if all or some were sent, or the error of the first batch
 */
int srtp_batch_send(struct srtp_tx *tx, struct msghdr *msg)
{
	size_t octets;
	int err, end;

	if (likely(tx->n == 1)) {
		err = srtp_batch_lower(tx, msg, 1, tx->vec->iov_len);
		tx->sent = err >= 0;
		return min(err, 0);
	}
	do {
		end = srtp_batch_end(tx, tx->sent, &octets);
		err = srtp_batch_lower(tx, msg, end - tx->sent, octets);
		if (err < 0)
			return tx->sent ? 0 : err;
		tx->sent = end;
	} while (tx->sent < tx->n);
	return 0;
}
