#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""report.py [--least N | --rst] KERNEL FIGURES COUNTS SYMBOLS

What each figure of srtp.ko has more than the same of plain UDP and the calls of the
floor, function by function, in instructions per packet.  FIGURES are the lines of JSON
of the run, COUNTS is what plugin.c wrote meanwhile, SYMBOLS /proc/kallsyms of the guest.
Functions that differ by less than N instructions are summed up.  With --rst: tables by
the rows of rows.py, for the documentation.
"""

import argparse
import bisect
import collections
import json
import sys

from rows import row_of, TITLES

BATCH = 64	# of bench.h
CALLS = {"AES_CM_128_HMAC_SHA1_80": ("cipher", "mac"), "AEAD_AES_128_GCM": ("aead",)}


class Symbols:
    """Names of functions, and of the modules that they are in, by address."""

    def __init__(self, path):
        rows = []
        with open(path, encoding="utf-8") as file:
            for line in file:
                address, kind, name, *module = line.split()
                if kind in "tTwW":
                    rows.append((int(address, 16), name, module[0][1:-1] if module else ""))
        rows.sort()
        self.rows, self.starts = rows, [row[0] for row in rows]

    def of(self, address):
        if not address >> 63:
            return "(the program)", ""
        i = bisect.bisect_right(self.starts, address) - 1
        return self.rows[i][1:] if i >= 0 else ("?", "")


def read_names(path):
    """Names of the figures that were counted, and whether each is of a call or a packet."""
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file if line.startswith("{")]
    units = {"instructions/packet": BATCH, "instructions/call": 1}
    return [(row["name"], units[row["unit"]]) for row in rows if row["unit"] in units]


def read_counts(names, path, symbols):
    """For each figure, instructions of a packet, or of a call, by function."""
    figures = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("figure"):
                figures.append(collections.Counter())
            else:
                address, count = line.split()
                figures[-1][symbols.of(int(address, 16))] += int(count) / names[len(figures) - 1][1]
    return {name: count for (name, _), count in zip(names, figures)}


def call_of(figures, size, call):
    prefix = "floor/%s/%s/" % (size, call)
    return next(count for name, count in figures.items() if name.startswith(prefix))


def forgery(figures, suite, keys):
    """What a forged packet takes more than garbage and an authentication for each key."""
    forged = figures["flood/172/%s/%s" % (suite, "forged, two keys" if keys > 1 else "forged")]
    garbage = figures["flood/172/%s/garbage" % suite]
    calls = collections.Counter()
    for _ in range(keys):
        calls.update(call_of(figures, "172", CALLS[suite][-1]))
    more = {function: forged[function] - garbage[function] - calls[function]
            for function in set(forged) | set(garbage) | set(calls)}
    return more, [sum(part.values()) for part in (forged, garbage, calls)]


def gap(figures, operation, size, suite):
    """What srtp.ko takes more than the floor, by function; and the parts of the sum."""
    ours = figures["%s/%s/%s/srtp.ko" % (operation, size, suite)]
    plain = figures["%s/%s/none/plain" % (operation, size)]
    calls = collections.Counter()
    for call in CALLS[suite]:
        calls.update(call_of(figures, size, call))
    more = {function: ours[function] - plain[function] - calls[function]
            for function in set(ours) | set(plain) | set(calls)}
    return more, [sum(part.values()) for part in (ours, plain, calls)]


def show(name, more, parts, least):
    """One figure, the largest difference first."""
    rest = sum(value for value in more.values() if abs(value) < least)
    print("\n%s: %.0f, plain %.0f, calls %.0f, difference %.0f" %
          (name, *parts, sum(more.values())))
    for (function, module), value in sorted(more.items(), key=lambda item: -item[1]):
        if abs(value) >= least:
            print("  %8.1f  %-20s %s" % (value, module or "-", function))
    print("  %8.1f  %-20s %s" % (rest, "", "others, each less than %g" % least))


def table(columns, parts):
    """A simple table of reStructuredText, a column for each figure."""
    head = ["what"] + [name for name, _, _ in columns]
    rows = [[title] + ["%.0f" % sums[i] for _, _, sums in columns]
            for i, title in enumerate(parts)]
    rows.append(["**the distance**"] + ["**%.0f**" % sum(more.values()) for _, more, _ in columns])
    sums = []
    for _, more, _ in columns:
        sums.append(collections.Counter())
        for function, value in more.items():
            sums[-1][row_of(*function)] += value
    rows += [[title] + ["%.0f" % column[title] for column in sums] for title in TITLES
             if any(abs(column[title]) >= 0.5 for column in sums)]
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    line = "  ".join("=" * width for width in widths)
    text = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
            for row in [head] + rows]
    return "\n".join([line, text[0], line] + text[1:] + [line])


def tables(kernel, figures, sizes, operations):
    """One for each suite, and one of forged packets."""
    for suite in CALLS:
        columns = [("%s %s" % (operation, size), *gap(figures, operation, size, suite))
                   for operation in operations for size in sizes]
        print("\n%s, %s:\n\n%s" %
              (kernel, suite, table(columns, ("srtp.ko", "plain UDP", "the floor's calls"))))
    columns = [("%s, %s" % (suite, ("one key", "two keys")[keys - 1]),
                *forgery(figures, suite, keys)) for suite in CALLS for keys in (1, 2)]
    print("\n%s, forged packets:\n\n%s" %
          (kernel, table(columns, ("forged", "garbage", "authentications"))))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--least", type=float, default=2)
    parser.add_argument("--rst", action="store_true")
    parser.add_argument("kernel")
    parser.add_argument("figures")
    parser.add_argument("counts")
    parser.add_argument("symbols")
    args = parser.parse_args()
    names = read_names(args.figures)
    figures = read_counts(names, args.counts, Symbols(args.symbols))
    if args.rst:
        tables(args.kernel, figures, ("172", "1212"), ("send", "segment", "receive"))
        return
    for suite in CALLS:
        for keys in (1, 2) if "flood/172/%s/forged" % suite in figures else ():
            show("%s forged/%s/%d" % (args.kernel, suite, keys),
                 *forgery(figures, suite, keys), args.least)
    for name in figures:
        operation, size, suite = (name + "//").split("/")[:3]
        if name.endswith("/srtp.ko") and "%s/%s/none/plain" % (operation, size) in figures:
            show("%s %s" % (args.kernel, name), *gap(figures, operation, size, suite), args.least)


if __name__ == "__main__":
    sys.exit(main())
