#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# root-kernel.sh NAME ROOT: the kernel that is installed in a root of its own.
#
# Describes it in build/kernels/NAME, as fetch.sh does with those that it fetches,
# so that run.sh -k NAME -r ROOT boots it with that root.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
dest=$top/build/kernels/$1
root=$2

release=$(ls "$root/lib/modules" | tail -n 1)
image=$root/boot/vmlinuz-$release
[ -e "$image" ] || { echo "root-kernel.sh: no kernel is installed in $root" >&2; exit 1; }
rm -rf "$dest"
mkdir -p "$dest"
ln -s "$root" "$dest/root"
# QEMU unpacks slowly.
if "$here/unpack-kernel.py" "$image" "$dest/vmlinux" 2>/dev/null; then
	image=vmlinux
fi
ln -s "$image" "$dest/image"
echo "$release" | cut -d . -f 1,2 >"$dest/name"
echo "$release" >"$dest/release"
