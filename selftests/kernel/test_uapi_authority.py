#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""Who may do what to a session: CAP_NET_ADMIN everything, its owner look and attach, others nothing."""

import array
import errno
import socket

import ktap
import ns
import srtpnl
import world

OWNER, OTHER = 1000, 1001
EVERY_DUMP = ("session-get", "stream-get", "key-get", "socket-get")


class Owned:
    """A session of the user OWNER with all there can be in it, made by root."""

    def __init__(self, owner=OWNER, **more):
        self.nl = srtpnl.Netlink()
        self.session = world.call(self.nl, owner=owner, **more)
        self.stream = self.nl.dump("stream-get", session=self.session)[0]["id"]
        self.key = self.nl.dump("key-get", session=self.session)[0]["id"]

    def state(self):
        return [self.nl.dump(op) for op in EVERY_DUMP]

    def reads(self):
        s = {"session": self.session}
        return (("session-get", {"id": self.session}), ("stream-get", {**s, "id": self.stream}),
                ("key-get", {**s, "stream": self.stream, "id": self.key}))

    def changes(self):
        s, (master, salt) = {"session": self.session}, world.key("more")
        return (("session-new", {}), ("session-set", {"id": self.session, "name": "x"}),
                ("session-del", {"id": self.session}),
                ("stream-new", {**s, "direction": "rx", "ssrc": 9, "suite": world.SUITE}),
                ("stream-set", {**s, "id": self.stream, "ack-events": 1}),
                ("stream-del", {**s, "id": self.stream}),
                ("key-new", {**s, "stream": self.stream, "master-key": master, "master-salt": salt, "active": 1}),
                ("key-del", {**s, "stream": self.stream, "id": self.key}))


def try_all(requests, nl=None):
    nl = nl or srtpnl.Netlink()
    for op, values in requests:
        try:
            with ktap.fails(errno.EPERM):
                nl.do(op, values)
        except AssertionError as e:
            raise AssertionError("%s: %s" % (op, e)) from None


@ktap.test("the owner cannot create, change or delete", OWNER)
@ktap.test("another user cannot create, change or delete", OTHER)
def _(uid):
    o = Owned()
    before = o.state()
    ns.as_user(uid, try_all, o.changes())
    ktap.equal(o.state(), before, "what there is")


@ktap.test("the owner may look at the session, its streams, keys and sockets")
def _():
    o = Owned()
    sock = world.udp()
    srtpnl.attach(sock, o.session)

    def look():
        nl = srtpnl.Netlink()
        return ([nl.do(op, values) for op, values in o.reads()], nl.do("socket-get", fd=sock.fileno()),
                [nl.dump(op) for op in EVERY_DUMP])
    one, sockinfo, all_ = ns.as_user(OWNER, look)
    ktap.equal(one, [o.nl.do(op, values) for op, values in o.reads()], "what get tells")
    ktap.equal(sockinfo["session"], o.session, "session of the socket")
    ktap.equal(all_, o.state(), "what dumps tell")


@ktap.test("another user cannot look: get is refused, dumps are empty")
def _():
    o = Owned()
    sock = world.udp()
    srtpnl.attach(sock, o.session)

    def look():
        try_all((*o.reads(), ("socket-get", {"fd": sock.fileno()})))
        nl = srtpnl.Netlink()
        return [nl.dump(op) for op in EVERY_DUMP], [nl.dump(op, session=o.session) for op in EVERY_DUMP[1:]]
    for dumps in ns.as_user(OTHER, look):
        ktap.check(not any(dumps), "dumps show %r" % (dumps,))


@ktap.test("a dump shows to each user his own sessions only, and to root all")
def _():
    mine, theirs = Owned(OWNER), Owned(OTHER)

    def ids():
        return [s["id"] for s in srtpnl.Netlink().dump("session-get")]
    ktap.equal(ns.as_user(OWNER, ids), [mine.session], "the owner's sessions")
    ktap.equal(ns.as_user(OTHER, ids), [theirs.session], "the other's sessions")
    ktap.equal(sorted(ids()), sorted([mine.session, theirs.session]), "root's sessions")


