#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# demo-camera.sh: what "make demo-camera" does: an unmodified FFmpeg records a camera.
#
# Installs the packages that are missing, builds, and plays demo/scene-camera.sh on a
# stock kernel in QEMU, or, with NATIVE=1, on the kernel that runs here. The last line
# begins with "demo-camera: ok" or "demo-camera: failed", and the exit status says the
# same. The film, what was recorded of it and what was on the cable are left in
# build/demo-camera.

set -uo pipefail

name=demo-camera
scene=scene-camera.sh
groups="build camera"
. "$(dirname "$0")/demo/play.sh"

# GStreamer's list of plugins, too, is made here, where that is quick.
prepare()
{
	make -s -C "$selftests/demo" &&
	cp "$top"/build/selftests/demo/* "$out" &&
	gst-inspect-1.0 srtpenc
}

begin "A camera, and a recorder that knows nothing of SRTP"
quietly "build mikey-rtsp" make -s -C "$top" rtsp
build_module
quietly "build the camera, GStreamer's RTSP server, and make a film for it" prepare
play
echo "    look at $out/record.mkv"
echo "demo-camera: ok: $(cat "$out/figures"), $SECONDS s"
