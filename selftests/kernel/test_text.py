#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the commands are the same on every kernel
# ktap-timeout: 900
"""The commands of README.md and of the tutorial, run as they stand there.

Blocks that are marked "shell" go into one shell, one after the other. Those that are
marked "alice", "bob" or "both" go into the shells of two hosts, which have an
/etc/mikey, /run/mikey and /var/lib/mikey of their own each:

    background          the next block does not wait for it
    until FILE          what the host of the block in the background had to make

See ../blocks.py.
"""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import blocks
import ktap

BOUND = 200
TMP = os.environ.get("TMPDIR", "/tmp")
BIN = TMP + "/bin"
ADDRESS = {"alice": "192.0.2.1", "bob": "192.0.2.2"}
ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8",
                   PATH="%s:%s/helper:%s" % (BIN, blocks.TOP, os.environ["PATH"]))

# Each host is a namespace; what is mounted there goes with the shell.
HOST = """
for dir in /etc/mikey /run/mikey /var/lib/mikey; do
    mkdir -p $dir && mount -t tmpfs -o mode=700 tmpfs $dir
done
mkdir -p "$1" && cd "$1" && exec bash
"""


def compile_example():
    os.makedirs(BIN, exist_ok=True)
    subprocess.run(["gcc", "-I" + blocks.TOP + "/uapi", "-o", BIN + "/rtp-talk",
                    blocks.TOP + "/Documentation/examples/rtp-talk.c"], check=True)


class Shell:
    """A shell that is typed into. A command that fails is remembered."""

    def __init__(self, name, *command):
        self.name, self.count = name, 0
        self.log = "%s/%s.log" % (TMP, name)
        self.out = open(self.log, "wb")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=self.out,
                                        stderr=subprocess.STDOUT, env=ENVIRONMENT)
        self.type("set -mE; trap 'echo failed: \"$BASH_COMMAND\"' ERR; "
                  "trap 'kill $(jobs -p)' EXIT\n")

    def type(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def await_(self, what):
        end = time.monotonic() + BOUND
        while what not in self.output():
            ktap.check(time.monotonic() < end and self.process.poll() is None,
                       "%s: waited in vain for %r:\n%s" % (self.name, what, self.output()))
            time.sleep(0.1)

    def begin(self, block):
        """Types a block; its end is to be awaited."""
        self.count += 1
        self.type("%s\necho end of block %d\n" % (block.text.rstrip("\n"), self.count))

    def end(self, block):
        self.await_("end of block %d\n" % self.count)
        ktap.check("failed:" not in self.output(), "%s:\n%s" % (block.where, self.output()))

    def run(self, block):
        self.begin(block)
        self.end(block)

    def leave(self):
        """What it has in the background ends with it."""
        self.process.stdin.close()
        self.process.wait(BOUND)


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def hosts():
    for name in ADDRESS:
        ip("netns", "add", name)
    ip("link", "add", "cable", "netns", "alice", "type", "veth", "peer", "name", "cable",
       "netns", "bob")
    shells = {}
    for name, address in ADDRESS.items():
        ip("-n", name, "address", "add", address + "/24", "dev", "cable")
        ip("-n", name, "link", "set", "cable", "up")
        shells[name] = Shell(name, "ip", "netns", "exec", name, "unshare", "--mount", "sh",
                             "-c", HOST, "-", "%s/%s" % (TMP, name))
    return shells


def bob_as_alice(shells):
    """What README says in words: the key is copied, and bob's file is the same the other way."""
    shells["alice"].type("cp -r /etc/mikey/. %s/copied; echo copied it\n" % TMP)
    shells["alice"].await_("copied it\n")
    shells["bob"].type("cp -p %s/copied/* /etc/mikey/; sed -i 's/alice@/X@/; s/bob@/alice@/; "
                       "s/X@/bob@/; s/peer bob/peer alice/; s/192.0.2.2/192.0.2.1/' /etc/mikey/mikey.conf; "
                       "echo copied it\n" % TMP)
    shells["bob"].await_("copied it\n")


def daemons_are_up(shells):
    for shell in shells.values():
        if "daemon &" in "".join(block.text for block in blocks.marked("README.md", "both")):
            shell.type("until [ -S /run/mikey/control ]; do sleep 0.1; done; echo it is up\n")
            shell.await_("it is up\n")


def receiver_is_ready(shell):
    end = time.monotonic() + BOUND
    while ":5004 " not in subprocess.run(
            ["ip", "netns", "exec", shell.name, "mikey-helper", "show"], env=ENVIRONMENT,
            stdout=subprocess.PIPE, text=True, check=False).stdout:
        ktap.check(time.monotonic() < end, "nobody listens:\n" + shell.output())
        time.sleep(0.1)


@ktap.test("text: the commands of README, on two hosts", bound=600)
def _():
    shells = hosts()
    waiting = None
    for block in blocks.read("README.md"):
        who = block.words[0]
        if who == "both":
            bob_as_alice(shells)
            for shell in shells.values():
                shell.run(block)
            daemons_are_up(shells)
        elif who in shells and "background" in block.words:
            waiting = shells[who]
            waiting.begin(block)
            receiver_is_ready(waiting)
        elif who in shells:
            shells[who].run(block)
            if "until" in block.words:
                waiting.end(block)
                made = "%s/%s/%s" % (TMP, waiting.name, block.words[-1])
                ktap.check(os.path.getsize(made) > 8000, "%s is too short" % made)
    ktap.check(waiting, "README has a program that receives")
    ktap.note(shells["alice"].output())
    for shell in shells.values():
        shell.leave()


@ktap.test("text: the commands of the tutorial", bound=600)
def _():
    for name in ADDRESS:
        subprocess.run(["ip", "netns", "delete", name], check=False)
    shell = Shell("tutorial", "bash")
    done = blocks.marked("Documentation/tutorial.rst", "shell")
    ktap.check(len(done) > 5, "the tutorial has blocks")
    for block in done:
        shell.run(block)
    ktap.check("ciphertext" in shell.output() and "in clear" not in shell.output(),
               "the recording is ciphertext:\n" + shell.output())
    ktap.note(shell.output())
    shell.leave()


compile_example()
ktap.main()
