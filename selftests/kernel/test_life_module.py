#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""Loading and unloading: never under an attached socket, never in the way of idle sessions."""

import errno
import os
import socket
import subprocess

import ktap
import ns
import rtp
import srtpnl
import world

IN_USE = errno.EWOULDBLOCK


def loaded(function):
    """A test that begins with the module loaded and nobody else using it."""
    def run(*args):
        world.load()
        world.wait_unreferenced()
        function(*args)
    return run


def in_use():
    with ktap.fails(IN_USE):
        world.unload()


def goes():
    world.wait_unreferenced()
    world.unload()
    ktap.check(not world.loaded(), "the module is gone")


@ktap.test("idle sessions do not keep the module from being unloaded, and do not come back")
@loaded
def _():
    nl = srtpnl.Netlink()
    for i in range(20):
        world.call(nl, provisional=1000 * (i & 1), auto_delete=i & 1)
    nl.close()
    goes()
    world.load()
    nl = srtpnl.Netlink()
    for op in ("session-get", "stream-get", "key-get", "socket-get"):
        ktap.equal(nl.dump(op), [], op)


@ktap.test("a session that gets a number again after the module was loaded again has another cookie")
@loaded
def _():
    seen = set()
    for _ in range(3):
        nl = srtpnl.Netlink()
        new = nl.do("session-new", id=1)
        ktap.check(new["cookie"] not in seen, "cookie %d again" % new["cookie"])
        seen.add(new["cookie"])
        nl.close()
        goes()
        world.load()


@ktap.test("open netlink sockets and subscribers do not keep the module from being unloaded")
@loaded
def _():
    nl, events = srtpnl.Netlink(), srtpnl.Events()
    nl.do("session-new")
    events.nl.sock.setblocking(False)
    goes()
    world.load()
    with ktap.fails_plainly((errno.ENOENT, errno.EOPNOTSUPP, errno.EINVAL)):
        nl.family += 100
        nl.do("session-get", id=1)


@ktap.test("the module is not unloaded under an attached socket, nor after detach, until it is closed")
@loaded
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    inside, outside = world.pair(nl, session)
    in_use()
    inside.send(rtp.rtp(1, 1))
    in_use()
    srtpnl.detach(inside)
    in_use()
    inside.send(b"clear")
    ktap.equal([len(outside.recv(100)) for _ in range(2)], [22, 5], "octets on the wire")
    inside.close()
    goes()


@ktap.test("a socket of a deleted session keeps the module until it is closed")
@loaded
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    inside, _ = world.pair(nl, session)
    nl.do("session-del", id=session)
    in_use()
    inside.close()
    goes()


@ktap.test("a socket that was attached many times holds the module once, and two hold it twice")
@loaded
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    one, two = world.udp(), world.udp("::1")
    for _ in range(10):
        for sock in one, two:
            srtpnl.attach(sock, session)
            srtpnl.detach(sock)
    one.close()
    in_use()
    two.close()
    goes()


@ktap.test("an attach that is refused leaves no hold on the module")
@loaded
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    udp, tcp = world.udp(), socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    for sock, number in ((udp, 4711), (tcp, session)):
        with ktap.fails((errno.ENOENT, errno.EOPNOTSUPP)):
            srtpnl.attach(sock, number)
        with ktap.fails((errno.ENOENT, errno.EOPNOTSUPP)):
            nl.do("socket-new", fd=sock.fileno(), session=number, role="rtp")
    goes()


@ktap.test("a process that is killed with attached sockets leaves no hold on the module")
@loaded
def _():
    def attached():
        nl = srtpnl.Netlink()
        kept = [world.pair(nl, world.call(nl)) for _ in range(10)]
        kept[0][0].send(rtp.rtp(1, 1))
        os._exit(9)
    pid = os.fork()
    if pid == 0:
        attached()
    os.waitpid(pid, 0)
    goes()


@ktap.test("a dump that is half read keeps the module until its socket is closed")
@loaded
def _():
    nl, half = srtpnl.Netlink(), srtpnl.Netlink()
    for _ in range(600):
        nl.do("session-new")
    half.send_raw(half.raw("session-get", {}, srtpnl.NLM_F_REQUEST | srtpnl.NLM_F_DUMP))
    half.sock.recv(1 << 16)
    in_use()
    half.close()
    goes()


@ktap.test("without the module the socket options are unknown and the sysctls are gone")
@loaded
def _():
    sock = world.udp()
    goes()
    with ktap.fails(errno.ENOPROTOOPT):
        srtpnl.attach(sock, 1)
    with ktap.fails(errno.ENOPROTOOPT):
        srtpnl.info(sock)
    ktap.check(not os.path.exists("/proc/sys/net/srtp"), "no sysctls")


def can_modprobe():
    return subprocess.run(["modprobe", "-n", "-q", "srtp"], check=False).returncode == 0


@ktap.test("asking for the netlink family loads the module", 0)
@ktap.test("asking for the netlink family loads the module, also for an unprivileged user", 1000)
def _(uid):
    if not can_modprobe():
        raise ktap.Skip("modprobe does not find srtp")
    world.load()
    goes()

    def ask():
        return srtpnl.Netlink().family
    ktap.check(ns.as_user(uid, ask) if uid else ask(), "the family is there")
    ktap.check(world.loaded(), "the module is loaded")


@ktap.test("namespaces made before and after loading are served alike")
def _():
    world.load()
    goes()

    def serve():
        nl = srtpnl.Netlink()
        inside, outside = world.pair(nl, world.call(nl))
        packet = rtp.rtp(1, 1)
        inside.send(packet)
        return rtp.Srtp(*world.key("tx")).unprotect_rtp(outside.recv(100)) == packet
    world.load()
    ktap.check(serve(), "a namespace from before")

    def later():
        ns.unshare(ns.NEWNET)
        ns.loopback_up()
        return serve()
    ktap.check(ns.child(later), "a namespace from after")


@ktap.test("the module is loaded and unloaded twenty times, in use in between")
def _():
    for _ in range(20):
        world.load()
        nl = srtpnl.Netlink()
        session = world.call(nl, provisional=1000)
        inside, outside = world.pair(nl, session)
        inside.send(rtp.rtp(1, 1))
        outside.recv(100)
        inside.close()
        goes()


@ktap.test("one line is logged when the module is loaded, and it names the version")
def _():
    world.load()
    goes()
    mark = "test_life_module %d" % os.getpid()
    with open("/dev/kmsg", "w", encoding="utf-8") as f:
        f.write(mark + "\n")
    world.load()
    text = subprocess.run(["dmesg"], check=True, capture_output=True, text=True).stdout
    lines = [line for line in text.split(mark)[1].splitlines() if "srtp" in line]
    ktap.equal(len(lines), 1, "lines: %r" % lines)


ktap.main()
