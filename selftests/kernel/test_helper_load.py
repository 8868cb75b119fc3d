#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mikey-helper load, show and unload."""

import json
import os

import ktap
import ns
import rtp
import srtpnl
import world
from helper_program import (MALFORMED, OTHER, OWNER, PROGRAM, SYSTEM, UNSUPPORTED, helper, load, session, show,
                            stream)

# Members that show adds to what was loaded.
ADDED = ("state", "stats", "sockets", "created")


def example():
    return {"sessions": [
        {"id": 7, "owner": OWNER, "name": "alice-bob-audio", "pass_non_rtp": True, "forbid_detach": True,
         "auto_delete": True, "provisional": 3600, "ssrc_cap": 5,
         "streams": [
             stream("tx", "a", 305419896, roc=3, seq=17, srtcp_index=9, window=1024, peer="any"),
             stream("tx", "b", "any", roc=0, srtcp_index=0, window=512, peer="any"),
             stream("rx", "c", 4294967295, roc=1, seq=None, srtcp_index=0, window=2048, peer="any"),
             stream("rx", "d", "any", roc=0, srtcp_index=0, window=64, srtcp_window=256, peer="any")]},
        {"id": 8, "streams": []}]}


def without_added(value):
    """What load reads of what show prints."""
    if isinstance(value, list):
        return [without_added(v) for v in value]
    if isinstance(value, dict):
        return {k: without_added(v) for k, v in value.items() if k not in ADDED}
    return value


def pairs(loaded, shown):
    for one, other in zip(loaded["sessions"], shown["sessions"]):
        for a, b in zip(one["streams"], other["streams"]):
            yield a, b


def add_keys(loaded, shown):
    for a, b in pairs(loaded, shown):
        for k, bare in zip(a["keys"], b["keys"]):
            bare.update({m: k[m] for m in ("master_key", "master_salt")})
    return shown


