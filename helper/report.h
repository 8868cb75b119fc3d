/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How mikey-helper says that something went wrong: one sentence for a person,
 * one token and one exit code for a script.
 */
#ifndef HELPER_REPORT_H
#define HELPER_REPORT_H

#include <stdbool.h>
#include "mikey/reason.h"

/**
 * report_json - the option --json: objects on standard output
 *
 * Set once by main().
 */
extern bool report_json;

/**
 * report - say why a command fails
 * @code: exit status; enum mikey_exit of mikey/reason.h is the only list
 * @reason: stable token, lower case with hyphens
 * @fmt: printf format of one sentence, without full stop and without any
 *	octet of a key
 *
 * Writes "mikey-helper: sentence (reason)" to standard error, and with --json
 * {"error":{"exit":..,"reason":..,"message":..}} to standard output as well.
 *
 * Return: @code, so that callers can write return report(...).
 */
int report(enum mikey_exit code, const char *reason, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * report_errno - a system call failed
 * @err: errno
 * @fmt: printf format of what could not be done
 *
 * Return: MIKEY_EXIT_SYSTEM; the reason is "system", or "no-memory" for ENOMEM.
 */
int report_errno(int err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * report_usage - the command line is wrong
 * @command: name of the command, for the pointer to its help, or NULL
 * @fmt: printf format of one sentence
 *
 * Return: MIKEY_EXIT_USAGE; the reason is "usage".
 */
int report_usage(const char *command, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * note - say something on standard error that is no failure
 * @fmt: printf format of one sentence
 */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
