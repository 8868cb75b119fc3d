// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps of the family "srtp".
 */
#include "netlink.h"

/*
 * netlink_call() knows no types; each pair of a structure and a function below
 * gives the caller's function its type back.
 */

struct session_visit {
	int (*fn)(const struct kernel_session *session, void *arg);
	void *arg;
};

static int visit_session(void *reply, void *arg)
{
	const struct session_visit *visit = arg;

	return visit->fn(reply, visit->arg);
}

int kernel_session_dump(struct kernel *kernel,
			int (*fn)(const struct kernel_session *session, void *arg), void *arg)
{
	struct session_visit visit = { fn, arg };
	struct kernel_session session;

	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_SESSION_GET, .dump = true, .set = &session_fields,
		.reply = &session, .fn = visit_session, .arg = &visit });
}

struct stream_visit {
	int (*fn)(struct kernel_stream *stream, void *arg);
	void *arg;
};

static int visit_stream(void *reply, void *arg)
{
	const struct stream_visit *visit = arg;

	return visit->fn(reply, visit->arg);
}

int kernel_stream_dump(struct kernel *kernel, uint32_t session,
		       int (*fn)(struct kernel_stream *stream, void *arg), void *arg)
{
	const struct kernel_stream of = { .session = session,
		.has = session ? KERNEL_BIT(SRTP_A_STREAM_SESSION) : 0 };
	struct stream_visit visit = { fn, arg };
	struct kernel_stream stream;

	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_STREAM_GET, .dump = true, .set = &stream_fields,
		.request = &of, .which = of.has,
		.reply = &stream, .fn = visit_stream, .arg = &visit });
}

struct key_visit {
	int (*fn)(struct kernel_key *key, void *arg);
	void *arg;
};

static int visit_key(void *reply, void *arg)
{
	const struct key_visit *visit = arg;

	return visit->fn(reply, visit->arg);
}

int kernel_key_dump(struct kernel *kernel, uint32_t session,
		    int (*fn)(struct kernel_key *key, void *arg), void *arg)
{
	const struct kernel_key of = { .session = session,
		.has = session ? KERNEL_BIT(SRTP_A_KEY_SESSION) : 0 };
	struct key_visit visit = { fn, arg };
	struct kernel_key key;

	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_KEY_GET, .dump = true, .set = &key_fields,
		.request = &of, .which = of.has,
		.reply = &key, .fn = visit_key, .arg = &visit });
}

struct socket_visit {
	int (*fn)(const struct kernel_socket *socket, void *arg);
	void *arg;
};

static int visit_socket(void *reply, void *arg)
{
	const struct socket_visit *visit = arg;

	return visit->fn(reply, visit->arg);
}

int kernel_socket_dump(struct kernel *kernel, uint32_t session,
		       int (*fn)(const struct kernel_socket *socket, void *arg), void *arg)
{
	const struct kernel_socket of = { .session = session,
		.has = session ? KERNEL_BIT(SRTP_A_SOCKET_SESSION) : 0 };
	struct socket_visit visit = { fn, arg };
	struct kernel_socket socket;

	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_SOCKET_GET, .dump = true, .set = &socket_fields,
		.request = &of, .which = of.has,
		.reply = &socket, .fn = visit_socket, .arg = &visit });
}

struct suite_visit {
	int (*fn)(const struct kernel_suite *suite, void *arg);
	void *arg;
};

static int visit_suite(void *reply, void *arg)
{
	const struct suite_visit *visit = arg;

	return visit->fn(reply, visit->arg);
}

int kernel_suite_dump(struct kernel *kernel,
		      int (*fn)(const struct kernel_suite *suite, void *arg), void *arg)
{
	struct suite_visit visit = { fn, arg };
	struct kernel_suite suite;

	return netlink_call(kernel, &(struct netlink_call){
		.cmd = SRTP_CMD_SUITE_GET, .dump = true, .set = &suite_fields,
		.reply = &suite, .fn = visit_suite, .arg = &visit });
}
