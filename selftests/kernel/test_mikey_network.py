#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1200
"""An exchange over a bad network: whatever is lost, repeated, late or forged, the call succeeds."""

import contextlib
import errno
import os

import ktap
import mikeypair
from mikeypair import Pair, talk
from mikeyproxy import Proxy, error, forged, request

EXIT_PEER, EXIT_NO_ANSWER = 8, 9
HINT = "peer-error-unverified"


class Call:
    """A call through a proxy, with what came of it."""

    def __init__(self, pair, on_request=None, on_response=None, *args):
        with Proxy(pair, on_request, on_response) as proxy:
            self.proxy = proxy
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            self.status, self.result = pair.alice.call("bob", *args)
        self.ignored = self.result.get("ignored")


def succeeds(pair, on_request=None, on_response=None, ignored=None):
    """The call succeeds with one session on each host, which have the same keys."""
    daemon = pair.bob.daemon or pair.bob.listen()
    call = Call(pair, on_request, on_response)
    ktap.equal(call.status, 0, "exit status")
    ktap.equal(call.result["verified"], True, "verified")
    if ignored is not None:
        ktap.equal(call.ignored, ignored, "ignored datagrams")
    ktap.equal(len(pair.alice.sessions()), 1, "alice's sessions")
    ktap.equal(len(pair.bob.sessions()), 1, "bob's sessions")
    talk(pair, call.result["session"], daemon.wait("session")["session"])
    return call


def on_first(act):
    """Does something about the first datagram, and nothing about the others."""
    return lambda n, data: act(data) if n == 1 else data


@ktap.test("the request is lost: the second one is taken")
def _():
    with Pair() as pair:
        ktap.equal(succeeds(pair, on_first(lambda data: None)).result["sent"], 2, "requests")


@ktap.test("the answer is lost twice: it is repeated, and bob has one session")
def _():
    with Pair() as pair:
        daemon = pair.bob.listen()
        call = succeeds(pair, None, lambda n, data: data if n > 2 else None)
        ktap.equal(len(set(call.proxy.responses)), 1, "different answers")
        daemon.wait("resent")
        daemon.wait("resent")


@ktap.test("request and answer come twice")
def _():
    with Pair() as pair:
        succeeds(pair, lambda n, data: [data, data], lambda n, data: [data, data])


@ktap.test("the answer comes after the request was sent again")
def _():
    with Pair() as pair:
        held = []

        def hold(n, data):
            held.append(data)

        def release(n, data):
            if n == 2:
                proxy_send(held[0])
            return data if n == 1 else None
        with Proxy(pair, release, hold) as proxy:
            proxy_send = proxy.to_alice
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            pair.bob.listen()
            status, result = pair.alice.call("bob")
        ktap.equal((status, result["verified"]), (0, True), "exit status, verified")
        ktap.equal(result["sent"], 2, "requests")


@ktap.test("the answer comes from another address and port")
def _():
    with Pair() as pair:
        mikeypair.ip("addr", "add", "10.9.0.99/24", "dev", "vb")
        other = pair.bob.socket("10.9.0.99")
        held = {}

        def elsewhere(n, data):
            held["proxy"].to_alice(data, other)
        with Proxy(pair, None, elsewhere) as proxy:
            held["proxy"] = proxy
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            pair.bob.listen()
            status, result = pair.alice.call("bob")
        ktap.equal((status, result["verified"]), (0, True), "exit status, verified")


@ktap.test("a forged Error comes first")
def _():
    with Pair() as pair:
        forge = {}

        def keep(n, data):
            forge["error"] = error(data)
            return data
        succeeds(pair, keep, on_first(lambda data: [forge["error"], data]), {HINT: 1})


@ktap.test("a forged response comes first")
def _():
    with Pair() as pair:
        succeeds(pair, None, on_first(lambda data: [forged(data), data]), {"auth-failed": 1})


@ktap.test("a response comes first whose SSRCs somebody altered")
def _():
    with Pair() as pair:
        def altered(data):
            return [data[:11] + b"\x55\x55\x55\x55" + data[15:], data]
        succeeds(pair, None, on_first(altered), {"auth-failed": 1})


@ktap.test("the request comes back to its sender before the answer")
def _():
    with Pair() as pair:
        sent = []

        def keep(n, data):
            sent.append(data)
            return data
        succeeds(pair, keep, on_first(lambda data: [sent[0], data]), {"reflected": 1})


