/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the daemon gives up before it reads its first datagram.
 */
#ifndef HELPER_PRIVILEGES_H
#define HELPER_PRIVILEGES_H

#include "failure.h"

/**
 * privileges_drop - keep CAP_NET_ADMIN and nothing else, for good
 * @failure: why not: CAP_NET_ADMIN is not there
 * Return: 0 or -1.
 *
 * Before that all memory of the process, also what it will ask for, is locked,
 * so that no key is swapped out.
 */
int privileges_drop(struct failure *failure);

#endif
