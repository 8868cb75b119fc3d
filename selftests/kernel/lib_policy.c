// SPDX-License-Identifier: GPL-2.0
/*
 * Packets of all forms under any policy, both ways, octet by octet as an
 * independent computation has them.
 */
#include "srtptest.h"

#define PACKETS	24

static uint8_t packet[PACKET_MAX], wire[PACKET_MAX];

const struct long_master master_long = {
	.key = {
		0x3c, 0x91, 0x07, 0xe2, 0x5d, 0xa8, 0x66, 0x1f, 0x40, 0xbb, 0xd3, 0x7a, 0x8c, 0x29,
		0xf5, 0x12, 0xee, 0x54, 0x0d, 0x93, 0x61, 0xc7, 0x38, 0xaf, 0x06, 0x7d, 0xb2, 0x4e,
		0x19, 0x85, 0xda, 0x73,
	},
	.salt = {
		0xa1, 0x4f, 0x72, 0x08, 0xce, 0x33, 0x9b, 0x60, 0x17, 0xfd, 0x84, 0x2a, 0x5e, 0xb9,
	},
};

static size_t build_rtp(size_t i)
{
	struct rtp rtp = {
		.ssrc = SSRC, .seq = 65536 - PACKETS / 2 + i, .extension = (int)(i % 5) - 1,
		.csrcs = i % 3, .type = 96, .marker = i & 1,
	};
	size_t len = i == 1 ? RTP_HEADER + 4 : 100 + 53 * i;

	if (i == 1) {	/* nothing behind the header */
		rtp.csrcs = 1;
		rtp.extension = -1;
	}
	rtp_build(packet, len, &rtp);
	return len;
}

static uint32_t roc_of(size_t i, uint32_t first)
{
	return first + (i >= PACKETS / 2);
}

/* The wire's nth datagram is what the packet must become. */
static void must_be(struct call *call, size_t n, const uint8_t *shall, size_t len)
{
	CHECK(n < call->wire.count);
	SAME(call->wire.datagrams[n].data, call->wire.datagrams[n].len, shall, len);
}

static size_t build_rtcp(size_t i)
{
	size_t len = i ? 28 + 24 * (i % 20) : RTCP_HEADER;

	rtcp_build(packet, len, SSRC, i);
	return len;
}

static void one_way(struct call *call, const struct policy *policy, uint32_t roc)
{
	size_t i, len;

	for (i = 0; i < PACKETS; i++)
		call_send(call, LEFT, packet, build_rtp(i));
	for (i = 0; i < PACKETS; i++)
		call_send(call, LEFT, packet, build_rtcp(i));
	capture_flush(&call->wire);
	EQUAL(call->wire.count, 2 * PACKETS);
	for (i = 0; i < PACKETS; i++) {
		len = build_rtp(i);
		len = suite_rtp(policy, &master_long, roc_of(i, roc), packet, len, wire);
		must_be(call, i, wire, len);
	}
	for (i = 0; i < PACKETS; i++) {
		len = build_rtcp(i);
		len = suite_rtcp(policy, &master_long, i, packet, len, wire);
		must_be(call, PACKETS + i, wire, len);
	}
}

/* Each also with a bit wrong, first, if that can be seen. */
static void other_way(struct call *call, const struct policy *policy, uint32_t roc, bool forge)
{
	size_t i, len, wire_len;

	for (i = 0; i < PACKETS; i++) {
		len = build_rtp(i);
		wire_len = suite_rtp(policy, &master_long, roc_of(i, roc), packet, len, wire);
		if (forge) {
			wire[1] ^= 1 << i % 7;
			call_inject(call, RIGHT, wire, wire_len);
			wire[1] ^= 1 << i % 7;
		}
		call_inject(call, RIGHT, wire, wire_len);
		receive_exactly(call->sock[RIGHT], packet, len);
	}
	for (i = 0; i < PACKETS; i++) {
		len = build_rtcp(i);
		wire_len = suite_rtcp(policy, &master_long, i, packet, len, wire);
		/* not in the MKI or the index, which would name other keys */
		wire[0] ^= 1 << i % 5;
		call_inject(call, RIGHT, wire, wire_len);
		wire[0] ^= 1 << i % 5;
		call_inject(call, RIGHT, wire, wire_len);
		receive_exactly(call->sock[RIGHT], packet, len);
	}
	nothing_to_receive(call->sock[RIGHT]);
	EQUAL(stat_of(call->sock[RIGHT], call->family, SRTP_A_STATS_RX_AUTH_FAILED),
	      forge ? 2 * PACKETS : PACKETS);
}

void policy_both_ways(enum family family, const struct policy *policy, bool forge)
{
	struct stream tx = {
		.direction = SRTP_DIRECTION_TX, .ssrc = SSRC, .policy = policy,
		.long_master = &master_long, .indexes = true, .roc = 7, .seq = 65536 - PACKETS / 2 - 1,
	}, rx = tx;
	struct call call;

	call_prepare(&call, family, SRTP_ROLE_MUX);
	tx.session = call.session[LEFT];
	rx.session = call.session[RIGHT];
	rx.direction = SRTP_DIRECTION_RX;
	stream_new(LEFT, &tx);
	call_attach(&call, LEFT);
	one_way(&call, policy, tx.roc);
	stream_new(RIGHT, &rx);
	call_attach(&call, RIGHT);
	other_way(&call, policy, rx.roc, forge);
	call_end(&call);
}

struct stream b3_stream(const struct policy *policy, uint32_t session, int direction,
			uint32_t ssrc)
{
	static struct long_master master;
	struct stream stream = {
		.session = session, .direction = direction, .ssrc = ssrc, .policy = policy,
		.long_master = &master, .fresh = direction == SRTP_DIRECTION_TX,
	};

	memcpy(master.key, master_b3.key, sizeof(master_b3.key));
	memcpy(master.salt, master_b3.salt, sizeof(master_b3.salt));
	return stream;
}

void b3_call(struct call *call, enum family family, const struct policy *tx,
	     const struct policy *rx, uint32_t ssrc)
{
	struct stream stream;

	call_prepare(call, family, SRTP_ROLE_MUX);
	stream = b3_stream(tx, call->session[LEFT], SRTP_DIRECTION_TX, ssrc);
	stream_new(LEFT, &stream);
	stream = b3_stream(rx, call->session[RIGHT], SRTP_DIRECTION_RX, ssrc);
	stream_new(RIGHT, &stream);
	call_attach(call, LEFT);
	call_attach(call, RIGHT);
}
