#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mikey-rtsp serve: what it refuses before there are any keys, on the command line and in RTSP.

There is no daemon: whatever would be described ends in 503.
"""

import contextlib
import signal
import socket
import subprocess
import time

import rtsptool
from rtsptool import BOUND, COMMAND, NO_DAEMON, PROGRAM, certificate, equal, path, write
from mikeytool import begin, end
from rtspclient import Client, digest

ADDRESS = "127.0.0.1"
BEGIN = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


def medium(protocol="RTP/AVP"):
    return "m=video 0 %s 96\r\na=rtpmap:96 H264/90000\r\n" % protocol


def refused(what, status, reason, *args):
    rtsptool.refused(what, status, reason, "serve", *args)


def command_line(cert, key, sdp):
    files = ("--certificate", cert, "--key", key, "--sdp", sdp)
    for what, args in (("nothing", ()), ("no command", (*files, "cam")),
                       ("no path", (*files, *COMMAND)), ("no certificate", (*files[2:], "cam")),
                       ("no key", (*files[:2], *files[4:], "cam")),
                       ("no description", (*files[:4], "cam")),
                       ("an empty path", (*files, "/")), ("a blank in the path", (*files, "a b")),
                       ("two slashes", (*files, "a//b")), ("model c", (*files, "--model", "c", "x")),
                       ("a port alone", (*files, "--listen", "8322", "cam")),
                       ("a name to listen on", (*files, "--listen", "localhost:1", "cam")),
                       ("no client", (*files, "--clients", "0", "cam"))):
        args = args + COMMAND if what not in ("nothing", "no command", "no path") else args
        refused("usage: " + what, 1, "usage", *args)


def files(cert, key, sdp):
    def given(what, status, reason, *args, cert=cert, key=key, sdp=sdp):
        refused(what, status, reason, *NO_DAEMON, "--certificate", cert, "--key", key,
                "--sdp", sdp, *args, "cam", *COMMAND)
    other = certificate("other")
    given("a certificate that is not there", 1, "bad-certificate-file", cert=path("none"))
    given("a certificate that is none", 1, "bad-certificate-file", cert=sdp)
    given("a key that is not there", 1, "bad-certificate-file", key=path("none"))
    given("a key that is none", 1, "bad-certificate-file", key=other[0])
    given("a description that is not there", 7, "system", sdp=path("none"))
    for what, text in (("empty", ""), ("without media", BEGIN), ("no text", BEGIN + "\0")):
        given("a description: " + what, 2, "bad-sdp", sdp=write("bad.sdp", text))
    for protocol in ("RTP/SAVP", "UDP", "UDP/TLS/RTP/SAVP"):
        given("a description of " + protocol, 6, "unsupported-transport",
              sdp=write("bad.sdp", BEGIN + medium() + medium(protocol)))
    given("17 media", 6, "too-many-media", sdp=write("bad.sdp", BEGIN + 17 * medium()))
    for what, user_file in (("not there", path("none")), ("empty", write("empty", "")),
                            ("without password", write("half", "viewer\nviewer:\n:secret\n")),
                            ("open to others", write("open", "viewer:secret\n", 0o644))):
        given("a file of users: " + what, 1, "bad-user-file", "--user-file", user_file)
    with socket.create_server((ADDRESS, 0)) as sock:
        given("a port that is in use", 7, "system", "--listen",
              "%s:%d" % (ADDRESS, sock.getsockname()[1]))


@contextlib.contextmanager
def server(cert, key, sdp, *args):
    """The server, and its port; it ends with 0 by SIGTERM."""
    with socket.create_server((ADDRESS, 0)) as sock:
        port = sock.getsockname()[1]
    command = (PROGRAM, "serve", *NO_DAEMON, "--certificate", cert, "--key", key, "--sdp", sdp,
               "--listen", "%s:%d" % (ADDRESS, port), *args, "cam", *COMMAND)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    said = process.stderr.readline()
    equal(said, "mikey-rtsp: listening on %s:%d\n" % (ADDRESS, port), "it listens")
    try:
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=BOUND)[1]
        print("\n".join("# " + line for line in rest.splitlines()))
        equal(process.returncode, 0, "exit status after SIGTERM")


def asked(client, what, code, method, where, *headers, **more):
    response = client.ask(method, where, *headers, **more)
    equal(response.code, code, "%s: %d" % (what, code))
    return response


def requests(cert, key, sdp):
    with server(cert, key, sdp) as port:
        client = Client(ADDRESS, port, cert)
        public = asked(client, "OPTIONS", 200, "OPTIONS", "*").headers["public"]
        equal({"DESCRIBE", "SETUP", "PLAY", "TEARDOWN"} <= set(public.split(", ")), True,
              "the methods are listed")
        for where in ("/", "/ca", "/camera", "/cam/stream=1", "/cam/stream=00", "/cam/x"):
            asked(client, "nothing is at " + where, 404, "DESCRIBE", where)
        asked(client, "a stream has no description", 404, "DESCRIBE", "/cam/stream=0")
        asked(client, "a description is SDP only", 406, "DESCRIBE", "/cam", "Accept: text/html")
        asked(client, "without a daemon there are no keys", 503, "DESCRIBE", "/cam")
        transport = "Transport: RTP/SAVP;unicast;client_port=6000-6001"
        asked(client, "SETUP before DESCRIBE", 455, "SETUP", "/cam/stream=0", transport)
        asked(client, "SETUP of all", 459, "SETUP", "/cam", transport)
        for method in ("PLAY", "TEARDOWN"):
            asked(client, method + " without a session", 454, method, "/cam")
            asked(client, method + " of another session", 454, method, "/cam", "Session: 0")
        for method in ("PAUSE", "ANNOUNCE", "RECORD"):
            asked(client, method, 501, method, "/cam")
        response = asked(client, "a required option", 551, "SETUP", "/cam/stream=0",
                         "Require: backchannel")
        equal(response.headers.get("unsupported"), "backchannel", "the option is named")
        asked(client, "a sign of life", 200, "GET_PARAMETER", "/cam")
        asked(client, "a parameter", 451, "GET_PARAMETER", "/cam", body="packets_received\r\n")
        asked(client, "new keys in model a", 451, "SET_PARAMETER", "/cam", body="mikey: AAAA\r\n")
        client.close()


def users(cert, key, sdp):
    args = ("--user-file", write("users", "other:secret\nviewer:se:cret\n"))
    with server(cert, key, sdp, *args) as port:
        client = Client(ADDRESS, port, cert)
        uri = client.base + "/cam"
        challenge = asked(client, "who nobody knows", 401, "DESCRIBE", "/cam") \
            .headers["www-authenticate"]
        asked(client, "OPTIONS needs no password", 200, "OPTIONS", "/cam")
        for user, password in (("viewer", "secret"), ("nobody", "se:cret"), ("other", "")):
            asked(client, "%s with %r" % (user, password), 401, "DESCRIBE", "/cam",
                  digest(challenge, user, password, "DESCRIBE", uri))
        old = digest(challenge.replace('nonce="', 'nonce="0'), "viewer", "se:cret", "DESCRIBE", uri)
        asked(client, "another nonce", 401, "DESCRIBE", "/cam", old)
        good = digest(challenge, "viewer", "se:cret", "DESCRIBE", uri)
        asked(client, "user and password: only the daemon is missing", 503, "DESCRIBE", "/cam", good)
        asked(client, "the proof of another method", 401, "SETUP", "/cam/stream=0", good)
        equal(client.is_closed(), True, "after five wrong proofs the server hangs up")
        client.close()


def admitted(port, cert):
    """A client, as soon as the one before it is forgotten."""
    end_of_patience = time.monotonic() + BOUND
    while True:
        try:
            return Client(ADDRESS, port, cert)
        except OSError:
            if time.monotonic() > end_of_patience:
                raise


def without_tls(port):
    """What the server says to a client that speaks in clear."""
    with socket.create_connection((ADDRESS, port), BOUND) as sock:
        sock.sendall(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            return sock.recv(1000)
    return b""


def guests(cert, key, sdp):
    with server(cert, key, sdp, "--clients", "1", "--timeout", "1") as port:
        with socket.create_connection((ADDRESS, port), BOUND) as silent:
            equal(silent.recv(1), b"", "who says nothing is sent away")
        client = admitted(port, cert)
        asked(client, "then there is room for another one", 200, "OPTIONS", "*")
        with socket.create_connection((ADDRESS, port), BOUND) as second:
            equal(second.recv(1), b"", "but not for two")
        client.close()
    with server(cert, key, sdp) as port:
        equal(b"RTSP" in without_tls(port), False, "without TLS there is no answer")


def main():
    begin()
    cert, key = certificate("camera")
    sdp = write("film.sdp", BEGIN + medium())
    command_line(cert, key, sdp)
    files(cert, key, sdp)
    requests(cert, key, sdp)
    users(cert, key, sdp)
    guests(cert, key, sdp)
    end()


main()
