// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams in several pieces, and octets that never were in the caller's
 * memory: MSG_MORE, UDP_CORK, sendfile, splice, vmsplice. Whatever the pieces,
 * one call of SRTP protects the whole packet, and no piece leaves in clear.
 */
#include "srtptest.h"

#include <fcntl.h>
#include <netinet/udp.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#define SIZE	172

static uint8_t packet[PACKET_MAX];

static uint8_t *nth(unsigned int n)
{
	rtp_simple(packet, SIZE, SSRC, n);
	return packet;
}

static void begin(struct call *call, enum family family)
{
	call_begin(call, family, SRTP_ROLE_RTP);
	call_connect(call);
}

static void cork(struct call *call, int on)
{
	set_int(call->sock[LEFT], SOL_UDP, UDP_CORK, on);
}

static void test_more(enum family family)
{
	struct call call;
	size_t at;

	begin(&call, family);
	nth(1);
	for (at = 0; at < SIZE; at += 43) {
		nothing_to_receive(call.sock[RIGHT]);
		EQUAL(send(call.sock[LEFT], packet + at, 43, at + 43 < SIZE ? MSG_MORE : 0), 43);
	}
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

static void test_more_unconnected(enum family family)
{
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	nth(1);
	EQUAL(sendto(call.sock[LEFT], packet, 50, MSG_MORE, &call.at[RIGHT].any,
		     address_len(&call.at[RIGHT])), 50);
	EQUAL(send(call.sock[LEFT], packet + 50, SIZE - 50, 0), SIZE - 50);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
	/* and the next one needs its address again */
	ERRNO(send(call.sock[LEFT], nth(2), SIZE, 0), EDESTADDRREQ);
}

static void test_cork(enum family family)
{
	struct call call;
	size_t at;
	int i;

	begin(&call, family);
	for (i = 0; i < 5; i++) {
		cork(&call, 1);
		nth(i);
		for (at = 0; at < SIZE; at += 4)
			EQUAL(send(call.sock[LEFT], packet + at, 4, 0), 4);
		wire_check(&call, i);
		nothing_to_receive(call.sock[RIGHT]);
		cork(&call, 0);
		receive_exactly(call.sock[RIGHT], packet, SIZE);
	}
	wire_check(&call, 5);
	cork(&call, 1);
	cork(&call, 0);
	wire_check(&call, 5);
}

static void test_cork_reads_back(enum family family)
{
	socklen_t len = sizeof(int);
	struct call call;
	int value;

	begin(&call, family);
	MUST(getsockopt(call.sock[LEFT], SOL_UDP, UDP_CORK, &value, &len));
	EQUAL(value, 0);
	cork(&call, 1);
	MUST(getsockopt(call.sock[LEFT], SOL_UDP, UDP_CORK, &value, &len));
	EQUAL(value, 1);
	cork(&call, 0);
}

/* What is corked is lost, not sent in clear and not sent at all. */
static void test_cork_then_close(enum family family)
{
	struct call call;

	begin(&call, family);
	cork(&call, 1);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	close(call.sock[LEFT]);
	wire_check(&call, 0);
}

static void test_cork_then_detach(enum family family)
{
	struct call call;

	begin(&call, family);
	cork(&call, 1);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	MUST(try_detach(call.sock[LEFT], family));
	wire_check(&call, 0);
	set_int(call.sock[LEFT], SOL_UDP, UDP_CORK, 0);
	wire_check(&call, 0);
}

static void test_cork_then_delete(enum family family)
{
	int off = 0;
	struct call call;

	begin(&call, family);
	cork(&call, 1);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	session_del(LEFT, call.session[LEFT]);
	ERRNO(setsockopt(call.sock[LEFT], SOL_UDP, UDP_CORK, &off, sizeof(off)), ENOKEY);
	wire_check(&call, 0);
}

static void test_cork_bad_packet(enum family family)
{
	struct call call;
	int off = 0;

	begin(&call, family);
	cork(&call, 1);
	EQUAL(send(call.sock[LEFT], nth(1), RTP_HEADER - 1, 0), RTP_HEADER - 1);
	ERRNO(setsockopt(call.sock[LEFT], SOL_UDP, UDP_CORK, &off, sizeof(off)), EINVAL);
	wire_check(&call, 0);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

static void test_cork_too_much(enum family family)
{
	struct call call;
	ssize_t len = 0;
	int n;

	begin(&call, family);
	set_mtu(65535);
	set_int(call.sock[LEFT], SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20);
	cork(&call, 1);
	rtp_simple(packet, 60000, SSRC, 1);
	for (n = 0; n < 10 && len >= 0; n++)
		len = send(call.sock[LEFT], packet, 60000, 0);
	EQUAL(len, -1);
	EQUAL(errno, EMSGSIZE);
	EQUAL(n, 2);
	/* plain sockets lose what was corked, or send the first part */
	setsockopt(call.sock[LEFT], SOL_UDP, UDP_CORK, &(int){ 0 }, sizeof(int));
	capture_flush(&call.wire);
	wire_check(&call, call.wire.count);
}

static int file_of(size_t len)
{
	int fd = MUST(memfd_create("packet", MFD_CLOEXEC));

	EQUAL(write(fd, packet, len), len);
	MUST(lseek(fd, 0, SEEK_SET));
	return fd;
}

static void sendfile_of(enum family family, size_t len)
{
	struct call call;
	int fd;

	begin(&call, family);
	rtp_simple(packet, len, SSRC, 1);
	fd = file_of(len);
	EQUAL(sendfile(call.sock[LEFT], fd, NULL, len), len);
	receive_exactly(call.sock[RIGHT], packet, len);
	/* the file must be as it was: nothing was encrypted in its pages */
	EQUAL(pread(fd, packet + 32768, len, 0), len);
	SAME(packet + 32768, len, packet, len);
	wire_check(&call, len <= 1462 ? 1 : 0);
}

static void test_sendfile(enum family family)
{
	sendfile_of(family, SIZE);
}

static void test_sendfile_pages(enum family family)
{
	sendfile_of(family, 9000);
}

/* With an offset the pieces begin in the middle of a page. */
static void test_sendfile_offset(enum family family)
{
	off_t offset = 4000;
	struct call call;
	int fd;

	begin(&call, family);
	memset(packet, 'x', offset);
	rtp_simple(packet + offset, 1200, SSRC, 1);
	fd = file_of(offset + 1200);
	EQUAL(sendfile(call.sock[LEFT], fd, &offset, 1200), 1200);
	EQUAL(offset, 5200);
	receive_exactly(call.sock[RIGHT], packet + 4000, 1200);
	wire_check(&call, 1);
}

/* What the next read gives after a sendfile that runs into the file's end: the
 * packet, or with older kernels nothing yet, as it waits for its other pieces.
 */
static size_t sendfile_past_end(int from, int to)
{
	static uint8_t got[PACKET_MAX];
	int fd;

	nth(1);
	fd = file_of(SIZE);
	EQUAL(sendfile(from, fd, NULL, 5000), SIZE);
	EQUAL(send(from, nth(2), SIZE, 0), SIZE);
	return receive(to, got, sizeof(got));
}

static void test_sendfile_short(enum family family)
{
	int from = bound_socket(LEFT, family, LEFT_PORT + 2);
	int to = bound_socket(RIGHT, family, RIGHT_PORT + 2);
	union address at = address_of(RIGHT, family, RIGHT_PORT + 2);
	struct call call;
	size_t plain;

	connect_to(from, &at);
	plain = sendfile_past_end(from, to);
	begin(&call, family);
	EQUAL(sendfile_past_end(call.sock[LEFT], call.sock[RIGHT]), plain);
	wire_check(&call, plain == SIZE ? 2 : 1);
}

static void test_sendfile_no_key(enum family family)
{
	struct call call;

	begin(&call, family);
	session_del(LEFT, call.session[LEFT]);
	nth(1);
	ERRNO(sendfile(call.sock[LEFT], file_of(SIZE), NULL, SIZE), ENOKEY);
	wire_check(&call, 0);
}

/* Its payload stays the page cache's: the receiver must not decrypt there. */
static void test_sendfile_cork(enum family family)
{
	struct call call;
	int fd;

	begin(&call, family);
	nth(1);
	fd = file_of(SIZE);
	cork(&call, 1);
	EQUAL(sendfile(call.sock[LEFT], fd, NULL, 100), 100);
	EQUAL(send(call.sock[LEFT], packet + 100, SIZE - 100, 0), SIZE - 100);
	wire_check(&call, 0);
	cork(&call, 0);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

static void test_splice(enum family family)
{
	struct call call;
	int pipes[2];
	size_t len;

	begin(&call, family);
	MUST(pipe(pipes));
	for (len = SIZE; len < 9000; len += 1471) {
		rtp_simple(packet, len, SSRC, len);
		EQUAL(write(pipes[1], packet, len), len);
		EQUAL(splice(pipes[0], NULL, call.sock[LEFT], NULL, len, 0), len);
		receive_exactly(call.sock[RIGHT], packet, len);
	}
	wire_check(&call, 1);
	CHECK(call.wire.fragments);
}

static void test_splice_more(enum family family)
{
	struct call call;
	int pipes[2];

	begin(&call, family);
	MUST(pipe(pipes));
	nth(1);
	EQUAL(write(pipes[1], packet, SIZE), SIZE);
	EQUAL(splice(pipes[0], NULL, call.sock[LEFT], NULL, 60, SPLICE_F_MORE), 60);
	wire_check(&call, 0);
	EQUAL(splice(pipes[0], NULL, call.sock[LEFT], NULL, SIZE - 60, 0), SIZE - 60);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

static void test_vmsplice(enum family family)
{
	struct iovec parts[3];
	struct call call;
	uint8_t *pages;
	int pipes[2];

	begin(&call, family);
	MUST(pipe(pipes));
	pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(pages != MAP_FAILED);
	rtp_simple(packet, 1200, SSRC, 1);
	memcpy(pages + 4000, packet, 96);
	memcpy(pages + 4096, packet + 96, 1000);
	memcpy(pages + 8192, packet + 1096, 104);
	parts[0] = (struct iovec){ pages + 4000, 96 };
	parts[1] = (struct iovec){ pages + 4096, 1000 };
	parts[2] = (struct iovec){ pages + 8192, 104 };
	EQUAL(vmsplice(pipes[1], parts, 3, 0), 1200);
	EQUAL(splice(pipes[0], NULL, call.sock[LEFT], NULL, 1200, 0), 1200);
	receive_exactly(call.sock[RIGHT], packet, 1200);
	SAME(pages + 4096, 1000, packet + 96, 1000);
	wire_check(&call, 1);
}

static const struct test tests[] = {
	{ "MSG_MORE: pieces become one SRTP packet", test_more, EVERY },
	{ "MSG_MORE: the first piece's address counts, for one packet",
	  test_more_unconnected, EVERY },
	{ "UDP_CORK: nothing leaves until uncorked, then one SRTP packet", test_cork, EVERY },
	{ "UDP_CORK: getsockopt tells", test_cork_reads_back, EVERY },
	{ "UDP_CORK then close: nothing is sent", test_cork_then_close, EVERY },
	{ "UDP_CORK then detach: nothing is sent", test_cork_then_detach, EVERY },
	{ "UDP_CORK then session-del: nothing is sent, ENOKEY", test_cork_then_delete, EVERY },
	{ "UDP_CORK: a malformed packet is refused when uncorked", test_cork_bad_packet, EVERY },
	{ "UDP_CORK: more than a datagram gives EMSGSIZE", test_cork_too_much, EVERY },
	{ "sendfile of a small packet", test_sendfile, EVERY },
	{ "sendfile over several pages is one packet, the file stays as it was",
	  test_sendfile_pages, EVERY },
	{ "sendfile from the middle of a page", test_sendfile_offset, EVERY },
	{ "sendfile past the file's end does as on a plain socket", test_sendfile_short, EVERY },
	{ "sendfile without a key sends nothing, ENOKEY", test_sendfile_no_key, EVERY },
	{ "sendfile into a corked socket", test_sendfile_cork, EVERY },
	{ "splice from a pipe, 172 to 9000 octets", test_splice, EVERY },
	{ "splice with SPLICE_F_MORE", test_splice_more, EVERY },
	{ "vmsplice of three pages", test_vmsplice, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
