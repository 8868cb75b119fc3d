#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""The netlink spec, the header and what the kernel says of itself are one."""

import errno
import os
import subprocess
import tempfile

import ktap
import srtpnl
import world

SPEC = srtpnl.SPECIFICATION
UAPI = os.path.join(srtpnl.TOP, "uapi")

# Registered name, octets of the master key and salt, SRTP and SRTCP tag
# (RFC 3711 8.2, 4568 6.2, 5669 5, 6188 3, 7714 14.2, 8269 5).
SUITES = {
    "AES_CM_128_HMAC_SHA1_80": (16, 14, 10, 10), "AES_CM_128_HMAC_SHA1_32": (16, 14, 4, 10),
    "AES_192_CM_HMAC_SHA1_80": (24, 14, 10, 10), "AES_192_CM_HMAC_SHA1_32": (24, 14, 4, 10),
    "AES_256_CM_HMAC_SHA1_80": (32, 14, 10, 10), "AES_256_CM_HMAC_SHA1_32": (32, 14, 4, 10),
    "F8_128_HMAC_SHA1_80": (16, 14, 10, 10), "NULL_HMAC_SHA1_80": (16, 14, 10, 10),
    "NULL_HMAC_SHA1_32": (16, 14, 4, 10), "AEAD_AES_128_GCM": (16, 12, 16, 16),
    "AEAD_AES_256_GCM": (32, 12, 16, 16), "ARIA_128_CTR_HMAC_SHA1_80": (16, 14, 10, 10),
    "ARIA_128_CTR_HMAC_SHA1_32": (16, 14, 4, 10), "ARIA_256_CTR_HMAC_SHA1_80": (32, 14, 10, 10),
    "ARIA_256_CTR_HMAC_SHA1_32": (32, 14, 4, 10), "AEAD_ARIA_128_GCM": (16, 12, 16, 16),
    "AEAD_ARIA_256_GCM": (32, 12, 16, 16), "SEED_CTR_128_HMAC_SHA1_80": (16, 14, 10, 10),
    "SEED_128_CCM_80": (16, 12, 10, 10), "SEED_128_GCM_96": (16, 12, 12, 12),
}

# enum netlink_policy_type_attr and enum netlink_attribute_type of the kernel
TYPE, MIN_VALUE, MAX_VALUE, MIN_LENGTH, MAX_LENGTH = 1, 4, 5, 6, 7
TYPES = {"u8": 2, "u16": 3, "u32": 4, "u64": 5, "binary": 10, "string": 12}


@ktap.test("the header is what gen.py makes of the spec")
def _():
    subprocess.run(["python3", UAPI + "/gen.py", "--check"], check=True)


def upper(*words):
    return "_".join(words).upper().replace("-", "_")


def constants():
    """Every name that the header must define, with its value by the spec."""
    out = {upper("SRTP", n): v for n, v in SPEC.consts.items()}
    for name, members in SPEC.enums.items():
        out.update({upper("SRTP", name, m): v for m, v in members.items()})
        out[upper("SRTP", name, "LAST")] = max(members.values())
    for aset in SPEC.sets.values():
        prefix = "SRTP_A_" + ("SUITE" if aset.name == "suite-info" else aset.name)
        out.update({upper(prefix, a.name): a.number for a in aset.attrs})
        out[upper(prefix, "MAX")] = len(aset.attrs)
    out.update({upper("SRTP_CMD", o.name): o.number for o in SPEC.ops.values()})
    out.update(SRTP_CMD_MAX=len(SPEC.ops), SRTP_SESSION=srtpnl.SRTP_SESSION, SRTP_INFO=srtpnl.SRTP_INFO,
               SRTP_INFO_DEAD=srtpnl.SRTP_INFO_DEAD, SRTP_FAMILY_VERSION=1)
    return out


SIZES = {"sizeof(struct srtp_attach)": 8, "sizeof(struct srtp_info)": srtpnl.INFO.size,
         "offsetof(struct srtp_info, session_cookie)": 8, "offsetof(struct srtp_info, stats)": 16}


def compile_and_run(source, options):
    with tempfile.TemporaryDirectory() as tmp:
        with open(tmp + "/a.c", "w", encoding="utf-8") as f:
            f.write(source)
        subprocess.run(["gcc", *options, "-Wall", "-Wextra", "-Werror", "-I", UAPI, "-o", tmp + "/a", tmp + "/a.c"],
                       check=True)
        return subprocess.run([tmp + "/a"], check=True, capture_output=True, text=True).stdout


@ktap.test("a user program with the header has the numbers of the spec", ["-std=gnu11"])
@ktap.test("the header compiles as pedantic C89", ["-std=c89", "-pedantic"])
def _(options):
    want = {**constants(), **SIZES}
    lines = "".join('\tprintf("%%ld %s\\n", (long)%s);\n' % (n, n) for n in want)
    text = '\tprintf("%s %s\\n", SRTP_FAMILY_NAME, SRTP_MCGRP_EVENTS);\n'
    out = compile_and_run("#include <stdio.h>\n#include <stddef.h>\n#include <linux/srtp.h>\n"
                          "int main(void)\n{\n" + lines + text + "\treturn 0;\n}\n", options)
    *numbers, names = out.splitlines()
    got = {n.split(" ", 1)[1]: int(n.split(" ", 1)[0]) for n in numbers}
    ktap.equal(got, want, "constants")
    ktap.equal(names, "srtp events", "names")


