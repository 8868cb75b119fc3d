#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-not-kcsan: it has no bridge
# ktap-not-kasan: it has no bridge
# ktap-timeout: 1200
"""Groups: one host gives the same keys to several, and all hear each other."""

import errno
import signal

import ktap
import mikeypair
from fdstore import Manager
from mikeypair import rtp
from mikeypki import PKI
from trio import ALICE, BOB, PORT, Trio, group_socket, member_of, says

EXIT_POLICY, EXIT_SYSTEM, EXIT_NO_ANSWER = 4, 7, 9


def standing(trio, listen=None):
    """All daemons run, and the group has been called; the sessions of the three."""
    events = [trio.bob.listen(), trio.carol.listen()]
    (listen or trio.alice.listen)()
    status, answer = trio.call()
    ktap.equal(status, 0, "exit status")
    ktap.equal([m["joined"] for m in answer["members"]], [True, True], "members")
    return [answer["session"]] + [d.wait("session", peer="alice")["session"] for d in events]


def sockets(trio, sessions):
    return [group_socket(host, session) for host, session in zip(trio.hosts, sessions)]


def key_states(host):
    return [k["state"]["state"] for s in host.sessions()[0]["streams"] for k in s["keys"]]


@ktap.test("psk: the members get the same keys, and multicast of two senders is heard by all")
def _():
    with Trio() as trio:
        sessions = standing(trio)
        a, b, c = sockets(trio, sessions)
        for seq in range(1, 6):
            says(a, ALICE, seq, {"bob": b, "carol": c})
            says(b, BOB, seq, {"alice": a, "carol": c})


@ktap.test("what is on the wire is SRTP, one packet for all")
def _():
    with Trio() as trio:
        a = group_socket(trio.alice, standing(trio)[0])
        wire = [group_socket(host) for host in (trio.bob, trio.carol)]
        plain = rtp(ALICE, 1, b"speech 1")
        a.sendto(plain, ("239.1.2.3", PORT))
        seen = [sock.recv(2048) for sock in wire]
        ktap.equal(seen[0], seen[1], "what bob and carol get")
        ktap.equal((seen[0][:12], len(seen[0])), (plain[:12], len(plain) + 10), "header, length")
        ktap.check(b"speech" not in seen[0], "no clear text")


@ktap.test("the same packet to each member's own address is heard by both")
def _():
    with Trio() as trio:
        sessions = standing(trio)
        a, b, c = sockets(trio, sessions)
        for seq in (1, 2):
            says(a, ALICE, seq, {"bob": b}, (trio.bob.v4, PORT))
            says(a, ALICE, seq, {"carol": c}, (trio.carol.v4, PORT))


@ktap.test("who has no SSRC in the group cannot send, and nobody with that of another one")
def _():
    with Trio() as trio:
        sessions = standing(trio)
        _, b, c = sockets(trio, sessions)
        for name, sock, ssrc in (("carol", c, 0x33333333), ("carol", c, BOB), ("bob", b, ALICE)):
            try:
                sock.sendto(rtp(ssrc, 1, b"speech"), ("239.1.2.3", PORT))
                ktap.check(False, "%s sends with SSRC %#x" % (name, ssrc))
            except OSError as error:
                ktap.equal(errno.errorcode[error.errno], "ENOKEY", "error of " + name)


@ktap.test("new keys while both talk: no packet is lost, and the old keys go")
def _():
    with Trio() as trio:
        sessions = standing(trio)
        a, b, c = sockets(trio, sessions)
        process = trio.alice.start("rekey", str(sessions[0]), "--config", trio.alice.conf)
        seq, states = 0, []
        while process.poll() is None or states != [["active"] * 2] * 3:
            seq += 1
            says(a, ALICE, seq, {"bob": b, "carol": c})
            says(b, BOB, seq, {"alice": a, "carol": c})
            if process.poll() is not None and seq % 50 == 0:
                states = [key_states(host) for host in trio.hosts]
            ktap.check(seq < 60000, "the keys change over in time")
        ktap.equal(process.returncode, 0, "exit status")
        for host in (trio.bob, trio.carol):
            host.daemon.wait("updated", peer="alice")
        trio.alice.daemon.wait("rekeyed", group="team")


@ktap.test("the kernel's limit renews the keys of all")
def _():
    with Trio(group={"rekey-packets": 20}) as trio:
        a, b, c = sockets(trio, standing(trio))
        for seq in range(1, 25):
            says(a, ALICE, seq, {"bob": b, "carol": c})
        trio.alice.daemon.wait("rekeyed", group="team")
        says(a, ALICE, 25, {"bob": b, "carol": c})


