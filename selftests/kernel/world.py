#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the tests build again and again: keys, sessions with streams, sockets, the module."""

import ctypes
import hashlib
import os
import socket
import subprocess

import ktap
import ns
import srtpnl

SUITE = "aes-cm-128-hmac-sha1-80"
MODULE = "/sys/module/srtp"


def key(name):
    """A master key and salt of their own for every name."""
    octets = hashlib.sha256(str(name).encode()).digest()
    return octets[:16], octets[16:30]


def stream(nl, session, direction, ssrc=None, master=None, suite=SUITE, **more):
    """A stream, with the key if there is one; its id."""
    if direction == "tx" and not {"fresh", "roc"} & set(more):
        more["fresh"] = 1
    sid = nl.do("stream-new", session=session, direction=direction, ssrc=ssrc, suite=suite, **more)["id"]
    if master:
        new_key(nl, session, sid, master)
    return sid


def new_key(nl, session, sid, master, **more):
    more = {"active": 1, **more}
    return nl.do("key-new", session=session, stream=sid, master_key=master[0],
                 master_salt=master[1], **more)["id"]


def call(nl, tx="tx", rx="rx", **more):
    """A session with a wildcard stream and key in each direction; its id."""
    session = nl.do("session-new", **more)["id"]
    stream(nl, session, "tx", master=key(tx))
    stream(nl, session, "rx", master=key(rx))
    return session


def udp(address="127.0.0.1", port=0):
    """A bound UDP socket that gives up receiving after a while."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.bind((address, port))
    sock.settimeout(30)
    return sock


def pair(nl, session, role="rtp", address="127.0.0.1"):
    """An attached socket, connected to a plain one that is connected to it."""
    inside, outside = udp(address), udp(address)
    inside.connect(outside.getsockname())
    outside.connect(inside.getsockname())
    nl.do("socket-new", fd=inside.fileno(), session=session, role=role)
    return inside, outside


# The module

def loaded():
    return os.path.exists(MODULE)


def load():
    """From the file in $SRTP_KO, or by name."""
    if not loaded():
        path = os.environ.get("SRTP_KO")
        subprocess.run(["insmod", path] if path else ["modprobe", "srtp"], check=True)


def unload():
    """delete_module(2); raises OSError, EWOULDBLOCK if it is in use."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.delete_module(b"srtp", os.O_NONBLOCK) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def references():
    with open(MODULE + "/refcnt", encoding="utf-8") as f:
        return int(f.read())


def wait_unreferenced():
    ns.wait_for(lambda: references() == 0, "no references to the module")


def parameter(name):
    with open(MODULE + "/parameters/" + name, encoding="utf-8") as f:
        return int(f.read())


def set_parameter(name, value):
    with open(MODULE + "/parameters/" + name, "w", encoding="utf-8") as f:
        f.write("%d\n" % value)
