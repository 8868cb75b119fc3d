// SPDX-License-Identifier: GPL-2.0
/*
 * Protecting and unprotecting with every suite that is built: kmod/packet.c.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "../../kmod/packet.h"

#define PACKET_MAX	1600
#define SSRC		0xdecafbad

/* One side of a call: what srtp_protect() and srtp_unprotect() need. */
struct side {
	struct srtp_stream st;
	struct srtp_key *key;
};

struct call {
	const struct srtp_cipher_suite *suite;
	struct side tx;
	struct side rx;
	u8 plain[PACKET_MAX];
	u8 wire[PACKET_MAX];
};

static void side_init(struct kunit *test, struct side *s, const struct srtp_cipher_suite *suite,
		      bool sends)
{
	u8 key[SRTP_MASTER_KEY_MAX], salt[SRTP_MASTER_SALT_MAX];

	memset(key, 0x5a, sizeof(key));
	memset(salt, 0xc3, sizeof(salt));
	s->st.policy.suite = suite;
	s->st.policy.tag_len = suite->srtp_tag_len;
	s->st.policy.srtcp_tag_len = suite->srtcp_tag_len;
	s->st.policy.features = srtp_suite_is_aead(suite) ? SRTP_F_AEAD : 0;
	KUNIT_ASSERT_EQ(test, 0, srtp_track_init(&s->st.srtp, 64, sends, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, srtp_track_init(&s->st.srtcp, 64, false, GFP_KERNEL));
	s->key = srtp_key_create(&s->st.policy, key, salt);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s->key);
}

static void side_free(struct side *s)
{
	srtp_key_free(s->key);
	srtp_track_free(&s->st.srtp);
	srtp_track_free(&s->st.srtcp);
}

static struct call *call_new(struct kunit *test, const struct srtp_cipher_suite *suite)
{
	struct call *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->suite = suite;
	side_init(test, &c->tx, suite, true);
	side_init(test, &c->rx, suite, false);
	return c;
}

static void call_free(struct kunit *test, struct call *c)
{
	side_free(&c->tx);
	side_free(&c->rx);
	kunit_kfree(test, c);
}

/* An RTP packet with two CSRCs and an extension, or an RTCP sender report. */
static void make_plain(struct call *c, enum srtp_class class, u16 seq, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		c->plain[i] = i * 7 + seq;
	if (class == SRTP_CLASS_RTP) {
		c->plain[0] = 0x92;
		put_unaligned_be16(seq, c->plain + 2);
		put_unaligned_be32(SSRC, c->plain + 8);
		put_unaligned_be32(0xbede0001, c->plain + 20);
	} else {
		c->plain[0] = 0x80;
		c->plain[1] = 200;
		put_unaligned_be32(SSRC, c->plain + 4);
	}
}

static int protect(struct call *c, enum srtp_class class, size_t len)
{
	bool repeated = false;
	int n;

	memcpy(c->wire, c->plain, len);
	local_bh_disable();
	n = srtp_protect(&c->tx.st, c->tx.key, class, c->wire, len, &repeated);
	local_bh_enable();
	return n;
}

/* Unprotects a copy. With @accept it is counted as received, too. */
static int unprotect(struct call *c, enum srtp_class class, u8 *buf, size_t *len, bool accept)
{
	u64 index;
	int drop;

	local_bh_disable();
	drop = srtp_unprotect(&c->rx.st, c->rx.key, class, buf, len, &index, false);
	if (!drop && accept)
		drop = srtp_accept(&c->rx.st, c->rx.key, class, index, *len);
	local_bh_enable();
	return drop;
}

static void round_trip(struct kunit *test, struct call *c, enum srtp_class class, u16 seq,
		       size_t len)
{
	u8 *buf = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);
	size_t got;
	int n;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	make_plain(c, class, seq, len);
	n = protect(c, class, len);
	KUNIT_ASSERT_EQ_MSG(test, len + srtp_trailer_len(&c->tx.st, class), n, "%s",
			    c->suite->name);
	got = n;
	memcpy(buf, c->wire, n);
	KUNIT_ASSERT_EQ_MSG(test, 0, unprotect(c, class, buf, &got, true), "%s, %zu octets",
			    c->suite->name, len);
	KUNIT_EXPECT_EQ(test, len, got);
	KUNIT_EXPECT_MEMEQ(test, c->plain, buf, len);
	got = n;
	memcpy(buf, c->wire, n);
	KUNIT_EXPECT_EQ_MSG(test, SRTP_A_STATS_RX_REPLAYED,
			    unprotect(c, class, buf, &got, true), "%s", c->suite->name);
	kunit_kfree(test, buf);
}

static void lengths(struct kunit *test, struct call *c)
{
	static const size_t payloads[] = { 0, 1, 2, 15, 16, 17, 31, 32, 172, 1200, 1400 };
	u16 seq = 65530;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(payloads); i++, seq++) {
		round_trip(test, c, SRTP_CLASS_RTP, seq, 28 + payloads[i]);
		round_trip(test, c, SRTP_CLASS_RTCP, seq, 8 + payloads[i]);
	}
}

