/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SRTP security policies: the SP payload with every parameter resolved, the
 * registered suite that it amounts to, and what a peer's policy accepts.
 */
#ifndef MIKEY_POLICY_H
#define MIKEY_POLICY_H

#include "msg.h"

/**
 * struct mikey_policy - an SRTP policy, all parameters resolved
 * @encr_alg: enum mikey_srtp_encr, for SRTP and SRTCP
 * @key_len: octets of the session encryption key and of the master key
 * @salt_len: octets of the session and of the master salt
 * @prf: enum mikey_srtp_prf
 * @kdr: key derivation rate, 0 or 2^0 .. 2^24
 * @srtp_encr: payloads are encrypted
 * @srtcp_encr: reports are encrypted
 * @fec: sender's FEC order
 * @srtp_auth: RTP packets are authenticated (SRTCP always is)
 * @prefix_len: SRTP prefix length
 * @roc_rate: RFC 4771: every how many packets carry the ROC
 * @srtp_auth_alg: enum mikey_srtp_auth
 * @srtcp_auth_alg: enum mikey_srtp_auth, never RCC
 * @srtp_auth_key_len: octets
 * @srtcp_auth_key_len: octets
 * @srtp_tag_len: octets; with RCC the 4 of the ROC count
 * @srtcp_tag_len: octets
 * @aead_tag_len: octets, 0 unless @encr_alg is an AEAD
 */
struct mikey_policy {
	uint32_t encr_alg;
	uint32_t key_len;
	uint32_t salt_len;
	uint32_t prf;
	uint32_t kdr;
	uint32_t srtp_encr;
	uint32_t srtcp_encr;
	uint32_t fec;
	uint32_t srtp_auth;
	uint32_t prefix_len;
	uint32_t roc_rate;
	uint32_t srtp_auth_alg;
	uint32_t srtcp_auth_alg;
	uint32_t srtp_auth_key_len;
	uint32_t srtcp_auth_key_len;
	uint32_t srtp_tag_len;
	uint32_t srtcp_tag_len;
	uint32_t aead_tag_len;
};

/**
 * struct mikey_suite - a registered SRTP suite
 * @name: as in the IANA registries of SDP security descriptions and DTLS-SRTP
 * @encr_alg: enum mikey_srtp_encr
 * @key_len: octets of the master key
 * @salt_len: octets of the master salt
 * @prf: enum mikey_srtp_prf
 * @auth_alg: enum mikey_srtp_auth
 * @srtp_tag_len: octets, 0 if the cipher authenticates
 * @srtcp_tag_len: octets, 0 if the cipher authenticates
 * @aead_tag_len: octets, 0 if it does not
 */
struct mikey_suite {
	const char *name;
	uint8_t encr_alg;
	uint8_t key_len;
	uint8_t salt_len;
	uint8_t prf;
	uint8_t auth_alg;
	uint8_t srtp_tag_len;
	uint8_t srtcp_tag_len;
	uint8_t aead_tag_len;
};

/**
 * enum mikey_accept_flags - what a peer is allowed beyond the strict rules
 * @MIKEY_ALLOW_NULL: NULL encryption and NULL MAC in KEMAC; only where the
 *	carrier is protected (RFC 3830 4.2.3)
 * @MIKEY_ALLOW_CLEAR_SRTP: SP type 7 = 0
 * @MIKEY_ALLOW_CLEAR_SRTCP: SP type 8 = 0
 * @MIKEY_ALLOW_UNAUTH_SRTP: SP type 10 = 0
 * @MIKEY_ALLOW_KDR: a key derivation rate other than 0
 * @MIKEY_ALLOW_RCC: RFC 4771
 * @MIKEY_ALLOW_SHARED_TEK: one TEK for several crypto sessions, which must
 *	then all have an SSRC of their own (RFC 3830 6.13)
 * @MIKEY_MATCH_STRENGTH: refuse a key that is stronger than its transport
 *	(RFC 3830 9.1)
 * @MIKEY_ALLOW_WEAK_DH: the groups OAKLEY 1 and 2, of 768 and 1024 bits
 * @MIKEY_REFUSE_COUNTER: COUNTER timestamps are not taken of this peer
 * @MIKEY_COMPAT_SPLIT_TEK: a TEK as long as key and salt together is both
 * @MIKEY_COMPAT_ZERO_SALT: a TEK as long as the key has the zero salt
 * @MIKEY_COMPAT_AUTH_KEY_LEN: an authentication key length of 10 or 4 is the
 *	tag length (GStreamer)
 * @MIKEY_COMPAT_NO_RAND: RAND may be absent if no key is derived with it
 * @MIKEY_COMPAT_ANY_TIME: no skew check in messages without a MAC
 * @MIKEY_COMPAT_DHHMAC_4650: take the numbers of RFC 4650 4.2 for NULL
 *	encryption (2) and HMAC-SHA-1 (0), which are those of other algorithms
 */
