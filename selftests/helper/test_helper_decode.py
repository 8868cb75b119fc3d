#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mikey-helper decode: every carrier, every mistake, keys only on request."""

import base64
import json
import os
import random
import struct

from helpercli import decode, helper, write
from mikeytool import begin, check, dump, emitted, end, equal, samples

PSK = b"0123456789abcdef"       # of mikey_tool's alice and bob
MALFORMED, AUTH, POLICY, UNSUPPORTED = 2, 3, 4, 6
SAMPLES = list(samples())
EMITTED = dict(emitted())


def content(message):
    """A decoded message without what depends on where it was."""
    return {k: v for k, v in message.items() if k != "where"}


def messages(data, *args):
    return decode(data, *args).json()["messages"]


def wheres(data, *args):
    return [m.get("where") for m in messages(data, *args)]


def dhhmac():
    """Of DH-HMAC no key can be shown, but whether it is authentic."""
    octets = EMITTED["DHHMAC init"]
    psk = write("dhhmac", PSK.hex().encode())
    message, = messages(octets, "--psk-file", psk)
    check(message.get("verified") is True and "bundle" not in message,
          "a DH-HMAC message with the right key is verified")
    result = decode(octets[:-1] + bytes([octets[-1] ^ 1]), "--psk-file", psk)
    equal(result.json()["messages"][0]["open_error"]["reason"], "auth-failed",
          "and with a wrong MAC it is not")


# Encodings

def encodings():
    for name, octets, _ in SAMPLES:
        raw = messages(octets)
        forms = {"base64": base64.b64encode(octets), "hex": octets.hex().encode(),
                 "wrapped base64": base64.encodebytes(octets),
                 "HEX with blanks": b" ".join(b"%02X" % o for o in octets) + b"\r\n"}
        for form, text in forms.items():
            equal(messages(text), raw, f"{name} in {form} decodes as in octets")


def library():
    walked = dump([octets for _, octets, _ in SAMPLES])
    for (name, octets, _), wanted in zip(SAMPLES, walked):
        got = messages(octets, "--show-keys")[0]
        equal((strip(got["hdr"]), strip(got["payloads"])),
              (strip(wanted["hdr"]), strip(wanted["payloads"])),
              f"{name}: the command says what the library says")


def strip(value):
    """Without the names of numbers, and text as octets."""
    if isinstance(value, list):
        return [strip(v) for v in value]
    if not isinstance(value, dict):
        return value
    return {k: strip(v) for k, v in value.items()
            if not k.endswith("_name") and k not in ("utc", "keys")}


def formats():
    octets = SAMPLES[0][1]
    text = base64.b64encode(octets)
    check(decode(text, "--format", "base64").status == 0, "--format base64 takes base64")
    equal(decode(text, "--format", "hex").status, MALFORMED, "--format hex refuses base64")
    equal(decode(text, "--format", "raw").status, MALFORMED, "--format raw refuses base64")
    equal(decode(text, "--format", "morse").status, 1, "an unknown format is a usage error")
    path = write("message", text)
    equal(helper("--json", "decode", path).json()["messages"], messages(text),
          "a file is decoded as standard input is")
    equal(helper("decode", "/nonexistent").status, 7, "a file that is not there: exit 7")


# SDP and RTSP

