#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mikey-rtsp: what it refuses, with exit status and reason, before there are any keys.

The cameras are GStreamer's server (demo/camera.c), and one that says what it should
not. There is no daemon: a camera that could be played ends in "no-daemon".
"""

import base64
import os
import subprocess

import rtspserver
from rtsptool import COMMAND, NO_DAEMON, TOP, certificate, equal, path, refused, write
from mikeytool import begin, end
from rtspserver import Answer, Server

CAMERA = TOP + "/build/selftests/demo/camera"
HERE4, OTHER4 = "127.0.0.1", "127.0.0.2"
DIGEST = 'WWW-Authenticate: Digest realm="r", nonce="n"'


def usage(what, *args):
    refused(what, 1, "usage", *args)


def command_line():
    url = "rtsps://viewer@camera.example.org/s"
    usage("no argument is no command line")
    usage("a command is needed", url)
    usage("a command is needed after --", url, "--")
    usage("-- is needed before the command", url, *COMMAND[1:])
    for args in (("--model", "d"), ("--media", ""), ("--rekey", "x"), ("--port", "80"),
                 ("--timeout", "0"), ("--clear-port", "x"), ("--no-such-option",)):
        usage("refused: " + " ".join(args), *args, url, *COMMAND)
    usage("a password in the URL is refused", "rtsps://viewer:secret@camera.example.org/s",
          *COMMAND)
    usage("http:// is refused", "http://camera.example.org/s", *COMMAND)
    refused("rtsp:// is refused, which has no TLS", 4, "no-tls", "rtsp://camera.example.org/s",
            *COMMAND)


def passwords(url):
    for name, text, mode in (("open", "secret\n", 0o644), ("empty", "", 0o600)):
        refused("a password file that is refused: " + name, 1, "bad-password-file", *NO_DAEMON,
                "--password-file", write(name, text, mode), url, *COMMAND)
    refused("a password file that is not there", 1, "bad-password-file", *NO_DAEMON,
            "--password-file", path("none"), url, *COMMAND)


class Camera:
    """GStreamer's server, with user and password."""

    def __init__(self):
        self.cert, key = certificate("camera", HERE4)
        film = path("film.mkv")
        subprocess.run(("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i",
                        "testsrc2=size=160x120:rate=10:duration=1", "-f", "lavfi", "-i",
                        "sine=sample_rate=8000:duration=1", "-c:v", "libx264", "-preset",
                        "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "pcm_mulaw", film), check=True)
        with rtspserver.listener(HERE4) as sock:
            port = sock.getsockname()[1]
        self.process = subprocess.Popen((CAMERA, film, self.cert, key, HERE4, str(port),
                                         "viewer", "secret"), stdout=subprocess.PIPE, text=True)
        self.here = "%s:%d" % (HERE4, port)
        self.ready = self.process.stdout.readline()

    def url(self, name="cam"):
        return "rtsps://viewer@%s/%s" % (self.here, name)


def gstreamer():
    camera = Camera()
    equal(camera.ready, "listening\n", "GStreamer's camera listens")
    trusting = ("--ca", camera.cert, *NO_DAEMON)
    good = ("--password-file", write("password", "secret\n", 0o600))
    bad = ("--password-file", write("other", "wrong\n", 0o600))
    refused("a certificate of an unknown issuer is refused", 3, "bad-certificate", *NO_DAEMON,
            *good, camera.url(), *COMMAND)
    refused("no password", 3, "auth-failed", *trusting, camera.url(), *COMMAND)
    refused("no user", 3, "auth-failed", *trusting, *good, "rtsps://%s/cam" % camera.here, *COMMAND)
    refused("a wrong password", 3, "auth-failed", *trusting, *bad, camera.url(), *COMMAND)
    refused("a path that the camera has not (404)", 8, "peer-error", *trusting, *good,
            camera.url("other"), *COMMAND)
    refused("media that the camera has not", 4, "no-media", *trusting, *good, "--media", "text",
            camera.url(), *COMMAND)
    refused("a password from a file: only the daemon is missing", 7, "no-daemon", *trusting, *good,
            camera.url(), *COMMAND)
    refused("a password from the environment, likewise", 7, "no-daemon", *trusting, camera.url(),
            *COMMAND, MIKEY_RTSP_PASSWORD="secret")
    refused("--insecure takes any certificate", 7, "no-daemon", *NO_DAEMON, *good, "--insecure",
            camera.url(), *COMMAND)
    camera.process.kill()
    refused("nobody is there", 9, "no-answer", *trusting, *good, camera.url(), *COMMAND)


def described(text):
    """A camera with this description."""
    def answer(request):
        if request.method == "DESCRIBE":
            return Answer(200, ("Content-Type: application/sdp",), text)
        return Answer(200)
    return answer


def media(*protocols):
    return "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" + "".join(
        "m=video 0 %s 96\r\na=rtpmap:96 H264/90000\r\n" % p for p in protocols)


def only(code, *headers):
    return lambda request: Answer(code, headers)


FAULTS = (
    ("what is no RTSP", lambda request: b"220 mail.example.org ESMTP\r\n\r\n", 2, "bad-rtsp"),
    ("a connection that is closed", lambda request: None, 9, "no-answer"),
    ("a description that is empty", described(""), 2, "bad-sdp"),
    ("a description with an octet of zero", described("v=0\r\n\0\r\n" + media("RTP/SAVP")), 2,
     "bad-sdp"),
    ("a medium in clear", described(media("RTP/AVP")), 4, "unprotected-medium"),
    ("a medium in clear beside a secure one", described(media("RTP/SAVP", "RTP/AVP")), 4,
     "unprotected-medium"),
    ("DTLS", described(media("UDP/TLS/RTP/SAVP")), 4, "unprotected-medium"),
    ("17 media", described(media(*["RTP/SAVP"] * 17)), 6, "too-many-media"),
    ("an authentication that nobody knows", only(401, 'WWW-Authenticate: Bearer realm="r"'), 6,
     "unsupported-authentication"),
    ("a digest that is never good", only(401, DIGEST), 3, "auth-failed"),
    ("463", only(463), 8, "key-management-failure"),
)


def unfaithful():
    cert, key = certificate("faulty", HERE4)
    args = ("--ca", cert, *NO_DAEMON, "--timeout", "20", "--password-file",
            path("password"))
    for what, answer, status, reason in FAULTS:
        server = Server(rtspserver.listener(HERE4), cert, key, answer)
        refused("a camera that answers " + what, status, reason, *args,
                "rtsps://viewer@%s:%d/s" % (HERE4, server.port), *COMMAND)
        equal(server.error, None, "the camera that answers %s has not failed" % what)
        server.close()


def basic():
    """A camera that wants basic authentication, and digest not at all."""
    good = "Basic " + base64.b64encode(b"viewer:secret").decode()

    def answer(request):
        if request.headers.get("authorization") != good:
            return Answer(401, ('WWW-Authenticate: Basic realm="r"',))
        return described(media("RTP/SAVP"))(request)

    cert, key = certificate("basic", HERE4)
    server = Server(rtspserver.listener(HERE4), cert, key, answer)
    url = "rtsps://viewer@%s:%d/s" % (HERE4, server.port)
    refused("a wrong password for basic authentication", 3, "auth-failed", "--ca", cert, *NO_DAEMON,
            "--password-file", path("other"), url, *COMMAND)
    refused("basic authentication: only the daemon is missing", 7, "no-daemon", "--ca",
            os.path.relpath(cert), *NO_DAEMON, "--password-file", path("password"), url, *COMMAND)
    server.close()


def somebody_else():
    cert, key = certificate("else", OTHER4)
    server = Server(rtspserver.listener(HERE4), cert, key, only(200))
    args = ("--ca", cert, *NO_DAEMON)
    refused("a certificate for another address is refused", 3, "bad-certificate", *args,
            "rtsps://%s:%d/s" % (HERE4, server.port), *COMMAND)
    equal(server.requests, [], "and no request is sent")
    server.close()


def silent():
    with rtspserver.listener(HERE4) as sock:
        refused("a camera that does not answer at all", 9, "no-answer", *NO_DAEMON,
                "--timeout", "1", "rtsps://%s:%d/s" % (HERE4, sock.getsockname()[1]), *COMMAND)


def main():
    begin()
    command_line()
    passwords("rtsps://viewer@127.0.0.1/s")
    gstreamer()
    unfaithful()
    basic()
    somebody_else()
    silent()
    end()


main()
