#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1200
"""No key, in any form, where somebody could find it: output, log, state, /proc, core files."""

import base64
import contextlib
import os
import resource
import signal
import subprocess

import ktap
import mikeypair
import ns
from fdstore import managed
from mikeypair import Pair
from mikeyproxy import Proxy, forged


def forms(key):
    """Octets that would betray the key: itself, hexadecimal, base64 at any offset."""
    yield "raw", key
    yield "hex", key.hex().encode()
    yield "HEX", key.hex().upper().encode()
    yield "hex with colons", key.hex(":").encode()
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + key)
        yield "base64", text[(shift * 8 + 5) // 6:len(text) - 4]


def keys_of(pair, message):
    """All that the pre-shared key, which is one of them, opens."""
    out = subprocess.run((mikeypair.HELPER, "--json", "decode", "--show-keys", "--psk-file",
                          pair.alice.path("psk")), input=message, check=True,
                         stdout=subprocess.PIPE).stdout
    [decoded] = next(mikeypair.documents(out.decode()))["messages"]
    ktap.check(decoded["verified"], "the message is verified")
    keys = [bytes.fromhex(pair.psk)]
    for session in decoded["bundle"]["sessions"]:
        for key in session["keys"]:
            keys += [bytes.fromhex(key["master_key"]), bytes.fromhex(key["master_salt"])]
    for payload in decoded["payloads"]:
        keys += [bytes.fromhex(key["data"]) for key in payload.get("keys", [])]
    ktap.equal(len(keys), 6, "keys: PSK, TGK, two master keys and salts")
    return keys


def search(keys, where, data):
    for number, key in enumerate(keys):
        for form, octets in forms(key):
            ktap.check(octets not in data, "key %d (%s) is in %s" % (number, form, where))


@contextlib.contextmanager
def finds():
    """The body must find something."""
    try:
        yield
    except AssertionError:
        return
    raise AssertionError("nothing was found")


def files(directory):
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    yield path, f.read()


@ktap.test("no key in logs, output, JSON, /proc, configuration or state directory of either host")
def _():
    with Pair() as pair:
        with Proxy(pair, None, lambda n, data: [forged(data), data]) as proxy:
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            daemons = [pair.bob.listen(), pair.alice.listen()]
            process = pair.alice.start("call", "bob", "--config", pair.alice.conf)
            out, err = process.communicate(timeout=60)
            ktap.equal(process.returncode, 0, "exit status")
        keys = keys_of(pair, proxy.requests[0])
        daemons[0].wait("session")
        search(keys, "the output of call", (out + err).encode())
        for host in (pair.alice, pair.bob):
            for args in (("--json", "show"), ("show",)):
                shown = subprocess.run((mikeypair.HELPER,) + args, preexec_fn=host.enter,
                                       check=True, stdout=subprocess.PIPE).stdout
                search(keys, "show", shown)
        for daemon in daemons:
            for name in ("cmdline", "environ", "status", "maps", "stat"):
                with open("/proc/%d/%s" % (daemon.process.pid, name), "rb") as f:
                    search(keys, "/proc/PID/" + name, f.read())
            daemon.end()
            search(keys, "the log", daemon.text.encode())
        for path, data in files(pair.dir):
            if not path.endswith("/psk"):
                search(keys, path, data)
        search(keys, "dmesg", subprocess.run("dmesg", check=True, stdout=subprocess.PIPE).stdout)


@ktap.test("what survives a daemon is in sealed memory only: no key in a file, a log, a notification")
def _():
    with Pair() as pair:
        with Proxy(pair) as proxy:
            pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
            managers, texts = managed(pair), []
            ktap.equal(pair.alice.call("bob")[0], 0, "exit status of call")
            keys = keys_of(pair, proxy.requests[0])[1:]
            for manager in managers:
                manager.wait_kept()
                for key in keys:
                    with finds():
                        search([key], "the store", manager.octets())
                manager.host.daemon.end(signal.SIGKILL)
                texts.append(manager.host.daemon.text)
                manager.pump()
                daemon = manager.listen()
                daemon.wait("restored", bundles=1)
                with open("/proc/%d/environ" % daemon.process.pid, "rb") as f:
                    search(keys, "the environment", f.read())
                texts += [daemon.text, repr(manager.told)]
        search(keys, "logs and notifications", "".join(texts).encode())
        for path, data in files(pair.dir):
            search(keys, path, data)


@ktap.test("the search itself finds keys: they are in the pre-shared key's file and the shown message")
def _():
    with Pair() as pair:
        with open(pair.alice.path("psk"), "rb") as f:
            with finds():
                search([bytes.fromhex(pair.psk)], "its file", f.read())
        with finds():
            search([b"0123456789abcdef"], "base64", base64.b64encode(b"x0123456789abcdefyz"))


@ktap.test("a daemon and a call that crash leave no core file, with ulimit -c unlimited")
def _():
    with Pair(alice={"address": "10.9.0.2:9"}) as pair:
        cores = pair.dir + "/cores"
        os.mkdir(cores)
        os.chmod(cores, 0o777)
        with open("/proc/sys/kernel/core_pattern", "r+", encoding="ascii") as f:
            old = f.read()
            f.seek(0)
            f.write(cores + "/core.%p\n")
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.setrlimit(resource.RLIMIT_CORE, unlimited)
        victim = subprocess.Popen(("sleep", "1000"))
        daemon = pair.bob.listen()
        call = pair.alice.start("call", "bob", "--config", pair.alice.conf)
        ns.wait_for(pair.alice.sessions, "the call has begun")
        for process in (victim, daemon.process, call):
            process.send_signal(signal.SIGSEGV)
            ktap.equal(process.wait(30), -signal.SIGSEGV, "end of the process")
        with open("/proc/sys/kernel/core_pattern", "w", encoding="ascii") as f:
            f.write(old)
        ktap.equal(os.listdir(cores), ["core.%d" % victim.pid],
                   "core files: one of a process that keeps no secret, to see that they are made")


@ktap.test("another process of the same user without CAP_SYS_PTRACE cannot read the daemon's memory")
def _():
    with Pair() as pair:
        daemon = pair.bob.listen()

        def look():
            ns.drop_capabilities()
            for name in ("mem", "environ", "auxv"):
                try:
                    with open("/proc/%d/%s" % (daemon.process.pid, name), "rb") as f:
                        f.read(16)
                except PermissionError:
                    continue
                return name
            return None
        ktap.equal(ns.child(look), None, "what could be read")


ktap.main()
