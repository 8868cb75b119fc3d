// SPDX-License-Identifier: GPL-2.0
/*
 * The operations of the family "srtp", one function each.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/genl/ctrl.h>
#include "netlink.h"
#include "report.h"

/**
 * struct kernel_why - what an errno of the module means to a script
 * @err: errno
 * @exit: exit code
 * @reason: token
 */
static const struct kernel_why {
	int err;
	enum mikey_exit exit;
	const char *reason;
} whys[] = {
	{ EPERM, MIKEY_EXIT_SYSTEM, "not-permitted" },
	{ EACCES, MIKEY_EXIT_SYSTEM, "not-permitted" },
	{ ENOENT, MIKEY_EXIT_SYSTEM, "not-found" },
	{ EEXIST, MIKEY_EXIT_SYSTEM, "exists" },
	{ EINVAL, MIKEY_EXIT_SYSTEM, "kernel-refused" },
	{ ERANGE, MIKEY_EXIT_SYSTEM, "out-of-range" },
	{ EMSGSIZE, MIKEY_EXIT_SYSTEM, "out-of-range" },
	{ E2BIG, MIKEY_EXIT_SYSTEM, "out-of-range" },
	{ EOPNOTSUPP, MIKEY_EXIT_UNSUPPORTED, "kernel-unsupported" },
	{ ENOSPC, MIKEY_EXIT_SYSTEM, "limit-reached" },
	{ EKEYREJECTED, MIKEY_EXIT_POLICY, "key-refused" },
	{ EBUSY, MIKEY_EXIT_SYSTEM, "busy" },
	{ EALREADY, MIKEY_EXIT_SYSTEM, "not-attached" },
	{ ENOTCONN, MIKEY_EXIT_SYSTEM, "not-attached" },
	{ EXDEV, MIKEY_EXIT_SYSTEM, "other-netns" },
	{ EBADF, MIKEY_EXIT_SYSTEM, "bad-descriptor" },
	{ ENOTSOCK, MIKEY_EXIT_SYSTEM, "not-a-socket" },
	{ ENOMEM, MIKEY_EXIT_SYSTEM, "no-memory" },
	{ EPROTONOSUPPORT, MIKEY_EXIT_SYSTEM, "no-module" },
	{ EAGAIN, MIKEY_EXIT_SYSTEM, "changing" },
};

static const struct kernel_why *why_of(int err)
{
	static const struct kernel_why other = { 0, MIKEY_EXIT_SYSTEM, "system" };
	size_t i;

	for (i = 0; i < sizeof(whys) / sizeof(whys[0]); i++)
		if (whys[i].err == abs(err))
			return &whys[i];
	return &other;
}

const char *kernel_reason(int err)
{
	return why_of(err)->reason;
}

int kernel_exit(int err)
{
	return why_of(err)->exit;
}

const char *kernel_error(const struct kernel *kernel)
{
	return kernel ? kernel->error : strerror(ENOMEM);
}

int kernel_report(const struct kernel *kernel, int err, const char *fmt, ...)
{
	char what[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return report(why_of(err)->exit, why_of(err)->reason, "%s: %s", what,
		      kernel_error(kernel));
}

/* Asking for the name of the family makes the kernel load the module, if it may. */
static int resolve(struct kernel *kernel)
{
	kernel->family = genl_ctrl_resolve(kernel->sock, SRTP_FAMILY_NAME);
	if (kernel->family >= 0)
		return 0;
	if (netlink_errno(kernel->family) == ENOENT)
		return netlink_fail(kernel, -EPROTONOSUPPORT,
				    "the kernel has no SRTP, is the module srtp installed and loaded? (modprobe srtp)");
	return netlink_fail(kernel, -netlink_errno(kernel->family), "%s",
			    nl_geterror(kernel->family));
}

int kernel_open(struct kernel **kernel)
{
	struct kernel *k = calloc(1, sizeof(*k));
	int err;

	*kernel = k;
	if (!k)
		return -ENOMEM;
	k->sock = netlink_socket();
	if (!k->sock) {
		err = errno;
		return netlink_fail(k, -err, "no generic netlink socket: %s", strerror(err));
	}
	return resolve(k);
}

void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	if (kernel->sock)
		nl_socket_free(kernel->sock);
	free(kernel);
}

int kernel_connect(struct kernel **kernel)
{
	int err = kernel_open(kernel), code;

	if (!err)
		return 0;
	code = kernel_report(*kernel, err, "cannot reach the kernel's SRTP");
	kernel_close(*kernel);
	*kernel = NULL;
	return code;
}

