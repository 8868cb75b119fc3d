#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# demo.sh: what "make demo" does: an encrypted call between two hosts.
#
# Installs the packages that are missing, builds, and plays demo/scene.sh on a
# stock kernel in QEMU, or, with NATIVE=1, on the kernel that runs here. The last
# line begins with "demo: ok" or "demo: failed", and the exit status says the
# same. What was said, heard and recorded is left in build/demo.

set -uo pipefail

selftests=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$selftests")
out=$top/build/demo
kernel=6.1
native=${NATIVE-}
[ "$native" != 0 ] || native=
groups="build demo"
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
	echo "demo: failed: $*"
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

build()
{
	quietly "build the helper" make -s -C "$top" helper
	if [ -n "$native" ]; then
		quietly "build the module for $(uname -r)" make -s -C "$top" modules
		module=$top/kmod/srtp.ko
	else
		quietly "build the module for Linux $kernel, the distribution's kernel" \
			"$selftests/vm/build-module.sh" $kernel
		module=$(tail -n 1 "$out/log")
	fi
}

# say WHO VOICE TEXT: real speech, as telephones send it. espeak-ng makes a
# directory for a sound server, even though it needs none.
say()
{
	PULSE_RUNTIME_PATH=$out/pulse espeak-ng -v "$2" --stdout "$3" |
		ffmpeg -nostdin -v error -y -f wav -i - -ar 8000 -ac 1 -f mulaw "$out/$1-says.ul"
}

# GStreamer's list of plugins, too, is made here, where that is quick.
prepare()
{
	say alice en+f3 "Hello Bob, this is Alice. Can you hear me? Nobody else should."
	say bob en+m3 "Hello Alice. I hear you well, and there is nobody else on the line."
	gst-inspect-1.0 udpsrc
}

# play [COMMAND...]: the play, by means of the command.
play()
{
	run "$@" "$selftests/demo/stage.sh" "$module"
}

# What was heard, for whoever wants to listen.
keep()
{
	local name

	for name in alice bob; do
		ffmpeg -nostdin -v error -y -f mulaw -ar 8000 -i "$out/heard-by-$name.ul" \
			"$out/heard-by-$name.wav"
	done
}

trap 'fail interrupted' INT TERM HUP
[ "$(id -u)" = 0 ] || fail "must be run by root"
[ -z "$native" ] || check_native
run "$selftests/deps.sh" $groups || fail "packages are missing"
mkdir -p "$out" || fail "cannot write to $out"
rm -rf "$out"/*
echo "An encrypted call between two hosts"
build
export OUT=$out GST_REGISTRY=$out/gstreamer-plugins
quietly "let espeak-ng speak for alice and bob" prepare
[ ! -t 1 ] || export DEMO_GREEN=$'\e[32m' DEMO_PLAIN=$'\e[m'
if [ -n "$native" ]; then
	play
else
	echo "    boot Linux $kernel in QEMU"
	play "$selftests/vm/run.sh" -k $kernel -e GST_REGISTRY=/out/gstreamer-plugins \
		-e DEMO_GREEN -e DEMO_PLAIN --
fi || fail "$(cat "$out/step" 2>/dev/null || echo "the play did not begin")"
keep || fail "the sound cannot be kept"
echo "    listen to $out/heard-by-alice.wav and heard-by-bob.wav"
echo "demo: ok: $(cat "$out/figures"), $SECONDS s"
