/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of UDP ports.
 */
#ifndef HELPER_PORTS_H
#define HELPER_PORTS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct ports - a set
 * @bits: one bit for each port
 * @count: how many there are
 */
struct ports {
	uint8_t bits[65536 / 8];
	uint32_t count;
};

/**
 * ports_parse - add a list
 * @ports: set
 * @list: numbers and ranges, as in 53,5353,6000-6099
 */
bool ports_parse(struct ports *ports, const char *list);

/**
 * ports_add - add one
 * @ports: set
 * @port: in host byte order
 */
void ports_add(struct ports *ports, uint16_t port);

/**
 * ports_has - is it in the set? Port 0 never is.
 * @ports: set
 * @port: in host byte order
 */
bool ports_has(const struct ports *ports, uint16_t port);

#endif
