#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 600
"""The SRTP that the tests compare with, and the module's keys, against the vectors of RFC 3711."""

import hashlib
import hmac
import os
import struct

import ktap
import rtp
import srtpnl
import world

VECTORS = os.path.join(srtpnl.TOP, "selftests/vectors")


def vectors(name):
    """The lines "name = hex" of a file."""
    with open(os.path.join(VECTORS, name), encoding="utf-8") as f:
        pairs = [line.split(" = ") for line in f if not line.startswith("#") and " = " in line]
    return {key: bytes.fromhex(value.strip()) for key, value in pairs}


@ktap.test("AES-CM of the tests gives the keystream of RFC 3711 B.2")
def _():
    v = vectors("rfc3711_b2_aes_cm_128.txt")
    blocks = {k[4:]: stream for k, stream in v.items() if k.startswith("ctr_")}
    ktap.equal(len(blocks), 6, "blocks")
    for counter, stream in blocks.items():
        ktap.equal(rtp.aes_cm(v["session_key"], int(counter, 16), 16), stream, counter)


@ktap.test("key derivation of the tests gives the keys of RFC 3711 B.3")
def _():
    v = vectors("rfc3711_b3_kdf_128.txt")
    for label, name in ((rtp.RTP_CIPHER, "cipher_key"), (rtp.RTP_SALT, "cipher_salt"), (rtp.RTP_AUTH, "auth_key")):
        ktap.equal(rtp.derive(v["master_key"], v["master_salt"], label, len(v[name])), v[name], name)


@ktap.test("what the tests protect they can open, and nothing else")
def _():
    s = rtp.Srtp(*world.key("a"))
    for size in (0, 1, 15, 16, 17, 1400):
        for packet in (rtp.rtp(1, 65535, payload=bytes(size), csrcs=(1, 2), ext=(0xbede, bytes(8))),
                       rtp.rtp(2, 0, payload=bytes(size), marker=1, padding=4)):
            wire = s.protect_rtp(packet, 7)
            ktap.equal(s.unprotect_rtp(wire, 7), packet, "packet")
            for bad in (wire[:-1], bytes([wire[0] ^ 1]) + wire[1:]):
                refused(s.unprotect_rtp, bad, 7)
            refused(s.unprotect_rtp, wire, 8)
    wire = s.protect_rtcp(rtp.compound(5), 3)
    ktap.equal(s.unprotect_rtcp(wire), (rtp.compound(5), 3, True), "report")
    refused(s.unprotect_rtcp, wire[:-1] + bytes([wire[-1] ^ 1]))


def refused(function, *args):
    try:
        function(*args)
    except rtp.Refused:
        return
    raise AssertionError("was not refused")


@ktap.test("the module protects with the keys of RFC 3711 B.3")
def _():
    v = vectors("rfc3711_b3_kdf_128.txt")
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    world.stream(nl, session, "tx", 0xcafebabe, (v["master_key"], v["master_salt"]))
    inside, outside = world.pair(nl, session)
    payload = bytes(range(256))
    inside.send(rtp.rtp(0xcafebabe, 0x1234, 0xdecafbad, payload, pt=15))
    wire = outside.recv(2048)
    ktap.equal(len(wire), 12 + 256 + 10, "octets")
    iv = int.from_bytes(v["cipher_salt"], "big") << 16 ^ 0xcafebabe << 64 ^ 0x1234 << 16
    ktap.equal(rtp.xor(wire[12:-10], rtp.aes_cm(v["cipher_key"], iv, 256)), payload, "payload")
    tag = hmac.new(v["auth_key"][:20], wire[:-10] + struct.pack("!I", 0), hashlib.sha1).digest()[:10]
    ktap.equal(wire[-10:], tag, "tag")


world.load()
ktap.main()
