// SPDX-License-Identifier: GPL-2.0
/*
 * Indexes and windows: kmod/track.c.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include "../../kmod/track.h"

/* What packets call: with softirqs disabled. */
#define in_packet(call)			\
({					\
	typeof(call) result;		\
					\
	local_bh_disable();		\
	result = call;			\
	local_bh_enable();		\
	result;				\
})

static struct srtp_track *new_track(struct kunit *test, u32 window, bool sends)
{
	struct srtp_track *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, 0, srtp_track_init(t, window, sends, GFP_KERNEL));
	return t;
}

struct guess {
	const char *what;
	u64 highest;
	u16 seq;
	enum srtp_seen seen;
	u64 index;
};

#define NO_INDEX	U64_MAX	/* below 0: there is none */

/* RFC 3711 appendix A, at and beside each of its limits. */
static const struct guess guesses[] = {
	{ "the next one", 100, 101, SRTP_SEEN_NEW, 101 },
	{ "a jump of half the space", 0, 32768, SRTP_SEEN_NEW, 32768 },
	{ "just over half the space is below index 0", 0, 32769, SRTP_SEEN_TOO_OLD, NO_INDEX },
	{ "over the edge", 65535, 0, SRTP_SEEN_NEW, 0x10000 },
	{ "a jump over the edge", 65535, 32766, SRTP_SEEN_NEW, 0x17ffe },
	{ "half the space back", 65535, 32767, SRTP_SEEN_TOO_OLD, 32767 },
	{ "late from before the edge", 0x10000, 65535, SRTP_SEEN_NEW, 65535 },
	{ "half the space ahead", 0x17fff, 65535, SRTP_SEEN_NEW, 0x1ffff },
	{ "late, just over half the space", 0x17ffe, 65535, SRTP_SEEN_TOO_OLD, 65535 },
	{ "the last roll-over counter", 0xfffffffeffffULL, 0, SRTP_SEEN_NEW, 0xffffffff0000ULL },
	{ "the last index", 0xfffffffffff0ULL, 65535, SRTP_SEEN_NEW, SRTP_INDEX_MAX },
	{ "after the last index", SRTP_INDEX_MAX, 0, SRTP_SEEN_NO_INDEX, SRTP_INDEX_MAX + 1 },
};

static void guess_test(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(guesses); i++) {
		const struct guess *g = &guesses[i];
		struct srtp_track *t = new_track(test, 64, false);
		enum srtp_seen seen;
		u64 index = 0;

		srtp_track_set(t, g->highest, false);
		seen = in_packet(srtp_track_estimate(t, g->seq, &index));
		KUNIT_EXPECT_EQ_MSG(test, g->seen, seen, "%s", g->what);
		if (g->index != NO_INDEX)
			KUNIT_EXPECT_EQ_MSG(test, g->index, index, "%s", g->what);
		KUNIT_EXPECT_EQ_MSG(test, g->highest, t->highest, "%s: no state", g->what);
		srtp_track_free(t);
	}
}

/* The first packet is taken as it comes, with the roll-over counter given. */
static void first_test(struct kunit *test)
{
	struct srtp_track *t = new_track(test, 64, false);
	u64 index;

	t->highest = 7ULL << 16;
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NEW, in_packet(srtp_track_estimate(t, 65535, &index)));
	KUNIT_EXPECT_EQ(test, 0x7ffffULL, index);
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NEW, in_packet(srtp_track_commit(t, index, 1)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_BEFORE, in_packet(srtp_track_commit(t, index, 1)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NEW, in_packet(srtp_track_estimate(t, 0, &index)));
	KUNIT_EXPECT_EQ(test, 0x80000ULL, index);
	srtp_track_free(t);
}

