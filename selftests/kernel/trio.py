# SPDX-License-Identifier: GPL-2.0
"""Three hosts of mikeypair on a bridge: alice, who controls a group, bob and carol."""

import os
import secrets
import socket
import struct
import subprocess
import tempfile

import ktap
from mikeypair import TMP, Host, attach, ip, rtp

PORT, MULTICAST = 5004, "239.1.2.3"
# SSRCs of those who send
ALICE, BOB = 0x11111111, 0x22222222


class Trio:
    """alice has a group of bob and carol; bob may send in it, carol listens."""

    def __init__(self, group=None, alice=None, bob=None, carol=None, files=None):
        self.dir = tempfile.mkdtemp(prefix="trio-", dir=TMP)
        os.chmod(self.dir, 0o755)
        self.bridge = "br" + self.dir[-6:]
        ip("link", "add", self.bridge, "type", "bridge", "mcast_snooping", "0")
        ip("link", "set", self.bridge, "up")
        self.hosts = [self._host(name, n) for n, name in enumerate(("alice", "bob", "carol"), 1)]
        self.alice, self.bob, self.carol = self.hosts
        self.files = files
        self.psks = {name: secrets.token_hex(16) for name in ("bob", "carol")}
        self._configure_alice(group or {}, alice or {})
        self.configure_member(self.bob, **{"local-ssrc": BOB, **(bob or {})})
        self.configure_member(self.carol, **(carol or {}))

    def _host(self, name, n):
        netns, here, there = ("%s-%s" % (self.bridge[2:], name), "%s%d" % (self.bridge[2:], n),
                              "eth0")
        ip("netns", "add", netns)
        ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", netns)
        ip("link", "set", here, "master", self.bridge, "up")
        host = Host(self.dir, name, os.open("/run/netns/" + netns, os.O_RDONLY | os.O_CLOEXEC),
                    "10.8.0.%d" % n, None)
        host.link = netns
        ip("-n", netns, "addr", "add", host.v4 + "/24", "dev", there)
        for dev in (there, "lo"):
            ip("-n", netns, "link", "set", dev, "up")
        ip("-n", netns, "route", "add", "224.0.0.0/4", "dev", there)
        return host

    def daemon_lines(self, host):
        if not self.files:
            return ""
        return "certificate = %s\nkey = %s\ntrust-anchors = %s" % self.files[host.name]

    def secret(self, member, host, peer):
        """What stands in the section of a peer: a key, or a certificate."""
        if self.files:
            return {"peer-certificate": self.files[peer.name][0], "modes": "pk"}
        path = host.path("psk-" + member.name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                  encoding="ascii") as f:
            f.write(self.psks[member.name] + "\n")
        return {"psk-file": path}

    @staticmethod
    def write(host, daemon, sections):
        lines = ["[daemon]", "identity = " + host.identity, "state-directory = " +
                 host.path("state"), "control = " + host.path("control"), daemon]
        for name, options in sections:
            lines += ["[%s]" % name] + ["%s = %s" % item for item in options.items()
                                        if item[1] is not None]
        with open(host.conf, "w", encoding="ascii") as f:
            f.write("\n".join(lines) + "\n")

    def _configure_alice(self, group, options):
        sections = []
        for member, ssrc in ((self.bob, BOB), (self.carol, None)):
            sections.append(("peer " + member.name, {
                "identity": member.identity, "address": member.v4, "remote-ssrc": ssrc,
                **self.secret(member, self.alice, member), **options}))
        sections.append(("group team", {"members": "bob, carol", "local-ssrc": ALICE, **group}))
        self.write(self.alice, self.daemon_lines(self.alice), sections)

    def configure_member(self, host, **options):
        section = {"identity": self.alice.identity, "group": "yes",
                   **self.secret(host, host, self.alice), **options}
        self.write(host, self.daemon_lines(host), [("peer alice", section)])

    def call(self, *args):
        return self.alice.call("team", "--timeout", "3", *args)

    def rekey(self, session):
        status, out = self.alice.run("rekey", str(session), "--config", self.alice.conf)
        return status, out[0].get("error", out[0])

    def __enter__(self):
        return self

    def __exit__(self, *why):
        for host in self.hosts:
            if host.daemon and host.daemon.process.poll() is None:
                host.daemon.end()
            subprocess.run(("ip", "netns", "delete", host.link), check=False)
            os.close(host.netns)
        ip("link", "delete", self.bridge)


def member_of(answer, name):
    return next(m for m in answer["members"] if m["peer"] == name)


def group_socket(host, session=None):
    """A socket that hears the multicast group; without a session it is not attached."""
    with host.inside():
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("", PORT))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                        struct.pack("4s4s", socket.inet_aton(MULTICAST), socket.inet_aton(host.v4)))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    sock.settimeout(30)
    if session:
        attach(sock, session)
    return sock


def says(source, ssrc, seq, sinks, where=(MULTICAST, PORT)):
    """A packet of one is heard by the others."""
    packet = rtp(ssrc, seq, b"speech %d" % seq)
    source.sendto(packet, where)
    for name, sink in sinks.items():
        ktap.equal(sink.recv(2048), packet, "what %s hears of packet %d, SSRC %#x"
                   % (name, seq, ssrc))
