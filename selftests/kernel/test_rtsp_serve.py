#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 900
"""mikey-rtsp serve: alice is the camera, by an unmodified FFmpeg; bob plays it.

bob has GStreamer's rtspsrc, which does SRTP by itself and knows nothing of srtp.ko, and
in model b mikey-rtsp, which renews its key.
"""

import base64
import os
import shlex
import signal
import subprocess
import sys

import ktap
import mikeypair
import ns
import rtspcamera
from mikeypair import Pair
from rtspcamera import PORT, RECEIVER, Program, end, play
from sdpcall import daemons

sys.path[:0] = [mikeypair.TOP + "/selftests/" + folder for folder in ("", "demo", "rtsp")]
import blocks  # noqa: E402
import cable  # noqa: E402
import film  # noqa: E402
import only_srtp  # noqa: E402
from rtspclient import Client, digest  # noqa: E402

SHOWN = mikeypair.TOP + "/build/selftests/demo"
SAMPLES = mikeypair.TOP + "/selftests/samples/"
MANUAL = "Documentation/mikey-rtsp.rst"
# Pictures of the film, and packets of its sound: eight seconds.
PICTURES, PACKETS = 80, 400
OWNER = 1000
# MKI and tag
MKI, TAIL = 4, 14
SSRC = b"\x5e\x4d\x5e\x4d"
NUMBERED = "v=0\r\no=- 0 0 IN IP4 10.9.0.1\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n" \
           "a=rtpmap:96 X-NUMBER/90000\r\n"

# A program that sends numbered packets until SIGINT, and says how many there were.
SENDER = """
import os, signal, socket, struct, sys, time
host, to, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
ended = []
signal.signal(signal.SIGINT, lambda *args: ended.append(1))
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", port))
print("sender", os.getpid(), flush=True)
number = 0
while not ended:
    head = struct.pack(">BBHII", 0x80, 96, number, 1800 * number, 0x5e4d5e4d)
    sock.sendto(head + b"picture number %7d" % number, (host, to))
    number += 1
    time.sleep(0.02)
print("sent", number, flush=True)
"""
SEND = (sys.executable, "-c", SENDER, "{host}", "{rtp1}", "{from1}")


def write(host, name, text, mode=0o644):
    path = host.path(name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w",
              encoding="ascii") as f:
        f.write(text)
    return path


class Server(Program):
    """mikey-rtsp serve on alice's host; it ends with 0 by SIGTERM, and leaves no session."""

    def __init__(self, pair, sdp, *args, command=SEND, uid=0):
        self.pair = pair
        self.cert, key = rtspcamera.certificate(pair.dir, pair.alice.v4)
        os.chown(key, uid, uid)
        where = "%s:%d" % (pair.alice.v4, PORT)
        super().__init__(pair.alice, rtspcamera.reachable(), "serve", "--certificate", self.cert,
                         "--key", key, "--sdp", sdp, "--listen", where, *args, "cam", "--",
                         *command, uid=uid)
        self.wait("mikey-rtsp: listening on " + where)

    def url(self, user=""):
        return "rtsps://%s%s:%d/cam" % (user, self.pair.alice.v4, PORT)

    def said(self):
        with open(self.path, encoding="utf-8") as f:
            return f.read()

    def number(self, word):
        """The number behind a word that the program has said."""
        return int(self.said().split(word + " ")[1].split()[0])

    def __enter__(self):
        return self

    def __exit__(self, *why):
        killed = self.process.poll() is not None
        if not killed:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        for line in self.said().splitlines():
            ktap.note("serve: " + line)
        if not why[0] and not killed:
            ktap.equal(status, 0, "exit status of serve")
            ktap.equal(self.pair.alice.sessions(), [], "sessions afterwards")


def manual(name, pair):
    """A command of the manual, with names that are there."""
    block, = blocks.marked(MANUAL, name)
    names = {"film.mkv": SHOWN + "/film.mkv", "film.sdp": pair.dir + "/film.sdp"}
    return [names.get(word, word) for word in shlex.split(block.text.replace("\\\n", " "))]


def describe(pair):
    """The description of the film, as the manual has it."""
    subprocess.run(manual("serve-sdp", pair), check=True, stdin=subprocess.DEVNULL,
                   capture_output=True)
    return pair.dir + "/film.sdp"


def sends(pair):
    """What the manual has FFmpeg send."""
    command = manual("serve", pair)
    return command[command.index("--") + 1:]


