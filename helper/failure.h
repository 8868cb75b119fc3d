/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why something could not be done, as a value: the daemon and its clients pass
 * it on before anybody prints it.
 */
#ifndef HELPER_FAILURE_H
#define HELPER_FAILURE_H

#include "mikey/reason.h"

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
 * failure_report - print it, as report() does
 * @failure: failure
 * Return: its exit status.
 */
int failure_report(const struct failure *failure);

#endif
