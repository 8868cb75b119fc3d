// SPDX-License-Identifier: GPL-2.0
/*
 * Base64, without its surprises: padding at the end only, nothing foreign in
 * between, and no copy left behind (a message may hold keys).
 */
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base64.h"

ssize_t squeeze(const char *text, size_t len, const char *set, char *out, size_t *bad)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (text[i] && strchr(set, text[i])) {
			out[n++] = text[i];
		} else if (!isspace((unsigned char)text[i])) {
			*bad = i;
			return -1;
		}
	}
	out[n] = '\0';
	return n;
}

/* RFC 4648 4: padding at the end only, to a multiple of four. */
static bool is_good(const char *text, size_t len)
{
	size_t body = strspn(text, BASE64_DIGITS);
	size_t pad = strspn(text + body, "=");

	return len % 4 == 0 && body + pad == len && pad <= 2;
}

static size_t decode(const char *text, size_t len, uint8_t *octets)
{
	int got = EVP_DecodeBlock(octets, (const unsigned char *)text, len);

	while (len > 0 && text[len - 1] == '=') {
		got--;
		len--;
	}
	return got > 0 ? got : 0;
}

uint8_t *base64_decode(const char *text, size_t len, size_t *n, size_t *bad)
{
	char *clean = malloc(len + 1);
	uint8_t *octets = malloc(len + 1);
	ssize_t digits;

	*bad = BASE64_NO_MEMORY;
	digits = clean && octets ? squeeze(text, len, BASE64_DIGITS "=", clean, bad) : -1;
	if (digits >= 0 && !is_good(clean, digits)) {
		*bad = len;
		digits = -1;
	}
	if (digits >= 0)
		*n = decode(clean, digits, octets);
	if (clean)
		OPENSSL_cleanse(clean, len);
	free(clean);
	if (digits >= 0)
		return octets;
	free(octets);
	return NULL;
}

char *base64_encode(const void *octets, size_t len)
{
	char *text = malloc(4 * ((len + 2) / 3) + 1);

	if (text)
		EVP_EncodeBlock((unsigned char *)text, octets, len);
	return text;
}
