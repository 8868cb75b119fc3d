#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Several keys of a stream: by MKI, by index, by trial; added, activated, retired, deleted."""

import errno

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import ktap
import rekey
import rtp
import srtpnl
import world
from rekey import Side, SSRC


@ktap.test("MKIs of 1, 4 and 255 octets are sent, and received, RTP and RTCP", (1, 4, 255))
def _(lengths):
    for length in lengths:
        mki = bytes(i % 251 for i in range(length))
        s = Side("tx", mki_len=length)
        s.key("a", 1, mki=mki)
        s.sends(1, "a", mki)
        s.reports(0, "a", mki)
        s = Side("rx", mki_len=length)
        s.key("a", mki=mki)
        s.delivers(1, "a", mki)
        s.arrives(s.report(0, "a", mki), rtp.compound(SSRC))
        ktap.equal(s.keys()[1]["mki"], mki, "MKI of the dump")


@ktap.test("the MKI chooses the key, whichever is active")
def _():
    s = Side("rx", mki_len=2)
    for n in range(16):
        s.key(n, mki=b"%02d" % n)
    for seq, n in enumerate((3, 0, 15, 3, 7, 7, 0)):
        s.delivers(seq, n, b"%02d" % n)
    s.drops(s.wire(100, 3, b"04"), "rx-auth-failed")


@ktap.test("an MKI that is not there is dropped, counted, and told once until it is acknowledged")
def _():
    s = Side("rx", mki_len=4)
    s.key("a", mki=b"aaaa")
    for n in range(20):
        s.drops(s.wire(n, "a", b"%04d" % n), "rx-mki-unknown")
    event = s.events.next()
    ktap.equal((event["type"], event["stream"]), ("mki-unknown", s.stream), "event")
    s.silent()
    ktap.check(s.get()["events"] & 1 << 4, "latched in the dump")
    ktap.equal(s.get()["event-seq"], event["seq"], "event-seq")
    s.set(ack_events=1 << 4)
    s.drops(s.wire(30, "a", b"bbbb"), "rx-mki-unknown")
    ktap.equal(s.events.next()["type"], "mki-unknown", "told again")
    s.key("b", mki=b"bbbb")
    s.delivers(30, "b", b"bbbb")
    s.drops(s.wire(31, "a", b"cccc"), "rx-mki-unknown")
    ktap.equal(s.events.next()["type"], "mki-unknown", "told again after a key change")


@ktap.test("a packet too short for its MKI is malformed")
def _():
    s = Side("rx", mki_len=255)
    s.key("a", mki=bytes(255))
    s.drops(rtp.rtp(SSRC, 1, payload=bytes(200)), "rx-malformed")
    s.drops(rtp.compound(SSRC), "rx-malformed")


@ktap.test("make before break: installed, active, retired, deleted")
def _():
    s = Side("tx")
    s.cannot_send(1, errno.ENOKEY)
    a = s.key("a")
    ktap.equal(s.states(), ["installed"], "states")
    s.cannot_send(1, errno.ENOKEY)
    s.activate(a)
    s.sends(1, "a")
    b = s.key("b")
    ktap.equal(s.states(), ["active", "installed"], "states")
    s.sends(2, "a")
    s.activate(b)
    ktap.equal(s.states(), ["retired", "active"], "states")
    s.sends(3, "b")
    s.reports(0, "b")
    with ktap.fails(errno.EKEYREJECTED, "retired"):
        s.activate(a)
    s.remove(a)
    s.sends(4, "b")
    c = s.key("c", 1)
    ktap.equal(s.states(), ["retired", "active"], "states")
    s.sends(5, "c")
    s.remove(c)
    s.cannot_send(6, errno.ENOKEY)
    s.remove(b)
    ktap.equal(s.states(), [], "states")


@ktap.test("the index goes on over a hundred rekeys, for RTP and RTCP")
def _():
    s = Side("tx", mki_len=1)
    number = None
    for n in range(100):
        new = s.key(n, 1, mki=bytes([n]))
        if number:
            s.remove(number)
        number = new
        s.sends(65500 + n & 0xffff, n, bytes([n]), roc=n > 35)
        s.reports(n, n, bytes([n]))
    ktap.equal(len(s.keys()), 1, "keys")


@ktap.test("a packet of before a rekey is sent again as it was, as long as its key is there")
def _():
    s = Side("tx")
    a = s.key("a", 1)
    first = [s.sends(seq, "a") for seq in range(5)]
    s.key("b", 1)
    s.sends(5, "b")
    for seq in (4, 0, 2):
        ktap.equal(s.sends(seq, "a"), first[seq], "packet sent again")
    s.cannot_send(3, errno.EEXIST, payload=b"another")
    s.sends(5, "b")
    ktap.equal(s.count("tx-repeated"), 4, "repeated")
    s.remove(a)
    s.cannot_send(1, errno.EEXIST)
    s.sends(6, "b")


