/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why the library said no.
 *
 * Every function that can refuse returns an enum mikey_reason and fills a
 * struct mikey_error. One table (MIKEY_REASONS) gives each reason its stable
 * token, the exit code of mikey-helper, and the number that an ERR payload
 * carries to the peer.
 */
#ifndef MIKEY_REASON_H
#define MIKEY_REASON_H

#include <stddef.h>
#include <stdint.h>

/**
 * enum mikey_exit - classes of reasons, which are mikey-helper's exit codes
 */
enum mikey_exit {
	MIKEY_EXIT_OK = 0,
	MIKEY_EXIT_USAGE = 1,
	MIKEY_EXIT_MALFORMED = 2,
	MIKEY_EXIT_AUTH = 3,
	MIKEY_EXIT_POLICY = 4,
	MIKEY_EXIT_REPLAY = 5,
	MIKEY_EXIT_UNSUPPORTED = 6,
	MIKEY_EXIT_SYSTEM = 7,
	MIKEY_EXIT_PEER = 8,
	MIKEY_EXIT_NO_ANSWER = 9,
};

/*
 * X(name, token, exit class, ERR number of RFC 3830 6.12 and its successors)
 */
#define MIKEY_REASONS(X) \
	X(OK,               "ok",                       OK,          UNSPECIFIED) \
	/* the octets are not a MIKEY message */ \
	X(TRUNCATED,        "truncated",                MALFORMED,   UNSUPPORTED_MSG) \
	X(TRAILING,         "trailing-octets",          MALFORMED,   UNSUPPORTED_MSG) \
	X(BAD_VERSION,      "bad-version",              MALFORMED,   UNSUPPORTED_MSG) \
	X(BAD_LENGTH,       "bad-length",               MALFORMED,   UNSPECIFIED) \
	X(BAD_VALUE,        "bad-value",                MALFORMED,   UNSPECIFIED) \
	X(TOO_MANY,         "too-many-payloads",        MALFORMED,   UNSPECIFIED) \
	X(TOO_LONG,         "too-long",                 MALFORMED,   UNSPECIFIED) \
	X(MISSING,          "missing-payload",          MALFORMED,   UNSPECIFIED) \
	X(DUPLICATE,        "duplicate-payload",        MALFORMED,   UNSPECIFIED) \
	X(UNEXPECTED,       "unexpected-payload",       MALFORMED,   UNSPECIFIED) \
	X(BAD_ORDER,        "bad-order",                MALFORMED,   UNSPECIFIED) \
	X(BAD_KEY_DATA,     "bad-key-data",             MALFORMED,   UNSPECIFIED) \
	/* well formed, and beyond this library */ \
	X(UNSUP_MSG,        "unsupported-message",      UNSUPPORTED, UNSUPPORTED_MSG) \
	X(UNSUP_MODE,       "unsupported-mode",         UNSUPPORTED, INVALID_DT) \
	X(UNSUP_PAYLOAD,    "unsupported-payload",      UNSUPPORTED, UNSUPPORTED_MSG) \
	X(UNSUP_MAP,        "unsupported-map",          UNSUPPORTED, UNSPECIFIED) \
	X(UNSUP_PRF,        "unsupported-prf",          UNSUPPORTED, INVALID_PRF) \
	X(UNSUP_TS,         "unsupported-timestamp",    UNSUPPORTED, INVALID_TS) \
	X(UNSUP_MAC,        "unsupported-mac",          UNSUPPORTED, INVALID_MAC) \
	X(UNSUP_ENCR,       "unsupported-encryption",   UNSUPPORTED, INVALID_EA) \
	X(UNSUP_HASH,       "unsupported-hash",         UNSUPPORTED, INVALID_HA) \
	X(UNSUP_DH,         "unsupported-dh-group",     UNSUPPORTED, INVALID_DH) \
	X(UNSUP_ID,         "unsupported-id-type",      UNSUPPORTED, INVALID_ID) \
	X(UNSUP_CERT,       "unsupported-certificate",  UNSUPPORTED, INVALID_CERT) \
	X(UNSUP_SIGN,       "unsupported-signature",    UNSUPPORTED, UNSPECIFIED) \
	X(UNSUP_PROT,       "unsupported-protocol",     UNSUPPORTED, INVALID_SP) \
	X(UNSUP_KEY,        "unsupported-key-type",     UNSUPPORTED, UNSPECIFIED) \
	X(UNSUP_UPDATE,     "unsupported-update",       UNSUPPORTED, UNSPECIFIED) \
	X(UNSUP_SUITE,      "unsupported-suite",        UNSUPPORTED, INVALID_SPPAR) \
	X(NO_SUITE,         "kernel-unsupported",        UNSUPPORTED, INVALID_SPPAR) \
	/* not proven to come from the peer */ \
	X(AUTH_FAILED,      "auth-failed",              AUTH,        AUTH_FAILURE) \
	X(UNKNOWN_PEER,     "unknown-peer",             AUTH,        AUTH_FAILURE) \
	X(NO_CERT,          "no-certificate",           AUTH,        INVALID_CERT) \
	X(BAD_CERT,         "bad-certificate",          AUTH,        INVALID_CERT) \
	X(CERT_UNTRUSTED,   "certificate-untrusted",    AUTH,        INVALID_CERT) \
	X(CERT_EXPIRED,     "certificate-expired",      AUTH,        INVALID_CERT) \
	X(CERT_REVOKED,     "certificate-revoked",      AUTH,        INVALID_CERT) \
	X(CERT_UNCHECKED,   "revocation-unknown",       AUTH,        INVALID_CERT) \
	X(CERT_IDENTITY,    "certificate-identity",     AUTH,        INVALID_CERT) \
	X(CERT_USAGE,       "certificate-usage",        AUTH,        INVALID_CERT) \
	X(CERT_KEY,         "certificate-key",          AUTH,        INVALID_CERT) \
	X(URL_REFUSED,      "certificate-url-refused",  AUTH,        INVALID_CERT) \
	X(CERT_UNAVAILABLE, "certificate-unavailable",  AUTH,        INVALID_CERT) \
	X(WRONG_CHASH,      "wrong-certificate-hash",   AUTH,        INVALID_CERT) \
	X(MODE_REFUSED,     "mode-refused",             AUTH,        AUTH_FAILURE) \
	X(REFLECTED,        "reflected",                AUTH,        AUTH_FAILURE) \
	X(NOT_FOR_US,       "not-for-us",               AUTH,        INVALID_ID) \
	X(FOREIGN,          "foreign-response",         AUTH,        UNSPECIFIED) \
	X(UNEXPECTED_MSG,   "unexpected-message",       AUTH,        UNSPECIFIED) \
	X(UNKNOWN_CSB,      "unknown-bundle",           AUTH,        AUTH_FAILURE) \
	/* proven, and not allowed */ \
	X(NULL_ENCR,        "null-encryption",          POLICY,      INVALID_EA) \
	X(NULL_MAC,         "null-mac",                 POLICY,      INVALID_MAC) \
	X(MIXED_STRENGTH,   "mixed-strength",           POLICY,      INVALID_EA) \
	X(DH_REFUSED,       "dh-group-refused",         POLICY,      INVALID_DH) \
	X(WEAK_DH,          "weak-dh-value",            POLICY,      INVALID_DH) \
	X(SIGN_REFUSED,     "signature-refused",        POLICY,      AUTH_FAILURE) \
	X(SP_NOT_OFFERED,   "policy-not-offered",       POLICY,      INVALID_SPPAR) \
	X(BAD_CSB_ID,       "bad-group-id",             POLICY,      UNSPECIFIED) \
	X(BAD_RAND,         "bad-rand",                 POLICY,      UNSPECIFIED) \
	X(WRONG_ID_INSIDE,  "wrong-encrypted-identity", POLICY,      INVALID_ID) \
	X(SUITE_REFUSED,    "suite-refused",            POLICY,      INVALID_SPPAR) \
	X(POLICY_REFUSED,   "policy-refused",           POLICY,      INVALID_SPPAR) \
	X(BAD_POLICY,       "bad-policy",               POLICY,      INVALID_SPPAR) \
	X(BAD_KEY,          "bad-key",                  POLICY,      UNSPECIFIED) \
	X(TEK_NO_SALT,      "tek-without-salt",         POLICY,      UNSPECIFIED) \
	X(TEK_SHARED,       "tek-shared",               POLICY,      UNSPECIFIED) \
	X(AMBIGUOUS_KEYS,   "ambiguous-keys",           POLICY,      UNSPECIFIED) \
	X(NO_SESSION,       "no-crypto-session",        POLICY,      UNSPECIFIED) \
	X(BAD_RESPONSE,     "bad-response",             POLICY,      UNSPECIFIED) \
	X(BAD_UPDATE,       "bad-update",               POLICY,      UNSPECIFIED) \
	X(WRONG_UPDATER,    "wrong-updater",            POLICY,      UNSPECIFIED) \
	X(ALG_CHANGED,      "algorithm-changed",        POLICY,      INVALID_MAC) \
	X(KEY_REUSED,       "key-reused",               POLICY,      UNSPECIFIED) \
	/* too old, too early, seen before */ \
	X(CLOCK_SKEW,       "clock-skew",               REPLAY,      INVALID_TS) \
	X(REPLAYED,         "replayed",                 REPLAY,      INVALID_TS) \
	X(TOO_OLD,          "forgotten-time",           REPLAY,      INVALID_TS) \
	X(RECOVERING,       "recovering",               REPLAY,      INVALID_TS) \
	X(STALE_UPDATE,     "stale-update",             REPLAY,      INVALID_TS) \
	X(COUNTER_FULL,     "counter-table-full",       REPLAY,      INVALID_TS) \
	X(BAD_STATE,        "bad-state-file",           REPLAY,      UNSPECIFIED) \
	/* here */ \
	X(NO_MEMORY,        "no-memory",                SYSTEM,      UNSPECIFIED) \
	X(NO_RANDOM,        "no-random",                SYSTEM,      UNSPECIFIED) \
	X(CRYPTO,           "crypto-failure",           SYSTEM,      UNSPECIFIED) \
	X(CSB_IN_USE,       "csb-id-in-use",            SYSTEM,      UNSPECIFIED) \
	X(CERT_AWAITED,     "certificate-awaited",      SYSTEM,      UNSPECIFIED) \
	X(BUSY,             "busy",                     SYSTEM,      UNSPECIFIED) \
	X(USAGE,            "bad-argument",             USAGE,       UNSPECIFIED) \
	/* there */ \
	X(PEER_ERROR,       "peer-error",               PEER,        UNSPECIFIED) \
	X(PEER_HINT,        "peer-error-unverified",    PEER,        UNSPECIFIED)

