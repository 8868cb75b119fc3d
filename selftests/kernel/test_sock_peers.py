#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Streams bound to a peer: one socket, many peers, keys of their own, equal SSRCs."""

import errno
import socket
import struct

import ktap
import ns
import rtp
import srtpnl
import world

SSRC = 0x1234


class Bridge:
    """One attached socket that is not connected, and peers by address and port."""

    def __init__(self, address="127.0.0.1", **more):
        self.nl, self.events = srtpnl.Netlink(), srtpnl.Events()
        self.session = self.nl.do("session-new", **more)["id"]
        self.sock = world.udp(address)
        self.sock.setblocking(False)
        srtpnl.attach(self.sock, self.session, "mux")

    def stream(self, direction, name, ssrc=SSRC, **more):
        """A stream with a key, bound as told."""
        return world.stream(self.nl, self.session, direction, ssrc, name and world.key(name), **more)

    def sends(self, peer, seq, name, ssrc=SSRC):
        plain = rtp.rtp(ssrc, seq, payload=b"payload")
        self.sock.sendto(plain, peer.getsockname())
        ktap.equal(peer.recv(2048), rtp.Srtp(*world.key(name)).protect_rtp(plain), "packet to %s" % (peer.getsockname(),))

    def cannot_send(self, peer, seq, number, ssrc=SSRC):
        with ktap.fails_plainly(number):
            self.sock.sendto(rtp.rtp(ssrc, seq, payload=b"payload"), peer.getsockname())

    def delivers(self, peer, seq, name, ssrc=SSRC):
        plain = rtp.rtp(ssrc, seq, payload=b"payload")
        peer.sendto(rtp.Srtp(*world.key(name)).protect_rtp(plain), self.sock.getsockname())
        self.sock.settimeout(30)
        got, source = self.sock.recvfrom(2048)
        self.sock.setblocking(False)
        ktap.equal((got, source[:2]), (plain, peer.getsockname()[:2]), "what is delivered")

    def drops(self, peer, seq, name, counter, ssrc=SSRC):
        before = srtpnl.info(self.sock)["stats"][counter]
        plain = rtp.rtp(ssrc, seq, payload=b"payload")
        peer.sendto(rtp.Srtp(*world.key(name)).protect_rtp(plain), self.sock.getsockname())
        ns.wait_for(lambda: srtpnl.info(self.sock)["stats"][counter] == before + 1, "it counts as " + counter)


