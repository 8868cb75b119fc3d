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
