// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions, streams and keys over generic netlink, from either host.
 */
#include "srtptest.h"

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

const struct master master_b3 = {
	.key = {
		0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0,
		0xd6, 0x4f, 0xa3, 0x2c, 0x06, 0xde, 0x41, 0x39,
	},
	.salt = {
		0x0e, 0xc6, 0x75, 0xad, 0x49, 0x8a, 0xfe,
		0xeb, 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6,
	},
};

const struct master master_other = {
	.key = {
		0x10, 0x21, 0x32, 0x43, 0x54, 0x65, 0x76, 0x87,
		0x98, 0xa9, 0xba, 0xcb, 0xdc, 0xed, 0xfe, 0x0f,
	},
	.salt = {
		0x5a, 0x69, 0x78, 0x87, 0x96, 0xa5, 0xb4,
		0xc3, 0xd2, 0xe1, 0xf0, 0x0f, 0x1e, 0x2d,
	},
};

/* One connection for each side, remade after a fork: the kernel would answer
 * to whoever asked, but the library counts sequence numbers.
 */
static struct nl_sock *sockets[SIDES];
static pid_t opener[SIDES];
static int family_id;

static struct nl_sock *connection(enum side side)
{
	struct nl_sock *sock;

	if (sockets[side] && opener[side] == getpid())
		return sockets[side];
	net_enter(side);
	sock = nl_socket_alloc();
	CHECK(sock);
	if (genl_connect(sock))
		FAIL("no generic netlink");
	nl_socket_disable_auto_ack(sock);
	nl_socket_set_buffer_size(sock, 1 << 18, 1 << 18);
	set_int(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_CAP_ACK, 1);
	set_int(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_EXT_ACK, 1);
	family_id = genl_ctrl_resolve(sock, SRTP_FAMILY_NAME);
	if (family_id < 0)
		FAIL("no netlink family " SRTP_FAMILY_NAME);
	net_enter(LEFT);
	sockets[side] = sock;
	opener[side] = getpid();
	return sock;
}

static struct nl_msg *request(enum side side, int cmd, int flags)
{
	struct nl_msg *msg;

	connection(side);
	msg = nlmsg_alloc();
	CHECK(msg);
	CHECK(genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family_id, 0, flags, cmd,
			  SRTP_FAMILY_VERSION));
	return msg;
}

struct answer {
	void (*each)(struct nlattr **attrs, void *data);
	void *data;
	int max;
	int error;
	bool done;
};

static int on_message(struct nl_msg *msg, void *data)
{
	struct answer *answer = data;
	struct nlattr *attrs[answer->max + 1];

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, answer->max, NULL))
		FAIL("an answer that is no netlink message");
	if (answer->each)
		answer->each(attrs, answer->data);
	return NL_OK;
}

static int on_end(struct nl_msg *msg, void *data)
{
	struct answer *answer = data;

	answer->done = true;
	return NL_STOP;
}

/* What the kernel said about the latest error. */
static char sentence[256];

static void keep_sentence(const struct nlmsgerr *error)
{
	const struct nlmsghdr *header = (void *)((char *)error - NLMSG_HDRLEN);
	struct nlattr *attrs[NLMSGERR_ATTR_MAX + 1] = {};

	sentence[0] = 0;
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    nla_parse(attrs, NLMSGERR_ATTR_MAX, (struct nlattr *)(error + 1),
		      header->nlmsg_len - NLMSG_HDRLEN - sizeof(*error), NULL))
		return;
	if (attrs[NLMSGERR_ATTR_MSG])
		nla_strlcpy(sentence, attrs[NLMSGERR_ATTR_MSG], sizeof(sentence));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *data)
{
	struct answer *answer = data;

	keep_sentence(error);
	answer->error = error->error;
	answer->done = true;
	return NL_STOP;
}

/* Sends the request, frees it, and calls each() for every answer. -errno. */
static int ask(enum side side, struct nl_msg *msg, int max,
	       void (*each)(struct nlattr **attrs, void *data), void *data)
{
	struct answer answer = { .each = each, .data = data, .max = max };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	struct nl_sock *sock = connection(side);
	int error;

	CHECK(cb);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_message, &answer);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_end, &answer);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_end, &answer);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, &answer);
	if (nl_send_auto(sock, msg) < 0)
		FAIL("cannot send a netlink request");
	nlmsg_free(msg);
	while (!answer.done) {
		error = nl_recvmsgs(sock, cb);
		if (error < 0 && !answer.done)
			FAIL("netlink: %s", nl_geterror(error));
	}
	nl_cb_put(cb);
	return answer.error;
}

