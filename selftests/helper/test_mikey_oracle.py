#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 900
"""A second implementation of RFC 3830 4.1 and 4.2, from hmac, hashlib and the
AES of the openssl command, checks the library: the PRF with keys around its
blocks of 32 octets, and whole exchanges - MAC, decryption of the keys, V, and
the master keys and salts of every session; for DH-HMAC (RFC 4650) with Python's
own arithmetic in a group whose prime it makes of pi."""

import hashlib
import hmac
import json
import struct
import subprocess

from mikeytool import begin, check, end, equal, run

HASHES = {0: hashlib.sha1, 1: hashlib.sha256}


def prf(func, inkey, label, length):
    """RFC 3830 4.1.2: P over each 256-bit block of the key, added up."""
    def p(s):
        a, out = label, b""
        while len(out) < length:
            a = hmac.new(s, a, HASHES[func]).digest()
            out += hmac.new(s, a + label, HASHES[func]).digest()
        return int.from_bytes(out[:length], "big")
    total = 0
    for i in range(0, len(inkey), 32):
        total ^= p(inkey[i:i + 32])
    return total.to_bytes(length, "big")


def aes_ecb(key, block):
    name = {16: "-aes-128-ecb", 32: "-aes-256-ecb"}[len(key)]
    return subprocess.run(["openssl", "enc", "-d", name, "-nopad", "-K", key.hex()],
                          input=block, stdout=subprocess.PIPE, check=True).stdout


def aes_ctr(key, iv, data):
    name = {16: "-aes-128-ctr", 32: "-aes-256-ctr"}[len(key)]
    return subprocess.run(["openssl", "enc", name, "-nopad", "-K", key.hex(), "-iv", iv.hex()],
                          input=data, stdout=subprocess.PIPE, check=True).stdout


def unwrap(key, iv, data):
    """RFC 3394 2.2.2, with the salt in place of the default IV."""
    n = len(data) // 8 - 1
    a, r = data[:8], [data[8 * i:8 * i + 8] for i in range(1, n + 1)]
    for j in range(5, -1, -1):
        for i in range(n, 0, -1):
            t = int.from_bytes(a, "big") ^ (n * j + i)
            block = aes_ecb(key, t.to_bytes(8, "big") + r[i - 1])
            a, r[i - 1] = block[:8], block[8:]
    return b"".join(r) if a == iv else None


class Message:
    """As much of a parser as the messages here need."""

    def __init__(self, octets):
        self.octets = octets
        (_, self.type, nxt, vprf, self.csb_id, self.n_cs, _) = struct.unpack_from(">BBBBIBB", octets)
        self.prf = vprf & 127
        self.ids = []
        self.values = []
        self.policies = []
        pos = 10 + 9 * self.n_cs
        while nxt:
            nxt, pos = getattr(self, f"payload_{nxt}")(octets, pos)
        assert pos == len(octets)

    def payload_5(self, o, pos):
        self.ts = o[pos + 2:pos + 10]
        return o[pos], pos + 10

    def payload_11(self, o, pos):
        self.rand = o[pos + 2:pos + 2 + o[pos + 1]]
        return o[pos], pos + 2 + o[pos + 1]

    def payload_3(self, o, pos):
        assert o[pos + 1] == 0 and not o[pos + 194]
        self.values.append(o[pos + 2:pos + 194])
        return o[pos], pos + 195

    def payload_6(self, o, pos):
        length, = struct.unpack_from(">H", o, pos + 2)
        self.ids.append(o[pos + 4:pos + 4 + length])
        return o[pos], pos + 4 + length

    def payload_10(self, o, pos):
        length, = struct.unpack_from(">H", o, pos + 3)
        params, at = {}, pos + 5
        while at < pos + 5 + length:
            params[o[at]] = o[at + 2:at + 2 + o[at + 1]]
            at += 2 + o[at + 1]
        self.policies.append(params)
        return o[pos], pos + 5 + length

    def payload_1(self, o, pos):
        length, = struct.unpack_from(">H", o, pos + 2)
        self.encr_alg = o[pos + 1]
        self.key_data = o[pos + 4:pos + 4 + length]
        self.mac_alg = o[pos + 4 + length]
        return self.closing(o, pos, pos + 5 + length)

    def payload_9(self, o, pos):
        self.mac_alg = o[pos + 1]
        return self.closing(o, pos, pos + 2)

    def closing(self, o, pos, at):
        self.covered, self.mac = o[:at], o[at:]
        return o[pos], len(o)


