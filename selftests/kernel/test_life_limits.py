#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Limits of keys: packets and time, soft and hard, and what is told of them."""

import errno
import os
import threading

import ktap
import ns
import rekey
import rtp
import srtpnl
import world
from rekey import Side, SSRC

BIT = {name: 1 << number for name, number in srtpnl.SPECIFICATION.enums["event"].items()}


@ktap.test("a new key has the limits of RFC 3711 9.2, and is told of before")
def _():
    s = Side("tx")
    s.key("a", 1)
    key = s.keys()[1]
    ktap.equal((key["hard-packets"], key["hard-srtcp-packets"]), (1 << 48, 1 << 31), "hard limits")
    ktap.check(0 < key["soft-packets"] < 1 << 48 and 0 < key["soft-srtcp-packets"] < 1 << 31, "soft limits")
    ktap.check("hard-seconds" not in key, "no limit of time")


def sending(soft, hard):
    s = Side("tx")
    s.key("a", 1, soft_packets=soft, hard_packets=hard)
    for seq in range(soft - 1):
        s.sends(seq, "a")
    s.silent()
    s.sends(soft - 1, "a")
    event = s.events.next()
    want = {"type": "key-soft-limit", "session": s.session, "stream": s.stream, "direction": "tx", "ssrc": SSRC,
            "key": 1, "limit": soft, "index": soft - 1}
    ktap.equal({k: event.get(k) for k in want}, want, "event")
    ktap.equal(s.get()["events"], BIT["key-soft-limit"], "latched")
    ktap.equal(s.get()["event-seq"], event["seq"], "event-seq of the stream")
    for seq in range(soft, hard - 1):
        s.sends(seq, "a")
    s.silent()
    s.sends(0 if hard < 500 else hard - 2, "a")     # again: not counted
    s.sends(hard - 1, "a")
    event = s.events.next()
    ktap.equal((event["type"], event["limit"]), ("key-hard-limit", hard), "event")
    ktap.equal(s.states(), ["expired"], "states")
    for seq in (hard, hard + 1, 0):
        s.cannot_send(seq, errno.EKEYEXPIRED)
    s.silent()
    ktap.equal(s.count("tx-expired"), 3, "tx-expired")
    ktap.equal(s.keys()[1]["srtp-packets"], hard, "packets of the key")
    with ktap.fails_plainly(errno.EKEYEXPIRED):
        s.inside.send(rtp.compound(SSRC))
    s.key("b", 1)
    ktap.equal(s.get()["events"], 0, "events after a key change")
    s.sends(hard, "b")


ktap.test("sending: told at the soft limit, stopped at the hard one, to the packet", 5, 9)(sending)
ktap.test("sending: the same where CPUs count on budgets of their own", 300, 700)(sending)


@ktap.test("receiving: told at the soft limit, dropped beyond the hard one")
def _():
    s = Side("rx")
    s.key("a", soft_packets=3, hard_packets=5)
    for seq in range(5):
        s.delivers(seq, "a")
        s.drops(s.wire(seq, "a"), "rx-replayed" if seq < 4 else "rx-expired")
        s.drops(s.wire(seq + 1, "x"), "rx-auth-failed" if seq < 4 else "rx-expired")
    ktap.equal([s.events.next()["type"] for _ in range(2)], ["key-soft-limit", "key-hard-limit"], "events")
    s.silent()
    s.drops(s.wire(5, "a"), "rx-expired")
    s.drops(s.report(0, "a"), "rx-expired")
    ktap.equal(s.keys()[1]["srtp-packets"], 5, "packets of the key")


@ktap.test("SRTCP has limits of its own, and they end the key for SRTP as well")
def _():
    s = Side("tx")
    s.key("a", 1, soft_srtcp_packets=2, hard_srtcp_packets=3)
    s.sends(1, "a")
    for index in range(3):
        s.reports(index, "a")
    ktap.equal([s.events.next()["limit"] for _ in range(2)], [2, 3], "limits told")
    s.cannot_send(2, errno.EKEYEXPIRED)


@ktap.test("limits in time are those of CLOCK_BOOTTIME, with nothing sent meanwhile")
def _():
    s = Side("tx")
    s.key("a", 1, soft_seconds=1, hard_seconds=2)
    s.sends(1, "a")
    event = s.events.next()
    ktap.equal((event["type"], event["limit"]), ("key-soft-limit", 1), "event")
    event = s.events.next()
    ktap.equal((event["type"], event["limit"]), ("key-expired", 2), "event")
    s.cannot_send(2, errno.EKEYEXPIRED)
    ktap.equal(s.states(), ["expired"], "states")


@ktap.test("limits are changed by key-set; what is reached already is noticed at once")
def _():
    s = Side("tx")
    s.key("a", 1)
    for seq in range(10):
        s.sends(seq, "a")
    s.nl.do("key-set", session=s.session, stream=s.stream, id=1, soft_packets=10)
    ktap.equal(s.events.next()["type"], "key-soft-limit", "event")
    s.nl.do("key-set", session=s.session, stream=s.stream, id=1, hard_packets=12)
    ktap.equal(s.keys()[1]["hard-packets"], 12, "hard limit")
    s.sends(10, "a")
    s.sends(11, "a")
    ktap.equal(s.events.next()["type"], "key-hard-limit", "event")
    s.cannot_send(12, errno.EKEYEXPIRED)
    s.key("b", 1, hard_seconds=1000)
    s.nl.do("key-set", session=s.session, stream=s.stream, id=2, hard_seconds=1)
    ktap.equal(s.events.next()["type"], "key-expired", "event")


@ktap.test("acknowledged events are told again when they happen again")
def _():
    s = Side("tx")
    s.key("a", 1, hard_packets=1)
    s.sends(0, "a")
    ktap.equal(s.events.next()["type"], "key-hard-limit", "event")
    s.cannot_send(1, errno.EKEYEXPIRED)
    s.silent()
    s.set(ack_events=BIT["key-hard-limit"])
    ktap.equal(s.get()["events"], 0, "events")


@ktap.test("a key of a wildcard counts all that it creates, and its events are the wildcard's")
def _():
    s = Side("tx", ssrc=None)
    s.key("a", 1, soft_packets=4, hard_packets=8)
    for n in range(8):
        s.sends(n, "a", ssrc=n)
    kinds = [s.events.next() for _ in range(10)]
    ktap.equal([e["type"] for e in kinds if e["type"] != "ssrc-new"], ["key-soft-limit", "key-hard-limit"], "events")
    ktap.equal({e["stream"] for e in kinds if e["type"] != "ssrc-new"}, {s.stream}, "their stream")
    s.cannot_send(9, errno.EKEYEXPIRED, ssrc=3)
    with ktap.fails_plainly(errno.EKEYEXPIRED):
        s.inside.send(rtp.rtp(99, 1))


@ktap.test("several processors count to the packet")
def _():
    s = Side("tx", ssrc=None)
    s.key("a", 1, hard_packets=3000)
    sent, sink = [0] * 4, world.udp()

    def send(n):
        os.sched_setaffinity(threading.get_native_id(), {n % os.cpu_count()})
        sock = world.udp()
        sock.connect(sink.getsockname())
        srtpnl.attach(sock, s.session, "rtp")
        try:
            for seq in range(3000):
                sock.send(rtp.rtp(n, seq))
                sent[n] += 1
        except OSError as e:
            ktap.equal(e.errno, errno.EKEYEXPIRED, "errno")
    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ktap.note(sent)
    ktap.equal(sum(sent), 3000, "packets sent")
    ktap.equal(s.keys()[1]["srtp-packets"], 3000, "packets of the key")


world.load()
ktap.main()
