/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What mikey-fetch gives up.
 */
#ifndef FETCH_CONFINE_H
#define FETCH_CONFINE_H

/**
 * confine_program - nobody's rights, no core, no way to get anything back
 * @user: name of the user to become, if root is who starts this
 * Return: 0, or -1 after a line on standard error.
 */
int confine_program(const char *user);

/**
 * confine_worker - one fetch: so much memory and time, and few system calls
 * @seconds: after which the process is ended
 * Return: 0 or -1.
 */
int confine_worker(unsigned int seconds);

#endif
