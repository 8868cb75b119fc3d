#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# checkpatch --strict, of the kernel's own source, of all that runs in the kernel.
#
# ktap-timeout: 1800

. "$(dirname "$0")/sources.sh"

source=$(kernel_source) || ktap_skip_all "there is no kernel source"

# checkpatch IGNORED FILE...
checkpatch()
{
	local ignored=$1
	shift

	perl "$source/scripts/checkpatch.pl" --no-tree --strict --terse --no-summary \
		--show-types ${ignored:+--ignore "$ignored"} -f "$@"
}

# vectors.h is made by a program, in lines of one length; trace.h is written as
# all headers of events are.
module_sources()
{
	ls kmod/*.[ch] | grep -vE '/(vectors|trace)\.h'
}

# The functions that it exports are those of the module.
suites()
{
	ls selftests/kunit/*.c | grep -v /exports.c
}

cd "$top" || exit 1
ktap_begin
# Rows of tables are made by macros; a variable may point to what is constant.
ktap_check "checkpatch: the module" silent checkpatch \
	MACRO_ARG_REUSE,INIT_ATTRIBUTE $(module_sources)
ktap_check "checkpatch: trace.h" silent checkpatch \
	OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT kmod/trace.h
# The one place that knows kernel versions, and gives functions other names.
ktap_check "checkpatch: kmod/compat" silent checkpatch \
	LINUX_VERSION_CODE,CONSTANT_COMPARISON,MACRO_ARG_REUSE kmod/compat/*.[ch]
ktap_check "checkpatch: the KUnit suites" silent checkpatch "" $(suites)
ktap_end
