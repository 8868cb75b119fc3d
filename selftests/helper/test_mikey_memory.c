// SPDX-License-Identifier: GPL-2.0
/*
 * Time and what is remembered over time: timestamps, the initiator's clock, the
 * replay cache and its state file, answers for retransmissions.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

#define S(n) MIKEY_SECONDS(n)

static struct mikey_crypto *crypto;

static struct mikey_ts at(uint64_t ntp)
{
	return (struct mikey_ts){ MIKEY_TS_NTP_UTC, ntp };
}

static void test_conversion(void)
{
	struct timespec ts = { .tv_sec = 0, .tv_nsec = 500000000 };
	uint64_t ntp = mikey_ntp_from_unix(&ts);

	check(ntp == 0x83aa7e8080000000, "1970 and a half second is NTP 2208988800.5");
	mikey_ntp_to_unix(ntp, &ts);
	check(!ts.tv_sec && ts.tv_nsec == 500000000, "NTP 2208988800.5 is 1970 and a half second");
	ts = (struct timespec){ .tv_sec = 2085978496 };
	check(mikey_ntp_from_unix(&ts) == 0, "the NTP era ends on 2036-02-07 at 06:28:16");
	mikey_ntp_to_unix(S(1), &ts);
	check(ts.tv_sec == 2085978497, "a second later is NTP 1, and back (RFC 4330 3)");
	check(mikey_ntp_diff(S(1), S(0xffffffff)) == (int64_t)S(2),
	      "differences are right across the era");
}

static void test_types(void)
{
	struct mikey_ts ts = { MIKEY_TS_NTP_UTC_32, 0x12345678 };
	uint8_t buf[8];

	check(mikey_ts_write(&ts, buf) == 4 && !memcmp(buf, "\x12\x34\x56\x78", 4) &&
	      mikey_ts_64(&ts) == 0x1234567800000000,
	      "NTP-UTC-32 has 4 octets, padded on the right");
	ts.type = MIKEY_TS_COUNTER;
	check(mikey_ts_write(&ts, buf) == 4 && mikey_ts_64(&ts) == 0x12345678,
	      "COUNTER has 4 octets, padded on the left");
	ts.type = MIKEY_TS_NTP;
	check(mikey_ts_write(&ts, buf) == 8, "NTP has 8 octets");
}

/* Many values with the clock going everywhere: all different, all rising */
static bool rises(uint32_t type)
{
	struct mikey_clock clock = { .used = false };
	struct mikey_ts ts, last = { 0 };
	uint64_t now = S(4000000000U);
	int i;

	for (i = 0; i < 1000; i++) {
		now += i % 7 == 3 ? S(2) : i % 5 == 2 ? 0 : (uint64_t)-(int64_t)S(1);
		if (mikey_clock_next(&clock, type, now, &ts))
			return false;
		if (i && mikey_ntp_diff(mikey_ts_64(&ts), mikey_ts_64(&last)) <= 0)
			return false;
		last = ts;
	}
	return true;
}

static void test_clock(void)
{
	struct mikey_clock clock = { .used = false };
	struct mikey_ts ts;

	check(rises(MIKEY_TS_NTP_UTC), "T rises with any clock, NTP-UTC (REQ-012)");
	check(rises(MIKEY_TS_NTP), "T rises with any clock, NTP");
	check(rises(MIKEY_TS_COUNTER), "T rises with any clock, COUNTER");
	check(rises(MIKEY_TS_NTP_UTC_32), "T rises with any clock, NTP-UTC-32");
	mikey_clock_next(&clock, MIKEY_TS_NTP_UTC, S(1000), &ts);
	check(ts.value == S(1000), "T is the time when it can be");
	mikey_clock_next(&clock, MIKEY_TS_NTP_UTC, S(900), &ts);
	check(ts.value == S(1000) + 1, "T runs on when the clock was set back");
	check(mikey_clock_ahead(&clock, S(900)) == S(100) + 1 && !mikey_clock_ahead(&clock, S(2000)),
	      "how far T runs ahead of the clock is known");
	clock.last = (0xffffffffULL << 32) + 5;
	mikey_clock_next(&clock, MIKEY_TS_NTP_UTC, S(3), &ts);
	check(ts.value == S(3), "the era change is no step back");
	clock.last = 0xffffffff;
	check(mikey_clock_next(&clock, MIKEY_TS_COUNTER, 0, &ts) == MIKEY_UNSUP_TS,
	      "a counter at its end gives no value");
	check(mikey_clock_next(&clock, 9, 0, &ts) == MIKEY_UNSUP_TS,
	      "an unknown timestamp type gives no value");
}

static enum mikey_reason take(struct mikey_replay *cache, uint64_t now, uint64_t t,
			      const char *text)
{
	struct mikey_ts ts = at(t);
	struct mikey_error err;
	enum mikey_reason reason = mikey_replay_check_time(cache, now, &ts, &err);

	if (!reason)
		reason = mikey_replay_check(cache, &ts, view(text), &err);
	return reason ? reason : mikey_replay_add(cache, now, &ts, view(text));
}

