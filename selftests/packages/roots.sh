# SPDX-License-Identifier: GPL-2.0
#
# Clean roots of Debian's releases. Sourced by packages.sh.
#
# What mmdebstrap makes is kept in build/packages and never written to: a test
# works in a tree that lies over it.

suite_of()
{
	case $1 in
	12)	echo bookworm ;;
	13)	echo trixie ;;
	*)	echo "packages.sh: no release $1, there are: 12 13" >&2; return 1 ;;
	esac
}

# The release's kernel and headers, and what the test looks with.
root_packages=ca-certificates,linux-image-amd64,linux-headers-amd64,iproute2,socat,tcpdump,kmod

# make_base RELEASE: the root, unless it is there. Kernels are booted without an
# initramfs of their own.
make_base()
{
	local suite archive=http://deb.debian.org/debian

	suite=$(suite_of "$1") || return
	[ ! -e "$roots/base-$suite.done" ] || return 0
	rm -rf "$roots/base-$suite"
	INITRD=No mmdebstrap --quiet --mode=root --variant=minbase --architectures=amd64 \
		--aptopt='Acquire::Retries "3"' --aptopt='Acquire::Languages "none"' \
		--aptopt='APT::Install-Recommends "false"' --include="$root_packages" \
		"$suite" "$roots/base-$suite" "deb $archive $suite main" \
		"deb $archive $suite-updates main" \
		"deb $archive-security $suite-security main" </dev/null || return
	: >"$roots/base-$suite.done"
}

# open_root RELEASE: sets $root to a tree over the release's root.
open_root()
{
	local suite=$(suite_of "$1") run=$roots/run-$1

	close_root "$1"
	rm -rf "$run"
	mkdir -p "$run/upper" "$run/work" "$run/root"
	root=$run/root
	mount -t overlay -o "lowerdir=$roots/base-$suite,upperdir=$run/upper,workdir=$run/work" \
		overlay "$root" || return
	cp /etc/resolv.conf "$root/etc/resolv.conf"
}

close_root()
{
	! mountpoint -q "$roots/run-$1/root" || umount "$roots/run-$1/root"
}

# in_root COMMAND...: with processes of its own, so that none of it is left.
in_root()
{
	unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
		INITRD=No DEBIAN_FRONTEND=noninteractive chroot "$root" "$@" </dev/null
}
