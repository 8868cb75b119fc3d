# SPDX-License-Identifier: GPL-2.0
"""An HTTP server for the tests, which does what a path says, and counts who asked for what."""

import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        server = self.server
        with server.lock:
            server.asked.append(self.path)
            server.agents.append(self.headers.get("User-Agent"))
        action = server.pages.get(self.path)
        if callable(action):
            action(self)
        elif action is None:
            self.send_error(404)
        else:
            self.page(action)

    def page(self, data, kind="application/pkix-cert"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args):
        pass


class Server(http.server.ThreadingHTTPServer):
    """pages: path to octets, or to a function that gets the request."""

    daemon_threads = True

    def __init__(self, address, pages=None, port=0):
        self.pages, self.asked, self.agents = dict(pages or {}), [], []
        self.lock, self.over = threading.Lock(), threading.Event()
        super().__init__((address, port), Handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path="/"):
        return "http://%s:%d%s" % (*self.server_address[:2], path)

    def handle_error(self, _request, _address):
        """Whoever asked has gone."""

    def end(self):
        self.over.set()
        self.shutdown()
        self.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.end()


def moved(url):
    def action(request):
        request.send_response(302)
        request.send_header("Location", url)
        request.end_headers()
    return action


def endless(request):
    """Octets without a length, as long as somebody takes them."""
    request.send_response(200)
    request.end_headers()
    while not request.server.over.is_set():
        request.wfile.write(b"x" * 4096)


def headers(request):
    request.send_response(200)
    for n in range(4000):
        request.send_header("X-%d" % n, "y" * 100)
    request.end_headers()


def drip(request):
    """An octet now and then: never silent, and never done."""
    request.send_response(200)
    request.end_headers()
    while not request.server.over.wait(0.2):
        request.wfile.write(b"x")
        request.wfile.flush()


class Held:
    """Says nothing until it is let go."""

    def __init__(self, data=None):
        self.data, self.go = data, threading.Event()

    def __call__(self, request):
        while not self.go.wait(0.1) and not request.server.over.is_set():
            pass
        if self.data is not None:
            request.page(self.data)
