#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# coverage.sh: what "make coverage" does.
#
# Runs the tests as "make check-debug" does, with a module that counts what is
# executed of it, and prints a table of its files: lines, functions, branches.
# What only a guest that died has executed is not in it. TESTS as for check.sh.
#
# build/coverage/srtp.info has it line by line, for genhtml and editors.

set -euo pipefail

selftests=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$selftests")
state=$top/build/coverage
modules=$top/build/kmod-debug/kmod
options=(--quiet --rc lcov_branch_coverage=1)

# The counts of one guest, beside what the compiler says they stand for. Perl has
# something to say of geninfo itself.
capture()
{
	local counts=$1 info=$2

	(cd "$modules" && find . -name '*.gcno' -exec cp --parents {} "$counts" \;)
	lcov "${options[@]}" --capture --directory "$counts" --output-file "$info" \
		2> >(grep -v '^Subroutine .* redefined at ' >&2)
}

# The kernel's own headers have functions that the module executes, too.
join()
{
	local info all=()

	for info in "$state"/guest-*.info; do
		all+=(--add-tracefile "$info")
	done
	lcov "${options[@]}" "${all[@]}" --output-file "$state/all.info"
	lcov "${options[@]}" --extract "$state/all.info" "$modules/*" --output-file "$state/srtp.info"
}

"$selftests/deps.sh" coverage
status=0
KERNELS=debug COVERAGE=yes "$selftests/check.sh" || status=$?
rm -rf "$state"
mkdir -p "$state"
for guest in "$top/build/check/gcov"/*/; do
	[ -d "$guest" ] || { echo "coverage.sh: no guest has counted anything" >&2; exit 1; }
	capture "$guest" "$state/guest-$(basename "$guest").info"
done
join
lcov --rc lcov_branch_coverage=1 --list "$state/srtp.info"
exit $status
