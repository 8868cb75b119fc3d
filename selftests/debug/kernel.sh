#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh [-s] PACKAGE: builds the debug kernel from a source package, prints
# the directory it is in; or with -s that of the source, and builds nothing.
#
# It is a User-Mode Linux with the kernel's own detectors: a program of
# the host, so that KASAN, lockdep and kmemleak run at the host's speed and not
# at that of an emulated processor. The fragments *.config here say what is in
# it. The build takes about 13 minutes of processor time and is kept in
# build/debug/HASH, where HASH stands for the version of the source, the
# compiler and the fragments:
#
#	linux		the kernel
#	headers/	the tree that modules are built against
#	release		the kernel's name for itself (uname -r)
#	how		what to tell make when modules are built
#	root/lib/modules	what depmod would have made, for no modules
#
# KERNEL_JOBS is the number of compilers at a time (all processors).

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/../apt.sh"

source_only=
[ "${1-}" != -s ] || { source_only=yes; shift; }
package=${1:?usage: kernel.sh [-s] PACKAGE}
cache=$top/build/debug

die()
{
	echo "kernel.sh: $*" >&2
	exit 1
}

# What User-Mode Linux has no use for is not unpacked, it is half of the files.
unpack_source()
{
	local deb=$1 dest=$2 archive

	mkdir -p "$dest"
	archive=$(dpkg-deb --fsys-tarfile "$deb" | tar -t | grep -m1 "/$package.tar") || true
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "$archive" | xz -dc |
		tar -x -C "$dest" --strip-components=1 \
			--exclude='*/drivers/gpu/*.[ch]' --exclude='*/sound/*.[ch]' \
			--exclude='*/Documentation/*/*' --exclude='*.dts' --exclude='*.dtsi'
}

# A leak is told apart from what is only just being made by its age. Five
# seconds for each test would be most of its time.
hasten_kmemleak()
{
	sed -i -E 's/^(#define MSECS_MIN_AGE[[:space:]]+)5000/\1500/' "$1/mm/kmemleak.c"
	grep -qE '^#define MSECS_MIN_AGE[[:space:]]+500\>' "$1/mm/kmemleak.c"
}

fetch_source()
{
	local version=$1 dest=$2

	[ ! -e "$dest/Makefile" ] || return 0
	rm -rf "$dest.new"
	mkdir -p "$dest.new/deb"
	(cd "$dest.new/deb" && apt_try download "$package=$version" >/dev/null) ||
		die "cannot download $package $version"
	unpack_source "$dest.new/deb"/*.deb "$dest.new/tree"
	hasten_kmemleak "$dest.new/tree" || die "kmemleak of $version is not as expected"
	rm -rf "$dest"
	mv "$dest.new/tree" "$dest"
	rm -rf "$dest.new"
}

fragments()
{
	sed -s '/^#/d; /^$/d' "$here"/*.config
}

# An option that the kernel does not know, or whose requirements are missing,
# is dropped by the configuration without a word.
check_honoured()
{
	local line lost=

	while read -r line; do
		grep -qxF "$line" "$1/.config" || lost+=" ${line%%=*}"
	done < <(fragments)
	[ -z "$lost" ] || die "options that this kernel does not take:$lost"
}

make_kernel()
{
	local source=$1 build=$2

	mkdir -p "$build"
	fragments >"$build/wanted.config"
	make -C "$source" ARCH=um O="$build" \
		KCONFIG_ALLCONFIG="$build/wanted.config" allnoconfig &&
	check_honoured "$build" &&
	make -C "$source" -j"${KERNEL_JOBS:-$(nproc)}" ARCH=um O="$build" all
}

# Modules need the tree, but not its objects.
settle()
{
	local new=$1 release

	release=$(cat "$new/headers/include/config/kernel.release")
	cp "$new/headers/linux" "$new/linux"
	strip -d "$new/linux"
	find "$new/headers" \( -name '*.o' -o -name '*.a' -o -name '*.ko' -o -name '.*.cmd' \) \
		! -path '*/scripts/*' -delete
	rm -f "$new/headers/linux" "$new/headers/vmlinux" "$new/headers/vmlinux.unstripped"
	mkdir -p "$new/root/lib/modules/$release"
	cp "$new/headers"/modules.{builtin,builtin.modinfo,order} "$new/root/lib/modules/$release"
	depmod -b "$new/root" "$release"
	echo ARCH=um SRTP_KUNIT=m >"$new/how"
	echo "$release" >"$new/release"
}

build()
{
	local version=$1 dest=$2 source=$cache/source-$1

	echo "kernel.sh: building the debug kernel, this takes a while" >&2
	fetch_source "$version" "$source"
	# The tree names its own place, so it is built where it stays.
	rm -rf "$dest"
	mkdir -p "$dest"
	make_kernel "$source" "$dest/headers" >"$dest/build.log" 2>&1 || {
		tail -n 30 "$dest/build.log" >&2
		die "the debug kernel does not build"
	}
	settle "$dest"
}

# apt takes seconds to answer, and has nothing new to say until its lists change.
source_version()
{
	local known=$cache/version-$package

	if [ ! "$known" -nt /var/lib/apt/lists ]; then
		apt_field "$package" Version | grep . >"$known.new" || {
			apt_update || true
			apt_field "$package" Version | grep . >"$known.new"
		} || return
		mv "$known.new" "$known"
	fi
	cat "$known"
}

unset MAKEFLAGS MFLAGS MAKELEVEL
mkdir -p "$cache"
version=$(source_version) || die "this machine's apt sources have no $package"
hash=$({ echo "$version"; gcc --version; fragments; } | sha256sum | head -c 16)
dest=$cache/$hash
exec 9>"$cache/lock"
flock 9
if [ -n "$source_only" ]; then
	fetch_source "$version" "$cache/source-$version"
	echo "$cache/source-$version"
	exit
fi
[ -e "$dest/release" ] || build "$version" "$dest"
echo "$dest"
