// SPDX-License-Identifier: GPL-2.0
/*
 * Two hosts in network namespaces, "left" and "right", with a veth pair
 * between them, and their UDP sockets.
 *
 * The neighbours are known from the beginning, so no packet is lost or late
 * for want of an address resolution. Batches of segments are split before
 * they reach the wire (gso_max_segs 1), so a capture sees what a network
 * card would send.
 */
#include "srtptest.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

static const char *const device[SIDES] = { "left", "right" };
static int net[SIDES];

void command(const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fflush(stdout);
	if (system(line))
		FAIL("failed: %s", line);
}

void net_enter(enum side side)
{
	MUST(setns(net[side], CLONE_NEWNET));
}

void net_replace(enum side side)
{
	MUST(unshare(CLONE_NEWNET));
	net[side] = MUST(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
}

static void net_configure(enum side side)
{
	int own = side + 1, other = 2 - side;
	const char *dev = device[side];

	net_enter(side);
	command("echo 0 >/proc/sys/net/ipv6/conf/%s/accept_dad", dev);
	/* every error is told, however many there are */
	command("echo 0 >/proc/sys/net/ipv4/icmp_ratelimit");
	command("echo 0 >/proc/sys/net/ipv6/icmp/ratelimit");
	command("ip -batch - <<-END\n"
		"link set lo up\n"
		"link set %s address 02:00:00:00:00:0%d gso_max_segs 1 up\n"
		"addr add 10.9.0.%d/24 dev %s\n"
		"addr add fd09::%d/64 dev %s nodad\n"
		"neigh replace 10.9.0.%d lladdr 02:00:00:00:00:0%d nud permanent dev %s\n"
		"neigh replace fd09::%d lladdr 02:00:00:00:00:0%d nud permanent dev %s\n"
		"route add 224.0.0.0/4 dev %s\n"
		"END", dev, own, own, dev, own, dev, other, other, dev, other, other, dev, dev);
}

static void carrier_wait(enum side side)
{
	char path[64], state[16] = "";
	double until = 0;
	FILE *file;

	net_enter(side);
	/* /sys shows the namespace it was mounted in, /proc the reader's */
	snprintf(path, sizeof(path), "ip -o link show %s | grep -q 'state UP'", device[side]);
	for (;;) {
		file = popen(path, "r");
		if (file && !pclose(file))
			return;
		if (!waiting(&until, 10))
			FAIL("%s never came up, %s", device[side], state);
	}
}

static int net_new(void)
{
	MUST(unshare(CLONE_NEWNET));
	return MUST(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
}

void net_setup(void)
{
	net[RIGHT] = net_new();
	net[LEFT] = net_new();
	command("ip link add left type veth peer name right netns /proc/%d/fd/%d",
		getpid(), net[RIGHT]);
	net_configure(LEFT);
	net_configure(RIGHT);
	carrier_wait(RIGHT);
	carrier_wait(LEFT);
}

static void device_mtu(enum side side, int mtu)
{
	struct ifreq request = { .ifr_mtu = mtu };
	int fd;

	net_enter(side);
	fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	strcpy(request.ifr_name, device[side]);
	MUST(ioctl(fd, SIOCSIFMTU, &request));
	close(fd);
}

void set_mtu(int mtu)
{
	device_mtu(RIGHT, mtu);
	device_mtu(LEFT, mtu);
}

/* What a test may have changed. */
void net_reset(void)
{
	set_mtu(1500);
	net_enter(LEFT);
}

void stay_on_one_processor(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	MUST(sched_setaffinity(0, sizeof(one), &one));
}

int domain(enum family family)
{
	return family == IPV4 ? AF_INET : AF_INET6;
}

int level(enum family family)
{
	return family == IPV4 ? SOL_IP : SOL_IPV6;
}

bool on_ipv4(enum family family)
{
	return family != IPV6;
}

union address address_of(enum side side, enum family family, uint16_t port)
{
	union address address = {};
	char text[64];

	if (family == IPV4) {
		address.v4.sin_family = AF_INET;
		address.v4.sin_port = htons(port);
		address.v4.sin_addr.s_addr = htonl(0x0a090001 + side);
		return address;
	}
	address.v6.sin6_family = AF_INET6;
	address.v6.sin6_port = htons(port);
	snprintf(text, sizeof(text), family == IPV6 ? "fd09::%d" : "::ffff:10.9.0.%d", side + 1);
	CHECK(inet_pton(AF_INET6, text, &address.v6.sin6_addr) == 1);
	return address;
}

socklen_t address_len(const union address *address)
{
	return address->any.sa_family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
}

uint16_t port_of(const union address *address)
{
	return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port :
							 address->v6.sin6_port);
}

int udp_socket(enum side side, enum family family)
{
	int fd;

	net_enter(side);
	fd = MUST(socket(domain(family), SOCK_DGRAM | SOCK_CLOEXEC, 0));
	if (family == MAPPED)
		set_int(fd, SOL_IPV6, IPV6_V6ONLY, 0);
	net_enter(LEFT);
	return fd;
}

void bind_to(int fd, const union address *address)
{
	MUST(bind(fd, &address->any, address_len(address)));
}

void connect_to(int fd, const union address *address)
{
	MUST(connect(fd, &address->any, address_len(address)));
}

int bound_socket(enum side side, enum family family, uint16_t port)
{
	union address address = address_of(side, family, port);
	int fd = udp_socket(side, family);

	bind_to(fd, &address);
	return fd;
}

void set_int(int fd, int level, int option, int value)
{
	MUST(setsockopt(fd, level, option, &value, sizeof(value)));
}

int try_attach(int fd, enum family family, uint32_t session, int role)
{
	struct srtp_attach at = { .session = session, .role = role };

	return setsockopt(fd, level(family), SRTP_SESSION, &at, sizeof(at));
}

void attach(int fd, enum family family, uint32_t session, int role)
{
	MUST(try_attach(fd, family, session, role));
}

int try_detach(int fd, enum family family)
{
	return try_attach(fd, family, 0, 0);
}

struct srtp_info info_of(int fd, enum family family)
{
	struct srtp_info info = {};
	socklen_t len = sizeof(info);

	MUST(getsockopt(fd, level(family), SRTP_INFO, &info, &len));
	EQUAL(len, sizeof(info));
	return info;
}

uint64_t stat_of(int fd, enum family family, enum srtp_a_stats stat)
{
	return info_of(fd, family).stats[stat];
}

ssize_t send_to(int fd, const void *data, size_t len, const union address *to)
{
	return sendto(fd, data, len, 0, &to->any, address_len(to));
}

size_t receive(int fd, void *data, size_t len)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	if (MUST(poll(&wait, 1, 10000)) != 1)
		FAIL("nothing was received in 10 s");
	return MUST(recv(fd, data, len, MSG_DONTWAIT));
}

