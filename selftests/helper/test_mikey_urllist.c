// SPDX-License-Identifier: GPL-2.0
/*
 * Which URLs of certificates are good, and which of them a list has: what a stranger may
 * have this host ask for.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"
/* The unit under test is no part of the library that is linked. */
#include "urllist.c"

static void test_good(void)
{
	static const char *const good[] = {
		"http://certs.example.org/alice.cer", "https://certs.example.org/",
		"http://192.0.2.1:8080/a", "http://[2001:db8::1]/a/b.c/d..e/.f",
		"http://h/alice%40example.org.cer?v=1&w=/",
	};
	static const char *const bad[] = {
		"", "h", "http://", "http://h", "http:///a", "ftp://h/a", "file:///etc/passwd",
		"HTTP://h/a", "//h/a", "http:/h/a", "http://u@h/a", "http://u:p@h/a",
		"http://h?/a",
		"http://h/a b", "http://h/a\tb",
		"http://h/a\r\nX: y", "http://h/a#b", "http://h/a,b",
		"http://h/a\\b", "http://h/../a", "http://h/a/..", "http://h/./a", "http://h/a/.",
		"http://h/%2e%2E/a", "http://h/a%2Fb", "http://h/a%5cb", "http://h/a%00",
		"http://h/\xc3\xa4", "http://h/a\x7f",
	};
	char *text = malloc(FETCH_URL_MAX + 2);
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check(url_is_good(view(good[i])), "good: %s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(!url_is_good(view(bad[i])), "no good URL, number %zu of the list", i + 1);
	check(!url_is_good((struct mikey_view){ (const uint8_t *)"http://h/a\0b", 12 }),
	      "no good URL: a NUL in it");
	memset(text, 'a', FETCH_URL_MAX + 1);
	memcpy(text, "http://h/", 9);
	check(url_is_good((struct mikey_view){ (const uint8_t *)text, FETCH_URL_MAX }),
	      "good: as long as may be");
	check(!url_is_good((struct mikey_view){ (const uint8_t *)text, FETCH_URL_MAX + 1 }),
	      "no good URL: one octet longer");
	free(text);
}

static bool has(const char *list, const char *url)
{
	return urllist_has(list, view(url));
}

static void test_list(void)
{
	const char *list = "http://a.example/dir/, https://a.example/one.cer\t"
			   "http://b.example:81/";

	check(!urllist_bad(list).data, "list: all of it is good");
	check(urllist_bad("http://h/a http://h http://h/b").len == 8,
	      "list: the word that is not");
	check(has(list, "http://a.example/dir/x.cer"),
	      "list: what begins like a word that ends in /");
	check(has(list, "http://a.example/dir/"), "list: that word itself");
	check(has(list, "https://a.example/one.cer"), "list: what is a word");
	check(has(list, "http://b.example:81/any/where?x"), "list: all of a host");
	check(!has(list, "http://a.example/dir"), "list: not what is shorter");
	check(!has(list, "https://a.example/one.cer2"), "list: not what is longer than a word");
	check(!has(list, "https://a.example/dir/x.cer"), "list: not another scheme");
	check(!has(list, "http://a.example.evil/dir/x.cer"), "list: not a host that begins alike");
	check(!has(list, "http://b.example/x"), "list: not another port");
	check(!has(list, "http://b.example:810/x"), "list: not a port that begins alike");
	check(!has(list, "http://b.example:81@evil/x"), "list: not a host that looks like a user");
	check(!has(list, "http://a.example/dir/../x"), "list: not the way up");
	check(!has(list, "http://a.example/dir/%2e%2e/x"), "list: not the way up, in disguise");
	check(!has(list, "http://A.example/dir/x.cer"), "list: not in other letters");
	check(!has(NULL, "http://a.example/"), "list: nothing without a list");
	check(!has("", "http://a.example/") && !has(" ,", "http://a.example/"),
	      "list: nothing in one without words");
}

int main(void)
{
	ktap_begin();
	test_good();
	test_list();
	return ktap_end();
}
