// SPDX-License-Identifier: GPL-2.0
/*
 * A call between the two hosts: on each side a session with a wildcard stream
 * in each direction, and a socket.
 */
#include "srtptest.h"

static const uint16_t ports[SIDES] = { LEFT_PORT, RIGHT_PORT };
static const struct master *const masters[SIDES] = { &master_b3, &master_other };

void call_prepare(struct call *call, enum family family, int role)
{
	enum side side;

	memset(call, 0, sizeof(*call));
	call->family = family;
	call->role = role;
	for (side = LEFT; side < SIDES; side++) {
		reference_derive(&call->reference[side], masters[side]);
		call->at[side] = address_of(side, family, ports[side]);
		call->sock[side] = bound_socket(side, family, ports[side]);
		call->session[side] = session_new(side);
		call->tx[side] = stream_any(side, call->session[side], SRTP_DIRECTION_TX,
					    masters[side]);
		call->rx[side] = stream_any(side, call->session[side], SRTP_DIRECTION_RX,
					    masters[!side]);
	}
	capture_open(&call->wire, RIGHT, "right");
}

void call_attach(struct call *call, enum side side)
{
	attach(call->sock[side], call->family, call->session[side], call->role);
}

void call_begin(struct call *call, enum family family, int role)
{
	call_prepare(call, family, role);
	call_attach(call, LEFT);
	call_attach(call, RIGHT);
}

void call_end(struct call *call)
{
	enum side side;

	for (side = LEFT; side < SIDES; side++) {
		close(call->sock[side]);
		session_del(side, call->session[side]);
	}
	capture_close(&call->wire);
}

void call_connect(struct call *call)
{
	connect_to(call->sock[LEFT], &call->at[RIGHT]);
	connect_to(call->sock[RIGHT], &call->at[LEFT]);
}

void call_send(struct call *call, enum side from, const void *packet, size_t len)
{
	EQUAL(send_to(call->sock[from], packet, len, &call->at[!from]), len);
}

void call_pass(struct call *call, enum side from, const void *packet, size_t len)
{
	call_send(call, from, packet, len);
	receive_exactly(call->sock[!from], packet, len);
}

/* From a port that no session of the other side knows. */
void call_inject(struct call *call, enum side to, const void *wire, size_t len)
{
	static int sock[SIDES];
	static enum family family[SIDES];

	if (sock[to] && family[to] != call->family) {
		close(sock[to]);
		sock[to] = 0;
	}
	if (!sock[to])
		sock[to] = udp_socket(!to, call->family);
	family[to] = call->family;
	EQUAL(send_to(sock[to], wire, len, &call->at[to]), len);
}

static bool carries_rtcp(const struct call *call, const struct datagram *datagram)
{
	return call->role == SRTP_ROLE_RTCP ||
	       (call->role == SRTP_ROLE_MUX && is_rtcp(datagram->data));
}

/* The roll-over counter goes with the packet's SSRC; small ones are tried. */
static ssize_t open_rtp(const struct reference *ref, const struct datagram *datagram,
			uint8_t *plain)
{
	static uint32_t roc;
	uint32_t guess;
	ssize_t len;

	len = reference_open_rtp(ref, roc, datagram->data, datagram->len, plain);
	for (guess = 0; len < 0 && guess < 8; guess++) {
		len = reference_open_rtp(ref, guess, datagram->data, datagram->len, plain);
		if (len >= 0)
			roc = guess;
	}
	return len;
}

ssize_t wire_open(struct call *call, const struct datagram *datagram, uint8_t *plain)
{
	const struct reference *ref;
	uint32_t index;

	ref = &call->reference[datagram->to == ports[RIGHT] ? LEFT : RIGHT];
	if (carries_rtcp(call, datagram))
		return reference_open_rtcp(ref, &index, datagram->data, datagram->len, plain);
	return open_rtp(ref, datagram, plain);
}

void wire_check(struct call *call, size_t count)
{
	static uint8_t plain[PACKET_MAX];
	size_t i;

	capture_flush(&call->wire);
	CHECK(!call->wire.marked);
	for (i = 0; i < call->wire.count; i++) {
		if (wire_open(call, &call->wire.datagrams[i], plain) < 0)
			FAIL("datagram %zu of %zu on the wire, %zu octets to port %u, "
			     "does not authenticate", i, call->wire.count,
			     call->wire.datagrams[i].len, call->wire.datagrams[i].to);
	}
	EQUAL(call->wire.count, count);
}

void wire_expect(struct call *call, size_t at, const void *shall, size_t len)
{
	static uint8_t plain[PACKET_MAX];
	ssize_t is;

	CHECK(at < call->wire.count);
	is = wire_open(call, &call->wire.datagrams[at], plain);
	CHECK(is >= 0);
	SAME(plain, (size_t)is, shall, len);
}

void wire_forget(struct call *call)
{
	size_t i;

	capture_flush(&call->wire);
	CHECK(!call->wire.marked);
	for (i = 0; i < call->wire.count; i++)
		free(call->wire.datagrams[i].data);
	call->wire.count = 0;
}
