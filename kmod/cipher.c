// SPDX-License-Identifier: GPL-2.0
/*
 * The cryptography of one packet: keystreams, tags, and the vectors they start
 * from.
 *
 * Requests and states lie in memory of the CPU, used with softirqs disabled.
 * The stack would be zeroed for each packet, and generic drivers of an AEAD hand
 * parts of its request to other algorithms as scatterlists, which must not point
 * there.
 */
#include <linux/percpu.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include <asm/simd.h>
#include <crypto/aead.h>
#include <crypto/algapi.h>
#include <crypto/hash.h>
#include <crypto/internal/simd.h>
#include <crypto/skcipher.h>

#include "compat/compat.h"
#include "compat/hmac.h"
#include "crypto.h"
#include "demux.h"

#define SRTP_BLOCK	16	/* of AES, ARIA and SEED */
#define SRTP_STREAM	512	/* octets of keystream made at once */

/**
 * struct srtp_scratch - memory of one CPU, in the linear mapping
 * @whole: what is worked on, in one piece; its end is marked once and for all
 * @parts: the same in several pieces
 * @word: four authenticated octets
 * @stream: keystream
 * @cipher: request of a cipher
 * @aead: request of an AEAD
 * @mac: state of a MAC
 */
struct srtp_scratch {
	struct scatterlist whole;
	struct scatterlist parts[4];
	__be32 word;
	u8 stream[SRTP_STREAM] __aligned(SRTP_BLOCK);
	u8 cipher[sizeof(struct skcipher_request) + SRTP_REQ_MAX] CRYPTO_MINALIGN_ATTR;
	u8 aead[sizeof(struct aead_request) + SRTP_AEAD_REQ_MAX] CRYPTO_MINALIGN_ATTR;
	u8 mac[sizeof(struct shash_desc) + HASH_MAX_DESCSIZE] CRYPTO_MINALIGN_ATTR;
};

static DEFINE_PER_CPU(struct srtp_scratch *, srtp_scratches);

/**
 * srtp_cipher_module_exit() - release the memory of the CPUs
 */
void srtp_cipher_module_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kfree_sensitive(per_cpu(srtp_scratches, cpu));
}

/**
 * srtp_cipher_module_init() - allocate memory for each CPU
 *
 * Return: 0 or -ENOMEM
 */
int srtp_cipher_module_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct srtp_scratch *scratch = kzalloc_node(sizeof(*scratch), GFP_KERNEL,
							    cpu_to_node(cpu));

		if (!scratch) {
			srtp_cipher_module_exit();
			return -ENOMEM;
		}
		sg_init_table(&scratch->whole, 1);
		/* Nobody is called: what is used is synchronous. */
		skcipher_request_set_callback((void *)scratch->cipher, 0, NULL, NULL);
		aead_request_set_callback((void *)scratch->aead, 0, NULL, NULL);
		per_cpu(srtp_scratches, cpu) = scratch;
	}
	return 0;
}

/* The caller has disabled softirqs. */
static struct srtp_scratch *srtp_scratch(void)
{
	lockdep_assert(in_softirq());
	return this_cpu_read(srtp_scratches);
}

/* A request has no secret but in what belongs to its driver. */
static inline int srtp_run_now(struct crypto_skcipher *tfm, u8 *iv, u8 *data, size_t len)
{
	struct srtp_scratch *scratch = srtp_scratch();
	struct skcipher_request *req = (void *)scratch->cipher;
	unsigned int own = crypto_skcipher_reqsize(tfm);
	int err;

	skcipher_request_set_tfm(req, tfm);
	sg_set_buf(&scratch->whole, data, len);
	skcipher_request_set_crypt(req, &scratch->whole, &scratch->whole, len, iv);
	err = crypto_skcipher_encrypt(req);
	if (unlikely(own))
		memzero_explicit(req->__ctx, own);
	return err;
}

/**
 * srtp_run() - add a keystream, or encrypt blocks, in place
 * @tfm: the keyed cipher
 * @iv: where it starts; on return where it would go on
 * @data: octets, in the linear mapping
 * @len: how many
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_run(struct crypto_skcipher *tfm, u8 *iv, u8 *data, size_t len)
{
	int err;

	local_bh_disable();
	err = srtp_run_now(tfm, iv, data, len);
	local_bh_enable();
	return err;
}

static struct crypto_skcipher *srtp_cipher_now(const struct srtp_cipher *cipher)
{
	return cipher->fast && crypto_simd_usable() ? cipher->fast : cipher->any;
}

/* IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16), RFC 3711 4.1.1. */
static void srtp_counter_iv(const __be64 salt[2], u32 ssrc, u64 index, u8 iv[SRTP_IV_LEN])
{
	__be64 *half = (__be64 *)iv;

	half[0] = salt[0] ^ cpu_to_be64(ssrc);
	half[1] = salt[1] ^ cpu_to_be64(index << 16);
}

