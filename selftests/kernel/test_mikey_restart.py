#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1200
"""Bundles and calls survive the daemon: the next one goes on renewing their keys."""

import contextlib
import hashlib
import os
import signal

import ktap
import ns
import srtpnl
import world
from fdstore import managed
from mikeypair import PORT, Pair
from mikeypki import certify
from mikeyproxy import Proxy
from rtpstream import Stream
from sdpcall import AUDIO, VIDEO, Call, good, sdp, sessions

EXIT_USAGE, EXIT_AUTH, EXIT_REPLAY = 1, 3, 5


class Standing:
    """A call between two daemons with a manager each, and traffic in the background."""

    def __init__(self, certified=None, **options):
        self.pair, self.certified = Pair(**options), certified

    def __enter__(self):
        pair = self.pair
        pair.__enter__()
        if self.certified:
            certify(pair, self.certified)
        self.alice, self.bob = managed(pair)
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of call")
        self.session = called["session"]
        self.theirs = pair.bob.daemon.wait("session")["session"]
        for manager in (self.alice, self.bob):
            manager.wait_kept()
        self.stream = Stream(pair, self.session, self.theirs).__enter__()
        self.stream.pass_more()
        return self

    def __exit__(self, *why):
        try:
            self.stream.__exit__()
        finally:
            self.pair.__exit__()

    def rekey(self):
        host = self.pair.alice
        status, out = host.run("rekey", str(self.session), "--config", host.conf)
        return status, out[0].get("error", out[0])

    def renews(self):
        """New keys, on both hosts, and no packet lost."""
        status, result = self.rekey()
        ktap.equal((status, result.get("session")), (0, self.session), "rekey")
        self.pair.bob.daemon.wait("updated", session=self.theirs)
        self.pair.bob.daemon.wait("switched", session=self.theirs)
        self.stream.pass_more()

    def calm(self):
        """Waits until no key changes over."""
        for host in (self.pair.alice, self.pair.bob):
            ns.wait_for(lambda: len(key_states(host)) == 2 and set(key_states(host)) == {"active"},
                        "one key in each direction of " + host.name)


def key_states(host):
    return [k["state"]["state"] for s in host.sessions()[0]["streams"] for k in s["keys"]
            if "template" not in s.get("state", {})]


def restart(manager, number=signal.SIGKILL):
    """The daemon ends, and the next one has what the manager kept."""
    manager.host.daemon.end(number)
    manager.pump()
    return manager.listen()


def restored(daemon, bundles=0, calls=0):
    event = daemon.wait("restored")
    ktap.equal((event["bundles"], event["calls"]), (bundles, calls), "bundles and calls restored")


def both(call, number=signal.SIGKILL):
    for manager in (call.alice, call.bob):
        restored(restart(manager, number), bundles=1)


@ktap.test("kill -9 of both daemons under traffic: the calls are renewed, and no packet is lost")
def _():
    with Standing() as call:
        both(call)
        call.stream.pass_more()
        call.renews()
        both(call)
        call.renews()
        call.calm()
        for host in (call.pair.alice, call.pair.bob):
            ktap.equal(len(host.sessions()), 1, "sessions of " + host.name)


@ktap.test("SIGTERM, as systemctl restart sends it, does the same")
def _():
    with Standing() as call:
        both(call, signal.SIGTERM)
        call.renews()


for name, certified, modes in (("dhhmac", None, {"modes": "dhhmac"}),
                               ("dh", {"modes": "dh"}, None),
                               ("pk with a cached envelope key",
                                {"modes": "pk", "cache-envelope": "yes"}, None),
                               ("rsar", {"modes": "rsar"}, None)):
    @ktap.test("a call by %s is renewed after kill -9 of both daemons" % name, certified, modes)
    def _(certified, modes):
        options = {"alice": modes, "bob": modes} if modes else {}
        with Standing(certified, **options) as call:
            call.renews()
            both(call)
            call.renews()


@ktap.test("only the initiator died, or only the responder: the call is renewed as well")
def _():
    with Standing() as call:
        restored(restart(call.alice), bundles=1)
        call.renews()
        restored(restart(call.bob), bundles=1)
        call.renews()


