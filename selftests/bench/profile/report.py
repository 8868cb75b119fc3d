#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""report.py [--least N] FIGURES COUNTS SYMBOLS

What each figure of srtp.ko has more than the same of plain UDP, function by function, in
instructions per packet.  FIGURES are the lines of JSON of the run, COUNTS is what
plugin.c wrote meanwhile, SYMBOLS /proc/kallsyms of the guest.  Functions that differ by
less than N instructions are summed up.
"""

import argparse
import bisect
import collections
import json

BATCH = 64	# of bench.h


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


def read_counts(path, symbols):
    """For each figure, instructions of a packet by function."""
    figures = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("figure"):
                figures.append(collections.Counter())
            else:
                address, count = line.split()
                figures[-1][symbols.of(int(address, 16))] += int(count) / BATCH
    return figures


def read_names(path):
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file if line.startswith("{")]
    return [row["name"] for row in rows if row["unit"] == "instructions/packet"]


def show(name, ours, plain, least):
    """One figure, the largest difference first."""
    more = {function: ours[function] - plain[function] for function in set(ours) | set(plain)}
    rest = sum(value for value in more.values() if abs(value) < least)
    print("\n%s: %.0f, plain %.0f, difference %.0f" %
          (name, sum(ours.values()), sum(plain.values()), sum(more.values())))
    for (function, module), value in sorted(more.items(), key=lambda item: -item[1]):
        if abs(value) >= least:
            print("  %8.1f  %-20s %s" % (value, module or "-", function))
    print("  %8.1f  %-20s %s" % (rest, "", "others, each less than %g" % least))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--least", type=float, default=2)
    parser.add_argument("figures")
    parser.add_argument("counts")
    parser.add_argument("symbols")
    args = parser.parse_args()
    counts = read_counts(args.counts, Symbols(args.symbols))
    by_name = dict(zip(read_names(args.figures), counts))
    for name, ours in by_name.items():
        operation, size, suite, way = name.split("/")
        plain = by_name.get("%s/%s/none/plain" % (operation, size))
        if way != "plain" and plain is not None:
            show(name, ours, plain, args.least)


if __name__ == "__main__":
    main()
