#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The KUnit suites: functions of srtp.ko called one by one, in the kernel.
#
# ktap-only: debug

. "$(dirname "$0")/../ktap.sh"

module=$(dirname "$SRTP_KO")/../selftests/kunit/srtp_kunit.ko
results=/sys/kernel/debug/kunit

# Results of a suite stand one level down in its report: all of them are taken
# over with the suite's name and in this test's own count.
take_over()
{
	local suite=$1 line

	while IFS= read -r line; do
		case $line in
		"    ok "*)	ktap_pass "$suite: ${line##*[0-9] }" ;;
		"    not ok "*)	ktap_fail "$suite: ${line##*[0-9] }" ;;
		"    # "*)	echo "${line#    }" ;;
		esac
	done <"$results/$suite/results"
}

ktap_begin
ktap_check "kunit: the suites can be loaded" insmod "$module"
for directory in $results/srtp_*; do
	[ -e "$directory/results" ] || continue
	take_over "${directory##*/}"
done
ktap_check "kunit: there were suites" test $ktap_count -gt 1
ktap_check "kunit: the suites can be unloaded" rmmod srtp_kunit
ktap_end
