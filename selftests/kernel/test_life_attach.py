#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""Which sockets may be attached, by netlink and by the socket option, and what stands against it."""

import errno
import os
import socket
import struct

import ktap
import ns
import rtp
import srtpnl
import world

UDP_CORK, UDP_ENCAP, UDP_ENCAP_L2TPINUDP, IPPROTO_UDPLITE = 1, 100, 3, 136


def netlink_attach(sock, session, role="rtp", nl=None):
    nl = nl or srtpnl.Netlink()
    nl.do("socket-new", fd=sock if isinstance(sock, int) else sock.fileno(), session=session, role=role)


BOTH = (("the socket option", srtpnl.attach), ("netlink", netlink_attach))


def both(name):
    """A test for each way to attach."""
    def add(function):
        for how, attach in BOTH:
            ktap.test("%s, by %s" % (name, how), attach)(function)
    return add


def works(inside, outside):
    packet = rtp.rtp(1, 1, payload=b"abc")
    inside.send(packet)
    ktap.equal(rtp.Srtp(*world.key("tx")).unprotect_rtp(outside.recv(2048)), packet, "packet")


def connected(address):
    inside, outside = world.udp(address), world.udp(address)
    inside.connect(outside.getsockname())
    return inside, outside


@both("IPv4, IPv6 and unbound UDP sockets are attached")
def _(attach):
    nl = srtpnl.Netlink()
    for address in ("127.0.0.1", "::1"):
        session = world.call(nl)
        inside, outside = connected(address)
        attach(inside, session, "rtp")
        works(inside, outside)
    session = world.call(nl)
    loose, outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), world.udp()
    attach(loose, session, "rtp")
    loose.connect(outside.getsockname())
    works(loose, outside)


@ktap.test("the option works at both levels of an IPv6 socket")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    for level in (srtpnl.SOL_IP, srtpnl.SOL_IPV6):
        with world.udp("::1") as sock:
            srtpnl.attach(sock, session, "rtp", level)
            for other in (srtpnl.SOL_IP, srtpnl.SOL_IPV6):
                ktap.equal(srtpnl.info(sock, other)["session"], session, "session")
            srtpnl.detach(sock, level)


def udp_lite():
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM, IPPROTO_UDPLITE)
    except OSError:
        return None     # removed from the kernel in 7.1


def foreign_sockets():
    yield "TCP", socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    yield "TCP on IPv6", socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    yield "raw", socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    yield "raw IPv6", socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_UDP)
    yield "ICMP", socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    if udp_lite():
        yield "UDP-Lite", udp_lite()


@both("TCP, raw and UDP-Lite sockets are refused")
def _(attach):
    session = world.call(srtpnl.Netlink())
    for what, sock in foreign_sockets():
        with sock:
            try:
                with ktap.fails(errno.EOPNOTSUPP):
                    attach(sock, session)
                with ktap.fails((errno.ENOTCONN, errno.EOPNOTSUPP)):
                    srtpnl.info(sock)
            except AssertionError as e:
                raise AssertionError("%s: %s" % (what, e)) from None
    ktap.equal(srtpnl.Netlink().dump("socket-get"), [], "attached sockets")


@ktap.test("sockets of other families, files and pipes are refused by netlink")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    here, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    packet = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
    for sock in (here, packet, nl.sock):
        with ktap.fails(errno.EOPNOTSUPP):
            netlink_attach(sock, session)
    r, w = os.pipe()
    file = os.open("/dev/null", os.O_RDWR)
    for fd in (r, w, file, os.open("/", os.O_RDONLY)):
        with ktap.fails((errno.ENOTSOCK, errno.EOPNOTSUPP, errno.EBADF)):
            netlink_attach(fd, session)


@ktap.test("descriptors that are not open, and one opened as a mere path, are refused by netlink")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    sock = world.udp()
    fd = sock.fileno()
    sock.close()
    for number in (fd, 1000, 2**31 - 1, 2**31, 2**32 - 1):
        with ktap.fails(errno.EBADF):
            netlink_attach(number, session, nl=nl)
    with ktap.fails(errno.EBADF):
        netlink_attach(os.open("/dev/null", os.O_PATH), session, nl=nl)


@ktap.test("a descriptor means the caller's, not that of the netlink socket's opener")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    fd = 500

    def attempt():
        sock = world.udp()
        os.dup2(sock.fileno(), fd)
        nl.do("socket-new", fd=fd, session=session, role="rtp")
        return srtpnl.info(sock)["session"]
    with ktap.fails(errno.EBADF):
        nl.do("socket-new", fd=fd, session=session, role="rtp")
    ktap.equal(ns.child(attempt), session, "session")


