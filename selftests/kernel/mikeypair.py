#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Two hosts that run mikey-helper: bob in the test's own network namespace, alice in another.

They are joined by a veth. Each has a configuration, a state directory and a
control socket of its own, and they share a key.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import struct
import subprocess
import tempfile
import time

import ktap
import ns

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HELPER = os.environ.get("MIKEY_HELPER", TOP + "/helper/mikey-helper")
TMP = os.environ.get("TMPDIR", "/tmp")
PORT = 2269
SRTP_SESSION, SRTP_ROLE_RTP, SRTP_ROLE_RTCP = 7700, 1, 2


def ip(*args):
    subprocess.run(("ip",) + args, check=True)


def documents(text):
    """JSON values, one after the other."""
    decoder, text = json.JSONDecoder(), text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        yield value
        text = text[end:].strip()


class Host:
    """A network namespace with a configuration of mikey-helper."""

    def __init__(self, directory, name, netns, v4, v6):
        self.name, self.netns, self.v4, self.v6 = name, netns, v4, v6
        self.dir = os.path.join(directory, name)
        self.identity = "nai:%s@example.org" % name
        os.makedirs(self.dir)
        self.conf = self.path("conf")
        self.daemon = None
        self.wrapper = ()       # what start() runs the helper by

    def path(self, name):
        return os.path.join(self.dir, name)

    def configure(self, psk, peer, daemon="", **options):
        """Writes the configuration, with one peer; an option that is None is left out."""
        key = self.path("psk")
        with open(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(psk + "\n")
        options = {"identity": peer.identity, "psk_file": key, **options}
        lines = ["[daemon]", "identity = " + self.identity,
                 "state-directory = " + self.path("state"),
                 "control = " + self.path("control"), daemon, "[peer %s]" % peer.name]
        lines += ["%s = %s" % (k.replace("_", "-"), v) for k, v in options.items() if v is not None]
        with open(self.conf, "w") as f:
            f.write("\n".join(lines) + "\n")

    def enter(self):
        """For a forked child: into the namespace, and gone with the test."""
        ns.die_with_parent()
        if self.netns is not None:
            ns.setns(self.netns)

    def start(self, *args, **more):
        return subprocess.Popen((*self.wrapper, HELPER, "--json") + args, preexec_fn=self.enter,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)

    def run(self, *args, bound=60, **more):
        """Runs the helper; the exit status and the objects that it printed."""
        process = self.start(*args, **more)
        out, err = process.communicate(timeout=bound)
        for line in err.splitlines():
            ktap.note("%s: %s" % (self.name, line))
        return process.returncode, list(documents(out))

    def listen(self, **more):
        self.daemon = Daemon(self, **more)
        return self.daemon

    def call(self, *args, **more):
        """An exchange: the exit status, and the session or the error."""
        status, out = self.run("call", "--config", self.conf, *args, **more)
        ktap.equal(len(out), 1, "objects that call prints")
        return status, out[0].get("error", out[0])

    def sessions(self):
        status, out = self.run("show")
        ktap.equal(status, 0, "status of show on " + self.name)
        return out[0]["sessions"]

    @contextlib.contextmanager
    def inside(self):
        """The thread makes its sockets on this host."""
        here = ns.netns()
        try:
            if self.netns is not None:
                ns.setns(self.netns)
            yield
        finally:
            ns.setns(here)
            os.close(here)

    def socket(self, address=None, port=0):
        """A UDP socket of this host."""
        address = address or self.v4
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self.inside():
            sock = socket.socket(family, socket.SOCK_DGRAM)
            sock.bind((address, port))
        sock.settimeout(30)
        return sock


class Daemon:
    """mikey-helper listen, and what it says."""

    def __init__(self, host, wrapper=(), **more):
        self.events, self.rest, self.text = [], "", ""
        path = host.path("log")
        with open(path, "w", encoding="utf-8") as f:
            self.process = subprocess.Popen((*wrapper, HELPER, "--json", "listen", "--config",
                                             host.conf),
                                            preexec_fn=host.enter, stdout=f,
                                            stderr=subprocess.STDOUT, **more)
        self.log = open(path, encoding="utf-8")
        self.wait("listening")

    def read(self):
        """Takes what there is."""
        data = self.log.read()
        self.text += data
        lines = (self.rest + data).split("\n")
        self.rest = lines.pop()
        self.events += [json.loads(line) for line in lines if line.startswith("{")]

    def take(self, name, fields):
        self.read()
        for i, event in enumerate(self.events):
            if event.get("event") == name and all(event.get(k) == v for k, v in fields.items()):
                return self.events.pop(i)
        if self.process.poll() is not None:
            raise AssertionError("the daemon ended: " + self.text)
        return None

    def wait(self, name, seconds=60, **fields):
        """The first event of that name with these fields that has not been waited for."""
        return ns.wait_for(lambda: self.take(name, fields), "event %s %s" % (name, fields), seconds)

    def pending(self):
        """The events that have come and have not been waited for."""
        self.read()
        return self.events

    def end(self, number=signal.SIGTERM):
        """Ends the daemon; its exit status."""
        self.process.send_signal(number)
        status = self.process.wait(60)
        self.read()
        return status


class Pair:
    """alice and bob, with a key for both."""

    def __init__(self, daemon="", alice=None, bob=None, psks=None):
        self.dir = tempfile.mkdtemp(prefix="pair-", dir=TMP)
        os.chmod(self.dir, 0o755)
        self.link = os.path.basename(self.dir)
        ip("netns", "add", self.link)
        netns = os.open("/run/netns/" + self.link, os.O_RDONLY | os.O_CLOEXEC)
        self.alice = Host(self.dir, "alice", netns, "10.9.0.1", "fd00:9::1")
        self.bob = Host(self.dir, "bob", None, "10.9.0.2", "fd00:9::2")
        self.psk = secrets.token_hex(16)
        psks = psks or (self.psk, self.psk)
        self._wire()
        self.alice.configure(psks[0], self.bob, daemon,
                             **{"address": self.bob.v4, **(alice or {})})
        self.bob.configure(psks[1], self.alice, daemon, **(bob or {}))

    def _wire(self):
        ip("link", "add", "vb", "type", "veth", "peer", "name", "va", "netns", self.link)
        for args, dev, host in (((), "vb", self.bob), (("-n", self.link), "va", self.alice)):
            ip(*args, "addr", "add", host.v4 + "/24", "dev", dev)
            ip(*args, "addr", "add", host.v6 + "/64", "dev", dev, "nodad")
            ip(*args, "link", "set", dev, "up")
            ip(*args, "link", "set", "lo", "up")

    def __enter__(self):
        return self

    def __exit__(self, *why):
        ip("link", "delete", "vb")
        for host in (self.alice, self.bob):
            if host.daemon and host.daemon.process.poll() is None:
                host.daemon.end()
        subprocess.run(("ip", "netns", "delete", self.link), check=False)


@contextlib.contextmanager
def clock(seconds):
    """The clock of the machine is off by so many seconds."""
    def shift(by):
        time.clock_settime(time.CLOCK_REALTIME, time.time() + by)
    shift(seconds)
    try:
        yield
    finally:
        shift(-seconds)


def attach(sock, session, role=SRTP_ROLE_RTP):
    """setsockopt(SRTP_SESSION)"""
    level = socket.IPPROTO_IPV6 if sock.family == socket.AF_INET6 else socket.IPPROTO_IP
    sock.setsockopt(level, SRTP_SESSION, struct.pack("=IBBH", session, role, 0, 0))


def rtp(ssrc, seq, payload):
    return struct.pack(">BBHII", 0x80, 0, seq, 160 * seq, ssrc) + payload


def talk(pair, alice_session, bob_session, ssrcs=(0x11111111, 0x22222222)):
    """Sends RTP through attached sockets in both directions: both have the same keys."""
    a, b = pair.alice.socket(), pair.bob.socket()
    attach(a, alice_session)
    attach(b, bob_session)
    for seq in range(1, 4):
        for source, sink, ssrc in ((a, b, ssrcs[0]), (b, a, ssrcs[1])):
            packet = rtp(ssrc, seq, b"speech %d" % seq)
            source.sendto(packet, sink.getsockname())
            ktap.equal(sink.recv(2048), packet, "packet %d of SSRC %#x" % (seq, ssrc))
    a.close()
    b.close()
