#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 900
"""Against GStreamer's srtpenc and srtpdec, as applications configure them.

GStreamer turns RTP and RTCP that it gets on two ports into SRTP for the
kernel's socket, and SRTP from there into RTP and RTCP for a plain one, so
that every octet can be compared.
"""

import glob
import hashlib
import os
import random
import shutil
import subprocess
import tempfile

import ktap
import ns
import rtp
import srtpnl
import world

SSRC = 4660
PLUGINS = "coreelements", "udp", "srtp"
FIRST, PACKETS = 65530, 20      # over a wrap of the sequence numbers
# Registered name, octets of key and salt, and what GStreamer calls it.
SUITES = (
    ("AES_CM_128_HMAC_SHA1_80", 16, 14, "aes-128-icm", "hmac-sha1-80", "hmac-sha1-80"),
    ("AES_CM_128_HMAC_SHA1_32", 16, 14, "aes-128-icm", "hmac-sha1-32", "hmac-sha1-80"),
    ("AES_256_CM_HMAC_SHA1_80", 32, 14, "aes-256-icm", "hmac-sha1-80", "hmac-sha1-80"),
    ("AES_256_CM_HMAC_SHA1_32", 32, 14, "aes-256-icm", "hmac-sha1-32", "hmac-sha1-80"),
    ("AEAD_AES_128_GCM", 16, 12, "aes-128-gcm", "null", "null"),
    ("AEAD_AES_256_GCM", 32, 12, "aes-256-gcm", "null", "null"),
)


def master(name, key_len, salt_len):
    octets = hashlib.sha512(name.encode()).digest()
    return octets[:key_len], octets[key_len:key_len + salt_len]


def few_plugins(folder):
    """To look at all that are installed would take longer than the test."""
    plugins = os.path.join(folder, "plugins")
    os.mkdir(plugins)
    for name in PLUGINS:
        found = glob.glob("/usr/lib/*/gstreamer-1.0/libgst%s.so" % name)
        if not found:
            raise ktap.Skip("GStreamer's plugin %s is not installed" % name)
        os.symlink(found[0], os.path.join(plugins, os.path.basename(found[0])))
    return {**os.environ, "GST_PLUGIN_SYSTEM_PATH_1_0": plugins, "GST_REGISTRY_FORK": "no",
            "GST_REGISTRY": os.path.join(folder, "registry")}


def free_port():
    with world.udp() as sock:
        return sock.getsockname()[1]


def is_bound(port):
    with open("/proc/net/udp", encoding="ascii") as f:
        return any(line.split()[1].endswith(":%04X" % port) for line in f.readlines()[1:])


class GStreamer:
    """A process that encrypts for one port and decrypts for another."""

    def __init__(self, suite, to_kernel, to_plain, mki=None):
        name, key_len, salt_len, cipher, auth, rtcp_auth = suite
        self.folder = tempfile.TemporaryDirectory()
        self.enc, self.enc_rtcp, self.dec, self.dec_rtcp = (free_port() for _ in range(4))
        transform = ["cipher=" + cipher, "auth=" + auth]
        rtcp = ["cipher=" + cipher, "auth=" + rtcp_auth]
        theirs = b"".join(master("to " + name, key_len, salt_len)).hex()
        ours = b"".join(master("from " + name, key_len, salt_len)).hex()
        sender = ["rtp-" + x for x in transform] + ["rtcp-" + x for x in rtcp] + ["key=" + theirs]
        caps = ["ssrc=(uint)%d" % SSRC, "srtp-key=(buffer)" + ours]
        caps += ["srtp-" + x for x in transform] + ["srtcp-" + x for x in rtcp]
        if mki:
            sender.append("mki=" + mki.hex())
            caps.append("mki=(buffer)" + mki.hex())
        self.process = self.start([
            "srtpenc", "name=e", *sender, "srtpdec", "name=d",
            *self.source(self.enc, "application/x-rtp,ssrc=(uint)%d" % SSRC), "e.rtp_sink_0",
            "e.rtp_src_0", *self.sink(to_kernel),
            *self.source(self.enc_rtcp, "application/x-rtcp"), "e.rtcp_sink_0",
            "e.rtcp_src_0", *self.sink(to_kernel),
            *self.source(self.dec, ",".join(["application/x-srtp", *caps])), "d.rtp_sink",
            "d.rtp_src", *self.sink(to_plain),
            *self.source(self.dec_rtcp, ",".join(["application/x-srtcp", *caps])), "d.rtcp_sink",
            "d.rtcp_src", *self.sink(to_plain)])
        ns.wait_for(lambda: all(map(is_bound, (self.enc, self.enc_rtcp, self.dec, self.dec_rtcp))),
                    "GStreamer listens")

    @staticmethod
    def source(port, caps):
        return ["udpsrc", "address=127.0.0.1", "port=%d" % port, "caps=" + caps, "!"]

    @staticmethod
    def sink(port):
        return ["!", "udpsink", "host=127.0.0.1", "port=%d" % port, "sync=false", "async=false"]

    def start(self, pipeline):
        if not shutil.which("gst-launch-1.0"):
            raise ktap.Skip("gst-launch-1.0 is not installed")
        return subprocess.Popen(["gst-launch-1.0", "-q", *pipeline], env=few_plugins(self.folder.name),
                                stdout=subprocess.DEVNULL, preexec_fn=ns.die_with_parent)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


