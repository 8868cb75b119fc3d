#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1200
"""mikey-helper call and listen: what a call makes, and every way in which it is refused."""

import base64
import os
import shutil
import signal
import struct
import time

import ktap
import mikeypair
import ns
from mikeyproxy import Proxy, forged, request
from mikeypair import Pair, talk

EXIT_USAGE, EXIT_POLICY, EXIT_UNSUPPORTED, EXIT_SYSTEM, EXIT_PEER, EXIT_NO_ANSWER = \
    1, 4, 6, 7, 8, 9
ERR_AUTH_FAILURE, ERR_INVALID_TS, ERR_INVALID_SPPAR = 0, 1, 10
USER, STRANGER = 4711, 4712
SAMPLE = mikeypair.TOP + "/selftests/samples/gst122-savp-0.b64"


def nothing_left(pair):
    ktap.equal(pair.alice.sessions(), [], "alice's sessions")
    ktap.equal(pair.bob.sessions(), [], "bob's sessions")


def refused(pair, exit_code, reason, *args, **more):
    """A call that must fail so, and leave nothing anywhere."""
    status, error = pair.alice.call("bob", "--timeout", "2", *args, **more)
    ktap.equal((status, error.get("reason")), (exit_code, reason), "exit status and reason")
    ktap.equal(error["exit"], exit_code, "exit status in JSON")
    nothing_left(pair)
    return error


@ktap.test("call over IPv4: a session on both hosts, and RTP passes both ways")
def _():
    with Pair() as pair:
        daemon = pair.bob.listen()
        status, session = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status")
        ktap.equal(session["verified"], True, "verified")
        ktap.equal(session["peer_identity"], pair.bob.identity, "identity")
        ktap.equal(session["suite"], "AES_CM_128_HMAC_SHA1_80", "suite")
        event = daemon.wait("session", peer="alice")
        ktap.equal(event["csb_id"], session["csb_id"], "CSB ID on both hosts")
        talk(pair, session["session"], event["session"])


@ktap.test("call over IPv6: a session on both hosts, and RTP passes both ways")
def _():
    with Pair(alice={"address": "[fd00:9::2]:2269"}) as pair:
        daemon = pair.bob.listen()
        status, session = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status")
        talk(pair, session["session"], daemon.wait("session")["session"])


@ktap.test("the responder answers from the address that was called, not from another of its own")
def _():
    with Pair(alice={"address": "10.9.0.77"}) as pair:
        mikeypair.ip("addr", "add", "10.9.0.77/24", "dev", "vb")
        pair.bob.listen()
        probe = pair.alice.socket()
        probe.connect(("10.9.0.77", mikeypair.PORT))
        probe.send(forged(request(pair)))
        ktap.equal(probe.recv(2048)[1], 6, "message type from the called address")


@ktap.test("over IPv6 too the answer comes from the address that was called")
def _():
    with Pair() as pair:
        mikeypair.ip("addr", "add", "fd00:9::77/64", "dev", "vb", "nodad")
        pair.bob.listen()
        probe = pair.alice.socket(pair.alice.v6)
        probe.connect(("fd00:9::77", mikeypair.PORT))
        probe.send(forged(request(pair)))
        ktap.equal(probe.recv(2048)[1], 6, "message type from the called address")


@ktap.test("a daemon on the caller's side makes the call for its clients")
def _():
    with Pair() as pair:
        answering, calling = pair.bob.listen(), pair.alice.listen()
        status, session = pair.alice.call("bob", "--session-name", "by the daemon")
        ktap.equal(status, 0, "exit status")
        ktap.equal(calling.wait("called")["session"], session["session"], "session in the log")
        ktap.equal([s["name"] for s in pair.alice.sessions()], ["by the daemon"], "names")
        talk(pair, session["session"], answering.wait("session")["session"])


@ktap.test("many calls at a time, by the daemon and without it, make as many sessions")
def _():
    with Pair() as pair:
        pair.bob.listen()
        lone = [pair.alice.start("call", "bob", "--config", pair.alice.conf) for _ in range(4)]
        for process in lone:
            ktap.equal(process.wait(60), 0, "exit status of a call without daemon")
        pair.alice.listen()
        many = [pair.alice.start("call", "bob", "--config", pair.alice.conf) for _ in range(8)]
        for process in many:
            ktap.equal(process.wait(60), 0, "exit status of a call by the daemon")
        ktap.equal(len(pair.alice.sessions()), 12, "alice's sessions")
        ktap.equal(len(pair.bob.sessions()), 12, "bob's sessions")


def streams(session):
    return sorted((s["direction"], s["ssrc"]) for s in session["streams"])


