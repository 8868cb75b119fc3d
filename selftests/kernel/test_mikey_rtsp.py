#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1200
"""MIKEY in RTSP: alice is the camera, bob the client, each with a daemon."""

import base64

import ktap
import mikeypair
from mikeypair import talk
from rtpstream import SSRCS, Stream
from sdpcall import AUDIO, Call, daemons, good, messages, run, sdp, session_map, sessions

EXIT_AUTH, EXIT_POLICY, EXIT_REPLAY = 3, 4, 5
SAMPLES = mikeypair.TOP + "/selftests/samples/"
CONTROL = "a=control:rtsp://10.9.0.1/cam\r\n"
DESCRIPTION = sdp((AUDIO, 0), "a=control:stream=0\r\n", session=CONTROL)


def sample(name):
    with open(SAMPLES + name + ".b64", encoding="ascii") as f:
        return f.read().strip()


def plain(model, **more):
    """Cameras of this model, and no shared key."""
    options = {"psk_file": None, "allow-null": "tls-only", "key-model": model,
               "compat": "onvif gstreamer", **more}
    return daemons(alice=options, bob=options)


def describe(pair, *args):
    return run(pair.alice, "offer", DESCRIPTION, "--peer", "bob", "--rtsp", "--call", "cam", *args)


def setup(pair, description, *args):
    """What the client makes of the description: its headers."""
    path = pair.bob.path("describe")
    with open(path, "w", encoding="utf-8") as f:
        f.write("RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Base: rtsp://10.9.0.1/cam/\r\n\r\n"
                + description)
    return run(pair.bob, "answer", "", "--peer", "alice", "--rtsp", "--offer", path, *args)


def accept(pair, headers, *args):
    request = "SETUP rtsp://10.9.0.1/cam/stream=0 RTSP/1.0\r\nCSeq: 2\r\n" + headers + "\r\n"
    return run(pair.alice, "accept", request, "--peer", "bob", "--rtsp", "--call", "cam", *args)


def fails(result, code, reason, what):
    ktap.equal((result[0], result[1].get("reason")), (code, reason), what)


def in_header(headers):
    """The message of a KeyMgmt header."""
    return base64.b64decode(headers.split('data="')[1].split('"')[0])


def session_of(result):
    return result["media"][0]["session"]


@ktap.test("RFC 4567 over RTSP with a shared key: the client verifies, media pass both ways")
def _():
    with daemons() as pair:
        offer = good(describe(pair), "offer")
        answer = good(setup(pair, offer["sdp"]), "answer")
        ktap.check(answer["headers"].startswith(
            'KeyMgmt: prot=mikey;uri="rtsp://10.9.0.1/cam";data="AQE'), "the header: "
            + answer["headers"])
        accepted = good(accept(pair, answer["headers"]), "accept")
        ktap.equal(pair.alice.sessions()[0]["state"]["state"], "live", "the camera's session")
        talk(pair, session_of(accepted), session_of(answer))


for name in "abc":
    @ktap.test("keys in TLS, model %s: media pass both ways between attached sockets" % name, name)
    def _(model):
        with plain(model) as pair:
            offer = good(describe(pair, "--tls", "--media-level"), "offer")
            ktap.equal(pair.alice.sessions()[0]["streams"], [], "streams before SETUP")
            answer = good(setup(pair, offer["sdp"], "--tls"), "answer")
            uri = 'uri="rtsp://10.9.0.1/cam/stream=0"'
            ktap.check(uri in answer["headers"], "the medium's URI: " + answer["headers"])
            accepted = good(accept(pair, answer["headers"], "--tls"), "accept")
            for host in (pair.alice, pair.bob):
                streams = host.sessions()[0]["streams"]
                ktap.equal(sorted(s["direction"] for s in streams), ["rx", "tx"], "directions")
                ktap.equal({s.get("mki_len", 0) for s in streams}, {0 if model == "a" else 4},
                           "octets of MKI")
            talk(pair, session_of(accepted), session_of(answer))


