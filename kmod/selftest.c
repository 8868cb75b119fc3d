// SPDX-License-Identifier: GPL-2.0
/*
 * Known answers, checked when the module is loaded: a module whose cryptography
 * is not right does not load.  Both ciphers of a transform are checked, the one
 * for vector contexts and the one for all.  Suites whose algorithms the kernel
 * lacks are left out; they are refused when somebody asks for them.
 */
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "packet.h"
#include "selftest.h"

/**
 * struct srtp_packet_vector - a packet under given session keys, in hexadecimal
 * @name: where it is published
 * @suite: enum srtp_suite
 * @class: SRTP_CLASS_RTP or SRTP_CLASS_RTCP
 * @clear: sent without encryption
 * @index: its index
 * @key: session encryption key
 * @salt: session salt
 * @auth: session authentication key, or ""
 * @plain: the packet
 * @wire: the protected packet, as far as it is published
 */
struct srtp_packet_vector {
	const char *name;
	u16 suite;
	u8 class;
	bool clear;
	u64 index;
	const char *key;
	const char *salt;
	const char *auth;
	const char *plain;
	const char *wire;
};

/**
 * struct srtp_key_vector - a derived key, in hexadecimal
 * @name: where it is published
 * @suite: enum srtp_suite
 * @label: which key
 * @key: master key
 * @salt: master salt
 * @out: the derived key
 */
struct srtp_key_vector {
	const char *name;
	u16 suite;
	u8 label;
	const char *key;
	const char *salt;
	const char *out;
};

/**
 * struct srtp_stream_vector - blocks of a keystream, in hexadecimal
 * @name: where they are published
 * @suite: enum srtp_suite
 * @key: session encryption key
 * @salt: session salt
 * @blocks: two runs of three, by the number of the block
 */
struct srtp_stream_vector {
	const char *name;
	u16 suite;
	const char *key;
	const char *salt;
	struct {
		u16 number;
		const char *octets;
	} blocks[6];
};

#include "vectors.h"

#define SRTP_VECTOR_MAX	256

/**
 * struct srtp_test_memory - what the tests work on, in the linear mapping
 * @tf: transform under test
 * @policy: policy of its stream
 * @keys: session keys, or a master key in @keys.cipher and @keys.salt
 * @buf: packet or derived key
 * @plain: what the packet was
 * @shall: what @buf shall be
 */
struct srtp_test_memory {
	struct srtp_transform tf;
	struct srtp_policy policy;
	struct srtp_session_keys keys;
	u8 buf[SRTP_VECTOR_MAX];
	u8 plain[SRTP_VECTOR_MAX];
	u8 shall[SRTP_VECTOR_MAX];
};

static size_t __init srtp_unhex(u8 *out, size_t room, const char *hex)
{
	size_t len = strlen(hex) / 2;

	if (WARN_ON(len > room || hex2bin(out, hex, len)))
		return 0;
	return len;
}

static int __init srtp_test_same(const u8 *is, const u8 *shall, size_t len, const char *name,
				 const char *suite)
{
	if (!memcmp(is, shall, len))
		return 0;
	pr_err("self-test failed: %s, %s\n", name, suite);
	return -EBADMSG;
}

/*
 * The PRF that was missing last.  Looking for it again would run modprobe for
 * each vector anew; those of one cipher stand together.
 */
static const char *srtp_test_missing __initdata;

static const struct srtp_cipher_suite *__init srtp_test_suite(u16 id)
{
	const struct srtp_cipher_suite *suite = srtp_suite_row(id);
	struct srtp_drivers drivers;
	const char *missing;

	if (srtp_test_missing && !strcmp(suite->prf, srtp_test_missing))
		return NULL;
	missing = srtp_crypto_probe(suite, &drivers);
	if (missing == suite->prf)
		srtp_test_missing = suite->prf;
	return missing ? NULL : suite;
}

