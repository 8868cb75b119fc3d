#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 300
"""A second implementation of the modes with certificates (RFC 3830 3.2, RFC 4738), from
hmac, hashlib and the cryptography module: signatures and the octets that they cover, the
envelope, the MAC of the KEMAC, V, the encrypted identity, and the keys of every session."""

import hashlib
import hmac
import json
import struct

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from mikeytool import begin, check, end, equal, run

T, ID, CERT, SP, RAND, KEMAC, PKE, SIGN, CHASH, V, EXT = 5, 6, 7, 10, 11, 1, 2, 4, 8, 9, 21
KEY = 20


def prf(inkey, label, length):
    """RFC 3830 4.1.2, for keys of one block."""
    a, out = label, b""
    while len(out) < length:
        a = hmac.new(inkey, a, hashlib.sha1).digest()
        out += hmac.new(inkey, a + label, hashlib.sha1).digest()
    return out[:length]


class Message:
    """Payloads as (type, octets without the Next payload octet, offset)."""

    def __init__(self, octets):
        self.octets = octets
        _, self.type, nxt, _, self.csb_id, n_cs, _ = struct.unpack_from(">BBBBIBB", octets)
        self.n_cs, self.payloads, pos = n_cs, [], 10 + 9 * n_cs
        while nxt:
            size = self.size(nxt, octets, pos)
            self.payloads.append((nxt, octets[pos:pos + size], pos))
            nxt, pos = 0 if nxt == SIGN else octets[pos], pos + size
        assert pos == len(octets)

    @staticmethod
    def size(kind, o, pos):
        def be(at, n=2):
            return int.from_bytes(o[pos + at:pos + at + n], "big")
        if kind == KEMAC:
            return 5 + be(2) + (0, 20)[o[pos + 4 + be(2)]]
        return {T: lambda: 10, ID: lambda: 4 + be(2), CERT: lambda: 4 + be(2),
                SP: lambda: 5 + be(3), RAND: lambda: 2 + be(1, 1),
                PKE: lambda: 3 + (be(1) & 0x3fff), SIGN: lambda: 2 + (be(0) & 0xfff),
                CHASH: lambda: 22, V: lambda: 22, EXT: lambda: 4 + be(2)}[kind]()

    def all(self, kind):
        return [octets for k, octets, _ in self.payloads if k == kind]

    def one(self, kind):
        found = self.all(kind)
        return found[0] if found else None


def signature_ok(msg, pem, pss, tail=b""):
    octets = msg.one(SIGN)
    covered = msg.octets[:len(msg.octets) - len(octets) + 2] + tail
    cert = x509.load_der_x509_certificate(msg.one(CERT)[4:])
    if cert != x509.load_pem_x509_certificate(pem.encode()):
        return False
    pad = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if pss else padding.PKCS1v15()
    cert.public_key().verify(octets[2:], covered, pad, hashes.SHA256() if pss else hashes.SHA1())
    return octets[0] >> 4 == (1 if pss else 0)


def envelope_key(msg, pem, oaep):
    key = serialization.load_pem_private_key(pem.encode(), None)
    sha1 = hashes.SHA1()
    pad = padding.OAEP(padding.MGF1(sha1), sha1, None) if oaep else padding.PKCS1v15()
    return key.decrypt(msg.one(PKE)[3:], pad)


def label(constant, cs_id, csb_id, rand):
    return struct.pack(">IBI", constant, cs_id, csb_id) + rand


def open_kemac(msg, env, csb_id, rand):
    """The MAC covers the KEMAC alone, as if it were last; returns ID and TGK."""
    kemac = msg.one(KEMAC)
    auth = prf(env, label(0x2D22AC75, 255, csb_id, rand), 20)
    if hmac.new(auth, b"\0" + kemac[1:-20], hashlib.sha1).digest() != kemac[-20:]:
        return None, None
    key = prf(env, label(0x150533E1, 255, csb_id, rand), 16)
    salt = prf(env, label(0x29B88916, 255, csb_id, rand), 14)
    mask = b"\0\0" + struct.pack(">I", csb_id) + msg.one(T)[2:]
    iv = bytes(a ^ b for a, b in zip(salt, mask)) + b"\0\0"
    cipher = Cipher(algorithms.AES(key), modes.CTR(iv)).decryptor()
    clear = cipher.update(kemac[4:-21])
    size = 4 + struct.unpack_from(">H", clear, 2)[0]
    inner, rest = clear[:size], clear[size:]
    if inner[0] != KEY or rest[0]:
        return None, None
    return inner[4:], rest[4:4 + struct.unpack_from(">H", rest, 2)[0]]


def keys_agree(exchange, tgk, csb_id, rand):
    for side in ("initiator", "responder"):
        if not exchange[side]["sessions"]:
            return False
        for session in exchange[side]["sessions"]:
            key, = session["keys"]
            for name, constant, size in (("master_key", 0x2AD01C64, 16),
                                         ("master_salt", 0x39A2C14B, 14)):
                if key[name] != prf(tgk, label(constant, session["cs_id"], csb_id, rand),
                                    size).hex():
                    return False
    return True


def check_pk(exchange, request, response):
    rand, ids = request.one(RAND)[2:], request.all(ID)
    check(signature_ok(request, exchange["alice"], exchange["pss"]), "pk: SIGNi")
    bob = x509.load_pem_x509_certificate(exchange["bob"].encode())
    der = bob.public_bytes(serialization.Encoding.DER)
    equal(request.one(CHASH)[2:], hashlib.sha1(der).digest(), "pk: CHASH of bob's certificate")
    env = envelope_key(request, exchange["bob_key"], exchange["oaep"])
    equal(len(env), 16, "pk: octets of the envelope key")
    name, tgk = open_kemac(request, env, request.csb_id, rand)
    equal(name, ids[0][4:], "pk: MAC of the KEMAC, and IDi inside")
    auth = prf(env, label(0x2D22AC75, 255, request.csb_id, rand), 20)
    covered = response.octets[:-20] + ids[0][4:] + ids[1][4:] + request.one(T)[2:]
    equal(hmac.new(auth, covered, hashlib.sha1).digest(), response.octets[-20:], "pk: V")
    check(keys_agree(exchange, tgk, request.csb_id, rand), "pk: keys of all sessions")


def check_rsar(exchange, request, response):
    group = response.one(EXT)
    csb_id = int.from_bytes(group[4:], "big") if group else request.csb_id
    rand = (response.one(RAND) or request.one(RAND))[2:]
    ids = request.all(ID)
    tail = ids[0][4:] + ids[1][4:] + request.one(T)[2:]
    what = "rsar, group" if group else "rsar"
    check(signature_ok(request, exchange["alice"], exchange["pss"]), what + ": SIGNi")
    check(signature_ok(response, exchange["bob"], exchange["pss"], tail), what + ": SIGNr")
    env = envelope_key(response, exchange["alice_key"], exchange["oaep"])
    name, tgk = open_kemac(response, env, csb_id, rand)
    equal(name, ids[1][4:], what + ": MAC of the KEMAC, and IDr inside")
    check(keys_agree(exchange, tgk, csb_id, rand), what + ": keys of all sessions")


def main():
    begin()
    exchanges = [json.loads(line) for line in run("oracle-pk").splitlines()]
    for exchange in exchanges:
        request = Message(bytes.fromhex(exchange["request"]))
        response = Message(bytes.fromhex(exchange["response"]))
        (check_pk if request.type == 2 else check_rsar)(exchange, request, response)
    equal(len(exchanges), 5, "exchanges")
    end()


main()
