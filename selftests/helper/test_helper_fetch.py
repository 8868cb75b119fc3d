#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 300
"""mikey-fetch, with this script in the daemon's place: what it fetches, what it does not, and
what rights it has.
"""

import os
import signal
import socket
import struct
import subprocess
import time

import certserver
from certserver import Held, Server, drip, endless, moved
from helpercli import HELPER
from mikeytool import begin, check, end, equal

FETCH = os.path.join(os.path.dirname(HELPER), "mikey-fetch")
DONE, MOVED, FAILED = 0, 1, 2
NOBODY = 65534
URL_MAX, SIZE_MAX = 500, 16384


class Fetcher:
    def __init__(self, user="nobody", env=None):
        self.socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(60)
        self.process = subprocess.Popen([FETCH, user], stdin=other, env=env or {},
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        other.close()
        self.word = self.socket.recv(16)

    def order(self, url, seconds=20, octets=None):
        """The socket that the answer comes from."""
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        here.settimeout(60)
        message = struct.pack("=I%ds" % (URL_MAX + 1), seconds, url.encode())
        message += bytes(-len(message) % 4)
        socket.send_fds(self.socket, [octets or message], [there.fileno()])
        there.close()
        return here

    def get(self, url, seconds=20):
        """Status and octets; None if nothing came."""
        with self.order(url, seconds) as answer:
            return self.read(answer)

    @staticmethod
    def read(answer):
        data = answer.recv(1 << 17)
        return (struct.unpack_from("=I", data)[0], data[4:]) if data else None

    def close(self):
        self.socket.close()
        return self.process.wait(60)


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
        return [int(word) for word in f.read().split()]


def status(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        return dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)


def wait_for(condition):
    until = time.monotonic() + 60
    while not condition():
        if time.monotonic() > until:
            raise AssertionError("it did not happen")
        time.sleep(0.02)


def failed(fetcher, url, words, name, **more):
    got = fetcher.get(url, **more)
    check(got and got[0] == FAILED and words.encode() in got[1], name, got)


def fetches(fetcher, server):
    server.pages.update({"/a": b"octets", "/max": bytes(SIZE_MAX), "/more": bytes(SIZE_MAX + 1),
                         "/none": b"", "/endless": endless, "/headers": certserver.headers,
                         "/moved": moved("http://192.0.2.1/b"), "/rel": moved("c?d"),
                         "/file": moved("file:///etc/passwd"), "/drip": drip, "/held": Held()})
    equal(fetcher.get(server.url("/a")), (DONE, b"octets"), "what is at a URL")
    equal(fetcher.get(server.url("/none")), (DONE, b""), "nothing is at a URL")
    equal(fetcher.get(server.url("/max")), (DONE, bytes(SIZE_MAX)), "as much as may be")
    failed(fetcher, server.url("/more"), "longer than %d" % SIZE_MAX, "an octet more")
    failed(fetcher, server.url("/endless"), "longer than", "octets without end or length")
    failed(fetcher, server.url("/headers"), "longer than", "headers without end")
    failed(fetcher, server.url("/404"), "status 404", "a page that is not there")
    failed(fetcher, "http://127.0.0.1:1/", "connect", "nobody listens")
    failed(fetcher, server.url("/held"), "in 1 seconds", "a server that says nothing", seconds=1)
    failed(fetcher, server.url("/drip"), "in 2 seconds", "one that says little", seconds=2)
    equal(fetcher.get(server.url("/moved")), (MOVED, b"http://192.0.2.1/b"),
          "a page that is elsewhere is told, and not followed")
    equal(fetcher.get(server.url("/rel")), (MOVED, server.url("/c?d").encode()),
          "likewise, by a relative URL")
    check("/c?d" not in server.asked, "nobody asked there", server.asked)
    got = fetcher.get(server.url("/file"))
    check(got and got[0] in (MOVED, FAILED) and b"root" not in got[1], "no file is read", got)
    for url in ("file:///etc/passwd", "ftp://127.0.0.1/a", "dict://127.0.0.1/", "gopher://h/"):
        failed(fetcher, url, "rotocol", "refused: " + url)
    failed(fetcher, server.url("/a").replace("//", "//user:word@"), "", "refused: a user in a URL")
    equal(set(server.agents), {"mikey-fetch"}, "what it says of itself")


def orders(fetcher, server):
    for name, octets in (("too short", bytes(8)), ("too long", bytes(600)),
                         ("without patience", struct.pack("=I504s", 0, b"http://h/")),
                         ("with too much", struct.pack("=I504s", 31, b"http://h/")),
                         ("whose URL has no end", struct.pack("=I", 5) + b"h" * 504)):
        with fetcher.order("", octets=octets) as answer:
            equal(fetcher.read(answer), None, "an order %s gets no answer" % name)
    equal(fetcher.get(server.url("/a")), (DONE, b"octets"), "and the next one does")
    held = [fetcher.order(server.url("/held")) for _ in range(8)]
    equal(fetcher.get(server.url("/a")), (DONE, b"octets"), "nine at a time")
    for one in held:
        one.close()


def no_rights(pid, name):
    state = status(pid)
    if os.geteuid() == 0:
        equal({state[n].split()[i] for n in ("Uid", "Gid") for i in range(4)}, {str(NOBODY)},
              name + ": user and group")
        equal(state["Groups"].strip(), "", name + ": groups")
    equal({state[n].strip("0\n\t ") for n in ("CapPrm", "CapEff", "CapInh", "CapAmb")}, {""},
          name + ": capabilities")
    equal(state["NoNewPrivs"], "1", name + ": no new privileges")


def confined(server):
    fetcher = Fetcher()
    no_rights(fetcher.process.pid, "the process that waits")
    with fetcher.order(server.url("/held")) as answer:
        wait_for(lambda: children(fetcher.process.pid) and
                 status(children(fetcher.process.pid)[-1])["Seccomp"] == "2")
        worker = children(fetcher.process.pid)[-1]
        no_rights(worker, "the one that fetches")
        with open("/proc/%d/limits" % worker, encoding="ascii") as f:
            limits = {line[:26].strip(): line[26:].split()[0] for line in f}
        equal((limits["Max core file size"], limits["Max file size"]), ("0", "0"),
              "it writes no core and no file")
        check(limits["Max address space"] != "unlimited" and limits["Max cpu time"] != "unlimited",
              "memory and processor time have an end", limits)
        fds = [os.readlink("/proc/%d/fd/%s" % (worker, n))
               for n in os.listdir("/proc/%d/fd" % worker)]
        check(not [fd for fd in fds if fd.startswith("/") and fd != "/dev/null"],
              "no file is open in it", fds)
        os.kill(worker, signal.SIGKILL)
        equal(fetcher.read(answer), None, "killed, it gives no answer")
    equal(fetcher.get(server.url("/a")), (DONE, b"octets"), "and the next order gets one")
    equal(fetcher.close(), 0, "it ends when the daemon does")


def environment(server):
    """No proxy, whatever the environment says."""
    proxy = "http://127.0.0.1:1/"
    fetcher = Fetcher(env={name: proxy for name in ("http_proxy", "HTTP_PROXY", "all_proxy",
                                                    "https_proxy", "ALL_PROXY")})
    equal(fetcher.get(server.url("/a")), (DONE, b"octets"), "no proxy of the environment is asked")
    fetcher.close()


def starts():
    for user in ("root", "no-such-user"):
        fetcher = Fetcher(user)
        equal((fetcher.word, fetcher.close()), (b"", 1), "it does not start as %s" % user)
        check(user in fetcher.process.stderr.read(), "and says why")


def main():
    begin()
    if not check(os.access(FETCH, os.X_OK), "there is a mikey-fetch beside the helper"):
        end()
    fetcher = Fetcher()
    equal(len(fetcher.word), 1, "it says when it is ready")
    with Server("127.0.0.1") as server:
        fetches(fetcher, server)
        orders(fetcher, server)
        confined(server)
        environment(server)
    fetcher.close()
    if os.geteuid() == 0:
        starts()
    end()


main()