@ktap.test("a socket of another network namespace is refused by netlink")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    home = ns.netns()
    ns.unshare(ns.NEWNET)
    ns.loopback_up()
    foreign = world.udp()
    for values in (("socket-new", {"session": session, "role": "rtp"}), ("socket-set", {"role": "rtp"}),
                   ("socket-get", {}), ("socket-del", {})):
        with ktap.fails(errno.EXDEV):
            nl.do(values[0], {"fd": foreign.fileno(), **values[1]})
    ns.setns(home)
    with ktap.fails(errno.EXDEV):
        netlink_attach(foreign, session)


@ktap.test("the option looks for the session in the socket's network namespace, not the caller's")
def _():
    session = world.call(srtpnl.Netlink(), id=5)
    sock = world.udp()
    ns.unshare(ns.NEWNET)
    world.call(srtpnl.Netlink(), id=6)
    with ktap.fails(errno.ENOENT):
        srtpnl.attach(sock, 6)
    srtpnl.attach(sock, session)
    ktap.equal(srtpnl.info(sock)["session"], 5, "session")


@both("a session that does not exist is refused")
def _(attach):
    sock = world.udp()
    for number in (1, 4711, 2**31 - 1, 2**31, 2**32 - 1):
        with ktap.fails(errno.ENOENT):
            attach(sock, number)


@both("a socket that is attached is refused, to the same and to another session")
def _(attach):
    nl = srtpnl.Netlink()
    one, two = world.call(nl), world.call(nl)
    inside, outside = connected("127.0.0.1")
    attach(inside, one, "rtp")
    for session in one, two:
        with ktap.fails(errno.EBUSY):
            attach(inside, session, "rtp")
    works(inside, outside)
    ktap.equal([nl.do("session-get", id=s)["sockets"] for s in (one, two)], [1, 0], "sockets")


@both("a corked socket, or one with a datagram half written, is refused and stays plain")
def _(attach):
    session = world.call(srtpnl.Netlink())
    inside, outside = connected("127.0.0.1")
    inside.setsockopt(socket.IPPROTO_UDP, UDP_CORK, 1)
    with ktap.fails(errno.EBUSY):
        attach(inside, session)
    inside.send(b"ab")
    with ktap.fails(errno.EBUSY):
        attach(inside, session)
    inside.setsockopt(socket.IPPROTO_UDP, UDP_CORK, 0)
    inside.send(b"cd", socket.MSG_MORE)
    with ktap.fails(errno.EBUSY):
        attach(inside, session)
    inside.send(b"ef")
    ktap.equal([outside.recv(100) for _ in range(2)], [b"ab", b"cdef"], "datagrams")
    attach(inside, session, "rtp")
    works(inside, outside)


@both("a socket with an encapsulation is refused")
def _(attach):
    session = world.call(srtpnl.Netlink())
    sock = world.udp()
    sock.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_L2TPINUDP)
    with ktap.fails(errno.EBUSY):
        attach(sock, session)


@ktap.test("the option's structure is checked: size, role, flags, reserved, tail")
def _():
    session = world.call(srtpnl.Netlink())
    sock = world.udp()
    whole = struct.pack("=IBBH", session, 1, 0, 0)
    for length in range(8):
        with ktap.fails(errno.EINVAL):
            sock.setsockopt(srtpnl.SOL_IP, srtpnl.SRTP_SESSION, whole[:length])
    for role in (0, 4, 255):
        with ktap.fails(errno.EINVAL):
            srtpnl.attach(sock, session, role)
    for bit in range(8):
        with ktap.fails(errno.EINVAL):
            srtpnl.attach(sock, session, "rtp", flags=1 << bit)
    for bit in range(16):
        with ktap.fails(errno.EINVAL):
            srtpnl.attach(sock, session, "rtp", reserved=1 << bit)
    for at in (0, 1, 7, 100, 4000):
        with ktap.fails(errno.E2BIG):
            srtpnl.attach(sock, session, "rtp", tail=bytes(at) + b"\1")
    with ktap.fails(errno.ENOTCONN):
        srtpnl.info(sock)


@ktap.test("a longer structure whose end is zero is taken")
def _():
    session = world.call(srtpnl.Netlink())
    for length in (1, 8, 500):
        with world.udp() as sock:
            srtpnl.attach(sock, session, "rtp", tail=bytes(length))
            ktap.equal(srtpnl.info(sock)["session"], session, "session")


