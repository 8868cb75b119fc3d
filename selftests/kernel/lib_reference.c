// SPDX-License-Identifier: GPL-2.0
/*
 * AES_CM_128_HMAC_SHA1_80 of RFC 3711 by OpenSSL, to compare the kernel with.
 * Key derivation rate 0, no MKI. Shares no code with the module.
 */
#include "srtptest.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#define TAG_LEN	10
#define E_BIT	0x80000000u

/* The key stream of RFC 3711 4.1.1, added to len octets. */
static void aes_counter(const uint8_t key[16], const uint8_t iv[16],
			const uint8_t *in, size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done;

	CHECK(ctx);
	CHECK(EVP_EncryptInit_ex2(ctx, EVP_aes_128_ctr(), key, iv, NULL));
	CHECK(EVP_EncryptUpdate(ctx, out, &done, in, len));
	CHECK((size_t)done == len);
	EVP_CIPHER_CTX_free(ctx);
}

static void hmac_sha1(const uint8_t key[20], const uint8_t *data, size_t len,
		      uint32_t roc, bool with_roc, uint8_t tag[20])
{
	static EVP_MAC *mac;
	char digest[] = "SHA1";
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string("digest", digest, sizeof(digest) - 1),
		OSSL_PARAM_END,
	};
	EVP_MAC_CTX *ctx;
	size_t tag_len;

	if (!mac)
		mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	ctx = EVP_MAC_CTX_new(mac);
	CHECK(ctx);
	CHECK(EVP_MAC_init(ctx, key, 20, params));
	CHECK(EVP_MAC_update(ctx, data, len));
	roc = htonl(roc);
	if (with_roc)
		CHECK(EVP_MAC_update(ctx, (uint8_t *)&roc, sizeof(roc)));
	CHECK(EVP_MAC_final(ctx, tag, &tag_len, 20));
	EVP_MAC_CTX_free(ctx);
}

/* RFC 3711 4.3.1 and 4.3.3: the label is in octet 7 of the 14. */
static void derive(const struct master *master, uint8_t label, uint8_t *out, size_t len)
{
	const uint8_t zero[32] = {};
	uint8_t iv[16] = {};

	memcpy(iv, master->salt, sizeof(master->salt));
	iv[7] ^= label;
	aes_counter(master->key, iv, zero, len, out);
}

void reference_derive(struct reference *ref, const struct master *master)
{
	derive(master, 0, ref->rtp.cipher, sizeof(ref->rtp.cipher));
	derive(master, 1, ref->rtp.auth, sizeof(ref->rtp.auth));
	derive(master, 2, ref->rtp.salt, sizeof(ref->rtp.salt));
	derive(master, 3, ref->rtcp.cipher, sizeof(ref->rtcp.cipher));
	derive(master, 4, ref->rtcp.auth, sizeof(ref->rtcp.auth));
	derive(master, 5, ref->rtcp.salt, sizeof(ref->rtcp.salt));
}

/* RFC 3711 4.1.1: salt * 2^16 xor SSRC * 2^64 xor index * 2^16 */
static void make_iv(const uint8_t salt[14], uint32_t ssrc, uint64_t index, uint8_t iv[16])
{
	int i;

	memcpy(iv, salt, 14);
	iv[14] = iv[15] = 0;
	for (i = 0; i < 4; i++)
		iv[4 + i] ^= ssrc >> (24 - 8 * i);
	for (i = 0; i < 6; i++)
		iv[8 + i] ^= index >> (40 - 8 * i);
}

/* Octets before the payload (RFC 3550 5.1 and 5.3.1). */
static size_t header_len(const uint8_t *packet, size_t len)
{
	size_t at = RTP_HEADER + 4 * (packet[0] & 15);

	if (packet[0] & 0x10) {
		CHECK(at + 4 <= len);
		at += 4 + 4 * (packet[at + 2] << 8 | packet[at + 3]);
	}
	CHECK(at <= len);
	return at;
}

static void rtp_cipher(const struct reference *ref, uint32_t roc, const uint8_t *in,
		       size_t len, uint8_t *out)
{
	uint64_t index = (uint64_t)roc << 16 | seq_of(in);
	size_t at = header_len(in, len);
	uint8_t iv[16];

	make_iv(ref->rtp.salt, ssrc_of(in, false), index, iv);
	memcpy(out, in, at);
	aes_counter(ref->rtp.cipher, iv, in + at, len - at, out + at);
}

size_t reference_rtp(const struct reference *ref, uint32_t roc,
		     const uint8_t *plain, size_t len, uint8_t *out)
{
	uint8_t tag[20];

	rtp_cipher(ref, roc, plain, len, out);
	hmac_sha1(ref->rtp.auth, out, len, roc, true, tag);
	memcpy(out + len, tag, TAG_LEN);
	return len + TAG_LEN;
}

ssize_t reference_open_rtp(const struct reference *ref, uint32_t roc,
			   const uint8_t *wire, size_t len, uint8_t *plain)
{
	uint8_t tag[20];

	if (len < RTP_HEADER + TAG_LEN)
		return -1;
	len -= TAG_LEN;
	hmac_sha1(ref->rtp.auth, wire, len, roc, true, tag);
	if (CRYPTO_memcmp(tag, wire + len, TAG_LEN))
		return -1;
	rtp_cipher(ref, roc, wire, len, plain);
	return len;
}

static void rtcp_cipher(const struct reference *ref, uint32_t index, const uint8_t *in,
			size_t len, uint8_t *out)
{
	uint8_t iv[16];

	make_iv(ref->rtcp.salt, ssrc_of(in, true), index, iv);
	memcpy(out, in, RTCP_HEADER);
	aes_counter(ref->rtcp.cipher, iv, in + RTCP_HEADER, len - RTCP_HEADER,
		    out + RTCP_HEADER);
}

size_t reference_rtcp(const struct reference *ref, uint32_t index,
		      const uint8_t *plain, size_t len, uint8_t *out)
{
	uint32_t word = htonl(index | E_BIT);
	uint8_t tag[20];

	rtcp_cipher(ref, index, plain, len, out);
	memcpy(out + len, &word, sizeof(word));
	len += sizeof(word);
	hmac_sha1(ref->rtcp.auth, out, len, 0, false, tag);
	memcpy(out + len, tag, TAG_LEN);
	return len + TAG_LEN;
}

ssize_t reference_open_rtcp(const struct reference *ref, uint32_t *index,
			    const uint8_t *wire, size_t len, uint8_t *plain)
{
	uint8_t tag[20];
	uint32_t word;

	if (len < RTCP_HEADER + sizeof(word) + TAG_LEN)
		return -1;
	len -= TAG_LEN;
	hmac_sha1(ref->rtcp.auth, wire, len, 0, false, tag);
	if (CRYPTO_memcmp(tag, wire + len, TAG_LEN))
		return -1;
	len -= sizeof(word);
	memcpy(&word, wire + len, sizeof(word));
	word = ntohl(word);
	if (!(word & E_BIT))
		return -1;
	*index = word & ~E_BIT;
	rtcp_cipher(ref, *index, wire, len, plain);
	return len;
}