static void test_replay(void)
{
	struct mikey_replay *cache = mikey_replay_new(crypto, 8, S(60));
	uint64_t now = S(1000);

	check(!take(cache, now, now, "a"), "a new message is taken");
	check(take(cache, now, now, "a") == MIKEY_REPLAYED, "the same message is not taken again");
	check(!take(cache, now, now, "b"), "another message with the same T is taken");
	check(!take(cache, now, now - S(60), "c") && !take(cache, now, now + S(60), "d"),
	      "both ends of the skew are taken");
	check(take(cache, now, now - S(60) - 1, "e") == MIKEY_CLOCK_SKEW &&
	      take(cache, now, now + S(60) + 1, "e") == MIKEY_CLOCK_SKEW,
	      "beyond the skew nothing is taken");
	check(take(cache, now, now + S(60), "d") == MIKEY_REPLAYED, "an early one is remembered");
	now += S(500);
	check(!take(cache, now, now, "f") && mikey_replay_count(cache) == 1,
	      "what is out of the skew is forgotten");
	now -= S(500);
	check(take(cache, now, now, "a") == MIKEY_TOO_OLD,
	      "what was forgotten is not taken again when the clock is set back");
	mikey_replay_free(cache);
}

static void test_bounds(void)
{
	struct mikey_replay *cache = mikey_replay_new(crypto, 8, S(60));
	uint64_t now = S(1000);
	char text[16];
	int i, again = 0;

	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%d", i);
		take(cache, now, now + S(i % 50) + i, text);
	}
	check(mikey_replay_count(cache) == 8, "the cache has its bound (REQ-024)");
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%d", i);
		again += !take(cache, now, now + S(i % 50) + i, text);
	}
	check(!again, "nothing that a full cache took is taken again, in whatever order it came");
	mikey_replay_free(cache);
}

static void test_unclean(void)
{
	struct mikey_replay *cache = mikey_replay_new(crypto, 8, S(60));
	uint64_t now = S(1000);

	mikey_replay_unclean(cache, now);
	check(take(cache, now, now, "a") == MIKEY_RECOVERING, "after a loss nothing is taken");
	check(take(cache, now + S(59), now + S(100), "a") == MIKEY_RECOVERING,
	      "after a loss nothing is taken from a clock that runs ahead (REQ-023)");
	check(take(cache, now + S(61), now + S(60), "a") == MIKEY_TOO_OLD,
	      "what may have been taken before the loss is too old even afterwards");
	check(!take(cache, now + S(61), now + S(61), "a"),
	      "once the skew has passed after a loss, messages are taken");
	mikey_replay_free(cache);
}

static uint8_t *save(const struct mikey_replay *cache, struct mikey_view *state)
{
	size_t len = mikey_replay_save_size(cache);
	uint8_t *buf = malloc(len);

	if (mikey_replay_save(cache, buf))
		abort();
	*state = (struct mikey_view){ buf, len };
	return buf;
}

static void test_state(void)
{
	struct mikey_replay *cache = mikey_replay_new(crypto, 8, S(60));
	struct mikey_replay *next = mikey_replay_new(crypto, 8, S(60));
	struct mikey_replay *small = mikey_replay_new(crypto, 2, S(60));
	struct mikey_error err;
	struct mikey_view state;
	uint64_t now = S(1000);
	size_t i, taken = 0;
	uint8_t *buf;

	take(cache, now - S(500), now - S(500), "old");
	take(cache, now, now - S(1), "a");
	take(cache, now, now, "b");
	take(cache, now, now + S(1), "c");
	mikey_replay_add_counter(cache, view("peer"), 7);
	buf = save(cache, &state);
	check(!mikey_replay_load(next, state, &err), "the state is read back");
	check(take(next, now, now, "b") == MIKEY_REPLAYED && mikey_replay_count(next) == 3 &&
	      !take(next, now, now, "new"), "a restart forgets no message");
	check(take(next, now - S(500), now - S(500), "other") == MIKEY_TOO_OLD,
	      "a restart does not forget what had been forgotten");
	check(mikey_replay_check_counter(next, view("peer"), 7, &err) == MIKEY_REPLAYED &&
	      !mikey_replay_check_counter(next, view("peer"), 8, &err),
	      "a restart forgets no counter");
	check(!mikey_replay_load(small, state, &err) &&
	      take(small, now, now - S(1), "a") == MIKEY_TOO_OLD &&
	      take(small, now, now, "b") == MIKEY_REPLAYED,
	      "a smaller cache takes what fits, and refuses the rest");
	for (i = 0; i < state.len; i++)
		taken += !mikey_replay_load(next, (struct mikey_view){ buf, i }, &err);
	check(!taken, "a state that is cut off is refused, at all %zu lengths", state.len);
	for (i = 0; i < state.len * 8; i++) {
		buf[i / 8] ^= 1 << i % 8;
		taken += !mikey_replay_load(next, state, &err);
		buf[i / 8] ^= 1 << i % 8;
	}
	check(!taken, "a state with one bit changed is refused, for all %zu bits", state.len * 8);
	check(err.reason == MIKEY_BAD_STATE, "a bad state file has a reason of its own");
	free(buf);
	mikey_replay_free(small);
	mikey_replay_free(next);
	mikey_replay_free(cache);
}

