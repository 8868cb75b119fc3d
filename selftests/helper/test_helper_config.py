#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The configuration file: what is taken, and that each mistake is told with file and line."""

import os
import re

import helpercli
from helpercli import HERE, helper, write
from opensslca import Authority
from mikeytool import begin, check, end, equal

USAGE = 1
PSK = "00112233445566778899aabbccddeeff\n"
DAEMON = "[daemon]\nidentity = nai:bob@example.org\n"
PEER = "[peer alice]\nidentity = nai:alice@example.org\npsk-file = psk\n"


def check_config(text):
    path = write("mikey.conf", text.encode())
    return helper("--json", "check-config", "--config", path)


def good(name, text, peers=("alice",)):
    result = check_config(text)
    equal((result.status, result.err), (0, ""), name)
    if result.status == 0:
        equal(result.json()["peers"], list(peers), name + ": its peers")


def bad(name, text, line, *words):
    """Refused with this line, and a sentence with these words."""
    result = check_config(text)
    ok = result.status == USAGE and result.reason() == "bad-config" and \
        "mikey.conf%s: " % (":%d" % line if line else "") in result.err and all(w in result.err for w in words)
    check(ok, name, "status %d: %s" % (result.status, result.err))


ALL = DAEMON + """listen = 127.0.0.1, [::1]:2270
port = 2271
state-directory = /var/lib/mikey
control = /run/mikey/control
clock-skew = 60
certificate = host.pem
key = host.key
trust-anchors = ca.pem
crl-file = crl.pem
certificate-urls = http://certs.example.org/ https://192.0.2.1:8443/a.cer
certificate-user = nobody
certificate-seconds = 10
certificate-cache = 60
""" + PEER + """address = [fe80::1%lo]:2269
local-address = fe80::2%lo
direction = both
modes = psk
peer-certificate = alice.pem
certificate-url = http://certs.example.org/bob.cer
signatures = pss-sha256 rsa-sha256
envelope = oaep
cache-envelope = bundle
dh-group = oakley5
kdr = 0x100000
rcc = m2
roc-rate = 100
allow = kdr rcc clear-srtp clear-srtcp unauthenticated-srtp shared-tek weak-dh
strength = 256
suites = AES_CM_128_HMAC_SHA1_80, AEAD_AES_256_GCM
verify = no
allow-null = tls-only
key-model = b
compat = onvif gstreamer rfc4650
owner = root
session-name = to alice
local-ssrc = 0x1234
remote-ssrc = any
pass-non-rtp = yes
auto-delete = yes
rekey-packets = 0x10000
rekey-seconds = 3600
group = no
timestamp = counter
map = srtp
[group team]
members = alice
suite = AEAD_AES_256_GCM
local-ssrc = 17
owner = root
session-name = to the team
pass-non-rtp = no
auto-delete = yes
rekey-packets = 1000
rekey-seconds = 60
"""


def every_option():
    with open(os.path.join(HERE, "../../helper/option.c"), encoding="utf-8") as file:
        names = set(re.findall(r'^\t\{ "([a-z-]+)", read', file.read(), re.M))
    equal(sorted(names - set(re.findall(r"^([a-z-]+) =", ALL, re.M))), [],
          "every option stands in the configuration that has every option")
    equal(sorted(names - set(VALUES) - OTHERS), [], "a wrong value of every option is tried")


def taken():
    good("a configuration with every option is taken", ALL)
    good("a configuration without a peer is taken", DAEMON, ())
    good("comments, blank lines and CRLF are taken",
         "# c\r\n\r\n; c\r\n" + (DAEMON + PEER).replace("\n", "\r\n"))
    good("[daemon] may come last", PEER + DAEMON)
    for identity in ("nai:a@b", "uri:sip:a@b", "bytes:00ff", "someone@example.org"):
        good(f"identity {identity} is taken", DAEMON + PEER.replace("nai:alice@example.org",
                                                                     identity))


def all_mistakes():
    """Each mistake is told, and what follows from it is not."""
    result = check_config("port = 0\n[daemon]\nidentity = nai:\nprot = 1\nhello\n" + PEER +
                          "verify = perhaps\n indented = 1\n[peer carol]\nverify = no\n"
                          "[deamon]\nport = 1\ncontrol = x\n[peer a/b]\nverify = no\n"
                          "owner = root\n[peer empty]\ncontrol = " + "x" * 300 + "\n")
    lines = [int(line.split("mikey.conf:")[1].split(":")[0]) for line in result.err.splitlines()]
    equal(sorted(lines), [1, 3, 4, 5, 9, 10, 14, 16, 20], "the lines of all mistakes of a file")
    equal(result.status, USAGE, "the exit status of many mistakes")
    result = check_config(DAEMON + "[peer carol]\nverify = no\n[peer dave]\nverify = no\n")
    equal([w in result.err for w in ("conf:3: peer carol has no identity",
                                     "conf:5: peer dave has no identity")], [True, True],
          "what each of two peers lacks")
    write("psk", PSK.encode(), 0o644)
    result = check_config(DAEMON + PEER + PEER.replace("alice", "bert").replace("= psk", "= no"))
    equal(len(result.err.splitlines()), 2, "two keys that cannot be used")
    write("psk", PSK.encode(), 0o600)


