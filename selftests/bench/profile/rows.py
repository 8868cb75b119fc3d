# SPDX-License-Identifier: GPL-2.0
"""The rows of the documentation's tables, and which functions are in each.

A function is in the first row that has a pattern of its name.
"""

import fnmatch

ROWS = (
    ("cipher and MAC, other than alone",
     "sha1* __sha1* hmac_* __hmac_* *aes_* aesni* aes_* *ghash* gcm* generic_gcm* crypto_aead* "
     "crypto_shash* crypto_skcipher* shash_* skcipher_* scatterwalk* sg_* ctr_* simd_* "
     "kernel_fpu* irq_fpu_usable helper_rfc4106* xor_bytes*"),
    ("the floor's loop and clock", "floor_*"),
    ("the application's FPU state",
     "save_fpregs* switch_fpu_* restore_fpregs* fpregs_* fpu_* os_xsave xfd_* "
     "exit_to_user_mode_prepare"),
    ("requests, IV, HMAC states, ROC", "srtp_ctr_* srtp_gcm_* srtp_mac* srtp_aead*"),
    ("header, index, policy, window",
     "srtp_protect* srtp_unprotect* srtp_track* srtp_rtp_* srtp_refuse*"),
    ("the way there and back", "srtp_*"),
    ("locks", "_raw_spin_* _raw_read_* native_queued_*"),
    ("copies from the application",
     "_copy_from_iter* copy_user* copy_from_user* rep_movs* __copy_user* _copy_to_iter* "
     "copy_page_from_iter* memcpy_from_iter* raw_copy* iov_iter_kvec"),
    ("copies inside the kernel", "memcpy* __memcpy* memmove* __memmove* memset* __memset*"),
    ("comparing tags", "crypto_memneq __crypto_memneq memcmp"),
    ("RCU and softirqs", "__rcu_read_* __local_bh_* rcu_*"),
    ("indirect calls", "__x86_indirect_* __x86_return_* retbleed* srso_* its_*"),
    ("memory for a trial", "kmalloc* kmemdup* kfree_sensitive kfree __kmalloc* __kmem_cache_* "
     "kmem_cache_* slab_* ___slab* __slab* ksize memzero* __ksize kfence* should_failslab "
     "__kfence* memcg_* get_mem_cgroup* obj_cgroup*"),
)
# Modules that are nothing but ciphers and hashes; parts of their code have names of their own.
CRYPTO = {"aesni_intel", "ghash_clmulni_intel", "sha1_ssse3", "ctr", "gcm", "cryptd", "crypto_simd"}
TITLES = [title for title, _ in ROWS] + ["others, in UDP and on the way out"]


def row_of(function, module):
    """The title of the row that a function is in."""
    if module == "srtp_floor":
        return "the floor's loop and clock"
    if module in CRYPTO:
        return ROWS[0][0]
    for title, patterns in ROWS:
        if any(fnmatch.fnmatchcase(function, pattern) for pattern in patterns.split()):
            return title
    return TITLES[-1]