void kernel_stream_clear(struct kernel_stream *stream)
{
	fields_clear(&stream_fields, stream);
}

void kernel_key_clear(struct kernel_key *key)
{
	fields_clear(&key_fields, key);
}

#define SESSION(x) KERNEL_BIT(SRTP_A_SESSION_##x)
#define STREAM(x) KERNEL_BIT(SRTP_A_STREAM_##x)
#define KEY(x) KERNEL_BIT(SRTP_A_KEY_##x)
#define SOCKET(x) KERNEL_BIT(SRTP_A_SOCKET_##x)

/* What the requests may carry; everything else that an object has is not sent. */
#define SESSION_SETTINGS (SESSION(ID) | SESSION(OWNER) | SESSION(NAME) | SESSION(PASS_NON_RTP) | \
	SESSION(FORBID_DETACH) | SESSION(AUTO_DELETE) | SESSION(PROVISIONAL) | SESSION(SSRC_CAP))
#define STREAM_INDEXES (STREAM(ROC) | STREAM(SEQ) | STREAM(SRTCP_INDEX))
#define STREAM_SETTINGS (STREAM_INDEXES | STREAM(SESSION) | STREAM(DIRECTION) | STREAM(SSRC) | \
	STREAM(PEER_V4) | STREAM(PEER_V6) | STREAM(PEER_PORT) | STREAM(SUITE) | \
	STREAM(NO_SRTP_ENCRYPTION) | STREAM(NO_SRTCP_ENCRYPTION) | \
	STREAM(NO_SRTP_AUTHENTICATION) | STREAM(SRTP_TAG_LEN) | STREAM(SRTCP_TAG_LEN) | \
	STREAM(MKI_LEN) | STREAM(KDR) | STREAM(RCC_MODE) | STREAM(RCC_RATE) | \
	STREAM(ENCRYPTED_EXT_IDS) | STREAM(CRYPTEX) | STREAM(SRTCP_ONLY) | STREAM(WINDOW) | \
	STREAM(SRTCP_WINDOW) | STREAM(FRESH) | STREAM(REPLAY_STATE) | \
	STREAM(SRTCP_REPLAY_STATE))
#define KEY_LIMITS (KEY(SOFT_PACKETS) | KEY(HARD_PACKETS) | KEY(SOFT_SRTCP_PACKETS) | \
	KEY(HARD_SRTCP_PACKETS) | KEY(SOFT_SECONDS) | KEY(HARD_SECONDS))
#define KEY_SETTINGS (KEY_LIMITS | KEY(SESSION) | KEY(STREAM) | KEY(MKI) | KEY(MASTER_KEY) | \
	KEY(MASTER_SALT) | KEY(ACTIVE) | KEY(FROM) | KEY(TO))

int kernel_session_new(struct kernel *kernel, struct kernel_session *session)
{
	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_SESSION_NEW, .set = &session_fields,
		.request = session, .which = SESSION_SETTINGS, .reply = session });
}

int kernel_session_set(struct kernel *kernel, const struct kernel_session *session)
{
	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_SESSION_SET, .set = &session_fields,
		.request = session, .which = SESSION_SETTINGS });
}

int kernel_session_get(struct kernel *kernel, uint32_t id, struct kernel_session *session)
{
	*session = (struct kernel_session){ .has = SESSION(ID), .id = id };
	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_SESSION_GET, .set = &session_fields,
		.request = session, .which = SESSION(ID), .reply = session });
}

int kernel_session_del(struct kernel *kernel, uint32_t id)
{
	struct kernel_session session = { .has = SESSION(ID), .id = id };

	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_SESSION_DEL, .set = &session_fields,
		.request = &session, .which = SESSION(ID) });
}

int kernel_stream_new(struct kernel *kernel, struct kernel_stream *stream)
{
	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_STREAM_NEW, .set = &stream_fields,
		.request = stream, .which = STREAM_SETTINGS, .reply = stream });
}

int kernel_stream_set(struct kernel *kernel, const struct kernel_stream *stream)
{
	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_STREAM_SET, .set = &stream_fields, .request = stream,
		.which = STREAM(SESSION) | STREAM(ID) | STREAM_INDEXES | STREAM(ACK_EVENTS) });
}

