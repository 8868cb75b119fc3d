/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers on the command line.
 */
#ifndef HELPER_NUMBER_H
#define HELPER_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/** SESSION_ID_MAX - highest number of a session */
#define SESSION_ID_MAX 0x7fffffffu

/**
 * number_parse - read a decimal number
 * @text: digits, nothing else
 * @min: lowest value
 * @max: highest value
 * @value: filled
 */
bool number_parse(const char *text, uint32_t min, uint32_t max, uint32_t *value);

#endif
