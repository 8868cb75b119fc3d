#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every mode of MIKEY between two hosts over UDP, and audio between attached sockets with
the keys that came of it. A mode is one line of the table.
"""

import math

import ktap
import mikeypair
from mikeypair import Pair, attach, rtp

EXIT_PEER = 8

# Name, and the options of both hosts
METHODS = {
    "psk": {"options": {"modes": "psk"}},
    "dhhmac": {"options": {"modes": "dhhmac"}},
    "dhhmac, numbers of RFC 4650 allowed": {"options": {"modes": "dhhmac", "compat": "rfc4650"}},
    "dhhmac, OAKLEY 2 allowed": {"options": {"modes": "dhhmac", "dh-group": "oakley2",
                                             "allow": "weak-dh"}},
}


def pair_of(options, bob=None):
    return Pair(alice=dict(options), bob=dict(options if bob is None else bob))


def tone(packets):
    """Packets of a tone: 20 ms of 8-bit samples each."""
    wave = bytes(128 + int(100 * math.sin(2 * math.pi * 440 * t / 8000)) for t in range(8000))
    return [(wave * (packets // 50 + 1))[160 * i:160 * (i + 1)] for i in range(packets)]


def audio(pair, alice_session, bob_session, packets=50):
    """A second of audio each way; every octet arrives as it was."""
    a, b = pair.alice.socket(), pair.bob.socket()
    attach(a, alice_session)
    attach(b, bob_session)
    for source, sink, ssrc in ((a, b, 0x11111111), (b, a, 0x22222222)):
        heard = b""
        for seq, payload in enumerate(tone(packets), 1):
            source.sendto(rtp(ssrc, seq, payload), sink.getsockname())
            heard += sink.recv(2048)[12:]
        ktap.equal(heard == b"".join(tone(packets)), True, "the audio is that of SSRC %#x" % ssrc)
    a.close()
    b.close()


def works(name, method):
    @ktap.test("%s: a call, and audio both ways" % name)
    def _():
        with pair_of(method["options"]) as pair:
            daemon = pair.bob.listen()
            status, session = pair.alice.call("bob")
            ktap.equal(status, 0, "exit status")
            ktap.equal(session["verified"], True, "verified")
            event = daemon.wait("session", peer="alice")
            ktap.equal(event["csb_id"], session["csb_id"], "CSB ID on both hosts")
            audio(pair, session["session"], event["session"])


for method_name, method_of_name in METHODS.items():
    works(method_name, method_of_name)


@ktap.test("dhhmac: a wrong key gets an Error that proves nothing, and no session")
def _():
    keys = ("00" * 16, "11" * 16)
    with Pair(alice={"modes": "dhhmac"}, bob={"modes": "dhhmac"}, psks=keys) as pair:
        daemon = pair.bob.listen()
        status, error = pair.alice.call("bob", "--timeout", "2")
        ktap.equal((status, error["reason"]), (EXIT_PEER, "peer-error-unverified"),
                   "exit status and reason")
        ktap.equal(daemon.wait("refused")["reason"], "auth-failed", "reason at the responder")
        ktap.equal(pair.alice.sessions() + pair.bob.sessions(), [], "sessions")


@ktap.test("a mode that no peer's section names is not supported, both ways")
def _():
    for alice, bob in (("dhhmac", "psk"), ("psk", "dhhmac")):
        with Pair(alice={"modes": alice}, bob={"modes": bob}) as pair:
            daemon = pair.bob.listen()
            status, _ = pair.alice.call("bob", "--timeout", "2")
            ktap.equal(status, EXIT_PEER, "exit status")
            ktap.equal(daemon.wait("refused")["reason"], "unsupported-mode", "reason")
            ktap.equal(pair.bob.sessions(), [], "sessions")


@ktap.test("dhhmac: a suite that is refused gets an Error with a MAC, which ends the call")
def _():
    with Pair(alice={"modes": "dhhmac", "suites": "AES_CM_128_HMAC_SHA1_32"},
              bob={"modes": "dhhmac"}) as pair:
        daemon = pair.bob.listen()
        status, error = pair.alice.call("bob")
        ktap.equal((status, error["reason"]), (EXIT_PEER, "peer-error"),
                   "exit status and reason")
        ktap.equal(daemon.wait("refused")["reason"], "suite-refused", "reason")


ktap.main()
