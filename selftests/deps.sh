#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# deps.sh [GROUP...]: installs the Debian packages that are missing.
#
# The groups are those of the table below, all of them by default. Says a line
# for each group that it installs something for, and nothing if all is there.

set -euo pipefail

. "$(dirname "$0")/apt.sh"

# group	package			what it is for
read -r -d '' table <<'END' || :
build	gcc			compiler of the module and the helper
build	make			runs the build
build	libc6-dev		headers of the C library
build	pkg-config		finds the libraries
build	libssl-dev		cryptography of the helper (OpenSSL 3)
build	libnl-3-dev		netlink
build	libnl-genl-3-dev	generic netlink
build	libjson-c-dev		JSON in and out
build	libevent-dev		event loop of the daemon
build	libinih-dev		configuration file
build	libseccomp-dev		mikey-helper run
build	libpcap-dev		captures in mikey-helper decode
build	libcurl4-openssl-dev	certificates by URL, in mikey-fetch
build	python3			makes the header from the netlink spec
build	python3-yaml		reads the netlink spec
build	kmod			modinfo, and depmod for fetched kernels
build	libelf1			objtool, part of the build of a module
build	xz-utils		unpacks kernels and modules
build	dwarves			pahole, with which newer kernels build modules
vm	qemu-system-x86		boots the stock kernels
vm	busybox-static		first program of the guest
vm	util-linux		setpriv, unshare, flock
vm	mmdebstrap		unpacks a kernel of another suite, and its compiler
vm	iproute2		network namespaces
vm	iputils-ping		waits for a link
vm	procps			ps, sysctl
debug	flex			configuration of the debug kernel
debug	bison			the same
debug	bc			time constants of the debug kernel
debug	libelf-dev		objtool of those for QEMU
coverage	lcov			which lines and branches were executed
check	openssl			a second opinion about the cryptography of MIKEY
check	python3-cryptography	AES for the SRTP that the tests compare with
check	tcpdump			captures what is on the wire
check	tshark			dissects RTP, SRTP and MIKEY
check	strace			kills a program at one of its steps
check	systemd			keeps what the daemon leaves to the next one
check	libsrtp2-dev		a second opinion about every packet
check	liburing-dev		sockets through io_uring
check	valgrind		counts instructions
check	ethtool			aggregation of received packets, on and off
check	nftables		what netfilter and conntrack see
check	ffmpeg			a real RTP peer
check	libgstreamer-plugins-base1.0-dev	RTSP of mikey-rtsp
check	libgstrtspserver-1.0-dev	the camera that mikey-rtsp plays
check	glib-networking		TLS of both
check	gstreamer1.0-tools	another one
check	gstreamer1.0-plugins-good	with UDP
check	gstreamer1.0-plugins-bad	and SRTP
check	sparse			static checks of the module
check	clang			the same
check	coccinelle		the same, with the kernel's rules
check	cppcheck		static checks of the helper
check	clang-tidy		the same
bench	valgrind		counts the instructions of MIKEY
bench	libsrtp2-dev		what srtp.ko is compared with
bench	dpkg-dev		unpacks the source of libsrtp2
deb	libgstreamer-plugins-base1.0-dev	RTSP of mikey-rtsp
deb	debhelper		builds the packages
deb	dh-dkms			makes a package for DKMS
deb	dpkg-dev		the same
deb	lintian			looks for mistakes in them
check	python3-sphinx		makes the book
packages	mmdebstrap	makes clean roots of two releases
secure-boot	mmdebstrap	the same
secure-boot	ovmf		firmware that verifies what it starts
demo	espeak-ng		gives alice and bob their voices
demo	ffmpeg			sends what they say as RTP
demo	gstreamer1.0-tools	gst-launch-1.0, which receives it
demo	gstreamer1.0-plugins-good	with RTP and UDP
demo	tcpdump			records the packets on the wire
demo	iproute2		network namespaces
demo	kmod			loads the module
demo	util-linux		unshare
camera	libgstreamer-plugins-base1.0-dev	RTSP of mikey-rtsp
camera	libgstrtspserver-1.0-dev	the camera
camera	glib-networking		TLS of both
camera	gstreamer1.0-tools	makes the list of plugins
camera	gstreamer1.0-plugins-good	payloads of the camera
camera	gstreamer1.0-plugins-bad	its SRTP and H.264
camera	ffmpeg			makes a film, and records it
camera	openssl			certificate of the camera
camera	tcpdump			records the packets on the wire
camera	iproute2		network namespaces
camera	kmod			loads the module
camera	util-linux		unshare
END

packages_of()
{
	awk -v group="$1" '$1 == group { print $2 }' <<<"$table"
}

missing()
{
	local package

	for package in "$@"; do
		grep -qx "$package" <<<"$installed" || echo "$package"
	done
}

list_installed()
{
	installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' |
		    sed -n 's/^installed //p')
}

install_group()
{
	local group=$1 wanted

	wanted=$(missing $(packages_of "$group") | tr '\n' ' ')
	[ -n "$wanted" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "deps.sh: as root, run: apt-get install $wanted" >&2
		return 1
	fi
	echo "deps.sh: installing for $group: $wanted" >&2
	apt_try install --yes --no-install-recommends $wanted >/dev/null || {
		echo "deps.sh: apt cannot install $wanted" >&2
		return 1
	}
	list_installed
}

if [ -z "$(type -P dpkg-query)" ] || [ -z "$(type -P apt-get)" ]; then
	echo "deps.sh: not a Debian system; install by hand:" \
	     $(awk 'NF { print $2 }' <<<"$table" | sort -u) >&2
	exit 1
fi
groups=${*:-$(awk 'NF && !seen[$1]++ { print $1 }' <<<"$table")}
list_installed
for group in $groups; do
	[ -n "$(packages_of "$group")" ] || {
		echo "deps.sh: no group $group" >&2
		exit 2
	}
	install_group "$group"
done