def check_prf():
    for func in (0, 1):
        for length in (16, 20, 31, 32, 33, 64, 192):
            key = bytes((7 * i + length) & 255 for i in range(length))
            label = bytes.fromhex("2ad01c64") + bytes(range(21))
            for out in (1, 14, 16, 20, 32, 100):
                got = run("prf", str(func), key.hex(), label.hex(), str(out)).strip()
                if got != prf(func, key, label, out).hex():
                    break
            check(got == prf(func, key, label, out).hex(),
                  f"PRF {func} with a key of {length} octets agrees, up to 100 octets out")


def check_constants():
    """The labels of RFC 3830 4.1.3 and 4.1.4 are groups of nine decimals of e."""
    groups = set()
    # e to 400 decimals, by its series
    scale = 10 ** 420
    term, total, n = scale, 0, 1
    while term:
        total += term
        term //= n
        n += 1
    digits = str(total)[1:401]
    for i in range(0, 396, 9):
        groups.add(int(digits[i:i + 9]))
    labels = [0x2AD01C64, 0x1B5C7973, 0x15798CEF, 0x39A2C14B, 0x150533E1, 0x2D22AC75, 0x29B88916]
    check(all(label in groups for label in labels), "the constants are decimals of e")


ENCR = {1: (16, 14), 2: (16, 8), 3: (32, 14)}


def label(constant, cs_id, msg):
    return struct.pack(">IBI", constant, cs_id, msg.csb_id) + msg.rand


def decrypt(msg, psk):
    key_len, salt_len = ENCR[msg.encr_alg]
    key = prf(msg.prf, psk, label(0x150533E1, 255, msg), key_len)
    salt = prf(msg.prf, psk, label(0x29B88916, 255, msg), salt_len)
    if msg.encr_alg == 2:
        return unwrap(key, salt, msg.key_data)
    mask = b"\0\0" + struct.pack(">I", msg.csb_id) + msg.ts
    iv = bytes(a ^ b for a, b in zip(salt, mask)) + b"\0\0"
    return aes_ctr(key, iv, msg.key_data)


def mac(msg, request, psk, tail=b""):
    """RFC 3830 4.2.4, 5.2."""
    hash_func = {1: hashlib.sha1, 2: hashlib.sha256}[msg.mac_alg]
    key = prf(request.prf, psk, label(0x2D22AC75, 255, request), hash_func().digest_size)
    return hmac.new(key, msg.covered + tail, hash_func).digest()


def check_exchange(exchange):
    psk = bytes.fromhex(exchange["psk"])
    request = Message(bytes.fromhex(exchange["request"]))
    response = Message(bytes.fromhex(exchange["response"]))
    if mac(request, request, psk) != request.mac:
        return "MAC"
    tail = request.ids[0] + request.ids[1] + request.ts
    if mac(response, request, psk, tail) != response.mac:
        return "V"
    clear = decrypt(request, psk)
    if clear is None or clear[0] or clear[1]:
        return "key data"
    tgk = clear[4:4 + struct.unpack_from(">H", clear, 2)[0]]
    if len(tgk) + 4 != len(clear):
        return "length of the TGK"
    params = request.policies[0]
    key_len, salt_len = params[1][0], 12 if params[0][0] == 6 else 14
    for side in ("initiator", "responder"):
        if len(exchange[side]["sessions"]) != request.n_cs:
            return "number of sessions"
        for session in exchange[side]["sessions"]:
            cs_id = session["cs_id"]
            key, = session["keys"]
            if key["master_key"] != prf(request.prf, tgk, label(0x2AD01C64, cs_id, request),
                                        key_len).hex():
                return f"TEK of CS {cs_id}"
            if key["master_salt"] != prf(request.prf, tgk, label(0x39A2C14B, cs_id, request),
                                         salt_len).hex():
                return f"salt of CS {cs_id}"
    return None


