#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Namespaces, users and child processes for the tests."""

import ctypes
import fcntl
import os
import pickle
import signal
import socket
import struct
import time
import traceback

NEWUSER, NEWNET = 0x10000000, 0x40000000
NOBODY = 65534
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS = 1, 4, 8
CAPABILITY_VERSION, CAP_NET_ADMIN = 0x20080522, 12
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

_libc = ctypes.CDLL(None, use_errno=True)


def _syscall(function, *args):
    if function(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def unshare(flags):
    _syscall(_libc.unshare, flags)


def setns(fd, flags=NEWNET):
    _syscall(_libc.setns, fd, flags)


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack_from("H", fcntl.ioctl(s, SIOCGIFFLAGS, request), 16)[0]
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def netns():
    """A descriptor of the current network namespace."""
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def become(uid):
    """Gives up all rights of root for good."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def dumpable():
    """A process that changed its user may not look into its /proc/self otherwise."""
    _libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def _capset(mask):
    header = struct.pack("=II", CAPABILITY_VERSION, 0)
    low, high = mask & 0xffffffff, mask >> 32
    _syscall(_libc.capset, header, struct.pack("=6I", low, low, 0, high, high, 0))


def become_with(uid, capability):
    """The same, but keeps one capability."""
    _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    become(uid)
    _capset(1 << capability)


def drop_capabilities():
    """Stays root, without its rights."""
    _capset(0)


def user_namespace(flags=NEWNET, inside=0):
    """New user namespace, of which the caller is the user "inside"."""
    uid, gid = os.geteuid(), os.getegid()
    unshare(NEWUSER | flags)
    for name, text in (("setgroups", "deny"), ("uid_map", "%d %d 1" % (inside, uid)),
                       ("gid_map", "%d %d 1" % (inside, gid))):
        with open("/proc/self/" + name, "w", encoding="utf-8") as f:
            f.write(text)
    if flags & NEWNET:
        loopback_up()


def _run(function, args, w):
    try:
        result = (True, function(*args))
    except BaseException as e:
        e.trace = traceback.format_exc()
        result = (False, e)
    try:
        data = pickle.dumps(result)
    except Exception:
        data = pickle.dumps((False, RuntimeError(repr(result[1]))))
    with os.fdopen(w, "wb") as f:
        f.write(data)


class Child:
    """A forked process that runs a function; result() waits, and raises what it raised."""

    def __init__(self, function, *args):
        self.r, w = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.r)
            try:
                _run(function, args, w)
            finally:
                os._exit(0)
        os.close(w)

    def result(self):
        with os.fdopen(self.r, "rb") as f:
            data = f.read()
        os.waitpid(self.pid, 0)
        if not data:
            raise RuntimeError("the child died")
        good, value = pickle.loads(data)
        if good:
            return value
        raise value


def child(function, *args):
    return Child(function, *args).result()


def as_user(uid, function, *args):
    """Runs the function in a child without the rights of root."""
    def run():
        become(uid)
        return function(*args)
    return child(run)


def in_user_namespace(uid, function, *args):
    """Runs it as root of a user and network namespace that the user uid made."""
    def run():
        become(uid)
        dumpable()
        user_namespace()
        return function(*args)
    return child(run)


def wait_for(condition, what, seconds=60):
    """Waits until the condition is true and returns its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("%s: not within %d s" % (what, seconds))
        time.sleep(0.02)
