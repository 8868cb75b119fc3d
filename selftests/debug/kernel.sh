#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh PACKAGE FLAVOUR	builds a debug kernel from a source package
# kernel.sh -s PACKAGE		unpacks the source, and builds nothing
#
# Prints the directory of the kernel or of the source. The table "flavours" says
# which kernels there are, and the fragments *.config what is in them:
#
#	debug	a User-Mode Linux with most of the kernel's own detectors: a
#		program of the host, so that KASAN, lockdep and kmemleak run at the
#		host's speed and not at that of an emulated processor
#	kcsan	finds data races, which takes several processors at the same time
#	kasan	wrong addresses in the same machine, which has the ciphers of a
#		processor and several of those
#
# A build is kept in build/debug/HASH, where HASH stands for the version of the source,
# the compiler, the fragments and the table "plain":
#
#	linux		the kernel, if it is a User-Mode Linux
#	image		the kernel, if it is one that QEMU boots
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
package=${1:?usage: kernel.sh PACKAGE FLAVOUR, or kernel.sh -s PACKAGE}
flavour=${2-}
cache=$top/build/debug

die()
{
	echo "kernel.sh: $*" >&2
	exit 1
}

# What these kernels have no use for is not unpacked, it is half of the files.
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

# The row of the flavour: for which machine, and of which fragments.
read_flavour()
{
	local row

	row=$(awk -v f="$flavour" '$1 == f { $1 = ""; print }' "$here/flavours")
	[ -n "$row" ] || die "no flavour $flavour in the table"
	read -r arch fragments <<<"$row"
}

# Two that want the source at once wait for each other.
unpacked()
{
	local dest=$cache/source-$1

	(flock 8; fetch_source "$1" "$dest") 8>"$dest.lock" || exit
	echo "$dest"
}

fragments()
{
	local name

	for name in $fragments; do
		sed '/^#/d; /^$/d' "$here/$name.config"
	done
}

# uninstrumented: what a directory of the table "plain" has the variable KASAN_SANITIZE and
# its like say. Such a variable of the environment is expanded in each directory anew, and
# one that a directory's own makefile sets has precedence.
uninstrumented()
{
	local name dirs=

	for name in $(sed '/^#/d' "$here/plain"); do
		dirs+=" $name $name/%"
	done
	echo "\$(if \$(filter$dirs,\$(obj)),n)"
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
	local source=$1 build=$2 plain

	plain=$(uninstrumented)
	mkdir -p "$build"
	fragments >"$build/wanted.config"
	make -C "$source" ARCH="$arch" O="$build" \
		KCONFIG_ALLCONFIG="$build/wanted.config" allnoconfig &&
	check_honoured "$build" &&
	KASAN_SANITIZE=$plain KCSAN_SANITIZE=$plain UBSAN_SANITIZE=$plain \
		make -C "$source" -j"${KERNEL_JOBS:-$(nproc)}" ARCH="$arch" O="$build" \
			vmlinux modules
}

# Modules need the tree, but not its objects.
settle()
{
	local new=$1 release how="ARCH=$arch" image=image

	[ "$arch" != um ] || { image=linux; how+=" SRTP_KUNIT=m"; }
	release=$(cat "$new/headers/include/config/kernel.release")
	strip -d -o "$new/$image" "$new/headers/vmlinux"
	find "$new/headers" \( -name '*.o' -o -name '*.a' -o -name '*.ko' -o -name '.*.cmd' \) \
		! -path '*/scripts/*' -delete
	rm -f "$new/headers/linux" "$new/headers/vmlinux" "$new/headers/vmlinux.unstripped"
	mkdir -p "$new/root/lib/modules/$release"
	cp "$new/headers"/modules.{builtin,builtin.modinfo,order} "$new/root/lib/modules/$release"
	depmod -b "$new/root" "$release"
	echo "$how" >"$new/how"
	echo "$release" >"$new/release"
}

build()
{
	local version=$1 dest=$2 source=$cache/source-$1

	echo "kernel.sh: building the kernel $flavour, this takes a while" >&2
	unpacked "$version" >/dev/null
	# The tree names its own place, so it is built where it stays.
	rm -rf "$dest"
	mkdir -p "$dest"
	make_kernel "$source" "$dest/headers" >"$dest/build.log" 2>&1 || {
		tail -n 30 "$dest/build.log" >&2
		die "the kernel $flavour does not build"
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
if [ -n "$source_only" ]; then
	unpacked "$version"
	exit
fi
read_flavour
hash=$({ echo "$version"; gcc --version; echo "$arch"; fragments; uninstrumented; } | sha256sum | head -c 16)
dest=$cache/$hash
# Whoever wants the same kernel waits for it, other ones may be built meanwhile.
exec 9>"$dest.lock"
flock 9
[ -e "$dest/release" ] || build "$version" "$dest"
echo "$dest"
