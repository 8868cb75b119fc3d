#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mokmanager.py KEYS PASSWORD COMMAND...: does what a person does at a machine's console.

COMMAND is a machine with its console on stdin and stdout, whose owner has asked for KEYS
keys with "mokutil --import". Answers MokManager until the machine starts anew, which ends it.
"""

import re
import select
import subprocess
import sys
import time

BOUND = 400
DOWN, ENTER = b"\x1b[B", b"\r"
DRAWING = re.compile(rb"\x1b\[[0-9;=?]*[A-Za-z]|[\r\n\0]")


def steps(keys, password):
    """What is on the screen, and what is typed then."""
    return [(b"Press any key to perform MOK management", b" "),
            (b"Enroll MOK", DOWN + ENTER),          # below "Continue boot"
            (b"View key %d" % (keys - 1), keys * DOWN + ENTER),     # below: "Continue"
            (b"Enroll the key(s)?", DOWN + ENTER),  # "No", "Yes"
            (b"Password:", password + ENTER),
            (b"Reboot", ENTER)]


def wait_for(text, machine, seen, end):
    """What the machine draws up to the text, which is taken off it."""
    while text not in seen:
        left = end - time.monotonic()
        if left < 0 or not select.select([machine.stdout], [], [], left)[0]:
            raise SystemExit("waited in vain for %r: %r" % (text, seen[-2000:]))
        more = machine.stdout.read1(4096)
        if not more:
            raise SystemExit("the machine ended before %r: %r" % (text, seen[-2000:]))
        sys.stdout.buffer.write(more)
        seen = DRAWING.sub(b"", seen + more)
    return seen.split(text, 1)[1]


def main(keys, password, *command):
    end = time.monotonic() + BOUND
    seen = b""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as machine:
        try:
            for text, answer in steps(int(keys), password.encode()):
                seen = wait_for(text, machine, seen, end)
                machine.stdin.write(answer)
                machine.stdin.flush()
            machine.wait(max(1, end - time.monotonic()))
        finally:
            machine.kill()


main(*sys.argv[1:])