@ktap.test("name, owner, SSRCs and flags of the session come from configuration and command line")
def _():
    with Pair(alice={"owner": USER, "session-name": "to bob", "auto-delete": "yes"},
              bob={"owner": STRANGER, "local-ssrc": "0x2222", "pass-non-rtp": "yes"}) as pair:
        pair.bob.listen()
        status, _ = pair.alice.call("bob", "--ssrc", "0x1111", "--session-name", "mine")
        ktap.equal(status, 0, "exit status")
        ours, theirs = pair.alice.sessions()[0], pair.bob.sessions()[0]
        ktap.equal((ours["name"], ours["owner"], ours["auto_delete"]), ("mine", USER, True),
                   "alice's session")
        ktap.equal((theirs["name"], theirs["owner"], theirs["pass_non_rtp"]),
                   ("alice", STRANGER, True), "bob's session")
        ktap.equal(ours["state"]["state"], "live", "state of alice's session")
        ktap.equal(streams(ours)[1], ("tx", 0x1111), "alice's sending stream")
        ktap.equal(streams(theirs), [("rx", 0x1111), ("tx", 0x2222)], "bob's streams")


@ktap.test("before the answer the session is provisional and can only receive")
def _():
    with Pair() as pair:
        seen = []

        def look(n, data):
            seen.extend(pair.alice.sessions())
            return data
        with Proxy(pair, on_request=look) as proxy:
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            pair.bob.listen()
            ktap.equal(pair.alice.call("bob")[0], 0, "exit status")
        ktap.equal(seen[0]["state"]["state"], "provisional", "state before the answer")
        ktap.equal([s["direction"] for s in seen[0]["streams"]], ["rx"], "streams before")
        ktap.equal(pair.alice.sessions()[0]["state"]["state"], "live", "state after it")


@ktap.test("when the answer arrives the responder's session receives already")
def _():
    with Pair() as pair:
        seen = []

        def look(n, data):
            seen.extend(pair.bob.sessions())
            return data
        with Proxy(pair, on_response=look) as proxy:
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            pair.bob.listen()
            ktap.equal(pair.alice.call("bob")[0], 0, "exit status")
        ktap.equal(streams(seen[0]), [("rx", "any"), ("tx", "any")], "bob's streams")


@ktap.test("--no-verify: both hosts have the session, and nobody answers")
def _():
    with Pair() as pair:
        with Proxy(pair) as proxy:
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            daemon = pair.bob.listen()
            status, session = pair.alice.call("bob", "--no-verify")
            event = daemon.wait("session")
        ktap.equal((status, session["verified"]), (0, False), "exit status, verified")
        ktap.equal(len(proxy.responses), 0, "answers")
        talk(pair, session["session"], event["session"])


@ktap.test("a wrong key: exit 8, an unverified Authentication failure, nothing left")
def _():
    with Pair(psks=("11" * 16, "22" * 16)) as pair:
        daemon = pair.bob.listen()
        error = refused(pair, EXIT_PEER, "peer-error-unverified")
        ktap.equal(error["peer_errors"], [ERR_AUTH_FAILURE], "errors")
        ktap.equal(error["peer_errors_verified"], False, "verified")
        event = daemon.wait("refused")
        ktap.equal((event["exit"], event["reason"]), (3, "auth-failed"), "bob's reason")


@ktap.test("an unknown caller gets the same answer as a wrong key, and bob says who is unknown")
def _():
    answers = []
    for identity in ("nai:alice@example.org", "nai:nobody@example.org"):
        with Pair(psks=("11" * 16, "22" * 16)) as pair, Proxy(pair) as proxy:
            pair.alice.identity = identity
            pair.alice.configure("11" * 16, pair.bob, address=proxy.address())
            daemon = pair.bob.listen()
            refused(pair, EXIT_PEER, "peer-error-unverified")
            reason = daemon.wait("refused")["reason"]
            answers.append(proxy.responses[0][:4] + proxy.responses[0][20:])
    ktap.equal(reason, "unknown-peer", "bob's reason")
    ktap.equal(answers[0], answers[1], "answers but for CSB ID and T")


@ktap.test("a call for somebody else: bob is not the responder that it names")
def _():
    with Pair() as pair:
        daemon = pair.bob.listen()
        pair.bob.identity = "nai:carol@example.org"
        pair.alice.configure(pair.psk, pair.bob, address=pair.bob.v4)
        refused(pair, EXIT_PEER, "peer-error-unverified")
        ktap.equal(daemon.wait("refused")["reason"], "not-for-us", "bob's reason")


