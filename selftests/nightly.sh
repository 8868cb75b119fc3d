#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# nightly.sh: what "make check-nightly" does, which takes as long as it takes.
#
#	everything that runs in the debug kernels, with every two things that can
#	happen to a socket at the same time, and long runs of the fuzzers;
#	the same pairs on the stock kernels, and there a million packets over 500
#	sockets.
#
# Counts and seeds may be set as in README.rst; the last line is the sum.

set -uo pipefail

selftests=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$selftests")
log=$top/build/nightly.log
export PAIRS=${PAIRS:-0} ROUNDS=${ROUNDS:-20}
export FUZZ_SHARE=1 FUZZ_PACKETS=${FUZZ_PACKETS:-30000} FUZZ_MESSAGES=${FUZZ_MESSAGES:-30000}

in_debug_kernels()
{
	SOAK_PACKETS=${SOAK_PACKETS:-200000} KERNELS="debug kcsan kasan" CHECK_SECONDS=86400 \
		"$selftests/check.sh"
}

# pairs_and_soak KERNEL: on two processors, which take turns.
pairs_and_soak()
{
	local module programs=$top/build/selftests/kernel

	module=$("$selftests/vm/build-module.sh" "$1") || return
	"$selftests/vm/run.sh" -k "$1" -t 40000 -e PAIRS -e ROUNDS -e FUZZ_SEED \
		-e "SOAK_SOCKETS=${SOAK_SOCKETS:-500}" -e "SOAK_PACKETS=${SOAK_PACKETS:-1000000}" -- \
		"$selftests/kernel/run.sh" "$module" "$programs/test_sock_pairs" \
		"$programs/test_sock_soak"
}

# In the form of one test report, so that a guest that dies counts.
stock_kernels()
{
	local kernel n=0

	echo "KTAP version 1"
	for kernel in ${KERNELS:-6.1 6.12}; do
		n=$((n + 1))
		if pairs_and_soak "$kernel" </dev/null > >(sed 's/^/    /'); then
			echo "ok $n [$kernel] pairs and a soak, without a warning of the kernel"
		else
			echo "not ok $n [$kernel] pairs and a soak, without a warning of the kernel"
		fi
	done
	echo "1..$n"
}

mkdir -p "$top/build"
cd "$top" || exit 1
{
	in_debug_kernels
	stock_kernels | "$selftests/tally.py"
} | tee "$log"
"$selftests/sum.sh" 2 "$log"
