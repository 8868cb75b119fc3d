# SPDX-License-Identifier: GPL-2.0
"""mikey-rtsp as the tests of its errors run it: files, certificates, and how it ends."""

import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(TOP + "/selftests/helper")

from mikeytool import equal  # noqa: E402

PROGRAM = os.environ.get("MIKEY_RTSP") or TOP + "/rtsp/mikey-rtsp"
BOUND = 120             # seconds for a run, on a machine that has other work
TMP = tempfile.mkdtemp(dir=os.environ.get("TMPDIR"))
COMMAND = ("--", "touch", TMP + "/ran")
NO_DAEMON = ("--control", TMP + "/no-daemon")


def path(name):
    return os.path.join(TMP, name)


def write(name, text, mode=0o600):
    with open(os.open(path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w",
              encoding="ascii") as f:
        f.write(text)
    return path(name)


def certificate(name, address="127.0.0.1"):
    cert, key = path(name + ".pem"), path(name + ".key")
    subprocess.run(("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=IP:" + address, "-keyout", key, "-out", cert),
                   check=True, capture_output=True)
    return cert, key


def refused(what, status, reason, *args, **env):
    """The program ends so, says so, and has not run the command."""
    done = subprocess.run((PROGRAM, *args), env={**os.environ, **env}, timeout=BOUND, text=True,
                          capture_output=True, check=False)
    said = done.stderr.strip().rsplit("\n", 1)[-1]
    found = said.rsplit("(", 1)[-1].rstrip(")") if said.endswith(")") else said
    equal((done.returncode, found, os.path.exists(path("ran"))), (status, reason, False), what)
