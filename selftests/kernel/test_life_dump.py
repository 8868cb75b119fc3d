#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1800
"""Dumps of many objects: every one once, also while others come and go."""

import contextlib
import os
import random
import socket
import struct

import ktap
import srtpnl
import world

# A dump is of several messages either way; many take minutes, on one kernel.
SESSIONS, STREAMS = (2000, 10000) if os.environ.get("KERNEL") == "7.2" else (500, 2500)
SO_RCVBUFFORCE = 33
BATCH = 100             # requests in one message to the kernel


def batched(nl, requests):
    """Runs requests (op, values), many in one send; returns the ids that they bring back."""
    nl.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
    requests, out = list(requests), []
    for at in range(0, len(requests), BATCH):
        part = requests[at:at + BATCH]
        first = nl.seq + 1
        nl.send_raw(b"".join(nl.raw(op, values) for op, values in part))
        for i, (op, _) in enumerate(part):
            replies = nl.collect(first + i)
            if replies:
                out.append(pick(op, "id")(replies[0])[0])
    return out


def pick(op, *names):
    """Reads just these numbers of an object: quicker than all of it."""
    aset = srtpnl.SPECIFICATION.ops[op].set
    want = {aset.by_name[n].number: (i, aset.by_name[n]) for i, n in enumerate(names)}

    def read(payload):
        at, out, left = 4, [None] * len(names), len(names)
        while left and at < len(payload):
            length, kind = struct.unpack_from("=HH", payload, at)
            if kind in want:
                i, a = want[kind]
                out[i] = int.from_bytes(payload[at + 4:at + 4 + a.size], a.order)
                left -= 1
            at += (length + 3) & ~3
        return tuple(out)
    return read


class Reader(srtpnl.Netlink):
    """A dump that is read one message at a time, with what happens in between."""

    def __init__(self, room=8192):
        self.room = room
        super().__init__()

    def pieces(self, op, read, values=()):
        """Yields what is read of the objects of one message after the other."""
        self.send_raw(self.raw(op, dict(values), srtpnl.NLM_F_REQUEST | srtpnl.NLM_F_DUMP))
        over = False
        while not over:
            out = []
            for kind, flags, seq, payload in srtpnl.messages(self.recv()):
                ktap.equal(seq, self.seq, "sequence number")
                ktap.check(kind != srtpnl.NLMSG_ERROR, "the dump goes through")
                over |= kind == srtpnl.NLMSG_DONE
                if kind == self.family:
                    ktap.check(flags & srtpnl.NLM_F_MULTI, "a part of many")
                    out.append(read(payload))
            yield out


def dumped(op, names, values=(), room=32768):
    """All objects of a dump: numbers of these names, or just the number if it is one."""
    read = pick(op, *names)
    got = [o for piece in Reader(room).pieces(op, read, values) for o in piece]
    return [o[0] for o in got] if len(names) == 1 else got


def all_once(got, want, what):
    ktap.equal(len(got), len(set(got)), "%s, counted and counted once" % what)
    ktap.equal(set(got) - set(want), set(), "%s that should not be there" % what)
    ktap.equal(set(want) - set(got), set(), "%s that are missing" % what)


def many_sessions(nl):
    return batched(nl, [("session-new", {})] * SESSIONS)


def stream_request(session, ssrc):
    return "stream-new", {"session": session, "direction": "rx", "ssrc": ssrc, "suite": world.SUITE}


def many_streams(nl, session, count=STREAMS):
    return batched(nl, [stream_request(session, i) for i in range(count)])


@ktap.test("a dump of %d sessions has every one once, whatever the size of the reader's buffer" % SESSIONS)
def _():
    ids = many_sessions(srtpnl.Netlink())
    for room in (8192, 16384, 32768):
        all_once(dumped("session-get", ["id"], room=room), ids, "sessions by %d octets" % room)