def refused():
    bad("an unknown section", DAEMON + "[deamon]\nport = 1\n", 4, "[deamon]")
    bad("an unknown option", DAEMON + "prot = 2269\n", 3, "'prot'")
    bad("an option of a peer in [daemon]", DAEMON + "psk-file = x\n", 3, "psk-file")
    bad("an option before any section", "port = 1\n" + DAEMON, 1, "before any section")
    bad("an option twice", DAEMON + "port = 1\nport = 2\n", 4, "port", "second time")
    bad("an option twice, in two sections [daemon]",
        DAEMON + PEER + "[daemon]\nidentity = nai:x@y\n", 7, "identity", "second time")
    bad("a peer twice", DAEMON + PEER + PEER, 6, "name already")
    bad("a peer without a name", DAEMON + "[peer]\nverify = yes\n", 3, "needs a name")
    bad("a peer with a bad name", DAEMON + "[peer a/b]\nverify = yes\n", 3, "letters")
    bad("a section without options", DAEMON + "[peer x]\n" + PEER, 3, "no option")
    bad("a line that is neither", DAEMON + "hello\n", 3)
    bad("an indented line", DAEMON + " port = 1\n", 3, "indented")
    bad("a line that is too long", DAEMON + "control = " + "x" * 300 + "\n", 3, "too long")


VALUES = {
    "address": ("bob.example.org", "10.0.0.1:0", "10.0.0.1:99999", "[::1", ""),
    "direction": ("inout",), "modes": ("ibake", ","), "strength": ("64",),
    "suites": ("AES_CM_128_HMAC_SHA1_80 AES_CM_128_HMAC_SHA1_80", "ROT13", ","),
    "verify": ("true", "1"), "allow-null": ("yes",), "compat": ("all",),
    "owner": ("no-such-user", "-1"), "session-name": ("x" * 64,),
    "kdr": ("3", "33554432"), "rcc": ("m4",), "roc-rate": ("0", "65536"),
    "dh-group": ("modp2048",), "allow": ("everything",),
    "group": ("team",), "timestamp": ("utc", "ntp-utc-32"), "map": ("none",),
    "local-ssrc": ("0", "4294967296", "abc"), "remote-ssrc": ("0", "none"),
    "local-address": ("lo", "10.0.0.1:99999"), "key-model": ("d", ""),
    "envelope": ("pss",), "cache-envelope": ("maybe",), "signatures": ("md5", ","),
    "pass-non-rtp": ("maybe",), "auto-delete": ("2",), "psk-file": ("",),
    "peer-certificate": ("",), "certificate-url": ("", "ftp://h/a", "http://h", "http://h/a b"),
    "certificate-urls": ("", "http://h/ ldap://h/", "http://h/../", "http://u@h/", "h/a"),
    "rekey-packets": ("0", "-1", "many"),
    "rekey-seconds": ("0", "2147483648"),
}
DAEMON_VALUES = {
    "port": ("0", "65536", "-1", "22x"), "clock-skew": ("0", "3601", "5 min"),
    "listen": ("localhost", "none, ::1"), "control": ("", "x" * 101),
    "state-directory": ("",), "certificate": ("",), "key": ("",), "trust-anchors": ("",),
    "crl-file": ("",), "certificate-user": ("", "root", "no-such-user"),
    "certificate-seconds": ("0", "31"), "certificate-cache": ("0", "86401"),
}
# Options of a group have their own checks
OTHERS = set(DAEMON_VALUES) | {"identity", "members", "suite"}


def values():
    for option, texts in VALUES.items():
        for text in texts:
            peer = PEER.replace("psk-file = psk\n", "") if option == "psk-file" else PEER
            bad(f"{option} = {text[:20]}", DAEMON + peer + f"{option} = {text}\n",
                (DAEMON + peer).count("\n") + 1, option)
    for option, texts in DAEMON_VALUES.items():
        for text in texts:
            bad(f"[daemon] {option} = {text[:20]}", DAEMON + f"{option} = {text}\n", 3, option)
    for text in ("alice", "bytes:0g", "nai:", "uri:", "mailto:x"):
        bad(f"identity = {text}", "[daemon]\nidentity = " + text + "\n", 2, "identity")


