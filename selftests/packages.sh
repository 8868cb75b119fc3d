#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# packages.sh: what "make check-packages" does.
#
# Builds the packages, installs them in clean roots of Debian's releases, where DKMS
# builds the module for the release's kernel, boots that kernel with that root, and
# lets two hosts call each other with what is installed. Prints KTAP; the last line
# is "N passed, N failed, N skipped".
#
#	RELEASES	"12 13"

set -uo pipefail

selftests=$(cd "$(dirname "$0")" && pwd)
. "$selftests/ktap.sh"
. "$selftests/packages/roots.sh"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset MAKEFLAGS MFLAGS MAKELEVEL

build_twice()
{
	local deb

	"$top/debian/build.sh" && "$top/debian/build.sh" "$roots/second" || return
	for deb in "$top"/build/deb/*.deb; do
		cmp "$deb" "$roots/second/${deb##*/}" || return
	done
}

# There is no mail domain of the project.
clean_of_lint()
{
	lintian --allow-root --fail-on error,warning \
		--suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog \
		"$top"/build/deb/*.changes
}

# next_version PACKAGE: the same under a higher version number.
next_version()
{
	local dir=$roots/next

	rm -rf "$dir"
	dpkg-deb --raw-extract "$top"/build/deb/"$1"_*.deb "$dir" &&
	sed -i 's/^Version: .*/&+next/' "$dir/DEBIAN/control" &&
	dpkg-deb --root-owner-group --build "$dir" "$root/srv/$1-next.deb"
}

install_packages()
{
	install_in_root '/srv/debs/*.deb' "$top/build/deb"
}

built_by_dkms()
{
	release=$(ls "$root/lib/modules" | tail -n 1)
	in_root dkms status && in_root modinfo -k "$release" srtp &&
	in_root modinfo -k "$release" -n srtp | grep updates
}

files_are_there()
{
	local file

	for file in /usr/sbin/mikey-helper /usr/libexec/mikey-fetch /lib/systemd/system/mikey-helper.service \
			/usr/share/man/man8/mikey-helper.8.gz /usr/include/linux/srtp.h \
			/usr/bin/mikey-rtsp /usr/share/man/man1/mikey-rtsp.1.gz \
			/usr/share/bash-completion/completions/mikey-helper \
			/usr/lib/modules-load.d/srtp.conf; do
		[ -s "$root$file" ] || { echo "$file is missing"; return 1; }
	done
	[ -d "$root/etc/mikey" ]
}

# With nothing there but what the package depends on: TLS, too. There is no daemon, so
# that the one that plays is told 503 by the one that serves.
camera_runs()
{
	in_root sh -c 'cd /srv && mikey-rtsp --version || exit
		openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=cam -keyout key -out cert &&
		printf "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n" >sdp
		mikey-rtsp serve --control /none --certificate cert --key key --sdp sdp \
			--listen 127.0.0.1:8322 cam -- true 2>said &
		timeout 30 sh -c "until grep listening said; do sleep 0.1; done" &&
		mikey-rtsp --control /none --insecure rtsps://127.0.0.1:8322/cam -- true
		[ $? = 8 ] && grep no-daemon said'
}

compile_example()
{
	in_root apt-get install --yes --no-install-recommends gcc libc6-dev make pkg-config &&
	in_root sh -ec 'cp /usr/share/doc/libksrtp-dev/examples/* /srv/; make -C /srv rtp-talk
		cp /srv/rtp-talk /usr/bin/'
}

furnish()
{
	cp "$selftests/ktap.sh" "$selftests"/packages/{hosts.sh,scene.sh} "$root/srv/" &&
	cp "$root/srv/mikey-helper-next.deb" "$root/srv/new.deb"
}

# guest RELEASE SCENE NAME: the scene, and what the kernel says about it.
guest()
{
	local status

	"$selftests/vm/run.sh" -k "debian$1" -r "$root" -t 900 -- "/srv/$2" |
		sed -u "s/^/    /; s/\] packages/]/"
	status=${PIPESTATUS[0]}
	ktap_equal "[$1] $3" 0 "$status"
}

# GStreamer 1.26, which Debian 13 has, plays with keys of its own.
viewer_packages="gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
	gstreamer1.0-plugins-bad python3-gi gir1.2-gstreamer-1.0"
install_viewer()
{
	in_root apt-get install --yes --no-install-recommends $viewer_packages &&
	cp "$selftests"/packages/{hosts.sh,viewer-scene.sh,rekeying.py} \
		"$selftests/demo/cable.py" "$root/srv/" &&
	in_root gst-inspect-1.0 rtspsrc | grep client-managed-mikey
}

configured()
{
	echo "# mine" >"$root/etc/mikey/mikey.conf" && mkdir -p "$root/var/lib/mikey"
}

upgraded()
{
	in_root dpkg --install /srv/ksrtp-dkms-next.deb /srv/mikey-helper-next.deb &&
	in_root modinfo -k "$release" srtp && grep mine "$root/etc/mikey/mikey.conf" &&
	grep -q 'deb-systemd-invoke.*_action.*mikey-helper\|deb-systemd-invoke restart' \
		"$root/var/lib/dpkg/info/mikey-helper.postinst"
}

removed()
{
	in_root apt-get remove --yes ksrtp-dkms mikey-helper mikey-rtsp libksrtp-dev &&
	[ ! -e "$root/usr/sbin/mikey-helper" ] && [ ! -e "$root/usr/include/linux/srtp.h" ] &&
	! in_root modinfo -k "$release" srtp && grep mine "$root/etc/mikey/mikey.conf"
}

purged()
{
	in_root dpkg --purge ksrtp-dkms mikey-helper mikey-rtsp libksrtp-dev &&
	[ ! -e "$root/var/lib/mikey" ] && grep mine "$root/etc/mikey/mikey.conf" &&
	! in_root dpkg --list 'ksrtp*' 'mikey-*' 'libksrtp*' | grep '^.[^n]'
}

release_report()
{
	ktap_begin
	ktap_check "[$1] a clean root, and a tree over it" open_root "$1"
	ktap_check "[$1] the packages install, with what they depend on" install_packages
	ktap_check "[$1] all files are where they belong" files_are_there
	ktap_check "[$1] mikey-rtsp runs with what it depends on" camera_runs
	ktap_check "[$1] DKMS built the module for the release's kernel" built_by_dkms
	ktap_check "[$1] the example compiles against the installed header" compile_example
	ktap_check "[$1] next versions for an upgrade" next_versions
	ktap_check "[$1] the scene is set" furnish
	guest "$1" scene.sh "a call on $release with what is installed"
	if [ "$1" != 12 ]; then
		ktap_check "[$1] GStreamer installs" install_viewer
		guest "$1" viewer-scene.sh "GStreamer plays what mikey-rtsp serves, and renews its key"
	fi
	ktap_check "[$1] a configuration and a state directory" configured
	ktap_check "[$1] an upgrade keeps the configuration and builds the module anew" upgraded
	ktap_check "[$1] removal takes all but the configuration" removed
	ktap_check "[$1] a purge takes the state directory, too" purged
	close_root "$1"
	ktap_end
}

next_versions()
{
	next_version ksrtp-dkms && next_version mikey-helper
}

run()
{
	ktap_begin
	ktap_check "packages: two builds make the same octets" build_twice
	ktap_check "packages: lintian finds no error and no warning" clean_of_lint
	release_reports 3
}

[ "$(id -u)" = 0 ] || give_up "must be run by root"
"$selftests/deps.sh" build vm deb packages || give_up "packages are missing"
begin_roots
run | "$selftests/tally.py"
