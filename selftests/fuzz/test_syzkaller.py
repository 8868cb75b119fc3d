#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The description for syzkaller is that of the module as it is."""

import os
import re
import sys

import syzkaller

HERE = os.path.dirname(os.path.abspath(__file__))


def read(path):
    with open(os.path.join(HERE, path), encoding="ascii") as f:
        return f.read()


def main():
    described, header = read("srtp.txt"), read("../../uapi/linux/srtp.h")
    known = set(re.findall(r"SRTP_[A-Z0-9_]+", header))
    # names of system calls are not constants
    named = set(re.findall(r"SRTP_[A-Z0-9_]+", re.sub(r"\w+\$\w+", "", described)))
    checks = (
        ("srtp.txt is what syzkaller.py makes", described == syzkaller.text()),
        ("every constant that it names is in <linux/srtp.h>", named and not named - known),
    )
    print("KTAP version 1\n1..%d" % len(checks))
    for i, (name, good) in enumerate(checks, 1):
        print("%s %d syzkaller: %s" % ("ok" if good else "not ok", i, name))
    return 0 if all(good for _, good in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