def by_option(session):
    with world.udp() as sock:
        srtpnl.attach(sock, session)
        ktap.equal(srtpnl.info(sock)["session"], session, "session")
        srtpnl.detach(sock)


def by_netlink(session):
    with world.udp() as sock:
        nl = srtpnl.Netlink()
        nl.do("socket-new", fd=sock.fileno(), session=session, role="rtp")
        ktap.equal(nl.do("socket-get", fd=sock.fileno())["role"], "rtp", "role")
        nl.do("socket-set", fd=sock.fileno(), role="rtcp")
        ktap.equal(srtpnl.info(sock)["role"], "rtcp", "role")
        nl.do("socket-del", fd=sock.fileno())


def refused(number, function, *args):
    with ktap.fails(number):
        function(*args)


for _how, _function in (("the socket option", by_option), ("netlink", by_netlink)):
    @ktap.test("the owner attaches and detaches by %s" % _how, _function)
    def _(function):
        ns.as_user(OWNER, function, Owned().session)

    @ktap.test("another user cannot attach by %s" % _how, _function)
    def _(function):
        ns.as_user(OTHER, refused, errno.EPERM, function, Owned().session)

    @ktap.test("root attaches anybody's session by %s" % _how, _function)
    def _(function):
        function(Owned().session)


@ktap.test("another user cannot detach or change a socket that he got attached, and it stays")
def _():
    o = Owned()
    sock = world.udp()
    srtpnl.attach(sock, o.session)

    def attempt():
        refused(errno.EPERM, srtpnl.detach, sock)
        try_all((("socket-del", {"fd": sock.fileno()}), ("socket-set", {"fd": sock.fileno(), "role": "rtp"})))
    ns.as_user(OTHER, attempt)
    ktap.equal(srtpnl.info(sock)["role"], "mux", "role")


@ktap.test("a new session belongs to its creator, and to another if he says so")
def _():
    nl = srtpnl.Netlink()
    ktap.equal(nl.do("session-get", id=nl.do("session-new")["id"])["owner"], 0, "owner")
    ktap.equal(nl.do("session-get", id=nl.do("session-new", owner=OWNER)["id"])["owner"], OWNER, "owner")


@ktap.test("session-set can give a session to another user")
def _():
    o = Owned()
    o.nl.do("session-set", id=o.session, owner=OTHER)
    ns.as_user(OTHER, by_option, o.session)
    ns.as_user(OWNER, refused, errno.EPERM, by_option, o.session)


# Namespaces

def whole_call():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    by_option(session)
    by_netlink(session)
    events = srtpnl.Events()
    owner = nl.do("session-get", id=session)["owner"]
    nl.do("session-del", id=session)
    return owner, events.next()["type"]


@ktap.test("root of a user and network namespace of an unprivileged user can do everything in it")
def _():
    ktap.equal(ns.in_user_namespace(OWNER, whole_call), (0, "session-closed"), "owner and event")


@ktap.test("root of a user namespace has no rights in a network namespace that is not its own")
def _():
    o = Owned(0)

    def attempt():
        ns.become(OTHER)
        ns.dumpable()
        ns.user_namespace(0)
        try_all((*o.changes(), *o.reads()))
        refused(errno.EPERM, by_option, o.session)
        refused(errno.EPERM, srtpnl.Events)
    before = o.state()
    ns.child(attempt)
    ktap.equal(o.state(), before, "what there is")


@ktap.test("an owner that the user namespace does not map is refused")
def _():
    def attempt():
        nl = srtpnl.Netlink()
        for uid in (1, OWNER, 2**32 - 1):
            with ktap.fails(errno.EINVAL, "owner"):
                nl.do("session-new", owner=uid)
        session = nl.do("session-new", owner=0)["id"]
        with ktap.fails(errno.EINVAL, "owner"):
            nl.do("session-set", id=session, owner=OWNER)
        return nl.do("session-get", id=session)["owner"]
    ktap.equal(ns.in_user_namespace(OWNER, attempt), 0, "owner")


