// SPDX-License-Identifier: GPL-2.0
/*
 * Identities as text, RFC 3830 6.7.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config.h"

static const struct {
	const char *prefix;
	uint32_t type;
} kinds[] = {
	{ "nai:", MIKEY_ID_NAI },
	{ "uri:", MIKEY_ID_URI },
	{ "bytes:", MIKEY_ID_BYTES },
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int bad(struct failure *failure, const char *text, const char *why)
{
	return failure_set(failure, MIKEY_EXIT_USAGE, "bad-identity", "identity '%.100s' %s",
			   text, why);
}

/* The type by its word, or by the look of what has none. */
static bool classify(const char **text, uint32_t *type)
{
	size_t i, len;

	for (i = 0; i < N_KINDS; i++) {
		len = strlen(kinds[i].prefix);
		if (!strncmp(*text, kinds[i].prefix, len)) {
			*text += len;
			*type = kinds[i].type;
			return true;
		}
	}
	*type = MIKEY_ID_NAI;
	return strchr(*text, '@') && !strchr(*text, ':');
}

int identity_parse(const char *text, struct mikey_id *id, struct failure *failure)
{
	const char *rest = text;
	uint8_t *data;
	size_t len;
	long n;

	if (!classify(&rest, &id->type))
		return bad(failure, text, "does not begin with nai:, uri: or bytes:");
	len = strlen(rest);
	if (!len)
		return bad(failure, text, "is empty");
	if (id->type == MIKEY_ID_BYTES) {
		unsigned char *octets = OPENSSL_hexstr2buf(rest, &n);

		data = octets ? malloc(n) : NULL;
		if (data)
			memcpy(data, octets, n);
		len = n;
		OPENSSL_free(octets);
		if (!octets)
			return bad(failure, text, "is not hexadecimal");
	} else {
		data = (uint8_t *)strdup(rest);
	}
	if (!data)
		return failure_errno(failure, ENOMEM, "identity");
	if (len > IDENTITY_MAX) {
		free(data);
		return bad(failure, text, "is too long");
	}
	id->data = (struct mikey_view){ .data = data, .len = len };
	return 0;
}

static const char *prefix_of(uint32_t type)
{
	size_t i;

	for (i = 0; i < N_KINDS; i++)
		if (kinds[i].type == type)
			return kinds[i].prefix;
	return "?:";
}

const char *identity_text(const struct mikey_id *id, char *text)
{
	int at = sprintf(text, "%s", id->data.len ? prefix_of(id->type) : "none");
	size_t i;

	for (i = 0; i < id->data.len && i < IDENTITY_MAX; i++) {
		uint8_t c = id->data.data[i];

		if (id->type == MIKEY_ID_BYTES)
			at += sprintf(text + at, "%02x", c);
		else if (c > 0x20 && c < 0x7f && c != '\\')
			text[at++] = c;
		else
			at += sprintf(text + at, "\\x%02x", c);
	}
	text[at] = '\0';
	return text;
}
