// SPDX-License-Identifier: GPL-2.0
/*
 * Who signed a message: RFC 3830 3.2, 4.3; RFC 4738 3.4, 3.6.
 */
#include "signer.h"

enum mikey_reason signer_ready(const struct mikey_creds *creds, uint32_t prf,
			       struct mikey_error *err)
{
	if (!creds->own || !creds->trust)
		return mikey_fail(err, MIKEY_USAGE, MIKEY_NO_OFFSET,
				  "no certificate of our own, or nobody to trust");
	return cert_key_check(creds->own->key, cert_least_bits(prf), err);
}

static struct cert_check check_of(const struct signer *signer, uint32_t prf)
{
	return (struct cert_check){
		.crypto = signer->crypto,
		.trust = signer->creds->trust,
		.id = signer->id,
		.now = signer->now,
		.bits = cert_least_bits(prf),
	};
}

/* RFC 3830 6.5: SIGN's two octets of type and length stand before the signature */
static enum mikey_reason check_octets(const struct signer *signer, const struct mikey_msg *msg,
				      EVP_PKEY *key, size_t head, struct mikey_error *err)
{
	const struct mikey_payload *sign = mikey_find(msg, MIKEY_PL_SIGN, 0);
	struct mikey_view pieces[4] = {
		{ msg->raw.data, msg->raw.len - sign->sign.signature.len - head },
	};
	size_t i;

	for (i = 0; i < signer->n_tail; i++)
		pieces[i + 1] = signer->tail[i];
	return sign_verify(signer->crypto, key, sign, signer->creds->sign_accept, pieces,
			   signer->n_tail + 1, err);
}

enum mikey_reason signer_check(const struct signer *signer, const struct mikey_msg *msg,
			       struct peer_certs *certs, struct mikey_error *err)
{
	struct cert_check check = check_of(signer, msg->hdr.prf);
	enum mikey_reason reason = certs_collect(signer->crypto, signer->creds, msg, certs, err);
	EVP_PKEY *key;

	if (!reason)
		reason = cert_verify(&check, certs, CERT_SIGNS, err);
	if (reason)
		return reason;
	key = X509_get0_pubkey(certs->leaf[CERT_SIGNS]);
	reason = check_octets(signer, msg, key, 0, err);
	if (reason == MIKEY_AUTH_FAILED && signer->two_readings)
		reason = check_octets(signer, msg, key, 2, err);
	return reason;
}

enum mikey_reason signer_can_receive(const struct signer *signer, uint32_t prf,
				     const struct peer_certs *certs, struct mikey_error *err)
{
	struct cert_check check = check_of(signer, prf);

	return cert_verify(&check, certs, CERT_RECEIVES, err);
}
