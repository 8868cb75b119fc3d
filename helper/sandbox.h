/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon forbids itself.
 */
#ifndef HELPER_SANDBOX_H
#define HELPER_SANDBOX_H

#include "failure.h"

/**
 * sandbox_enter - from here on only the system calls of a daemon
 * @failure: why not
 * Return: 0 or -1.
 *
 * No program is executed, no process made, traced or entered, nothing mounted,
 * no memory becomes code. What is forbidden fails with EPERM.
 */
int sandbox_enter(struct failure *failure);

#endif
