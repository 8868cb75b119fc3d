// SPDX-License-Identifier: GPL-2.0
/*
 * Vendor ID extensions, RFC 3830 6.15.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mikey/mikey.h"
#include "vendor.h"

#define DIGITS 8

const char *vendor_text(const char *word, uint32_t number, char *text)
{
	snprintf(text, VENDOR_MAX, "%s%08x", word, number);
	return text;
}

static bool parse(struct mikey_view data, const char *word, uint32_t *number)
{
	const size_t prefix = strlen(word);
	char text[DIGITS + 1] = "";

	if (data.len != prefix + DIGITS || memcmp(data.data, word, prefix))
		return false;
	memcpy(text, data.data + prefix, DIGITS);
	if (strspn(text, "0123456789abcdef") != DIGITS)
		return false;
	*number = strtoul(text, NULL, 16);
	return true;
}

bool vendor_read(const uint8_t *octets, size_t len, const char *word, uint32_t *number)
{
	struct mikey_msg *msg = malloc(sizeof(*msg));
	bool found = false;
	size_t i;

	if (!msg)
		return false;
	if (!mikey_parse(msg, octets, len, NULL))
		for (i = 0; i < msg->n_payloads && !found; i++)
			found = msg->payload[i].type == MIKEY_PL_EXT &&
				msg->payload[i].ext.ext_type == MIKEY_EXT_VENDOR_ID &&
				parse(msg->payload[i].ext.data, word, number);
	free(msg);
	return found;
}