def gstreamer(pair, url, record):
    """rtspsrc records both media, by its own SRTP; it ends when both have said BYE.

    It would give TEARDOWN a tenth of a second, TLS included, and fail if that is too short.
    """
    command = ("gst-launch-1.0", "-q", "rtspsrc", "name=src", "protocols=udp", "latency=5000",
               "timeout=0", "tcp-timeout=100000000", "teardown-timeout=60000000000",
               "tls-validation-flags=0", "location=" + url,
               "matroskamux", "name=mux", "!", "filesink", "location=" + record,
               "src.", "!", "queue", "!", "rtph264depay", "!", "h264parse", "!", "mux.",
               "src.", "!", "queue", "!", "rtppcmudepay", "!", "mux.")
    return subprocess.Popen(command, preexec_fn=pair.bob.enter, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


@ktap.test("GStreamer's rtspsrc records what an unmodified FFmpeg sends, picture for picture "
           "and octet for octet of the sound; on the wire there is SRTP only")
def _():
    with Pair() as pair:
        capture, record = pair.dir + "/cable.pcap", pair.dir + "/record.mkv"
        with Server(pair, describe(pair), command=sends(pair)) as server:
            tcpdump = rtspcamera.Capture(pair, capture)
            status, _, _ = end(gstreamer(pair, server.url(), record), 300)
            tcpdump.end()
            ktap.equal(status, 0, "exit status of gst-launch")
            ktap.equal(film.compare(record, SHOWN, PICTURES), (PICTURES, PACKETS * film.PACKET),
                       "pictures, and octets of sound")
            server.wait("mikey-rtsp: %s: gone" % pair.bob.v4)
        media = [d for d in cable.datagrams(capture) if d.payload and 128 <= d.payload[0] <= 191]
        shown = {name: film.read(SHOWN, name) for name in ("film.h264", "sound.ul")}
        octets = sum(len(datagram.payload) for datagram in media)
        ktap.check(octets > sum(map(len, shown.values())), "%d octets in datagrams" % octets)
        with open(capture, "rb") as f:
            there = only_srtp.runs(f.read())
        for name, clear in shown.items():
            ktap.check(there.isdisjoint(only_srtp.runs(clear)), name + " on the wire")


def mkis(capture, to):
    """MKIs of RTP on the cable, each as often as it came anew."""
    found = []
    for datagram in cable.datagrams(capture):
        packet = datagram.payload
        if datagram.to == to and packet[:2] == b"\x80\x60":
            mki = packet[-TAIL:-TAIL + MKI]
            if found[-1:] != [mki]:
                found.append(mki)
    return found


@ktap.test("model b: the client's key and MKI; new keys by SET_PARAMETER, no packet lost")
def _():
    options = {"psk_file": None, "allow-null": "tls-only", "compat": "onvif gstreamer"}
    with daemons(alice=options, bob=options) as pair:
        capture = pair.dir + "/cable.pcap"
        with Server(pair, write(pair.alice, "numbers.sdp", NUMBERED), "--model", "b",
                        "--peer", "bob", "--config", pair.alice.conf) as server:
            tcpdump = rtspcamera.Capture(pair, capture)
            client = play(pair.bob, server.url(), "--ca", server.cert, "--peer", "alice",
                          "--config", pair.bob.conf, "--rekey", "8",
                          command=(sys.executable, "-c", RECEIVER))
            for _ in range(2):
                pair.bob.daemon.wait("switched")
                pair.alice.daemon.wait("switched")
                ktap.check(client.stdout.readline(), "packets arrive")
            os.kill(server.number("sender"), signal.SIGINT)
            ns.wait_for(lambda: "sent " in server.said(), "the sender's end")
            sent = server.number("sent")
            client.send_signal(signal.SIGINT)
            status, out, err = end(client)
            tcpdump.end()
            ktap.equal((status, int(out.split()[-1])), (0, sent), "packets that are read")
            ktap.check("model b" in err, "the model that was found")
            keys = mkis(capture, pair.bob.v4)
            ktap.check(len(keys) >= 3, "%d keys on the cable" % len(keys))
            ktap.equal(len(set(keys)), len(keys), "no key came back")
            server.wait("mikey-rtsp: %s: gone" % pair.bob.v4)


def sample(name):
    with open(SAMPLES + name + ".b64", encoding="ascii") as f:
        return f.read().strip()


def renewed(message, ssrc):
    """The captured message for one more key: another bundle, RAND and key, the next MKI."""
    octets = bytearray(base64.b64decode(message))
    octets[4:8] = b"\0\1\2\3"                     # CSB ID
    octets[11:15] = ssrc
    octets[31:47] = os.urandom(16)
    at = octets.rindex(b"\0\0\0\2")
    octets[at:at + MKI] = b"\0\0\0\3"
    key = octets.index(bytes.fromhex("00112233"))
    octets[key:key + 30] = os.urandom(30)
    return base64.b64encode(octets).decode()


def asked(client, what, code, method, where, *headers, **more):
    response = client.ask(method, where, *headers, **more)
    ktap.equal(response.code, code, what)
    return response


@ktap.test("GStreamer 1.26, captured: the client's key at SETUP, and its new key in the body of "
           "SET_PARAMETER, are taken in model b; a wrong message is 463, and changes nothing")
def _():
    name = "gst126-client-managed-aes-128-icm-hmac-sha1-80-"
    with Pair() as pair:
        with Server(pair, write(pair.alice, "numbers.sdp", NUMBERED), "--model", "b") as server:
            with pair.bob.inside():
                client = Client(pair.alice.v4, PORT, server.cert)
            body = asked(client, "DESCRIBE", 200, "DESCRIBE", "/cam").body
            ktap.check("RTP/SAVP" in body and "key-mgmt" not in body, "it says " + body)
            key = 'KeyMgmt: prot=mikey;uri="";data="%s"'
            transport = "Transport: RTP/%s;unicast;destination=10.9.0.99;client_port=%s"
            udp = transport % ("SAVP", "6000-6001")
            good = key % sample(name + "setup")
            where = "/cam/stream=0"
            for other in (transport % ("AVP", "6000-6001"), transport % ("SAVP/TCP", "6000-6001"),
                          transport % ("SAVP", "22-23"), "Transport: RTP/SAVP;multicast"):
                asked(client, "refused: " + other, 461, "SETUP", where, other, good)
            asked(client, "PLAY before SETUP", 454, "PLAY", "/cam")
            for other in ("X-Key: none", key % "AAAA", key % "&"):
                asked(client, "SETUP with " + other, 463, "SETUP", where, udp, other)
            response = asked(client, "SETUP", 200, "SETUP", where, udp, good)
            session = "Session: " + response.headers["session"].split(";")[0]
            ktap.check("timeout=60" in response.headers["session"], "the session's timeout")
            ktap.check("destination" not in response.headers["transport"], "no other destination")
            asked(client, "SETUP again", 455, "SETUP", where, udp, good, session)
            asked(client, "PLAY", 200, "PLAY", "/cam", session)
            with pair.bob.socket(port=6000) as sock:
                ktap.equal(len(sock.recv(2048)), 12 + len("picture number       1") + TAIL,
                           "a packet")
            for other in ("mikey: AAAA\r\n", "KeyMgmt: prot=mikey;data=\"&\"\r\n"):
                asked(client, "SET_PARAMETER with " + other, 463, "SET_PARAMETER", where, session,
                      "Content-Type: text/parameters", body=other)
            asked(client, "SET_PARAMETER of nothing that is known", 451, "SET_PARAMETER", where,
                  session, body="barparam: 1\r\n")
            before = pair.alice.sessions()[0]["streams"]
            body = 'KeyMgmt: prot=mikey;uri="%s";data="%s"\r\n' % (
                client.base + where, sample(name + "rekey"))
            asked(client, "new key", 200, "SET_PARAMETER", "/cam", session, body=body)
            after = pair.alice.sessions()[0]["streams"]
            ktap.check(after != before, "the streams have new keys")
            body = 'KeyMgmt: prot=mikey;uri="%s";data="%s"\r\n' % (
                client.base + where, renewed(sample(name + "rekey"), SSRC))
            asked(client, "new key, for what is received", 200, "SET_PARAMETER", "/cam", session,
                  body=body)
            ktap.check(pair.alice.sessions()[0]["streams"] != after, "and newer ones")
            asked(client, "TEARDOWN", 200, "TEARDOWN", "/cam", session)
            ktap.check(client.is_closed(), "the server hangs up")


@ktap.test("an ordinary user serves by the daemon, to users with a password; what a client "
           "leaves behind without a word, and a server that is killed, goes")
def _():
    options = {"psk_file": None, "allow-null": "tls-only", "compat": "onvif gstreamer",
               "owner": OWNER}
    with Pair(alice=options) as pair:
        daemon = pair.alice.listen()
        users = write(pair.alice, "users", "viewer:secret\n", 0o600)
        os.chown(users, OWNER, OWNER)
        with Server(pair, write(pair.alice, "numbers.sdp", NUMBERED), "--user-file", users,
                        "--peer", "bob", "--config", pair.alice.conf, uid=OWNER) as server:
            args = ("--ca", server.cert)
            status, _, err = end(play(pair.bob, server.url(), *args, command=("true",)), 120)
            ktap.equal((status, "(auth-failed)" in err), (3, True), "without password")
            secret = {**os.environ, "MIKEY_RTSP_PASSWORD": "secret"}
            for stop in (lambda client: client.kill(), lambda client: server.process.kill()):
                client = play(pair.bob, server.url("viewer@"), *args, env=secret,
                              command=(sys.executable, "-c", RECEIVER))
                ktap.check(client.stdout.readline(), "packets arrive")
                ktap.equal(len(pair.alice.sessions()), 1, "sessions while it plays")
                stop(client)
                daemon.wait("hung-up")
                ns.wait_for(lambda: not pair.alice.sessions(), "no sessions")
            client.kill()


ktap.main()
