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

name=demo
scene=scene.sh
groups="build demo"
. "$(dirname "$0")/demo/play.sh"

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

# What was heard, for whoever wants to listen.
keep()
{
	local name

	for name in alice bob; do
		ffmpeg -nostdin -v error -y -f mulaw -ar 8000 -i "$out/heard-by-$name.ul" \
			"$out/heard-by-$name.wav"
	done
}

begin "An encrypted call between two hosts"
quietly "build the helper" make -s -C "$top" helper
build_module
quietly "let espeak-ng speak for alice and bob" prepare
play
keep || fail "the sound cannot be kept"
echo "    listen to $out/heard-by-alice.wav and heard-by-bob.wav"
echo "demo: ok: $(cat "$out/figures"), $SECONDS s"
