// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates, private keys and revocation lists in PEM files.
 */
#include <errno.h>
#include "certfile.h"
#include "keyfile.h"
#include "secret.h"

/* Room for a key of 4096 bits, and for the revocation lists of a large issuer */
#define KEY_MAX 16384
#define PUBLIC_MAX (4u << 20)

/**
 * struct pem - contents of a file
 * @view: octets
 * @room: allocated
 */
struct pem {
	struct mikey_view view;
	size_t room;
};

static void pem_free(struct pem *pem)
{
	secret_free((void *)pem->view.data, pem->room);
}

static int pem_read(const struct keyfile *file, struct pem *pem, struct failure *failure)
{
	uint8_t *data;

	*pem = (struct pem){ .room = file->secret ? KEY_MAX : PUBLIC_MAX };
	if (!file->path)
		return 0;
	data = secret_alloc(pem->room);
	if (!data)
		return failure_errno(failure, ENOMEM, "%s %s", file->what, file->path);
	pem->view.data = data;
	if (keyfile_read(file, data, pem->room, &pem->view.len, failure))
		return -1;
	if (!pem->view.len)
		return keyfile_wrong(file, "is empty", failure);
	if (pem->view.len == pem->room)
		return keyfile_wrong(file, "is too long", failure);
	return 0;
}

#define PUBLIC(name, text) { .path = name, .what = text, .reason = "bad-certificate-file" }

/* The library says what is wrong with the contents; the file is named here */
static int refuse(const char *path, const struct mikey_error *err, struct failure *failure)
{
	return failure_set(failure, MIKEY_EXIT_USAGE, "bad-certificate-file", "%s: %s", path,
			   err->text);
}

static int parse_own(const char *path, const struct pem *chain, const struct pem *key,
		     struct mikey_own **own, struct failure *failure)
{
	struct mikey_crypto *crypto = mikey_crypto_new(NULL, NULL);
	struct mikey_error err;
	int ret = 0;

	if (!crypto)
		return failure_errno(failure, ENOMEM, "%s", path);
	if (mikey_own_new(crypto, chain->view, key->view, own, &err))
		ret = refuse(path, &err, failure);
	mikey_crypto_free(crypto);
	return ret;
}

int certfile_own(const char *chain_path, const char *key_path, struct mikey_own **own,
		 struct failure *failure)
{
	const struct keyfile chain_file = PUBLIC(chain_path, "certificate file");
	const struct keyfile key_file = {
		.path = key_path, .what = "key file", .reason = "bad-key-file", .secret = true,
	};
	struct pem chain, key = { 0 };
	int ret = pem_read(&chain_file, &chain, failure);

	if (!ret)
		ret = pem_read(&key_file, &key, failure);
	if (!ret)
		ret = parse_own(key_path, &chain, &key, own, failure);
	pem_free(&chain);
	pem_free(&key);
	return ret;
}

static int parse_trust(const struct mikey_crypto *crypto, const char *path,
		       const struct mikey_trust_source *source, struct mikey_trust **trust,
		       struct failure *failure)
{
	struct mikey_error err;

	if (!mikey_trust_new(crypto, source, trust, &err))
		return 0;
	return refuse(path, &err, failure);
}

/* Each file alone first, so that the one that is wrong is named */
static int parse_all(const struct keyfile list[3], const struct pem pem[3],
		     struct mikey_trust **trust, struct failure *failure)
{
	const struct mikey_trust_source all = {
		.anchors = pem[0].view, .crls = pem[1].view, .peer = pem[2].view,
	};
	const struct mikey_trust_source each[3] = {
		{ .anchors = all.anchors }, { .crls = all.crls }, { .peer = all.peer },
	};
	struct mikey_crypto *crypto = mikey_crypto_new(NULL, NULL);
	struct mikey_trust *alone;
	int i, ret = 0;

	if (!crypto)
		return failure_errno(failure, ENOMEM, "certificates");
	for (i = 0; !ret && i < 3; i++) {
		if (!list[i].path)
			continue;
		ret = parse_trust(crypto, list[i].path, &each[i], &alone, failure);
		if (!ret)
			mikey_trust_free(alone);
	}
	if (!ret)
		ret = parse_trust(crypto, "certificates", &all, trust, failure);
	mikey_crypto_free(crypto);
	return ret;
}

int certfile_trust(const struct certfile_trust *files, struct mikey_trust **trust,
		   struct failure *failure)
{
	const struct keyfile list[3] = {
		PUBLIC(files->anchors, "trust anchors"),
		PUBLIC(files->crls, "revocation lists"),
		PUBLIC(files->peer, "certificate file"),
	};
	struct pem pem[3] = { 0 };
	int i, ret = 0;

	for (i = 0; !ret && i < 3; i++)
		ret = pem_read(&list[i], &pem[i], failure);
	if (!ret)
		ret = parse_all(list, pem, trust, failure);
	for (i = 0; i < 3; i++)
		pem_free(&pem[i]);
	return ret;
}
