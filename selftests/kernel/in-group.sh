#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# in-group.sh CGROUP COMMAND...: runs a command in a control group.

echo $$ >"$1/cgroup.procs" || exit 125
shift
exec "$@"
