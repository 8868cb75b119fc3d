/* SPDX-License-Identifier: GPL-2.0 */
/*
 * HMAC-SHA1 as a function of the kernel, which its driver of the crypto API only calls.
 *
 * Where there is none SRTP_HMAC_FUNCTION is false, and nothing is left of the calls.
 */
#ifndef _SRTP_COMPAT_HMAC_H
#define _SRTP_COMPAT_HMAC_H

#include <linux/kconfig.h>
#include <linux/types.h>
#include <linux/version.h>

#define SRTP_HMAC_FUNCTION_DRIVER	"hmac-sha1-lib"

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0) && IS_REACHABLE(CONFIG_CRYPTO_LIB_SHA1)
#include <crypto/sha1.h>
#define SRTP_HMAC_FUNCTION	true
#else
#define SRTP_HMAC_FUNCTION	false
struct hmac_sha1_key { };
void hmac_sha1_preparekey(struct hmac_sha1_key *key, const u8 *raw_key, size_t raw_key_len);
void hmac_sha1(const struct hmac_sha1_key *key, const u8 *data, size_t data_len, u8 *out);
#endif

#endif