enum mikey_accept_flags {
	MIKEY_ALLOW_NULL = 1 << 0,
	MIKEY_ALLOW_CLEAR_SRTP = 1 << 1,
	MIKEY_ALLOW_CLEAR_SRTCP = 1 << 2,
	MIKEY_ALLOW_UNAUTH_SRTP = 1 << 3,
	MIKEY_ALLOW_KDR = 1 << 4,
	MIKEY_ALLOW_RCC = 1 << 5,
	MIKEY_ALLOW_SHARED_TEK = 1 << 6,
	MIKEY_MATCH_STRENGTH = 1 << 7,
	MIKEY_ALLOW_WEAK_DH = 1 << 8,
	MIKEY_REFUSE_COUNTER = 1 << 9,
	MIKEY_COMPAT_SPLIT_TEK = 1 << 16,
	MIKEY_COMPAT_ZERO_SALT = 1 << 17,
	MIKEY_COMPAT_AUTH_KEY_LEN = 1 << 18,
	MIKEY_COMPAT_NO_RAND = 1 << 19,
	MIKEY_COMPAT_ANY_TIME = 1 << 20,
	MIKEY_COMPAT_DHHMAC_4650 = 1 << 21,
};

/** MIKEY_COMPAT_ONVIF - the RTSP profile of cameras, RFC 3830 aside */
#define MIKEY_COMPAT_ONVIF (MIKEY_COMPAT_SPLIT_TEK | MIKEY_COMPAT_NO_RAND | \
			    MIKEY_COMPAT_ANY_TIME)
/** MIKEY_COMPAT_GSTREAMER - what GStreamer 1.22 to 1.26 writes */
#define MIKEY_COMPAT_GSTREAMER (MIKEY_COMPAT_SPLIT_TEK | MIKEY_COMPAT_AUTH_KEY_LEN)

/**
 * struct mikey_accept - what may be agreed with a peer
 * @suites: acceptable suites, best first
 * @n_suites: how many; 0 accepts none
 * @flags: enum mikey_accept_flags
 * @empty_map_cs: crypto sessions that a first message with the empty map is
 *	about, with the first of @suites (RFC 4563 5: that is agreed on
 *	elsewhere); 0 takes no such message
 * @available: can this host do it, too, as far as is known? NULL: it has all
 */
struct mikey_accept {
	const struct mikey_suite *const *suites;
	size_t n_suites;
	uint32_t flags;
	size_t empty_map_cs;
	bool (*available)(const struct mikey_suite *suite);
};

/**
 * mikey_accept_has - is there this suite on this host?
 * @accept: what may be agreed
 * @suite: one of its suites
 */
bool mikey_accept_has(const struct mikey_accept *accept, const struct mikey_suite *suite);

/**
 * mikey_suites - all registered suites
 * @n: how many
 */
const struct mikey_suite *mikey_suites(size_t *n);

/**
 * mikey_suite_by_name - find a suite
 * @name: registered name, case as registered
 * Return: the suite or NULL.
 */
const struct mikey_suite *mikey_suite_by_name(const char *name);

/**
 * mikey_suite_of - the suite that a policy amounts to
 * @policy: resolved policy
 * Return: the suite or NULL. Key derivation rate and the switches for
 * encryption and authentication are modifiers and do not matter here; RCC
 * counts with the tag length of its ordinary packets left out.
 */
const struct mikey_suite *mikey_suite_of(const struct mikey_policy *policy);

/**
 * mikey_suite_policy - the policy of a suite, without modifiers
 * @suite: suite
 * @policy: filled
 */
void mikey_suite_policy(const struct mikey_suite *suite, struct mikey_policy *policy);

/**
 * mikey_policy_default - SRTP's own defaults, RFC 3711 5 and 8.2
 * @policy: filled
 */
void mikey_policy_default(struct mikey_policy *policy);

/**
 * mikey_policy_parse - resolve an SP payload
 * @sp: payload of type MIKEY_PL_SP
 * @flags: enum mikey_accept_flags, of which the MIKEY_COMPAT_ ones matter
 * @policy: filled, absent parameters with their defaults
 * @err: why not: unknown, repeated, out of range, contradictory
 */
enum mikey_reason mikey_policy_parse(const struct mikey_payload *sp, uint32_t flags,
				     struct mikey_policy *policy, struct mikey_error *err);

/** MIKEY_POLICY_MAX - room for the parameters of one SP payload */
#define MIKEY_POLICY_MAX 80

/**
 * mikey_policy_build - the parameters of an SP payload
 * @policy: resolved policy
 * @buf: MIKEY_POLICY_MAX octets
 * Return: octets written. Parameters that matter to peers are always sent,
 * rare ones only where they differ from the default.
 */
size_t mikey_policy_build(const struct mikey_policy *policy, uint8_t *buf);

/**
 * mikey_policy_accept - is the policy allowed?
 * @policy: resolved policy
 * @accept: what is allowed
 * @offset: of the SP payload, for the error
 * @suite: the suite it amounts to
 * @err: why not, with the suite's name
 */
enum mikey_reason mikey_policy_accept(const struct mikey_policy *policy,
				      const struct mikey_accept *accept, size_t offset,
				      const struct mikey_suite **suite,
				      struct mikey_error *err);

#endif
