/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files with keys and certificates: who may have written them, who may read
 * them, and their octets.
 */
#ifndef HELPER_KEYFILE_H
#define HELPER_KEYFILE_H

#include <stdbool.h>
#include <sys/types.h>
#include "failure.h"

/**
 * struct keyfile - a file
 * @path: where it is
 * @what: what it is, for the error
 * @reason: token for what is wrong with it
 * @secret: nobody but its owner may read it; nobody else may ever write it
 */
struct keyfile {
	const char *path;
	const char *what;
	const char *reason;
	bool secret;
};

/**
 * keyfile_wrong - say what is wrong with a file
 * @file: file
 * @why: the end of the sentence
 * @failure: filled
 * Return: -1.
 */
int keyfile_wrong(const struct keyfile *file, const char *why, struct failure *failure);

/**
 * keyfile_read - read a file, not through stdio, which would keep a copy
 * @file: file; a regular one or a pipe
 * @buf: where to
 * @size: its room
 * @len: octets read; @size if there may be more
 * @failure: why not
 * Return: 0 or -1.
 */
int keyfile_read(const struct keyfile *file, void *buf, size_t size, size_t *len,
		 struct failure *failure);

#endif