static inline int srtp_ctr_rtp_now(const struct srtp_transform *tf, const u8 *packet, u64 index,
				   u8 *data, size_t len)
{
	u8 iv[SRTP_IV_LEN] __aligned(8);

	if (unlikely(!len))
		return 0;
	srtp_counter_iv(tf->salt, srtp_ssrc(SRTP_CLASS_RTP, packet), index, iv);
	return srtp_run_now(srtp_cipher_now(&tf->cipher), iv, data, len);
}

/*
 * S(j) = E(k_e, IV' XOR j XOR S(j-1)), S(-1) = 0 (RFC 3711 4.1.2): what CBC
 * makes, from an IV of 0, of the blocks IV' XOR j.
 */
static int srtp_f8_stream(const struct srtp_transform *tf, u8 *iv, u8 *stream, u8 *data,
			  size_t len)
{
	u8 last[SRTP_IV_LEN] __aligned(8) = {}, start[SRTP_IV_LEN] __aligned(8);
	u32 low, j = 0;
	size_t n, at;
	int err;

	memcpy(stream, iv, SRTP_IV_LEN);
	err = srtp_run_now(tf->f8_iv, last, stream, SRTP_IV_LEN);
	memcpy(start, stream, SRTP_IV_LEN);
	memset(last, 0, sizeof(last));
	low = get_unaligned_be32(start + 12);
	for (; len && !err; len -= n, data += n) {
		n = min_t(size_t, len, SRTP_STREAM);
		for (at = 0; at < n; at += SRTP_BLOCK) {
			memcpy(stream + at, start, 12);
			put_unaligned_be32(low ^ j++, stream + at + 12);
		}
		err = srtp_run_now(srtp_cipher_now(&tf->cipher), last, stream, at);
		crypto_xor(data, stream, n);
	}
	memzero_explicit(start, sizeof(start));
	return err;
}

static int srtp_f8(const struct srtp_transform *tf, u8 *iv, u8 *data, size_t len)
{
	struct srtp_scratch *scratch = srtp_scratch();
	int err = srtp_f8_stream(tf, iv, scratch->stream, data, len);

	memzero_explicit(scratch->stream, sizeof(scratch->stream));
	return err;
}

/**
 * srtp_crypt_rtp() - encrypt or decrypt an SRTP packet in place
 * @tf: the session keys, not of an AEAD
 * @packet: the packet, for its header
 * @index: its 48-bit index
 * @data: octets, in the linear mapping
 * @len: how many
 *
 * The IV of F8 is 0 || M || PT || SEQ || TS || SSRC || ROC, RFC 3711 4.1.2.2.
 * With softirqs disabled, like all that follow here.
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_crypt_rtp(const struct srtp_transform *tf, const u8 *packet, u64 index,
		   u8 *data, size_t len)
{
	u8 iv[SRTP_IV_LEN] __aligned(8);

	if (!len || tf->kind == SRTP_KIND_NONE)
		return 0;
	if (tf->kind == SRTP_KIND_CTR)
		return srtp_ctr_rtp_now(tf, packet, index, data, len);
	memcpy(iv, packet, SRTP_RTP_HEADER);
	iv[0] = 0;
	put_unaligned_be32(index >> 16, iv + 12);
	return srtp_f8(tf, iv, data, len);
}

/**
 * srtp_crypt_rtcp() - encrypt or decrypt an SRTCP packet in place
 * @tf: the session keys, not of an AEAD
 * @packet: the packet, for its header
 * @word: E flag and 31-bit index
 * @data: octets, in the linear mapping
 * @len: how many
 *
 * The IV of F8 is 0 || E || index || first 8 octets, RFC 3711 4.1.2.3.
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_crypt_rtcp(const struct srtp_transform *tf, const u8 *packet, u32 word,
		    u8 *data, size_t len)
{
	u8 iv[SRTP_IV_LEN] __aligned(8);

	if (!len || tf->kind == SRTP_KIND_NONE)
		return 0;
	if (likely(tf->kind == SRTP_KIND_CTR)) {
		srtp_counter_iv(tf->salt, srtp_ssrc(SRTP_CLASS_RTCP, packet),
				word & SRTCP_INDEX_MAX, iv);
		return srtp_run_now(srtp_cipher_now(&tf->cipher), iv, data, len);
	}
	put_unaligned_be32(0, iv);
	put_unaligned_be32(word, iv + 4);
	memcpy(iv + 8, packet, SRTP_RTCP_HEADER);
	return srtp_f8(tf, iv, data, len);
}

/**
 * srtp_crypt_hdrext() - encrypt or decrypt one header extension element
 * @tf: the session keys, with those of header extensions
 * @packet: the packet, for its SSRC
 * @index: its 48-bit index
 * @at: where in the extension, behind its first 4 octets, the element begins
 * @data: its octets
 * @len: how many, at most 255
 *
 * RFC 6904 section 3: the keystream runs over the whole extension.
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_crypt_hdrext(const struct srtp_transform *tf, const u8 *packet, u64 index,
		      size_t at, u8 *data, size_t len)
{
	struct srtp_scratch *scratch = srtp_scratch();
	u8 iv[SRTP_IV_LEN] __aligned(8);
	size_t lead = at % SRTP_BLOCK;
	int err;

	srtp_counter_iv(tf->hdrext_salt, srtp_ssrc(SRTP_CLASS_RTP, packet), index, iv);
	put_unaligned_be16(at / SRTP_BLOCK, iv + 14);
	memset(scratch->stream, 0, lead + len);
	err = srtp_run_now(srtp_cipher_now(&tf->hdrext), iv, scratch->stream, lead + len);
	crypto_xor(data, scratch->stream + lead, len);
	memzero_explicit(scratch->stream, lead + len);
	return err;
}

/*
 * Nonce = (0^16 || SSRC || 48-bit index) XOR salt, RFC 7714 8.1 and 9.1.  What follows it is
 * the driver's.
 */
