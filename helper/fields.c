// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes of the kernel's objects as tables.
 */
#include <stdlib.h>
#include <string.h>
#include "fields.h"
#include "kernel.h"

#define WORDS(name, begin, ...) \
	static const char *const name##_list[] = { __VA_ARGS__ }; \
	const struct field_words name = { \
		.first = (begin), \
		.count = sizeof(name##_list) / sizeof(name##_list[0]), \
		.word = name##_list, \
	}

#define CHECK_WORDS(name, begin, last) \
	_Static_assert(sizeof(name##_list) / sizeof(name##_list[0]) == (last) - (begin) + 1, \
		       "a word for each value of " #name)

WORDS(direction_words, SRTP_DIRECTION_TX, "tx", "rx");
CHECK_WORDS(direction_words, SRTP_DIRECTION_TX, SRTP_DIRECTION_LAST);

WORDS(role_words, SRTP_ROLE_RTP, "rtp", "rtcp", "mux");
CHECK_WORDS(role_words, SRTP_ROLE_RTP, SRTP_ROLE_LAST);

/* The names that the suites are registered under. */
WORDS(suite_words, SRTP_SUITE_AES_CM_128_HMAC_SHA1_80,
      "AES_CM_128_HMAC_SHA1_80",
      "AES_CM_128_HMAC_SHA1_32",
      "AES_192_CM_HMAC_SHA1_80",
      "AES_192_CM_HMAC_SHA1_32",
      "AES_256_CM_HMAC_SHA1_80",
      "AES_256_CM_HMAC_SHA1_32",
      "F8_128_HMAC_SHA1_80",
      "NULL_HMAC_SHA1_80",
      "NULL_HMAC_SHA1_32",
      "AEAD_AES_128_GCM",
      "AEAD_AES_256_GCM",
      "ARIA_128_CTR_HMAC_SHA1_80",
      "ARIA_128_CTR_HMAC_SHA1_32",
      "ARIA_256_CTR_HMAC_SHA1_80",
      "ARIA_256_CTR_HMAC_SHA1_32",
      "AEAD_ARIA_128_GCM",
      "AEAD_ARIA_256_GCM",
      "SEED_CTR_128_HMAC_SHA1_80",
      "SEED_128_CCM_80",
      "SEED_128_GCM_96");
CHECK_WORDS(suite_words, SRTP_SUITE_AES_CM_128_HMAC_SHA1_80, SRTP_SUITE_LAST);

WORDS(rcc_words, SRTP_RCC_MODE_NONE, "none", "m1", "m2", "m3");
CHECK_WORDS(rcc_words, SRTP_RCC_MODE_NONE, SRTP_RCC_MODE_LAST);

WORDS(cryptex_words, SRTP_CRYPTEX_OFF, "off", "allowed", "required");
CHECK_WORDS(cryptex_words, SRTP_CRYPTEX_OFF, SRTP_CRYPTEX_LAST);

WORDS(session_state_words, SRTP_SESSION_STATE_LIVE, "live", "provisional");
CHECK_WORDS(session_state_words, SRTP_SESSION_STATE_LIVE, SRTP_SESSION_STATE_LAST);

WORDS(key_state_words, SRTP_KEY_STATE_INSTALLED, "installed", "active", "retired", "expired");
CHECK_WORDS(key_state_words, SRTP_KEY_STATE_INSTALLED, SRTP_KEY_STATE_LAST);

WORDS(event_words, SRTP_EVENT_KEY_SOFT_LIMIT,
      "key-soft-limit", "key-hard-limit", "key-expired", "mki-unknown", "ssrc-new",
      "ssrc-collision", "roc-resync", "session-closed");
CHECK_WORDS(event_words, SRTP_EVENT_KEY_SOFT_LIMIT, SRTP_EVENT_LAST);

WORDS(close_reason_words, SRTP_CLOSE_REASON_REQUEST, "request", "provisional", "last-socket");
CHECK_WORDS(close_reason_words, SRTP_CLOSE_REASON_REQUEST, SRTP_CLOSE_REASON_LAST);

WORDS(stats_words, SRTP_A_STATS_TX_SRTP_PACKETS,
      "tx_srtp_packets", "tx_srtp_bytes", "tx_srtcp_packets", "tx_srtcp_bytes",
      "rx_srtp_packets", "rx_srtp_bytes", "rx_srtcp_packets", "rx_srtcp_bytes",
      "tx_repeated", "tx_passed", "rx_passed", "tx_index_reused", "tx_no_key", "tx_expired",
      "tx_malformed", "rx_auth_failed", "rx_replayed", "rx_too_old", "rx_mki_unknown",
      "rx_no_key", "rx_expired", "rx_malformed", "rx_not_rtp", "rx_ssrc_cap", "rx_own_ssrc",
      "rx_buffer_full", "rx_purged");
CHECK_WORDS(stats_words, SRTP_A_STATS_TX_SRTP_PACKETS, SRTP_A_STATS_MAX);

#define FIELD(prefix, type, number, member, how, ...) { \
		.name = #member, \
		.attr = prefix##number, \
		.kind = (how), \
		.offset = offsetof(struct type, member), \
		.size = sizeof(((struct type *)NULL)->member), \
		__VA_ARGS__ \
	}

#define FIELD_SET(name, object, type, last) \
	const struct field_set name##_fields = { \
		.what = object, \
		.size = sizeof(struct type), \
		.max = (last), \
		.count = sizeof(name##_table) / sizeof(name##_table[0]), \
		.fields = name##_table, \
	}; \
	_Static_assert((last) < 64, "the members of " object " fit into has"); \
	_Static_assert(offsetof(struct type, has) == 0, "has is the first member")

#define SESSION(...) FIELD(SRTP_A_SESSION_, kernel_session, __VA_ARGS__)
#define STREAM(...) FIELD(SRTP_A_STREAM_, kernel_stream, __VA_ARGS__)
#define KEY(...) FIELD(SRTP_A_KEY_, kernel_key, __VA_ARGS__)
#define SOCKET(...) FIELD(SRTP_A_SOCKET_, kernel_socket, __VA_ARGS__)
#define SUITE(...) FIELD(SRTP_A_SUITE_, kernel_suite, __VA_ARGS__)
#define EVENT(...) FIELD(SRTP_A_EVENT_, kernel_event, __VA_ARGS__)

#define LOADED .flags = FIELD_LOAD
#define LOADED_BOOL .flags = FIELD_LOAD | FIELD_BOOL
#define SHOWN .flags = FIELD_STATE

static const struct field session_table[] = {
	SESSION(ID, id, FIELD_UINT, LOADED),
	SESSION(OWNER, owner, FIELD_UINT, LOADED),
	SESSION(NAME, name, FIELD_STRING, LOADED),
	SESSION(PASS_NON_RTP, pass_non_rtp, FIELD_UINT, LOADED_BOOL),
	SESSION(FORBID_DETACH, forbid_detach, FIELD_UINT, LOADED_BOOL),
	SESSION(AUTO_DELETE, auto_delete, FIELD_UINT, LOADED_BOOL),
	SESSION(PROVISIONAL, provisional, FIELD_UINT, LOADED),
	SESSION(SSRC_CAP, ssrc_cap, FIELD_UINT, LOADED),
	SESSION(COOKIE, cookie, FIELD_UINT, SHOWN),
	SESSION(STATE, state, FIELD_UINT, SHOWN, .words = &session_state_words),
	SESSION(SOCKETS, sockets, FIELD_UINT, SHOWN),
	SESSION(STREAMS, streams, FIELD_UINT, SHOWN),
	SESSION(EVENT_SEQ, event_seq, FIELD_UINT, SHOWN),
};
FIELD_SET(session, "session", kernel_session, SRTP_A_SESSION_MAX);

/* The peer's three attributes are one member in JSON, which has code of its own. */
static const struct field stream_table[] = {
	STREAM(SESSION, session, FIELD_UINT, .flags = 0),
	STREAM(DIRECTION, direction, FIELD_UINT, .flags = FIELD_LOAD | FIELD_NEEDED,
	       .words = &direction_words),
	STREAM(SSRC, ssrc, FIELD_UINT, .flags = FIELD_LOAD | FIELD_NEEDED | FIELD_ANY),
	STREAM(PEER_V4, peer_v4, FIELD_FIXED, .flags = 0),
	STREAM(PEER_V6, peer_v6, FIELD_FIXED, .flags = 0),
	STREAM(PEER_PORT, peer_port, FIELD_BE16, .flags = 0),
	STREAM(SUITE, suite, FIELD_UINT, .flags = FIELD_LOAD | FIELD_NEEDED, .words = &suite_words),
	STREAM(NO_SRTP_ENCRYPTION, no_srtp_encryption, FIELD_UINT, LOADED_BOOL),
	STREAM(NO_SRTCP_ENCRYPTION, no_srtcp_encryption, FIELD_UINT, LOADED_BOOL),
	STREAM(NO_SRTP_AUTHENTICATION, no_srtp_authentication, FIELD_UINT, LOADED_BOOL),
	STREAM(SRTP_TAG_LEN, srtp_tag_len, FIELD_UINT, LOADED),
	STREAM(SRTCP_TAG_LEN, srtcp_tag_len, FIELD_UINT, LOADED),
	STREAM(MKI_LEN, mki_len, FIELD_UINT, LOADED),
	STREAM(KDR, kdr, FIELD_UINT, LOADED),
	STREAM(RCC_MODE, rcc_mode, FIELD_UINT, LOADED, .words = &rcc_words),
	STREAM(RCC_RATE, rcc_rate, FIELD_UINT, LOADED),
	STREAM(ENCRYPTED_EXT_IDS, encrypted_ext_ids, FIELD_OCTETS, LOADED),
	STREAM(CRYPTEX, cryptex, FIELD_UINT, LOADED, .words = &cryptex_words),
	STREAM(SRTCP_ONLY, srtcp_only, FIELD_UINT, LOADED_BOOL),
	STREAM(WINDOW, window, FIELD_UINT, LOADED),
	STREAM(SRTCP_WINDOW, srtcp_window, FIELD_UINT, LOADED),
	STREAM(FRESH, fresh, FIELD_UINT, LOADED_BOOL),
	STREAM(ROC, roc, FIELD_UINT, LOADED),
	STREAM(SEQ, seq, FIELD_UINT, .flags = FIELD_LOAD | FIELD_NULL),
	STREAM(SRTCP_INDEX, srtcp_index, FIELD_UINT, LOADED),
	STREAM(REPLAY_STATE, replay_state, FIELD_OCTETS, LOADED),
	STREAM(SRTCP_REPLAY_STATE, srtcp_replay_state, FIELD_OCTETS, LOADED),
	STREAM(ID, id, FIELD_UINT, SHOWN),
	STREAM(TEMPLATE, template, FIELD_UINT, SHOWN),
	STREAM(ROC_PENDING, roc_pending, FIELD_UINT, SHOWN),
	STREAM(FROZEN, frozen, FIELD_UINT, .flags = FIELD_STATE | FIELD_BOOL),
	STREAM(EVENTS, events, FIELD_UINT, SHOWN),
	STREAM(EVENT_SEQ, event_seq, FIELD_UINT, SHOWN),
	STREAM(ACK_EVENTS, ack_events, FIELD_UINT, .flags = 0),
	STREAM(STATS, stats, FIELD_STATS, .flags = 0),
};
FIELD_SET(stream, "stream", kernel_stream, SRTP_A_STREAM_MAX);

static const struct field key_table[] = {
	KEY(SESSION, session, FIELD_UINT, .flags = 0),
	KEY(STREAM, stream, FIELD_UINT, .flags = 0),
	KEY(MKI, mki, FIELD_OCTETS, LOADED),
	KEY(ACTIVE, active, FIELD_UINT, LOADED_BOOL),
	KEY(MASTER_KEY, master_key, FIELD_SECRET, .flags = FIELD_LOAD | FIELD_NEEDED,
	    .len_offset = offsetof(struct kernel_key, master_key_len)),
	KEY(MASTER_SALT, master_salt, FIELD_SECRET, .flags = FIELD_LOAD | FIELD_NEEDED,
	    .len_offset = offsetof(struct kernel_key, master_salt_len)),
	KEY(FROM, from, FIELD_UINT, LOADED),
	KEY(TO, to, FIELD_UINT, LOADED),
	KEY(SOFT_PACKETS, soft_packets, FIELD_UINT, LOADED),
	KEY(HARD_PACKETS, hard_packets, FIELD_UINT, LOADED),
	KEY(SOFT_SRTCP_PACKETS, soft_srtcp_packets, FIELD_UINT, LOADED),
	KEY(HARD_SRTCP_PACKETS, hard_srtcp_packets, FIELD_UINT, LOADED),
	KEY(SOFT_SECONDS, soft_seconds, FIELD_UINT, LOADED),
	KEY(HARD_SECONDS, hard_seconds, FIELD_UINT, LOADED),
	KEY(ID, id, FIELD_UINT, SHOWN),
	KEY(STATE, state, FIELD_UINT, SHOWN, .words = &key_state_words),
	KEY(SRTP_PACKETS, srtp_packets, FIELD_UINT, SHOWN),
	KEY(SRTCP_PACKETS, srtcp_packets, FIELD_UINT, SHOWN),
	KEY(CIPHER_DRIVER, cipher_driver, FIELD_STRING, SHOWN),
	KEY(AUTH_DRIVER, auth_driver, FIELD_STRING, SHOWN),
};
FIELD_SET(key, "key", kernel_key, SRTP_A_KEY_MAX);

static const struct field socket_table[] = {
	SOCKET(FD, fd, FIELD_UINT, .flags = 0),
	SOCKET(SESSION, session, FIELD_UINT, .flags = 0),
	SOCKET(COOKIE, cookie, FIELD_UINT, SHOWN),
	SOCKET(ROLE, role, FIELD_UINT, SHOWN, .words = &role_words),
	SOCKET(LOCAL_V4, local_v4, FIELD_FIXED, .flags = 0),
	SOCKET(LOCAL_V6, local_v6, FIELD_FIXED, .flags = 0),
	SOCKET(LOCAL_PORT, local_port, FIELD_BE16, .flags = 0),
	SOCKET(REMOTE_V4, remote_v4, FIELD_FIXED, .flags = 0),
	SOCKET(REMOTE_V6, remote_v6, FIELD_FIXED, .flags = 0),
	SOCKET(REMOTE_PORT, remote_port, FIELD_BE16, .flags = 0),
	SOCKET(STATS, stats, FIELD_STATS, .flags = 0),
};
FIELD_SET(socket, "socket", kernel_socket, SRTP_A_SOCKET_MAX);

static const struct field suite_table[] = {
	SUITE(NAME, name, FIELD_STRING, SHOWN),
	SUITE(ID, id, FIELD_UINT, SHOWN),
	SUITE(AVAILABLE, available, FIELD_UINT, .flags = FIELD_STATE | FIELD_BOOL),
	SUITE(MISSING, missing, FIELD_STRING, SHOWN),
	SUITE(KEY_LEN, key_len, FIELD_UINT, SHOWN),
	SUITE(SALT_LEN, salt_len, FIELD_UINT, SHOWN),
	SUITE(SRTP_TAG_LEN, srtp_tag_len, FIELD_UINT, SHOWN),
	SUITE(SRTCP_TAG_LEN, srtcp_tag_len, FIELD_UINT, SHOWN),
	SUITE(CIPHER_DRIVER, cipher_driver, FIELD_STRING, SHOWN),
	SUITE(AUTH_DRIVER, auth_driver, FIELD_STRING, SHOWN),
};
FIELD_SET(suite, "suite", kernel_suite, SRTP_A_SUITE_MAX);

static const struct field event_table[] = {
	EVENT(TYPE, type, FIELD_UINT, SHOWN, .words = &event_words),
	EVENT(SEQ, seq, FIELD_UINT, SHOWN),
	EVENT(SESSION, session, FIELD_UINT, SHOWN),
	EVENT(SESSION_COOKIE, session_cookie, FIELD_UINT, SHOWN),
	EVENT(STREAM, stream, FIELD_UINT, SHOWN),
	EVENT(DIRECTION, direction, FIELD_UINT, SHOWN, .words = &direction_words),
	EVENT(SSRC, ssrc, FIELD_UINT, SHOWN),
	EVENT(KEY, key, FIELD_UINT, SHOWN),
	EVENT(MKI, mki, FIELD_OCTETS, SHOWN),
	EVENT(REASON, reason, FIELD_UINT, SHOWN, .words = &close_reason_words),
	EVENT(INDEX, index, FIELD_UINT, SHOWN),
	EVENT(LIMIT, limit, FIELD_UINT, SHOWN),
};
FIELD_SET(event, "event", kernel_event, SRTP_A_EVENT_MAX);

const char *field_word(const struct field_words *words, uint64_t value)
{
	if (value < words->first || value - words->first >= words->count)
		return NULL;
	return words->word[value - words->first];
}

bool field_value(const struct field_words *words, const char *word, unsigned int *value)
{
	unsigned int i;

	for (i = 0; i < words->count; i++) {
		if (strcmp(words->word[i], word))
			continue;
		*value = words->first + i;
		return true;
	}
	return false;
}

const struct field *field_by_attr(const struct field_set *set, unsigned int attr)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (set->fields[i].attr == attr)
			return &set->fields[i];
	return NULL;
}

bool field_has(const struct field *field, const void *object)
{
	return *(const uint64_t *)object & KERNEL_BIT(field->attr);
}

void field_mark(const struct field *field, void *object)
{
	*(uint64_t *)object |= KERNEL_BIT(field->attr);
}

uint64_t field_uint(const struct field *field, const void *object)
{
	const void *member = (const char *)object + field->offset;

	switch (field->size) {
	case 1:
		return *(const uint8_t *)member;
	case 2:
		return *(const uint16_t *)member;
	case 4:
		return *(const uint32_t *)member;
	default:
		return *(const uint64_t *)member;
	}
}

bool field_set_uint(const struct field *field, void *object, uint64_t value)
{
	void *member = (char *)object + field->offset;

	if (field->size < 8 && value >> (8 * field->size))
		return false;
	switch (field->size) {
	case 1:
		*(uint8_t *)member = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)member = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)member = (uint32_t)value;
		break;
	default:
		*(uint64_t *)member = value;
	}
	field_mark(field, object);
	return true;
}

void fields_clear(const struct field_set *set, void *object)
{
	unsigned int i;

	for (i = 0; i < set->count; i++) {
		const struct field *field = &set->fields[i];

		if (field->kind == FIELD_OCTETS)
			free(((struct kernel_octets *)((char *)object + field->offset))->data);
	}
	explicit_bzero(object, set->size);
}
