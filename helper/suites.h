/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which suites the kernel of this host has, as far as it has said. Its list of all
 * suites is not asked for: for those that it lacks it would look for modules each time.
 */
#ifndef HELPER_SUITES_H
#define HELPER_SUITES_H

#include "mikey/mikey.h"

/**
 * suites_available - may the kernel have this suite?
 * @suite: suite
 * Return: false if it has refused it lately.
 */
bool suites_available(const struct mikey_suite *suite);

/**
 * suites_refused - the kernel does not have what the sessions of a bundle need
 * @csb: bundle
 */
void suites_refused(const struct mikey_csb *csb);

#endif
