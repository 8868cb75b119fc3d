// SPDX-License-Identifier: GPL-2.0
/*
 * MIKEY datagrams in a capture file, which libpcap reads.
 */
#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include "source.h"

/**
 * struct packet - what is left of a packet
 * @data: octets
 * @len: captured
 */
struct packet {
	const uint8_t *data;
	size_t len;
};

/**
 * struct datagram - what the headers said
 * @from: source as text
 * @to: destination as text
 * @from_port: source port
 * @to_port: destination port
 * @len: octets of its payload that were sent
 */
struct datagram {
	char from[INET6_ADDRSTRLEN];
	char to[INET6_ADDRSTRLEN];
	uint16_t from_port;
	uint16_t to_port;
	size_t len;
};

/* Octets before the network header, and where its EtherType is if there is one. */
static const struct link {
	int type;
	size_t len;
	int proto_at;
} links[] = {
	{ DLT_EN10MB, 14, 12 },
	{ DLT_LINUX_SLL, 16, 14 },
	{ DLT_LINUX_SLL2, 20, 0 },
	{ DLT_NULL, 4, -1 },
	{ DLT_LOOP, 4, -1 },
	{ DLT_RAW, 0, -1 },
	{ DLT_IPV4, 0, -1 },
	{ DLT_IPV6, 0, -1 },
};

bool pcap_looks(const struct input *input)
{
	static const uint32_t magics[] = {
		0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a,
	};
	uint32_t magic;
	size_t i;

	if (input->len < sizeof(magic))
		return false;
	memcpy(&magic, input->data, sizeof(magic));
	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (magic == magics[i])
			return true;
	return false;
}

static uint16_t be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static bool skip(struct packet *packet, size_t len)
{
	if (packet->len < len)
		return false;
	packet->data += len;
	packet->len -= len;
	return true;
}

static bool skip_link(struct packet *packet, int type)
{
	const struct link *link = links, *end = links + sizeof(links) / sizeof(links[0]);
	uint16_t proto;

	while (link < end && link->type != type)
		link++;
	if (link == end || packet->len < link->len)
		return false;
	proto = link->proto_at < 0 ? 0 : be16(packet->data + link->proto_at);
	skip(packet, link->len);
	while (proto == 0x8100 || proto == 0x88a8) {
		if (packet->len < 4)
			return false;
		proto = be16(packet->data + 2);
		skip(packet, 4);
	}
	return link->proto_at < 0 || proto == 0x0800 || proto == 0x86dd;
}

/* Only whole datagrams: fragments are not put together. */
static bool skip_ipv4(struct packet *packet, struct datagram *datagram)
{
	size_t header = (packet->data[0] & 15) * 4;

	if (packet->len < 20 || header < 20 || packet->data[9] != IPPROTO_UDP ||
	    be16(packet->data + 6) & 0x3fff)
		return false;
	inet_ntop(AF_INET, packet->data + 12, datagram->from, sizeof(datagram->from));
	inet_ntop(AF_INET, packet->data + 16, datagram->to, sizeof(datagram->to));
	return skip(packet, header);
}

static bool skip_ipv6(struct packet *packet, struct datagram *datagram)
{
	uint8_t next;

	if (packet->len < 40)
		return false;
	next = packet->data[6];
	inet_ntop(AF_INET6, packet->data + 8, datagram->from, sizeof(datagram->from));
	inet_ntop(AF_INET6, packet->data + 24, datagram->to, sizeof(datagram->to));
	skip(packet, 40);
	while (next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS) {
		if (packet->len < 8)
			return false;
		next = packet->data[0];
		if (!skip(packet, 8 + packet->data[1] * 8))
			return false;
	}
	return next == IPPROTO_UDP;
}

static bool skip_udp(struct packet *packet, struct datagram *datagram)
{
	if (packet->len < 8 || be16(packet->data + 4) < 8)
		return false;
	datagram->from_port = be16(packet->data);
	datagram->to_port = be16(packet->data + 2);
	datagram->len = be16(packet->data + 4) - 8;
	skip(packet, 8);
	if (packet->len > datagram->len)
		packet->len = datagram->len;
	return true;
}

static bool to_payload(struct packet *packet, int link, struct datagram *datagram)
{
	if (!skip_link(packet, link) || !packet->len)
		return false;
	if (packet->data[0] >> 4 == 4 ? !skip_ipv4(packet, datagram) :
	    packet->data[0] >> 4 != 6 || !skip_ipv6(packet, datagram))
		return false;
	return skip_udp(packet, datagram);
}

static void add(const struct packet *packet, const struct datagram *datagram, unsigned int number,
		struct source_list *list)
{
	struct source *source = source_add(list, packet->data, packet->len);

	if (!source)
		return;
	snprintf(source->where, sizeof(source->where),
		 "packet %u, %s port %u to %s port %u", number,
		 datagram->from, datagram->from_port, datagram->to, datagram->to_port);
	if (packet->len < datagram->len)
		failure_set(&source->failure, MIKEY_EXIT_MALFORMED, "truncated",
			    "the capture holds %zu of the datagram's %zu octets", packet->len,
			    datagram->len);
}

static void read_packets(pcap_t *pcap, uint16_t port, struct source_list *list)
{
	struct pcap_pkthdr *header;
	const uint8_t *data;
	unsigned int number = 0;
	struct source *source;
	int got;

	while ((got = pcap_next_ex(pcap, &header, &data)) == 1) {
		struct packet packet = { .data = data, .len = header->caplen };
		struct datagram datagram;

		number++;
		if (to_payload(&packet, pcap_datalink(pcap), &datagram) &&
		    (datagram.from_port == port || datagram.to_port == port))
			add(&packet, &datagram, number, list);
	}
	if (got == PCAP_ERROR_BREAK)
		return;
	source = source_add(list, NULL, 0);
	if (source)
		failure_set(&source->failure, MIKEY_EXIT_MALFORMED, "bad-capture",
			    "the capture ends badly after packet %u: %.200s", number,
			    pcap_geterr(pcap));
}

void pcap_find(const struct input *input, struct source_list *list)
{
	char error[PCAP_ERRBUF_SIZE] = "no memory";
	FILE *file = fmemopen((void *)input->data, input->len, "r");
	pcap_t *pcap = file ? pcap_fopen_offline(file, error) : NULL;
	struct source *source;

	if (pcap) {
		read_packets(pcap, input->port, list);
		pcap_close(pcap);
		return;
	}
	if (file)
		fclose(file);
	source = source_add(list, NULL, 0);
	if (source)
		failure_set(&source->failure, MIKEY_EXIT_MALFORMED, "bad-capture",
			    "the capture cannot be read: %.200s", error);
}
