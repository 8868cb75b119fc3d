// SPDX-License-Identifier: GPL-2.0
// ktap-not-kcsan: it has no system calls of i386
// ktap-not-kasan: it has no system calls of i386
// ktap-not-debug: User-Mode Linux has no system calls of i386
/*
 * System calls of 32-bit programs, made by a 64-bit one through their own gate.
 * Whatever they point to lies in the lower 4 GiB and has their layout.
 */
#include "srtptest.h"

#include <netinet/udp.h>
#include <sys/mman.h>

#define SIZE	172

/* i386 */
enum {
	NR_GETSOCKOPT = 365,
	NR_SETSOCKOPT = 366,
	NR_SENDTO = 369,
	NR_SENDMSG = 370,
	NR_RECVMSG = 372,
};

struct iovec32 {
	uint32_t base, len;
};

struct cmsghdr32 {
	uint32_t len;
	int32_t level, type;
};

struct msghdr32 {
	uint32_t name;
	int32_t namelen;
	uint32_t iov, iovlen, control, controllen, flags;
};

/* Memory that a 32-bit program could have. */
static struct low {
	struct srtp_attach at;
	struct srtp_info info;
	uint32_t len;
	int value;
	struct msghdr32 message;
	struct iovec32 part;
	struct {
		struct cmsghdr32 header;
		uint16_t segment;
		uint16_t padding;
	} control;
	uint8_t packets[8 * SIZE];
	uint8_t got[2 * SIZE];
} *low;

static uint32_t ptr32(const void *pointer)
{
	CHECK((uintptr_t)pointer <= UINT32_MAX);
	return (uintptr_t)pointer;
}

static long syscall32(int nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e)
{
	int result;

	asm volatile("int $0x80" : "=a" (result)
		     : "a" (nr), "b" (a), "c" (b), "d" (c), "S" (d), "D" (e)
		     : "memory", "cc", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

static void begin(struct call *call, enum family family)
{
	low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	CHECK(low != MAP_FAILED);
	call_prepare(call, family, SRTP_ROLE_RTP);
	call_connect(call);
}

static long attach32(int fd, enum family family, uint32_t session)
{
	low->at = (struct srtp_attach){ .session = session, .role = SRTP_ROLE_RTP };
	return syscall32(NR_SETSOCKOPT, fd, level(family), SRTP_SESSION, ptr32(&low->at),
			 sizeof(low->at));
}

static void test_options(enum family family)
{
	struct call call;

	begin(&call, family);
	ERRNO(attach32(call.sock[LEFT], family, 999999), ENOENT);
	MUST(attach32(call.sock[LEFT], family, call.session[LEFT]));
	low->len = sizeof(low->info);
	MUST(syscall32(NR_GETSOCKOPT, call.sock[LEFT], level(family), SRTP_INFO,
		       ptr32(&low->info), ptr32(&low->len)));
	EQUAL(low->len, sizeof(low->info));
	EQUAL(low->info.session, call.session[LEFT]);
	EQUAL(low->info.role, SRTP_ROLE_RTP);
	EQUAL(low->info.session_cookie, info_of(call.sock[LEFT], family).session_cookie);
	/* those of the kernel that are ours now */
	low->len = sizeof(int);
	MUST(syscall32(NR_GETSOCKOPT, call.sock[LEFT], on_ipv4(family) ? SOL_IP : SOL_IPV6,
		       on_ipv4(family) ? IP_MTU : IPV6_MTU, ptr32(&low->value),
		       ptr32(&low->len)));
	EQUAL(low->value, 1500 - SRTP_TRAILER);
	low->value = 1;
	MUST(syscall32(NR_SETSOCKOPT, call.sock[LEFT], SOL_UDP, UDP_CORK, ptr32(&low->value),
		       sizeof(int)));
	low->value = 0;
	MUST(syscall32(NR_GETSOCKOPT, call.sock[LEFT], SOL_UDP, UDP_CORK, ptr32(&low->value),
		       ptr32(&low->len)));
	EQUAL(low->value, 1);
	MUST(attach32(call.sock[LEFT], family, 0));
	ERRNO(attach32(call.sock[LEFT], family, 0), EALREADY);
}

static void test_packets(enum family family)
{
	struct call call;
	int i;

	begin(&call, family);
	MUST(attach32(call.sock[LEFT], family, call.session[LEFT]));
	MUST(attach32(call.sock[RIGHT], family, call.session[RIGHT]));
	for (i = 0; i < 8; i++)
		rtp_simple(low->packets + i * SIZE, SIZE, SSRC, i);
	low->part = (struct iovec32){ ptr32(low->packets), 8 * SIZE };
	low->control.header = (struct cmsghdr32){
		.len = sizeof(low->control.header) + sizeof(uint16_t),
		.level = SOL_UDP, .type = UDP_SEGMENT,
	};
	low->control.segment = SIZE;
	low->message = (struct msghdr32){
		.iov = ptr32(&low->part), .iovlen = 1,
		.control = ptr32(&low->control), .controllen = sizeof(low->control),
	};
	EQUAL(syscall32(NR_SENDMSG, call.sock[LEFT], ptr32(&low->message), 0, 0, 0), 8 * SIZE);
	for (i = 0; i < 8; i++) {
		low->part = (struct iovec32){ ptr32(low->got), sizeof(low->got) };
		low->message = (struct msghdr32){ .iov = ptr32(&low->part), .iovlen = 1 };
		EQUAL(syscall32(NR_RECVMSG, call.sock[RIGHT], ptr32(&low->message), 0, 0, 0),
		      SIZE);
		SAME(low->got, (size_t)SIZE, low->packets + i * SIZE, (size_t)SIZE);
	}
	rtp_simple(low->packets, SIZE, SSRC, 8);
	EQUAL(syscall32(NR_SENDTO, call.sock[LEFT], ptr32(low->packets), SIZE, 0, 0), SIZE);
	receive_exactly(call.sock[RIGHT], low->packets, SIZE);
	wire_check(&call, 9);
}

static const struct test tests[] = {
	{ "32-bit program: attach, SRTP_INFO, MTU, cork, detach", test_options, EVERY },
	{ "32-bit program: sendmsg with UDP_SEGMENT, recvmsg, send", test_packets, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
