#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# ktap-once: the exchange is the same on every kernel
# ktap-timeout: 1200
"""MIKEY in session descriptions: offer, answer, accept between two hosts with a daemon each."""

import base64
import errno
import shutil
import time

import ktap
import mikeypair
import ns
from mikeypair import SRTP_ROLE_RTCP, Pair, attach, rtp, talk
from mikeypki import certify
from mikeyproxy import Proxy
from rtp import receiver_report
from rtpstream import SSRCS, Stream
from sdpcall import (AUDIO, VIDEO, Call, daemons, forge, good, messages, run, sdp, session_map,
                     sessions)

EXIT_MALFORMED, EXIT_AUTH, EXIT_POLICY, EXIT_REPLAY, EXIT_SYSTEM = 2, 3, 4, 5, 7
USER, STRANGER = 4711, 4712


def states(host):
    return sorted(s["state"]["state"] for s in host.sessions())


def directions(session):
    return sorted(s["direction"] for s in session["streams"])


def fails(result, code, reason, what):
    ktap.equal((result[0], result[1].get("reason")), (code, reason), what)


def report(pair, alice_session, bob_session):
    """Receiver reports both ways, though one side sends no media: they authenticate."""
    a, b = pair.alice.socket(), pair.bob.socket()
    attach(a, alice_session, SRTP_ROLE_RTCP)
    attach(b, bob_session, SRTP_ROLE_RTCP)
    for source, sink, ssrc in ((a, b, 0x11111111), (b, a, 0x22222222)):
        packet = receiver_report(ssrc)
        source.sendto(packet, sink.getsockname())
        ktap.equal(sink.recv(2048), packet, "the report of SSRC %#x" % ssrc)
    a.close()
    b.close()


@ktap.test("a second offer of the call: new keys in the same sessions, an m-line more, one less")
def _():
    with daemons() as pair:
        call, named = Call(pair), ("--call", "x")

        def round_of(ours, theirs):
            offer = good(call.offer(ours, *named), "offer")
            answer = good(call.answer(offer["sdp"], theirs, *named), "answer")
            return answer, good(call.accept(answer["sdp"], *named), "accept")
        first = round_of(sdp((AUDIO, 4000)), sdp((AUDIO, 5000)))
        with Stream(pair, sessions(first[1])[1], sessions(first[0])[1]) as stream:
            stream.pass_more()
            second = round_of(sdp((AUDIO, 4000), (VIDEO, 4002)), sdp((AUDIO, 5000), (VIDEO, 5002)))
            ktap.equal(sessions(second[1])[1], sessions(first[1])[1], "alice's audio session")
            ktap.equal(sessions(second[0])[1], sessions(first[0])[1], "bob's audio session")
            stream.pass_more()
            talk(pair, sessions(second[1])[2], sessions(second[0])[2])
            pair.bob.daemon.wait("switched", session=sessions(first[0])[1])
            stream.pass_more()
            third = round_of(sdp((AUDIO, 4000), (VIDEO, 0)), sdp((AUDIO, 5000), (VIDEO, 0)))
            ktap.equal(sorted(sessions(third[1])), [1], "m-lines that are left")
            stream.pass_more()
            ktap.equal((len(pair.alice.sessions()), len(pair.bob.sessions())), (1, 1), "sessions")


@ktap.test("glare: both make an offer at once, and that of the lower identity stands, at either side")
def _():
    with daemons(alice={"address": "10.9.0.2"}, bob={"address": "10.9.0.1"}) as pair:
        call, back = Call(pair), Call(pair, "bob", "alice")
        named = ("--call", "x")
        ours, theirs = sdp((AUDIO, 4000)), sdp((AUDIO, 5000))

        def collide():
            offer, other = good(call.offer(ours, *named), "offer"), good(back.offer(theirs, *named),
                                                                         "bob's offer")
            fails(back.answer(other["sdp"], ours, *named), EXIT_POLICY, "glare", "alice's answer")
            answer = good(call.answer(offer["sdp"], theirs, *named), "bob's answer")
            fails(back.accept(answer["sdp"], *named), EXIT_AUTH, "foreign-response", "bob's accept")
            accept = good(call.accept(answer["sdp"], *named), "alice's accept")
            return sessions(accept)[1], sessions(answer)[1]
        numbers = collide()
        with Stream(pair, *numbers) as stream:
            stream.pass_more()
            ktap.equal(collide(), numbers, "sessions of the second round")
            pair.bob.daemon.wait("switched", session=numbers[1])
            stream.pass_more()
        ktap.equal((len(pair.alice.sessions()), len(pair.bob.sessions())), (1, 1), "sessions")


