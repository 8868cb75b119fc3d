// SPDX-License-Identifier: GPL-2.0
/*
 * What the cryptography of one packet costs by itself: one call of the cipher
 * and one of the MAC, or one of the AEAD, with everything prepared beforehand.
 * Whoever encrypts in the kernel pays this, so it is the floor to measure from.
 *
 * Results are read-only parameters of this module: the least number of time
 * stamp counter ticks of a call, for the payloads of the parameter "sizes".
 */
#include <linux/module.h>
#include <linux/bottom_half.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include <asm/msr.h>
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <crypto/skcipher.h>

#define FLOOR_SIZES	4
#define FLOOR_ROUNDS	64
#define FLOOR_HEADER	12	/* RTP */
#define FLOOR_ROC	4

static uint sizes[FLOOR_SIZES];
static int n_sizes;
module_param_array(sizes, uint, &n_sizes, 0444);
MODULE_PARM_DESC(sizes, "octets of the RTP packets, header included");

static ulong cipher[FLOOR_SIZES], mac[FLOOR_SIZES], aead[FLOOR_SIZES];
module_param_array(cipher, ulong, NULL, 0444);
module_param_array(mac, ulong, NULL, 0444);
module_param_array(aead, ulong, NULL, 0444);

static char cipher_driver[CRYPTO_MAX_ALG_NAME], mac_driver[CRYPTO_MAX_ALG_NAME],
	    aead_driver[CRYPTO_MAX_ALG_NAME];
module_param_string(cipher_driver, cipher_driver, sizeof(cipher_driver), 0444);
module_param_string(mac_driver, mac_driver, sizeof(mac_driver), 0444);
module_param_string(aead_driver, aead_driver, sizeof(aead_driver), 0444);

/* Tells ../profile/plugin.c that a figure begins or ends, or a call: nops with numbers. */
static __always_inline void mark_figure(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0xed, 0x5e, 0xed, 0x5e");
}

static __always_inline void mark_call(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0xca, 0x11, 0xca, 0x11");
}

/* The least of many: the rest is interrupts and cold caches. */
#define floor_measure(call)						\
({									\
	ulong least = ULONG_MAX, start;					\
	int round, bad = 0;						\
									\
	local_bh_disable();						\
	mark_figure();							\
	for (round = 0; round < FLOOR_ROUNDS; round++) {		\
		mark_call();						\
		start = rdtsc_ordered();				\
		bad |= (call);						\
		start = rdtsc_ordered() - start;			\
		mark_call();						\
		least = min(least, start);				\
	}								\
	mark_figure();							\
	local_bh_enable();						\
	bad ? ULONG_MAX : least;					\
})

/* The internal algorithm of kernels that have them, else the public one. */
#define floor_alloc(kind, name)						\
({									\
	typeof(crypto_alloc_##kind(name, 0, 0)) tfm;			\
									\
	tfm = crypto_alloc_##kind("__" name, CRYPTO_ALG_INTERNAL,	\
				  CRYPTO_ALG_INTERNAL | CRYPTO_ALG_ASYNC); \
	if (IS_ERR(tfm))						\
		tfm = crypto_alloc_##kind(name, 0, CRYPTO_ALG_ASYNC);	\
	tfm;								\
})

static u8 *buffer;
static u8 iv[16];

static int floor_cipher(void)
{
	struct crypto_skcipher *tfm = floor_alloc(skcipher, "ctr(aes)");
	struct skcipher_request *req;
	struct scatterlist sg;
	int i;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	req = skcipher_request_alloc(tfm, GFP_KERNEL);
	if (!req || crypto_skcipher_setkey(tfm, iv, 16)) {
		crypto_free_skcipher(tfm);
		return -ENOMEM;
	}
	for (i = 0; i < n_sizes; i++) {
		sg_init_one(&sg, buffer + FLOOR_HEADER, sizes[i] - FLOOR_HEADER);
		skcipher_request_set_callback(req, 0, NULL, NULL);
		skcipher_request_set_crypt(req, &sg, &sg, sg.length, iv);
		cipher[i] = floor_measure(crypto_skcipher_encrypt(req));
	}
	strscpy(cipher_driver, crypto_tfm_alg_driver_name(crypto_skcipher_tfm(tfm)),
		sizeof(cipher_driver));
	skcipher_request_free(req);
	crypto_free_skcipher(tfm);
	return 0;
}

static int floor_mac(void)
{
	struct crypto_shash *tfm = crypto_alloc_shash("hmac(sha1)", 0, 0);
	int i;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	if (crypto_shash_setkey(tfm, buffer, 20)) {
		crypto_free_shash(tfm);
		return -EINVAL;
	}
	for (i = 0; i < n_sizes; i++) {
		SHASH_DESC_ON_STACK(desc, tfm);
		u8 out[20];

		desc->tfm = tfm;
		mac[i] = floor_measure(crypto_shash_digest(desc, buffer, sizes[i] + FLOOR_ROC,
							   out));
	}
	strscpy(mac_driver, crypto_tfm_alg_driver_name(crypto_shash_tfm(tfm)),
		sizeof(mac_driver));
	crypto_free_shash(tfm);
	return 0;
}

static int floor_aead(void)
{
	struct crypto_aead *tfm = floor_alloc(aead, "gcm(aes)");
	struct aead_request *req;
	struct scatterlist sg;
	int i;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	req = aead_request_alloc(tfm, GFP_KERNEL);
	if (!req || crypto_aead_setkey(tfm, iv, 16) || crypto_aead_setauthsize(tfm, 16)) {
		crypto_free_aead(tfm);
		return -ENOMEM;
	}
	for (i = 0; i < n_sizes; i++) {
		sg_init_one(&sg, buffer, sizes[i] + 16);
		aead_request_set_callback(req, 0, NULL, NULL);
		aead_request_set_ad(req, FLOOR_HEADER);
		aead_request_set_crypt(req, &sg, &sg, sizes[i] - FLOOR_HEADER, iv);
		aead[i] = floor_measure(crypto_aead_encrypt(req));
	}
	strscpy(aead_driver, crypto_tfm_alg_driver_name(crypto_aead_tfm(tfm)),
		sizeof(aead_driver));
	aead_request_free(req);
	crypto_free_aead(tfm);
	return 0;
}

/* Not __init: /proc/kallsyms has its name when all is over. */
static int floor_init(void)
{
	int i, err;

	for (i = 0; i < n_sizes; i++)
		if (sizes[i] <= FLOOR_HEADER || sizes[i] > PAGE_SIZE - 32)
			return -EINVAL;
	buffer = (u8 *)get_zeroed_page(GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	err = floor_cipher() ?: floor_mac() ?: floor_aead();
	free_page((ulong)buffer);
	return err;
}

static void __exit floor_exit(void)
{
}

module_init(floor_init);
module_exit(floor_exit);

MODULE_DESCRIPTION("The cost of SRTP's cryptography by itself");
MODULE_LICENSE("GPL");
