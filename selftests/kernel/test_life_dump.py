#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 900
"""Dumps of many objects: every one once, also while others come and go."""

import contextlib
import random
import socket

import ktap
import srtpnl
import world

SESSIONS, STREAMS = 2000, 10000
SO_RCVBUFFORCE = 33
BATCH = 100             # requests in one message to the kernel


def batched(nl, requests):
    """Runs requests (op, values), many in one send; yields the replies."""
    nl.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
    requests = list(requests)
    for at in range(0, len(requests), BATCH):
        part = requests[at:at + BATCH]
        nl.send_raw(b"".join(padded(nl.raw(op, values)) for op, values in part))
        first = nl.seq - len(part) + 1
        for i, (op, _) in enumerate(part):
            replies = nl.collect(first + i)
            yield srtpnl.decode(nl.spec.ops[op].set, replies[0][4:]) if replies else None


def padded(message):
    return message + bytes(-len(message) % 4)


class Reader(srtpnl.Netlink):
    """A dump that is read one message at a time, with what happens in between."""

    def __init__(self, room=8192):
        self.room = room
        super().__init__()

    def pieces(self, op, values=()):
        """Yields the objects of one message after the other."""
        self.send_raw(self.raw(op, dict(values), srtpnl.NLM_F_REQUEST | srtpnl.NLM_F_DUMP))
        while True:
            out, over = [], False
            for kind, flags, seq, payload in srtpnl.messages(self.recv()):
                ktap.equal(seq, self.seq, "sequence number")
                ktap.check(kind != srtpnl.NLMSG_ERROR, "the dump goes through")
                over |= kind == srtpnl.NLMSG_DONE
                if kind == self.family:
                    ktap.check(flags & srtpnl.NLM_F_MULTI, "a part of many")
                    out.append(srtpnl.decode(self.spec.ops[op].set, payload[4:]))
            yield out
            if over:
                return


def all_once(got, want, what):
    ktap.equal(len(got), len(set(got)), "%s, counted and counted once" % what)
    ktap.equal(set(got) - set(want), set(), "%s that should not be there" % what)
    ktap.equal(set(want) - set(got), set(), "%s that are missing" % what)


def many_sessions(nl):
    return [r["id"] for r in batched(nl, [("session-new", {"name": "s%d" % i}) for i in range(SESSIONS)])]


def stream_request(session, ssrc):
    return "stream-new", {"session": session, "direction": "rx", "ssrc": ssrc, "suite": world.SUITE}


def many_streams(nl, session, count=STREAMS):
    return [r["id"] for r in batched(nl, [stream_request(session, i) for i in range(count)])]


@ktap.test("a dump of %d sessions has every one once, whatever the size of the reader's buffer" % SESSIONS)
def _():
    nl = srtpnl.Netlink()
    ids = many_sessions(nl)
    all_once([s["id"] for s in nl.dump("session-get")], ids, "sessions")
    for room in (8192, 16384):
        got = [s["id"] for piece in Reader(room).pieces("session-get") for s in piece]
        all_once(got, ids, "sessions by %d octets" % room)


