#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scene.sh: alice calls bob. Run by stage.sh, when srtp.ko is loaded.
#
# Two hosts, joined by a cable, agree on keys with MIKEY. Then FFmpeg and
# GStreamer, which know nothing of it, talk in both directions, and mallory, who
# has got at the cable, listens and meddles. $OUT has what alice and bob have to
# say (mu-law, 8000 octets a second), and gets what was heard, what GStreamer
# read, what was on the cable, the step that is being done, and the figures.

set -eEuo pipefail

here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../helper:$here:$PATH
exec 2>&1
cd /run/demo

# "$alice COMMAND" is a command on alice's host.
alice="ip netns exec alice"
bob="ip netns exec bob"
a=10.0.0.1
b=10.0.0.2
first=alice second=bob
port=5004
. "$here/steps.sh"

keep()
{
	cp -f ./*.ul ./*.txt ./*.pcap "$OUT"
}

# configure HOST PEER ADDRESS: mikey-helper's configuration of a host.
configure()
{
	cat >$1.conf <<-INI
		[daemon]
		identity = nai:$1@lan
		state-directory = $PWD/$1.state
		control = $PWD/$1.control

		[peer $2]
		identity = nai:$2@lan
		address = $3
		psk-file = $1.psk
	INI
}

share_key()
{
	(umask 077 && mikey-helper genpsk >alice.psk)
	cp -p alice.psk bob.psk
	configure alice bob $b
	configure bob alice $a
}

listen()
{
	$bob mikey-helper listen --config bob.conf >listen.log 2>&1 &
	daemon=$!
	await 30 grep listening listen.log
}

# What the call and the daemon say names the session that each has got.
call()
{
	$alice mikey-helper call bob --config alice.conf >call.log 2>&1
	await 30 grep session= listen.log
	session_a=$(sed -nE 's/^session ([0-9]+):.*/\1/p' call.log)
	session_b=$(sed -nE 's/.* session=([0-9]+).*/\1/p' listen.log)
	cat call.log | text
}

# hear WHERE SESSION NAME: GStreamer writes what it hears to a file, and tells
# each packet that it reads, RTP and RTCP.
hear()
{
	$1 mikey-helper run --session $2 -- gst-launch-1.0 -q \
		udpsrc port=$port caps="$caps" ! identity dump=true ! rtppcmudepay ! \
			filesink location=heard-by-$3.ul buffer-mode=unbuffered \
		udpsrc port=$((port + 1)) ! fakesink dump=true >read-by-$3.txt 2>$3-hears.log &
	ears+=($!)
}

# GStreamer has two sockets with a port, and the kernel protects them.
ready()
{
	[ "$($1 mikey-helper show | grep -cE "socket .*:($port|$((port + 1))) ")" = 2 ]
}

caps=application/x-rtp,media=audio,payload=0,clock-rate=8000,encoding-name=PCMU
ears=()
pick_up()
{
	hear "$alice" $session_a alice
	hear "$bob" $session_b bob
	await 60 ready "$alice"
	await 60 ready "$bob"
}

# speak WHERE SESSION NAME TO SSRC: FFmpeg sends a packet each 20 ms. They are
# numbered from 65486 on, so that the roll-over counter moves after a second.
speak()
{
	$1 mikey-helper run --session $2 -- \
		ffmpeg -nostdin -v error -re -f mulaw -ar 8000 -i $3-says.ul -c copy \
		-ssrc $5 -seq 65486 -f rtp "rtp://$4:$port?pkt_size=172" >$3-speaks.log 2>&1 &
	mouths+=($!)
}

octets()
{
	stat -c %s $1.ul
}

# heard WHO WHOM: WHO has heard all that WHOM said.
heard()
{
	[ "$(octets heard-by-$1)" -ge "$(octets $2-says)" ]
}

