#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 900
"""Rekeys under traffic over a bad network, past several wraps of SEQ.

What arrives is known from a capture; a model of RFC 3711 3.3.1 and 3.3.2 tells
which of it must be delivered, and how.
"""

import os
import socket
import struct
import subprocess

import ktap
import ns
import rtp
import srtpnl
import world

SSRC, FIRST, STEP, WRAPS, BETWEEN = 0x1234, 65000, 64, 3, 200
PACKETS = (WRAPS << 16) // STEP
WINDOW, SRTCP_WINDOW = 1024, 128
SO_RCVBUFFORCE, ETH_P_IP, PACKET_OUTGOING = 33, 0x0800, 4


def receive_on_one_processor():
    """With several, what comes close together reaches socket and capture in different orders."""
    if os.cpu_count() > 1:
        subprocess.run(("unshare", "--mount", "sh", "-c", "mount -t sysfs sysfs /sys && "
                        "echo 1 >/sys/class/net/lo/queues/rx-0/rps_cpus"), check=True)


def tc(*args):
    return subprocess.run(("tc", *args), check=True, capture_output=True, text=True).stdout


def drained():
    return "backlog 0b 0p" in tc("-s", "qdisc", "show", "dev", "lo")


def capture():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    s.bind(("lo", ETH_P_IP))
    s.setblocking(False)
    return s


def captured(cap, port):
    """What was received on lo for a UDP port, in its order."""
    while True:
        try:
            data, address = cap.recvfrom(2048)
        except BlockingIOError:
            return
        at = 4 * (data[0] & 15)
        if address[2] != PACKET_OUTGOING and data[9] == 17 and struct.unpack_from("!H", data, at + 2)[0] == port:
            yield data[at + 8:at + struct.unpack_from("!H", data, at + 4)[0]]


class Window:
    """RFC 3711 3.3.1 and 3.3.2."""

    def __init__(self, size):
        self.size, self.highest, self.seen, self.replayed, self.old = size, None, set(), 0, 0

    def estimate(self, seq):
        if self.highest is None:
            return seq
        roc, last = self.highest >> 16, self.highest & 0xffff
        if last < 32768:
            return (roc - (seq - last > 32768)) << 16 | seq
        return (roc + (last - 32768 > seq)) << 16 | seq

    def take(self, index):
        if self.highest is not None and index <= self.highest - self.size:
            self.old += 1
        elif index in self.seen:
            self.replayed += 1
        else:
            self.seen.add(index)
            self.highest = max(index, self.highest or 0)
            return True
        return False


class Call:
    def __init__(self, mki_len):
        self.mki_len, self.nl, self.names = mki_len, srtpnl.Netlink(), []
        self.sessions = [self.nl.do("session-new")["id"] for _ in range(2)]
        self.streams = [world.stream(self.nl, self.sessions[0], "tx", SSRC, mki_len=mki_len),
                        world.stream(self.nl, self.sessions[1], "rx", SSRC, mki_len=mki_len)]
        self.left, self.right = world.udp(), world.udp()
        self.left.connect(self.right.getsockname())
        self.right.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        for sock, session in ((self.left, self.sessions[0]), (self.right, self.sessions[1])):
            srtpnl.attach(sock, session, "mux")
        self.right.setblocking(False)
        self.keys = ([], [])
        self.rekey()

    def mki(self, name):
        return struct.pack("!I", name)[-self.mki_len:] if self.mki_len else None

    def key(self, side, name, active):
        self.keys[side].append(world.new_key(self.nl, self.sessions[side], self.streams[side], world.key(name),
                                             active=active, mki=self.mki(name)))

    def retire(self, side):
        self.nl.do("key-del", session=self.sessions[side], stream=self.streams[side], id=self.keys[side].pop(0))

    def rekey(self):
        """Receive first, then send, then forget what nobody can need any more."""
        if len(self.keys[1]) == 2:
            ns.wait_for(drained, "the wire is empty")
            self.retire(1)
            self.retire(0)
        name = len(self.names) + 1
        self.key(1, name, 0)
        self.key(0, name, 1)
        self.names.append(name)

    def send(self, n):
        if n % 10 == 9:
            self.left.send(rtp.rtcp(SSRC, body=struct.pack("!I", n)))
        else:
            self.left.send(rtp.rtp(SSRC, FIRST + n * STEP, payload=struct.pack("!I", n)))


def opened(c, srtps, wire, index):
    """The packet by the one key that it authenticates with; tries the latest first."""
    names = list(srtps)
    if c.mki_len:
        end = len(wire) - rtp.TAG
        names = [int.from_bytes(wire[end - c.mki_len:end], "big")]
        wire = wire[:end - c.mki_len] + wire[end:]
    for name in reversed(names):
        try:
            if 192 <= wire[1] <= 223:
                plain, index, _ = srtps[name].unprotect_rtcp(wire)
                return plain, index, name
            return srtps[name].unprotect_rtp(wire, index >> 16), index, name
        except rtp.Refused:
            pass
    raise AssertionError("a packet on the wire authenticates with no key")


def under_traffic(mki_len, netem):
    receive_on_one_processor()
    c, cap = Call(mki_len), capture()
    tc("qdisc", "add", "dev", "lo", "root", "netem", "limit", "100000", *netem.split())
    for n in range(PACKETS):
        if n and n % BETWEEN == 0:
            c.rekey()
        c.send(n)
    ns.wait_for(drained, "the wire is empty")
    tc("qdisc", "del", "dev", "lo", "root")
    srtps = {name: rtp.Srtp(*world.key(name)) for name in c.names}
    windows, want, used = (Window(WINDOW), Window(SRTCP_WINDOW)), [], set()
    for wire in captured(cap, c.right.getsockname()[1]):
        is_rtcp = 192 <= wire[1] <= 223
        guess = 0 if is_rtcp else windows[0].estimate(struct.unpack_from("!H", wire, 2)[0])
        plain, index, name = opened(c, srtps, wire, guess)
        used.add(name)
        if windows[is_rtcp].take(index):
            want.append(plain)
    got = []
    while True:
        try:
            got.append(c.right.recv(2048))
        except BlockingIOError:
            break
    stats = srtpnl.info(c.right)["stats"]
    ktap.note("%d sent under %d keys, %d to deliver, %s" % (
        PACKETS, len(c.names), len(want), {k: v for k, v in stats.items() if v}))
    ktap.equal(len(got), len(want), "packets delivered")
    ktap.check(got == want, "each in its form and order")
    ktap.equal(len(set(got)), len(got), "packets without repetition")
    ktap.equal(used, set(c.names), "keys that were used")
    ktap.check(windows[0].highest >> 16 >= WRAPS, "SEQ wrapped")
    ktap.equal((stats["rx-replayed"], stats["rx-too-old"]),
               tuple(sum(getattr(w, k) for w in windows) for k in ("replayed", "old")), "replays and late ones")
    ktap.equal((stats["rx-auth-failed"], stats["rx-mki-unknown"], stats["rx-no-key"]), (0, 0, 0), "other drops")


BAD = "delay 2ms 2ms loss 8% duplicate 8%"
ktap.test("with an MKI: loss, duplicates, reordering, three wraps: all in the window once", 4, BAD)(under_traffic)
ktap.test("unmarked: loss, duplicates, reordering, three wraps: all in the window once", 0, BAD)(under_traffic)
ktap.test("unmarked: reordering alone", 0, "delay 3ms 3ms")(under_traffic)

world.load()
ktap.main()
