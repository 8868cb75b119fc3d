#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""Keys that change while a call goes on: no packet is lost, and nothing old is left."""

import signal

import ktap
import mikeypair
import ns
from mikeyproxy import Proxy
from mikeypair import Pair
from mikeypki import certify
from rtpstream import Stream

EXIT_USAGE, EXIT_POLICY, EXIT_SYSTEM, EXIT_NO_ANSWER = 1, 4, 7, 9


class Standing:
    """A call between two daemons, with traffic in the background."""

    def __init__(self, certified=None, **options):
        self.pair = Pair(**options)
        self.certified = certified

    def __enter__(self):
        pair = self.pair
        pair.__enter__()
        if self.certified:
            certify(pair, self.certified)
        self.bob, self.alice = pair.bob.listen(), pair.alice.listen()
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of call")
        self.session = called["session"]
        self.theirs = self.bob.wait("session")["session"]
        self.stream = Stream(pair, self.session, self.theirs).__enter__()
        self.stream.pass_more()
        return self

    def __exit__(self, *why):
        try:
            self.stream.__exit__()
        finally:
            self.pair.__exit__()

    def rekey(self, host=None, session=None):
        host = host or self.pair.alice
        status, out = host.run("rekey", str(session or self.session), "--config", host.conf)
        return status, out[0].get("error", out[0])


def key_states(host):
    return {s["direction"]: [k["state"]["state"] for k in s["keys"]]
            for s in host.sessions()[0]["streams"] if "template" not in s.get("state", {})}


def settled(host):
    return all(states == ["active"] for states in key_states(host).values())


@ktap.test("rekey under traffic, three times: no packet is lost, old keys go")
def _():
    with Standing() as call:
        for _ in range(3):
            status, result = call.rekey()
            ktap.equal((status, result.get("session")), (0, call.session), "rekey")
            call.bob.wait("updated", session=call.theirs)
            call.bob.wait("switched", session=call.theirs)
            call.stream.pass_more()
        for host in (call.pair.alice, call.pair.bob):
            ns.wait_for(lambda: settled(host), "one key in each stream of " + host.name)
            ktap.equal(len(host.sessions()), 1, "sessions of " + host.name)
        call.stream.pass_more()


@ktap.test("a dhhmac call is renewed by another Diffie-Hellman exchange, under traffic")
def _():
    modes = {"modes": "dhhmac"}
    with Standing(alice=modes, bob=modes) as call:
        status, _ = call.rekey()
        ktap.equal(status, 0, "rekey")
        call.bob.wait("switched", session=call.theirs)
        call.stream.pass_more()


for name, options in {
        "pk, by a message with another envelope": {"modes": "pk"},
        "pk, under the envelope key that is kept": {"modes": "pk", "cache-envelope": "bundle"},
        "dh, by another Diffie-Hellman exchange": {"modes": "dh"}}.items():
    @ktap.test("a call is renewed under traffic, twice: %s" % name, options)
    def _(options):
        with Standing(certified=options) as call:
            for _ in range(2):
                status, result = call.rekey()
                ktap.equal((status, result.get("session")), (0, call.session), "rekey")
                call.bob.wait("switched", session=call.theirs)
                call.stream.pass_more()


@ktap.test("an rsar call is renewed by a new bundle in the same sessions, under traffic, twice")
def _():
    with Standing(certified={"modes": "rsar"}) as call:
        for _ in range(2):
            status, result = call.rekey()
            ktap.equal((status, result.get("session")), (0, call.session), "rekey")
            updated = call.bob.wait("updated")
            ktap.equal(updated["csb_id"], result["csb_id"], "CSB ID on both hosts")
            call.bob.wait("switched", session=call.theirs)
            call.stream.pass_more()
        for host in (call.pair.alice, call.pair.bob):
            ktap.equal(len(host.sessions()), 1, "sessions of " + host.name)


