#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the tests of keys share: a stream on one side, the other side by hand."""

import ktap
import ns
import rtp
import srtpnl
import world

SSRC = 0x1234


def with_mki(wire, mki):
    """An SRTP or SRTCP packet with an MKI before its tag (RFC 3711 3.1, 3.4)."""
    return wire[:-rtp.TAG] + mki + wire[-rtp.TAG:]


def without_mki(wire, mki):
    """The same the other way; the MKI must be this one."""
    end = len(wire) - rtp.TAG
    ktap.equal(wire[end - len(mki):end], mki, "MKI")
    return wire[:end - len(mki)] + wire[end:]


class Side:
    """A session with one stream and an attached socket, connected to a plain one."""

    def __init__(self, direction, ssrc=SSRC, mki_len=0, **more):
        self.nl, self.events = srtpnl.Netlink(), srtpnl.Events()
        self.session = self.nl.do("session-new")["id"]
        self.stream = world.stream(self.nl, self.session, direction, ssrc, mki_len=mki_len, **more)
        self.inside, self.outside = world.pair(self.nl, self.session, "mux")
        self.inside.setblocking(False)
        self.outside.settimeout(30)

    def key(self, name, active=0, **more):
        return world.new_key(self.nl, self.session, self.stream, world.key(name), active=active, **more)

    def activate(self, number, **more):
        self.nl.do("key-set", session=self.session, stream=self.stream, id=number, active=1, **more)

    def remove(self, number):
        self.nl.do("key-del", session=self.session, stream=self.stream, id=number)

    def keys(self):
        return {k["id"]: k for k in self.nl.dump("key-get", session=self.session)}

    def states(self):
        return [k["state"] for k in self.keys().values()]

    def get(self, stream=None):
        return self.nl.do("stream-get", session=self.session, id=stream or self.stream)

    def set(self, **more):
        self.nl.do("stream-set", session=self.session, id=self.stream, **more)

    def freeze(self):
        return self.nl.do("stream-freeze", session=self.session, id=self.stream)

    def count(self, name):
        return srtpnl.info(self.inside)["stats"][name]

    # Sending side

    def sends(self, seq, name, mki=b"", roc=0, ssrc=SSRC, payload=b"payload"):
        """Sends a packet; what leaves must be protected with this key, MKI and ROC."""
        plain = rtp.rtp(ssrc, seq, payload=payload)
        self.inside.send(plain)
        wire = self.outside.recv(2048)
        peer = rtp.Srtp(*world.key(name))
        ktap.equal(without_mki(wire, mki), peer.protect_rtp(plain, roc), "packet %d under %s" % (seq, name))
        return wire

    def reports(self, index, name, mki=b"", ssrc=SSRC):
        self.inside.send(rtp.compound(ssrc))
        peer = rtp.Srtp(*world.key(name))
        ktap.equal(without_mki(self.outside.recv(2048), mki), peer.protect_rtcp(rtp.compound(ssrc), index),
                   "report %d under %s" % (index, name))

    def cannot_send(self, seq, number, ssrc=SSRC, payload=b"payload"):
        with ktap.fails_plainly(number):
            self.inside.send(rtp.rtp(ssrc, seq, payload=payload))

    # Receiving side

    def wire(self, seq, name, mki=b"", roc=0, ssrc=SSRC):
        return with_mki(rtp.Srtp(*world.key(name)).protect_rtp(rtp.rtp(ssrc, seq, payload=b"payload"), roc), mki)

    def report(self, index, name, mki=b"", ssrc=SSRC):
        return with_mki(rtp.Srtp(*world.key(name)).protect_rtcp(rtp.compound(ssrc), index), mki)

    def arrives(self, wire, plain=None):
        """The packet must be delivered."""
        self.outside.send(wire)
        self.inside.settimeout(30)
        got = self.inside.recv(2048)
        self.inside.setblocking(False)
        if plain is not None:
            ktap.equal(got, plain, "what is delivered")
        return got

    def delivers(self, seq, name, mki=b"", roc=0, ssrc=SSRC):
        self.arrives(self.wire(seq, name, mki, roc, ssrc), rtp.rtp(ssrc, seq, payload=b"payload"))

    def drops(self, wire, counter):
        """The packet must be dropped and counted as this."""
        before = self.count(counter)
        self.outside.send(wire)
        ns.wait_for(lambda: self.count(counter) == before + 1, "it counts as " + counter)
        try:
            self.inside.recv(2048)
        except BlockingIOError:
            return
        raise AssertionError("the packet was delivered")

    def silent(self):
        """No event is waiting: the next one is that of a deletion made for the purpose."""
        marker = self.nl.do("session-new")
        self.nl.do("session-del", id=marker["id"])
        event = self.events.next()
        ktap.equal((event["type"], event["session-cookie"]), ("session-closed", marker["cookie"]), "the next event")
