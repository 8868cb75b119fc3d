/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_SESSION_H
#define _SRTP_SESSION_H

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "../uapi/linux/srtp.h"
#include "netns.h"

/**
 * struct srtp_settings - what may be set of a session
 * @owner: user who may attach and look
 * @provisional: seconds until it is deleted unless confirmed, or 0
 * @ssrc_cap: streams that wildcards may create
 * @name: free text
 * @pass_non_rtp: let the other protocols of RFC 7983 through
 * @forbid_detach: sockets end by closing only
 * @auto_delete: delete it with its last socket
 */
struct srtp_settings {
	kuid_t owner;
	u32 provisional;
	u32 ssrc_cap;
	char name[SRTP_NAME_MAX + 1];
	bool pass_non_rtp;
	bool forbid_detach;
	bool auto_delete;
};

/**
 * struct srtp_session - one endpoint of one RTP session
 * @refs: the namespace's table, attached sockets, whoever works on it
 * @sn: its network namespace; valid while a socket or the table refers to it
 * @id: number in @sn
 * @cookie: number that no other session of this boot has
 * @set: settings; @mutex guards changes
 * @mutex: serialises configuration
 * @lock: guards the members below, in softirq too
 * @dead: deleted
 * @streams: streams by id
 * @next_stream: where to look for the next free id
 * @history: how far each SSRC has sent to each peer, by SSRC; outlives its streams
 * @trailer: octets that protection adds to a packet at most; only grows
 * @peer_kinds: what streams are bound to, bit (1 << enum srtp_peer_kind)
 * @n_of_kind: how many, by enum srtp_peer_kind
 * @n_streams: streams
 * @n_charged: streams and histories charged to the namespace
 * @n_spawned: streams that wildcards created
 * @n_sockets: attached sockets
 * @event_seq: sequence number of the latest event
 * @expiry: deletes a provisional session
 * @rcu: packets in flight use it
 */
struct srtp_session {
	refcount_t refs;
	struct srtp_net *sn;
	u32 id;
	u64 cookie;
	struct srtp_settings set;
	struct mutex mutex;	/* configuration */
	spinlock_t lock;	/* streams, sockets, dead */
	bool dead;
	struct xarray streams;
	u32 next_stream;
	struct xarray history;
	u16 trailer;
	u8 peer_kinds;
	u32 n_of_kind[4];
	u32 n_streams;
	u32 n_charged;
	u32 n_spawned;
	u32 n_sockets;
	u32 event_seq;
	struct delayed_work expiry;
	struct rcu_head rcu;
};

int srtp_session_module_init(void);
void srtp_session_module_exit(void);

struct srtp_session *srtp_session_create(struct srtp_net *sn, u32 id,
					 const struct srtp_settings *set,
					 struct netlink_ext_ack *extack);
struct srtp_session *srtp_session_get(struct srtp_net *sn, u32 id);
void srtp_session_put(struct srtp_session *ss);
void srtp_session_delete(struct srtp_session *ss, enum srtp_close_reason reason);
void srtp_session_delete_all(struct srtp_net *sn);
void srtp_session_change(struct srtp_session *ss, const struct srtp_settings *set, bool rearm);
bool srtp_session_live(struct srtp_session *ss);

int srtp_session_socket_add(struct srtp_session *ss);
void srtp_session_socket_gone(struct srtp_session *ss);

#endif
