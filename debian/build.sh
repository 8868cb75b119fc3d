#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build.sh [DIR]: what "make deb" does: the Debian packages, in build/deb or DIR.
#
# Builds a copy of what git has of the tree, so that nothing else gets into them,
# and two builds make the same octets: time stamps are those of debian/changelog.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$top/build/deb}
# An outer make's flags and job server are not for the ones that run here.
unset MAKEFLAGS MFLAGS MAKELEVEL

# The files of a checkout, or of a release that was unpacked.
files()
{
	git -C "$top" ls-files -z 2>/dev/null ||
		(cd "$top" && find . -name .git -prune -o -path ./build -prune -o -type f -print0)
}

"$top/selftests/deps.sh" build deb
mkdir -p "$out"
rm -rf "$out"/*.deb "$out"/*.changes "$out"/*.buildinfo "$out/ksrtp"
mkdir "$out/ksrtp"
files | tar -C "$top" --null --files-from=- -c | tar -C "$out/ksrtp" -x
(cd "$out/ksrtp" && umask 022 && dpkg-buildpackage --build=binary --no-sign) \
	>"$out/log" 2>&1 || { tail -n 40 "$out/log" >&2; exit 1; }
rm -rf "$out/ksrtp"
(cd "$out" && ls -1 ./*.deb) | sed "s,^\./,$out/,"
