// SPDX-License-Identifier: GPL-2.0
// ktap-not-kcsan: it has no BPF
// ktap-not-kasan: it has no BPF
/*
 * Which sockets can be attached, by whom, and what an attached one refuses so
 * that it cannot slip away into clear text.
 */
#include "srtptest.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/udp.h>
#include <sys/syscall.h>


#define IPPROTO_UDPLITE_	136
#define SIZE	172
#define NOBODY	65534

static uint8_t packet[PACKET_MAX];

static uint8_t *nth(unsigned int n)
{
	rtp_simple(packet, SIZE, SSRC, n);
	return packet;
}

static int try_raw_attach(int fd, int level, const void *data, socklen_t len)
{
	return setsockopt(fd, level, SRTP_SESSION, data, len);
}

static void test_arguments(enum family family)
{
	struct {
		struct srtp_attach at;
		uint8_t tail[8];
	} longer = { .at.role = SRTP_ROLE_RTP };
	uint32_t session = session_new(LEFT);
	int fd = udp_socket(LEFT, family), role;
	struct srtp_attach at;

	for (socklen_t len = 0; len < sizeof(at); len++) {
		at = (struct srtp_attach){ .session = session, .role = SRTP_ROLE_RTP };
		ERRNO(try_raw_attach(fd, level(family), &at, len), EINVAL);
	}
	ERRNO(try_raw_attach(fd, level(family), (void *)8, sizeof(at)), EFAULT);
	for (role = 0; role < 256; role++) {
		if (role < SRTP_ROLE_RTP || role > SRTP_ROLE_MUX)
			ERRNO(try_attach(fd, family, session, role), EINVAL);
	}
	at = (struct srtp_attach){ .session = session, .role = SRTP_ROLE_RTP, .flags = 1 };
	ERRNO(try_raw_attach(fd, level(family), &at, sizeof(at)), EINVAL);
	at = (struct srtp_attach){ .session = session, .role = SRTP_ROLE_RTP, .reserved = 1 };
	ERRNO(try_raw_attach(fd, level(family), &at, sizeof(at)), EINVAL);
	longer.at.session = session;
	longer.tail[7] = 1;
	ERRNO(try_raw_attach(fd, level(family), &longer, sizeof(longer)), E2BIG);
	ERRNO(try_attach(fd, family, session + 1000, SRTP_ROLE_RTP), ENOENT);
	ERRNO(try_attach(fd, family, 0x80000000, SRTP_ROLE_RTP), ENOENT);
	ERRNO(try_detach(fd, family), EALREADY);
	EQUAL(session_get(LEFT, session).sockets, 0);
	/* a longer structure of zeros is from a newer program, and fine */
	longer.tail[7] = 0;
	MUST(try_raw_attach(fd, level(family), &longer, sizeof(longer)));
	EQUAL(session_get(LEFT, session).sockets, 1);
	ERRNO(try_attach(fd, family, session, SRTP_ROLE_RTP), EBUSY);
	MUST(try_detach(fd, family));
	EQUAL(session_get(LEFT, session).sockets, 0);
	ERRNO(try_detach(fd, family), EALREADY);
}

static void test_info(enum family family)
{
	uint32_t session = session_new(LEFT);
	int fd = udp_socket(LEFT, family);
	struct srtp_info info;
	socklen_t len = sizeof(info);
	char more[sizeof(info) + 64];

	ERRNO(getsockopt(fd, level(family), SRTP_INFO, &info, &len), ENOTCONN);
	attach(fd, family, session, SRTP_ROLE_MUX);
	info = info_of(fd, family);
	EQUAL(info.session, session);
	EQUAL(info.role, SRTP_ROLE_MUX);
	EQUAL(info.flags, 0);
	EQUAL(info.reserved, 0);
	CHECK(info.session_cookie);
	/* a caller from before or after this version */
	len = 8;
	memset(more, 0xaa, sizeof(more));
	MUST(getsockopt(fd, level(family), SRTP_INFO, more, &len));
	EQUAL(len, 8);
	CHECK(!memcmp(more, &info, 8));
	CHECK((uint8_t)more[8] == 0xaa);
	len = sizeof(more);
	MUST(getsockopt(fd, level(family), SRTP_INFO, more, &len));
	EQUAL(len, sizeof(info));
	session_del(LEFT, session);
	info = info_of(fd, family);
	EQUAL(info.flags, SRTP_INFO_DEAD);
	EQUAL(info.session, session);
}

