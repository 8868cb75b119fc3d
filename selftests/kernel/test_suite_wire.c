// SPDX-License-Identifier: GPL-2.0
/*
 * Each suite against an independent computation: what the kernel sends is what
 * that gives, octet by octet, and what that gives the kernel receives. A suite
 * whose algorithm the kernel lacks is refused by a sentence that names it.
 */
#include "srtptest.h"

/* The kernel's crypto algorithms that a table lists, whatever their drivers. */
static bool kernel_has(const char *algorithm)
{
	char line[256], name[128];
	bool found = false;
	FILE *f = fopen("/proc/crypto", "r");

	CHECK(f);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "name : %127s", name) == 1 && !strcmp(name, algorithm);
	fclose(f);
	return found;
}

static bool available(const struct suite *suite)
{
	const struct policy policy = { .suite = suite->id };
	const struct stream stream = {
		.session = session_new(LEFT), .direction = SRTP_DIRECTION_RX, .any = true,
		.policy = &policy,
	};
	int64_t id = try_stream_new(LEFT, &stream);

	if (id > 0)
		return true;
	EQUAL(id, -EOPNOTSUPP);
	CHECK(!kernel_has(suite->algorithm));
	if (!strstr(refusal(), suite->name) || !strstr(refusal(), suite->algorithm))
		FAIL("%s is refused, but not by name: %s", suite->name, refusal());
	return false;
}

static void check_suite(enum family family, uint16_t id)
{
	const struct policy policy = { .suite = id };

	if (available(suite_of(id)))
		policy_both_ways(family, &policy, true);
}

#define SUITE(_id) \
	static void test_##_id(enum family family) { check_suite(family, SRTP_SUITE_##_id); }
#define TEST(_id) \
	{ #_id ": kernel and independent computation agree, or the kernel lacks the algorithm " \
	  "and says so", test_##_id, IPV4, 60 },
#define EACH(_do) \
	_do(AES_CM_128_HMAC_SHA1_80) _do(AES_CM_128_HMAC_SHA1_32) \
	_do(AES_192_CM_HMAC_SHA1_80) _do(AES_192_CM_HMAC_SHA1_32) \
	_do(AES_256_CM_HMAC_SHA1_80) _do(AES_256_CM_HMAC_SHA1_32) \
	_do(F8_128_HMAC_SHA1_80) _do(NULL_HMAC_SHA1_80) _do(NULL_HMAC_SHA1_32) \
	_do(AEAD_AES_128_GCM) _do(AEAD_AES_256_GCM) \
	_do(ARIA_128_CTR_HMAC_SHA1_80) _do(ARIA_128_CTR_HMAC_SHA1_32) \
	_do(ARIA_256_CTR_HMAC_SHA1_80) _do(ARIA_256_CTR_HMAC_SHA1_32) \
	_do(AEAD_ARIA_128_GCM) _do(AEAD_ARIA_256_GCM) \
	_do(SEED_CTR_128_HMAC_SHA1_80) _do(SEED_128_CCM_80) _do(SEED_128_GCM_96)

EACH(SUITE)

static const struct test tests[] = { EACH(TEST) };

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
