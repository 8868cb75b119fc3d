#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""only_srtp.py CAPTURE ADDRESS SECRET...: says how many RTP packets went to the address.

Fails if 16 octets of a secret file, from wherever in it, are anywhere in the capture, or
RTSP in clear.
"""

import sys

import cable

RUN = 16


def runs(octets):
    """All that is in it, but for what is everywhere."""
    found = {octets[i:i + RUN] for i in range(len(octets) - RUN + 1)}
    return {run for run in found if len(set(run)) > 4}


def read(path):
    with open(path, "rb") as f:
        return f.read()


def is_rtp(packet):
    return packet[:1] and packet[0] >> 6 == 2 and not cable.is_rtcp(packet)


def main(capture, address, *secrets):
    octets = read(capture)
    if b"RTSP/1.0" in octets:
        sys.exit("only_srtp.py: there is RTSP in clear on the cable")
    there = runs(octets)
    for path in secrets:
        if not there.isdisjoint(runs(read(path))):
            sys.exit("only_srtp.py: %s is in clear on the cable" % path)
    count = sum(d.to == address and is_rtp(d.payload) for d in cable.datagrams(capture))
    if not count:
        sys.exit("only_srtp.py: there are no media on the cable")
    print(count)


if __name__ == "__main__":
    main(*sys.argv[1:])
