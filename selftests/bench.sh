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
# chart is build/bench/performance.svg. Tables of where the distance to the floor goes
# are build/bench/profile.rst, by the rows of profile/rows.py. "check" compares with
# the committed selftests/bench/baseline.jsonl and fails if a figure got worse by 2 %.
# "profile" prints that distance function by function, of the figures that ONLY says.

set -euo pipefail

selftests=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$selftests")
dir=$top/build/bench
KERNELS=${KERNELS:-6.1 6.12 7.2}

# Where the emulator has plug-ins as ours wants them, each instruction is counted where
# it is, too.
measure()
{
	local kernel=$1 srtp floor counts=$dir/counts-$1

	srtp=$("$selftests/vm/build-module.sh" "$kernel")
	floor=$("$selftests/vm/build-module.sh" "$kernel" selftests/bench/floor)
	echo "bench.sh: measuring on $kernel" >&2
	VM_PLUGIN=${VM_QEMU:+$dir/plugin.so,out=$counts} \
		"$selftests/vm/run.sh" -k "$kernel" -i -m 1024 -t 2400 -e ONLY -- \
		"$selftests/bench/guest.sh" "$srtp" "$floor" "$dir" |
		sed "s/^{/{\"kernel\": \"$kernel\", /" | tee "$dir/figures-$kernel.jsonl"
	cp "$top/build/vm/out-$kernel/kallsyms" "$dir/kallsyms-$kernel"
}

# report_profile KERNEL [--rst]: by function, or as tables.
report_profile()
{
	local kernel=$1

	shift
	"$selftests/bench/profile/report.py" "$@" "$kernel" "$dir/figures-$kernel.jsonl" \
		"$dir/counts-$kernel" "$dir/kallsyms-$kernel"
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
# Its processor has SHA-NI, as those of real servers. It does not see what a server of
# virtiofs writes into the guest's memory, see vm/run.sh.
if VM_QEMU=$("$selftests/vm/qemu.sh"); then
	export VM_QEMU VM_ROOT=9p
	"$VM_QEMU/usr/bin/qemu-system-x86_64" --version | sed -n '1s/^/bench.sh: /p' >&2
else
	echo "bench.sh: the machine's QEMU, whose processor has no SHA-NI" >&2
fi
if [ "${1-}" = profile ]; then
	export ONLY=${ONLY:-@(*/@(plain|srtp.ko)|flood)}
	[ -n "${VM_QEMU-}" ] || { echo "bench.sh: this needs QEMU 10" >&2; exit 1; }
	for kernel in $KERNELS; do
		measure "$kernel" >/dev/null
		report_profile "$kernel"
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
for kernel in ${VM_QEMU:+$KERNELS}; do
	report_profile "$kernel" --rst
done >"$dir/profile.rst"
options=(--rst "$dir/tables.rst" --svg "$dir/performance.svg")
[ "${1-}" != check ] || options+=(--check "$selftests/bench/baseline.jsonl")
exec "$selftests/bench/report.py" "${options[@]}" "$dir/results.jsonl"
