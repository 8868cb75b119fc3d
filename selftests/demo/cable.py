# SPDX-License-Identifier: GPL-2.0
"""What was on the cable, and what GStreamer read from its sockets."""

import collections
import re
import socket
import struct

ETHERNET, IPV4, UDP = 14, 20, 8
PAYLOAD = ETHERNET + IPV4 + UDP
RTP_HEADER, RTCP_HEADER = 12, 8
# the packet that is looked at, of those to one port
SAMPLE = 100

Datagram = collections.namedtuple("Datagram", "frame source to port payload")


def datagrams(path):
    """The UDP datagrams of a capture, oldest first."""
    with open(path, "rb") as f:
        data = f.read()
    at = 24
    while at + 16 <= len(data):
        length, = struct.unpack_from("=I", data, at + 8)
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        # IPv4 without options, UDP
        if len(frame) == length and frame[12:15] == b"\x08\x00\x45" and frame[23] == 17:
            yield Datagram(frame, socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34]),
                           int.from_bytes(frame[36:38], "big"), frame[PAYLOAD:])


def read_by(path):
    """The packets that "identity dump=true" told, one line for 16 octets.

    Lines of two packets may alternate, but each has its address in memory.
    """
    packets, growing = [], {}
    with open(path, encoding="ascii", errors="replace") as f:
        for line in f:
            head = re.match(r"([0-9a-f]{8}) \(0x([0-9a-f]+)\): ", line)
            if not head:
                continue
            offset = int(head[1], 16)
            start = int(head[2], 16) - offset
            if offset == 0:
                growing[start] = bytearray()
                packets.append(growing[start])
            growing[start] += bytes.fromhex(line[head.end():head.end() + 48])
    return [bytes(packet) for packet in packets]


def is_rtcp(packet):
    """RFC 5761 section 4"""
    return 192 <= packet[1] <= 223


def sequence(packet):
    return int.from_bytes(packet[2:4], "big")
