#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1200
"""What outlives the daemon: calls, the memory of messages, timestamps; reloading; lost events."""

import os
import signal

import ktap
import mikeypair
import ns
import srtpnl
import world
from mikeypair import Pair, talk
from mikeyproxy import request, t_payload
from rtpstream import Stream

EXIT_USAGE, EXIT_SYSTEM, EXIT_NO_ANSWER = 1, 7, 9


def to_bob(pair, message):
    """Sends it, from a socket of its own."""
    sock = pair.alice.socket()
    sock.sendto(message, (pair.bob.v4, mikeypair.PORT))
    return sock


def replayed_after(pair, end):
    """A message that was taken is refused by the next daemon, and so is one that was not."""
    message = request(pair)
    daemon = pair.bob.listen()
    to_bob(pair, message)
    daemon.wait("session")
    end(daemon)
    daemon = pair.bob.listen()
    to_bob(pair, message)
    event = daemon.wait("refused")
    ktap.equal((event["exit"], event["reason"], event["answered"]), (5, "replayed", False),
               "reason")
    ktap.equal(len(pair.bob.sessions()), 1, "bob's sessions")
    return daemon


@ktap.test("a message that was taken is refused after the daemon was ended and started again")
def _():
    with Pair() as pair:
        def end(daemon):
            ktap.equal(daemon.end(), 0, "exit status after SIGTERM")
        replayed_after(pair, end)


@ktap.test("the same after kill -9, and a new call is taken at once")
def _():
    with Pair() as pair:
        daemon = replayed_after(pair, lambda daemon: daemon.end(signal.SIGKILL))
        ktap.equal(pair.alice.call("bob")[0], 0, "exit status of a new call")
        daemon.wait("session")


@ktap.test("where the state was lost, messages from before are refused for good, new ones in time")
def _():
    with Pair(daemon="clock-skew = 3") as pair:
        daemon, message = pair.bob.listen(), request(pair)
        to_bob(pair, message)
        daemon.wait("session")
        daemon.end()
        os.unlink(pair.bob.path("state/replay"))
        daemon = pair.bob.listen()
        daemon.wait("state-lost", reason="recovering")
        to_bob(pair, message)
        event = daemon.wait("refused")
        ktap.equal((event["exit"], event["reason"]), (5, "recovering"), "reason")
        ns.wait_for(lambda: pair.alice.call("bob", "--timeout", "1")[0] == 0, "a call is taken")
        to_bob(pair, message)
        ktap.equal(daemon.wait("refused", reason="clock-skew")["exit"], 5, "exit class")


@ktap.test("a damaged memory counts as lost, and a missing state directory as never used")
def _():
    with Pair() as pair:
        pair.bob.listen().end()
        with open(pair.bob.path("state/replay"), "r+b") as f:
            f.write(b"\xff" * 16)
        daemon = pair.bob.listen()
        daemon.wait("state-lost")
        daemon.end()
        os.rename(pair.bob.path("state"), pair.bob.path("old"))
        pair.bob.listen()
        ktap.equal(pair.alice.call("bob")[0], 0, "exit status of a call")


@ktap.test("timestamps only grow, by the daemon or without it, also when the clock goes back")
def _():
    with Pair() as pair:
        stamps = [t_payload(request(pair))[2:] for _ in range(2)]
        with mikeypair.clock(-7200):
            stamps += [t_payload(request(pair))[2:] for _ in range(2)]
        stamps.append(t_payload(request(pair))[2:])
        ktap.equal(stamps, sorted(set(stamps)), "timestamps")


@ktap.test("a damaged clock file stops calls instead of repeating a timestamp")
def _():
    with Pair() as pair:
        request(pair)
        with open(pair.alice.path("state/clock"), "w") as f:
            f.write("tea time\n")
        status, error = pair.alice.call("bob")
        ktap.equal((status, error["reason"]), (5, "bad-state-file"), "result")


@ktap.test("a second daemon with the same state directory, or control socket, is refused")
def _():
    with Pair(daemon="listen = 10.9.0.2") as pair:
        pair.bob.listen()
        status, out = pair.bob.run("listen", "--config", pair.bob.conf)
        ktap.equal((status, out[-1]["error"]["reason"]), (EXIT_SYSTEM, "state-locked"), "state")
        with open(pair.bob.conf) as f:
            conf = f.read().replace("/state", "/other").replace("10.9.0.2", "127.0.0.1")
        with open(pair.bob.path("other.conf"), "w") as f:
            f.write(conf)
        status, out = pair.bob.run("listen", "--config", pair.bob.path("other.conf"))
        ktap.equal((status, out[-1]["error"]["reason"]), (EXIT_SYSTEM, "control-in-use"), "control")


@ktap.test("a state directory that others may write is refused")
def _():
    with Pair() as pair:
        os.mkdir(pair.bob.path("state"))
        os.chmod(pair.bob.path("state"), 0o770)
        status, out = pair.bob.run("listen", "--config", pair.bob.conf)
        ktap.equal((status, out[-1]["error"]["reason"]), (EXIT_SYSTEM, "bad-state-directory"),
                   "result")


