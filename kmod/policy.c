// SPDX-License-Identifier: GPL-2.0
/*
 * Which attributes each netlink command takes, and their ranges.
 *
 * An attribute that is not listed is refused.  The spec says the same; a test
 * compares the two.
 */
#include "compat/compat.h"
#include "netlink.h"

#define ID	{ .type = NLA_U32 }
#define BOOL	NLA_POLICY_MAX(NLA_U8, 1)
#define INDEX	NLA_POLICY_FULL_RANGE(NLA_U64, &srtp_index_range)
#define PACKETS	NLA_POLICY_FULL_RANGE(NLA_U64, &srtp_packets_range)
#define SRTCP_PACKETS	NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_srtcp_packets_range)

static struct netlink_range_validation srtp_provisional_range = { .max = 86400 };

static struct netlink_range_validation srtp_cap_range = { .min = 1, .max = 65536 };

static struct netlink_range_validation srtp_window_range = {
	.min = SRTP_WINDOW_MIN, .max = SRTP_WINDOW_MAX,
};

static struct netlink_range_validation srtp_kdr_range = { .max = 1 << 24 };

static struct netlink_range_validation srtp_srtcp_range = { .max = SRTCP_INDEX_MAX };

static struct netlink_range_validation srtp_index_range = { .max = SRTP_INDEX_MAX };

static struct netlink_range_validation srtp_packets_range = { .max = SRTP_INDEX_MAX + 1 };

static struct netlink_range_validation srtp_srtcp_packets_range = {
	.max = SRTCP_INDEX_MAX + 1U,
};

const struct nla_policy srtp_session_settings_policy[SRTP_A_SESSION_MAX + 1] = {
	[SRTP_A_SESSION_ID]		= ID,
	[SRTP_A_SESSION_OWNER]		= { .type = NLA_U32 },
	[SRTP_A_SESSION_NAME]		= { .type = NLA_NUL_STRING, .len = SRTP_NAME_MAX },
	[SRTP_A_SESSION_PASS_NON_RTP]	= BOOL,
	[SRTP_A_SESSION_FORBID_DETACH]	= BOOL,
	[SRTP_A_SESSION_AUTO_DELETE]	= BOOL,
	[SRTP_A_SESSION_PROVISIONAL]	= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_provisional_range),
	[SRTP_A_SESSION_SSRC_CAP]	= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_cap_range),
};

const struct nla_policy srtp_session_id_policy[SRTP_A_SESSION_MAX + 1] = {
	[SRTP_A_SESSION_ID]		= ID,
};

const struct nla_policy srtp_stream_new_policy[SRTP_A_STREAM_MAX + 1] = {
	[SRTP_A_STREAM_SESSION]		= ID,
	[SRTP_A_STREAM_DIRECTION]	= NLA_POLICY_RANGE(NLA_U8, 1, SRTP_DIRECTION_LAST),
	[SRTP_A_STREAM_SSRC]		= { .type = NLA_U32 },
	[SRTP_A_STREAM_PEER_V4]		= NLA_POLICY_EXACT_LEN(4),
	[SRTP_A_STREAM_PEER_V6]		= NLA_POLICY_EXACT_LEN(16),
	[SRTP_A_STREAM_PEER_PORT]	= { .type = NLA_BE16 },
	[SRTP_A_STREAM_SUITE]		= NLA_POLICY_RANGE(NLA_U16, 1, SRTP_SUITE_LAST),
	[SRTP_A_STREAM_NO_SRTP_ENCRYPTION]	= BOOL,
	[SRTP_A_STREAM_NO_SRTCP_ENCRYPTION]	= BOOL,
	[SRTP_A_STREAM_NO_SRTP_AUTHENTICATION]	= BOOL,
	[SRTP_A_STREAM_SRTP_TAG_LEN]	= NLA_POLICY_MAX(NLA_U8, 20),
	[SRTP_A_STREAM_SRTCP_TAG_LEN]	= NLA_POLICY_MAX(NLA_U8, 20),
	[SRTP_A_STREAM_MKI_LEN]		= { .type = NLA_U8 },
	[SRTP_A_STREAM_KDR]		= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_kdr_range),
	[SRTP_A_STREAM_RCC_MODE]	= NLA_POLICY_MAX(NLA_U8, SRTP_RCC_MODE_LAST),
	[SRTP_A_STREAM_RCC_RATE]	= NLA_POLICY_MIN(NLA_U16, 1),
	[SRTP_A_STREAM_ENCRYPTED_EXT_IDS] = { .type = NLA_BINARY, .len = 255 },
	[SRTP_A_STREAM_CRYPTEX]		= NLA_POLICY_MAX(NLA_U8, SRTP_CRYPTEX_LAST),
	[SRTP_A_STREAM_SRTCP_ONLY]	= BOOL,
	[SRTP_A_STREAM_WINDOW]		= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_window_range),
	[SRTP_A_STREAM_SRTCP_WINDOW]	= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_window_range),
	[SRTP_A_STREAM_FRESH]		= BOOL,
	[SRTP_A_STREAM_ROC]		= { .type = NLA_U32 },
	[SRTP_A_STREAM_SEQ]		= { .type = NLA_U16 },
	[SRTP_A_STREAM_SRTCP_INDEX]	= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_srtcp_range),
	[SRTP_A_STREAM_REPLAY_STATE]	= { .type = NLA_BINARY, .len = 4096 },
	[SRTP_A_STREAM_SRTCP_REPLAY_STATE] = { .type = NLA_BINARY, .len = 4096 },
};