@ktap.test("model b: the client renews the key under traffic, by a SET_PARAMETER body")
def _():
    with plain("b") as pair:
        described = good(describe(pair, "--tls", "--media-level"), "offer")["sdp"]
        answer = good(setup(pair, described, "--tls", "--call", "cam"), "answer")
        accepted = good(accept(pair, answer["headers"], "--tls"), "accept")
        ktap.equal(session_map(in_header(answer["headers"])), [(0, 0)], "what the first one says")
        with Stream(pair, session_of(accepted), session_of(answer), seq=65530) as stream:
            stream.pass_more()
            again = good(setup(pair, described, "--tls", "--call", "cam"), "new keys")
            ktap.equal(session_of(again), session_of(answer), "the client's session")
            ktap.equal(session_map(in_header(again["headers"])), [(SSRCS[1], 1)],
                       "SSRC and rollover counter of the client's stream")
            good(run(pair.alice, "accept", again["headers"], "--peer", "bob", "--rtsp", "--tls",
                     "--call", "cam"), "accept of the body")
            pair.bob.daemon.wait("switched")
            pair.alice.daemon.wait("switched")
            stream.pass_more()


@ktap.test("without the word that the carrier is TLS no key is sent and none is taken")
def _():
    with plain("a") as pair:
        fails(describe(pair, "--media-level"), EXIT_POLICY, "null-encryption", "offer")
        offer = good(describe(pair, "--tls", "--media-level"), "offer")
        fails(setup(pair, offer["sdp"]), EXIT_POLICY, "null-mac", "answer")
        ktap.equal(pair.bob.sessions(), [], "the client's sessions")


@ktap.test("a shared key is not bypassed by a message without MAC, TLS or not")
def _():
    options = {"allow-null": "tls-only", "compat": "onvif gstreamer"}
    with daemons(alice=options, bob={"psk_file": None, **options}) as pair:
        good(describe(pair, "--tls", "--media-level"), "offer")
        header = 'KeyMgmt: prot=mikey;data="%s"\r\n' % sample("gst122-rtspsrc-keymgmt")
        fails(accept(pair, header, "--tls"), EXIT_AUTH, "foreign-response", "accept")
        ktap.equal([s["direction"] for s in pair.alice.sessions()[0]["streams"]], ["rx"], "streams")


@ktap.test("a client that echoes something else than it was offered is refused (model c)")
def _():
    with plain("c") as pair:
        offer = good(describe(pair, "--tls", "--media-level"), "offer")
        other = messages(offer["sdp"])[0].hex()
        ktap.check(other, "a message")
        header = 'KeyMgmt: prot=mikey;data="%s"\r\n' % sample("gst122-rtspsrc-keymgmt")
        fails(accept(pair, header, "--tls"), EXIT_AUTH, "foreign-response", "accept")


for name, model in (("gst122-rtspsrc-keymgmt", "a"),
                    ("gst126-client-managed-aes-128-icm-hmac-sha1-80-setup", "b")):
    @ktap.test("a camera takes the SETUP of GStreamer, captured: " + name, name, model)
    def _(captured, key_model):
        with plain(key_model) as pair:
            good(describe(pair, "--tls", "--media-level"), "offer")
            header = 'KeyMgmt: prot=mikey; uri=""; data="%s"\r\n' % sample(captured)
            accepted = good(accept(pair, header, "--tls"), "accept")
            ktap.equal(accepted["media"][0]["suite"], "AES_CM_128_HMAC_SHA1_80", "suite")


@ktap.test("a client takes the description of GStreamer's server, captured")
def _():
    with plain("a") as pair:
        described = DESCRIPTION.replace("AVP", "SAVP") + \
            "a=key-mgmt:mikey %s\r\n" % sample("gst122-savp-0")
        answer = good(setup(pair, described, "--tls"), "answer")
        streams = {s["direction"]: s["ssrc"] for s in pair.bob.sessions()[0]["streams"]}
        ktap.equal(streams, {"rx": 0x0ec156cd, "tx": "any"}, "streams")
        ktap.check('data="AQAF' in answer["headers"], "an own key for the reports")


@ktap.test("messages of GStreamer are refused in strict mode")
def _():
    with plain("a", compat=None) as pair:
        good(describe(pair, "--tls", "--media-level"), "offer")
        header = 'KeyMgmt: prot=mikey;data="%s"\r\n' % sample("gst122-rtspsrc-keymgmt")
        fails(accept(pair, header, "--tls"), EXIT_REPLAY, "clock-skew", "accept")


ktap.main()