# Seeds of the fixture: two of no note, and three with a leading zero somewhere
SEEDS = (1, 2, 10, 24, 33)


def oakley_5():
    """RFC 2412 E.5: the prime from the digits of pi."""
    one = 1 << 1600

    def arctan(x):
        total, term, n, sign = 0, one // x, 1, 1
        while term:
            total += sign * (term // n)
            term //= x * x
            n, sign = n + 2, -sign
        return total
    pi = 4 * (4 * arctan(5) - arctan(239))
    return (1 << 1536) - (1 << 1472) - 1 + (1 << 64) * ((pi >> (1600 - 1406)) + 741804)


def check_dhhmac(exchange, prime):
    """RFC 4650 3, with alice's exponent; also what has leading zeros."""
    psk = bytes.fromhex(exchange["psk"])
    request = Message(bytes.fromhex(exchange["request"]))
    response = Message(bytes.fromhex(exchange["response"]))
    zeros = set()
    exponent = int(exchange["exponent"], 16)
    if mac(request, request, psk) != request.mac:
        return "MAC of the request", zeros
    if mac(response, request, psk) != response.mac:
        return "MAC of the response", zeros
    if request.values[0] != pow(2, exponent, prime).to_bytes(192, "big"):
        return "DHi", zeros
    if response.values[1] != request.values[0] or \
            response.ids != [request.ids[1], request.ids[0]]:
        return "order in the response", zeros
    tgk = pow(int.from_bytes(response.values[0], "big"), exponent, prime).to_bytes(192, "big")
    zeros = {name for name, octets in (("DHi", request.values[0]), ("DHr", response.values[0]),
                                       ("the secret", tgk)) if not octets[0]}
    for side in ("initiator", "responder"):
        for session in exchange[side]["sessions"]:
            cs_id = session["cs_id"]
            key, = session["keys"]
            if key["master_key"] != prf(0, tgk, label(0x2AD01C64, cs_id, request), 16).hex() or \
                    key["master_salt"] != prf(0, tgk, label(0x39A2C14B, cs_id, request), 14).hex():
                return f"keys of CS {cs_id}", zeros
    return None, zeros


def check_dhhmacs():
    prime = oakley_5()
    seen = set()
    for line in run("oracle-dhhmac", *map(str, SEEDS)).splitlines():
        wrong, zeros = check_dhhmac(json.loads(line), prime)
        equal(wrong, None, "DH-HMAC: MACs, values and keys agree, leading zeros in " +
              (" and ".join(sorted(zeros)) or "nothing"))
        seen |= zeros
    equal(seen, {"DHi", "DHr", "the secret"}, "leading zeros of each kind were tried (T-13)")


def main():
    begin()
    check_dhhmacs()
    check_prf()
    check_constants()
    exchanges = [json.loads(line) for line in run("oracle").splitlines()]
    names = {1: "AES-CM-128", 2: "AES-KW-128", 3: "AES-CM-256"}
    for exchange in exchanges:
        request = Message(bytes.fromhex(exchange["request"]))
        equal(check_exchange(exchange), None,
              f"{names[request.encr_alg]}, PSK of {len(exchange['psk']) // 2} octets, "
              f"{len(request.key_data)} octets of key data: MAC, V, keys and salts agree")
    check(len(exchanges) == 105, "all combinations were tried")
    end()


main()
