// SPDX-License-Identifier: GPL-2.0
/*
 * Against libsrtp 2 as Debian ships it: what the kernel protects, the library
 * unprotects, and the other way round.
 */
#include "srtptest.h"

#include <srtp2/srtp.h>

#define SIZES	200

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX];

static size_t rtp_size(size_t n)
{
	return RTP_HEADER + 7 * n;
}

static size_t rtcp_size(size_t n)
{
	return RTCP_HEADER + 4 * n;
}

/* Headers of all kinds, the numbers from there on. */
static void build_rtp(size_t n, uint16_t first)
{
	struct rtp rtp = { .ssrc = SSRC, .seq = first + n, .extension = -1, .type = 96 };

	if (rtp_size(n) > 200) {
		rtp.csrcs = n % 16;
		rtp.extension = n % 20 - 1;
		rtp.marker = n & 1;
		rtp.padding = n % 7;
	}
	rtp_build(packet, rtp_size(n), &rtp);
}

static void must_work(const char *what, srtp_err_status_t status)
{
	if (status)
		FAIL("%s: libsrtp says %d", what, status);
}

/* Once for a process, which both ways of a test share. */
static void library_init(void)
{
	static bool done;

	if (!done)
		must_work("srtp_init", srtp_init());
	done = true;
}

static srtp_t library_session(const struct master *master, srtp_ssrc_type_t type)
{
	uint8_t key[sizeof(master->key) + sizeof(master->salt)];
	srtp_policy_t policy = { .ssrc = { type, SSRC }, .key = key, .window_size = 1024 };
	srtp_t session;

	memcpy(key, master->key, sizeof(master->key));
	memcpy(key + sizeof(master->key), master->salt, sizeof(master->salt));
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
	library_init();
	must_work("srtp_create", srtp_create(&session, &policy));
	return session;
}

/* The last datagram on the wire. */
static int take_wire(struct call *call)
{
	struct datagram *last;

	capture_flush(&call->wire);
	CHECK(call->wire.count);
	last = &call->wire.datagrams[call->wire.count - 1];
	memcpy(wire, last->data, last->len);
	return last->len;
}

static void kernel_to_library(enum family family, uint16_t first)
{
	srtp_t library = library_session(&master_b3, ssrc_any_inbound);
	struct call call;
	size_t i;
	int len;

	call_begin(&call, family, SRTP_ROLE_MUX);
	for (i = 0; i < SIZES; i++) {
		build_rtp(i, first);
		call_send(&call, LEFT, packet, rtp_size(i));
		len = take_wire(&call);
		EQUAL(len, rtp_size(i) + SRTP_TRAILER);
		must_work("srtp_unprotect", srtp_unprotect(library, wire, &len));
		SAME(wire, (size_t)len, packet, rtp_size(i));
	}
	for (i = 0; i < SIZES; i++) {
		rtcp_build(packet, rtcp_size(i), SSRC, i);
		call_send(&call, LEFT, packet, rtcp_size(i));
		len = take_wire(&call);
		EQUAL(len, rtcp_size(i) + SRTCP_TRAILER);
		must_work("srtp_unprotect_rtcp", srtp_unprotect_rtcp(library, wire, &len));
		SAME(wire, (size_t)len, packet, rtcp_size(i));
	}
	CHECK(!call.wire.marked);
}

static void library_to_kernel(enum family family, uint16_t first)
{
	srtp_t library = library_session(&master_b3, ssrc_any_outbound);
	struct call call;
	size_t i;
	int len;

	call_begin(&call, family, SRTP_ROLE_MUX);
	for (i = 0; i < SIZES; i++) {
		build_rtp(i, first);
		memcpy(wire, packet, len = rtp_size(i));
		must_work("srtp_protect", srtp_protect(library, wire, &len));
		call_inject(&call, RIGHT, wire, len);
		receive_exactly(call.sock[RIGHT], packet, rtp_size(i));
	}
	for (i = 0; i < SIZES; i++) {
		rtcp_build(packet, rtcp_size(i), SSRC, i);
		memcpy(wire, packet, len = rtcp_size(i));
		must_work("srtp_protect_rtcp", srtp_protect_rtcp(library, wire, &len));
		call_inject(&call, RIGHT, wire, len);
		receive_exactly(call.sock[RIGHT], packet, rtcp_size(i));
	}
}

