#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scene.sh: a call with what the packages installed. Runs as root in a guest, whose
# tree has nothing of the sources: rtp-talk was compiled there from the example of
# libksrtp-dev, /srv/new.deb is another version of mikey-helper.
#
# Prints KTAP.

set -uo pipefail

. /srv/ktap.sh
. /srv/hosts.sh
unit=/lib/systemd/system/mikey-helper.service
cd /tmp

configure()
{
	on "$1" tee /etc/mikey/mikey.conf >/dev/null <<-INI
		[daemon]
		identity = nai:$1@example.org

		[peer $2]
		identity = nai:$2@example.org
		address = $3
		psk-file = /etc/mikey/shared.psk
	INI
	on "$1" sh -c 'umask 077; cat >/etc/mikey/shared.psk' <shared.psk
}

connect()
{
	hosts &&
	mikey-helper genpsk | cat >shared.psk &&
	configure alice bob 192.0.2.2 && configure bob alice 192.0.2.1
}

# As the service manager would, with what the installed unit says.
declare -A daemon
start_service()
{
	become "$1" $(sed -n 's/^ExecStart=//p' $unit) >"$1.log" 2>&1 &
	daemon[$1]=$!
	ktap_wait 60 grep -q listening "$1.log"
}

call()
{
	on alice mikey-helper call bob >call.log 2>&1 || { cat call.log; return 1; }
	session=$(sed -nE 's/^session ([0-9]+):.*/\1/p' call.log)
	ktap_wait 30 grep -q session= bob.log
	far=$(sed -nE 's/.* session=([0-9]+).*/\1/p' bob.log)
	[ -n "$session" ] && [ -n "$far" ]
}

attached()
{
	on "$1" mikey-helper show | grep -q "socket .*:$2 "
}

# An unmodified program on bob's side, the example on alice's.
pass()
{
	local text=$1 port=$2 listener status

	become bob mikey-helper run --session "$far" -- \
		socat -u "UDP4-RECV:$port" "OPEN:heard-$port,creat,append" &
	listener=$!
	ktap_wait 30 attached bob "$port" &&
	echo "$text" | on alice rtp-talk send "$session" 192.0.2.2 "$port" &&
	ktap_wait 30 grep -aq "$text" "heard-$port"
	status=$?
	kill $listener && wait $listener
	return $status
}

back()
{
	become alice rtp-talk receive "$session" 5006 >heard-back &
	ktap_wait 30 attached alice 5006 &&
	echo "and back again" | on bob rtp-talk send "$far" 192.0.2.1 5006 &&
	wait $! && grep -q "and back again" heard-back
}

only_ciphertext()
{
	end_record && [ "$(stat -c %s cable.pcap)" -gt 500 ] && ! grep -aqe "hear me" -e "back again" cable.pcap
}

# dpkg replaces the program while the daemon runs and packets are expected; then
# the daemon is started anew, as the package's script has systemd do it.
upgrade()
{
	dpkg --install --force-confold /srv/new.deb || return
	kill "${daemon[alice]}" "${daemon[bob]}"
	wait "${daemon[alice]}" "${daemon[bob]}"
	start_service alice && start_service bob
}

refused_removal()
{
	become bob mikey-helper run --session "$far" -- socat -u UDP4-RECV:5010 /dev/null &
	holding=$!
	ktap_wait 30 attached bob 5010
	! /usr/share/ksrtp-dkms/unload >unload.log || return
	grep "stays in the running kernel" unload.log && [ -d /sys/module/srtp ]
}

removal()
{
	kill $holding
	wait $holding
	ktap_wait 30 /usr/share/ksrtp-dkms/unload
	[ ! -d /sys/module/srtp ]
}

ktap_begin
ktap_check "packages: modprobe srtp" modprobe srtp
ktap_check "packages: two hosts with a configuration each" connect
ktap_check "packages: the command of the service, on alice's host" start_service alice
ktap_check "packages: and on bob's" start_service bob
ktap_check "packages: what is on the cable is recorded" record
ktap_check "packages: mikey-helper call" call
ktap_check "packages: the example sends, a program that knows nothing receives" pass "can you hear me" 5004
ktap_check "packages: the example receives what is sent back, and its BYE" back
ktap_check "packages: the recording has ciphertext only" only_ciphertext
ktap_check "packages: another version of mikey-helper is installed during the call" upgrade
ktap_check "packages: the call goes on with the sessions that it had" pass "still there" 5008
ktap_check "packages: unloading is refused while a socket is attached, and said so" refused_removal
ktap_check "packages: the module is unloaded when the socket is closed" removal
ktap_end
