/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Octets in memory that outlive the process if somebody keeps the descriptor, that
 * nobody can change any more, and that one process reads at a time.
 */
#ifndef HELPER_SEALED_H
#define HELPER_SEALED_H

#include <stddef.h>
#include <stdint.h>
#include "failure.h"

/**
 * struct sealed - such octets, claimed
 * @fd: what claims them, -1 for none
 * @octets: they, locked in memory
 * @len: how many
 */
struct sealed {
	int fd;
	const uint8_t *octets;
	size_t len;
};

/**
 * sealed_new - memory to write to
 * @len: octets
 * @octets: filled: zeroed, to be written to
 * @failure: why not
 * Return: its descriptor or -1.
 */
int sealed_new(size_t len, uint8_t **octets, struct failure *failure);

/**
 * sealed_finish - let nobody change it from here on
 * @fd: from sealed_new(); stays the caller's
 * @octets: from there; not to be used any more, whatever happens
 * @len: as there
 * @sealed: filled
 * @failure: why not
 * Return: 0 or -1.
 */
int sealed_finish(int fd, uint8_t *octets, size_t len, struct sealed *sealed,
		  struct failure *failure);

/**
 * sealed_open - what another process has left
 * @fd: descriptor; stays the caller's
 * @max: octets that there may be
 * @sealed: filled
 * @failure: why not: "bad-store", or "store-in-use" while another process has it open
 * Return: 0 or -1.
 */
int sealed_open(int fd, size_t max, struct sealed *sealed, struct failure *failure);

/**
 * sealed_close - let go
 * @sealed: none afterwards
 */
void sealed_close(struct sealed *sealed);

#endif
