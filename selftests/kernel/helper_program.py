#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mikey-helper as the tests call it, and sessions in its JSON."""

import json
import os
import shutil
import subprocess
import tempfile

import ktap
import world

HERE = os.path.dirname(os.path.abspath(__file__))
BUILT = os.environ.get("MIKEY_HELPER", os.path.join(HERE, "../../helper/mikey-helper"))
SUITE = "AES_CM_128_HMAC_SHA1_80"
OWNER, OTHER = 1000, 1001
SYSTEM, UNSUPPORTED, USAGE, MALFORMED = 7, 6, 1, 2


def reachable():
    """A copy that users without rights can run, wherever the checkout is."""
    path = os.path.join(tempfile.gettempdir(), "mikey-helper")
    if not os.path.exists(path):
        shutil.copy(BUILT, path)
        os.chmod(path, 0o755)
    return path


PROGRAM = reachable()


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def json(self):
        return json.loads(self.out)

    def good(self):
        ktap.equal(self.status, 0, "exit status of the helper, which said %r," % self.err)
        return self

    def refused(self, status, reason, *words):
        """It must end so, and say so on standard error."""
        ktap.equal(self.status, status, "exit status, with %r," % self.err)
        ktap.check("(%s)" % reason in self.err, "%r does not give the reason %s" % (self.err, reason))
        for word in words:
            ktap.check(word in self.err, "%r does not say %r" % (self.err, word))
        return self


def helper(*args, text=None, uid=None, **more):
    command = [PROGRAM, *map(str, args)]
    done = subprocess.run(command, input=text or "", capture_output=True, text=True, user=uid,
                          group=uid, extra_groups=[] if uid else None, timeout=100, check=False, **more)
    return Result(done.returncode, done.stdout, done.stderr)


def start(*args, uid=None, **more):
    """The same in the background, with its output as pipes."""
    return subprocess.Popen([PROGRAM, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, user=uid, group=uid,
                            extra_groups=[] if uid else None, **more)


def key(name, **more):
    master, salt = world.key(name)
    return {"master_key": master.hex(), "master_salt": salt.hex(), **more}


def stream(direction, name, ssrc="any", **more):
    fresh = {"fresh": True} if direction == "tx" and "roc" not in more else {}
    return {"direction": direction, "ssrc": ssrc, "suite": SUITE, **fresh, **more,
            "keys": [key(name, active=direction == "tx")]}


def session(tx="tx", rx="rx", **more):
    """A session with a wildcard stream and key in each direction."""
    return {**more, "streams": [stream("tx", tx), stream("rx", rx)]}


def load(*sessions, **more):
    """Loads sessions and returns their numbers."""
    done = helper("load", text=json.dumps({"sessions": sessions}), **more).good()
    return [int(line) for line in done.out.split()]


def show(number=None, **more):
    args = ["show", "--json"] + ([number] if number else [])
    return helper(*args, **more).good().json()["sessions"]
