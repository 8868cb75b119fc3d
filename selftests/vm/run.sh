#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh -k KERNEL [options] -- COMMAND...: runs a command on another kernel.
#
#	-k KERNEL	one of the table "kernels"; fetched when it is missing
#	-r ROOT		the guest sees this tree instead of the host's, and boots the kernel
#			that is installed in it, called KERNEL; see root-kernel.sh
#	-c CPUS		virtual processors (2); a User-Mode Linux has one
#	-m MB		memory (768)
#	-t SECONDS	bound for the whole run, boot included (600)
#	-a ARGS		more arguments for the kernel
#	-e NAME[=VALUE]	hands a variable of the environment into the guest
#	-b VARIABLES	starts by Secure Boot, with shim, GRUB and kernel of ROOT; see firmware.sh
#	-i		count instructions: the guest's time stamp counter then
#			counts them, and runs are repeatable (one processor)
#
# VM_QEMU names the root of an unpacked QEMU to use in place of the machine's, and
# VM_PLUGIN a plug-in of it with its arguments.
#
# Without -r the guest's root is the host's, with all its programs. The guest may write
# anywhere, and what it writes is gone afterwards; only $OUT, a directory of
# the host (build/vm/out-KERNEL unless OUT names another), is shared for
# writing. The command runs as root in the current directory, with a tmpfs as
# $TMPDIR (mode 1777, so also for programs that have dropped their rights),
# the name of the kernel in $KERNEL, and no network but lo.
#
# Its output streams to stdout and stderr. The exit status is that of the
# command, or else:
#
#	124	the time was over
#	125	the guest could not be started
#	200	the guest died: panic, oops, or hung task
#	201	the command succeeded, but the kernel logged a warning or worse
#
# The kernel's console is kept in build/vm/console-KERNEL.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/firmware.sh"

die()
{
	echo "run.sh: $*" >&2
	exit 125
}

usage()
{
	sed -n 's/^# \{0,1\}//; 4,20p' "$here/run.sh" >&2
	exit 2
}

check_host()
{
	[ "$(id -u)" = 0 ] || die "must be run by root, whose files the guest sees"
	[ "$(uname -m)" = x86_64 ] || die "the stock kernels are for x86_64 machines"
	[ -n "$(type -P qemu-system-x86_64)" ] ||
		die "QEMU is missing (apt-get install qemu-system-x86)"
	[ -n "$(type -P busybox)" ] ||
		die "busybox is missing (apt-get install busybox-static)"
}

# What the guest needs to know, as files in the control directory, which it
# sees as /run/vm. The directory is the host's, so it holds no secrets.
write_control()
{
	local modules=$top/build/kernels/$kernel/root/lib/modules name
	local version=$(cat "$top/build/kernels/$kernel/name" 2>/dev/null || echo "$kernel")

	[ "$tree" = / ] || modules=$tree/lib/modules
	cp "$here/guest.sh" "$control/guest.sh"
	: >"$control/stdout"
	: >"$control/stderr"
	inside "$(readlink -f "$modules")" >"$control/modules"
	echo "vm-${kernel//./-}" >"$control/hostname"
	{
		echo "export HOME=/root LANG=C.UTF-8 TMPDIR=/tmp OUT=/out KERNEL=$version"
		for name in "${variables[@]}"; do
			case $name in
			*=*)	printf 'export %q\n' "$name" ;;
			*)	[ -z "${!name+set}" ] ||
					printf 'export %s=%q\n' "$name" "${!name}" ;;
			esac
		done
		printf 'cd %q || exit 125\n' "$([ "$tree" = / ] && echo "$PWD" || echo /)"
		printf 'exec'
		printf ' %q' "${command[@]}"
		echo
	} >"$control/command"
	covered_directory >"$control/keep"
	echo "$out" >"$control/out"
}

# inside PATH: how a path of the host is called in the tree that the guest sees.
inside()
{
	[ "$tree" = / ] && echo "$1" || echo "${1#"$tree"}"
}