def octets(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def bound(sock, port=True, address=True):
    """The attributes that bind a stream to this socket."""
    name = sock.getsockname()
    host = name[0]
    out = {}
    if address:
        out["peer_v6" if ":" in host else "peer_v4"] = octets(host)
    if port:
        out["peer_port"] = name[1]
    return out


def peers(address, count):
    if ":" in address:
        return [world.udp(address) for _ in range(count)]
    return [world.udp("127.0.0.%d" % (n + 2)) for n in range(count)]


@ktap.test("one socket serves peers with keys of their own and equal SSRCs, over IPv4", "127.0.0.1")
@ktap.test("one socket serves peers with keys of their own and equal SSRCs, over IPv6", "::1")
def _(address):
    b = Bridge(address)
    there = peers(address, 5)
    for n, peer in enumerate(there):
        b.stream("tx", "tx%d" % n, **bound(peer))
        b.stream("rx", "rx%d" % n, **bound(peer))
    for seq in (1, 2, 3):
        for n, peer in enumerate(there):
            b.sends(peer, seq + 100 * n, "tx%d" % n)
            b.delivers(peer, seq + 100 * n, "rx%d" % n)
    b.drops(there[0], 50, "rx1", "rx-auth-failed")
    for s in b.nl.dump("stream-get", session=b.session):
        ktap.check("peer-port" in s and ("peer-v6" if ":" in address else "peer-v4") in s, "the dump tells the peer")


@ktap.test("an IPv4 peer of an IPv6 socket is found by its IPv4 address")
def _():
    b = Bridge("::")
    peer = world.udp("127.0.0.2")
    b.stream("tx", "tx", **bound(peer))
    b.stream("rx", "rx", **bound(peer))
    plain = rtp.rtp(SSRC, 1, payload=b"payload")
    b.sock.sendto(plain, ("::ffff:127.0.0.2", peer.getsockname()[1]))
    ktap.equal(peer.recv(2048), rtp.Srtp(*world.key("tx")).protect_rtp(plain), "packet")
    peer.sendto(rtp.Srtp(*world.key("rx")).protect_rtp(plain), ("127.0.0.1", b.sock.getsockname()[1]))
    b.sock.settimeout(30)
    ktap.equal(b.sock.recv(2048), plain, "what is delivered")


@ktap.test("what is bound most closely is found first: address and port, address, port, any")
def _():
    b = Bridge()
    exact, host, port, other = world.udp("127.0.0.2"), world.udp("127.0.0.2"), world.udp("127.0.0.3"), world.udp("127.0.0.4")
    ways = ((exact, "exact", bound(exact)), (host, "host", bound(host, port=False)),
            (port, "port", bound(port, address=False)), (other, "any", {}))
    for _, name, more in ways:
        b.stream("tx", "tx" + name, **more)
        b.stream("rx", "rx" + name, ssrc=None, **more)
    for n, (peer, name, _) in enumerate(ways):
        b.sends(peer, n, "tx" + name)
        b.delivers(peer, n, "rx" + name)
    b.nl.do("stream-del", session=b.session,
            id=next(s["id"] for s in b.nl.dump("stream-get", session=b.session)
                    if s["direction"] == "tx" and "peer-port" in s and "peer-v4" in s))
    b.sends(exact, 10, "txhost")


@ktap.test("one wildcard for each direction and peer; each has its own SSRCs, one cap for all")
def _():
    b = Bridge(ssrc_cap=6)
    there = peers("127.0.0.1", 2)
    for n, peer in enumerate(there):
        b.stream("tx", "tx%d" % n, ssrc=None, **bound(peer))
        b.stream("rx", "rx%d" % n, ssrc=None, **bound(peer))
        with ktap.fails(errno.EEXIST, "peer"):
            b.stream("tx", None, ssrc=None, **bound(peer))
    for n, peer in enumerate(there):
        b.sends(peer, 1, "tx%d" % n)
        b.delivers(peer, 1, "rx%d" % n)
        b.delivers(peer, 1, "rx%d" % n, ssrc=SSRC + 1)
    b.drops(there[0], 1, "rx0", "rx-ssrc-cap", ssrc=SSRC + 2)
    b.cannot_send(world.udp("127.0.0.9"), 1, errno.ENOKEY)
    made = [s for s in b.nl.dump("stream-get", session=b.session) if "template" in s]
    ktap.equal(len(made), 6, "streams made")
    ktap.check(all("peer-v4" in s for s in made), "they are bound as their wildcard is")


@ktap.test("no key is used for one SSRC and two peers, whichever came first, was deleted, or is a wildcard's")
def _():
    b = Bridge()
    a, c, d = peers("127.0.0.1", 3)
    sid = b.stream("tx", "k", **bound(a))
    b.sends(a, 1, "k")
    other = b.stream("tx", None, **bound(c))
    with ktap.fails(errno.EKEYREJECTED, "another peer"):
        world.new_key(b.nl, b.session, other, world.key("k"))
    b.nl.do("stream-del", session=b.session, id=sid)
    with ktap.fails(errno.EKEYREJECTED, "another peer"):
        world.new_key(b.nl, b.session, other, world.key("k"))
    key = world.new_key(b.nl, b.session, other, world.key("l"))
    b.sends(c, 1, "l")
    b.nl.do("key-del", session=b.session, stream=other, id=key)
    third = b.stream("tx", None, **bound(d))
    with ktap.fails(errno.EKEYREJECTED, "another peer"):
        world.new_key(b.nl, b.session, third, world.key("l"))
    b.nl.do("stream-del", session=b.session, id=third)
    b.stream("tx", "l", ssrc=None)
    b.cannot_send(d, 1, errno.EKEYREJECTED)
    e = world.udp("127.0.0.8")
    b.sends(e, 1, "l", ssrc=SSRC + 1)
    wild = b.stream("tx", None, ssrc=None, **bound(d))
    world.new_key(b.nl, b.session, wild, world.key("l"))
    b.cannot_send(d, 1, errno.EKEYREJECTED, ssrc=SSRC + 1)


@ktap.test("an SSRC goes on above what it sent to the peer, and starts anew for another one")
def _():
    b = Bridge()
    a, c = peers("127.0.0.1", 2)
    sid = b.stream("tx", "a", **bound(a))
    b.sends(a, 1000, "a")
    b.nl.do("stream-del", session=b.session, id=sid)
    with ktap.fails(errno.EEXIST, "sent"):
        b.stream("tx", "b", **bound(a))
    b.stream("tx", "c", **bound(c))
    b.sends(c, 1, "c")
    b.stream("tx", "a", roc=0, seq=1000, srtcp_index=0, **bound(a))
    b.cannot_send(a, 1000, errno.EEXIST)
    b.sends(a, 1001, "a")


@ktap.test("the key of the other direction is refused whatever the peer, and a loop is noticed")
def _():
    b = Bridge()
    a, c = peers("127.0.0.1", 2)
    b.stream("tx", "k", **bound(a))
    with ktap.fails(errno.EKEYREJECTED, "other direction"):
        b.stream("rx", "k", **bound(c))
    b.stream("rx", "k", ssrc=None)
    b.sock.sendto(rtp.rtp(SSRC, 1), a.getsockname())
    world.udp("127.0.0.7").sendto(a.recv(2048), b.sock.getsockname())
    ns.wait_for(lambda: srtpnl.info(b.sock)["stats"]["rx-own-ssrc"] == 1, "it counts")
    ktap.equal(b.events.next()["type"], "ssrc-collision", "event")


@ktap.test("a connected socket sends to its peer")
def _():
    b = Bridge()
    a, c = peers("127.0.0.1", 2)
    for n, peer in enumerate((a, c)):
        b.stream("tx", "tx%d" % n, **bound(peer))
    for n, peer in ((0, a), (1, c), (0, a)):
        b.sock.connect(peer.getsockname())
        plain = rtp.rtp(SSRC, 1 if n else 2, payload=b"payload")
        b.sock.send(plain)
        ktap.equal(peer.recv(2048), rtp.Srtp(*world.key("tx%d" % n)).protect_rtp(plain), "packet")


@ktap.test("what makes no sense of a peer is refused by a sentence")
def _():
    b = Bridge()
    for wrong in ({"peer_v4": bytes(4)}, {"peer_v6": bytes(16)}, {"peer_port": 0},
                  {"peer_v4": octets("127.0.0.1"), "peer_v6": octets("::1")}):
        with ktap.fails(errno.EINVAL, "peer-"):
            b.stream("tx", None, **wrong)
    b.stream("rx", None, peer_v4=octets("10.0.0.1"))
    with ktap.fails(errno.EEXIST, "peer"):
        b.stream("rx", None, peer_v6=octets("::ffff:10.0.0.1"))


@ktap.test("a thousand peers of one SSRC on one socket")
def _():
    b = Bridge()
    for n in range(1000):
        b.stream("rx", None, peer_v4=struct.pack("!I", 0x0a000000 + n))
    peer = world.udp("127.0.0.2")
    b.stream("rx", "k", **bound(peer))
    b.delivers(peer, 1, "k")
    ktap.equal(len(b.nl.dump("stream-get", session=b.session)), 1001, "streams")


world.load()
ktap.main()
