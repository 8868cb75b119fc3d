#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: what it asks of the kernel is older than all of them
# ktap-timeout: 900
"""mikey-helper run: programs that know nothing of SRTP, and what their sockets put on the wire."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import ktap
import ns
import ordinary
import rtp
import world
from helper_program import OTHER, OWNER, PROGRAM, SYSTEM, USAGE, helper, load, session, show, start
from ordinary import PAYLOAD, REPORT, dgram, media


def program(name, *args, file=ordinary.__file__):
    return ["--", sys.executable, "-S", file, name, *map(str, args)]


def run(*args, **more):
    return helper("run", *args, **more)


def opened(packet):
    """The plain packet; it must be SRTP under the key that is loaded."""
    ktap.check(PAYLOAD[:8] not in packet, "it is in clear")
    return rtp.Srtp(*world.key("tx")).unprotect_rtp(packet)


def nothing(wire):
    """The program has ended, so what it sent over lo is there."""
    wire.setblocking(False)
    try:
        packet = wire.recv(2000)
    except BlockingIOError:
        return
    ktap.check(False, "it was sent: %r" % packet)


def expect(port_socket, name, *args, options=(), **more):
    """Runs a program that sends one packet to a plain socket, which must get it protected."""
    number, = load(session(**more))
    port = port_socket.getsockname()[1]
    run("--session", number, *options, *program(name, port, *args)).good()
    ktap.equal(opened(port_socket.recv(2000)), media(), "packet")
    return number


@ktap.test("a program that sends sends SRTP: sendto")
def _():
    expect(world.udp(), "sendto")


@ktap.test("a program that sends sends SRTP: sendto over IPv6")
def _():
    expect(world.udp("::1"), "sendto", "::1")


@ktap.test("a program that sends sends SRTP: sendmsg")
def _():
    expect(world.udp(), "sendmsg")


@ktap.test("a program that sends sends SRTP: write on a connected socket")
def _():
    expect(world.udp(), "write")


@ktap.test("a program that sends sends SRTP: a child with a copy of the socket")
def _():
    expect(world.udp(), "dup")


@ktap.test("a program that sends sends SRTP: without ports in clear, too")
def _():
    expect(world.udp(), "sendto", options=("--clear-port", "none"))


@ktap.test("a program that receives gets what is protected, and nothing else")
def _():
    number, = load(session())
    free = world.udp()
    port = free.getsockname()[1]
    free.close()
    process = start("run", "--session", number, *program("receive", port))
    ktap.equal(process.stdout.readline(), "bound\n", "first line")
    wire = world.udp()
    wire.sendto(media(), ("127.0.0.1", port))
    wire.sendto(rtp.Srtp(*world.key("rx")).protect_rtp(media(5)), ("127.0.0.1", port))
    ktap.equal(process.stdout.readline().strip(), media(5).hex(), "what the program received")
    ktap.equal(process.wait(), 0, "status")


@ktap.test("RTP and RTCP of one socket are told apart")
def _():
    number, = load(session())
    wire = world.udp()
    port = wire.getsockname()[1]
    run("--session", number, *program("rtcp", port)).good()
    plain, index, encrypted = rtp.Srtp(*world.key("tx")).unprotect_rtcp(wire.recv(2000))
    ktap.equal((plain, index, encrypted), (REPORT, 0, True), "report")


@ktap.test("with --rtcp-session the port decides the session")
def _():
    first, second = load(session("tx", "rx"), session("tx-rtcp", "rx-rtcp"))
    even, odd = world.udp(port=40000), world.udp(port=40001)
    options = ("--session", first, "--rtcp-session", second)
    run(*options, *program("sendto", 40000)).good()
    ktap.equal(opened(even.recv(2000)), media(), "RTP")
    run(*options, *program("rtcp", 40001)).good()
    got = rtp.Srtp(*world.key("tx-rtcp")).unprotect_rtcp(odd.recv(2000))
    ktap.equal(got[0], REPORT, "RTCP")
    # An even port of its own says less than the odd one of the peer.
    run(*options, *program("rtcp", 40001, 40002)).good()
    got = rtp.Srtp(*world.key("tx-rtcp")).unprotect_rtcp(odd.recv(2000))
    ktap.equal((got[0], got[1]), (REPORT, 1), "RTCP from an even port")


def name_server(clear_port):
    """Answers a query in clear."""
    s = world.udp(port=clear_port)

    def answer():
        query, peer = s.recvfrom(2000)
        s.sendto(b"answer to " + query, peer)
    return ns.Child(answer), s


@ktap.test("a name server is asked in clear: unbound, bound to port 0, connected, by messages, by write")
def _():
    number, = load(session())
    for how in ("unbound", "bound", "connected", "message", "written"):
        server, s = name_server(53)
        done = run("--session", number, *program("query", how, 53)).good()
        ktap.equal(done.out, "answer to query\n", how)
        server.result()
        s.close()


@ktap.test("other ports in clear are named by --clear-port, and none means none")
def _():
    number, = load(session())
    server, s = name_server(5353)
    done = run("--session", number, "--clear-port", "100,5000-6000", *program("query", "unbound", 5353)).good()
    ktap.equal(done.out, "answer to query\n", "answer")
    server.result()
    s.settimeout(0.5)
    done = run("--session", number, "--clear-port", "none", *program("query", "unbound", 5353))
    ktap.check(done.status == 1 and "OSError" in done.err, "the query was sent: %d %s" % (done.status, done.err))


@ktap.test("a socket that asked a name server sends media protected")
def _():
    number, = load(session())
    wire = world.udp()
    server, s = name_server(53)
    run("--session", number, *program("both", wire.getsockname()[1], 53)).good()
    server.result()
    ktap.equal(opened(wire.recv(2000)), media(), "packet")


@ktap.test("a socket that was connected to a name server is protected when it is connected elsewhere")
def _():
    number, = load(session())
    wire = world.udp()
    run("--session", number, *program("reconnect", wire.getsockname()[1], 53)).good()
    ktap.equal(opened(wire.recv(2000)), media(), "packet")


@ktap.test("a socket with a port of its own does not get into the clear by sending to port 53")
def _():
    number, = load(session())
    wire = world.udp(port=53)
    run("--session", number, *program("from", 40002, 53)).good()
    ktap.equal(opened(wire.recv(2000)), media(), "packet")


@ktap.test("a session that forbids to detach keeps queries from going out")
def _():
    number, = load(session(forbid_detach=True))
    wire = world.udp(port=53)
    done = run("--session", number, *program("query", "unbound", 53))
    ktap.check(done.status == 1 and "PermissionError" in done.err, "%d %s" % (done.status, done.err))
    nothing(wire)


@ktap.test("TCP and unix sockets are as always")
def _():
    number, = load(session())
    ktap.equal(run("--session", number, *program("tcp")).good().out, "tcp\n", "output")


@ktap.test("UDP-Lite, io_uring, pidfd_getfd and sockets of another network namespace are refused")
def _():
    number, = load(session())
    for what, name in (("udplite", "EPROTONOSUPPORT"), ("uring", "ENOSYS"), ("getfd", "EPERM"), ("netns", "EACCES")):
        ktap.equal(run("--session", number, *program("error", what)).good().out, name + "\n", what)


@ktap.test("a program that calls the kernel as another architecture does is ended: i386", "i386")
@ktap.test("a program that calls the kernel as another architecture does is ended: x32", "x32")
def _(what):
    if what == "i386" and os.environ.get("KERNEL") == "debug":
        raise ktap.Skip("User-Mode Linux has no system calls of i386")
    number, = load(session())
    ended = run("--session", number, *program("error", what))
    ktap.equal((ended.status, ended.out), (128 + signal.SIGSYS, ""), what)


@ktap.test("without its session a program is not started")
def _():
    wire = world.udp()
    run("--session", 4711, *program("sendto", wire.getsockname()[1])).refused(SYSTEM, "not-found", "session 4711")
    nothing(wire)


@ktap.test("a session deleted under a running program: it gets no socket any more, and is told why")
def _():
    number, = load(session())
    wait = ["--", "/bin/sh", "-c", 'echo ready; read line; exec "$@"', "sh"]
    process = subprocess.Popen([PROGRAM, "run", "--session", str(number), *wait, *program("error", "socket")[1:]],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ktap.equal(process.stdout.readline(), "ready\n", "first line")
    helper("unload", number).good()
    out, err = process.communicate("go\n", timeout=60)
    ktap.equal(out, "ENOKEY\n", "errno")
    ktap.check("(not-found)" in err, "not told: %r" % err)


@ktap.test("a UDP socket that the program inherits is attached before it runs")
def _():
    number, = load(session())
    inherited, wire = dgram(), world.udp()
    os.set_inheritable(inherited.fileno(), True)
    run("--session", number, *program("inherited", inherited.fileno(), wire.getsockname()[1]), close_fds=False).good()
    ktap.equal(opened(wire.recv(2000)), media(), "packet")


@ktap.test("the exit status is that of the program, also of one that is killed or not there")
def _():
    number, = load(session())
    for status, command in ((0, "exit 0"), (9, "exit 9"), (143, "kill -TERM $$"), (137, "kill -KILL $$")):
        ktap.equal(run("--session", number, "--", "/bin/sh", "-c", command).status, status, command)
    run("--session", number, "--", "/no/such/program").refused(127, "no-command")
    run("--session", number, "--", "/etc/passwd").refused(126, "no-command")


@ktap.test("signals are passed on")
def _():
    number, = load(session())
    process = start("run", "--session", number, *program("signals"))
    ktap.equal(process.stdout.readline(), "ready\n", "first line")
    process.send_signal(signal.SIGUSR1)
    ktap.equal((process.stdout.readline(), process.wait()), ("usr1\n", 3), "what the program did")


@ktap.test("what a program leaves behind is still attached, and waited for")
def _():
    number, = load(session())
    wire = world.udp()
    r, w = os.pipe()
    process = subprocess.Popen([PROGRAM, "run", "--session", str(number),
                                *program("daemon", wire.getsockname()[1])], stdin=r)
    os.close(r)
    pid = process.pid
    children = "/proc/%d/task/%d/children" % (pid, pid)
    ns.wait_for(lambda: len(open(children, encoding="utf-8").read().split()) == 1 and
                "Z" not in open("/proc/%d/stat" % pid, encoding="utf-8").read().split()[2], "one process left")
    os.close(w)
    ktap.equal(opened(wire.recv(2000)), media(), "packet")
    ktap.equal(process.wait(), 4, "status")


@ktap.test("several threads make sockets at the same time, all of them attached")
def _():
    number, = load(session())
    wire = world.udp()
    run("--session", number, *program("threads", wire.getsockname()[1], 10)).good()
    there = rtp.Srtp(*world.key("tx"))
    got = sorted(there.unprotect_rtp(wire.recv(2000)) for _ in range(40))
    want = sorted(media(n * 10 + i) for n in range(4) for i in range(10))
    ktap.equal(got, want, "packets")


def reachable_copy(folder):
    """The programs where users without rights can read them."""
    os.chmod(folder, 0o755)
    return shutil.copy(ordinary.__file__, folder)


@ktap.test("the owner needs no other rights, and nobody else can use his session")
def _():
    number, = load(session(owner=OWNER))
    wire = world.udp()
    with tempfile.TemporaryDirectory() as folder:
        copy = reachable_copy(folder)
        sender = program("sendto", wire.getsockname()[1], file=copy)
        run("--session", number, *sender, uid=OWNER, cwd="/").good()
        ktap.equal(opened(wire.recv(2000)), media(), "packet")
        query = program("query", "connected", 53, file=copy)
        server, s = name_server(53)
        ktap.equal(run("--session", number, *query, uid=OWNER, cwd="/").good().out, "answer to query\n", "answer")
        server.result()
        s.close()
        done = run("--session", number, *sender, uid=OTHER, cwd="/")
    ktap.equal(done.status, SYSTEM, "status of somebody else")
    nothing(wire)


@ktap.test("a command line that is not clear is refused")
def _():
    for args in ((), ("--session", "7"), ("--session", "7", "true"), ("--session", "0", "--", "true"),
                 ("--session", "7", "--clear-port", "0", "--", "true"), ("--session", "7", "--role", "x", "--", "true"),
                 ("--session", "7", "--rtcp-session", "7", "--", "true"),
                 ("--session", "7", "--rtcp-session", "8", "--role", "mux", "--", "true")):
        run(*args).refused(USAGE, "usage")


@ktap.test("ffmpeg sends RTP and RTCP, and both are protected")
def _():
    if not shutil.which("ffmpeg"):
        raise ktap.Skip("there is no ffmpeg")
    number, = load(session())
    media_wire, report_wire = world.udp(port=5004), world.udp(port=5005)
    process = start("run", "--session", number, "--", "ffmpeg", "-nostdin", "-loglevel", "error", "-re",
                    "-f", "lavfi", "-i", "sine=frequency=440:duration=8", "-ac", "1", "-ar", "8000",
                    "-c:a", "pcm_mulaw", "-f", "rtp", "rtp://127.0.0.1:5004")
    there = rtp.Srtp(*world.key("tx"))
    first = there.unprotect_rtp(media_wire.recv(2000))
    ktap.equal(first[1] & 127, 0, "payload type")
    report, _, encrypted = there.unprotect_rtcp(report_wire.recv(2000))
    ktap.equal((report[1], encrypted, rtp.ssrc_of(report)), (200, True, rtp.ssrc_of(first)), "report")
    n = 1
    while n < 20:
        there.unprotect_rtp(media_wire.recv(2000))
        n += 1
    ktap.check(show(number)[0]["state"]["sockets"] >= 2, "sockets")
    process.terminate()
    process.wait()


@ktap.test("ffmpeg receives what is protected")
def _():
    if not shutil.which("ffmpeg"):
        raise ktap.Skip("there is no ffmpeg")
    number, = load(session())
    out = os.path.join(tempfile.gettempdir(), "received.ul")
    sdp = os.path.join(tempfile.gettempdir(), "receive.sdp")
    with open(sdp, "w", encoding="utf-8") as f:
        f.write("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                "m=audio 5004 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n")
    process = start("run", "--session", number, "--", "ffmpeg", "-y", "-loglevel", "error",
                    "-protocol_whitelist", "file,udp,rtp", "-i", sdp, "-c:a", "copy", "-f", "mulaw",
                    "-flush_packets", "1", out)
    wire, there, sent = world.udp(), rtp.Srtp(*world.key("rx")), 0

    def send():
        nonlocal sent
        wire.sendto(rtp.rtp(9, sent, payload=bytes([255 - sent % 7] * 160)), ("127.0.0.1", 5004))
        packet = rtp.rtp(9, sent, ts=160 * sent, payload=bytes([sent % 251] * 160))
        wire.sendto(there.protect_rtp(packet), ("127.0.0.1", 5004))
        sent += 1
        return os.path.exists(out) and os.path.getsize(out) >= 1600
    ns.wait_for(send, "ten packets in the file", 100)
    process.terminate()
    process.wait()
    with open(out, "rb") as f:
        data = f.read()
    values = [data[at] for at in range(0, len(data) - 159, 160)]
    for value, at in zip(values, range(len(values))):
        ktap.equal(data[160 * at:160 * at + 160], bytes([value] * 160), "packet %d" % at)
    ktap.equal(values, list(range(values[0], values[0] + len(values))), "order")


ktap.main()
