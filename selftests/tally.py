#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""tally.py: passes KTAP through and counts it.

Copies its input to its output, lists what failed and what was skipped, and
ends with the line "N passed, N failed, N skipped". Exits with 1 unless
something passed and nothing failed.

What counts is the innermost line: the line of a test with subtests only sums
them up. It counts as a failure of its own if it says "not ok" although no
subtest failed. These count as failures too: a plan that is missing or differs
from what ran, results that are numbered wrongly, subtests that nobody sums up
(their program was cut off), "Bail out!", a skip without a reason, and results
marked TIMEOUT or ERROR.
"""

import re
import sys

VERSION = re.compile(r"^( *)(?:KTAP|TAP) version \d+\s*$")
PLAN = re.compile(r"^( *)1\.\.(\d+)(?:\s*#\s*SKIP\b\s*(.*))?\s*$")
RESULT = re.compile(r"^( *)(not )?ok\b(?: +(\d+))?(?: +-)? *(.*?)"
                    r"(?:\s*# *((?i:SKIP|TODO)|XFAIL|TIMEOUT|ERROR)\b:?\s*(.*))?\s*$")
BAIL = re.compile(r"^( *)Bail out!\s*(.*)$")


class Level:
    """The tests of one indentation, until the line that sums them up."""

    def __init__(self, indent):
        self.indent = indent
        self.plan = None
        self.skip = None
        self.seen = 0
        self.failed = False
        self.misnumbered = False


class Tally:
    def __init__(self):
        self.passed = 0
        self.failures = []
        self.skips = []
        self.levels = []

    def fail(self, name):
        self.failures.append(name)
        for level in self.levels:
            level.failed = True

    def close(self, level, name):
        """A level is over: did it run what it planned?"""
        if level.plan is None:
            self.fail(f"{name}: the plan is missing")
        elif level.plan != level.seen:
            self.fail(f"{name}: {level.plan} tests planned, {level.seen} ran")
        elif level.plan == 0 and not level.skip:
            self.fail(f"{name}: nothing planned")
        if level.misnumbered:
            self.fail(f"{name}: results are numbered wrongly")

    def close_deeper(self, indent, name):
        """Closes what is below indent. Returns those levels, outermost first."""
        deeper = [level for level in self.levels if level.indent > indent]
        self.levels = [level for level in self.levels if level.indent <= indent]
        for level in reversed(deeper):
            self.close(level, name)
        return deeper

    def close_orphans(self, indent):
        if self.close_deeper(indent, "subtests"):
            self.fail("subtests that were cut off")

    def level(self, indent):
        if not self.levels or self.levels[-1].indent < indent:
            self.levels.append(Level(indent))
        return self.levels[-1]

    def version(self, indent):
        self.close_orphans(indent)
        top = self.level(indent)
        if top.seen or top.plan is not None:
            self.levels.pop()
            self.close(top, "earlier tests")
            self.level(indent)

    def planned(self, indent, count, skip):
        self.close_orphans(indent)
        top = self.level(indent)
        if top.plan is not None:
            self.fail("a second plan")
        top.plan = count
        top.skip = skip

    def result(self, indent, ok, number, name, directive, reason):
        name = name.lstrip("- ") or "a test without a name"
        before = len(self.failures)
        children = self.close_deeper(indent, name)
        top = self.level(indent)
        top.seen += 1
        if number and int(number) != top.seen:
            top.misnumbered = True
        if children and children[0].skip is not None and ok:
            directive, reason = "SKIP", children[0].skip
        elif children:
            failed = children[0].failed or len(self.failures) > before
            if not ok and not failed:
                self.fail(name)
            return
        self.count(ok, name, directive and directive.upper(), reason)

    def count(self, ok, name, directive, reason):
        if not ok or directive in ("TIMEOUT", "ERROR"):
            self.fail(name)
        elif directive == "SKIP" and not reason:
            self.fail(f"{name}: skipped without a reason")
        elif directive == "SKIP":
            self.skips.append(f"{name}: {reason}")
        else:
            self.passed += 1

    def feed(self, line):
        if match := VERSION.match(line):
            self.version(len(match[1]))
        elif match := PLAN.match(line):
            self.planned(len(match[1]), int(match[2]), match[3])
        elif match := RESULT.match(line):
            self.result(len(match[1]), not match[2], *match.groups()[2:])
        elif match := BAIL.match(line):
            self.fail(f"bailed out: {match[2]}")

    def finish(self):
        self.close_orphans(0)
        for level in self.levels:
            self.close(level, "the whole run")
        if not self.levels:
            self.fail("the whole run: no tests")
        self.levels = []

    def totals(self):
        return (f"{self.passed} passed, {len(self.failures)} failed, "
                f"{len(self.skips)} skipped")

    def good(self):
        return self.passed > 0 and not self.failures


def listing(title, names):
    for name in names:
        print(f"# {title}: {name}")


def main():
    tally = Tally()
    for raw in sys.stdin.buffer:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        tally.feed(raw.decode(errors="replace").rstrip("\n"))
    tally.finish()
    listing("skipped", tally.skips)
    listing("failed", tally.failures)
    print(tally.totals())
    return 0 if tally.good() else 1


if __name__ == "__main__":
    sys.exit(main())
