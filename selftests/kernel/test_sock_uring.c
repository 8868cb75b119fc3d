// SPDX-License-Identifier: GPL-2.0
/*
 * io_uring reaches the socket by ways of its own.
 */
#include "srtptest.h"

#include <liburing.h>
#include <netinet/udp.h>
#include <sys/mman.h>

#define SIZE	172
#define BATCH	16

static uint8_t *packet;
static struct io_uring ring;

static uint8_t *nth(unsigned int n)
{
	rtp_simple(packet, SIZE, SSRC, n);
	return packet;
}

static void begin(struct call *call, enum family family)
{
	call_begin(call, family, SRTP_ROLE_RTP);
	call_connect(call);
	/* memory that can be registered, so of no file */
	packet = mmap(NULL, PACKET_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	CHECK(packet != MAP_FAILED);
	EQUAL(io_uring_queue_init(4 * BATCH, &ring, 0), 0);
}

static struct io_uring_sqe *entry(void)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	CHECK(sqe);
	return sqe;
}

/* Submits and waits for one result. */
static struct io_uring_cqe result(void)
{
	struct __kernel_timespec bound = { .tv_sec = 10 };
	struct io_uring_cqe *cqe, copy;

	CHECK(io_uring_submit(&ring) >= 0);
	EQUAL(io_uring_wait_cqe_timeout(&ring, &cqe, &bound), 0);
	copy = *cqe;
	io_uring_cqe_seen(&ring, cqe);
	return copy;
}

static void test_send(enum family family)
{
	struct call call;
	int i;

	begin(&call, family);
	for (i = 0; i < BATCH; i++) {
		io_uring_prep_send(entry(), call.sock[LEFT], nth(i), SIZE, 0);
		EQUAL(result().res, SIZE);
		receive_exactly(call.sock[RIGHT], packet, SIZE);
	}
	wire_check(&call, BATCH);
}

