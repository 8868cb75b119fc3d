#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-not-debug: memory of User-Mode Linux cannot be read from inside
# ktap-not-7.2: remains of keys are found there now and then, in memory not known to be ours
# ktap-timeout: 1200
"""No key stays in the machine's memory: all of it is read, through /proc/kcore.

So that the search does not find its own needles, this program never holds a
key: the octets of all keys are stored with MASK over them, a master key is put
together in the very buffer that is sent, and overwritten there, and memory is
masked, too, before it is searched.
"""

import ctypes
import errno
import os
import struct
import time

import ktap
import ns
import rtp
import srtpnl
import world

MASK = 0x5a
MASKED = bytes(i ^ MASK for i in range(256))
# Master key, master salt, and the SRTP and SRTCP encryption keys that they
# give (RFC 3711 4.3), all masked.  Master keys begin alike, and so do salts.
KEYS = {name: tuple(bytes.fromhex(text) for text in texts) for name, texts in {
    "live": ("7f49c1c1fc8ba21f009f8da3310c1918", "8bfcc1c1497fb57c5695f3b7017c",
             "9bc24853abc934c4f64c454757517074", "22c50f92e95a97e4b69e5204bb8a8f08"),
    "session": ("7f49c1c1fc8b2595cc07569684ed8d9b", "8bfcc1c1497f17b92a8774503004",
                "a2f23d4536f89202c0608e943efc1b0e", "ba15bbeea98c200d3554142fc3bca8db"),
    "stream": ("7f49c1c1fc8b9754f60f6d0b395e1061", "8bfcc1c1497fff792fe96c00cbf7",
               "aaa18013b407b14b4c9a68f5c1f67da6", "6f1c7e84b6c13e6a56f3ad3b44e950e9"),
    "key": ("7f49c1c1fc8b7b09be178d60e0bc79c2", "8bfcc1c1497fdae39545e7f11487",
            "2a047eb9b8830f2a6610ba8252321e81", "b8dc5b97e9b749cb418ee4fff9a72eff"),
    "module": ("7f49c1c1fc8b4bf592569b1d6e32f401", "8bfcc1c1497f876dece59825f216",
               "b956f0bf89e30063dd49631bc3ba0763", "8b5af9f909f156a2116774827a20bbc3"),
    "refused": ("7f49c1c1fc8bd8c18af43b7951c0d74f", "8bfcc1c1497fbb06d8746e6fab45",
                "4c5b97d261e60e6f62eaee8aeba4ac1b", "631120b3b2ead41a14560a2e1983307e"),
}.items()}
MASTERS = {"a master key": bytes.fromhex("7f49c1c1fc8b"), "a master salt": bytes.fromhex("8bfcc1c1497f")}
BLOCK, READ = 1 << 16, 1 << 22
OVERLAP = 16            # octets of a block that are read again with the next


def needles(*names):
    out = dict(MASTERS)
    for name in names:
        out[name + ": SRTP key"], out[name + ": SRTCP key"] = KEYS[name][2:]
    return out


def wipe(buffer):
    ctypes.memset((ctypes.c_char * len(buffer)).from_buffer(buffer), 0, len(buffer))


def send_key(nl, name, wrong_length=0, **values):
    """key-new without a trace in this process; returns errno or 0."""
    key, salt = KEYS[name][:2]
    key = key[:len(key) - wrong_length]
    message = bytearray(nl.raw("key-new", {**values, "master-key": key, "master-salt": salt}))
    for part in key, salt:
        at = message.index(part)
        for i in range(at, at + len(part)):
            message[i] ^= MASK
    nl.send_raw(message)
    wipe(message)
    try:
        nl.collect(nl.seq)
    except srtpnl.Error as e:
        return e.errno
    return 0


# Memory, as an ELF core file

PT_LOAD, NOT_RAM, KERNEL_TEXT = 1, 2**64 - 1, 0xffffffff80000000


def ram(fd):
    """Offset and size of the parts of /proc/kcore that are all of the RAM, each once."""
    header = os.pread(fd, 64, 0)
    at, count = struct.unpack_from("=Q", header, 32)[0], struct.unpack_from("=H", header, 56)[0]
    for i in range(count):
        kind, _, offset, virtual, physical, size = struct.unpack_from("=IIQQQQ", os.pread(fd, 56, at + 56 * i))
        if kind == PT_LOAD and physical != NOT_RAM and virtual < KERNEL_TEXT:
            yield offset, size


