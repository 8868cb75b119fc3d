#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mikey-helper attach and detach: a program that runs already."""

import os
import socket
import subprocess
import sys

import ktap
import ns
import rtp
import world
from helper_program import OTHER, OWNER, SYSTEM, USAGE, helper, load, session, show

ECHO = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
t = socket.socket()
print(s.fileno(), s.getsockname()[1], t.fileno(), flush=True)
for line in sys.stdin:
    s.sendto(bytes.fromhex(line), ("127.0.0.1", int(sys.argv[1])))
    print("sent", flush=True)
"""


class Program:
    """It sends what it is told to send; packet() is what the wire had then."""

    def __init__(self, uid=None):
        self.wire = world.udp()
        self.process = subprocess.Popen(
            [sys.executable, "-c", ECHO, str(self.wire.getsockname()[1])], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, user=uid, group=uid, extra_groups=[] if uid else None, cwd="/")
        self.fd, self.port, self.tcp = map(int, self.process.stdout.readline().split())
        self.pid = self.process.pid
        self.seq = 0

    def send(self):
        self.seq += 1
        packet = rtp.rtp(5, self.seq, payload=b"payload")
        self.process.stdin.write(packet.hex() + "\n")
        self.process.stdin.flush()
        self.process.stdout.readline()
        return packet, self.wire.recv(2000)

    def is_clear(self):
        packet, seen = self.send()
        return packet == seen

    def is_protected(self):
        packet, seen = self.send()
        return packet != seen and rtp.Srtp(*world.key("tx")).unprotect_rtp(seen) == packet

    def end(self):
        self.process.stdin.close()
        self.process.wait()


@ktap.test("attach by port: clear before, protected afterwards, and it says so; detach: clear again")
def _():
    number, = load(session())
    p = Program()
    ktap.check(p.is_clear(), "protected before")
    done = helper("attach", "--session", number, "--pid", p.pid, "--port", p.port, "--role", "rtp").good()
    ktap.check("in clear" in done.err and str(p.fd) in done.out, "it says %r, %r" % (done.out, done.err))
    ktap.check(p.is_protected(), "not protected")
    ktap.equal(show(number)[0]["sockets"][0]["local"], "127.0.0.1:%d" % p.port, "socket")
    helper("detach", "--pid", p.pid, "--port", p.port).good()
    ktap.check(p.is_clear(), "protected after detaching")
    p.end()


@ktap.test("attach by descriptor, with the result as JSON")
def _():
    number, = load(session())
    p = Program()
    done = helper("attach", "--json", "--session", number, "--pid", p.pid, "--fd", p.fd, "--role", "mux").good()
    ktap.equal(done.json(), {"attached": [{"pid": p.pid, "fd": p.fd, "local": "127.0.0.1:%d" % p.port,
                                           "role": "mux"}]}, "result")
    ktap.check(p.is_protected(), "not protected")
    p.end()


@ktap.test("without --role an odd port is RTCP and an even one RTP")
def _():
    number, = load(session())
    seen = set()
    while seen != {0, 1}:
        p = Program()
        done = helper("attach", "--json", "--session", number, "--pid", p.pid, "--fd", p.fd).good().json()
        ktap.equal(done["attached"][0]["role"], "rtcp" if p.port & 1 else "rtp", "role on port %d" % p.port)
        seen.add(p.port & 1)
        p.end()


@ktap.test("what cannot be attached is refused with a reason: twice, TCP, no socket, no descriptor, no session, no process")
def _():
    number, = load(session())
    p = Program()

    def attach(*args, session_id=number, pid=p.pid):
        return helper("attach", "--session", session_id, "--pid", pid, *args)
    attach("--fd", p.fd).good()
    attach("--fd", p.fd).refused(SYSTEM, "busy")
    attach("--fd", p.tcp).refused(6, "kernel-unsupported")
    ktap.equal(attach("--fd", 0).status, SYSTEM, "status for a pipe")
    attach("--fd", 999).refused(SYSTEM, "bad-descriptor")
    attach("--port", 1).refused(SYSTEM, "not-found")
    attach("--fd", p.fd, session_id=4711).refused(SYSTEM, "not-found")
    p.end()
    attach("--fd", 3).refused(SYSTEM, "no-process")


@ktap.test("a socket of another network namespace is refused")
def _():
    p = Program()
    ns.unshare(ns.NEWNET)
    ns.loopback_up()
    number, = load(session())
    helper("attach", "--session", number, "--pid", p.pid, "--fd", p.fd).refused(SYSTEM, "other-netns")
    p.end()


@ktap.test("the owner attaches his own program; somebody else neither that nor another's session")
def _():
    number, other = load(session(owner=OWNER), session(owner=OTHER))
    p = Program(OWNER)
    args = ("--pid", p.pid, "--fd", p.fd, "--role", "rtp")
    helper("attach", "--session", number, *args, uid=OTHER).refused(SYSTEM, "not-permitted")
    helper("attach", "--session", other, *args, uid=OWNER).refused(SYSTEM, "not-permitted")
    ktap.check(p.is_clear(), "protected")
    helper("attach", "--session", number, *args, uid=OWNER).good()
    ktap.check(p.is_protected(), "not protected")
    helper("detach", "--pid", p.pid, "--fd", p.fd, uid=OWNER).good()
    ktap.check(p.is_clear(), "not detached")
    p.end()


@ktap.test("a session that forbids it keeps its sockets")
def _():
    number, = load(session(forbid_detach=True))
    p = Program()
    helper("attach", "--session", number, "--pid", p.pid, "--fd", p.fd, "--role", "rtp").good()
    helper("detach", "--pid", p.pid, "--fd", p.fd).refused(SYSTEM, "not-permitted")
    ktap.check(p.is_protected(), "not protected")
    p.end()


@ktap.test("a copy of the socket in the same process is attached once")
def _():
    number, = load(session())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, s.dup():
        s.bind(("127.0.0.1", 0))
        done = helper("attach", "--json", "--session", number, "--pid", os.getpid(), "--port",
                      s.getsockname()[1]).good().json()
        ktap.equal(len(done["attached"]), 1, "sockets")


@ktap.test("a command line that is not clear is refused")
def _():
    for args in ((), ("--session", "1"), ("--session", "1", "--pid", "1"), ("--pid", "1", "--fd", "1"),
                 ("--session", "1", "--pid", "1", "--fd", "1", "--port", "2"), ("--session", "x"),
                 ("--session", "1", "--pid", "1", "--fd", "1", "--role", "video"),
                 ("--session", "1", "--pid", "1", "--fd", "1", "extra")):
        helper("attach", *args).refused(USAGE, "usage")
    helper("detach", "--session", "1", "--pid", "1", "--fd", "1").refused(USAGE, "usage")


ktap.main()
