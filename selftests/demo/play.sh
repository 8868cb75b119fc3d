# SPDX-License-Identifier: GPL-2.0
#
# play.sh: what the demos have in common. Whoever sources it has set: name, of the demo,
# which its last line begins with; scene, of the folder demo; groups, of packages.

selftests=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
top=$(dirname "$selftests")
out=$top/build/$name
kernel=6.1
native=${NATIVE-}
[ "$native" != 0 ] || native=
[ -n "$native" ] || groups+=" vm"
# The programs are those of the packages in deps.sh, whatever else is installed.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PYTHONDONTWRITEBYTECODE=1
# An outer make's flags and job server are not for the ones that run here.
unset MAKEFLAGS MFLAGS MAKELEVEL

# Ends what runs, which cleans up after itself, and waits for that.
fail()
{
	trap '' INT TERM HUP
	[ -z "$child" ] || { kill -TERM -- -$child && wait $child; } 2>/dev/null
	echo "$name: failed: $*"
	exit 1
}

# run COMMAND...: in a process group of its own, so that all of it can be ended.
child=
run()
{
	local status=0

	set -m
	"$@" &
	child=$!
	set +m
	wait $child || status=$?
	child=
	return $status
}

# quietly WHAT COMMAND...: shows what the command says only if it fails.
quietly()
{
	local what=$1
	shift

	echo "    $what"
	run "$@" >"$out/log" 2>&1 </dev/null || { cat "$out/log"; fail "$what"; }
}

# Better now than after a minute of building.
check_native()
{
	local release=$(uname -r)

	[ -e /proc/modules ] || fail "the running kernel cannot load modules"
	[ ! -d /sys/module/srtp ] || fail "srtp is loaded already: rmmod srtp"
	[ -e "/lib/modules/$release/build/Makefile" ] ||
		fail "there are no headers of the running kernel: apt-get install linux-headers-$release"
}

build_module()
{
	if [ -n "$native" ]; then
		quietly "build the module for $(uname -r)" make -s -C "$top" modules
		module=$top/kmod/srtp.ko
	else
		quietly "build the module for Linux $kernel, the distribution's kernel" \
			"$selftests/vm/build-module.sh" $kernel
		module=$(tail -n 1 "$out/log")
	fi
}

# begin TITLE: what has to be there before anything is built.
begin()
{
	trap 'fail interrupted' INT TERM HUP
	[ "$(id -u)" = 0 ] || fail "must be run by root"
	[ -z "$native" ] || check_native
	run "$selftests/deps.sh" $groups || fail "packages are missing"
	mkdir -p "$out" || fail "cannot write to $out"
	rm -rf "$out"/*
	export GST_REGISTRY=$out/gstreamer-plugins
	echo "$1"
}

# on_stage [COMMAND...]: the scene, by means of the command.
on_stage()
{
	run "$@" "$selftests/demo/stage.sh" "$module" "$scene"
}

play()
{
	export OUT=$out
	[ ! -t 1 ] || export DEMO_GREEN=$'\e[32m' DEMO_PLAIN=$'\e[m'
	if [ -n "$native" ]; then
		on_stage
	else
		echo "    boot Linux $kernel in QEMU"
		on_stage "$selftests/vm/run.sh" -k $kernel \
			-e GST_REGISTRY="/out/gstreamer-plugins" -e DEMO_GREEN -e DEMO_PLAIN --
	fi || fail "$(cat "$out/step" 2>/dev/null || echo "the play did not begin")"
}
