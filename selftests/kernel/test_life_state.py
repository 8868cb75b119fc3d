#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""ROC, sequence number and SRTCP index: read, set, frozen, and handed over."""

import errno
import os

import ktap
import ns
import rtp
import srtpnl
import world
from rekey import Side, SSRC

BIT = {name: 1 << number for name, number in srtpnl.SPECIFICATION.enums["event"].items()}


@ktap.test("a ROC that is set waits for a packet that authenticates with it")
def _():
    s = Side("rx")
    s.key("a")
    s.delivers(100, "a")
    s.set(roc=7)
    got = s.get()
    ktap.equal((got["roc"], got["roc-pending"], got["seq"]), (0, 7, 100), "both values")
    s.drops(s.wire(101, "x", roc=7), "rx-auth-failed")
    ktap.equal(s.get()["roc-pending"], 7, "ROC after a forged packet")
    s.silent()
    s.delivers(50, "a", roc=7)
    got = s.get()
    ktap.equal((got["roc"], got["seq"], "roc-pending" in got), (7, 50, False), "ROC and sequence number")
    event = s.events.next()
    want = {"type": "roc-resync", "stream": s.stream, "ssrc": SSRC, "index": 7 << 16 | 50}
    ktap.equal({k: event.get(k) for k in want}, want, "event")
    s.drops(s.wire(50, "a", roc=7), "rx-replayed")
    s.drops(s.wire(100, "a", roc=0), "rx-auth-failed")
    s.delivers(49, "a", roc=7)
    s.set(roc=9, seq=65535)
    s.delivers(3, "a", roc=10)
    ktap.equal(s.events.next()["type"], "roc-resync", "event")
    s.delivers(65535, "a", roc=9)


@ktap.test("a pending ROC may be corrected, before a stream's first packet as well")
def _():
    s = Side("rx")
    s.key("a")
    s.set(roc=3)
    s.drops(s.wire(1, "a", roc=2), "rx-auth-failed")
    s.set(roc=2)
    s.delivers(1, "a", roc=2)
    ktap.equal(s.get()["roc"], 2, "ROC")


@ktap.test("no ROC and no index moves back")
def _():
    s = Side("rx", roc=5, seq=10, srtcp_index=77)
    s.key("a")
    for wrong in ({"roc": 4}, {"roc": 5, "seq": 9}, {"srtcp_index": 76}):
        with ktap.fails(errno.EEXIST, "back"):
            s.set(**wrong)
    with ktap.fails(errno.EINVAL, "seq needs roc"):
        s.set(seq=7)
    s.set(srtcp_index=80)
    s.drops(s.report(80, "a"), "rx-replayed")
    s.drops(s.report(79, "a"), "rx-replayed")
    s.arrives(s.report(81, "a"))
    s = Side("tx", roc=5, seq=10, srtcp_index=77)
    s.key("a", 1)
    for wrong in ({"roc": 4}, {"roc": 5, "seq": 9}, {"srtcp_index": 76}):
        with ktap.fails(errno.EEXIST, "back"):
            s.set(**wrong)


@ktap.test("a send stream goes on with the ROC and indexes that it is given")
def _():
    s = Side("tx")
    s.key("a", 1)
    s.sends(100, "a")
    s.set(roc=2)
    s.sends(40000, "a", roc=2)
    s.cannot_send(39999, errno.EEXIST)
    s.sends(40001, "a", roc=2)
    s.set(roc=2, seq=50000)
    s.cannot_send(49990, errno.EEXIST)
    s.cannot_send(50000, errno.EEXIST)
    s.sends(50001, "a", roc=2)
    s.set(srtcp_index=1000)
    s.reports(1000, "a")
    s.set(roc=4)
    s.nl.do("stream-del", session=s.session, id=s.stream)
    with ktap.fails(errno.EEXIST, "sent"):
        world.stream(s.nl, s.session, "tx", SSRC, fresh=1)


