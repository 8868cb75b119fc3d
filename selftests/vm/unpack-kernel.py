#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""unpack-kernel.py BZIMAGE ELF: takes the kernel out of its xz wrapping.

An emulated machine spends several seconds on what takes the host a fraction
of one. Fails if the image is wrapped otherwise: such a one is booted as it is.
The fields of the header are those of Documentation/arch/x86/boot.rst.
"""

import lzma
import struct
import sys

XZ_MAGIC = b"\xfd7zXZ\0"


def payload(image):
    if image[0x202:0x206] != b"HdrS":
        sys.exit("not an x86 boot image")
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    return image[start:start + length]


def main(source, target):
    with open(source, "rb") as file:
        packed = payload(file.read())
    if not packed.startswith(XZ_MAGIC):
        sys.exit("not packed with xz")
    elf = lzma.LZMADecompressor().decompress(packed)
    if not elf.startswith(b"\x7fELF"):
        sys.exit("no ELF image inside")
    with open(target, "wb") as file:
        file.write(elf)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
