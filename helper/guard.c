// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of UDP sockets that name a port, under mikey-helper run.
 *
 * A call of a socket that is attached may go on: whatever the program does to
 * its memory meanwhile, the packet will be protected. A call of a socket in
 * clear is carried out here, with the address that was looked at.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "address.h"
#include "supervise.h"
#include "tracee.h"

#define DATAGRAM_MAX 65536
#define CONTROL_MAX 1024
#define BATCH_MAX 64

/* Flags of sendmsg(2) that mean the same when another process sends. */
#define SEND_FLAGS (MSG_DONTROUTE | MSG_CONFIRM | MSG_MORE | MSG_EOR)

/**
 * struct message - a copy of what the program sends
 * @name: address
 * @name_len: its octets, 0 if there is none
 * @control: ancillary data
 * @control_len: its octets
 * @data: payload
 * @len: its octets
 */
struct message {
	struct sockaddr_storage name;
	socklen_t name_len;
	_Alignas(struct cmsghdr) char control[CONTROL_MAX];
	size_t control_len;
	char data[DATAGRAM_MAX];
	size_t len;
};

static pid_t tid_of(const struct call *call)
{
	return (pid_t)call->req->pid;
}

static uint64_t arg(const struct call *call, unsigned int number)
{
	return call->req->data.args[number];
}

static int read_name(const struct call *call, uint64_t from, uint64_t len,
		     struct sockaddr_storage *name)
{
	memset(name, 0, sizeof(*name));
	if (len > sizeof(*name))
		return -EINVAL;
	return tracee_read(tid_of(call), from, name, len);
}

/* A name of AF_UNSPEC binds like AF_INET, and disconnects. */
static uint16_t port_of(const struct sockaddr_storage *name, socklen_t len)
{
	struct address address;

	return address_from(name, len, &address) ? address.port : 0;
}

static bool is_unnamed(const struct supervisor *sup, uint64_t cookie)
{
	unsigned int i;

	for (i = 0; i < RECENT_MAX; i++)
		if (sup->unnamed[i] == cookie)
			return true;
	return false;
}

/* The port that the program chose, 0 if the kernel did. */
static uint16_t local_port(const struct call *call)
{
	struct address local;

	socket_local(call->socket, &local);
	if (local.port && call->sup->next_unnamed &&
	    is_unnamed(call->sup, socket_cookie(call->socket)))
		return 0;
	return local.port;
}

static uint16_t peer_port(const struct call *call)
{
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(name);

	if (getpeername(call->socket, (struct sockaddr *)&name, &len))
		return 0;
	return port_of(&name, len);
}

/* Done here: the port is the program's the moment that it is nobody's, and that is known. */
static int take_port(const struct call *call, struct placement *placement,
		     const struct sockaddr_storage *name, socklen_t len)
{
	if (placement->reserved >= 0)
		close(placement->reserved);
	placement->reserved = -1;
	if (bind(call->socket, (const struct sockaddr *)name, len) < 0)
		return -errno;
	placement->bound = true;
	return 0;
}

/*
 * Goes on also if the socket is to stay in clear: what matters is where it
 * sends to, and that is looked at again.
 */
int guard_bind(struct call *call)
{
	struct supervisor *sup = call->sup;
	struct placement *placement;
	struct sockaddr_storage name;
	uint16_t port;
	bool clear;
	int err;

	err = read_name(call, arg(call, 1), arg(call, 2), &name);
	if (err)
		return err;
	port = port_of(&name, (socklen_t)arg(call, 2));
	if (!port) {
		sup->unnamed[sup->next_unnamed++ % RECENT_MAX] = socket_cookie(call->socket);
		return CALL_CONTINUE;
	}
	err = place_socket(sup, call->socket, port, 0, &clear);
	if (err)
		return supervisor_errno(err);
	placement = find_placement(sup, port);
	if (!placement || clear)
		return CALL_CONTINUE;
	return take_port(call, placement, &name, (socklen_t)arg(call, 2));
}

int guard_connect(struct call *call)
{
	struct sockaddr_storage name;
	socklen_t len = (socklen_t)arg(call, 2);
	bool clear;
	int err;

	err = read_name(call, arg(call, 1), arg(call, 2), &name);
	if (err)
		return err;
	err = place_socket(call->sup, call->socket, local_port(call), port_of(&name, len), &clear);
	if (err)
		return supervisor_errno(err);
	if (!clear)
		return CALL_CONTINUE;
	return connect(call->socket, (struct sockaddr *)&name, len) < 0 ? -errno : 0;
}

static int read_data(const struct call *call, const struct iovec *iov, size_t count,
		     struct message *message)
{
	size_t i;
	int err;

	message->len = 0;
	for (i = 0; i < count; i++) {
		if (iov[i].iov_len > DATAGRAM_MAX - message->len)
			return -EMSGSIZE;
		err = tracee_read(tid_of(call), (uintptr_t)iov[i].iov_base,
				  message->data + message->len, iov[i].iov_len);
		if (err)
			return err;
		message->len += iov[i].iov_len;
	}
	return 0;
}

static int read_vectors(const struct call *call, const struct msghdr *header,
			struct message *message)
{
	struct iovec *iov;
	int err;

