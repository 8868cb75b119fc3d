# SPDX-License-Identifier: GPL-2.0
"""Calls by session descriptions between the two hosts of mikeypair."""

import base64
import struct
import subprocess

import ktap
import mikeypair
from mikeypair import Pair

AUDIO = "m=audio %d RTP/AVP 0\r\n"
VIDEO = "m=video %d RTP/AVPF 31\r\na=rtcp-mux\r\n"


def sdp(*media, session=""):
    """A description with these media: format and port, or text."""
    head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" + session
    return head + "".join(m if isinstance(m, str) else m[0] % m[1] for m in media)


def run(host, command, text, *args):
    """A command of the helper with the description on its standard input."""
    process = host.start(command, "--config", host.conf, *args, stdin=subprocess.PIPE)
    out, err = process.communicate(text, timeout=120)
    for line in err.splitlines():
        ktap.note("%s: %s" % (host.name, line))
    found = list(mikeypair.documents(out))
    ktap.equal(len(found), 1, "objects that %s prints" % command)
    return process.returncode, found[0].get("error", found[0])


def good(result, what):
    ktap.equal(result[0], 0, "exit status of " + what)
    return result[1]


class Call:
    """alice and bob with a daemon each, and the three steps of a call from one to the other."""

    def __init__(self, pair, caller="alice", callee="bob"):
        self.caller, self.callee = getattr(pair, caller), getattr(pair, callee)

    def offer(self, text, *args):
        return run(self.caller, "offer", text, "--peer", self.callee.name, *args)

    def answer(self, offer, text, *args):
        path = self.callee.path("offer.sdp")
        with open(path, "w", encoding="utf-8") as f:
            f.write(offer)
        return run(self.callee, "answer", text, "--peer", self.caller.name, "--offer", path, *args)

    def accept(self, text, *args):
        return run(self.caller, "accept", text, "--peer", self.callee.name, *args)

    def make(self, ours, theirs, *args, accept=()):
        """A whole call: what each step printed."""
        offer = good(self.offer(ours, *args), "offer")
        answer = good(self.answer(offer["sdp"], theirs), "answer")
        return offer, answer, good(self.accept(answer["sdp"], *accept), "accept")


def daemons(**options):
    """A pair whose hosts both run the daemon."""
    pair = Pair(**options)
    pair.__enter__()
    pair.bob.listen()
    pair.alice.listen()
    return pair


def sessions(result):
    """Sessions of the m-lines, by their number."""
    return {m["m_line"]: m["session"] for m in result["media"]}


def messages(text):
    """The MIKEY messages in a description, in their order."""
    return [base64.b64decode(line.split("mikey ", 1)[1]) for line in text.splitlines()
            if line.startswith("a=key-mgmt:mikey ")]


def session_map(message):
    """SSRC and rollover counter of each crypto session (RFC 3830 6.1, 6.1.1)."""
    return [struct.unpack_from(">II", message, 11 + 9 * i) for i in range(message[8])]


def forge(text, change):
    """The description with its first message changed."""
    message = messages(text)[0]
    return text.replace(base64.b64encode(message).decode(),
                        base64.b64encode(change(message)).decode())
