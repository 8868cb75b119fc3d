#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 600
"""What mikey-helper load refuses before it asks the kernel: with which reason, path and place."""

import json
import os
import random

from helpercli import helper, write
from mikeytool import begin, check, end, equal

MALFORMED, SYSTEM, USAGE = 2, 7, 1
KEY, SALT = "e1f97a0d3e018be0d64fa32c06de4139", "0ec675ad498afeebb6960b3aabe6"
SEED = 20260101


def model():
    """A file in which nothing is wrong."""
    return {"sessions": [
        {"id": 7, "owner": 1000, "name": "call", "pass_non_rtp": False, "forbid_detach": False, "auto_delete": True,
         "provisional": 30, "ssrc_cap": 5, "sockets": [{"x": 1}], "state": {"cookie": 1},
         "streams": [
             {"direction": "tx", "ssrc": 305419896, "suite": "AES_CM_128_HMAC_SHA1_80", "fresh": True, "kdr": 0,
              "rcc_mode": "none", "cryptex": "off", "peer": "192.0.2.1:5004", "encrypted_ext_ids": "0102",
              "keys": [{"mki": "", "active": True, "master_key": KEY, "master_salt": SALT,
                        "soft_packets": 281474976710656}]},
             {"direction": "rx", "ssrc": "any", "peer": "[2001:db8::1]:5004", "suite": "AEAD_AES_128_GCM", "roc": 0,
              "seq": None, "srtcp_index": 0, "window": 1024, "mki_len": 4, "created": [], "stats": {},
              "keys": [{"mki": "00000001", "active": True, "master_key": KEY.upper(), "master_salt": SALT}]}]}]}


def text_with(change):
    """The file after a change to the model."""
    m = model()
    change(m, m["sessions"][0], m["sessions"][0]["streams"][0], m["sessions"][0]["streams"][0]["keys"][0])
    return json.dumps(m, indent=1)


def no_octets(result, name):
    """Nothing that it says has four octets of the key or the salt in a row."""
    said = (result.out.decode(errors="replace") + result.err).lower()
    leaks = [s[at:at + 8] for s in (KEY, SALT) for at in range(len(s) - 7) if s[at:at + 8] in said]
    check(not leaks, name + ": no part of a key is said", said)


def refused(name, text, reason, *words, offset=None):
    """Malformed for this reason, said with a place and these words, in JSON as well."""
    data = text if isinstance(text, bytes) else text.encode()
    result = helper("--json", "load", "-", data=data)
    ok = result.status == MALFORMED and result.reason() == reason and all(w in result.err for w in words)
    if ok:
        error = result.json()["error"]
        ok = error["reason"] == reason and error["exit"] == MALFORMED and error["message"] in result.err
    if ok and offset is not None:
        line = data[:offset].count(b"\n") + 1
        ok = ": offset %d:" % offset in result.err and "standard input:%d:" % line in result.err
    check(ok, "%s is refused as %s" % (name, reason), "status %d: %s" % (result.status, result.err))
    no_octets(result, name)


def accepted(result):
    """The text was good; whether there is a kernel module is another matter."""
    return result.status == 0 or (result.status == SYSTEM and result.reason() == "no-module")


