#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# qemu.sh: a newer QEMU than Debian 12 has, that of bookworm-backports.
#
# Unpacks it into build/qemu, without a change to the machine's own package
# sources or programs, and prints that directory. Does nothing if it is there.
#
# Its processors may each be a thread of their own: an older one lets a guest
# run into a half-written instruction when its kernel patches itself. And they
# have SHA-NI, as real ones do.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
dest=$top/build/qemu
. "$top/selftests/apt.sh"

# apt, which knows only what is fetched here
own_apt()
{
	apt_own "$dest.new/apt" deb bookworm-backports "$@" >&2
}

die()
{
	echo "qemu.sh: $*" >&2
	exit 1
}

fetch()
{
	local new=$dest.new deb

	rm -rf "$new"
	mkdir -p "$new/debs"
	own_apt update || die "$apt_mirror does not answer"
	(cd "$new/debs" && own_apt -t bookworm-backports download qemu-system-x86 \
		qemu-system-common qemu-system-data) || die "cannot download the QEMU of bookworm-backports"
	for deb in "$new"/debs/*.deb; do
		dpkg-deb -x "$deb" "$new"
	done
	rm -rf "$new/debs" "$new/apt"
	"$new/usr/bin/qemu-system-x86_64" -L "$new/usr/share/qemu" --version >/dev/null 2>&1 ||
		die "the QEMU of bookworm-backports does not run here"
	mv "$new" "$dest"
}

mkdir -p "$top/build"
exec 9>"$dest.lock"
flock 9
[ -e "$dest" ] || fetch
echo "$dest"