static int __init srtp_test_key(const struct srtp_key_vector *v, struct srtp_test_memory *m)
{
	const struct srtp_master master = {
		.suite = srtp_test_suite(v->suite), .key = m->keys.cipher, .salt = m->keys.salt,
	};
	size_t len;

	if (!master.suite)
		return 0;
	srtp_unhex(m->keys.cipher, sizeof(m->keys.cipher), v->key);
	srtp_unhex(m->keys.salt, sizeof(m->keys.salt), v->salt);
	len = srtp_unhex(m->shall, sizeof(m->shall), v->out);
	return srtp_kdf(&master, v->label, 0, m->buf, len) ?:
	       srtp_test_same(m->buf, m->shall, len, v->name, master.suite->name);
}

/* Policies have no MKI here. */
static const u8 no_mki[SRTP_MKI_MAX] __initconst;

static int __init srtp_test_seal(const struct srtp_packet_vector *v, struct srtp_test_memory *m,
				 size_t len)
{
	u8 mac[SRTP_MAC_LEN];

	memcpy(m->buf, m->plain, len);
	if (v->class == SRTP_CLASS_RTP)
		return srtp_seal_rtp(&m->policy, &m->tf, m->buf, len, v->index, no_mki, mac);
	return srtp_seal_rtcp(&m->policy, &m->tf, m->buf, len, v->index, NULL);
}

static int __init srtp_test_open(const struct srtp_packet_vector *v, struct srtp_test_memory *m,
				 size_t len)
{
	struct srtp_trailer t;

	if (v->class == SRTP_CLASS_RTP) {
		srtp_trailer_rtp(&m->policy, v->index, &t);
		return srtp_open_rtp(&m->policy, &m->tf, &t, m->buf, len, v->index);
	}
	srtp_trailer_rtcp(&m->policy, &t);
	return srtp_open_rtcp(&m->policy, &m->tf, &t, m->buf, len,
			      v->index | (v->clear ? 0 : SRTCP_E));
}

/* There and back; then a header that is wrong by a bit. */
static int __init srtp_test_there_and_back(const struct srtp_packet_vector *v,
					   struct srtp_test_memory *m)
{
	const char *suite = m->policy.suite->name;
	size_t len = srtp_unhex(m->plain, sizeof(m->plain), v->plain);
	size_t published = srtp_unhex(m->shall, sizeof(m->shall), v->wire);
	int sealed = srtp_test_seal(v, m, len);
	int err;

	if (sealed < 0)
		return sealed;
	err = srtp_test_same(m->buf, m->shall, published, v->name, suite) ?:
	      srtp_test_open(v, m, len) ?:
	      srtp_test_same(m->buf, m->plain, len, v->name, suite);
	if (err)
		return err;
	srtp_test_seal(v, m, len);
	m->buf[1] ^= 1;
	if (srtp_test_open(v, m, len))
		return 0;
	pr_err("self-test failed: %s, %s: a forged packet opens\n", v->name, suite);
	return -EBADMSG;
}

/* As packets are protected. */
static int __init srtp_test_both_ways(const struct srtp_packet_vector *v,
				      struct srtp_test_memory *m)
{
	int err;

	local_bh_disable();
	err = srtp_test_there_and_back(v, m);
	local_bh_enable();
	return err;
}

static int __init srtp_test_drivers(const struct srtp_packet_vector *v,
				    struct srtp_test_memory *m)
{
	struct crypto_skcipher *cipher = m->tf.cipher.fast;
	struct crypto_aead *aead = m->tf.fast_aead;
	int err = srtp_test_both_ways(v, m);

	if (err || !(cipher || aead))
		return err;
	m->tf.cipher.fast = NULL;
	m->tf.fast_aead = NULL;
	err = srtp_test_both_ways(v, m);
	m->tf.cipher.fast = cipher;
	m->tf.fast_aead = aead;
	return err;
}