@ktap.test("a key that became due while there was no daemon is renewed by the next one")
def _():
    with Standing(alice={"rekey-packets": 100}) as call:
        call.pair.alice.daemon.end(signal.SIGKILL)
        call.stream.pass_more(150)
        call.alice.pump()
        daemon = call.alice.listen()
        daemon.wait("rekeyed", session=call.session)
        call.pair.bob.daemon.wait("switched", session=call.theirs)
        call.stream.pass_more()


@ktap.test("keys are due by time, and both daemons die again and again: no packet is lost")
def _():
    with Standing(alice={"rekey-seconds": 1}) as call:
        for _ in range(3):
            call.pair.alice.daemon.wait("rekeyed", session=call.session)
            both(call)
        call.pair.alice.daemon.wait("rekeyed", session=call.session)
        call.stream.pass_more()


@ktap.test("killed while keys change over: the next daemon sends with the new ones, and drops the old")
def _():
    with Standing() as call:
        status, _ = call.rekey()
        ktap.equal(status, 0, "rekey")
        call.pair.bob.daemon.wait("updated", session=call.theirs)
        before = call.bob.wait_kept(0)
        ktap.check(before, "bob's manager has a store")
        both(call)
        call.stream.pass_more()
        call.calm()
        call.renews()


@ktap.test("an update from before is refused by the next daemon: it has not forgotten it")
def _():
    with Pair() as pair, Proxy(pair) as proxy:
        pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
        _, bob = managed(pair)
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of call")
        theirs = pair.bob.daemon.wait("session")["session"]
        with Stream(pair, called["session"], theirs) as stream:
            before = bob.wait_kept()
            for _ in range(2):
                ktap.equal(pair.alice.run("rekey", str(called["session"]), "--config",
                                          pair.alice.conf)[0], 0, "rekey")
                pair.bob.daemon.wait("switched", session=theirs)
                before = bob.wait_kept(before)
            daemon = restart(bob)
            restored(daemon, bundles=1)
            for old in proxy.requests[1:]:
                pair.alice.socket().sendto(old, (pair.bob.v4, PORT))
                refused = daemon.wait("refused")
                ktap.equal((refused["exit"], refused["reason"]), (EXIT_REPLAY, "replayed"), "reason")
            stream.pass_more()


@ktap.test("a later offer of a call by SDP after kill -9 of both daemons: new keys in the same sessions")
def _():
    with Pair() as pair:
        managers = managed(pair)
        call, named = Call(pair), ("--call", "x")

        def round_of(ours, theirs):
            before = [manager.generation() for manager in managers]
            offer = good(call.offer(ours, *named), "offer")
            answer = good(call.answer(offer["sdp"], theirs, *named), "answer")
            accept = good(call.accept(answer["sdp"], *named), "accept")
            for manager, old in zip(managers, before):
                manager.wait_kept(old)
            return sessions(accept), sessions(answer)
        first = round_of(sdp((AUDIO, 4000), (VIDEO, 4002)), sdp((AUDIO, 5000), (VIDEO, 5002)))
        with Stream(pair, first[0][1], first[1][1]) as stream:
            stream.pass_more()
            for manager in managers:
                restored(restart(manager), calls=1)
            stream.pass_more()
            second = round_of(sdp((AUDIO, 4000), (VIDEO, 0)), sdp((AUDIO, 5000), (VIDEO, 0)))
            ktap.equal(second, ({1: first[0][1]}, {1: first[1][1]}), "sessions of the later offer")
            pair.bob.daemon.wait("switched", session=first[1][1])
            stream.pass_more()
            for host in (pair.alice, pair.bob):
                ktap.equal(len(host.sessions()), 1, "sessions of " + host.name)
            for manager in managers:
                restored(restart(manager), calls=1)
            third = round_of(sdp((AUDIO, 4000)), sdp((AUDIO, 5000)))
            ktap.equal(third, second, "sessions of the offer after that")
            stream.pass_more()


