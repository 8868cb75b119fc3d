#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench.sh [check|profile]: what "make bench", "make bench-check" and "make bench-profile" do.
#
# Boots each kernel in a QEMU that counts instructions, and measures what
# protection costs there: by srtp.ko, by libsrtp2 as the distribution ships it,
# by libsrtp2 with OpenSSL, beside plain UDP. Figures are those of virtual
# processors without caches: they repeat, and they are no times.
# Documentation/performance.rst says how to read them.
#
#	KERNELS		kernels of selftests/vm/kernels
#	ONLY		a pattern: only the figures whose names it matches, and no report
#			(ONLY='*/srtp.ko' for the packets of ours)
#
# Lines of JSON in build/bench/results.jsonl, and on stdout with tables; the
# chart is build/bench/performance.svg. "check" compares with the committed
# selftests/bench/baseline.jsonl and fails if a figure got worse by 2 %. "profile"
# prints, function by function, what srtp.ko takes more than plain UDP does.

set -euo pipefail

selftests=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$selftests")
dir=$top/build/bench
KERNELS=${KERNELS:-6.1 6.12 7.2}

measure()
{
	local kernel=$1 srtp floor

	srtp=$("$selftests/vm/build-module.sh" "$kernel")
	floor=$("$selftests/vm/build-module.sh" "$kernel" selftests/bench/floor)
	echo "bench.sh: measuring on $kernel" >&2
	"$selftests/vm/run.sh" -k "$kernel" -i -m 1024 -t 1800 -e ONLY -- \
		"$selftests/bench/guest.sh" "$srtp" "$floor" "$dir" |
		sed "s/^{/{\"kernel\": \"$kernel\", /"
}

# The same with each instruction counted where it is.
profile()
{
	local kernel=$1 counts=$dir/counts-$1

	ONLY=${ONLY:-*/@(plain|srtp.ko)} VM_PLUGIN="$dir/plugin.so,out=$counts" \
		measure "$kernel" >"$dir/profile-$kernel.jsonl"
	"$selftests/bench/profile/report.py" "$dir/profile-$kernel.jsonl" "$counts" \
		"$top/build/vm/out-$kernel/kallsyms"
}

# Programs of the tests, and no guest.
exchanges()
{
	local out=$top/build/selftests/helper

	echo "bench.sh: counting MIKEY exchanges" >&2
	make -s -C "$selftests/helper" "OUT=$out" counted >&2
	OUT=$out "$selftests/bench/mikey.py"
}

"$selftests/deps.sh" build vm bench
unset MAKEFLAGS MFLAGS MAKELEVEL
cd "$top"
"$selftests/bench/fetch.sh"
make -s -C "$selftests/bench"
# Its processor has SHA-NI, as those of real servers.
if VM_QEMU=$("$selftests/vm/qemu.sh"); then
	export VM_QEMU
	"$VM_QEMU/usr/bin/qemu-system-x86_64" --version | sed -n '1s/^/bench.sh: /p' >&2
else
	echo "bench.sh: the machine's QEMU, whose processor has no SHA-NI" >&2
fi
if [ "${1-}" = profile ]; then
	for kernel in $KERNELS; do
		profile "$kernel"
	done
	exit
fi
if [ -n "${ONLY-}" ]; then
	for kernel in $KERNELS; do
		measure "$kernel"
	done
	exit
fi
for kernel in $KERNELS; do
	measure "$kernel"
done >"$dir/results.new"
exchanges >>"$dir/results.new"
mv "$dir/results.new" "$dir/results.jsonl"
options=(--rst "$dir/tables.rst" --svg "$dir/performance.svg")
[ "${1-}" != check ] || options+=(--check "$selftests/bench/baseline.jsonl")
exec "$selftests/bench/report.py" "${options[@]}" "$dir/results.jsonl"
