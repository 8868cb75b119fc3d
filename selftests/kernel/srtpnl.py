#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Generic netlink of the family "srtp", by its YNL spec, for the tests.

    nl = srtpnl.Netlink()
    session = nl.do("session-new", name="a")["id"]
    stream = nl.do("stream-new", session=session, direction="tx",
                   suite="aes-cm-128-hmac-sha1-80", fresh=1)["id"]
    nl.do("key-new", session=session, stream=stream, master_key=bytes(16),
          master_salt=bytes(14), active=1)
    srtpnl.attach(sock, session, "rtp")
    nl.dump("socket-get", session=session)

Names are those of the spec, with _ for - where Python wants it; names that
are words of Python (from) go in a dict: nl.do("key-new", {"from": 1}).
Enumerated values are given by name or number and come back as names.  Octets
given for an attribute of any type are put in as they are.  An error of the
kernel is raised as Error, with errno and the sentence of the extended ack.
"""

import errno
import os
import socket
import struct
import time

import yaml

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SPEC = os.path.join(TOP, "Documentation/netlink/specs/srtp.yaml")

# include/uapi/linux/netlink.h, genetlink.h
AF_NETLINK, NETLINK_GENERIC, SOL_NETLINK = 16, 16, 270
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_ECHO, NLM_F_DUMP_INTR = 1, 2, 4, 8, 16
NLM_F_DUMP, NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x300, 0x100, 0x200
NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE = 1, 2, 3
NETLINK_ADD_MEMBERSHIP, NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK = 1, 10, 11, 12
NLMSGERR_ATTR_MSG, NLMSGERR_ATTR_OFFS, NLMSGERR_ATTR_POLICY = 1, 2, 4
NLMSGERR_ATTR_MISS_TYPE, NLMSGERR_ATTR_MISS_NEST = 5, 6
NLA_F_NESTED, NLA_TYPE_MASK = 0x8000, 0x3fff
GENL_ID_CTRL = 16
CTRL_CMD_GETFAMILY, CTRL_CMD_GETPOLICY = 3, 10
(CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_VERSION, CTRL_ATTR_HDRSIZE,
 CTRL_ATTR_MAXATTR, CTRL_ATTR_OPS, CTRL_ATTR_MCAST_GROUPS, CTRL_ATTR_POLICY,
 CTRL_ATTR_OP_POLICY, CTRL_ATTR_OP) = range(1, 11)
CTRL_ATTR_POLICY_DO, CTRL_ATTR_POLICY_DUMP = 1, 2

# uapi/linux/srtp.h; test_uapi_spec.py compares.
SOL_IP, SOL_IPV6 = 0, 41
SRTP_SESSION, SRTP_INFO, SRTP_INFO_DEAD = 7700, 7701, 1
INFO = struct.Struct("=IBBHQ32Q")

ANSWER_TIME = 60        # seconds; emulated machines are slow
INTEGERS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


class Error(OSError):
    """What the kernel answered: errno, sentence (or None), offset, missing."""

    def __init__(self, number, sentence=None, offset=None, missing=None, raw=b""):
        super().__init__(number, sentence or os.strerror(number))
        self.sentence, self.offset, self.missing, self.raw = sentence, offset, missing, raw

    def __reduce__(self):
        return Error, (self.errno, self.sentence, self.offset, self.missing, self.raw)

    def __str__(self):
        return "%s: %s" % (errno.errorcode.get(self.errno, self.errno), self.sentence)


class NoAnswer(Exception):
    """The kernel did not answer in time."""


# The spec

class Attribute:
    def __init__(self, spec, number, d):
        self.name, self.number, self.type = d["name"], number, d["type"]
        self.enum = spec.enums.get(d.get("enum"))
        self.nested = d.get("nested-attributes")
        self.order = "big" if d.get("byte-order") == "big-endian" else "little"
        checks = d.get("checks", {})
        self.checks = {k: spec.consts.get(v, v) for k, v in checks.items()}
        self.doc = d.get("doc", "")

    @property
    def size(self):
        """Octets of an integer, else None."""
        return INTEGERS.get(self.type)

    def pack(self, value):
        if isinstance(value, (bytes, bytearray)):
            return bytes(value)
        if self.size:
            if isinstance(value, str):
                value = self.enum[value]
            return int(value).to_bytes(self.size, self.order)
        return value.encode() + b"\0"


class Set:
    def __init__(self, spec, d):
        self.name = d["name"]
        attrs = [Attribute(spec, i, a) for i, a in enumerate(d["attributes"], 1)]
        self.by_name = {a.name: a for a in attrs}
        self.by_number = {a.number: a for a in attrs}
        self.attrs = attrs


class Operation:
    """do and dump: names of the request's attributes, or None if there is none."""

    def __init__(self, spec, number, d):
        self.name, self.number, self.set = d["name"], number, spec.sets[d["attribute-set"]]
        self.event = d.get("event", {}).get("attributes")
        self.do, self.do_reply = self._side(d.get("do"))
        self.dump, self.dump_reply = self._side(d.get("dump"))

    @staticmethod
    def _side(d):
        if d is None:
            return None, None
        return tuple((d.get(k) or {}).get("attributes", []) for k in ("request", "reply"))