/* An AF_INET6 socket takes the option at both levels. */
static void test_levels(enum family family)
{
	uint32_t session = session_new(LEFT);
	struct srtp_attach at = { .session = session, .role = SRTP_ROLE_RTP };
	int fd = udp_socket(LEFT, IPV6);

	MUST(try_raw_attach(fd, SOL_IP, &at, sizeof(at)));
	ERRNO(try_raw_attach(fd, SOL_IPV6, &at, sizeof(at)), EBUSY);
	at = (struct srtp_attach){};
	MUST(try_raw_attach(fd, SOL_IPV6, &at, sizeof(at)));
	at = (struct srtp_attach){ .session = session, .role = SRTP_ROLE_RTP };
	MUST(try_raw_attach(fd, SOL_IPV6, &at, sizeof(at)));
	close(fd);
	EQUAL(session_get(LEFT, session).sockets, 0);
}

static void test_other_sockets(enum family family)
{
	uint32_t session = session_new(LEFT);
	int fd;

	fd = MUST(socket(domain(family), SOCK_STREAM, 0));
	ERRNO(try_attach(fd, family, session, SRTP_ROLE_RTP), EOPNOTSUPP);
	close(fd);
	fd = MUST(socket(domain(family), SOCK_RAW, IPPROTO_UDP));
	ERRNO(try_attach(fd, family, session, SRTP_ROLE_RTP), EOPNOTSUPP);
	close(fd);
	fd = socket(domain(family), SOCK_DGRAM, IPPROTO_UDPLITE_);
	if (fd >= 0)	/* newer kernels have none */
		ERRNO(try_attach(fd, family, session, SRTP_ROLE_RTP), EOPNOTSUPP);
	close(fd);
}

static void test_other_namespace(enum family family)
{
	uint32_t session = session_new(LEFT);
	struct srtp_attach at = { .session = session, .role = SRTP_ROLE_RTP };
	int fd = udp_socket(RIGHT, family);

	/* the number means nothing in the socket's namespace, whoever asks */
	net_enter(LEFT);
	ERRNO(try_raw_attach(fd, level(family), &at, sizeof(at)), ENOENT);
	net_enter(RIGHT);
	ERRNO(try_raw_attach(fd, level(family), &at, sizeof(at)), ENOENT);
	net_enter(LEFT);
	EQUAL(session_get(LEFT, session).sockets, 0);
}

static void as_nobody(void)
{
	MUST(setresgid(NOBODY, NOBODY, NOBODY));
	MUST(setresuid(NOBODY, NOBODY, NOBODY));
}

static void test_owner(enum family family)
{
	const struct session others = { .owner = NOBODY - 1 }, own = { .owner = NOBODY };
	uint32_t root = session_new(LEFT);
	uint32_t other = session_with(LEFT, &others), mine = session_with(LEFT, &own);
	int fd = udp_socket(LEFT, family), held = udp_socket(LEFT, family);
	pid_t pid;

	attach(held, family, root, SRTP_ROLE_RTP);
	pid = must_fork();
	if (!pid) {
		as_nobody();
		ERRNO(try_attach(fd, family, root, SRTP_ROLE_RTP), EPERM);
		ERRNO(try_attach(fd, family, other, SRTP_ROLE_RTP), EPERM);
		ERRNO(try_detach(held, family), EPERM);
		attach(fd, family, mine, SRTP_ROLE_RTP);
		EQUAL(info_of(fd, family).session, mine);
		MUST(try_detach(fd, family));
		attach(fd, family, mine, SRTP_ROLE_RTP);
		_exit(0);
	}
	must_exit(pid);
	EQUAL(info_of(fd, family).session, mine);
	EQUAL(info_of(held, family).session, root);
}

static void test_forbid_detach(enum family family)
{
	const struct session forbids = { .forbid_detach = true, .owner = NOBODY };
	struct call call;
	pid_t pid;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	call.session[LEFT] = session_with(LEFT, &forbids);
	stream_any(LEFT, call.session[LEFT], SRTP_DIRECTION_TX, &master_b3);
	call_attach(&call, LEFT);
	call_attach(&call, RIGHT);
	ERRNO(try_detach(call.sock[LEFT], family), EPERM);
	pid = must_fork();
	if (!pid) {
		as_nobody();
		ERRNO(try_detach(call.sock[LEFT], family), EPERM);
		_exit(0);
	}
	must_exit(pid);
	call_pass(&call, LEFT, nth(1), SIZE);
	session_del(LEFT, call.session[LEFT]);
	ERRNO(try_detach(call.sock[LEFT], family), EPERM);
	ERRNO(send_to(call.sock[LEFT], nth(2), SIZE, &call.at[RIGHT]), ENOKEY);
	wire_check(&call, 1);
}