def one_more(sender, session, receiver, other, ssrc, seq):
    source, sink = sender.socket(), receiver.socket()
    attach(source, session)
    attach(sink, other)
    packet = rtp(ssrc, seq % 65536 + 1, b"one more")
    source.sendto(packet, sink.getsockname())
    ktap.equal(sink.recv(2048), packet, "a packet after the counter rolled over")


@ktap.test("messages about streams that run say their rollover counters; who comes late can join")
def _():
    with daemons() as pair:
        call, named = Call(pair), ("--call", "x")
        ours, theirs = sdp((AUDIO, 4000), "a=ssrc:%d cname:x\r\n" % SSRCS[0]), sdp((AUDIO, 5000))
        offer = good(call.offer(ours, *named), "offer")
        ktap.equal(session_map(messages(offer["sdp"])[0]), [(SSRCS[0], 0), (0, 0)], "first offer")
        answer = good(call.answer(offer["sdp"], theirs, *named), "answer")
        alices = sessions(good(call.accept(answer["sdp"], *named), "accept"))[1]
        with Stream(pair, alices, sessions(answer)[1], seq=65530) as stream:
            stream.pass_more()
            offer = good(call.offer(ours, *named), "second offer")
            ktap.equal(session_map(messages(offer["sdp"])[0]), [(SSRCS[0], 1), (0, 0)], "offer")
            answer = good(call.answer(offer["sdp"], theirs, *named), "second answer")
            ktap.equal(session_map(messages(answer["sdp"])[0]), [(SSRCS[0], 1), (SSRCS[1], 1)],
                       "answer")
            good(call.accept(answer["sdp"], *named), "accept")
            stream.pass_more()
        offer = good(call.offer(ours, *named), "third offer")
        answer = good(call.answer(offer["sdp"], theirs), "answer of somebody who has no session")
        good(call.accept(answer["sdp"], *named), "accept")
        one_more(pair.alice, alices, pair.bob, sessions(answer)[1], SSRCS[0], stream.seq)


@ktap.test("a counter that only the answer says is where the side that offered joins")
def _():
    with daemons() as pair:
        call, named = Call(pair), ("--call", "x")
        ours, theirs = sdp((AUDIO, 4000)), sdp((AUDIO, 5000))
        offer = good(call.offer(ours, *named), "offer")
        answer = good(call.answer(offer["sdp"], theirs, *named), "answer")
        alices = sessions(good(call.accept(answer["sdp"], *named), "accept"))[1]
        bobs = sessions(answer)[1]
        with Stream(pair, alices, bobs, seq=65530) as stream:
            stream.pass_more()
        offer = good(call.offer(ours), "offer of somebody who has lost the session")
        answer = good(call.answer(offer["sdp"], theirs, *named), "second answer")
        ktap.equal(session_map(messages(answer["sdp"])[0]), [(0, 0), (SSRCS[1], 1)], "answer")
        found = sessions(good(call.accept(answer["sdp"]), "second accept"))[1]
        ktap.check(found != alices, "alice has another session")
        pair.bob.daemon.wait("switched", session=bobs)
        one_more(pair.bob, bobs, pair.alice, found, SSRCS[1], stream.seq)


@ktap.test("a second offer that nobody answers changes nothing; the next one is taken")
def _():
    with daemons() as pair:
        call = Call(pair)
        offer, answer, accept = call.make(sdp((AUDIO, 4000)), sdp((AUDIO, 5000)), "--call", "x",
                                          accept=("--call", "x"))
        good(call.offer(sdp((AUDIO, 4000)), "--call", "x", "--timeout", "1"), "second offer")
        pair.alice.daemon.wait("offer-expired")
        talk(pair, sessions(accept)[1], sessions(answer)[1])
        good(call.offer(sdp((AUDIO, 4000)), "--call", "x"), "third offer")