@ktap.test("no process can make the user 2^32 - 1 an owner")
def _():
    with ktap.fails(errno.EINVAL, "owner"):
        srtpnl.Netlink().do("session-new", owner=2**32 - 1)


@ktap.test("sessions of one network namespace are neither seen nor attached in another")
def _():
    o = Owned(0)

    def attempt():
        ns.unshare(ns.NEWNET)
        ns.loopback_up()
        nl = srtpnl.Netlink()
        for op, values in (*o.reads(), *o.changes()[1:]):
            with ktap.fails(errno.ENOENT):
                nl.do(op, values)
        for function in by_option, by_netlink:
            refused(errno.ENOENT, function, o.session)
        return [nl.dump(op) for op in EVERY_DUMP], nl.do("session-new", id=o.session)["id"]
    dumps, same = ns.child(attempt)
    ktap.check(not any(dumps), "dumps show %r" % (dumps,))
    ktap.equal(same, o.session, "the number is free there")


# Capabilities

def as_admin_user(function, *args):
    """As OWNER, but with CAP_NET_ADMIN."""
    def run():
        ns.become_with(OWNER, ns.CAP_NET_ADMIN)
        return function(*args)
    return ns.child(run)


@ktap.test("CAP_NET_ADMIN alone suffices for everything")
def _():
    ktap.equal(as_admin_user(whole_call), (OWNER, "session-closed"), "owner and event")


@ktap.test("root without CAP_NET_ADMIN is a user like others")
def _():
    o = Owned()

    def attempt():
        ns.drop_capabilities()
        try_all((*o.changes(), *o.reads()))
        refused(errno.EPERM, by_option, o.session)
    ns.child(attempt)


@ktap.test("a netlink socket that root opened gives an unprivileged user no rights")
def _():
    o = Owned()
    nl = srtpnl.Netlink()

    def attempt():
        try_all((*o.changes(), *o.reads()), nl)
        return [nl.dump(op) for op in EVERY_DUMP]
    ktap.check(not any(ns.as_user(OTHER, attempt)), "dumps are empty")


def opened_by(uid):
    """A netlink socket that a process of another user opened and handed over."""
    here, there = socket.socketpair()

    def opener():
        sock = socket.socket(srtpnl.AF_NETLINK, socket.SOCK_RAW, srtpnl.NETLINK_GENERIC)
        there.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [sock.fileno()]))])
        here.close()
        there.recv(1)

    def run():
        ns.become(uid)
        opener()
    child = ns.Child(run)
    control = here.recvmsg(1, 64)[1]
    fd = array.array("i", control[0][2])[0]
    here.send(b"x")
    child.result()
    return srtpnl.Netlink(sock=socket.socket(fileno=fd))


@ktap.test("a netlink socket that an unprivileged user opened gives root no more rights than that user has")
def _():
    o = Owned()
    before = o.state()
    nl = opened_by(OTHER)
    try_all((*o.changes(), *o.reads()), nl)
    ktap.check(not any([nl.dump(op) for op in EVERY_DUMP]), "dumps are empty")
    sock = world.udp()
    with ktap.fails(errno.EPERM):
        nl.do("socket-new", fd=sock.fileno(), session=o.session, role="mux")
    ktap.equal(o.state(), before, "what there is")


# Events

@ktap.test("the owner cannot join the group of events", OWNER)
@ktap.test("another user cannot join the group of events", OTHER)
def _(uid):
    Owned()
    ns.as_user(uid, refused, errno.EPERM, srtpnl.Events)


@ktap.test("events stay in their network namespace")
def _():
    inside, outside = srtpnl.Events(), srtpnl.Netlink()

    def elsewhere():
        ns.unshare(ns.NEWNET)
        nl, events = srtpnl.Netlink(), srtpnl.Events()
        nl.do("session-del", id=nl.do("session-new")["id"])
        return events.next()["type"]
    ktap.equal(ns.child(elsewhere), "session-closed", "event there")
    marker = outside.do("session-new")
    outside.do("session-del", id=marker["id"])
    ktap.equal(inside.next()["session-cookie"], marker["cookie"], "the first event here")


world.load()
ktap.main()
