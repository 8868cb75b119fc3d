#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A valid request of every command, and what may be asked of each attribute.

Scene is what the requests refer to; request() gives the attributes that make a
command succeed.  GOOD are values that must be taken.
"""

import contextlib
import socket

import srtpnl
import world

SIDES = [(op.name, side) for op in srtpnl.SPECIFICATION.ops.values() if not op.event
         for side in ("do", "dump") if getattr(op, side) is not None]

SWITCH = (0, 1)
SETTINGS = {
    "owner": (0, 1000), "name": ("", "a", "n" * 63), "pass-non-rtp": SWITCH, "forbid-detach": SWITCH,
    "auto-delete": SWITCH, "provisional": (0, 1000, 86400), "ssrc-cap": (1, 64, 65536),
}

LIMITS = {
    "soft-packets": (1, 1000), "hard-packets": (1, 2**48 - 1), "soft-srtcp-packets": (1, 1000),
    "hard-srtcp-packets": (1, 2**31 - 1), "soft-seconds": (1, 3600), "hard-seconds": (1, 2**32 - 1),
}

# Values beyond those of the request itself, which must be taken, too.
GOOD = {
    "session-new": {**SETTINGS, "id": (1, 77, 2**31 - 1)},
    "session-set": SETTINGS,
    "stream-new": {
        "direction": ("rx",), "ssrc": (0, 1, 2**32 - 1), "suite": tuple(range(1, 12)),
        "no-srtp-encryption": SWITCH, "no-srtcp-encryption": SWITCH, "no-srtp-authentication": SWITCH,
        "srtp-tag-len": (4, 10, 20), "srtcp-tag-len": (10, 20), "mki-len": (0, 1, 4, 255), "kdr": (0, 1, 1024, 2**24),
        "rcc-mode": (0, "m1", "m2", "m3"), "encrypted-ext-ids": (b"", b"\1", bytes(range(1, 256))),
        "cryptex": (0, "allowed", "required"), "srtcp-only": SWITCH,
        "window": (64, 100, 1024, 32768), "srtcp-window": (64, 100, 128, 32768),
        "peer-v4": (bytes([127, 0, 0, 1]),), "peer-v6": (bytes(15) + b"\1",), "peer-port": (1, 65535),
    },
    "stream-set": {"ack-events": (0, 1 << 5, 2**32 - 1), "roc": (0, 1, 2**32 - 1),
                   "srtcp-index": (0, 1, 2**31 - 1)},
    "key-new": {"active": SWITCH, "from": (0, 1, 2**48 - 1), "to": (0, 1, 2**48 - 1), **LIMITS},
    "key-set": LIMITS,
    "socket-new": {"role": ("rtp", "rtcp", "mux")},
    "socket-set": {"role": ("rtp", "rtcp", "mux")},
}


class Scene:
    """A session with a stream and key in each direction, and two sockets, one attached."""

    def __init__(self, nl):
        self.nl = nl
        self.session = nl.do("session-new")["id"]
        self.tx = world.stream(nl, self.session, "tx", 1)
        self.rx = world.stream(nl, self.session, "rx", 2)
        self.bare = world.stream(nl, self.session, "rx", 3)
        self.key = world.new_key(nl, self.session, self.tx, world.key("scene"))
        self.loose = world.udp()
        self.sock = world.udp()
        srtpnl.attach(self.sock, self.session, "mux")

    def close(self):
        self.loose.close()
        self.sock.close()
        with contextlib.suppress(srtpnl.Error):
            self.nl.do("session-del", id=self.session)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def request(self, op, side="do"):
        """Attributes of a request that succeeds, or would if the command were built."""
        session = {"session": self.session}
        stream = {**session, "id": self.tx}
        key = {**session, "stream": self.tx, "id": self.key}
        fd = {"fd": self.sock.fileno()}
        master, salt = world.key("fresh")
        if side == "dump":
            return {} if op in ("session-get", "suite-get") else session
        return {
            "session-new": {},
            "session-set": {"id": self.session},
            "session-get": {"id": self.session},
            "session-del": {"id": self.session},
            "stream-new": {**session, "direction": "rx", "ssrc": 4, "suite": world.SUITE},
            "stream-set": {**stream, "ack-events": 0},
            "stream-get": stream,
            "stream-del": stream,
            "stream-freeze": stream,
            "key-new": {**session, "stream": self.bare, "master-key": master, "master-salt": salt,
                        "active": 1},
            "key-set": {**key, "active": 1},
            "key-get": key,
            "key-del": key,
            "socket-new": {"fd": self.loose.fileno(), **session, "role": "mux"},
            "socket-set": {**fd, "role": "mux"},
            "socket-get": fd,
            "socket-del": fd,
        }[op]


def plausible(attribute):
    """Octets of the right length for an attribute that has no place in a request."""
    if attribute.size:
        return bytes(attribute.checks.get("min", 0).to_bytes(attribute.size, attribute.order))
    if attribute.type == "string":
        return b"a\0"
    return bytes(attribute.checks.get("exact-len", 0))


def wrong(attribute):
    """Octets that violate the attribute's type or checks: (what, octets, is it a range)."""
    checks, size, order = attribute.checks, attribute.size, attribute.order
    if size:
        yield "an octet short", bytes(size - 1), False
        yield "an octet long", bytes(size + 1), False
        if checks.get("min", 0) > 0:
            yield "below its minimum", (checks["min"] - 1).to_bytes(size, order), True
        if checks.get("max", 256**size) + 1 < 256**size:
            yield "above its maximum", (checks["max"] + 1).to_bytes(size, order), True
    elif attribute.type == "string":
        yield "without a NUL", b"abc", False
        yield "too long", b"a" * (checks["max-len"] + 1) + b"\0", True
    elif "exact-len" in checks:
        yield "an octet short", bytes(checks["exact-len"] - 1), True
        yield "an octet long", bytes(checks["exact-len"] + 1), True
    elif "max-len" in checks:
        yield "too long", bytes(checks["max-len"] + 1), True