def sdp():
    one, two, three = (base64.b64encode(o).decode() for _, o, _ in SAMPLES[:3])
    text = ("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
            f"a=key-mgmt:mikey {one}\r\na=key-mgmt:dtls-ish AAAA\r\n"
            "m=audio 5004 RTP/SAVP 0\r\n"
            f"a=key-mgmt: mikey {two}\r\n"
            "m=video 5006 RTP/SAVP 96\r\n"
            f"a=key-mgmt:mikey {three}\n").encode()
    equal(wheres(text), ["line 4, session", "line 7, media 1", "line 9, media 2"],
          "every a=key-mgmt:mikey of an SDP is found, others are passed over")
    equal([content(m) for m in messages(text)],
          [content(messages(o)[0]) for _, o, _ in SAMPLES[:3]],
          "messages in SDP decode as alone")
    broken = text.replace(two.encode(), two[:-3].encode())
    result = decode(broken)
    equal((result.status, result.reason()), (MALFORMED, "bad-encoding"),
          "bad base64 in SDP is malformed")
    equal(["error" in m for m in result.json()["messages"]], [False, True, False],
          "bad base64 of one medium leaves the others")
    equal(decode(b"v=0\r\na=key-mgmt:other AAAA\r\n").reason(), "no-message",
          "an SDP without MIKEY: no-message")


def rtsp():
    octets = SAMPLES[0][1]
    data = base64.b64encode(octets).decode()
    wanted = content(messages(octets)[0])
    forms = {
        "as RFC 4567 has it": f'KeyMgmt: prot=mikey; uri="rtsp://h/a"; data="{data}"',
        "in another case": f'KEYMGMT: PROT=mikey; URI="rtsp://h/a"; DATA="{data}"',
        "in another order": f'KeyMgmt: data="{data}";prot=mikey',
        "without quotes": f"KeyMgmt: prot=mikey;uri=;data={data}",
        "with an empty uri": f'KeyMgmt:prot=mikey;uri="";data="{data}"',
        "with blanks": f'KeyMgmt:  prot = mikey ;  data = "{data}" ',
        "folded": f'KeyMgmt: prot=mikey;\r\n uri="x;y,z";\r\n\tdata="{data}"',
    }
    for form, line in forms.items():
        text = f"SETUP rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\n{line}\r\n\r\n".encode()
        equal([content(m) for m in messages(text)], [wanted], f"KeyMgmt {form} is found")
    text = (f'DESCRIBE * RTSP/1.0\r\nKeyMgmt: prot=other;data="AAAA", '
            f'prot=mikey;data="{data}"\r\n\r\n').encode()
    equal(wheres(text), ["line 2, KeyMgmt"], "the MIKEY element of a KeyMgmt list is found")


# Captures

def udp(payload, port=2269):
    return struct.pack(">HHHH", 40000, port, 8 + len(payload), 0) + payload


def ipv4(body, options=b"", fragment=0):
    return struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(body),
                       0, fragment, 64, 17, 0, bytes([192, 0, 2, 1]),
                       bytes([192, 0, 2, 2])) + options + body


def ipv6(body, hop_by_hop=False):
    address = bytes.fromhex("20010db8") + bytes(12)
    if hop_by_hop:
        body = bytes([17, 0, 1, 4, 0, 0, 0, 0]) + body
    return struct.pack(">IHBB", 6 << 28, len(body), 0 if hop_by_hop else 17, 64) + \
        address + address + body


def ether(packet, tags=b""):
    proto = b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"
    return bytes(12) + tags + proto + packet


def pcap(packets, link=1, order="<", magic=0xa1b2c3d4, cut=65535):
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for packet in packets:
        out += struct.pack(order + "IIII", 0, 0, min(len(packet), cut), len(packet)) + packet[:cut]
    return out


