/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SRTP_NETLINK_H
#define _SRTP_NETLINK_H

#include <net/genetlink.h>

#include "../uapi/linux/srtp.h"
#include "authority.h"
#include "session.h"
#include "stream.h"

extern struct genl_family srtp_family;

/* policy.c */
extern const struct nla_policy srtp_key_new_policy[SRTP_A_KEY_MAX + 1];
extern const struct nla_policy srtp_session_settings_policy[SRTP_A_SESSION_MAX + 1];
extern const struct nla_policy srtp_session_id_policy[SRTP_A_SESSION_MAX + 1];
extern const struct nla_policy srtp_stream_new_policy[SRTP_A_STREAM_MAX + 1];
extern const struct nla_policy srtp_stream_set_policy[SRTP_A_STREAM_MAX + 1];
extern const struct nla_policy srtp_stream_id_policy[SRTP_A_STREAM_MAX + 1];
extern const struct nla_policy srtp_key_set_policy[SRTP_A_KEY_MAX + 1];
extern const struct nla_policy srtp_key_id_policy[SRTP_A_KEY_MAX + 1];
extern const struct nla_policy srtp_socket_new_policy[SRTP_A_SOCKET_MAX + 1];
extern const struct nla_policy srtp_socket_set_policy[SRTP_A_SOCKET_MAX + 1];
extern const struct nla_policy srtp_socket_get_policy[SRTP_A_SOCKET_MAX + 1];
extern const struct nla_policy srtp_socket_del_policy[SRTP_A_SOCKET_MAX + 1];
extern const struct nla_policy srtp_suite_policy[SRTP_A_SUITE_MAX + 1];

/* Multicast groups, in the order of registration. */
enum srtp_mcgrp {
	SRTP_GROUP_EVENTS,
};

void *srtp_nl_dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd);
int srtp_nl_dump_end(struct sk_buff *skb, void *hdr, int err);
struct sk_buff *srtp_nl_reply(struct genl_info *info, u8 cmd, void **hdr);
int srtp_nl_send(struct genl_info *info, struct sk_buff *msg, void *hdr, int err);

struct srtp_session *srtp_nl_session(struct sk_buff *skb, struct genl_info *info,
				     const struct nlattr *id, enum srtp_operation op);
struct srtp_session *srtp_nl_session_lock(struct sk_buff *skb, struct genl_info *info,
					  const struct nlattr *id, enum srtp_operation op);
void srtp_nl_session_unlock(struct srtp_session *ss);
struct srtp_stream *srtp_nl_stream(struct genl_info *info, struct srtp_session *ss,
				   const struct nlattr *id);

typedef int (*srtp_stream_fn)(struct genl_info *info, struct srtp_session *ss,
			      struct srtp_stream *st);
int srtp_nl_do_stream(struct sk_buff *skb, struct genl_info *info, enum srtp_operation op,
		      srtp_stream_fn fn);

int srtp_nl_dump_check(struct netlink_callback *cb);

typedef int (*srtp_dump_fn)(struct sk_buff *skb, struct netlink_callback *cb,
			    struct srtp_session *ss);
int srtp_nl_dump_sessions(struct sk_buff *skb, struct netlink_callback *cb, u16 attr,
			  srtp_dump_fn dump);

typedef int (*srtp_dump_stream_fn)(struct sk_buff *skb, struct netlink_callback *cb,
				   const struct srtp_session *ss, struct srtp_stream *st);
int srtp_nl_dump_streams(struct sk_buff *skb, struct netlink_callback *cb,
			 struct srtp_session *ss, srtp_dump_stream_fn dump);

int srtp_nl_put_drivers(struct sk_buff *skb, const struct srtp_drivers *drivers, int cipher,
			int auth);
int srtp_nl_put_u64(struct sk_buff *skb, int attr, u64 value, int pad);

int srtp_nl_session_new(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_session_set(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_session_get(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_session_dump(struct sk_buff *skb, struct netlink_callback *cb);
int srtp_nl_session_del(struct sk_buff *skb, struct genl_info *info);

int srtp_nl_stream_new(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_stream_set(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_stream_get(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_stream_dump(struct sk_buff *skb, struct netlink_callback *cb);
int srtp_nl_stream_del(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_stream_freeze(struct sk_buff *skb, struct genl_info *info);

int srtp_nl_key_new(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_key_set(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_key_get(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_key_dump(struct sk_buff *skb, struct netlink_callback *cb);
int srtp_nl_key_del(struct sk_buff *skb, struct genl_info *info);

int srtp_nl_socket_new(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_socket_set(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_socket_get(struct sk_buff *skb, struct genl_info *info);
int srtp_nl_socket_dump(struct sk_buff *skb, struct netlink_callback *cb);
int srtp_nl_socket_del(struct sk_buff *skb, struct genl_info *info);

int __init srtp_netlink_init(void);
void srtp_netlink_exit(void);

#endif
