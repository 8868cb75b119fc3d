#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""Every attribute of every command: taken, or refused by a sentence that says what is wrong."""

import errno
import re
import struct

import ktap
import requests
import srtpnl
import world

SPEC = srtpnl.SPECIFICATION
# What a sentence may name besides attributes.
THINGS = re.compile(r"session|stream|key|socket|descriptor|attribute|suite|command", re.I)
LENGTHS = (errno.EINVAL, errno.ERANGE, errno.E2BIG, errno.EMSGSIZE)


def scene():
    return requests.Scene(srtpnl.Netlink())


def ask(s, op, side, values):
    return (s.nl.do if side == "do" else s.nl.dump)(op, values)


def listed(op, side):
    return [SPEC.ops[op].set.by_name[n] for n in getattr(SPEC.ops[op], side)]


def about(op, side, name, value):
    return "%s %s with %s=%r" % (op, side, name, value)


def accepts(s, op, side, values, what):
    try:
        return ask(s, op, side, values)
    except srtpnl.Error as e:
        raise AssertionError("%s is refused: %s" % (what, e)) from None


def refuses(s, op, side, values, what, numbers, *words):
    try:
        with ktap.fails(numbers, *words):
            ask(s, op, side, values)
    except AssertionError as e:
        raise AssertionError("%s: %s" % (what, e)) from None


def tells(error, op, name):
    """Does the sentence name the attribute, another of the command, or a thing?"""
    names = {name, *SPEC.ops[op].set.by_name}
    text = ktap.plain(error.sentence or "")
    return THINGS.search(text) or any(ktap.plain(n) in text.split() or ktap.plain(n) in text for n in names)


@ktap.test("the valid request of every command succeeds")
def _():
    for op, side in requests.SIDES:
        with scene() as s:
            accepts(s, op, side, s.request(op, side), "%s %s" % (op, side))


def alone(op, side):
    for a in listed(op, side):
        with scene() as s:
            value = s.request(op, side).get(a.name, requests.plausible(a))
            try:
                ask(s, op, side, {a.name: value})
            except srtpnl.Error as e:
                what = about(op, side, a.name, value) + " alone"
                ktap.check(e.sentence, "%s: %s without a sentence" % (what, errno.errorcode[e.errno]))
                ktap.check(tells(e, op, a.name), "%s: %r names nothing" % (what, e.sentence))


def good(op, side):
    values = requests.GOOD.get(op, {}) if side == "do" else {}
    ktap.check(set(values) <= {a.name for a in listed(op, side)}, "the test knows the spec")
    for name, choices in values.items():
        for value in choices:
            with scene() as s:
                accepts(s, op, side, {**s.request(op, side), name: value}, about(op, side, name, value))


# A refused request changes nothing, so that one scene does for many of them.

def wrong(op, side):
    with scene() as s:
        for a in listed(op, side):
            for what, octets, is_range in requests.wrong(a):
                what = "%s %s with %s %s" % (op, side, a.name, what)
                numbers = LENGTHS if is_range and not a.size else errno.ERANGE if is_range else errno.EINVAL
                refuses(s, op, side, {**s.request(op, side), a.name: octets}, what, numbers)


def unlisted(op, side):
    names = {a.name for a in listed(op, side)}
    with scene() as s:
        for a in SPEC.ops[op].set.attrs:
            if a.name not in names:
                values = [*s.request(op, side).items(), (a.number, requests.plausible(a))]
                refuses(s, op, side, values, "%s %s with %s" % (op, side, a.name), errno.EINVAL)


def unknown(op, side):
    last = len(SPEC.ops[op].set.attrs)
    with scene() as s:
        for number in (0, last + 1, last + 2, 255, 0x3fff):
            for payload in (b"", bytes(4)):
                values = [*s.request(op, side).items(), (number, payload)]
                refuses(s, op, side, values, "%s %s with attribute %d" % (op, side, number), errno.EINVAL)


def ragged(op, side):
    """What is no list of attributes at all."""
    with scene() as s:
        for tail in (b"\1", b"\1\2\3", struct.pack("=HH", 3, 1), struct.pack("=HH", 400, 1), bytes(4)):
            values = srtpnl.encode(SPEC.ops[op].set, s.request(op, side)) + tail
            refuses(s, op, side, values, "%s %s with the tail %s" % (op, side, tail.hex()), errno.EINVAL)


for _op, _side in requests.SIDES:
    _name = _op + (" dump" if _side == "dump" else "")
    ktap.test("%s: each attribute alone is taken, or refused by a sentence" % _name, _op, _side)(alone)
    ktap.test("%s: wrong types, lengths and ranges are refused by a sentence" % _name, _op, _side)(wrong)
    ktap.test("%s: attributes that it does not list are refused" % _name, _op, _side)(unlisted)
    ktap.test("%s: attributes that nobody knows are refused" % _name, _op, _side)(unknown)
    ktap.test("%s: octets that are no attributes are refused" % _name, _op, _side)(ragged)
    if _side == "do" and _op in requests.GOOD:
        ktap.test("%s: values within the ranges are taken" % _name, _op, _side)(good)


