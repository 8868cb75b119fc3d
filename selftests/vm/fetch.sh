#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fetch.sh [-u] KERNEL: a stock kernel, its modules and its headers.
#
# Puts into build/kernels/KERNEL what the distribution ships, unpacked but not
# installed, so that the machine's own /boot, /lib/modules and /usr/src stay
# as they are:
#
#	release		the kernel's name for itself (uname -r)
#	name		that without patch level and packaging: 6.1
#	packages	the packages and versions that were unpacked
#	image		what QEMU boots
#	headers		the tree that modules are built against
#	root/		everything as packaged; root/lib/modules has modules.dep
#	toolchain	there if root/ also holds what modules are built with
#
# Which packages those are changes with every security update, and is looked
# up through the metapackages named in the table "kernels". Does nothing if
# the kernel is there already; -u fetches the newest one anew. Debug kernels
# are built instead, see debug/kernel.sh.
#
# The headers of another suite need that suite's compiler and C library, so
# root/ is then a tree in which a build can be run by chroot.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/../apt.sh"

die()
{
	echo "fetch.sh: $*" >&2
	exit 1
}

# build_debug KERNEL PACKAGE DEST: those that are no stock ones are kept elsewhere.
build_debug()
{
	local dir

	dir=$("$here/../debug/kernel.sh" "$2" "$1") || exit 1
	ln -sfn "$dir" "$3"
}

known_kernels()
{
	awk '!/^#/ && NF { printf "%s%s", sep, $1; sep = " " }' "$here/kernels"
}

# The packages that KERNEL's metapackages lead to: everything among their
# dependencies that was built from the kernel's own source. Where the
# dependency offers a choice, the first one is the signed one.
kernel_packages()
{
	local todo=("$@") seen=" " package next

	while [ ${#todo[@]} -gt 0 ]; do
		package=${todo[0]}
		todo=("${todo[@]:1}")
		case $seen in *" $package "*) continue ;; esac
		seen+="$package "
		next=$(apt_field "$package" Depends | tr ',' '\n' |
		       sed -nE 's/^ *(linux-(image|binary|modules|headers|kbuild)-[^ |]*).*/\1/p')
		[ -z "$next" ] || mapfile -t -O ${#todo[@]} todo <<<"$next"
	done
	printf '%s\n' $seen
}

# A metapackage follows the distribution's release, so it may lead to some
# other kernel than the one that is asked for.
check_packages()
{
	local kernel=$1 image=$2
	shift 2

	case " $* " in
	*" linux-image-$kernel."[0-9]*|*" linux-modules-$kernel."[0-9]*) ;;
	*)	die "this machine's apt sources have no stock $kernel kernel" \
		    "(package $image); Debian 12 with bookworm-security has it" ;;
	esac
}

resolve()
{
	local kernel=$1 image=$2 headers=$3

	apt_field "$image" Version | grep -q . || apt_update || true
	packages=$(kernel_packages "$image" "$headers")
	check_packages "$kernel" "$image" $packages
	packages=$(grep -vxF -e "$image" -e "$headers" <<<"$packages")
}

download()
{
	local dir=$1
	shift

	mkdir -p "$dir"
	(cd "$dir" && apt_quiet download "$@" >/dev/null)
}

unpack()
{
	local debs=$1 root=$2 deb

	mkdir -p "$root"
	for deb in "$debs"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$root" --exclude='./usr/share/doc'
	done
	# Newer releases package /usr/lib/modules, older ones /lib/modules.
	[ -e "$root/lib/modules" ] || ln -s usr/lib "$root/lib"
}

# The headers' Makefile names the place where the package would be installed.
relocate_headers()
{
	sed -i 's#^include /usr/src/#include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))../#' \
		"$1/Makefile"
}

# What a build needs besides the compiler, which the headers depend on.
build_tools="make dash bash coreutils sed grep mawk findutils diffutils"

# The archive that this machine gets its own packages from.
mirror()
{
	apt-get indextargets --format '$(REPO_URI)' 2>/dev/null |
		grep '/debian/*$' | head -n 1 | grep . || echo http://deb.debian.org/debian
}