# What the kernel enforces

def expected(attribute):
    """(type, smallest value, largest, shortest, longest) that a policy must tell."""
    c = attribute.checks
    kind = TYPES[attribute.type]
    if attribute.size:
        return kind, c.get("min", 0), c.get("max", 256**attribute.size - 1), 0, 0
    exact = c.get("exact-len", 0)
    return kind, 0, 0, exact, c.get("max-len", exact)


def told(fields):
    return (fields.get(TYPE), *(fields.get(f, 0) for f in (MIN_VALUE, MAX_VALUE, MIN_LENGTH, MAX_LENGTH)))


def compare(op, side, listed, policy):
    for name in listed:
        a = op.set.by_name[name]
        # The kernel does not tell policies of big-endian numbers.
        if a.order == "big" and a.number not in policy:
            continue
        ktap.check(a.number in policy, "%s %s: the policy has no %s" % (op.name, side, name))
        ktap.equal(told(policy[a.number]), expected(a),
                   "%s %s %s: type, min, max, min and max length" % (op.name, side, name))
    extra = {op.set.by_number[n].name for n in policy} - set(op.do or ()) - set(op.dump or ())
    ktap.check(not extra, "%s %s: the policy lets %s through" % (op.name, side, extra))


# One policy serves both sides of a command; that each takes only its own
# attributes is checked by test_uapi_attributes.py, by sending them.
# key-new reads its attributes itself, so that a malformed message is wiped,
# too: what kernels dump for it differs and means nothing; test_uapi_attributes.py
# sends it everything that a policy would refuse.
@ktap.test("the policies that the kernel dumps are those of the spec: type, range, length, nothing more")
def _():
    ops, policies = srtpnl.Netlink().policy()
    for op in SPEC.ops.values():
        if op.event or op.name == "key-new":
            continue
        sides = ops.get(op.number, {})
        for side in ("do", "dump"):
            listed = getattr(op, side)
            if listed is None:
                ktap.check(side not in sides, "%s has no %s" % (op.name, side))
            elif side in sides or listed:
                ktap.check(side in sides, "%s %s has a policy" % (op.name, side))
                compare(op, side, listed, policies.get(sides[side], {}))


@ktap.test("the controller gives family version 1 and the group events")
def _():
    nl = srtpnl.Netlink()
    reply = nl.transact(srtpnl.GENL_ID_CTRL, srtpnl.CTRL_CMD_GETFAMILY,
                        srtpnl.attr(srtpnl.CTRL_ATTR_FAMILY_ID, nl.family.to_bytes(2, "little")))
    found = {k & srtpnl.NLA_TYPE_MASK: v for k, v in srtpnl.attributes(reply[0][4:])}
    ktap.equal(found[srtpnl.CTRL_ATTR_FAMILY_NAME], b"srtp\0", "name")
    ktap.equal(int.from_bytes(found[srtpnl.CTRL_ATTR_VERSION], "little"), 1, "version")
    ktap.equal(list(nl.groups), SPEC.groups, "groups")


@ktap.test("commands that the spec does not have are refused")
def _():
    nl = srtpnl.Netlink()
    known = {o.number for o in SPEC.ops.values() if not o.event}
    for number in set(range(256)) - known:
        with ktap.fails_plainly(errno.EOPNOTSUPP):
            nl.transact(nl.family, number, b"")


@ktap.test("a command is refused as dump, or as do, if the spec has it not so")
def _():
    nl = srtpnl.Netlink()
    for op in SPEC.ops.values():
        for side, run in (("do", nl.do), ("dump", nl.dump)):
            if not op.event and getattr(op, side) is None:
                with ktap.fails_plainly(errno.EOPNOTSUPP):
                    run(op.name)


@ktap.test("suite-get lists every suite with its registered name, lengths and drivers")
def _():
    suites = srtpnl.Netlink().dump("suite-get")
    names = list(SPEC.enums["suite"])
    ktap.equal([s["id"] for s in suites], names, "ids")
    for s in suites:
        name = upper(s["id"])
        ktap.equal(s["name"], name, "name")
        ktap.check(s["available"] in (0, 1), "%s: available is %r" % (name, s["available"]))
        for field, length in zip(("key-len", "salt-len", "srtp-tag-len", "srtcp-tag-len"), SUITES[name]):
            if s["available"] or field in s:
                ktap.equal(s[field], length, "%s: %s" % (name, field))
        ktap.equal(bool(s.get("missing")), not s["available"], name + ": says what is missing")
    first = suites[0]
    ktap.equal(first["available"], 1, "AES_CM_128_HMAC_SHA1_80 is available")
    ktap.check(first["cipher-driver"] and first["auth-driver"], "its drivers are named")


@ktap.test("a suite is available exactly if a stream may use it")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    for s in nl.dump("suite-get"):
        request = dict(session=session, direction="rx", ssrc=SPEC.enums["suite"][s["id"]], suite=s["id"])
        if s["available"]:
            nl.do("stream-new", **request)
        else:
            with ktap.fails(errno.EOPNOTSUPP, "suite"):
                nl.do("stream-new", **request)


world.load()
ktap.main()
