// SPDX-License-Identifier: GPL-2.0
/*
 * What crosses the wire, seen by a packet socket.
 *
 * All frames are searched for plaintext; the UDP datagrams among them are
 * kept. A capture is flushed by marker datagrams that are sent after whatever
 * the test sent, from each processor, as each has a queue of its own.
 */
#include "srtptest.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <sched.h>

#define MARKER_PORT	9
#define BUFFER		(64 << 20)

struct marker {
	uint32_t nonce;
	uint32_t number;
};

static bool is_lo(const struct capture *capture)
{
	return capture->split;
}

void capture_open(struct capture *capture, enum side side, const char *device)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	bool lo = !strcmp(device, "lo");

	memset(capture, 0, sizeof(*capture));
	capture->side = side;
	capture->split = lo ? SIZE_MAX : 0;
	net_enter(side);
	capture->fd = MUST(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	set_int(capture->fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER);
	at.sll_ifindex = if_nametoindex(device);
	CHECK(at.sll_ifindex);
	MUST(bind(capture->fd, (struct sockaddr *)&at, sizeof(at)));
	net_enter(LEFT);
}

static void keep(struct capture *capture, const uint8_t *data, size_t len,
		 uint16_t from, uint16_t to)
{
	struct datagram *datagram;

	if (capture->count == capture->room) {
		capture->room = capture->room ? 2 * capture->room : 256;
		capture->datagrams = realloc(capture->datagrams,
					     capture->room * sizeof(*capture->datagrams));
		CHECK(capture->datagrams);
	}
	datagram = &capture->datagrams[capture->count++];
	datagram->data = malloc(len + 1);
	CHECK(datagram->data);
	memcpy(datagram->data, data, len);
	datagram->len = len;
	datagram->from = from;
	datagram->to = to;
}

/* A batch of segments that was not split yet is split as a card would. */
static void keep_segments(struct capture *capture, const uint8_t *data, size_t len,
			  uint16_t from, uint16_t to)
{
	while (capture->split && len > capture->split) {
		keep(capture, data, capture->split, from, to);
		data += capture->split;
		len -= capture->split;
	}
	keep(capture, data, len, from, to);
}

static void take_udp(struct capture *capture, const uint8_t *data, size_t len)
{
	struct udphdr udp;

	CHECK(len >= sizeof(udp));
	memcpy(&udp, data, sizeof(udp));
	keep_segments(capture, data + sizeof(udp), len - sizeof(udp),
		      ntohs(udp.source), ntohs(udp.dest));
}

static void take_ipv4(struct capture *capture, const uint8_t *data, size_t len)
{
	struct iphdr ip;

	CHECK(len >= sizeof(ip));
	memcpy(&ip, data, sizeof(ip));
	if (ip.frag_off & htons(IP_MF | IP_OFFMASK))
		capture->fragments++;
	else if (ip.protocol == IPPROTO_UDP && len >= ntohs(ip.tot_len))
		take_udp(capture, data + 4 * ip.ihl, ntohs(ip.tot_len) - 4 * ip.ihl);
}

static void take_ipv6(struct capture *capture, const uint8_t *data, size_t len)
{
	struct ip6_hdr ip;

	CHECK(len >= sizeof(ip));
	memcpy(&ip, data, sizeof(ip));
	if (ip.ip6_nxt == IPPROTO_FRAGMENT)
		capture->fragments++;
	else if (ip.ip6_nxt == IPPROTO_UDP && len >= sizeof(ip) + ntohs(ip.ip6_plen))
		take_udp(capture, data + sizeof(ip), ntohs(ip.ip6_plen));
}

/* Returns false if there was nothing. */
static bool read_frame(struct capture *capture, int flags)
{
	static uint8_t frame[PACKET_MAX + 128];
	struct sockaddr_ll from;
	socklen_t from_len = sizeof(from);
	ssize_t len;

	len = recvfrom(capture->fd, frame, sizeof(frame), flags,
		       (struct sockaddr *)&from, &from_len);
	if (len < 0 && errno == EAGAIN)
		return false;
	MUST(len);
	/* on lo everything is seen twice */
	if (is_lo(capture) && from.sll_pkttype == PACKET_OUTGOING)
		return true;
	if (has_mark(frame, len))
		capture->marked = true;
	if (from.sll_protocol == htons(ETH_P_IP))
		take_ipv4(capture, frame, len);
	else if (from.sll_protocol == htons(ETH_P_IPV6))
		take_ipv6(capture, frame, len);
	return true;
}

/* Nothing may have been lost for want of room. */
static void check_losses(struct capture *capture)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	MUST(getsockopt(capture->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len));
	EQUAL(stats.tp_drops, 0);
}

void capture_read(struct capture *capture)
{
	while (read_frame(capture, MSG_DONTWAIT))
		;
	check_losses(capture);
}

/* From which hosts the markers come, and where they go to. */
static void marker_way(const struct capture *capture, int way, enum side *from,
		       union address *to)
{
	*from = is_lo(capture) ? capture->side : (enum side)way;
	*to = address_of(!way, IPV4, MARKER_PORT);
	if (is_lo(capture))
		to->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static uint32_t send_markers(const struct capture *capture, int fd, const union address *to,
			     uint32_t nonce, uint32_t number)
{
	struct marker marker = { .nonce = nonce };
	cpu_set_t before, one;
	int cpu;

	MUST(sched_getaffinity(0, sizeof(before), &before));
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (!CPU_ISSET(cpu, &before) || sched_setaffinity(0, sizeof(one), &one))
			continue;
		marker.number = number++;
		EQUAL(send_to(fd, &marker, sizeof(marker), to), sizeof(marker));
	}
	MUST(sched_setaffinity(0, sizeof(before), &before));
	return number;
}

/* Takes the markers out again; true if the last datagram was one of ours. */
static bool take_marker(struct capture *capture, uint32_t nonce)
{
	struct datagram *last = &capture->datagrams[capture->count - 1];
	struct marker marker;

	if (!capture->count || last->to != MARKER_PORT || last->len != sizeof(marker))
		return false;
	memcpy(&marker, last->data, sizeof(marker));
	free(last->data);
	capture->count--;
	return marker.nonce == nonce;
}

/* However long it takes to read what is there: the bound is for one more frame. */
static void await_markers(struct capture *capture, uint32_t nonce, uint32_t markers)
{
	double until = now() + 10;

	while (markers) {
		if (read_frame(capture, MSG_DONTWAIT)) {
			markers -= take_marker(capture, nonce);
			until = now() + 10;
			continue;
		}
		if (now() > until)
			FAIL("the capture did not see what was sent");
		usleep(200);
	}
}

void capture_flush(struct capture *capture)
{
	static uint32_t nonce;
	uint32_t markers = 0;
	union address to;
	enum side from;
	int way, fd, sink;

	nonce++;
	for (way = 0; way < (is_lo(capture) ? 1 : 2); way++) {
		marker_way(capture, way, &from, &to);
		sink = udp_socket(is_lo(capture) ? from : (enum side)!from, IPV4);
		bind_to(sink, &to);
		fd = udp_socket(from, IPV4);
		markers = send_markers(capture, fd, &to, nonce, markers);
		await_markers(capture, nonce, markers);
		markers = 0;
		close(fd);
		close(sink);
	}
	capture_read(capture);
}

void capture_close(struct capture *capture)
{
	size_t i;

	for (i = 0; i < capture->count; i++)
		free(capture->datagrams[i].data);
	free(capture->datagrams);
	close(capture->fd);
	memset(capture, 0, sizeof(*capture));
}