@ktap.test("a member that is away stops nobody, and is called again later, with the ROC")
def _():
    with Trio() as trio:
        bob = trio.bob.listen()
        trio.alice.listen()
        status, answer = trio.call()
        ktap.equal(status, 0, "exit status")
        ktap.equal(member_of(answer, "bob")["joined"], True, "bob")
        ktap.equal((member_of(answer, "carol")["joined"],
                    member_of(answer, "carol")["error"]["reason"]), (False, "no-answer"), "carol")
        a = group_socket(trio.alice, answer["session"])
        b = group_socket(trio.bob, bob.wait("session")["session"])
        for seq in (1, 30000, 60000, 5000):
            says(a, ALICE, seq, {"bob": b})
        carol = trio.carol.listen()
        status, again = trio.call()
        ktap.equal((status, again["session"]), (0, answer["session"]), "exit status, session")
        ktap.equal([m["joined"] for m in again["members"]], [True, True], "members")
        c = group_socket(trio.carol, carol.wait("session")["session"])
        says(a, ALICE, 5001, {"bob": b, "carol": c})


@ktap.test("a member whose daemon has lost its bundles is given the new keys as a new one")
def _():
    with Trio() as trio:
        sessions = standing(trio)
        trio.carol.daemon.end()
        trio.carol.run("unload", str(sessions[2]))
        carol = trio.carol.listen()
        status, answer = trio.rekey(sessions[0])
        ktap.equal(status, 0, "exit status")
        ktap.equal([m["joined"] for m in answer["members"]], [True, True], "members")
        sessions[2] = carol.wait("session")["session"]
        a, b, c = sockets(trio, sessions)
        says(a, ALICE, 1, {"bob": b, "carol": c})


@ktap.test("a member that sends, and whose answer was lost, is asked again with new keys for all")
def _():
    with Trio() as trio:
        bob, carol = trio.bob.listen(), trio.carol.listen()
        trio.alice.listen()
        route = ("-n", trio.bob.link, "route", "%s", "blackhole", trio.alice.v4)
        mikeypair.ip(*(r.replace("%s", "add") for r in route))
        status, answer = trio.call()
        ktap.equal((status, [m["joined"] for m in answer["members"]]), (0, [False, True]),
                   "exit status, members")
        mikeypair.ip(*(r.replace("%s", "delete") for r in route))
        status, again = trio.call()
        ktap.equal((status, [m["joined"] for m in again["members"]]), (0, [True, True]),
                   "exit status, members")
        trio.alice.daemon.wait("rekeyed", group="team")
        sessions = [answer["session"]] + [d.wait("session")["session"] for d in (bob, carol)]
        a, b, c = sockets(trio, sessions)
        says(a, ALICE, 1, {"bob": b, "carol": c})
        says(b, BOB, 1, {"alice": a, "carol": c})
        ktap.equal(len(trio.bob.sessions()), 1, "bob's sessions")


def killed(trio, manager):
    """alice's daemon dies, and the next one has what was kept."""
    trio.alice.daemon.end(signal.SIGKILL)
    manager.pump()
    daemon = manager.listen()
    ktap.equal(daemon.wait("restored")["groups"], 1, "groups restored")
    return daemon


def managed(trio):
    """As standing(), and alice's daemon has a manager: it, and the sessions."""
    manager = Manager(trio.alice)
    sessions = standing(trio, manager.listen)
    manager.wait_kept()
    return manager, sessions


@ktap.test("kill -9 of the controller's daemon: the next one renews the keys of all, none is lost")
def _():
    with Trio() as trio:
        manager, sessions = managed(trio)
        a, b, c = sockets(trio, sessions)
        seq = 0
        for _ in range(2):
            killed(trio, manager)
            status, answer = trio.rekey(sessions[0])
            ktap.equal((status, [m["joined"] for m in answer["members"]]), (0, [True, True]),
                       "exit status, members")
            for host in (trio.bob, trio.carol):
                host.daemon.wait("updated", peer="alice")
            # Until all have changed over: who is silent may still have the keys of before.
            states = []
            while states != [["active"] * 2] * 3:
                for _ in range(50):
                    seq += 1
                    says(a, ALICE, seq, {"bob": b, "carol": c})
                    says(b, BOB, seq, {"alice": a, "carol": c})
                states = [key_states(host) for host in trio.hosts]
                ktap.check(seq < 60000, "the keys change over in time")
            manager.wait_kept(manager.generation() - 1)
        ktap.equal([len(host.sessions()) for host in trio.hosts], [1, 1, 1], "sessions")


@ktap.test("kill -9 of the controller's daemon while it gives out new keys: the next one gives others")
def _():
    with Trio() as trio:
        manager, sessions = managed(trio)
        a, b, _ = sockets(trio, sessions)
        says(a, ALICE, 1, {"bob": b})
        trio.carol.daemon.end()
        before = manager.generation()
        process = trio.alice.start("rekey", str(sessions[0]), "--config", trio.alice.conf)
        trio.bob.daemon.wait("updated", peer="alice")
        manager.wait_kept(before)
        trio.carol.listen()
        daemon = killed(trio, manager)
        process.communicate()
        daemon.wait("rekeyed", group="team")
        trio.bob.daemon.wait("updated", peer="alice")
        says(a, ALICE, 2, {"bob": b})
        # Of three keys in a row alice has dropped one: that which bob, silent so far, has.
        trio.bob.daemon.wait("switched")
        says(b, BOB, 1, {"alice": a})


