#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-module.sh KERNEL [FOLDER]: builds srtp.ko, or the module of a folder,
# for a kernel and prints its path.
#
# Builds a copy of the sources in build/kmod-KERNEL, one for each kernel, so
# that several kernels can be built from one tree (build/NAME-KERNEL for the
# folder .../NAME). A warning is an error. What the compiler says goes to
# stderr, only the path goes to stdout.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

die()
{
	echo "build-module.sh: $*" >&2
	exit 1
}

# Copies what changed, with its time stamps, and forgets the sources that are
# gone, so that a rebuild compiles what it must and nothing else.
copy_sources()
{
	local dest=$1 file

	mkdir -p "$dest/selftests"
	for file in "${sources[@]}"; do
		[ ! -e "$folder/$file" ] || cp -a "$folder/$file" "$dest/${file%${file##*/}}"
	done
	find "$dest" -name '*.[ch]' ! -name '*.mod.c' -printf '%P\n' |
	while read -r file; do
		[ -e "$folder/$file" ] || rm -f "$dest/$file" "$dest/${file%.c}.o"
	done
}

# Runs make where KERNEL's headers are at home. If they came with a compiler,
# that is in their own root, which sees the sources for as long as make runs.
kernel_make()
{
	local kernel_dir=$1 dest=$2 root=$1/root
	shift 2

	if [ ! -e "$kernel_dir/toolchain" ]; then
		make -C "$kernel_dir/headers" "M=$dest" "$@"
		return
	fi
	# Process 1 of the new namespace is bash: make could not end itself there.
	unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" bash -c '
		mount --bind "$1" "$2/src" && cd / && chroot "$2" "${@:3}"
		exit $?
	' - "$dest" "$root" make -C "/lib/modules/$(cat "$kernel_dir/release")/build" M=/src "$@"
}

# modpost has warnings of its own, which no compiler flag turns into errors.
build()
{
	local kernel_dir=$1 dest=$2 log=$2/build.log

	kernel_make "$kernel_dir" "$dest" -j2 $how W=1 KCFLAGS=-Werror modules >"$log" 2>&1 &&
		! grep -qE '^WARNING: modpost' "$log"
}

[ $# -eq 1 ] || [ $# -eq 2 ] || { echo "usage: build-module.sh KERNEL [FOLDER]" >&2; exit 2; }
folder=$top name=kmod module=srtp.ko sources=(Kbuild kmod uapi selftests/kunit)
if [ $# -eq 2 ]; then
	folder=$(cd "$2" && pwd)
	name=${folder##*/} module='*.ko' sources=(.)
fi
case $top in
*[[:space:]:]*)	die "the kernel's build system refuses a path with spaces or colons: $top" ;;
esac
[ -e "$folder/Kbuild" ] || die "no Kbuild in $folder, nothing to build"

# An outer make's flags and job server are none of the kernel build's business.
unset MAKEFLAGS MFLAGS MAKELEVEL
"$here/fetch.sh" "$1"
dest=$top/build/$name-$1
# What a debug kernel wants make to be told.
how=$(cat "$top/build/kernels/$1/how" 2>/dev/null) || true
[ -z "${COVERAGE-}" ] || how+=" SRTP_GCOV=y"
mkdir -p "$dest"
exec 9>"$dest.lock"
flock 9
copy_sources "$dest"
if ! build "$top/build/kernels/$1" "$dest"; then
	cat "$dest/build.log" >&2
	# so that modpost repeats its warnings next time
	find "$dest" -name '*.ko' -delete
	find "$dest" -name Module.symvers -delete
	die "$name does not build cleanly for $1"
fi
ko=$(find "$dest" -name "$module")
[ -n "$ko" ] || die "the build of $name for $1 made no module"
echo "$ko"
