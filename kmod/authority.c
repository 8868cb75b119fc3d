// SPDX-License-Identifier: GPL-2.0
/*
 * Who may do what: the one place that decides.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/netlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "authority.h"
#include "session.h"

/*
 * A netlink message speaks for two: the opener of the socket that it came
 * through and the task that sent it.  Both must be allowed, so that neither a
 * socket handed down nor one handed up gives more than its user has.
 */
static bool srtp_is_admin(const struct srtp_caller *who)
{
	if (who->msg)
		return netlink_ns_capable(who->msg, who->net->user_ns, CAP_NET_ADMIN);
	return ns_capable(who->net->user_ns, CAP_NET_ADMIN);
}

static bool srtp_is_owner(const struct srtp_caller *who, const struct srtp_session *ss)
{
	kuid_t owner = READ_ONCE(ss->set.owner);
	const struct socket *opener;

	if (!uid_eq(owner, current_euid()))
		return false;
	if (!who->msg)
		return true;
	opener = NETLINK_CB(who->msg).sk->sk_socket;
	return opener && opener->file && uid_eq(owner, opener->file->f_cred->euid);
}

/**
 * srtp_may() - whether somebody may do something
 * @who: who asks; the current task at least
 * @ss: the session that it is about, or NULL for one that is to be made
 * @op: what
 *
 * CAP_NET_ADMIN in the user namespace of the network namespace may do
 * everything.  The owner of a session may read it, attach and detach.
 */
bool srtp_may(const struct srtp_caller *who, const struct srtp_session *ss,
	      enum srtp_operation op)
{
	if (srtp_is_admin(who))
		return true;
	return op != SRTP_OP_CONFIGURE && ss && srtp_is_owner(who, ss);
}
