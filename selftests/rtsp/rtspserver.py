# SPDX-License-Identifier: GPL-2.0
"""RTSP over TLS, as far as a test camera needs it: requests go to a function.

It is also the server that says what no camera should.
"""

import collections
import re
import socket
import ssl
import threading

Request = collections.namedtuple("Request", "method uri headers body text")
Answer = collections.namedtuple("Answer", "code headers body", defaults=((), ""))

REASONS = {200: "OK", 401: "Unauthorized", 404: "Not Found", 451: "Parameter Not Understood",
           461: "Unsupported Transport", 463: "Key Management Failure", 501: "Not Implemented"}


def listener(address, port=0):
    return socket.create_server((address, port))


def read_request(stream):
    """The next request, or None at the end."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return None
        head += line
    text = head.decode()
    method, uri = text.split(None, 2)[:2]
    headers = {k.lower(): v for k, v in re.findall(r"^([\w-]+): *(.*?)\r$", text, re.M)}
    body = stream.read(int(headers.get("content-length", 0))).decode()
    return Request(method, uri, headers, body, text + body)


def response(request, answer):
    body = answer.body.encode()
    lines = ["RTSP/1.0 %d %s" % (answer.code, REASONS[answer.code]),
             "CSeq: " + request.headers["cseq"], *answer.headers]
    if body:
        lines.append("Content-Length: %d" % len(body))
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Server:
    """Serves one client after the other in a thread, until it is closed.

    answer(request) returns an Answer, or octets that are sent as they are, or None to
    close the connection. What it raised is in "error".
    """

    def __init__(self, sock, certificate, key, answer):
        self.sock, self.answer, self.error = sock, answer, None
        self.port = sock.getsockname()[1]
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.requests = []
        self.connection, self.closed = None, False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while not self.closed:
            try:
                connection = self.sock.accept()[0]
                with self.context.wrap_socket(connection, server_side=True) as tls:
                    self._converse(tls)
            except (OSError, ssl.SSLError):
                continue        # a client that does not like the certificate
            except Exception as error:
                self.error = error
                return

    def _converse(self, tls):
        self.connection = tls
        with tls.makefile("rb") as stream:
            for request in iter(lambda: read_request(stream), None):
                self.requests.append(request)
                answer = self.answer(request)
                if answer is None:
                    return
                tls.sendall(answer if isinstance(answer, bytes) else response(request, answer))

    def asked(self, method):
        """The requests of this method."""
        return [request for request in self.requests if request.method == method]

    def hang_up(self):
        """Ends the connection, and not by TEARDOWN."""
        self.connection.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.closed = True
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        self.thread.join(10)