mouths=()
talk()
{
	speak "$alice" $session_a alice $b $((0xa11ce))
	speak "$bob" $session_b bob $a $((0xb0b))
	wait ${mouths[0]}
	wait ${mouths[1]}
	await 30 heard alice bob
	await 30 heard bob alice
}

compare()
{
	cmp alice-says.ul heard-by-bob.ul
	cmp bob-says.ul heard-by-alice.ul
	echo "$(octets heard-by-bob) and $(octets heard-by-alice) octets, identical" | text
}

# look WHAT SPEAKER HEARER TO MEDDLED
look()
{
	look.py $1 cable.pcap $2-says.ul read-by-$3.txt $4 $port $5
}

# counter WHERE NAME: of all sockets of the host.
counter()
{
	$1 mikey-helper show | sed -nE "s/.*rx $2 ([0-9]+).*/\1/p" | awk '{ n += $1 } END { print n + 0 }'
}

counts()
{
	[ "$(counter "$1" "$2")" = $3 ]
}

# RTP of PCMU that GStreamer has read.
packets()
{
	grep -cE '^00000000 .*: 80 [08]0 ' read-by-$1.txt
}

# meddle HOW COUNTER: the counter moves by one, and GStreamer reads nothing.
meddle()
{
	local before=$(packets bob)

	counts "$bob" "$2" 0
	$alice meddle.py $1 cable.pcap cable $b $port
	await 30 counts "$bob" "$2" 1
	[ "$(packets bob)" = $before ]
	echo "rx $2: 0 before, 1 now; GStreamer has read $before packets before and now" | text
}

show()
{
	echo "alice:" | text
	$alice mikey-helper show | text
	echo "bob:" | text
	$bob mikey-helper show | text
}

hang_up()
{
	kill ${ears[*]}
	wait ${ears[*]} || true
	$alice mikey-helper unload $session_a
	$bob mikey-helper unload $session_b
	kill $daemon
	wait $daemon
	[ -z "$($alice mikey-helper show)$($bob mikey-helper show)" ]
}

judge()
{
	end_record
	read -r rtp_a rtcp_a < <(look all alice bob $b 2)
	read -r rtp_b rtcp_b < <(look all bob alice $a 0)
	cat <<-END | text
		$(stat -c %s cable.pcap) octets recorded: no 16 octets of any payload are among them;
		each of $((rtp_a + rtp_b)) RTP packets was 10 octets longer on the cable,
		each of $((rtcp_a + rtcp_b)) RTCP packets 14
	END
	figures
}

figures()
{
	local octets=$(($(octets heard-by-alice) + $(octets heard-by-bob)))

	echo "$((rtp_a + rtp_b)) packets, $octets octets, $((octets / 8000)) seconds of speech," \
	     "Linux $(uname -r)" >"$OUT/figures"
}

cp "$OUT"/*-says.ul .
step "Linux $(uname -r) has srtp.ko loaded"
step "two hosts, alice $a and bob $b, are joined by a cable (namespaces and a veth)"
connect
step "mallory has got at the cable and records all that passes (tcpdump)"
record
step "alice and bob share a key (mikey-helper genpsk)"
share_key
step "bob:   mikey-helper listen"
listen
step "alice: mikey-helper call bob"
call
step "both:  mikey-helper run --session N -- gst-launch-1.0 udpsrc port=$port ..."
pick_up
step "both:  mikey-helper run --session N -- ffmpeg -re -i speech ... rtp://PEER:$port"
talk
step "bob has heard what alice said, and alice what bob said"
compare
step "a packet of alice, as bob's GStreamer has read it, and as mallory has recorded it"
look one alice bob $b 0 | text
step "mallory sends that packet with a new number and one bit of its payload changed: bob drops it"
meddle forge "auth failed"
step "mallory sends that packet once more as it was: bob drops it"
meddle replay replayed
step "both:  mikey-helper show"
show
step "both hang up: mikey-helper unload"
hang_up
step "the whole capture has nothing to read"
judge
keep
