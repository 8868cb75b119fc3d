#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1200
"""Every mode of MIKEY on a link that loses 5 % of what is sent: the call comes about, audio
passes, and keys are renewed while it does.

Nothing is lost but what the link lost: that is counted by the link itself.
"""

import contextlib
import json
import select
import subprocess

import ktap
import ns
from mikeypair import Pair, attach, rtp
from mikeypki import certify
from sdpcall import AUDIO, Call, good, sdp, sessions

SSRCS = (0x11111111, 0x22222222)
PACKETS = 400

# Options of both hosts
METHODS = {
    "psk": {"modes": "psk"},
    "dhhmac": {"modes": "dhhmac"},
    "pk": {"modes": "pk"},
    "pk, envelope key kept": {"modes": "pk", "cache-envelope": "bundle"},
    "dh": {"modes": "dh"},
    "rsar": {"modes": "rsar"},
}


def tc(netns, *args):
    return subprocess.run(("tc",) + (("-n", netns) if netns else ()) + args, check=True,
                          capture_output=True, text=True).stdout


class Link:
    """Both directions of the veth lose packets."""

    def __init__(self, pair):
        self.ends = ((pair.link, "va"), (None, "vb"))
        for netns, dev in self.ends:
            tc(netns, "qdisc", "add", "dev", dev, "root", "netem", "loss", "5%")

    def lost(self):
        """How many packets either end has dropped: those from alice, those from bob."""
        return [json.loads(tc(netns, "-s", "-j", "qdisc", "show", "dev", dev))[0]["drops"]
                for netns, dev in self.ends]


class Audio:
    """RTP both ways through attached sockets; what arrives is what was sent."""

    def __init__(self, pair, alice_session, bob_session):
        self.ways = []
        self.seq = 0
        a, b = pair.alice.socket(), pair.bob.socket()
        attach(a, alice_session)
        attach(b, bob_session)
        for source, sink, ssrc in ((a, b, SSRCS[0]), (b, a, SSRCS[1])):
            self.ways.append((source, sink, ssrc, set()))

    def hear(self, seconds=0.0):
        sinks = {way[1]: way for way in self.ways}
        for sink in select.select(list(sinks), [], [], seconds)[0]:
            packet = sink.recv(2048)
            ssrc, heard = sinks[sink][2:]
            seq = int.from_bytes(packet[2:4], "big")
            ktap.equal(packet, self.packet(ssrc, seq), "packet %d of SSRC %#x" % (seq, ssrc))
            ktap.check(seq not in heard, "packet %d of SSRC %#x comes once" % (seq, ssrc))
            heard.add(seq)
        return all(self.seq == len(way[3]) for way in self.ways)

    @staticmethod
    def packet(ssrc, seq):
        return rtp(ssrc, seq, b"speech %d" % seq)

    def step(self):
        self.seq += 1
        for source, sink, ssrc, _ in self.ways:
            source.sendto(self.packet(ssrc, self.seq), sink.getsockname())
        self.hear(0.005)

    def arrived(self, lost):
        """All that the link did not lose has come."""
        self.hear(0.05)
        return all(len(way[3]) >= self.seq - n for way, n in zip(self.ways, lost))

    def close(self):
        for way in self.ways:
            way[0].close()


@contextlib.contextmanager
def daemons_with_loss(options):
    """Two daemons over the bad link."""
    with Pair(**({} if certified(options) else {"alice": options, "bob": options})) as pair:
        if certified(options):
            certify(pair, options)
        link = Link(pair)
        pair.bob.listen()
        pair.alice.listen()
        yield pair, link


@contextlib.contextmanager
def call_with_loss(options):
    """A call between daemons over the bad link: alice's session, and what carries audio."""
    with daemons_with_loss(options) as (pair, link):
        status, session = pair.alice.call("bob")
        ktap.equal((status, session.get("verified")), (0, True), "exit status and verified")
        audio = Audio(pair, session["session"], pair.bob.daemon.wait("session")["session"])
        yield pair, link, session["session"], audio
        audio.close()


def certified(options):
    return options["modes"] in ("pk", "dh", "rsar")


def renewal(pair, session, audio):
    process = pair.alice.start("rekey", str(session), "--config", pair.alice.conf)
    while process.poll() is None:
        audio.step()
    ktap.equal(process.returncode, 0, "exit status of rekey")
    process.communicate()
    pair.bob.daemon.wait("switched")


def without_other_loss(link, audio, renew):
    """Audio before and after the renewal; what does not arrive, the link has lost."""
    before = link.lost()
    while audio.seq < PACKETS // 2:
        audio.step()
    renew()
    while audio.seq < PACKETS:
        audio.step()

    def lost():
        return [after - n for after, n in zip(link.lost(), before)]
    ns.wait_for(lambda: audio.arrived(lost()), "all that the link did not lose")
    ktap.check(min(lost()) > 0, "the link lost packets: %s" % lost())


for name, method in METHODS.items():
    @ktap.test("%s: 5 %% loss: a call, new keys under way, and audio that loses nothing else"
               % name, method)
    def _(options):
        with call_with_loss(options) as (pair, link, session, audio):
            without_other_loss(link, audio, lambda: renewal(pair, session, audio))


for name in ("psk", "dhhmac", "pk", "dh", "rsar"):
    @ktap.test("%s by SDP, 5 %% loss: new keys by a second offer, and audio that loses nothing else"
               % name, name)
    def _(mode):
        with daemons_with_loss(METHODS[mode]) as (pair, link):
            call, named = Call(pair), ("--call", "x")

            def round_of(step):
                offer = good(call.offer(sdp((AUDIO, 4000)), *named), "offer")
                step()
                answer = good(call.answer(offer["sdp"], sdp((AUDIO, 5000)), *named), "answer")
                step()
                accept = good(call.accept(answer["sdp"], *named), "accept")
                return sessions(accept)[1], sessions(answer)[1]
            first = round_of(lambda: None)
            audio = Audio(pair, *first)

            def renew():
                ktap.equal(round_of(lambda: [audio.step() for _ in range(20)]), first, "sessions")
                while not pair.bob.daemon.take("switched", {"session": first[1]}):
                    audio.step()
            without_other_loss(link, audio, renew)
            audio.close()


ktap.main()
