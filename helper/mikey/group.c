// SPDX-License-Identifier: GPL-2.0
/*
 * Diffie-Hellman: RFC 3830 3.3, 4.2.7; the groups are those of RFC 2409 6 and
 * RFC 3526 2.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/dh.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <string.h>

#include "algs.h"
#include "group.h"
#include "wire.h"

/* More than twice the strength of every group (RFC 3526 8) */
#define EXPONENT_LEN 32
#define GENERATOR 2

/*
 * RFC 3526 8 estimates OAKLEY 5 between 90 and 120 bits. RFC 3830 makes it go
 * with keys of 128 bits, and so it does here, but not with longer ones. The
 * others are within reach of precomputation: who allows them has been told.
 */
static const struct group {
	uint16_t len;
	uint16_t bits;
	bool weak;
	BIGNUM *(*prime)(BIGNUM *bn);
} groups[] = {
	[MIKEY_OAKLEY_5] = { 192, 128, false, BN_get_rfc3526_prime_1536 },
	[MIKEY_OAKLEY_1] = { 96, 0, true, BN_get_rfc2409_prime_768 },
	[MIKEY_OAKLEY_2] = { 128, 0, true, BN_get_rfc2409_prime_1024 },
};

size_t group_len(uint32_t group)
{
	return group < ARRAY_SIZE(groups) ? groups[group].len : 0;
}

unsigned int group_strength(uint32_t group)
{
	return group < ARRAY_SIZE(groups) ? groups[group].bits : 0;
}

enum mikey_reason group_check(uint32_t group, uint32_t flags, size_t offset,
			      struct mikey_error *err)
{
	if (group >= ARRAY_SIZE(groups))
		return mikey_fail(err, MIKEY_UNSUP_DH, offset, "DH group %u is not supported",
				  group);
	if (groups[group].weak && !(flags & MIKEY_ALLOW_WEAK_DH))
		return mikey_fail(err, MIKEY_DH_REFUSED, offset,
				  "the group %s of %u bits is not allowed with this peer",
				  mikey_name(MIKEY_NS_DH_GROUP, group), groups[group].len * 8);
	return MIKEY_OK;
}

/* Prime, order of the subgroup, generator: with the order, values are checked */
static bool push_group(OSSL_PARAM_BLD *params, uint32_t group, BIGNUM *numbers[3])
{
	numbers[0] = groups[group].prime(NULL);
	numbers[1] = BN_new();
	numbers[2] = BN_new();
	return numbers[0] && numbers[1] && numbers[2] && BN_rshift1(numbers[1], numbers[0]) &&
	       BN_set_word(numbers[2], GENERATOR) &&
	       OSSL_PARAM_BLD_push_BN(params, OSSL_PKEY_PARAM_FFC_P, numbers[0]) &&
	       OSSL_PARAM_BLD_push_BN(params, OSSL_PKEY_PARAM_FFC_Q, numbers[1]) &&
	       OSSL_PARAM_BLD_push_BN(params, OSSL_PKEY_PARAM_FFC_G, numbers[2]);
}

static EVP_PKEY *from_params(const struct mikey_crypto *crypto, OSSL_PARAM_BLD *builder,
			     int selection)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(crypto->libctx, "DH", crypto->propq);
	EVP_PKEY *pkey = NULL;

	if (params && ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &pkey, selection, params);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return pkey;
}

/* A key of @group: @number is its public value or its exponent */
static EVP_PKEY *make_pkey(const struct mikey_crypto *crypto, uint32_t group, const char *name,
			   const BIGNUM *number)
{
	int selection = strcmp(name, OSSL_PKEY_PARAM_PRIV_KEY) ? EVP_PKEY_PUBLIC_KEY :
								 EVP_PKEY_KEYPAIR;
	OSSL_PARAM_BLD *params = OSSL_PARAM_BLD_new();
	BIGNUM *numbers[3] = { NULL };
	EVP_PKEY *pkey = NULL;
	size_t i;

	if (params && number && push_group(params, group, numbers) &&
	    OSSL_PARAM_BLD_push_BN(params, name, number))
		pkey = from_params(crypto, params, selection);
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		BN_free(numbers[i]);
	OSSL_PARAM_BLD_free(params);
	return pkey;
}