def syntax():
    good = json.dumps(model())
    refused("an empty file", "", "truncated", offset=0)
    refused("a file of spaces", " \n\n", "truncated", offset=3)
    refused("half a file", good[:len(good) // 2], "truncated", offset=len(good) // 2)
    refused("a word that is none", '{"sessions": frue}', "bad-json", offset=14)
    refused("a comma too many", '{"sessions": [],}', "bad-json", offset=16)
    refused("an element too few", '{"sessions": [1,]}', "bad-json", offset=16)
    refused("a comment", '/* x */ {"sessions": []}', "bad-json", offset=0)
    refused("single quotes", "{'sessions': []}", "bad-json", offset=1)
    refused("something behind the end", good + " {}", "trailing-octets", offset=len(good) + 1)
    refused("a NUL", good[:20] + "\0" + good[20:], "bad-json", offset=20)
    refused("no UTF-8", b'{"sessions": [{"name": "\xff"}]}', "bad-json")
    refused("arrays in arrays", "[" * 100000, "too-deep", "16")
    refused("a file without end", b" " * ((16 << 20) + 1), "too-long")


def members():
    def unknown(m, s, st, k):
        s["color"] = "red"
    text = text_with(unknown)
    refused("an unknown member", text, "unknown-member", "sessions[0]", "'color'", offset=text.index('"color"'))

    def in_key(m, s, st, k):
        k["cipher"] = 1
    text = text_with(in_key)
    refused("an unknown member of a key", text, "unknown-member", "sessions[0].streams[0].keys[0]", "'cipher'",
            offset=text.index('"cipher"'))

    def as_name(m, s, st, k):
        k[KEY] = 1
    refused("a key as the name of a member", text_with(as_name), "unknown-member", "sessions[0].streams[0].keys[0]")
    refused("an unknown outermost member", '{"session": []}', "unknown-member", "'session'", offset=1)
    refused("a name with an escape", '{"\\u0073essions": []}', "unknown-member", offset=1)
    twice = '{"sessions": [{"id": 1, "id": 2}]}'
    refused("a member that is there twice", twice, "duplicate-member", "sessions[0].id", offset=twice.index("2"))
    twice = '{"sessions": [], "sessions": []}'
    refused("sessions that are there twice", twice, "duplicate-member", "sessions", offset=29)
    for name in ("direction", "ssrc", "suite"):
        refused("a stream without " + name, text_with(lambda m, s, st, k, n=name: st.pop(n)), "missing-member",
                "sessions[0].streams[0]", "'%s'" % name)
    for name in ("master_key", "master_salt"):
        refused("a key without " + name, text_with(lambda m, s, st, k, n=name: k.pop(n)), "missing-member",
                "sessions[0].streams[0].keys[0]", "'%s'" % name)


# member of which object, value, reason
VALUES = (
    ("session", "id", "7", "bad-type"),
    ("session", "id", 7.0, "bad-type"),
    ("session", "id", True, "bad-type"),
    ("session", "id", None, "bad-type"),
    ("session", "id", -1, "out-of-range"),
    ("session", "id", 2**32, "out-of-range"),
    ("session", "id", 2**64, "out-of-range"),
    ("session", "name", 5, "bad-type"),
    ("session", "name", "x" * 64, "too-long"),
    ("session", "name", "a\0b", "bad-value"),
    ("session", "pass_non_rtp", 1, "bad-type"),
    ("session", "pass_non_rtp", "true", "bad-type"),
    ("session", "streams", {}, "bad-type"),
    ("stream", "direction", "both", "bad-value"),
    ("stream", "direction", 1, "bad-type"),
    ("stream", "ssrc", "all", "bad-value"),
    ("stream", "ssrc", 2**32, "out-of-range"),
    ("stream", "ssrc", -1, "out-of-range"),
    ("stream", "suite", "aes_cm_128_hmac_sha1_80", "bad-value"),
    ("stream", "suite", 1, "bad-type"),
    ("stream", "seq", 65536, "out-of-range"),
    ("stream", "seq", "5", "bad-type"),
    ("stream", "roc", None, "bad-type"),
    ("stream", "mki_len", 256, "out-of-range"),
    ("stream", "rcc_mode", "m4", "bad-value"),
    ("stream", "encrypted_ext_ids", "1", "bad-hex"),
    ("stream", "replay_state", "00" * 4097, "too-long"),
    ("stream", "keys", None, "bad-type"),
    ("stream", "peer", "192.0.2.1:0", "bad-value"),
    ("stream", "peer", "192.0.2.1:65536", "bad-value"),
    ("stream", "peer", "192.0.2:5004", "bad-value"),
    ("stream", "peer", "[2001:db8::1:5004", "bad-value"),
    ("stream", "peer", "localhost:5004", "bad-value"),
    ("stream", "peer", 5004, "bad-type"),
    ("key", "master_key", KEY[:-1], "bad-hex"),
    ("key", "master_key", KEY[:-1] + "g", "bad-hex"),
    ("key", "master_key", " " + KEY, "bad-hex"),
    ("key", "master_key", KEY * 3, "too-long"),
    ("key", "master_key", 5, "bad-type"),
    ("key", "master_key", [KEY], "bad-type"),
    ("key", "master_salt", SALT + "00", "too-long"),
    ("key", "mki", "0x01", "bad-hex"),
    ("key", "active", "yes", "bad-type"),
    ("key", "soft_packets", 2**63, "out-of-range"),
)


def values():
    path = {"session": "sessions[0]", "stream": "sessions[0].streams[0]", "key": "sessions[0].streams[0].keys[0]"}
    for where, member, value, reason in VALUES:
        def change(m, s, st, k):
            {"session": s, "stream": st, "key": k}[where][member] = value
        text = text_with(change)
        shown = json.dumps(value)
        name = "%s %s = %s" % (where, member, shown if len(shown) < 40 and KEY[:8] not in shown else "...")
        refused(name, text, reason, "%s.%s" % (path[where], member))
    for text in ("[]", "5", "null", '"x"'):
        refused("the outermost value " + text, text, "bad-type", offset=0)


def peers():
    for peer in ("any", "192.0.2.1", "192.0.2.1:5004", "2001:db8::1", "[2001:db8::1]", "[::1]:1", "[::1]:65535"):
        def change(m, s, st, k):
            st["peer"] = peer
        check(accepted(helper("load", data=text_with(change).encode())), "the peer %s is taken" % peer)


def mutations():
    """Nothing crashes or hangs; what is cut off is truncated."""
    good = json.dumps(model()).encode()
    bad = [n for n in range(len(good)) if (lambda r: r.status != MALFORMED or r.reason() != "truncated")(
        helper("load", data=good[:n]))]
    equal(bad, [], "every beginning of a file is refused as truncated")
    rng, odd = random.Random(SEED), []
    for n in range(1500):
        data = bytearray(good)
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.choice(b'{}[]",:\\0 \n9aE-.tx\xc3\x00') if n % 2 else rng.randrange(256)
        result = helper("load", data=bytes(data))
        if not accepted(result) and result.status != MALFORMED:
            odd.append((bytes(data), result.status, result.err))
    equal(odd[:3], [], "changed files are taken or refused as malformed, seed %d" % SEED)


def usage():
    for args in (("load", "a", "b"), ("load", "-x"), ("show", "x"), ("show", "0"), ("show", "1", "2"), ("show", "--keys"),
                 ("show", "--suites", "1"), ("unload",), ("unload", "x"), ("unload", "--all", "1"), ("monitor", "1"),
                 ("attach",), ("detach", "--pid", "0"), ("run",), ("run", "--session", "1"), ("genpsk", "x"),
                 ("nothing",), ("help", "nothing"), ("version", "x")):
        result = helper("--json", *args)
        ok = result.status == USAGE and result.reason() == "usage" and result.json()["error"]["reason"] == "usage"
        check(ok, "mikey-helper %s is refused as usage" % " ".join(args), "status %d: %s" % (result.status, result.err))
    for name in ("show", "monitor", "load", "unload", "attach", "detach", "run", "genpsk"):
        for args in (("help", name), (name, "--help")):
            result = helper(*args)
            check(result.status == 0 and b"usage: mikey-helper " + name.encode() in result.out,
                  "mikey-helper %s explains it" % " ".join(args), result.err)


def files():
    result = helper("load", "/no/such/file")
    equal((result.status, result.reason()), (SYSTEM, "system"), "a file that is not there is told")
    good = json.dumps(model()).encode()
    check("warning" in helper("load", write("open.json", good, 0o644)).err, "a file that others may read is warned of")
    check("warning" not in helper("load", write("closed.json", good)).err, "a file of the owner alone is not")


def genpsk():
    one, other = helper("genpsk"), helper("genpsk")
    check(one.status == 0 and len(one.out) == 65 and one.out != other.out and
          set(one.out.strip()) <= set(b"0123456789abcdef"), "genpsk prints 64 hex digits, others each time")
    for mode, warns in ((0o644, True), (0o600, False)):
        path = write("psk", b"", mode)
        status = os.system("'%s' genpsk >%s 2>%s.err" % (os.path.abspath(helpercli_path()), path, path))
        with open(path + ".err", encoding="ascii") as f:
            equal((status, "warning" in f.read()), (0, warns), "genpsk into a file of mode %o%s" % (
                mode, " warns" if warns else " does not warn"))


def helpercli_path():
    import helpercli
    return helpercli.HELPER


begin()
check(accepted(helper("load", data=json.dumps(model()).encode())), "the file without a mistake is taken")
syntax()
members()
values()
peers()
mutations()
usage()
files()
genpsk()
end()
