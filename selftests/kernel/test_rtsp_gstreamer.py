#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 700
"""mikey-rtsp plays GStreamer's RTSP server: alice is the camera, bob records it.

The camera (demo/camera.c) plays a film, and an unmodified FFmpeg records it by the
command of README.
"""

import os
import subprocess
import sys

import ktap
import mikeypair
import ns
import rtspcamera
from mikeypair import Pair
from rtspcamera import PORT, Program, end, play

sys.path[:0] = [mikeypair.TOP + "/selftests", mikeypair.TOP + "/selftests/demo"]
import blocks  # noqa: E402
import cable  # noqa: E402
import film  # noqa: E402
import only_srtp  # noqa: E402

# The camera, and what it shows: see demo/Makefile
SHOWN = mikeypair.TOP + "/build/selftests/demo"
# Pictures that are in the two seconds that are recorded, at least.
FRAMES = 18
OWNER = 1000

# A program that receives: it binds the ports of the description, and waits for packets.
RECEIVER = """
import os, re, select, socket, sys
text = open(os.environ["SDP"]).read()
ports = [int(p) for p in re.findall(r"^m=\\S+ (\\d+) RTP/AVP ", text, re.M)]
socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for p in ports]
for s, p in zip(socks, ports):
    s.bind(("", p))
for s in socks:
    first = s.recv(2048)
    print(len(ports), first[0] >> 6, flush=True)
if len(sys.argv) > 1:
    select.select([], [], [])
"""


class Scene:
    """The camera on alice's host, and what bob needs to play it."""

    def __init__(self, pair, *user):
        self.pair, self.dir = pair, pair.dir
        self.cert, key = rtspcamera.certificate(self.dir, pair.alice.v4)
        self.camera = Program(pair.alice, SHOWN + "/camera", SHOWN + "/film.mkv", self.cert, key,
                              pair.alice.v4, str(PORT), *user)
        self.camera.wait("listening")

    def readme(self, record):
        """Starts what README says, with names that are there."""
        block, = blocks.marked("README.md", "camera")
        text = block.text.replace("camera.example.org", "%s:%d" % (self.pair.alice.v4, PORT))
        text = text.replace("--ca", " ".join(rtspcamera.PATIENCE) + " --ca")
        text = text.replace("camera.pem", self.cert).replace("record.mkv", record)
        path = os.path.dirname(rtspcamera.reachable()) + ":" + os.environ["PATH"]
        return subprocess.Popen(("sh", "-ec", text), preexec_fn=self.pair.bob.enter,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env={**os.environ, "PATH": path})

    def url(self, user=""):
        return "rtsps://%s%s:%d/cam" % (user, self.pair.alice.v4, PORT)


@ktap.test("an unmodified FFmpeg records the camera, frame for frame; "
           "on the wire there is SRTP only")
def _():
    with Pair() as pair:
        scene = Scene(pair)
        capture, record = pair.dir + "/cable.pcap", pair.dir + "/record.mkv"
        tcpdump = rtspcamera.Capture(pair, capture)
        status, _, err = end(scene.readme(record), 300)
        tcpdump.end()
        ktap.equal(status, 0, "exit status")
        ktap.check("model a" in err, "the model that was found")
        ktap.equal(pair.bob.sessions(), [], "sessions afterwards")
        ktap.note("%d pictures, %d octets of sound" % film.compare(record, SHOWN, FRAMES))
        media = [d for d in cable.datagrams(capture) if d.payload and 128 <= d.payload[0] <= 191]
        ktap.check(len(media) >= FRAMES, "%d datagrams" % len(media))
        with open(capture, "rb") as f:
            there = only_srtp.runs(f.read())
        for name in ("film.h264", "sound.ul"):
            clear = only_srtp.runs(film.read(SHOWN, name))
            ktap.check(there.isdisjoint(clear), name + " on the wire")
        scene.camera.end()


@ktap.test("an ordinary user plays by the daemon, with a password; "
           "the sessions end with mikey-rtsp")
def _():
    options = {"psk_file": None, "allow-null": "tls-only", "compat": "onvif gstreamer",
               "owner": OWNER}
    with Pair(bob=options) as pair:
        scene = Scene(pair, "viewer", "secret")
        password = os.path.join(pair.dir, "password")
        with open(password, "w", encoding="ascii") as f:
            f.write("secret\n")
        os.chmod(password, 0o600)
        os.chown(password, OWNER, OWNER)
        daemon = pair.bob.listen()
        receive = (sys.executable, "-c", RECEIVER, "stay")
        args = ("--ca", scene.cert, "--peer", "alice", "--config", pair.bob.conf)
        status, _, err = end(play(pair.bob, scene.url("viewer@"), *args, command=receive,
                                  uid=OWNER), 120)
        ktap.equal((status, "(auth-failed)" in err), (3, True), "without password")
        process = play(pair.bob, scene.url("viewer@"), *args, "--password-file", password,
                       command=receive, uid=OWNER)
        for _ in range(2):
            line = process.stdout.readline()
            if not line:
                end(process)
            ktap.equal(line, "2 2\n", "RTP that the program has read")
        ktap.equal(len(pair.bob.sessions()), 2, "sessions")
        process.kill()
        daemon.wait("hung-up")
        ns.wait_for(lambda: not pair.bob.sessions(), "no sessions")
        scene.camera.end()


ktap.main()
