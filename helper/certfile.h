/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Certificates, private keys and revocation lists in PEM files.
 */
#ifndef HELPER_CERTFILE_H
#define HELPER_CERTFILE_H

#include "failure.h"
#include "mikey/mikey.h"

/**
 * certfile_own - this host's certificate and key
 * @chain: file with the certificate, and those between it and its root
 * @key: file with the private key, readable by its owner only
 * @own: the result
 * @failure: why not
 * Return: 0 or -1.
 */
int certfile_own(const char *chain, const char *key, struct mikey_own **own,
		 struct failure *failure);

/**
 * struct certfile_trust - files that say whom to trust; each may be NULL
 * @anchors: root certificates
 * @crls: revocation lists
 * @peer: the peer's own certificate
 */
struct certfile_trust {
	const char *anchors;
	const char *crls;
	const char *peer;
};

/**
 * certfile_trust - whom to trust to be a peer
 * @files: files
 * @trust: the result
 * @failure: why not
 * Return: 0 or -1.
 */
int certfile_trust(const struct certfile_trust *files, struct mikey_trust **trust,
		   struct failure *failure);

#endif
