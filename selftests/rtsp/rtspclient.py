# SPDX-License-Identifier: GPL-2.0
"""A client of RTSP over TLS that says what it is told to, also what no client should."""

import collections
import hashlib
import re
import socket
import ssl

Response = collections.namedtuple("Response", "code headers body")


class Client:
    """A connection; the server's certificate has to be the one in the file."""

    def __init__(self, address, port, certificate, bound=60):
        context = ssl.create_default_context(cafile=certificate)
        self.base = "rtsps://%s:%d" % (address, port)
        self.sock = context.wrap_socket(socket.create_connection((address, port), bound),
                                        server_hostname=address)
        self.stream = self.sock.makefile("rb")
        self.count = 0

    def ask(self, method, path, *headers, body=""):
        """The response to a request; None if the server hangs up."""
        self.count += 1
        lines = ["%s %s RTSP/1.0" % (method, self.base + path if path[0] == "/" else path),
                 "CSeq: %d" % self.count, *headers]
        if body:
            lines.append("Content-Length: %d" % len(body))
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        return self._response()

    def _response(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.stream.readline()
            if not line:
                return None
            head += line
        text = head.decode()
        headers = {k.lower(): v for k, v in re.findall(r"^([\w-]+): *(.*?)\r$", text, re.M)}
        body = self.stream.read(int(headers.get("content-length", 0))).decode()
        assert headers["cseq"] == str(self.count), "an answer to something else: " + text
        return Response(int(text.split(None, 2)[1]), headers, body)

    def is_closed(self):
        """The server has hung up (waits for it)."""
        try:
            return self.stream.read(1) == b""
        except (ConnectionResetError, ssl.SSLError):
            return True

    def close(self):
        self.stream.close()
        self.sock.close()


def digest(challenge, user, password, method, uri):
    """The header that answers a challenge (RFC 2617 without qop)."""
    def md5(*parts):
        return hashlib.md5(":".join(parts).encode()).hexdigest()
    realm, nonce = (re.search(name + '="(.*?)"', challenge)[1] for name in ("realm", "nonce"))
    proof = md5(md5(user, realm, password), nonce, md5(method, uri))
    return ('Authorization: Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s"'
            % (user, realm, nonce, uri, proof))
