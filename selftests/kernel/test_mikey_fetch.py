#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1200
"""Certificates by URL between two hosts with an HTTP server each: calls over UDP and by SDP,
and everything that a URL and a server may do wrong.
"""

import contextlib
import os
import signal
import ssl

import ktap
import mikeypair
import ns
from mikeypair import Pair, talk
from mikeypki import FILES, PKI, configure
from mikeyproxy import request
from sdpcall import AUDIO, Call, good, sdp, sessions
from certserver import Held, Server, moved

EXIT_AUTH, EXIT_UNSUPPORTED, EXIT_SYSTEM, EXIT_PEER, EXIT_NO_ANSWER = 3, 6, 7, 8, 9
PORT, PAGE = 8080, "/%s.cer"
NOBODY = "65534"


def der(path):
    with open(path, encoding="ascii") as f:
        return ssl.PEM_cert_to_DER_cert(f.read())


class Scene:
    """alice and bob, who send a URL each, and a server on each host that has what is there.

    The lists are what bob may fetch of alice, and the other way round; None for no list.
    """

    def __init__(self, pair, stack, mode, bobs_list="http://10.9.0.1:8080/",
                 alices_list="http://10.9.0.2:8080/", url=None, more=""):
        self.pair, self.mode, self.files, self.more = pair, mode, dict(FILES), more
        self.servers = {}
        for host in (pair.alice, pair.bob):
            with host.inside():
                self.servers[host.name] = stack.enter_context(
                    Server(host.v4, {PAGE % host.name: der(FILES[host.name][0])}, PORT))
        self.url = url or self.servers["alice"].url(PAGE % "alice")
        configure(pair.alice, pair.bob, self.files,
                  {"modes": mode, "certificate-url": self.url, "certificate-urls": alices_list},
                  more)
        self.bobs(bobs_list)

    def bobs(self, allowed):
        configure(self.pair.bob, self.pair.alice, self.files,
                  {"modes": self.mode + " psk", "certificate-urls": allowed,
                   "certificate-url": self.servers["bob"].url(PAGE % "bob")}, self.more)

    def page(self, action):
        """What is where alice's certificate should be."""
        self.servers["alice"].pages[PAGE % "alice"] = action


@contextlib.contextmanager
def scene(*args, **more):
    with Pair() as pair, contextlib.ExitStack() as stack:
        yield Scene(pair, stack, *args, **more)


def by_psk(pair):
    """alice calls in a mode without certificates, with a configuration of its own."""
    path, kept = pair.alice.path("psk.conf"), pair.alice.conf
    pair.alice.conf = path
    pair.alice.configure("00" * 16, pair.bob, address=pair.bob.v4)
    pair.alice.conf = kept
    status, out = pair.alice.run("call", "bob", "--config", path, "--control", "/nowhere")
    ktap.equal(status, 0, "exit status of a call by pre-shared key")
    return out[0]


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
        return [int(word) for word in f.read().split()]


def works(mode, fetched):
    @ktap.test("%s: a call whose certificates are at URLs, and audio both ways" % mode)
    def _():
        with scene(mode) as s:
            daemon = s.pair.bob.listen()
            status, session = s.pair.alice.call("bob")
            ktap.equal((status, session.get("verified")), (0, True), "exit status, verified")
            event = daemon.wait("session", peer="alice")
            ktap.equal(event["peer_identity"], s.pair.alice.identity, "identity")
            ktap.equal(daemon.wait("fetched")["url"], s.url, "URL that bob fetched")
            talk(s.pair, session["session"], event["session"])
            ktap.equal(s.pair.alice.call("bob")[0], 0, "exit status of another call")
            ktap.equal(len(s.servers["alice"].asked), 1, "alice's certificate was fetched")
            ktap.equal(len(s.servers["bob"].asked), fetched, "bob's was, by alice's two programs")


works("pk", 0)
works("dh", 2)
works("rsar", 2)


