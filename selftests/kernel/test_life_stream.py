#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""What protects from sending two packets with the same keystream when streams come and go."""

import errno

import ktap
import ns
import rtp
import srtpnl
import world

SSRC = 0x11223344


class Sender:
    """A session with an attached socket that sends."""

    def __init__(self):
        self.nl = srtpnl.Netlink()
        self.session = self.nl.do("session-new")["id"]
        self.inside, self.outside = world.pair(self.nl, self.session, "mux")

    def stream(self, ssrc=SSRC, name="one", **more):
        return world.stream(self.nl, self.session, "tx", ssrc, world.key(name), **more)

    def delete(self, sid):
        self.nl.do("stream-del", session=self.session, id=sid)

    def send(self, seq, name="one", ssrc=SSRC, roc=0, payload=b"payload"):
        packet = rtp.rtp(ssrc, seq, payload=payload)
        self.inside.send(packet)
        ktap.equal(rtp.Srtp(*world.key(name)).unprotect_rtp(self.outside.recv(2048), roc), packet, "packet")

    def report(self, index, name="one", ssrc=SSRC):
        packet = rtp.sender_report(ssrc)
        self.inside.send(packet)
        got = rtp.Srtp(*world.key(name)).unprotect_rtcp(self.outside.recv(2048))
        ktap.equal(got, (packet, index, True), "report")

    def refused(self, number, *words, **values):
        with ktap.fails(number, *words):
            self.nl.do("stream-new", session=self.session, direction="tx", suite=world.SUITE, **values)


# Where a send stream begins

@ktap.test("a send stream that says neither fresh nor its indexes is refused")
def _():
    s = Sender()
    for more in ({}, {"fresh": 0}, {"seq": 5}, {"srtcp_index": 5}, {"fresh": 0, "seq": 1}):
        for ssrc in (SSRC, None):
            s.refused(errno.EINVAL, ssrc=ssrc, **more)
    ktap.equal(s.nl.dump("stream-get"), [], "streams")


@ktap.test("a receive stream needs neither fresh nor indexes")
def _():
    s = Sender()
    for ssrc in (SSRC, None):
        world.stream(s.nl, s.session, "rx", ssrc, world.key(ssrc))
    ktap.equal(len(s.nl.dump("stream-get")), 2, "streams")


@ktap.test("a send stream begins at the ROC, sequence number and SRTCP index that it was given")
def _():
    s = Sender()
    s.stream(roc=3, seq=1000, srtcp_index=77)
    s.send(1001, roc=3)
    s.report(77)
    s.report(78)
    sid = s.nl.dump("stream-get")[0]["id"]
    got = s.nl.do("stream-get", session=s.session, id=sid)
    ktap.equal((got["roc"], got["seq"], got["srtcp-index"]), (3, 1001, 79), "indexes")


@ktap.test("a send stream refuses the index that it was given as sent, and those below its window")
def _():
    s = Sender()
    s.stream(roc=3, seq=1000)
    for seq in (1000, 10):
        with ktap.fails(errno.EEXIST):
            s.inside.send(rtp.rtp(SSRC, seq))
    s.send(1001, roc=3)


@ktap.test("a fresh stream begins at index 0 and tells what it sent")
def _():
    s = Sender()
    sid = s.stream()
    s.report(0)
    s.send(65535)
    s.send(0, roc=1)
    got = s.nl.do("stream-get", session=s.session, id=sid)
    ktap.equal((got["roc"], got["seq"], got["srtcp-index"]), (1, 0, 1), "indexes")
    stats = {k: v for k, v in got["stats"].items() if v}
    ktap.equal(stats, {"tx-srtp-packets": 2, "tx-srtp-bytes": 38, "tx-srtcp-packets": 1, "tx-srtcp-bytes": 28},
               "counters")


@ktap.test("indexes out of range are refused")
def _():
    s = Sender()
    s.refused(errno.ERANGE, ssrc=SSRC, roc=0, srtcp_index=2**31)


# Clashes

@ktap.test("a second stream of one SSRC and direction is refused, the other direction is not")
def _():
    s = Sender()
    for direction, other in (("tx", "rx"), ("rx", "tx")):
        for ssrc in (SSRC, None):
            if direction == "tx":
                world.stream(s.nl, s.session, direction, ssrc)
                world.stream(s.nl, s.session, other, ssrc)
            with ktap.fails(errno.EEXIST):
                world.stream(s.nl, s.session, direction, ssrc)
    ktap.equal(len(s.nl.dump("stream-get")), 4, "streams")