/**
 * enum mikey_reason - what a library function found; MIKEY_OK is 0
 */
enum mikey_reason {
#define X(name, token, class, err_no) MIKEY_##name,
	MIKEY_REASONS(X)
#undef X
	MIKEY_REASON_COUNT
};

/** MIKEY_NO_OFFSET - the error is not about one octet of the message */
#define MIKEY_NO_OFFSET ((size_t)-1)

/**
 * struct mikey_error - a reason with its place and a sentence
 * @reason: why
 * @offset: octet of the message (from 0) at which it was found, or
 *          MIKEY_NO_OFFSET
 * @text: one sentence for a person, without key octets
 */
struct mikey_error {
	enum mikey_reason reason;
	size_t offset;
	char text[200];
};

/**
 * mikey_reason_token - the stable word for scripts and logs
 * @reason: any value
 * Return: e.g. "clock-skew"; never NULL.
 */
const char *mikey_reason_token(enum mikey_reason reason);

/**
 * mikey_reason_exit - the exit code of mikey-helper for @reason
 * @reason: any value
 */
enum mikey_exit mikey_reason_exit(enum mikey_reason reason);

/**
 * mikey_reason_err_no - the number for an ERR payload (RFC 3830 6.12)
 * @reason: any value
 */
unsigned int mikey_reason_err_no(enum mikey_reason reason);

/**
 * mikey_fail - fill an error and return its reason
 * @err: to fill, may be NULL
 * @reason: why
 * @offset: octet, or MIKEY_NO_OFFSET
 * @fmt: printf format of the sentence
 * Return: @reason, so that callers can write return mikey_fail(...).
 */
enum mikey_reason mikey_fail(struct mikey_error *err, enum mikey_reason reason,
			     size_t offset, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
