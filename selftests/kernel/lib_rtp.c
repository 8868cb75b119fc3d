// SPDX-License-Identifier: GPL-2.0
/*
 * RTP and RTCP packets (RFC 3550 sections 5.1 and 6.4), whose payload says
 * "this is plaintext" wherever one looks into it.
 */
#include "srtptest.h"

#include <arpa/inet.h>

static void put16(uint8_t *at, uint16_t value)
{
	value = htons(value);
	memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

/* The mark, a running number, the mark, and so on; begins anywhere. */
void fill_payload(uint8_t *payload, size_t len, uint32_t number)
{
	uint8_t block[16];
	size_t i;

	memcpy(block, MARK, MARK_LEN);
	for (i = 0; i < len; i++) {
		if (i % sizeof(block) == 0)
			put32(block + MARK_LEN, number * 4099 + i / sizeof(block));
		payload[i] = block[i % sizeof(block)];
	}
}

bool has_mark(const void *data, size_t len)
{
	return memmem(data, len, MARK, MARK_LEN);
}

void rtp_build(uint8_t *packet, size_t len, const struct rtp *rtp)
{
	size_t at = RTP_HEADER, i;

	packet[0] = 0x80 | (rtp->padding ? 0x20 : 0) | (rtp->extension >= 0 ? 0x10 : 0) |
		    rtp->csrcs;
	packet[1] = (rtp->marker ? 0x80 : 0) | rtp->type;
	put16(packet + 2, rtp->seq);
	put32(packet + 4, 160 * rtp->seq);
	put32(packet + 8, rtp->ssrc);
	for (i = 0; i < rtp->csrcs; i++, at += 4)
		put32(packet + at, 0xc0000000 + i);
	if (rtp->extension >= 0) {
		put16(packet + at, 0xbede);
		put16(packet + at + 2, rtp->extension);
		memset(packet + at + 4, 0xee, 4 * rtp->extension);
		at += 4 + 4 * rtp->extension;
	}
	CHECK(at + rtp->padding <= len);
	fill_payload(packet + at, len - at, rtp->seq);
	if (rtp->padding)
		packet[len - 1] = rtp->padding;
}

void rtp_simple(uint8_t *packet, size_t len, uint32_t ssrc, uint16_t seq)
{
	const struct rtp rtp = { .ssrc = ssrc, .seq = seq, .extension = -1 };

	rtp_build(packet, len, &rtp);
}

void rtcp_build(uint8_t *packet, size_t len, uint32_t ssrc, uint32_t number)
{
	CHECK(len >= RTCP_HEADER && len % 4 == 0);
	packet[0] = 0x80;
	packet[1] = len >= 28 ? 200 : 201;
	put16(packet + 2, len / 4 - 1);
	put32(packet + 4, ssrc);
	fill_payload(packet + RTCP_HEADER, len - RTCP_HEADER, number);
}

uint16_t seq_of(const uint8_t *packet)
{
	return packet[2] << 8 | packet[3];
}

uint32_t ssrc_of(const uint8_t *packet, bool rtcp)
{
	uint32_t ssrc;

	memcpy(&ssrc, packet + (rtcp ? 4 : 8), sizeof(ssrc));
	return ntohl(ssrc);
}

/* RFC 5761 section 4 */
bool is_rtcp(const uint8_t *packet)
{
	return packet[1] >= 192 && packet[1] <= 223;
}
