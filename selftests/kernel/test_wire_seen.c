// SPDX-License-Identifier: GPL-2.0
// ktap-not-kcsan: it has no BPF
// ktap-not-kasan: it has no BPF
/*
 * Who sees what: packet sockets, other receivers of a multicast group and
 * whoever chooses among sockets see ciphertext; filters of the socket itself
 * and of its control group see plaintext of what was received, and ciphertext
 * of what is sent.
 */
#include "srtptest.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <net/if.h>
#include <sys/syscall.h>

#define SIZE		172
#define GROUP_PORT	7004
/* octets 12 to 15 of an RTP packet of the tests: the mark's beginning */
#define MARK_WORD	0x4b535254

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX];

static uint8_t *nth(unsigned int n)
{
	rtp_simple(packet, SIZE, SSRC, n);
	return packet;
}

/* The application reads first, so the packet was decrypted by then. */
static void test_packet_socket(enum family family)
{
	struct capture more[2];
	struct call call;
	size_t i, len;

	call_begin(&call, family, SRTP_ROLE_RTP);
	capture_open(&more[0], RIGHT, "right");
	capture_open(&more[1], LEFT, "left");
	for (i = 0; i < 50; i++)
		call_pass(&call, LEFT, nth(i), SIZE);
	wire_check(&call, 50);
	for (i = 0; i < 100; i++) {
		if (i % 50 == 0)
			capture_flush(&more[i / 50]);
		len = reference_rtp(&call.reference[LEFT], 0, nth(i % 50), SIZE, wire);
		EQUAL(more[i / 50].count, 50);
		SAME(more[i / 50].datagrams[i % 50].data, more[i / 50].datagrams[i % 50].len,
		     wire, len);
	}
}

/* The same over lo, where sender and receiver share the octets. */
static void test_packet_socket_lo(enum family family)
{
	union address to = address_of(LEFT, family, RIGHT_PORT);
	struct capture lo;
	uint32_t session;
	struct call call;
	size_t i, len;
	int sock;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	call_attach(&call, LEFT);
	session = session_new(LEFT);
	stream_any(LEFT, session, SRTP_DIRECTION_RX, &master_b3);
	sock = bound_socket(LEFT, family, RIGHT_PORT);
	attach(sock, family, session, SRTP_ROLE_RTP);
	capture_open(&lo, LEFT, "lo");
	for (i = 0; i < 50; i++) {
		EQUAL(send_to(call.sock[LEFT], nth(i), SIZE, &to), SIZE);
		receive_exactly(sock, packet, SIZE);
	}
	capture_flush(&lo);
	CHECK(!lo.marked);
	EQUAL(lo.count, 50);
	for (i = 0; i < 50; i++) {
		len = reference_rtp(&call.reference[LEFT], 0, nth(i), SIZE, wire);
		SAME(lo.datagrams[i].data, lo.datagrams[i].len, wire, len);
	}
}

static union address group_of(enum family family)
{
	union address group = address_of(LEFT, family, GROUP_PORT);

	if (family == IPV4) {
		group.v4.sin_addr.s_addr = htonl(0xef090101);
	} else if (family == MAPPED) {
		group.v6.sin6_addr.s6_addr32[3] = htonl(0xef090101);
	} else {
		memset(&group.v6.sin6_addr, 0, 16);
		group.v6.sin6_addr.s6_addr16[0] = htons(0xff15);
		group.v6.sin6_addr.s6_addr[15] = 77;
	}
	return group;
}

static int member(enum side side, enum family family)
{
	struct ipv6_mreq six = {};
	struct ip_mreqn four = { .imr_multiaddr.s_addr = htonl(0xef090101) };
	union address group = group_of(family), any = group;
	int fd = udp_socket(side, family), index;

	net_enter(side);
	index = if_nametoindex(side == LEFT ? "left" : "right");
	net_enter(LEFT);
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (family == IPV4)
		any.v4.sin_addr.s_addr = 0;
	else
		memset(&any.v6.sin6_addr, 0, 16);
	bind_to(fd, &any);
	if (family == IPV6) {
		six.ipv6mr_multiaddr = group.v6.sin6_addr;
		six.ipv6mr_interface = index;
		MUST(setsockopt(fd, SOL_IPV6, IPV6_JOIN_GROUP, &six, sizeof(six)));
		set_int(fd, SOL_IPV6, IPV6_MULTICAST_IF, index);
	} else {
		four.imr_ifindex = index;
		MUST(setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &four, sizeof(four)));
		MUST(setsockopt(fd, SOL_IP, IP_MULTICAST_IF, &four, sizeof(four)));
	}
	return fd;
}

/* Each member sends and receives under the group's key. */
static uint32_t group_session(enum side side)
{
	uint32_t session = session_new(side);

	stream_any(side, session, SRTP_DIRECTION_TX, &master_b3);
	stream_any(side, session, SRTP_DIRECTION_RX, &master_b3);
	return session;
}

