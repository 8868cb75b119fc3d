// SPDX-License-Identifier: GPL-2.0
/*
 * The cipher suites: one row each, by registered name.
 */
#include "compat/compat.h"
#include "crypto.h"
#include "netlink.h"
#include "suite.h"

#define ROW(_id, _needs)	.id = SRTP_SUITE_##_id, .name = #_id, \
	.refusal = "suite " #_id " needs " _needs ", which this kernel does not have"

/* With HMAC-SHA1; the tag of SRTCP is never short (RFC 3711 5.2, RFC 5764 4.1.2). */
#define MAC(_tag_len) \
	.mac = "hmac(sha1)", .srtp_tag_len = (_tag_len), .srtcp_tag_len = 10

/* RFC 3711 4.1.1, RFC 6188, RFC 5669 2.1, RFC 8269 2.1; the PRF is as strong. */
#define CTR(_block, _key_len, _tag_len) \
	.kind = SRTP_KIND_CTR, .prf = "ctr(" _block ")", .cipher = "ctr(" _block ")", \
	.key_len = (_key_len), .salt_len = SRTP_SALT_LEN, MAC(_tag_len)

/* RFC 3711 4.1.2 and 4.1.3: the PRF is that of AES-CM. */
#define F8	.kind = SRTP_KIND_F8, .prf = "ctr(aes)", .cipher = "cbc(aes)", \
	.key_len = 16, .salt_len = SRTP_SALT_LEN, MAC(10)
#define PLAIN(_tag_len)	.kind = SRTP_KIND_NONE, .prf = "ctr(aes)", \
	.key_len = 16, .salt_len = SRTP_SALT_LEN, MAC(_tag_len)

/* RFC 7714, RFC 8269 2.2, RFC 5669 2.2 and 2.3 */
#define AEAD(_kind, _mode, _block, _key_len, _tag_len) \
	.kind = (_kind), .prf = "ctr(" _block ")", .cipher = _mode "(" _block ")", \
	.key_len = (_key_len), .salt_len = SRTP_AEAD_SALT_LEN, \
	.srtp_tag_len = (_tag_len), .srtcp_tag_len = (_tag_len)
#define GCM(_block, _key_len, _tag_len) \
	AEAD(SRTP_KIND_GCM, "gcm", _block, _key_len, _tag_len)
#define CCM(_block, _key_len, _tag_len) \
	AEAD(SRTP_KIND_CCM, "ccm", _block, _key_len, _tag_len)

static const struct srtp_cipher_suite srtp_suites[] = {
	{ ROW(AES_CM_128_HMAC_SHA1_80, "ctr(aes)"), CTR("aes", 16, 10) },
	{ ROW(AES_CM_128_HMAC_SHA1_32, "ctr(aes)"), CTR("aes", 16, 4) },
	{ ROW(AES_192_CM_HMAC_SHA1_80, "ctr(aes)"), CTR("aes", 24, 10) },
	{ ROW(AES_192_CM_HMAC_SHA1_32, "ctr(aes)"), CTR("aes", 24, 4) },
	{ ROW(AES_256_CM_HMAC_SHA1_80, "ctr(aes)"), CTR("aes", 32, 10) },
	{ ROW(AES_256_CM_HMAC_SHA1_32, "ctr(aes)"), CTR("aes", 32, 4) },
	{ ROW(F8_128_HMAC_SHA1_80, "cbc(aes)"), F8 },
	{ ROW(NULL_HMAC_SHA1_80, "hmac(sha1)"), PLAIN(10) },
	{ ROW(NULL_HMAC_SHA1_32, "hmac(sha1)"), PLAIN(4) },
	{ ROW(AEAD_AES_128_GCM, "gcm(aes)"), GCM("aes", 16, 16) },
	{ ROW(AEAD_AES_256_GCM, "gcm(aes)"), GCM("aes", 32, 16) },
	{ ROW(ARIA_128_CTR_HMAC_SHA1_80, "ctr(aria)"), CTR("aria", 16, 10),
	  .must_authenticate = true },
	{ ROW(ARIA_128_CTR_HMAC_SHA1_32, "ctr(aria)"), CTR("aria", 16, 4),
	  .must_authenticate = true },
	{ ROW(ARIA_256_CTR_HMAC_SHA1_80, "ctr(aria)"), CTR("aria", 32, 10),
	  .must_authenticate = true },
	{ ROW(ARIA_256_CTR_HMAC_SHA1_32, "ctr(aria)"), CTR("aria", 32, 4),
	  .must_authenticate = true },
	{ ROW(AEAD_ARIA_128_GCM, "gcm(aria)"), GCM("aria", 16, 16) },
	{ ROW(AEAD_ARIA_256_GCM, "gcm(aria)"), GCM("aria", 32, 16) },
	{ ROW(SEED_CTR_128_HMAC_SHA1_80, "ctr(seed)"), CTR("seed", 16, 10),
	  .must_authenticate = true },
	{ ROW(SEED_128_CCM_80, "ccm(seed)"), CCM("seed", 16, 10), .tag_last = true },
	{ ROW(SEED_128_GCM_96, "gcm(seed)"), GCM("seed", 16, 12), .tag_last = true },
};

