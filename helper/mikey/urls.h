/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Certificates that a message names by URL: RFC 3830 6.7, RFC 4738 3.8. Somebody
 * else fetches them; the message is read again once they are there.
 */
#ifndef MIKEY_URLS_H
#define MIKEY_URLS_H

#include "reason.h"
#include "msg.h"

/**
 * struct mikey_urls - who has the certificates of a peer
 * @find: the octets at @url, which stay until the message is read; MIKEY_CERT_AWAITED
 *	if they will be there later, MIKEY_URL_REFUSED, MIKEY_CERT_UNAVAILABLE or
 *	MIKEY_BUSY if not. NULL: certificates by URL are refused.
 * @arg: for @find
 */
struct mikey_urls {
	enum mikey_reason (*find)(void *arg, struct mikey_view url, struct mikey_view *der,
				  struct mikey_error *err);
	void *arg;
};

/**
 * mikey_urls_await - ask for all certificates of a message, and do nothing else
 * @urls: who has them
 * @buf: a message
 * @len: its octets
 * @err: filled with the reason
 * Return: MIKEY_CERT_AWAITED if one is not there yet. Else MIKEY_OK, also if the
 * message is none or a certificate is refused: who takes part finds that out.
 *
 * For messages that are taken together or not at all.
 */
enum mikey_reason mikey_urls_await(const struct mikey_urls *urls, const void *buf, size_t len,
				   struct mikey_error *err);

#endif
