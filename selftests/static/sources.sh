# SPDX-License-Identifier: GPL-2.0
#
# What the static checks share. Sourced, not run.

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/../ktap.sh"

kernel=$top/build/kernels/debug

# The source of the debug kernel, which has the kernel's scripts.
kernel_source()
{
	"$top/selftests/vm/fetch.sh" debug >&2 &&
	sed -n 's/^include \(.*\)\/Makefile$/\1/p' "$kernel/headers/Makefile"
}

# silent COMMAND...: passes if it succeeds and says nothing.
silent()
{
	local log=$TMPDIR/log status=0

	"$@" >"$log" 2>&1 || status=$?
	sed -n '1,100s/^/# /p' "$log"
	[ $status = 0 ] && [ ! -s "$log" ]
}