static uint64_t number(const struct nlattr *attr)
{
	if (!attr)
		return 0;
	switch (nla_len(attr)) {
	case 1:
		return nla_get_u8(attr);
	case 2:
		return nla_get_u16(attr);
	case 4:
		return nla_get_u32(attr);
	case 8:
		return nla_get_u64(attr);
	default:
		FAIL("a number of %d octets", nla_len(attr));
	}
}

static int type_of_id;

static void take_id(struct nlattr **attrs, void *data)
{
	*(int64_t *)data = number(attrs[type_of_id]);
}

uint32_t session_with(enum side side, const struct session *session)
{
	struct nl_msg *msg = request(side, SRTP_CMD_SESSION_NEW, NLM_F_ACK);
	int64_t id = 0;
	int error;

	if (session->owner)
		nla_put_u32(msg, SRTP_A_SESSION_OWNER, session->owner);
	if (session->pass_non_rtp)
		nla_put_u8(msg, SRTP_A_SESSION_PASS_NON_RTP, 1);
	if (session->forbid_detach)
		nla_put_u8(msg, SRTP_A_SESSION_FORBID_DETACH, 1);
	if (session->auto_delete)
		nla_put_u8(msg, SRTP_A_SESSION_AUTO_DELETE, 1);
	if (session->ssrc_cap)
		nla_put_u32(msg, SRTP_A_SESSION_SSRC_CAP, session->ssrc_cap);
	type_of_id = SRTP_A_SESSION_ID;
	error = ask(side, msg, SRTP_A_SESSION_MAX, take_id, &id);
	if (error)
		FAIL("session-new: %s (%s)", strerror(-error), sentence);
	CHECK(id > 0);
	return id;
}

uint32_t session_new(enum side side)
{
	const struct session session = {};

	return session_with(side, &session);
}

static void take_session(struct nlattr **attrs, void *data)
{
	struct session *session = data;

	session->id = number(attrs[SRTP_A_SESSION_ID]);
	session->owner = number(attrs[SRTP_A_SESSION_OWNER]);
	session->sockets = number(attrs[SRTP_A_SESSION_SOCKETS]);
	session->streams = number(attrs[SRTP_A_SESSION_STREAMS]);
}

int try_session_get(enum side side, uint32_t id, struct session *session)
{
	struct nl_msg *msg = request(side, SRTP_CMD_SESSION_GET, NLM_F_ACK);

	nla_put_u32(msg, SRTP_A_SESSION_ID, id);
	return ask(side, msg, SRTP_A_SESSION_MAX, take_session, session);
}

struct session session_get(enum side side, uint32_t id)
{
	struct session session = {};
	int error = try_session_get(side, id, &session);

	if (error)
		FAIL("session-get: %s (%s)", strerror(-error), sentence);
	return session;
}

static int try_session_del(enum side side, uint32_t id)
{
	struct nl_msg *msg = request(side, SRTP_CMD_SESSION_DEL, NLM_F_ACK);

	nla_put_u32(msg, SRTP_A_SESSION_ID, id);
	return ask(side, msg, SRTP_A_SESSION_MAX, NULL, NULL);
}

void session_del(enum side side, uint32_t id)
{
	int error = try_session_del(side, id);

	if (error)
		FAIL("session-del: %s (%s)", strerror(-error), sentence);
}

struct ids {
	uint32_t id[256];
	size_t count;
};

static void collect_id(struct nlattr **attrs, void *data)
{
	struct ids *ids = data;

	if (ids->count < ARRAY_SIZE(ids->id))
		ids->id[ids->count++] = number(attrs[SRTP_A_SESSION_ID]);
}

/* A test may have loaded the module anew, which gives the family another number. */
static void forget_connection(enum side side)
{
	if (sockets[side])
		nl_socket_free(sockets[side]);
	sockets[side] = NULL;
}

