/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which suites the kernel of this host has.
 */
#ifndef HELPER_SUITES_H
#define HELPER_SUITES_H

#include "mikey/mikey.h"

/**
 * suites_available - has the kernel this suite?
 * @suite: suite
 * Return: false if it says that it has not. Where it does not say anything, since
 * there is no module, the session that is made later is what fails.
 *
 * For peers that have proved themselves: the kernel may look for a module.
 */
bool suites_available(const struct mikey_suite *suite);

#endif
