// SPDX-License-Identifier: GPL-2.0
// ktap-not-kcsan: it has neither netfilter nor BPF
// ktap-not-kasan: it has neither netfilter nor BPF
/*
 * Who sees what, between the sockets and the wire: programs of tc and XDP, rules
 * of netfilter and the tracking of connections see ciphertext in both directions.
 *
 * Each is told to drop packets that begin with the payload's mark in clear, and
 * drops those of plain sockets, but none of attached ones.
 */
#include "srtptest.h"

#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sys/syscall.h>

#define SIZE		172
#define PLAIN_PORT	7006
/* octets 12 to 15 of an RTP packet of the tests: the mark's beginning */
#define MARK_WORD	0x4b535254

static uint8_t packet[PACKET_MAX];

static int ip_header(enum family family)
{
	return family == IPV6 ? 40 : 20;
}

/* Plain sockets: the packet without the mark arrives, the one with it never. */
static void check_drops(struct call *call)
{
	union address at = address_of(RIGHT, call->family, PLAIN_PORT);
	int to = bound_socket(RIGHT, call->family, PLAIN_PORT);
	int from = udp_socket(LEFT, call->family);

	rtp_simple(packet, SIZE, SSRC, 1);
	if (send_to(from, packet, SIZE, &at) < 0)
		EQUAL(errno, EPERM);	/* of a netfilter rule */
	packet[RTP_HEADER] = 'x';
	EQUAL(send_to(from, packet, SIZE, &at), SIZE);
	receive_exactly(to, packet, SIZE);
	capture_flush(&call->wire);
	nothing_to_receive(to);
	close(to);
	close(from);
}

static void check_passes(struct call *call)
{
	int i;

	for (i = 0; i < 5; i++) {
		rtp_simple(packet, SIZE, SSRC, i);
		call_pass(call, LEFT, packet, SIZE);
	}
}

static void tc_filter(enum side side, enum family family, const char *direction)
{
	const char *device = side == LEFT ? "left" : "right";

	net_enter(side);
	command("tc qdisc replace dev %s clsact && tc filter add dev %s %s protocol %s prio 1 "
		"u32 match u32 %#x 0xffffffff at %d action drop", device, device, direction,
		family == IPV6 ? "ipv6" : "ip", MARK_WORD, ip_header(family) + 8 + RTP_HEADER);
	net_enter(LEFT);
}

static void tc_clear(enum side side)
{
	net_enter(side);
	command("tc qdisc del dev %s clsact", side == LEFT ? "left" : "right");
	net_enter(LEFT);
}

static void test_tc(enum family family)
{
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	tc_filter(RIGHT, family, "ingress");
	check_drops(&call);
	check_passes(&call);
	tc_clear(RIGHT);
	tc_filter(LEFT, family, "egress");
	check_drops(&call);
	rtp_simple(packet, SIZE, SSRC, 100);
	call_pass(&call, LEFT, packet, SIZE);
	tc_clear(LEFT);
}

#define INSN(op, to, from, offset, value) \
	{ .code = (op), .dst_reg = (to), .src_reg = (from), .off = (offset), .imm = (value) }

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* Drops what has the mark's first word there; shorter packets pass. */
static int xdp_program(int at)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 1, 0, 0),
		INSN(BPF_LDX | BPF_MEM | BPF_W, 3, 1, 4, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 4, 2, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 4, 0, 0, at + 4),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS),
		INSN(BPF_JMP | BPF_JGT | BPF_X, 4, 3, 3, 0),
		INSN(BPF_LDX | BPF_MEM | BPF_W, 5, 2, at, 0),
		INSN(BPF_JMP32 | BPF_JNE | BPF_K, 5, 0, 1, htonl(MARK_WORD)),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_DROP),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insn_cnt = ARRAY_SIZE(insns),
		.insns = (uintptr_t)insns,
		.license = (uintptr_t)"GPL",
	};

	return MUST(bpf(BPF_PROG_LOAD, &attr));
}

static int xdp_attach(int program)
{
	union bpf_attr attr = {};
	int link;

	net_enter(RIGHT);
	attr.link_create.prog_fd = program;
	attr.link_create.target_ifindex = if_nametoindex("right");
	attr.link_create.attach_type = BPF_XDP;
	attr.link_create.flags = XDP_FLAGS_SKB_MODE;
	link = MUST(bpf(BPF_LINK_CREATE, &attr));
	net_enter(LEFT);
	return link;
}

static void test_xdp(enum family family)
{
	struct call call;
	int link;

	call_begin(&call, family, SRTP_ROLE_RTP);
	link = xdp_attach(xdp_program(14 + ip_header(family) + 8 + RTP_HEADER));
	check_drops(&call);
	check_passes(&call);
	close(link);
}

static void nft_rule(enum side side, const char *hook)
{
	net_enter(side);
	command("nft 'add table inet seen; add chain inet seen %s "
		"{ type filter hook %s priority 0; }; "
		"add rule inet seen %s udp length > 20 @th,%d,32 %#x drop'",
		hook, hook, hook, 8 * (8 + RTP_HEADER), MARK_WORD);
	net_enter(LEFT);
}

static void nft_clear(enum side side)
{
	net_enter(side);
	command("nft delete table inet seen");
	net_enter(LEFT);
}

static void test_netfilter(enum family family)
{
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	nft_rule(RIGHT, "input");
	check_drops(&call);
	check_passes(&call);
	nft_clear(RIGHT);
	nft_rule(LEFT, "output");
	check_drops(&call);
	rtp_simple(packet, SIZE, SSRC, 100);
	call_pass(&call, LEFT, packet, SIZE);
	nft_clear(LEFT);
}

static void check_tracked(enum family family, enum side side)
{
	int octets = 5 * (ip_header(family) + 8 + SIZE + SRTP_TRAILER);

	net_enter(side);
	command("grep -q 'sport=%d dport=%d packets=5 bytes=%d ' /proc/net/nf_conntrack",
		LEFT_PORT, RIGHT_PORT, octets);
	nft_clear(side);
}

/* What the two hosts' connection tracking counts is the wire's octets. */
static void test_conntrack(enum family family)
{
	enum side side;
	struct call call;

	for (side = LEFT; side < SIDES; side++) {
		net_enter(side);
		command("nft 'add table inet seen; add chain inet seen input "
			"{ type filter hook input priority 0; }; "
			"add rule inet seen input ct state invalid drop' &&"
			"echo 1 >/proc/sys/net/netfilter/nf_conntrack_acct");
	}
	net_enter(LEFT);
	call_begin(&call, family, SRTP_ROLE_RTP);
	check_passes(&call);
	check_tracked(family, RIGHT);
	check_tracked(family, LEFT);
	net_enter(LEFT);
}

static const struct test tests[] = {
	{ "tc sees ciphertext, at ingress and egress", test_tc, EVERY },
	{ "XDP sees ciphertext", test_xdp, EVERY },
	{ "netfilter sees ciphertext, at input and output", test_netfilter, EVERY },
	{ "conntrack counts the octets of ciphertext", test_conntrack, IPV4 | IPV6 },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
