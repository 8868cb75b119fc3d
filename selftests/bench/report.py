#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""report.py [--check BASELINE] [--rst FILE] [--svg FILE] RESULTS

Reads the lines of JSON of a run of the benchmark, adds the figures that follow
from them (ratios, with their targets) and prints them all as lines of JSON,
then a table.  --check compares with a committed run: exit status 1 if a figure
got worse by more than 2 %.
"""

import argparse
import json
import sys

TOLERANCE = 1.02
SIZES = 172, 1212
CM, GCM = "AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM"
SUITES = CM, GCM
OPENSSL, DEBIAN, OURS = "libsrtp2+OpenSSL", "libsrtp2", "srtp.ko"
OPERATIONS = "send", "sendmmsg", "segment", "receive"

# Of srtp.ko to (what): operation, octets, the most that it shall be.  The floor
# is the plain path plus the calls of the cryptography; the targets are those of
# AES_CM_128_HMAC_SHA1_80, and hold for AEAD_AES_128_GCM against its own floor.
TARGETS = {
    ("floor", "send", 172): 1.08, ("floor", "send", 1212): 1.08,
    ("floor", "segment", 172): 1.12, ("floor", "segment", 1212): 1.12,
    ("floor", "receive", 172): 1.03, ("floor", "receive", 1212): 1.03,
    (OPENSSL, "send", 172): 0.77, (OPENSSL, "segment", 172): 0.53, (OPENSSL, "receive", 172): 0.81,
    (OPENSSL, "send", 1212): 0.86, (OPENSSL, "segment", 1212): 0.78, (OPENSSL, "receive", 1212): 0.86,
    (DEBIAN, "send", 172): 0.24, (DEBIAN, "segment", 172): 0.11, (DEBIAN, "receive", 172): 0.31,
}
MANY_STREAMS = 1.03
# Instructions that trying a key may take beside its authentication.
TRIAL = 1000
# Packets that come in, wanted or not, in the order of what is done with them.
FLOODS = "plain", "garbage", "replayed", "forged", "forged, two keys", "valid"


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


class Run:
    """The figures of one kernel, by name."""

    def __init__(self, kernel, rows):
        self.kernel, self.rows = kernel, rows
        self.values = {row["name"]: row["value"] for row in rows}

    def packet(self, operation, size, suite, way):
        return self.values.get("%s/%d/%s/%s" % (operation, size, suite, way))

    def plain(self, operation, size):
        return self.packet(operation, size, "none", "plain")

    def call(self, size, kind):
        prefix = "floor/%d/%s/" % (size, kind)
        return next(value for name, value in self.values.items() if name.startswith(prefix))

    def floor(self, operation, size, suite):
        crypto = self.call(size, "aead") if suite == GCM else \
            self.call(size, "cipher") + self.call(size, "mac")
        return self.plain(operation, size) + crypto

    def base(self, what, operation, size, suite):
        if what == "floor":
            return self.floor(operation, size, suite)
        return self.packet(operation, size, suite, what)

    def ratios(self):
        """Rows that compare srtp.ko with the floor and with the libraries."""
        for suite in SUITES:
            for what in "floor", OPENSSL, DEBIAN:
                for operation in OPERATIONS:
                    for size in SIZES:
                        ours = self.packet(operation, size, suite, OURS)
                        base = self.base(what, operation, size, suite)
                        if ours is None or base is None:
                            continue
                        row = {"name": "%s/%d/%s/%s against %s" % (operation, size, suite, OURS, what),
                               "kernel": self.kernel, "value": base, "unit": "instructions/packet",
                               "ratio": round(ours / base, 3)}
                        target = TARGETS.get((what, operation, size))
                        if target and (suite == CM or what == "floor"):
                            row["target"] = target
                        yield row
        yield from self.scale()
        yield from self.forgeries()

    def scale(self):
        name = "send/172/%s/%s/%%d streams/1 sockets" % (CM, OURS)
        one, many = self.values.get(name % 1), self.values.get(name % 10000)
        if one and many:
            yield {"name": "10000 streams on a socket against 1", "kernel": self.kernel,
                   "value": many, "unit": "instructions/packet", "ratio": round(many / one, 3),
                   "target": MANY_STREAMS}


    def flood(self, suite, what):
        return self.values.get("flood/172/%s/%s" % ("none" if what == "plain" else suite, what))

    def authentication(self, suite):
        """The call that finds out that a packet is forged: AEADs decrypt first."""
        return self.call(172, "aead" if suite == GCM else "mac")

    def forgeries(self):
        """What a forged packet costs more than garbage: an authentication for each key."""
        for suite in SUITES:
            garbage = self.flood(suite, "garbage")
            for keys, what in (1, "forged"), (2, "forged, two keys"):
                value = self.flood(suite, what)
                if value is None or garbage is None:
                    continue
                yield {"name": "flood/172/%s/%s over garbage" % (suite, what),
                       "kernel": self.kernel, "value": value - garbage,
                       "unit": "instructions/packet",
                       "ratio": round((value - garbage) / keys /
                                      (self.authentication(suite) + TRIAL), 3),
                       "limit": 1}


def floods(runs):
    """What comes in and is not wanted, beside what is; a row for each suite."""
    head = ["kernel", "suite"] + list(FLOODS) + ["authentication"]
    return head, [[run.kernel, suite] + ["%.0f" % run.flood(suite, what) for what in FLOODS] +
                  ["%.0f" % run.authentication(suite)]
                  for run in runs for suite in SUITES if run.flood(suite, "valid") is not None]


def table(runs):
    """The packets' figures, a row for each operation, size and suite."""
    head = ["kernel", "operation", "octets", "suite", "plain", "floor", OURS, "/floor",
            OPENSSL, "ratio", DEBIAN, "ratio"]
    rows = []
    for run in runs:
        for suite in SUITES:
            for operation in OPERATIONS:
                for size in SIZES:
                    ours = run.packet(operation, size, suite, OURS)
                    if ours is None:
                        continue
                    floor = run.floor(operation, size, suite)
                    row = [run.kernel, operation, str(size), suite,
                           "%.0f" % run.plain(operation, size), "%.0f" % floor,
                           "%.0f" % ours, "%.2f" % (ours / floor)]
                    for library in OPENSSL, DEBIAN:
                        value = run.packet(operation, size, suite, library)
                        row += ["%.0f" % value, "%.2f" % (ours / value)]
                    rows.append(row)
    return head, rows


