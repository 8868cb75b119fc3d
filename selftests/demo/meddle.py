#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""meddle.py forge|replay CAPTURE DEVICE ADDRESS PORT: a captured packet once more.

As it was, or with one bit of its payload flipped. The flipped one also gets a
sequence number that is yet to come: with its own it would be taken for a replay.
"""

import socket
import sys

import cable

AHEAD = 1000


def forge(frame):
    rtp = memoryview(frame)[cable.PAYLOAD:]
    rtp[2:4] = ((cable.sequence(rtp) + AHEAD) & 0xffff).to_bytes(2, "big")
    rtp[cable.RTP_HEADER] ^= 1


def main(how, capture, device, address, port):
    packets = [d for d in cable.datagrams(capture) if (d.to, d.port) == (address, int(port))]
    frame = bytearray(packets[cable.SAMPLE].frame)
    # A veth does without the UDP checksum, and with 0 IPv4 does so, too.
    frame[cable.PAYLOAD - 2:cable.PAYLOAD] = b"\0\0"
    if how == "forge":
        forge(frame)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind((device, 0))
        s.send(frame)


main(*sys.argv[1:])
