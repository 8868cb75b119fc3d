/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CERT payloads of type URL. Internal.
 */
#ifndef MIKEY_URLSPRIV_H
#define MIKEY_URLSPRIV_H

#include "urls.h"

/**
 * urls_find - the certificate that a payload names
 * @urls: who has it
 * @cert: CERT payload of type URL
 * @der: its octets
 * @err: why not
 */
enum mikey_reason urls_find(const struct mikey_urls *urls, const struct mikey_payload *cert,
			    struct mikey_view *der, struct mikey_error *err);

/**
 * urls_await - are all certificates of a message there?
 * @urls: who has them
 * @msg: message
 * @err: why not: too many, or one that is awaited
 *
 * All are asked for before the first one is waited for.
 */
enum mikey_reason urls_await(const struct mikey_urls *urls, const struct mikey_msg *msg,
			     struct mikey_error *err);

#endif
