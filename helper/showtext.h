/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of the kernel as text for people.
 */
#ifndef HELPER_SHOWTEXT_H
#define HELPER_SHOWTEXT_H

#include "model.h"

/**
 * model_print - print sessions
 * @model: sessions
 */
void model_print(const struct model *model);

/**
 * suite_print - print one line about a suite
 * @suite: suite
 */
void suite_print(const struct kernel_suite *suite);

#endif