class Spec:
    def __init__(self, path=SPEC):
        with open(path, encoding="ascii") as f:
            d = yaml.load(f, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.name = d["name"]
        self.consts, self.enums = {}, {}
        for e in d["definitions"]:
            if e["type"] == "const":
                self.consts[e["name"]] = e["value"]
            else:
                names = [n["name"] if isinstance(n, dict) else n for n in e["entries"]]
                self.enums[e["name"]] = {n: i for i, n in enumerate(names, e.get("value-start", 0))}
        self.sets = {s["name"]: Set(self, s) for s in d["attribute-sets"]}
        ops = [Operation(self, i, o) for i, o in enumerate(d["operations"]["list"], 1)]
        self.ops = {o.name: o for o in ops}
        self.ops_by_number = {o.number: o for o in ops}
        self.groups = [g["name"] for g in d["mcast-groups"]["list"]]


SPECIFICATION = Spec()


# Attributes

def attr(number, payload):
    """One attribute, padded; number may carry flags."""
    return struct.pack("=HH", 4 + len(payload), number) + payload + bytes(-len(payload) % 4)


def encode(aset, values):
    """values: dict, or list of pairs; a key may also be a bare attribute number."""
    out = b""
    for name, value in values.items() if isinstance(values, dict) else values:
        if value is None:
            continue
        if isinstance(name, int):
            out += attr(name, value)
            continue
        a = aset.by_name[name if name in aset.by_name else name.replace("_", "-")]
        if a.type == "nest" and isinstance(value, dict):
            inner = encode(SPECIFICATION.sets[a.nested], value)
            out += attr(a.number | NLA_F_NESTED, inner)
        else:
            out += attr(a.number, a.pack(value))
    return out


def attributes(data):
    """Yields (type, payload) and insists on well-formed ones."""
    at = 0
    while at < len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4 or at + length > len(data):
            raise ValueError("attribute of %d octets at %d of %d" % (length, at, len(data)))
        yield kind, data[at + 4:at + length]
        at += (length + 3) & ~3


def unpack(a, payload):
    if a.type == "nest":
        return decode(SPECIFICATION.sets[a.nested], payload)
    if a.type == "string":
        return payload.rstrip(b"\0").decode()
    if not a.size:
        return payload
    if len(payload) != a.size:
        raise ValueError("%s has %d octets" % (a.name, len(payload)))
    number = int.from_bytes(payload, a.order)
    names = {v: k for k, v in (a.enum or {}).items()}
    return names.get(number, number)


def decode(aset, data):
    out = {}
    for kind, payload in attributes(data):
        a = aset.by_number.get(kind & NLA_TYPE_MASK)
        if a is None:
            raise ValueError("attribute %d is not in the set %s" % (kind & NLA_TYPE_MASK, aset.name))
        if a.type == "pad":
            continue
        if a.name in out:
            raise ValueError("%s appears twice" % a.name)
        out[a.name] = unpack(a, payload)
    return out


# Messages

def messages(data):
    """Yields (type, flags, seq, payload)."""
    at = 0
    while at < len(data):
        length, kind, flags, seq, _ = struct.unpack_from("=IHHII", data, at)
        if length < 16 or at + length > len(data):
            raise ValueError("message of %d octets at %d of %d" % (length, at, len(data)))
        yield kind, flags, seq, data[at + 16:at + length]
        at += (length + 3) & ~3


def extack(data):
    """Sentence, offset, missing attribute of the attributes after an ack."""
    found = {kind & NLA_TYPE_MASK: payload for kind, payload in attributes(data)}

    def word(kind):
        return struct.unpack("=I", found[kind])[0] if kind in found else None
    sentence = found.get(NLMSGERR_ATTR_MSG)
    return (sentence.rstrip(b"\0").decode() if sentence is not None else None,
            word(NLMSGERR_ATTR_OFFS), word(NLMSGERR_ATTR_MISS_TYPE))


def error_of(kind, flags, payload, raw):
    """The Error in an ack or the end of a dump, or None if all went well."""
    code = -struct.unpack_from("=i", payload)[0] if len(payload) >= 4 else 0
    tlvs = b""
    if flags & NLM_F_ACK_TLVS:
        if kind == NLMSG_DONE:
            tlvs = payload[4:]
        else:
            length = struct.unpack_from("=I", payload, 4)[0]
            skip = 4 + (16 if flags & NLM_F_CAPPED else length)
            tlvs = payload[(skip + 3) & ~3:]
    return Error(code, *extack(tlvs), raw) if code else None


class Netlink:
    """A generic netlink socket that knows the family srtp.

    cap_ack and ext_ack are the socket options; raw_replies holds what the last
    request brought back, octet by octet.
    """

    room = 1 << 20          # octets of a reply; the kernel fills the messages of a dump up to that

    def __init__(self, cap_ack=True, ext_ack=True, sock=None, resolve=True):
        self.sock = sock or socket.socket(AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_GENERIC)
        self.sock.settimeout(ANSWER_TIME)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, int(cap_ack))
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, int(ext_ack))
        self.spec, self.seq, self.raw_replies = SPECIFICATION, int(time.time()) & 0xffff, []
        self.interrupted = False
        self.family, self.groups = None, {}
        if resolve:
            self.resolve()

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def resolve(self):
        """Asks the controller; the kernel loads the module if it can."""
        name = self.spec.name.encode() + b"\0"
        reply = self.transact(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, attr(CTRL_ATTR_FAMILY_NAME, name))
        found = {kind & NLA_TYPE_MASK: data for kind, data in attributes(reply[0][4:])}
        self.family = struct.unpack("=H", found[CTRL_ATTR_FAMILY_ID])[0]
        for _, one in attributes(found.get(CTRL_ATTR_MCAST_GROUPS, b"")):
            group = {kind & NLA_TYPE_MASK: data for kind, data in attributes(one)}
            self.groups[group[1].rstrip(b"\0").decode()] = struct.unpack("=I", group[2])[0]

    # Messages of any kind

    def send_raw(self, data):
        """Without an address, as write(2) does: then the kernel looks at the socket's opener, too."""
        self.sock.send(data)

    def build(self, family, cmd, attrs, flags=NLM_F_REQUEST | NLM_F_ACK, version=1):
        self.seq += 1
        body = struct.pack("=BBH", cmd, version, 0) + attrs
        return struct.pack("=IHHII", 16 + len(body), family, flags, self.seq, 0) + body

    def recv(self):
        try:
            data, _, flags, _ = self.sock.recvmsg(self.room)
        except socket.timeout:
            raise NoAnswer("no answer in %d s" % ANSWER_TIME) from None
        if flags & socket.MSG_TRUNC:
            raise ValueError("reply truncated")
        return data

    def collect(self, seq):
        """All payloads of the answer to seq, up to its ack or end; raises Error."""
        out, self.raw_replies, self.interrupted = [], [], False
        while True:
            raw = self.recv()
            self.raw_replies.append(raw)
            for kind, flags, got, payload in messages(raw):
                if got != seq:
                    continue
                self.interrupted |= bool(flags & NLM_F_DUMP_INTR)
                if kind not in (NLMSG_ERROR, NLMSG_DONE):
                    out.append(payload)
                    continue
                error = error_of(kind, flags, payload, raw)
                if error:
                    raise error
                return out

    def transact(self, family, cmd, attrs, flags=NLM_F_REQUEST | NLM_F_ACK):
        data = self.build(family, cmd, attrs, flags)
        self.send_raw(data)
        return self.collect(self.seq)

    # The family srtp

    def raw(self, op, attrs, flags=NLM_F_REQUEST | NLM_F_ACK):
        """The octets of a request; attrs are octets or values."""
        op = self.spec.ops[op]
        if not isinstance(attrs, bytes):
            attrs = encode(op.set, attrs)
        return self.build(self.family, op.number, attrs, flags)

    def _run(self, op, values, more, flags):
        if not isinstance(values, bytes):
            values = list((values.items() if isinstance(values, dict) else values) or ())
            values += list(more.items())
        self.send_raw(self.raw(op, values, flags))
        op = self.spec.ops[op]
        out = []
        for payload in self.collect(self.seq):
            if payload[0] != op.number:
                raise ValueError("%s was answered with command %d" % (op.name, payload[0]))
            out.append(decode(op.set, payload[4:]))
        return out

    def do(self, op, values=(), **more):
        """Returns the reply's attributes, or None if there is only an ack."""
        out = self._run(op, values, more, NLM_F_REQUEST | NLM_F_ACK)
        if len(out) > 1:
            raise ValueError("%s was answered %d times" % (op, len(out)))
        return out[0] if out else None

    def dump(self, op, values=(), **more):
        return self._run(op, values, more, NLM_F_REQUEST | NLM_F_ACK | NLM_F_DUMP)

    def policy(self):
        """CTRL_CMD_GETPOLICY: ({op: {"do": i, "dump": i}}, {i: {attribute: {...}}}).

        The inner dict holds the numbered NL_POLICY_TYPE_ATTR_ values.
        """
        body = attr(CTRL_ATTR_FAMILY_NAME, self.spec.name.encode() + b"\0")
        ops, policies = {}, {}
        for payload in self.transact(GENL_ID_CTRL, CTRL_CMD_GETPOLICY, body,
                                     NLM_F_REQUEST | NLM_F_ACK | NLM_F_DUMP):
            for kind, data in attributes(payload[4:]):
                kind &= NLA_TYPE_MASK
                if kind == CTRL_ATTR_OP_POLICY:
                    self._op_policy(ops, data)
                elif kind == CTRL_ATTR_POLICY:
                    self._one_policy(policies, data)
        return ops, policies

    @staticmethod
    def _op_policy(ops, data):
        for number, sides in attributes(data):
            entry = ops.setdefault(number & NLA_TYPE_MASK, {})
            for side, index in attributes(sides):
                name = {CTRL_ATTR_POLICY_DO: "do", CTRL_ATTR_POLICY_DUMP: "dump"}[side & NLA_TYPE_MASK]
                entry[name] = struct.unpack("=I", index)[0]

    @staticmethod
    def _one_policy(policies, data):
        for index, entries in attributes(data):
            table = policies.setdefault(index & NLA_TYPE_MASK, {})
            for number, fields in attributes(entries):
                one = table.setdefault(number & NLA_TYPE_MASK, {})
                for field, value in attributes(fields):
                    one[field & NLA_TYPE_MASK] = int.from_bytes(value, "little")