void receive_exactly(int fd, const void *shall, size_t len)
{
	static uint8_t is[PACKET_MAX];
	size_t is_len = receive(fd, is, sizeof(is));

	SAME(is, is_len, shall, len);
}

void nothing_to_receive(int fd)
{
	char byte;

	ERRNO(recv(fd, &byte, 1, MSG_DONTWAIT), EAGAIN);
}

/* A counter of the table Udp: of /proc/net/snmp, or of Udp6 of snmp6. */
static uint64_t snmp4(const char *counter)
{
	char names[1024], values[1024], *name, *value, *n, *v;
	FILE *file = fopen("/proc/thread-self/net/snmp", "r");
	uint64_t result = 0;
	bool found = false;

	CHECK(file);
	while (fgets(names, sizeof(names), file) && fgets(values, sizeof(values), file)) {
		if (strncmp(names, "Udp: ", 5))
			continue;
		name = strtok_r(names, " \n", &n);
		value = strtok_r(values, " \n", &v);
		while (name && value && strcmp(name, counter)) {
			name = strtok_r(NULL, " \n", &n);
			value = strtok_r(NULL, " \n", &v);
		}
		found = name && value;
		if (found)
			result = strtoull(value, NULL, 10);
	}
	fclose(file);
	CHECK(found);
	return result;
}

static uint64_t snmp6(const char *counter)
{
	FILE *file = fopen("/proc/thread-self/net/snmp6", "r");
	char name[64], wanted[64];
	unsigned long long value;
	bool found = false;

	CHECK(file);
	snprintf(wanted, sizeof(wanted), "Udp6%s", counter);
	while (!found && fscanf(file, "%63s %llu", name, &value) == 2)
		found = !strcmp(name, wanted);
	fclose(file);
	CHECK(found);
	return value;
}

uint64_t snmp(enum side side, enum family family, const char *counter)
{
	uint64_t value;

	net_enter(side);
	value = on_ipv4(family) ? snmp4(counter) : snmp6(counter);
	net_enter(LEFT);
	return value;
}

/* The last column of the socket's line in /proc/net/udp or udp6. */
uint64_t drops_of(enum side side, enum family family, uint16_t port)
{
	unsigned long long drops = 0, value = 0;
	char line[512], *word, *state;
	unsigned int local;
	FILE *file;
	int found = 0;

	net_enter(side);
	file = fopen(family == IPV4 ? "/proc/thread-self/net/udp" : "/proc/thread-self/net/udp6",
		     "r");
	CHECK(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " %*d: %*[0-9A-F]:%x", &local) != 1 || local != port)
			continue;
		for (word = strtok_r(line, " \n", &state); word;
		     word = strtok_r(NULL, " \n", &state))
			value = strtoull(word, NULL, 10);
		drops += value;
		found++;
	}
	fclose(file);
	net_enter(LEFT);
	CHECK(found);
	return drops;
}
