#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's second program: runs the command, reports to the host through
# /run/vm, and switches the guest off. It is process 1.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# From here on every message of the kernel counts, so the console gets them
# all, in case the guest dies before it can hand over its log. A task that
# hangs kills the guest.
watch_kernel()
{
	echo 8 >/proc/sys/kernel/printk
	echo 60 >/proc/sys/kernel/hung_task_timeout_secs
	echo 1 >/proc/sys/kernel/hung_task_panic
	echo "vm: run begins" >/dev/kmsg
	[ ! -w /sys/kernel/debug/kcsan ] || echo on >/sys/kernel/debug/kcsan
}

# The output goes through pipes: a program may open its /dev/stdout anew.
# Whoever is left behind by the command and holds them is not waited for.
run_command()
{
	local out err n

	mkfifo /run/stdout /run/stderr
	cat </run/stdout >/run/vm/stdout &
	out=$!
	cat </run/stderr >/run/vm/stderr &
	err=$!
	setsid --wait /bin/bash /run/vm/command </dev/null \
		>/run/stdout 2>/run/stderr &
	wait $!
	status=$?
	for ((n = 0; n < 20; n++)); do
		kill -0 $out $err 2>/dev/null || break
		sleep 0.1
	done
}

watch_kernel
run_command
dmesg >/run/vm/dmesg
echo $status >/run/vm/status
sync
echo b >/proc/sysrq-trigger
