#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every message that the library makes, sent over UDP port 2269, is dissected by
tshark without a fault, and into the fields that the library's own walk shows,
in the same order and with the same values."""

import os
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree

from mikeytool import begin, check, dump, emitted, end, equal, samples

# Fields whose names differ: by payload and the library's name
NAMES = {
    ("hdr", "version"): "mikey.version", ("hdr", "type"): "mikey.type",
    ("hdr", "v"): "mikey.v.set", ("hdr", "prf_func"): "mikey.prf_func",
    ("hdr", "csb_id"): "mikey.csb_id", ("hdr", "cs_count"): "mikey.cs_count",
    ("hdr", "cs_id_map_type"): "mikey.cs_id_map_type",
    ("key", "spi"): "mikey.key.kv.spi", ("key", "from"): "mikey.key.kv.from",
    ("key", "to"): "mikey.key.kv.to",
    ("param", "type"): "mikey.sp.param.type", ("param", "value"): "mikey.sp.patam.value",
}
# tshark prints these besides: lengths, chaining, second readings of the same octets
BESIDES = {"mikey.next_payload", "mikey.sp.param_len", "mikey.sp.param.len", "mikey.rand.len",
           "mikey.id.len", "mikey.kemac.key_data_len", "mikey.ext.len",
           "mikey.err.reserved", "mikey.dh.reserv", "mikey.key.data.len", "mikey.key.kv.spi.len",
           "mikey.key.kv.from.len", "mikey.key.kv.to.len", "mikey.key.salt.len",
           "mikey.key.kv.interval", "mikey.cert.len", "mikey.sign.len", "mikey.pke.len"}
SP_TWICE = {"encr_alg", "encr_len", "auth_alg", "auth_key_len", "salt_len", "prf", "kd_rate",
            "srtp_encr", "srtcp_encr", "fec", "srtp_auth", "auth_tag_len", "srtp_prefix"}
# tshark 4.0 shows no value of a COUNTER, stops at NTP-UTC-32, at the validity of a DH
# payload and at CHASH, and shows no MAC of 32 octets
NTP_UTC_32 = 3
UNKNOWN_MAC = 2
SDP_IDS = 1
GENERIC_ID = 2
STOP = "tshark stops here"


def number(value):
    return value if isinstance(value, int) else int(value, 16) if value else 0


def flatten(tag, fields):
    """The library's fields as (name, number), in order."""
    for name, value in fields.items():
        if name in ("payload", "offset", "utc", "counter", "keys"):
            continue
        if name in ("mac", "ver_data") and UNKNOWN_MAC in (fields.get("mac_alg"),
                                                           fields.get("auth_alg")):
            continue
        if name == "ntp" and fields["ts_type"] == NTP_UTC_32:
            yield STOP, 0
            continue
        if tag == "chash" or tag == "dh" and name in ("spi", "from"):
            yield STOP, 0
            continue
        if tag == "kemac" and name == "key_data" and not fields["encr_alg"]:
            # unencrypted: tshark shows what is inside
            for key in fields.get("keys", ()):
                yield from flatten("key", key)
            continue
        if tag == "ext" and name == "data" and fields["type"] == SDP_IDS:
            yield "mikey.ext.value", number(value)
            continue
        if isinstance(value, list):
            for item in value:
                inner = item.get("payload", name).lower()
                yield from flatten(inner, item)
            continue
        full = NAMES.get((tag, name), f"mikey.{tag}.{name}")
        if value != "":
            yield full, number(value)


def ours(message):
    out = list(flatten("hdr", message["hdr"]))
    for payload in message["payloads"]:
        out += flatten(payload["payload"].lower(), payload)
    return out


def theirs(packet):
    proto = [p for p in packet.findall("proto") if p.get("name") == "mikey"]
    for field in proto[0].iter("field"):
        name = field.get("name")
        # What is inside of a certificate is no matter of MIKEY
        if not name.startswith("mikey.") or name in BESIDES or not field.get("value"):
            continue
        if name.startswith("mikey.sp.") and name[9:] in SP_TWICE or name == "mikey.sp.param":
            continue
        yield name, int(field.get("value"), 16)


def faults(packet):
    """What tshark complains of; each element has a name of its own for that."""
    names = [e.get("name") or "" for e in packet.iter()]
    return [n for n in names if "malformed" in n or n.startswith("_ws.expert")]


def capture(folder, messages):
    """The messages as UDP datagrams from and to port 2269."""
    text = os.path.join(folder, "messages.txt")
    pcap = os.path.join(folder, "messages.pcap")
    with open(text, "w", encoding="ascii") as file:
        for octets in messages:
            for i in range(0, len(octets), 16):
                file.write(f"{i:06x} {octets[i:i + 16].hex(' ')}\n")
            file.write("\n")
    subprocess.run(["text2pcap", "-q", "-u", "2269,2269", text, pcap], check=True,
                   stderr=subprocess.DEVNULL)
    return pcap


def dissect(messages):
    with tempfile.TemporaryDirectory() as folder:
        pcap = capture(folder, messages)
        out = subprocess.run(["tshark", "-r", pcap, "-T", "pdml"], check=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return xml.etree.ElementTree.fromstring(out).findall("packet")


def compare(name, packet, message):
    protos = [p.get("name") for p in packet.findall("proto")]
    if not check("mikey" in protos and not faults(packet),
                 f"{name}: tshark dissects it without a fault", protos + faults(packet)):
        return
    got, wanted = ours(message), list(theirs(packet))
    if (STOP, 0) in got:
        got = got[:got.index((STOP, 0))]
    different = [(a, b) for a, b in zip(got, wanted) if a != b]
    check(got == wanted, f"{name}: the same {len(wanted)} fields and values as tshark's",
          f"first difference (ours, tshark's): {different[:1]}, "
          f"{len(got)} and {len(wanted)} fields")


def check_oracle(octets):
    """A message with a length altered must not pass as dissected."""
    broken = bytearray(octets)
    broken[-22] ^= 0x55
    packet, = dissect([bytes(broken)])
    message, = dump([octets])
    check(faults(packet) or ours(message) != list(theirs(packet)),
          "a message that was altered does not pass")


def main():
    begin()
    if not check(shutil.which("tshark") and shutil.which("text2pcap"), "tshark is there"):
        end()
    # tshark 4.0 knows no GENERIC-ID map
    messages = [m for m in emitted() if m[1][9] != GENERIC_ID] + [(name, octets) for name, octets, _ in samples()]
    packets = dissect([octets for _, octets in messages])
    equal(len(packets), len(messages), "tshark sees every message")
    dumps = dump([octets for _, octets in messages])
    for (name, _), packet, message in zip(messages, packets, dumps):
        compare(name, packet, message)
    check_oracle(messages[0][1])
    end()


main()
