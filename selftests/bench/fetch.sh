#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fetch.sh: what the benchmark needs beyond the packages of deps.sh, into
# build/bench, without a change to the machine's own package sources:
#
#	libsrtp2-openssl.so	libsrtp2 from the distribution's source package,
#			built with OpenSSL's cryptography
#	libsrtp2-debian.so	libsrtp2 as the distribution ships it
#
# Does nothing for what is there.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
dir=$top/build/bench
. "$top/selftests/apt.sh"

die()
{
	echo "fetch.sh: $*" >&2
	exit 1
}

# apt, which knows only what is fetched here
own_apt()
{
	apt_own "$dir/apt" deb-src bookworm "$@"
}

build_libsrtp()
{
	local new=$dir/libsrtp2.new

	rm -rf "$new"
	mkdir -p "$new"
	(cd "$new" && own_apt source --download-only libsrtp2 >&2 &&
	 dpkg-source --no-check -x ./*.dsc source >&2) || die "cannot get the source of libsrtp2"
	(cd "$new/source" && ./configure --enable-openssl CFLAGS="-O2 -fPIC" &&
	 make -j2 libsrtp2.a) >"$new/log" 2>&1 || die "libsrtp2 does not build, see $new/log"
	gcc -shared -o "$dir/libsrtp2-openssl.so" -Wl,--whole-archive "$new/source/libsrtp2.a" \
		-Wl,--no-whole-archive -lcrypto
	rm -rf "$new"
}

mkdir -p "$dir"
exec 9>"$dir/lock"
flock 9
[ -e "$dir/apt/updated" ] || { own_apt update >&2 && touch "$dir/apt/updated"; } ||
	die "$apt_mirror does not answer"
[ -e "$dir/libsrtp2-openssl.so" ] || build_libsrtp
ln -sf "$(gcc -print-file-name=libsrtp2.so)" "$dir/libsrtp2-debian.so"