static void test_multicast_group(enum family family)
{
	union address group = group_of(family);
	int fd[SIDES], plain, i;
	struct capture capture;
	enum side side;
	uint8_t got[SIZE + 20];

	for (side = LEFT; side < SIDES; side++) {
		fd[side] = member(side, family);
		attach(fd[side], family, group_session(side), SRTP_ROLE_RTP);
	}
	plain = member(RIGHT, family);
	capture_open(&capture, RIGHT, "right");
	for (i = 0; i < 20; i++) {
		side = i & 1;
		rtp_simple(packet, SIZE, SSRC + side, i);
		EQUAL(send_to(fd[side], packet, SIZE, &group), SIZE);
		receive_exactly(fd[!side], packet, SIZE);
		/* the copy of one's own is dropped */
		WAIT_FOR(stat_of(fd[side], family, SRTP_A_STATS_RX_OWN_SSRC) ==
			 (uint64_t)i / 2 + 1, 10);
		nothing_to_receive(fd[side]);
		/* and whoever is not attached sees the wire's octets, intact */
		EQUAL(receive(plain, got, sizeof(got)), SIZE + SRTP_TRAILER);
		capture_flush(&capture);
		SAME(got, SIZE + SRTP_TRAILER, capture.datagrams[capture.count - 1].data,
		     capture.datagrams[capture.count - 1].len);
	}
	CHECK(!capture.marked);
	nothing_to_receive(plain);
}

/* Two sessions of one host, each gets its own copy of a packet. */
static void test_multicast_two_sessions(enum family family)
{
	union address group = group_of(family);
	int fd[4], sender, i, n;

	sender = member(LEFT, family);
	attach(sender, family, group_session(LEFT), SRTP_ROLE_RTP);
	for (i = 0; i < 4; i++) {
		fd[i] = member(RIGHT, family);
		if (i < 3)
			attach(fd[i], family, group_session(RIGHT), SRTP_ROLE_RTP);
	}
	for (n = 0; n < 20; n++) {
		EQUAL(send_to(sender, nth(n), SIZE, &group), SIZE);
		for (i = 0; i < 3; i++)
			receive_exactly(fd[i], packet, SIZE);
		EQUAL(receive(fd[3], wire, sizeof(wire)), SIZE + SRTP_TRAILER);
		CHECK(!has_mark(wire, SIZE));
	}
}

static void filter(int fd, int option, struct sock_filter *code, size_t len)
{
	struct sock_fprog program = { .len = len, .filter = code };

	MUST(setsockopt(fd, SOL_SOCKET, option, &program, sizeof(program)));
}

/* A filter of the socket begins at the UDP header. */
static void test_socket_filter(enum family family)
{
	struct sock_filter wants_plaintext[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 8 + RTP_HEADER),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARK_WORD, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter wants_nothing[] = {
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct call call;
	uint64_t drops;

	call_begin(&call, family, SRTP_ROLE_RTP);
	filter(call.sock[RIGHT], SO_ATTACH_FILTER, wants_plaintext, 4);
	call_pass(&call, LEFT, nth(1), SIZE);
	nth(2);
	packet[RTP_HEADER] = 'x';
	drops = drops_of(RIGHT, family, RIGHT_PORT);
	call_send(&call, LEFT, packet, SIZE);
	WAIT_FOR(drops_of(RIGHT, family, RIGHT_PORT) == drops + 1, 10);
	nothing_to_receive(call.sock[RIGHT]);
	filter(call.sock[RIGHT], SO_ATTACH_FILTER, wants_nothing, 1);
	call_send(&call, LEFT, nth(3), SIZE);
	WAIT_FOR(drops_of(RIGHT, family, RIGHT_PORT) == drops + 2, 10);
	nothing_to_receive(call.sock[RIGHT]);
}

/* Workers with one port and one session: one window, all packets once. */
static void test_reuseport(enum family family)
{
	size_t i, n, got[2] = {};
	struct call call;
	int worker[2];

	call_begin(&call, family, SRTP_ROLE_RTP);
	close(call.sock[RIGHT]);
	for (i = 0; i < 2; i++) {
		worker[i] = udp_socket(RIGHT, family);
		set_int(worker[i], SOL_SOCKET, SO_REUSEPORT, 1);
		bind_to(worker[i], &call.at[RIGHT]);
		attach(worker[i], family, call.session[RIGHT], SRTP_ROLE_RTP);
	}
	/* each sender's port is another flow; all are one stream */
	for (n = 0; n < 64; n++) {
		int sender = bound_socket(LEFT, family, 20000 + n);

		attach(sender, family, call.session[LEFT], SRTP_ROLE_RTP);
		EQUAL(send_to(sender, nth(n), SIZE, &call.at[RIGHT]), SIZE);
		/* the same again is a replay, whichever worker gets it */
		EQUAL(send_to(call.sock[LEFT], nth(n), SIZE, &call.at[RIGHT]), SIZE);
		close(sender);
	}
	wire_check(&call, 128);
	for (i = 0; i < 2; i++) {
		while (recv(worker[i], wire, sizeof(wire), MSG_DONTWAIT) == SIZE) {
			rtp_simple(packet, SIZE, SSRC, seq_of(wire));
			SAME(wire, (size_t)SIZE, packet, (size_t)SIZE);
			got[i]++;
		}
	}
	EQUAL(got[0] + got[1], 64);
	CHECK(got[0] && got[1]);
	EQUAL(stat_of(worker[0], family, SRTP_A_STATS_RX_REPLAYED) +
	      stat_of(worker[1], family, SRTP_A_STATS_RX_REPLAYED), 64);
}

/* Who chooses the worker sees the wire's octets, from the RTP header on. */
static void test_reuseport_program(enum family family)
{
	struct sock_filter by_payload[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, RTP_HEADER),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct call call;
	int worker[2];
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	close(call.sock[RIGHT]);
	for (i = 0; i < 2; i++) {
		worker[i] = udp_socket(RIGHT, family);
		set_int(worker[i], SOL_SOCKET, SO_REUSEPORT, 1);
		bind_to(worker[i], &call.at[RIGHT]);
		attach(worker[i], family, call.session[RIGHT], SRTP_ROLE_RTP);
	}
	filter(worker[0], SO_ATTACH_REUSEPORT_CBPF, by_payload, 3);
	for (i = 0; i < 50; i++) {
		call_send(&call, LEFT, nth(i), SIZE);
		reference_rtp(&call.reference[LEFT], 0, packet, SIZE, wire);
		receive_exactly(worker[wire[RTP_HEADER] & 1], packet, SIZE);
	}
}

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

#define INSN(op, to, from, offset, value) \
	{ .code = (op), .dst_reg = (to), .src_reg = (from), .off = (offset), .imm = (value) }

/* A program of a control group that lets pass what has this word of payload,
 * or what has not. It begins at the IP header.
 */
static int cgroup_program(int payload, bool equal, uint32_t word)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, payload),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 3, 10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 3, 0, 0, -8),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 4),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_skb_load_bytes),
		/* shorter packets pass */
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
		INSN(BPF_LDX | BPF_MEM | BPF_W, 1, 10, -8, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, !equal),
		INSN(BPF_JMP32 | BPF_JNE | BPF_K, 1, 0, 1, htonl(word)),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, equal),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SKB,
		.insn_cnt = ARRAY_SIZE(insns),
		.insns = (uintptr_t)insns,
		.license = (uintptr_t)"GPL",
	};

	return MUST(bpf(BPF_PROG_LOAD, &attr));
}

