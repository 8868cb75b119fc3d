/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_NETNS_H
#define _SRTP_NETNS_H

#include <linux/atomic.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

/**
 * struct srtp_net - what belongs to a network namespace
 * @net: the namespace
 * @sessions: sessions by id
 * @next_session: where to look for the next free id
 * @sockets: attached sockets by number
 * @next_socket: where to look for the next free number
 * @n_sessions: sessions
 * @n_streams: streams, and SSRCs that sent once
 * @max_sessions: sysctl net.srtp.max_sessions
 * @max_streams: sysctl net.srtp.max_streams
 * @sysctl: their registration
 */
struct srtp_net {
	struct net *net;
	struct xarray sessions;
	u32 next_session;
	struct xarray sockets;
	u32 next_socket;
	atomic_t n_sessions;
	atomic_t n_streams;
	unsigned int max_sessions;
	unsigned int max_streams;
	struct ctl_table_header *sysctl;
};

struct srtp_net *srtp_net(const struct net *net);
bool srtp_net_charge_session(struct srtp_net *sn);
void srtp_net_uncharge_session(struct srtp_net *sn);
bool srtp_net_charge_stream(struct srtp_net *sn);
void srtp_net_uncharge_streams(struct srtp_net *sn, u32 n);

int srtp_netns_init(void);
void srtp_netns_exit(void);

#endif