def included(part, whole, path="sessions"):
    """Everything that was loaded must be shown as it was."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in ("master_key", "master_salt", "fresh"):
                continue
            ktap.check(name in whole, "%s has no %s" % (path, name))
            included(value, whole[name], path + "." + name)
    elif isinstance(part, list):
        ktap.equal(len(whole), len(part), "length of " + path)
        for n, (a, b) in enumerate(zip(part, whole)):
            included(a, b, "%s[%d]" % (path, n))
    else:
        ktap.equal(whole, part, path)


def sessions_left():
    return srtpnl.Netlink().dump("session-get")


@ktap.test("show --json has everything that was loaded, as it was, but for the keys")
def _():
    helper("load", text=json.dumps(example())).good()
    included(example()["sessions"], show())


@ktap.test("what show --json prints, with the keys added again, loads to the same")
def _():
    helper("load", text=json.dumps(example())).good()
    first = helper("show", "--json").good().json()
    helper("unload", 7, 8).good()
    again = add_keys(example(), json.loads(json.dumps(first)))
    helper("load", text=json.dumps(again)).good()
    second = helper("show", "--json").good().json()
    ktap.equal(without_added(second), without_added(first), "the second show")


@ktap.test("load prints the numbers of the sessions, with --json those of streams and keys")
def _():
    ktap.equal(load({"id": 12, "streams": []}, {"id": 11, "streams": []}), [12, 11], "numbers")
    done = helper("load", "--json", text=json.dumps({"sessions": [session(id=13)]})).good().json()
    got = done["sessions"][0]
    ktap.equal((got["id"], [s["keys"] for s in got["streams"]]), (13, [[1], [1]]), "numbers")
    ktap.check(got["cookie"] > 0 and len({s["id"] for s in got["streams"]}) == 2, "cookie and streams: %r" % got)


@ktap.test("load reads a file, and warns if others may read it")
def _():
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), "load.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"sessions": [session(id=21)]}, f)
    os.chmod(path, 0o644)
    done = helper("load", path).good()
    ktap.check("warning" in done.err, "no warning: %r" % done.err)
    helper("unload", 21).good()
    os.chmod(path, 0o600)
    ktap.equal(helper("load", path).good().err, "", "standard error")
    os.unlink(path)


@ktap.test("a part that the kernel refuses is named, and nothing of the file is left behind")
def _():
    bad = session()
    bad["streams"][1]["keys"][0]["master_key"] = "00" * 15
    text = json.dumps({"sessions": [session(), session(), bad]})
    helper("load", text=text).refused(SYSTEM, "kernel-refused", "sessions[2].streams[1].keys[0]")
    ktap.equal(sessions_left(), [], "sessions")


@ktap.test("what this module has not got is refused as unsupported, with its sentence")
def _():
    text = json.dumps({"sessions": [{"streams": [stream("rx", "a", kdr=16)]}]})
    helper("load", text=text).refused(UNSUPPORTED, "kernel-unsupported", "kdr", "sessions[0].streams[0]")
    f8 = {**stream("rx", "a"), "suite": "F8_128_HMAC_SHA1_80", "encrypted_ext_ids": "01"}
    text = json.dumps({"sessions": [{"streams": [f8]}]})
    helper("load", text=text).refused(UNSUPPORTED, "kernel-unsupported", "sessions[0].streams[0]")
    ktap.equal(sessions_left(), [], "sessions")


@ktap.test("a sending stream without fresh and without indexes is refused")
def _():
    bare = stream("tx", "a")
    del bare["fresh"]
    helper("load", text=json.dumps({"sessions": [{"streams": [bare]}]})).refused(SYSTEM, "kernel-refused")
    ktap.equal(sessions_left(), [], "sessions")


@ktap.test("a number that is taken is refused, and the session that has it stays")
def _():
    load(session(id=5, name="first"))
    helper("load", text=json.dumps({"sessions": [session(id=5)]})).refused(SYSTEM, "exists")
    ktap.equal([s["name"] for s in sessions_left()], ["first"], "sessions")


@ktap.test("a file that is malformed creates nothing")
def _():
    text = json.dumps({"sessions": [session(), session(surprise=1)]})
    helper("load", text=text).refused(MALFORMED, "unknown-member", "sessions[1]")
    ktap.equal(sessions_left(), [], "sessions")


@ktap.test("load, unload and monitor are not for users without rights")
def _():
    load(session(id=5, owner=OWNER))
    text = json.dumps({"sessions": [session()]})
    helper("load", text=text, uid=OWNER).refused(SYSTEM, "not-permitted")
    helper("unload", 5, uid=OWNER).refused(SYSTEM, "not-permitted")
    helper("monitor", uid=OWNER).refused(SYSTEM, "not-permitted")
    ktap.equal(len(sessions_left()), 1, "sessions")


@ktap.test("the owner sees his session, somebody else neither it nor that it is there")
def _():
    load(session(id=5, owner=OWNER), session(id=6, owner=OTHER))
    ktap.equal([s["id"] for s in show(uid=OWNER)], [5], "sessions of the owner")
    ktap.equal([s["id"] for s in show(5, uid=OWNER)], [5], "session of the owner")
    done = helper("show", 6, uid=OWNER)
    ktap.check(done.status == SYSTEM and not done.out, "status %d, output %r" % (done.status, done.out))


@ktap.test("unload takes the sessions that it names, and --all takes all")
def _():
    load(session(id=1), session(id=2), session(id=3))
    helper("unload", 1, 3).good()
    ktap.equal([s["id"] for s in sessions_left()], [2], "sessions")
    helper("unload", 99).refused(SYSTEM, "not-found", "99")
    load(session(id=4))
    done = helper("unload", "--all", "--json").good()
    ktap.equal((done.json(), sessions_left()), ({"deleted": [2, 4]}, []), "what is deleted, and what is left")


def traffic(number):
    """Sends and receives one packet; returns the socket."""
    nl = srtpnl.Netlink()
    inside, outside = world.pair(nl, number)
    inside.send(rtp.rtp(0xabcdef01, 1, payload=b"hello"))
    outside.recv(2000)
    outside.send(rtp.Srtp(*world.key("rx")).protect_rtp(rtp.rtp(0x55, 9, payload=b"world")))
    inside.recv(2000)
    outside.send(b"\x80" + bytes(40))
    inside.settimeout(1)
    ns.wait_for(lambda: show(number)[0]["sockets"][0]["stats"]["rx_auth_failed"], "a packet that is dropped")
    return inside


@ktap.test("show has counters, sockets, and the streams that wildcards created")
def _():
    number, = load(session())
    inside = traffic(number)
    got, = show(number)
    ktap.equal(got["sockets"][0]["local"], "127.0.0.1:%d" % inside.getsockname()[1], "address")
    ktap.equal(got["sockets"][0]["role"], "rtp", "role")
    tx, rx = got["streams"]
    ktap.equal([s["ssrc"] for s in tx["created"]], [0xabcdef01], "created to send")
    ktap.equal([s["ssrc"] for s in rx["created"]], [0x55], "created to receive")
    ktap.equal(tx["created"][0]["stats"]["tx_srtp_packets"], 1, "sent")
    ktap.equal((rx["created"][0]["seq"], rx["created"][0]["stats"]["rx_srtp_packets"]), (9, 1), "received")
    text = helper("show", number).good().out
    for word in ("0xabcdef01", "srtp packets 1", "auth failed 1", "session %d" % number):
        ktap.check(word in text, "%r is not in\n%s" % (word, text))
    ktap.check("replayed" not in text, "a counter that is zero is shown:\n%s" % text)


@ktap.test("show --suites knows the suite that every session has")
def _():
    suites = {s["name"]: s for s in helper("show", "--suites", "--json").good().json()["suites"]}
    ktap.equal(len(suites), 20, "suites")
    one = suites["AES_CM_128_HMAC_SHA1_80"]
    ktap.equal((one["available"], one["key_len"], one["salt_len"]), (True, 16, 14), "suite")
    ktap.check("AES_CM_128_HMAC_SHA1_80" in helper("show", "--suites").good().out, "not in the text")


@ktap.test("no octet of a key is in what load, show and unload say")
def _():
    loaded = example()
    said = helper("load", "--json", text=json.dumps(loaded)).good()
    all_said = said.out + said.err
    for args in (("show",), ("show", "--json"), ("load",), ("unload", "7", "8")):
        done = helper(*args, text=json.dumps(loaded))
        all_said += done.out + done.err
    for s in loaded["sessions"]:
        for k in [k for st in s["streams"] for k in st["keys"]]:
            for secret in (k["master_key"], k["master_salt"]):
                for at in range(0, len(secret) - 7, 2):
                    ktap.check(secret[at:at + 8] not in all_said, "part of a key is there")


@ktap.test("a thousand streams load, and are shown again")
def _():
    many = {"id": 3, "streams": [stream("rx", n, n) for n in range(1000)]}
    load(many)
    got, = show(3)
    ktap.equal([s["ssrc"] for s in got["streams"]], list(range(1000)), "streams")
    ktap.check(all(len(s["keys"]) == 1 for s in got["streams"]), "a stream has not one key")


@ktap.test("the memory of load is not for its own user: no core, no ptrace")
def _():
    def limits():
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.dup2(r, 0)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.close(w)
            os.execv(PROGRAM, ["mikey-helper", "load"])
        os.close(r)
        os.write(w, json.dumps({"sessions": [session()]}).encode()[:-1])
        ns.wait_for(lambda: open("/proc/%d/comm" % pid, encoding="utf-8").read() == "mikey-helper\n", "the helper")
        owner = ns.wait_for(lambda: os.stat("/proc/%d/mem" % pid).st_uid == 0, "/proc/PID/mem of root")
        os.close(w)
        os.waitpid(pid, 0)
        return owner
    r = ns.as_user(OWNER, limits)
    ktap.check(r, "the owner may read the memory")


ktap.main()
