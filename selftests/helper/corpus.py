#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The inputs of a fuzzer as a file with a line of hex for each:

corpus.py unpack FILE FOLDER	for the fuzzer to begin with
corpus.py pack FILE FOLDER	what it found and merged, to be kept
"""

import os
import sys


def unpack(path, folder):
    with open(path, encoding="ascii") as f:
        for i, line in enumerate(f):
            with open(os.path.join(folder, "kept-%d" % i), "wb") as out:
                out.write(bytes.fromhex(line))


def pack(path, folder):
    inputs = set()
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as f:
            inputs.add(f.read())
    with open(path, "w", encoding="ascii") as out:
        for data in sorted(inputs, key=lambda d: (len(d), d)):
            out.write(data.hex() + "\n")


def main():
    command, path, folder = sys.argv[1:]
    {"unpack": unpack, "pack": pack}[command](path, folder)


main()
