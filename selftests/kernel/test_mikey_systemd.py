#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: systemd is the same on every kernel
# ktap-timeout: 600
"""The unit of the package under the real systemd, as process 1 of a namespace.

bob is the service, and calls; alice is a daemon as in the other tests.
"""

import contextlib
import os
import shutil
import subprocess

import ktap
import mikeypair
import mikeypki
import ns
from mikeypair import Pair
from rtpstream import Stream

SYSTEMD = "/lib/systemd/systemd"
UNITS = "/etc/systemd/system/"
LOG = "/var/log/mikey-helper.log"
NAME = "mikey-helper"

# Nothing but the service, and only what systemd itself cannot do without.
TARGET = "[Unit]\nDescription=test\nDefaultDependencies=no\n"

START = """
umount /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
export container=test
exec %s --system --unit=mikey-test.target --log-target=console --show-status=no
""" % SYSTEMD


def unit():
    """As it is installed, without what would wait for the rest of a system; and with its log."""
    with open(mikeypair.TOP + "/helper/mikey-helper.service", encoding="utf-8") as f:
        lines = [line for line in f.read().splitlines()
                 if not line.startswith(("Wants=", "After=", "ExecStartPre="))]
    lines.insert(lines.index("[Unit]") + 1, "DefaultDependencies=no")
    lines.insert(lines.index("[Service]") + 1, "StandardOutput=append:" + LOG)
    return "\n".join(lines).replace("@SBINDIR@", os.path.dirname(mikeypair.HELPER)) + "\n"


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as f:
        f.write(text)


def configure(pair):
    """bob's configuration where the unit looks for it; /tmp stays as it is."""
    with open(pair.bob.conf, encoding="utf-8") as f:
        text = f.read()
    text = text.replace(pair.bob.path("psk"), "/etc/mikey/psk")
    text = text.replace(pair.bob.path("state"), "/var/lib/mikey")
    text = text.replace(pair.bob.path("control"), "/run/mikey/control")
    write("/etc/mikey/psk", pair.psk + "\n", 0o600)
    pair.bob.conf = "/etc/mikey/mikey.conf"
    write(pair.bob.conf, text)
    write(UNITS + NAME + ".service", unit())
    write(UNITS + "mikey-test.target", TARGET)
    for name in ("tmpfiles-setup", "tmpfiles-setup-dev", "tmpfiles-clean"):
        with contextlib.suppress(FileExistsError):
            os.symlink("/dev/null", UNITS + "systemd-%s.service" % name)


class Systemd:
    """systemd as process 1 of a PID namespace, and systemctl for it."""

    def __init__(self):
        group = "/sys/fs/cgroup/systemd-test"
        os.makedirs(group, exist_ok=True)

        def enter():
            ns.die_with_parent()
            write(group + "/cgroup.procs", "0")
        self.process = subprocess.Popen(("unshare", "-fpmC", "--mount-proc", "--kill-child", "sh",
                                         "-c", START), preexec_fn=enter, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.init = ns.wait_for(self._child, "process 1")
        ns.wait_for(lambda: self.ctl("list-units", check=False).returncode == 0, "systemd answers")

    def _child(self):
        with open("/proc/%d/task/%d/children" % ((self.process.pid,) * 2), encoding="ascii") as f:
            return int((f.read().split() or ["0"])[0])

    def ctl(self, *args, check=True):
        return subprocess.run(("nsenter", "-t", str(self.init), "-m", "-p", "systemctl",
                               "--no-pager") + args, check=check, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120)

    def show(self, name):
        return self.ctl("show", "-P", name, NAME).stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *why):
        if why[0]:
            ktap.note(self.ctl("status", NAME, check=False).stdout.replace("\n", "\n# "))
        self.process.kill()
        self.process.wait(60)


def logged(text):
    with open(LOG, encoding="utf-8") as f:
        return f.read().count(text)


def rekey(pair, session):
    status, out = pair.bob.run("rekey", str(session), "--config", pair.bob.conf)
    return status, out[0].get("error", out[0]).get("reason")


