# SPDX-License-Identifier: GPL-2.0
#
# KTAP for tests that are shell scripts. Sourced, not run:
#
#	. "$(dirname "$0")/../ktap.sh"
#	ktap_begin
#	ktap_check "rtp: ping gets through" ping -qc 1 10.0.0.2
#	ktap_end
#
# ktap_end prints the plan, so a script that dies on its way counts as failed.
# For bash and dash.

# ktap_begin: starts the report, or one of a deeper level in a subshell.
ktap_begin()
{
	ktap_count=0
	ktap_failed=0
	echo "KTAP version 1"
}

# ktap_note TEXT: a remark, also of several lines.
ktap_note()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

# ktap_pass NAME: a test that passed.
ktap_pass()
{
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count $1"
}

# ktap_fail NAME [TEXT]: a test that failed, and why.
ktap_fail()
{
	ktap_count=$((ktap_count + 1))
	ktap_failed=$((ktap_failed + 1))
	echo "not ok $ktap_count $1"
	[ -z "${2-}" ] || ktap_note "$2"
}

# ktap_skip NAME REASON: a test that cannot run here.
ktap_skip()
{
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count $1 # SKIP ${2:?a skip needs a reason}"
}

# ktap_check NAME COMMAND...: passes if the command does. What the command says
# is shown if it fails. The command runs in this shell, so it may be a function
# that sets variables.
ktap_check()
{
	ktap_name=$1
	shift
	ktap_log=$(mktemp)
	if "$@" >"$ktap_log" 2>&1; then
		ktap_pass "$ktap_name"
	else
		ktap_fail "$ktap_name" "exit status $? of: $*
$(cat "$ktap_log")"
	fi
	rm -f "$ktap_log"
}

# ktap_refuse NAME COMMAND...: passes if the command fails, in an orderly way:
# killed by a signal is not refused.
ktap_refuse()
{
	ktap_name=$1
	shift
	ktap_log=$(mktemp)
	ktap_status=0
	"$@" >"$ktap_log" 2>&1 || ktap_status=$?
	if [ $ktap_status -gt 0 ] && [ $ktap_status -lt 124 ]; then
		ktap_pass "$ktap_name"
	else
		ktap_fail "$ktap_name" "exit status $ktap_status of: $*
$(cat "$ktap_log")"
	fi
	rm -f "$ktap_log"
}

# ktap_equal NAME EXPECTED GOT: passes if both are the same.
ktap_equal()
{
	if [ "$2" = "$3" ]; then
		ktap_pass "$1"
	else
		ktap_fail "$1" "expected: $2
got: $3"
	fi
}

# ktap_wait SECONDS COMMAND...: waits until the command succeeds, no longer
# than that. This, and never a plain sleep, is how a test waits.
ktap_wait()
{
	ktap_until=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt $ktap_until ] || return 1
		sleep 0.1
	done
}

# ktap_end: ends the report and the script.
ktap_end()
{
	echo "1..$ktap_count"
	[ $ktap_count -gt 0 ] && [ $ktap_failed -eq 0 ]
	exit
}

# ktap_skip_all REASON: ends the script: nothing of it can run here.
ktap_skip_all()
{
	echo "1..0 # SKIP ${1:?a skip needs a reason}"
	exit 4
}