@ktap.test("a stream of an SSRC that a wildcard created already is refused")
def _():
    s = Sender()
    s.stream(None)
    s.send(1)
    with ktap.fails(errno.EEXIST):
        world.stream(s.nl, s.session, "tx", SSRC)
    with ktap.fails(errno.EEXIST):
        world.stream(s.nl, s.session, "tx", SSRC, roc=5)


@ktap.test("a stream of its own goes before the wildcard")
def _():
    s = Sender()
    s.stream(None, "wild")
    s.stream(SSRC, "own")
    s.send(1, "own")
    s.send(1, "wild", ssrc=5)


@ktap.test("numbers of streams and keys are not given out again in a session")
def _():
    s = Sender()
    seen = set()
    for i in range(30):
        sid = world.stream(s.nl, s.session, "rx", i, world.key(i))
        ktap.check(sid not in seen, "stream %d twice" % sid)
        seen.add(sid)
        s.delete(sid)


# Tombstones

def delete_after(s, indexes=(100,), reports=0, **more):
    sid = s.stream(**more)
    for index in indexes:
        s.send(index & 0xffff, roc=index >> 16)
    for i in range(reports):
        s.report(i)
    s.delete(sid)


@ktap.test("a deleted send SSRC may not begin fresh again")
def _():
    s = Sender()
    delete_after(s)
    s.refused(errno.EEXIST, ssrc=SSRC, fresh=1)
    s.refused(errno.EEXIST, ssrc=SSRC, fresh=1)
    s.nl.do("stream-new", session=s.session, direction="tx", suite=world.SUITE, ssrc=SSRC + 1, fresh=1)


@ktap.test("a deleted send SSRC may go on from its last indexes or above them, not below")
def _():
    s = Sender()
    delete_after(s, (0xffff, 0x10007), reports=3)
    for roc, seq, index in ((0, 65535, 3), (1, 6, 3), (0, 0, 100), (1, 8, 2), (1, 8, 0)):
        s.refused(errno.EEXIST, ssrc=SSRC, roc=roc, seq=seq, srtcp_index=index)
    s.stream(roc=1, seq=7, srtcp_index=3)
    with ktap.fails(errno.EEXIST):
        s.inside.send(rtp.rtp(SSRC, 7, payload=b"other payload"))
    s.send(8, roc=1)
    s.report(3)


@ktap.test("packets sent before the deletion are not sent again after it")
def _():
    s = Sender()
    delete_after(s, (100, 101, 102))
    s.stream(roc=0, seq=102)
    for seq in (100, 101, 102):
        with ktap.fails(errno.EEXIST):
            s.inside.send(rtp.rtp(SSRC, seq, payload=b"other payload"))
    s.send(103)


@ktap.test("a stream that sent nothing leaves its SSRC as it was, or at least lets it go on with indexes")
def _():
    s = Sender()
    s.delete(s.stream())
    s.stream(roc=0, seq=1)
    s.send(2)


@ktap.test("deletions add up: the highest index of all of them counts")
def _():
    s = Sender()
    delete_after(s, (100,))
    delete_after(s, (5000,), roc=0, seq=101)
    s.refused(errno.EEXIST, ssrc=SSRC, roc=0, seq=200)
    s.refused(errno.EEXIST, ssrc=SSRC, fresh=1)
    s.stream(roc=0, seq=5001)


@ktap.test("deleting a send wildcard leaves a tombstone for each SSRC that it sent")
def _():
    s = Sender()
    sid = s.stream(None)
    for ssrc in (1, 2, 3):
        s.send(100, ssrc=ssrc)
    s.delete(sid)
    ktap.equal(s.nl.dump("stream-get"), [], "streams")
    for ssrc in (1, 2, 3):
        s.refused(errno.EEXIST, ssrc=ssrc, fresh=1)
    s.refused(errno.EEXIST, ssrc=1, roc=0, seq=99)
    s.stream(1, roc=0, seq=100)
    s.stream(4)


@ktap.test("a new wildcard with the old key does not send an index of a deleted SSRC again")
def _():
    s = Sender()
    sid = s.stream(None)
    s.send(100)
    s.report(0)
    s.delete(sid)
    try:
        s.stream(None)
    except srtpnl.Error as e:
        ktap.equal(e.errno, errno.EEXIST, "errno")
        return
    for seq in (100, 99):
        with ktap.fails((errno.EEXIST, errno.ENOKEY)):
            s.inside.send(rtp.rtp(SSRC, seq, payload=b"other payload"))
    s.outside.setblocking(False)
    with ktap.fails(errno.EAGAIN):
        s.outside.recv(2048)


@ktap.test("tombstones end with their session, and are of one session only")
def _():
    s = Sender()
    delete_after(s)
    other = s.nl.do("session-new")["id"]
    world.stream(s.nl, other, "tx", SSRC)
    s.nl.do("session-del", id=s.session)
    again = s.nl.do("session-new", id=s.session)["id"]
    world.stream(s.nl, again, "tx", SSRC)


