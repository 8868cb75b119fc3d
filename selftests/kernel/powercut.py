#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a directory may hold after the power was cut, told by the system calls of who wrote it.

A disk keeps of a file what fsync() of the file was done for, and of what was written
since then anything or nothing; of a directory the changes in their order, up to any of
them, but at least to the last fsync() of the directory.
"""

import itertools
import os
import re

CALLS = "openat,write,fsync,renameat,sendto,sendmsg"
AT = r"\d+<([^>]*)>"
STRING = r'"((?:[^"\\]|\\.)*)"'
OPEN = re.compile(r"^openat\(%s, %s, ([A-Z_|]+).* = \d+<" % (AT, STRING))
WRITE = re.compile(r"^write\(%s, %s, \d+\) += (\d+)" % (AT, STRING))
SYNC = re.compile(r"^fsync\(%s\) += 0" % AT)
RENAME = re.compile(r"^renameat\(%s, %s, %s, %s\) += 0" % (AT, STRING, AT, STRING))
SEND = re.compile(r"^send(?:to|msg)\(\d+<UDP")


def strace(path):
    """Runs a program so that it can be told; it keeps its process number."""
    return ("strace", "-D", "-qq", "-yy", "-s", "200000", "-e", "signal=none",
            "-e", "trace=" + CALLS, "-o", path)


def octets(text):
    return text.encode("ascii").decode("unicode_escape").encode("latin-1")


def steps(path, directory):
    """(what, file, more) for each step that concerns the directory, and each packet sent."""
    with open(path, encoding="ascii") as f:
        for line in f:
            if m := OPEN.match(line):
                if m[1] == directory and "O_CREAT" in m[3]:
                    yield "open", m[2], "O_TRUNC" in m[3]
            elif m := WRITE.match(line):
                if os.path.dirname(m[1]) == directory:
                    yield "write", os.path.basename(m[1]), octets(m[2])[:int(m[3])]
            elif m := SYNC.match(line):
                if m[1] == directory:
                    yield "sync", "", None
                elif os.path.dirname(m[1]) == directory:
                    yield "sync", os.path.basename(m[1]), None
            elif m := RENAME.match(line):
                if m[1] == directory:
                    yield "rename", m[2], m[4]
            elif SEND.match(line):
                yield "send", "", None


class File:
    def __init__(self, data):
        self.kept = self.data = data

    def possible(self):
        if self.kept == self.data:
            return {self.data}
        return {self.kept, b"", self.data[:len(self.data) // 2], self.data}


class Disk:
    """A directory, all of whose files the disk keeps to begin with."""

    def __init__(self, files):
        self.kept = {name: File(data) for name, data in files.items()}
        self.names, self.changes = dict(self.kept), []

    def change(self, name, file):
        self.changes.append((name, file))
        if file:
            self.names[name] = file
        else:
            del self.names[name]

    def do(self, what, name, more):
        if what == "open":
            if name not in self.names:
                self.change(name, File(b""))
            elif more:
                self.names[name].data = b""
        elif what == "write":
            self.names[name].data += more
        elif what == "rename":
            file = self.names[name]
            self.change(more, file)
            self.change(name, None)
        elif what == "sync" and name:
            self.names[name].kept = self.names[name].data
        elif what == "sync":
            self.kept, self.changes = dict(self.names), []

    def possible(self):
        """Each as the octets of its files by name."""
        names = dict(self.kept)
        for name, file in [(None, None)] + self.changes:
            if file:
                names[name] = file
            elif name:
                del names[name]
            for data in itertools.product(*(file.possible() for file in names.values())):
                yield dict(zip(names, data))


def cuts(path, directory, files):
    """(files, sent): what may be there after a cut, and whether a packet had been sent.

    @files is what was there when the program that is traced in @path began."""
    disk, sent, seen = Disk(files), False, []
    for step in [("begin", "", None), *steps(path, directory)]:
        disk.do(*step)
        sent = sent or step[0] == "send"
        for left in disk.possible():
            if (left, sent) not in seen:
                seen.append((left, sent))
    return seen


def contents(directory):
    out = {}
    for name in os.listdir(directory):
        with open(os.path.join(directory, name), "rb") as f:
            out[name] = f.read()
    return out


def restore(directory, files):
    for name in os.listdir(directory):
        os.unlink(os.path.join(directory, name))
    for name, data in files.items():
        with open(os.open(os.path.join(directory, name), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
            f.write(data)