@ktap.test("a dump of %d sessions while half of them are deleted has each of the others once" % SESSIONS)
def _():
    nl = srtpnl.Netlink()
    ids = many_sessions(nl)
    doomed = set(random.sample(ids, SESSIONS // 2))
    left, got = list(doomed), []
    for piece in Reader().pieces("session-get", pick("session-get", "id")):
        got += [i for i, in piece]
        part, left = left[:BATCH], left[BATCH:]
        batched(nl, [("session-del", {"id": i}) for i in part])
    ktap.equal(len(got), len(set(got)), "sessions, counted and counted once")
    kept = set(ids) - doomed
    ktap.equal(kept - set(got), set(), "sessions that are missing")
    ktap.equal(set(got) - set(ids), set(), "sessions that never were")
    batched(nl, [("session-del", {"id": i}) for i in left])
    all_once(dumped("session-get", ["id"]), kept, "sessions afterwards")


@ktap.test("a dump of sessions while others are created has each of the old ones once")
def _():
    nl = srtpnl.Netlink()
    ids = many_sessions(nl)
    got, new = [], []
    for piece in Reader().pieces("session-get", pick("session-get", "id")):
        got += [i for i, in piece]
        if len(new) < 500:
            new += batched(nl, [("session-new", {})] * 50)
    ktap.equal(len(got), len(set(got)), "sessions, counted and counted once")
    ktap.equal(set(ids) - set(got), set(), "old sessions that are missing")
    ktap.equal(set(got) - set(ids) - set(new), set(), "sessions that never were")


@ktap.test("a dump of %d streams has every one once, of one session or of all, also while half are deleted" % STREAMS,
           bound=1000)
def _():
    nl = srtpnl.Netlink()
    one, other = nl.do("session-new")["id"], nl.do("session-new")["id"]
    ids = many_streams(nl, one)
    few = many_streams(nl, other, 50)
    ktap.equal(nl.do("session-get", id=one)["streams"], STREAMS, "streams of the session")
    want = [(one, i, ssrc) for ssrc, i in enumerate(ids)]
    all_once(dumped("stream-get", ["session", "id", "ssrc"], {"session": one}, 8192), want, "streams")
    want = [(one, i) for i in ids] + [(other, i) for i in few]
    all_once(dumped("stream-get", ["session", "id"]), want, "streams of all sessions")
    while_deleted(nl, one, ids)


def while_deleted(nl, session, ids):
    doomed = set(random.sample(ids, STREAMS // 2))
    left, got = list(doomed), []
    for piece in Reader(16384).pieces("stream-get", pick("stream-get", "id"), {"session": session}):
        got += [i for i, in piece]
        part, left = left[:BATCH], left[BATCH:]
        batched(nl, [("stream-del", {"session": session, "id": i}) for i in part])
    ktap.equal(len(got), len(set(got)), "streams, counted and counted once")
    ktap.equal(set(ids) - doomed - set(got), set(), "streams that are missing")
    ktap.equal(set(got) - set(ids), set(), "streams that never were")


@ktap.test("a dump of streams ends well when its session is deleted on the way")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    ids = many_streams(nl, session, 2000)
    got = []
    for piece in Reader().pieces("stream-get", pick("stream-get", "id"), {"session": session}):
        got += [i for i, in piece]
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
    keys = batched(nl, [("key-new", {"session": session, "stream": s, "master-key": master, "master-salt": salt})
                        for s in streams])
    socks = [world.udp() for _ in range(300)]
    for sock in socks:
        srtpnl.attach(sock, session)
    for values in ({}, {"session": session}):
        all_once(dumped("key-get", ["stream", "id"], values, 8192), list(zip(streams, keys)), "keys")
        all_once(dumped("socket-get", ["local-port"], values, 8192), [s.getsockname()[1] for s in socks], "sockets")


@ktap.test("a dump of sockets while they are closed has each of those that stay once")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    socks = [world.udp() for _ in range(400)]
    for sock in socks:
        srtpnl.attach(sock, session)
    ports = [s.getsockname()[1] for s in socks]
    doomed, stay, got = socks[::2], socks[1::2], []
    for piece in Reader().pieces("socket-get", pick("socket-get", "local-port"), {"session": session}):
        got += [port for port, in piece]
        for _ in range(min(20, len(doomed))):
            doomed.pop().close()
    ktap.equal(len(got), len(set(got)), "sockets, counted and counted once")
    ktap.equal({s.getsockname()[1] for s in stay} - set(got), set(), "sockets that are missing")
    ktap.equal(set(got) - set(ports), set(), "sockets that never were")


@ktap.test("a dump that nobody reads to its end does no harm to what it was of")
def _():
    nl, reader = srtpnl.Netlink(), Reader()
    ids = many_sessions(nl)
    next(reader.pieces("session-get", len))
    batched(nl, [("session-del", {"id": i}) for i in ids])
    reader.close()
    ktap.equal(nl.dump("session-get"), [], "sessions")


world.load()
ktap.main()
