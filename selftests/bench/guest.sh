#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# guest.sh SRTP_KO FLOOR_KO BENCH_DIR: the part of the benchmark that runs in
# the guest. Prints a line of JSON for each figure.

set -euo pipefail

srtp=$1
floor=$2
dir=$3
group=/sys/fs/cgroup/bench
sizes=(172 1212)

load()
{
	local name

	for name in aesni_intel sha1_ssse3 ghash_clmulni_intel ctr gcm dummy \
		    $(modinfo -F depends "$srtp" | tr ',' ' '); do
		modprobe -q "$name" || true
	done
	insmod "$srtp"
	sysctl -q net.srtp.max_sessions=20000 net.srtp.max_streams=60000
}

# What is sent must end somewhere, and cost nothing there.
network()
{
	ip link set lo up
	ip link add bench0 type dummy
	ip address add 192.0.2.1/24 dev bench0
	ip link set bench0 up
}

# The calls by themselves, one line for each algorithm and size.
floor_figures()
{
	local name i values

	insmod "$floor" "sizes=$(IFS=,; echo "${sizes[*]}")"
	for name in cipher mac aead; do
		IFS=, read -r -a values <"/sys/module/srtp_floor/parameters/$name"
		for i in "${!sizes[@]}"; do
			printf '{"name": "floor/%s/%s/%s", "value": %s, "unit": "%s"}\n' \
				"${sizes[i]}" "$name" \
				"$(cat "/sys/module/srtp_floor/parameters/${name}_driver")" \
				"${values[i]}" instructions/call
		done
	done
	# While its functions have names, too.
	cp /proc/kallsyms "$OUT/kallsyms"
	rmmod srtp_floor
}

# So that the kernel's memory is counted for this program alone.
own_group()
{
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir -p "$group"
	echo $$ >"$group/cgroup.procs"
}

load
network
# The guest settles: virtual time passes at once.
sleep 15
floor_figures
own_group
"$dir/bench" -o "${ONLY:-*}" "libsrtp2+OpenSSL=$dir/libsrtp2-openssl.so" "libsrtp2=$dir/libsrtp2-debian.so"
