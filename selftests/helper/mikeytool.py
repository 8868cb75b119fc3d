# SPDX-License-Identifier: GPL-2.0
"""What the scripts here share: KTAP, and the program mikey_tool."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.environ.get("OUT") or os.path.join(HERE, "../../build/selftests/helper")
TOOL = os.path.join(OUT, "mikey_tool")

_count = 0
_failed = 0


def begin():
    print("KTAP version 1", flush=True)


def check(ok, name, why=""):
    global _count, _failed
    _count += 1
    _failed += not ok
    print(f"{'ok' if ok else 'not ok'} {_count} {name}", flush=True)
    if not ok and why:
        print("\n".join("# " + line for line in str(why).splitlines()))
    return ok


def equal(got, wanted, name):
    return check(got == wanted, name, f"wanted {wanted}\ngot    {got}")


def end():
    print(f"1..{_count}")
    sys.exit(1 if _failed or not _count else 0)


def run(*args, data=None):
    """Standard output of mikey_tool."""
    return subprocess.run([TOOL, *args], input=data, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def dump(messages, secrets=True):
    """Octets of messages to what the library's walk says of them."""
    lines = "".join(m.hex() + "\n" for m in messages)
    out = run("dump", *(["secrets"] if secrets else []), data=lines)
    return [json.loads(line) for line in out.splitlines()]


def emitted():
    """Name and octets of one of every message that the library makes."""
    pairs = (line.split("\t") for line in run("emit").splitlines())
    return [(name, bytes.fromhex(text)) for name, text in pairs]


def samples():
    """Name, octets and description of the captured messages."""
    import base64
    folder = os.path.join(HERE, "../samples")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".b64"):
            path = os.path.join(folder, name[:-4])
            with open(path + ".b64", encoding="ascii") as file:
                octets = base64.b64decode(file.read())
            with open(path + ".json", encoding="utf-8") as file:
                yield name[:-4], octets, json.load(file)