/* Suites whose algorithms were there once; they do not go away. */
static DECLARE_BITMAP(srtp_suites_seen, ARRAY_SIZE(srtp_suites));

/**
 * srtp_suite_row() - the suite of a number, whether or not it can be had here
 * @id: enum srtp_suite
 *
 * Return: the row or NULL
 */
const struct srtp_cipher_suite *srtp_suite_row(u16 id)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(srtp_suites); i++)
		if (srtp_suites[i].id == id)
			return &srtp_suites[i];
	return NULL;
}

static bool srtp_suite_available(const struct srtp_cipher_suite *s)
{
	struct srtp_drivers drivers;

	if (test_bit(s - srtp_suites, srtp_suites_seen))
		return true;
	if (srtp_crypto_probe(s, &drivers))
		return false;
	set_bit(s - srtp_suites, srtp_suites_seen);
	return true;
}

/**
 * srtp_suite_find() - the suite of a number, to be used
 * @id: enum srtp_suite
 * @extack: gets the reason of a refusal
 *
 * Sleeps.
 *
 * Return: the row, or ERR_PTR: -EINVAL no such suite, -EOPNOTSUPP the kernel
 * lacks an algorithm
 */
const struct srtp_cipher_suite *srtp_suite_find(u16 id, struct netlink_ext_ack *extack)
{
	const struct srtp_cipher_suite *s = srtp_suite_row(id);

	if (!s) {
		NL_SET_ERR_MSG(extack, "there is no such suite");
		return ERR_PTR(-EINVAL);
	}
	if (srtp_suite_available(s))
		return s;
	srtp_extack(extack, s->refusal);
	return ERR_PTR(-EOPNOTSUPP);
}

static int srtp_suite_fill(struct sk_buff *skb, const struct srtp_cipher_suite *s)
{
	struct srtp_drivers drivers;
	const char *missing = srtp_crypto_probe(s, &drivers);

	if (nla_put_u16(skb, SRTP_A_SUITE_ID, s->id) ||
	    nla_put_string(skb, SRTP_A_SUITE_NAME, s->name))
		return -EMSGSIZE;
	if (nla_put_u8(skb, SRTP_A_SUITE_AVAILABLE, !missing))
		return -EMSGSIZE;
	if (missing)
		return nla_put_string(skb, SRTP_A_SUITE_MISSING, missing);
	if (nla_put_u8(skb, SRTP_A_SUITE_KEY_LEN, s->key_len) ||
	    nla_put_u8(skb, SRTP_A_SUITE_SALT_LEN, s->salt_len) ||
	    nla_put_u8(skb, SRTP_A_SUITE_SRTP_TAG_LEN, s->srtp_tag_len) ||
	    nla_put_u8(skb, SRTP_A_SUITE_SRTCP_TAG_LEN, s->srtcp_tag_len) ||
	    srtp_nl_put_drivers(skb, &drivers, SRTP_A_SUITE_CIPHER_DRIVER,
				SRTP_A_SUITE_AUTH_DRIVER))
		return -EMSGSIZE;
	return 0;
}

/**
 * srtp_suite_dump() - answer SRTP_CMD_SUITE_GET
 * @skb: message to fill
 * @cb: args[0] is the row to go on with
 */
int srtp_suite_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	int err = srtp_nl_dump_check(cb);

	if (err)
		return err;
	while (cb->args[0] < ARRAY_SIZE(srtp_suites)) {
		void *hdr = srtp_nl_dump_put(skb, cb, SRTP_CMD_SUITE_GET);

		if (!hdr || srtp_nl_dump_end(skb, hdr,
					     srtp_suite_fill(skb, &srtp_suites[cb->args[0]])))
			break;
		cb->args[0]++;
	}
	return skb->len;
}
