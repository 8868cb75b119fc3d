# SPDX-License-Identifier: GPL-2.0
#
# Two hosts in a guest, alice and bob, and what is on the cable between them. Sourced.

# host NAME: a namespace with /etc/mikey and /run/mikey of its
# own; it lives as long as a process in it.
declare -A holder
host()
{
	ip netns add "$1"
	ip netns exec "$1" unshare --mount sh -c '
		for dir in /etc/mikey /run/mikey /var/lib/mikey; do
			mkdir -p $dir && mount -t tmpfs -o mode=700 tmpfs $dir
		done
		touch "$1" && exec sleep infinity' - "/tmp/$1.up" &
	holder[$1]=$!
	ktap_wait 30 test -e "/tmp/$1.up"
}

# become HOST COMMAND...: in the background, $! is the command itself. Entering a
# mount namespace leads to its root.
become()
{
	exec nsenter --target "${holder[$1]}" --mount --net sh -c 'cd /tmp && exec "$@"' - "${@:2}"
}

on()
{
	(become "$@")
}

hosts()
{
	host alice && host bob || return
	ip link add cable netns alice type veth peer name cable netns bob &&
	ip -n alice address add 192.0.2.1/24 dev cable &&
	ip -n bob address add 192.0.2.2/24 dev cable &&
	ip -n alice link set cable up && ip -n bob link set cable up
}

# record: from now on, into cable.pcap.
record()
{
	become alice tcpdump -i cable -U -Z root -w cable.pcap udp 2>tcpdump.log &
	tcpdump=$!
	ktap_wait 60 grep -q 'listening on' tcpdump.log
}

end_record()
{
	kill -INT $tcpdump && wait $tcpdump
}