def packets():
    """RTP of many lengths and forms, in a reproducible manner."""
    chance = random.Random(3711)
    for n in range(PACKETS):
        yield rtp.rtp(SSRC, FIRST + n, 160 * n, chance.randbytes(chance.randrange(1, 1200)), pt=8,
                      marker=n % 3 == 0, csrcs=range(n % 4),
                      ext=(0xbede, chance.randbytes(4 * (n % 5))) if n % 2 else None)


def passes(sock, to, receiver, sent):
    """Each packet arrives as it was sent."""
    for packet in sent:
        ktap.equal(sock.sendto(packet, ("127.0.0.1", to)), len(packet), "octets sent")
        ktap.equal(receiver.recv(2000).hex(), packet.hex(), "received")


def kernel_session(nl, suite, mki):
    """What the kernel needs to talk to that process; the socket."""
    name, key_len, salt_len = suite[:3]
    policy = {"suite": name.lower().replace("_", "-")}
    if mki:
        policy["mki_len"] = len(mki)
    session = nl.do("session-new")["id"]
    for direction, way in ("tx", "from "), ("rx", "to "):
        sid = world.stream(nl, session, direction, ssrc=SSRC, **policy)
        world.new_key(nl, session, sid, master(way + name, key_len, salt_len), **({"mki": mki} if mki else {}))
    sock = world.udp()
    nl.do("socket-new", fd=sock.fileno(), session=session, role="mux")
    return sock


def talk(suite, mki=None):
    nl = srtpnl.Netlink()
    with kernel_session(nl, suite, mki) as inside, world.udp() as outside, \
            GStreamer(suite, inside.getsockname()[1], outside.getsockname()[1], mki) as peer:
        reports = [rtp.compound(SSRC) for _ in range(3)]
        passes(outside, peer.enc, inside, packets())
        passes(outside, peer.enc_rtcp, inside, reports)
        passes(inside, peer.dec, outside, packets())
        passes(inside, peer.dec_rtcp, outside, reports)
        stats = srtpnl.info(inside)["stats"]
        ktap.equal((stats["rx-srtp-packets"], stats["rx-srtcp-packets"]), (PACKETS, len(reports)), "received")


def add(suite, mki=None):
    with_mki = " with an MKI of %d octets" % len(mki) if mki else ""

    @ktap.test("%s%s: RTP over a wrap and RTCP, to and from GStreamer, octet by octet" % (suite[0], with_mki))
    def _():
        talk(suite, mki)


for row in SUITES:
    add(row)
add(SUITES[0], b"\x01\x02\x03\x04")
add(SUITES[4], b"\x2a")

ktap.main()