@ktap.test("the ROC of a wildcard is that of the streams to come")
def _():
    s = Side("rx", ssrc=None)
    s.key("a")
    s.delivers(1, "a", ssrc=1)
    s.set(roc=3)
    s.delivers(1, "a", ssrc=2, roc=3)
    s.delivers(2, "a", ssrc=1)
    for wrong in ({"roc": 3, "seq": 1}, {"srtcp_index": 1}):
        with ktap.fails(errno.EINVAL, "wildcard"):
            s.set(**wrong)


@ktap.test("a frozen send stream sends nothing more and tells where it stands")
def _():
    s = Side("tx", roc=2, seq=65000, window=64)
    s.key("a", 1)
    for seq in (65001, 65003, 65002, 65005):
        s.sends(seq, "a", roc=2)
    s.reports(0, "a")
    got = s.freeze()
    ktap.equal((got["roc"], got["seq"], got["srtcp-index"]), (2, 65005, 1), "state")
    state = int.from_bytes(got["replay-state"], "little")
    ktap.equal(state & 0b111111, 0b111101, "window")
    ktap.equal(len(got["replay-state"]), 8, "octets of the window")
    s.cannot_send(65006, errno.ENOKEY)
    with ktap.fails_plainly(errno.ENOKEY):
        s.inside.send(rtp.compound(SSRC))
    ktap.equal(s.get()["frozen"], 1, "frozen")
    ktap.equal(s.freeze(), got, "the same again")
    with ktap.fails(errno.EINVAL, "frozen"):
        s.set(roc=3)


@ktap.test("a frozen receive stream delivers nothing more and tells its windows")
def _():
    s = Side("rx", window=64, srtcp_window=64)
    s.key("a")
    for seq in (0, 1, 3):
        s.delivers(seq, "a")
    s.arrives(s.report(0, "a"))
    s.arrives(s.report(2, "a"))
    got = s.freeze()
    ktap.equal((got["roc"], got["seq"], got["srtcp-index"]), (0, 3, 2), "state")
    ktap.equal((got["replay-state"], got["srtcp-replay-state"]), (b"\x0d" + bytes(7), b"\x05" + bytes(7)), "windows")
    for wire in (s.wire(2, "a"), s.wire(4, "a"), s.report(1, "a"), s.report(3, "a")):
        s.drops(wire, "rx-no-key")
    ktap.equal(s.freeze(), got, "the same again")


@ktap.test("a stream that has not begun is frozen, and handed over, too")
def _():
    s = Side("rx", roc=4)
    s.key("a")
    got = s.freeze()
    ktap.equal((got["roc"], "seq" in got, "replay-state" in got), (4, False, False), "state")


def state(frozen):
    names = ("roc", "seq", "srtcp-index", "replay-state", "srtcp-replay-state")
    return {n.replace("-", "_"): frozen[n] for n in names if n in frozen}


def elsewhere(function, *args):
    """Runs it in a network namespace of its own."""
    def run():
        ns.unshare(ns.NEWNET)
        ns.loopback_up()
        return function(*args)
    return ns.child(run)


def go_on_receiving(got, window):
    s = Side("rx", window=window, srtcp_window=window, **state(got))
    s.key("a")
    for seq in (65533, 65535, 1):
        s.drops(s.wire(seq, "a", roc=3 if seq < 10 else 2), "rx-replayed")
    for index in (0, 5):
        s.drops(s.report(index, "a"), "rx-replayed")
    s.delivers(65534, "a", roc=2)
    s.delivers(0, "a", roc=3)
    s.delivers(2, "a", roc=3)
    s.arrives(s.report(3, "a"))
    s.arrives(s.report(6, "a"))
    if window > 64:
        s.drops(s.wire(65400, "a", roc=2), "rx-replayed")
    return s.get()["stats"]


@ktap.test("a receiver is taken over in another namespace: no replay, nothing lost", (64, 1024))
def _(windows):
    s = Side("rx", roc=2, window=64, srtcp_window=64)
    s.key("a")
    for roc, seq in ((2, 65533), (2, 65535), (3, 1)):
        s.delivers(seq, "a", roc=roc)
    s.arrives(s.report(0, "a"))
    s.arrives(s.report(5, "a"))
    got = s.freeze()
    for window in windows:
        stats = elsewhere(go_on_receiving, got, window)
        ktap.equal(stats["rx-auth-failed"], 0, "failed packets")


