/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers in network byte order (RFC 3830 6), and the size of a table. Internal.
 */
#ifndef MIKEY_WIRE_H
#define MIKEY_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/** put_be - the low @n octets of @value, highest first */
static inline void put_be(uint8_t *p, uint64_t value, size_t n)
{
	while (n--) {
		p[n] = (uint8_t)value;
		value >>= 8;
	}
}

/** get_be - a number of @n octets, at most 8 */
static inline uint64_t get_be(const uint8_t *p, size_t n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | *p++;
	return value;
}

static inline void put_be32(uint8_t *p, uint32_t value)
{
	put_be(p, value, 4);
}

static inline void put_be64(uint8_t *p, uint64_t value)
{
	put_be(p, value, 8);
}

#endif