static inline void srtp_gcm_nonce(const struct srtp_transform *tf, u32 ssrc, u64 index,
				  u8 iv[SRTP_IV_LEN])
{
	put_unaligned_be64(((u64)ssrc << 16 | index >> 32) ^ be64_to_cpu(tf->salt[0]), iv);
	put_unaligned_be32(index ^ be64_to_cpu(tf->salt[1]) >> 32, iv + 8);
}

static struct scatterlist *srtp_aead_sg(struct srtp_scratch *scratch,
					const struct srtp_aead_parts *parts, size_t tag_len)
{
	struct scatterlist *sg = scratch->parts;
	int n = 0;

	if (likely(!parts->word && parts->text == parts->head + parts->head_len &&
		   parts->tag == parts->text + parts->len)) {
		sg_set_buf(&scratch->whole, parts->head, parts->head_len + parts->len + tag_len);
		return &scratch->whole;
	}
	sg_init_table(sg, 2 + !!parts->word + !!parts->len);
	sg_set_buf(&sg[n++], parts->head, parts->head_len);
	if (parts->word) {
		scratch->word = cpu_to_be32(*parts->word);
		sg_set_buf(&sg[n++], &scratch->word, sizeof(scratch->word));
	}
	if (parts->len)
		sg_set_buf(&sg[n++], parts->text, parts->len);
	sg_set_buf(&sg[n], parts->tag, tag_len);
	return sg;
}

/* The same with CCM (RFC 5669 section 3): the octets of its length field before it, less one. */
static void srtp_nonce(const struct srtp_transform *tf, u32 ssrc, u64 index, u8 iv[SRTP_IV_LEN])
{
	memset(iv, 0, SRTP_IV_LEN);
	if (tf->kind == SRTP_KIND_CCM)
		*iv++ = 15 - SRTP_AEAD_SALT_LEN - 1;
	srtp_gcm_nonce(tf, ssrc, index, iv);
}

static struct crypto_aead *srtp_aead_now(const struct srtp_transform *tf)
{
	return tf->fast_aead && crypto_simd_usable() ? tf->fast_aead : tf->aead;
}

/* A packet in one piece: what is clear, what is not, and the tag. */
static __always_inline struct aead_request *srtp_gcm_request(const struct srtp_transform *tf,
							     u8 *packet, size_t clear,
							     size_t len, u64 index, u8 *iv)
{
	struct srtp_scratch *scratch = srtp_scratch();
	struct aead_request *req = (void *)scratch->aead;

	srtp_gcm_nonce(tf, srtp_ssrc(SRTP_CLASS_RTP, packet), index, iv);
	sg_set_buf(&scratch->whole, packet, len + crypto_aead_authsize(tf->aead));
	aead_request_set_tfm(req, srtp_aead_now(tf));
	aead_request_set_ad(req, clear);
	return req;
}