static void test_from_kernel(enum family family)
{
	kernel_to_library(family, 1);
}

static void test_to_kernel(enum family family)
{
	library_to_kernel(family, 1);
}

/* The numbers run over 65535 in the middle. */
static void test_from_kernel_wrap(enum family family)
{
	kernel_to_library(family, 65536 - SIZES / 2);
}

static void test_to_kernel_wrap(enum family family)
{
	library_to_kernel(family, 65536 - SIZES / 2);
}

/* Both begin with a roll-over counter that they were given. */
static void test_from_kernel_roc(enum family family)
{
	srtp_t library = library_session(&master_b3, ssrc_specific);
	struct stream stream = {
		.direction = SRTP_DIRECTION_TX, .ssrc = SSRC, .master = &master_b3,
		.indexes = true, .roc = 0x00abcdef, .seq = 65500,
	};
	struct call call;
	int i, len;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	stream.session = call.session[LEFT];
	stream_new(LEFT, &stream);
	call_attach(&call, LEFT);
	must_work("srtp_set_stream_roc", srtp_set_stream_roc(library, SSRC, stream.roc));
	for (i = 1; i < 100; i++) {
		rtp_simple(packet, 200, SSRC, stream.seq + i);
		call_send(&call, LEFT, packet, 200);
		len = take_wire(&call);
		must_work("srtp_unprotect", srtp_unprotect(library, wire, &len));
		SAME(wire, (size_t)len, packet, (size_t)200);
	}
}

static void test_to_kernel_roc(enum family family)
{
	srtp_t library = library_session(&master_b3, ssrc_specific);
	struct stream stream = {
		.direction = SRTP_DIRECTION_RX, .ssrc = SSRC, .master = &master_b3,
		.indexes = true, .roc = 0x00abcdef, .seq = 65500,
	};
	struct call call;
	int i, len;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	stream.session = call.session[RIGHT];
	stream_new(RIGHT, &stream);
	call_attach(&call, RIGHT);
	must_work("srtp_set_stream_roc", srtp_set_stream_roc(library, SSRC, stream.roc));
	for (i = 1; i < 100; i++) {
		rtp_simple(packet, 200, SSRC, stream.seq + i);
		memcpy(wire, packet, len = 200);
		must_work("srtp_protect", srtp_protect(library, wire, &len));
		call_inject(&call, RIGHT, wire, len);
		receive_exactly(call.sock[RIGHT], packet, 200);
	}
}

/*
 * Each suite that the library has, with what it has for RTP and for RTCP. AES-192
 * is left out: before its version 2.8 the library derives the session keys with
 * AES-256 (its issue 763), which is not RFC 6188 section 7.4.
 */
static const struct profile {
	uint16_t suite;
	void (*rtp)(srtp_crypto_policy_t *policy);
	void (*rtcp)(srtp_crypto_policy_t *policy);
} profiles[] = {
	{ SRTP_SUITE_AES_CM_128_HMAC_SHA1_80, srtp_crypto_policy_set_rtp_default,
	  srtp_crypto_policy_set_rtcp_default },
	{ SRTP_SUITE_AES_CM_128_HMAC_SHA1_32, srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
	  srtp_crypto_policy_set_rtcp_default },
	{ SRTP_SUITE_AES_256_CM_HMAC_SHA1_80, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80,
	  srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80 },
	{ SRTP_SUITE_AES_256_CM_HMAC_SHA1_32, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32,
	  srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80 },
	{ SRTP_SUITE_NULL_HMAC_SHA1_80, srtp_crypto_policy_set_null_cipher_hmac_sha1_80,
	  srtp_crypto_policy_set_null_cipher_hmac_sha1_80 },
	{ SRTP_SUITE_AEAD_AES_128_GCM, srtp_crypto_policy_set_aes_gcm_128_16_auth,
	  srtp_crypto_policy_set_aes_gcm_128_16_auth },
	{ SRTP_SUITE_AEAD_AES_256_GCM, srtp_crypto_policy_set_aes_gcm_256_16_auth,
	  srtp_crypto_policy_set_aes_gcm_256_16_auth },
};

