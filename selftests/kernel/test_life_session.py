#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""How sessions end, and that their sockets never go back to clear by that."""

import errno
import os
import signal
import subprocess
import time

import ktap
import ns
import rtp
import srtpnl
import world

PACKET = rtp.rtp(1, 1, payload=b"plain text")


def gone(nl, session):
    with ktap.fails(errno.ENOENT, "session"):
        nl.do("session-get", id=session)


def nothing_came(sock):
    sock.setblocking(False)
    with ktap.fails(errno.EAGAIN):
        sock.recv(2048)


def dead(inside, outside):
    """The socket sends nothing, drops what comes, counts it, and says that it is dead."""
    before = srtpnl.info(inside)["stats"]["rx-no-key"]
    for packet in (PACKET, rtp.rtp(1, 2), rtp.rtp(99, 1), rtp.sender_report(1)):
        with ktap.fails(errno.ENOKEY):
            inside.send(packet)
    secret = rtp.Srtp(*world.key("rx"))
    for packet in (secret.protect_rtp(rtp.rtp(5, 9)), rtp.rtp(5, 10), rtp.sender_report(5)):
        outside.send(packet)
    ns.wait_for(lambda: srtpnl.info(inside)["stats"]["rx-no-key"] == before + 3, "three packets are dropped")
    nothing_came(inside)
    nothing_came(outside)
    ktap.check(srtpnl.info(inside)["dead"], "SRTP_INFO says that the session is dead")


def alive(inside, outside, ssrc):
    outside.settimeout(30)
    inside.settimeout(30)
    packet = rtp.rtp(ssrc, 1, payload=b"x" * 100)
    inside.send(packet)
    ktap.equal(rtp.Srtp(*world.key("tx")).unprotect_rtp(outside.recv(2048)), packet, "sent packet")
    outside.send(rtp.Srtp(*world.key("rx")).protect_rtp(packet))
    ktap.equal(inside.recv(2048), packet, "received packet")


@ktap.test("sockets of a deleted session stay attached, send nothing and drop what they receive")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    inside, outside = world.pair(nl, session, "mux")
    alive(inside, outside, 1)
    cookie = srtpnl.info(inside)["cookie"]
    nl.do("session-del", id=session)
    gone(nl, session)
    for op in ("session-get", "stream-get", "key-get"):
        ktap.equal(nl.dump(op), [], op)
    dead(inside, outside)
    got = srtpnl.info(inside)
    ktap.equal((got["session"], got["cookie"]), (session, cookie), "session and cookie")


@ktap.test("a new session of the same number does not revive the sockets of the old one")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    inside, outside = world.pair(nl, session, "mux")
    old = nl.do("session-get", id=session)["cookie"]
    nl.do("session-del", id=session)
    ktap.equal(world.call(nl, id=session), session, "the number")
    new = nl.do("session-get", id=session)
    ktap.check(new["cookie"] != old, "the cookie is another")
    ktap.equal(new["sockets"], 0, "sockets of the new session")
    dead(inside, outside)
    ktap.equal(srtpnl.info(inside)["cookie"], old, "cookie of the socket")


@ktap.test("a socket of a deleted session can be detached and attached to another")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    inside, outside = world.pair(nl, session)
    nl.do("session-del", id=session)
    other = world.call(nl)
    with ktap.fails(errno.EBUSY):
        srtpnl.attach(inside, other, "rtp")
    srtpnl.detach(inside)
    srtpnl.attach(inside, other, "rtp")
    alive(inside, outside, 7)


@ktap.test("a dead socket needs the same rights to be detached as before")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl, owner=1000)
    inside, outside = world.pair(nl, session, "mux")
    nl.do("session-del", id=session)

    def attempt():
        with ktap.fails(errno.EPERM):
            srtpnl.detach(inside)
    ns.as_user(1001, attempt)
    dead(inside, outside)
    ns.as_user(1000, srtpnl.detach, inside)


@ktap.test("deleting one session leaves others as they are")
def _():
    nl = srtpnl.Netlink()
    one, two = world.call(nl), world.call(nl)
    a, b = world.pair(nl, one, "mux"), world.pair(nl, two, "mux")
    nl.do("session-del", id=one)
    dead(*a)
    alive(*b, 3)


# forbid-detach

