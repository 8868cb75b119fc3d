#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""Events: sent when they should be, with what the spec lists and nothing wrong in it."""

import errno
import socket

import ktap
import ns
import rtp
import srtpnl
import world

BIT = {name: 1 << number for name, number in srtpnl.SPECIFICATION.enums["event"].items()}


class Call:
    def __init__(self, tx="tx", rx="rx", **more):
        self.events, self.nl = srtpnl.Events(), srtpnl.Netlink()
        new = self.nl.do("session-new", **more)
        self.session, self.cookie = new["id"], new["cookie"]
        self.tx = world.stream(self.nl, self.session, "tx", None, world.key(tx))
        self.rx = world.stream(self.nl, self.session, "rx", None, world.key(rx))
        self.inside, self.outside = world.pair(self.nl, self.session, "mux")
        self.peer = rtp.Srtp(*world.key(rx))

    def created(self, ssrc, direction):
        """The stream of one SSRC, as the dump has it."""
        for s in self.nl.dump("stream-get", session=self.session):
            if s.get("ssrc") == ssrc and s["direction"] == direction:
                return s
        raise AssertionError("no %s stream of SSRC %d" % (direction, ssrc))

    def seq(self):
        return self.nl.do("session-get", id=self.session)["event-seq"]

    def silent(self):
        """No event is waiting: the next one is that of a deletion made for the purpose."""
        marker = self.nl.do("session-new")
        self.nl.do("session-del", id=marker["id"])
        event = self.events.next()
        ktap.equal((event["type"], event["session-cookie"]), ("session-closed", marker["cookie"]), "the next event")


def expect_new(c, direction, ssrc, seq):
    event, stream = c.events.next(), c.created(ssrc, direction)
    want = {"type": "ssrc-new", "seq": seq, "session": c.session, "session-cookie": c.cookie,
            "stream": stream["id"], "direction": direction, "ssrc": ssrc}
    ktap.equal({k: event.get(k) for k in want}, want, "event")
    ktap.equal(stream["template"], c.tx if direction == "tx" else c.rx, "the stream's template")
    ktap.equal(c.seq(), seq, "event-seq of the session")


@ktap.test("ssrc-new tells each SSRC that a wildcard begins to send, once")
def _():
    c = Call()
    for n, ssrc in enumerate((5, 0, 2**32 - 1), 1):
        for seq in range(3):
            c.inside.send(rtp.rtp(ssrc, seq))
        expect_new(c, "tx", ssrc, n)
    c.silent()


@ktap.test("ssrc-new tells each SSRC that a wildcard received authentic, once, RTCP as well")
def _():
    c = Call()
    for n, ssrc in enumerate((5, 0, 2**32 - 1), 1):
        for seq in range(3):
            c.outside.send(c.peer.protect_rtp(rtp.rtp(ssrc, seq)))
        expect_new(c, "rx", ssrc, n)
    c.outside.send(c.peer.protect_rtcp(rtp.compound(77), 0))
    expect_new(c, "rx", 77, 4)
    c.silent()


@ktap.test("forged packets make no event")
def _():
    c = Call()
    forged = rtp.Srtp(*world.key("somebody"))
    for ssrc in range(10):
        c.outside.send(forged.protect_rtp(rtp.rtp(ssrc, 1)))
        c.outside.send(forged.protect_rtcp(rtp.compound(ssrc), 1))
        c.outside.send(rtp.rtp(ssrc, 2))
    ns.wait_for(lambda: srtpnl.info(c.inside)["stats"]["rx-auth-failed"] >= 20, "they are dropped")
    c.silent()
    ktap.equal(c.seq(), 0, "event-seq of the session")


@ktap.test("streams that were made by hand make no event")
def _():
    c = Call()
    world.stream(c.nl, c.session, "tx", 9, world.key("nine"))
    c.inside.send(rtp.rtp(9, 1))
    c.silent()


