// SPDX-License-Identifier: GPL-2.0
/*
 * SRTP policies: defaults, traps, refusals.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

static enum mikey_reason parse(const char *hex, uint32_t flags, struct mikey_policy *policy,
			       struct mikey_error *err)
{
	uint8_t buf[256];
	struct mikey_payload sp = { .type = MIKEY_PL_SP, .offset = 42 };

	sp.sp.params = (struct mikey_view){ buf, (size_t)unhex(hex, buf, sizeof(buf)) };
	return mikey_policy_parse(&sp, flags, policy, err);
}

static const struct {
	const char *what;
	const char *hex;
	uint32_t flags;
	const char *suite;
} good[] = {
	{ "an SP without parameters has SRTP's defaults (REQ-141)", "", 0,
	  "AES_CM_128_HMAC_SHA1_80" },
	{ "AES-CM with a key of 24", "010118", 0, "AES_192_CM_HMAC_SHA1_80" },
	{ "AES-CM with a key of 32", "010120", 0, "AES_256_CM_HMAC_SHA1_80" },
	{ "tag length 4 is the _32 suite, SRTCP keeps 10 (T-18)", "0b0104", 0,
	  "AES_CM_128_HMAC_SHA1_32" },
	{ "types 18 and 19 override type 11 (REQ-144)", "0b010a" "120104" "13010a", 0,
	  "AES_CM_128_HMAC_SHA1_32" },
	{ "F8", "000102", 0, "F8_128_HMAC_SHA1_80" },
	{ "NULL", "000100", 0, "NULL_HMAC_SHA1_80" },
	{ "GCM without type 2 has no HMAC", "000106", 0, "AEAD_AES_128_GCM" },
	{ "GCM as GStreamer writes it", "000106" "010120" "020100" "030100" "070101" "080101"
	  "0a0101", 0, "AEAD_AES_256_GCM" },
	{ "GCM with its tag length", "000106" "140110" "04010c", 0, "AEAD_AES_128_GCM" },
	{ "GCM with type 10 off: there is no separate function", "000106" "0a0100", 0,
	  "AEAD_AES_128_GCM" },
	{ "ARIA-CTR needs its PRF", "000107" "050102", 0, "ARIA_128_CTR_HMAC_SHA1_80" },
	{ "ARIA-GCM", "000108" "010120" "050102", 0, "AEAD_ARIA_256_GCM" },
	{ "SEED-CTR", "000103" "050101", 0, "SEED_CTR_128_HMAC_SHA1_80" },
	{ "SEED-CCM", "000104" "050101", 0, "SEED_128_CCM_80" },
	{ "SEED-GCM", "000105" "050101" "14010c", 0, "SEED_128_GCM_96" },
	{ "the group profile of 3GPP: GCM with RCCm3", "000106" "010110" "020104" "04010c" "050100"
	  "060100" "0d020001" "120104" "130100" "140110", 0, "AEAD_AES_128_GCM" },
	{ "RCCm2 over AES-CM", "0e0103" "0d02000a" "12010e", 0, "AES_CM_128_HMAC_SHA1_80" },
	{ "compat: authentication key length 10 is the tag length", "03010a",
	  MIKEY_COMPAT_AUTH_KEY_LEN, "AES_CM_128_HMAC_SHA1_80" },
	{ "compat: authentication key length 4 is the tag length", "030104",
	  MIKEY_COMPAT_AUTH_KEY_LEN, "AES_CM_128_HMAC_SHA1_32" },
};

static const struct {
	const char *what;
	const char *hex;
	enum mikey_reason reason;
} bad[] = {
	{ "strict: authentication key length 10 fits no suite", "03010a", MIKEY_UNSUP_SUITE },
	{ "GCM with HMAC as well", "000106" "020101", MIKEY_UNSUP_SUITE },
	{ "GCM with a key of 24", "000106" "010118", MIKEY_UNSUP_SUITE },
	{ "GCM with a salt of 14", "000106" "04010e", MIKEY_UNSUP_SUITE },
	{ "AES-CM with a tag of 8", "0b0108" "13010a", MIKEY_UNSUP_SUITE },
	{ "ARIA-CTR with the PRF of AES", "000107", MIKEY_UNSUP_SUITE },
	{ "AES-CM with a key of 20", "010114", MIKEY_UNSUP_SUITE },
	{ "a cipher of unknown number", "000109", MIKEY_BAD_POLICY },
	{ "a key of 8 octets", "010108", MIKEY_BAD_POLICY },
	{ "an authentication of unknown number", "020105", MIKEY_BAD_POLICY },
	{ "a PRF of unknown number", "050103", MIKEY_BAD_POLICY },
	{ "a parameter of unknown type", "150101", MIKEY_BAD_POLICY },
	{ "a parameter of two octets that has one", "00020001", MIKEY_BAD_POLICY },
	{ "a parameter without a value", "0000", MIKEY_BAD_POLICY },
	{ "a parameter twice (T-25)", "000101" "000101", MIKEY_BAD_POLICY },
	{ "a key derivation rate of 3 (REQ-149)", "060103", MIKEY_BAD_POLICY },
	{ "a key derivation rate of 2^25", "060402000000", MIKEY_BAD_POLICY },
	{ "a key derivation rate of 5 octets", "06050000000001", MIKEY_BAD_POLICY },
	{ "encryption neither on nor off", "070102", MIKEY_BAD_POLICY },
	{ "FEC after SRTP", "090101", MIKEY_BAD_POLICY },
	{ "a prefix (REQ-148)", "0c0104", MIKEY_BAD_POLICY },
	{ "GCM without encryption (REQ-145)", "000106" "070100", MIKEY_BAD_POLICY },
	{ "GCM with a tag of 12", "000106" "14010c", MIKEY_BAD_POLICY },
	{ "AES-CM with an AEAD tag", "140110", MIKEY_BAD_POLICY },
	{ "SRTCP without authentication (REQ-146)", "020100", MIKEY_BAD_POLICY },
	{ "an SRTCP tag of 4", "130104", MIKEY_BAD_POLICY },
	{ "RCC for SRTCP (REQ-147)", "0f0102", MIKEY_BAD_POLICY },
	{ "a ROC rate of 0", "0e0103" "0d020000", MIKEY_BAD_POLICY },
	{ "a ROC rate without RCC", "0d020001", MIKEY_BAD_POLICY },
	{ "RCCm3 with a tag of 14", "0e0104" "12010e", MIKEY_BAD_POLICY },
	{ "RCCm1 with a tag of 3", "0e0102" "120103", MIKEY_BAD_POLICY },
};

static void test_parse(void)
{
	struct mikey_policy policy;
	struct mikey_error err;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct mikey_suite *suite = NULL;
		enum mikey_reason reason = parse(good[i].hex, good[i].flags, &policy, &err);

		if (!reason)
			suite = mikey_suite_of(&policy);
		if (!check(suite && !strcmp(suite->name, good[i].suite), "%s: %s", good[i].what,
			   good[i].suite))
			note("%s", reason ? err.text : suite ? suite->name : "no suite");
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		enum mikey_reason reason = parse(bad[i].hex, 0, &policy, &err);

		if (!reason && !mikey_suite_of(&policy))
			reason = MIKEY_UNSUP_SUITE;
		if (!check(reason == bad[i].reason, "refused: %s", bad[i].what))
			note("%s", mikey_reason_token(reason));
	}
}

static void test_values(void)
{
	struct mikey_policy p;

	parse("", 0, &p, NULL);
	check(p.key_len == 16 && p.salt_len == 14 && p.srtp_encr && p.srtcp_encr && p.srtp_auth &&
	      !p.kdr && !p.fec && !p.prefix_len && p.srtp_tag_len == 10 && p.srtcp_tag_len == 10 &&
	      p.srtp_auth_key_len == 20 && p.srtcp_auth_key_len == 20 && !p.aead_tag_len,
	      "the defaults are those of RFC 3711 5 and 8.2");
	parse("0604" "01000000", 0, &p, NULL);
	check(p.kdr == 1 << 24, "a key derivation rate of 4 octets is read (T-19)");
	parse("0602" "0400", 0, &p, NULL);
	check(p.kdr == 1024, "a key derivation rate of 2 octets is read");
	parse("000106" "020104" "0d020005" "120104" "130100", 0, &p, NULL);
	check(p.srtp_auth_alg == MIKEY_SRTP_AUTH_RCCM3 && p.roc_rate == 5 && p.srtp_tag_len == 4 &&
	      p.srtcp_auth_alg == MIKEY_SRTP_AUTH_NULL && !p.srtcp_tag_len,
	      "RCC as general algorithm is for RTP alone");
}

static bool policies_equal(const struct mikey_policy *a, const struct mikey_policy *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void test_build(void)
{
	size_t i, n, wrong = 0;
	const struct mikey_suite *suites = mikey_suites(&n);
	struct mikey_policy policy, back;
	uint8_t buf[MIKEY_POLICY_MAX];
	struct mikey_payload sp = { .type = MIKEY_PL_SP };

	for (i = 0; i < n * 16; i++) {
		mikey_suite_policy(&suites[i / 16], &policy);
		policy.kdr = i & 1 ? 1 << i % 25 : 0;
		policy.srtcp_encr = i >> 1 & 1;
		if (!policy.aead_tag_len) {
			policy.srtp_encr = i >> 2 & 1;
			policy.srtp_auth = i >> 3 & 1;
		}
		sp.sp.params = (struct mikey_view){ buf, mikey_policy_build(&policy, buf) };
		if (mikey_policy_parse(&sp, 0, &back, NULL) || !policies_equal(&policy, &back) ||
		    mikey_suite_of(&back) != &suites[i / 16] ||
		    mikey_suite_by_name(suites[i / 16].name) != &suites[i / 16])
			wrong++;
	}
	check(!wrong && n == 20, "all %zu suites with all switches go to octets and back", n);
	parse("000106" "020104" "0d020005" "120104" "130100", 0, &policy, NULL);
	sp.sp.params = (struct mikey_view){ buf, mikey_policy_build(&policy, buf) };
	check(!mikey_policy_parse(&sp, 0, &back, NULL) && policies_equal(&policy, &back),
	      "a policy with RCC goes to octets and back");
	check(!mikey_suite_by_name("aes_cm_128_hmac_sha1_80"), "names of suites are as registered");
}

static void test_accept(void)
{
	static const struct {
		const char *what;
		const char *hex;
		uint32_t flag;
	} list[] = {
		{ "unencrypted SRTP", "070100", MIKEY_ALLOW_CLEAR_SRTP },
		{ "unencrypted SRTCP", "080100", MIKEY_ALLOW_CLEAR_SRTCP },
		{ "unauthenticated SRTP", "0a0100", MIKEY_ALLOW_UNAUTH_SRTP },
		{ "a key derivation rate", "060110", MIKEY_ALLOW_KDR },
		{ "RCC", "0e0103", MIKEY_ALLOW_RCC },
	};
	struct fixture *f = fixture_new();
	const struct mikey_suite *suite;
	struct mikey_policy policy;
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		bool refused, allowed;

		parse(list[i].hex, 0, &policy, NULL);
		f->accept.flags = ~list[i].flag;
		refused = mikey_policy_accept(&policy, &f->accept, 0, &suite, NULL) ==
			  MIKEY_POLICY_REFUSED;
		f->accept.flags = list[i].flag;
		allowed = !mikey_policy_accept(&policy, &f->accept, 0, &suite, NULL);
		check(refused && allowed, "%s is taken if allowed, and only then", list[i].what);
	}
	f->accept.n_suites = 0;
	check(mikey_policy_accept(&policy, &f->accept, 0, &suite, NULL) == MIKEY_SUITE_REFUSED,
	      "an empty list of suites accepts none");
	fixture_free(f);
}

int main(void)
{
	ktap_begin();
	test_parse();
	test_values();
	test_build();
	test_accept();
	return ktap_end();
}
