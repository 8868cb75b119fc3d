// SPDX-License-Identifier: GPL-2.0
/*
 * The table of modes.
 */
#include <string.h>

#include "mode.h"
#include "wire.h"

static const struct mikey_mode *const modes[] = {
	&mikey_mode_psk,
	&mikey_mode_dh,
	&mikey_mode_dhhmac,
	&mikey_mode_pk,
	&mikey_mode_rsar,
};

const struct mikey_mode *mikey_mode_of(uint32_t type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		if (modes[i]->init_type == type || modes[i]->resp_type == type)
			return modes[i];
	return NULL;
}

const struct mikey_mode *mikey_mode_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		if (!strcmp(modes[i]->name, name))
			return modes[i];
	return NULL;
}