static int __init srtp_test_packet(const struct srtp_packet_vector *v, struct srtp_test_memory *m)
{
	const struct srtp_cipher_suite *suite = srtp_test_suite(v->suite);
	int err;

	if (!suite)
		return 0;
	memset(m, 0, sizeof(*m));
	m->policy.suite = suite;
	m->policy.tag_len = suite->srtp_tag_len;
	m->policy.srtcp_tag_len = suite->srtcp_tag_len;
	m->policy.features = (srtp_suite_is_aead(suite) ? SRTP_F_AEAD : 0) |
			     (v->clear ? SRTP_F_NO_RTCP_ENCRYPTION : 0);
	srtp_unhex(m->keys.cipher, sizeof(m->keys.cipher), v->key);
	srtp_unhex(m->keys.salt, sizeof(m->keys.salt), v->salt);
	srtp_unhex(m->keys.auth, sizeof(m->keys.auth), v->auth);
	err = srtp_transform_set(&m->tf, suite, &m->keys) ?: srtp_test_drivers(v, m);
	srtp_transform_free(&m->tf);
	return err;
}

/* Three blocks of keystream from a place where the counter carries, or not. */
static int __init srtp_test_blocks(const struct srtp_stream_vector *v, int first,
				   struct crypto_skcipher *tfm, struct srtp_test_memory *m)
{
	u8 iv[SRTP_IV_LEN] = {};
	int i, err;

	memcpy(iv, m->keys.salt, SRTP_SALT_LEN);
	put_unaligned_be16(v->blocks[first].number, iv + SRTP_SALT_LEN);
	memset(m->buf, 0, 3 * SRTP_IV_LEN);
	err = srtp_run(tfm, iv, m->buf, 3 * SRTP_IV_LEN);
	for (i = 0; !err && i < 3; i++) {
		srtp_unhex(m->shall, SRTP_IV_LEN, v->blocks[first + i].octets);
		err = srtp_test_same(m->buf + i * SRTP_IV_LEN, m->shall, SRTP_IV_LEN, v->name,
				     m->policy.suite->name);
	}
	return err;
}

static int __init srtp_test_stream(const struct srtp_stream_vector *v, struct srtp_test_memory *m)
{
	struct srtp_cipher *cipher = &m->tf.cipher;
	int err;

	memset(m, 0, sizeof(*m));
	m->policy.suite = srtp_suite_row(v->suite);
	srtp_unhex(m->keys.cipher, sizeof(m->keys.cipher), v->key);
	srtp_unhex(m->keys.salt, sizeof(m->keys.salt), v->salt);
	err = srtp_transform_set(&m->tf, m->policy.suite, &m->keys) ?:
	      srtp_test_blocks(v, 0, cipher->any, m) ?: srtp_test_blocks(v, 3, cipher->any, m);
	if (!err && cipher->fast)
		err = srtp_test_blocks(v, 0, cipher->fast, m) ?:
		      srtp_test_blocks(v, 3, cipher->fast, m);
	srtp_transform_free(&m->tf);
	return err;
}

static int __init srtp_test_all(struct srtp_test_memory *m)
{
	int i, err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(srtp_key_vectors); i++)
		err = srtp_test_key(&srtp_key_vectors[i], m);
	for (i = 0; !err && i < ARRAY_SIZE(srtp_stream_vectors); i++)
		err = srtp_test_stream(&srtp_stream_vectors[i], m);
	for (i = 0; !err && i < ARRAY_SIZE(srtp_packet_vectors); i++)
		err = srtp_test_packet(&srtp_packet_vectors[i], m);
	return err;
}

/**
 * srtp_selftest() - check the known answers
 *
 * Return: 0; -EBADMSG an answer is wrong, or why it could not be computed
 */
int __init srtp_selftest(void)
{
	struct srtp_test_memory *m = kzalloc(sizeof(*m), GFP_KERNEL);
	int err;

	if (!m)
		return -ENOMEM;
	err = srtp_test_all(m);
	kfree_sensitive(m);
	return err;
}
