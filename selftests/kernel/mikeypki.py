# SPDX-License-Identifier: GPL-2.0
"""Certificates for the two hosts of mikeypair."""

import sys

import mikeypair

sys.path.insert(0, mikeypair.TOP + "/selftests/helper")
from opensslca import Authority  # noqa: E402 (after the path)


def configure(host, peer, files, options, more=""):
    """A host with its certificate, and a peer whose certificate is known."""
    daemon = "certificate = %s\nkey = %s\ntrust-anchors = %s" % files[host.name]
    if "crl-file" in files:
        daemon += "\ncrl-file = " + files["crl-file"]
    daemon += "\n" + more
    options = {"address": peer.v4, "peer-certificate": files[peer.name][0], **options}
    host.configure("00" * 16, peer, daemon, **options)


# One authority and one key for each host: RSA keys take their time
PKI = Authority(mikeypair.TMP)
FILES = {name: PKI.issue(name, "email:%s@example.org" % name) + (PKI.pem,)
         for name in ("alice", "bob")}


def certify(pair, options, bob=None):
    """Both hosts get their certificates; returns the files."""
    files = dict(FILES)
    configure(pair.alice, pair.bob, files, options)
    configure(pair.bob, pair.alice, files, options if bob is None else bob)
    return files