def captures():
    octets = SAMPLES[0][1]
    wanted = content(messages(octets)[0])
    body = udp(octets)
    frames = {
        "IPv4": (ether(ipv4(body)), 1),
        "IPv4 with options": (ether(ipv4(body, b"\x01" * 8)), 1),
        "IPv6": (ether(ipv6(body)), 1),
        "IPv6 with hop-by-hop options": (ether(ipv6(body, True)), 1),
        "two VLAN tags": (ether(ipv4(body), b"\x88\xa8\0\1\x81\0\0\2"), 1),
        "raw IP": (ipv4(body), 101),
        "Linux cooked": (bytes(14) + b"\x08\x00" + ipv4(body), 113),
        "Linux cooked v2": (b"\x86\xdd" + bytes(18) + ipv6(body), 276),
    }
    for name, (frame, link) in frames.items():
        equal([content(m) for m in messages(pcap([frame], link))], [wanted],
              f"a datagram over {name} is found")
    equal([content(m) for m in messages(pcap([ipv4(body)], 101, ">"))], [wanted],
          "a capture of the other byte order is read")
    other = ether(ipv4(udp(octets, 5060)))
    equal(wheres(pcap([other, ether(ipv4(body))])),
          ["packet 2, 192.0.2.1 port 40000 to 192.0.2.2 port 2269"],
          "other ports than 2269 are passed over")
    equal(len(messages(pcap([other]), "--port", "5060")), 1, "--port names another one")
    equal(decode(pcap([other])).reason(), "no-message", "a capture without MIKEY: no-message")
    equal(decode(pcap([ether(ipv4(body, fragment=0x2000))])).reason(), "no-message",
          "fragments are not taken for messages")
    equal(decode(pcap([ether(ipv4(body))], cut=80)).reason(), "truncated",
          "a datagram that was captured in part is called truncated")
    equal(decode(pcap([ether(ipv4(body))])[:-20]).reason(), "bad-capture",
          "a capture that was cut short is called so")


# With a key

def with_key():
    psk = write("psk", PSK.hex().encode() + b"\n")
    wrong = write("wrong", b"00" * 16 + b"\n")
    for name, octets in EMITTED.items():
        # An update needs the RAND of another message; of the empty map only the
        # peers know the sessions
        if octets[1] != 0 or not encrypted(octets) or "update" in name or "empty map" in name:
            continue
        result = decode(octets, "--psk-file", psk)
        message = result.json()["messages"][0]
        equal((result.status, message.get("verified")), (0, True), f"{name}: the MAC is verified")
        hidden = [k for s in message["bundle"]["sessions"] for k in s["keys"]]
        check(hidden and all(k["master_key"] is None and k["master_salt"] is None
                             for k in hidden), f"{name}: keys are hidden")
        shown = decode(octets, "--psk-file", psk, "--show-keys").json()["messages"][0]
        check(all(k["master_key"] and k["master_salt"] for s in shown["bundle"]["sessions"]
                  for k in s["keys"]), f"{name}: --show-keys shows them")
        result = decode(octets, "--psk-file", wrong)
        equal((result.status, result.reason()), (AUTH, "auth-failed"), f"{name}: a wrong key")
        flipped = octets[:-1] + bytes([octets[-1] ^ 1])
        equal(decode(flipped, "--psk-file", psk).status, AUTH, f"{name}: an altered message")


def encrypted(octets):
    kemac = [p for p in messages(octets)[0]["payloads"] if p["payload"] == "KEMAC"]
    return bool(kemac and kemac[0]["encr_alg"])


def no_key_octet_without_asking():
    """Keys of unencrypted messages, in whatever form, in text and JSON."""
    for name, octets, _ in SAMPLES:
        shown = messages(octets, "--show-keys")[0]
        keys = [bytes.fromhex(k[m]) for s in shown["bundle"]["sessions"] for k in s["keys"]
                for m in ("master_key", "master_salt")]
        for args in ((), ("--json",)):
            result = helper(*args, "decode", data=octets)
            text = result.out + result.err.encode()
            check(not any(k in text or k.hex().encode() in text.lower() or
                          base64.b64encode(k)[:-4] in text for k in keys),
                  f"{name}: no key without --show-keys{' with --json' if args else ''}")


