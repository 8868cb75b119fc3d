// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates by URL: RFC 3830 6.7, RFC 4738 3.8. What is at a URL is nobody's word:
 * it is verified as if it had come in the message.
 */
#include <openssl/crypto.h>

#include "cert.h"
#include "urlspriv.h"

enum mikey_reason urls_find(const struct mikey_urls *urls, const struct mikey_payload *cert,
			    struct mikey_view *der, struct mikey_error *err)
{
	enum mikey_reason reason;

	if (!urls->find)
		return mikey_fail(err, MIKEY_UNSUP_CERT, cert->offset,
				  "certificates by URL are not fetched");
	reason = urls->find(urls->arg, cert->cert.data, der, err);
	if (reason && err)
		err->offset = cert->offset;
	return reason;
}

enum mikey_reason urls_await(const struct mikey_urls *urls, const struct mikey_msg *msg,
			     struct mikey_error *err)
{
	const struct mikey_payload *cert;
	struct mikey_error one;
	struct mikey_view der;
	bool awaited = false;
	size_t i;

	for (i = 0; (cert = mikey_find(msg, MIKEY_PL_CERT, i)); i++) {
		if (i == MIKEY_CHAIN_MAX)
			return mikey_fail(err, MIKEY_TOO_MANY, cert->offset,
					  "more than %d certificates", MIKEY_CHAIN_MAX);
		if (cert->cert.cert_type != MIKEY_CERT_URL ||
		    urls_find(urls, cert, &der, &one) != MIKEY_CERT_AWAITED)
			continue;
		awaited = true;
		if (err)
			*err = one;
	}
	return awaited ? MIKEY_CERT_AWAITED : MIKEY_OK;
}

enum mikey_reason mikey_urls_await(const struct mikey_urls *urls, const void *buf, size_t len,
				   struct mikey_error *err)
{
	struct mikey_msg *msg = OPENSSL_malloc(sizeof(*msg));
	enum mikey_reason reason = MIKEY_OK;

	if (msg && len && urls->find && !mikey_parse(msg, buf, len, NULL))
		reason = urls_await(urls, msg, err);
	OPENSSL_free(msg);
	return reason == MIKEY_CERT_AWAITED ? reason : MIKEY_OK;
}
