#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""RTP and RTCP packets, and SRTP of its own for the tests to compare with.

This shares no code with the module: HMAC comes from Python, AES from
python3-cryptography, the rest is written from RFC 3711.  Only the suite
AES_CM_128_HMAC_SHA1_80 without MKI and with a key derivation rate of 0.
"""

import hashlib
import hmac
import struct

from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TAG = 10                # octets of both authentication tags
RTP_TRAILER = TAG
RTCP_TRAILER = 4 + TAG
E_BIT = 1 << 31         # SRTCP: the packet is encrypted (RFC 3711 3.4)

# Labels of RFC 3711 4.3.1 and 4.3.2.
RTP_CIPHER, RTP_AUTH, RTP_SALT, RTCP_CIPHER, RTCP_AUTH, RTCP_SALT = range(6)


class Refused(Exception):
    """The packet is malformed or its tag is wrong."""


# Packets

def rtp(ssrc, seq, ts=0, payload=b"", pt=0, marker=0, csrcs=(), ext=None, padding=0):
    """A packet of RFC 3550 5.1; ext is (profile, octets in whole words)."""
    first = 0x80 | (0x20 if padding else 0) | (0x10 if ext else 0) | len(csrcs)
    out = struct.pack("!BBHII", first, marker << 7 | pt, seq & 0xffff, ts & 0xffffffff, ssrc)
    out += b"".join(struct.pack("!I", c) for c in csrcs)
    if ext:
        profile, data = ext
        out += struct.pack("!HH", profile, len(data) // 4) + data
    out += payload
    if padding:
        out += bytes(padding - 1) + bytes([padding])
    return out


def rtcp(ssrc, pt=200, body=b"", count=0):
    """One RTCP packet (RFC 3550 6.4); body in whole words follows the SSRC."""
    assert len(body) % 4 == 0
    return struct.pack("!BBHI", 0x80 | count, pt, 1 + len(body) // 4, ssrc) + body


def sender_report(ssrc, body=bytes(20)):
    return rtcp(ssrc, 200, body)


def receiver_report(ssrc, blocks=b""):
    return rtcp(ssrc, 201, blocks, len(blocks) // 24)


def sdes(ssrc, cname=b"a@example.org"):
    item = bytes([1, len(cname)]) + cname + b"\0"
    return rtcp(ssrc, 202, item + bytes(-len(item) % 4), 1)


def bye(ssrc):
    return rtcp(ssrc, 203, b"", 1)


def compound(ssrc):
    return sender_report(ssrc) + sdes(ssrc)


def ssrc_of(packet):
    at = 4 if 192 <= packet[1] <= 223 else 8
    return struct.unpack_from("!I", packet, at)[0]


def header_len(packet):
    """Octets of the RTP header with CSRCs and extension: what stays clear."""
    if len(packet) < 12 or packet[0] >> 6 != 2:
        raise Refused("no RTP header")
    n = 12 + 4 * (packet[0] & 15)
    if packet[0] & 0x10:
        if len(packet) < n + 4:
            raise Refused("no room for the extension")
        n += 4 + 4 * struct.unpack_from("!H", packet, n + 2)[0]
    if len(packet) < n:
        raise Refused("header longer than the packet")
    return n


# Cryptography

def aes_cm(key, iv, length):
    """The keystream of RFC 3711 4.1.1 from a 128-bit first counter block."""
    enc = Cipher(algorithms.AES(key), modes.CTR(iv.to_bytes(16, "big")), default_backend()).encryptor()
    return enc.update(bytes(length)) + enc.finalize()


def xor(data, stream):
    both = int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")
    return both.to_bytes(len(data), "big")


def derive(master_key, master_salt, label, length, r=0):
    """RFC 3711 4.3.1 and 4.3.3: the label is octet 7 of the 14, r the last 6."""
    key_id = label << 48 | r
    x = int.from_bytes(master_salt, "big") ^ key_id
    return aes_cm(master_key, x << 16, length)


class Srtp:
    """One master key; the caller keeps the indexes."""

    def __init__(self, master_key, master_salt):
        def d(label, n):
            return derive(master_key, master_salt, label, n)
        self.cipher, self.auth, self.salt = d(RTP_CIPHER, 16), d(RTP_AUTH, 20), d(RTP_SALT, 14)
        self.c_cipher, self.c_auth, self.c_salt = d(RTCP_CIPHER, 16), d(RTCP_AUTH, 20), d(RTCP_SALT, 14)

    @staticmethod
    def _iv(salt, ssrc, index):
        return int.from_bytes(salt, "big") << 16 ^ ssrc << 64 ^ index << 16

    @staticmethod
    def _tag(key, data):
        return hmac.new(key, data, hashlib.sha1).digest()[:TAG]

    def _crypt_rtp(self, packet, roc):
        n = header_len(packet)
        seq, ssrc = struct.unpack_from("!H", packet, 2)[0], struct.unpack_from("!I", packet, 8)[0]
        iv = self._iv(self.salt, ssrc, roc << 16 | seq)
        return packet[:n] + xor(packet[n:], aes_cm(self.cipher, iv, len(packet) - n))

    def _crypt_rtcp(self, packet, index):
        ssrc = struct.unpack_from("!I", packet, 4)[0]
        iv = self._iv(self.c_salt, ssrc, index)
        return packet[:8] + xor(packet[8:], aes_cm(self.c_cipher, iv, len(packet) - 8))

    def protect_rtp(self, packet, roc=0):
        out = self._crypt_rtp(packet, roc)
        return out + self._tag(self.auth, out + struct.pack("!I", roc))

    def unprotect_rtp(self, packet, roc=0):
        body, tag = packet[:-TAG], packet[-TAG:]
        if len(packet) < 12 + TAG:
            raise Refused("too short for SRTP")
        if not hmac.compare_digest(tag, self._tag(self.auth, body + struct.pack("!I", roc))):
            raise Refused("SRTP tag is wrong")
        return self._crypt_rtp(body, roc)

    def protect_rtcp(self, packet, index, encrypt=True):
        out = self._crypt_rtcp(packet, index) if encrypt else packet
        out += struct.pack("!I", index | (E_BIT if encrypt else 0))
        return out + self._tag(self.c_auth, out)

    def unprotect_rtcp(self, packet):
        """Returns the packet, its index, and whether it was encrypted."""
        if len(packet) < 8 + RTCP_TRAILER:
            raise Refused("too short for SRTCP")
        body, tag = packet[:-TAG], packet[-TAG:]
        if not hmac.compare_digest(tag, self._tag(self.c_auth, body)):
            raise Refused("SRTCP tag is wrong")
        word = struct.unpack("!I", body[-4:])[0]
        plain = body[:-4]
        if word & E_BIT:
            plain = self._crypt_rtcp(plain, word & ~E_BIT)
        return plain, word & ~E_BIT, bool(word & E_BIT)
