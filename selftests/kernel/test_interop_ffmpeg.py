#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""Against FFmpeg, whose SRTP shares no code with libsrtp or with this project."""

import base64
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import ktap
import ns
import rtp
import srtpnl
import world

SO_RCVBUFFORCE = 33
PORT = 5004             # RTCP is on the next one
SSRC = 4660
SECONDS = 4
FRAME = 160             # octets of PCMU in a packet


def sound():
    """PCMU that repeats nowhere, so that a lost or doubled packet shows."""
    return os.urandom(SECONDS * 8000)


def inline(master):
    """The key as RFC 4568 writes it."""
    return base64.b64encode(master[0] + master[1]).decode()


def ffmpeg(*args):
    if not shutil.which("ffmpeg"):
        raise ktap.Skip("ffmpeg is not installed")
    return subprocess.Popen(["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "warning", "-y", *args],
                            stdout=subprocess.DEVNULL)


def sockets(nl, session, ports):
    """RTP and RTCP on two ports of 127.0.0.1, attached."""
    made = []
    for port, role in zip(ports, ("rtp", "rtcp")):
        sock = world.udp("127.0.0.1", port)
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
        nl.do("socket-new", fd=sock.fileno(), session=session, role=role)
        made.append(sock)
    return made


def payload(packet):
    """FFmpeg sends neither CSRCs nor extensions."""
    ktap.equal(packet[0], 0x80, "first octet")
    ktap.equal(struct.unpack("!I", packet[8:12])[0], SSRC, "SSRC")
    return packet[12:]


def from_ffmpeg(master, theirs):
    """Starts FFmpeg as a sender; returns what was received as plaintext, and the counters."""
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    world.stream(nl, session, "rx", master=master)
    data, control = sockets(nl, session, (PORT, PORT + 1))
    audio = sound()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "sound.ul")
        with open(path, "wb") as f:
            f.write(audio)
        sender = ffmpeg("-f", "mulaw", "-ar", "8000", "-ac", "1", "-i", path, "-c:a", "copy", "-ssrc", str(SSRC),
                        "-payload_type", "0", "-f", "rtp", "-srtp_out_suite", "AES_CM_128_HMAC_SHA1_80",
                        "-srtp_out_params", inline(theirs), "srtp://127.0.0.1:%d?pkt_size=200" % PORT)
        ktap.equal(sender.wait(120), 0, "FFmpeg's exit status")
    data.setblocking(False)
    control.setblocking(False)
    return audio, data, control


def drain(sock):
    packets = []
    while True:
        try:
            packets.append(sock.recv(2000))
        except BlockingIOError:
            return packets


@ktap.test("FFmpeg to the kernel: PCMU is identical, its sender reports authenticate")
def _():
    audio, data, control = from_ffmpeg(world.key("x"), world.key("x"))
    packets = drain(data)
    ktap.check(len(packets) > 100, "only %d packets" % len(packets))
    ktap.equal(b"".join(map(payload, packets)) == audio, True, "identical sound")
    reports = drain(control)
    ktap.check(reports, "no RTCP was received")
    for report in reports:
        ktap.equal(report[1], 200, "type of the report")
        ktap.equal(struct.unpack("!I", report[4:8])[0], SSRC, "SSRC of the report")
    for sock in data, control:
        stats = srtpnl.info(sock)["stats"]
        ktap.equal(stats["rx-auth-failed"] + stats["rx-malformed"] + stats["rx-no-key"], 0, "dropped")


@ktap.test("FFmpeg to the kernel with another salt: nothing is received")
def _():
    key, salt = world.key("x")
    _, data, control = from_ffmpeg((key, salt), (key, bytes([salt[0] ^ 1]) + salt[1:]))
    ktap.equal(drain(data) + drain(control), [], "received")
    ktap.check(srtpnl.info(data)["stats"]["rx-auth-failed"] > 100, "packets dropped as forged")


def description(master):
    return ("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
            "m=audio %d RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\n" % (PORT, inline(master)))


def is_bound(port):
    with open("/proc/net/udp", encoding="ascii") as f:
        return any(line.split()[1].endswith(":%04X" % port) for line in f.readlines()[1:])


def play(data, control, audio):
    """Sends in real time, as FFmpeg wants it, with sender reports."""
    begin = time.monotonic()
    for n in range(len(audio) // FRAME):
        while time.monotonic() < begin + n * FRAME / 8000:
            time.sleep(0.002)
        packet = rtp.rtp(SSRC, n, n * FRAME, audio[n * FRAME:(n + 1) * FRAME])
        ktap.equal(data.sendto(packet, ("127.0.0.1", PORT)), len(packet), "sent")
        if n % 50 == 0:
            report = rtp.sender_report(SSRC, struct.pack("!QIII", int(time.time() + 2208988800) << 32,
                                                         n * FRAME, n, n * FRAME))
            ktap.equal(control.sendto(report, ("127.0.0.1", PORT + 1)), len(report), "sent")


@ktap.test("the kernel to FFmpeg: PCMU is identical")
def _():
    nl = srtpnl.Netlink()
    session = nl.do("session-new")["id"]
    world.stream(nl, session, "tx", master=world.key("x"))
    data, control = sockets(nl, session, (PORT + 100, PORT + 101))
    audio = sound()
    with tempfile.TemporaryDirectory() as folder:
        sdp, out = os.path.join(folder, "x.sdp"), os.path.join(folder, "out.ul")
        with open(sdp, "w", encoding="ascii") as f:
            f.write(description(world.key("x")))
        receiver = ffmpeg("-protocol_whitelist", "file,crypto,udp,rtp,srtp", "-analyzeduration", "0",
                          "-i", sdp, "-c:a", "copy", "-f", "mulaw", "-flush_packets", "1", out)
        ns.wait_for(lambda: is_bound(PORT) and is_bound(PORT + 1), "FFmpeg listens")
        play(data, control, audio)
        ns.wait_for(lambda: os.path.exists(out) and os.path.getsize(out) >= len(audio), "FFmpeg wrote")
        receiver.send_signal(signal.SIGINT)
        receiver.wait(60)
        with open(out, "rb") as f:
            ktap.equal(f.read() == audio, True, "identical sound")


ktap.main()
