#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-only: debug
"""Whatever can fail fails in turn: every allocation and every copy inside the module.

Each time the answer is a clean error, nothing has changed, nothing leaves in
clear, and the same request works afterwards.  Memory that is lost is found
when the module is unloaded.
"""

import contextlib
import errno
import select
import socket
import struct

import faults
import ktap
import ns
import requests
import rtp
import srtpnl
import world

CLEAN = (errno.ENOMEM, errno.ENOBUFS, errno.EFAULT, errno.EAGAIN)
GETS = ("session-get", "stream-get", "key-get", "socket-get")
UDP_CORK, UDP_SEGMENT, MSG_ZEROCOPY, SO_ZEROCOPY = 1, 103, 0x4000000, 60
SSRC = 0x1001


def state(nl):
    return [nl.dump(op) for op in GETS]


def clean(error):
    ktap.check(error.errno in CLEAN, "an error that says what happened: %s" % error)


# Netlink

def answer(nl):
    """The error that was answered, or None."""
    try:
        nl.collect(nl.seq)
    except srtpnl.Error as e:
        return e
    return None


def command(op, side):
    def attempt(fault):
        nl = srtpnl.Netlink()
        with requests.Scene(nl) as scene:
            before = state(nl)
            flags = srtpnl.NLM_F_REQUEST | srtpnl.NLM_F_ACK
            flags |= srtpnl.NLM_F_DUMP if side == "dump" else 0
            request = nl.raw(op, scene.request(op, side), flags)
            with fault:
                nl.send_raw(request)
            error = answer(nl)
            if error:
                ktap.check(fault.injected, "failed by itself: %s" % error)
                clean(error)
                ktap.equal(state(nl), before, "state after %s" % error)
                nl.send_raw(nl.raw(op, scene.request(op, side), flags))
                error = answer(nl)
                ktap.check(not error, "the same request again: %s" % error)
        remove_sessions(nl)
        nl.close()
    faults.note(op, faults.each(attempt))


def remove_sessions(nl):
    for session in nl.dump("session-get"):
        nl.do("session-del", id=session["id"])


for _op, _side in requests.SIDES:
    _name = _op + (" dump" if _side == "dump" else "")
    ktap.test("%s with every failure in turn: a clean error, nothing changed" % _name,
              _op, _side)(command)


# Socket options

@contextlib.contextmanager
def scene():
    with srtpnl.Netlink() as nl:
        session = world.call(nl)
        with world.udp() as sock:
            yield nl, session, sock
        nl.do("session-del", id=session)


def refused(function, *args):
    try:
        function(*args)
    except OSError as e:
        clean(e)
        return e
    return None


@ktap.test("attaching by socket option with every failure in turn: it stays a plain socket")
def _():
    def attempt(fault):
        with scene() as (nl, session, sock):
            with fault:
                error = refused(srtpnl.attach, sock, session, "rtp")
            if error:
                ktap.equal(nl.dump("socket-get"), [], "sockets")
                srtpnl.attach(sock, session, "rtp")
            ktap.equal(len(nl.dump("socket-get")), 1, "sockets")
    faults.note("attach", faults.each(attempt))


@ktap.test("detaching by socket option with every failure in turn: it stays attached")
def _():
    def attempt(fault):
        with scene() as (nl, session, sock):
            srtpnl.attach(sock, session, "rtp")
            with fault:
                error = refused(srtpnl.detach, sock)
            ktap.equal(len(nl.dump("socket-get")), 1 if error else 0, "sockets")
    faults.note("detach", faults.each(attempt))


@ktap.test("SRTP_INFO with every failure in turn")
def _():
    def attempt(fault):
        with scene() as (_, session, sock):
            srtpnl.attach(sock, session, "rtp")
            with fault:
                refused(srtpnl.info, sock)
            ktap.equal(srtpnl.info(sock)["session"], session, "session")
    faults.note("SRTP_INFO", faults.each(attempt))


@ktap.test("a new network namespace with every failure in turn")
def _():
    def attempt(fault):
        with fault:
            error = refused(ns.unshare, ns.NEWNET)
        if not error:
            ns.loopback_up()
            with srtpnl.Netlink() as nl:
                nl.do("session-del", id=world.call(nl))
    faults.note("namespace", faults.each(attempt))


# Sending

def simple(sock, seq):
    sock.send(packet(seq))


