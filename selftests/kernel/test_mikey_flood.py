#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1200
"""Strangers at the daemon's port: it sends fewer octets than it gets, and goes on working."""

import random
import threading
import time

import ktap
import mikeypair
import ns
from mikeypair import Pair
from mikeyproxy import forged, request

LINES_BURST, LINES_PER_SECOND = 50, 10      # of the log
ERRORS_BURST, ERRORS_PER_SECOND = 5, 1      # to one source
ALL_BURST = 200                             # to all, when there was peace before
QUEUE_MAX = 65536                           # octets, of the 200 kB that a socket takes
BOB = ("127.0.0.1", mikeypair.PORT)


def queued():
    """Octets that wait for the daemon."""
    with open("/proc/self/net/udp", encoding="ascii") as f:
        rows = [line.split() for line in f.readlines()[1:]]
    port = ":%04X" % mikeypair.PORT
    return sum(int(row[4].split(":")[1], 16) for row in rows if row[1].endswith(port))


class Source:
    """A stranger with an address of his own in 127.0.0.0/8, and what he sent."""

    def __init__(self, pair, number):
        self.sock = pair.bob.socket("127.1.%d.%d" % (number >> 8, number & 255))
        self.sock.setblocking(False)
        self.sent = []

    def send(self, data):
        self.sock.sendto(data, BOB)
        self.sent.append(len(data))

    def received(self):
        lengths = []
        try:
            while True:
                lengths.append(len(self.sock.recv(65536)))
        except BlockingIOError:
            return lengths


def settle(pair, daemon):
    """After this the daemon has dealt with all that was sent before."""
    ns.wait_for(lambda: not queued(), "the daemon reads")
    ktap.equal(pair.alice.call("bob")[0], 0, "exit status of a call")
    daemon.wait("session")


def strange(message):
    """What is no request: noise, truncations, other types, one bit wrong, octets too many."""
    rng = random.Random(1)
    yield from (rng.randbytes(n) for n in (0, 1, 9, 10, 19, 20, 23, 24, 25, 100, 1400))
    yield from (message[:n] for n in range(len(message)))
    yield from (message[:1] + bytes([kind]) + message[2:] for kind in range(256))
    yield from (message[:n] + bytes([message[n] ^ 1 << rng.randrange(8)]) + message[n + 1:]
                for n in range(len(message)))
    yield from (message + rng.randbytes(n) for n in (1, 2, 3, 4, 10))


def answers_to(pair, messages):
    """What a daemon with all its tokens answers to strangers, each with one message."""
    daemon = pair.bob.listen()
    sources = []
    for number, data in enumerate(messages):
        sources.append(Source(pair, number))
        sources[-1].send(data)
        if number % 64 == 63:
            ns.wait_for(lambda: not queued(), "the daemon reads")
    settle(pair, daemon)
    ktap.equal(daemon.end(), 0, "exit status of the daemon")
    return [(source.sent[0], source.received()) for source in sources]


@ktap.test("every answer to a stranger is at most as long as what he sent, whatever that was")
def _():
    with Pair() as pair:
        messages, answered = list(strange(request(pair))), 0
        for at in range(0, len(messages), ALL_BURST):
            for sent, got in answers_to(pair, messages[at:at + ALL_BURST]):
                answered += len(got)
                ktap.check(sum(got) <= sent, "%s octets for %d" % (got, sent))
        ktap.note("%d of %d answered" % (answered, len(messages)))
        ktap.check(answered > 100, "only %d answers" % answered)


def flood(pair, sources, per_source, data):
    """Octets sent, octets received, datagrams received, seconds."""
    begin = time.monotonic()
    for _ in range(per_source):
        for n, source in enumerate(sources):
            source.send(data)
            if n % 64 == 63:
                ns.wait_for(lambda: not queued(), "the daemon reads")
    settle(pair, pair.bob.daemon)
    seconds = time.monotonic() - begin
    got = [length for source in sources for length in source.received()]
    sent = sum(sum(source.sent) for source in sources)
    ktap.note("%d octets in, %d out, factor %.4f, %d answers in %.1f s" %
              (sent, sum(got), sum(got) / sent, len(got), seconds))
    return sent, sum(got), len(got), seconds


def memory(daemon):
    with open("/proc/%d/status" % daemon.process.pid, encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


@ktap.test("a flood by one source: at most 5 answers and one in each second, factor below 1")
def _():
    with Pair() as pair:
        pair.bob.listen()
        sent, got, answers, seconds = flood(pair, [Source(pair, 1)], 1000, forged(request(pair)))
        ktap.check(got < sent, "%d octets for %d" % (got, sent))
        limit = ERRORS_BURST + ERRORS_PER_SECOND * (seconds + 1)
        ktap.check(0 < answers <= limit, "%d answers, the limit is %d" % (answers, limit))


@ktap.test("a flood by 400 sources: factor below 1, memory and log stay bounded")
def _():
    with Pair() as pair:
        daemon = pair.bob.listen()
        sources = [Source(pair, n) for n in range(400)]
        settle(pair, daemon)
        before, message = memory(daemon), forged(request(pair))
        sent, got, _, seconds = flood(pair, sources, 2, message)
        ktap.check(0 < got < sent, "%d octets for %d" % (got, sent))
        lines = sum(event["event"] == "refused" for event in daemon.pending())
        limit = LINES_BURST + LINES_PER_SECOND * (seconds + 1)
        ktap.check(0 < lines <= limit, "%d lines, the limit is %d" % (lines, limit))
        ktap.check(memory(daemon) < before + 4096, "%d kB, before %d" % (memory(daemon), before))


@ktap.test("calls succeed during a flood that does not fill the line")
def _():
    with Pair() as pair:
        daemon, stop = pair.bob.listen(), threading.Event()
        source, message = Source(pair, 7), forged(request(pair))

        def sends():
            while not stop.is_set():
                if queued() < QUEUE_MAX:
                    source.send(message)
        thread = threading.Thread(target=sends)
        thread.start()
        try:
            for _ in range(3):
                status, _ = pair.alice.call("bob", "--timeout", "30")
                ktap.equal(status, 0, "exit status of a call")
        finally:
            stop.set()
            thread.join()
        daemon.wait("session")
        ktap.equal(len(pair.bob.sessions()), 3, "bob's sessions")


ktap.main()
