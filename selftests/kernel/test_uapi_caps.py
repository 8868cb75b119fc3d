#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""Nobody can make the kernel hold more than he was granted: sysctls, parameters, ssrc-cap."""

import errno

import ktap
import ns
import rtp
import srtpnl
import world

SYSCTL = "/proc/sys/net/srtp/"


def read_cap(name):
    with open(SYSCTL + name, encoding="utf-8") as f:
        return int(f.read())


def write_cap(name, value):
    with open(SYSCTL + name, "w", encoding="utf-8") as f:
        f.write("%s\n" % value)


def full(nl, op, **values):
    with ktap.fails(errno.ENOSPC):
        nl.do(op, **values)


def new_stream(nl, session, ssrc):
    return nl.do("stream-new", session=session, direction="rx", ssrc=ssrc, suite=world.SUITE)["id"]


@ktap.test("a network namespace can hold net.srtp.max_sessions sessions and no more")
def _():
    nl = srtpnl.Netlink()
    write_cap("max_sessions", 3)
    ids = [nl.do("session-new")["id"] for _ in range(3)]
    full(nl, "session-new")
    nl.do("session-del", id=ids[0])
    nl.do("session-new")
    full(nl, "session-new")
    write_cap("max_sessions", 4)
    nl.do("session-new")
    full(nl, "session-new")


@ktap.test("a network namespace can hold net.srtp.max_streams streams and no more")
def _():
    nl = srtpnl.Netlink()
    write_cap("max_streams", 3)
    a, b = nl.do("session-new")["id"], nl.do("session-new")["id"]
    first = new_stream(nl, a, 1)
    new_stream(nl, a, 2)
    new_stream(nl, b, 1)
    for session in a, b:
        full(nl, "stream-new", session=session, direction="rx", ssrc=9, suite=world.SUITE)
    nl.do("stream-del", session=a, id=first)
    new_stream(nl, b, 2)
    nl.do("session-del", id=b)
    new_stream(nl, a, 3)
    new_stream(nl, a, 4)
    full(nl, "stream-new", session=a, direction="rx", ssrc=9, suite=world.SUITE)


@ktap.test("streams that wildcards create count for max_streams, too")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    inside, outside = world.pair(nl, session)
    write_cap("max_streams", 3)
    inside.send(rtp.rtp(1, 1))
    with ktap.fails(errno.ENOSPC):
        inside.send(rtp.rtp(2, 1))
    inside.send(rtp.rtp(1, 2))
    outside.send(rtp.Srtp(*world.key("rx")).protect_rtp(rtp.rtp(3, 1)))
    ns.wait_for(lambda: srtpnl.info(inside)["stats"]["rx-ssrc-cap"] == 1, "the packet is dropped")
    ktap.equal(nl.do("session-get", id=session)["streams"], 3, "streams")


@ktap.test("lowering a cap takes nothing away, and refuses what is new")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    nl.do("session-new")
    write_cap("max_sessions", 1)
    write_cap("max_streams", 1)
    ktap.equal(len(nl.dump("session-get")), 2, "sessions")
    ktap.equal(len(nl.dump("stream-get")), 2, "streams")
    full(nl, "session-new")
    full(nl, "stream-new", session=session, direction="rx", ssrc=9, suite=world.SUITE)


@ktap.test("a cap of 0 refuses everything")
def _():
    nl = srtpnl.Netlink()
    write_cap("max_sessions", 0)
    full(nl, "session-new")


@ktap.test("caps refuse what is no number", bound=30)
def _():
    for name in ("max_sessions", "max_streams"):
        before = read_cap(name)
        for text in ("-1", "many", "99999999999999999999"):
            with ktap.fails((errno.EINVAL, errno.ERANGE)):
                write_cap(name, text)
        ktap.equal(read_cap(name), before, name)


@ktap.test("each network namespace has caps of its own")
def _():
    before = read_cap("max_sessions")
    write_cap("max_sessions", 1)

    def elsewhere():
        ns.unshare(ns.NEWNET)
        return read_cap("max_sessions")
    ktap.equal(ns.child(elsewhere), before, "the cap of a new namespace")


@ktap.test("root of a user namespace can read its caps and not write them")
def _():
    def attempt():
        out = []
        for name in ("max_sessions", "max_streams"):
            out.append(read_cap(name))
            with ktap.fails((errno.EACCES, errno.EPERM)):
                write_cap(name, 1 << 20)
        return out
    ktap.check(min(ns.in_user_namespace(1000, attempt)) > 0, "caps of a new namespace")


