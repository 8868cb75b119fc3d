#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-only: debug
# ktap-timeout: 1200
"""kill -9 of a call at each of its steps: at each system call that changes or says something.

On the debug kernel only: some fifty calls under strace take long where the processor is
emulated, and the exchange is the same on every kernel.
"""

import re
import signal
import subprocess

import ktap
import mikeypair
from mikeypair import Pair, talk

# State files, netlink, the peer, and the end.
STEPS = ("write", "fsync", "renameat", "sendmsg", "sendto", "recvmsg", "recvfrom", "exit_group")


def strace(host, *options):
    """A call by HOST under strace, without a daemon of its own."""
    command = ("strace", "-qq") + options + (mikeypair.HELPER, "--json", "call", "bob",
                                             "--config", host.conf, "--timeout", "5")
    return subprocess.run(command, preexec_fn=host.enter, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=120, check=False)


def steps_of(host):
    """The steps of a call that nobody ends: (system call, the how manieth of its kind)."""
    path, seen = host.path("steps"), {}
    done = strace(host, "-o", path, "-e", "trace=" + ",".join(STEPS))
    ktap.equal(done.returncode, 0, "exit status of the call: " + done.stderr)
    with open(path, encoding="utf-8", errors="replace") as f:
        for name in re.findall(r"^(\w+)\(", f.read(), re.MULTILINE):
            seen[name] = seen.get(name, 0) + 1
            yield name, seen[name]


def killed_at(host, name, number):
    done = strace(host, "-o", "/dev/null", "-e", "trace=" + name, "-e",
                  "inject=%s:signal=KILL:when=%d" % (name, number))
    ktap.check(done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL),
               "killed at %s %d, not ended with %d" % (name, number, done.returncode))


def complete(session):
    return {s["direction"] for s in session["streams"] if s["keys"]} == {"rx", "tx"}


def check_left(host, known, where):
    """What is new goes by itself, or the call was through; how many will go."""
    new = [session for session in host.sessions() if session["id"] not in known]
    for session in new:
        ktap.check(session.get("provisional") or complete(session),
                   "killed at %s %d: %r expires" % (where + (session,)))
        known.add(session["id"])
    return sum(bool(session.get("provisional")) for session in new)


@ktap.test("kill -9 of a call at each step: what it leaves in the kernel expires, or is complete")
def _():
    with Pair() as pair:
        pair.bob.listen()
        steps = list(steps_of(pair.alice))
        ktap.check(len(steps) > 10, "%d steps" % len(steps))
        ktap.note("%d steps" % len(steps))
        known = {session["id"] for session in pair.alice.sessions()}
        expire = 0
        for step in steps:
            killed_at(pair.alice, *step)
            expire += check_left(pair.alice, known, step)
        ktap.note("%d times there was a session that expires" % expire)
        ktap.check(expire, "some of the steps are between the first and the last")
        for event in pair.bob.daemon.pending():
            ktap.check(event.get("event") != "error", "bob said %r" % event)
        pair.bob.daemon.events.clear()
        status, session = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status of the next call")
        talk(pair, session["session"], pair.bob.daemon.wait("session")["session"])


ktap.main()