@ktap.test("a psk call by SDP: audio passes both ways between attached sockets")
def _():
    with daemons() as pair:
        call = Call(pair)
        offer = good(call.offer(sdp((AUDIO, 4000))), "offer")
        ktap.check("m=audio 4000 RTP/SAVP 0\r\n" in offer["sdp"], "the profile became secure")
        ktap.equal(len(messages(offer["sdp"])), 1, "messages in the offer")
        ktap.equal(states(pair.alice), ["provisional"], "alice's session waits")
        ktap.equal(directions(pair.alice.sessions()[0]), ["rx"], "it can only receive")
        answer = good(call.answer(offer["sdp"], sdp((AUDIO, 5000))), "answer")
        ktap.equal(states(pair.bob), ["live"], "bob's session stands")
        accept = good(call.accept(answer["sdp"]), "accept")
        ktap.equal(sessions(accept), sessions(offer), "sessions of offer and accept")
        ktap.equal(accept["media"][0]["suite"], "AES_CM_128_HMAC_SHA1_80", "suite")
        ktap.equal(states(pair.alice), ["live"], "alice's session stands")
        talk(pair, sessions(accept)[1], sessions(answer)[1])


@ktap.test("a dhhmac call by SDP: audio passes both ways; a second answer cannot be taken")
def _():
    modes = {"modes": "dhhmac"}
    with daemons(alice=modes, bob=modes) as pair:
        call = Call(pair)
        offer, answer, accept = call.make(sdp((AUDIO, 4000), (VIDEO, 4002)),
                                          sdp((AUDIO, 5000), (VIDEO, 5002)))
        ktap.equal(sessions(accept), sessions(offer), "sessions of offer and accept")
        fails(call.accept(answer["sdp"]), EXIT_POLICY, "already-answered", "the answer again")
        for m_line in (1, 2):
            talk(pair, sessions(accept)[m_line], sessions(answer)[m_line])


for mode in ("pk", "rsar", "dh"):
    @ktap.test("a %s call by SDP: audio passes both ways" % mode, mode)
    def _(options_mode):
        with Pair() as pair:
            certify(pair, {"modes": options_mode})
            pair.bob.listen()
            pair.alice.listen()
            _, answer, accept = Call(pair).make(sdp((AUDIO, 4000), (VIDEO, 4002)),
                                                sdp((AUDIO, 5000), (VIDEO, 5002)))
            for m_line in (1, 2):
                talk(pair, sessions(accept)[m_line], sessions(answer)[m_line])


@ktap.test("two m-lines with one SSRC: a session each, keyed apart; SAVPF and rtcp-mux are told")
def _():
    with daemons() as pair:
        ssrc = "a=ssrc:287454020 cname:x\r\n"
        offer, answer, accept = Call(pair).make(
            sdp((AUDIO, 4000), ssrc, (VIDEO, 4002), ssrc),
            sdp((AUDIO, 5000), (VIDEO, 5002)))
        ktap.check("m=video 4002 RTP/SAVPF 31\r\n" in offer["sdp"], "SAVPF")
        ktap.equal([m["rtcp_mux"] for m in accept["media"]], [False, True], "rtcp_mux")
        ktap.equal([m["tx_ssrc"] for m in accept["media"]], [287454020] * 2, "alice's SSRCs")
        ktap.equal([m["rx_ssrc"] for m in answer["media"]], [287454020] * 2, "bob's view of them")
        for m_line in (1, 2):
            talk(pair, sessions(accept)[m_line], sessions(answer)[m_line],
                 ssrcs=(287454020, 0x22222222))


@ktap.test("a message for each medium: --media-level")
def _():
    with daemons() as pair:
        offer, answer, accept = Call(pair).make(
            sdp((AUDIO, 4000), (VIDEO, 4002)), sdp((AUDIO, 5000), (VIDEO, 5002)), "--media-level")
        ktap.equal(len(messages(offer["sdp"])), 2, "messages")
        ktap.check(offer["sdp"].index("a=key-mgmt") > offer["sdp"].index("m=audio"), "their place")
        for m_line in (1, 2):
            talk(pair, sessions(accept)[m_line], sessions(answer)[m_line])


