#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""look.py one|all CAPTURE SPOKEN READ ADDRESS PORT MEDDLED: compares both sides of SRTP.

SPOKEN is the file that was sent to ADDRESS and PORT, READ what the receiver's
GStreamer told of the packets that it read, CAPTURE what was on the cable, with
MEDDLED packets that are not the sender's. Looks at one packet, or judges all.
"""

import sys

import cable
from cable import RTP_HEADER, RTCP_HEADER

TAG, INDEX = 10, 4
FRAME = 160
RUN = 16


def hexed(octets):
    return " ".join(octets[i:i + 4].hex() for i in range(0, len(octets), 4))


def line(name, plain, wire):
    print(("  %-8s %-35s   %s" % (name, plain, wire)).rstrip())


def part(name, plain, wire):
    """The first 32 octets of both sides, side by side."""
    for at in range(0, min(len(wire), 2 * RUN), RUN):
        line("" if at else name, hexed(plain[at:at + RUN]), hexed(wire[at:at + RUN]))
    if len(wire) > 2 * RUN:
        line("", "... %d octets in all" % len(plain), "... %d octets in all" % len(wire))


def show(plain, wire):
    end = len(plain)
    line("", "read by GStreamer: %d octets" % end, "on the cable: %d octets" % len(wire))
    part("header", plain[:RTP_HEADER], wire[:RTP_HEADER])
    part("payload", plain[RTP_HEADER:], wire[RTP_HEADER:end])
    part("tag", b"", wire[end:])


def check(good, text):
    if not good:
        sys.exit("look.py: " + text)


def judge_rtp(packets, wires, speech):
    """Each packet: the same header, speech inside, 10 octets more outside."""
    first = {}
    for wire in wires:
        first.setdefault(cable.sequence(wire), wire)
    check(len(packets) == -(-len(speech) // FRAME), "%d packets were read" % len(packets))
    for n, plain in enumerate(packets):
        wire = first[cable.sequence(plain)]
        check(plain[RTP_HEADER:] == speech[FRAME * n:FRAME * (n + 1)], "other payload than sent")
        check(wire[:RTP_HEADER] == plain[:RTP_HEADER], "other header than on the cable")
        check(len(wire) == len(plain) + TAG, "%d octets, not %d" % (len(wire), len(plain) + TAG))


def judge_rtcp(packets, wires):
    """The same, with the index of SRTCP and its bit that says "encrypted"."""
    check(packets and len(packets) == len(wires), "%d RTCP packets of %d" %
          (len(packets), len(wires)))
    for plain, wire in zip(packets, wires):
        check(wire[:RTCP_HEADER] == plain[:RTCP_HEADER], "other RTCP header than on the cable")
        check(len(wire) == len(plain) + INDEX + TAG, "RTCP of %d octets" % len(wire))
        check(wire[len(plain)] & 0x80, "RTCP that is not encrypted")


def runs(octets):
    return {octets[i:i + RUN] for i in range(len(octets) - RUN + 1)}


def judge_capture(path, packets):
    """No 16 octets of any payload, from wherever in it, are anywhere in the file."""
    secret = set()
    for plain in packets:
        header = RTCP_HEADER if cable.is_rtcp(plain) else RTP_HEADER
        secret |= runs(plain[header:])
    with open(path, "rb") as f:
        capture = f.read()
    check(secret and runs(capture).isdisjoint(secret), "there is plaintext on the cable")


def main(what, capture, spoken, read, address, port, meddled):
    packets = cable.read_by(read)
    rtp = [p for p in packets if not cable.is_rtcp(p)]
    rtcp = [p for p in packets if cable.is_rtcp(p)]
    to = [d for d in cable.datagrams(capture) if d.to == address]
    wires = [d.payload for d in to if d.port == int(port)]
    if what == "one":
        show(rtp[cable.SAMPLE], wires[cable.SAMPLE])
        return
    with open(spoken, "rb") as f:
        judge_rtp(rtp, wires, f.read())
    check(len(wires) == len(rtp) + int(meddled), "%d RTP datagrams" % len(wires))
    judge_rtcp(rtcp, [d.payload for d in to if d.port == int(port) + 1])
    judge_capture(capture, packets)
    print(len(rtp), len(rtcp))


main(*sys.argv[1:])