static inline void srtp_gcm_wipe(struct aead_request *req)
{
	unsigned int own = crypto_aead_reqsize(crypto_aead_reqtfm(req));

	if (unlikely(own))
		memzero_explicit(req->__ctx, own);
}

/**
 * srtp_gcm_seal() - encrypt an SRTP packet in place and put its tag behind it
 * @tf: the session keys, of GCM
 * @packet: the packet
 * @clear: octets at its beginning that stay clear
 * @len: its octets
 * @index: its 48-bit index
 * @mac: result: the tag, and zeros
 *
 * What most packets need, in one function.
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_gcm_seal(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index, u8 mac[SRTP_MAC_LEN])
{
	u8 iv[SRTP_IV_LEN] __aligned(8);
	struct aead_request *req = srtp_gcm_request(tf, packet, clear, len, index, iv);
	int err;

	aead_request_set_crypt(req, &srtp_scratch()->whole, &srtp_scratch()->whole,
			       len - clear, iv);
	err = crypto_aead_encrypt(req);
	srtp_gcm_wipe(req);
	memset(mac, 0, SRTP_MAC_LEN);
	memcpy(mac, packet + len, min_t(size_t, crypto_aead_authsize(tf->aead), SRTP_MAC_LEN));
	return err;
}

/**
 * srtp_gcm_open() - check the tag behind an SRTP packet and decrypt it in place
 * @tf: the session keys, of GCM
 * @packet: the packet
 * @clear: octets at its beginning that are clear
 * @len: its octets without the tag
 * @index: its 48-bit index
 *
 * The opposite of srtp_gcm_seal().
 *
 * Return: 0, -EBADMSG if the tag is wrong, or an error of the crypto API
 */
int srtp_gcm_open(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index)
{
	u8 iv[SRTP_IV_LEN] __aligned(8);
	struct aead_request *req = srtp_gcm_request(tf, packet, clear, len, index, iv);
	int err;

	aead_request_set_crypt(req, &srtp_scratch()->whole, &srtp_scratch()->whole,
			       len - clear + crypto_aead_authsize(tf->aead), iv);
	err = crypto_aead_decrypt(req);
	srtp_gcm_wipe(req);
	return err;
}

/**
 * srtp_aead() - seal or open a packet in place
 * @tf: the session keys, of an AEAD
 * @seal: encrypt and make the tag; else check the tag and decrypt
 * @ssrc: SSRC of the packet
 * @index: packet index, 48 bits for SRTP, 31 bits for SRTCP
 * @parts: what is where
 *
 * A tag that is wrong may leave decrypted octets.
 *
 * Return: 0, -EBADMSG if the tag is wrong, or an error of the crypto API
 */
int srtp_aead(const struct srtp_transform *tf, bool seal, u32 ssrc, u64 index,
	      const struct srtp_aead_parts *parts)
{
	struct srtp_scratch *scratch = srtp_scratch();
	struct aead_request *req = (void *)scratch->aead;
	size_t tag_len = crypto_aead_authsize(tf->aead);
	struct scatterlist *sg = srtp_aead_sg(scratch, parts, tag_len);
	struct crypto_aead *tfm = srtp_aead_now(tf);
	u8 iv[SRTP_IV_LEN] __aligned(8);
	int err;

	srtp_nonce(tf, ssrc, index, iv);
	aead_request_set_tfm(req, tfm);
	aead_request_set_ad(req, parts->head_len + (parts->word ? sizeof(scratch->word) : 0));
	aead_request_set_crypt(req, sg, sg, parts->len + (seal ? 0 : tag_len), iv);
	err = seal ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req);
	if (crypto_aead_reqsize(tfm))
		memzero_explicit(req->__ctx, crypto_aead_reqsize(tfm));
	return err;
}

static __always_inline int srtp_hmac_resume(const struct srtp_transform *tf,
					    struct shash_desc *desc, const u8 *state)
{
	if (likely(tf->mac_copied)) {
		memcpy(shash_desc_ctx(desc), state, SRTP_MAC_COPIED);
		return 0;
	}
	return crypto_shash_import(desc, state);
}

