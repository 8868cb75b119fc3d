# SPDX-License-Identifier: GPL-2.0
"""Instructions, counted by callgrind, of the programs count_*."""

import collections
import os
import re
import subprocess
import tempfile

from mikeytool import OUT


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

    def of(self, part, *functions):
        return sum(self.calls[part][name] for name in functions)


def measure(program, counted):
    """The profile of what is done in these functions, and what the program printed: for each
    name the other columns.
    """
    program = os.path.join(OUT, program)
    with tempfile.TemporaryDirectory() as directory:
        keys, out = os.path.join(directory, "keys"), os.path.join(directory, "profile")
        subprocess.run([program, "keys", keys], check=True)
        done = subprocess.run(
            ["valgrind", "-q", "--tool=callgrind", "--combine-dumps=yes",
             "--callgrind-out-file=" + out, *("--toggle-collect=" + name for name in counted),
             program, "run", keys], check=True, text=True, stdout=subprocess.PIPE)
        rows = [line.split("\t") for line in done.stdout.splitlines()]
        return Profile(out), {name: tuple(rest) for name, *rest in rows}