@ktap.test("an offer that waited for its answer does not survive; the call that it was about does")
def _():
    with Pair() as pair:
        managers = managed(pair)
        call, named = Call(pair), ("--call", "x")
        _, answer, accept = call.make(sdp((AUDIO, 4000)), sdp((AUDIO, 5000)), *named, accept=named)
        theirs = sessions(answer)[1]
        with Stream(pair, sessions(accept)[1], theirs) as stream:
            before = managers[0].wait_kept()
            offer = good(call.offer(sdp((AUDIO, 4000)), *named), "second offer")
            managers[0].wait_kept(before)
            restored(restart(managers[0]), calls=1)
            late = good(call.answer(offer["sdp"], sdp((AUDIO, 5000)), "--call", "other"), "answer")
            status, error = call.accept(late["sdp"], *named)
            ktap.equal((status, error["reason"]), (EXIT_AUTH, "foreign-response"), "accept of its answer")
            stream.pass_more()
            again = good(call.offer(sdp((AUDIO, 4000)), *named), "another offer")
            ktap.equal(sessions(again)[1], sessions(accept)[1], "its session")


@ktap.test("rekey-wanted is told for a call by SDP that an earlier daemon made")
def _():
    with Pair(alice={"rekey-packets": 100}) as pair:
        managers = managed(pair)
        _, answer, accept = Call(pair).make(sdp((AUDIO, 4000)), sdp((AUDIO, 5000)))
        managers[0].wait_kept()
        session = sessions(accept)[1]
        daemon = restart(managers[0])
        restored(daemon, calls=1)
        with Stream(pair, session, sessions(answer)[1]) as stream:
            daemon.wait("rekey-wanted", session=session)
            stream.pass_more()


@contextlib.contextmanager
def one_kept():
    """A call whose caller's daemon has ended: its manager, and the session."""
    with Pair() as pair:
        manager, _ = managed(pair)
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of call")
        manager.wait_kept()
        pair.alice.daemon.end(signal.SIGKILL)
        manager.pump()
        yield pair, manager, called["session"]


@ktap.test("a session that ended while there was no daemon is dropped, and so is the store")
def _():
    with one_kept() as (pair, manager, session):
        ktap.equal(pair.alice.run("unload", str(session))[0], 0, "unload")
        daemon = manager.listen()
        ktap.equal(daemon.wait("not-restored")["reason"], "no-session", "reason")
        restored(daemon)
        ns.wait_for(lambda: manager.pump() or not manager.kept, "the manager keeps nothing")


@ktap.test("another session under the same number is not the one that was left")
def _():
    with one_kept() as (pair, manager, session):
        ktap.equal(pair.alice.run("unload", str(session))[0], 0, "unload")
        with pair.alice.inside():
            ktap.equal(srtpnl.Netlink().do("session-new", id=session)["id"], session, "its number")
        ktap.equal(manager.listen().wait("not-restored")["reason"], "no-session", "reason")


@ktap.test("nor is one with its number and the module loaded again")
def _():
    with one_kept() as (pair, manager, session):
        pair.bob.daemon.end()
        world.wait_unreferenced()
        world.unload()
        world.load()
        with pair.alice.inside():
            nl = srtpnl.Netlink()
        for _ in range(session):
            nl.do("session-new")
        ktap.check(nl.do("session-get", id=session), "there is such a number")
        ktap.equal(manager.listen().wait("not-restored")["reason"], "no-session", "reason")
        nl.close()


def damaged(octets):
    """What may be in the place of a store: (what, octets, sealed, reason)."""
    def hashed(body):
        return body + hashlib.sha256(body).digest()
    longer = octets[:12] + (len(octets) + 1).to_bytes(8, "big") + octets[20:-33] + b"\0\0"
    yield "cut off", octets[:-1], True, "bad-store"
    yield "of one octet", b"K", True, "bad-store"
    yield "with a bit turned", octets[:60] + bytes([octets[60] ^ 1]) + octets[61:], True, "bad-store"
    later = int.from_bytes(octets[8:12], "big") + 1
    yield "of a later version", hashed(octets[:8] + later.to_bytes(4, "big") + octets[12:-32]), \
        True, "store-version"
    yield "with an octet behind its records", hashed(longer), True, "bad-store"
    yield "with a record of kind 9", hashed(octets[:28] + b"\x09" + octets[29:-32]), True, "bad-store"
    yield "that can still be written to", octets, False, "bad-store"


