#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A bad network between alice's call and bob's daemon.

alice calls the proxy, and the proxy calls bob. What happens to each datagram
is decided by two functions of the test:

    on_request(n, data)     for alice's n-th datagram, counted from 1
    on_response(n, data)    for bob's n-th

They return what goes on: data or a list of data, or None for nothing. Besides,
they may use the proxy to send whatever they like.
"""

import os
import select
import struct
import threading

import mikeypair

HDR_LEN, ERROR = 10, 6


class Proxy:
    def __init__(self, pair, on_request=None, on_response=None):
        self.pair = pair
        self.front = pair.bob.socket()          # alice's side
        self.back = pair.bob.socket()           # bob's side
        self.on_request = on_request or (lambda n, data: data)
        self.on_response = on_response or (lambda n, data: data)
        self.requests, self.responses = [], []
        self.caller = None
        self.failure = None
        self.r, self.w = os.pipe()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def address(self):
        return "%s:%d" % self.front.getsockname()

    def to_bob(self, data):
        self.back.sendto(data, (self.pair.bob.v4, mikeypair.PORT))

    def to_alice(self, data, sock=None):
        (sock or self.front).sendto(data, self.caller)

    @staticmethod
    def _each(result, send):
        for data in [result] if isinstance(result, bytes) else result or []:
            send(data)

    def _front(self):
        data, self.caller = self.front.recvfrom(65536)
        self.requests.append(data)
        self._each(self.on_request(len(self.requests), data), self.to_bob)

    def _back(self):
        data = self.back.recv(65536)
        self.responses.append(data)
        self._each(self.on_response(len(self.responses), data), self.to_alice)

    def _run(self):
        try:
            while True:
                ready = select.select([self.front, self.back, self.r], [], [])[0]
                if self.r in ready:
                    return
                if self.front in ready:
                    self._front()
                if self.back in ready:
                    self._back()
        except Exception as e:
            self.failure = e

    def close(self):
        os.write(self.w, b"x")
        self.thread.join()
        if self.failure:
            raise self.failure

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.close()


def t_payload(request):
    """The T payload of an initiator's message, which follows the header and its map."""
    at = HDR_LEN + 9 * request[8]
    return request[at:at + 10]


def error(request, number=0):
    """An Error message that answers the request, made by somebody without the key."""
    hdr = bytes([1, ERROR, 5, request[3] & 0x7f]) + request[4:8] + bytes([0, 0])
    t = bytes([12]) + t_payload(request)[1:]
    return hdr + t + struct.pack(">BBH", 0, number, 0)


def forged(response):
    """A response whose verification message is wrong."""
    return response[:-1] + bytes([response[-1] ^ 1])


def request(pair, *args):
    """The octets of a call from alice that nobody has heard."""
    with Proxy(pair, on_request=lambda n, data: None) as proxy:
        with open(pair.alice.conf, encoding="utf-8") as f:
            conf = f.read()
        lines = [line if not line.startswith("address") else "address = " + proxy.address()
                 for line in conf.splitlines()]
        with open(pair.alice.path("request.conf"), "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        pair.alice.run("call", "bob", "--timeout", "1", "--config",
                       pair.alice.path("request.conf"), "--control", "/nowhere", *args)
        return proxy.requests[0]