@ktap.test("off by default: refused by name, nothing is fetched, and nothing was started for it")
def _():
    with scene("pk", bobs_list=None) as s:
        daemon = s.pair.bob.listen()
        ktap.equal(children(daemon.process.pid), [], "processes of the daemon")
        status, error = s.pair.alice.call("bob", "--timeout", "2")
        ktap.equal((status, error["peer_errors"]), (EXIT_PEER, [8]), "exit status, Error")
        event = daemon.wait("refused")
        ktap.equal((event["exit"], event["reason"], event["answered"]),
                   (EXIT_UNSUPPORTED, "unsupported-certificate", True), "bob's reason")
        ktap.equal(s.servers["alice"].asked, [], "what was fetched")


def refused(name, reason, prepare, words="", asked=1, **more):
    @ktap.test("refused: " + name)
    def _():
        with scene("rsar", **more) as s:
            prepare(s)
            daemon = s.pair.bob.listen()
            status, error = s.pair.alice.call("bob", "--timeout", "8")
            ktap.equal((status, error["peer_errors"]), (EXIT_PEER, [8]), "exit status, Error")
            event = daemon.wait("refused")
            ktap.equal((event["exit"], event["reason"], event["authenticated"]),
                       (EXIT_AUTH, reason, False), "bob's reason")
            ktap.check(words in event["message"], "bob says " + event["message"])
            ktap.equal(len(s.servers["alice"].asked), asked, "pages that alice's server was asked for")
            ktap.equal(s.pair.alice.sessions() + s.pair.bob.sessions(), [], "sessions")
            by_psk(s.pair)


def nothing(_scene):
    pass


refused("a URL that is not on the list", "certificate-url-refused", nothing,
        "none of those", 0, bobs_list="http://10.9.0.1:8080/other/")
refused("a host whose name begins like one of the list", "certificate-url-refused", nothing,
        "none of those", 0, url="http://10.9.0.1:80801/alice.cer",
        bobs_list="http://10.9.0.1:8080/")
refused("a certificate that is too large", "certificate-unavailable",
        lambda s: s.page(bytes(16385)), "longer than 16384")
refused("a page that is elsewhere, not on the list", "certificate-url-refused",
        lambda s: s.page(moved("http://10.9.0.2:8080/alice.cer")), "another place")
refused("a page that leads to itself", "certificate-unavailable",
        lambda s: s.page(moved(s.url)), "one place after the other", 4)
refused("no page", "certificate-unavailable", lambda s: s.page(None), "status 404")
refused("a page that is no certificate", "bad-certificate", lambda s: s.page(b"<html>"), "none")
refused("somebody else's certificate", "certificate-identity",
        lambda s: s.page(der(FILES["bob"][0])), "identity")
refused("a server that never answers", "certificate-unavailable", lambda s: s.page(Held()),
        "in 2 seconds", more="certificate-seconds = 2")


@ktap.test("a page that is elsewhere, on the list: the call is made")
def _():
    with scene("pk") as s:
        certificate = der(FILES["alice"][0])
        s.page(moved("moved.cer"))
        s.servers["alice"].pages["/moved.cer"] = certificate
        daemon = s.pair.bob.listen()
        ktap.equal(s.pair.alice.call("bob")[0], 0, "exit status")
        ktap.equal(daemon.wait("fetched")["octets"], len(certificate), "octets")


@ktap.test("a call that waits for its certificate holds up no other one, and is made")
def _():
    with scene("pk", more="certificate-seconds = 30") as s:
        held = Held(der(FILES["alice"][0]))
        s.page(held)
        daemon = s.pair.bob.listen()
        process = s.pair.alice.start("call", "--config", s.pair.alice.conf, "bob", "--timeout",
                                     "90")
        ns.wait_for(lambda: s.servers["alice"].asked, "the server is asked")
        by_psk(s.pair)
        daemon.wait("session")
        ktap.equal((process.poll(), daemon.pending()), (None, []), "the first call meanwhile")
        held.go.set()
        out, _ = process.communicate(timeout=120)
        ktap.equal(process.returncode, 0, "its exit status")
        session = next(mikeypair.documents(out))
        event = daemon.wait("session", csb_id=session["csb_id"])
        talk(s.pair, session["session"], event["session"])
        ktap.equal(len(s.servers["alice"].asked), 1, "pages that were asked for")


