# SPDX-License-Identifier: GPL-2.0
#
# Clean roots of Debian's releases, and a report for each. Sourced by packages.sh and
# secure-boot.sh.
#
# What mmdebstrap makes is kept in $roots (build/packages) and never written to: a
# test works in a tree that lies over it, in $trees. RELEASES are "12 13" by default.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
roots=$top/build/packages
trees=$roots
RELEASES=${RELEASES:-12 13}

suite_of()
{
	case $1 in
	12)	echo bookworm ;;
	13)	echo trixie ;;
	*)	echo "roots.sh: no release $1, there are: 12 13" >&2; return 1 ;;
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
	local suite=$(suite_of "$1") run=$trees/run-$1

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
	! mountpoint -q "$trees/run-$1/root" || umount "$trees/run-$1/root"
}

# in_root COMMAND...: with processes of its own, so that none of it is left.
in_root()
{
	unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
		INITRD=No DEBIAN_FRONTEND=noninteractive chroot "$root" "$@" </dev/null
}

# install_in_root PACKAGES DIR: with what they depend on, where DIR has what was built.
install_in_root()
{
	mkdir -p "$root/srv/debs" && cp "$2"/*.deb "$root/srv/debs/" || return
	rm -f "$root"/srv/debs/*dbgsym*
	in_root apt-get update &&
	in_root sh -c "apt-get install --yes --no-install-recommends $1"
}

# begin_roots: makes those that are missing. All that is mounted goes with the script.
begin_roots()
{
	local release

	mkdir -p "$roots" "$trees"
	trap close_roots EXIT
	trap 'exit 130' INT TERM
	for release in $RELEASES; do
		make_base "$release" >"$trees/log" 2>&1 ||
			{ cat "$trees/log" >&2; give_up "no root of Debian $release"; }
	done
}

close_roots()
{
	local release

	for release in $RELEASES; do
		close_root "$release"
	done
}

# release_reports NUMBER: what release_report, a function of the script, says of each
# release; the number is that of the first one.
release_reports()
{
	local release number=$1

	for release in $RELEASES; do
		if (release_report "$release") | sed -u 's/^/    /'; [ "${PIPESTATUS[0]}" = 0 ]; then
			echo "ok $number Debian $release"
		else
			echo "not ok $number Debian $release"
		fi
		number=$((number + 1))
	done
	echo "1..$((number - 1))"
}

give_up()
{
	echo "${0##*/}: $*" >&2
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
}