# The guest has its own /tmp, /run and /dev. If the checkout lies there, it
# must be taken along.
covered_directory()
{
	local real=$(readlink -f "$top")

	[ "$tree" = / ] || return 0
	case $real in
	/tmp/*|/run/*|/dev/*)	echo "$real" ;;
	esac
}

# The server sees the host's tree read-only, whatever the guest tries; only
# the directory of its socket is left writable.
start_virtiofsd()
{
	local n

	setpriv --pdeathsig KILL unshare --mount bash -c '
		mkdir -p /run/virtiofsd &&
		mount -t tmpfs tmpfs /run/virtiofsd &&
		mount --bind "$1" "$1" &&
		{ [ "$2" = / ] || { mount --bind "$2" "$2" && mount -o remount,bind,ro "$2"; } } &&
		mount -o remount,bind,ro /
		exec /usr/lib/qemu/virtiofsd -f --socket-path="$1/virtiofs" \
			-o source="$2" -o cache=always -o sandbox=chroot \
			-o log_level=err
	' - "$state" "$tree" >"$state/virtiofsd.log" 2>&1 &
	virtiofsd=$!
	for ((n = 0; n < 100; n++)); do
		[ ! -S "$state/virtiofs" ] || return 0
		kill -0 $virtiofsd 2>/dev/null || return 1
		sleep 0.05
	done
	return 1
}

# virtiofs is several times faster than 9p, but its server is a program of its
# own that need not be there.
root_options()
{
	if [ "${VM_ROOT-}" != 9p ] && [ -x /usr/lib/qemu/virtiofsd ] && start_virtiofsd; then
		root=virtiofs
		machine+=(-object "memory-backend-memfd,id=mem,size=${memory}M,share=on"
		       -numa node,memdev=mem
		       -chardev "socket,id=root,path=$state/virtiofs"
		       -device vhost-user-fs-pci,chardev=root,tag=root,queue-size=1024)
	else
		root=9p
		machine+=(-fsdev local,id=root,path=$tree,security_model=none,readonly=on,multidevs=remap
		       -device virtio-9p-pci,fsdev=root,mount_tag=root)
	fi
}

# A User-Mode Linux is a program of the host, which it sees as read-only as the
# server does. All its processes end with it. It aborts where others panic.
program_options()
{
	root=hostfs
	machine=(unshare --mount --pid --fork --kill-child --mount-proc bash -c '
		mount --bind "$1" "$1" && mount --bind "$2" "$2" &&
		mount -o remount,bind,ro / && "${@:3}" >"$1/console"
		[ $? != 134 ] || exit 0
		' - "$state" "$out" "$top/build/kernels/$kernel/linux"
		"mem=${memory}M" "initrd=$("$here/initramfs.sh" "$kernel")"
		"uml_dir=$state/" umid=guest con=null con0=null,fd:1 noreboot)
	for argument in $(kernel_arguments); do
		machine+=("$argument")
	done
}

# An unpacked QEMU looks for its firmware where it would be installed.
emulator()
{
	if [ -n "${VM_QEMU-}" ]; then
		machine=("$VM_QEMU/usr/bin/qemu-system-x86_64" -L "$VM_QEMU/usr/share/qemu"
			 -L /usr/share/seabios -L /usr/share/qemu)
	else
		machine=(qemu-system-x86_64)
	fi
}

# One thread for all virtual processors: with one each, QEMU 7.2 lets a guest
# run into a half-written instruction when its kernel patches itself, and the
# guest dies of "Oops: int3". UDP sockets make kernels patch themselves. A debug
# kernel gets its threads, and a QEMU that is able to. That one does not see what
# the server of virtiofs writes into the guest's memory, and executes what it made
# of the code that was there before: so the root is 9p. Without ACPI it is told of one
# processor for each socket.
#
# Without MWAIT, as that one thread would emulate the waiting of a processor
# that has nothing to do, while the other one waits for the thread.
machine_options()
{
	local threads=single processors=$cpus

	if [ -e "$top/build/kernels/$kernel/how" ]; then
		VM_QEMU=$("$here/qemu.sh") || exit 125
		VM_ROOT=9p threads=multi processors=$cpus,sockets=$cpus
		measured=$("$here/tsc.py") || exit 125
	fi
	emulator
	machine+=(-accel "tcg,thread=$threads" -cpu "$processor"
	      -smp "$processors" -m "$memory" -no-reboot -nodefaults -display none
	      -serial "file:$state/console"
	      -fsdev "local,id=control,path=$control,security_model=none"
	      -device virtio-9p-pci,fsdev=control,mount_tag=control
	      -fsdev "local,id=out,path=$out,security_model=none"
	      -device virtio-9p-pci,fsdev=out,mount_tag=out)
	root_options
	if [ -n "$variables_file" ]; then
		secure_boot_options
	else
		machine+=(-kernel "$top/build/kernels/$kernel/image"
		       -initrd "$("$here/initramfs.sh" "$kernel")" -append "$(kernel_arguments)")
	fi
	[ -z "${VM_PLUGIN-}" ] || machine+=(-plugin "$VM_PLUGIN")
	[ -z "$icount" ] ||
		machine+=(-icount shift=0,sleep=off -rtc clock=vm,base=2026-01-01 -seed 42)
}

# The firmware verifies the image that Debian signed, not the unpacked one.
secure_boot_options()
{
	local image=$tree/boot/vmlinuz-$(cat "$top/build/kernels/$kernel/release")

	firmware_disk "$state/disk" "$tree" "$image" "$("$here/initramfs.sh" "$kernel")" \
		"$(kernel_arguments)" || die "shim, GRUB or the kernel is missing in $tree"
	readarray -t -O "${#machine[@]}" machine < <(firmware_machine "$variables_file" "$state/disk")
}

# The kernel's own detectors are made to fire where they are silent by
# default, and to bear a slow machine. Mitigations, for processors that are not
# emulated, cost a sixth of the time; a count of instructions is taken with them.
kernel_arguments()
{
	local own="console=ttyS0 nokaslr"

	[ -n "$icount" ] || own+=" mitigations=off"
	# Processors of a busy host are seldom on at the same time: look for longer.
	[ "$kernel" != kcsan ] || own+=" kcsan.udelay_task=300 kcsan.udelay_interrupt=100"
	# What it cannot measure without ACPI.
	[ -z "$measured" ] || own+=" tsc_early_khz=$measured"
	# Poisoned slabs are what KASAN on User-Mode Linux takes for an error.
	[ $root != hostfs ] || own="slub_debug=- kunit.enable=1"
	echo "$own quiet rdinit=/init vm.root=$root vm.control=$control" \
	     "panic=-1 oops=panic softlockup_panic=1 watchdog_thresh=30" \
	     "rcupdate.rcu_cpu_stall_timeout=60 kfence.sample_interval=100" \
	     "tsc=reliable no_timer_check random.trust_cpu=on log_buf_len=4M" \
	     "$arguments"
}

follow()
{
	tail -q -n +1 -s 0.1 -f --pid=$guest "$1" 2>/dev/null &
}

boot()
{
	: >"$state/console"
	setpriv --pdeathsig TERM timeout -k 5 "$seconds" \
		"${machine[@]}" </dev/null >"$state/machine.log" 2>&1 9>&- &
	guest=$!
	follow "$control/stdout"
	local out=$!
	follow "$control/stderr" >&2
	local err=$!
	machine_status=0
	wait $guest || machine_status=$?
	guest=
	wait $out $err || true
}

# The log of a guest that lived, the console of one that died.
kernel_log()
{
	if [ -s "$control/dmesg" ]; then
		echo "$control/dmesg"
	else
		echo "$state/console"
	fi
}

verdict()
{
	local status

	if [ -s "$control/status" ]; then
		status=$(cat "$control/status")
		if ! "$here/scan.sh" "$(kernel_log)" >&2; then
			echo "run.sh: the kernel $kernel complained, see above" >&2
			[ "$status" != 0 ] || status=201
		fi
		exit "$status"
	fi
	"$here/scan.sh" "$(kernel_log)" >&2 || true
	if [ "$machine_status" = 124 ] || [ "$machine_status" = 137 ]; then
		tail -n 5 "$state/console" >&2
		echo "run.sh: the guest was not done after $seconds s" >&2
		exit 124
	elif [ "$machine_status" != 0 ]; then
		cat "$state/machine.log" >&2
		die "the virtual machine failed"
	fi
	tail -n 5 "$state/console" >&2
	echo "run.sh: the guest died" >&2
	exit 200
}

# Ends only what was started here.
clean_up()
{
	[ -z "$guest" ] || kill "$guest" 2>/dev/null || true
	[ -z "$virtiofsd" ] || kill "$virtiofsd" 2>/dev/null || true
	[ ! -e "$state/console" ] || cp "$state/console" "$top/build/vm/console-$kernel"
	rm -rf "$state"
}

# Without "rep movs" for long copies: it is emulated octet by octet.
processor=max,-monitor,-erms,-fsrm
kernel= tree=/ cpus=2 memory=768 seconds=600 arguments= icount= variables=()
variables_file= measured=
while getopts k:r:c:m:t:a:e:b:i option; do
	case $option in
	k)	kernel=$OPTARG ;;
	r)	tree=$(readlink -f "$OPTARG") ;;
	c)	cpus=$OPTARG ;;
	m)	memory=$OPTARG ;;
	t)	seconds=$OPTARG ;;
	a)	arguments=$OPTARG ;;
	e)	variables+=("$OPTARG") ;;
	b)	variables_file=$OPTARG ;;
	i)	icount=yes cpus=1 ;;
	*)	usage ;;
	esac
done
shift $((OPTIND - 1))
[ -n "$kernel" ] && [ $# -gt 0 ] || usage
command=("$@")

check_host
if [ "$tree" = / ]; then
	"$here/fetch.sh" "$kernel" || exit 125
else
	"$here/root-kernel.sh" "$kernel" "$tree" || exit 125
fi
out=${OUT:-$top/build/vm/out-$kernel}
mkdir -p "$top/build/vm" "$out"
out=$(readlink -f "$out")
# In a short path, as the name of a socket has to be short.
state=$(mktemp -d /tmp/vm.XXXXXX)
control=$state/control
mkdir "$control"
guest= virtiofsd=
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
if [ -e "$top/build/kernels/$kernel/linux" ]; then
	program_options
else
	machine_options
fi
write_control
boot
verdict
