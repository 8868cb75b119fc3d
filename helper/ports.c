// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of UDP ports.
 */
#include <stdlib.h>
#include <string.h>
#include "number.h"
#include "ports.h"

bool ports_has(const struct ports *ports, uint16_t port)
{
	return port && (ports->bits[port / 8] & 1 << port % 8);
}

void ports_add(struct ports *ports, uint16_t port)
{
	if (!port || ports_has(ports, port))
		return;
	ports->bits[port / 8] |= (uint8_t)(1 << port % 8);
	ports->count++;
}

static bool add_range(struct ports *ports, char *range)
{
	char *dash = strchr(range, '-');
	uint32_t first, last, port;

	if (dash)
		*dash++ = '\0';
	if (!number_parse(range, 1, UINT16_MAX, &first) ||
	    !number_parse(dash ? dash : range, first, UINT16_MAX, &last))
		return false;
	for (port = first; port <= last; port++)
		ports_add(ports, (uint16_t)port);
	return true;
}

bool ports_parse(struct ports *ports, const char *list)
{
	char *copy = strdup(list), *rest = copy, *range;
	bool good = copy && *copy;

	while (good && (range = strsep(&rest, ",")))
		good = add_range(ports, range);
	free(copy);
	return good;
}