@ktap.test("unmarked rekey: current and next are tried, and the window goes on")
def _():
    s = Side("rx")
    a = s.key("a")
    s.delivers(1, "a")
    ktap.equal(s.states(), ["active"], "states")
    b = s.key("b")
    s.delivers(2, "a")
    ktap.equal(s.states(), ["active", "installed"], "states")
    s.delivers(4, "b")
    ktap.equal(s.states(), ["retired", "active"], "states")
    s.delivers(3, "a")
    s.delivers(5, "b")
    s.arrives(s.report(0, "a"))
    s.arrives(s.report(1, "b"))
    for seq, name in ((1, "a"), (4, "b"), (3, "a"), (5, "b")):
        s.drops(s.wire(seq, name), "rx-replayed")
    ktap.equal(s.get()["stats"]["rx-auth-failed"], 0, "failed trials")
    s.drops(s.wire(6, "x"), "rx-auth-failed")
    ktap.equal(s.get()["stats"]["rx-auth-failed"], 1, "one packet failed")
    with ktap.fails(errno.EBUSY, "two keys"):
        s.key("c")
    s.remove(a)
    s.drops(s.wire(7, "a"), "rx-auth-failed")
    s.delivers(7, "b")
    s.key("c")
    s.delivers(8, "c")
    s.remove(b)
    s.delivers(9, "c")


def gcm_key(name):
    key, salt = world.key(name)
    return key, salt[:12]


def gcm(name, label, ssrc, index, header, rest, word=b""):
    """RFC 7714 8.1, 9.1: the header stays, @rest is encrypted and gets a tag; RTCP has a last @word."""
    key, salt = gcm_key(name)
    session_key = rtp.derive(key, salt + bytes(2), label, 16)
    session_salt = rtp.derive(key, salt + bytes(2), label + 2, 12)
    iv = rtp.xor(session_salt, bytes(2) + ssrc + index)
    return header + AESGCM(session_key).encrypt(iv, rest, header + word) + word


def gcm_rtp(name, packet):
    return gcm(name, 0, packet[8:12], bytes(4) + packet[2:4], packet[:12], packet[12:])


def gcm_rtcp(name, packet, index):
    word = (index | 1 << 31).to_bytes(4, "big")
    return gcm(name, 3, packet[4:8], bytes(2) + index.to_bytes(4, "big"), packet[:8], packet[8:], word)


@ktap.test("unmarked rekey of an AEAD: a trial that fails leaves the packet as it was for the next key")
def _():
    s = Side("rx", suite="aead-aes-128-gcm")
    for name in ("a", "b"):
        world.new_key(s.nl, s.session, s.stream, gcm_key(name), active=name == "a")
    for seq, name in ((1, "a"), (2, "b"), (3, "a"), (4, "b")):
        plain = rtp.rtp(SSRC, seq, payload=b"payload")
        s.arrives(gcm_rtp(name, plain), plain)
    for index, name in ((0, "a"), (1, "b"), (2, "a")):
        plain = rtp.sender_report(SSRC)
        s.arrives(gcm_rtcp(name, plain, index), plain)
    ktap.equal(s.get()["stats"]["rx-auth-failed"], 0, "failed trials")
    s.drops(gcm_rtp("x", rtp.rtp(SSRC, 5, payload=b"payload")), "rx-auth-failed")
    s.drops(gcm_rtcp("x", rtp.sender_report(SSRC), 5), "rx-auth-failed")
    ktap.equal(s.get()["stats"]["rx-auth-failed"], 2, "two packets failed")


@ktap.test("the keys of a wildcard serve all that it creates, rekey included")
def _():
    s = Side("rx", ssrc=None, mki_len=1)
    s.key("a", mki=b"a")
    for ssrc in range(5):
        s.delivers(10, "a", b"a", ssrc=ssrc)
    s.key("b", mki=b"b")
    for ssrc in range(10):
        s.delivers(11, "b", b"b", ssrc=ssrc)
    ktap.equal(s.states(), ["retired", "active"], "states")
    ktap.equal([k["srtp-packets"] for k in s.keys().values()], [5, 10], "packets of the keys")


@ktap.test("a wildcard to send changes its key for all that it created")
def _():
    s = Side("tx", ssrc=None)
    a = s.key("a", 1)
    for ssrc in range(5):
        s.sends(10, "a", ssrc=ssrc)
    s.activate(s.key("b"))
    for ssrc in range(7):
        s.sends(11, "b", ssrc=ssrc)
    s.remove(a)
    s.sends(12, "b", ssrc=3)


@ktap.test("intervals: the index chooses the key, in both directions")
def _():
    limit = (1 << 16) + 10
    t = Side("tx", roc=0, seq=65530)
    t.key("a", 1, **{"to": limit})
    t.key("b", **{"from": limit + 1, "to": 1 << 30})
    t.sends(65531, "a")
    t.reports(0, "a")
    t.sends(10, "a", roc=1)
    t.sends(11, "b", roc=1)
    t.reports(1, "b")
    t.sends(9, "a", roc=1)
    ktap.equal(t.states(), ["retired", "active"], "states")
    event = t.events.next()
    ktap.equal((event["type"], event["key"], event["limit"]), ("key-expired", 1, limit), "event")
    r = Side("rx", roc=0, seq=65530)
    r.key("a", **{"to": limit})
    r.key("b", **{"from": limit + 1})
    r.delivers(65531, "a")
    r.delivers(10, "a", roc=1)
    r.arrives(r.report(0, "a"))
    r.arrives(r.report(1, "b"))
    r.drops(r.wire(11, "a", roc=1), "rx-auth-failed")
    r.delivers(11, "b", roc=1)
    r.delivers(9, "a", roc=1)
    r.arrives(r.report(2, "b"))