static void test_unclean_state(void)
{
	struct mikey_replay *cache = mikey_replay_new(crypto, 8, S(60));
	struct mikey_replay *next = mikey_replay_new(crypto, 8, S(60));
	struct mikey_view state;
	uint8_t *buf;

	mikey_replay_unclean(cache, S(1000));
	buf = save(cache, &state);
	check(!mikey_replay_load(next, state, NULL) &&
	      take(next, S(1030), S(1030), "a") == MIKEY_RECOVERING,
	      "a second restart does not cut the wait short");
	free(buf);
	mikey_replay_free(next);
	mikey_replay_free(cache);
}

static void test_counters(void)
{
	struct mikey_replay *cache = mikey_replay_new(crypto, 3, S(60));
	struct mikey_error err;
	const char *peers[] = { "a", "b", "c" };
	int i;

	for (i = 0; i < 3; i++)
		mikey_replay_add_counter(cache, view(peers[i]), 10);
	check(mikey_replay_check_counter(cache, view("d"), 1, &err) == MIKEY_COUNTER_FULL &&
	      mikey_replay_add_counter(cache, view("d"), 1) == MIKEY_COUNTER_FULL,
	      "a full table of counters takes no new peer");
	check(mikey_replay_check_counter(cache, view("b"), 10, &err) == MIKEY_REPLAYED &&
	      mikey_replay_check_counter(cache, view("b"), 9, &err) == MIKEY_REPLAYED &&
	      !mikey_replay_check_counter(cache, view("b"), 11, &err),
	      "a full table of counters goes on comparing those it has (REQ-027)");
	mikey_replay_free(cache);
}

static bool answers(struct mikey_resend *mem, const char *flow, const char *msg, uint64_t now,
		    const char *answer)
{
	struct mikey_view got;

	return mikey_resend_find(mem, view(flow), view(msg), now, &got) == MIKEY_RESEND_ANSWER &&
	       got.len == strlen(answer) && !memcmp(got.data, answer, got.len);
}

static enum mikey_resend_verdict ask(struct mikey_resend *mem, const char *flow, const char *msg,
				     uint64_t now)
{
	struct mikey_view got;

	return mikey_resend_find(mem, view(flow), view(msg), now, &got);
}

static void test_resend(void)
{
	struct mikey_resend *mem = mikey_resend_new(crypto, 4);
	int i, times = 0;
	char text[16];

	mikey_resend_put(mem, view("flow"), view("msg"), view("answer"), 1000);
	check(ask(mem, "flow", "msh", 1000) == MIKEY_RESEND_UNKNOWN, "another message is unknown");
	check(ask(mem, "flox", "msg", 1000) == MIKEY_RESEND_UNKNOWN,
	      "the same message from elsewhere is unknown");
	check(ask(mem, "flowm", "sg", 1000) == MIKEY_RESEND_UNKNOWN,
	      "octets do not move between address and message");
	for (i = 0; i < 5; i++)
		times += answers(mem, "flow", "msg", 1000 + i, "answer");
	check(times == 5, "a retransmission gets the stored answer, 5 times (REQ-029)");
	check(ask(mem, "flow", "msg", 1010) == MIKEY_RESEND_SILENT,
	      "the sixth retransmission gets silence");
	check(ask(mem, "flow", "msg", 32999) == MIKEY_RESEND_SILENT,
	      "retransmissions get silence until 32 seconds are over");
	check(ask(mem, "flow", "msg", 33000) == MIKEY_RESEND_UNKNOWN,
	      "after 32 seconds a retransmission is unknown");
	for (i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "%d", i);
		mikey_resend_put(mem, view("flow"), view(text), view(text), 40000);
	}
	check(ask(mem, "flow", "0", 40000) == MIKEY_RESEND_UNKNOWN &&
	      answers(mem, "flow", "1", 40000, "1") && answers(mem, "flow", "4", 40000, "4"),
	      "the oldest answer makes room");
	mikey_resend_put(mem, view("flow"), view("4"), view("new"), 40001);
	check(answers(mem, "flow", "4", 40001, "new") && answers(mem, "flow", "2", 40001, "2"),
	      "the answer to the same message is exchanged");
	mikey_resend_free(mem);
}

int main(void)
{
	crypto = mikey_crypto_new(NULL, NULL);
	ktap_begin();
	test_conversion();
	test_types();
	test_clock();
	test_replay();
	test_bounds();
	test_unclean();
	test_state();
	test_unclean_state();
	test_counters();
	test_resend();
	mikey_crypto_free(crypto);
	return ktap_end();
}