/* Requests that name a stream by its numbers. */
static int stream_call(struct kernel *kernel, enum srtp_cmd cmd, uint32_t session, uint32_t id,
		       struct kernel_stream *reply)
{
	struct kernel_stream named = {
		.has = STREAM(SESSION) | STREAM(ID), .session = session, .id = id };

	if (reply)
		*reply = (struct kernel_stream){ 0 };
	return netlink_call(kernel, &(struct netlink_call){
		.cmd = cmd, .set = &stream_fields,
		.request = &named, .which = named.has, .reply = reply });
}

int kernel_stream_get(struct kernel *kernel, uint32_t session, uint32_t id,
		      struct kernel_stream *stream)
{
	return stream_call(kernel, SRTP_CMD_STREAM_GET, session, id, stream);
}

int kernel_stream_freeze(struct kernel *kernel, uint32_t session, uint32_t id,
			 struct kernel_stream *stream)
{
	return stream_call(kernel, SRTP_CMD_STREAM_FREEZE, session, id, stream);
}

int kernel_stream_del(struct kernel *kernel, uint32_t session, uint32_t id)
{
	return stream_call(kernel, SRTP_CMD_STREAM_DEL, session, id, NULL);
}

int kernel_key_new(struct kernel *kernel, struct kernel_key *key)
{
	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_KEY_NEW, .set = &key_fields,
		.request = key, .which = KEY_SETTINGS, .reply = key });
}

int kernel_key_set(struct kernel *kernel, const struct kernel_key *key)
{
	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_KEY_SET, .set = &key_fields, .request = key,
		.which = KEY(SESSION) | KEY(STREAM) | KEY(ID) | KEY(ACTIVE) | KEY_LIMITS });
}

/* Requests that name a key by its numbers. */
static int key_call(struct kernel *kernel, enum srtp_cmd cmd, const struct kernel_key *named,
		    struct kernel_key *reply)
{
	if (reply)
		*reply = (struct kernel_key){ 0 };
	return netlink_call(kernel, &(struct netlink_call){
		.cmd = cmd, .set = &key_fields,
		.request = named, .which = named->has, .reply = reply });
}

int kernel_key_get(struct kernel *kernel, uint32_t session, uint32_t stream, uint32_t id,
		   struct kernel_key *key)
{
	const struct kernel_key named = {
		.has = KEY(SESSION) | KEY(STREAM) | KEY(ID),
		.session = session, .stream = stream, .id = id };

	return key_call(kernel, SRTP_CMD_KEY_GET, &named, key);
}

int kernel_key_del(struct kernel *kernel, uint32_t session, uint32_t stream, uint32_t id)
{
	const struct kernel_key named = {
		.has = KEY(SESSION) | KEY(STREAM) | KEY(ID),
		.session = session, .stream = stream, .id = id };

	return key_call(kernel, SRTP_CMD_KEY_DEL, &named, NULL);
}

static int socket_call(struct kernel *kernel, enum srtp_cmd cmd, const struct kernel_socket *named,
		       struct kernel_socket *reply)
{
	return netlink_call(kernel, &(struct netlink_call){
		.cmd = cmd, .set = &socket_fields,
		.request = named, .which = named->has, .reply = reply });
}

int kernel_socket_new(struct kernel *kernel, int fd, uint32_t session, enum srtp_role role)
{
	const struct kernel_socket named = {
		.has = SOCKET(FD) | SOCKET(SESSION) | SOCKET(ROLE),
		.fd = (uint32_t)fd, .session = session, .role = (uint8_t)role };

	return socket_call(kernel, SRTP_CMD_SOCKET_NEW, &named, NULL);
}

int kernel_socket_set(struct kernel *kernel, int fd, enum srtp_role role)
{
	const struct kernel_socket named = {
		.has = SOCKET(FD) | SOCKET(ROLE), .fd = (uint32_t)fd, .role = (uint8_t)role };

	return socket_call(kernel, SRTP_CMD_SOCKET_SET, &named, NULL);
}

int kernel_socket_get(struct kernel *kernel, int fd, struct kernel_socket *socket)
{
	const struct kernel_socket named = { .has = SOCKET(FD), .fd = (uint32_t)fd };

	*socket = (struct kernel_socket){ 0 };
	return socket_call(kernel, SRTP_CMD_SOCKET_GET, &named, socket);
}

int kernel_socket_del(struct kernel *kernel, int fd)
{
	const struct kernel_socket named = { .has = SOCKET(FD), .fd = (uint32_t)fd };

	return socket_call(kernel, SRTP_CMD_SOCKET_DEL, &named, NULL);
}
