#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-only: debug
# ktap-timeout: 3600
"""Packets of every kind into an attached socket, and datagrams of every kind out of one.

FUZZ_SEED repeats the packets of an earlier run, FUZZ_PACKETS says how many.
"""

import contextlib
import os
import random
import select
import socket
import struct
import time

import ktap
import rtp
import srtpnl
import world

PACKETS = int(os.environ.get("FUZZ_PACKETS", 3000))
UDP_CORK, UDP_SEGMENT, MAX = 1, 103, 65507
SECRET = b"octets that may not be seen: "


def seeded():
    seed = int(os.environ.get("FUZZ_SEED", time.time_ns() & 0xffffffff))
    ktap.note("FUZZ_SEED=%d" % seed)
    return random.Random(seed)


def received(sock):
    out = []
    while select.select([sock], [], [], 0)[0]:
        out.append(sock.recv(1 << 16))
    return out


def flip(r, packet):
    at = r.randrange(len(packet))
    return packet[:at] + bytes([packet[at] ^ 1 << r.randrange(8)]) + packet[at + 1:]


def cut(r, packet):
    return packet[:r.randrange(len(packet))]


def longer(r, packet):
    return packet + r.randbytes(r.choice((1, 4, 10, 1400, 60000)))[:MAX - len(packet)]


def header(r, packet):
    """Another first octets: version, CSRC count, extension, type."""
    return r.randbytes(r.randrange(1, 5)) + packet[4:]


def extension(r, packet):
    """Claims an extension of some length."""
    words = r.choice((0, 1, 3, 100, 0xffff))
    return bytes([packet[0] | 0x10]) + packet[1:14] + struct.pack("!H", words) + packet[16:]


def noise(r, _):
    return bytes([r.choice((0x80, 0x90, 0xbf, r.randrange(256)))]) + r.randbytes(r.choice((0, 1, 11, 21, 22, 40, 1500)))


CHANGES = (flip, cut, longer, header, extension, noise)


class Peer:
    """Makes authentic packets, each index once."""

    def __init__(self, r):
        self.r, self.srtp = r, rtp.Srtp(*world.key("rx"))
        self.seq, self.index = dict.fromkeys(range(4), 0), 0

    def make(self):
        """The plain packet and the protected one."""
        r, ssrc = self.r, self.r.randrange(4)
        if r.random() < 0.25:
            self.index += 1
            plain = rtp.sender_report(0x100 + ssrc)
            return plain, self.srtp.protect_rtcp(plain, self.index)
        self.seq[ssrc] += 1
        ext = (0xbede, r.randbytes(4 * r.randrange(3))) if r.random() < 0.3 else None
        plain = rtp.rtp(0x100 + ssrc, self.seq[ssrc] % 65536, payload=r.randbytes(r.randrange(200)), ext=ext,
                        csrcs=range(r.randrange(3)))
        return plain, self.srtp.protect_rtp(plain, self.seq[ssrc] >> 16)


def drained(inside, want):
    for got in received(inside):
        ktap.check(got in want, "delivered what was not sent: %s" % got.hex())
        want.remove(got)


@ktap.test("%d packets, half of them changed: only authentic ones are delivered" % PACKETS, bound=3000)
def _():
    r, sent = seeded(), 0
    with srtpnl.Netlink() as nl:
        session = world.call(nl)
        inside, outside = world.pair(nl, session, "mux")
        peer, want, replay = Peer(r), [], []
        for _ in range(PACKETS):
            plain, wire = peer.make()
            changed = r.choice(CHANGES)(r, wire) if r.random() < 0.5 else wire
            outside.send(changed)
            if changed == wire:
                want.append(plain)
                replay.append(wire)
            sent += 1
            if replay and r.random() < 0.1:
                outside.send(r.choice(replay))
                sent += 1
            drained(inside, want)
        ktap.equal(want, [], "authentic packets that were lost")
        stats = srtpnl.info(inside)["stats"]
        counted = sum(n for name, n in stats.items() if name.startswith("rx-") and not name.endswith("bytes"))
        ktap.equal(counted, sent, "packets that are counted, each once")


# Sending

def datagram(r):
    """Mostly RTP with what may not be seen on the wire."""
    head = rtp.rtp(r.choice((1, 2, 3)), r.randrange(65536), payload=SECRET,
                   ext=(1, r.randbytes(8)) if r.random() < 0.2 else None)
    size = r.choice((0, 1, 3, 11, 12, 13, 60, 200, 1400, 1500, 9000, 65495, 65507, 65508, 70000))
    out = (head + SECRET * (size // len(SECRET) + 1))[:size]
    return flip(r, out) if out and r.random() < 0.2 else out


def control(r):
    out = []
    if r.random() < 0.3:
        out.append((socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("H", r.choice((0, 1, 12, 60, 500, 1472, 65535)))))
    if r.random() < 0.1:
        out.append((socket.IPPROTO_IP, r.randrange(40), r.randbytes(r.choice((0, 1, 4, 8, 40)))))
    return out


def hidden(wire):
    """What must not be legible: all but the header, which has extensions of any length."""
    return wire[8 if 192 <= wire[1] <= 223 else rtp.header_len(wire):]


def send(r, sock):
    flags = 0
    for flag in (socket.MSG_MORE, socket.MSG_CONFIRM, socket.MSG_DONTROUTE, 0x4000000, socket.MSG_OOB):
        if r.random() < 0.1:
            flags |= flag
    address = [sock.getpeername()] if r.random() < 0.5 else []
    parts = [datagram(r) for _ in range(r.choice((1, 1, 1, 2, 4)))]
    with contextlib.suppress(OSError):
        sock.sendmsg(parts, control(r), flags | socket.MSG_DONTWAIT, *address)
    if r.random() < 0.05:
        cork(sock, r.randrange(2))


def cork(sock, on):
    """What was put together is sent when the cork goes, which can be refused."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_UDP, UDP_CORK, on)


@ktap.test("%d datagrams of all kinds: none of them leaves in clear" % PACKETS, bound=3000)
def _():
    r = seeded()
    with srtpnl.Netlink() as nl:
        inside, outside = world.pair(nl, world.call(nl), "mux")
        for _ in range(PACKETS):
            send(r, inside)
            for wire in received(outside):
                ktap.check(SECRET not in hidden(wire), "in clear: %s" % wire[:100].hex())
        cork(inside, 0)
        ktap.check(all(SECRET not in hidden(wire) for wire in received(outside)), "in clear after the cork")


world.load()
ktap.main()