@ktap.test("session-closed tells the session, its cookie and why, after all other events of it")
def _():
    c = Call()
    c.inside.send(rtp.rtp(1, 1))
    expect_new(c, "tx", 1, 1)
    c.nl.do("session-del", id=c.session)
    event = c.events.next()
    want = {"type": "session-closed", "seq": 2, "session": c.session, "session-cookie": c.cookie, "reason": "request"}
    ktap.equal({k: event.get(k) for k in want}, want, "event")
    c.inside.close()
    c.silent()


@ktap.test("a packet with an SSRC and key that we send with is dropped, counted, and told once")
def _():
    c = Call("same", "same")
    c.inside.send(rtp.rtp(5, 1))
    event = c.events.next()
    ktap.equal((event["type"], event["direction"]), ("ssrc-new", "tx"), "the first event")
    wire = c.outside.recv(2048)
    for _ in range(3):
        c.outside.send(wire)
    ns.wait_for(lambda: srtpnl.info(c.inside)["stats"]["rx-own-ssrc"] == 3, "they are dropped and counted")
    event = c.events.next()
    want = {"type": "ssrc-collision", "seq": 2, "session": c.session, "session-cookie": c.cookie, "ssrc": 5}
    ktap.equal({k: event.get(k) for k in want}, want, "event")
    c.silent()
    c.inside.setblocking(False)
    with ktap.fails(errno.EAGAIN):
        c.inside.recv(2048)


@ktap.test("a collision is seen in the stream until it is acknowledged, and told again after that")
def _():
    c = Call("same", "same")
    c.inside.send(rtp.rtp(5, 1))
    wire = c.outside.recv(2048)
    c.outside.send(wire)
    told = c.events.wait("ssrc-collision")

    def latched():
        return [s for s in c.nl.dump("stream-get", session=c.session) if s["events"] & BIT["ssrc-collision"]]
    streams = latched()
    ktap.equal(len(streams), 1, "streams that say so")
    ktap.equal(streams[0]["event-seq"], told["seq"], "event-seq of the stream")
    c.nl.do("stream-set", session=c.session, id=streams[0]["id"], ack_events=BIT["ssrc-collision"])
    ktap.equal(latched(), [], "streams that say so")
    c.outside.send(wire)
    ktap.check(c.events.wait("ssrc-collision")["seq"] > told["seq"], "told again")


@ktap.test("every subscriber gets every event, in order")
def _():
    c = Call(ssrc_cap=100)
    more = [srtpnl.Events() for _ in range(3)]
    for ssrc in range(100):
        c.inside.send(rtp.rtp(ssrc, 1))
    for events in (c.events, *more):
        got = [events.next() for _ in range(100)]
        ktap.equal([e["seq"] for e in got], list(range(1, 101)), "sequence numbers")
        ktap.equal([e["ssrc"] for e in got], list(range(100)), "SSRCs")


@ktap.test("a subscriber that does not read loses events and learns of it, and the dump makes up for them")
def _():
    c = Call(ssrc_cap=2000)
    c.events.nl.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for ssrc in range(1000):
        c.inside.send(rtp.rtp(ssrc, 1))
    lost = False
    got = 0
    c.events.nl.sock.setblocking(False)
    while True:
        try:
            c.events.nl.recv()
            got += 1
        except BlockingIOError:
            break
        except OSError as e:
            ktap.equal(e.errno, errno.ENOBUFS, "errno")
            lost = True
    ktap.note("%d of 1000 events were read" % got)
    ktap.check(lost and got < 1000, "the subscriber learns of the loss")
    ktap.equal(c.seq(), 1000, "event-seq of the session")
    ssrcs = {s["ssrc"] for s in c.nl.dump("stream-get", session=c.session) if "ssrc" in s}
    ktap.equal(ssrcs, set(range(1000)), "SSRCs in the dump")


@ktap.test("without subscribers all goes on as with them")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    inside, _ = world.pair(nl, session)
    inside.send(rtp.rtp(1, 1))
    ktap.equal(nl.do("session-get", id=session)["event-seq"], 1, "event-seq")
    nl.do("session-del", id=session)


world.load()
ktap.main()