def masked_blocks(fd):
    """Yields what memory holds, masked, without blocks of zeros."""
    buffer, block = bytearray(READ + OVERLAP), bytearray(BLOCK + OVERLAP)
    view, zeros = memoryview(buffer), bytes(BLOCK + OVERLAP)
    for offset, size in ram(fd):
        for at in range(0, size, READ):
            want = min(READ + OVERLAP, size - at)
            got = os.preadv(fd, [view[:want]], offset + at)
            for start in range(0, got, BLOCK):
                length = min(BLOCK + OVERLAP, got - start)
                block[:length] = view[start:start + length]
                if block != zeros:
                    yield block.translate(MASKED)
    wipe(buffer)
    wipe(block)


def search(wanted):
    """The needles that memory holds, each with the number of places."""
    found, octets = {}, 0
    fd = os.open("/proc/kcore", os.O_RDONLY)
    for masked in masked_blocks(fd):
        octets += len(masked)
        for name, needle in wanted.items():
            n = masked.count(needle)
            if n:
                found[name] = found.get(name, 0) + n
    os.close(fd)
    ktap.note("%d MB of memory hold something" % (octets >> 20))
    return found


def not_found(wanted):
    """Memory is freed a little later than it is given up."""
    end = time.monotonic() + 120
    while True:
        found = search(wanted)
        if not found or time.monotonic() > end:
            break
    ktap.equal(found, {}, "what is found, and how often")


def keyed(nl, name):
    """A session that has used its keys."""
    session = nl.do("session-new")["id"]
    for direction in "tx", "rx":
        stream = world.stream(nl, session, direction)
        # The keys of both directions are one, as those of MIKEY often are.
        ktap.equal(send_key(nl, name, session=session, stream=stream, active=1), 0, "errno of key-new")
    inside, outside = world.pair(nl, session, "mux")
    inside.send(rtp.rtp(1, 1))
    inside.send(rtp.compound(1))
    for _ in range(2):
        outside.recv(2048)
    return session, inside


def in_child(function):
    """The stack and heap of the process are the kernel's again before the search."""
    ns.child(function)


@ktap.test("memory holds the session keys of a session that lives, but no master key", bound=800)
def _():
    nl = srtpnl.Netlink()
    _, inside = keyed(nl, "live")
    found = search(needles("live"))
    ktap.equal(set(found), {"live: SRTP key", "live: SRTCP key"}, "what is found")
    inside.close()


@ktap.test("memory holds no key that was refused", bound=800)
def _():
    def refuse():
        nl = srtpnl.Netlink(cap_ack=False)
        session = nl.do("session-new")["id"]
        stream = world.stream(nl, session, "rx")
        at = {"session": session, "stream": stream}
        for number, more in ((errno.ENOENT, {"session": 4711}), (errno.ENOENT, {"stream": 4711}),
                             (errno.EINVAL, {"wrong_length": 1}), (errno.EINVAL, {"hard_packets": 0}),
                             (errno.ERANGE, {"active": 2}), (errno.EINVAL, {"state": 0})):
            ktap.equal(send_key(nl, "refused", **{**at, **more}), number, "errno")
        for name in "other", "next":
            world.new_key(nl, session, stream, world.key(name))
        ktap.equal(send_key(nl, "refused", **at), errno.EBUSY, "errno of a third key to try")
    in_child(refuse)
    not_found(needles("refused"))


@ktap.test("memory holds no key of a deleted session, stream or key, while its sockets are open", bound=800)
def _():
    nl = srtpnl.Netlink()
    socks = []

    def fill(name):
        session, inside = keyed(nl, name)
        socks.append(inside)
        return session
    nl.do("session-del", id=fill("session"))
    session = fill("stream")
    for stream in nl.dump("stream-get", session=session):
        if "template" not in stream:
            nl.do("stream-del", session=session, id=stream["id"])
    session = fill("key")
    for key in nl.dump("key-get", session=session):
        nl.do("key-del", session=session, stream=key["stream"], id=key["id"])
    not_found(needles("session", "stream", "key"))


@ktap.test("memory holds no key after the module is unloaded with a session in it", bound=800)
def _():
    def fill():
        nl = srtpnl.Netlink()
        keyed(nl, "module")[1].close()
        world.wait_unreferenced()
        world.unload()
    in_child(fill)
    not_found(needles("module"))


world.load()
ktap.main()
