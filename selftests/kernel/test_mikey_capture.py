#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1200
"""Messages on the wire: tshark finds nothing wrong in them, and reads what decode reads."""

import json
import subprocess
import xml.etree.ElementTree

import ktap
import mikeypair
import ns
from mikeypair import Pair

# Members of decode and fields of tshark in the order of the wire. What is left out on both sides
# are lengths and next payloads, which decode does not print.
HDR = {"version": "version", "type": "type", "v": "v.set", "prf_func": "prf_func",
       "csb_id": "csb_id", "cs_count": "cs_count", "cs_id_map_type": "cs_id_map_type"}
MAP = {name: "srtp_id." + name for name in ("policy_no", "ssrc", "roc")}
PAYLOADS = {
    "T": {"ts_type": "t.ts_type", "ntp": "t.ntp"},
    "RAND": {"data": "rand.data"},
    "ID": {"type": "id.type", "data": "id.data"},
    "SP": {"no": "sp.no", "proto_type": "sp.proto_type"},
    "KEMAC": {"encr_alg": "kemac.encr_alg", "key_data": "kemac.key_data",
              "mac_alg": "kemac.mac_alg", "mac": "kemac.mac"},
    "V": {"auth_alg": "v.auth_alg", "ver_data": "v.ver_data"},
    "ERR": {"no": "err.no"},
}
PARAM = {"type": "sp.param.type", "value": "sp.patam.value"}


class Capture:
    """tcpdump on bob's interface, in the test's namespace."""

    def __init__(self, path):
        self.path = path
        self.process = subprocess.Popen(
            ("tcpdump", "--immediate-mode", "-U", "-Z", "root", "-i", "vb", "-w", path,
             "udp", "port", str(mikeypair.PORT)), stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "listening on" in line:
                return
        raise AssertionError("tcpdump does not listen")

    def count(self):
        done = subprocess.run(("tshark", "-r", self.path, "-T", "fields", "-e", "frame.number"),
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        return len(done.stdout.split())

    def end(self, packets):
        ns.wait_for(lambda: self.count() >= packets, "%d packets in the capture" % packets)
        self.process.terminate()
        self.process.wait(30)


def tshark(path):
    """What tshark makes of each packet."""
    out = subprocess.run(("tshark", "-r", path, "-T", "pdml"), check=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    return xml.etree.ElementTree.fromstring(out)


def members(object, names):
    """The members of a decoded object as tshark names them; numbers, or octets in hex."""
    for name, field in names.items():
        value = object[name]
        if isinstance(value, str) and name == "data" and field == "id.data":
            value = value.encode().hex()
        yield "mikey." + field, int(value) if isinstance(value, (int, bool)) else value


def decoded(message):
    yield from members(message["hdr"], HDR)
    for entry in message["hdr"]["srtp_id"]:
        yield from members(entry, MAP)
    for payload in message["payloads"]:
        yield from members(payload, PAYLOADS[payload["payload"]])
        for param in payload.get("param", []):
            yield from members(param, PARAM)


OCTETS = {"mikey.t.ntp", "mikey.rand.data", "mikey.id.data", "mikey.kemac.key_data",
          "mikey.kemac.mac", "mikey.v.ver_data"}


def dissected(packet, known):
    """The fields of a packet in tshark that decode prints too."""
    for field in packet.iter("field"):
        name, value = field.get("name"), field.get("value")
        if name in known and value:
            yield name, value if name in OCTETS else int(value, 16)


def every_name():
    for names in (HDR, MAP, PARAM, *PAYLOADS.values()):
        yield from ("mikey." + field for field in names.values())


def left_out(packet):
    """Fields of MIKEY that are not compared."""
    known = set(every_name())
    return {f.get("name") for f in packet.iter("field")
            if f.get("name", "").startswith("mikey.") and f.get("value")} - known


def decode(path, *args):
    status = subprocess.run((mikeypair.HELPER, "--json", "decode", path) + args,
                            stdout=subprocess.PIPE, check=False)
    return status.returncode, json.loads(status.stdout)["messages"]


# Lengths, next payloads, reserved octets, and parameters that tshark shows twice.
NOT_COMPARED = {"mikey.next_payload", "mikey.rand.len", "mikey.id.len", "mikey.sp.param_len",
                "mikey.sp.param.len", "mikey.kemac.key_data_len", "mikey.err.reserved",
                "mikey.sp.encr_alg", "mikey.sp.encr_len", "mikey.sp.auth_alg",
                "mikey.sp.auth_key_len", "mikey.sp.srtp_encr", "mikey.sp.srtcp_encr",
                "mikey.sp.srtp_auth", "mikey.sp.auth_tag_len", "mikey.sp.salt_key_len",
                "mikey.sp.param"}


@ktap.test("tshark dissects request, answer and both kinds of Error without fault, as decode does")
def _():
    with Pair() as pair:
        capture = Capture(pair.dir + "/capture")
        daemon = pair.bob.listen()
        ktap.equal(pair.alice.call("bob")[0], 0, "exit status of the call")
        daemon.wait("session")
        good = pair.psk
        pair.alice.configure("66" * 16, pair.bob, address=pair.bob.v4)
        ktap.equal(pair.alice.call("bob", "--timeout", "1")[0], 8, "with a wrong key")
        pair.alice.configure(good, pair.bob, address=pair.bob.v4,
                             suites="AES_CM_128_HMAC_SHA1_80")
        pair.bob.daemon.end()
        pair.bob.configure(good, pair.alice, suites="AES_CM_128_HMAC_SHA1_32")
        pair.bob.listen()
        ktap.equal(pair.alice.call("bob", "--timeout", "1")[0], 8, "with a refused suite")
        capture.end(6)
        status, messages = decode(capture.path)
        packets = list(tshark(capture.path))
        ktap.equal(status, 0, "exit status of decode")
        ktap.equal(len(messages), len(packets), "messages of decode, packets of tshark")
        ktap.equal({m["hdr"]["type"] for m in messages}, {0, 1, 6}, "types")
        for message, packet in zip(messages, packets):
            protocols = [p.get("name") for p in packet.iter("proto")]
            ktap.check("mikey" in protocols, "tshark sees MIKEY, not %s" % protocols)
            ktap.check("_ws.malformed" not in protocols, "tshark finds no fault")
            remarks = [f.get("name") for f in packet.iter("field")
                       if "expert" in f.get("name", "") or "malformed" in f.get("name", "")]
            ktap.equal(remarks, [], "remarks of tshark")
            ktap.equal(left_out(packet) - NOT_COMPARED, set(), "fields that nobody compares")
            wanted = list(decoded(message))
            ktap.equal(list(dissected(packet, set(every_name()))), wanted, "fields")
            ktap.note("type %d: %d fields are equal" % (message["hdr"]["type"], len(wanted)))
        status, messages = decode(capture.path, "--psk-file", pair.bob.path("psk"))
        ktap.equal(status, 3, "exit status with the key: one message was made with another")
        verified = {m["hdr"]["csb_id"]: m.get("verified") for m in messages
                    if m["hdr"]["type"] == 0}
        ktap.equal(list(verified.values()), [True, None, True], "verified requests")


ktap.main()
