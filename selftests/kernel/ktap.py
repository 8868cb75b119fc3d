#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A program of tests: each one in a process and network namespace of its own.

    @ktap.test("a session that is not there cannot be deleted")
    def _():
        with ktap.fails(errno.ENOENT, "session"):
            nl.do("session-del", id=1)

    ktap.main()

A test that raises has failed, one that raises Skip was skipped, and one that
takes too long is ended, with the processes that it started, and has failed.
Sessions of a test go with its network namespace.
"""

import contextlib
import errno
import os
import select
import signal
import sys
import traceback

import ns

BOUND = 400             # seconds; emulated machines are slow
SKIPPED = 4             # exit status of a test's process
TESTS = []


class Skip(Exception):
    """Raised with the reason by a test that cannot run here."""


def test(name, *args, netns=True, bound=BOUND):
    def add(function):
        TESTS.append((name, function, args, netns, bound))
        return function
    return add


def note(text):
    for line in str(text).splitlines():
        print("# " + line, flush=True)


def equal(got, want, what="value"):
    if got != want:
        raise AssertionError("%s: got %r, want %r" % (what, got, want))


def check(condition, what):
    if not condition:
        raise AssertionError(what)


@contextlib.contextmanager
def fails(number, *words, sentence=True):
    """The body must raise OSError number (or one of several), its sentence with these words.

    Every refusal by the module over netlink has a sentence.
    """
    numbers = number if isinstance(number, (tuple, set, list)) else (number,)
    try:
        yield
    except OSError as e:
        names = "/".join(errno.errorcode[n] for n in numbers)
        check(e.errno in numbers, "got %s, want %s" % (e, names))
        if sentence and hasattr(e, "sentence"):
            check(e.sentence, "%s comes without a sentence" % names)
        for word in words:
            check(plain(word) in plain(e.strerror), "%r does not say %r" % (e.strerror, word))
        return
    raise AssertionError("was not refused")


def fails_plainly(number):
    """The same for what the core of the kernel refuses: it may be without a sentence."""
    return fails(number, sentence=False)


def plain(text):
    """For comparing words: mki-len, mki_len and MKI len are one."""
    return text.lower().replace("-", " ").replace("_", " ")


def _child(function, args, netns):
    os.setpgid(0, 0)
    ns.die_with_parent()
    try:
        if netns:
            ns.unshare(ns.NEWNET)
            ns.loopback_up()
        function(*args)
        return 0, ""
    except Skip as e:
        return SKIPPED, str(e)
    except BaseException:
        note(traceback.format_exc())
        return 1, ""


def _wait(pid, bound):
    """The exit status, or None if the time was over and the test is dead now."""
    with contextlib.closing(os.fdopen(os.pidfd_open(pid))) as pidfd:
        done = select.select([pidfd], [], [], bound)[0]
    if not done:
        os.killpg(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(status) if done else None


def _run(function, args, netns, bound):
    """Returns (status, reason to skip)."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(r)
        status, reason = _child(function, args, netns)
        os.write(w, reason.encode()[:4096])
        sys.stdout.flush()
        os._exit(status)
    os.close(w)
    status = _wait(pid, bound)
    os.set_blocking(r, False)
    try:
        reason = os.read(r, 4096).decode()
    except BlockingIOError:
        reason = ""
    os.close(r)
    if status is None:
        note("not done after %d s" % bound)
    elif status not in (0, 1, SKIPPED):
        note("ended with status %d" % status)
    return status, reason


def main():
    """Runs the tests, or those whose names have one of the arguments in them."""
    tests = [t for t in TESTS if not sys.argv[1:] or any(a in t[0] for a in sys.argv[1:])]
    print("KTAP version 1\n1..%d" % len(tests), flush=True)
    failed = 0
    for number, (name, function, args, netns, bound) in enumerate(tests, 1):
        name = name.replace("#", "")
        status, reason = _run(function, args, netns, bound)
        failed += status not in (0, SKIPPED)
        line = "%s %d - %s" % ("ok" if status in (0, SKIPPED) else "not ok", number, name)
        print(line + (" # SKIP " + reason if status == SKIPPED else ""), flush=True)
    sys.exit(failed > 0)