def key_files():
    octets = next(o for o in EMITTED.values() if o[1] == 0 and encrypted(o))
    good = PSK.hex().encode()
    cases = {
        "readable by its group": (good, 0o640),
        "readable by all": (good, 0o604),
        "of two lines": (good + b"\n" + good + b"\n", 0o600),
        "of base64": (base64.b64encode(PSK) + b"\n", 0o600),
        "of an odd number of digits": (good[:-1], 0o600),
        "of 15 octets": (good[:30], 0o600),
        "of 1025 octets": (b"00" * 1025, 0o600),
        "with a NUL": (good[:16] + b"\0" + good[16:], 0o600),
        "that is empty": (b"", 0o600),
    }
    for name, (data, mode) in cases.items():
        result = decode(octets, "--psk-file", write("bad", data, mode))
        equal((result.status, result.reason()), (1, "bad-psk-file"), f"a key file {name} is refused")
        check(not data or data.strip() not in result.err.encode(), f"a key file {name} is not quoted")
    for name, data in {"without newline": good, "with CRLF": good + b"\r\n",
                       "in capitals": good.upper() + b"\n"}.items():
        equal(decode(octets, "--psk-file", write("good", data)).status, 0,
              f"a key file {name} is taken")


# Mistakes

def mistakes():
    octets = SAMPLES[0][1]
    equal(decode(b"").reason(), "no-message", "an empty input: no-message")
    equal(decode(b"\x02" + octets[1:]).reason(), "bad-version", "another version")
    equal(decode(octets + b"\0").reason(), "trailing-octets", "an octet too many")
    result = decode(octets[:-1])
    equal((result.status, result.reason()), (MALFORMED, "truncated"), "an octet too few")
    error = result.json()["messages"][0]["error"]
    check(0 <= error["offset"] <= len(octets), "the offset of a fault is within the message")
    check(result.json()["messages"][0]["payloads"], "what came before the fault is shown")
    result = decode(bytes([1, 26]) + octets[2:])
    equal((result.status, result.reason()), (UNSUPPORTED, "unsupported-message"),
          "a message of another RFC is unsupported, not malformed")


def survives(octets, *args):
    """A decode ends by itself, says why it fails, and prints JSON in any case."""
    result = decode(octets, *args)
    good = result.status in (0, 1, 2, 3, 4, 5, 6) and (result.status == 0) == (not result.err)
    try:
        result.json()
    except json.JSONDecodeError:
        return False
    return good


def fuzz():
    """Through the command; the library's own tests do it a hundred thousand times."""
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1 << 32)
    rng = random.Random(seed)
    psk = write("psk", PSK.hex().encode() + b"\n")
    pool = [o for _, o, _ in SAMPLES] + list(EMITTED.values())
    bad = []
    for octets in pool:
        for _ in range(6):
            cut = octets[:rng.randrange(len(octets))]
            if not survives(cut, "--format", "raw"):
                bad.append(cut)
            flip = bytearray(octets)
            for _ in range(rng.randrange(1, 4)):
                flip[rng.randrange(len(flip))] ^= 1 << rng.randrange(8)
            if not survives(bytes(flip), "--psk-file", psk):
                bad.append(bytes(flip))
    equal([b.hex() for b in bad], [], f"truncated and flipped messages end with a reason, SEED={seed}")
    carrier = pcap([ether(ipv4(udp(pool[0]))), ether(ipv6(udp(pool[1]), True))])
    sdp_text = b"m=a\r\na=key-mgmt:mikey " + base64.b64encode(pool[0]) + b"\r\n"
    rtsp_text = b'KeyMgmt: prot=mikey; uri="x"; data="' + base64.b64encode(pool[0]) + b'"\r\n'
    bad = []
    for data in (carrier, sdp_text, rtsp_text):
        for _ in range(60):
            flip = bytearray(data[:rng.randrange(1, len(data) + 1)])
            for _ in range(rng.randrange(0, 4)):
                flip[rng.randrange(len(flip))] ^= 1 << rng.randrange(8)
            if not survives(bytes(flip)):
                bad.append(bytes(flip))
    equal([b.hex() for b in bad], [], f"truncated and flipped carriers end with a reason, SEED={seed}")


begin()
encodings()
library()
formats()
sdp()
rtsp()
captures()
with_key()
dhhmac()
no_key_octet_without_asking()
key_files()
mistakes()
fuzz()
end()