const struct nla_policy srtp_stream_set_policy[SRTP_A_STREAM_MAX + 1] = {
	[SRTP_A_STREAM_SESSION]		= ID,
	[SRTP_A_STREAM_ID]		= ID,
	[SRTP_A_STREAM_ROC]		= { .type = NLA_U32 },
	[SRTP_A_STREAM_SEQ]		= { .type = NLA_U16 },
	[SRTP_A_STREAM_SRTCP_INDEX]	= NLA_POLICY_FULL_RANGE(NLA_U32, &srtp_srtcp_range),
	[SRTP_A_STREAM_ACK_EVENTS]	= { .type = NLA_U32 },
};

/* For get, a dump takes the session only; what it does not use is harmless. */
const struct nla_policy srtp_stream_id_policy[SRTP_A_STREAM_MAX + 1] = {
	[SRTP_A_STREAM_SESSION]		= ID,
	[SRTP_A_STREAM_ID]		= ID,
};

const struct nla_policy srtp_key_new_policy[SRTP_A_KEY_MAX + 1] = {
	[SRTP_A_KEY_SESSION]		= ID,
	[SRTP_A_KEY_STREAM]		= ID,
	[SRTP_A_KEY_MKI]		= { .type = NLA_BINARY, .len = SRTP_MKI_MAX },
	[SRTP_A_KEY_MASTER_KEY]		= { .type = NLA_BINARY, .len = SRTP_MASTER_KEY_MAX },
	[SRTP_A_KEY_MASTER_SALT]	= { .type = NLA_BINARY, .len = SRTP_MASTER_SALT_MAX },
	[SRTP_A_KEY_ACTIVE]		= BOOL,
	[SRTP_A_KEY_FROM]		= INDEX,
	[SRTP_A_KEY_TO]			= INDEX,
	[SRTP_A_KEY_SOFT_PACKETS]	= PACKETS,
	[SRTP_A_KEY_HARD_PACKETS]	= PACKETS,
	[SRTP_A_KEY_SOFT_SRTCP_PACKETS]	= SRTCP_PACKETS,
	[SRTP_A_KEY_HARD_SRTCP_PACKETS]	= SRTCP_PACKETS,
	[SRTP_A_KEY_SOFT_SECONDS]	= { .type = NLA_U32 },
	[SRTP_A_KEY_HARD_SECONDS]	= { .type = NLA_U32 },
};

const struct nla_policy srtp_key_set_policy[SRTP_A_KEY_MAX + 1] = {
	[SRTP_A_KEY_SESSION]		= ID,
	[SRTP_A_KEY_STREAM]		= ID,
	[SRTP_A_KEY_ID]			= ID,
	[SRTP_A_KEY_ACTIVE]		= BOOL,
	[SRTP_A_KEY_SOFT_PACKETS]	= PACKETS,
	[SRTP_A_KEY_HARD_PACKETS]	= PACKETS,
	[SRTP_A_KEY_SOFT_SRTCP_PACKETS]	= SRTCP_PACKETS,
	[SRTP_A_KEY_HARD_SRTCP_PACKETS]	= SRTCP_PACKETS,
	[SRTP_A_KEY_SOFT_SECONDS]	= { .type = NLA_U32 },
	[SRTP_A_KEY_HARD_SECONDS]	= { .type = NLA_U32 },
};

const struct nla_policy srtp_key_id_policy[SRTP_A_KEY_MAX + 1] = {
	[SRTP_A_KEY_SESSION]		= ID,
	[SRTP_A_KEY_STREAM]		= ID,
	[SRTP_A_KEY_ID]			= ID,
};

const struct nla_policy srtp_socket_new_policy[SRTP_A_SOCKET_MAX + 1] = {
	[SRTP_A_SOCKET_FD]		= { .type = NLA_U32 },
	[SRTP_A_SOCKET_SESSION]		= ID,
	[SRTP_A_SOCKET_ROLE]		= NLA_POLICY_RANGE(NLA_U8, 1, SRTP_ROLE_LAST),
};

const struct nla_policy srtp_socket_set_policy[SRTP_A_SOCKET_MAX + 1] = {
	[SRTP_A_SOCKET_FD]		= { .type = NLA_U32 },
	[SRTP_A_SOCKET_ROLE]		= NLA_POLICY_RANGE(NLA_U8, 1, SRTP_ROLE_LAST),
};

const struct nla_policy srtp_socket_get_policy[SRTP_A_SOCKET_MAX + 1] = {
	[SRTP_A_SOCKET_FD]		= { .type = NLA_U32 },
	[SRTP_A_SOCKET_SESSION]		= ID,
};

const struct nla_policy srtp_socket_del_policy[SRTP_A_SOCKET_MAX + 1] = {
	[SRTP_A_SOCKET_FD]		= { .type = NLA_U32 },
};

const struct nla_policy srtp_suite_policy[SRTP_A_SUITE_MAX + 1] = {};
