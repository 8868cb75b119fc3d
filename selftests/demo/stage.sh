#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# stage.sh MODULE SCENE: loads srtp.ko, plays a scene of this folder, and clears everything away.
#
# The scene gets process numbers and a /run of its own, and with it its own
# names of network namespaces. So nothing can collide with what runs here, and
# all of it ends with the scene's first process, however that ends.

set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
module=$1
name=$2
scene=

loaded()
{
	awk '{ print $1 }' /proc/modules
}

# What the module wants to be loaded first, as modprobe would do.
load()
{
	local name

	for name in $(modinfo -F softdep "$module" | sed 's/pre://'); do
		modprobe -q "$name" || true
	done
	insmod "$module"
}

# Modules that came with the scene go with it: the ciphers and the cable.
unload()
{
	local name

	for name in $(loaded | grep -vxF "$before"); do
		case $name:$(modinfo -n "$name" 2>/dev/null) in
		srtp:*|*/crypto/*|*/veth.ko*)	rmmod "$name" 2>/dev/null ;;
		esac
	done
	! loaded | grep -qx srtp
}

# The sessions go a moment after the namespaces.
clean_up()
{
	local n

	[ -z "$scene" ] || { kill -KILL $scene; wait $scene; } 2>/dev/null
	for ((n = 0; n < 100; n++)); do
		unload && return
		sleep 0.1
	done
	echo "stage.sh: srtp cannot be unloaded: $(rmmod srtp 2>&1)"
	exit 1
}

play()
{
	unshare --mount --pid --fork --kill-child --mount-proc bash -c '
		mount -n -t tmpfs -o mode=755 tmpfs /run &&
		mkdir /run/demo &&
		exec "$1"
	' - "$here/$name" &
	scene=$!
	wait $scene || exit 1
	scene=
}

before=$(loaded)
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
load || { echo "loading srtp.ko" >"$OUT/step"; exit 1; }
play
