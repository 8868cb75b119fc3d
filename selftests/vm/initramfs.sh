#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# initramfs.sh KERNEL: the few files a kernel needs to reach its root.
#
# That is busybox, the script init, and those modules for the shared root that
# this kernel does not have built in. Prints the path of the image; builds it
# only if one of its sources is newer.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
kernel=$1
kernel_dir=$top/build/kernels/$kernel
image=$top/build/vm/initramfs-$kernel
busybox=$(type -P busybox)

modules="virtio_pci virtiofs 9p 9pnet_virtio overlay"
# The debug kernels have all they need.
[ ! -e "$kernel_dir/how" ] || modules=

# The modules in the order in which they have to be loaded, each one once.
module_files()
{
	local module

	for module in $modules; do
		modprobe -d "$kernel_dir/root" -S "$(cat "$kernel_dir/release")" \
			--show-depends "$module"
	done | sed -n 's/^insmod \(.*[^ ]\) *$/\1/p' | awk '!seen[$0]++'
}

# busybox loads plain modules only.
unpack_module()
{
	case $1 in
	*.xz)	xz -dc "$1" ;;
	*.zst)	zstd -dc "$1" ;;
	*)	cat "$1" ;;
	esac
}

build()
{
	local dir=$1 files file name

	mkdir -p "$dir"/{bin,modules,proc,sys,dev,lower,rw,newroot}
	cp "$busybox" "$dir/bin/busybox"
	cp "$here/init" "$dir/init"
	files=$(module_files)
	: >"$dir/modules/order"
	while read -r file; do
		[ -n "$file" ] || continue
		name=${file##*/}
		unpack_module "$file" >"$dir/modules/${name%%.ko*}.ko"
		echo "${name%%.ko*}.ko" >>"$dir/modules/order"
	done <<<"$files"
	(cd "$dir" && find . | busybox cpio -o -H newc 2>/dev/null)
}

mkdir -p "$top/build/vm"
exec 9>"$image.lock"
flock 9
for source in "$kernel_dir/release" "$busybox" "$here/init" "$0"; do
	[ "$image" -nt "$source" ] || rm -f "$image"
done
if [ ! -e "$image" ]; then
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	build "$dir" >"$image.new"
	mv "$image.new" "$image"
fi
echo "$image"
