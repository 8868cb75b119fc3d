// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers on the command line.
 */
#include <errno.h>
#include <stdlib.h>
#include "number.h"

bool number_parse(const char *text, uint32_t min, uint32_t max, uint32_t *value)
{
	unsigned long long number;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end || number < min || number > max)
		return false;
	*value = (uint32_t)number;
	return true;
}
