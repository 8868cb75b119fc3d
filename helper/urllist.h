/* SPDX-License-Identifier: GPL-2.0 */
/*
 * URLs of certificates, and the lists of those that may be fetched.
 */
#ifndef HELPER_URLLIST_H
#define HELPER_URLLIST_H

#include <stdbool.h>
#include "mikey/msg.h"

/**
 * url_is_good - http or https, a host, a path, and nothing that servers and clients read
 *	in different ways
 * @url: characters; need not end with a NUL
 */
bool url_is_good(struct mikey_view url);

/**
 * urllist_bad - the first word of a list that is no good URL
 * @list: words with blanks or commas between them
 * Return: the word, NULL if all are good.
 */
struct mikey_view urllist_bad(const char *list);

/**
 * urllist_has - may this be fetched?
 * @list: checked; one that ends with / means all that begins with it; NULL for nothing
 * @url: characters, from anybody
 */
bool urllist_has(const char *list, struct mikey_view url);

#endif
