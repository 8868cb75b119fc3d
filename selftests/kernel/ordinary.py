#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Programs that know nothing of SRTP: ordinary.py NAME ARGUMENTS calls program_NAME().

They begin by the dozen on an emulated processor, so each imports no more than it needs.
"""

import os
import socket
import struct
import sys

SSRC = 0x01020304
PAYLOAD = b"what must not be seen " * 4
REPORT = struct.pack("!BBHI", 0x80, 200, 6, SSRC) + bytes(20)


def media(seq=1):
    return struct.pack("!BBHII", 0x80, 0, seq, 0, SSRC) + PAYLOAD


def dgram(address="127.0.0.1"):
    return socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)


def program_sendto(port, address="127.0.0.1"):
    dgram(address).sendto(media(), (address, int(port)))


def program_sendmsg(port):
    dgram().sendmsg([media()[:12], media()[12:]], [], 0, ("127.0.0.1", int(port)))


def program_write(port):
    s = dgram()
    s.connect(("127.0.0.1", int(port)))
    os.write(s.fileno(), media())


def program_dup(port):
    """A child uses a copy of its parent's socket."""
    s = dgram()
    if os.fork() == 0:
        os.dup(s.fileno())
        s.sendto(media(), ("127.0.0.1", int(port)))
        os._exit(0)
    os.wait()


def program_receive(port):
    s = dgram()
    s.bind(("127.0.0.1", int(port)))
    print("bound", flush=True)
    print(s.recv(2000).hex(), flush=True)


def program_both(port, clear_port):
    """One socket sends a query to the clear port, and then media."""
    s = dgram()
    s.sendto(b"query", ("127.0.0.1", int(clear_port)))
    print(s.recv(100).decode(), flush=True)
    s.sendto(media(), ("127.0.0.1", int(port)))


def program_query(how, clear_port):
    s, to = dgram(), ("127.0.0.1", int(clear_port))
    if how == "bound":
        s.bind(("127.0.0.1", 0))
    if how in ("connected", "written"):
        s.connect(to)
    if how == "written":
        os.write(s.fileno(), b"query")
    elif how == "connected":
        s.sendmsg([b"que", b"ry"])
    elif how == "message":
        s.sendmsg([b"que", b"ry"], [], 0, to)
    else:
        s.sendto(b"query", to)
    print(s.recv(100).decode(), flush=True)


def program_reconnect(port, clear_port):
    """Connects to the clear port, then to the other one."""
    s = dgram()
    s.connect(("127.0.0.1", int(clear_port)))
    s.connect(("127.0.0.1", int(port)))
    os.write(s.fileno(), media())


def program_from(own_port, port):
    s = dgram()
    s.bind(("127.0.0.1", int(own_port)))
    s.sendto(media(), ("127.0.0.1", int(port)))


def program_rtcp(port, own_port=0):
    s = dgram()
    if own_port:
        s.bind(("127.0.0.1", int(own_port)))
    s.sendto(REPORT, ("127.0.0.1", int(port)))


def system_call(*args):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(*args) < 0:
        raise OSError(ctypes.get_errno(), "")


def i386_getpid():
    """getpid() by the door of 32-bit programs: mov eax, 20; int 0x80; ret."""
    import ctypes
    import mmap
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\0\0\0\xcd\x80\xc3")
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()


def program_error(what):
    """Prints the errno of a call that must not work."""
    import errno
    try:
        if what == "udplite":
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136)
        elif what == "uring":
            system_call(425, 4, bytes(120))
        elif what == "getfd":
            system_call(438, os.pidfd_open(os.getpid()), 0, 0)
        elif what == "netns":
            system_call(272, 0x40000000)
            dgram()
        elif what == "socket":
            dgram()
        elif what == "x32":
            system_call(0x40000000 | 39)
        elif what == "i386":
            i386_getpid()
        print("nothing")
    except OSError as e:
        print(errno.errorcode[e.errno])


def program_tcp():
    """Other sockets are as always."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    client = socket.create_connection(server.getsockname())
    there, _ = server.accept()
    client.sendmsg([b"tcp"])
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    a.send(there.recv(3))
    print(b.recv(3).decode(), flush=True)


def program_inherited(fd, port):
    socket.socket(fileno=int(fd)).sendto(media(), ("127.0.0.1", int(port)))


def program_signals():
    import signal
    # Waited for, not handled: a handler would run in the middle of the first print.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    print("ready", flush=True)
    signal.sigwait({signal.SIGUSR1})
    print("usr1", flush=True)
    sys.exit(3)


def program_daemon(port):
    """Leaves a child behind that sends when its standard input ends."""
    if os.fork():
        os._exit(4)
    sys.stdin.buffer.read()
    dgram().sendto(media(), ("127.0.0.1", int(port)))


def program_threads(port, count):
    """Many sockets at the same time, from several threads; the window takes them in any order."""
    import threading

    def work(n):
        for i in range(int(count)):
            s = dgram()
            s.sendto(media(n * 10 + i), ("127.0.0.1", int(port)))
            s.close()
    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


if __name__ == "__main__":
    globals()["program_" + sys.argv[1]](*sys.argv[2:])