@ktap.test("clocks too far apart: a verified Invalid TS for who has the key")
def _():
    with Pair() as pair:
        daemon = pair.bob.listen()

        def late(n, data):
            if n > 1:
                return
            with mikeypair.clock(3600):
                proxy.to_bob(data)
                seen.append(daemon.wait("refused"))
        seen = []
        with Proxy(pair, on_request=late) as proxy:
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            error = refused(pair, EXIT_PEER, "peer-error")
        ktap.equal(error["peer_errors"], [ERR_INVALID_TS], "errors")
        ktap.equal(error["peer_errors_verified"], True, "verified")
        ktap.equal((seen[0]["exit"], seen[0]["reason"]), (5, "clock-skew"), "bob's reason")


@ktap.test("clocks too far apart: silence for who has not the key")
def _():
    with Pair(psks=("11" * 16, "22" * 16)) as pair:
        daemon, message = pair.bob.listen(), request(pair)
        sock = pair.alice.socket()
        with mikeypair.clock(3600):
            sock.sendto(message, (pair.bob.v4, mikeypair.PORT))
            event = daemon.wait("refused")
        ktap.equal((event["exit"], event["reason"]), (5, "clock-skew"), "bob's reason")
        ktap.equal((event["answered"], event["authenticated"]), (False, False), "answered")
        sock.sendto(message, (pair.bob.v4, mikeypair.PORT))
        ktap.equal(sock.recv(2048)[1], 6, "the first answer is that to a later message")


@ktap.test("keys without encryption are refused on UDP, also where allow-null = tls-only")
def _():
    with open(SAMPLE) as f:
        message = bytearray(base64.b64decode(f.read()))
    with Pair(bob={"allow-null": "tls-only"}) as pair:
        daemon = pair.bob.listen()
        seconds = int(time.time()) + 2208988800
        message[21:29] = struct.pack(">II", seconds & 0xffffffff, 0)
        sock = pair.alice.socket()
        sock.sendto(message, (pair.bob.v4, mikeypair.PORT))
        event = daemon.wait("refused")
        ktap.equal((event["exit"], event["reason"]), (EXIT_POLICY, "null-mac"), "bob's reason")
        nothing_left(pair)


@ktap.test("a suite that the peer does not accept: a verified Invalid SP parameter")
def _():
    with Pair(bob={"suites": "AES_CM_128_HMAC_SHA1_32"}) as pair:
        daemon = pair.bob.listen()
        error = refused(pair, EXIT_PEER, "peer-refuses-policy")
        ktap.equal(error["peer_errors"], [ERR_INVALID_SPPAR], "errors")
        event = daemon.wait("refused")
        ktap.equal((event["exit"], event["reason"], event["authenticated"]),
                   (EXIT_POLICY, "suite-refused", True), "bob's reason")


@ktap.test("a suite that the kernel does not have: exit 6 before anything is sent")
def _():
    if os.environ.get("KERNEL") == "debug":
        raise ktap.Skip("the debug kernel has all suites")
    with Pair(alice={"suites": "ARIA_128_CTR_HMAC_SHA1_80"}) as pair:
        daemon = pair.bob.listen()
        refused(pair, EXIT_UNSUPPORTED, "kernel-unsupported")
        ktap.equal(daemon.pending(), [], "events at bob")


@ktap.test("a suite that bob's configuration allows and his kernel has not: Error 10 with proof")
def _():
    if os.environ.get("KERNEL") == "debug":
        raise ktap.Skip("the debug kernel has all suites")
    aria = "ARIA_128_CTR_HMAC_SHA1_80"
    # In this mode alice's kernel is not asked before the answer.
    with Pair(alice={"modes": "dhhmac", "suites": aria},
              bob={"modes": "dhhmac", "suites": aria + ", AES_CM_128_HMAC_SHA1_32"}) as pair:
        daemon = pair.bob.listen()
        error = refused(pair, EXIT_PEER, "peer-refuses-policy")
        ktap.equal((error["peer_errors"], error["peer_errors_verified"]),
                   ([ERR_INVALID_SPPAR], True), "errors and proof")
        ktap.check("it takes AES_CM_128_HMAC_SHA1_32" in error["message"],
                   "alice is told what bob would take")
        event = daemon.wait("refused")
        ktap.equal((event["exit"], event["reason"], event["authenticated"], event["answered"]),
                   (EXIT_UNSUPPORTED, "kernel-unsupported", True, True), "bob's reason")
        nothing_left(pair)


