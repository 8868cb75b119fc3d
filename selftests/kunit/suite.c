// SPDX-License-Identifier: GPL-2.0
/*
 * The table of cipher suites: kmod/suite.c.
 */
#include <kunit/test.h>

#include "../../kmod/crypto.h"

/* Octets of master key and salt, and of the tags of SRTP and SRTCP. */
struct row {
	u16 id;
	const char *name;
	u8 key;
	u8 salt;
	u8 srtp_tag;
	u8 srtcp_tag;
};

#define ROW(_id, ...)	{ SRTP_SUITE_##_id, #_id, __VA_ARGS__ }

/*
 * As registered: RFC 3711 8.2, RFC 4568 6.2, RFC 5669 6, RFC 6188 3, RFC 7714
 * 12 and 14.2, RFC 8269 3.  With an AEAD the SRTP tag is that of SRTCP, too.
 */
static const struct row rows[] = {
	ROW(AES_CM_128_HMAC_SHA1_80, 16, 14, 10, 10),
	ROW(AES_CM_128_HMAC_SHA1_32, 16, 14, 4, 10),
	ROW(AES_192_CM_HMAC_SHA1_80, 24, 14, 10, 10),
	ROW(AES_192_CM_HMAC_SHA1_32, 24, 14, 4, 10),
	ROW(AES_256_CM_HMAC_SHA1_80, 32, 14, 10, 10),
	ROW(AES_256_CM_HMAC_SHA1_32, 32, 14, 4, 10),
	ROW(F8_128_HMAC_SHA1_80, 16, 14, 10, 10),
	ROW(NULL_HMAC_SHA1_80, 16, 14, 10, 10),
	ROW(NULL_HMAC_SHA1_32, 16, 14, 4, 10),
	ROW(AEAD_AES_128_GCM, 16, 12, 16, 16),
	ROW(AEAD_AES_256_GCM, 32, 12, 16, 16),
	ROW(ARIA_128_CTR_HMAC_SHA1_80, 16, 14, 10, 10),
	ROW(ARIA_128_CTR_HMAC_SHA1_32, 16, 14, 4, 10),
	ROW(ARIA_256_CTR_HMAC_SHA1_80, 32, 14, 10, 10),
	ROW(ARIA_256_CTR_HMAC_SHA1_32, 32, 14, 4, 10),
	ROW(AEAD_ARIA_128_GCM, 16, 12, 16, 16),
	ROW(AEAD_ARIA_256_GCM, 32, 12, 16, 16),
	ROW(SEED_CTR_128_HMAC_SHA1_80, 16, 14, 10, 10),
	ROW(SEED_128_CCM_80, 16, 12, 10, 10),
	ROW(SEED_128_GCM_96, 16, 12, 12, 12),
};

static void lengths_test(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct srtp_cipher_suite *s = srtp_suite_find(rows[i].id, NULL);

		if (s == ERR_PTR(-EOPNOTSUPP))
			continue;
		KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(test, s, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ(test, rows[i].name, s->name);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].key, s->key_len, "%s", s->name);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].salt, s->salt_len, "%s", s->name);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].srtp_tag, s->srtp_tag_len, "%s", s->name);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].srtcp_tag, s->srtcp_tag_len, "%s", s->name);
	}
	KUNIT_EXPECT_EQ(test, SRTP_SUITE_LAST, ARRAY_SIZE(rows));
}

/* This kernel has every algorithm, so whatever is built is available. */
static void available_test(struct kunit *test)
{
	struct srtp_drivers drivers;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct srtp_cipher_suite *s = srtp_suite_find(rows[i].id, NULL);

		if (!IS_ERR(s))
			KUNIT_EXPECT_STREQ(test, srtp_crypto_probe(s, &drivers) ?: "", "");
	}
}

static void unknown_test(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, srtp_suite_find(0, NULL), ERR_PTR(-EINVAL));
	KUNIT_EXPECT_PTR_EQ(test, srtp_suite_find(SRTP_SUITE_LAST + 1, NULL), ERR_PTR(-EINVAL));
	KUNIT_EXPECT_PTR_EQ(test, srtp_suite_find(U16_MAX, NULL), ERR_PTR(-EINVAL));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(lengths_test),
	KUNIT_CASE(available_test),
	KUNIT_CASE(unknown_test),
	{}
};

static struct kunit_suite suite = { .name = "srtp_suite", .test_cases = cases };
kunit_test_suite(suite);