/* value^exponent, as long as the prime whatever its size */
static bool power(const struct group_key *key, EVP_PKEY *value, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(key->crypto->libctx, key->pkey,
						       key->crypto->propq);
	size_t len = group_len(key->group);
	bool ok = ctx && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_CTX_set_dh_pad(ctx, 1) == 1 &&
		  EVP_PKEY_derive_set_peer_ex(ctx, value, 0) == 1 &&
		  EVP_PKEY_derive(ctx, out, &len) == 1;

	EVP_PKEY_CTX_free(ctx);
	return ok && len == group_len(key->group);
}

static EVP_PKEY *random_exponent(const struct mikey_env *env, uint32_t group)
{
	uint8_t octets[EXPONENT_LEN];
	BIGNUM *x = BN_secure_new();
	EVP_PKEY *pkey = NULL;

	if (x && !env->random(env->arg, octets, sizeof(octets)) &&
	    BN_bin2bn(octets, sizeof(octets), x))
		pkey = make_pkey(env->crypto, group, OSSL_PKEY_PARAM_PRIV_KEY, x);
	OPENSSL_cleanse(octets, sizeof(octets));
	BN_clear_free(x);
	return pkey;
}

/* The own value is what a peer whose value is the generator would share */
enum mikey_reason group_key_new(const struct mikey_env *env, uint32_t group,
				struct group_key *key, struct mikey_error *err)
{
	BIGNUM *two = BN_new();
	EVP_PKEY *generator;
	bool ok;

	*key = (struct group_key){ .crypto = env->crypto, .group = group };
	key->pkey = random_exponent(env, group);
	ok = key->pkey && two && BN_set_word(two, GENERATOR);
	generator = ok ? make_pkey(env->crypto, group, OSSL_PKEY_PARAM_PUB_KEY, two) : NULL;
	ok = generator && power(key, generator, key->value);
	EVP_PKEY_free(generator);
	BN_free(two);
	ERR_clear_error();
	return ok ? MIKEY_OK :
		    mikey_fail(err, MIKEY_NO_RANDOM, MIKEY_NO_OFFSET, "no Diffie-Hellman value");
}

/* 1 < value < p - 1, and value^q = 1: RFC 2631 2.1.5 */
static bool is_valid(const struct mikey_crypto *crypto, EVP_PKEY *value)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto->libctx, value, crypto->propq);
	bool ok = ctx && EVP_PKEY_public_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

enum mikey_reason group_agree(const struct group_key *key, struct mikey_view value,
			      uint8_t *secret, size_t offset, struct mikey_error *err)
{
	BIGNUM *y = value.len == group_len(key->group) ?
			BN_bin2bn(value.data, (int)value.len, NULL) : NULL;
	EVP_PKEY *peer = y ? make_pkey(key->crypto, key->group, OSSL_PKEY_PARAM_PUB_KEY, y) : NULL;
	enum mikey_reason reason = MIKEY_OK;

	if (!peer || !is_valid(key->crypto, peer))
		reason = mikey_fail(err, MIKEY_WEAK_DH, offset,
				    "the peer's Diffie-Hellman value is not of the group");
	else if (!power(key, peer, secret))
		reason = mikey_fail(err, MIKEY_CRYPTO, offset, "Diffie-Hellman failed");
	EVP_PKEY_free(peer);
	BN_free(y);
	ERR_clear_error();
	return reason;
}

void group_key_clear(struct group_key *key)
{
	EVP_PKEY_free(key->pkey);
	memset(key, 0, sizeof(*key));
}
