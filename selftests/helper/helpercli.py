# SPDX-License-Identifier: GPL-2.0
"""Runs mikey-helper for the scripts here."""

import json
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
HELPER = os.environ.get("MIKEY_HELPER") or os.path.join(HERE, "../../helper/mikey-helper")
TMP = tempfile.mkdtemp(dir=os.environ.get("TMPDIR"))
BOUND = 20              # seconds that a decode may take at most


class Result:
    """Exit status, standard output and standard error."""

    def __init__(self, args, data):
        done = subprocess.run([HELPER, *args], input=data, timeout=BOUND, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.status, self.out = done.returncode, done.stdout
        self.err = done.stderr.decode()

    def json(self):
        return json.loads(self.out)

    def reason(self):
        """The token that the last line of standard error ends with."""
        return self.err.strip().rsplit("(", 1)[-1].rstrip(")")


def helper(*args, data=b""):
    return Result(args, data)


def decode(data, *args):
    """Decodes from standard input, to JSON."""
    return helper("--json", "decode", *args, data=data)


def write(name, data, mode=0o600):
    path = os.path.join(TMP, name)
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, mode)
    return path
