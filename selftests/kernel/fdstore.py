# SPDX-License-Identifier: GPL-2.0
"""A service manager for one daemon: it keeps descriptors from one start to the next.

That is the FDSTORE part of sd_notify(3) and sd_listen_fds(3), which is all that a
daemon sees of systemd.
"""

import array
import fcntl
import os
import select
import socket

import ns

FDS_MAX = 16
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class Manager:
    """The socket that $NOTIFY_SOCKET names, and what it was given."""

    def __init__(self, host):
        self.host, self.path = host, host.path("notify")
        self.kept, self.told = {}, []
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)

    def pump(self):
        """Takes what has been sent."""
        while select.select([self.sock], [], [], 0)[0]:
            data, anc, _, _ = self.sock.recvmsg(4096, socket.CMSG_SPACE(FDS_MAX * 4))
            fds = array.array("i")
            for level, kind, octets in anc:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    fds.frombytes(octets[:len(octets) - len(octets) % fds.itemsize])
            self._take(dict(line.split("=", 1) for line in data.decode().split("\n")), list(fds))

    def _take(self, fields, fds):
        self.told.append(fields)
        name = fields.get("FDNAME", "stored")
        if "FDSTORE" in fields:
            self.kept.setdefault(name, []).extend(fds)
            return
        for fd in fds + (self.kept.pop(name, []) if "FDSTOREREMOVE" in fields else []):
            os.close(fd)

    def listen(self):
        """Starts the daemon of the host, with what is kept; waits until it serves."""
        fds = [(name, fd) for name, kept in self.kept.items() for fd in kept]
        script = "export LISTEN_PID=$$; exec \"$@\""
        script += "".join(" %d<&%d" % (3 + i, 100 + i) for i in range(len(fds)))
        copies = []
        for i, (_, fd) in enumerate(fds):
            os.dup2(fd, 100 + i, inheritable=True)
            copies.append(100 + i)
        env = dict(os.environ, NOTIFY_SOCKET=self.path, LISTEN_FDS=str(len(fds)),
                   LISTEN_FDNAMES=":".join(name for name, _ in fds))
        daemon = self.host.listen(wrapper=("bash", "-c", script, "bash"), env=env,
                                  pass_fds=copies)
        for fd in copies:
            os.close(fd)
        return daemon

    def octets(self):
        """What is kept, if it is one store."""
        self.pump()
        [fd] = [fd for kept in self.kept.values() for fd in kept]
        return os.pread(fd, os.fstat(fd).st_size, 0)

    def generation(self):
        """Which store is kept: a number that grows; 0 for none."""
        self.pump()
        return int.from_bytes(self.octets()[20:28], "big") if len(self.kept) == 1 else 0

    def wait_kept(self, after=0):
        """A store later than that one is kept, and alone."""
        return ns.wait_for(lambda: self.generation() > after and self.generation(),
                           "a store after %d" % after)

    def put(self, octets, name="mikey-bundles-00000000", seal=True):
        """Keeps these octets instead of all others."""
        self.pump()
        for kept in self.kept.values():
            for fd in kept:
                os.close(fd)
        fd = os.memfd_create("store", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.pwrite(fd, octets, 0)
        if seal:
            fcntl.fcntl(fd, fcntl.F_ADD_SEALS, SEALS)
        self.kept = {name: [fd]}


def managed(pair):
    """Daemons of both hosts, each with a manager: (alice's, bob's)."""
    managers = Manager(pair.alice), Manager(pair.bob)
    managers[1].listen()
    managers[0].listen()
    return managers

