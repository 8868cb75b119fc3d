#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mikey-helper: keys, limits and peers in load and show; unload --freeze and what goes on from it."""

import errno
import json

import ktap
import ns
import rtp
import srtpnl
import world
from helper_program import SUITE, helper, key, load, session, show

SSRC = 0x1234


def full():
    """Everything of keys and streams that load may be given."""
    life = {"soft_packets": 1000, "hard_packets": 281474976710656, "soft_srtcp_packets": 10,
            "hard_srtcp_packets": 2147483648, "soft_seconds": 3600, "hard_seconds": 7200}
    marked = {"direction": "rx", "ssrc": "any", "suite": SUITE, "peer": "192.0.2.1:5004", "mki_len": 4, "roc": 1,
              "window": 2048, "srtcp_window": 256,
              "keys": [key("a", mki="00000001", active=True, **life), key("b", mki="00000002", active=False)]}
    spans = {"direction": "tx", "ssrc": SSRC, "suite": SUITE, "peer": "[2001:db8::1]:5004", "roc": 2, "seq": 17,
             "srtcp_index": 9, "window": 64, "replay_state": "ff00ff00ff00ff0f",
             "keys": [key("c", active=True, to=200000), key("d", active=False, **{"from": 200001})]}
    return {"id": 7, "streams": [marked, spans]}


@ktap.test("MKI, intervals, limits, peers, indexes and windows are loaded, and shown as they were")
def _():
    loaded = full()
    load(loaded)
    shown, = show(7)
    for want, got in zip(loaded["streams"], shown["streams"]):
        for name in set(want) - {"keys", "replay_state"}:
            ktap.equal(got[name], want[name], name)
        for a, b in zip(want["keys"], got["keys"]):
            for name in set(a) - {"master_key", "master_salt"}:
                ktap.equal(b[name], a[name], name)
    text = helper("show", 7).good().out
    for word in ("192.0.2.1", "2001:db8::1", "00000002"):
        ktap.check(word in text, "%r is not in\n%s" % (word, text))


def put_keys(state, names):
    """The keys that freeze did not print."""
    for stream in state["sessions"][0]["streams"]:
        for bare in stream["keys"]:
            bare.update(key(names[stream["direction"]], active=bare["active"]))
    return state


def attached(number):
    inside, outside = world.udp(), world.udp()
    inside.connect(outside.getsockname())
    outside.connect(inside.getsockname())
    srtpnl.attach(inside, number, "mux")
    return inside, outside


def goes_on(state):
    ns.loopback_up()
    number, = load(state["sessions"][0])
    inside, outside = attached(number)
    tx, rx = rtp.Srtp(*world.key("tx")), rtp.Srtp(*world.key("rx"))
    for seq in (65534, 0):
        with ktap.fails_plainly(errno.EEXIST):
            inside.send(rtp.rtp(SSRC, seq))
    for seq, roc in ((65535, 0), (1, 1)):
        inside.send(rtp.rtp(SSRC, seq))
        ktap.equal(outside.recv(2048), tx.protect_rtp(rtp.rtp(SSRC, seq), roc), "packet %d" % seq)
    for seq, roc in ((65534, 0), (0, 1)):
        outside.send(rx.protect_rtp(rtp.rtp(SSRC, seq), roc))
    for seq, roc in ((65535, 0), (1, 1)):
        outside.send(rx.protect_rtp(rtp.rtp(SSRC, seq), roc))
        ktap.equal(inside.recv(2048), rtp.rtp(SSRC, seq), "packet %d" % seq)
    stats = srtpnl.info(inside)["stats"]
    ktap.equal((stats["rx-replayed"], stats["rx-auth-failed"]), (2, 0), "drops")
    outside.send(rx.protect_rtp(rtp.rtp(SSRC + 1, 1)))
    ktap.equal(inside.recv(2048), rtp.rtp(SSRC + 1, 1), "packet of a new SSRC")


@ktap.test("unload --freeze prints a session that load goes on with elsewhere, what wildcards created included")
def _():
    number, = load(session())
    inside, outside = attached(number)
    tx, rx = rtp.Srtp(*world.key("tx")), rtp.Srtp(*world.key("rx"))
    for seq, roc in ((65533, 0), (65534, 0), (0, 1)):
        inside.send(rtp.rtp(SSRC, seq))
        ktap.equal(outside.recv(2048), tx.protect_rtp(rtp.rtp(SSRC, seq), roc), "packet %d" % seq)
        outside.send(rx.protect_rtp(rtp.rtp(SSRC, seq), roc))
        ktap.equal(inside.recv(2048), rtp.rtp(SSRC, seq), "packet %d" % seq)
    done = helper("unload", "--freeze", number).good()
    state = done.json()
    for name in ("tx", "rx"):
        ktap.check(not any(o.hex() in done.out for o in world.key(name)), "a key is shown")
    ktap.equal(show(), [], "sessions")
    with ktap.fails_plainly(errno.ENOKEY):
        inside.send(rtp.rtp(SSRC, 5))
    streams = state["sessions"][0]["streams"]
    ktap.equal(len(streams), 4, "streams")
    for s in streams:
        ktap.equal(s["state"]["frozen"], True, "frozen")
        if s["ssrc"] == SSRC:
            ktap.equal((s["roc"], s["seq"], "replay_state" in s), (1, 0, True), "state")

    def elsewhere():
        ns.unshare(ns.NEWNET)
        goes_on(put_keys(json.loads(json.dumps(state)), {"tx": "tx", "rx": "rx"}))
    ns.child(elsewhere)


@ktap.test("unload --freeze of what is not there is refused")
def _():
    done = helper("unload", "--freeze", 77)
    ktap.check(done.status != 0 and "77" in done.err, "it ended with %d and %r" % (done.status, done.err))
    ktap.equal(done.out, "", "output")


world.load()
ktap.main()
