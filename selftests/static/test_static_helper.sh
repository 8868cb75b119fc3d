#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What gcc's analyzer, cppcheck and clang-tidy say of the helper and of the
# MIKEY library. .clang-tidy tells what that one is asked.
#
# ktap-timeout: 1800

. "$(dirname "$0")/sources.sh"

# Without one of its warnings: gcc 12 takes what is stored in a row of a table
# for leaked. Leaks are looked for by the address sanitizer, in selftests/helper.
analyzer()
{
	local source failed=0

	for source in "${sources[@]}"; do
		gcc "${flags[@]}" -O1 -fanalyzer -Wno-analyzer-malloc-leak \
			-fdiagnostics-path-format=none -c -o /dev/null "$source" || failed=1
	done
	return $failed
}

# The headers of the libraries need not be seen, but for one macro.
cppchecked()
{
	cppcheck -q --std=c11 --enable=warning,portability,performance --error-exitcode=1 \
		--include="$here/json-c.h" --suppress=missingIncludeSystem \
		-Ihelper -Iuapi helper
}

# libseccomp's macros leave the second value of a comparison out. How many
# warnings of system headers were not shown is no finding.
tidy()
{
	local status=0

	clang-tidy --quiet "${sources[@]}" -- "${flags[@]}" -Wno-missing-field-initializers \
		2>"$TMPDIR/tidy" || status=$?
	grep -vE '^[0-9]+ warnings? generated\.$' "$TMPDIR/tidy"
	return $status
}

cd "$top" || exit 1
sources=(helper/*.c helper/fetch/*.c helper/mikey/*.c)
mapfile -t flags < <(make -s -C helper flags)
ktap_begin
ktap_check "gcc -fanalyzer: the helper" silent analyzer
ktap_check "cppcheck: the helper" silent cppchecked
ktap_check "clang-tidy: the helper" silent tidy
ktap_end