@ktap.test("new keys while a member is away: the others have them")
def _():
    with Trio() as trio:
        sessions = standing(trio)
        a, b, _ = sockets(trio, sessions)
        trio.carol.daemon.end()
        status, answer = trio.rekey(sessions[0])
        ktap.equal(status, 0, "exit status")
        ktap.equal([m["joined"] for m in answer["members"]], [True, False], "members")
        says(a, ALICE, 1, {"bob": b})
        says(b, BOB, 1, {"alice": a})


@ktap.test("a member that is not told of groups refuses the keys, and bob has them")
def _():
    with Trio(carol={"group": "no"}) as trio:
        trio.bob.listen()
        carol = trio.carol.listen()
        trio.alice.listen()
        status, answer = trio.call()
        ktap.equal((status, [m["joined"] for m in answer["members"]]), (0, [True, False]),
                   "exit status, members")
        event = carol.wait("refused")
        ktap.equal((event["exit"], event["reason"]), (EXIT_POLICY, "group-refused"), "reason")
        ktap.equal(trio.carol.sessions(), [], "carol's sessions")


@ktap.test("a member whose local-ssrc is not what the group has for it refuses the keys")
def _():
    with Trio(bob={"local-ssrc": ALICE}) as trio:
        bob = trio.bob.listen()
        trio.carol.listen()
        trio.alice.listen()
        status, answer = trio.call()
        ktap.equal((status, [m["joined"] for m in answer["members"]]), (0, [False, True]),
                   "exit status, members")
        ktap.equal(bob.wait("refused")["reason"], "bad-group", "reason")


@ktap.test("an ordinary call of a peer whose keys are a group's is refused, both ways and in SDP")
def _():
    with Trio() as trio:
        bob = trio.bob.listen()
        trio.alice.listen()
        status, _ = trio.alice.call("bob", "--timeout", "1")
        ktap.equal((status, bob.wait("refused")["reason"]), (EXIT_NO_ANSWER, "bad-group"), "bob's")
        status, error = trio.bob.call("alice")
        ktap.equal((status, error["reason"]), (EXIT_POLICY, "group-refused"), "calling back")
        with open(trio.bob.path("sdp"), "w", encoding="ascii") as f:
            f.write("v=0\r\no=- 0 0 IN IP4 10.8.0.2\r\ns=-\r\nc=IN IP4 10.8.0.2\r\nt=0 0\r\n"
                    "m=audio 5004 RTP/AVP 0\r\n")
        status, out = trio.bob.run("offer", "--peer", "alice", "--config", trio.bob.conf,
                                   trio.bob.path("sdp"))
        ktap.equal((status, out[0]["error"]["reason"]), (EXIT_POLICY, "group-refused"), "offer")


@ktap.test("nobody answers: the call fails with what happened to each, and leaves nothing")
def _():
    with Trio() as trio:
        trio.alice.listen()
        status, error = trio.call()
        ktap.equal((status, error["reason"]), (EXIT_NO_ANSWER, "no-answer"), "exit status, reason")
        ktap.equal([m["error"]["reason"] for m in error["members"]], ["no-answer"] * 2, "members")
        ktap.equal(trio.alice.sessions(), [], "sessions")


@ktap.test("without a daemon a group is not called")
def _():
    with Trio() as trio:
        status, error = trio.call()
        ktap.equal((status, error["reason"]), (EXIT_SYSTEM, "no-daemon"), "exit status, reason")


def works_certified(name, options):
    @ktap.test("%s: a group, and new keys for it" % name)
    def _():
        files = {host: PKI.issue(host, "email:%s@example.org" % host) + (PKI.pem,)
                 for host in ("alice", "bob", "carol")}
        with Trio(files=files, alice=options) as trio:
            sessions = standing(trio)
            a, b, c = sockets(trio, sessions)
            says(a, ALICE, 1, {"bob": b, "carol": c})
            status, answer = trio.rekey(sessions[0])
            ktap.equal((status, [m["joined"] for m in answer["members"]]), (0, [True, True]),
                       "exit status, members")
            says(a, ALICE, 2, {"bob": b, "carol": c})
            says(b, BOB, 2, {"alice": a, "carol": c})
            ktap.equal([len(host.sessions()) for host in trio.hosts], [1, 1, 1], "sessions")


works_certified("pk, envelope keys that are kept", {"cache-envelope": "yes"})
works_certified("pk, no envelope key is kept", {})

ktap.main()
