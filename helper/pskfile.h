/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pre-shared keys in files: one line of hexadecimal digits, readable by the
 * owner only.
 */
#ifndef HELPER_PSKFILE_H
#define HELPER_PSKFILE_H

#include <stddef.h>
#include <stdint.h>
#include "failure.h"

/** PSK_MIN - fewest octets of a pre-shared key (RFC 6043 12.1: 128 bits) */
#define PSK_MIN 16
/** PSK_MAX - most octets of a pre-shared key */
#define PSK_MAX 1024

/**
 * struct psk - a pre-shared key
 * @data: octets in locked memory
 * @len: how many
 */
struct psk {
	uint8_t *data;
	size_t len;
};

/**
 * psk_read - read a key file
 * @path: a regular file or a pipe
 * @psk: filled; psk_free() it
 * @failure: why not
 * Return: 0 or -1.
 */
int psk_read(const char *path, struct psk *psk, struct failure *failure);

/**
 * psk_free - wipe and release
 * @psk: key, or zeroes
 */
void psk_free(struct psk *psk);

#endif
