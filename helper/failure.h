/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why something could not be done, as a value: the daemon and its clients pass
 * it on before anybody prints it.
 */
#ifndef HELPER_FAILURE_H
#define HELPER_FAILURE_H

#include "mikey/mikey.h"

/** FAILURE_TEXT_MAX - room for the sentence */
#define FAILURE_TEXT_MAX 512
/** FAILURE_TOKEN_MAX - room for the reason */
#define FAILURE_TOKEN_MAX 40

/**
 * struct failure - a failure
 * @code: exit status, MIKEY_EXIT_OK for none
 * @reason: stable token
 * @text: sentence for a person, without key octets
 */
struct failure {
	enum mikey_exit code;
	char reason[FAILURE_TOKEN_MAX];
	char text[FAILURE_TEXT_MAX];
};

/**
 * failure_set - fill a failure
 * @failure: filled
 * @code: exit status
 * @reason: stable token
 * @fmt: printf format of the sentence
 * Return: -1, so that callers can write return failure_set(...).
 */
int failure_set(struct failure *failure, enum mikey_exit code, const char *reason,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/**
 * failure_errno - a system call failed
 * @failure: filled; the reason is "system", or "no-memory" for ENOMEM
 * @err: errno
 * @fmt: printf format of what could not be done
 * Return: -1
 */
int failure_errno(struct failure *failure, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * failure_mikey - the protocol library refused
 * @failure: filled with its reason, exit code and sentence
 * @err: what it said
 * Return: -1
 */
int failure_mikey(struct failure *failure, const struct mikey_error *err);

/**
 * failure_peer - the peer sent an Error message
 * @failure: filled
 * @peer: its name in the configuration
 * @said: what it said
 * Return: -1
 *
 * Error 10 with proof has a reason of its own: what was offered will not do, and
 * another offer may. RFC 3830 5.1.1 has the peer say which.
 */
int failure_peer(struct failure *failure, const char *peer, const struct mikey_peer_error *said);

/**
 * failure_report - print it, as report() does
 * @failure: failure
 * Return: its exit status.
 */
int failure_report(const struct failure *failure);

#endif
