#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the files are the same on every kernel
# ktap-timeout: 1200
"""The power is cut at any step of what is written into the state directory."""

import ktap
import mikeypair
import ns
import powercut
from mikeypair import Pair
from mikeyproxy import request, t_payload


def stamp(pair):
    """The T of the next message of alice, whom nobody hears."""
    return t_payload(request(pair))[2:]


@ktap.test("the power is cut while alice takes a timestamp: the next one is later than all that she sent")
def _():
    with Pair() as pair:
        host, state, trace = pair.alice, pair.alice.path("state"), pair.alice.path("trace")
        before, files = stamp(pair), powercut.contents(pair.alice.path("state"))
        host.wrapper = powercut.strace(trace)
        sent = stamp(pair)
        host.wrapper = ()
        ktap.check(before < sent, "the timestamps grow")
        cuts = powercut.cuts(trace, state, files)
        ktap.note("%d states of the disk" % len(cuts))
        ktap.check(len(cuts) > 4 and cuts[-1][1], "there are steps to cut at, and a packet: %r" % cuts)
        # Nothing but the files tells what was sent.
        with mikeypair.clock(-7200):
            for left, was_sent in cuts:
                powercut.restore(state, left)
                ktap.check(stamp(pair) > (sent if was_sent else before),
                           "a timestamp is used again after %r" % left)


def answered(pair, message):
    sock = pair.alice.socket()
    sock.sendto(message, (pair.bob.v4, mikeypair.PORT))
    sock.recv(65536)
    sock.close()


@ktap.test("the power is cut while bob takes a message: he does not take it again if he has answered")
def _():
    with Pair() as pair:
        host, state, trace = pair.bob, pair.bob.path("state"), pair.bob.path("trace")
        host.listen().end()
        files = powercut.contents(state)
        message = request(pair)
        daemon = host.listen(wrapper=powercut.strace(trace))
        answered(pair, message)
        ktap.equal(daemon.end(), 0, "exit status of the daemon")
        cuts = powercut.cuts(trace, state, files)
        ktap.note("%d states of the disk" % len(cuts))
        ktap.check(len(cuts) > 4 and cuts[-1][1], "there are steps to cut at, and an answer: %r" % cuts)
        for left, was_answered in cuts:
            powercut.restore(state, left)
            daemon = host.listen()
            pair.alice.socket().sendto(message, (pair.bob.v4, mikeypair.PORT))
            if was_answered:
                daemon.wait("refused", exit=5)
            else:
                ns.wait_for(lambda: daemon.take("refused", {}) or daemon.take("session", {}),
                            "the message is taken or refused")
            ktap.equal(daemon.end(), 0, "exit status of the daemon")


ktap.main()