/* HMAC goes on from where its key has left the inner hash, and the outer (RFC 2104 section 4). */
static __always_inline int srtp_hmac(const struct srtp_transform *tf, struct shash_desc *desc,
				     const u8 *data, size_t len, u8 mac[SRTP_MAC_LEN])
{
	const u8 *outer = tf->mac_states + crypto_shash_statesize(desc->tfm);

	return srtp_hmac_resume(tf, desc, tf->mac_states) ?:
	       crypto_shash_finup(desc, data, len, mac) ?:
	       srtp_hmac_resume(tf, desc, outer) ?:
	       crypto_shash_finup(desc, mac, SRTP_MAC_LEN, mac);
}

/* A hash that is finished holds a digest, and nothing of the key. */
static __always_inline int srtp_mac_now(const struct srtp_transform *tf, const u8 *data,
					size_t len, u8 mac[SRTP_MAC_LEN])
{
	struct shash_desc *desc = (void *)srtp_scratch()->mac;
	int err;

	if (SRTP_HMAC_FUNCTION && likely(tf->mac_key)) {
		hmac_sha1(tf->mac_key, data, len, mac);
		return 0;
	}
	desc->tfm = tf->mac;
	if (tf->mac_states) {
		err = srtp_hmac(tf, desc, data, len, mac);
		if (likely(!err))
			return 0;
	} else {
		err = crypto_shash_digest(desc, data, len, mac);
	}
	shash_desc_zero(desc);
	return err;
}

/*
 * The tag covers header, payload and, unsent, the ROC (RFC 3711 4.2).  The ROC
 * takes the place of the trailer meanwhile, so that the MAC is one call.
 */
static __always_inline int srtp_mac_rtp_now(const struct srtp_transform *tf, u8 *packet,
					    size_t len, u64 index, u8 mac[SRTP_MAC_LEN])
{
	u32 behind = get_unaligned((u32 *)(packet + len));
	int err;

	put_unaligned_be32(index >> 16, packet + len);
	err = srtp_mac_now(tf, packet, len + sizeof(behind), mac);
	put_unaligned(behind, (u32 *)(packet + len));
	return err;
}

/**
 * srtp_mac() - full-length MAC of an SRTCP packet
 * @tf: the session keys
 * @data: authenticated octets
 * @len: how many
 * @mac: result
 *
 * RFC 3711 4.2.
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_mac(const struct srtp_transform *tf, const u8 *data, size_t len, u8 mac[SRTP_MAC_LEN])
{
	return srtp_mac_now(tf, data, len, mac);
}

/**
 * srtp_mac_rtp() - full-length MAC of an SRTP packet
 * @tf: the session keys
 * @packet: the packet, with room for a ROC behind it
 * @len: its octets without a trailer
 * @index: its 48-bit index
 * @mac: result
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_mac_rtp(const struct srtp_transform *tf, u8 *packet, size_t len, u64 index,
		 u8 mac[SRTP_MAC_LEN])
{
	return srtp_mac_rtp_now(tf, packet, len, index, mac);
}

/**
 * srtp_ctr_seal() - encrypt an SRTP packet in place and make its MAC
 * @tf: the session keys, of counter mode and a MAC
 * @packet: the packet, with room for a ROC behind it
 * @clear: octets at its beginning that stay clear
 * @len: its octets
 * @index: its 48-bit index
 * @mac: result
 *
 * What most packets need, in one function.
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_ctr_seal(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index, u8 mac[SRTP_MAC_LEN])
{
	return srtp_ctr_rtp_now(tf, packet, index, packet + clear, len - clear) ?:
	       srtp_mac_rtp_now(tf, packet, len, index, mac);
}

/**
 * srtp_ctr_open() - check the tag of an SRTP packet and decrypt it in place
 * @tf: the session keys, of counter mode and a MAC
 * @packet: the packet
 * @clear: octets at its beginning that are clear
 * @len: its octets without the trailer
 * @index: its 48-bit index
 * @tag: the tag, in the trailer
 * @tag_len: its octets, or 0 without authentication
 *
 * The opposite of srtp_ctr_seal().
 *
 * Return: 0, -EBADMSG if the tag is wrong, or an error of the crypto API
 */
int srtp_ctr_open(const struct srtp_transform *tf, u8 *packet, size_t clear, size_t len,
		  u64 index, const u8 *tag, size_t tag_len)
{
	u8 mac[SRTP_MAC_LEN];
	int err;

	if (likely(tag_len)) {
		err = srtp_mac_rtp_now(tf, packet, len, index, mac);
		if (err || crypto_memneq(mac, tag, tag_len))
			return err ?: -EBADMSG;
	}
	return srtp_ctr_rtp_now(tf, packet, index, packet + clear, len - clear);
}
