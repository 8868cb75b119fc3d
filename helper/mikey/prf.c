// SPDX-License-Identifier: GPL-2.0
/*
 * The MIKEY PRF and the keys derived with it: RFC 3830 4.1.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "algs.h"
#include "wire.h"

/* The key is split into blocks of 256 bits, whatever the hash */
#define PRF_BLOCK 32

/*
 * RFC 3830 4.1.2: P(s, label, m) = HMAC(s, A_1 || label) || HMAC(s, A_2 ||
 * label) || ..., with A_0 = label and A_i = HMAC(s, A_(i-1)); its octets are
 * added to those of the other blocks by XOR.
 */
static enum mikey_reason prf_block(const struct mikey_crypto *crypto, const struct mac_alg *alg,
				   struct mikey_view s, struct mikey_view label, uint8_t *out,
				   size_t len)
{
	uint8_t a[MIKEY_MAC_MAX], part[MIKEY_MAC_MAX];
	struct mikey_view pieces[2] = { { a, alg->len }, label };
	enum mikey_reason reason;
	size_t i, done = 0;

	reason = mikey_hmac(crypto, alg->md, s, &label, 1, a);
	while (!reason && done < len) {
		reason = mikey_hmac(crypto, alg->md, s, pieces, 2, part);
		for (i = 0; !reason && i < alg->len && done < len; i++)
			out[done++] ^= part[i];
		if (!reason && done < len)
			reason = mikey_hmac(crypto, alg->md, s, pieces, 1, a);
	}
	OPENSSL_cleanse(a, sizeof(a));
	OPENSSL_cleanse(part, sizeof(part));
	return reason;
}

/*
 * The last block has 1 to 32 octets: a key of a multiple of 32 octets ends in
 * a full block, not in an empty one.
 */
enum mikey_reason mikey_prf(const struct mikey_crypto *crypto, uint32_t prf,
			    struct mikey_view inkey, struct mikey_view label, void *out,
			    size_t len)
{
	const struct mac_alg *alg = prf_alg(prf);
	enum mikey_reason reason = MIKEY_OK;
	size_t pos;

	if (!alg)
		return MIKEY_UNSUP_PRF;
	if (!inkey.len)
		return MIKEY_BAD_KEY;
	memset(out, 0, len);
	for (pos = 0; !reason && pos < inkey.len; pos += PRF_BLOCK) {
		struct mikey_view s = { inkey.data + pos, inkey.len - pos };

		if (s.len > PRF_BLOCK)
			s.len = PRF_BLOCK;
		reason = prf_block(crypto, alg, s, label, out, len);
	}
	if (reason)
		OPENSSL_cleanse(out, len);
	return reason;
}

/* RFC 3830 4.1.3, 4.1.4: constant || cs_id || csb_id || RAND */
enum mikey_reason mikey_derive(const struct mikey_crypto *crypto,
			       const struct mikey_label_ctx *ctx, struct mikey_view inkey,
			       enum mikey_label label, uint8_t cs_id, void *out, size_t len)
{
	uint8_t octets[9 + 255];

	if (ctx->rand.len > 255)
		return MIKEY_TOO_LONG;
	put_be32(octets, label);
	octets[4] = cs_id;
	put_be32(octets + 5, ctx->csb_id);
	if (ctx->rand.len)
		memcpy(octets + 9, ctx->rand.data, ctx->rand.len);
	return mikey_prf(crypto, ctx->prf, inkey,
			 (struct mikey_view){ octets, 9 + ctx->rand.len }, out, len);
}

/* RFC 3830 4.1.4: the CS ID of keys that protect messages */
#define CS_ID_MESSAGE 0xff

enum mikey_reason mikey_msg_keys_derive(const struct mikey_crypto *crypto,
					const struct mikey_label_ctx *ctx,
					struct mikey_view inkey, uint32_t encr, uint32_t mac,
					struct mikey_msg_keys *keys)
{
	const struct encr_alg *e = encr_alg(encr);
	const struct mac_alg *m = mac_alg(mac);
	enum mikey_reason reason = MIKEY_OK;

	memset(keys, 0, sizeof(*keys));
	if (!e || !m)
		return e ? MIKEY_UNSUP_MAC : MIKEY_UNSUP_ENCR;
	keys->encr_alg = encr;
	keys->mac_alg = mac;
	if (e->key_len)
		reason = mikey_derive(crypto, ctx, inkey, MIKEY_LABEL_MSG_ENCR, CS_ID_MESSAGE,
				      keys->encr, e->key_len);
	if (!reason && e->salt_len)
		reason = mikey_derive(crypto, ctx, inkey, MIKEY_LABEL_MSG_SALT, CS_ID_MESSAGE,
				      keys->salt, e->salt_len);
	if (!reason && m->len)
		reason = mikey_derive(crypto, ctx, inkey, MIKEY_LABEL_MSG_AUTH, CS_ID_MESSAGE,
				      keys->auth, m->len);
	if (reason)
		mikey_msg_keys_wipe(keys);
	return reason;
}

void mikey_msg_keys_wipe(struct mikey_msg_keys *keys)
{
	OPENSSL_cleanse(keys, sizeof(*keys));
}