@ktap.test("nobody answers: exit 9 after messages of the same octets, ever farther apart")
def _():
    with Pair() as pair:
        times = []

        def swallow(n, data):
            times.append(time.monotonic())
        with Proxy(pair, on_request=swallow) as proxy:
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            status, error = pair.alice.call("bob", "--timeout", "11")
        ktap.equal((status, error["reason"]), (EXIT_NO_ANSWER, "no-answer"), "result")
        # At once and after 1, 3 and 7 seconds; the next one were after 15.
        ktap.equal(len(proxy.requests), 4, "messages in 11 seconds")
        ktap.equal(len(set(proxy.requests)), 1, "different messages")
        gaps = [b - a for a, b in zip(times, times[1:])]
        ktap.check(0.8 < gaps[0] < gaps[1] < gaps[2], "gaps %s grow" % gaps)
        nothing_left(pair)


@ktap.test("who may only be called is refused as a caller, and the other way round")
def _():
    with Pair(bob={"direction": "out"}) as pair:
        daemon = pair.bob.listen()
        refused(pair, EXIT_PEER, "peer-error-unverified")
        ktap.equal(daemon.wait("refused")["reason"], "direction-refused", "bob's reason")
        pair.alice.configure(pair.psk, pair.bob, address=pair.bob.v4, direction="in")
        refused(pair, EXIT_POLICY, "direction-refused")


@ktap.test("mistakes of the caller have reasons of their own")
def _():
    with Pair() as pair:
        status, error = pair.alice.call("carol")
        ktap.equal((status, error["reason"]), (EXIT_USAGE, "unknown-peer-name"), "no such peer")
        os.chmod(pair.alice.path("psk"), 0o640)
        refused(pair, EXIT_USAGE, "bad-psk-file")
        os.unlink(pair.alice.conf)
        refused(pair, EXIT_USAGE, "no-config")


@ktap.test("an interrupted call leaves nothing in the kernel")
def _():
    with Pair() as pair:
        with Proxy(pair, on_request=lambda n, data: None) as proxy:
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            process = pair.alice.start("call", "bob", "--config", pair.alice.conf)
            ns.wait_for(lambda: proxy.requests, "a message")
            ktap.equal(len(pair.alice.sessions()), 1, "sessions during the call")
            process.send_signal(signal.SIGINT)
            ktap.equal(process.wait(30), EXIT_SYSTEM, "exit status")
        nothing_left(pair)


@ktap.test("a call that was killed leaves a session that the kernel removes by itself")
def _():
    with Pair() as pair:
        with Proxy(pair, on_request=lambda n, data: None) as proxy:
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            process = pair.alice.start("call", "bob", "--timeout", "1", "--config",
                                       pair.alice.conf)
            ns.wait_for(lambda: proxy.requests, "a message")
            process.kill()
            process.wait(30)
            ktap.equal(len(pair.alice.sessions()), 1, "sessions after the kill")
            ns.wait_for(lambda: not pair.alice.sessions(), "the session is gone")


@ktap.test("a client that goes away takes its call with it")
def _():
    with Pair() as pair:
        with Proxy(pair, on_request=lambda n, data: None) as proxy:
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            pair.alice.listen()
            process = pair.alice.start("call", "bob", "--config", pair.alice.conf)
            ns.wait_for(lambda: proxy.requests, "a message")
            process.kill()
            process.wait(30)
            ns.wait_for(lambda: not pair.alice.sessions(), "the session is gone")


def call_as(pair, uid):
    """Asks the daemon, as a user without any rights."""
    helper = shutil.copy(mikeypair.HELPER, pair.dir)

    def asks():
        mikeypair.HELPER = helper
        pair.alice.enter()
        ns.become(uid)
        pair.alice.netns = None
        return pair.alice.run("call", "bob", "--config", "/nowhere", "--control",
                              pair.alice.path("control"))
    return ns.child(asks)


@ktap.test("the daemon calls for a peer's owner, whose session it is, and for no other user")
def _():
    with Pair(alice={"owner": USER}) as pair:
        pair.bob.listen()
        pair.alice.listen()
        status, out = call_as(pair, STRANGER)
        ktap.equal((status, out[0]["error"]["reason"]), (EXIT_SYSTEM, "not-permitted"), "stranger")
        nothing_left(pair)
        status, out = call_as(pair, USER)
        ktap.equal((status, out[0].get("owner")), (0, USER), "owner")


@ktap.test("a user without rights cannot call by himself")
def _():
    with Pair() as pair:
        status, out = call_as(pair, USER)
        ktap.equal((status, out[0]["error"]["reason"]), (EXIT_USAGE, "no-config"), "result")


@ktap.test("a client in another network namespace than its daemon is told so")
def _():
    with Pair() as pair:
        pair.alice.listen()
        pair.alice.netns = None
        status, error = pair.alice.call("bob")
        ktap.equal((status, error["reason"]), (EXIT_SYSTEM, "other-netns"), "result")


ktap.main()