@ktap.test("an m-line that the answer rejects loses its session, one at port 0 gets none")
def _():
    with daemons() as pair:
        offer, answer, accept = Call(pair).make(
            sdp((AUDIO, 0), (VIDEO, 4002), (AUDIO, 4004)),
            sdp((AUDIO, 0), (VIDEO, 0), (AUDIO, 5004)))
        ktap.equal(sorted(sessions(offer)), [2, 3], "m-lines of the offer")
        ktap.equal((sorted(sessions(answer)), sorted(sessions(accept))), ([3], [3]), "of the answer")
        ktap.equal((len(pair.alice.sessions()), len(pair.bob.sessions())), (1, 1), "sessions left")
        talk(pair, sessions(accept)[3], sessions(answer)[3])


@ktap.test("a message for each medium, and the last medium rejected: the call stands, and goes on")
def _():
    with daemons() as pair:
        call, named = Call(pair), ("--call", "x")

        def round_of(*args):
            offer = good(call.offer(sdp((AUDIO, 4000), (VIDEO, 4002)), *named, *args), "offer")
            answer = good(call.answer(offer["sdp"], sdp((AUDIO, 5000), (VIDEO, 0)), *named), "answer")
            return sessions(good(call.accept(answer["sdp"], *named), "accept")), sessions(answer)
        first = round_of("--media-level")
        ktap.equal(sorted(first[0]), [1], "m-lines that are left")
        ktap.equal(round_of("--media-level"), first, "sessions of the second round")
        talk(pair, first[0][1], first[1][1])


@ktap.test("hold, and media that only receive, are keyed in both directions: reports need it")
def _():
    with daemons() as pair:
        _, answer, accept = Call(pair).make(sdp((AUDIO, 4000), "a=recvonly\r\n"),
                                            sdp((AUDIO, 5000), "a=sendonly\r\n"))
        ktap.equal([m["direction"] for m in accept["media"] + answer["media"]],
                   ["sendonly", "sendonly"], "directions of the answer")
        for host in (pair.alice, pair.bob):
            ktap.equal(directions(host.sessions()[0]), ["rx", "tx"], "streams of " + host.name)
        report(pair, sessions(accept)[1], sessions(answer)[1])


@ktap.test("media that come before the answer are heard, and nothing is sent before it")
def _():
    with daemons() as pair:
        call = Call(pair)
        offer = good(call.offer(sdp((AUDIO, 4000))), "offer")
        a, b = pair.alice.socket(), pair.bob.socket()
        attach(a, sessions(offer)[1])
        answer = good(call.answer(offer["sdp"], sdp((AUDIO, 5000))), "answer")
        attach(b, sessions(answer)[1])
        early = rtp(0x22222222, 1, b"hello")
        b.sendto(early, a.getsockname())
        ktap.equal(a.recv(2048), early, "what bob says before alice has the answer")
        with ktap.fails(errno.ENOKEY, sentence=False):
            a.sendto(rtp(0x11111111, 1, b"hello"), b.getsockname())
        good(call.accept(answer["sdp"]), "accept")
        late = rtp(0x11111111, 2, b"hello")
        a.sendto(late, b.getsockname())
        ktap.equal(b.recv(2048), late, "what alice says afterwards")
        a.close()
        b.close()


@ktap.test("a forked offer: both answers are taken, and the sessions stay what they are")
def _():
    with daemons() as pair:
        call = Call(pair)
        offer, answer, accept = call.make(sdp((AUDIO, 4000)), sdp((AUDIO, 5000)))
        again = good(call.accept(answer["sdp"]), "accept of the second answer")
        ktap.equal(sessions(again), sessions(accept), "sessions")
        talk(pair, sessions(again)[1], sessions(answer)[1])


def source(ssrc):
    return "a=ssrc:%d cname:x\r\n" % ssrc


