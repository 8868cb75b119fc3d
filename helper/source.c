// SPDX-License-Identifier: GPL-2.0
/*
 * Where `decode` finds messages: lists, and files that are one message.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include "base64.h"
#include "source.h"

#define HEX "0123456789abcdefABCDEF"

struct source *source_add(struct source_list *list, const void *octets, size_t len)
{
	struct source *more = realloc(list->list, (list->n + 1) * sizeof(*more));
	uint8_t *copy = malloc(len ? len : 1);
	struct source *source;

	if (more)
		list->list = more;
	if (!more || !copy) {
		free(copy);
		list->lost = true;
		return NULL;
	}
	if (len)
		memcpy(copy, octets, len);
	source = &more[list->n++];
	memset(source, 0, sizeof(*source));
	source->octets = copy;
	source->len = len;
	return source;
}

void source_clear(struct source_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		OPENSSL_cleanse(list->list[i].octets, list->list[i].len);
		free(list->list[i].octets);
	}
	free(list->list);
	memset(list, 0, sizeof(*list));
}

static struct source *bad_encoding(struct source_list *list, const char *what, size_t at)
{
	struct source *source = source_add(list, NULL, 0);

	if (source)
		failure_set(&source->failure, MIKEY_EXIT_MALFORMED, "bad-encoding",
			    "this is not %s, at octet %zu of the input", what, at);
	return source;
}

struct source *source_add_base64(struct source_list *list, const char *text, size_t len,
				 size_t at)
{
	struct source *source;
	size_t bad, n = 0;
	uint8_t *octets = base64_decode(text, len, &n, &bad);

	if (!octets && bad != BASE64_NO_MEMORY)
		return bad_encoding(list, "base64", at + bad);
	if (!octets) {
		list->lost = true;
		return NULL;
	}
	source = source_add(list, octets, n);
	OPENSSL_cleanse(octets, n);
	free(octets);
	return source;
}

/* Is every character of the set, or white space? */
static bool made_of(const struct input *input, const char *set)
{
	char *out = malloc(input->len + 1);
	size_t bad;
	bool yes = out && squeeze(input->data, input->len, set, out, &bad) > 0;

	free(out);
	return yes;
}

/* Base64 of a message begins with "AQ", for the version: it cannot look like hex. */
static bool hex_looks(const struct input *input)
{
	return made_of(input, HEX);
}

static void hex_find(const struct input *input, struct source_list *list)
{
	char *clean = malloc(input->len + 1);
	size_t bad = input->len, len = 0;
	ssize_t n = clean ? squeeze(input->data, input->len, HEX, clean, &bad) : -1;
	uint8_t *octets = malloc(input->len + 1);

	if (!clean || !octets)
		list->lost = true;
	else if (n < 0 || !OPENSSL_hexstr2buf_ex(octets, input->len + 1, &len, clean, '\0'))
		bad_encoding(list, "hexadecimal", bad);
	else
		source_add(list, octets, len);
	if (octets)
		OPENSSL_cleanse(octets, len);
	if (clean)
		OPENSSL_cleanse(clean, input->len);
	free(clean);
	free(octets);
}

static bool base64_looks(const struct input *input)
{
	return made_of(input, BASE64_DIGITS "=");
}

static void base64_find(const struct input *input, struct source_list *list)
{
	source_add_base64(list, input->data, input->len, 0);
}

static bool raw_looks(const struct input *input)
{
	(void)input;
	return true;
}

static void raw_find(const struct input *input, struct source_list *list)
{
	source_add(list, input->data, input->len);
}

const struct source_format source_formats[] = {
	{ "pcap", pcap_looks, pcap_find },
	{ "sdp", sdp_source_looks, sdp_source_find },
	{ "rtsp", rtsp_source_looks, rtsp_source_find },
	{ "hex", hex_looks, hex_find },
	{ "base64", base64_looks, base64_find },
	{ "raw", raw_looks, raw_find },
	{ NULL, NULL, NULL },
};
