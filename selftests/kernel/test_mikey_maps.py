#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 900
"""What a message may look like besides: kinds of CS ID map, and kinds of timestamp."""

import ktap
import mikeypair
from mikeypair import Pair, talk
from mikeypki import certify
from mikeyproxy import Proxy
from sdpcall import AUDIO, Call, daemons, messages, sdp, sessions

EXIT_POLICY, EXIT_PEER = 4, 8
NTP, COUNTER = 1, 2
EMPTY, GENERIC_ID = 1, 2


def works(name, alice, bob=None, look=None):
    @ktap.test("%s: a call, RTP both ways, and new keys" % name)
    def _():
        with Pair(bob=alice if bob is None else bob) as pair, Proxy(pair) as proxy:
            pair.alice.configure(pair.psk, pair.bob, **{"address": proxy.address(), **alice})
            answering = pair.bob.listen()
            pair.alice.listen()
            status, session = pair.alice.call("bob")
            ktap.equal(status, 0, "exit status")
            talk(pair, session["session"], answering.wait("session")["session"])
            look(proxy.requests[0])
            status, _ = pair.alice.run("rekey", str(session["session"]), "--config",
                                       pair.alice.conf)
            ktap.equal(status, 0, "exit status of rekey")
            answering.wait("updated")


def works_certified(name, options):
    @ktap.test("%s: a call, and RTP both ways" % name)
    def _():
        with Pair() as pair:
            certify(pair, options)
            answering = pair.bob.listen()
            status, session = pair.alice.call("bob")
            ktap.equal(status, 0, "exit status")
            talk(pair, session["session"], answering.wait("session")["session"])


def has_map(kind):
    return lambda message: ktap.equal(message[9], kind, "kind of map")


def has_time(kind):
    """T is the first payload behind the map of two SRTP-ID entries."""
    return lambda message: ktap.equal(message[10 + 2 * 9 + 1], kind, "kind of timestamp")


for mode in ("psk", "dhhmac"):
    works("%s, GENERIC-ID map" % mode, {"modes": mode, "map": "generic"}, {"modes": mode},
          look=has_map(GENERIC_ID))
    works("%s, empty map (RFC 4563)" % mode, {"modes": mode, "map": "empty"},
          look=has_map(EMPTY))
    works("%s, COUNTER" % mode, {"modes": mode, "timestamp": "counter"}, look=has_time(COUNTER))
works("psk, NTP", {"timestamp": "ntp"}, {}, look=has_time(NTP))
works("psk, GENERIC-ID map with SSRCs", {"map": "generic", "local-ssrc": 0x11111111,
                                         "remote-ssrc": 0x22222222}, {}, look=has_map(GENERIC_ID))
for mode in ("pk", "dh"):
    works_certified("%s, empty map and COUNTER" % mode, {"modes": mode, "map": "empty",
                                                         "timestamp": "counter"})
    works_certified("%s, GENERIC-ID map" % mode, {"modes": mode, "map": "generic"})
works_certified("rsar, COUNTER", {"modes": "rsar", "timestamp": "counter"})


def refused(name, alice, bob, reason):
    @ktap.test(name)
    def _():
        with Pair(alice=alice, bob=bob) as pair:
            daemon = pair.bob.listen()
            status, _ = pair.alice.call("bob", "--timeout", "2")
            ktap.equal(status, EXIT_PEER, "exit status")
            ktap.equal(daemon.wait("refused")["reason"], reason, "bob's reason")
            ktap.equal(pair.alice.sessions() + pair.bob.sessions(), [], "sessions")


refused("an empty map is refused where the configuration does not say what it means",
        {"map": "empty"}, {}, "no-crypto-session")
refused("a COUNTER is refused where nobody has counters", {"timestamp": "counter"}, {},
        "unsupported-timestamp")


@ktap.test("a COUNTER is refused of a peer that has none, though another one has")
def _():
    with Pair(alice={"timestamp": "counter"}) as pair:
        with open(pair.bob.conf, "a", encoding="ascii") as f:
            f.write("[peer carol]\nidentity = nai:carol@example.org\npsk-file = %s\n"
                    "timestamp = counter\n" % pair.bob.path("psk"))
        daemon = pair.bob.listen()
        status, error = pair.alice.call("bob", "--timeout", "2")
        ktap.equal((status, error["reason"]), (EXIT_PEER, "peer-error"), "exit status, reason")
        ktap.equal(daemon.wait("refused")["reason"], "unsupported-timestamp", "bob's reason")


@ktap.test("counters go on after a restart, and an old one is refused after that of bob")
def _():
    options = {"timestamp": "counter"}
    with Pair(alice=options, bob=options) as pair, Proxy(pair) as proxy:
        pair.alice.configure(pair.psk, pair.bob, address=proxy.address(), **options)
        daemon = pair.bob.listen()
        for _ in range(2):
            ktap.equal(pair.alice.call("bob")[0], 0, "exit status")
            daemon.wait("session")
        with open(pair.alice.path("state/counter"), encoding="ascii") as f:
            ktap.equal(int(f.read(), 16), 2, "the counter of alice")
        daemon.end()
        daemon = pair.bob.listen()
        pair.alice.socket().sendto(proxy.requests[0], (pair.bob.v4, mikeypair.PORT))
        ktap.equal(daemon.wait("refused")["reason"], "replayed", "bob's reason")


for kind, number in (("generic", GENERIC_ID), ("empty", EMPTY)):
    @ktap.test("SDP: one medium with the %s map" % kind)
    def _(kind=kind, number=number):
        options = {"map": kind}
        pair = daemons(alice=options, bob=options)
        try:
            offer, answer, accepted = Call(pair).make(sdp((AUDIO, 5004)), sdp((AUDIO, 6004)))
            ktap.equal(messages(offer["sdp"])[0][9], number, "kind of map")
            talk(pair, sessions(accepted)[1], sessions(answer)[1])
        finally:
            pair.__exit__()


@ktap.test("SDP: the empty map is not for two media")
def _():
    pair = daemons(alice={"map": "empty"})
    try:
        status, error = Call(pair).offer(sdp((AUDIO, 5004), (AUDIO, 5006)))
        ktap.equal((status, error["reason"]), (EXIT_POLICY, "media-mismatch"), "status, reason")
    finally:
        pair.__exit__()


ktap.main()