def whole():
    good("dhhmac and psk are modes", DAEMON + PEER + "modes = dhhmac, psk\n")
    bad("a weak group that is not allowed", DAEMON + PEER + "dh-group = oakley2\n", 3, "weak-dh")
    bad("a group below the strength", DAEMON + PEER + "modes = dhhmac\nstrength = 256\n", 3,
        "256 bits")
    bad("no identity of this host", PEER, 0, "no identity")
    bad("a peer without identity", DAEMON + "[peer x]\npsk-file = psk\n", 3, "no identity")
    bad("a peer without key", DAEMON + "[peer x]\nidentity = nai:x@y\n", 3, "no psk-file")
    bad("two peers of one identity", DAEMON + PEER + PEER.replace("alice]", "eve]"), 6,
        "identity of another")
    bad("a peer with the identity of this host",
        DAEMON + PEER.replace("alice@", "bob@"), 3, "identity of this host")
    bad("a suite that is stronger than what carries its keys",
        DAEMON + PEER + "suites = AES_256_CM_HMAC_SHA1_80\n", 3, "stronger")
    bad("addresses of two families",
        DAEMON + PEER + "address = ::1\nlocal-address = 127.0.0.1\n", 3, "two families")


BOTH = PEER + "address = 192.0.2.1\n"
CAROL = BOTH.replace("alice", "carol")
TEAM = "[group team]\nmembers = alice, carol\nlocal-ssrc = 1\n"


def groups():
    """A group has its mistakes at the line of its section."""
    alice = DAEMON + BOTH
    both = alice + CAROL
    rest = CAROL + TEAM
    good("a group of two peers is taken", both + TEAM, ("alice", "carol"))
    good("a group may stand before its members", DAEMON + TEAM + BOTH + CAROL, ("alice", "carol"))
    good("a group in which members send", alice + "remote-ssrc = 1\n" + CAROL +
         "remote-ssrc = 2\n" + TEAM.replace("local-ssrc = 1\n", ""), ("alice", "carol"))
    bad("a group without members", both + "[group team]\nlocal-ssrc = 1\n", 11, "no members")
    bad("a group in which nobody sends", both + "[group team]\nmembers = alice\n", 11, "sends")
    bad("a member that is no peer", both + TEAM.replace("carol", "dave"), 11, "dave", "no peer")
    bad("a member twice", both + TEAM.replace("carol", "alice"), 11, "alice", "twice")
    bad("a member that has no address", DAEMON + PEER + TEAM, 6, "alice", "address")
    bad("a member that is not called", alice + "direction = in\n" + rest, 12, "direction")
    bad("a member with Diffie-Hellman", alice + "modes = dhhmac\n" + rest, 12, "alice", "psk")
    bad("a member of another strength", alice + "strength = 256\n" + rest, 12, "strength")
    bad("a member without the suite", both + TEAM + "suite = AES_CM_128_HMAC_SHA1_32\n", 11,
        "alice", "suites")
    bad("a member with the SSRC of the group", alice + "remote-ssrc = 1\n" + rest, 12,
        "alice", "remote-ssrc")
    bad("two members with one SSRC", alice + "remote-ssrc = 2\n" + CAROL + "remote-ssrc = 2\n" +
        TEAM, 13, "carol", "remote-ssrc")
    bad("a member that is a group's", alice + "group = yes\n" + rest, 12, "group = yes")
    bad("a member with the empty map", alice + "map = empty\n" + rest, 12, "alice", "map")
    bad("a group with the name of a peer", both + TEAM.replace("team", "alice", 1), 11, "already")
    bad("a group twice", both + TEAM + TEAM, 14, "already")
    bad("a group without a name", both + TEAM.replace(" team", ""), 11, "needs a name")
    bad("an option of a peer in a group", both + TEAM + "psk-file = psk\n", 14, "psk-file")
    bad("an unknown suite of a group", both + TEAM + "suite = ROT13\n", 14, "ROT13")
    peer = DAEMON + PEER
    bad("a peer of a group with Diffie-Hellman", peer + "group = yes\nmodes = dhhmac\n", 3,
        "group = yes")
    bad("a peer of a group that may not call", peer + "group = yes\ndirection = out\n", 3,
        "call us")
    bad("a peer of a group with the empty map", peer + "group = yes\nmap = empty\n", 3, "map")
    bad("an empty map and an SSRC", peer + "map = empty\nlocal-ssrc = 1\n", 3, "SSRC")
    bad("an empty map and a key derivation rate", peer + "map = empty\nkdr = 1\n", 3, "policy")
    bad("a GENERIC-ID map in mode rsar",
        DAEMON + CERTS + SIGNER + "modes = rsar\nmap = generic\n", 6, "rsar")


