# SPDX-License-Identifier: GPL-2.0
#
# What the static checks share. Sourced, not run.

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/../ktap.sh"

# An outer make's flags and job server are none of the kernel build's business.
unset MAKEFLAGS MFLAGS MAKELEVEL

# The kernel whose source has the scripts: that of the debug kernel, of which
# nothing is built for this.
kernel_source()
{
	"$top/selftests/debug/kernel.sh" -s linux-source-6.12
}

# silent COMMAND...: passes if it succeeds and says nothing.
silent()
{
	local log=$TMPDIR/log status=0

	"$@" >"$log" 2>&1 || status=$?
	sed -n '1,100s/^/# /p' "$log"
	[ $status = 0 ] && [ ! -s "$log" ]
}
