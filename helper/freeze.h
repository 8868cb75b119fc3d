/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Freezing whole sessions, for a hand-over.
 */
#ifndef HELPER_FREEZE_H
#define HELPER_FREEZE_H

#include "model.h"

/**
 * session_freeze - stop the streams of a session and read where they stand
 * @kernel: connection
 * @id: number of the session
 * @model: empty; filled with the session, to be cleared also on failure
 *
 * What a wildcard created becomes a stream like the others, with its wildcard's
 * keys: on the other side it must be there before its first packet.
 *
 * Return: 0, -ENOENT if there is no such session, or another negative errno.
 */
int session_freeze(struct kernel *kernel, uint32_t id, struct model *model);

#endif