@ktap.test("calls go on when the daemons are killed or ended, and the control socket is taken over")
def _():
    with Pair() as pair:
        answering, calling = pair.bob.listen(), pair.alice.listen()
        status, session = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status")
        theirs = answering.wait("session")["session"]
        answering.end(signal.SIGKILL)
        ktap.equal(calling.end(), 0, "exit status after SIGTERM")
        ktap.check(not os.path.exists(pair.alice.path("control")), "no socket after SIGTERM")
        talk(pair, session["session"], theirs)
        pair.bob.listen()
        ktap.equal(pair.alice.call("bob")[0], 0, "exit status of a new call")
        talk(pair, session["session"], theirs, (0x33333333, 0x44444444))


@ktap.test("SIGHUP takes a new key, keeps the old configuration if the new one is bad, drops nothing")
def _():
    with Pair() as pair:
        daemon = pair.bob.listen()
        status, session = pair.alice.call("bob")
        first = daemon.wait("session")["session"]
        key = "aa" * 16
        pair.alice.configure(key, pair.bob, address=pair.bob.v4)
        pair.bob.configure(key, pair.alice)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait("reloaded", restart_needed=False)
        ktap.equal(pair.alice.call("bob")[0], 0, "exit status with the new key")
        with open(pair.bob.conf, "a") as f:
            f.write("nonsense = yes\n")
        daemon.process.send_signal(signal.SIGHUP)
        event = daemon.wait("reload-failed")
        ktap.equal(event["reason"], "bad-config", "reason")
        ktap.check("conf:" in event["message"], "file and line in %r" % event["message"])
        ktap.equal(pair.alice.call("bob")[0], 0, "exit status with the old configuration")
        talk(pair, session["session"], first)


@ktap.test("a call that runs when its daemon is ended leaves nothing")
def _():
    with Pair(alice={"address": "10.9.0.2:9"}) as pair:
        calling = pair.alice.listen()
        process = pair.alice.start("call", "bob", "--config", pair.alice.conf)
        ns.wait_for(pair.alice.sessions, "a provisional session")
        ktap.equal(calling.end(), 0, "exit status of the daemon")
        ktap.equal(process.wait(30), EXIT_SYSTEM, "exit status of the call")
        ktap.equal(pair.alice.sessions(), [], "alice's sessions")


@ktap.test("the daemon keeps CAP_NET_ADMIN and no other right, also not for what it might execute")
def _():
    with Pair() as pair:
        daemon = pair.bob.listen()
        with open("/proc/%d/status" % daemon.process.pid) as f:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in f)
        net_admin = "%016x" % (1 << 12)
        for name in ("CapPrm", "CapEff", "CapBnd"):
            ktap.equal(status[name], net_admin, name)
        for name in ("CapInh", "CapAmb"):
            ktap.equal(status[name], "0" * 16, name)
        ktap.equal(status["NoNewPrivs"], "1", "NoNewPrivs")


@ktap.test("the module is reloaded under the daemons: they have its events, and renew new calls")
def _():
    with Pair(alice={"rekey-packets": 60}) as pair:
        daemons = pair.bob.listen(), pair.alice.listen()
        old = pair.alice.call("bob")[1]["session"]
        daemons[0].wait("session")
        world.wait_unreferenced()
        world.unload()
        for daemon in daemons:
            daemon.wait("module-gone")
        world.load()
        for daemon in daemons:
            daemon.wait("module-back")
        status, out = pair.alice.run("rekey", str(old), "--config", pair.alice.conf)
        ktap.equal((status, out[0]["error"]["reason"]), (1, "no-bundle"), "the call of before")
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of a new call")
        with Stream(pair, called["session"], daemons[0].wait("session")["session"]) as stream:
            daemons[1].wait("rekeyed", session=called["session"])
            stream.pass_more()


def dropped():
    """How many messages netlink could not deliver in this network namespace."""
    with open("/proc/net/netlink", encoding="ascii") as f:
        rows = [line.split() for line in f]
    column = rows[0].index("Drops")
    return sum(int(row[column]) for row in rows[1:])


@ktap.test("events are lost: the daemon looks at what is, renews what is due and forgets what is gone")
def _():
    with Pair(bob={"address": "10.9.0.1", "rekey-packets": 60}) as pair:
        bob, alice = pair.bob.listen(), pair.alice.listen()
        gone = pair.bob.call("alice")[1]["session"]
        alice.wait("session")
        kept = pair.bob.call("alice")[1]["session"]
        theirs = alice.wait("session")["session"]
        bob.process.send_signal(signal.SIGSTOP)
        before = dropped()
        with srtpnl.Netlink() as nl:
            while dropped() == before:
                for _ in range(50):
                    nl.do("session-del", id=nl.do("session-new")["id"])
            nl.do("session-del", id=gone)
        with Stream(pair, theirs, kept) as stream:
            stream.pass_more(80)
            bob.process.send_signal(signal.SIGCONT)
            bob.wait("resync")
            bob.wait("rekeyed", session=kept)
            stream.pass_more()
        status, out = pair.bob.run("rekey", str(gone), "--config", pair.bob.conf)
        ktap.equal((status, out[0]["error"]["reason"]), (EXIT_USAGE, "no-bundle"), "what is gone")


ktap.main()