def files():
    result = helper("--json", "check-config", "--config", "/nonexistent")
    equal((result.status, result.reason()), (USAGE, "no-config"), "no configuration: no-config")
    os.chmod(os.path.join(helpercli.TMP, "psk"), 0o644)
    result = check_config(DAEMON + PEER)
    equal((result.status, result.reason()), (USAGE, "bad-psk-file"),
          "a key file that others can read")
    check(PSK.strip() not in result.err + result.out.decode(), "the key is not quoted")
    os.unlink(os.path.join(helpercli.TMP, "psk"))
    result = check_config(DAEMON + PEER)
    equal(result.status, 7, "a key file that is not there")
    check("mikey.conf:3: peer alice: " in result.err, "and its peer's place in the file", result.err)


CERTS = "certificate = host.pem\nkey = host.key\ntrust-anchors = ca.pem\n"
SIGNER = "[peer alice]\nidentity = nai:alice@example.org\n"


def certificates():
    ca = Authority(helpercli.TMP)
    ca.issue("host", "email:bob@example.org")
    alice, _ = ca.issue("alice", "email:alice@example.org")
    ca.issue("weak", "email:bob@example.org", bits=1024)
    for mode in ("pk", "rsar"):
        good(f"mode {mode} with certificates and without psk-file is taken",
             DAEMON + CERTS + SIGNER + f"modes = {mode}\ndirection = in\n")
    good("mode pk to call a peer whose certificate is there is taken",
         DAEMON + CERTS + SIGNER + "modes = pk\npeer-certificate = alice.pem\n")
    ca.revoke(alice)
    good("a revocation list is taken", DAEMON + CERTS + "crl-file = crl.pem\n" + SIGNER +
         "modes = rsar\n")
    bad("mode rsar without a certificate", DAEMON + SIGNER + "modes = rsar\n", 3, "certificate")
    bad("mode rsar with nobody to trust", DAEMON + "certificate = host.pem\nkey = host.key\n" +
        SIGNER + "modes = rsar\n", 5, "trust-anchors")
    bad("mode pk to call a peer without its certificate", DAEMON + CERTS + SIGNER +
        "modes = pk\n", 6, "peer-certificate")
    lists = "certificate-urls = http://a.example/\n" * 2
    good("a list of URLs on several lines is taken",
         DAEMON + lists + CERTS + SIGNER + "modes = rsar\n" + lists)
    bad("a list of URLs whose second line is wrong",
        DAEMON + lists + "certificate-urls = a.example\n" + CERTS, 5, "'a.example'", "http://HOST/PATH")
    bad("an unknown signature", DAEMON + PEER + "signatures = md5\n", 6, "md5")
    for what, change, reason in (
            ("a key of 1024 bits", ("host", "weak"), "bad-certificate-file"),
            ("a key that is not that of the certificate", ("host.key", "alice.key"),
             "bad-certificate-file"),
            ("trust anchors that are none", ("= ca.pem", "= psk"), "bad-certificate-file")):
        result = check_config(DAEMON + CERTS.replace(*change) + SIGNER + "modes = rsar\n")
        check("mikey.conf:6: peer alice: " in result.err, "told with file and line: " + what,
              result.err)
        equal((result.status, result.reason()), (USAGE, reason), "refused: " + what)
    result = check_config(DAEMON + CERTS + SIGNER + "modes = rsar\nstrength = 256\n")
    equal((result.status, result.reason()), (USAGE, "bad-certificate-file"),
          "refused: RSA-2048 for transforms of 256 bits")
    result = check_config(DAEMON + CERTS + "crl-file = psk\n" + SIGNER + "modes = rsar\n"
                          "peer-certificate = alice.pem\n")
    check(result.reason() == "bad-certificate-file" and "/psk: revocation lists" in result.err,
          "of several files, the one that is wrong is named", result.err)
    write("short", b"00\n")
    result = check_config(DAEMON + CERTS.replace("host.pem", "none.pem") + SIGNER +
                          "modes = rsar psk\npsk-file = short\n")
    equal([word in result.err for word in ("short", "none.pem")], [True, True],
          "a peer's shared key and its certificates are both told")
    os.chmod(os.path.join(helpercli.TMP, "host.key"), 0o640)
    result = check_config(DAEMON + CERTS + SIGNER + "modes = rsar\n")
    equal((result.status, result.reason()), (USAGE, "bad-key-file"),
          "refused: a private key that others can read")


begin()
write("psk", PSK.encode())
every_option()
taken()
refused()
all_mistakes()
values()
whole()
certificates()
groups()
files()
end()
