# SPDX-License-Identifier: GPL-2.0
"""What the tests of mikey-rtsp share: certificates, and the program itself."""

import os
import shutil
import signal
import subprocess

import ktap
import mikeypair
import ns

PROGRAM = os.environ.get("MIKEY_RTSP", mikeypair.TOP + "/rtsp/mikey-rtsp")
PORT = 8322
# Seconds to wait for a camera, on a machine that is slow.
PATIENCE = ("--timeout", "100")

# A program that receives until SIGINT, and says how many packets it got. One that it has
# already, or that is not as it was sent, ends it. (Two processors may swap two packets.)
RECEIVER = """
import os, re, signal, socket, sys
if "MIKEY_RTSP_PASSWORD" in os.environ:
    sys.exit("the program has the password")
port = int(re.search(r"^m=video (\\d+) RTP/AVP 96", open(os.environ["SDP"]).read(), re.M)[1])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
signal.signal(signal.SIGINT, lambda *args: sock.setblocking(False))
sock.bind(("", port))
seen = set()
try:
    while True:
        packet = sock.recv(2048)
        number = int.from_bytes(packet[2:4], "big")
        if number in seen or packet[12:] != b"picture number %7d" % number:
            sys.exit("after %d packets: %r" % (len(seen), packet))
        seen.add(number)
        if len(seen) % 25 == 0:
            print(len(seen), flush=True)
except BlockingIOError:
    print(len(seen), flush=True)
"""


def reachable():
    """A copy that users without rights can run, wherever the checkout is."""
    path = os.path.join(mikeypair.TMP, "mikey-rtsp")
    if not os.path.exists(path):
        shutil.copy(PROGRAM, path)
        os.chmod(path, 0o755)
    return path


def certificate(directory, address):
    """A certificate for the address, and its key; everybody may read the former."""
    cert, key = os.path.join(directory, "cert.pem"), os.path.join(directory, "key.pem")
    subprocess.run(("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=camera", "-addext", "subjectAltName=IP:" + address,
                    "-keyout", key, "-out", cert), check=True, capture_output=True)
    os.chmod(cert, 0o644)
    return cert, key


def become(host, uid):
    """For a forked child: onto the host, and that user if there is one."""
    host.enter()
    if uid:
        os.setgid(uid)
        os.setuid(uid)


def play(host, url, *args, command, uid=None, **more):
    """Starts mikey-rtsp on the host. A user without a home would be told so by GIO."""
    more.setdefault("env", {**os.environ, "HOME": mikeypair.TMP})
    return subprocess.Popen([reachable(), *PATIENCE, *args, url, "--", *command],
                            preexec_fn=lambda: become(host, uid), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **more)


def end(process, bound=60):
    """Its exit status and what it said."""
    try:
        out, err = process.communicate(timeout=bound)
    except subprocess.TimeoutExpired:
        process.kill()
        ktap.note(process.communicate()[1])
        raise
    for line in (out + err).splitlines():
        ktap.note(line)
    return process.returncode, out, err


class Program:
    """A program on a host that says lines, the first one when it is ready."""

    def __init__(self, host, *command, uid=None):
        self.path = host.path("program.log")
        with open(self.path, "w", encoding="utf-8") as f:
            self.process = subprocess.Popen(command, preexec_fn=lambda: become(host, uid),
                                            stdout=f, stderr=subprocess.STDOUT,
                                            env={**os.environ, "HOME": mikeypair.TMP})

    def wait(self, line, seconds=60):
        def said():
            with open(self.path, encoding="utf-8") as f:
                text = f.read()
            if self.process.poll() is not None:
                raise AssertionError("it ended: " + text)
            return line in text.splitlines()
        ns.wait_for(said, "the line " + line, seconds)

    def end(self):
        self.process.kill()
        self.process.wait()


class Capture:
    """What passes between the hosts of a pair, in a file."""

    LAST = b"the end of the capture"

    def __init__(self, pair, path):
        self.pair, self.path = pair, path
        self.process = subprocess.Popen(("tcpdump", "-i", "vb", "-U", "-Z", "root", "-w", path),
                                        stderr=subprocess.PIPE, text=True)
        said = iter(self.process.stderr.readline, "")
        ktap.check(any("listening" in line for line in said), "tcpdump listens")

    def _has_last(self):
        with open(self.path, "rb") as f:
            return self.LAST in f.read()

    def end(self):
        """All of it is in the file now: tcpdump leaves out what it has not read yet."""
        with self.pair.bob.socket() as sock:
            sock.sendto(self.LAST, (self.pair.alice.v4, 9))
        ns.wait_for(self._has_last, "the last packet in the file")
        self.process.send_signal(signal.SIGINT)
        ktap.check("\n0 packets dropped by kernel" in self.process.communicate()[1],
                   "the capture is complete")
