// SPDX-License-Identifier: GPL-2.0
/*
 * Which URLs are good, and which are listed. They are compared octet by octet, so that
 * what is listed is a whole scheme, host and port, and nothing is read between the lines.
 */
#include <ctype.h>
#include <string.h>
#include "fetch/order.h"
#include "urllist.h"

#define BETWEEN " \t,"

/* RFC 3986 2 without "#", which no server sees, and ",", which stands between URLs. */
static bool good_character(unsigned char c)
{
	return c < 0x80 && (isalnum(c) || (c && strchr("-._~:/?[]@!$&'()*+;=%", c)));
}

/* What a server might take for a way up, or for the end of a name. */
static bool odd_path(const char *path)
{
	static const char *const odd[] = {
		"/./", "/../", "%2e", "%2f", "%5c", "%00",
	};
	size_t i, len = strlen(path);

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		if (strcasestr(path, odd[i]))
			return true;
	return (len >= 2 && !strcmp(path + len - 2, "/.")) ||
	       (len >= 3 && !strcmp(path + len - 3, "/.."));
}

static const char *behind_scheme(const char *url)
{
	if (!strncmp(url, "http://", 7))
		return url + 7;
	return strncmp(url, "https://", 8) ? NULL : url + 8;
}

bool url_is_good(struct mikey_view url)
{
	char text[FETCH_URL_MAX + 1];
	const char *host, *path;
	size_t i;

	if (url.len > FETCH_URL_MAX)
		return false;
	for (i = 0; i < url.len; i++)
		if (!good_character(url.data[i]))
			return false;
	memcpy(text, url.data, url.len);
	text[url.len] = '\0';
	host = behind_scheme(text);
	path = host ? strchr(host, '/') : NULL;
	return path && path > host && !memchr(host, '@', path - host) &&
	       !memchr(host, '?', path - host) && !odd_path(path);
}

/* The next word of a list, which goes on behind it. */
static bool next_word(const char **list, struct mikey_view *word)
{
	*list += strspn(*list, BETWEEN);
	word->data = (const uint8_t *)*list;
	word->len = strcspn(*list, BETWEEN);
	*list += word->len;
	return word->len;
}

struct mikey_view urllist_bad(const char *list)
{
	struct mikey_view word;

	while (next_word(&list, &word))
		if (!url_is_good(word))
			return word;
	return (struct mikey_view){ NULL, 0 };
}

static bool covers(struct mikey_view listed, struct mikey_view url)
{
	bool all = listed.data[listed.len - 1] == '/';

	return (all ? url.len >= listed.len : url.len == listed.len) &&
	       !memcmp(listed.data, url.data, listed.len);
}

bool urllist_has(const char *list, struct mikey_view url)
{
	struct mikey_view word;

	if (!list || !url_is_good(url))
		return false;
	while (next_word(&list, &word))
		if (covers(word, url))
			return true;
	return false;
}
