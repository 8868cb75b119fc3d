# SPDX-License-Identifier: GPL-2.0
#
# Runs test programs one after the other, with their reports nested into one.
# Sourced by check.sh on the host and by kernel/run.sh in the guest.

# marker PROGRAM WORD: what follows "WORD:" in a comment of the test. A script
# is its own source, a C program's source has its name.
marker()
{
	local name=${1##*/} source

	for source in "$1" "$selftests"/*/"$name.c"; do
		[ -e "$source" ] || continue
		case $(head -c 4 "$source") in
		*ELF)	continue ;;
		esac
		sed -nE "s,^(#|//| \*|/\*) *$2: *([^*]*).*,\2,p" "$source" | head -n 1
		return
	done
}

# bound PROGRAM: the seconds it may take; 600 unless it is marked otherwise.
bound()
{
	local seconds=$(marker "$1" ktap-timeout)

	echo $((${seconds:-600}))
}

# Indents a program's report and puts the tag into the name of each result. The
# version line comes from here, also for a program that dies before its own.
nest()
{
	echo "    KTAP version 1"
	sed -uE -e '/^K?TAP version [0-9]+$/d' \
		-e "s/^( *)(ok|not ok)( +[0-9]+)?( +-)?( .*|$)/\1\2\3 [$1]\5/" \
		-e 's/^/    /'
}

# run_program TAG NUMBER PROGRAM [WRAPPER...]: one test program and the line
# that sums it up. It gets its own process group, which ends with it, and its
# own directory $TMPDIR, open to all users.
run_program()
{
	local tag=$1 number=$2 program=$3 name=${3##*/} seconds=$(bound "$3")
	local tmp=$(mktemp -d) status=0 start=$SECONDS filter test verdict
	shift 3

	chmod 1777 "$tmp"
	mkfifo "$tmp.fifo"
	nest "$tag" <"$tmp.fifo" &
	filter=$!
	TMPDIR=$tmp timeout -k 5 "$seconds" "$@" "$program" \
		</dev/null >"$tmp.fifo" 2>&1 &
	test=$!
	trap 'kill -TERM -- -$test; wait $test; exit 130' INT TERM
	wait $test || status=$?
	trap - INT TERM
	kill -KILL -- -$test 2>/dev/null || true
	after_program "$name" || status=125
	wait $filter || true
	rm -rf "$tmp" "$tmp.fifo"

	verdict=ok
	case $status in
	0|4)		;;
	124|137)	verdict='not ok'
			echo "# $name was not done after $seconds s" ;;
	*)		verdict='not ok'
			echo "# $name ended with status $status" ;;
	esac
	echo "# $name took $((SECONDS - start)) s"
	echo "$verdict $number [$tag] $name"
}
