#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 2400
# ktap-only: 6.1 debug
"""Broken netlink messages of every kind: always an answer, nothing left behind.

FUZZ_SEED repeats the random choices of an earlier run. FUZZ_MESSAGES says how many
random messages there are, FUZZ_SHARE which share of all the cuts and flips is made (0 to 1).
"""

import os
import random
import struct
import time

import ktap
import requests
import srtpnl
import world

SPEC = srtpnl.SPECIFICATION
MESSAGES = int(os.environ.get("FUZZ_MESSAGES", 1000))
SHARE = float(os.environ.get("FUZZ_SHARE", 0.03))
SEED = int(os.environ.get("FUZZ_SEED", time.time_ns() & 0xffffffff))
BATCH = 16              # messages between two probes
HEADER = 16             # octets of struct nlmsghdr; broken ones go unanswered
SEQ = 8                 # where its sequence number is


class Prober:
    """Sends what nobody vouches for, and finds out what was answered.

    Messages carry a sequence number each; after a batch comes a request that
    must succeed, so that a message that broke the socket is found.
    """

    def __init__(self):
        self.nl = srtpnl.Netlink()
        self.seq = 1 << 20

    def number(self, message):
        """The message with the next sequence number in place, and that number."""
        self.seq += 1
        return message[:SEQ] + struct.pack("=I", self.seq) + message[SEQ + 4:], self.seq

    def probe(self):
        return self.number(self.nl.raw("session-get", {}, srtpnl.NLM_F_REQUEST | srtpnl.NLM_F_DUMP))

    def run(self, batch):
        """Sends (message, must it be answered, what it is); all must be over after the probe."""
        open_ = {}
        for message, answered, what in batch:
            if answered:
                message, seq = self.number(message)
                open_[seq] = what
            self.nl.send_raw(message)
            if len(message) >= HEADER and struct.unpack_from("=H", message, 6)[0] & srtpnl.NLM_F_DUMP:
                self.drain(open_)
        self.drain(open_)
        ktap.check(not open_, "no answer to %s" % ", ".join(open_.values()))

    def drain(self, open_):
        """Reads all answers up to that of a probe."""
        # A dump that is under way makes the probe's EBUSY: one probe more.
        for _ in range(8):
            message, probe = self.probe()
            self.nl.send_raw(message)
            if self.answers(open_, probe):
                return
        raise AssertionError("the socket stays busy")

    def answers(self, open_, probe):
        while True:
            for kind, _, seq, payload in srtpnl.messages(self.nl.recv()):
                over = kind in (srtpnl.NLMSG_ERROR, srtpnl.NLMSG_DONE)
                if over:
                    open_.pop(seq, None)
                if seq == probe and over:
                    return kind == srtpnl.NLMSG_DONE


def batches(cases, make_scene, request):
    """Runs the cases in batches, each batch against a scene of its own."""
    prober, cases, total = Prober(), iter(cases), 0
    while True:
        with make_scene(prober.nl) as scene:
            message = request(scene)
            batch = [(c(message), answered, what) for _, (c, answered, what) in zip(range(BATCH), cases)]
            if not batch:
                return total
            prober.run(batch)
            total += len(batch)
            ktap.check(scene.nl.family, "still there")


def message_of(op, side):
    flags = srtpnl.NLM_F_REQUEST | srtpnl.NLM_F_ACK | (srtpnl.NLM_F_DUMP if side == "dump" else 0)
    return lambda scene: scene.nl.raw(op, scene.request(op, side), flags)


def template(op, side):
    with requests.Scene(srtpnl.Netlink()) as scene:
        return message_of(op, side)(scene)


def cut(length):
    """Cuts the message, and its length with it."""
    return lambda m: struct.pack("=I", length) + m[4:length]


def cut_short(length):
    """Cuts the message but not its length."""
    return lambda m: m[:length]


def flip(at, bit):
    return lambda m: m[:at] + bytes([m[at] ^ 1 << bit]) + m[at + 1:]


def truncations(op, side):
    length = len(template(op, side))
    for n in range(length):
        whole = n >= HEADER
        yield cut(n), whole, "%s cut to %d octets" % (op, n)
        if n:           # the core refuses to send nothing
            yield cut_short(n), False, "%s cut short" % op


def flips(op, side):
    for at in range(len(template(op, side))):
        for bit in range(8):
            yield flip(at, bit), at >= HEADER, "%s with bit %d of octet %d flipped" % (op, bit, at)


