/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One of every message that the library can emit.
 */
#ifndef EMIT_H
#define EMIT_H

#include <stddef.h>
#include <stdint.h>

#define MAX_EMITTED 128

/**
 * struct emitted - a message that the library made, and what went into it
 * @name: what it is
 * @msg: its octets, to be freed
 * @len: how many
 */
struct emitted {
	const char *name;
	uint8_t *msg;
	size_t len;
};

/**
 * emit_all - one of every message that the library can emit
 * @out: MAX_EMITTED entries
 * Return: how many.
 */
size_t emit_all(struct emitted *out);

/** emitted_free - release what emit_all() made */
void emitted_free(struct emitted *list, size_t n);

#endif
