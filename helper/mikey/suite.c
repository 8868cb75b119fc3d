// SPDX-License-Identifier: GPL-2.0
/*
 * The registered SRTP suites: RFC 3711, 4568, 5669, 6188, 7714, 8269.
 */
#include <string.h>

#include "policy.h"
#include "wire.h"

#define HMAC MIKEY_SRTP_AUTH_HMAC_SHA1
#define NONE MIKEY_SRTP_AUTH_NULL
#define P_AES MIKEY_SRTP_PRF_AES_CM
#define P_SEED MIKEY_SRTP_PRF_SEED_CTR
#define P_ARIA MIKEY_SRTP_PRF_ARIA_CTR

/* Of suites that differ only in the tag of RTP packets, _80 comes first. */
static const struct mikey_suite suites[] = {
	{ "AES_CM_128_HMAC_SHA1_80", MIKEY_SRTP_AES_CM, 16, 14, P_AES, HMAC, 10, 10, 0 },
	{ "AES_CM_128_HMAC_SHA1_32", MIKEY_SRTP_AES_CM, 16, 14, P_AES, HMAC, 4, 10, 0 },
	{ "AES_192_CM_HMAC_SHA1_80", MIKEY_SRTP_AES_CM, 24, 14, P_AES, HMAC, 10, 10, 0 },
	{ "AES_192_CM_HMAC_SHA1_32", MIKEY_SRTP_AES_CM, 24, 14, P_AES, HMAC, 4, 10, 0 },
	{ "AES_256_CM_HMAC_SHA1_80", MIKEY_SRTP_AES_CM, 32, 14, P_AES, HMAC, 10, 10, 0 },
	{ "AES_256_CM_HMAC_SHA1_32", MIKEY_SRTP_AES_CM, 32, 14, P_AES, HMAC, 4, 10, 0 },
	{ "F8_128_HMAC_SHA1_80", MIKEY_SRTP_AES_F8, 16, 14, P_AES, HMAC, 10, 10, 0 },
	{ "NULL_HMAC_SHA1_80", MIKEY_SRTP_NULL, 16, 14, P_AES, HMAC, 10, 10, 0 },
	{ "NULL_HMAC_SHA1_32", MIKEY_SRTP_NULL, 16, 14, P_AES, HMAC, 4, 10, 0 },
	{ "AEAD_AES_128_GCM", MIKEY_SRTP_AES_GCM, 16, 12, P_AES, NONE, 0, 0, 16 },
	{ "AEAD_AES_256_GCM", MIKEY_SRTP_AES_GCM, 32, 12, P_AES, NONE, 0, 0, 16 },
	{ "ARIA_128_CTR_HMAC_SHA1_80", MIKEY_SRTP_ARIA_CTR, 16, 14, P_ARIA, HMAC, 10, 10, 0 },
	{ "ARIA_128_CTR_HMAC_SHA1_32", MIKEY_SRTP_ARIA_CTR, 16, 14, P_ARIA, HMAC, 4, 10, 0 },
	{ "ARIA_256_CTR_HMAC_SHA1_80", MIKEY_SRTP_ARIA_CTR, 32, 14, P_ARIA, HMAC, 10, 10, 0 },
	{ "ARIA_256_CTR_HMAC_SHA1_32", MIKEY_SRTP_ARIA_CTR, 32, 14, P_ARIA, HMAC, 4, 10, 0 },
	{ "AEAD_ARIA_128_GCM", MIKEY_SRTP_ARIA_GCM, 16, 12, P_ARIA, NONE, 0, 0, 16 },
	{ "AEAD_ARIA_256_GCM", MIKEY_SRTP_ARIA_GCM, 32, 12, P_ARIA, NONE, 0, 0, 16 },
	{ "SEED_CTR_128_HMAC_SHA1_80", MIKEY_SRTP_SEED_CTR, 16, 14, P_SEED, HMAC, 10, 10, 0 },
	{ "SEED_128_CCM_80", MIKEY_SRTP_SEED_CCM, 16, 12, P_SEED, NONE, 0, 0, 10 },
	{ "SEED_128_GCM_96", MIKEY_SRTP_SEED_GCM, 16, 12, P_SEED, NONE, 0, 0, 12 },
};

#define N_SUITES ARRAY_SIZE(suites)

const struct mikey_suite *mikey_suites(size_t *n)
{
	*n = N_SUITES;
	return suites;
}

const struct mikey_suite *mikey_suite_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < N_SUITES; i++)
		if (!strcmp(suites[i].name, name))
			return &suites[i];
	return NULL;
}

static bool is_rcc(uint32_t auth)
{
	return auth >= MIKEY_SRTP_AUTH_RCCM1 && auth <= MIKEY_SRTP_AUTH_RCCM3;
}

/*
 * RFC 4771 replaces the authentication of RTP packets; SRTCP still shows which
 * suite it is laid over.
 */
static bool auth_fits(const struct mikey_policy *policy, const struct mikey_suite *suite)
{
	if (policy->srtcp_auth_alg != suite->auth_alg ||
	    policy->srtcp_tag_len != suite->srtcp_tag_len)
		return false;
	if (suite->auth_alg == HMAC && policy->srtcp_auth_key_len != 20)
		return false;
	if (is_rcc(policy->srtp_auth_alg))
		return true;
	if (suite->auth_alg == HMAC && policy->srtp_auth_key_len != 20)
		return false;
	return policy->srtp_auth_alg == suite->auth_alg &&
	       policy->srtp_tag_len == suite->srtp_tag_len;
}

const struct mikey_suite *mikey_suite_of(const struct mikey_policy *policy)
{
	size_t i;

	for (i = 0; i < N_SUITES; i++) {
		const struct mikey_suite *s = &suites[i];

		if (policy->encr_alg == s->encr_alg && policy->key_len == s->key_len &&
		    policy->salt_len == s->salt_len && policy->prf == s->prf &&
		    policy->aead_tag_len == s->aead_tag_len && auth_fits(policy, s))
			return s;
	}
	return NULL;
}

void mikey_suite_policy(const struct mikey_suite *suite, struct mikey_policy *policy)
{
	uint32_t auth_key_len = suite->auth_alg == HMAC ? 20 : 0;

	*policy = (struct mikey_policy){
		.encr_alg = suite->encr_alg,
		.key_len = suite->key_len,
		.salt_len = suite->salt_len,
		.prf = suite->prf,
		.srtp_encr = 1,
		.srtcp_encr = 1,
		.srtp_auth = 1,
		.roc_rate = 1,
		.srtp_auth_alg = suite->auth_alg,
		.srtcp_auth_alg = suite->auth_alg,
		.srtp_auth_key_len = auth_key_len,
		.srtcp_auth_key_len = auth_key_len,
		.srtp_tag_len = suite->srtp_tag_len,
		.srtcp_tag_len = suite->srtcp_tag_len,
		.aead_tag_len = suite->aead_tag_len,
	};
}

void mikey_policy_default(struct mikey_policy *policy)
{
	mikey_suite_policy(&suites[0], policy);
}
