# SPDX-License-Identifier: GPL-2.0
#
# What the scripts here ask of apt. Sourced, not run.
#
# The package lists of a fresh machine may be missing, or name versions that
# the mirror has dropped since. Both are cured by one update, which is slow
# and therefore done at most once, and only after something went wrong.

apt_updated=

apt_quiet()
{
	DEBIAN_FRONTEND=noninteractive apt-get -qq \
		-o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# apt_update: refreshes the package lists, the first time it is called.
# Not every source of the machine needs to answer: what is missing then
# shows when a package cannot be had.
apt_update()
{
	[ -z "$apt_updated" ] || return 1
	apt_updated=yes
	apt_quiet update >&2
	return 0
}

# apt_field PACKAGE FIELD: a field of the version that apt would install.
apt_field()
{
	apt-cache show --no-all-versions "$1" 2>/dev/null |
		awk -v field="$2:" '$1 == field && !n++ { sub(/^[^ ]* /, ""); print }'
}

# apt_try COMMAND...: runs it, and once more after an update if it fails.
apt_try()
{
	apt_quiet "$@" 2>/dev/null && return 0
	apt_update || true
	apt_quiet "$@"
}

apt_mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

# apt_own DIRECTORY KIND SUITE COMMAND...: apt with package lists of its own in that
# directory, which know nothing but what is of that kind (deb or deb-src) in that suite.
apt_own()
{
	local dir=$1 keyring=/usr/share/keyrings/debian-archive-keyring.gpg

	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	echo "$2 [signed-by=$keyring] $apt_mirror $3 main" >"$dir/sources.list"
	shift 3
	apt_quiet -o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=- \
		-o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir/cache" "$@"
}