@ktap.test("beyond the last interval nothing is sent, and it is told once")
def _():
    s = Side("tx")
    s.key("a", 1, **{"to": 5})
    s.sends(5, "a")
    for _ in range(3):
        s.cannot_send(6, errno.EKEYEXPIRED)
    event = s.events.next()
    ktap.equal((event["type"], event["limit"], event["index"]), ("key-expired", 5, 5), "event")
    s.silent()
    ktap.equal(s.states(), ["expired"], "states")
    s.key("b", **{"from": 6})
    s.sends(6, "b")


@ktap.test("a receiver's key does not end by a forged packet beyond its interval")
def _():
    s = Side("rx")
    s.key("a", **{"to": 1000})
    s.delivers(5, "a")
    s.drops(s.wire(20000, "a"), "rx-expired")
    s.silent()
    s.delivers(6, "a")


@ktap.test("what makes no sense of keys is refused by a sentence")
def _():
    s = Side("rx", mki_len=2)
    for mki in (None, b"", b"a", b"abc"):
        with ktap.fails(errno.EINVAL, "mki"):
            s.key("a", mki=mki)
    with ktap.fails(errno.EINVAL, "from"):
        s.key("a", mki=b"aa", **{"from": 1})
    s.key("a", mki=b"aa")
    with ktap.fails(errno.EEXIST, "mki"):
        s.key("b", mki=b"aa")
    with ktap.fails(errno.EEXIST, "master-key"):
        s.key("a", mki=b"bb")
    s = Side("rx")
    with ktap.fails(errno.EINVAL, "mki"):
        s.key("a", mki=b"aa")
    with ktap.fails(errno.EINVAL, "from", "to"):
        s.key("a", **{"from": 10, "to": 9})
    s.key("a", **{"to": 9})
    with ktap.fails(errno.EINVAL, "from", "to"):
        s.key("b")
    with ktap.fails(errno.EEXIST, "overlap"):
        s.key("b", **{"from": 9})
    with ktap.fails(errno.EINVAL, "one SSRC"):
        Side("rx", ssrc=None).key("a", **{"to": 9})
    s = Side("tx", mki_len=1)
    for n in range(16):
        s.key(n, mki=bytes([n]))
    with ktap.fails(errno.ENOSPC, "16 keys"):
        s.key(16, mki=bytes([16]))
    for wrong in ({"hard_packets": 0}, {"soft_packets": 5, "hard_packets": 4}, {"soft_seconds": 3, "hard_seconds": 2}):
        with ktap.fails(errno.EINVAL, "hard"):
            s.nl.do("key-set", session=s.session, stream=s.stream, id=1, **wrong)
    s.activate(1)
    with ktap.fails(errno.EINVAL, "active"):
        s.nl.do("key-set", session=s.session, stream=s.stream, id=1, active=0)


@ktap.test("a key that the other direction has is refused for a wildcard's streams, too")
def _():
    s = Side("tx", ssrc=None)
    s.key("a", 1)
    s.sends(1, "a", ssrc=7)
    world.stream(s.nl, s.session, "rx", 7, world.key("b"))
    with ktap.fails(errno.EKEYREJECTED, "other direction"):
        s.key("b")


@ktap.test("keys of one session are dumped once each, whatever the size of the reader's buffer")
def _():
    s = Side("tx", mki_len=1)
    for n in range(16):
        s.key(n, mki=bytes([n]))
    for ssrc in range(100, 120):
        sid = world.stream(s.nl, s.session, "rx", ssrc, mki_len=255)
        for n in range(16):
            world.new_key(s.nl, s.session, sid, world.key((ssrc, n)), mki=bytes([n]) * 255)
    for room in (8192, 1 << 20):
        nl = srtpnl.Netlink(resolve=False)
        nl.room = room
        nl.resolve()
        got = [(k["stream"], k["id"]) for k in nl.dump("key-get", session=s.session)]
        ktap.equal(len(got), 21 * 16, "keys")
        ktap.equal(len(set(got)), len(got), "keys without repetition")


@ktap.test("a forged packet opens no key and moves none")
def _():
    s = Side("rx")
    s.key("a")
    s.key("b")
    s.delivers(1, "a")
    before = s.get(), s.keys()
    for seq in (2, 30000, 32760):
        s.drops(s.wire(seq, "x"), "rx-auth-failed")
    after = s.get(), s.keys()
    for was, now in zip(before, after):
        was.pop("stats", None), now.pop("stats", None)
        ktap.equal(now, was, "stream and keys")


world.load()
ktap.main()
