/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that holds keys.
 */
#ifndef HELPER_SECRET_H
#define HELPER_SECRET_H

#include <stddef.h>

/**
 * secret_process - keep this process's memory to itself
 *
 * No core file, no ptrace by the same user, no /proc/PID/mem. Programs that
 * this one executes are not affected.
 */
void secret_process(void);

/**
 * secret_heap - give OpenSSL memory for keys: locked, guarded, left out of dumps
 *
 * To be called once, before the protocol library is used.
 */
void secret_heap(void);

/**
 * secret_alloc - memory for keys: zeroed, never swapped, left out of dumps
 * @len: octets
 *
 * Where the limit on locked memory is reached it is not locked.
 *
 * Return: NULL if there is no memory. Free with secret_free().
 */
void *secret_alloc(size_t len);

/**
 * secret_free - wipe and release
 * @secret: what secret_alloc() returned, or NULL
 * @len: the same as there
 */
void secret_free(void *secret, size_t len);

#endif
