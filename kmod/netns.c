// SPDX-License-Identifier: GPL-2.0
/*
 * What belongs to a network namespace: tables of sessions and sockets, caps.
 *
 * A cap of the namespace may be raised in the initial user namespace only; the
 * caps of the module (parameters) hold over all namespaces.
 */
#include <linux/module.h>
#include <linux/sysctl.h>
#include <net/netns/generic.h>

#include "compat/compat.h"
#include "netns.h"
#include "session.h"

static unsigned int max_sessions __read_mostly = 65536;
module_param(max_sessions, uint, 0644);
MODULE_PARM_DESC(max_sessions, "sessions in all network namespaces together (65536)");

static unsigned int max_streams __read_mostly = 1048576;
module_param(max_streams, uint, 0644);
MODULE_PARM_DESC(max_streams, "streams in all network namespaces together (1048576)");

enum {
	SRTP_NET_SESSIONS = 16384,	/* default of net.srtp.max_sessions */
	SRTP_NET_STREAMS = 131072,	/* default of net.srtp.max_streams */
};

static atomic_t all_sessions = ATOMIC_INIT(0);
static atomic_t all_streams = ATOMIC_INIT(0);
static unsigned int srtp_net_id __read_mostly;

/**
 * srtp_net() - this module's part of a network namespace
 * @net: the namespace
 */
struct srtp_net *srtp_net(const struct net *net)
{
	return net_generic(net, srtp_net_id);
}

static bool srtp_charge(atomic_t *n, unsigned int max, atomic_t *all, unsigned int all_max)
{
	if (atomic_inc_return(n) > max)
		goto over;
	if (atomic_inc_return(all) <= all_max)
		return true;
	atomic_dec(all);
over:
	atomic_dec(n);
	return false;
}

/**
 * srtp_net_charge_session() - count one more session
 * @sn: its namespace
 *
 * Return: false if a cap is reached
 */
bool srtp_net_charge_session(struct srtp_net *sn)
{
	return srtp_charge(&sn->n_sessions, READ_ONCE(sn->max_sessions),
			   &all_sessions, READ_ONCE(max_sessions));
}

/**
 * srtp_net_uncharge_session() - count one session less
 * @sn: its namespace
 */
void srtp_net_uncharge_session(struct srtp_net *sn)
{
	atomic_dec(&sn->n_sessions);
	atomic_dec(&all_sessions);
}

/**
 * srtp_net_charge_stream() - count one more stream
 * @sn: its namespace
 *
 * Return: false if a cap is reached
 */
bool srtp_net_charge_stream(struct srtp_net *sn)
{
	return srtp_charge(&sn->n_streams, READ_ONCE(sn->max_streams),
			   &all_streams, READ_ONCE(max_streams));
}

/**
 * srtp_net_uncharge_streams() - count some streams less
 * @sn: their namespace
 * @n: how many
 */
void srtp_net_uncharge_streams(struct srtp_net *sn, u32 n)
{
	atomic_sub(n, &sn->n_streams);
	atomic_sub(n, &all_streams);
}

static const struct ctl_table srtp_sysctls[] = {
	{
		.procname	= "max_sessions",
		.maxlen		= sizeof(unsigned int),
		.mode		= 0644,
		.proc_handler	= proc_douintvec,
	},
	{
		.procname	= "max_streams",
		.maxlen		= sizeof(unsigned int),
		.mode		= 0644,
		.proc_handler	= proc_douintvec,
	},
	{ }	/* the end, where the kernel does not count */
};

static int srtp_net_sysctl(struct srtp_net *sn)
{
	struct ctl_table *table;

	table = kmemdup(srtp_sysctls, sizeof(srtp_sysctls), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	table[0].data = &sn->max_sessions;
	table[1].data = &sn->max_streams;
	if (sn->net->user_ns != &init_user_ns) {
		table[0].mode = 0444;
		table[1].mode = 0444;
	}
	sn->sysctl = srtp_register_sysctl(sn->net, "net/srtp", table,
					  ARRAY_SIZE(srtp_sysctls) - 1);
	if (sn->sysctl)
		return 0;
	kfree(table);
	return -ENOMEM;
}

static int __net_init srtp_net_init(struct net *net)
{
	struct srtp_net *sn = srtp_net(net);

	sn->net = net;
	xa_init_flags(&sn->sessions, XA_FLAGS_ALLOC1);
	xa_init_flags(&sn->sockets, XA_FLAGS_ALLOC1);
	sn->max_sessions = SRTP_NET_SESSIONS;
	sn->max_streams = SRTP_NET_STREAMS;
	return srtp_net_sysctl(sn);
}

static void __net_exit srtp_net_exit(struct net *net)
{
	struct srtp_net *sn = srtp_net(net);
	const struct ctl_table *table = sn->sysctl->ctl_table_arg;

	srtp_session_delete_all(sn);
	xa_destroy(&sn->sessions);
	xa_destroy(&sn->sockets);
	unregister_net_sysctl_table(sn->sysctl);
	kfree(table);
}

static struct pernet_operations srtp_net_ops = {
	.init	= srtp_net_init,
	.exit	= srtp_net_exit,
	.id	= &srtp_net_id,
	.size	= sizeof(struct srtp_net),
};

/**
 * srtp_netns_init() - start to follow network namespaces
 */
int srtp_netns_init(void)
{
	return register_pernet_subsys(&srtp_net_ops);
}

/**
 * srtp_netns_exit() - stop it, deleting all sessions
 */
void srtp_netns_exit(void)
{
	unregister_pernet_subsys(&srtp_net_ops);
}
