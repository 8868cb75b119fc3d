#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sum.sh N FILE: the sum of the closing lines of N runs of tests that FILE has.
#
# A run without one counts as a failure. The exit status says the same.

awk -v runs="$1" '
/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { p += $1; f += $3; s += $5; n++ }
END {
	f += n < runs
	print p + 0 " passed, " f + 0 " failed, " s + 0 " skipped"
	exit f > 0
}' "$2"