@ktap.test("forbid-detach refuses to detach, also to root, and closing ends it")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl, forbid_detach=1)
    inside, outside = world.pair(nl, session)
    with ktap.fails(errno.EPERM):
        srtpnl.detach(inside)
    with ktap.fails(errno.EPERM):
        nl.do("socket-del", fd=inside.fileno())
    alive(inside, outside, 1)
    inside.close()
    ns.wait_for(lambda: nl.do("session-get", id=session)["sockets"] == 0, "the socket is gone")


@ktap.test("forbid-detach holds after the session is deleted")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl, forbid_detach=1)
    inside, outside = world.pair(nl, session, "mux")
    nl.do("session-del", id=session)
    with ktap.fails(errno.EPERM):
        srtpnl.detach(inside)
    with ktap.fails(errno.EPERM):
        nl.do("socket-del", fd=inside.fileno())
    dead(inside, outside)


@ktap.test("forbid-detach can be taken back")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl, forbid_detach=1)
    inside, _ = world.pair(nl, session)
    nl.do("session-set", id=session, forbid_detach=0)
    srtpnl.detach(inside)


# auto-delete

def closed(events, reason, session):
    event = events.wait("session-closed", session=session)
    ktap.equal(event["reason"], reason, "reason")


@ktap.test("auto-delete: the session goes when its last socket is closed, not before")
def _():
    events, nl = srtpnl.Events(), srtpnl.Netlink()
    session = world.call(nl, auto_delete=1)
    one, _ = world.pair(nl, session)
    two, _ = world.pair(nl, session)
    one.close()
    ns.wait_for(lambda: nl.do("session-get", id=session)["sockets"] == 1, "one socket is left")
    two.close()
    closed(events, "last-socket", session)
    gone(nl, session)


@ktap.test("auto-delete: the session goes when its last socket is detached")
def _():
    events, nl = srtpnl.Events(), srtpnl.Netlink()
    session = world.call(nl, auto_delete=1)
    one, _ = world.pair(nl, session)
    srtpnl.detach(one)
    closed(events, "last-socket", session)
    gone(nl, session)


@ktap.test("auto-delete: the session stays while a copy of the descriptor is open")
def _():
    events, nl = srtpnl.Events(), srtpnl.Netlink()
    session = world.call(nl, auto_delete=1)
    one, outside = world.pair(nl, session)
    copy = one.dup()
    one.close()
    alive(copy, outside, 1)
    copy.close()
    closed(events, "last-socket", session)


@ktap.test("auto-delete: the session goes with a process that is killed")
def _():
    events, nl = srtpnl.Events(), srtpnl.Netlink()
    session = world.call(nl, auto_delete=1)
    pid = os.fork()
    if pid == 0:
        inside, _ = world.pair(srtpnl.Netlink(), session)
        signal.pause()
    ns.wait_for(lambda: nl.do("session-get", id=session)["sockets"] == 1, "the socket is attached")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    closed(events, "last-socket", session)
    gone(nl, session)


@ktap.test("auto-delete: a session without sockets stays, and so does one that is told so in time")
def _():
    nl = srtpnl.Netlink()
    never, told = world.call(nl, auto_delete=1), world.call(nl, auto_delete=1)
    sock, _ = world.pair(nl, told)
    nl.do("session-set", id=told, auto_delete=0)
    sock.close()
    ns.wait_for(lambda: nl.do("session-get", id=told)["sockets"] == 0, "the socket is gone")
    ktap.equal(sorted(s["id"] for s in nl.dump("session-get")), sorted([never, told]), "sessions")


# provisional

@ktap.test("a provisional session that nobody confirms goes in time, and an event tells why")
def _():
    events, nl = srtpnl.Events(), srtpnl.Netlink()
    start = time.monotonic()
    session = world.call(nl, provisional=4)
    inside, outside = world.pair(nl, session, "mux")
    got = nl.do("session-get", id=session)
    ktap.equal(got["state"], "provisional", "state")
    ktap.check(0 < got["provisional"] <= 4, "seconds left: %r" % got["provisional"])
    closed(events, "provisional", session)
    ktap.check(time.monotonic() - start >= 4, "it had its time")
    gone(nl, session)
    dead(inside, outside)


@ktap.test("a provisional session that is confirmed stays")
def _():
    events, nl = srtpnl.Events(), srtpnl.Netlink()
    confirmed = world.call(nl, provisional=3)
    nl.do("session-set", id=confirmed, provisional=0)
    ktap.equal(nl.do("session-get", id=confirmed)["state"], "live", "state")
    other = world.call(nl, provisional=4)
    closed(events, "provisional", other)
    ktap.equal([s["id"] for s in nl.dump("session-get")], [confirmed], "sessions")