	if (header->msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	iov = calloc(header->msg_iovlen + 1, sizeof(*iov));
	if (!iov)
		return -ENOMEM;
	err = tracee_read(tid_of(call), (uintptr_t)header->msg_iov, iov,
			  header->msg_iovlen * sizeof(*iov));
	if (!err)
		err = read_data(call, iov, header->msg_iovlen, message);
	free(iov);
	return err;
}

/* Ancillary data of the socket level may need rights that the program has not got. */
static int read_control(const struct call *call, const struct msghdr *header,
			struct message *message)
{
	struct msghdr local = { .msg_control = message->control,
				.msg_controllen = header->msg_controllen };
	struct cmsghdr *cmsg;
	int err;

	message->control_len = header->msg_controllen;
	if (header->msg_controllen > CONTROL_MAX)
		return -ENOBUFS;
	err = tracee_read(tid_of(call), (uintptr_t)header->msg_control, message->control,
			  header->msg_controllen);
	for (cmsg = CMSG_FIRSTHDR(&local); !err && cmsg; cmsg = CMSG_NXTHDR(&local, cmsg))
		if (cmsg->cmsg_level != IPPROTO_IP && cmsg->cmsg_level != IPPROTO_IPV6)
			err = -EPERM;
	return err;
}

static int read_message(const struct call *call, uint64_t at, struct msghdr *header,
			struct message *message)
{
	int err = tracee_read(tid_of(call), at, header, sizeof(*header));

	message->name_len = 0;
	if (err || !header->msg_name)
		return err;
	message->name_len = header->msg_namelen;
	return read_name(call, (uintptr_t)header->msg_name, header->msg_namelen, &message->name);
}

static int place_message(struct call *call, const struct message *message, bool *clear)
{
	uint16_t peer = message->name_len ? port_of(&message->name, message->name_len) :
					    peer_port(call);
	int err = place_socket(call->sup, call->socket, local_port(call), peer, clear);

	return err ? supervisor_errno(err) : 0;
}

/* Never waits for room: the other threads of the program would wait with it. */
static int64_t send_copy(struct call *call, struct message *message, uint64_t flags)
{
	struct iovec iov = { message->data, message->len };
	struct msghdr header = {
		.msg_name = message->name_len ? &message->name : NULL,
		.msg_namelen = message->name_len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = message->control_len ? message->control : NULL,
		.msg_controllen = message->control_len,
	};
	int how = (int)(flags & SEND_FLAGS) | MSG_DONTWAIT | MSG_NOSIGNAL;
	ssize_t sent = sendmsg(call->socket, &header, how);

	return sent < 0 ? -errno : sent;
}

static int send_one(struct call *call, struct message *message, int64_t *result)
{
	struct iovec iov = { (void *)(uintptr_t)arg(call, 1), arg(call, 2) };
	bool clear;
	int err;

	message->name_len = (socklen_t)arg(call, 5);
	err = read_name(call, arg(call, 4), (socklen_t)arg(call, 5), &message->name);
	if (!err)
		err = place_message(call, message, &clear);
	if (err)
		return err;
	if (!clear)
		return CALL_CONTINUE;
	err = read_data(call, &iov, 1, message);
	if (err)
		return err;
	message->control_len = 0;
	*result = send_copy(call, message, arg(call, 3));
	return *result < 0 ? (int)*result : 0;
}

/* One msghdr at @at. */
static int send_at(struct call *call, struct message *message, uint64_t at, uint64_t flags,
		   int64_t *result)
{
	struct msghdr header = { 0 };
	bool clear;
	int err;

	err = read_message(call, at, &header, message);
	if (!err)
		err = place_message(call, message, &clear);
	if (err)
		return err;
	if (!clear)
		return CALL_CONTINUE;
	err = read_vectors(call, &header, message);
	if (!err)
		err = read_control(call, &header, message);
	if (err)
		return err;
	*result = send_copy(call, message, flags);
	return *result < 0 ? (int)*result : 0;
}

/* A part of the batch is as good as all of it: the program sends the rest itself. */
static int send_batch(struct call *call, struct message *message, int64_t *result)
{
	uint64_t i, count = arg(call, 2) < BATCH_MAX ? arg(call, 2) : BATCH_MAX;

	for (i = 0; i < count; i++) {
		uint64_t at = arg(call, 1) + i * sizeof(struct mmsghdr);
		unsigned int len;
		int64_t sent;
		int ret = send_at(call, message, at, arg(call, 3), &sent);

		if (ret && i)
			break;
		if (ret)
			return ret;
		len = (unsigned int)sent;
		ret = tracee_write(tid_of(call), at + offsetof(struct mmsghdr, msg_len), &len,
				   sizeof(len));
		if (ret)
			return ret;
	}
	*result = (int64_t)i;
	return 0;
}

/* A socket that carries media is the frequent case. */
static bool is_decided(const struct call *call)
{
	return !call->sup->rtcp_session && call->session && local_port(call);
}

int guard_send(struct call *call, int64_t *result)
{
	struct message *message;
	int ret;

	if (is_decided(call))
		return CALL_CONTINUE;
	message = malloc(sizeof(*message));
	if (!message)
		return -ENOMEM;
	if (call->req->data.nr == SCMP_SYS(sendto))
		ret = send_one(call, message, result);
	else if (call->req->data.nr == SCMP_SYS(sendmsg))
		ret = send_at(call, message, arg(call, 1), arg(call, 2), result);
	else
		ret = send_batch(call, message, result);
	free(message);
	return ret;
}
