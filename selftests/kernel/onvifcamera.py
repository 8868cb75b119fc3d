# SPDX-License-Identifier: GPL-2.0
"""A camera as ONVIF wants it, on alice's host: the client's key and MKI protect both directions.

RTSP is rtsp/rtspserver.py, keys and sessions are those of alice's daemon, and the medium
is numbered packets from a socket that is attached. The key comes with SETUP (463 without
one), and anew with SET_PARAMETER.
"""

import re
import sys
import threading

import ktap
import mikeypair
from mikeypair import attach, rtp
from sdpcall import run

sys.path.insert(0, mikeypair.TOP + "/selftests/rtsp")
import rtspserver  # noqa: E402
from rtspserver import Answer, Server  # noqa: E402

SSRC = 0xca3e2a00
METHODS = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, SET_PARAMETER, GET_PARAMETER"
DESCRIPTION = ("v=0\r\no=- 0 0 IN IP4 10.9.0.1\r\ns=-\r\nt=0 0\r\n"
               "m=video 0 RTP/AVP 96\r\na=control:track1\r\n")
PACE = 0.02             # seconds between two packets


class Camera:
    """message: in the description, in place of the camera's own; the first SETUP fails.

    "" is none at all, and no SETUP fails. refuse_keys: SET_PARAMETER is refused. tool: what
    it calls itself.
    """

    def __init__(self, pair, certificate, key, message=None, refuse_keys=False, tool=None):
        self.pair, self.message, self.refuse_keys = pair, message, refuse_keys
        self.description = DESCRIPTION
        if tool:
            self.description = DESCRIPTION.replace("t=0 0", "t=0 0\r\na=tool:" + tool)
        self.setups, self.keys, self.seq, self.port = 0, 0, 0, None
        self.ended = threading.Event()
        with pair.alice.inside():
            sock = rtspserver.listener(pair.alice.v4)
        self.media = pair.alice.socket()
        self.sender = threading.Thread(target=self._send, daemon=True)
        self.server = Server(sock, certificate, key, self.answer)

    def url(self):
        return "rtsps://%s:%d/onvif" % (self.pair.alice.v4, self.server.port)

    def answer(self, request):
        function = getattr(self, "on_" + request.method.lower(), None)
        return function(request) if function else Answer(501)

    def on_options(self, request):
        return Answer(200, (METHODS,))

    on_get_parameter = on_options

    def on_describe(self, request):
        status, out = run(self.pair.alice, "offer", self.description, "--peer", "bob", "--rtsp",
                          "--tls", "--media-level", "--call", "cam")
        ktap.equal(status, 0, "exit status of offer")
        text = out["sdp"]
        if self.message:
            text = re.sub("mikey .*\r", "mikey %s\r" % self.message, text)
        elif self.message == "":
            text = re.sub("a=key-mgmt.*\r\n", "", text)
        return Answer(200, ("Content-Type: application/sdp",), text)

    def _take_key(self, request):
        status, out = run(self.pair.alice, "accept", request.text, "--peer", "bob", "--rtsp",
                          "--tls", "--call", "cam")
        if status:
            ktap.note("accept: %s" % out)
            return None
        self.keys += 1
        return out["media"][0]["session"]

    def on_setup(self, request):
        self.setups += 1
        if "keymgmt" not in request.headers or self.message and self.setups == 1:
            return Answer(463)
        session = self._take_key(request)
        if not session:
            return Answer(463)
        attach(self.media, session)
        transport = request.headers["transport"]
        self.port = int(re.search(r"client_port=(\d+)", transport)[1])
        return Answer(200, ("Session: 1;timeout=4", "Transport: %s;server_port=%d-%d" % (
            transport, self.media.getsockname()[1], self.media.getsockname()[1] + 1)))

    def on_play(self, request):
        self.sender.start()
        return Answer(200, ("Session: 1",))

    def on_set_parameter(self, request):
        if self.refuse_keys or not self._take_key(request):
            return Answer(451)
        return Answer(200, ("Session: 1",))

    def on_teardown(self, request):
        self.end()
        return Answer(200, ("Session: 1",))

    def _send(self):
        while not self.ended.wait(PACE):
            self.media.sendto(rtp(SSRC, self.seq, b"picture number %7d" % self.seq),
                              (self.pair.bob.v4, self.port))
            self.seq += 1

    def end(self):
        """No packet leaves after this."""
        self.ended.set()
        if self.sender.is_alive():
            self.sender.join()