/* All that there are; one may have gone with its last socket meanwhile. */
void sessions_del(enum side side)
{
	struct ids ids = {};
	size_t i;

	forget_connection(side);
	if (ask(side, request(side, SRTP_CMD_SESSION_GET, NLM_F_DUMP), SRTP_A_SESSION_MAX,
		collect_id, &ids))
		FAIL("session-get: no dump");
	for (i = 0; i < ids.count; i++)
		try_session_del(side, ids.id[i]);
}

void dump_all(enum side side)
{
	static const int commands[] = {
		SRTP_CMD_SESSION_GET, SRTP_CMD_STREAM_GET, SRTP_CMD_KEY_GET, SRTP_CMD_SOCKET_GET,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (ask(side, request(side, commands[i], NLM_F_DUMP), SRTP_A_SESSION_MAX,
			NULL, NULL))
			FAIL("a dump failed (%s)", sentence);
}

const char *refusal(void)
{
	return sentence;
}

static void put_policy(struct nl_msg *msg, const struct policy *policy)
{
	const struct {
		uint16_t attr;
		uint8_t value;
	} small[] = {
		{ SRTP_A_STREAM_NO_SRTP_ENCRYPTION, policy->no_srtp_encryption },
		{ SRTP_A_STREAM_NO_SRTCP_ENCRYPTION, policy->no_srtcp_encryption },
		{ SRTP_A_STREAM_NO_SRTP_AUTHENTICATION, policy->no_srtp_authentication },
		{ SRTP_A_STREAM_SRTCP_ONLY, policy->srtcp_only },
		{ SRTP_A_STREAM_SRTP_TAG_LEN, policy->srtp_tag_len },
		{ SRTP_A_STREAM_SRTCP_TAG_LEN, policy->srtcp_tag_len },
		{ SRTP_A_STREAM_MKI_LEN, policy->mki_len },
		{ SRTP_A_STREAM_RCC_MODE, policy->rcc_mode },
		{ SRTP_A_STREAM_CRYPTEX, policy->cryptex },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(small); i++)
		if (small[i].value)
			nla_put_u8(msg, small[i].attr, small[i].value);
	if (policy->kdr)
		nla_put_u32(msg, SRTP_A_STREAM_KDR, policy->kdr);
	if (policy->rcc_rate)
		nla_put_u16(msg, SRTP_A_STREAM_RCC_RATE, policy->rcc_rate);
	if (policy->ext_ids_len)
		nla_put(msg, SRTP_A_STREAM_ENCRYPTED_EXT_IDS, policy->ext_ids_len,
			policy->ext_ids);
}

static int64_t stream_create(enum side side, const struct stream *stream)
{
	struct nl_msg *msg = request(side, SRTP_CMD_STREAM_NEW, NLM_F_ACK);
	int64_t id = 0;
	int error;

	nla_put_u32(msg, SRTP_A_STREAM_SESSION, stream->session);
	nla_put_u8(msg, SRTP_A_STREAM_DIRECTION, stream->direction);
	nla_put_u16(msg, SRTP_A_STREAM_SUITE, stream->policy ? stream->policy->suite :
		    SRTP_SUITE_AES_CM_128_HMAC_SHA1_80);
	if (stream->policy)
		put_policy(msg, stream->policy);
	if (!stream->any)
		nla_put_u32(msg, SRTP_A_STREAM_SSRC, stream->ssrc);
	if (stream->window)
		nla_put_u32(msg, SRTP_A_STREAM_WINDOW, stream->window);
	if (stream->srtcp_window)
		nla_put_u32(msg, SRTP_A_STREAM_SRTCP_WINDOW, stream->srtcp_window);
	if (stream->fresh)
		nla_put_u8(msg, SRTP_A_STREAM_FRESH, 1);
	if (stream->indexes) {
		nla_put_u32(msg, SRTP_A_STREAM_ROC, stream->roc);
		nla_put_u16(msg, SRTP_A_STREAM_SEQ, stream->seq);
		nla_put_u32(msg, SRTP_A_STREAM_SRTCP_INDEX, stream->srtcp_index);
	}
	type_of_id = SRTP_A_STREAM_ID;
	error = ask(side, msg, SRTP_A_STREAM_MAX, take_id, &id);
	return error ? error : id;
}

/* For a suite of any sizes, and with the MKI of the policy. */
uint32_t long_key_new(enum side side, const struct stream *stream, uint32_t id, bool active)
{
	const struct policy *policy = stream->policy;
	const struct suite *suite = suite_of(policy->suite);
	struct nl_msg *msg = request(side, SRTP_CMD_KEY_NEW, NLM_F_ACK);
	int64_t key = 0;
	int error;

	nla_put_u32(msg, SRTP_A_KEY_SESSION, stream->session);
	nla_put_u32(msg, SRTP_A_KEY_STREAM, id);
	nla_put(msg, SRTP_A_KEY_MASTER_KEY, suite->key_len, stream->long_master->key);
	nla_put(msg, SRTP_A_KEY_MASTER_SALT, suite->salt_len, stream->long_master->salt);
	if (policy->mki_len)
		nla_put(msg, SRTP_A_KEY_MKI, policy->mki_len, policy->mki);
	nla_put_u8(msg, SRTP_A_KEY_ACTIVE, active);
	type_of_id = SRTP_A_KEY_ID;
	error = ask(side, msg, SRTP_A_KEY_MAX, take_id, &key);
	if (error)
		FAIL("key-new of %s: %s (%s)", suite->name, strerror(-error), sentence);
	return key;
}

static void take_state(struct nlattr **attrs, void *data)
{
	*(int *)data = nla_get_u8(attrs[SRTP_A_KEY_STATE]);
}

int key_state(enum side side, uint32_t session, uint32_t stream, uint32_t key)
{
	struct nl_msg *msg = request(side, SRTP_CMD_KEY_GET, NLM_F_ACK);
	int error, state = -1;

	nla_put_u32(msg, SRTP_A_KEY_SESSION, session);
	nla_put_u32(msg, SRTP_A_KEY_STREAM, stream);
	nla_put_u32(msg, SRTP_A_KEY_ID, key);
	error = ask(side, msg, SRTP_A_KEY_MAX, take_state, &state);
	if (error)
		FAIL("key-get: %s (%s)", strerror(-error), sentence);
	return state;
}

uint32_t key_new(enum side side, uint32_t session, uint32_t stream, const struct master *master)
{
	struct nl_msg *msg = request(side, SRTP_CMD_KEY_NEW, NLM_F_ACK);
	int64_t id = 0;
	int error;

	nla_put_u32(msg, SRTP_A_KEY_SESSION, session);
	nla_put_u32(msg, SRTP_A_KEY_STREAM, stream);
	nla_put(msg, SRTP_A_KEY_MASTER_KEY, sizeof(master->key), master->key);
	nla_put(msg, SRTP_A_KEY_MASTER_SALT, sizeof(master->salt), master->salt);
	nla_put_u8(msg, SRTP_A_KEY_ACTIVE, 1);
	type_of_id = SRTP_A_KEY_ID;
	error = ask(side, msg, SRTP_A_KEY_MAX, take_id, &id);
	if (error)
		FAIL("key-new: %s (%s)", strerror(-error), sentence);
	return id;
}

void key_del(enum side side, uint32_t session, uint32_t stream, uint32_t key)
{
	struct nl_msg *msg = request(side, SRTP_CMD_KEY_DEL, NLM_F_ACK);
	int error;

	nla_put_u32(msg, SRTP_A_KEY_SESSION, session);
	nla_put_u32(msg, SRTP_A_KEY_STREAM, stream);
	nla_put_u32(msg, SRTP_A_KEY_ID, key);
	error = ask(side, msg, SRTP_A_KEY_MAX, NULL, NULL);
	if (error)
		FAIL("key-del: %s (%s)", strerror(-error), sentence);
}

int64_t try_stream_new(enum side side, const struct stream *stream)
{
	int64_t id = stream_create(side, stream);

	if (id > 0 && stream->master)
		key_new(side, stream->session, id, stream->master);
	if (id > 0 && stream->long_master)
		long_key_new(side, stream, id, true);
	return id;
}

uint32_t stream_new(enum side side, const struct stream *stream)
{
	int64_t id = try_stream_new(side, stream);

	if (id <= 0)
		FAIL("stream-new: %s (%s)", strerror(-id), sentence);
	return id;
}

uint32_t stream_any(enum side side, uint32_t session, int direction, const struct master *master)
{
	const struct stream stream = {
		.session = session,
		.direction = direction,
		.any = true,
		.fresh = direction == SRTP_DIRECTION_TX,
		.master = master,
	};

	return stream_new(side, &stream);
}

static void take_stream(struct nlattr **attrs, void *data)
{
	struct nlattr *stats[SRTP_A_STATS_MAX + 1] = {};
	struct stream *stream = data;
	int i;

	memset(stream, 0, sizeof(*stream));
	stream->session = number(attrs[SRTP_A_STREAM_SESSION]);
	stream->id = number(attrs[SRTP_A_STREAM_ID]);
	stream->direction = number(attrs[SRTP_A_STREAM_DIRECTION]);
	stream->any = !attrs[SRTP_A_STREAM_SSRC];
	stream->ssrc = number(attrs[SRTP_A_STREAM_SSRC]);
	stream->template = number(attrs[SRTP_A_STREAM_TEMPLATE]);
	stream->window = number(attrs[SRTP_A_STREAM_WINDOW]);
	stream->srtcp_window = number(attrs[SRTP_A_STREAM_SRTCP_WINDOW]);
	stream->roc = number(attrs[SRTP_A_STREAM_ROC]);
	stream->seq = number(attrs[SRTP_A_STREAM_SEQ]);
	stream->srtcp_index = number(attrs[SRTP_A_STREAM_SRTCP_INDEX]);
	if (!attrs[SRTP_A_STREAM_STATS])
		return;
	if (nla_parse_nested(stats, SRTP_A_STATS_MAX, attrs[SRTP_A_STREAM_STATS], NULL))
		FAIL("stream-get: unreadable stats");
	for (i = 1; i <= SRTP_A_STATS_MAX; i++)
		stream->stats[i] = i == SRTP_A_STATS_PAD ? 0 : number(stats[i]);
}

int try_stream_get(enum side side, uint32_t session, uint32_t id, struct stream *stream)
{
	struct nl_msg *msg = request(side, SRTP_CMD_STREAM_GET, NLM_F_ACK);

	nla_put_u32(msg, SRTP_A_STREAM_SESSION, session);
	nla_put_u32(msg, SRTP_A_STREAM_ID, id);
	return ask(side, msg, SRTP_A_STREAM_MAX, take_stream, stream);
}

struct stream stream_get(enum side side, uint32_t session, uint32_t id)
{
	struct stream stream;
	int error = try_stream_get(side, session, id, &stream);

	if (error)
		FAIL("stream-get: %s (%s)", strerror(-error), sentence);
	return stream;
}

void stream_del(enum side side, uint32_t session, uint32_t id)
{
	struct nl_msg *msg = request(side, SRTP_CMD_STREAM_DEL, NLM_F_ACK);
	int error;

	nla_put_u32(msg, SRTP_A_STREAM_SESSION, session);
	nla_put_u32(msg, SRTP_A_STREAM_ID, id);
	error = ask(side, msg, SRTP_A_STREAM_MAX, NULL, NULL);
	if (error)
		FAIL("stream-del: %s (%s)", strerror(-error), sentence);
}

struct search {
	int direction;
	uint32_t ssrc;
	bool found;
	struct stream *stream;
};

static void match_stream(struct nlattr **attrs, void *data)
{
	struct search *search = data;
	struct stream stream;

	take_stream(attrs, &stream);
	if (stream.any || stream.ssrc != search->ssrc || stream.direction != search->direction)
		return;
	search->found = true;
	if (search->stream)
		*search->stream = stream;
}

bool stream_find(enum side side, uint32_t session, int direction, uint32_t ssrc,
		 struct stream *stream)
{
	struct search search = { .direction = direction, .ssrc = ssrc, .stream = stream };
	struct nl_msg *msg = request(side, SRTP_CMD_STREAM_GET, NLM_F_DUMP);

	nla_put_u32(msg, SRTP_A_STREAM_SESSION, session);
	if (ask(side, msg, SRTP_A_STREAM_MAX, match_stream, &search))
		FAIL("stream-get: no dump");
	return search.found;
}
