#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1500
"""mikey-rtsp plays a camera as ONVIF wants it: alice is the camera, bob plays it.

The camera (onvifcamera.py) sends numbered packets. Each one has to arrive once at a
program that knows nothing of SRTP, whatever becomes of the keys meanwhile.
"""

import os
import signal
import sys

import ktap
import mikeypair
import ns
import rtspcamera
from onvifcamera import Camera
from rtspcamera import RECEIVER, end, play
from sdpcall import daemons

sys.path.insert(0, mikeypair.TOP + "/selftests/demo")
import cable  # noqa: E402

EXIT_NO_ANSWER = 9
SAMPLES = mikeypair.TOP + "/selftests/samples/"
# MKI and tag
MKI, TAIL = 4, 14


class Scene:
    """The camera, mikey-rtsp with the program above, and a capture of what passes."""

    def __init__(self, *args, model="b", **more):
        options = {"psk_file": None, "allow-null": "tls-only", "compat": "onvif gstreamer"}
        self.pair = daemons(alice={**options, "key-model": model}, bob=options)
        self.capture = self.pair.dir + "/cable.pcap"
        self.tcpdump = rtspcamera.Capture(self.pair, self.capture)
        cert, key = rtspcamera.certificate(self.pair.dir, self.pair.alice.v4)
        self.camera = Camera(self.pair, cert, key, **more)
        self.process = play(self.pair.bob, self.camera.url(), "--ca", cert, "--peer", "alice",
                            "--config", self.pair.bob.conf, *args,
                            command=(sys.executable, "-c", RECEIVER),
                            env={**os.environ, "MIKEY_RTSP_PASSWORD": "secret"})

    def __enter__(self):
        return self

    def wait_packets(self, more):
        """Until the program has read so many more packets than were sent by now."""
        goal = self.camera.seq + more
        for line in self.process.stdout:
            if int(line) >= goal:
                return
        err = self.process.communicate()[1]
        raise AssertionError("it ended with %d: %s" % (self.process.returncode, err))

    def stop(self, stop=None, wanted=0):
        """It comes to its end, by SIGINT if not otherwise: what mikey-rtsp said."""
        self.camera.end()
        if stop:
            stop()
        else:
            self.process.send_signal(signal.SIGINT)
        status, out, err = end(self.process)
        ktap.equal(status, wanted, "exit status")
        ktap.equal(int(out.split()[-1]), self.camera.seq, "packets that the program has read")
        self.tcpdump.end()
        return err

    def keys(self):
        """MKIs on the cable, each as often as it came anew; nothing of a packet is in clear."""
        found = []
        with open(self.capture, "rb") as f:
            ktap.check(b"picture number" not in f.read(), "there is plaintext on the wire")
        media = [d.payload for d in cable.datagrams(self.capture)
                 if d.to == self.pair.bob.v4 and d.payload[:2] == b"\x80\x00"]
        ktap.equal(len(media), self.camera.seq, "packets on the cable")
        for packet in media:
            mki = packet[-TAIL:-TAIL + MKI]
            if found[-1:] != [mki]:
                found.append(mki)
        return found

    def __exit__(self, *why):
        self.process.kill()
        self.camera.end()
        if why[0]:
            ktap.note(self.process.communicate()[1])
        ktap.note("requests: " + " ".join(r.method for r in self.camera.server.requests))
        ns.wait_for(lambda: not self.pair.bob.sessions(), "no sessions of bob")
        self.camera.server.close()
        ktap.check(why[0] or not self.camera.server.error, "the camera: %r" %
                   self.camera.server.error)
        self.pair.__exit__(*why)


@ktap.test("an ONVIF camera: the client's key and MKI; new keys by SET_PARAMETER, no packet lost")
def _():
    with Scene("--rekey", "3") as scene:
        scene.wait_packets(25)
        for key in (2, 3):
            ns.wait_for(lambda: scene.camera.keys >= key, "key %d" % key, 120)
            scene.pair.bob.daemon.wait("switched")
            scene.wait_packets(25)
        err = scene.stop()
        ktap.check("model b" in err, "the model that was found")
        keys = scene.keys()
        ktap.check(len(keys) >= 3, "%d keys on the cable" % len(keys))
        ktap.equal(len(set(keys)), len(keys), "no key came back")
        ktap.equal(len(scene.camera.server.asked("TEARDOWN")), 1, "TEARDOWN")


@ktap.test("an ONVIF camera that has no message, and refuses a new key, goes on with the first one")
def _():
    with Scene("--rekey", "1", message="", refuse_keys=True) as scene:
        ns.wait_for(lambda: scene.camera.seq, "PLAY")
        ns.wait_for(lambda: scene.camera.server.asked("SET_PARAMETER"), "SET_PARAMETER")
        ns.wait_for(lambda: scene.camera.server.asked("GET_PARAMETER"), "a sign of life")
        scene.wait_packets(100)
        err = scene.stop()
        ktap.check("does not take a new key (451)" in err, "it is said")
        ktap.equal(len(scene.keys()), 1, "keys on the cable")
        ktap.equal(len(scene.camera.server.asked("SET_PARAMETER")), 1, "times that it was asked")


@ktap.test("a camera whose message has no MKI, and that answers 463: the client brings the key")
def _():
    with open(SAMPLES + "gst122-savp-0.b64", encoding="ascii") as f:
        message = f.read().strip()
    with Scene(message=message) as scene:
        scene.wait_packets(25)
        err = scene.stop()
        ktap.check("trying model b" in err, "it is said")
        ktap.equal(len(scene.keys()), 1, "keys on the cable")


@ktap.test("a camera that says that it is LIVE555: its own key and MKI protect both directions")
def _():
    with Scene("--rekey", "1", model="c", tool="LIVE555 Streaming Media v2026.06.24") as scene:
        scene.wait_packets(100)
        err = scene.stop()
        ktap.check("model c" in err, "the model that was found")
        ktap.equal(len(scene.keys()), 1, "keys on the cable")
        ktap.equal(scene.camera.server.asked("SET_PARAMETER"), [], "new keys")


@ktap.test("a camera that hangs up: the program can finish, by SIGINT; camera-gone, no sessions")
def _():
    with Scene() as scene:
        scene.wait_packets(25)
        err = scene.stop(scene.camera.server.hang_up, EXIT_NO_ANSWER)
        ktap.check("(camera-gone)" in err, "it is said")
        ktap.equal(scene.pair.bob.sessions(), [], "sessions")


ktap.main()
