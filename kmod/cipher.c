// SPDX-License-Identifier: GPL-2.0
/*
 * The cryptography of one packet: keystreams, tags, and the vectors they start
 * from.
 *
 * A cipher's request lies on the stack.  An AEAD's does not: generic drivers
 * hand parts of it to other algorithms as scatterlists, which must not point
 * into the stack.  It lies in memory of the CPU, used with softirqs disabled.
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
#include "crypto.h"
#include "demux.h"

#define SRTP_BLOCK	16	/* of AES, ARIA and SEED */
#define SRTP_STREAM	512	/* octets of keystream made at once */

/**
 * struct srtp_scratch - memory of one CPU, in the linear mapping
 * @word: four authenticated octets
 * @stream: keystream
 * @request: request of an AEAD
 */
struct srtp_scratch {
	__be32 word;
	u8 stream[SRTP_STREAM] __aligned(SRTP_BLOCK);
	u8 request[sizeof(struct aead_request) + SRTP_AEAD_REQ_MAX] CRYPTO_MINALIGN_ATTR;
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
		per_cpu(srtp_scratches, cpu) = kzalloc_node(sizeof(struct srtp_scratch),
							    GFP_KERNEL, cpu_to_node(cpu));
		if (per_cpu(srtp_scratches, cpu))
			continue;
		srtp_cipher_module_exit();
		return -ENOMEM;
	}
	return 0;
}

static struct srtp_scratch *srtp_scratch_get(void)
{
	local_bh_disable();
	return this_cpu_read(srtp_scratches);
}

static void srtp_scratch_put(void)
{
	local_bh_enable();
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
	u8 mem[sizeof(struct skcipher_request) + SRTP_REQ_MAX] CRYPTO_MINALIGN_ATTR;
	struct skcipher_request *req = (void *)mem;
	struct scatterlist sg;
	int err;

	skcipher_request_set_tfm(req, tfm);
	skcipher_request_set_callback(req, 0, NULL, NULL);
	sg_init_one(&sg, data, len);
	skcipher_request_set_crypt(req, &sg, &sg, len, iv);
	err = crypto_skcipher_encrypt(req);
	memzero_explicit(mem, sizeof(struct skcipher_request) + crypto_skcipher_reqsize(tfm));
	return err;
}

static struct crypto_skcipher *srtp_cipher_now(const struct srtp_cipher *cipher)
{
	return cipher->fast && crypto_simd_usable() ? cipher->fast : cipher->any;
}

/* IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16), RFC 3711 4.1.1. */
static void srtp_counter_iv(const u8 *salt, u32 ssrc, u64 index, u8 iv[SRTP_IV_LEN])
{
	put_unaligned_be32(0, iv);
	put_unaligned_be32(ssrc, iv + 4);
	put_unaligned_be32(index >> 16, iv + 8);
	put_unaligned_be32(index << 16, iv + 12);
	crypto_xor(iv, salt, SRTP_SALT_LEN);
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
	err = srtp_run(tf->f8_iv, last, stream, SRTP_IV_LEN);
	memcpy(start, stream, SRTP_IV_LEN);
	memset(last, 0, sizeof(last));
	low = get_unaligned_be32(start + 12);
	for (; len && !err; len -= n, data += n) {
		n = min_t(size_t, len, SRTP_STREAM);
		for (at = 0; at < n; at += SRTP_BLOCK) {
			memcpy(stream + at, start, 12);
			put_unaligned_be32(low ^ j++, stream + at + 12);
		}
		err = srtp_run(srtp_cipher_now(&tf->cipher), last, stream, at);
		crypto_xor(data, stream, n);
	}
	memzero_explicit(start, sizeof(start));
	return err;
}

