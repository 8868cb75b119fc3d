// SPDX-License-Identifier: GPL-2.0
/*
 * SRTP and SRTCP of every suite and modifier, from OpenSSL's block ciphers and
 * HMAC alone: counter mode, F8, GCM and CCM are written here from their
 * definitions. Shares no code with the module.
 */
#include "srtptest.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/provider.h>

#define E_BIT	0x80000000u
#define BLOCK	16

enum kind { NONE, CTR, F8, GCM, CCM };

#define AES(_name, _kind, _bits, _salt, _tag, _rtcp_tag) \
	{ SRTP_SUITE_##_name, #_name, "AES-" #_bits "-ECB", "aes", _kind, _bits / 8, _salt, _tag, \
	  _rtcp_tag }
#define ARIA(_name, _kind, _bits, _salt, _tag, _rtcp_tag) \
	{ SRTP_SUITE_##_name, #_name, "ARIA-" #_bits "-ECB", "aria", _kind, _bits / 8, _salt, \
	  _tag, _rtcp_tag }
#define SEED(_name, _kind, _salt, _tag, _rtcp_tag) \
	{ SRTP_SUITE_##_name, #_name, "SEED-ECB", "seed", _kind, 16, _salt, _tag, _rtcp_tag }

const struct suite suites[] = {
	AES(AES_CM_128_HMAC_SHA1_80, CTR, 128, 14, 10, 10),
	AES(AES_CM_128_HMAC_SHA1_32, CTR, 128, 14, 4, 10),
	AES(AES_192_CM_HMAC_SHA1_80, CTR, 192, 14, 10, 10),
	AES(AES_192_CM_HMAC_SHA1_32, CTR, 192, 14, 4, 10),
	AES(AES_256_CM_HMAC_SHA1_80, CTR, 256, 14, 10, 10),
	AES(AES_256_CM_HMAC_SHA1_32, CTR, 256, 14, 4, 10),
	AES(F8_128_HMAC_SHA1_80, F8, 128, 14, 10, 10),
	AES(NULL_HMAC_SHA1_80, NONE, 128, 14, 10, 10),
	AES(NULL_HMAC_SHA1_32, NONE, 128, 14, 4, 10),
	AES(AEAD_AES_128_GCM, GCM, 128, 12, 16, 16),
	AES(AEAD_AES_256_GCM, GCM, 256, 12, 16, 16),
	ARIA(ARIA_128_CTR_HMAC_SHA1_80, CTR, 128, 14, 10, 10),
	ARIA(ARIA_128_CTR_HMAC_SHA1_32, CTR, 128, 14, 4, 10),
	ARIA(ARIA_256_CTR_HMAC_SHA1_80, CTR, 256, 14, 10, 10),
	ARIA(ARIA_256_CTR_HMAC_SHA1_32, CTR, 256, 14, 4, 10),
	ARIA(AEAD_ARIA_128_GCM, GCM, 128, 12, 16, 16),
	ARIA(AEAD_ARIA_256_GCM, GCM, 256, 12, 16, 16),
	SEED(SEED_CTR_128_HMAC_SHA1_80, CTR, 14, 10, 10),
	SEED(SEED_128_CCM_80, CCM, 12, 10, 10),
	SEED(SEED_128_GCM_96, GCM, 12, 12, 12),
};

const size_t suite_count = ARRAY_SIZE(suites);

const struct suite *suite_of(uint16_t id)
{
	size_t i;

	for (i = 0; i < suite_count; i++)
		if (suites[i].id == id)
			return &suites[i];
	FAIL("no suite %u", id);
}

static bool is_aead(const struct suite *s)
{
	return s->kind >= GCM;
}

/* Independent blocks, in place. */
static void encrypt_blocks(const struct suite *s, const uint8_t *key, uint8_t *data, size_t len)
{
	static OSSL_PROVIDER *legacy, *usual;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	EVP_CIPHER *cipher;
	int done;

	if (!usual) {
		usual = OSSL_PROVIDER_load(NULL, "default");
		legacy = OSSL_PROVIDER_load(NULL, "legacy");	/* SEED */
	}
	cipher = EVP_CIPHER_fetch(NULL, s->block, NULL);
	CHECK(ctx && cipher && legacy);
	CHECK(EVP_EncryptInit_ex2(ctx, cipher, key, NULL, NULL));
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	CHECK(EVP_EncryptUpdate(ctx, data, &done, data, len));
	CHECK((size_t)done == len);
	EVP_CIPHER_free(cipher);
	EVP_CIPHER_CTX_free(ctx);
}

static void count_up(uint8_t block[BLOCK])
{
	int i = BLOCK;

	while (i-- && !++block[i])
		;
}

static void add(uint8_t *to, const uint8_t *from, size_t len)
{
	while (len--)
		to[len] ^= from[len];
}

static void counter_mode(const struct suite *s, const uint8_t *key, const uint8_t iv[BLOCK],
			 uint8_t *data, size_t len)
{
	size_t at, room = (len + BLOCK - 1) / BLOCK * BLOCK;
	uint8_t counter[BLOCK], *stream = malloc(room + 1);

	CHECK(stream);
	memcpy(counter, iv, BLOCK);
	for (at = 0; at < room; at += BLOCK) {
		memcpy(stream + at, counter, BLOCK);
		count_up(counter);
	}
	if (room)
		encrypt_blocks(s, key, stream, room);
	add(data, stream, len);
	free(stream);
}

/* RFC 3711 4.1.2.1 */
static void f8_mode(const struct suite *s, const struct session_key *k, const uint8_t iv[BLOCK],
		    uint8_t *data, size_t len)
{
	uint8_t mask[BLOCK], start[BLOCK], feedback[BLOCK] = {};
	size_t at, n;
	uint32_t j;

	memset(mask, 0x55, sizeof(mask));
	memcpy(mask, k->salt, 14);
	add(mask, k->cipher, sizeof(mask));
	memcpy(start, iv, BLOCK);
	encrypt_blocks(s, mask, start, BLOCK);
	for (at = 0, j = 0; at < len; at += n, j++) {
		uint32_t number = htonl(j);

		add(feedback, start, BLOCK);
		add(feedback + 12, (uint8_t *)&number, 4);
		encrypt_blocks(s, k->cipher, feedback, BLOCK);
		n = len - at < BLOCK ? len - at : BLOCK;
		add(data + at, feedback, n);
	}
}

/* x * y in GF(2^128), NIST SP 800-38D 6.3 */
static void multiply(uint8_t x[BLOCK], const uint8_t y[BLOCK])
{
	uint8_t z[BLOCK] = {}, v[BLOCK];
	int bit, i, carry;

	memcpy(v, y, BLOCK);
	for (bit = 0; bit < 128; bit++) {
		if (x[bit / 8] & 0x80 >> bit % 8)
			add(z, v, BLOCK);
		carry = v[15] & 1;
		for (i = 15; i; i--)
			v[i] = v[i] >> 1 | v[i - 1] << 7;
		v[0] = v[0] >> 1 ^ (carry ? 0xe1 : 0);
	}
	memcpy(x, z, BLOCK);
}

static void hash_in(uint8_t sum[BLOCK], const uint8_t h[BLOCK], const uint8_t *data, size_t len)
{
	size_t at, n;

	for (at = 0; at < len; at += n) {
		n = len - at < BLOCK ? len - at : BLOCK;
		add(sum, data + at, n);
		multiply(sum, h);
	}
}

static void gcm_mode(const struct suite *s, const uint8_t *key, const uint8_t nonce[12],
		     const uint8_t *ad, size_t ad_len, uint8_t *data, size_t len, uint8_t *tag)
{
	uint8_t h[BLOCK] = {}, first[BLOCK] = {}, counter[BLOCK], sum[BLOCK] = {};
	uint32_t lengths[4] = { 0, htonl(8 * ad_len), 0, htonl(8 * len) };

	encrypt_blocks(s, key, h, BLOCK);
	memcpy(first, nonce, 12);
	first[15] = 1;
	memcpy(counter, first, BLOCK);
	count_up(counter);
	counter_mode(s, key, counter, data, len);
	hash_in(sum, h, ad, ad_len);
	hash_in(sum, h, data, len);
	hash_in(sum, h, (uint8_t *)lengths, BLOCK);
	counter_mode(s, key, first, sum, BLOCK);
	memcpy(tag, sum, s->tag_len);
}

static void chain_in(const struct suite *s, const uint8_t *key, uint8_t sum[BLOCK],
		     const uint8_t *data, size_t len)
{
	size_t at, n;

	for (at = 0; at < len; at += n) {
		n = len - at < BLOCK ? len - at : BLOCK;
		add(sum, data + at, n);
		encrypt_blocks(s, key, sum, BLOCK);
	}
}

/* RFC 3610 section 2, with L = 3 */
static void ccm_mode(const struct suite *s, const uint8_t *key, const uint8_t nonce[12],
		     const uint8_t *ad, size_t ad_len, uint8_t *data, size_t len, uint8_t *tag)
{
	uint8_t sum[BLOCK] = {}, counter[BLOCK] = { 2 }, *prefixed = malloc(ad_len + 2);

	CHECK(prefixed && ad_len && ad_len < 0xff00);
	prefixed[0] = ad_len >> 8;
	prefixed[1] = ad_len;
	memcpy(prefixed + 2, ad, ad_len);
	memcpy(counter + 1, nonce, 12);
	memcpy(sum, counter, BLOCK);
	sum[0] |= 0x40 | (s->tag_len - 2) / 2 << 3;
	sum[13] = len >> 16;
	sum[14] = len >> 8;
	sum[15] = len;
	encrypt_blocks(s, key, sum, BLOCK);
	chain_in(s, key, sum, prefixed, ad_len + 2);
	chain_in(s, key, sum, data, len);
	free(prefixed);
	counter_mode(s, key, counter, sum, BLOCK);
	memcpy(tag, sum, s->tag_len);
	count_up(counter);
	counter_mode(s, key, counter, data, len);
}

/* RFC 3711 4.3.1; shorter salts are padded on the right. */
static void derive(const struct suite *s, const struct long_master *master, uint8_t label,
		   uint64_t r, uint8_t *out, size_t len)
{
	uint8_t iv[BLOCK] = {};
	int i;

	memcpy(iv, master->salt, s->salt_len);
	iv[7] ^= label;
	for (i = 0; i < 6; i++)
		iv[8 + i] ^= r >> (40 - 8 * i);
	memset(out, 0, len);
	counter_mode(s, master->key, iv, out, len);
}

static void derive_keys(const struct suite *s, const struct long_master *master, uint8_t label,
			uint64_t r, struct session_key *k)
{
	memset(k, 0, sizeof(*k));
	derive(s, master, label, r, k->cipher, s->key_len);
	derive(s, master, label + 1, r, k->auth, sizeof(k->auth));
	derive(s, master, label + 2, r, k->salt, s->salt_len);
}

static void sha1_mac(const uint8_t key[20], const uint8_t *data, size_t len, uint8_t mac[20])
{
	CHECK(HMAC(EVP_sha1(), key, 20, data, len, mac, NULL));
}

static void put32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

/* salt * 2^16 xor SSRC * 2^64 xor index * 2^16 */
static void counter_iv(const uint8_t salt[14], uint32_t ssrc, uint64_t index, uint8_t iv[BLOCK])
{
	uint8_t numbers[BLOCK] = {};

	put32(numbers + 4, ssrc);
	put32(numbers + 8, index >> 16);
	put32(numbers + 12, index << 16);
	memcpy(iv, salt, 14);
	iv[14] = iv[15] = 0;
	add(iv, numbers, BLOCK);
}

/* RFC 7714 8.1 */
static void aead_nonce(const uint8_t salt[12], uint32_t ssrc, uint64_t index, uint8_t nonce[12])
{
	uint8_t numbers[12] = {};

	put32(numbers + 2, ssrc);
	numbers[6] = index >> 40;
	numbers[7] = index >> 32;
	put32(numbers + 8, index);
	memcpy(nonce, salt, 12);
	add(nonce, numbers, 12);
}

static void aead(const struct suite *s, const struct session_key *k, uint32_t ssrc, uint64_t index,
		 const uint8_t *ad, size_t ad_len, uint8_t *data, size_t len, uint8_t *tag)
{
	uint8_t nonce[12];

	aead_nonce(k->salt, ssrc, index, nonce);
	if (s->kind == GCM)
		gcm_mode(s, k->cipher, nonce, ad, ad_len, data, len, tag);
	else
		ccm_mode(s, k->cipher, nonce, ad, ad_len, data, len, tag);
}

static size_t csrcs_len(const uint8_t *packet)
{
	return 4 * (packet[0] & 15);
}

static size_t header_len(const uint8_t *packet)
{
	size_t at = RTP_HEADER + csrcs_len(packet);

	if (packet[0] & 0x10)
		at += 4 + 4 * (packet[at + 2] << 8 | packet[at + 3]);
	return at;
}

static bool is_encrypted(const struct policy *p, uint8_t id)
{
	size_t i;

	for (i = 0; i < p->ext_ids_len; i++)
		if (p->ext_ids[i] == id)
			return true;
	return false;
}

/* RFC 6904 section 3: the octets of the mask, by the RFC's own recipe. */
static void encrypt_elements(const struct policy *p, const struct long_master *master,
			     uint64_t index, uint64_t r, uint8_t *packet)
{
	const struct suite *s = suite_of(p->suite);
	uint8_t *ext = packet + RTP_HEADER + csrcs_len(packet);
	size_t len = packet[0] & 0x10 ? header_len(packet) - (ext - packet) - 4 : 0;
	bool two = len && ext[0] == 0x10;
	uint8_t key[32], salt[14] = {}, iv[BLOCK], *stream = calloc(1, len + 1);
	size_t at = 0, n;
	uint8_t id;

	CHECK(stream);
	derive(s, master, 6, r, key, s->key_len);
	derive(s, master, 7, r, salt, s->salt_len);
	counter_iv(salt, ssrc_of(packet, false), index, iv);
	counter_mode(s, key, iv, stream, len);
	for (ext += 4; at < len; at += n) {
		id = two ? ext[at] : ext[at] >> 4;
		n = !ext[at] ? 0 : two ? ext[at + 1] : (ext[at] & 15) + 1;
		at += ext[at] && two ? 2 : 1;
		if (is_encrypted(p, id))
			add(ext + at, stream + at, n);
	}
	free(stream);
}

/* Adds what RFC 9335 section 5 has sent for it; false if there is nothing. */
static bool mark_cryptex(uint8_t *packet, size_t *len)
{
	uint8_t *ext = packet + RTP_HEADER + csrcs_len(packet);

	if (!(packet[0] & 0x1f))
		return false;
	if (!(packet[0] & 0x10)) {
		memmove(ext + 4, ext, packet + *len - ext);
		memcpy(ext, "\xbe\xde\0\0", 4);
		packet[0] |= 0x10;
		*len += 4;
	}
	memcpy(ext, ext[0] == 0xbe ? "\xc0\xde" : "\xc2\xde", 2);
	return true;
}

static void cipher_rtp(const struct suite *s, const struct session_key *k, const uint8_t *packet,
		       uint64_t index, uint8_t *data, size_t len)
{
	uint8_t iv[BLOCK];

	if (s->kind == CTR) {
		counter_iv(k->salt, ssrc_of(packet, false), index, iv);
		counter_mode(s, k->cipher, iv, data, len);
	} else if (s->kind == F8) {
		memcpy(iv, packet, RTP_HEADER);
		iv[0] = 0;
		put32(iv + 12, index >> 16);
		f8_mode(s, k, iv, data, len);
	}
}

/*
 * Encrypts what is scattered in the packet: with cryptex all but the fixed
 * header and the four octets of the extension.
 */
static void encrypt_rtp(const struct policy *p, const struct session_key *k, uint64_t index,
			uint8_t *packet, size_t len, bool cryptex, uint8_t *tag)
{
	const struct suite *s = suite_of(p->suite);
	size_t csrcs = cryptex ? csrcs_len(packet) : 0;
	size_t head = cryptex ? RTP_HEADER + csrcs + 4 : header_len(packet);
	uint8_t *text = malloc(len + 1), *ad = malloc(len + 1);
	size_t text_len = csrcs + len - head, ad_len = head - csrcs;

	CHECK(text && ad);
	memcpy(text, packet + RTP_HEADER, csrcs);
	memcpy(text + csrcs, packet + head, len - head);
	memcpy(ad, packet, RTP_HEADER);
	memcpy(ad + RTP_HEADER, packet + RTP_HEADER + csrcs, ad_len - RTP_HEADER);
	if (is_aead(s))
		aead(s, k, ssrc_of(packet, false), index, ad, ad_len, text, text_len, tag);
	else if (!p->no_srtp_encryption)
		cipher_rtp(s, k, packet, index, text, text_len);
	memcpy(packet + RTP_HEADER, text, csrcs);
	memcpy(packet + head, text + csrcs, len - head);
	free(text);
	free(ad);
}

static uint8_t *put(uint8_t *at, const void *data, size_t len)
{
	memcpy(at, data, len);
	return at + len;
}

static size_t srtp_tag_len(const struct policy *p, bool roc)
{
	const struct suite *s = suite_of(p->suite);
	size_t len = p->srtp_tag_len;

	if (is_aead(s))
		return s->tag_len;
	if (p->no_srtp_authentication || p->rcc_mode == SRTP_RCC_MODE_M3 ||
	    (p->rcc_mode == SRTP_RCC_MODE_M1 && !roc))
		return 0;
	if (!len)
		len = s->tag_len + (p->rcc_mode ? 4 : 0);
	return roc ? len - 4 : len;
}

size_t suite_rtp(const struct policy *p, const struct long_master *master, uint32_t roc,
		 const uint8_t *plain, size_t len, uint8_t *out)
{
	const struct suite *s = suite_of(p->suite);
	uint64_t index = (uint64_t)roc << 16 | seq_of(plain), r = p->kdr ? index / p->kdr : 0;
	bool with_roc = p->rcc_mode && seq_of(plain) % (p->rcc_rate ? p->rcc_rate : 1) == 0;
	uint8_t mac[20], roc_octets[4], *at;
	bool cryptex = false, tag_first = is_aead(s) && s->block[0] != 'S';
	size_t tag_len = srtp_tag_len(p, with_roc);
	struct session_key k;

	derive_keys(s, master, 0, r, &k);
	put32(roc_octets, roc);
	memcpy(out, plain, len);
	if (p->ext_ids_len)
		encrypt_elements(p, master, index, r, out);
	if (p->cryptex)
		cryptex = mark_cryptex(out, &len);
	encrypt_rtp(p, &k, index, out, len, cryptex, mac);
	at = out + len;
	if (!is_aead(s)) {
		memcpy(at, roc_octets, 4);
		sha1_mac(k.auth, out, len + 4, mac);
	}
	if (tag_first)
		at = put(at, mac, tag_len);
	at = put(at, p->mki, p->mki_len);
	if (with_roc && !is_aead(s))
		at = put(at, roc_octets, 4);
	if (!tag_first)
		at = put(at, mac, tag_len);
	if (with_roc && is_aead(s))
		at = put(at, roc_octets, 4);
	return at - out;
}

static void cipher_rtcp(const struct suite *s, const struct session_key *k, uint32_t word,
			uint8_t *packet, size_t len)
{
	uint8_t iv[BLOCK] = {};

	if (s->kind == CTR) {
		counter_iv(k->salt, ssrc_of(packet, true), word & ~E_BIT, iv);
		counter_mode(s, k->cipher, iv, packet + RTCP_HEADER, len - RTCP_HEADER);
	} else if (s->kind == F8) {
		put32(iv + 4, word);
		memcpy(iv + 8, packet, RTCP_HEADER);
		f8_mode(s, k, iv, packet + RTCP_HEADER, len - RTCP_HEADER);
	}
}

/* RFC 7714 9.2 and 9.3 */
static void aead_rtcp(const struct suite *s, const struct session_key *k, uint32_t word,
		      uint8_t *packet, size_t len, uint8_t *tag)
{
	size_t clear = word & E_BIT ? RTCP_HEADER : len;
	uint8_t *ad = malloc(clear + 4);

	CHECK(ad);
	memcpy(ad, packet, clear);
	put32(ad + clear, word);
	aead(s, k, ssrc_of(packet, true), word & ~E_BIT, ad, clear + 4, packet + clear,
	     len - clear, tag);
	free(ad);
}

size_t suite_rtcp(const struct policy *p, const struct long_master *master, uint32_t index,
		  const uint8_t *plain, size_t len, uint8_t *out)
{
	const struct suite *s = suite_of(p->suite);
	uint32_t word = index | (p->no_srtcp_encryption || s->kind == NONE ? 0 : E_BIT);
	size_t tag_len = p->srtcp_tag_len ? p->srtcp_tag_len : s->srtcp_tag_len;
	bool tag_first = is_aead(s) && s->block[0] != 'S';
	uint8_t mac[20], word_octets[4], *at = out + len;
	struct session_key k;

	derive_keys(s, master, 3, p->kdr ? index / p->kdr : 0, &k);
	put32(word_octets, word);
	memcpy(out, plain, len);
	if (is_aead(s)) {
		aead_rtcp(s, &k, word, out, len, mac);
	} else {
		if (word & E_BIT)
			cipher_rtcp(s, &k, word, out, len);
		memcpy(at, word_octets, 4);
		sha1_mac(k.auth, out, len + 4, mac);
	}
	if (tag_first)
		at = put(at, mac, tag_len);
	at = put(at, word_octets, 4);
	at = put(at, p->mki, p->mki_len);
	if (!tag_first)
		at = put(at, mac, tag_len);
	return at - out;
}