static void test_auto_delete(enum family family)
{
	const struct session session = { .auto_delete = true };
	uint32_t id = session_with(LEFT, &session);
	int a = udp_socket(LEFT, family), b = udp_socket(LEFT, family);
	struct session read;

	attach(a, family, id, SRTP_ROLE_RTP);
	attach(b, family, id, SRTP_ROLE_RTCP);
	EQUAL(session_get(LEFT, id).sockets, 2);
	close(a);
	EQUAL(session_get(LEFT, id).sockets, 1);
	close(b);
	WAIT_FOR(try_session_get(LEFT, id, &read) == -ENOENT, 10);
}

static void test_corked(enum family family)
{
	union address to = address_of(RIGHT, family, RIGHT_PORT);
	struct call call;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	set_int(call.sock[LEFT], SOL_UDP, UDP_CORK, 1);
	ERRNO(try_attach(call.sock[LEFT], family, call.session[LEFT], SRTP_ROLE_RTP), EBUSY);
	EQUAL(send_to(call.sock[LEFT], nth(1), SIZE, &to), SIZE);
	ERRNO(try_attach(call.sock[LEFT], family, call.session[LEFT], SRTP_ROLE_RTP), EBUSY);
	/* that packet was never ours, and goes */
	set_int(call.sock[LEFT], SOL_UDP, UDP_CORK, 0);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	attach(call.sock[LEFT], family, call.session[LEFT], SRTP_ROLE_RTP);
}

static void test_half_sent(enum family family)
{
	struct call call;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	EQUAL(sendto(call.sock[LEFT], nth(1), 20, MSG_MORE, &call.at[RIGHT].any,
		     address_len(&call.at[RIGHT])), 20);
	ERRNO(try_attach(call.sock[LEFT], family, call.session[LEFT], SRTP_ROLE_RTP), EBUSY);
}

/* Of ESP only if the kernel has IPsec. */
static bool can_encapsulate(int fd, int kind)
{
	if (!setsockopt(fd, SOL_UDP, UDP_ENCAP, &kind, sizeof(kind)))
		return true;
	CHECK(kind == UDP_ENCAP_ESPINUDP && errno == ENOPROTOOPT);
	return false;
}

static void test_encap_before(enum family family)
{
	static const int kinds[] = { UDP_ENCAP_ESPINUDP, UDP_ENCAP_L2TPINUDP };
	uint32_t session = session_new(LEFT);
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		fd = udp_socket(LEFT, family);
		if (can_encapsulate(fd, kinds[i]))
			ERRNO(try_attach(fd, family, session, SRTP_ROLE_RTP), EBUSY);
		close(fd);
	}
	EQUAL(session_get(LEFT, session).sockets, 0);
}

static void test_encap_after(enum family family)
{
	static const int kinds[] = {
		0, UDP_ENCAP_ESPINUDP_NON_IKE, UDP_ENCAP_ESPINUDP, UDP_ENCAP_L2TPINUDP,
		UDP_ENCAP_GTP0, UDP_ENCAP_GTP1U, 99,
	};
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		ERRNO(setsockopt(call.sock[RIGHT], SOL_UDP, UDP_ENCAP, &kinds[i], sizeof(int)),
		      EBUSY);
		call_pass(&call, LEFT, nth(i), SIZE);
	}
	wire_check(&call, ARRAY_SIZE(kinds));
	/* the hook is still there: a plain packet does not get in */
	call_inject(&call, RIGHT, nth(50), SIZE);
	WAIT_FOR(stat_of(call.sock[RIGHT], family, SRTP_A_STATS_RX_AUTH_FAILED) == 1, 10);
	nothing_to_receive(call.sock[RIGHT]);
}

