#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh: what "make check" does.
#
# Also what "make check-debug" does, with kernels of debug/flavours.
#
# Installs the packages that are missing, builds the helper, the tests and the
# module, runs the tests of the host, and boots each kernel for the tests that
# need the module. Prints KTAP; the last line is "N passed, N failed, N skipped"
# and the exit status says the same. README.rst here tells how to write a test.
#
#	KERNELS		kernels of selftests/vm/kernels ("6.1 6.12 7.2")
#	TESTS		names of tests, with wildcards; all if empty
#	CHECK_SECONDS	bound for the whole run (5000)
#	COVERAGE	if not empty, the debug kernel counts what it executes of
#			the module, see coverage.sh

set -uo pipefail

selftests=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$selftests")
. "$selftests/ktap.sh"
. "$selftests/runner.sh"

KERNELS=${KERNELS:-6.1 6.12 7.2}
# The tests of the host are the same whatever kernels there are, and go with the
# stock ones.
folders=". vm helper fuzz rtsp static"
debug=yes
for kernel in $KERNELS; do
	grep -q "^$kernel[[:space:]]" "$selftests/debug/flavours" || debug=
done
[ -z "$debug" ] || folders=
TESTS=${TESTS-}
CHECK_SECONDS=${CHECK_SECONDS:-5000}
state=$top/build/check
# The programs are those of the packages in deps.sh, whatever else is installed.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PYTHONDONTWRITEBYTECODE=1
# An outer make's flags and job server are not for the ones that run here.
unset MAKEFLAGS MFLAGS MAKELEVEL

# report VERDICT NAME: a line of the outermost level.
number=0
report()
{
	number=$((number + 1))
	echo "$1 $number $2"
}

# step NAME COMMAND...: a test that is one command. Its output is shown if it
# fails, and kept in $state/log.
step()
{
	local name=$1
	shift

	if "$@" >"$state/log" 2>&1 </dev/null; then
		report ok "$name"
	else
		sed 's/^/# /' "$state/log"
		report 'not ok' "$name"
		return 1
	fi
}