#define FIRST_ROC	0x00abcdef
#define FIRST_SEQ	65500
#define PACKETS		80

static const struct profile *profile_of(uint16_t suite)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(profiles); i++)
		if (profiles[i].suite == suite)
			return &profiles[i];
	FAIL("no profile for suite %u", suite);
}

/* With an MKI if the policy has one; a library built without a cipher skips. */
static srtp_t suite_session(const struct policy *policy)
{
	const struct suite *suite = suite_of(policy->suite);
	uint8_t key[SRTP_MAX_KEY_LEN];
	srtp_master_key_t master = {
		.key = key, .mki_id = (uint8_t *)policy->mki, .mki_size = policy->mki_len,
	}, *masters = &master;
	srtp_policy_t library = {
		.ssrc = { ssrc_specific, SSRC }, .window_size = 1024,
		.keys = &masters, .num_master_keys = 1,
	};
	srtp_err_status_t status;
	srtp_t session;

	memcpy(key, master_long.key, suite->key_len);
	memcpy(key + suite->key_len, master_long.salt, suite->salt_len);
	profile_of(policy->suite)->rtp(&library.rtp);
	profile_of(policy->suite)->rtcp(&library.rtcp);
	library_init();
	status = srtp_create(&session, &library);
	if (status == srtp_err_status_fail || status == srtp_err_status_bad_param)
		skip("this libsrtp has no %s", suite->name);
	must_work("srtp_create", status);
	must_work("srtp_set_stream_roc", srtp_set_stream_roc(session, SSRC, FIRST_ROC));
	return session;
}

static void suite_call(struct call *call, enum family family, const struct policy *policy,
		       enum side side)
{
	struct stream stream = {
		.direction = side == LEFT ? SRTP_DIRECTION_TX : SRTP_DIRECTION_RX, .ssrc = SSRC,
		.policy = policy, .long_master = &master_long,
		.indexes = true, .roc = FIRST_ROC, .seq = FIRST_SEQ,
	};

	call_prepare(call, family, SRTP_ROLE_MUX);
	stream.session = call->session[side];
	stream_new(side, &stream);
	call_attach(call, side);
}

static void suite_from_kernel(enum family family, const struct policy *policy)
{
	srtp_t library = suite_session(policy);
	bool mki = policy->mki_len;
	struct call call;
	size_t i;
	int len;

	suite_call(&call, family, policy, LEFT);
	for (i = 0; i < PACKETS; i++) {
		rtp_simple(packet, 12 + 15 * i, SSRC, FIRST_SEQ + 1 + i);
		call_send(&call, LEFT, packet, 12 + 15 * i);
		len = take_wire(&call);
		must_work("srtp_unprotect_mki", srtp_unprotect_mki(library, wire, &len, mki));
		SAME(wire, (size_t)len, packet, 12 + 15 * i);
		rtcp_build(packet, rtcp_size(i), SSRC, i);
		call_send(&call, LEFT, packet, rtcp_size(i));
		len = take_wire(&call);
		must_work("srtp_unprotect_rtcp_mki",
			  srtp_unprotect_rtcp_mki(library, wire, &len, mki));
		SAME(wire, (size_t)len, packet, rtcp_size(i));
	}
	call_end(&call);
}

