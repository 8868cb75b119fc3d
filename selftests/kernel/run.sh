#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh MODULE TEST...: runs tests inside a guest, each with the module loaded
# anew. MODULE is the path of srtp.ko, TEST that of a program.
#
# After each test its processes and network namespaces are removed, and the
# module must let itself be unloaded.

set -uo pipefail

selftests=$(cd "$(dirname "$0")/.." && pwd)
. "$selftests/ktap.sh"
. "$selftests/runner.sh"

module=$1
shift
tag=$KERNEL
group=/sys/fs/cgroup/test
# The debug kernel has it.
kmemleak=/sys/kernel/debug/kmemleak
export SRTP_KO=$module

# Everything that a stock machine would have loaded by itself: what the module
# needs, and the fast ciphers, which udev would load.
load_others()
{
	local name

	for name in aesni_intel $(modinfo -F depends "$module" | tr ',' ' '); do
		modprobe "$name" || echo "# cannot load $name"
	done
}

# "modprobe srtp", and what the kernel asks for when somebody wants the netlink
# family, find the module under test without another run of depmod.
make_loadable()
{
	mkdir -p /etc/modprobe.d
	cat >/etc/modprobe.d/srtp-test.conf <<-END
		alias net-pf-16-proto-16-family-srtp srtp
		install srtp /sbin/insmod $module
	END
}

loaded()
{
	[ -d /sys/module/srtp ]
}

unload()
{
	rmmod srtp 2>/dev/null || ! loaded
}

# Whatever the test left behind, also what left its process group.
remove_processes()
{
	local left=$(cat $group/cgroup.procs | wc -l)

	[ "$left" = 0 ] || echo "# $1 left $left processes behind"
	echo 1 >$group/cgroup.kill
	ktap_wait 10 grep -q 'populated 0' $group/cgroup.events
}

remove_namespaces()
{
	local name

	for name in $(ip netns list | awk '{ print $1 }'); do
		ip netns delete "$name"
	done
}

# What nobody refers to any more, once the module is gone. Only what is older
# than half a second counts, so that nothing in passing is taken for a leak.
look_for_leaks()
{
	[ -w $kmemleak ] || return 0
	sleep 0.6
	echo scan >$kmemleak
	! grep -q unreferenced $kmemleak && return
	echo "# after $1 memory is lost (srtp was at $text):"
	sed -n '1,40s/^/# /p' $kmemleak
	echo clear >$kmemleak
	return 1
}

# Called by run_program.
after_program()
{
	remove_processes "$1"
	remove_namespaces
	text=$(cat /sys/module/srtp/sections/.text 2>/dev/null)
	if ktap_wait 15 unload; then
		look_for_leaks "$1"
		return
	fi
	echo "# after $1 srtp cannot be unloaded: $(rmmod srtp 2>&1)"
	return 1
}

run_test()
{
	echo "$2" >>"$OUT/begun"
	echo "vm: test ${2##*/}" >/dev/kmsg
	loaded || insmod "$module" || {
		echo "not ok $1 [$tag] ${2##*/}: srtp.ko cannot be loaded"
		return
	}
	run_program "$tag" "$1" "$2" "$selftests/kernel/in-group.sh" "$group"
}

# How often each line of the module was executed, where the kernel counts it.
keep_counts()
{
	local from=/sys/kernel/debug/gcov${module%/*} file

	[ -d "$from" ] || return 0
	(cd "$from" && find . -name '*.gcda') | while read -r file; do
		mkdir -p "$OUT/gcov/${file%/*}"
		cat "$from/$file" >"$OUT/gcov/$file"
	done
}

echo "KTAP version 1"
echo "1..$#"
mkdir -p $group
load_others
make_loadable
[ ! -w $kmemleak ] || echo clear >$kmemleak
number=0
for program in "$@"; do
	number=$((number + 1))
	run_test $number "$program"
done
keep_counts
