// SPDX-License-Identifier: GPL-2.0
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "pki.h"

#define DAY 86400
/* 2026-01-01T00:00:00Z, as in the fixture */
#define START 1767225600
#define PEMS 1024

static EVP_PKEY *keys[PKI_WHO_COUNT];
static char *pems[PEMS];
static size_t n_pems;

static const char *const names[] = { "CA", "Alice", "Bob", "Eve", "Small" };

static EVP_PKEY *key_of(enum pki_who who)
{
	if (!keys[who])
		keys[who] = EVP_RSA_gen(who == PKI_SMALL ? 1024 : 2048);
	if (!keys[who])
		abort();
	return keys[who];
}

static struct mikey_view keep(BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);
	struct mikey_view pem;

	if (n_pems == PEMS)
		abort();
	pems[n_pems] = malloc((size_t)len);
	memcpy(pems[n_pems], data, (size_t)len);
	pem = (struct mikey_view){ (uint8_t *)pems[n_pems++], (size_t)len };
	BIO_free(bio);
	return pem;
}

struct mikey_view pki_key(enum pki_who who)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PrivateKey(bio, key_of(who), NULL, NULL, 0, NULL, NULL);
	return keep(bio);
}

bool pki_take_key(enum pki_who who, FILE *file)
{
	EVP_PKEY_free(keys[who]);
	keys[who] = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	return keys[who];
}

static X509_NAME *name_of(enum pki_who who)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)names[who], -1, -1, 0);
	return name;
}

static void extend(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *ext = value ? X509V3_EXT_conf_nid(NULL, NULL, nid, value) : NULL;

	if (ext)
		X509_add_ext(cert, ext, -1);
	else if (value)
		abort();
	X509_EXTENSION_free(ext);
}

static X509 *make_cert(const struct pki_cert *what)
{
	X509 *cert = X509_new();
	X509_NAME *subject = name_of(what->subject), *issuer = name_of(what->issuer);

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), what->serial);
	ASN1_TIME_set(X509_getm_notBefore(cert), START + (time_t)what->from * DAY);
	ASN1_TIME_set(X509_getm_notAfter(cert), START + (time_t)(what->from + what->days) * DAY);
	X509_set_subject_name(cert, subject);
	X509_set_issuer_name(cert, issuer);
	X509_set_pubkey(cert, key_of(what->subject));
	extend(cert, NID_basic_constraints, what->subject == PKI_CA ? "critical,CA:TRUE" : NULL);
	extend(cert, NID_subject_alt_name, what->names);
	extend(cert, NID_key_usage, what->usage);
	if (!X509_sign(cert, key_of(what->issuer), EVP_sha256()))
		abort();
	X509_NAME_free(subject);
	X509_NAME_free(issuer);
	return cert;
}

struct mikey_view pki_pem(const struct pki_cert *what)
{
	X509 *cert = make_cert(what);
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(bio, cert);
	X509_free(cert);
	return keep(bio);
}

struct mikey_view pki_crl(long revoked)
{
	X509_CRL *crl = X509_CRL_new();
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_INTEGER *serial = ASN1_INTEGER_new();
	ASN1_TIME *now = ASN1_TIME_set(NULL, START - DAY);
	ASN1_TIME *later = ASN1_TIME_set(NULL, START + 30 * DAY);
	X509_NAME *issuer = name_of(PKI_CA);
	BIO *bio = BIO_new(BIO_s_mem());

	ASN1_INTEGER_set(serial, revoked);
	X509_REVOKED_set_serialNumber(entry, serial);
	X509_REVOKED_set_revocationDate(entry, now);
	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, issuer);
	X509_CRL_set1_lastUpdate(crl, now);
	X509_CRL_set1_nextUpdate(crl, later);
	X509_CRL_add0_revoked(crl, entry);
	X509_CRL_sign(crl, key_of(PKI_CA), EVP_sha256());
	PEM_write_bio_X509_CRL(bio, crl);
	X509_CRL_free(crl);
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(now);
	ASN1_TIME_free(later);
	X509_NAME_free(issuer);
	return keep(bio);
}

void pki_free(void)
{
	size_t i;

	while (n_pems)
		free(pems[--n_pems]);
	for (i = 0; i < PKI_WHO_COUNT; i++) {
		EVP_PKEY_free(keys[i]);
		keys[i] = NULL;
	}
}

struct pki_change pki_usual(void)
{
	return (struct pki_change){
		.cert = {
			.subject = PKI_ALICE, .issuer = PKI_CA,
			.names = "URI:sip:alice@example.org,email:alice@example.org",
			.from = -1, .days = 30, .serial = 100,
		},
		.key = PKI_ALICE,
		.anchor = PKI_CA,
	};
}

static struct pki_files files;

const struct pki_files *fixture_pki(void)
{
	return &files;
}

enum mikey_reason fixture_certify(struct fixture *f, uint32_t mode,
				  const struct pki_change *change, struct mikey_error *err)
{
	const struct pki_cert ca = { .subject = PKI_CA, .issuer = PKI_CA, .from = -10,
				     .days = 100, .serial = 1,
				     .usage = "keyCertSign,cRLSign" };
	const struct pki_cert eve = { .subject = PKI_EVE, .issuer = PKI_EVE, .from = -10,
				      .days = 100, .serial = 1 };
	const struct pki_cert bob = { .subject = PKI_BOB, .issuer = PKI_CA, .from = -1,
				      .days = 30, .serial = 200,
				      .names = "URI:sip:bob@example.org,email:bob@example.org" };
	const struct pki_change what = change ? *change : pki_usual();
	struct mikey_view alice = pki_pem(&what.cert), bobs = pki_pem(&bob);
	struct mikey_trust_source his = { .anchors = pki_pem(what.anchor == PKI_EVE ? &eve : &ca) };
	struct mikey_trust_source hers = { .anchors = pki_pem(&ca), .peer = bobs };
	struct mikey_creds *a = &f->init.creds, *b = &f->bob_creds;
	enum mikey_reason reason;

	if (what.crl)
		his.crls = pki_crl(what.crl);
	if (what.pinned)
		his.peer = alice;
	files = (struct pki_files){ alice, pki_key(what.key), bobs, pki_key(PKI_BOB) };
	fixture_uncertify(f);
	reason = mikey_own_new(f->crypto, alice, pki_key(what.key), &f->alice_own, err);
	if (!reason)
		reason = mikey_own_new(f->crypto, bobs, pki_key(PKI_BOB), &f->bob_own, err);
	if (!reason)
		reason = mikey_trust_new(f->crypto, &hers, &f->alice_trust, err);
	if (!reason)
		reason = mikey_trust_new(f->crypto, &his, &f->bob_trust, err);
	a->own = f->alice_own;
	a->trust = f->alice_trust;
	b->own = f->bob_own;
	b->trust = f->bob_trust;
	a->sign_accept = b->sign_accept = ~0u;
	f->init.mode = mode;
	f->init.now = f->now;
	return reason;
}
