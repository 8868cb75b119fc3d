// SPDX-License-Identifier: GPL-2.0
/*
 * Events of the family "srtp".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/genetlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include "attrs.h"
#include "netlink.h"

/* Room for more than a thousand events while the reader is busy with a dump. */
#define EVENTS_RCVBUF (512 << 10)

/* So that a flood of events, or of losses, does not keep the caller from everything else. */
#define EVENTS_MAX 10000
#define LOSSES_MAX 16

struct kernel_events {
	struct nl_sock *sock;
	void (*fn)(const struct kernel_event *event, void *arg);
	void *arg;
	unsigned int module;
};

/* Families come and go with their modules, and their groups with them. */
static void on_family(struct kernel_events *events, const struct genlmsghdr *header)
{
	struct nlattr *name = nla_find(genlmsg_attrdata(header, 0), genlmsg_attrlen(header, 0),
				       CTRL_ATTR_FAMILY_NAME);

	if (!name || nla_strcmp(name, SRTP_FAMILY_NAME))
		return;
	if (header->cmd == CTRL_CMD_DELFAMILY)
		events->module |= KERNEL_MODULE_GONE;
	else if (header->cmd == CTRL_CMD_NEWFAMILY)
		events->module |= KERNEL_MODULE_BACK;
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *header = genlmsg_hdr(nlmsg_hdr(msg));
	struct kernel_event event = { 0 };
	struct kernel_events *events = arg;

	if (nlmsg_hdr(msg)->nlmsg_type == GENL_ID_CTRL) {
		on_family(events, header);
		return NL_OK;
	}
	if (header->cmd != SRTP_CMD_EVENT_NTF)
		return NL_OK;
	if (!attrs_get(genlmsg_attrdata(header, 0), genlmsg_attrlen(header, 0), &event_fields,
		       &event))
		events->fn(&event, events->arg);
	fields_clear(&event_fields, &event);
	return NL_OK;
}

/* Whoever may have events may also have the room, whatever net.core.rmem_max says. */
static void enlarge(struct nl_sock *sock)
{
	int room = EVENTS_RCVBUF;

	if (setsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		nl_socket_set_buffer_size(sock, EVENTS_RCVBUF, 0);
}

static int subscribe(struct kernel *kernel, struct kernel_events *events)
{
	int group, err;

	group = genl_ctrl_resolve_grp(kernel->sock, SRTP_FAMILY_NAME, SRTP_MCGRP_EVENTS);
	if (group < 0)
		return netlink_fail(kernel, -netlink_errno(group),
				    "the kernel's SRTP has no event group: %s", nl_geterror(group));
	nl_socket_disable_seq_check(events->sock);
	enlarge(events->sock);
	nl_socket_modify_cb(events->sock, NL_CB_VALID, NL_CB_CUSTOM, on_event, events);
	err = nl_socket_set_nonblocking(events->sock);
	if (!err)
		err = nl_socket_add_membership(events->sock, group);
	group = genl_ctrl_resolve_grp(kernel->sock, "nlctrl", "notify");
	if (!err && group >= 0)
		err = nl_socket_add_membership(events->sock, group);
	if (err == -NLE_PERM)
		return netlink_fail(kernel, -EPERM, "events need CAP_NET_ADMIN");
	if (err)
		return netlink_fail(kernel, -netlink_errno(err), "%s", nl_geterror(err));
	return 0;
}

int kernel_events_open(struct kernel *kernel, struct kernel_events **events)
{
	struct kernel_events *e = calloc(1, sizeof(*e));
	int err;

	*events = NULL;
	if (!e)
		return netlink_fail(kernel, -ENOMEM, "%s", strerror(ENOMEM));
	e->sock = netlink_socket();
	if (!e->sock) {
		err = netlink_fail(kernel, -errno, "no generic netlink socket: %s",
				   strerror(errno));
		free(e);
		return err;
	}
	err = subscribe(kernel, e);
	if (err) {
		kernel_events_close(e);
		return err;
	}
	*events = e;
	return 0;
}

void kernel_events_close(struct kernel_events *events)
{
	if (!events)
		return;
	nl_socket_free(events->sock);
	free(events);
}

unsigned int kernel_events_module(struct kernel_events *events)
{
	unsigned int module = events->module;

	events->module = 0;
	return module;
}

int kernel_events_fd(const struct kernel_events *events)
{
	return nl_socket_get_fd(events->sock);
}

/*
 * The kernel tells a loss before it hands out what it has kept, which is older
 * than what it lost. So all of that is read before the loss is reported. libnl
 * knows no ENOBUFS of its own, it comes as NLE_NOMEM.
 */
int kernel_events_read(struct kernel_events *events,
		       void (*fn)(const struct kernel_event *event, void *arg), void *arg)
{
	int err, losses = 0, left = EVENTS_MAX;

	events->fn = fn;
	events->arg = arg;
	do {
		err = nl_recvmsgs_default(events->sock);
		if (err == -NLE_NOMEM && losses++ < LOSSES_MAX)
			err = 0;
	} while (err >= 0 && left-- > 0);
	if (losses)
		return -ENOBUFS;
	return err >= 0 || err == -NLE_AGAIN ? 0 : -netlink_errno(err);
}
