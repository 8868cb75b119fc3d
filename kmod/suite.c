// SPDX-License-Identifier: GPL-2.0
/*
 * The cipher suites: one row each, by registered name.
 */
#include "compat/compat.h"
#include "crypto.h"
#include "netlink.h"
#include "suite.h"

#define ROW(_id)	.id = SRTP_SUITE_##_id, .name = #_id, \
			.refusal = "suite " #_id " is not supported by this module"

static const struct srtp_cipher_suite srtp_suites[] = {
	{ ROW(AES_CM_128_HMAC_SHA1_80), .cipher = "ctr(aes)", .mac = "hmac(sha1)",
	  .key_len = 16, .salt_len = 14, .srtp_tag_len = 10, .srtcp_tag_len = 10 },
	{ ROW(AES_CM_128_HMAC_SHA1_32) },
	{ ROW(AES_192_CM_HMAC_SHA1_80) },
	{ ROW(AES_192_CM_HMAC_SHA1_32) },
	{ ROW(AES_256_CM_HMAC_SHA1_80) },
	{ ROW(AES_256_CM_HMAC_SHA1_32) },
	{ ROW(F8_128_HMAC_SHA1_80) },
	{ ROW(NULL_HMAC_SHA1_80) },
	{ ROW(NULL_HMAC_SHA1_32) },
	{ ROW(AEAD_AES_128_GCM) },
	{ ROW(AEAD_AES_256_GCM) },
	{ ROW(ARIA_128_CTR_HMAC_SHA1_80) },
	{ ROW(ARIA_128_CTR_HMAC_SHA1_32) },
	{ ROW(ARIA_256_CTR_HMAC_SHA1_80) },
	{ ROW(ARIA_256_CTR_HMAC_SHA1_32) },
	{ ROW(AEAD_ARIA_128_GCM) },
	{ ROW(AEAD_ARIA_256_GCM) },
	{ ROW(SEED_CTR_128_HMAC_SHA1_80) },
	{ ROW(SEED_128_CCM_80) },
	{ ROW(SEED_128_GCM_96) },
};

/**
 * srtp_suite_find() - the suite of a number
 * @id: enum srtp_suite
 * @extack: gets the reason of a refusal
 *
 * Return: the row, or ERR_PTR: -EINVAL no such suite, -EOPNOTSUPP not built
 */
const struct srtp_cipher_suite *srtp_suite_find(u16 id, struct netlink_ext_ack *extack)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(srtp_suites); i++) {
		const struct srtp_cipher_suite *s = &srtp_suites[i];

		if (s->id != id)
			continue;
		if (s->cipher)
			return s;
		srtp_extack(extack, s->refusal);
		return ERR_PTR(-EOPNOTSUPP);
	}
	NL_SET_ERR_MSG(extack, "there is no such suite");
	return ERR_PTR(-EINVAL);
}

static int srtp_suite_fill(struct sk_buff *skb, const struct srtp_cipher_suite *s)
{
	struct srtp_drivers drivers;
	const char *missing = NULL;

	if (nla_put_u16(skb, SRTP_A_SUITE_ID, s->id) ||
	    nla_put_string(skb, SRTP_A_SUITE_NAME, s->name))
		return -EMSGSIZE;
	if (!s->cipher)
		missing = "support in this module";
	else
		missing = srtp_crypto_probe(s, &drivers);
	if (nla_put_u8(skb, SRTP_A_SUITE_AVAILABLE, !missing))
		return -EMSGSIZE;
	if (missing)
		return nla_put_string(skb, SRTP_A_SUITE_MISSING, missing);
	if (nla_put_u8(skb, SRTP_A_SUITE_KEY_LEN, s->key_len) ||
	    nla_put_u8(skb, SRTP_A_SUITE_SALT_LEN, s->salt_len) ||
	    nla_put_u8(skb, SRTP_A_SUITE_SRTP_TAG_LEN, s->srtp_tag_len) ||
	    nla_put_u8(skb, SRTP_A_SUITE_SRTCP_TAG_LEN, s->srtcp_tag_len) ||
	    nla_put_string(skb, SRTP_A_SUITE_CIPHER_DRIVER, drivers.cipher) ||
	    nla_put_string(skb, SRTP_A_SUITE_AUTH_DRIVER, drivers.auth))
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

		if (!hdr)
			break;
		if (srtp_suite_fill(skb, &srtp_suites[cb->args[0]])) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		cb->args[0]++;
	}
	return skb->len;
}