class Events:
    """A subscriber of the group "events" of the current network namespace."""

    def __init__(self):
        self.nl = Netlink()
        self.nl.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.nl.groups["events"])

    def close(self):
        self.nl.close()

    def next(self, seconds=ANSWER_TIME):
        """The next event as a dict; raises NoAnswer."""
        self.nl.sock.settimeout(seconds)
        ops = self.nl.spec.ops
        for kind, _, _, payload in messages(self.nl.recv()):
            if kind != self.nl.family or payload[0] != ops["event-ntf"].number:
                raise ValueError("message %d, command %d in the event group" % (kind, payload[0]))
            event = decode(ops["event-ntf"].set, payload[4:])
            unlisted = set(event) - set(ops["event-ntf"].event)
            if unlisted:
                raise ValueError("event with %s" % unlisted)
            return event
        raise ValueError("empty event")

    def wait(self, kind, seconds=ANSWER_TIME, **want):
        """The next event of a kind with these values; others are skipped."""
        end = time.monotonic() + seconds
        while True:
            event = self.next(max(0.01, end - time.monotonic()))
            if event["type"] == kind and all(event.get(k.replace("_", "-")) == v for k, v in want.items()):
                return event


# Sockets

def level_of(sock):
    return SOL_IPV6 if sock.family == socket.AF_INET6 else SOL_IP


def attach(sock, session, role="mux", level=None, flags=0, reserved=0, tail=b""):
    """Attaches by the socket option; raises OSError."""
    role = SPECIFICATION.enums["role"].get(role, role)
    value = struct.pack("=IBBH", session, role, flags, reserved) + tail
    sock.setsockopt(level_of(sock) if level is None else level, SRTP_SESSION, value)


def detach(sock, level=None):
    attach(sock, 0, 0, level)


def info(sock, level=None):
    """SRTP_INFO: session, role (name), dead, cookie, and stats by name."""
    data = sock.getsockopt(level_of(sock) if level is None else level, SRTP_INFO, INFO.size)
    if len(data) != INFO.size:
        raise ValueError("SRTP_INFO of %d octets" % len(data))
    session, role, flags, _, cookie, *stats = INFO.unpack(data)
    roles = {v: k for k, v in SPECIFICATION.enums["role"].items()}
    named = {a.name: stats[a.number] for a in SPECIFICATION.sets["stats"].attrs if a.type != "pad"}
    return {"session": session, "role": roles.get(role, role), "flags": flags,
            "dead": bool(flags & SRTP_INFO_DEAD), "cookie": cookie, "stats": named}