@ktap.test("a reserved field of the header that is not 0 is refused for every command")
def _():
    for op, side in requests.SIDES:
        if side != "do":
            continue
        with scene() as s:
            message = bytearray(s.nl.raw(op, s.request(op)))
            message[18] = 1
            s.nl.send_raw(bytes(message))
            try:
                with ktap.fails_plainly(errno.EINVAL):
                    s.nl.collect(s.nl.seq)
            except AssertionError as e:
                raise AssertionError("%s: %s" % (op, e)) from None


# What a sentence may call them.
CALLED = {"id": "number", "fd": "descriptor"}


def missing(op, side):
    """Each attribute of the valid request left out: done, or a sentence that names it."""
    needless = {"active", "ack-events"} | ({"ssrc"} if op == "stream-new" else set())
    with scene() as s:
        for name in set(s.request(op, side)) - needless:
            values = s.request(op, side)
            del values[name]
            refuses(s, op, side, values, "%s without %s" % (op, name), errno.EINVAL, CALLED.get(name, name))


for _op, _side in requests.SIDES:
    if _side == "do" and _op != "session-new":
        ktap.test("%s: an attribute that it needs is asked for by name" % _op, _op, _side)(missing)


@ktap.test("a name of characters that do not print is refused")
def _():
    nl = srtpnl.Netlink()
    for octets in (b"a\nb\0", b"\x1b[1m\0", b"\x7f\0", b"\xc3\xa4\0"):
        with ktap.fails(errno.EINVAL, "name"):
            nl.do("session-new", name=octets)


@ktap.test("session numbers 0 and above 2^31 - 1 are refused")
def _():
    nl = srtpnl.Netlink()
    for number in (0, 2**31, 2**32 - 1):
        with ktap.fails((errno.EINVAL, errno.ERANGE), "number"):
            nl.do("session-new", id=number)


@ktap.test("what session-set gives is what session-get tells")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    for name, choices in requests.SETTINGS.items():
        for value in choices:
            nl.do("session-set", {"id": session, name: value})
            got = nl.do("session-get", id=session)
            if name == "provisional":
                ktap.equal(got["state"], "provisional" if value else "live", "state")
                ktap.check(got.get(name, 0) <= value, "%s seconds are left of %s" % (got.get(name), value))
            else:
                ktap.equal(got.get(name, ""), value, name)


@ktap.test("session-set changes what it is given and nothing else")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new", name="first", pass_non_rtp=1, ssrc_cap=7)["id"]
    before = nl.do("session-get", id=session)
    nl.do("session-set", id=session, ssrc_cap=8)
    ktap.equal(nl.do("session-get", id=session), {**before, "ssrc-cap": 8}, "session")


@ktap.test("a new session, stream and key tell the defaults of the spec")
def _():
    with scene() as s:
        new = s.nl.do("session-new")
        ktap.check(new["id"] > 0 and new["cookie"] > 0, "the reply has an id and a cookie")
        want = {**new, "owner": 0, "state": "live", "pass-non-rtp": 0, "forbid-detach": 0, "auto-delete": 0,
                "ssrc-cap": 64, "sockets": 0, "streams": 0, "event-seq": 0}
        got = s.nl.do("session-get", id=new["id"])
        ktap.equal({k: got.get(k) for k in want}, want, "session")
        for stream, direction, window in ((s.tx, "tx", 512), (s.bare, "rx", 1024)):
            got = s.nl.do("stream-get", session=s.session, id=stream)
            want = {"session": s.session, "id": stream, "direction": direction, "suite": world.SUITE,
                    "srtp-tag-len": 10, "srtcp-tag-len": 10, "window": window, "srtcp-window": 128}
            ktap.equal({k: got.get(k) for k in want}, want, "stream")
            ktap.check(not any(got["stats"].values()), "a new stream has counted nothing")
        got = s.nl.do("key-get", session=s.session, stream=s.tx, id=s.key)
        want = {"session": s.session, "stream": s.tx, "id": s.key, "active": 1, "state": "active",
                "srtp-packets": 0, "srtcp-packets": 0}
        ktap.equal({k: got.get(k) for k in want}, want, "key")
        ktap.check(got["cipher-driver"] and got["auth-driver"], "its drivers are named")


@ktap.test("windows are rounded up to a power of two")
def _():
    with scene() as s:
        for given, want in ((64, 64), (65, 128), (100, 128), (1000, 1024), (32767, 32768)):
            sid = world.stream(s.nl, s.session, "rx", given, window=given, srtcp_window=given)
            got = s.nl.do("stream-get", session=s.session, id=sid)
            ktap.equal((got["window"], got["srtcp-window"]), (want, want), "windows of %d" % given)


world.load()
ktap.main()