@ktap.test("a forked offer, two telephones: two different answers are taken, and both are heard")
def _():
    with daemons() as pair:
        call, theirs, answers = Call(pair), (0x22222222, 0x33333333), []
        offer = good(call.offer(sdp((AUDIO, 4000), source(0x11111111))), "offer")
        for ssrc in theirs:
            answers.append(good(call.answer(offer["sdp"], sdp((AUDIO, 5000), source(ssrc))),
                                "answer with SSRC %#x" % ssrc))
            # The other telephone has the same key, and has not seen the offer yet.
            pair.bob.daemon.end()
            shutil.rmtree(pair.bob.path("state"))
            pair.bob.listen()
        ktap.check(messages(answers[0]["sdp"]) != messages(answers[1]["sdp"]), "two answers")
        accepts = [good(call.accept(answer["sdp"]), "accept") for answer in answers]
        ktap.equal(sessions(accepts[1]), sessions(accepts[0]), "alice's session")
        ktap.equal(len(pair.alice.sessions()), 1, "alice's sessions")
        a = pair.alice.socket()
        attach(a, sessions(accepts[0])[1])
        for answer, ssrc in zip(answers, theirs):
            b = pair.bob.socket()
            attach(b, sessions(answer)[1])
            for sock, sink, sender in ((b, a, ssrc), (a, b, 0x11111111)):
                packet = rtp(sender, ssrc & 0xff, b"speech of %d" % ssrc)
                sock.sendto(packet, sink.getsockname())
                ktap.equal(sink.recv(2048), packet, "speech of SSRC %#x" % sender)
            b.close()
        a.close()


@ktap.test("hold with music, and taken up again: new keys each time, and no packet is lost")
def _():
    with daemons() as pair:
        call, named = Call(pair), ("--call", "x")

        def round_of(ours, theirs):
            offer = good(call.offer(sdp((AUDIO, 4000), "a=%s\r\n" % ours), *named), "offer")
            answer = good(call.answer(offer["sdp"], sdp((AUDIO, 5000), "a=%s\r\n" % theirs), *named),
                          "answer")
            return [sessions(good(call.accept(answer["sdp"], *named), "accept"))[1],
                    sessions(answer)[1]]
        first = round_of("sendrecv", "sendrecv")
        stream = Stream(pair, *first)

        def music():
            for seq in range(stream.seq + 1, stream.seq + 101):
                packet = rtp(SSRCS[0], seq, b"music")
                stream.a.sendto(packet, stream.b.getsockname())
                ktap.equal(stream.b.recv(2048), packet, "music %d" % seq)
                # The pace of audio: a hold of two seconds.
                time.sleep(0.02)
            stream.seq += 100
        for _ in range(2):
            for _ in range(20):
                stream.step()
            ktap.equal(round_of("sendonly", "recvonly"), first, "sessions in hold")
            music()
            pair.bob.daemon.wait("switched")
            ktap.equal(round_of("sendrecv", "sendrecv"), first, "sessions after it")
        for _ in range(20):
            stream.step()
        stream.a.close()
        stream.b.close()


@ktap.test("nobody answers: the kernel lets go of the sessions, and the answer comes too late")
def _():
    with daemons() as pair:
        call = Call(pair)
        offer = good(call.offer(sdp((AUDIO, 4000)), "--timeout", "1"), "offer")
        answer = good(call.answer(offer["sdp"], sdp((AUDIO, 5000))), "answer")
        pair.alice.daemon.wait("offer-expired")
        ktap.equal(pair.alice.sessions(), [], "alice's sessions")
        fails(call.accept(answer["sdp"]), EXIT_AUTH, "foreign-response", "accept")


def dies_after_offer(pair, call):
    offer = good(call.offer(sdp((AUDIO, 4000)), "--timeout", "1"), "offer")
    pair.alice.daemon.process.kill()
    pair.alice.daemon.process.wait(60)
    ktap.equal(states(pair.alice), ["provisional"], "alice's session after the kill")
    answer = good(call.answer(offer["sdp"], sdp((AUDIO, 5000))), "answer")
    pair.alice.listen()
    fails(call.accept(answer["sdp"]), EXIT_AUTH, "foreign-response", "accept")
    ns.wait_for(lambda: not pair.alice.sessions(), "the kernel lets go of the session")


def dies_after_answer(pair, call):
    offer = good(call.offer(sdp((AUDIO, 4000))), "offer")
    answer = good(call.answer(offer["sdp"], sdp((AUDIO, 5000))), "answer")
    pair.bob.daemon.process.kill()
    pair.bob.daemon.process.wait(60)
    accept = good(call.accept(answer["sdp"]), "accept")
    talk(pair, sessions(accept)[1], sessions(answer)[1])
    pair.bob.listen()
    fails(call.answer(offer["sdp"], sdp((AUDIO, 5000))), EXIT_REPLAY, "replayed", "the offer again")


