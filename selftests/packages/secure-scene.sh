#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# secure-scene.sh before|after: modules in a guest that was started by Secure Boot,
# before and after its owner has enrolled keys. Runs as root; $OUT, where it runs,
# stays from one start to the next.
#
# Prints KTAP.

set -uo pipefail

. /srv/ktap.sh
cd "$OUT"
kernel=$(uname -r)
by_hand=/lib/modules/$kernel/updates/srtp.ko
mount -t efivarfs efivarfs /sys/firmware/efi/efivars
rejected="Key was rejected by service"

verified()
{
	mokutil --sb-state | grep '^SecureBoot enabled' &&
	grep '\[integrity\]' /sys/kernel/security/lockdown
}

signed_by()
{
	[ "$(modinfo -F signer "$2")" = "$1" ]
}

# refused REASON COMMAND...: what the program says, and why in the kernel's log.
refused()
{
	dmesg --clear
	! "${@:2}" 2>refusal && cat refusal && dmesg && grep "$rejected" refusal &&
	dmesg | grep "$1" && [ ! -d /sys/module/srtp ]
}

# Trusted: "O" stands for a module that is not of the kernel's tree, "E" would for one
# whose signature was not verified.
loaded()
{
	"$@" && [ "$(cat /sys/module/srtp/taint)" = O ] && rmmod srtp
}

# Debian's release decides if modules are compressed. strip takes the signature off.
unsigned()
{
	local file=$(modinfo -n srtp)

	mkdir -p "${by_hand%/*}"
	case $file in
	*.xz)	xz -dc "$file" ;;
	*.zst)	zstd -dc "$file" ;;
	*)	cat "$file" ;;
	esac >"$by_hand" && strip --strip-debug "$by_hand" && [ -z "$(modinfo -F signer "$by_hand")" ]
}

sign_by_hand()
{
	unsigned && sh -e /srv/sign.sh && cp "$by_hand" mine.ko && signed_by "my modules" mine.ko
}

# With a key that nobody enrolls.
sign_by_stranger()
{
	mkdir -p stranger && unsigned &&
	(cd stranger && sed 's/my modules/a stranger/' /srv/sign.sh | sh -e) &&
	signed_by "a stranger" "$by_hand"
}

# What the package says when it is installed.
told()
{
	/usr/share/ksrtp-dkms/secure-boot | tee said
	grep 'mokutil --import /var/lib/dkms/mok.pub' said
}

not_told()
{
	said=$(/usr/share/ksrtp-dkms/secure-boot) && [ -z "$said" ]
}

ask()
{
	printf '%s\n' "$PASSWORD" "$PASSWORD" | mokutil --import /var/lib/dkms/mok.pub mok.pub &&
	[ "$(mokutil --list-new | grep -c '^\[key')" = 2 ]
}

# It says so, and its exit status does not.
enrolled()
{
	mokutil --test-key "$1" | tee answer
	grep 'is already enrolled' answer
}

before()
{
	ktap_check "secure-boot: the firmware verified the kernel, which is locked down" verified
	ktap_check "secure-boot: a module that Debian signed is loaded" modprobe dummy
	ktap_check "secure-boot: DKMS has signed srtp.ko" signed_by "DKMS module signing key" srtp
	ktap_check "secure-boot: with a key that is not enrolled, modprobe is refused" \
		refused "module with unavailable key is rejected" modprobe srtp
	ktap_check "secure-boot: and its owner is told what to do" told
	ktap_check "secure-boot: an unsigned module" unsigned
	ktap_check "secure-boot: is refused" \
		refused "unsigned module is rejected" insmod "$by_hand"
	ktap_check "secure-boot: the book's commands sign one with a key of one's own" sign_by_hand
	ktap_check "secure-boot: that key is not enrolled either, so it is refused" \
		refused "module with unavailable key is rejected" insmod mine.ko
	ktap_check "secure-boot: mokutil asks for both keys" ask
}

after()
{
	ktap_check "secure-boot: the firmware verified the kernel, which is locked down" verified
	ktap_check "secure-boot: the key of DKMS is enrolled" enrolled /var/lib/dkms/mok.pub
	ktap_check "secure-boot: and one's own" enrolled mok.pub
	ktap_note "$(grep -c 'DKMS module signing key\|my modules' /proc/keys) keys in the kernel," \
		"$(grep -o '\.\(machine\|platform\): [0-9]*' /proc/keys | tr '\n' ' ')"
	ktap_check "secure-boot: so the package has nothing to say" not_told
	ktap_check "secure-boot: modprobe loads what DKMS signed" loaded modprobe srtp
	ktap_check "secure-boot: and what was signed by hand is loaded" loaded insmod mine.ko
	ktap_check "secure-boot: an unsigned module" unsigned
	ktap_check "secure-boot: is refused as before" \
		refused "unsigned module is rejected" insmod "$by_hand"
	ktap_check "secure-boot: one with the signature of a stranger" sign_by_stranger
	ktap_check "secure-boot: is refused, too" \
		refused "module with unavailable key is rejected" insmod "$by_hand"
}

ktap_begin
"$1"
ktap_end
