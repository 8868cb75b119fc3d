/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Certificates of the tests: made when they are needed, kept nowhere.
 */
#ifndef PKI_H
#define PKI_H

#include <stdio.h>

#include "fixture.h"

/**
 * enum pki_who - whose key
 */
enum pki_who { PKI_CA, PKI_ALICE, PKI_BOB, PKI_EVE, PKI_SMALL, PKI_WHO_COUNT };

/**
 * struct pki_cert - what a certificate says
 * @subject: whose key
 * @issuer: who signs; the subject itself for a root
 * @names: subjectAltName as openssl.cnf has it, NULL for none
 * @usage: keyUsage as openssl.cnf has it, NULL for none
 * @from: first day, counted from the time of the fixture
 * @days: how many
 * @serial: number
 */
struct pki_cert {
	enum pki_who subject;
	enum pki_who issuer;
	const char *names;
	const char *usage;
	int from;
	int days;
	long serial;
};

/** pki_key - a private key in PEM */
struct mikey_view pki_key(enum pki_who who);

/** pki_take_key - use the next private key of a PEM file, and make none */
bool pki_take_key(enum pki_who who, FILE *file);

/** pki_pem - a certificate in PEM; all stay until pki_free() */
struct mikey_view pki_pem(const struct pki_cert *cert);

/** pki_crl - a revocation list of the CA with one entry, in PEM */
struct mikey_view pki_crl(long revoked);

/** pki_free - forget everything */
void pki_free(void);

/**
 * struct pki_change - what is unusual about alice, as bob sees her
 * @cert: her certificate
 * @key: her private key
 * @anchor: whose certificate bob trusts as a root
 * @crl: serial number that bob has a revocation list for, 0 for no list
 * @pinned: bob has alice's certificate
 */
struct pki_change {
	struct pki_cert cert;
	enum pki_who key;
	enum pki_who anchor;
	long crl;
	bool pinned;
};

/**
 * struct pki_files - what fixture_certify() made last, in PEM
 */
struct pki_files {
	struct mikey_view alice;
	struct mikey_view alice_key;
	struct mikey_view bob;
	struct mikey_view bob_key;
};

/** fixture_pki - the last certificates and keys */
const struct pki_files *fixture_pki(void);

/** pki_usual - alice as she should be */
struct pki_change pki_usual(void);

/**
 * fixture_certify - alice and bob get certificates, and use this mode
 * @f: fixture
 * @mode: enum mikey_data_type
 * @change: what is unusual, NULL for nothing
 * @err: why the library does not take them
 */
enum mikey_reason fixture_certify(struct fixture *f, uint32_t mode,
				  const struct pki_change *change, struct mikey_error *err);

#endif
