#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""syzkaller.py: makes the description of the module for syzkaller.

Prints it, from the netlink specification and what is said here of the socket
options.  srtp.txt is its output; it goes to sys/linux/ of syzkaller, as
socket_srtp.txt, and "make extract ARCH=amd64 SOURCEDIR=..." with a kernel tree
that <linux/srtp.h> was copied to finds the numbers.
"""

import os
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, os.path.join(TOP, "selftests/kernel"))

import srtpnl  # noqa: E402

HEAD = """\
# SPDX-License-Identifier: GPL-2.0
# Made by syzkaller.py from Documentation/netlink/specs/srtp.yaml.

include <net/genetlink.h>
include <linux/in.h>
include <uapi/linux/srtp.h>

resource srtp_family_id[int16]: 0

type msghdr_srtp[CMD, POLICY] msghdr_netlink[netlink_msg_t[srtp_family_id, genlmsghdr_t[CMD], POLICY]]

syz_genetlink_get_family_id$srtp(name ptr[in, string["srtp"]], fd sock_nl_generic) srtp_family_id
"""

SOCKETS = """
# SRTP_SESSION 0 detaches.
setsockopt$SRTP_SESSION(fd sock_udp, level const[SOL_IP], opt const[SRTP_SESSION], val ptr[in, srtp_attach], len bytesize[val])
setsockopt$SRTP_SESSION6(fd sock_udp6, level const[SOL_IPV6], opt const[SRTP_SESSION], val ptr[in, srtp_attach], len bytesize[val])
getsockopt$SRTP_INFO(fd sock_udp, level const[SOL_IP], opt const[SRTP_INFO], val buffer[out], len ptr[inout, bytesize[val, int32]])
sendto$srtp(fd sock_udp, buf ptr[in, srtp_packet], len bytesize[buf], f flags[send_flags], addr ptr[in, sockaddr_in, opt], addrlen len[addr])
sendto$srtp6(fd sock_udp6, buf ptr[in, srtp_packet], len bytesize[buf], f flags[send_flags], addr ptr[in, sockaddr_in6, opt], addrlen len[addr])

srtp_sessions = 0, 1, 2, 3
srtp_roles = SRTP_ROLE_RTP, SRTP_ROLE_RTCP, SRTP_ROLE_MUX
srtp_ssrcs = 1, 2, 3

srtp_attach {
	session		flags[srtp_sessions, int32]
	role		flags[srtp_roles, int8]
	flags		const[0, int8]
	reserved	const[0, int16]
}

srtp_packet [
	rtp	srtp_rtp
	rtcp	srtp_rtcp
	raw	array[int8, 0:64]
] [varlen]

srtp_rtp {
	first	int8[128:191]
	type	int8
	seq	int16be[0:70]
	time	int32be
	ssrc	flags[srtp_ssrcs, int32be]
	rest	array[int8, 0:200]
} [packed]

srtp_rtcp {
	first	int8[128:191]
	type	int8[192:223]
	words	int16be
	ssrc	flags[srtp_ssrcs, int32be]
	rest	array[int8, 0:64]
} [packed]
"""

NUMBERS = {"u8": "int8", "u16": "int16", "u32": "int32", "u64": "int64"}

# Small numbers, so that what one call makes the next one finds.
SMALL = {"id": "int32[1:4]", "session": "int32[1:4]", "stream": "int32[1:4]", "ssrc": "int32[1:3]",
         "fd": "sock_udp", "peer-v4": "ipv4_addr", "peer-v6": "ipv6_addr"}


def number(a):
    checks, name = a.checks, NUMBERS[a.type] + ("be" if a.order == "big" else "")
    if "min" in checks or "max" in checks:
        return "%s[%d:%d]" % (name, checks.get("min", 0), checks.get("max", (1 << 8 * a.size) - 1))
    return name


def payload(a):
    """What is in an attribute."""
    if a.name in SMALL:
        return SMALL[a.name]
    if a.type == "string":
        return "string"
    if a.type in NUMBERS:
        return number(a)
    return "array[int8, 0:%d]" % a.checks.get("max-len", a.checks.get("exact-len", 32))


def constant(*words):
    return "_".join(words).upper().replace("-", "_")


def policy(op):
    """Which attributes a command may be given; one that takes none gets some."""
    return op.set.name if op.do or op.dump else "session"


def commands():
    for op in srtpnl.SPECIFICATION.ops.values():
        if op.event:
            continue
        yield "sendmsg$%s(fd sock_nl_generic, msg ptr[in, msghdr_srtp[%s, srtp_%s]], f flags[send_flags])" % (
            constant("srtp-cmd", op.name), constant("srtp-cmd", op.name), policy(op))


def policies():
    for aset in srtpnl.SPECIFICATION.sets.values():
        wanted = [a for a in aset.by_name.values() if a.type not in ("pad", "nest")]
        if not any(policy(op) == aset.name and not op.event for op in srtpnl.SPECIFICATION.ops.values()):
            continue
        yield "srtp_%s [" % aset.name
        for a in wanted:
            name = constant("srtp-a", aset.name, a.name)
            yield "\t%s\tnlattr[%s, %s]" % (a.name.replace("-", "_"), name, payload(a))
        yield "] [varlen]\n"


def text():
    return "\n".join([HEAD, *commands(), "", *policies()]) + SOCKETS


if __name__ == "__main__":
    sys.stdout.write(text())
