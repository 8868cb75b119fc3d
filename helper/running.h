/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a message says of a stream that runs already.
 */
#ifndef HELPER_RUNNING_H
#define HELPER_RUNNING_H

#include <stdint.h>

/**
 * running_roc - the rollover counter of a stream that a session sends
 * @session: its number, 0 for none
 * @ssrc: of the stream; 0 becomes that of the only one, if it has rolled over
 * Return: 0 for a stream that has not, or is not there.
 */
uint32_t running_roc(uint32_t session, uint32_t *ssrc);

#endif