def report(sock, seq):
    sock.send(rtp.sender_report(SSRC))


def pieces(sock, seq):
    """Corked by flags; a failure drops what was put together."""
    whole = packet(seq)
    sock.send(whole[:20], socket.MSG_MORE)
    sock.send(whole[20:60], socket.MSG_MORE)
    sock.send(whole[60:])


def corked(sock, seq):
    whole = packet(seq)
    sock.setsockopt(socket.IPPROTO_UDP, UDP_CORK, 1)
    try:
        sock.send(whole[:50])
        sock.send(whole[50:])
    finally:
        sock.setsockopt(socket.IPPROTO_UDP, UDP_CORK, 0)


def segments(sock, seq):
    """Packets of one size in one call, which the kernel takes apart."""
    sock.sendmsg([packet(seq), packet(seq + 1), packet(seq + 2)],
                 [(socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("H", len(packet(0))))])


def zerocopy(sock, seq):
    sock.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
    sock.send(packet(seq), MSG_ZEROCOPY)


def addressed(sock, seq):
    sock.sendmsg([packet(seq)], [(socket.SOL_SOCKET, socket.SO_MARK, struct.pack("I", 1))],
                 0, sock.getpeername())


WAYS = {"send": simple, "RTCP": report, "MSG_MORE": pieces, "UDP_CORK": corked,
        "UDP_SEGMENT": segments, "MSG_ZEROCOPY": zerocopy, "sendmsg with an address": addressed}


def packet(seq):
    return rtp.rtp(SSRC, seq, payload=b"in clear " * 12)


def received(sock):
    out = []
    while select.select([sock], [], [], 0)[0]:
        out.append(sock.recv(65536))
    return out


def sending(way, address):
    function, seq = WAYS[way], iter(range(100, 60000, 10))

    def attempt(fault):
        with fault:
            error = refused(function, inside, next(seq))
        ktap.check(not error or fault.injected, "failed by itself: %s" % error)
        for wire in received(outside):
            ktap.check(b"in clear" not in wire, "a packet left in clear")
        function(inside, next(seq))
        ktap.check(received(outside), "it goes on")
    with srtpnl.Netlink() as nl:
        session = world.call(nl)
        inside, outside = world.pair(nl, session, "mux", address)
        faults.note("%s %s" % (way, address), faults.each(attempt))
        inside.close()
        outside.close()
        nl.do("session-del", id=session)


for _way in WAYS:
    for _address in ("127.0.0.1", "::1"):
        ktap.test("sending by %s to %s with every failure in turn: nothing leaves in clear"
                  % (_way, _address), _way, _address)(sending)


# Receiving

SPACES = range(0, 100000, 100)


@ktap.test("the first packet of an SSRC with every failure in turn: lost or delivered")
def _():
    injected = 0
    with srtpnl.Netlink() as nl:
        events = srtpnl.Events()
        session = world.call(nl, ssrc_cap=1000)
        inside, outside = world.pair(nl, session, "rtp")
        peer = rtp.Srtp(*world.key("rx"))
        for i, space in enumerate(SPACES):
            plain = rtp.rtp(0x2000 + i, 1, payload=b"x" * 100)
            with faults.in_softirq(space):
                outside.send(peer.protect_rtp(plain))
                came = faults.softirq_injected()
            for got in received(inside):
                ktap.equal(got, plain, "packet")
            plain = rtp.rtp(0x2000 + i, 2, payload=b"y" * 100)
            outside.send(peer.protect_rtp(plain))
            ktap.equal(inside.recv(2000), plain, "the next packet")
            if not came:
                break
            injected += 1
        events.close()
    ktap.check(injected > 1, "something failed")
    ktap.check(not came, "there is an end of failures")
    ktap.note("receiving: %d failures" % injected)


@ktap.test("closing and deleting with every failure in turn: they cannot fail")
def _():
    def attempt(fault):
        with srtpnl.Netlink() as nl:
            session = world.call(nl)
            inside, outside = world.pair(nl, session, "rtp")
            inside.send(packet(1))
            with fault:
                inside.close()
            outside.close()
            nl.do("session-del", id=session)
            ktap.equal(state(nl), [[], [], [], []], "what is left")
    faults.note("close", faults.each(attempt))


world.load()
faults.narrow()
ktap.main()