@ktap.test("a deleted receive SSRC leaves nothing behind")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    for _ in range(3):
        sid = world.stream(nl, session, "rx", SSRC, world.key("rx"))
        nl.do("stream-del", session=session, id=sid)


@ktap.test("many tombstones are kept, each with its own index")
def _():
    s = Sender()
    count = 300
    for ssrc in range(1, count + 1):
        sid = s.stream(ssrc)
        s.send(ssrc, ssrc=ssrc)
        s.delete(sid)
    for ssrc in range(1, count + 1):
        s.refused(errno.EEXIST, ssrc=ssrc, fresh=1)
        s.refused(errno.EEXIST, ssrc=ssrc, roc=0, seq=ssrc - 1)
        world.stream(s.nl, s.session, "tx", ssrc, roc=0, seq=ssrc)


# Keys

@ktap.test("after its key is deleted a send stream refuses, and a receive stream drops")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    inside, outside = world.pair(nl, session)
    for key in nl.dump("key-get", session=session):
        nl.do("key-del", session=session, stream=key["stream"], id=key["id"])
    with ktap.fails(errno.ENOKEY):
        inside.send(rtp.rtp(1, 1))
    outside.send(rtp.Srtp(*world.key("rx")).protect_rtp(rtp.rtp(2, 1)))
    ns.wait_for(lambda: srtpnl.info(inside)["stats"]["rx-no-key"] == 1, "the packet is dropped")
    ktap.equal(srtpnl.info(inside)["stats"]["tx-no-key"], 1, "refused sends")


@ktap.test("a new key does not set the index back: what was sent stays sent")
def _():
    s = Sender()
    sid = s.stream()
    s.send(100)
    s.report(0)
    key = s.nl.dump("key-get")[0]["id"]
    s.nl.do("key-del", session=s.session, stream=sid, id=key)
    world.new_key(s.nl, s.session, sid, world.key("two"))
    with ktap.fails(errno.EEXIST):
        s.inside.send(rtp.rtp(SSRC, 100, payload=b"other payload"))
    s.send(101, "two")
    s.report(1, "two")


@ktap.test("an old key that comes back does not send an index again")
def _():
    s = Sender()
    sid = s.stream()
    s.send(100)
    key = s.nl.dump("key-get")[0]["id"]
    s.nl.do("key-del", session=s.session, stream=sid, id=key)
    world.new_key(s.nl, s.session, sid, world.key("one"))
    with ktap.fails(errno.EEXIST):
        s.inside.send(rtp.rtp(SSRC, 100, payload=b"other payload"))
    s.send(101)


def rejected(nl, session, sid, master):
    with ktap.fails(errno.EKEYREJECTED, "key"):
        world.new_key(nl, session, sid, master)


@ktap.test("the same key for both directions of one SSRC is refused", "tx", "rx")
@ktap.test("the same key for both directions of one SSRC is refused, receive first", "rx", "tx")
def _(first, second):
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    world.stream(nl, session, first, SSRC, world.key("k"))
    sid = world.stream(nl, session, second, SSRC)
    rejected(nl, session, sid, world.key("k"))
    # The salt alone does not make it another keystream for sure; the key does.
    world.new_key(nl, session, sid, world.key("other"))


@ktap.test("the same key for both directions of different SSRCs is taken")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    world.stream(nl, session, "tx", 1, world.key("k"))
    world.stream(nl, session, "rx", 2, world.key("k"))


@ktap.test("the same key for both wildcards is taken: their SSRCs differ")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    world.stream(nl, session, "tx", None, world.key("k"))
    world.stream(nl, session, "rx", None, world.key("k"))


@ktap.test("a key that was deleted may be used in the other direction of another SSRC")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    sid = world.stream(nl, session, "rx", 1, world.key("k"))
    nl.do("stream-del", session=session, id=sid)
    world.stream(nl, session, "tx", 2, world.key("k"))


@ktap.test("a wildcard does not send with a key and SSRC that a receive stream has")
def _():
    s = Sender()
    world.stream(s.nl, s.session, "rx", SSRC, world.key("k"))
    try:
        s.stream(None, "k")
    except srtpnl.Error as e:
        ktap.equal(e.errno, errno.EKEYREJECTED, "errno")
        return
    with ktap.fails((errno.EKEYREJECTED, errno.ENOKEY, errno.EEXIST)):
        s.inside.send(rtp.rtp(SSRC, 1))
    s.send(1, "k", ssrc=SSRC + 1)


world.load()
ktap.main()