def dies_after_accept(pair, call):
    _, answer, accept = call.make(sdp((AUDIO, 4000)), sdp((AUDIO, 5000)))
    pair.alice.daemon.process.kill()
    pair.alice.daemon.process.wait(60)
    talk(pair, sessions(accept)[1], sessions(answer)[1])


for step in (dies_after_offer, dies_after_answer, dies_after_accept):
    @ktap.test("kill -9: the daemon " + step.__name__.replace("_", " "), step)
    def _(what):
        with daemons() as pair:
            what(pair, Call(pair))


@ktap.test("what is not the answer changes nothing: the offer waits for the right one")
def _():
    with daemons() as pair:
        call = Call(pair)
        offer = good(call.offer(sdp((AUDIO, 4000))), "offer")
        answer = good(call.answer(offer["sdp"], sdp((AUDIO, 5000))), "answer")
        wrong = forge(answer["sdp"], lambda m: m[:-1] + bytes([m[-1] ^ 1]))
        fails(call.accept(wrong), EXIT_AUTH, "auth-failed", "a wrong MAC")
        foreign = forge(answer["sdp"], lambda m: m[:4] + b"\1\2\3\4" + m[8:])
        fails(call.accept(foreign), EXIT_AUTH, "foreign-response", "another CSB ID")
        bare = "\r\n".join(l for l in answer["sdp"].split("\r\n") if "key-mgmt" not in l)
        fails(call.accept(bare), EXIT_POLICY, "no-key-management", "no message")
        fails(call.accept(answer["sdp"].replace("SAVP", "AVP")), EXIT_POLICY,
              "unprotected-medium", "a profile without security")
        ktap.equal(states(pair.alice), ["provisional"], "alice's session")
        accept = good(call.accept(answer["sdp"]), "accept")
        talk(pair, sessions(accept)[1], sessions(answer)[1])


@ktap.test("answers swapped between two calls are refused, since each call has a name")
def _():
    with daemons() as pair:
        call = Call(pair)
        offers = [good(call.offer(sdp((AUDIO, 4000)), "--call", name), "offer") for name in "ab"]
        answers = [good(call.answer(o["sdp"], sdp((AUDIO, 5000))), "answer") for o in offers]
        fails(call.accept(answers[1]["sdp"], "--call", "a"), EXIT_AUTH, "foreign-response", "b's in a")
        for name, answer in zip("ab", answers):
            accept = good(call.accept(answer["sdp"], "--call", name), "accept")
            talk(pair, sessions(accept)[1], sessions(answer)[1])


@ktap.test("bidding down: a protocol taken out of the offer, or put in, is noticed")
def _():
    with daemons() as pair:
        call = Call(pair)
        better = "a=key-mgmt:better xyz\r\n"
        offer = good(call.offer(sdp((AUDIO, 4000), session=better)), "offer")["sdp"]
        fails(call.answer(offer.replace(better, ""), sdp((AUDIO, 5000))), EXIT_POLICY,
              "bidding-down", "taken out")
        ktap.equal(pair.bob.sessions(), [], "bob's sessions")
        offer = good(call.offer(sdp((AUDIO, 4000))), "offer")["sdp"]
        fails(call.answer(offer.replace("a=key-mgmt", better + "a=key-mgmt", 1),
                          sdp((AUDIO, 5000))), EXIT_POLICY, "bidding-down", "put in front")
        offer = good(call.offer(sdp((AUDIO, 4000), session=better)), "offer")["sdp"]
        answer = good(call.answer(offer, sdp((AUDIO, 5000))), "answer")
        accept = good(call.accept(answer["sdp"]), "accept")
        talk(pair, sessions(accept)[1], sessions(answer)[1])