def go_on_sending(got, window):
    s = Side("tx", window=window, **state(got))
    s.key("a", 1)
    for seq, roc in ((65533, 2), (65535, 2), (1, 3)):
        s.cannot_send(seq, errno.EEXIST)
    s.sends(65534, "a", roc=2)
    s.sends(0, "a", roc=3)
    s.sends(2, "a", roc=3)
    s.reports(2, "a")
    s.cannot_send(65000, errno.EEXIST)


@ktap.test("a sender is taken over in another namespace: no index is used twice", (64, 512))
def _(windows):
    s = Side("tx", roc=2, seq=65532, window=64)
    s.key("a", 1)
    for roc, seq in ((2, 65533), (2, 65535), (3, 1)):
        s.sends(seq, "a", roc=roc)
    s.reports(0, "a")
    s.reports(1, "a")
    got = s.freeze()
    for window in windows:
        elsewhere(go_on_sending, got, window)


@ktap.test("in its own session a stream goes on above what it sent, whatever window is given")
def _():
    s = Side("tx", window=64)
    s.key("a", 1)
    s.sends(100, "a")
    s.sends(102, "a")
    got = s.freeze()
    s.nl.do("stream-del", session=s.session, id=s.stream)
    sid = world.stream(s.nl, s.session, "tx", SSRC, world.key("a"), window=64, roc=0, seq=102,
                       srtcp_index=0, replay_state=b"\1" + bytes(7))
    for seq in (100, 101, 102):
        s.cannot_send(seq, errno.EEXIST)
    s.sends(103, "a")
    ktap.check(sid != s.stream and got["seq"] == 102, "a new stream")


@ktap.test("what makes no sense of a state is refused by a sentence")
def _():
    for direction, wrong, word in (
            ("rx", {"replay_state": bytes(8)}, "replay-state needs"),
            ("rx", {"roc": 1, "replay_state": bytes(8)}, "replay-state needs"),
            ("rx", {"srtcp_replay_state": bytes(8)}, "srtcp-replay-state needs"),
            ("tx", {"roc": 1, "seq": 1, "srtcp_index": 1, "srtcp_replay_state": bytes(8)}, "srtcp-replay-state"),
            ("tx", {"fresh": 1, "roc": 1}, "fresh")):
        with ktap.fails(errno.EINVAL, word):
            Side(direction, **wrong)
    with ktap.fails(errno.EINVAL, "wildcard"):
        Side("rx", ssrc=None, roc=1, seq=1, replay_state=bytes(8))


@ktap.test("a frozen wildcard creates nothing more; what it created goes on")
def _():
    s = Side("tx", ssrc=None)
    s.key("a", 1)
    s.sends(1, "a", ssrc=1)
    s.freeze()
    s.cannot_send(1, errno.ENOKEY, ssrc=2)
    s.sends(2, "a", ssrc=1)
    s = Side("rx", ssrc=None)
    s.key("a")
    s.delivers(1, "a", ssrc=1)
    s.freeze()
    s.drops(s.wire(1, "a", ssrc=2), "rx-no-key")
    s.delivers(2, "a", ssrc=1)


@ktap.test("senders that freeze overtakes leave no index behind")
def _():
    s = Side("tx", ssrc=SSRC, window=4096)
    s.key("a", 1)
    pid = os.fork()
    if not pid:
        seq = 0
        try:
            while True:
                s.inside.setblocking(True)
                s.inside.send(rtp.rtp(SSRC, seq))
                seq += 1
        except OSError as e:
            os._exit(0 if e.errno == errno.ENOKEY else 1)
    ns.wait_for(lambda: s.get()["stats"]["tx-srtp-packets"] > 200, "it sends")
    got = s.freeze()
    ktap.equal(os.waitpid(pid, 0)[1], 0, "the sender's end")
    s.outside.setblocking(False)
    highest = -1
    while True:
        try:
            highest = max(highest, int.from_bytes(s.outside.recv(2048)[2:4], "big"))
        except BlockingIOError:
            break
    ktap.check(highest <= got["seq"], "packet %d left, state says %d" % (highest, got["seq"]))


world.load()
ktap.main()