# One call, so that image, headers and compiler are those of one state of the
# suite. Its packages are unpacked and none of their scripts is run. Suites that
# move on all the time have indexes that expire within days.
unpack_suite()
{
	local suite=$1 new=$2 packages="$3 $4 $build_tools"
	local archives=$new/root/var/cache/apt/archives

	mkdir -p "$new"
	mmdebstrap --quiet --mode=root --variant=extract --architectures=amd64 \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='Acquire::Retries "3"' \
		--aptopt='APT::Install-Recommends "false"' \
		--skip=essential/unlink,cleanup/apt --include="${packages// /,}" \
		"$suite" "$new/root" "$(mirror)" >"$new/log" 2>&1 </dev/null || {
		cat "$new/log" >&2
		die "cannot unpack $3 of Debian $suite"
	}
	(cd "$archives" && ls *.deb) >"$new/packages"
	rm -rf "$new/log" "$archives" "$new/root/var/lib/apt/lists" \
		"$new/root/usr/share/doc"
	# What its postinst would have linked.
	ln -sf mawk "$new/root/usr/bin/awk"
	mkdir -p "$new/root/src"
	: >"$new/toolchain"
}

settle()
{
	local new=$1 root=$1/root release image

	release=$(ls "$root/lib/modules" | head -n 1)
	image=root/boot/vmlinuz-$release
	[ -e "$new/$image" ] || image=root/lib/modules/$release/vmlinuz
	[ -e "$new/$image" ] || die "the packages of $release hold no kernel image"
	depmod -b "$root" "$release"
	[ -e "$new/toolchain" ] || relocate_headers "$root/usr/src/linux-headers-$release"
	if "$here/unpack-kernel.py" "$new/$image" "$new/vmlinux" 2>/dev/null; then
		image=vmlinux
	fi
	ln -s "$image" "$new/image"
	ln -s "root/usr/src/linux-headers-$release" "$new/headers"
	echo "$release" | cut -d . -f 1,2 >"$new/name"
	echo "$release" >"$new/release"
}

need()
{
	local tool

	for tool in "$@"; do
		[ -n "$(type -P $tool)" ] ||
			die "fetching a Debian kernel takes $tool, which is missing"
	done
}

unpack_kernel()
{
	local new=$1 kernel=$2 image=$3 headers=$4

	resolve "$kernel" "$image" "$headers"
	if ! download "$new/debs" $packages 2>/dev/null; then
		apt_update || true
		resolve "$kernel" "$image" "$headers"
		rm -rf "$new/debs"
		download "$new/debs" $packages || die "cannot download" $packages
	fi
	(cd "$new/debs" && ls) >"$new/packages"
	unpack "$new/debs" "$new/root"
	rm -rf "$new/debs"
}

fetch()
{
	local dest=$1 kernel=$2 image=$3 headers=$4 suite=${5-} new=$1.new

	need apt-get dpkg-deb depmod python3 ${suite:+mmdebstrap}
	rm -rf "$new"
	if [ -n "$suite" ]; then
		unpack_suite "$suite" "$new" "$image" "$headers"
	else
		unpack_kernel "$new" "$kernel" "$image" "$headers"
	fi
	settle "$new"
	rm -rf "$dest"
	mv "$new" "$dest"
}

update=
if [ "${1-}" = -u ]; then
	update=yes
	shift
fi
[ $# -eq 1 ] || { echo "usage: fetch.sh [-u] KERNEL" >&2; exit 2; }

row=$(awk -v k="$1" '$1 == k { print $2, $3, $4 }' "$here/kernels")
[ -n "$row" ] || die "no kernel $1, there are: $(known_kernels)"
dest=$top/build/kernels/$1
mkdir -p "$top/build/kernels"
# Two runs at once wait for each other instead of fetching twice.
exec 9>"$dest.lock"
flock 9
case "$row " in
*" - "*)
	build_debug "$1" "${row%% *}" "$dest"
	exit 0 ;;
esac
if [ -z "$update" ] && [ -e "$dest/release" ]; then
	exit 0
fi
fetch "$dest" "$1" $row
echo "fetch.sh: $1 is $(cat "$dest/release")" >&2