static int srtp_f8(const struct srtp_transform *tf, u8 *iv, u8 *data, size_t len)
{
	struct srtp_scratch *scratch = srtp_scratch_get();
	int err = srtp_f8_stream(tf, iv, scratch->stream, data, len);

	memzero_explicit(scratch->stream, sizeof(scratch->stream));
	srtp_scratch_put();
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
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_crypt_rtp(const struct srtp_transform *tf, const u8 *packet, u64 index,
		   u8 *data, size_t len)
{
	u8 iv[SRTP_IV_LEN] __aligned(8);

	if (!len || tf->kind == SRTP_KIND_NONE)
		return 0;
	if (likely(tf->kind == SRTP_KIND_CTR)) {
		srtp_counter_iv(tf->salt, srtp_ssrc(SRTP_CLASS_RTP, packet), index, iv);
		return srtp_run(srtp_cipher_now(&tf->cipher), iv, data, len);
	}
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
		return srtp_run(srtp_cipher_now(&tf->cipher), iv, data, len);
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
	struct srtp_scratch *scratch = srtp_scratch_get();
	u8 iv[SRTP_IV_LEN] __aligned(8);
	size_t lead = at % SRTP_BLOCK;
	int err;

	srtp_counter_iv(tf->hdrext_salt, srtp_ssrc(SRTP_CLASS_RTP, packet), index, iv);
	put_unaligned_be16(at / SRTP_BLOCK, iv + 14);
	memset(scratch->stream, 0, lead + len);
	err = srtp_run(srtp_cipher_now(&tf->hdrext), iv, scratch->stream, lead + len);
	crypto_xor(data, scratch->stream + lead, len);
	memzero_explicit(scratch->stream, lead + len);
	srtp_scratch_put();
	return err;
}

static void srtp_aead_sg(struct scatterlist *sg, const struct srtp_aead_parts *parts,
			 __be32 *word, size_t tag_len)
{
	int n = 0;

	if (likely(!parts->word && parts->text == parts->head + parts->head_len &&
		   parts->tag == parts->text + parts->len)) {
		sg_init_one(sg, parts->head, parts->head_len + parts->len + tag_len);
		return;
	}
	sg_init_table(sg, 2 + !!parts->word + !!parts->len);
	sg_set_buf(&sg[n++], parts->head, parts->head_len);
	if (parts->word) {
		*word = cpu_to_be32(*parts->word);
		sg_set_buf(&sg[n++], word, sizeof(*word));
	}
	if (parts->len)
		sg_set_buf(&sg[n++], parts->text, parts->len);
	sg_set_buf(&sg[n], parts->tag, tag_len);
}

/*
 * Nonce = (0^16 || SSRC || 48-bit index) XOR salt, RFC 7714 8.1 and 9.1, RFC
 * 5669 section 3.  CCM wants the octets of its length field before it, less one.
 */
static void srtp_nonce(const struct srtp_transform *tf, u32 ssrc, u64 index, u8 iv[SRTP_IV_LEN])
{
	u8 nonce[SRTP_AEAD_SALT_LEN];

	put_unaligned_be16(0, nonce);
	put_unaligned_be32(ssrc, nonce + 2);
	put_unaligned_be16(index >> 32, nonce + 6);
	put_unaligned_be32(index, nonce + 8);
	crypto_xor(nonce, tf->salt, sizeof(nonce));
	memset(iv, 0, SRTP_IV_LEN);
	if (tf->kind == SRTP_KIND_CCM)
		*iv++ = 15 - SRTP_AEAD_SALT_LEN - 1;
	memcpy(iv, nonce, sizeof(nonce));
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
	struct crypto_aead *tfm = tf->aead;
	size_t tag_len = crypto_aead_authsize(tfm);
	u8 iv[SRTP_IV_LEN] __aligned(8);
	struct srtp_scratch *scratch;
	struct aead_request *req;
	struct scatterlist sg[4];
	int err;

	srtp_nonce(tf, ssrc, index, iv);
	scratch = srtp_scratch_get();
	req = (void *)scratch->request;
	if (tf->fast_aead && crypto_simd_usable())
		tfm = tf->fast_aead;
	srtp_aead_sg(sg, parts, &scratch->word, tag_len);
	aead_request_set_tfm(req, tfm);
	aead_request_set_callback(req, 0, NULL, NULL);
	aead_request_set_ad(req, parts->head_len + (parts->word ? sizeof(scratch->word) : 0));
	aead_request_set_crypt(req, sg, sg, parts->len + (seal ? 0 : tag_len), iv);
	err = seal ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req);
	memzero_explicit(req, sizeof(*req) + crypto_aead_reqsize(tfm));
	srtp_scratch_put();
	return err;
}

/**
 * srtp_mac() - full-length MAC of a packet
 * @tf: the session keys
 * @data: authenticated octets of the packet
 * @len: how many
 * @tail: octets that are authenticated but not sent (the ROC), or NULL
 * @tail_len: how many
 * @mac: result
 *
 * RFC 3711 4.2.
 *
 * Return: 0 or a negative error of the crypto API
 */
int srtp_mac(const struct srtp_transform *tf, const u8 *data, size_t len,
	     const u8 *tail, size_t tail_len, u8 mac[SRTP_MAC_LEN])
{
	SHASH_DESC_ON_STACK(desc, tf->mac);
	int err;

	desc->tfm = tf->mac;
	err = crypto_shash_init(desc) ?:
	      crypto_shash_update(desc, data, len) ?:
	      crypto_shash_finup(desc, tail, tail_len, mac);
	shash_desc_zero(desc);
	return err;
}
