#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""mikey-helper monitor."""

import json
import os
import signal

import ktap
import ns
import rtp
import srtpnl
import world
from helper_program import helper, load, session, start


def drops():
    """Messages that netlink sockets of this network namespace that listen to groups have lost."""
    with open("/proc/net/netlink", encoding="ascii") as f:
        rows = [line.split() for line in f][1:]
    return sum(int(row[8]) for row in rows if int(row[3], 16))


class Monitor:
    """A running monitor; lines are waited for."""

    def __init__(self, *args):
        self.process = start("monitor", *args)
        self.line()

    def line(self):
        text = self.process.stdout.readline()
        ktap.check(text, "monitor ended: %s" % (not text and self.process.stderr.read()))
        return text.rstrip("\n")

    def find(self, *words):
        while True:
            text = self.line()
            if all(w in text for w in words):
                return text

    def json(self):
        return json.loads(self.line())

    def end(self):
        self.process.terminate()
        ktap.equal(self.process.wait(), -signal.SIGTERM, "status")


def send_one(number, ssrc):
    inside, outside = world.pair(srtpnl.Netlink(), number)
    inside.send(rtp.rtp(ssrc, 1))
    outside.recv(2000)


@ktap.test("monitor tells a new SSRC and a session that is closed, each on a line")
def _():
    monitor = Monitor()
    number, = load(session())
    send_one(number, 0xcafe0001)
    monitor.find("session %d " % number, "ssrc-new", "0xcafe0001", "tx")
    helper("unload", number).good()
    monitor.find("session %d " % number, "session-closed", "reason request")
    monitor.end()


@ktap.test("monitor --json prints an object for each event, the first says that it is ready")
def _():
    monitor = Monitor("--json")
    number, = load(session())
    send_one(number, 77)
    event = monitor.json()
    ktap.equal({k: event[k] for k in ("type", "session", "ssrc", "direction", "seq")},
               {"type": "ssrc-new", "session": number, "ssrc": 77, "direction": "tx", "seq": 1}, "event")
    helper("unload", number).good()
    event = monitor.json()
    ktap.equal((event["type"], event["session"], event["reason"]), ("session-closed", number, "request"), "event")
    monitor.end()


@ktap.test("events that were lost are said, followed by what the kernel holds, and it goes on")
def _():
    monitor = Monitor("--json")
    kept, = load(session(name="kept", ssrc_cap=65536))
    inside, _outside = world.pair(srtpnl.Netlink(), kept)
    os.kill(monitor.process.pid, signal.SIGSTOP)
    ssrc = 0
    while not drops():
        for ssrc in range(ssrc + 1, ssrc + 101):
            inside.send(rtp.rtp(ssrc, 1))
    ktap.note("%d events before the first was lost" % ssrc)
    os.kill(monitor.process.pid, signal.SIGCONT)
    while True:
        event = monitor.json()
        if event["type"] == "lost":
            break
    ktap.equal([s["name"] for s in event["sessions"]], ["kept"], "sessions")
    helper("unload", kept).good()
    while monitor.json()["type"] != "session-closed":
        pass
    monitor.end()


@ktap.test("monitor ends when nobody reads its output any more")
def _():
    process = start("monitor")
    ktap.check(process.stdout.readline(), "it says nothing")
    process.stdout.close()
    helper("unload", load(session())[0]).good()
    ns.wait_for(lambda: process.poll() is not None, "its end")


ktap.main()
