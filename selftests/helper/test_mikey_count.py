#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 300
"""An envelope whose padding is wrong costs the receiver the same operations as one whose
KEMAC has a wrong MAC, and gives the same answer: callgrind counts the instructions.

Left out is RSA itself: what it does depends on the number that it is given, and it does
not know yet what is inside. What looks at the padding behind it counts.
"""

import collections
import os
import re
import subprocess
import tempfile

from mikeytool import OUT, begin, check, end, equal

PROGRAM = os.path.join(OUT, "count_envelope")
# What is counted: the way from the envelope to the end, and the answer
COUNTED = ("envelope_open", "answer_error")
RSA, PADDING = "RSA_private_decrypt", "RSA_padding_check_PKCS1_type_2"


class Profile:
    """What callgrind wrote: for each part of its output, instructions of calls of a function,
    with all that it called.
    """

    def __init__(self, path):
        self.names, self.calls = {}, {}
        part, called = None, None
        with open(path, encoding="utf-8") as f:
            for line in f:
                key, _, value = line.rstrip("\n").partition("=")
                if line.startswith("desc: Trigger: Client Request: "):
                    part = line.split(": ", 3)[3].strip()
                    self.calls[part] = collections.Counter()
                elif key == "fn":
                    self.name(value)
                elif key == "cfn":
                    called = self.name(value)
                elif called and re.match(r"[-+*\d]", line):
                    self.calls[part][called] += int(line.split()[1])
                    called = None

    def name(self, value):
        number, _, name = value.partition(" ")
        return self.names.setdefault(number, name)

    def apart_from_rsa(self, part):
        calls = self.calls[part]
        return sum(calls[name] for name in COUNTED) - calls[RSA] + calls[PADDING]


def measure(directory):
    """The profile, and what the receiver answered: reason and octets."""
    keys, out = os.path.join(directory, "keys"), os.path.join(directory, "profile")
    subprocess.run([PROGRAM, "keys", keys], check=True)
    done = subprocess.run(
        ["valgrind", "-q", "--tool=callgrind", "--combine-dumps=yes",
         "--callgrind-out-file=" + out, *("--toggle-collect=" + name for name in COUNTED),
         PROGRAM, "run", keys], check=True, text=True, stdout=subprocess.PIPE)
    answers = [line.split("\t") for line in done.stdout.splitlines()]
    return Profile(out), {name: tuple(rest) for name, *rest in answers if name != "nothing"}


begin()
with tempfile.TemporaryDirectory() as folder:
    counts, answered = measure(folder)
for padding in ("pkcs1", "oaep"):
    cases = [name for name in answered if name.startswith(padding)]
    first = cases[0]
    check(counts.calls[first][RSA] > 1000000, padding + ": the private key was used")
    for case in cases[1:]:
        equal(answered[case], answered[first], case + ": the same answer as to a wrong MAC")
        equal(counts.apart_from_rsa(case), counts.apart_from_rsa(first),
              case + ": the same number of instructions")
end()