@ktap.test("a response whose certificate is not allowed, or not there, makes no session")
def _():
    for allowed, reason in (("http://10.9.0.2:8080/other/", "certificate-url-refused"),
                            ("http://10.9.0.2:8080/", "certificate-unavailable")):
        with scene("dh", alices_list=allowed) as s:
            del s.servers["bob"].pages[PAGE % "bob"]
            s.pair.bob.listen()
            status, error = s.pair.alice.call("bob", "--timeout", "5")
            ktap.equal((status, error["reason"]), (EXIT_NO_ANSWER, "no-valid-answer"),
                       "exit status and reason")
            ktap.check(reason in error["message"], error["message"])
            ktap.equal(s.pair.alice.sessions(), [], "alice's sessions")


@ktap.test("SDP: answer waits for the certificate of the offer, accept for that of the answer")
def _():
    with scene("dh") as s:
        s.pair.alice.listen()
        s.pair.bob.listen()
        offer, answer, accept = Call(s.pair).make(sdp((AUDIO, 4000)), sdp((AUDIO, 5000)))
        ktap.check(offer["sdp"], "offer")
        ktap.equal([len(s.servers[n].asked) for n in ("alice", "bob")], [1, 1], "fetched")
        talk(s.pair, sessions(accept)[1], sessions(answer)[1])


@ktap.test("SDP: a certificate that is not to be had is told to who answers")
def _():
    with scene("pk") as s:
        s.page(None)
        s.pair.alice.listen()
        s.pair.bob.listen()
        call = Call(s.pair)
        offer = good(call.offer(sdp((AUDIO, 4000))), "offer")
        status, error = call.answer(offer["sdp"], sdp((AUDIO, 5000)))
        ktap.equal((status, error["reason"]), (EXIT_AUTH, "certificate-unavailable"), "answer")
        ktap.equal(len(s.servers["alice"].asked), 1, "pages that were asked for")
        ktap.equal(s.pair.bob.sessions(), [], "bob's sessions")


@ktap.test("whoever fetches is killed: its call is refused, the next one made; all of them: told")
def _():
    with scene("pk", more="certificate-seconds = 20\ncertificate-cache = 1") as s:
        held = Held()
        s.page(held)
        daemon = s.pair.bob.listen()
        fetcher, = children(daemon.process.pid)
        with open("/proc/%d/status" % fetcher, encoding="ascii") as f:
            state = dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)
        ktap.equal((state["Name"], state["Uid"].split()[0], int(state["CapEff"], 16),
                    state["NoNewPrivs"]), ("mikey-fetch", NOBODY, 0, "1"), "who fetches")
        process = s.pair.alice.start("call", "--config", s.pair.alice.conf, "bob")
        worker, = ns.wait_for(lambda: s.servers["alice"].asked and children(fetcher), "a worker")
        os.kill(worker, signal.SIGKILL)
        event = daemon.wait("refused")
        ktap.equal(event["reason"], "certificate-unavailable", "reason")
        ktap.check("has died" in event["message"], event["message"])
        ktap.equal(process.wait(60), EXIT_PEER, "alice's exit status")
        s.servers["alice"].pages["/again.cer"] = der(FILES["alice"][0])
        configure(s.pair.alice, s.pair.bob, s.files, {
            "modes": "pk", "certificate-url": s.servers["alice"].url("/again.cer")})
        ktap.equal(s.pair.alice.call("bob")[0], 0, "exit status of the next call")
        os.kill(fetcher, signal.SIGKILL)
        daemon.wait("fetcher-gone")
        # What was kept is kept no longer.
        ns.wait_for(lambda: s.pair.alice.call("bob", "--timeout", "2")[0] == EXIT_PEER,
                    "a call that is refused")
        ktap.equal(daemon.wait("refused")["reason"], "certificate-unavailable", "reason")
        by_psk(s.pair)


