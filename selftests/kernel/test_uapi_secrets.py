#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""Keys go in and never come out: not in replies, echoes, dumps, events, files or the log."""

import errno
import glob
import os
import secrets
import stat
import struct

import ktap
import ns
import rtp
import srtpnl
import world

SPEC = srtpnl.SPECIFICATION
KEY_NEW = SPEC.ops["key-new"]
WINDOW = 4              # so many octets of a key in a row are a leak
LENGTHS = (errno.EINVAL, errno.ERANGE, errno.E2BIG, errno.EMSGSIZE)
GENL = 20               # octets of the netlink and generic netlink headers


def windows(*secret):
    return {s[i:i + WINDOW] for s in secret for i in range(len(s) - WINDOW + 1)}


def check_clean(data, secret, what):
    for w in windows(*secret):
        ktap.check(w not in data, "%s holds octets of a key" % what)


class Keyed:
    """A session and a stream that waits for a key, and a socket that gets echoes."""

    def __init__(self):
        self.nl = srtpnl.Netlink(cap_ack=False)
        self.session = self.nl.do("session-new")["id"]
        self.stream = world.stream(self.nl, self.session, "rx", 7)
        self.master = secrets.token_bytes(16), secrets.token_bytes(14)

    def values(self, **more):
        values = {"session": self.session, "stream": self.stream, "master-key": self.master[0],
                  "master-salt": self.master[1]}
        values.update({k.replace("_", "-"): v for k, v in more.items()})
        return [(k, v) for k, v in values.items() if v is not None]

    def send(self, message, nl=None):
        """Returns errno of the answer, after a look at all its octets."""
        nl = nl or self.nl
        nl.send_raw(message)
        number = 0
        try:
            nl.collect(nl.seq)
        except srtpnl.Error as e:
            number = e.errno
        check_clean(b"".join(nl.raw_replies), self.master, "the answer to key-new (%s)" %
                    errno.errorcode.get(number, number))
        return number

    def request(self, attrs=None, **more):
        return self.nl.raw("key-new", self.values(**more) if attrs is None else attrs)


def attrs_of(k, **more):
    return srtpnl.encode(KEY_NEW.set, k.values(**more))


@ktap.test("an error does echo the request on this socket, so that looking at the echo means something")
def _():
    k = Keyed()
    mark = secrets.token_bytes(16)
    k.nl.send_raw(k.nl.raw("session-new", [("name", mark), (200, mark)]))
    with ktap.fails(errno.EINVAL):
        k.nl.collect(k.nl.seq)
    ktap.check(mark in b"".join(k.nl.raw_replies), "the echo holds the request")


@ktap.test("key-new that succeeds gives no key back")
def _():
    k = Keyed()
    ktap.equal(k.send(k.request()), 0, "errno")


def refused(numbers, more):
    k = Keyed()
    got = k.send(k.request(**more))
    ktap.check(got in numbers, "errno is %s" % errno.errorcode.get(got, got))


for _what, _numbers, _more in (
        ("session that is not there", (errno.ENOENT,), {"session": 4711}),
        ("stream that is not there", (errno.ENOENT,), {"stream": 4711}),
        ("missing session", (errno.EINVAL,), {"session": None}),
        ("missing stream", (errno.EINVAL,), {"stream": None}),
        ("missing salt", (errno.EINVAL,), {"master_salt": None}),
        ("missing key", (errno.EINVAL,), {"master_key": None}),
        ("session of a wrong size", (errno.EINVAL,), {"session": b"abc"}),
        ("value out of range", (errno.ERANGE,), {"active": 2}),
        ("MKI that the stream has not", (errno.EOPNOTSUPP, errno.EINVAL), {"mki": b"\1"})):
    ktap.test("key-new with a %s echoes no key" % _what, _numbers, _more)(refused)


@ktap.test("key-new with an unknown, unlisted or doubled attribute echoes no key")
def _():
    for extra, fails in ((srtpnl.attr(99, b"abcd"), True), (srtpnl.attr(8, b"a"), True),
                         (srtpnl.attr(0, b""), True), (b"\1\2\3", True)):
        for order in (0, 1):
            k = Keyed()
            parts = (extra, attrs_of(k)) if order and len(extra) > 3 else (attrs_of(k), extra)
            ktap.equal(bool(k.send(k.request(b"".join(parts)))), fails, "refused")
    k = Keyed()
    doubled = srtpnl.encode(KEY_NEW.set, [("master-key", k.master[0])])
    k.send(k.request(doubled + attrs_of(k, session=4711)))
    k.send(k.request(attrs_of(k, session=4711) + doubled))


@ktap.test("key-new with keys in attributes of other types or too long echoes no key")
def _():
    k = Keyed()
    master, salt = k.master
    for extra in ([("mki", master)], [("session", master)], [(77, master)], [("master-key", master + salt)],
                  [("master-salt", master)], [("master-key", master * 20)],
                  [(6 | srtpnl.NLA_F_NESTED, master)], [("state", master)]):
        for base in ([], k.values()):
            attrs = srtpnl.encode(KEY_NEW.set, base + extra)
            ktap.check(k.send(k.request(attrs)) != 0, "%s is refused" % extra[0][0])


@ktap.test("key-new with a key or salt of any wrong length echoes no key")
def _():
    for length in (*range(16), 17, 24, 31, 32, 33, 64, 300):
        k = Keyed()
        k.master = secrets.token_bytes(length), k.master[1]
        ktap.check(k.send(k.request()) in LENGTHS, "key of %d octets" % length)
        k = Keyed()
        if length != 14:
            k.master = k.master[0], secrets.token_bytes(length)
            ktap.check(k.send(k.request()) in LENGTHS, "salt of %d octets" % length)


