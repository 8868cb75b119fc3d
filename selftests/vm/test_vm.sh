#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Checks that a guest's death, its kernel's warnings and its command's status
# are noticed. Runs on the first of $KERNELS.
#
# ktap-timeout: 600

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../ktap.sh"
kernel=${KERNELS:-6.1}
kernel=${kernel%% *}
export OUT=${TMPDIR:-/tmp}/out

# guest STATUS OPTIONS... -- COMMAND: boots, expects that exit status.
guest()
{
	local expected=$1 status=0
	shift

	"$here/run.sh" -k "$kernel" "$@" || status=$?
	[ $status = "$expected" ] || {
		echo "exit status $status, expected $expected"
		return 1
	}
}

# What a command inside sees of the machine.
inside='
[ "$(id -u)" = 0 ] && [ -d /sys/class/net/lo ] && [ "$KERNEL" = "'$kernel'" ]
echo data >"$OUT/file"
touch /etc/written /usr/written
setpriv --reuid=65534 --clear-groups touch "$TMPDIR/as-nobody"
modprobe aesni_intel
ip netns add a
ip -n a link add v type veth peer name w
[ -e /dev/fd/0 ] && [ -e /sys/fs/cgroup/cgroup.procs ]
echo to stdout
echo to stderr >&2
exit 42
'

complete_guest()
{
	guest 42 -- bash -ec "$inside" >"$OUT.stdout" 2>"$OUT.stderr" || {
		cat "$OUT.stdout" "$OUT.stderr"
		return 1
	}
}

# scan STATUS LINE: a log with that line.
scan()
{
	local status=0

	printf '[ 1.0] vm: run begins\r\n%s\n' "$2" >"$OUT.log"
	"$here/scan.sh" "$OUT.log" || status=$?
	[ $status = "$1" ]
}

# race LINE: what KCSAN says where that line is one of a stack.
race()
{
	printf '[ 9.1] %s\n' ====================== "BUG: KCSAN: data-race in one / two" "" \
		"write to 0xffff888003f7e4f0 of 4 bytes by task 99 on cpu 1:" " one+0x1/0x20" \
		"$1" "Reported by Kernel Concurrency Sanitizer on:" ======================
}

scan_early()
{
	printf '%s\n' '[ 0.1] WARNING: CPU: 0 PID: 1 at' '[ 1.0] vm: run begins' >"$OUT.log"
	"$here/scan.sh" "$OUT.log"
}

mkdir -p "$OUT"
ktap_begin
ktap_check "vm: scan finds a warning" scan 1 \
	'[ 9.1] WARNING: CPU: 1 PID: 143 at main.c:8 hello_init+0x1c/0x1000 [srtp]'
ktap_check "vm: scan finds a leaked net device" scan 1 \
	'[ 9.1] unregister_netdevice: waiting for lo to become free. Usage count = 2'
ktap_check "vm: scan finds a stall" scan 1 \
	'[ 9.1] rcu: INFO: rcu_preempt self-detected stall on CPU'
ktap_check "vm: scan finds a slab left in use" scan 1 \
	'[ 9.1] BUG srtp_stream (Tainted: G  OE): Objects remaining in srtp_stream'
ktap_check "vm: scan finds a race of the module" scan 1 "$(race ' srtp_send+0x1/0x20 [srtp]')"
ktap_check "vm: scan finds an oops in the middle of a race" scan 1 \
	"$(race 'Oops: general protection fault')"
ktap_check "vm: scan lets a race of the kernel alone pass" scan 0 "$(race ' udp_send+0x1/0x20')"
ktap_check "vm: scan lets a race pass whose interrupt came upon the module" scan 0 \
	"$(race ' asm_sysvec_apic_timer_interrupt+0x1b/0x20
[ 9.1] udp_send+0x1/0x20
[ 9.1] srtp_send+0x1/0x20 [srtp]')"
ktap_check "vm: scan lets an unsigned module pass" scan 0 \
	'[ 9.1] srtp: module verification failed: signature and/or required key missing'
ktap_check "vm: scan lets the boot of the stock kernel pass" scan_early
ktap_check "vm: a command finds a complete machine, and its status comes out" complete_guest
ktap_equal "vm: a file in OUT reaches the host" data "$(cat "$OUT/file" 2>&1)"
ktap_equal "vm: stdout comes out" "to stdout" "$(cat "$OUT.stdout")"
ktap_equal "vm: stderr comes out" "to stderr" "$(cat "$OUT.stderr")"
ktap_refuse "vm: what is written in the guest is gone" test -e /etc/written
ktap_check "vm: a panic is noticed" guest 200 -- sh -c 'echo c >/proc/sysrq-trigger'
ktap_check "vm: a warning in the log fails a command that succeeds" guest 201 -- \
	sh -c 'echo "WARNING: CPU: 0 PID: 1 at test" >/dev/kmsg'
ktap_check "vm: a guest that takes too long is ended" guest 124 -t 25 -- sleep 1000
ktap_end