@ktap.test("a store that is cut off, damaged, foreign or not sealed is refused; the daemon serves")
def _():
    with one_kept() as (pair, manager, session):
        octets = manager.octets()
        for what, data, seal, reason in damaged(octets):
            manager.put(data, seal=seal)
            daemon = manager.listen()
            refused = daemon.wait("store-refused")
            ktap.equal(refused["reason"], reason, "reason of a store " + what)
            ktap.check(len(refused["message"]) > 20, "a sentence: %r" % refused)
            ktap.equal(daemon.take("restored", {}), None, "nothing is restored")
            ns.wait_for(lambda: manager.pump() or not manager.kept, "it is not kept any more")
            status, error = pair.alice.run("rekey", str(session), "--config", pair.alice.conf)
            ktap.equal((status, error[0]["error"]["reason"]), (EXIT_USAGE, "no-bundle"), "rekey")
            daemon.end()
        manager.put(octets)
        restored(manager.listen(), bundles=1)


@ktap.test("of two stores the later one counts, as after kill -9 between giving one and taking one back")
def _():
    with Standing() as call:
        call.alice.pump()
        [[old]] = call.alice.kept.values()
        old = os.dup(old)
        before = call.alice.generation()
        call.renews()
        call.alice.wait_kept(before)
        call.pair.alice.daemon.end(signal.SIGKILL)
        call.alice.pump()
        call.alice.kept = {"mikey-bundles-00000000": [old], **call.alice.kept}
        restored(call.alice.listen(), bundles=1)
        call.alice.wait_kept(before + 1)
        call.renews()


@ktap.test("two daemons cannot have one store: the second one begins without it")
def _():
    with Standing() as call:
        pair = call.pair
        call.alice.pump()
        first = pair.alice.daemon
        with open(pair.alice.conf, encoding="utf-8") as f:
            conf = f.read()
        other = conf.replace("/state", "/state2").replace("/control", "/control2")
        with open(pair.alice.conf, "w", encoding="utf-8") as f:
            f.write(other.replace("[peer", "listen = none\n[peer", 1))
        second = call.alice.listen()
        ktap.equal(second.wait("store-refused")["reason"], "store-in-use", "reason")
        second.end()
        with open(pair.alice.conf, "w", encoding="utf-8") as f:
            f.write(conf)
        pair.alice.daemon = first
        call.renews()


@ktap.test("where the state directory is another one, T might repeat: the bundle is dropped")
def _():
    with one_kept() as (pair, manager, _):
        os.rename(pair.alice.path("state"), pair.alice.path("state-of-before"))
        ktap.equal(manager.listen().wait("not-restored")["reason"], "bad-state-file", "reason")


@ktap.test("a peer that is another one now, or none, gets no new keys of the call")
def _():
    with one_kept() as (pair, manager, _):
        octets = manager.octets()
        with open(pair.alice.conf, encoding="utf-8") as f:
            conf = f.read()
        for new, reason in ((conf.replace("nai:bob@", "nai:carol@"), "bad-identity"),
                            (conf.replace("[peer bob]", "[peer carol]"), "unknown-peer-name")):
            with open(pair.alice.conf, "w", encoding="utf-8") as f:
                f.write(new)
            manager.put(octets)
            daemon = manager.listen()
            ktap.equal(daemon.wait("not-restored")["reason"], reason, "reason")
            daemon.end()


@ktap.test("the manager keeps keys as long as there is a call, and no longer")
def _():
    with Pair() as pair:
        manager, _ = managed(pair)
        manager.pump()
        ktap.equal(manager.kept, {}, "kept before the first call")
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of call")
        manager.wait_kept()
        ktap.equal(pair.alice.run("unload", str(called["session"]))[0], 0, "unload")
        ns.wait_for(lambda: manager.pump() or not manager.kept, "nothing is kept any more")


@ktap.test("the first line tells whether bundles are kept; without a service manager they are not")
def _():
    with Pair() as pair:
        manager, _ = managed(pair)
        ktap.check('"bundles_kept":true' in pair.alice.daemon.text.replace(" ", ""), "with one")
        pair.alice.daemon.end()
        daemon = pair.alice.listen()
        ktap.check('"bundles_kept":false' in daemon.text.replace(" ", ""), "without one")
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of call")
        daemon.end(signal.SIGKILL)
        pair.alice.listen()
        status, out = pair.alice.run("rekey", str(called["session"]), "--config", pair.alice.conf)
        ktap.equal((status, out[0]["error"]["reason"]), (EXIT_USAGE, "no-bundle"), "rekey")
        ktap.check(manager, "the manager was there")


ktap.main()