def mikey(rows):
    """MIKEY, in which no kernel takes part; a row for each mode."""
    values = {row["name"]: row["value"] for row in rows}
    return ["mode", "exchanges/million instructions", "instructions/exchange"], \
        [[name.split("/")[1], "%.4g" % value, "%.0f" % values[name + "/cost"]]
         for name, value in values.items() if name.startswith("mikey/") and
         name + "/cost" in values]


def others(runs):
    head = ["figure"] + [run.kernel for run in runs]
    names = [row["name"] for row in runs[0].rows
             if "/none/" not in row["name"] and not row["name"].startswith("flood/") and
             (row["name"].count("/") > 3 or row["name"].count("/") < 2)]
    return head, [[name] + ["%.0f" % run.values.get(name, float("nan")) for run in runs]
                  for name in names]


def simple_table(head, rows):
    """A simple table of reStructuredText, which is one to read as it is, too."""
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    line = "  ".join("=" * width for width in widths)
    body = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
            for row in [head] + rows]
    return "\n".join([line, body[0], line] + body[1:] + [line])


COLOURS = (("plain", "#b8b8b8"), (OURS, "#1f6fb4"), (OPENSSL, "#e39a3b"), (DEBIAN, "#c0504d"))
BAR, GAP, LEFT, WIDTH = 13, 14, 190, 520


