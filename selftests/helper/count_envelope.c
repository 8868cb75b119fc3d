// SPDX-License-Identifier: GPL-2.0
/*
 * What the receiver of an envelope does when it is bad, for callgrind to count,
 * one part of its output for each case: see test_mikey_count.py.
 *
 * Every case is a message that alice has signed. Its envelope is a block of this
 * file's choice under bob's key, so that it is the padding that is wrong.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include "count.h"
#include "mikey/certpriv.h"
#include "tamper.h"

#define BLOCK 256
#define HASH 20
#define OAEP_DB (BLOCK - 1 - HASH)

/**
 * struct variant - an envelope
 * @name: for the report
 * @oaep: which padding
 * @edit: makes the block wrong before it is masked (OAEP: DB) and encrypted
 * @key_len: octets of the key inside
 */
struct variant {
	const char *name;
	bool oaep;
	void (*edit)(uint8_t *block);
	size_t key_len;
};

static const struct variant *current;

static void right(uint8_t *block)
{
	(void)block;
}

static void first_octet(uint8_t *block)
{
	block[0] = 1;
}

static void type_one(uint8_t *block)
{
	block[1] = 1;
}

static void no_separator(uint8_t *block)
{
	size_t i;

	for (i = 2; i < BLOCK; i++)
		block[i] |= 1;
}

static void early_separator(uint8_t *block)
{
	block[9] = 0;
}

static void other_hash(uint8_t *db)
{
	db[3] ^= 1;
}

static void no_one(uint8_t *db)
{
	size_t i;

	for (i = HASH; i < OAEP_DB; i++)
		db[i] = 0;
}

static void two_instead(uint8_t *db)
{
	size_t i;

	for (i = HASH; !db[i]; i++)
		;
	db[i] = 2;
}

static const struct variant variants[] = {
	{ "pkcs1: a wrong MAC", false, right, 16 },
	{ "pkcs1: block does not begin with 0", false, first_octet, 16 },
	{ "pkcs1: block of type 1", false, type_one, 16 },
	{ "pkcs1: no separator", false, no_separator, 16 },
	{ "pkcs1: 7 octets of padding", false, early_separator, 16 },
	{ "pkcs1: an empty key", false, right, 0 },
	{ "pkcs1: a key of 15 octets", false, right, 15 },
	{ "pkcs1: a key of 33 octets", false, right, 33 },
	{ "pkcs1: a key of 200 octets", false, right, 200 },
	{ "oaep: a wrong MAC", true, right, 16 },
	{ "oaep: block does not begin with 0", true, first_octet, 16 },
	{ "oaep: wrong hash of the label", true, other_hash, 16 },
	{ "oaep: nothing but zeros behind it", true, no_one, 16 },
	{ "oaep: another octet than 1 before the key", true, two_instead, 16 },
	{ "oaep: an empty key", true, right, 0 },
	{ "oaep: a key of 33 octets", true, right, 33 },
};

static void random_octets(uint8_t *p, size_t n, uint8_t or)
{
	while (n--)
		*p++ = (uint8_t)rand() | or;
}

/* RFC 8017 7.2.1 */
static void pkcs1_block(const struct variant *v, uint8_t *block)
{
	random_octets(block, BLOCK, 1);
	block[0] = 0;
	block[1] = 2;
	block[BLOCK - v->key_len - 1] = 0;
	v->edit(block);
}

static void xor_mask(uint8_t *to, size_t to_len, const uint8_t *seed, size_t seed_len)
{
	uint8_t input[BLOCK + 4], digest[HASH];
	size_t i, n;

	memcpy(input, seed, seed_len);
	for (i = 0; i < to_len; i += HASH) {
		n = i / HASH;
		memcpy(input + seed_len, (uint8_t[]){ 0, 0, 0, (uint8_t)n }, 4);
		EVP_Digest(input, seed_len + 4, digest, NULL, EVP_sha1(), NULL);
		for (n = 0; n < HASH && i + n < to_len; n++)
			to[i + n] ^= digest[n];
	}
}

/* RFC 8017 7.1.1, with SHA-1 and an empty label */
static void oaep_block(const struct variant *v, uint8_t *block)
{
	uint8_t *seed = block + 1, *db = seed + HASH;

	memset(block, 0, BLOCK);
	random_octets(seed, HASH, 0);
	EVP_Digest("", 0, db, NULL, EVP_sha1(), NULL);
	db[OAEP_DB - v->key_len - 1] = 1;
	random_octets(db + OAEP_DB - v->key_len, v->key_len, 0);
	if (v->edit == first_octet)
		first_octet(block);
	else
		v->edit(db);
	xor_mask(db, OAEP_DB, seed, HASH);
	xor_mask(seed, HASH, db, OAEP_DB);
}

static EVP_PKEY *bobs_key;

static void envelope(struct mikey_msg *msg)
{
	static uint8_t block[BLOCK], sealed[BLOCK];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(bobs_key, NULL);
	size_t len = BLOCK;

	(current->oaep ? oaep_block : pkcs1_block)(current, block);
	if (EVP_PKEY_encrypt_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) != 1 ||
	    EVP_PKEY_encrypt(ctx, sealed, &len, block, BLOCK) != 1)
		abort();
	EVP_PKEY_CTX_free(ctx);
	payload_of(msg, MIKEY_PL_PKE, 0)->pke.data = (struct mikey_view){ sealed, len };
}

static void print_answer(const struct call *c, const char *name)
{
	size_t i;

	printf("%s\t%s\t", name, mikey_reason_token(c->reason));
	for (i = 0; i < c->answer.len; i++)
		printf("%02x", c->answer.msg[i]);
	putchar('\n');
}

static void respond(struct call *c)
{
	call_offer(c);
	call_respond_to(c, resigned(c, &c->f->init.creds, mikey_pending_message(c->pending),
				    envelope, NULL, 0));
}

/* The second time counts: by then what is made once for a key has been made */
static bool count(const struct variant *v, const char *name)
{
	struct call *c = call_new(MIKEY_PK_INIT, NULL);

	if (c->reason)
		return false;
	current = v;
	bobs_key = c->f->bob_own->key;
	c->f->init.creds.oaep = c->f->bob_creds.oaep = v->oaep;
	respond(c);
	c->f->seed = 1;
	CALLGRIND_ZERO_STATS;
	respond(c);
	CALLGRIND_DUMP_STATS_AT(name);
	print_answer(c, name);
	call_free(c);
	return true;
}

/* The first one is there for what is made once for the process */
int count_all(void)
{
	bool ok = count(variants, "nothing");
	size_t i;

	for (i = 0; ok && i < sizeof(variants) / sizeof(variants[0]); i++)
		ok = count(&variants[i], variants[i].name);
	return !ok;
}
