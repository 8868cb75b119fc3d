#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-not-debug: memory of User-Mode Linux cannot be read from inside
# ktap-timeout: 1200
"""No key stays in the machine's memory: all of it is read, through /proc/kcore.

So that the search does not find its own needles, this program never holds a
key: SHIFT is added to each octet of the keys that it stores, a master key is
put together in the very buffer that is sent, and overwritten there, and SHIFT
is added to memory, too, before it is searched. (Not a mask that is its own
reverse: the search reads this program's memory, too, and what it makes of a
stored key must not be the key.)
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

SHIFT = 0x5b
SHIFTED = bytes((i + SHIFT) % 256 for i in range(256))
# Master key, master salt, the SRTP and SRTCP encryption keys that they give
# (RFC 3711 4.3), and 16 octets of what SHA-1 stands at after the SRTP
# authentication key, inner and outer (RFC 2104 section 4), all shifted.  Master
# keys begin alike, and so do salts.
KEYS = {name: tuple(bytes.fromhex(text) for text in texts) for name, texts in {
    "live": ("806ef6f6012c53a0b5203254c6b19e9d", "2c01f6f66e804a81672a0448b681",
             "1cf36d644ceec9f907717a7868668589", "d3fab0230e5b2819471f63b93c2b30ad",
             "c08f0b358a75dfd4696240fb563be235", "99dced2b916dfd6aa10b9e4a8aa5ca5a"),
    "session": ("806ef6f6012cda2af1b867273912321c", "2c01f6f66e80a83ecb388965c5b9",
                "5303c27ac7fd23b3f5952f29bf019caf", "3baa3c0f4e31d5b2ca69a9d0f4414ddc",
                "68596534d4fc4f1f767c66416c5806c5", "6a5d79c97fe088fbd972e24cac8f5c53"),
    "stream": ("806ef6f6012c286907b092acbe5fa596", "2c01f6f66e80007ed00e91b5ec08",
               "4b5635a449b8466c711b8d0af6078257", "90a17f3947f6bf8b670452bc790e650e",
               "80675029e96caa56b18af796b9c65fee", "b18fba042b5a0b8a6e190117a7b4ba9f"),
    "key": ("806ef6f6012c7cae3fa8329515417ef3", "2c01f6f66e80db142a7a1806a938",
            "cbb97f3e3d34b0cb97a53b3363c39f36", "3de15c280e486eec762f1900fe58cf00",
            "7bcb2e4f6e6b907924a22d12c5e2e73c", "bed0ac0b987f2e30468d3a078298bc08"),
    "module": ("806ef6f6012c6c0a23671ca28fc309b6", "2c01f6f66e803892111a1dda03a7",
               "3e6705402e14b594e26e949cf43bb894", "2c5bfefeae066753a69889337bd53cf4",
               "c55f4a5ff2d133e2b0c92f8e2396ba77", "1bbf845f634ad987722e8c94656ac587"),
    "refused": ("806ef6f6012cddf62b09bc7e66f5e870", "2c01f6f66e803cb7dd898f904c7a",
                "715c28e39617af90930b0f2b0c59519c", "94a6d544430be99ba967abcf9e34c57f",
                "e9711511658a337f3360682d085abd6a", "3caa1f7db176fb8f890bee04bfbaa65b"),
}.items()}
MASTERS = {"a master key": bytes.fromhex("806ef6f6012c"), "a master salt": bytes.fromhex("2c01f6f66e80")}
DERIVED = ": SRTP key", ": SRTCP key", ": inner MAC state", ": outer MAC state"
BLOCK, READ = 1 << 16, 1 << 22
OVERLAP = 16            # octets of a block that are read again with the next


def needles(*names):
    out = dict(MASTERS)
    for name in names:
        out.update(zip((name + end for end in DERIVED), KEYS[name][2:]))
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
            message[i] = (message[i] - SHIFT) % 256
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


def shifted_blocks(fd):
    """Yields what memory holds, shifted, without blocks of zeros."""
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
                    yield block.translate(SHIFTED)
    wipe(buffer)
    wipe(block)


def search(wanted):
    """The needles that memory holds, each with the number of places."""
    found, octets = {}, 0
    fd = os.open("/proc/kcore", os.O_RDONLY)
    for shifted in shifted_blocks(fd):
        octets += len(shifted)
        for name, needle in wanted.items():
            n = shifted.count(needle)
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


@ktap.test("the search finds a master key and a master salt that a process holds", bound=800)
def _():
    held = bytearray(b"".join(KEYS["refused"][:2]))
    for i, octet in enumerate(held):
        held[i] = (octet - SHIFT) % 256
    # Perhaps more than once: what the search has read is memory, too.
    ktap.equal(set(search(MASTERS)), set(MASTERS), "what is found")
    wipe(held)


@ktap.test("memory holds the session keys of a session that lives, but no master key", bound=800)
def _():
    nl = srtpnl.Netlink()
    _, inside = keyed(nl, "live")
    found = search(needles("live"))
    ktap.equal(set(found), {"live" + end for end in DERIVED}, "what is found")
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
