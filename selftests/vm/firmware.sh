# SPDX-License-Identifier: GPL-2.0
#
# A machine that starts by UEFI Secure Boot. Sourced.
#
# Its firmware trusts Microsoft's keys, as one that is bought does; those trust
# Debian's shim, which trusts Debian's GRUB, kernel and modules. The keys of the
# machine's owner ("MOK") are variables of the firmware, in a file that outlives the
# machine.

firmware=/usr/share/OVMF

# firmware_files ROOT: what is needed of the firmware, and of a root with shim and GRUB.
firmware_files()
{
	echo "$firmware/OVMF_CODE_4M.secboot.fd $firmware/OVMF_VARS_4M.ms.fd" \
		"$1/usr/lib/shim/shimx64.efi.signed $1/usr/lib/shim/mmx64.efi.signed" \
		"$1/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed"
}

# firmware_disk DIR ROOT KERNEL INITRD ARGUMENTS: a system partition as the firmware
# looks for it on a disk that it does not know.
firmware_disk()
{
	mkdir -p "$1/EFI/BOOT" "$1/EFI/debian" &&
	cp "$2/usr/lib/shim/shimx64.efi.signed" "$1/EFI/BOOT/BOOTX64.EFI" &&
	cp "$2/usr/lib/shim/mmx64.efi.signed" "$1/EFI/BOOT/mmx64.efi" &&
	cp "$2/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" "$1/EFI/BOOT/grubx64.efi" &&
	cp -L "$3" "$1/vmlinuz" && cp "$4" "$1/initrd" &&
	cat >"$1/EFI/debian/grub.cfg" <<-END
		search --file --set=root /vmlinuz
		linux /vmlinuz $5
		initrd /initrd
		boot
	END
}

# firmware_machine VARIABLES DISK: options of QEMU. VARIABLES is made if it is missing.
# Only the firmware, in system management mode, can write them.
firmware_machine()
{
	[ -e "$1" ] || cp "$firmware/OVMF_VARS_4M.ms.fd" "$1" || return
	printf '%s\n' -machine q35,smm=on -global driver=cfi.pflash01,property=secure,value=on \
		-global ICH9-LPC.disable_s3=1 \
		-drive "if=pflash,format=raw,unit=0,readonly=on,file=$firmware/OVMF_CODE_4M.secboot.fd" \
		-drive "if=pflash,format=raw,unit=1,file=$1" \
		-drive "if=none,id=disk,format=raw,readonly=on,file=fat:$2" \
		-device virtio-blk-pci,drive=disk
}
