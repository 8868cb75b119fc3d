# SPDX-License-Identifier: GPL-2.0
# Completion of mikey-helper for bash.

# The names of the sections [peer NAME] of the configuration.
_mikey_helper_peers()
{
	sed -n 's/^\[peer[[:blank:]]\+\(.*\)\]$/\1/p' /etc/mikey/mikey.conf 2>/dev/null
}

# Those of the sections [group NAME], which are called as peers are.
_mikey_helper_groups()
{
	sed -n 's/^\[group[[:blank:]]\+\(.*\)\]$/\1/p' /etc/mikey/mikey.conf 2>/dev/null
}

_mikey_helper_sessions()
{
	mikey-helper --json show 2>/dev/null | sed -n 's/^ *"id": *\([0-9]\+\),\?$/\1/p'
}

# Commands and options are what the help prints, so that they are never out of date.
_mikey_helper_commands()
{
	mikey-helper help 2>/dev/null | sed -n 's/^  \([a-z-]\+\) .*/\1/p'
}

_mikey_helper_options()
{
	mikey-helper help "$1" 2>/dev/null | grep -o -- '--[a-z-]\+' | sort -u
}

_mikey_helper()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command= i words=

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--json) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	case $prev in
	--peer) words=$(_mikey_helper_peers) ;;
	--session | --rtcp-session) words=$(_mikey_helper_sessions) ;;
	--config | --control | --offer | --psk-file)
		compopt -o default
		return
		;;
	*)
		if [ -z "$command" ] || [ "$command" = help ]; then
			words="$(_mikey_helper_commands) --json --help --version"
		elif [[ $cur == -* ]]; then
			words="$(_mikey_helper_options "$command") --json"
		else
			case $command in
			call) words="$(_mikey_helper_peers) $(_mikey_helper_groups)" ;;
			show | unload | rekey) words=$(_mikey_helper_sessions) ;;
			*) compopt -o default; return ;;
			esac
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _mikey_helper mikey-helper
