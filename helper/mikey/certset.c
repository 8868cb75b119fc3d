// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates of a message, RFC 3830 6.7: one payload each, the peer's own
 * first (RFC 6043 7).
 */
#include <openssl/err.h>
#include <openssl/x509.h>

#include "algs.h"
#include "certpriv.h"
#include "urlspriv.h"

void certs_clear(struct peer_certs *certs)
{
	X509_free(certs->leaf[CERT_SIGNS]);
	X509_free(certs->leaf[CERT_RECEIVES]);
	sk_X509_pop_free(certs->chain, X509_free);
	*certs = (struct peer_certs){ 0 };
}

static X509 *parse_cert(const struct mikey_crypto *crypto, struct mikey_view der)
{
	X509 *cert = X509_new_ex(crypto->libctx, crypto->propq);
	const unsigned char *p = der.data;

	ERR_set_mark();
	if (cert && (!d2i_X509(&cert, &p, (long)der.len) || p != der.data + der.len)) {
		X509_free(cert);
		cert = NULL;
	}
	ERR_pop_to_mark();
	return cert;
}

/*
 * Takes over @cert. A type 0, or 1, which is the same by URL, is the leaf of both
 * uses, unless a type 3 comes for one of them.
 */
static bool place(struct peer_certs *certs, X509 *cert, uint32_t type)
{
	X509 **sign = &certs->leaf[CERT_SIGNS], **encr = &certs->leaf[CERT_RECEIVES];

	if (type == MIKEY_CERT_ENCR && (!*encr || *encr == *sign)) {
		X509_free(*encr);
		*encr = cert;
	} else if (type != MIKEY_CERT_ENCR && !*sign) {
		*sign = cert;
		if (type != MIKEY_CERT_SIGN && !*encr && X509_up_ref(cert))
			*encr = cert;
	} else if (!sk_X509_push(certs->chain, cert)) {
		X509_free(cert);
		return false;
	}
	return true;
}

static enum mikey_reason add_cert(const struct mikey_crypto *crypto, const struct mikey_urls *urls,
				  const struct mikey_payload *payload, struct peer_certs *certs,
				  struct mikey_error *err)
{
	uint32_t type = payload->cert.cert_type;
	struct mikey_view der = payload->cert.data;
	enum mikey_reason reason = MIKEY_OK;
	X509 *cert;

	if (type > MIKEY_CERT_ENCR)
		return mikey_fail(err, MIKEY_UNSUP_CERT, payload->offset,
				  "certificates of type %u are not supported", type);
	if (type == MIKEY_CERT_URL)
		reason = urls_find(urls, payload, &der, err);
	if (reason)
		return reason;
	cert = parse_cert(crypto, der);
	if (!cert)
		return mikey_fail(err, MIKEY_BAD_CERT, payload->offset,
				  "what should be a certificate is none");
	if (!place(certs, cert, type))
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	return MIKEY_OK;
}

static enum mikey_reason add_certs(const struct mikey_crypto *crypto,
				   const struct mikey_urls *urls, const struct mikey_msg *msg,
				   struct peer_certs *certs, struct mikey_error *err)
{
	const struct mikey_payload *payload;
	enum mikey_reason reason = urls_await(urls, msg, err);
	size_t i;

	for (i = 0; !reason && (payload = mikey_find(msg, MIKEY_PL_CERT, i)); i++)
		reason = add_cert(crypto, urls, payload, certs, err);
	return reason;
}

/* The configured certificate is for both uses, as far as it says nothing else */
static bool use_configured(const struct mikey_trust *trust, struct peer_certs *certs)
{
	if (!trust->peer || !X509_up_ref(trust->peer))
		return false;
	certs->leaf[CERT_SIGNS] = trust->peer;
	if (X509_up_ref(trust->peer))
		certs->leaf[CERT_RECEIVES] = trust->peer;
	return true;
}

enum mikey_reason certs_collect(const struct mikey_crypto *crypto, const struct mikey_creds *creds,
				const struct mikey_msg *msg, struct peer_certs *certs,
				struct mikey_error *err)
{
	enum mikey_reason reason = MIKEY_OK;

	*certs = (struct peer_certs){ .chain = sk_X509_new_null() };
	if (!certs->chain)
		return mikey_fail(err, MIKEY_NO_MEMORY, MIKEY_NO_OFFSET, "no memory");
	if (msg)
		reason = add_certs(crypto, &creds->urls, msg, certs, err);
	if (!reason && !certs->leaf[CERT_SIGNS] && !certs->leaf[CERT_RECEIVES] &&
	    !use_configured(creds->trust, certs))
		reason = mikey_fail(err, MIKEY_NO_CERT, MIKEY_NO_OFFSET,
				    "no certificate of the peer, neither sent nor configured");
	if (reason)
		certs_clear(certs);
	return reason;
}
