#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints at how many kHz this machine's time stamp counter counts.

An emulated processor counts with it. A guest without ACPI can only find out by the
8254, whose registers a busy host does not emulate in time.
"""

import ctypes
import mmap
import time

# rdtsc; shl rdx, 32; or rax, rdx; ret
RDTSC = b"\x0f\x31\x48\xc1\xe2\x20\x48\x09\xd0\xc3"

code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(RDTSC)
rdtsc = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(ctypes.c_char.from_buffer(code)))


def both():
    """The counter and nanoseconds, read as close to each other as it comes."""
    def read():
        before, now, after = rdtsc(), time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW), rdtsc()
        return after - before, after, now
    return min(read() for _ in range(20))[1:]


ticks, start = both()
time.sleep(0.2)
more, end = both()
print((more - ticks) * 1000000 // (end - start))