static void window_test(struct kunit *test)
{
	struct srtp_track *t = new_track(test, 100, false);

	KUNIT_EXPECT_EQ_MSG(test, 128, t->window, "rounded up");
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NEW, in_packet(srtp_track_commit(t, 1000, 1)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NEW, in_packet(srtp_track_check(t, 1000 - 127)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_TOO_OLD, in_packet(srtp_track_check(t, 1000 - 128)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NEW, in_packet(srtp_track_commit(t, 1000 - 127, 1)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_BEFORE, in_packet(srtp_track_commit(t, 1000 - 127, 1)));
	KUNIT_EXPECT_EQ(test, 2, t->packets);
	KUNIT_EXPECT_EQ(test, 2, t->bytes);
	srtp_track_free(t);
}

static void assume_seen_test(struct kunit *test)
{
	struct srtp_track *t = new_track(test, 64, false);

	srtp_track_set(t, 500, true);
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_BEFORE, in_packet(srtp_track_check(t, 500)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_BEFORE, in_packet(srtp_track_check(t, 500 - 63)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_TOO_OLD, in_packet(srtp_track_check(t, 500 - 64)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NEW, in_packet(srtp_track_check(t, 501)));
	srtp_track_free(t);
}

/* What the window should say, kept in the simplest way there is. */
struct model {
	unsigned long *seen;
	u64 highest;
	bool started;
};

#define MODEL_SPACE	0x40000U

static enum srtp_seen model_look(const struct model *m, u32 window, u64 index)
{
	if (!m->started || index > m->highest)
		return SRTP_SEEN_NEW;
	if (m->highest - index >= window)
		return SRTP_SEEN_TOO_OLD;
	return test_bit(index, m->seen) ? SRTP_SEEN_BEFORE : SRTP_SEEN_NEW;
}

/* Mostly near the highest one, sometimes a jump of up to some windows. */
static u64 model_pick(struct rnd_state *rnd, const struct model *m, u32 window)
{
	u32 r = prandom_u32_state(rnd);
	s64 index = m->highest + (s64)(r >> 8) % (3 * window) - 2 * window;

	if (!(r & 0x3f))
		index = m->highest + (r >> 8) % (5 * window);
	return clamp_t(s64, index, 0, MODEL_SPACE - 1);
}

static void run_model(struct kunit *test, u32 window, u64 seed)
{
	struct srtp_track *t = new_track(test, window, false);
	struct model m = { .seen = bitmap_zalloc(MODEL_SPACE, GFP_KERNEL) };
	struct rnd_state rnd;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, m.seen);
	prandom_seed_state(&rnd, seed);
	for (i = 0; i < 20000; i++) {
		u64 index = model_pick(&rnd, &m, window);
		enum srtp_seen want = model_look(&m, window, index);

		KUNIT_EXPECT_EQ_MSG(test, want, in_packet(srtp_track_commit(t, index, 1)),
				    "step %d, window %u, index %llu", i, window, index);
		if (want != SRTP_SEEN_NEW)
			continue;
		__set_bit(index, m.seen);
		m.highest = m.started ? max(m.highest, index) : index;
		m.started = true;
	}
	bitmap_free(m.seen);
	srtp_track_free(t);
}

static void model_test(struct kunit *test)
{
	run_model(test, 64, 1);
	run_model(test, 128, 2);
	run_model(test, 1024, 3);
}

static void repeat_test(struct kunit *test)
{
	u8 mac[SRTP_MAC_LEN] = { 1 }, other[SRTP_MAC_LEN] = { 2 };
	struct srtp_track *t = new_track(test, 64, true);
	u64 index, first;

	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NEW, in_packet(srtp_track_reserve(t, 10, &first)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_BEFORE, in_packet(srtp_track_reserve(t, 10, &index)));
	KUNIT_EXPECT_FALSE_MSG(test,
			       in_packet(srtp_track_settle(t, index, SRTP_SEEN_BEFORE, mac, 1)),
			       "nothing is known yet of the first one");
	KUNIT_EXPECT_TRUE(test, in_packet(srtp_track_settle(t, first, SRTP_SEEN_NEW, mac, 1)));
	KUNIT_EXPECT_TRUE(test,
			  in_packet(srtp_track_settle(t, first, SRTP_SEEN_BEFORE, mac, 1)));
	KUNIT_EXPECT_FALSE(test,
			   in_packet(srtp_track_settle(t, first, SRTP_SEEN_BEFORE, other, 1)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NEW, in_packet(srtp_track_reserve(t, 10 + 64, &index)));
	KUNIT_EXPECT_FALSE_MSG(test,
			       in_packet(srtp_track_settle(t, first, SRTP_SEEN_BEFORE, mac, 1)),
			       "it has left the window");
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_TOO_OLD, in_packet(srtp_track_reserve(t, 10, &index)));
	KUNIT_EXPECT_EQ(test, 1, t->repeated);
	KUNIT_EXPECT_EQ(test, 4, t->reused);
	srtp_track_free(t);
}

static void stopped_test(struct kunit *test)
{
	struct srtp_track *t = new_track(test, 64, true);
	u32 next;
	u64 index;

	t->stopped = true;
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_STOPPED, in_packet(srtp_track_reserve(t, 1, &index)));
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_STOPPED, in_packet(srtp_track_next(t, &next, 1)));
	srtp_track_free(t);
}

static void end_test(struct kunit *test)
{
	struct srtp_track *t = new_track(test, 64, true);
	u64 index;
	u32 next;

	srtp_track_set(t, SRTCP_INDEX_MAX, false);
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NEW, in_packet(srtp_track_next(t, &next, 1)));
	KUNIT_EXPECT_EQ(test, SRTCP_INDEX_MAX, next);
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NO_INDEX, in_packet(srtp_track_next(t, &next, 1)));
	srtp_track_set(t, SRTP_INDEX_MAX, false);
	KUNIT_EXPECT_EQ(test, SRTP_SEEN_NO_INDEX, in_packet(srtp_track_reserve(t, 0, &index)));
	srtp_track_free(t);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(guess_test),
	KUNIT_CASE(first_test),
	KUNIT_CASE(window_test),
	KUNIT_CASE(assume_seen_test),
	KUNIT_CASE(model_test),
	KUNIT_CASE(repeat_test),
	KUNIT_CASE(stopped_test),
	KUNIT_CASE(end_test),
	{}
};

static struct kunit_suite suite = { .name = "srtp_track", .test_cases = cases };
kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suites of srtp.ko");