@ktap.test("SIGHUP: a list that is taken away holds at once, one that is the first needs a start")
def _():
    with scene("pk") as s:
        daemon = s.pair.bob.listen()
        ktap.equal(s.pair.alice.call("bob")[0], 0, "exit status")
        s.bobs("http://10.9.0.1:8080/other/")
        daemon.process.send_signal(signal.SIGHUP)
        ktap.equal(daemon.wait("reloaded")["restart_needed"], False, "restart_needed")
        ktap.equal(s.pair.alice.call("bob", "--timeout", "2")[0], EXIT_PEER, "exit status")
        daemon.wait("refused", reason="certificate-url-refused")
        s.bobs(None)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait("reloaded")
        ktap.equal(s.pair.alice.call("bob", "--timeout", "2")[0], EXIT_PEER, "exit status")
        daemon.wait("refused", reason="unsupported-certificate")
        daemon.end()
        daemon = s.pair.bob.listen()
        s.bobs("http://10.9.0.1:8080/")
        daemon.process.send_signal(signal.SIGHUP)
        ktap.equal(daemon.wait("reloaded")["restart_needed"], True, "restart_needed")


@ktap.test("a flood in alice's name: few fetches, few that wait, no answers, and others call")
def _():
    with scene("pk", url="http://10.9.0.1:8080/000.cer", more="certificate-seconds = 20") as s:
        message = request(s.pair)
        ktap.equal(message.count(b"/000.cer"), 1, "URLs in the message")
        for n in range(100):
            s.servers["alice"].pages["/%03d.cer" % n] = Held()
        daemon, sock = s.pair.bob.listen(), s.pair.alice.socket()
        for n in range(100):
            sock.sendto(message.replace(b"/000.cer", b"/%03d.cer" % n),
                        (s.pair.bob.v4, mikeypair.PORT))
        ktap.equal(daemon.wait("refused", reason="busy")["answered"], False, "answered")
        by_psk(s.pair)
        ktap.equal(len(s.servers["alice"].asked), 4, "pages that are asked for at a time")
        sock.settimeout(0)
        with ktap.fails(11):
            sock.recv(2048)
        status, error = s.pair.bob.run("call", "alice", "--config", s.pair.bob.conf, "--timeout",
                                       "1")
        ktap.equal((status, error[0]["error"]["reason"]), (EXIT_NO_ANSWER, "no-answer"),
                   "the daemon goes on")


@ktap.test("https: with a server that the host trusts, and with one that it does not")
def _():
    pem, key = PKI.issue("server", "IP:10.9.0.1")
    with scene("pk", url="https://10.9.0.1:8443/alice.cer",
               bobs_list="https://10.9.0.1:8443/", more="certificate-cache = 1") as s:
        with s.pair.alice.inside():
            server = Server(s.pair.alice.v4, {"/alice.cer": der(FILES["alice"][0])}, 8443)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        daemon = s.pair.bob.listen()
        ktap.equal(s.pair.alice.call("bob", "--timeout", "5")[0], EXIT_PEER, "exit status")
        ktap.equal(daemon.wait("refused")["reason"], "certificate-unavailable", "reason")
        daemon.end()
        os.makedirs("/etc/ssl/certs", exist_ok=True)
        with open("/etc/ssl/certs/ca-certificates.crt", "a", encoding="ascii") as f, \
             open(PKI.pem, encoding="ascii") as ca:
            f.write(ca.read())
        s.pair.bob.listen()
        ktap.equal(s.pair.alice.call("bob")[0], 0, "exit status with a trusted server")
        server.end()


ktap.main()