/* Each bit of a packet is covered by its tag, or moves it to where nothing is. */
static void flipped_bits(struct kunit *test, struct call *c, enum srtp_class class)
{
	size_t len = class == SRTP_CLASS_RTP ? 28 + 20 : 8 + 20, got;
	u8 *buf = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);
	int n, bit;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	make_plain(c, class, 77, len);
	n = protect(c, class, len);
	KUNIT_ASSERT_GT(test, n, 0);
	for (bit = 0; bit < 8 * n; bit++) {
		memcpy(buf, c->wire, n);
		buf[bit / 8] ^= 1 << bit % 8;
		got = n;
		KUNIT_EXPECT_NE_MSG(test, 0, unprotect(c, class, buf, &got, true),
				    "%s, class %d, bit %d", c->suite->name, class, bit);
	}
	KUNIT_EXPECT_EQ_MSG(test, 0, c->rx.st.srtp.packets + c->rx.st.srtcp.packets,
			    "%s: nothing was accepted", c->suite->name);
	kunit_kfree(test, buf);
}

/*
 * In a buffer that ends where the packet ends, so that KASAN sees a look beyond.
 * Callers refuse what is shorter than an RTP header.
 */
static void cut(struct kunit *test, struct call *c, enum srtp_class class)
{
	size_t len = class == SRTP_CLASS_RTP ? 28 + 20 : 8 + 20, got;
	int n, i;

	make_plain(c, class, 78, len);
	n = protect(c, class, len);
	KUNIT_ASSERT_GT(test, n, 0);
	for (i = SRTP_RTP_HEADER; i < n; i++) {
		u8 *buf = kunit_kmalloc(test, i, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, buf);
		memcpy(buf, c->wire, i);
		got = i;
		KUNIT_EXPECT_NE_MSG(test, 0, unprotect(c, class, buf, &got, true),
				    "%s, class %d, %d octets", c->suite->name, class, i);
		kunit_kfree(test, buf);
	}
}

static void random_octets(struct kunit *test, struct call *c, enum srtp_class class)
{
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, 20);
	for (i = 0; i < 500; i++) {
		size_t len = SRTP_RTP_HEADER + prandom_u32_state(&rnd) % 120;
		u8 *buf = kunit_kmalloc(test, len, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, buf);
		prandom_bytes_state(&rnd, buf, len);
		KUNIT_EXPECT_NE(test, 0, unprotect(c, class, buf, &len, true));
		kunit_kfree(test, buf);
	}
}

/* The same index again: with the same octets only, and then the same packet. */
static void repeated(struct kunit *test, struct call *c)
{
	u8 *first = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);
	int n;

	KUNIT_ASSERT_NOT_NULL(test, first);
	make_plain(c, SRTP_CLASS_RTP, 300, 100);
	n = protect(c, SRTP_CLASS_RTP, 100);
	KUNIT_ASSERT_GT(test, n, 0);
	memcpy(first, c->wire, n);
	KUNIT_EXPECT_EQ(test, n, protect(c, SRTP_CLASS_RTP, 100));
	KUNIT_EXPECT_MEMEQ(test, first, c->wire, n);
	c->plain[60] ^= 1;
	KUNIT_EXPECT_EQ(test, -EEXIST, protect(c, SRTP_CLASS_RTP, 100));
	kunit_kfree(test, first);
}

typedef void (*per_call_fn)(struct kunit *test, struct call *c);

static void for_suites(struct kunit *test, per_call_fn fn)
{
	int id, n = 0;

	for (id = 1; id <= SRTP_SUITE_LAST; id++) {
		const struct srtp_cipher_suite *suite = srtp_suite_find(id, NULL);
		struct call *c;

		if (IS_ERR(suite))
			continue;
		c = call_new(test, suite);
		fn(test, c);
		call_free(test, c);
		n++;
	}
	KUNIT_EXPECT_GT(test, n, 0);
}

static void flipped(struct kunit *test, struct call *c)
{
	flipped_bits(test, c, SRTP_CLASS_RTP);
	flipped_bits(test, c, SRTP_CLASS_RTCP);
}

static void cuts(struct kunit *test, struct call *c)
{
	cut(test, c, SRTP_CLASS_RTP);
	cut(test, c, SRTP_CLASS_RTCP);
}

static void randoms(struct kunit *test, struct call *c)
{
	random_octets(test, c, SRTP_CLASS_RTP);
	random_octets(test, c, SRTP_CLASS_RTCP);
}

static void lengths_test(struct kunit *test)
{
	for_suites(test, lengths);
}

static void flipped_test(struct kunit *test)
{
	for_suites(test, flipped);
}

static void cut_test(struct kunit *test)
{
	for_suites(test, cuts);
}

static void random_test(struct kunit *test)
{
	for_suites(test, randoms);
}

static void repeated_test(struct kunit *test)
{
	for_suites(test, repeated);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(lengths_test),
	KUNIT_CASE(flipped_test),
	KUNIT_CASE(cut_test),
	KUNIT_CASE(random_test),
	KUNIT_CASE(repeated_test),
	{}
};

static struct kunit_suite suite = { .name = "srtp_packet", .test_cases = cases };
kunit_test_suite(suite);