@ktap.test("an rsar renewal of a bundle that the other side has lost makes no other call")
def _():
    with Standing(certified={"modes": "rsar"}) as call:
        call.bob.end(signal.SIGKILL)
        bob = call.pair.bob.listen()
        alice = call.pair.alice
        process = alice.start("rekey", str(call.session), "--config", alice.conf)
        ktap.equal(bob.wait("refused")["reason"], "unknown-bundle", "reason")
        call.stream.pass_more()
        ktap.equal(len(call.pair.bob.sessions()), 1, "sessions of bob")
        process.kill()
        process.communicate()


@ktap.test("the kernel says that a key is due, and the daemon that called renews it")
def _():
    with Standing(alice={"rekey-packets": 60}) as call:
        call.alice.wait("rekeying", session=call.session)
        call.alice.wait("rekeyed", session=call.session)
        call.bob.wait("switched", session=call.theirs)
        call.stream.pass_more()


@ktap.test("the key is due by time, again and again: no packet is lost")
def _():
    with Standing(alice={"rekey-seconds": 1}) as call:
        for _ in range(3):
            call.alice.wait("rekeyed", session=call.session)
            call.stream.pass_more()


@ktap.test("new keys wait until the peer sends with the last ones: then no packet is lost")
def _():
    requests = []

    def lose_first_of_each(_, data):
        if data in requests:
            return data
        requests.append(data)
        return None if len(requests) > 2 else data

    with Pair() as pair, Proxy(pair, on_request=lose_first_of_each) as proxy:
        pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
        bob = pair.bob.listen()
        pair.alice.listen()
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of call through the proxy")
        with Stream(pair, called["session"], bob.wait("session")["session"]) as stream:
            stream.pass_more()
            both = [pair.alice.run("rekey", str(called["session"]), "--config", pair.alice.conf)[0]
                    for _ in range(2)]
            ktap.equal(both, [0, 0], "exit status of two renewals, one right after the other")
            stream.pass_more()
        ktap.equal(len(requests), 3, "messages that were sent, one of them twice")


@ktap.test("only the host that called renews the keys, and only of calls that it knows")
def _():
    with Standing() as call:
        status, error = call.rekey(call.pair.bob, call.theirs)
        ktap.equal((status, error["reason"]), (EXIT_POLICY, "not-initiator"), "bob")
        status, error = call.rekey(session=4711)
        ktap.equal((status, error["reason"]), (EXIT_USAGE, "no-bundle"), "another session")


@ktap.test("an update that nobody answers leaves the call as it was; the next one succeeds")
def _():
    deaf = []
    with Pair() as pair, Proxy(pair, on_response=lambda n, d: None if deaf else d) as proxy:
        pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
        bob, alice = pair.bob.listen(), pair.alice.listen()
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of call through the proxy")
        theirs = bob.wait("session")["session"]
        with Stream(pair, called["session"], theirs) as stream:
            stream.pass_more()
            deaf.append(True)
            status, out = pair.alice.run("rekey", str(called["session"]), "--config",
                                         pair.alice.conf)
            ktap.equal((status, out[0]["error"]["reason"]), (EXIT_NO_ANSWER, "no-answer"), "rekey")
            alice.wait("rekey-failed")
            stream.pass_more()
            ktap.equal(bob.take("switched", {}), None, "bob's change to unused keys")
            deaf.clear()
            status, out = pair.alice.run("rekey", str(called["session"]), "--config",
                                         pair.alice.conf)
            ktap.equal(status, 0, "the next rekey")
            bob.wait("switched")
            stream.pass_more()


@ktap.test("an rsar renewal whose answer was lost is followed by one that names the same bundle")
def _():
    deaf = []
    with Pair() as pair, Proxy(pair, on_response=lambda n, d: None if deaf else d) as proxy:
        certify(pair, {"modes": "rsar", "address": proxy.address()}, {"modes": "rsar"})
        bob, alice = pair.bob.listen(), pair.alice.listen()
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of call through the proxy")
        theirs = bob.wait("session")["session"]
        renew = ("rekey", str(called["session"]), "--config", pair.alice.conf)
        with Stream(pair, called["session"], theirs) as stream:
            for _ in range(2):
                deaf.append(True)
                status, out = pair.alice.run(*renew)
                ktap.equal((status, out[0]["error"]["reason"]), (EXIT_NO_ANSWER, "no-answer"),
                           "rekey without answer")
                bob.wait("updated", session=theirs)
                deaf.clear()
                stream.pass_more()
            status, out = pair.alice.run(*renew)
            ktap.equal(status, 0, "the next rekey")
            ktap.equal(bob.wait("updated", session=theirs)["csb_id"], out[0]["csb_id"], "CSB ID")
            bob.wait("switched")
            stream.pass_more()
        ktap.equal(len(pair.bob.sessions()), 1, "bob's sessions")


