/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_AUTHORITY_H
#define _SRTP_AUTHORITY_H

#include <linux/skbuff.h>
#include <linux/types.h>

struct net;
struct srtp_session;

/* What somebody wants to do. */
enum srtp_operation {
	SRTP_OP_CONFIGURE,	/* make or change sessions, streams, keys */
	SRTP_OP_READ,		/* get and dump */
	SRTP_OP_ATTACH,		/* attach and detach sockets */
};

/**
 * struct srtp_caller - who asks
 * @net: network namespace that is asked about
 * @msg: netlink message with the request, or NULL for a socket option
 */
struct srtp_caller {
	struct net *net;
	const struct sk_buff *msg;
};

bool srtp_may(const struct srtp_caller *who, const struct srtp_session *ss,
	      enum srtp_operation op);

#endif