@ktap.test("an unprivileged user cannot write the caps")
def _():
    with ktap.fails((errno.EACCES, errno.EPERM)):
        ns.as_user(1000, write_cap, "max_sessions", 5)


def succeeds(nl, op, **values):
    try:
        return nl.do(op, **values)
    except srtpnl.Error as e:
        ktap.equal(e.errno, errno.ENOSPC, "errno")
        return None


class Parameter:
    """A parameter of the module, low for a while: from when nobody else holds anything."""

    def __init__(self, nl, name, value, op, **values):
        self.nl, self.name, self.value, self.op, self.values = nl, name, value, op, values

    def __enter__(self):
        self.before = world.parameter(self.name)
        world.set_parameter(self.name, 1)
        # Namespaces of earlier tests are taken apart in the background.
        ns.wait_for(lambda: succeeds(self.nl, self.op, **self.values), "room for the first")
        world.set_parameter(self.name, self.value)

    def __exit__(self, *_):
        world.set_parameter(self.name, self.before)


@ktap.test("all namespaces together can hold max_sessions sessions and no more")
def _():
    nl = srtpnl.Netlink()

    def elsewhere():
        ns.unshare(ns.NEWNET)
        there = srtpnl.Netlink()
        there.do("session-new")
        there.do("session-new")
        full(there, "session-new")
        full(nl, "session-new")
    with Parameter(nl, "max_sessions", 3, "session-new"):
        ns.child(elsewhere)
        ns.wait_for(lambda: succeeds(nl, "session-new"), "what that namespace held is given back")


@ktap.test("all namespaces together can hold max_streams streams and no more")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]

    def elsewhere():
        ns.unshare(ns.NEWNET)
        there = srtpnl.Netlink()
        other = there.do("session-new")["id"]
        new_stream(there, other, 1)
        full(there, "stream-new", session=other, direction="rx", ssrc=2, suite=world.SUITE)
        full(nl, "stream-new", session=session, direction="rx", ssrc=2, suite=world.SUITE)
    first = dict(session=session, direction="rx", ssrc=1, suite=world.SUITE)
    with Parameter(nl, "max_streams", 2, "stream-new", **first):
        ns.child(elsewhere)
        ns.wait_for(lambda: succeeds(nl, "stream-new", **{**first, "ssrc": 2}),
                    "what that namespace held is given back")


@ktap.test("a wildcard creates ssrc-cap send streams and no more, and those go on")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl, ssrc_cap=2)
    inside, _ = world.pair(nl, session)
    for ssrc in (1, 2):
        inside.send(rtp.rtp(ssrc, 1))
    with ktap.fails(errno.ENOSPC):
        inside.send(rtp.rtp(3, 1))
    for ssrc in (1, 2):
        inside.send(rtp.rtp(ssrc, 2))
    nl.do("session-set", id=session, ssrc_cap=3)
    inside.send(rtp.rtp(3, 1))
    ktap.equal(nl.do("session-get", id=session)["streams"], 5, "streams")


@ktap.test("a wildcard creates ssrc-cap receive streams and no more, and forged packets none")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl, ssrc_cap=2)
    inside, outside = world.pair(nl, session)
    good, forged = rtp.Srtp(*world.key("rx")), rtp.Srtp(*world.key("somebody"))
    for ssrc in range(100, 120):
        outside.send(forged.protect_rtp(rtp.rtp(ssrc, 1)))
    for ssrc in (1, 2, 3, 4):
        outside.send(good.protect_rtp(rtp.rtp(ssrc, 1)))
    ns.wait_for(lambda: srtpnl.info(inside)["stats"]["rx-ssrc-cap"] == 2, "two are dropped")
    stats = srtpnl.info(inside)["stats"]
    ktap.equal((stats["rx-auth-failed"], stats["rx-srtp-packets"]), (20, 2), "forged and accepted")
    ktap.equal(nl.do("session-get", id=session)["streams"], 4, "streams")
    ktap.equal([inside.recv(2048) for _ in range(2)], [rtp.rtp(1, 1), rtp.rtp(2, 1)], "packets")


@ktap.test("session numbers beyond the cap are not lost when a session is refused")
def _():
    nl = srtpnl.Netlink()
    write_cap("max_sessions", 1)
    nl.do("session-new", id=5)
    full(nl, "session-new", id=6)
    write_cap("max_sessions", 2)
    ktap.equal(nl.do("session-new", id=6)["id"], 6, "id")


world.load()
ktap.main()
