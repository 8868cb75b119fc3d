#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# secure-boot.sh: what "make check-secureboot" does.
#
# Installs the package of the module in clean roots of Debian's releases, and starts
# each by UEFI Secure Boot: Microsoft's keys in the firmware, Debian's shim, GRUB and
# kernel. srtp.ko is refused until its owner has enrolled a key as he does on a machine
# of his own: by mokutil, a new start, and MokManager at the console. Prints KTAP; the
# last line is "N passed, N failed, N skipped".
#
#	RELEASES	"12 13"

set -uo pipefail

selftests=$(cd "$(dirname "$0")" && pwd)
. "$selftests/ktap.sh"
. "$selftests/packages/roots.sh"
. "$selftests/vm/firmware.sh"
trees=$top/build/secure-boot
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# To be typed once, into mokutil and into MokManager.
export PASSWORD=only-once

install_module()
{
	install_in_root "/srv/debs/ksrtp-dkms_*.deb shim-signed grub-efi-amd64-signed mokutil openssl" \
		"$trees/deb"
}

# What the scene needs; the commands that sign are those of the book.
furnish()
{
	cp "$selftests/ktap.sh" "$selftests/packages/secure-scene.sh" "$root/srv/" &&
	rm -rf "$state" && mkdir -p "$state/out" &&
	(cd "$selftests" && python3 -c '
import blocks
block, = blocks.marked("Documentation/packages.rst", "sign")
print(block.text)') >"$root/srv/sign.sh" && grep sign-file "$root/srv/sign.sh"
}

# guest RELEASE before|after
guest()
{
	OUT=$state/out "$selftests/vm/run.sh" -k "debian$1-secure" -r "$root" -b "$state/variables" \
		-e PASSWORD -t 900 -- /srv/secure-scene.sh "$2"
}

# The machine is started, and shim calls MokManager before anything else.
enroll()
{
	local options image

	image=$(ls "$root"/boot/vmlinuz-* | tail -n 1)
	firmware_disk "$state/disk" "$root" "$image" /dev/null "" || return
	readarray -t options < <(firmware_machine "$state/variables" "$state/disk")
	"$selftests/packages/mokmanager.py" 2 "$PASSWORD" \
		qemu-system-x86_64 -accel tcg,thread=single -cpu max,-monitor -m 512 -no-reboot \
		-nodefaults -display none -serial stdio "${options[@]}" >"$state/console"
}

# start RELEASE before|after: the scene, as a report within the report.
start()
{
	local status

	guest "$1" "$2" | sed -u "s/^/    /; s/ secure-boot:/ [$1, $2]/"
	status=${PIPESTATUS[0]}
	ktap_equal "[$1] modules, $2 the keys were enrolled" 0 "$status"
}

release_report()
{
	state=$trees/state-$1
	ktap_begin
	ktap_check "[$1] a clean root, and a tree over it" open_root "$1"
	ktap_check "[$1] ksrtp-dkms, shim and GRUB install" install_module
	ktap_check "[$1] the commands of the book" furnish
	start "$1" before
	ktap_check "[$1] MokManager enrolls the keys that mokutil asked for" enroll
	start "$1" after
	close_root "$1"
	ktap_end
}

run()
{
	echo "KTAP version 1"
	release_reports 1
}

[ "$(id -u)" = 0 ] || give_up "must be run by root"
"$selftests/deps.sh" build vm deb secure-boot || give_up "packages are missing"
begin_roots
"$top/debian/build.sh" "$trees/deb" >"$trees/log" 2>&1 ||
	{ cat "$trees/log" >&2; give_up "no package"; }
run | "$selftests/tally.py"