static void test_addrform(enum family family)
{
	int form = AF_INET;
	struct call call;

	call_begin(&call, family, SRTP_ROLE_RTP);
	call_connect(&call);
	ERRNO(setsockopt(call.sock[LEFT], SOL_IPV6, IPV6_ADDRFORM, &form, sizeof(form)), EBUSY);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

/* Made IPv4 before, it is an IPv4 socket, but its memory is that of an IPv6
 * one: it may be refused, and must not be freed into the wrong cache.
 */
static void test_addrform_before(enum family family)
{
	int form = AF_INET;
	struct call call;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	connect_to(call.sock[LEFT], &call.at[RIGHT]);
	MUST(setsockopt(call.sock[LEFT], SOL_IPV6, IPV6_ADDRFORM, &form, sizeof(form)));
	if (try_attach(call.sock[LEFT], IPV4, call.session[LEFT], SRTP_ROLE_RTP)) {
		EQUAL(errno, EOPNOTSUPP);
		return;
	}
	call_attach(&call, RIGHT);
	EQUAL(send(call.sock[LEFT], nth(1), SIZE, 0), SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int sockmap_new(int type)
{
	union bpf_attr attr = {
		.map_type = type, .key_size = 4, .value_size = 4, .max_entries = 4,
	};

	return MUST(bpf(BPF_MAP_CREATE, &attr));
}

static int sockmap_add(int map, int fd)
{
	uint32_t key = 1, value = fd;
	union bpf_attr attr = {
		.map_fd = map, .key = (uintptr_t)&key, .value = (uintptr_t)&value,
	};

	return bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

static void test_sockmap_after(enum family family)
{
	static const int types[] = { BPF_MAP_TYPE_SOCKMAP, BPF_MAP_TYPE_SOCKHASH };
	struct call call;
	size_t i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		ERRNO(sockmap_add(sockmap_new(types[i]), call.sock[LEFT]), EOPNOTSUPP);
		ERRNO(sockmap_add(sockmap_new(types[i]), call.sock[RIGHT]), EOPNOTSUPP);
		call_pass(&call, LEFT, nth(i), SIZE);
	}
	wire_check(&call, ARRAY_SIZE(types));
}

/* A map that held a socket before and another now must not be confused. */
static void test_sockmap_before(enum family family)
{
	static const int types[] = { BPF_MAP_TYPE_SOCKMAP, BPF_MAP_TYPE_SOCKHASH };
	uint32_t session = session_new(LEFT);
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		fd = bound_socket(LEFT, family, LEFT_PORT);
		MUST(sockmap_add(sockmap_new(types[i]), fd));
		ERRNO(try_attach(fd, family, session, SRTP_ROLE_RTP), EOPNOTSUPP);
		close(fd);
	}
}

static void test_reuseport_map(enum family family)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
		.key_size = 4, .value_size = 4, .max_entries = 4,
	};
	struct call call;
	int map, fd, one = 1;

	call_prepare(&call, family, SRTP_ROLE_RTP);
	fd = udp_socket(LEFT, family);
	MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)));
	call.at[LEFT] = address_of(LEFT, family, LEFT_PORT + 2);
	bind_to(fd, &call.at[LEFT]);
	map = MUST(bpf(BPF_MAP_CREATE, &attr));
	MUST(sockmap_add(map, fd));
	/* sk_user_data is the map's */
	ERRNO(try_attach(fd, family, call.session[LEFT], SRTP_ROLE_RTP), EBUSY);
}