@ktap.test("an option of absurd length is refused")
def _():
    session = world.call(srtpnl.Netlink())
    sock = world.udp()
    with ktap.fails((errno.E2BIG, errno.EINVAL)):
        srtpnl.attach(sock, session, "rtp", tail=bytes(1 << 20))


@ktap.test("a socket that is not attached cannot be detached or changed, and tells nothing")
def _():
    nl = srtpnl.Netlink()
    sock = world.udp()
    with ktap.fails(errno.EALREADY):
        srtpnl.detach(sock)
    with ktap.fails(errno.EALREADY):
        nl.do("socket-del", fd=sock.fileno())
    for op, more in (("socket-get", {}), ("socket-set", {"role": "rtp"})):
        with ktap.fails((errno.ENOTCONN, errno.ENOENT, errno.EALREADY), "attached"):
            nl.do(op, fd=sock.fileno(), **more)
    with ktap.fails(errno.ENOTCONN):
        srtpnl.info(sock)


@ktap.test("SRTP_INFO fills what there is room for, and tells its length")
def _():
    session = world.call(srtpnl.Netlink())
    sock = world.udp()
    srtpnl.attach(sock, session, "mux")
    whole = sock.getsockopt(srtpnl.SOL_IP, srtpnl.SRTP_INFO, 1024)
    ktap.equal(len(whole), srtpnl.INFO.size, "length")
    for room in (1, 4, 5, 8, 16, 100, len(whole) - 1, len(whole)):
        got = sock.getsockopt(srtpnl.SOL_IP, srtpnl.SRTP_INFO, room)
        ktap.equal(got, whole[:room], "info of %d octets" % room)


@ktap.test("SRTP_SESSION cannot be read, SRTP_INFO cannot be written, their neighbours are unknown")
def _():
    sock = world.udp()
    session = world.call(srtpnl.Netlink())
    srtpnl.attach(sock, session, "mux")
    for option in (*range(srtpnl.SRTP_SESSION, srtpnl.SRTP_SESSION + 32),):
        if option != srtpnl.SRTP_INFO:
            with ktap.fails((errno.ENOPROTOOPT, errno.EOPNOTSUPP)):
                sock.getsockopt(srtpnl.SOL_IP, option, 8)
        if option != srtpnl.SRTP_SESSION:
            with ktap.fails((errno.ENOPROTOOPT, errno.EOPNOTSUPP)):
                sock.setsockopt(srtpnl.SOL_IP, option, bytes(8))
    ktap.equal(srtpnl.info(sock)["session"], session, "session")


@ktap.test("socket-get tells addresses, role, cookie and counters, one socket and in the dump")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    for address, family, kind in (("127.0.0.1", socket.AF_INET, "v4"), ("::1", socket.AF_INET6, "v6")):
        inside, outside = connected(address)
        netlink_attach(inside, session, "rtp")
        inside.send(rtp.rtp(hash(address) & 0xffff, 1))
        got = nl.do("socket-get", fd=inside.fileno())
        octets = socket.inet_pton(family, address)
        want = {"session": session, "role": "rtp", "local-" + kind: octets, "remote-" + kind: octets,
                "local-port": inside.getsockname()[1], "remote-port": outside.getsockname()[1],
                "cookie": struct.unpack("=Q", inside.getsockopt(socket.SOL_SOCKET, 57, 8))[0]}
        ktap.equal({k: got.get(k) for k in want}, want, "socket")
        ktap.equal(got["stats"]["tx-srtp-packets"], 1, "packets sent")
        ktap.equal(got["stats"], srtpnl.info(inside)["stats"], "counters")
        ktap.equal(nl.dump("socket-get", session=session), [got], "dump")
        inside.close()
        ns.wait_for(lambda: nl.dump("socket-get") == [], "the socket is gone")


@ktap.test("the session counts its sockets")
def _():
    nl = srtpnl.Netlink()
    session = world.call(nl)
    socks = [world.udp() for _ in range(50)]
    for n, sock in enumerate(socks, 1):
        srtpnl.attach(sock, session)
        ktap.equal(nl.do("session-get", id=session)["sockets"], n, "sockets")
    ktap.equal(len(nl.dump("socket-get", session=session)), 50, "sockets in the dump")
    for sock in socks[:25]:
        srtpnl.detach(sock)
    for sock in socks[25:]:
        sock.close()
    ns.wait_for(lambda: nl.do("session-get", id=session)["sockets"] == 0, "no sockets")


world.load()
ktap.main()