@ktap.test("a responder behind an address translator: the call and its renewal work")
def _():
    with Pair() as pair, Proxy(pair) as proxy:
        pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
        bob = pair.bob.listen()
        pair.alice.listen()
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "call")
        with Stream(pair, called["session"], bob.wait("session")["session"]) as stream:
            status, _ = pair.alice.run("rekey", str(called["session"]), "--config", pair.alice.conf)
            ktap.equal(status, 0, "rekey")
            stream.pass_more()


@ktap.test("the clock is stepped back: T goes on upwards, and the update is taken")
def _():
    with Standing() as call:
        with mikeypair.clock(-120):
            status, _ = call.rekey()
            ktap.equal(status, 0, "rekey")
            call.stream.pass_more()


@ktap.test("a daemon that dies takes no call with it; the next one renews what it makes itself")
def _():
    with Standing() as call:
        call.alice.end(signal.SIGKILL)
        call.stream.pass_more()
        call.pair.alice.listen()
        status, error = call.rekey()
        ktap.equal((status, error["reason"]), (EXIT_USAGE, "no-bundle"), "the call of before")
        call.stream.pass_more()


@ktap.test("two calls, one made by each side: both renew at once, and no packet is lost")
def _():
    with Standing(bob={"address": "10.9.0.1"}) as call:
        status, called = call.pair.bob.call("alice")
        ktap.equal(status, 0, "exit status of bob's call")
        theirs = call.alice.wait("session")["session"]
        with Stream(call.pair, theirs, called["session"]) as back:
            back.pass_more()
            both = [host.start("rekey", str(session), "--config", host.conf)
                    for host, session in ((call.pair.alice, call.session),
                                          (call.pair.bob, called["session"]))]
            ktap.equal([process.wait(60) for process in both], [0, 0], "exit status of both")
            call.bob.wait("switched", session=call.theirs)
            call.alice.wait("switched", session=theirs)
            back.pass_more()
            call.stream.pass_more()
        for process in both:
            process.communicate()


@ktap.test("SIGHUP drops no call: it is renewed as before")
def _():
    with Standing() as call:
        call.alice.process.send_signal(signal.SIGHUP)
        call.alice.wait("reloaded")
        ktap.equal(call.rekey()[0], 0, "rekey")
        call.stream.pass_more()


@ktap.test("a session that is deleted is forgotten")
def _():
    with Standing() as call:
        pair = call.pair
        call.stream.end.set()
        call.stream.thread.join(60)
        ktap.equal(pair.alice.run("unload", str(call.session))[0], 0, "unload")
        ns.wait_for(lambda: call.rekey()[1].get("reason") == "no-bundle", "no bundle is left")


@ktap.test("a session that is deleted while its keys are renewed: who waits for them is told")
def _():
    deaf = []
    with Pair() as pair, Proxy(pair, on_response=lambda n, d: None if deaf else d) as proxy:
        pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
        pair.bob.listen(), pair.alice.listen()
        status, called = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of call")
        deaf.append(True)
        before = len(proxy.requests)
        waiting = pair.alice.start("rekey", str(called["session"]), "--config", pair.alice.conf)
        ns.wait_for(lambda: len(proxy.requests) > before, "the renewal is under way")
        ktap.equal(pair.alice.run("unload", str(called["session"]))[0], 0, "unload")
        out, _ = waiting.communicate(timeout=60)
        answer, = mikeypair.documents(out)
        ktap.equal((waiting.returncode, answer["error"]["reason"]), (EXIT_SYSTEM, "session-closed"),
                   "rekey")


ktap.main()