static void test_fork_dup(enum family family)
{
	struct call call;
	pid_t pid;
	int copy;

	call_begin(&call, family, SRTP_ROLE_RTP);
	copy = MUST(dup(call.sock[LEFT]));
	EQUAL(send_to(copy, nth(1), SIZE, &call.at[RIGHT]), SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	close(call.sock[LEFT]);
	EQUAL(send_to(copy, nth(2), SIZE, &call.at[RIGHT]), SIZE);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	pid = must_fork();
	if (!pid) {
		EQUAL(send_to(copy, nth(3), SIZE, &call.at[RIGHT]), SIZE);
		_exit(0);
	}
	must_exit(pid);
	receive_exactly(call.sock[RIGHT], nth(3), SIZE);
	EQUAL(session_get(LEFT, call.session[LEFT]).sockets, 1);
	wire_check(&call, 3);
	close(copy);
	EQUAL(session_get(LEFT, call.session[LEFT]).sockets, 0);
}

/* The program after exec knows nothing of SRTP: a shell's redirection. */
static void test_exec(enum family family)
{
	struct call call;
	pid_t pid;

	call_begin(&call, family, SRTP_ROLE_RTP);
	connect_to(call.sock[LEFT], &call.at[RIGHT]);
	/* printable RTP: version bits by an escape, the rest is text */
	memset(packet, 'A', SIZE);
	packet[0] = 0x80;
	memcpy(packet + 16, MARK, MARK_LEN);
	pid = must_fork();
	if (!pid) {
		char text[SIZE + 8];

		snprintf(text, sizeof(text), "\\200%.*s", SIZE - 1, packet + 1);
		MUST(dup2(call.sock[LEFT], 1));
		execlp("printf", "printf", text, NULL);
		_exit(9);
	}
	must_exit(pid);
	receive_exactly(call.sock[RIGHT], packet, SIZE);
	wire_check(&call, 1);
}

static void send_fd(int over, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = {}, byte = 0;
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	EQUAL(sendmsg(over, &message, 0), 1);
}

static int receive_fd(int over)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	EQUAL(recvmsg(over, &message, 0), 1);
	CHECK(CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static void test_scm_rights(enum family family)
{
	struct call call;
	int pair[2], fd;
	pid_t pid;

	call_begin(&call, family, SRTP_ROLE_RTP);
	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	pid = must_fork();
	if (!pid) {
		as_nobody();
		close(call.sock[LEFT]);
		fd = receive_fd(pair[1]);
		EQUAL(send_to(fd, nth(1), SIZE, &call.at[RIGHT]), SIZE);
		ERRNO(try_detach(fd, family), EPERM);
		EQUAL(send_to(fd, nth(2), SIZE, &call.at[RIGHT]), SIZE);
		_exit(0);
	}
	send_fd(pair[0], call.sock[LEFT]);
	close(call.sock[LEFT]);
	must_exit(pid);
	receive_exactly(call.sock[RIGHT], nth(1), SIZE);
	receive_exactly(call.sock[RIGHT], nth(2), SIZE);
	wire_check(&call, 2);
}

static void test_detach(enum family family)
{
	struct call call;
	int i;

	call_begin(&call, family, SRTP_ROLE_RTP);
	for (i = 0; i < 20; i++) {
		call_pass(&call, LEFT, nth(i), SIZE);
		MUST(try_detach(call.sock[LEFT], family));
		MUST(try_detach(call.sock[RIGHT], family));
		/* plain again, as its owner wanted it */
		wire_check(&call, i + 1);
		rtp_simple(packet, RTP_HEADER, SSRC, i);
		call_pass(&call, LEFT, packet, RTP_HEADER);
		capture_flush(&call.wire);
		EQUAL(call.wire.datagrams[--call.wire.count].len, RTP_HEADER);
		call_attach(&call, LEFT);
		call_attach(&call, RIGHT);
	}
}

static const struct test tests[] = {
	{ "attach: malformed arguments and numbers of no session", test_arguments, EVERY },
	{ "info: session, role, cookie, shorter and longer callers, dead session",
	  test_info, EVERY },
	{ "attach: AF_INET6 sockets take it at SOL_IP and SOL_IPV6", test_levels, ONCE },
	{ "attach: TCP, raw and UDP-Lite give EOPNOTSUPP", test_other_sockets, IPV4 | IPV6 },
	{ "attach: a session of another namespace is none", test_other_namespace, EVERY },
	{ "attach and detach: others than the owner get EPERM", test_owner, EVERY },
	{ "detach: forbid-detach holds, also when the session is deleted",
	  test_forbid_detach, EVERY },
	{ "auto-delete: the session goes with its last socket", test_auto_delete, EVERY },
	{ "UDP_CORK set before: attach gives EBUSY", test_corked, EVERY },
	{ "MSG_MORE begun before: attach gives EBUSY", test_half_sent, EVERY },
	{ "UDP_ENCAP set before: attach gives EBUSY", test_encap_before, IPV4 | IPV6 },
	{ "UDP_ENCAP afterwards gives EBUSY and bypasses nothing", test_encap_after, EVERY },
	{ "IPV6_ADDRFORM afterwards gives EBUSY and bypasses nothing", test_addrform, MAPPED },
	{ "IPV6_ADDRFORM before: refused, or attached as IPv4", test_addrform_before, MAPPED },
	{ "sockmap and sockhash refuse an attached socket", test_sockmap_after, EVERY },
	{ "sockmap and sockhash before: attach gives EOPNOTSUPP",
	  test_sockmap_before, IPV4 | IPV6 },
	{ "reuseport array before: attach gives EBUSY", test_reuseport_map, IPV4 | IPV6 },
	{ "dup and fork stay SRTP, and the last one to close counts", test_fork_dup, EVERY },
	{ "exec of a program that knows nothing stays SRTP", test_exec, EVERY },
	{ "SCM_RIGHTS to another user stays SRTP", test_scm_rights, EVERY },
	{ "detach and attach again, 20 times", test_detach, EVERY },
};

int main(int argc, char **argv)
{
	return run_tests(argc, argv, tests, ARRAY_SIZE(tests));
}