def svg(run):
    """Bars for one kernel: instructions per packet, the shorter the better."""
    groups = [("%s, %d octets" % (operation, size), operation, size)
              for operation in ("send", "segment", "receive") for size in SIZES]
    values = {(name, way): run.plain(operation, size) if way == "plain" else
              run.packet(operation, size, CM, way)
              for name, operation, size in groups for way, _ in COLOURS}
    # A bar that would dwarf the rest is cut, and says its value.
    most = 1.15 * max(values[name, OPENSSL] for name, _, _ in groups)
    height = 60 + len(groups) * (len(COLOURS) * BAR + GAP)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" '
           'font-size="11">' % (LEFT + WIDTH + 80, height),
           '<text x="8" y="18" font-size="13">Instructions per packet, %s, kernel %s</text>'
           % (CM, run.kernel)]
    x = LEFT
    for way, colour in COLOURS:
        out.append('<rect x="%d" y="28" width="10" height="10" fill="%s"/>' % (x, colour))
        out.append('<text x="%d" y="37">%s</text>' % (x + 14, way))
        x += 30 + 7 * len(way)
    y = 56
    for name, _, _ in groups:
        out.append('<text x="8" y="%d">%s</text>' % (y + 2 * BAR, name))
        for way, colour in COLOURS:
            value = values[name, way]
            width = WIDTH * min(value, most) / most
            out.append('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>'
                       % (LEFT, y, width, BAR - 2, colour))
            out.append('<text x="%.1f" y="%d">%.0f%s</text>'
                       % (LEFT + width + 4, y + BAR - 3, value, " (cut)" if value > most else ""))
            y += BAR
        y += GAP
    return "\n".join(out + ["</svg>", ""])


def check(rows, baseline):
    """What got worse; a figure that is gone counts, too."""
    now = {(row["kernel"], row["name"]): row["value"] for row in rows}
    bad = []
    for row in baseline:
        key = row["kernel"], row["name"]
        if row["kernel"] not in {kernel for kernel, _ in now}:
            continue
        if key not in now:
            bad.append("%s: %s is gone" % key)
        elif "plain" in row["name"]:
            pass	# not ours, and a socket's slabs come in lumps
        elif any(word in row["name"] for word in (OURS, "memory", "install", "flood", "/cost")):
            if now[key] > row["value"] * TOLERANCE:
                bad.append("%s: %s was %.1f and is %.1f" % (key + (row["value"], now[key])))
    return bad


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--check")
    parser.add_argument("--rst")
    parser.add_argument("--svg")
    parser.add_argument("results")
    args = parser.parse_args()
    rows = read(args.results)
    kernels = [name for name in dict.fromkeys(row["kernel"] for row in rows) if name != "none"]
    runs = [Run(kernel, [row for row in rows if row["kernel"] == kernel]) for kernel in kernels]
    ratios = [row for run in runs for row in run.ratios()]
    for row in rows + ratios:
        print(json.dumps(row))
    parts = [part(runs) for part in (table, floods, others)]
    parts += [mikey(rows)] if "none" in {row["kernel"] for row in rows} else []
    text = "\n\n".join(simple_table(*part) for part in parts) + "\n"
    print("\n" + text)
    for row in ratios:
        if row["ratio"] > row.get("target", row["ratio"]):
            print("not reached: %(kernel)s %(name)s: %(ratio).3f, target %(target).2f" % row)
    if args.rst:
        with open(args.rst, "w", encoding="utf-8") as file:
            file.write(text)
    if args.svg:
        with open(args.svg, "w", encoding="utf-8") as file:
            file.write(svg(runs[0]))
    bad = check(rows, read(args.check)) if args.check else []
    bad += ["%(kernel)s %(name)s: %(ratio).3f of what an authentication for each key may take" % row
            for row in ratios if row["ratio"] > row.get("limit", row["ratio"])]
    for line in bad:
        print("worse: " + line, file=sys.stderr)
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
