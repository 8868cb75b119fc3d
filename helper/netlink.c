// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the family "srtp", and the kernel's answers.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include "attrs.h"
#include "netlink.h"

/* The largest request: a stream with two replay windows of 4 KiB. */
#define REQUEST_MAX 16384

/**
 * struct exchange - state of one call
 * @kernel: connection
 * @call: the call
 * @done: the last message has come
 * @err: first failure
 */
struct exchange {
	struct kernel *kernel;
	const struct netlink_call *call;
	bool done;
	int err;
};

int netlink_fail(struct kernel *kernel, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(kernel->error, sizeof(kernel->error), fmt, ap);
	va_end(ap);
	return err;
}

int netlink_errno(int nlerr)
{
	switch (abs(nlerr)) {
	case NLE_NOMEM:
		return ENOMEM;
	case NLE_DUMP_INTR:
		return EAGAIN;
	case NLE_PERM:
	case NLE_NOACCESS:
		return EPERM;
	case NLE_OBJ_NOTFOUND:
		return ENOENT;
	case NLE_AF_NOSUPPORT:
	case NLE_PROTO_MISMATCH:
		return EPROTONOSUPPORT;
	default:
		return EIO;
	}
}

/*
 * libnl prints messages, keys included, if the environment asks for it; an
 * explicit set of callbacks keeps it from that. Without NETLINK_CAP_ACK the
 * kernel would send the request back in its acknowledgement.
 */
struct nl_sock *netlink_socket(void)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	struct nl_sock *sock = cb ? nl_socket_alloc_cb(cb) : NULL;
	int fd, one = 1, err;

	if (cb)
		nl_cb_put(cb);
	if (!sock) {
		errno = ENOMEM;
		return NULL;
	}
	err = genl_connect(sock);
	if (err) {
		nl_socket_free(sock);
		errno = netlink_errno(err);
		return NULL;
	}
	fd = nl_socket_get_fd(sock);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	if (setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)) < 0) {
		err = errno;
		nl_socket_free(sock);
		errno = err;
		return NULL;
	}
	return sock;
}

/* The kernel's sentence, if it gave one, is an attribute at @first. */
static void take_sentence(struct kernel *kernel, int err, struct nlattr *first, int len)
{
	struct nlattr *msg = len > 0 ? nla_find(first, len, NLMSGERR_ATTR_MSG) : NULL;

	if (msg)
		netlink_fail(kernel, err, "%.*s", nla_len(msg), (const char *)nla_data(msg));
	else
		netlink_fail(kernel, err, "%s", strerror(-err));
}

static void fail(struct exchange *x, int err, struct nlattr *first, int len)
{
	if (x->err)
		return;
	x->err = err;
	take_sentence(x->kernel, err, first, len);
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	const struct nlmsghdr *header = (const void *)((char *)error - NLMSG_HDRLEN);
	size_t used = sizeof(*error);
	struct exchange *x = arg;
	int len = 0;

	(void)from;
	x->done = true;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		used += error->msg.nlmsg_len - NLMSG_HDRLEN;
	used = NLMSG_ALIGN(used);
	if ((header->nlmsg_flags & NLM_F_ACK_TLVS) && NLMSG_HDRLEN + used < header->nlmsg_len)
		len = (int)(header->nlmsg_len - NLMSG_HDRLEN - used);
	fail(x, error->error, (struct nlattr *)((char *)error + used), len);
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct exchange *x = arg;

	(void)msg;
	x->done = true;
	return NL_STOP;
}

/* The last message of a dump carries an errno, and what there is to say about it. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct exchange *x = arg;
	int err = 0;

	x->done = true;
	if (nlmsg_datalen(header) >= (int)sizeof(err))
		memcpy(&err, nlmsg_data(header), sizeof(err));
	if (err < 0)
		fail(x, err, nlmsg_attrdata(header, sizeof(err)),
		     header->nlmsg_flags & NLM_F_ACK_TLVS ?
		     nlmsg_attrlen(header, sizeof(err)) : 0);
	return NL_STOP;
}

/* Answers are read to the end also after a failure, so that the next call finds its own. */
static int on_valid(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *header = genlmsg_hdr(nlmsg_hdr(msg));
	struct exchange *x = arg;
	const struct netlink_call *call = x->call;
	int err;

	if (x->err || !call->reply)
		return NL_OK;
	if (call->fn)
		memset(call->reply, 0, call->set->size);
	err = attrs_get(genlmsg_attrdata(header, 0), genlmsg_attrlen(header, 0), call->set,
			call->reply);
	if (err)
		fail(x, err, NULL, 0);
	else if (call->fn)
		x->err = call->fn(call->reply, call->arg);
	if (call->fn)
		fields_clear(call->set, call->reply);
	return NL_OK;
}

static int build(struct kernel *kernel, const struct netlink_call *call, struct nl_msg *msg)
{
	int flags = call->dump ? NLM_F_DUMP : NLM_F_ACK;

	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, kernel->family, 0, flags,
			 (uint8_t)call->cmd, SRTP_FAMILY_VERSION))
		return -EMSGSIZE;
	if (!call->request)
		return 0;
	return attrs_put(msg, call->set, call->request, call->which);
}

static int send_request(struct kernel *kernel, const struct netlink_call *call)
{
	struct nl_msg *msg = nlmsg_alloc_size(REQUEST_MAX);
	int err;

	if (!msg)
		return netlink_fail(kernel, -ENOMEM, "%s", strerror(ENOMEM));
	err = build(kernel, call, msg);
	if (err) {
		netlink_fail(kernel, err, "the request is too long");
	} else {
		err = nl_send_auto(kernel->sock, msg);
		if (err < 0) {
			netlink_fail(kernel, err, "%s", nl_geterror(err));
			err = -netlink_errno(err);
		}
	}
	explicit_bzero(nlmsg_hdr(msg), nlmsg_get_max_size(msg));
	nlmsg_free(msg);
	return err < 0 ? err : 0;
}

static int receive(struct exchange *x, struct nl_cb *cb)
{
	while (!x->done) {
		int err = nl_recvmsgs(x->kernel->sock, cb);

		if (err == -NLE_DUMP_INTR && !x->err) {
			x->err = -EAGAIN;
			netlink_fail(x->kernel, -EAGAIN, "objects changed while they were read");
		} else if (err < 0 && !x->done) {
			netlink_fail(x->kernel, err, "%s", nl_geterror(err));
			return -netlink_errno(err);
		}
	}
	return x->err;
}

int netlink_call(struct kernel *kernel, const struct netlink_call *call)
{
	struct exchange x = { .kernel = kernel, .call = call };
	struct nl_cb *cb;
	int err;

	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb)
		return netlink_fail(kernel, -ENOMEM, "%s", strerror(ENOMEM));
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, &x);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, &x);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &x);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, &x);
	err = send_request(kernel, call);
	if (!err)
		err = receive(&x, cb);
	nl_cb_put(cb);
	return err;
}