wanted()
{
	local pattern

	[ -n "$TESTS" ] || return 0
	for pattern in $TESTS; do
		# unquoted: it is a pattern
		[[ ${1##*/} != $pattern && ${1##*/} != $pattern.* ]] || return 0
	done
	return 1
}

# programs FOLDER...: the wanted tests, scripts and compiled ones.
programs()
{
	local folder file

	for folder in "$@"; do
		for file in "$selftests/$folder"/test_* "$selftests/$folder"/bin/test_* \
			    "$top/build/selftests/$folder"/test_*; do
			[ -f "$file" ] && [ -x "$file" ] && wanted "$file" && echo "$file"
		done
	done
}

build()
{
	local kernel

	step "[host] the helper builds without a warning" make -s -C "$top" helper
	step "[host] mikey-rtsp builds without a warning" make -s -C "$top" rtsp
	step "[host] the tests build without a warning" make -s -C "$selftests"
	for kernel in $KERNELS; do
		step "[$kernel] the module builds without a warning" \
			"$selftests/vm/build-module.sh" "$kernel"
	done
	# The tests of the host have no network.
	[ -z "$folders" ] || [ -z "$(programs static)" ] ||
		step "[host] there is a kernel's source, for its scripts" \
			"$selftests/debug/kernel.sh" -s linux-source-6.12
}

list_tests()
{
	local program

	mapfile -t host_tests < <(programs $folders)
	shared_tests=()
	own_tests=()
	for program in $(programs kernel); do
		if [ -n "$(marker "$program" ktap-boot)" ]; then
			own_tests+=("$program")
		else
			shared_tests+=("$program")
		fi
	done
	[ $((${#host_tests[@]} + ${#shared_tests[@]} + ${#own_tests[@]})) -gt 0 ] ||
		report 'not ok' "there is a test to run (TESTS=$TESTS)"
}

# The newer QEMU needs a sixth less of the processor. Its root is 9p, see vm/run.sh.
fast_emulator()
{
	VM_QEMU=$("$selftests/vm/qemu.sh") || { echo "# with the QEMU of this machine"; return; }
	export VM_QEMU VM_ROOT=9p
}

# Called by run_program.
after_program()
{
	:
}

host_report()
{
	local program n=0 wrapper=()

	! unshare --net true 2>/dev/null || wrapper=("$selftests/own-net.sh")
	echo "KTAP version 1"
	echo "1..${#host_tests[@]}"
	for program in "${host_tests[@]}"; do
		n=$((n + 1))
		run_program host $n "$program" "${wrapper[@]}"
	done
}

# A guest keeps two thirds of one processor busy, and the tests of the host all of one:
# there is a turn more than there are processors, so that none waits. The rows take them
# in the order in which they ask.
make_turns()
{
	mkfifo "$state/turns.$$"
	exec 8<>"$state/turns.$$"
	rm "$state/turns.$$"
	head -c $(($(nproc) + 1)) /dev/zero | tr '\0' . >&8
}

# in_turn COMMAND...
in_turn()
{
	local turn status=0

	read -r -n 1 -u 8 turn
	"$@" 8>&- || status=$?
	echo -n . >&8
	return $status
}

on_host()
{
	[ ${#host_tests[@]} -gt 0 ] || return 0
	in_turn host_report | sed -u 's/^/    /'
	report ok "[host] tests of the host"
}

# listed KERNEL TEST: a kernel in the table kernel/chosen runs what stands there, unless
# it is told.
listed()
{
	[ -z "$TESTS" ] && grep -q "^$1[[:space:]]" "$selftests/kernel/chosen" || return 0
	grep -qE "^$1[[:space:]]+$2([[:space:]]|\$)" "$selftests/kernel/chosen"
}

# here_once KERNEL: whether what is the same on all kernels runs on this one: the first
# of the stock ones, or where it is told.
here_once()
{
	[ "$1" = "${KERNELS%% *}" ] && [ -z "$debug" -o -n "$TESTS" ]
}

# runs_on KERNEL PROGRAM: whether it is for this kernel. A test that is not for one of
# them says why, and counts as skipped there.
runs_on()
{
	local only=$(marker "$2" ktap-only) reason name=${2##*/}

	listed "$1" "${name%%.*}" || return
	[ -z "$only" ] || [[ " $only " = *" $1 "* ]] || return
	[ -z "$(marker "$2" ktap-once)" ] || here_once "$1" || return
	reason=$(marker "$2" "ktap-not-$1")
	[ -n "$reason" ] || return 0
	report ok "[$1] ${2##*/} # SKIP $reason"
	return 1
}

# The seconds for a boot with these tests, but no more than are left.
boot_bound()
{
	local sum=120 left=$((CHECK_SECONDS - SECONDS)) program

	for program in "$@"; do
		sum=$((sum + $(bound "$program")))
	done
	[ $sum -lt $left ] || sum=$left
	[ $sum -ge 30 ] || sum=30
	echo $sum
}

# guest KERNEL MODULE OPTIONS TESTS...: a boot and what its kernel says of it.
# Whoever ends this run ends the guest, too.
guest()
{
	local kernel=$1 module=$2 options=$3 errors=$state/errors-$row label status
	boots=$((boots + 1))
	label="[$kernel] tests in guest $boots of $row${3:+ with $3}"
	shift 3

	eval "options=($options)"
	OUT=$out setpriv --pdeathsig TERM "$selftests/vm/run.sh" -k "$kernel" \
		-t "$(boot_bound "$@")" "${options[@]}" -e CI -e FUZZ_SEED -e FUZZ_PACKETS -e FUZZ_MESSAGES \
		-e FUZZ_SHARE -e PAIRS -e ROUNDS -e SOAK_SOCKETS -e SOAK_PACKETS -- \
		"$selftests/kernel/run.sh" "$module" "$@" \
		2>"$errors" </dev/null | sed -u 's/^/    /'
	status=${PIPESTATUS[0]}
	[ ! -d "$out/gcov" ] || mv "$out/gcov" "$state/gcov/$row-$boots"
	sed 's/^/# /' "$errors"
	if [ "$status" = 0 ]; then
		report ok "$label"
		report ok "[$kernel] the kernel ran them without a warning, oops or hang"
	else
		report 'not ok' "$label"
		report 'not ok' "[$kernel] the kernel ran them without a warning, oops or hang"
	fi
	return "$status"
}

# boot KERNEL OPTIONS TESTS...: runs tests in one boot, or in several if the
# guest dies: what it had begun is over, the rest goes on in another guest.
boot()
{
	local kernel=$1 options=$2 module status out=$top/build/vm/out-$row begun
	shift 2

	module=$(find "$top/build/kmod-$kernel" -name srtp.ko 2>/dev/null)
	if [ -z "$module" ]; then
		report 'not ok' "[$kernel] tests in the guest: there is no module"
		return
	fi
	mkdir -p "$out"
	while [ $# -gt 0 ]; do
		if [ $SECONDS -ge "$CHECK_SECONDS" ]; then
			report 'not ok' "[$kernel] there is time left for ${*##*/}"
			return
		fi
		: >"$out/begun"
		status=0
		in_turn guest "$kernel" "$module" "$options" "$@" || status=$?
		begun=$(wc -l <"$out/begun")
		case $status in
		124|200)	[ "$begun" -gt 0 ] || return ;;
		*)		return ;;
		esac
		shift "$begun"
	done
}

# The shared tests take several boots, so that another row gets its turn. The debug
# kernel boots in seconds.
tests_per_boot=8
[ -z "$debug" ] || tests_per_boot=5

# Whoever makes the directory first has the test.
take()
{
	mkdir "$state/taken-$1/${2##*/}" 2>/dev/null
}

# kernel_report KERNEL ROW: a row of guests, one after the other, whose tests are
# those that no other row has taken.
kernel_report()
{
	local kernel=$1 row=$2 program here=()
	number=0
	boots=0

	echo "KTAP version 1"
	for program in "${shared_tests[@]}"; do
		take "$kernel" "$program" && runs_on "$kernel" "$program" || continue
		here+=("$program")
		[ ${#here[@]} -ge "$tests_per_boot" ] || continue
		boot "$kernel" "" "${here[@]}"
		here=()
	done
	[ ${#here[@]} = 0 ] || boot "$kernel" "" "${here[@]}"
	for program in "${own_tests[@]}"; do
		take "$kernel" "$program" && runs_on "$kernel" "$program" || continue
		boot "$kernel" "$(marker "$program" ktap-boot)" "$program"
	done
	echo "1..$number"
}

# Names of rows: the first kernel has the most to do, and more than one if each has more
# than one boot to make. Of the debug kernels only "debug" has guests of one processor.
rows()
{
	local n=1

	echo "$1"
	[ "$1" = "${KERNELS%% *}" ] && [ -z "$debug" -o "$1" = debug ] || return 0
	while [ $((++n)) -le "$(nproc)" ] && [ $((n * tests_per_boot)) -le ${#shared_tests[@]} ]; do
		echo "$1-$n"
	done
}

declare -A jobs=()

start_kernels()
{
	local kernel row

	[ $((${#shared_tests[@]} + ${#own_tests[@]})) -gt 0 ] || return 0
	for kernel in "$@"; do
		rm -rf "$state/taken-$kernel"
		mkdir "$state/taken-$kernel"
		for row in $(rows "$kernel"); do
			: >"$state/report-$row"
			kernel_report "$kernel" "$row" >"$state/report-$row" &
			jobs[$row]=$!
		done
	done
	trap 'kill ${jobs[*]}; exit 130' INT TERM
}

# The reports come one after the other, the first one as it grows.
show_kernels()
{
	local kernel row report

	[ ${#jobs[@]} -gt 0 ] || return 0
	for kernel in "$@"; do
		for row in $(rows "$kernel"); do
			report=$state/report-$row
			tail -n +1 -s 0.2 -f --pid="${jobs[$row]}" "$report" | sed -u 's/^/    /'
			report ok "[$kernel] tests of the kernel"
		done
	done
	wait
}

# A debug kernel has all processors to itself.
run_kernels()
{
	local kernel

	if [ -z "$debug" ]; then
		start_kernels $KERNELS
		on_host
		show_kernels $KERNELS
		return
	fi
	for kernel in $KERNELS; do
		start_kernels "$kernel"
		show_kernels "$kernel"
	done
}

# What to shorten when a run takes too long.
show_longest()
{
	echo "# the programs that took longest:"
	sed -nE 's/^ *# (test_[^ ]+) took ([0-9]+) s$/\2 s \1/p' "$state"/report-* 2>/dev/null |
		sort -rn | sed -n '1,15s/^/#   /p'
}

run()
{
	echo "KTAP version 1"
	rm -rf "$state"/report-* "$state/gcov"
	mkdir "$state/gcov"
	build
	list_tests
	[ -n "$debug" ] || fast_emulator
	make_turns
	run_kernels
	show_longest
	echo "# took $SECONDS s"
	echo "1..$number"
}

# What keeps the tests from being run at all.
give_up()
{
	echo "check.sh: $*" >&2
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
}

[ "$(id -u)" = 0 ] || give_up "must be run by root: the guests see root's files"
"$selftests/deps.sh" build vm check ${debug:+debug} || give_up "packages are missing"
mkdir -p "$state"
cd "$top" || exit 1
export KERNELS
run | tee "$state/report" | "$selftests/tally.py"
