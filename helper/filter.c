// SPDX-License-Identifier: GPL-2.0
/*
 * The seccomp filter of a program under mikey-helper run.
 */
#include <errno.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include "report.h"
#include "supervise.h"

/* The type of socket(2) without SOCK_CLOEXEC and SOCK_NONBLOCK. */
#define TYPE_MASK 0xf

/* The kernel takes the first three arguments of socket(2) as int, so only their lower half counts. */
#define INT_MASK UINT32_MAX

static int stop_sockets(scmp_filter_ctx filter, int domain)
{
	return seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(socket), 2,
				SCMP_A0(SCMP_CMP_MASKED_EQ, INT_MASK, (scmp_datum_t)domain),
				SCMP_A1(SCMP_CMP_MASKED_EQ, TYPE_MASK, SOCK_DGRAM));
}

/*
 * Calls that name a port. sendto(2) without an address is that of a connected
 * socket, whose connect(2) stopped.
 */
static int stop_ports(scmp_filter_ctx filter)
{
	static const int calls[] = {
		SCMP_SYS(bind), SCMP_SYS(connect), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg) };
	size_t i;
	int err;

	err = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(sendto), 1,
			       SCMP_A4(SCMP_CMP_NE, 0));
	for (i = 0; !err && i < sizeof(calls) / sizeof(calls[0]); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, calls[i], 0);
	return err;
}

/*
 * io_uring makes and uses sockets without system calls of its own, and
 * pidfd_getfd(2) takes sockets that no filter has seen.
 */
static int refuse_detours(scmp_filter_ctx filter)
{
	int err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(io_uring_setup), 0);

	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(pidfd_getfd), 0);
	return err;
}

/* Programs of another architecture (32 bit, x32) number their calls differently: they are ended. */
int filter_make(const struct supervisor *sup, scmp_filter_ctx *filter)
{
	int err;

	*filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!*filter)
		return report_errno(ENOMEM, "cannot make a seccomp filter");
	err = seccomp_attr_set(*filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!err)
		err = stop_sockets(*filter, AF_INET);
	if (!err)
		err = stop_sockets(*filter, AF_INET6);
	if (!err && (sup->clear.count || sup->rtcp_session || sup->n_placements))
		err = stop_ports(*filter);
	if (!err)
		err = refuse_detours(*filter);
	if (!err)
		return 0;
	seccomp_release(*filter);
	return report_errno(-err, "cannot make a seccomp filter");
}
