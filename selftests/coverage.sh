#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# coverage.sh: what "make coverage" does.
#
# Runs the tests with a module and with a helper that count what is executed of
# them, and prints a table of the files of each: lines, functions, branches.
#
#	module	by what "make check-debug" runs in User-Mode Linux; what only a guest
#		that died has executed is not in it
#	helper	by the tests of the host, in a copy of the tree: mikey-helper and its
#		library. What the daemon does with a kernel is not in it
#
#	PARTS	which of the two ("module helper")
#	TESTS	names of tests, with wildcards; all if empty
#
# build/coverage/PART.info has it line by line, for genhtml and editors.

set -euo pipefail

selftests=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$selftests")
. "$selftests/runner.sh"
state=$top/build/coverage
modules=$top/build/kmod-debug/kmod
copy=$state/tree
options=(--quiet --rc lcov_branch_coverage=1)
TESTS=${TESTS-}

# Perl has something to say of geninfo itself.
lcov_quiet()
{
	lcov "${options[@]}" "$@" 2> >(grep -v '^Subroutine .* redefined at ' >&2)
}

# join PART FROM: one file of several, with what lies in that directory. The system's own
# headers have functions that are executed, too.
join()
{
	local part=$1 from=$2 info all=()

	for info in "$state/$part"-*.info; do
		all+=(--add-tracefile "$info")
	done
	lcov_quiet "${all[@]}" --output-file "$state/all.info"
	lcov_quiet --extract "$state/all.info" "$from/*" --output-file "$state/$part.info"
	rm "$state/$part"-*.info "$state/all.info"
	lcov --rc lcov_branch_coverage=1 --list "$state/$part.info"
}

# The counts of a guest, beside what the compiler says they stand for.
module()
{
	local guest

	KERNELS=debug COVERAGE=yes "$selftests/check.sh" || status=$?
	for guest in "$top/build/check/gcov"/*/; do
		[ -d "$guest" ] || { echo "coverage.sh: no guest has counted anything" >&2; exit 1; }
		(cd "$modules" && find . -name '*.gcno' -exec cp --parents {} "$guest" \;)
		lcov_quiet --capture --directory "$guest" \
			--output-file "$state/module-$(basename "$guest").info"
	done
	join module "$modules"
}

copy_tree()
{
	rm -rf "$copy"
	mkdir -p "$copy"
	(cd "$top" && tar -c --exclude='*.o' --exclude='*.a' --exclude='*.d' \
		--exclude=helper/mikey-helper Makefile dkms.conf helper uapi selftests Documentation) |
		tar -x -C "$copy"
}

# -Og, as the headers' own checks want an optimizer.
build_copy()
{
	make -s -C "$copy/helper" CFLAGS="-Og -g --coverage"
	make -s -C "$copy/selftests/helper" OUT="$copy/build/selftests/helper" san=--coverage all
}

wanted()
{
	local pattern

	for pattern in ${TESTS:-*}; do
		# unquoted: it is a pattern
		[[ ${1##*/} != $pattern && ${1##*/} != $pattern.* ]] || return 0
	done
	return 1
}

# Called by run_program.
after_program()
{
	:
}

run_copy()
{
	local program n=0

	echo "KTAP version 1"
	for program in "$copy/selftests/helper"/test_* "$copy/build/selftests/helper"/test_*; do
		[ -f "$program" ] && [ -x "$program" ] && wanted "$program" || continue
		n=$((n + 1))
		run_program helper $n "$program"
	done
	echo "1..$n"
}

helper()
{
	copy_tree
	build_copy
	(set +e; selftests=$copy/selftests; run_copy) | "$selftests/tally.py" || status=$?
	lcov_quiet --capture --directory "$copy" --output-file "$state/helper-host.info"
	join helper "$copy/helper"
}

unset MAKEFLAGS MFLAGS MAKELEVEL
"$selftests/deps.sh" build check coverage
mkdir -p "$state"
status=0
for part in ${PARTS:-module helper}; do
	rm -f "$state/$part"-*.info
	"$part"
done
exit $status