@ktap.test("a provisional session can be given more time, and a live one can be made provisional")
def _():
    events, nl = srtpnl.Events(), srtpnl.Netlink()
    longer, live = world.call(nl, provisional=3), world.call(nl)
    nl.do("session-set", id=longer, provisional=1000)
    nl.do("session-set", id=live, provisional=4)
    closed(events, "provisional", live)
    got = nl.do("session-get", id=longer)
    ktap.equal(got["state"], "provisional", "state")
    ktap.check(900 < got["provisional"] <= 1000, "seconds left: %r" % got["provisional"])


@ktap.test("a provisional session that is deleted is gone for good, its timer with it")
def _():
    events, nl = srtpnl.Events(), srtpnl.Netlink()
    session = world.call(nl, id=9, provisional=3)
    nl.do("session-del", id=session)
    closed(events, "request", session)
    world.call(nl, id=9)
    marker = world.call(nl, provisional=4)
    ktap.equal(events.next()["session"], marker, "session of the next event")
    nl.do("session-get", id=9)


# Numbers

@ktap.test("a session number that is taken is refused, and free again after deletion")
def _():
    nl = srtpnl.Netlink()
    ktap.equal(nl.do("session-new", id=7)["id"], 7, "id")
    with ktap.fails(errno.EEXIST, "number"):
        nl.do("session-new", id=7)
    nl.do("session-del", id=7)
    ktap.equal(nl.do("session-new", id=7)["id"], 7, "id")


@ktap.test("numbers that the kernel assigns avoid those in use, and cookies never repeat")
def _():
    nl = srtpnl.Netlink()
    taken = {nl.do("session-new", id=i)["id"] for i in range(1, 40, 2)}
    seen, cookies = set(taken), set()
    for _ in range(60):
        new = nl.do("session-new")
        ktap.check(new["id"] not in seen, "number %d twice" % new["id"])
        ktap.check(new["cookie"] not in cookies, "cookie %d twice" % new["cookie"])
        seen.add(new["id"])
        cookies.add(new["cookie"])
    for number in taken:
        nl.do("session-del", id=number)
        ktap.check(nl.do("session-new", id=number)["cookie"] not in cookies, "a cookie twice")


@ktap.test("what is not there is ENOENT for every command")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    stream = nl.dump("stream-get")[0]["id"]
    master, salt = world.key("x")
    for where in ({"session": session + 1, "id": stream}, {"session": session, "id": 4711}):
        for op, more in (("stream-get", {}), ("stream-set", {"ack-events": 1}), ("stream-del", {})):
            with ktap.fails(errno.ENOENT):
                nl.do(op, {**where, **more})
    for where in ({"session": session + 1, "stream": stream}, {"session": session, "stream": 4711}):
        with ktap.fails(errno.ENOENT):
            nl.do("key-new", {**where, "master-key": master, "master-salt": salt, "active": 1})
        for op in ("key-get", "key-del"):
            with ktap.fails(errno.ENOENT):
                nl.do(op, {**where, "id": 1})
    for op in ("key-get", "key-del"):
        with ktap.fails(errno.ENOENT):
            nl.do(op, {"session": session, "stream": stream, "id": 4711})
    for op in ("session-get", "session-set", "session-del"):
        with ktap.fails(errno.ENOENT):
            nl.do(op, id=session + 1)


# The end of a namespace

# Packets that are on their way hold their socket, and that the namespace.
@ktap.test("a network namespace ends while packets of its sockets are on their way",
           "tc qdisc add dev lo root netem delay 200ms")
@ktap.test("a network namespace ends with all its sessions and sockets", "true")
def _(queue):
    def fill():
        ns.unshare(ns.NEWNET)
        ns.loopback_up()
        subprocess.run(queue.split(), check=True)
        nl = srtpnl.Netlink()
        kept = []
        for i in range(20):
            session = world.call(nl, auto_delete=i & 1, provisional=1000 * (i & 2), forbid_detach=i & 1)
            kept.append(world.pair(nl, session, "mux"))
            kept[-1][0].send(rtp.rtp(i, 1))
        os._exit(0)
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            fill()
        ktap.equal(os.waitpid(pid, 0)[1], 0, "status of the child")
    world.wait_unreferenced()


world.load()
ktap.main()