static void suite_to_kernel(enum family family, const struct policy *policy)
{
	srtp_t library = suite_session(policy);
	bool mki = policy->mki_len;
	struct call call;
	size_t i;
	int len;

	suite_call(&call, family, policy, RIGHT);
	for (i = 0; i < PACKETS; i++) {
		rtp_simple(packet, 12 + 15 * i, SSRC, FIRST_SEQ + 1 + i);
		memcpy(wire, packet, len = 12 + 15 * i);
		must_work("srtp_protect_mki", srtp_protect_mki(library, wire, &len, mki, 0));
		call_inject(&call, RIGHT, wire, len);
		receive_exactly(call.sock[RIGHT], packet, 12 + 15 * i);
		rtcp_build(packet, rtcp_size(i), SSRC, i);
		memcpy(wire, packet, len = rtcp_size(i));
		must_work("srtp_protect_rtcp_mki",
			  srtp_protect_rtcp_mki(library, wire, &len, mki, 0));
		call_inject(&call, RIGHT, wire, len);
		receive_exactly(call.sock[RIGHT], packet, rtcp_size(i));
	}
}

#define SUITE(_id) \
	static const struct policy policy_##_id = { .suite = SRTP_SUITE_##_id }; \
	static void from_##_id(enum family family) { suite_from_kernel(family, &policy_##_id); } \
	static void to_##_id(enum family family) { suite_to_kernel(family, &policy_##_id); }
#define MKI_SUITE(_id) \
	static const struct policy mki_##_id = { \
		.suite = SRTP_SUITE_##_id, .mki_len = 4, .mki = { 0xca, 0xfe, 1, 2 }, \
	}; \
	static void mki_both_##_id(enum family family) \
	{ \
		suite_from_kernel(family, &mki_##_id); \
		suite_to_kernel(family, &mki_##_id); \
	}
#define TEST(_id) \
	{ #_id ": libsrtp unprotects from the kernel, ROC 0xabcdef and its wrap", \
	  from_##_id, IPV4, 60 }, \
	{ #_id ": the kernel unprotects from libsrtp, ROC 0xabcdef and its wrap", \
	  to_##_id, IPV4, 60 },
#define MKI_TEST(_id) \
	{ #_id ": libsrtp and the kernel, both ways, with an MKI of 4 octets", \
	  mki_both_##_id, IPV4, 60 },
#define EACH(_do) EACH_WITH_MKI(_do) \
	_do(AES_CM_128_HMAC_SHA1_32) _do(AES_256_CM_HMAC_SHA1_32)
/* Behind the short tag of SRTP libsrtp 2.5 looks for the MKI of SRTCP, too. */
#define EACH_WITH_MKI(_do) \
	_do(AES_CM_128_HMAC_SHA1_80) _do(AES_256_CM_HMAC_SHA1_80) \
	_do(NULL_HMAC_SHA1_80) _do(AEAD_AES_128_GCM) _do(AEAD_AES_256_GCM)

EACH(SUITE)
EACH_WITH_MKI(MKI_SUITE)

static const struct test tests[] = {
	{ "libsrtp unprotects 200 sizes of RTP and RTCP from the kernel",
	  test_from_kernel, EVERY, 60 },
	{ "the kernel unprotects 200 sizes of RTP and RTCP from libsrtp",
	  test_to_kernel, EVERY, 60 },
	{ "libsrtp follows the kernel over a wrap of SEQ", test_from_kernel_wrap, IPV4, 60 },
	{ "the kernel follows libsrtp over a wrap of SEQ", test_to_kernel_wrap, IPV4, 60 },
	{ "libsrtp unprotects from the kernel with a ROC that both were given",
	  test_from_kernel_roc, IPV4, 60 },
	{ "the kernel unprotects from libsrtp with a ROC that both were given",
	  test_to_kernel_roc, IPV4, 60 },
	EACH(TEST)
	EACH_WITH_MKI(MKI_TEST)
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
