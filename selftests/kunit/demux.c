// SPDX-License-Identifier: GPL-2.0
/*
 * Telling packets apart, and the length of a header: kmod/demux.c.
 */
#include <kunit/test.h>

#include "../../kmod/demux.h"
#include "../../uapi/linux/srtp.h"

/* RFC 7983 section 7, by name. */
static enum srtp_class class_of(u8 octet)
{
	switch (octet) {
	case 0 ... 3:
	case 16 ... 19:
	case 20 ... 63:
	case 64 ... 79:
		return SRTP_CLASS_OTHER;
	case 128 ... 191:
		return SRTP_CLASS_RTP;
	default:
		return SRTP_CLASS_UNKNOWN;
	}
}

/* RFC 5761 section 4. */
static enum srtp_class muxed_class(const u8 *data)
{
	if (class_of(data[0]) == SRTP_CLASS_RTP && data[1] >= 192 && data[1] <= 223)
		return SRTP_CLASS_RTCP;
	return class_of(data[0]);
}

static void first_octets_test(struct kunit *test)
{
	int first, second;

	for (first = 0; first < 256; first++) {
		for (second = 0; second < 256; second++) {
			u8 data[2] = { first, second };
			enum srtp_class rtcp = class_of(first);

			if (rtcp == SRTP_CLASS_RTP)
				rtcp = SRTP_CLASS_RTCP;
			KUNIT_EXPECT_EQ(test, class_of(first),
					srtp_classify(SRTP_ROLE_RTP, data, 2));
			KUNIT_EXPECT_EQ(test, rtcp, srtp_classify(SRTP_ROLE_RTCP, data, 2));
			KUNIT_EXPECT_EQ(test, muxed_class(data),
					srtp_classify(SRTP_ROLE_MUX, data, 2));
		}
	}
}

static void short_test(struct kunit *test)
{
	u8 data[1] = { 0x80 };

	KUNIT_EXPECT_EQ(test, SRTP_CLASS_UNKNOWN, srtp_classify(SRTP_ROLE_MUX, data, 0));
	KUNIT_EXPECT_EQ(test, SRTP_CLASS_RTP, srtp_classify(SRTP_ROLE_MUX, data, 1));
}

/* A header of each shape; every shorter packet is refused without a look beyond. */
static void check_header(struct kunit *test, int csrcs, int words)
{
	size_t want = 12 + 4 * csrcs + (words < 0 ? 0 : 4 + 4 * words), len;

	for (len = 0; len <= want + 1; len++) {
		u8 *data = kunit_kzalloc(test, len ?: 1, GFP_KERNEL);
		int expected = len < want ? -EINVAL : (int)want;

		KUNIT_ASSERT_NOT_NULL(test, data);
		if (len)
			data[0] = 0x80 | csrcs | (words < 0 ? 0 : 0x10);
		if (words >= 0 && len >= 12 + 4 * csrcs + 4)
			put_unaligned_be16(words, data + 12 + 4 * csrcs + 2);
		KUNIT_EXPECT_EQ_MSG(test, expected, srtp_rtp_header_len(data, len),
				    "%d CSRCs, extension of %d, %zu octets", csrcs, words, len);
		kunit_kfree(test, data);
	}
}

static void header_test(struct kunit *test)
{
	int csrcs;

	for (csrcs = 0; csrcs < 16; csrcs++) {
		check_header(test, csrcs, -1);
		check_header(test, csrcs, 0);
		check_header(test, csrcs, 3);
	}
}

static void huge_extension_test(struct kunit *test)
{
	u8 data[16] = { 0x90, [14] = 0xff, [15] = 0xff };

	KUNIT_EXPECT_EQ(test, -EINVAL, srtp_rtp_header_len(data, sizeof(data)));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(first_octets_test),
	KUNIT_CASE(short_test),
	KUNIT_CASE(header_test),
	KUNIT_CASE(huge_extension_test),
	{}
};

static struct kunit_suite suite = { .name = "srtp_demux", .test_cases = cases };
kunit_test_suite(suite);
