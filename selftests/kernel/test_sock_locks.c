// SPDX-License-Identifier: GPL-2.0
/*
 * Which locks the module takes for a packet: none that packets of another stream
 * take, and none that SRTP and SRTCP of one stream have in common.
 *
 * Probes in the kernel's functions that take locks write down each lock that they are
 * called with by the module.
 */
#include "srtptest.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/mount.h>

#define TRACING	"/sys/kernel/tracing/"
#define EVENTS	TRACING "events/srtp_locks/"
#define OTHER	(SSRC + 1)
#define PACKETS	20
#define LOCKS	16

static const char *const lockers[] = {
	"_raw_spin_lock", "_raw_spin_lock_bh", "_raw_spin_lock_irq", "_raw_spin_lock_irqsave",
	"_raw_spin_trylock", "_raw_spin_trylock_bh", "_raw_read_lock", "_raw_read_lock_bh",
	"_raw_write_lock", "_raw_write_lock_bh", "mutex_lock", "down_read", "down_write",
};

/* Locks that were taken, each once. */
struct locks {
	uint64_t lock[LOCKS];
	size_t n;
};

static uint8_t packet[PACKET_MAX];

/* Files of the kernel: a line is one write. */
static int try_write(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | flags), failed;

	if (fd < 0)
		return -1;
	failed = write(fd, text, strlen(text)) < 0;
	close(fd);
	return -failed;
}

static void must_write(const char *path, const char *text)
{
	if (try_write(path, O_TRUNC, text))
		FAIL("%s: %s", path, strerror(errno));
}

/* Where the code of the module lies. */
static void module_range(uint64_t *from, uint64_t *to)
{
	FILE *file = fopen("/proc/modules", "r");
	uint64_t size;
	char line[512];

	CHECK(file);
	*from = *to = 0;
	while (!*from && fgets(line, sizeof(line), file))
		if (sscanf(line, "srtp %" SCNu64 " %*s %*s %*s %" SCNx64, &size, from) == 2)
			*to = *from + size;
	fclose(file);
	CHECK(*from);
}

static void probes_off(void)
{
	try_write(EVENTS "enable", 0, "0");
	try_write(TRACING "kprobe_events", O_TRUNC, "");
}

static bool add_probe(const char *function)
{
	char text[256];

	snprintf(text, sizeof(text), "p:srtp_locks/%s %s lock=%%di caller=$stack0", function,
		 function);
	return !try_write(TRACING "kprobe_events", O_APPEND, text);
}

/* Of the calls of the functions only those by the module. */
static void probes_on(void)
{
	uint64_t from, to;
	char text[256];
	size_t i;

	mount("tracefs", TRACING, "tracefs", 0, NULL);
	if (access(TRACING "kprobe_events", W_OK))
		skip("the kernel has no probes");
	/* Not each kernel has each of them; without these two nothing would be seen. */
	for (i = 0; i < ARRAY_SIZE(lockers); i++)
		if (!add_probe(lockers[i]) && i < 2)
			FAIL("%s: %s", lockers[i], strerror(errno));
	module_range(&from, &to);
	snprintf(text, sizeof(text), "caller >= 0x%" PRIx64 " && caller < 0x%" PRIx64, from, to);
	must_write(EVENTS "filter", text);
}

static bool has(const struct locks *locks, uint64_t lock)
{
	size_t i;

	for (i = 0; i < locks->n; i++)
		if (locks->lock[i] == lock)
			return true;
	return false;
}

static struct locks read_locks(void)
{
	struct locks locks = {};
	FILE *file = fopen(TRACING "trace", "r");
	char line[512], *at;

	CHECK(file);
	while (fgets(line, sizeof(line), file)) {
		at = line[0] == '#' ? NULL : strstr(line, " lock=");
		if (!at || has(&locks, strtoull(at + 6, NULL, 16)))
			continue;
		CHECK(locks.n < LOCKS);
		locks.lock[locks.n++] = strtoull(at + 6, NULL, 16);
	}
	fclose(file);
	return locks;
}

static void pass(struct call *call, bool rtcp, uint32_t ssrc, uint32_t number)
{
	if (rtcp)
		rtcp_build(packet, 52, ssrc, number);
	else
		rtp_simple(packet, 172, ssrc, number);
	call_pass(call, LEFT, packet, rtcp ? 52 : 172);
}

/* Of all that both hosts do to pass packets of one kind. */
static struct locks locks_of(struct call *call, bool rtcp, uint32_t ssrc, uint32_t first)
{
	uint32_t i;

	must_write(TRACING "trace", "");
	must_write(EVENTS "enable", "1");
	for (i = 0; i < PACKETS; i++)
		pass(call, rtcp, ssrc, first + i);
	must_write(EVENTS "enable", "0");
	return read_locks();
}

static bool apart(const struct locks *a, const struct locks *b)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (has(b, a->lock[i]))
			return false;
	return true;
}

static void begin(struct call *call)
{
	/* A CPU that is new to a key takes the lock of its limit, and then for 1024 packets not. */
	stay_on_one_processor();
	call_begin(call, IPV4, SRTP_ROLE_MUX);
	/* The first packets make the streams. */
	pass(call, false, SSRC, 0);
	pass(call, true, SSRC, 0);
	pass(call, false, OTHER, 0);
	pass(call, true, OTHER, 0);
	probes_on();
}

/* One on each host; the same for each packet, so that there is something to find. */
static void test_own_locks(enum family family)
{
	struct locks once, again;
	struct call call;

	(void)family;
	begin(&call);
	once = locks_of(&call, false, SSRC, 1);
	again = locks_of(&call, false, SSRC, 1 + PACKETS);
	probes_off();
	EQUAL(once.n, 2);
	EQUAL(again.n, 2);
	CHECK(has(&again, once.lock[0]) && has(&again, once.lock[1]));
}

static void test_streams(enum family family)
{
	struct locks one, other;
	struct call call;

	(void)family;
	begin(&call);
	one = locks_of(&call, false, SSRC, 1);
	other = locks_of(&call, false, OTHER, 1);
	probes_off();
	CHECK(one.n && other.n);
	CHECK(apart(&one, &other));
}

static void test_srtp_and_srtcp(enum family family)
{
	struct locks srtp, srtcp;
	struct call call;

	(void)family;
	begin(&call);
	srtp = locks_of(&call, false, SSRC, 1);
	srtcp = locks_of(&call, true, SSRC, 1);
	probes_off();
	CHECK(srtp.n && srtcp.n);
	CHECK(apart(&srtp, &srtcp));
}

static const struct test tests[] = {
	{ "a packet takes one lock on the host that sends it and one on the host that receives it",
	  test_own_locks, ONCE, 120 },
	{ "packets of two streams take no lock in common", test_streams, ONCE, 120 },
	{ "SRTP and SRTCP of a stream take no lock in common", test_srtp_and_srtcp, ONCE, 120 },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