@ktap.test("the answer of another exchange comes first")
def _():
    with Pair() as pair:
        pair.bob.listen()
        old = Call(pair).proxy.responses[0]
        pair.bob.daemon.wait("session")
        call = Call(pair, None, on_first(lambda data: [old, data]))
        ktap.equal((call.status, call.ignored), (0, {"foreign-response": 1}), "result")


@ktap.test("200 datagrams of noise come before the answer")
def _():
    with Pair() as pair:
        def noise(data):
            return [os.urandom(n) for n in range(1, 101)] + \
                   [data[:n % len(data)] for n in range(100)] + [data]
        call = succeeds(pair, None, on_first(noise))
        ktap.check(sum(call.ignored.values()) >= 100, "ignored %s" % call.ignored)


def fails(pair, exit_code, reason, on_request=None, on_response=None):
    pair.bob.listen()
    call = Call(pair, on_request, on_response, "--timeout", "2")
    ktap.equal((call.status, call.result["reason"]), (exit_code, reason), "result")
    ktap.equal(pair.alice.sessions(), [], "alice's sessions")
    return call


@ktap.test("nothing but a forged Error: exit 8, and it is called unverified")
def _():
    with Pair() as pair:
        held = {}

        def answer(n, data):
            held["proxy"].to_alice(error(data, 3))
        pair.bob.listen()
        with Proxy(pair, answer) as proxy:
            held["proxy"] = proxy
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            status, result = pair.alice.call("bob", "--timeout", "2")
        ktap.equal((status, result["reason"]), (EXIT_PEER, HINT), "result")
        ktap.equal(result["peer_errors"], [3], "errors")
        ktap.equal(pair.alice.sessions() + pair.bob.sessions(), [], "sessions")


@ktap.test("nothing but forged responses: exit 9, no-valid-answer, nothing left at the caller")
def _():
    with Pair() as pair:
        call = fails(pair, EXIT_NO_ANSWER, "no-valid-answer", None,
                     lambda n, data: forged(data))
        ktap.check(call.ignored["auth-failed"] >= 1, "ignored %s" % call.ignored)


@ktap.test("an answer without verification message: exit 9, no-valid-answer")
def _():
    with Pair() as pair:
        def without_v(n, data):
            at = 10 + 9 * data[8]               # T is first, then IDr
            after = data[at:at + 10]
            return data[:2] + b"\x05" + data[3:at] + b"\x00" + after[1:]
        call = fails(pair, EXIT_NO_ANSWER, "no-valid-answer", None, without_v)
        ktap.equal(list(call.ignored), ["missing-payload"], "ignored")


@ktap.test("a request that comes back to the daemon of its sender is refused as reflected")
def _():
    with Pair() as pair:
        pair.bob.listen()
        with Proxy(pair) as proxy:
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            calling = pair.alice.listen()
            ktap.equal(pair.alice.call("bob")[0], 0, "exit status")
        calling.wait("called")
        pair.bob.socket().sendto(proxy.requests[0], (pair.alice.v4, mikeypair.PORT))
        ktap.equal(calling.wait("refused")["reason"], "reflected", "reason")
        ktap.equal(len(pair.alice.sessions()), 1, "alice's sessions")


@ktap.test("repeated requests get the same answer 5 times more, and others who repeat them none")
def _():
    with Pair() as pair:
        daemon, message = pair.bob.listen(), request(pair)
        bob = (pair.bob.v4, mikeypair.PORT)
        first, other = pair.alice.socket(), pair.alice.socket()
        for _ in range(10):
            first.sendto(message, bob)
        for sock in (other, pair.bob.socket()):
            sock.sendto(message, bob)
            daemon.wait("refused", reason="replayed", answered=False)
        first.setblocking(False)
        answers = []
        with contextlib.suppress(BlockingIOError):
            while True:
                answers.append(first.recv(2048))
        ktap.equal((len(answers), len(set(answers))), (6, 1), "answers, and different ones")
        other.setblocking(False)
        with ktap.fails_plainly(errno.EAGAIN):
            other.recv(2048)
        ktap.equal(len(pair.bob.sessions()), 1, "bob's sessions")


ktap.main()
