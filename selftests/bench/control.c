// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions, streams and keys over generic netlink.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <string.h>

#include "bench.h"

static struct nl_sock *sock;
static int family;

/**
 * control_open - connect to the module
 */
void control_open(void)
{
	sock = nl_socket_alloc();
	if (!sock || genl_connect(sock))
		die("no generic netlink");
	nl_socket_disable_auto_ack(sock);
	family = genl_ctrl_resolve(sock, SRTP_FAMILY_NAME);
	if (family < 0)
		die("no netlink family " SRTP_FAMILY_NAME);
}

static struct nl_msg *request(int cmd)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_ACK, cmd,
				 SRTP_FAMILY_VERSION))
		die("no memory");
	return msg;
}

struct reply {
	int attribute;
	uint32_t value;
	bool acknowledged;
	int error;
};

static int take_value(struct nl_msg *msg, void *data)
{
	struct reply *reply = data;
	struct nlattr *attr = genlmsg_attrdata(genlmsg_hdr(nlmsg_hdr(msg)), 0);
	int left = genlmsg_attrlen(genlmsg_hdr(nlmsg_hdr(msg)), 0);

	attr = nla_find(attr, left, reply->attribute);
	if (attr)
		reply->value = nla_get_u32(attr);
	return NL_OK;
}

static int take_ack(struct nl_msg *msg, void *data)
{
	struct reply *reply = data;

	(void)msg;
	reply->acknowledged = true;
	return NL_STOP;
}

static int take_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *data)
{
	struct reply *reply = data;

	(void)from;
	reply->error = error->error;
	return NL_STOP;
}

/* Sends the request and returns the number that the answer carries. */
static uint32_t perform(struct nl_msg *msg, int attribute)
{
	struct reply reply = { .attribute = attribute };
	int err;

	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, take_value, &reply);
	nl_socket_modify_cb(sock, NL_CB_ACK, NL_CB_CUSTOM, take_ack, &reply);
	nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, take_error, &reply);
	err = nl_send_auto(sock, msg);
	nlmsg_free(msg);
	/* The answer and the acknowledgement are messages of their own. */
	while (err >= 0 && !reply.acknowledged && !reply.error)
		err = nl_recvmsgs_default(sock);
	if (reply.error)
		die("the module refuses: %s", strerror(-reply.error));
	if (err < 0)
		die("netlink: %s", nl_geterror(err));
	return reply.value;
}

/**
 * session_new - make a session
 * @ssrc_cap: how many streams its wildcards may create
 *
 * Return: its number
 */
uint32_t session_new(uint32_t ssrc_cap)
{
	struct nl_msg *msg = request(SRTP_CMD_SESSION_NEW);

	nla_put_u32(msg, SRTP_A_SESSION_SSRC_CAP, ssrc_cap);
	return perform(msg, SRTP_A_SESSION_ID);
}

/**
 * session_del - delete it with all that it holds
 * @id: its number
 */
void session_del(uint32_t id)
{
	struct nl_msg *msg = request(SRTP_CMD_SESSION_DEL);

	nla_put_u32(msg, SRTP_A_SESSION_ID, id);
	perform(msg, 0);
}

/**
 * key_new - give a stream a key
 * @session: number of its session
 * @stream: its number
 * @suite: the suite
 * @octets: key, then salt
 */
void key_new(uint32_t session, uint32_t stream, const struct suite *suite, const uint8_t *octets)
{
	struct nl_msg *msg = request(SRTP_CMD_KEY_NEW);

	nla_put_u32(msg, SRTP_A_KEY_SESSION, session);
	nla_put_u32(msg, SRTP_A_KEY_STREAM, stream);
	nla_put_u8(msg, SRTP_A_KEY_ACTIVE, 1);
	nla_put(msg, SRTP_A_KEY_MASTER_KEY, suite->key_len, octets);
	nla_put(msg, SRTP_A_KEY_MASTER_SALT, suite->salt_len, octets + suite->key_len);
	perform(msg, 0);
}

/**
 * stream_new - make a wildcard stream and give it its key
 * @session: number of its session
 * @direction: enum srtp_direction
 * @suite: the suite
 *
 * Return: its number
 */
uint32_t stream_new(uint32_t session, int direction, const struct suite *suite)
{
	struct nl_msg *msg = request(SRTP_CMD_STREAM_NEW);
	uint32_t stream;

	nla_put_u32(msg, SRTP_A_STREAM_SESSION, session);
	nla_put_u8(msg, SRTP_A_STREAM_DIRECTION, direction);
	nla_put_u16(msg, SRTP_A_STREAM_SUITE, suite->id);
	if (direction == SRTP_DIRECTION_TX)
		nla_put_u8(msg, SRTP_A_STREAM_FRESH, 1);
	stream = perform(msg, SRTP_A_STREAM_ID);
	key_new(session, stream, suite, master);
	return stream;
}

/**
 * attach - make a socket an SRTP socket
 * @fd: the socket, of IPv4
 * @session: number of the session
 */
void attach(int fd, uint32_t session)
{
	struct srtp_attach at = { .session = session, .role = SRTP_ROLE_MUX };

	if (setsockopt(fd, SOL_IP, SRTP_SESSION, &at, sizeof(at)))
		die("attach: %s", strerror(errno));
}
