#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-timeout: 1200
"""What this module has not got is refused with EOPNOTSUPP and a sentence, never ignored."""

import errno

import ktap
import requests
import srtpnl
import world

SPEC = srtpnl.SPECIFICATION


def refused(op, name, values):
    with requests.Scene(srtpnl.Netlink()) as s:
        before = s.nl.dump("stream-get"), s.nl.dump("key-get")
        for value in values:
            try:
                with ktap.fails(errno.EOPNOTSUPP, name):
                    s.nl.do(op, {**s.request(op), name: value})
            except AssertionError as e:
                raise AssertionError("%s with %s=%r: %s" % (op, name, value, e)) from None
        ktap.equal((s.nl.dump("stream-get"), s.nl.dump("key-get")), before, "streams and keys")


for _op, _attributes in requests.UNBUILT.items():
    for _name, _values in _attributes.items():
        ktap.test("%s: %s is not supported, and says so" % (_op, _name), _op, _name, _values)(refused)


def refused_command(op):
    with requests.Scene(srtpnl.Netlink()) as s:
        with ktap.fails(errno.EOPNOTSUPP):
            s.nl.do(op, s.request(op))


for _op in requests.UNBUILT_OPS:
    ktap.test("%s is not supported, and says so" % _op, _op)(refused_command)


world.load()
ktap.main()
