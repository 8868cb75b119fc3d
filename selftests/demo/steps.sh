# SPDX-License-Identifier: GPL-2.0
#
# steps.sh: what the scenes have in common: steps that are told, and two hosts with a
# cable that is recorded. Whoever sources it has set: first and second, names of the
# hosts; a and b, their addresses; and has a function keep.

# step TEXT: says what is to be done. "text" indents what there is to see.
number=0
step()
{
	number=$((number + 1))
	printf '%s%2d%s  %s\n' "${DEMO_GREEN-}" $number "${DEMO_PLAIN-}" "$1"
	echo "step $number, $1" >"$OUT/step"
}

text()
{
	fold -s -w 96 | sed 's/ *$//; s/^/    /'
}

failed()
{
	trap - ERR
	{
		echo "failed: $1"
		tail -v -n 4 ./*.log
		keep
	} 2>&1 | text
	exit 1
}

# await SECONDS COMMAND...: waits until the command succeeds.
await()
{
	local until=$((SECONDS + $1))
	shift

	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $until ] || { echo "waited in vain for: $*" | text; return 1; }
		sleep 0.1
	done
}

connect()
{
	ip netns add $first
	ip netns add $second
	ip link add cable netns $first type veth peer name cable netns $second
	ip -n $first address add $a/24 dev cable
	ip -n $second address add $b/24 dev cable
	ip -n $first link set cable up
	ip -n $second link set cable up
}

record()
{
	ip netns exec $first tcpdump -i cable -U -Z root -w cable.pcap 2>tcpdump.log &
	tcpdump=$!
	await 30 grep 'listening on' tcpdump.log
}

# What was recorded is complete.
end_record()
{
	kill -INT $tcpdump
	wait $tcpdump
	grep -q '^0 packets dropped by kernel' tcpdump.log
}

trap 'failed "$BASH_COMMAND"' ERR
trap 'exit 130' INT TERM HUP
