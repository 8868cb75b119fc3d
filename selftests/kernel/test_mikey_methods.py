#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 900
"""Every mode of MIKEY between two hosts over UDP, and audio between attached sockets with
the keys that came of it. A mode is one line of the table.
"""

import math
import os

import ktap
import mikeypair
from mikeypair import Pair, attach, rtp
from mikeypki import PKI, Authority, certify, configure
from mikeyproxy import forged, request

EXIT_PEER, EXIT_NO_ANSWER = 8, 9

# Name, and the options of both hosts
METHODS = {
    "psk": {"options": {"modes": "psk"}},
    "dhhmac": {"options": {"modes": "dhhmac"}},
    "dhhmac, numbers of RFC 4650 allowed": {"options": {"modes": "dhhmac", "compat": "rfc4650"}},
    "dhhmac, OAKLEY 2 allowed": {"options": {"modes": "dhhmac", "dh-group": "oakley2",
                                             "allow": "weak-dh"}},
}


def pair_of(options, bob=None):
    return Pair(alice=dict(options), bob=dict(options if bob is None else bob))


def tone(packets):
    """Packets of a tone: 20 ms of 8-bit samples each."""
    wave = bytes(128 + int(100 * math.sin(2 * math.pi * 440 * t / 8000)) for t in range(8000))
    return [(wave * (packets // 50 + 1))[160 * i:160 * (i + 1)] for i in range(packets)]


def audio(pair, alice_session, bob_session, packets=50):
    """A second of audio each way; every octet arrives as it was."""
    a, b = pair.alice.socket(), pair.bob.socket()
    attach(a, alice_session)
    attach(b, bob_session)
    for source, sink, ssrc in ((a, b, 0x11111111), (b, a, 0x22222222)):
        heard = b""
        for seq, payload in enumerate(tone(packets), 1):
            source.sendto(rtp(ssrc, seq, payload), sink.getsockname())
            heard += sink.recv(2048)[12:]
        ktap.equal(heard == b"".join(tone(packets)), True, "the audio is that of SSRC %#x" % ssrc)
    a.close()
    b.close()


def works(name, method):
    @ktap.test("%s: a call, and audio both ways" % name)
    def _():
        with pair_of(method["options"]) as pair:
            daemon = pair.bob.listen()
            status, session = pair.alice.call("bob")
            ktap.equal(status, 0, "exit status")
            ktap.equal(session["verified"], True, "verified")
            event = daemon.wait("session", peer="alice")
            ktap.equal(event["csb_id"], session["csb_id"], "CSB ID on both hosts")
            audio(pair, session["session"], event["session"])


for method_name, method_of_name in METHODS.items():
    works(method_name, method_of_name)


@ktap.test("dhhmac: a wrong key gets an Error that proves nothing, and no session")
def _():
    keys = ("00" * 16, "11" * 16)
    with Pair(alice={"modes": "dhhmac"}, bob={"modes": "dhhmac"}, psks=keys) as pair:
        daemon = pair.bob.listen()
        status, error = pair.alice.call("bob", "--timeout", "2")
        ktap.equal((status, error["reason"]), (EXIT_PEER, "peer-error-unverified"),
                   "exit status and reason")
        ktap.equal(daemon.wait("refused")["reason"], "auth-failed", "reason at the responder")
        ktap.equal(pair.alice.sessions() + pair.bob.sessions(), [], "sessions")


@ktap.test("a mode that no peer's section names is not supported, both ways")
def _():
    for alice, bob in (("dhhmac", "psk"), ("psk", "dhhmac")):
        with Pair(alice={"modes": alice}, bob={"modes": bob}) as pair:
            daemon = pair.bob.listen()
            status, _ = pair.alice.call("bob", "--timeout", "2")
            ktap.equal(status, EXIT_PEER, "exit status")
            ktap.equal(daemon.wait("refused")["reason"], "unsupported-mode", "reason")
            ktap.equal(pair.bob.sessions(), [], "sessions")


@ktap.test("dhhmac: a suite that is refused gets an Error with a MAC, which ends the call")
def _():
    with Pair(alice={"modes": "dhhmac", "suites": "AES_CM_128_HMAC_SHA1_32"},
              bob={"modes": "dhhmac"}) as pair:
        daemon = pair.bob.listen()
        status, error = pair.alice.call("bob")
        ktap.equal((status, error["reason"]), (EXIT_PEER, "peer-refuses-policy"),
                   "exit status and reason")
        ktap.equal(daemon.wait("refused")["reason"], "suite-refused", "reason")


# Modes with certificates
CERTIFIED = {
    "dh": {"modes": "dh"},
    "dh, RSASSA-PSS": {"modes": "dh", "signatures": "pss-sha256"},
    "pk": {"modes": "pk"},
    "pk, OAEP and RSASSA-PSS": {"modes": "pk", "envelope": "oaep", "signatures": "pss-sha256"},
    "rsar": {"modes": "rsar"},
}


def works_certified(name, options):
    @ktap.test("%s: a call, and audio both ways" % name)
    def _():
        with Pair() as pair:
            certify(pair, options)
            daemon = pair.bob.listen()
            status, session = pair.alice.call("bob")
            ktap.equal(status, 0, "exit status")
            ktap.equal(session["verified"], True, "verified")
            event = daemon.wait("session", peer="alice")
            ktap.equal(event["csb_id"], session["csb_id"], "CSB ID on both hosts")
            ktap.equal(event["peer_identity"], pair.alice.identity, "identity")
            audio(pair, session["session"], event["session"])


for method_name, method_options in CERTIFIED.items():
    works_certified(method_name, method_options)


def reassembled():
    """Datagrams that came to this host in fragments."""
    with open("/proc/net/snmp", encoding="ascii") as f:
        names, values = [line.split() for line in f if line.startswith("Ip:")]
    return int(values[names.index("ReasmOKs")])


@ktap.test("pk: a certificate of 4 KiB comes in fragments, and the call is made")
def _():
    with Pair() as pair:
        names = "".join(",URI:sip:%s%d@example.org" % ("x" * 40, i) for i in range(72))
        files = certify(pair, {"modes": "pk"})
        files["alice"] = PKI.issue("large", "email:alice@example.org" + names,
                                   key_of=files["alice"][1]) + (PKI.pem,)
        for host, peer in ((pair.alice, pair.bob), (pair.bob, pair.alice)):
            configure(host, peer, files, {"modes": "pk"})
        daemon, before = pair.bob.listen(), reassembled()
        status, session = pair.alice.call("bob")
        ktap.equal(status, 0, "exit status")
        ktap.check(reassembled() > before, "the message came in fragments")
        ktap.check(os.path.getsize(files["alice"][0]) > 4096 * 4 // 3, "size of the certificate")
        audio(pair, session["session"], daemon.wait("session", peer="alice")["session"], 5)


def refused_certified(name, mode, change, reason, exit_code, bob=None):
    @ktap.test("%s: %s" % (mode, name))
    def _():
        with Pair() as pair:
            files = certify(pair, {"modes": mode}, {"modes": mode, **(bob or {})})
            change(pair, files)
            daemon = pair.bob.listen()
            status, _ = pair.alice.call("bob", "--timeout", "2")
            ktap.check(status in (EXIT_PEER, EXIT_NO_ANSWER), "exit status %d" % status)
            event = daemon.wait("refused")
            ktap.equal((event["exit"], event["reason"]), (exit_code, reason), "bob's reason")
            ktap.equal(pair.alice.sessions() + pair.bob.sessions(), [], "sessions")


def another_name(pair, files):
    """A good certificate of somebody else."""
    files["alice"] = PKI.issue("mallory", "email:mallory@example.org",
                               key_of=files["alice"][1]) + (PKI.pem,)
    configure(pair.alice, pair.bob, files, {"modes": pair_mode(pair)})


def pair_mode(pair):
    with open(pair.alice.conf, encoding="utf-8") as f:
        return next(line.split("= ")[1].strip() for line in f if line.startswith("modes"))


def another_ca(pair, files):
    other = Authority(pair.dir, "other")
    files["alice"] = other.issue("alice", "email:alice@example.org",
                                 key_of=files["alice"][1]) + (PKI.pem,)
    configure(pair.alice, pair.bob, files, {"modes": pair_mode(pair)})


def revoked(pair, files):
    files["crl-file"] = PKI.revoke(files["alice"][0])
    configure(pair.bob, pair.alice, files, {"modes": pair_mode(pair)})


def nothing(_pair, _files):
    pass


refused_certified("a certificate of another identity", "pk", another_name,
                  "certificate-identity", 3)
refused_certified("a certificate of another authority", "rsar", another_ca,
                  "certificate-untrusted", 3)
refused_certified("a revoked certificate", "rsar", revoked, "certificate-revoked", 3)
refused_certified("a signature weaker than what bob takes", "pk", nothing,
                  "signature-refused", 4, {"signatures": "pss-sha256"})


@ktap.test("rsar: a policy that bob does not take gets a signed Error, which ends the call")
def _():
    with Pair() as pair:
        certify(pair, {"modes": "rsar"}, {"modes": "rsar", "suites": "AES_CM_128_HMAC_SHA1_32"})
        daemon = pair.bob.listen()
        status, error = pair.alice.call("bob")
        ktap.equal((status, error["reason"]), (EXIT_PEER, "peer-refuses-policy"),
                   "exit status, reason")
        ktap.equal(error["peer_errors_verified"], True, "verified")
        ktap.equal(daemon.wait("refused")["reason"], "suite-refused", "bob's reason")


@ktap.test("a private key that others can read is not used")
def _():
    with Pair() as pair:
        files = certify(pair, {"modes": "rsar"})
        os.chmod(files["alice"][1], 0o644)
        status, error = pair.alice.call("bob", "--timeout", "2")
        os.chmod(files["alice"][1], 0o600)
        ktap.equal((status, error["reason"]), (1, "bad-key-file"), "exit status and reason")


@ktap.test("rsar: of one source only so many signatures are verified, the others get silence")
def _():
    with Pair() as pair:
        certify(pair, {"modes": "rsar"})
        daemon, message = pair.bob.listen(), forged(request(pair))
        sock = pair.alice.socket()
        for _ in range(40):
            sock.sendto(message, (pair.bob.v4, mikeypair.PORT))
        event = daemon.wait("refused", reason="busy")
        ktap.equal((event["exit"], event["answered"]), (7, False), "exit and answered")


ktap.main()
