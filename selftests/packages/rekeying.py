#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""rekeying.py URL RECORD OCTETS KEYS: GStreamer's rtspsrc plays with keys of its own.

What a viewer with GStreamer 1.26 would be ("client-managed-mikey"): it gives the camera a
key at SETUP, and a new one every few seconds by SET_PARAMETER, KEYS in all. Sound (PCMU)
goes to the file RECORD; with so many OCTETS of it, and all keys taken, it ends. SRTP and
MIKEY are GStreamer's.
"""

import os
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

PERIOD = 3000           # ms
BOUND = 200000
PIPELINE = """rtspsrc name=src location=%s client-managed-mikey=true protocols=udp latency=5000
    timeout=0 tcp-timeout=100000000 teardown-timeout=60000000000 tls-validation-flags=0 !
    rtppcmudepay ! filesink buffer-mode=unbuffered location=%s"""
ALGORITHMS = "".join(",%s-cipher=aes-128-icm,%s-auth=hmac-sha1-80" % (name, name)
                     for name in ("srtp", "srtcp"))


class Viewer:
    def __init__(self, url, record, octets, keys):
        self.record, self.octets, self.wanted = record, int(octets), int(keys)
        self.keys, self.taken, self.status = [], 0, 1
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.parse_launch(PIPELINE % (url, record))
        self.source = self.pipeline.get_by_name("src")
        self.source.connect("request-rtp-key", self.key)
        self.source.connect("request-rtcp-key", self.key)
        self.pipeline.get_bus().add_signal_watch()
        self.pipeline.get_bus().connect("message::error", self.error)
        self.new_key()

    def new_key(self):
        self.keys.append(os.urandom(30))

    def caps(self, first, last):
        """The newest key, and then those before it, as packets with them are on their way.

        The number of a key is its MKI."""
        text = "application/x-srtp" + ALGORITHMS
        for place, number in enumerate(range(last, first - 1, -1), 1):
            text += ",srtp-key%s=(buffer)%s,mki%s=(buffer)%08x" % (
                place if place > 1 else "", self.keys[number - 1].hex(),
                place if place > 1 else "", number)
        return Gst.Caps.from_string(text)

    def key(self, _source, _stream):
        number = len(self.keys)
        return self.caps(max(1, number - 1), number)

    def renew(self):
        if len(self.keys) == self.wanted:
            return False
        self.new_key()
        number = len(self.keys)
        promise = Gst.Promise.new_with_change_func(self.answered, None)
        if not self.source.emit("set-mikey-parameter", 0, self.caps(number, number), promise):
            self.end("SET_PARAMETER was not sent")
        return True

    def answered(self, promise, _):
        reply = promise.get_reply()
        code = reply.get_int("rtsp-code")[1] if reply else 0
        print("new key: %d" % code, flush=True)
        if code != 200:
            self.end("the camera refused a key: %s" % (reply.to_string() if reply else "-"))
        self.taken += 1
        GLib.idle_add(lambda: self.source.emit("remove-key", 0) and False)

    def look(self):
        size = os.path.getsize(self.record) if os.path.exists(self.record) else 0
        if size and len(self.keys) == 1:
            self.renew()
            GLib.timeout_add(PERIOD, self.renew)
        if size >= self.octets and self.taken == self.wanted - 1:
            self.status = 0
            self.loop.quit()
        return True

    def error(self, _bus, message):
        self.end("%s: %s" % message.parse_error())

    def end(self, why):
        print(why, flush=True)
        self.loop.quit()

    def run(self):
        GLib.timeout_add(100, self.look)
        GLib.timeout_add(BOUND, self.end, "it took too long")
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        return self.status


Gst.init(None)
sys.exit(Viewer(*sys.argv[1:]).run())
