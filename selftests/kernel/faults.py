#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Failures on demand: the kernel's fault injection, narrowed down to the module.

Allocations (failslab, fail_page_alloc) and copies from and to user space
(fail_usercopy) fail if a function of srtp.ko is among the callers.  In the
context of a task the nth one fails, see each(); what happens in softirq has
no task, see in_softirq().
"""

import contextlib
import os
import subprocess

import ktap

DEBUGFS = "/sys/kernel/debug"
KINDS = ("failslab", "fail_page_alloc", "fail_usercopy")
DEPTH = 32              # callers that are looked at; the most that there can be
MOST = 400              # failures of one operation; more means that it never ends


def knob(kind, name, value):
    with open("%s/%s/%s" % (DEBUGFS, kind, name), "w", encoding="ascii") as f:
        f.write("%s\n" % value)


def text_range():
    """Where the module's functions are."""
    with open("/sys/module/srtp/sections/.text", encoding="ascii") as f:
        start = int(f.read(), 16)
    listing = subprocess.run(["size", "-A", "-d", os.environ["SRTP_KO"]], check=True,
                             capture_output=True, text=True).stdout
    sizes = {line.split()[0]: int(line.split()[1]) for line in listing.splitlines()
             if line.startswith(".text")}
    return start, start + sizes[".text"]


def narrow():
    """To be called once the module is loaded, before anything else here."""
    start, end = text_range()
    for kind in KINDS:
        knob(kind, "verbose", 0)
        knob(kind, "probability", 0)
        knob(kind, "stacktrace-depth", DEPTH)
        knob(kind, "require-start", hex(start))
        knob(kind, "require-end", hex(end))
    knob("failslab", "ignore-gfp-wait", "N")
    knob("fail_page_alloc", "ignore-gfp-wait", "N")
    knob("fail_page_alloc", "min-order", 0)


class Fault:
    """The nth failure of this thread; injected says afterwards whether it came to it."""

    def __init__(self, n):
        self.n, self.injected = n, False

    def __enter__(self):
        self.fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
        os.pwrite(self.fd, b"%d" % self.n, 0)
        return self

    def __exit__(self, *_):
        self.injected = int(os.pread(self.fd, 32, 0)) == 0
        os.pwrite(self.fd, b"0", 0)
        os.close(self.fd)


def each(attempt):
    """Calls attempt(Fault(1)), attempt(Fault(2)) ... until nothing is left that can fail.

    attempt() uses the fault as a context around what shall fail and checks what
    came of it.  Returns how many failures there were.
    """
    for n in range(1, MOST):
        fault = Fault(n)
        try:
            attempt(fault)
        except Exception as e:
            raise AssertionError("with failure %d: %s" % (n, e)) from e
        if not fault.injected:
            return n - 1
    raise AssertionError("there is no end of failures")


@contextlib.contextmanager
def in_softirq(space):
    """The first allocation after so many octets of allocations fails, in any context."""
    knob("failslab", "space", space)
    knob("failslab", "times", 1)
    knob("failslab", "probability", 100)
    try:
        yield
    finally:
        knob("failslab", "probability", 0)


def softirq_injected():
    with open(DEBUGFS + "/failslab/times", encoding="ascii") as f:
        return int(f.read()) == 0


def note(what, n):
    ktap.note("%s: %d failures" % (what, n))