/* A group within the one that the test runs in. */
static int cgroup_enter(void)
{
	char own[256], path[512];
	FILE *file = fopen("/proc/self/cgroup", "r");

	CHECK(file);
	CHECK(fscanf(file, "0::%255s", own) == 1);
	fclose(file);
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/seen.%d", own, getpid());
	command("mkdir %s", path);
	command("echo %d >%s/cgroup.procs", getpid(), path);
	return MUST(open(path, O_RDONLY | O_DIRECTORY));
}

static void cgroup_attach(int group, int program, int type)
{
	union bpf_attr attr = {
		.target_fd = group, .attach_bpf_fd = program, .attach_type = type,
	};

	MUST(bpf(BPF_PROG_ATTACH, &attr));
}

static void test_cgroup(enum family family)
{
	const int payload = (family == IPV6 ? 40 : 20) + 8 + RTP_HEADER;
	struct call call;
	int group, i;

	group = cgroup_enter();
	/* the sockets belong to the group that they were made in */
	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < 3; i++)
		call_pass(&call, LEFT, nth(i), SIZE);
	/* outgoing packets with the mark would be refused: none has it */
	cgroup_attach(group, cgroup_program(payload, false, MARK_WORD), BPF_CGROUP_INET_EGRESS);
	for (i = 3; i < 6; i++)
		call_pass(&call, LEFT, nth(i), SIZE);
	/* received packets without the mark are refused: all have it */
	cgroup_attach(group, cgroup_program(payload, true, MARK_WORD), BPF_CGROUP_INET_INGRESS);
	for (i = 6; i < 9; i++)
		call_pass(&call, LEFT, nth(i), SIZE);
	nth(9);
	packet[RTP_HEADER] = 'x';
	call_send(&call, LEFT, packet, SIZE);
	call_pass(&call, LEFT, nth(10), SIZE);
	nothing_to_receive(call.sock[RIGHT]);
}

static const struct test tests[] = {
	{ "packet sockets see ciphertext, also when they look later",
	  test_packet_socket, EVERY },
	{ "packet sockets on lo see ciphertext", test_packet_socket_lo, EVERY },
	{ "multicast: members get each other's, not their own, plain listeners ciphertext",
	  test_multicast_group, EVERY },
	{ "multicast: three sessions on a host decrypt a copy each",
	  test_multicast_two_sessions, EVERY },
	{ "filter of the socket sees plaintext", test_socket_filter, EVERY },
	{ "SO_REUSEPORT: two workers, one session, each packet once", test_reuseport, EVERY },
	{ "program that chooses a reuseport worker sees ciphertext",
	  test_reuseport_program, EVERY },
	{ "programs of the control group: ciphertext outgoing, plaintext incoming",
	  test_cgroup, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
