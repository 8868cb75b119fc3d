# SPDX-License-Identifier: GPL-2.0
"""Traffic that goes on while a test does something else: every packet has to arrive."""

import select
import threading

import ktap
import ns
from mikeypair import attach, rtp

SSRCS = (0x11111111, 0x22222222)


class Stream:
    """RTP both ways between attached sockets, one packet after the other."""

    def __init__(self, pair, alice_session, bob_session, seq=0):
        self.a, self.b = pair.alice.socket(), pair.bob.socket()
        attach(self.a, alice_session)
        attach(self.b, bob_session)
        self.seq, self.end = seq, threading.Event()
        self.failure = None

    def step(self):
        self.seq += 1
        for source, sink, ssrc in ((self.a, self.b, SSRCS[0]), (self.b, self.a, SSRCS[1])):
            packet = rtp(ssrc, self.seq % 65536, b"speech %d" % self.seq)
            source.sendto(packet, sink.getsockname())
            ready = select.select([sink], [], [], 30)[0]
            ktap.check(ready, "packet %d of SSRC %#x arrives" % (self.seq, ssrc))
            ktap.equal(sink.recv(2048), packet, "packet %d of SSRC %#x" % (self.seq, ssrc))

    def _run(self):
        try:
            while not self.end.wait(0.005):
                self.step()
        except AssertionError as error:
            self.failure = error

    def __enter__(self):
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *why):
        self.end.set()
        self.thread.join(60)
        if self.failure:
            raise self.failure
        self.a.close()
        self.b.close()

    def pass_more(self, count=20):
        """Waits until so many more packets have passed both ways."""
        goal = self.seq + count
        ns.wait_for(lambda: self.failure or self.seq >= goal, "%d packets more" % count)
