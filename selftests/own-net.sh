#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# own-net.sh COMMAND...: runs a command in a network of its own with lo alone,
# so that any port is free, whatever else runs on the machine.

exec unshare --net sh -c 'ip link set lo up && exec "$@"' own-net.sh "$@"