@contextlib.contextmanager
def service(prepare=None):
    """(pair, systemd) with the service running."""
    if not os.path.exists(SYSTEMD):
        raise ktap.Skip("there is no systemd")
    with Pair(bob={"address": "10.9.0.1"}) as pair:
        if prepare:
            prepare(pair)
        configure(pair)
        pair.alice.listen()
        with Systemd() as systemd:
            systemd.ctl("start", NAME)
            yield pair, systemd


@ktap.test("a call is renewed after systemctl restart and after kill -9, and no packet is lost")
def _():
    with service() as (pair, systemd):
        status, called = pair.bob.call("alice")
        ktap.equal(status, 0, "exit status of call")
        theirs = pair.alice.daemon.wait("session")["session"]
        with Stream(pair, theirs, called["session"]) as stream:
            stream.pass_more()
            ns.wait_for(lambda: systemd.show("NFileDescriptorStore") == "1", "systemd keeps it")
            systemd.ctl("restart", NAME)
            ktap.equal(logged("restored bundles=1"), 1, "the bundle is restored")
            ktap.equal(rekey(pair, called["session"]), (0, None), "rekey after restart")
            pair.alice.daemon.wait("switched", session=theirs)
            stream.pass_more()
            old = systemd.show("MainPID")
            systemd.ctl("kill", "--kill-who=main", "-s", "KILL", NAME)
            ns.wait_for(lambda: systemd.show("MainPID") not in ("0", old), "it is started again")
            ns.wait_for(lambda: systemd.show("ActiveState") == "active", "it is ready")
            ktap.equal(logged("restored bundles=1"), 2, "the bundle is restored")
            ktap.equal(rekey(pair, called["session"]), (0, None), "rekey after kill -9")
            pair.alice.daemon.wait("switched", session=theirs)
            stream.pass_more()
            ktap.equal(systemd.show("NFileDescriptorStore"), "1", "descriptors that are kept")


@ktap.test("systemctl stop leaves no key with systemd; the call goes on")
def _():
    with service() as (pair, systemd):
        status, called = pair.bob.call("alice")
        ktap.equal(status, 0, "exit status of call")
        theirs = pair.alice.daemon.wait("session")["session"]
        with Stream(pair, theirs, called["session"]) as stream:
            ns.wait_for(lambda: systemd.show("NFileDescriptorStore") == "1", "systemd keeps it")
            systemd.ctl("stop", NAME)
            ns.wait_for(lambda: systemd.show("NFileDescriptorStore") == "0", "nothing is kept")
            stream.pass_more()
            systemd.ctl("start", NAME)
            ktap.equal(rekey(pair, called["session"]), (1, "no-bundle"), "rekey")
            stream.pass_more()


def fetching(pair):
    """bob may fetch certificates."""
    os.makedirs("/etc/mikey", exist_ok=True)
    files = {name: tuple(shutil.copy(path, "/etc/mikey") for path in paths)
             for name, paths in mikeypki.FILES.items()}
    mikeypki.configure(pair.bob, pair.alice, files,
                       {"modes": "rsar", "certificate-urls": "http://10.9.0.1/"})


def fetchers():
    """The processes of that name: their status."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open("/proc/%s/status" % pid, encoding="ascii") as f:
            state = dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)
            if state["Name"] == "mikey-fetch":
                found.append(state)
    return found


@ktap.test("mikey-fetch gives up its rights under the unit, and ends with it, also by kill -9")
def _():
    with service(fetching) as (_, systemd):
        state, = fetchers()
        ktap.equal((set(state["Uid"].split()), int(state["CapEff"], 16), state["Groups"].strip()),
                   ({str(ns.NOBODY)}, 0, ""), "user, capabilities, groups")
        systemd.ctl("kill", "--kill-who=main", "-s", "KILL", NAME)
        ns.wait_for(lambda: fetchers() and fetchers()[0]["Pid"] != state["Pid"], "a new one")
        ns.wait_for(lambda: systemd.show("ActiveState") == "active", "it is ready")
        ktap.equal(len(fetchers()), 1, "processes")
        systemd.ctl("stop", NAME)
        ktap.equal(len(fetchers()), 0, "processes when the service has ended")


ktap.main()