@ktap.test("key-new cut anywhere after its header echoes no key")
def _():
    k = Keyed()
    whole = len(k.request())
    for length in range(GENL, whole):
        message = k.request()
        k.send(struct.pack("=I", length) + message[4:length])


@ktap.test("key-new with any bit after its header flipped echoes no key")
def _():
    k = Keyed()
    for at in range(GENL, len(k.request())):
        for bit in range(8):
            if k.send(flipped(k.request(), at, bit)) == 0:
                k = Keyed()


def flipped(message, at, bit):
    return message[:at] + bytes([message[at] ^ 1 << bit]) + message[at + 1:]


@ktap.test("key-new of the same key in both directions echoes no key")
def _():
    k = Keyed()
    other = world.stream(k.nl, k.session, "tx", 7)
    ktap.equal(k.send(k.request()), 0, "first")
    ktap.equal(k.send(k.request(stream=other, active=1)), errno.EKEYREJECTED, "second")


@ktap.test("key-new of an unprivileged user echoes no key")
def _():
    k = Keyed()

    def attempt():
        nl = srtpnl.Netlink(cap_ack=False)
        return k.send(nl.raw("key-new", k.values()), nl)
    ktap.equal(ns.as_user(1000, attempt), errno.EPERM, "errno")


@ktap.test("no reply, dump or event of any command gives octets of a key")
def _():
    events, k = srtpnl.Events(), Keyed()
    derived = derived_keys(k)
    k.send(k.request())
    key = k.nl.dump("key-get")[0]["id"]
    replies = [k.nl.raw_replies]
    sock = world.udp()
    for op, values in (("session-get", {"id": k.session}), ("stream-get", {"session": k.session, "id": k.stream}),
                       ("key-get", {"session": k.session, "stream": k.stream, "id": key}),
                       ("socket-new", {"session": k.session, "fd": sock.fileno(), "role": "mux"}),
                       ("socket-get", {"fd": sock.fileno()}), ("socket-del", {"fd": sock.fileno()})):
        k.nl.do(op, values)
        replies.append(k.nl.raw_replies)
    for op in ("session-get", "stream-get", "key-get", "socket-get", "suite-get"):
        k.nl.dump(op)
        replies.append(k.nl.raw_replies)
    for op, values in (("key-del", {"session": k.session, "stream": k.stream, "id": key}),
                       ("session-del", {"id": k.session})):
        k.nl.do(op, values)
        replies.append(k.nl.raw_replies)
    replies.append([events.nl.recv()])
    check_clean(b"".join(b"".join(r) for r in replies), k.master + derived, "a reply")


def derived_keys(k):
    s = rtp.Srtp(*k.master)
    return s.cipher, s.auth, s.salt, s.c_cipher, s.c_auth, s.c_salt


# Files

NEVER_ENDING = ("trace_pipe", "trace_pipe_raw", "kmsg", "events_pipe")
MOST = 4 << 20          # octets read of a file


def readable(patterns):
    for pattern in patterns:
        for path in glob.iglob(pattern, recursive=True):
            if os.path.basename(path) in NEVER_ENDING or "/per_cpu/" in path:
                continue
            try:
                if stat.S_ISREG(os.lstat(path).st_mode):
                    yield path
            except OSError:
                pass


def content(path):
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        data = b""
        while len(data) < MOST:
            more = os.read(fd, 1 << 16)
            if not more:
                break
            data += more
        return data
    except OSError:
        return b""
    finally:
        os.close(fd)


def log():
    fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    data = b""
    try:
        while True:
            data += os.read(fd, 8192)
    except BlockingIOError:
        return data
    finally:
        os.close(fd)


def spellings(secret):
    """A key as octets, in hex in the usual groupings, and as %*ph prints it."""
    for s in secret:
        yield s[:8]
        text = s[:8].hex()
        yield text.encode()
        yield text.upper().encode()
        yield s[:8].hex(" ").encode()
        yield s[:8].hex(":").encode()


@ktap.test("no file below /proc/net, /proc/sys, /sys/module or debugfs, nor the log, shows a key in use")
def _():
    k = Keyed()
    k.send(k.request())
    s = world.udp()
    srtpnl.attach(s, k.session, "mux")
    secret = list(spellings(k.master + derived_keys(k)))
    found = files = 0
    for path in readable(("/proc/self/net/**", "/proc/sys/net/srtp/**", "/proc/sys/net/core/**",
                          "/sys/module/srtp/**", "/proc/slabinfo", "/proc/crypto", "/proc/modules",
                          "/proc/keys", "/sys/kernel/debug/srtp/**", "/sys/kernel/debug/dynamic_debug/control")):
        data, files = content(path), files + 1
        found += bool(data)
        for w in secret:
            ktap.check(w not in data, path + " shows a key")
    ktap.note("%d files, %d of them with content" % (files, found))
    ktap.check(found > 20, "there were files to look at")
    data = log()
    ktap.check(b"srtp" in data, "the log tells of the module")
    for w in secret:
        ktap.check(w not in data, "the log shows a key")


@ktap.test("nothing is logged for requests, refusals or packets")
def _():
    before = log()
    k = Keyed()
    for _ in range(100):
        k.send(k.request(session=4711))
    k.send(k.request())
    sock, plain = world.udp(), world.udp()
    srtpnl.attach(sock, k.session, "mux")
    for n in range(100):
        plain.sendto(bytes([n]) * n, sock.getsockname())
        with ktap.fails((errno.ENOKEY, errno.EINVAL, errno.EPROTO)):
            sock.sendto(rtp.rtp(1, n) if n & 1 else b"", plain.getsockname())
    k.nl.do("session-del", id=k.session)
    new = [line for line in log()[len(before):].splitlines() if b"srtp" in line.lower()]
    ktap.equal(new, [], "lines in the log")


world.load()
ktap.main()
