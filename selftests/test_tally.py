#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Feeds KTAP samples to tally.py and checks what it makes of them."""

import os
import subprocess
import sys

TALLY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tally.py")

# What the sample shows, the sample, passed, failed, skipped, exit status.
SAMPLES = [
    ("passing tests",
     "KTAP version 1\n1..2\nok 1 a\nok 2 - b\n", 2, 0, 0, 0),
    ("a plan that comes last",
     "KTAP version 1\nok 1 a\n1..1\n", 1, 0, 0, 0),
    ("a failing test",
     "KTAP version 1\n1..2\nok 1 a\nnot ok 2 b\n", 1, 1, 0, 1),
    ("a skip with its reason",
     "KTAP version 1\n1..2\nok 1 a\nok 2 b # SKIP no ipv6 here\n", 1, 0, 1, 0),
    ("a skip without a reason",
     "KTAP version 1\n1..2\nok 1 a\nok 2 b # SKIP\n", 1, 1, 0, 1),
    ("a skip in small letters",
     "KTAP version 1\n1..2\nok 1 a\nok 2 b # skip no ipv6 here\n", 1, 0, 1, 0),
    ("a failure that calls itself a skip",
     "KTAP version 1\n1..2\nok 1 a\nnot ok 2 b # SKIP reason\n", 1, 1, 0, 1),
    ("nothing but skips",
     "KTAP version 1\n1..1\nok 1 a # SKIP no ipv6 here\n", 0, 0, 1, 1),
    ("subtests, whose parent does not count",
     "KTAP version 1\n1..1\n    KTAP version 1\n    1..2\n    ok 1 a\n    ok 2 b\n"
     "ok 1 parent\n", 2, 0, 0, 0),
    ("subtests without a version line",
     "1..1\n  1..1\n  ok 1 a\nok 1 parent\n", 1, 0, 0, 0),
    ("three levels with a failure in the innermost",
     "KTAP version 1\n1..1\n    KTAP version 1\n    1..1\n        TAP version 13\n"
     "        1..2\n        ok 1 a\n        not ok 2 b\n    not ok 1 c\n"
     "not ok 1 d\n", 1, 1, 0, 1),
    ("a parent that fails although its subtests pass",
     "KTAP version 1\n1..1\n    KTAP version 1\n    1..1\n    ok 1 a\n"
     "not ok 1 parent\n", 1, 1, 0, 1),
    ("a parent that passes although a subtest fails",
     "KTAP version 1\n1..1\n    KTAP version 1\n    1..2\n    ok 1 a\n"
     "    not ok 2 b\nok 1 parent\n", 1, 1, 0, 1),
    ("a parent that is not misled by an earlier failure",
     "KTAP version 1\n1..2\nnot ok 1 early\n    KTAP version 1\n    1..1\n"
     "    ok 1 a\nnot ok 2 parent\n", 1, 2, 0, 1),
    ("fewer tests than planned",
     "KTAP version 1\n1..3\nok 1 a\nok 2 b\n", 2, 1, 0, 1),
    ("more tests than planned",
     "KTAP version 1\n1..1\nok 1 a\nok 2 b\n", 2, 1, 0, 1),
    ("a missing plan",
     "KTAP version 1\nok 1 a\n", 1, 1, 0, 1),
    ("a missing plan of subtests",
     "KTAP version 1\n1..1\n    KTAP version 1\n    ok 1 a\nok 1 parent\n", 1, 1, 0, 1),
    ("subtests cut off by a crash",
     "KTAP version 1\n1..1\n    KTAP version 1\n    1..2\n    ok 1 a\n"
     "not ok 1 parent\n", 1, 1, 0, 1),
    ("a run cut off within the subtests",
     "KTAP version 1\n1..1\n    KTAP version 1\n    1..2\n    ok 1 a\n", 1, 3, 0, 1),
    ("a program that says nothing",
     "KTAP version 1\n1..1\n    KTAP version 1\nok 1 parent\n", 0, 1, 0, 1),
    ("subtests that are skipped as a whole",
     "KTAP version 1\n1..2\nok 1 a\n    TAP version 13\n    1..0 # SKIP no module\n"
     "ok 2 parent # SKIP\n", 1, 0, 1, 0),
    ("an empty plan without a reason",
     "KTAP version 1\n1..2\nok 1 a\n    TAP version 13\n    1..0\nok 2 parent\n",
     1, 1, 0, 1),
    ("results numbered wrongly",
     "KTAP version 1\n1..2\nok 1 a\nok 1 b\n", 2, 1, 0, 1),
    ("two reports after each other",
     "KTAP version 1\n1..1\nok 1 a\nKTAP version 1\n1..1\nok 1 b\n", 2, 0, 0, 0),
    ("a doubled version line",
     "KTAP version 1\nTAP version 13\n1..1\nok 1 a\n", 1, 0, 0, 0),
    ("a bail-out",
     "KTAP version 1\n1..1\nok 1 a\nBail out! no more\n", 1, 1, 0, 1),
    ("a time-out",
     "KTAP version 1\n1..2\nok 1 a\nok 2 b # TIMEOUT after 5 s\n", 1, 1, 0, 1),
    ("words that only look like results",
     "KTAP version 1\n1..1\nokay then\n# not ok 7 c\nnot okay\nok 1 a\n", 1, 0, 0, 0),
    ("bytes that are no text",
     b"KTAP version 1\n1..1\n\xff\xfe\nok 1 \xff\n", 1, 0, 0, 0),
    ("no input", "", 0, 1, 0, 1),
]


def check(sample, passed, failed, skipped, status):
    """None if tally.py agrees, otherwise what it said."""
    if isinstance(sample, str):
        sample = sample.encode()
    run = subprocess.run([sys.executable, TALLY], input=sample, capture_output=True)
    totals = f"{passed} passed, {failed} failed, {skipped} skipped"
    said = run.stdout.decode(errors="replace").splitlines()[-1:]
    if not run.stdout.startswith(sample):
        return "the input did not pass through unchanged"
    if said != [totals] or run.returncode != status:
        return f"expected '{totals}', exit {status}; got {said}, exit {run.returncode}"
    return None


def main():
    wrong = 0
    print(f"KTAP version 1\n1..{len(SAMPLES)}")
    for number, (name, *case) in enumerate(SAMPLES, 1):
        problem = check(*case)
        wrong += bool(problem)
        print(f"{'not ok' if problem else 'ok'} {number} tally: {name}")
        if problem:
            print(f"# {problem}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