/* Handed to a worker thread of the kernel's. */
static void test_send_async(enum family family)
{
	struct io_uring_sqe *sqe;
	struct call call;

	begin(&call, family);
	sqe = entry();
	io_uring_prep_send(sqe, call.sock[LEFT], nth(1), SIZE, 0);
	sqe->flags |= IOSQE_ASYNC;
	EQUAL(result().res, SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

static void test_sendmsg(enum family family)
{
	struct iovec parts[2];
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	struct call call;

	begin(&call, family);
	parts[0] = (struct iovec){ packet, 70 };
	parts[1] = (struct iovec){ packet + 70, SIZE - 70 };
	nth(1);
	message.msg_name = &call.at[RIGHT];
	message.msg_namelen = address_len(&call.at[RIGHT]);
	io_uring_prep_sendmsg(entry(), call.sock[LEFT], &message, 0);
	EQUAL(result().res, SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

static void test_batch(enum family family)
{
	static uint8_t sent[BATCH][SIZE];
	struct call call;
	int i;

	begin(&call, family);
	for (i = 0; i < BATCH; i++) {
		rtp_simple(sent[i], SIZE, SSRC, i);
		io_uring_prep_send(entry(), call.sock[LEFT], sent[i], SIZE, 0);
	}
	for (i = 0; i < BATCH; i++)
		EQUAL(result().res, SIZE);
	for (i = 0; i < BATCH; i++)
		receive_exactly(call.sock[RIGHT], sent[i], SIZE);
	wire_check(&call, BATCH);
}

static void test_errors(enum family family)
{
	struct call call;

	begin(&call, family);
	io_uring_prep_send(entry(), call.sock[LEFT], nth(1), 5, 0);
	EQUAL(result().res, -EINVAL);
	packet[0] = 0x40;
	io_uring_prep_send(entry(), call.sock[LEFT], packet, SIZE, 0);
	EQUAL(result().res, -EPROTO);
	session_del(LEFT, call.session[LEFT]);
	io_uring_prep_send(entry(), call.sock[LEFT], nth(1), SIZE, 0);
	EQUAL(result().res, -ENOKEY);
	wire_check(&call, 0);
}

/* Two results: the octets sent, and that the pages are free. */
static void zero_copy_results(size_t len)
{
	struct io_uring_cqe cqe = result();

	EQUAL(cqe.res, len);
	CHECK(cqe.flags & IORING_CQE_F_MORE);
	cqe = result();
	CHECK(cqe.flags & IORING_CQE_F_NOTIF);
}

static void test_send_zc(enum family family)
{
	struct call call;
	int i;

	begin(&call, family);
	for (i = 0; i < BATCH; i++) {
		io_uring_prep_send_zc(entry(), call.sock[LEFT], nth(i), SIZE, 0, 0);
		zero_copy_results(SIZE);
		SAME(packet, SIZE, nth(i), SIZE);
		receive_exactly(call.sock[RIGHT], packet, SIZE);
	}
	wire_check(&call, BATCH);
}

static void test_send_zc_fixed(enum family family)
{
	struct iovec buffer = { .iov_len = PACKET_MAX };
	struct call call;
	int i;

	begin(&call, family);
	buffer.iov_base = packet;
	EQUAL(io_uring_register_buffers(&ring, &buffer, 1), 0);
	for (i = 0; i < BATCH; i++) {
		io_uring_prep_send_zc_fixed(entry(), call.sock[LEFT], nth(i), SIZE, 0, 0, 0);
		zero_copy_results(SIZE);
		SAME(packet, SIZE, nth(i), SIZE);
		receive_exactly(call.sock[RIGHT], packet, SIZE);
	}
	wire_check(&call, BATCH);
}

static void test_sendmsg_zc(enum family family)
{
	struct iovec parts[2];
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	struct call call;

	begin(&call, family);
	parts[0] = (struct iovec){ packet, 70 };
	parts[1] = (struct iovec){ packet + 70, SIZE - 70 };
	nth(1);
	io_uring_prep_sendmsg_zc(entry(), call.sock[LEFT], &message, 0);
	zero_copy_results(SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

static void test_send_zc_refused(enum family family)
{
	struct io_uring_cqe cqe;
	struct call call;

	begin(&call, family);
	session_del(LEFT, call.session[LEFT]);
	io_uring_prep_send_zc(entry(), call.sock[LEFT], nth(1), SIZE, 0, 0);
	cqe = result();
	EQUAL(cqe.res, -ENOKEY);
	if (cqe.flags & IORING_CQE_F_MORE)
		CHECK(result().flags & IORING_CQE_F_NOTIF);
	wire_check(&call, 0);
}

static void test_recv(enum family family)
{
	struct call call;

	begin(&call, family);
	/* asked before anything came, so it is woken */
	io_uring_prep_recv(entry(), call.sock[RIGHT], packet + 1000, SIZE + 20, 0);
	CHECK(io_uring_submit(&ring) == 1);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	EQUAL(result().res, SIZE);
	SAME(packet + 1000, SIZE, packet, SIZE);
}

static void test_recvmsg(enum family family)
{
	struct iovec part = { .iov_len = SIZE + 20 };
	union address from = {};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_name = &from, .msg_namelen = sizeof(from),
	};
	struct call call;

	begin(&call, family);
	part.iov_base = packet + 1000;
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	io_uring_prep_recvmsg(entry(), call.sock[RIGHT], &message, 0);
	EQUAL(result().res, SIZE);
	SAME(packet + 1000, SIZE, packet, SIZE);
	EQUAL(port_of(&from), LEFT_PORT);
}

static void test_fixed_file(enum family family)
{
	struct io_uring_sqe *sqe;
	struct call call;

	begin(&call, family);
	EQUAL(io_uring_register_files(&ring, &call.sock[LEFT], 1), 0);
	close(call.sock[LEFT]);
	sqe = entry();
	io_uring_prep_send(sqe, 0, nth(1), SIZE, 0);
	sqe->flags |= IOSQE_FIXED_FILE;
	EQUAL(result().res, SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

static void test_splice(enum family family)
{
	struct call call;
	int pipes[2];

	begin(&call, family);
	MUST(pipe(pipes));
	EQUAL(write(pipes[1], nth(1), SIZE), SIZE);
	io_uring_prep_splice(entry(), pipes[0], -1, call.sock[LEFT], -1, SIZE, 0);
	EQUAL(result().res, SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

static void test_write(enum family family)
{
	struct iovec buffer = { .iov_len = PACKET_MAX };
	struct call call;

	begin(&call, family);
	buffer.iov_base = packet;
	io_uring_prep_write(entry(), call.sock[LEFT], nth(1), SIZE, 0);
	EQUAL(result().res, SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	EQUAL(io_uring_register_buffers(&ring, &buffer, 1), 0);
	io_uring_prep_write_fixed(entry(), call.sock[LEFT], nth(2), SIZE, 0, 0);
	EQUAL(result().res, SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 2);
}

static const struct test tests[] = {
	{ "io_uring: send", test_send, EVERY },
	{ "io_uring: send by a worker thread", test_send_async, EVERY },
	{ "io_uring: sendmsg", test_sendmsg, EVERY },
	{ "io_uring: 16 sends in one submission", test_batch, EVERY },
	{ "io_uring: EINVAL, EPROTO and ENOKEY, nothing on the wire", test_errors, EVERY },
	{ "io_uring: send_zc, both results, caller's pages untouched", test_send_zc, EVERY },
	{ "io_uring: send_zc from registered buffers", test_send_zc_fixed, EVERY },
	{ "io_uring: sendmsg_zc", test_sendmsg_zc, EVERY },
	{ "io_uring: send_zc without a key", test_send_zc_refused, EVERY },
	{ "io_uring: recv that waits", test_recv, EVERY },
	{ "io_uring: recvmsg", test_recvmsg, EVERY },
	{ "io_uring: send through a registered file whose descriptor is closed",
	  test_fixed_file, EVERY },
	{ "io_uring: splice", test_splice, EVERY },
	{ "io_uring: write, and write from a registered buffer", test_write, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
