// SPDX-License-Identifier: GPL-2.0
/*
 * The harness: runs each test in a process of its own and prints KTAP.
 *
 * A test that is killed, hangs or fails ends alone; the sessions that it left
 * behind are deleted before the next one.
 */
#include "srtptest.h"

#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#define EXIT_SKIP	4

/* Shared with the process of the test. */
static char *skip_reason;
#define SKIP_REASON_SIZE	256

void fail(const char *file, int line, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* one write, so that threads do not mix their lines */
	fprintf(stdout, "# %s:%d: %s\n", file, line, text);
	fflush(stdout);
	_exit(1);
}

void skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(skip_reason, SKIP_REASON_SIZE, format, args);
	va_end(args);
	fflush(stdout);
	_exit(EXIT_SKIP);
}

void check_equal(const char *file, int line, const char *what, long long is, long long shall)
{
	if (is != shall)
		fail(file, line, "%s is %lld, not %lld", what, is, shall);
}

void check_errno(const char *file, int line, const char *what, long long result, int error)
{
	if (result >= 0)
		fail(file, line, "%s gave %lld instead of %s", what, result, strerror(error));
	if (errno != error)
		fail(file, line, "%s: %s instead of %s", what, strerror(errno), strerror(error));
}

void check_same(const char *file, int line, const char *what,
		const void *is, size_t is_len, const void *shall, size_t shall_len)
{
	const uint8_t *a = is, *b = shall;
	size_t i;

	if (is_len != shall_len)
		fail(file, line, "%s has %zu octets, not %zu", what, is_len, shall_len);
	for (i = 0; i < is_len; i++) {
		if (a[i] != b[i])
			fail(file, line, "octet %zu of %zu of %s is %02x, not %02x",
			     i, is_len, what, a[i], b[i]);
	}
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

bool waiting(double *until, double seconds)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	if (!*until)
		*until = now() + seconds;
	if (now() > *until)
		return false;
	nanosleep(&nap, NULL);
	return true;
}

pid_t must_fork(void)
{
	pid_t pid;

	fflush(stdout);
	pid = MUST(fork());
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

unsigned int from_environment(const char *name, unsigned int otherwise)
{
	const char *value = getenv(name);

	return value && *value ? strtoul(value, NULL, 0) : otherwise;
}

void must_exit(pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		FAIL("a child process failed, status %#x", status);
}

static const char *family_name(enum family family)
{
	switch (family) {
	case IPV4:
		return " [IPv4]";
	case IPV6:
		return " [IPv6]";
	case MAPPED:
		return " [v4-mapped]";
	default:
		return "";
	}
}

static void run_child(const struct test *test, enum family family)
{
	alarm(test->seconds ? test->seconds : 30);
	test->run(family == ONCE ? IPV4 : family);
	fflush(stdout);
	_exit(0);
}

/* Returns false if the test failed. */
static bool run_one(const struct test *test, enum family family, unsigned int number)
{
	const char *verdict = "not ok", *note = "", *reason = "";
	double begin = now();
	int status;
	pid_t pid;

	net_reset();
	pid = must_fork();
	if (!pid)
		run_child(test, family);
	MUST(waitpid(pid, &status, 0));
	sessions_del(LEFT);
	sessions_del(RIGHT);
	if (WIFSIGNALED(status))
		printf("# %s\n", WTERMSIG(status) == SIGALRM ? "timed out" :
						      strsignal(WTERMSIG(status)));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		verdict = "ok";
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP) {
		verdict = "ok";
		note = " # SKIP ";
		reason = skip_reason;
	}
	if (getenv("SRTPTEST_TIMES"))
		printf("# %.2f s\n", now() - begin);
	printf("%s %u %s%s%s%s\n", verdict, number, test->name, family_name(family),
	       note, reason);
	fflush(stdout);
	return !strcmp(verdict, "ok");
}

static bool wanted(const struct test *test, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strstr(test->name, argv[i]))
			return true;
	}
	return argc < 2;
}

/* Runs the tests whose name contains one of the arguments, or all. */
int run_tests(int argc, char **argv, const struct test *tests, size_t count)
{
	unsigned int plan = 0, number = 0, failed = 0, family;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < count; i++) {
		if (wanted(&tests[i], argc, argv))
			plan += __builtin_popcount(tests[i].families);
	}
	printf("KTAP version 1\n1..%u\n", plan);
	if (access("/sys/module/srtp", F_OK)) {
		printf("Bail out! srtp.ko is not loaded\n");
		return 1;
	}
	skip_reason = mmap(NULL, SKIP_REASON_SIZE, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(skip_reason != MAP_FAILED);
	net_setup();
	for (i = 0; i < count; i++) {
		for (family = IPV4; family <= ONCE; family <<= 1) {
			if (wanted(&tests[i], argc, argv) && (tests[i].families & family))
				failed += !run_one(&tests[i], family, ++number);
		}
	}
	return failed ? 1 : 0;
}