@ktap.test("bidding down: protocols in another order than the message says are noticed")
def _():
    with daemons() as pair:
        call, better = Call(pair), "a=key-mgmt:better xyz\r\n"
        text = good(call.offer(sdp((AUDIO, 4000), session=better)), "offer")["sdp"]
        ktap.check(text.index("a=key-mgmt:mikey") < text.index(better), "MIKEY comes first")
        swapped = text.replace(better, "").replace("a=key-mgmt", better + "a=key-mgmt")
        fails(call.answer(swapped, sdp((AUDIO, 5000))), EXIT_POLICY, "bidding-down", "swapped")
        ktap.equal(pair.bob.sessions(), [], "bob's sessions")


@ktap.test("bidding down: a message without list is taken where MIKEY is the only offer, else not")
def _():
    # A call by UDP has no list, and is authentic as it is.
    with Pair() as pair, Proxy(pair, on_request=lambda n, data: None) as proxy:
        pair.bob.listen()
        pair.alice.configure(pair.psk, pair.bob, address=proxy.address())
        for better, status in (("a=key-mgmt:better xyz\r\n", EXIT_POLICY), ("", 0)):
            seen = len(proxy.requests)
            pair.alice.call("bob", "--timeout", "1")
            message = base64.b64encode(proxy.requests[seen]).decode()
            text = sdp("m=audio 4000 RTP/SAVP 0\r\n",
                       session=better + "a=key-mgmt:mikey %s\r\n" % message)
            result = Call(pair).answer(text, sdp((AUDIO, 5000)))
            ktap.equal((result[0], result[1].get("reason")),
                       (status, "bidding-down" if better else None), "one of %r" % better)
        ktap.equal(len(pair.bob.sessions()), 1, "bob's sessions")


@ktap.test("one message of two that is bad: nothing of the call is left")
def _():
    with daemons() as pair:
        call = Call(pair)
        offer = good(call.offer(sdp((AUDIO, 4000), (VIDEO, 4002)), "--media-level"), "offer")["sdp"]
        good_one, other = messages(offer)
        bad = forge(offer.replace("m=audio", "m=text").replace("m=video", "m=audio"),
                    lambda m: m[:-1] + bytes([m[-1] ^ 1]))
        result = call.answer(bad, sdp("m=text 5000 RTP/AVP 0\r\n", "m=audio 5002 RTP/AVPF 31\r\n"))
        fails(result, EXIT_AUTH, "auth-failed", "answer")
        ktap.check(result[1].get("mikey"), "an Error message for the peer")
        ktap.equal(pair.bob.sessions(), [], "bob's sessions")
        ktap.check(good_one != other, "two messages")


@ktap.test("an offer in the name of somebody else than the peer that is expected is refused")
def _():
    with daemons() as pair:
        call = Call(pair)
        offer = good(call.offer(sdp((AUDIO, 4000))), "offer")
        with open(pair.bob.conf, "a", encoding="utf-8") as f:
            f.write("[peer carol]\nidentity = nai:carol@example.org\npsk-file = %s\n"
                    % pair.bob.path("psk"))
        pair.bob.daemon.process.send_signal(1)
        pair.bob.daemon.wait("reloaded")
        path = pair.bob.path("offer.sdp")
        with open(path, "w", encoding="utf-8") as f:
            f.write(offer["sdp"])
        result = run(pair.bob, "answer", sdp((AUDIO, 5000)), "--peer", "carol", "--offer", path)
        fails(result, EXIT_AUTH, "unknown-peer", "carol")
        result = run(pair.bob, "answer", sdp((AUDIO, 5000)), "--expect-id", pair.alice.identity,
                     "--offer", path)
        good(result, "answer with --expect-id")


@ktap.test("the owner of a peer may ask the daemon, other users may not")
def _():
    with daemons(alice={"owner": USER}) as pair:
        helper = shutil.copy(mikeypair.HELPER, pair.dir)

        def asks(uid):
            def child():
                mikeypair.HELPER = helper
                pair.alice.enter()
                ns.become(uid)
                pair.alice.netns = None
                return run(pair.alice, "offer", sdp((AUDIO, 4000)), "--peer", "bob",
                           "--control", pair.alice.path("control"))
            return ns.child(child)
        fails(asks(STRANGER), EXIT_SYSTEM, "not-permitted", "a stranger")
        ktap.equal(pair.alice.sessions(), [], "sessions")
        good(asks(USER), "offer of the owner")
        ktap.equal(pair.alice.sessions()[0]["owner"], USER, "owner of the session")


ktap.main()