@ktap.test("a dump of %d sessions while half of them are deleted has each of the others once" % SESSIONS)
def _():
    nl, reader = srtpnl.Netlink(), Reader()
    ids = many_sessions(nl)
    doomed = set(random.sample(ids, SESSIONS // 2))
    left, got = list(doomed), []
    for piece in reader.pieces("session-get"):
        got += [s["id"] for s in piece]
        part, left = left[:100], left[100:]
        list(batched(nl, [("session-del", {"id": i}) for i in part]))
    ktap.equal(len(got), len(set(got)), "sessions, counted and counted once")
    kept = set(ids) - doomed
    ktap.equal(kept - set(got), set(), "sessions that are missing")
    ktap.equal(set(got) - set(ids), set(), "sessions that never were")
    list(batched(nl, [("session-del", {"id": i}) for i in left]))
    all_once([s["id"] for s in nl.dump("session-get")], kept, "sessions afterwards")


@ktap.test("a dump of sessions while others are created has each of the old ones once")
def _():
    nl, reader = srtpnl.Netlink(), Reader()
    ids = many_sessions(nl)
    got, new = [], []
    for piece in reader.pieces("session-get"):
        got += [s["id"] for s in piece]
        if len(new) < 500:
            new += [r["id"] for r in batched(nl, [("session-new", {})] * 50)]
    ktap.equal(len(got), len(set(got)), "sessions, counted and counted once")
    ktap.equal(set(ids) - set(got), set(), "old sessions that are missing")
    ktap.equal(set(got) - set(ids) - set(new), set(), "sessions that never were")


@ktap.test("a dump of %d streams of one session has every one once, and only of that session" % STREAMS)
def _():
    nl = srtpnl.Netlink()
    one, other = nl.do("session-new")["id"], nl.do("session-new")["id"]
    ids = many_streams(nl, one)
    few = many_streams(nl, other, 50)
    ktap.equal(nl.do("session-get", id=one)["streams"], STREAMS, "streams of the session")
    for room in (8192, 32768):
        got = [s for piece in Reader(room).pieces("stream-get", {"session": one}) for s in piece]
        all_once([s["id"] for s in got], ids, "streams by %d octets" % room)
        ktap.equal({s["session"] for s in got}, {one}, "sessions")
        ktap.equal(sorted(s["ssrc"] for s in got), list(range(STREAMS)), "SSRCs")
    both = [(s["session"], s["id"]) for s in nl.dump("stream-get")]
    all_once(both, [(one, i) for i in ids] + [(other, i) for i in few], "streams of all sessions")


@ktap.test("a dump of %d streams while half of them are deleted has each of the others once" % STREAMS)
def _():
    nl, reader = srtpnl.Netlink(), Reader(32768)
    session = nl.do("session-new")["id"]
    ids = many_streams(nl, session)
    doomed = set(random.sample(ids, STREAMS // 2))
    left, got = list(doomed), []
    for piece in reader.pieces("stream-get", {"session": session}):
        got += [s["id"] for s in piece]
        part, left = left[:100], left[100:]
        list(batched(nl, [("stream-del", {"session": session, "id": i}) for i in part]))
    ktap.equal(len(got), len(set(got)), "streams, counted and counted once")
    ktap.equal(set(ids) - doomed - set(got), set(), "streams that are missing")
    ktap.equal(set(got) - set(ids), set(), "streams that never were")


@ktap.test("a dump of streams ends well when its session is deleted on the way")
def _():
    nl, reader = srtpnl.Netlink(), Reader()
    session = nl.do("session-new")["id"]
    ids = many_streams(nl, session, 2000)
    got = []
    for piece in reader.pieces("stream-get", {"session": session}):
        got += [s["id"] for s in piece]
        with contextlib.suppress(srtpnl.Error):
            nl.do("session-del", id=session)
    ktap.equal(len(got), len(set(got)), "streams, counted and counted once")
    ktap.check(set(got) < set(ids), "the rest is gone")
    ktap.equal(nl.dump("stream-get"), [], "streams")


@ktap.test("dumps of keys and sockets resume, too")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    streams = many_streams(nl, session, 300)
    master, salt = world.key("k")
    keys = [r["id"] for r in batched(nl, [("key-new", {
        "session": session, "stream": s, "master-key": master, "master-salt": salt}) for s in streams])]
    socks = [world.udp() for _ in range(300)]
    for sock in socks:
        srtpnl.attach(sock, session)
    for values in ({}, {"session": session}):
        got = [(k["stream"], k["id"]) for piece in Reader().pieces("key-get", values) for k in piece]
        all_once(got, list(zip(streams, keys)), "keys")
        got = [s["local-port"] for piece in Reader().pieces("socket-get", values) for s in piece]
        all_once(got, [s.getsockname()[1] for s in socks], "sockets")


@ktap.test("a dump of sockets while they are closed has each of those that stay once")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    socks = [world.udp() for _ in range(400)]
    for sock in socks:
        srtpnl.attach(sock, session)
    ports = [s.getsockname()[1] for s in socks]
    got = []
    doomed, stay = socks[::2], socks[1::2]
    for piece in Reader().pieces("socket-get", {"session": session}):
        got += [s["local-port"] for s in piece]
        for _ in range(min(20, len(doomed))):
            doomed.pop().close()
    ktap.equal(len(got), len(set(got)), "sockets, counted and counted once")
    ktap.equal({s.getsockname()[1] for s in stay} - set(got), set(), "sockets that are missing")
    ktap.equal(set(got) - set(ports), set(), "sockets that never were")


@ktap.test("a dump that nobody reads to its end does no harm to what it was of")
def _():
    nl, reader = srtpnl.Netlink(), Reader()
    ids = many_sessions(nl)
    next(reader.pieces("session-get"))
    list(batched(nl, [("session-del", {"id": i}) for i in ids]))
    reader.close()
    ktap.equal(nl.dump("session-get"), [], "sessions")


world.load()
ktap.main()
