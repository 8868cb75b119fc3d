// SPDX-License-Identifier: GPL-2.0
/*
 * The token buckets that keep the daemon from answering strangers too often.
 * Time is passed in, so a second takes none.
 */
#include <arpa/inet.h>

#include "ktap.h"
/* The unit under test is no part of the library that is linked. */
#include "limit.c"

static const uint8_t secret[16] = "unpredictable";

static union udp_addr v4(uint32_t number)
{
	return (union udp_addr){ .v4 = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(number),
	} };
}

static union udp_addr v6(const char *text)
{
	union udp_addr addr = { .v6.sin6_family = AF_INET6 };

	inet_pton(AF_INET6, text, &addr.v6.sin6_addr);
	return addr;
}

static unsigned int take(struct limit *limit, const union udp_addr *addr, unsigned int times,
			 uint64_t now_ms)
{
	unsigned int got = 0;

	while (times--)
		got += limit_take(limit, addr, now_ms);
	return got;
}

static void test_one(void)
{
	struct limit *limit = limit_new(1024, 1, 5, secret);
	union udp_addr source = v4(0x0a000001);

	check(take(limit, &source, 100, 1000) == 5, "a source has 5 tokens at first");
	check(take(limit, &source, 100, 1999) == 0, "0.999 seconds later it has none");
	check(take(limit, &source, 100, 2000) == 1, "after a second it has one");
	check(take(limit, &source, 100, 4500) == 2, "after 2.5 more seconds it has two");
	check(take(limit, &source, 100, 5000) == 1, "the half second was not lost");
	check(take(limit, &source, 100, 1000000) == 5, "after a long time it has 5, not more");
	limit_free(limit);
}

static void test_name(void)
{
	struct limit *limit = limit_new(1024, 1, 5, secret);
	unsigned int got = 0, n;

	for (n = 0; n < 100; n++)
		got += limit_take_name(limit, "alice", 1000);
	check(got == 5, "a name has 5 tokens at first");
	check(limit_take_name(limit, "bob", 1000), "another one has its own");
	check(limit_take_name(limit, "alice", 2000), "after a second it has one");
	limit_free(limit);
}

static void test_many(void)
{
	struct limit *limit = limit_new(1024, 1, 5, secret);
	union udp_addr source;
	unsigned int got = 0, n;

	for (n = 0; n < 100000; n++) {
		source = v4(n);
		got += limit_take(limit, &source, 1000);
	}
	check(got <= 5 * 1024, "100000 sources share 1024 buckets: %u tokens", got);
	check(got > 4 * 1024, "and the hash spreads them");
	limit_free(limit);
}

static void test_prefix(void)
{
	struct limit *limit = limit_new(1024, 1, 5, secret);
	union udp_addr one = v6("2001:db8::1"), same = v6("2001:db8::ffff:1");
	union udp_addr other = v6("2001:db8:0:1::1");

	check(take(limit, &one, 100, 0) + take(limit, &same, 100, 0) == 5,
	      "all addresses of an IPv6 /64 are one source");
	check(take(limit, &other, 100, 0) == 5, "another /64 is another source");
	limit_free(limit);
}

static void test_all(void)
{
	struct limit *limit = limit_new(1, 100, 200, secret);

	check(take(limit, NULL, 1000, 0) == 200, "all sources together have 200 tokens at first");
	check(take(limit, NULL, 1000, 500) == 50, "and 50 more after half a second");
	limit_free(limit);
}

int main(void)
{
	ktap_begin();
	test_one();
	test_name();
	test_many();
	test_prefix();
	test_all();
	return ktap_end();
}