def fuzz(cases, op, side):
    chance = random.Random(SEED)
    some = [case for case in cases(op, side) if chance.random() < SHARE]
    total = batches(some, requests.Scene, message_of(op, side))
    ktap.note("%d messages, FUZZ_SEED=%d" % (total, SEED))
    leave_nothing()


def leave_nothing():
    """Whatever sessions there are can be deleted."""
    nl = srtpnl.Netlink()
    for session in nl.dump("session-get"):
        nl.do("session-del", id=session["id"])
    for op in ("session-get", "stream-get", "key-get", "socket-get"):
        ktap.equal(nl.dump(op), [], op)


for _op, _side in requests.SIDES:
    _name = _op + (" dump" if _side == "dump" else "")
    ktap.test("%s cut at any length is answered" % _name, truncations, _op, _side, bound=800)(fuzz)
    ktap.test("%s with a bit flipped is answered" % _name, flips, _op, _side, bound=1200)(fuzz)


# Random messages that keep to the form

INTERESTING = (0, 1, 2, 3, 10, 63, 64, 127, 128, 255, 256, 1024, 32768, 65535, 65536, 2**31 - 1, 2**31,
               2**32 - 1, 2**48, 2**63, 2**64 - 1)


class Random:
    def __init__(self, seed, scene):
        self.r, self.scene = random.Random(seed), scene

    def payload(self, a):
        r = self.r
        if a is None or r.random() < 0.08:
            return r.randbytes(r.choice((0, 1, 2, 4, 8, 14, 16, 33, 300, 5000)))
        if a.type == "nest":
            return self.attributes(SPEC.sets[a.nested], r.randrange(4))
        if a.type == "string":
            return r.choice((b"", b"\0", b"name\0", b"\xff\xfe\0", b"n" * 70 + b"\0"))
        if a.type in ("binary", "pad"):
            c = a.checks
            length = r.choice((0, 1, c.get("exact-len", 4), c.get("max-len", 16), 14, 16))
            return r.randbytes(length)
        return self.number(a)

    def number(self, a):
        """Mostly one that exists or is within the range, so that messages get far."""
        r, c, s = self.r, a.checks, self.scene
        known = (s.session, s.tx, s.rx, s.bare, s.key, s.sock.fileno(), s.loose.fileno())
        value = r.choice((r.choice(known), r.choice(INTERESTING), c.get("min", 0), c.get("max", 1),
                          r.getrandbits(64), r.randrange(4)))
        return (value % 256**a.size).to_bytes(a.size, a.order)

    def attributes(self, aset, count):
        out = b""
        for _ in range(count):
            a = self.r.choice(aset.attrs)
            number = a.number if self.r.random() < 0.97 else self.r.randrange(1 << 14)
            flags = srtpnl.NLA_F_NESTED if a.type == "nest" or self.r.random() < 0.02 else 0
            out += srtpnl.attr(number | flags, self.payload(a))
        return out

    def message(self, nl):
        r = self.r
        op, side = r.choice(requests.SIDES)
        op = SPEC.ops[op]
        values = dict(self.scene.request(op.name, side))
        for name in list(values):
            if r.random() < 0.15:
                values[name] = self.payload(op.set.by_name[name])
        body = srtpnl.encode(op.set, r.sample(list(values.items()), len(values)))
        listed = [op.set.by_name[n] for n in getattr(op, side)]
        for a in r.sample(listed, min(len(listed), r.choice((0, 0, 1, 2, 3)))):
            body += srtpnl.attr(a.number, self.payload(a))
        if r.random() < 0.1:
            body += self.attributes(op.set, 1)
        flags = srtpnl.NLM_F_REQUEST | srtpnl.NLM_F_ACK
        return nl.raw(op.name, body, flags | (srtpnl.NLM_F_DUMP if side == "dump" else 0)), op.name


@ktap.test("%d random messages of the right form are answered" % MESSAGES, bound=1800)
def _():
    ktap.note("FUZZ_SEED=%d" % SEED)
    prober = Prober()
    for i in range(0, MESSAGES, BATCH):
        with requests.Scene(prober.nl) as scene:
            r = Random(SEED + i, scene)
            made = [r.message(prober.nl) for _ in range(BATCH)]
            prober.run([(m, True, "%s: %s" % (op, m.hex())) for m, op in made])
            for session in prober.nl.dump("session-get"):
                if session["id"] != scene.session:
                    prober.nl.do("session-del", id=session["id"])
    leave_nothing()


world.load()
ktap.main()
